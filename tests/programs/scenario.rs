//! A program that does one thing with tachograph, named by its first argument, for the tests that run it.
#![expect(clippy::unwrap_used, reason = "a scenario that cannot go on ends")]

use std::error::Error;
use std::future::pending;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use tachograph::{Console, Telemetry, request_scoped, timed};

#[path = "scenario/levels.rs"]
mod levels;

fn main() -> ExitCode {
    let scenario = std::env::args().nth(1).unwrap_or_default();
    match run(&scenario) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(scenario: &str) -> Result<(), Box<dyn Error>> {
    match scenario {
        "idle" => drop(init()?),
        "outcomes" => outcomes(&init()?),
        "records" => records(&init()?),
        "panic" => {
            let _telemetry = init()?;
            tachograph::with_request_id("doomed", || panic!("the bridge is out"));
        }
        "second-init" => {
            let _telemetry = init()?;
            drop(init()?);
        }
        "foreign-subscriber" => {
            tracing::subscriber::set_global_default(tracing_subscriber::registry())?;
            drop(init()?);
        }
        "builder" => {
            let directory = std::env::var("BUILDER_LOG_DIR")?;
            let _telemetry = tachograph::builder("scenario")
                .log_dir(directory)
                .level("debug")
                .console(Console::Off)
                .metrics_addr("off")
                .install()?;
            tracing::debug!("built");
        }
        "level" => level(&init()?)?,
        "level-under-load" => levels::under_load(init()?)?,
        "level-of-own-handlers" => levels::own_handlers()?,
        "level-of-targets" => levels::targets(&init()?)?,
        "level-of-spans" => levels::spans(&init()?)?,
        "level-by-many" => levels::many(&init()?),
        "level-in-a-copy" => levels::copy(init()?),
        "level-of-copies" => levels::copies(init()?),
        "burst" => burst(init()?)?,
        "scraped" => scraped(&init()?),
        "naps" => naps(),
        "until-sigterm" => until_sigterm(init()?)?,
        "rotation" => {
            let _telemetry = init()?;
            for number in 0..2_000 {
                tracing::info!(number, "a line of some length to fill the file with");
            }
        }
        "storm" => storm(init()?)?,
        "errors" => errors(init()?)?,
        "fork" => fork(init()?),
        "outlived" => outlived(init()?)?,
        "forgotten" => {
            std::mem::forget(init()?);
            (0..1_000).for_each(|number| tracing::info!(number, "in the queue when main returns"));
        }
        other => return Err(format!("unknown scenario `{other}`").into()),
    }
    Ok(())
}

fn init() -> Result<Telemetry, tachograph::Error> {
    tachograph::init("scenario")
}

#[timed(component = "rail", err(level = "warn"))]
fn depart(platform: u32) -> Result<u32, std::num::TryFromIntError> {
    let platform = u8::try_from(platform)?;
    assert!(platform != 13, "no train leaves from platform 13");
    Ok(platform.into())
}

#[timed(component = "rail")]
async fn arrive() {
    pending().await
}

#[timed(component = "rail")]
#[expect(dead_code, reason = "nobody calls it, and it must be on the page all the same")]
fn derail() {}

/// One call for each outcome.
fn outcomes(telemetry: &Telemetry) {
    let _ = depart(1);
    let _ = depart(1_000);
    let _ = std::panic::catch_unwind(|| depart(13));
    {
        let mut cancelled = pin!(arrive());
        let _ = cancelled.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
    tachograph::metrics::counter!("tickets_total", "class" => "first").increment(3);
    tachograph::metrics::gauge!("passengers").set(17.5);
    tachograph::metrics::histogram!("delay_seconds").record(0.75);
    println!("{}", telemetry.render());
}

#[timed]
fn nap() {
    std::thread::sleep(Duration::from_millis(20));
}

/// The median of some naps in nanoseconds, by the system's clock and by tachograph. All functions are looked at before
/// the first call, and before anything else read a clock.
fn naps() {
    let median = || {
        let found = tachograph::functions().into_iter().find(|stats| stats.function() == "nap");
        found.and_then(|stats| stats.quantile(0.5))
    };
    assert_eq!(median(), None);
    let mut naps: Vec<_> = (0..15)
        .map(|_| {
            let started = std::time::Instant::now();
            nap();
            started.elapsed()
        })
        .collect();
    naps.sort();
    println!("{} {}", naps[7].as_nanos(), median().unwrap_or_default().as_nanos());
}

#[timed(name = "brake", component = "rail", slow = "0", fields(train, %platform, ?doors, weight = 2.5 * tons))]
fn brake(train: &str, platform: char, doors: Option<u8>, tons: f64) -> Result<(), std::fmt::Error> {
    tracing::info!(train, "braking");
    Err(std::fmt::Error)
}

/// Metrics with whatever can stand in names, labels and values; then it waits until it is killed.
fn scraped(telemetry: &Telemetry) {
    use tachograph::metrics::{counter, describe_counter, gauge, histogram};
    let odd = "C:\\\\x \"y\"\n{z=\"1\"} 2 # {} \u{1f684}";
    describe_counter!("tickets_total", "Tickets, \"all\" \\ of\nthem.");
    counter!("tickets_total", "odd" => odd).increment(3);
    counter!("visits").increment(2);
    gauge!("passengers", "odd" => odd).set(f64::INFINITY);
    gauge!("2nd.class-seats{}", "le" => "1", "quantile" => "", "a.b" => "\\").set(f64::NAN);
    // One name in OpenMetrics.
    counter!("visits_total").increment(1);
    gauge!("tickets").set(1);
    (0..100).for_each(|_| histogram!("delay_seconds", "odd" => odd).record(0.871));
    [-2.5, f64::NAN, f64::INFINITY].into_iter().for_each(|value| histogram!("drift").record(value));
    (0..10_010).for_each(|user: u32| counter!("users_total", "user" => user.to_string()).increment(1));
    tachograph::with_request_id("order-17", || {
        let _ = brake_hard("ICE 73");
    });
    if let Some(address) = telemetry.metrics_addr() {
        println!("metrics {address}");
    }
    loop {
        std::thread::park();
    }
}

#[timed(name = "brake_hard", component = "yard", slow = "0")]
fn brake_hard(_train: &str) -> Result<(), std::fmt::Error> {
    std::thread::sleep(Duration::from_millis(20));
    Err(std::fmt::Error)
}

#[timed(slow = "never")]
fn accelerate() {
    std::thread::sleep(Duration::from_millis(2));
}

#[request_scoped(id = header, fields(user = 7))]
fn handle(header: Option<&str>) {
    let _ = brake("ICE 73", 'A', Some(2), 410.0);
    accelerate();
    let span = tracing::info_span!("journey", from = "Basel", speed = 250);
    let _entered = span.enter();
    tracing::warn!(speed = f64::NAN, password = "hunter2", "slow\nahead");
}

fn records(_telemetry: &Telemetry) {
    handle(Some("order-17"));
    tachograph::log_performance("boarding", Duration::from_micros(12_345_600), [("doors", 4)]);
    let broken = std::io::Error::other("f".parse::<f32>().unwrap_err());
    tracing::error!(error = &broken as &dyn Error, "no power");
}

fn level(telemetry: &Telemetry) -> Result<(), Box<dyn Error>> {
    tracing::debug!("before");
    telemetry.set_level("DEBUG")?;
    tracing::debug!("after");
    println!("{}", telemetry.set_level("loud").unwrap_err());
    tracing::debug!("still");
    Ok(())
}

/// Four threads write until the signal comes; the program then says how many lines it made.
fn until_sigterm(telemetry: Telemetry) -> Result<(), Box<dyn Error>> {
    static STOP: AtomicBool = AtomicBool::new(false);
    extern "C" fn stop(_signal: libc::c_int) {
        STOP.store(true, Ordering::Relaxed);
    }
    // SAFETY: the handler only stores to an atomic, which is safe within a signal handler.
    unsafe { libc::signal(libc::SIGTERM, stop as *const () as libc::sighandler_t) };
    let write = |thread: u64| {
        let numbers = (0_u64..).take_while(|_| !STOP.load(Ordering::Relaxed));
        numbers.map(|number| tracing::info!(thread, number, "under load")).count()
    };
    println!("writing");
    let made: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|thread| scope.spawn(move || write(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    telemetry.shutdown()?;
    println!("made {made}");
    Ok(())
}

/// Eight threads write at once; the guard then answers for every line.
fn burst(telemetry: Telemetry) -> Result<(), Box<dyn Error>> {
    let writer =
        |thread: u64| move || (0..5_000_u64).for_each(|number| tracing::info!(thread, number, "burst"));
    std::thread::scope(|scope| (0..8).for_each(|thread| drop(scope.spawn(writer(thread)))));
    Ok(telemetry.shutdown()?)
}

/// Writes down what it has made, outside of the log and so that no end of the process can take it back.
struct Ledger(std::fs::File);

impl Ledger {
    fn open() -> Result<Self, Box<dyn Error>> {
        let path = std::env::args().nth(2).ok_or("the path of the ledger is missing")?;
        Ok(Self(std::fs::OpenOptions::new().write(true).create(true).truncate(true).open(path)?))
    }

    /// This thread has made the records from 0 to before `made`.
    fn note(&self, thread: u64, made: u64) {
        use std::os::unix::fs::FileExt;
        self.0.write_all_at(&made.to_le_bytes(), thread * 8).unwrap();
    }
}

/// Four threads log as fast as they can until the process ends in the way that the third argument names.
fn storm(telemetry: Telemetry) -> Result<(), Box<dyn Error>> {
    let ledger = std::sync::Arc::new(Ledger::open()?);
    for thread in 0..4 {
        let ledger = std::sync::Arc::clone(&ledger);
        std::thread::spawn(move || {
            for number in 0.. {
                tracing::info!(thread, number, "a line of some length to fill the file with");
                ledger.note(thread, number + 1);
            }
        });
    }
    println!("writing");
    let end = std::env::args().nth(3).unwrap_or_default();
    if end == "killed" {
        loop {
            std::thread::park();
        }
    }
    std::thread::sleep(Duration::from_millis(300));
    match end.as_str() {
        "exit" => {
            std::mem::forget(telemetry);
            std::process::exit(0)
        }
        "panic" => panic!("the bridge is out"),
        "abort" => std::process::abort(),
        other => Err(format!("unknown end `{other}`").into()),
    }
}

/// Makes records of level `ERROR`, each of which is in the files before the next begins, until it is killed.
fn errors(_telemetry: Telemetry) -> Result<(), Box<dyn Error>> {
    let ledger = Ledger::open()?;
    println!("writing");
    for number in 0.. {
        tracing::error!(thread = 0, number, "gone wrong");
        ledger.note(0, number + 1);
    }
    Ok(())
}

/// Copies itself in the midst of a burst of four threads; both processes log on and end in order.
fn fork(telemetry: Telemetry) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..3_u64 {
            let stop = &stop;
            scope.spawn(move || {
                let mut number = 0_u64;
                while !stop.load(Ordering::Relaxed) {
                    tracing::info!(thread, number, "the original");
                    number += 1;
                    // As fast as can be, it would fill the disk and the pipe before the copies are through.
                    std::thread::sleep(Duration::from_micros(50));
                }
                println!("{thread} {number}");
            });
        }
        for child in 10..20_u64 {
            std::thread::sleep(Duration::from_millis(5));
            // SAFETY: the copy has one thread, and does here what a program that forks without `exec` does: it goes on.
            match unsafe { libc::fork() } {
                0 => {
                    (0..1_000_u64).for_each(|number| tracing::info!(thread = child, number, "the copy"));
                    let flushed = telemetry.flush(Duration::from_secs(10));
                    // SAFETY: ends the copy without what `exit` would do: what counts was flushed.
                    unsafe { libc::_exit(flushed.is_err().into()) }
                }
                process => {
                    let mut status = 0;
                    // SAFETY: waits for the copy made above.
                    unsafe { libc::waitpid(process, &mut status, 0) };
                    assert_eq!(status, 0, "the copy {child} ended well");
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
}

/// Copies itself and logs on until it is killed; the copy logs once, and stays for a while.
fn outlived(telemetry: Telemetry) -> Result<(), Box<dyn Error>> {
    let ledger = Ledger::open()?;
    // SAFETY: there is no thread here but tachograph's, which provides for it.
    if unsafe { libc::fork() } == 0 {
        tracing::info!(thread = 10, "the copy");
        let flushed = telemetry.flush(Duration::from_secs(10));
        println!("copy {}", if flushed.is_ok() { std::process::id() } else { 0 });
        std::thread::sleep(Duration::from_secs(60));
        // SAFETY: ends the copy without what `exit` would do: what counts was flushed.
        unsafe { libc::_exit(0) }
    }
    println!("writing");
    for number in 0.. {
        tracing::info!(thread = 0, number, "a line of some length to fill the file with");
        ledger.note(0, number + 1);
    }
    Ok(())
}
