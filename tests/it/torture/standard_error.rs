//! A standard error that is closed, and one that nobody reads.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::damage::Damage;
use super::victim::{Scene, Victim, ended_well, program};

const MADE: u64 = 50_000;

#[test]
fn a_reader_that_stands_still_does_not_stop_the_log() {
    let scene = Scene::new();
    let mut command = Command::new(program());
    scene.command(&mut command, &[("LOG_CONSOLE", "json")]);
    // The other end is held by this process, and never read.
    let mut victim = Victim::start(command.stderr(Stdio::piped()));
    let began = Instant::now();
    victim.tell(&format!("write {MADE}"));
    victim.tell("flush");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    victim.send("end");
    ended_well(victim.wait());
    let damage = Damage::find(MADE, &[&scene.logs()]);
    damage.row("nobody reads stderr", 0);
    damage.is_none();
}

#[test]
fn a_standard_error_that_is_closed_costs_the_files_nothing() {
    let scene = Scene::new();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "exec \"$0\" 2>&-"]).arg(program());
    scene.command(&mut command, &[("LOG_CONSOLE", "text")]);
    let mut victim = Victim::start(&mut command);
    victim.tell(&format!("write {MADE}"));
    ended_well(victim.end("end"));
    let damage = Damage::find(MADE, &[&scene.logs()]);
    damage.row("closed stderr", 0);
    damage.is_none();
}
