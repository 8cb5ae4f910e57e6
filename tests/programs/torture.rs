//! A program that does what its standard input says, a command a line, while its log files are tormented.
//!
//! `write N` makes N records, `flush` waits until they are in their files, `reopen` has the files opened anew; each is
//! answered with `made M`, how many there are so far. `end`, `exit`, `panic`, `abort` and `hang` are ways to end.
#![expect(clippy::unwrap_used, reason = "a torture that cannot go on ends")]

use std::io::BufRead;
use std::process;
use std::time::Duration;

fn main() {
    let telemetry = tachograph::init("torture").unwrap();
    let who: u64 = std::env::var("WHO").map_or(0, |text| text.parse().unwrap());
    let mut made = 0_u64;
    for line in std::io::stdin().lock().lines().map(Result::unwrap) {
        let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
        match command {
            "write" => {
                for number in made..made + argument.parse::<u64>().unwrap() {
                    tracing::info!(who, number, "a line of some length, as most are");
                }
                made += argument.parse::<u64>().unwrap();
            }
            "flush" => telemetry.flush(Duration::from_secs(60)).unwrap(),
            "reopen" => telemetry.reopen(),
            // What the counters say is lost to the main file.
            "dropped" => {
                let page = telemetry.render();
                let counts =
                    page.lines().filter(|line| line.starts_with("tachograph_log_dropped_total{log=\"main\""));
                let dropped: u64 =
                    counts.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum();
                println!("dropped {dropped}");
                continue;
            }
            "end" => {
                telemetry.shutdown().unwrap();
                println!("ended");
                return;
            }
            "exit" => process::exit(0),
            "panic" => panic!("on purpose"),
            "abort" => process::abort(),
            "hang" => std::thread::park(),
            other => panic!("unknown command `{other}`"),
        }
        println!("made {made}");
    }
}
