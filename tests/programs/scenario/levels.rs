//! Levels that change while the program runs.

use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tachograph::{LevelHandle, Telemetry};

static STOP: AtomicBool = AtomicBool::new(false);

fn handle(signal: libc::c_int, handler: extern "C" fn(libc::c_int)) -> libc::sighandler_t {
    // SAFETY: the handlers here do what is safe within a signal handler: they touch atomics.
    unsafe { libc::signal(signal, handler as *const () as libc::sighandler_t) }
}

fn stop_at_sigterm() {
    extern "C" fn stop(_: libc::c_int) {
        STOP.store(true, Ordering::Relaxed);
    }
    handle(libc::SIGTERM, stop);
}

/// Until it is to stop: says which directives are in force, and what the page makes of them, whenever they change.
fn watch(telemetry: &Telemetry, level: &LevelHandle) {
    let mut told = String::new();
    while !STOP.load(Ordering::Relaxed) {
        let now = level.get();
        if now != told {
            let page = telemetry.render();
            let lines = page.lines().filter(|line| line.starts_with("tachograph_log_level"));
            lines.filter(|line| line.ends_with(" 1")).for_each(|line| println!("{now}: {line}"));
            println!("level {now}");
            told = now;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Four threads log in a storm, while signals change the level.
pub(crate) fn under_load(telemetry: Telemetry) -> Result<(), Box<dyn Error>> {
    stop_at_sigterm();
    let level = telemetry.level_handle();
    let write = |thread: u64| {
        for number in (0_u64..).take_while(|_| !STOP.load(Ordering::Relaxed)) {
            tracing::debug!(thread, number, "a detail");
            tracing::info!(thread, number, "under load");
            thread::sleep(Duration::from_micros(100));
        }
    };
    thread::scope(|scope| {
        (0..4).for_each(|thread| drop(scope.spawn(move || write(thread))));
        watch(&telemetry, &level);
    });
    Ok(telemetry.shutdown()?)
}

/// The program handles the signal itself: once before tachograph does, and once after, in its place and handing it on.
pub(crate) fn own_handlers() -> Result<(), Box<dyn Error>> {
    static EARLIER: AtomicU32 = AtomicU32::new(0);
    static LATER: AtomicU32 = AtomicU32::new(0);
    static BEFORE: AtomicUsize = AtomicUsize::new(0);
    extern "C" fn earlier(_: libc::c_int) {
        EARLIER.fetch_add(1, Ordering::Relaxed);
    }
    extern "C" fn later(signal: libc::c_int) {
        LATER.fetch_add(1, Ordering::Relaxed);
        let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
        // SAFETY: what `sigaction` gave is the handler that was there, and it wants these three.
        unsafe {
            let before = std::mem::transmute::<
                usize,
                extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void),
            >(BEFORE.load(Ordering::Relaxed));
            before(signal, info.as_mut_ptr(), std::ptr::null_mut());
        }
    }
    stop_at_sigterm();
    handle(libc::SIGUSR1, earlier);
    let telemetry = tachograph::builder("scenario").log_level_signals(true).install()?;
    BEFORE.store(handle(libc::SIGUSR1, later), Ordering::Relaxed);
    println!("ready");
    watch(&telemetry, &telemetry.level_handle());
    println!("handled {} {}", EARLIER.load(Ordering::Relaxed), LATER.load(Ordering::Relaxed));
    Ok(())
}

mod quiet {
    pub(super) fn say(number: u32) {
        tracing::debug!(number, "quiet");
    }
}

mod loud {
    pub(super) fn say(number: u32) {
        tracing::debug!(number, "loud");
    }
}

/// Call sites that have been off, and are to come on one by one.
pub(crate) fn targets(telemetry: &Telemetry) -> Result<(), Box<dyn Error>> {
    let level = telemetry.level_handle();
    let say = |number| {
        quiet::say(number);
        loud::say(number);
    };
    say(0);
    level.set("info,scenario::levels::loud=DEBUG")?;
    say(1);
    level.set("debug,scenario::levels::loud=info")?;
    say(2);
    println!("{}", level.set("info,scenario::levels::quiet=very").unwrap_err());
    println!("{}", level.set("").unwrap_err());
    say(3);
    level.raise();
    say(4);
    level.reset();
    say(5);
    // Nothing is let pass any more, but what is said about that.
    level.set("off")?;
    tracing::error!("nobody hears it");
    tachograph::with_request_id("admin-1", || level.raise());
    tracing::error!("heard again");
    Ok(())
}

/// The same for directives that follow spans, which are entered and left while directives come and go.
pub(crate) fn spans(telemetry: &Telemetry) -> Result<(), Box<dyn Error>> {
    const JOB_7: &str = "info,[job{id=7}]=debug";
    let level = telemetry.level_handle();
    let job = |id: u32| tracing::info_span!("job", id);
    let say = |number: u32| tracing::debug!(number, "in a job");
    job(7).in_scope(|| say(0));
    level.set(JOB_7)?;
    job(7).in_scope(|| say(1));
    job(8).in_scope(|| say(2));
    // Left under other directives than those that it was entered under, which must not stay on for that.
    job(7).in_scope(|| level.reset());
    say(3);
    level.set(JOB_7)?;
    say(4);
    job(8).in_scope(|| say(5));
    job(7).in_scope(|| say(6));
    Ok(())
}

/// Threads change the level at once, each to directives of its own, while others log.
pub(crate) fn many(telemetry: &Telemetry) {
    let level = telemetry.level_handle();
    thread::scope(|scope| {
        for thread in 0..4 {
            let level = level.clone();
            scope.spawn(move || {
                for round in 0..50 {
                    level.set(&format!("info,changed::by{thread}={}", ["debug", "warn"][round % 2])).unwrap();
                    tracing::info!(thread, round, "between");
                }
            });
        }
    });
    println!("level {}", level.get());
}

/// The copy waits until its details are wanted; where it wants them itself, before it has said anything.
pub(crate) fn copy(telemetry: Telemetry) {
    let wants_itself = std::env::args().nth(2).as_deref() == Some("itself");
    // SAFETY: there is no thread here but tachograph's, which provides for it.
    match unsafe { libc::fork() } {
        0 => {
            if wants_itself {
                // SAFETY: takes a number; the signal is handled.
                unsafe { libc::raise(libc::SIGUSR1) };
            }
            tracing::info!("the copy has begun");
            println!("copy {}", std::process::id());
            while !tracing::enabled!(tracing::Level::DEBUG) {
                thread::sleep(Duration::from_millis(2));
            }
            tracing::debug!("a detail of the copy");
            let flushed = telemetry.flush(Duration::from_secs(10));
            // SAFETY: ends the copy without what `exit` would do: what counts was flushed.
            unsafe { libc::_exit(flushed.is_err().into()) }
        }
        process => {
            let mut status = 0;
            // SAFETY: waits for the copy made above.
            unsafe { libc::waitpid(process, &mut status, 0) };
            println!("ended {status}");
        }
    }
}

/// The process is copied again and again while threads log and change the level; each copy changes it as well.
pub(crate) fn copies(telemetry: Telemetry) {
    let level = telemetry.level_handle();
    thread::scope(|scope| {
        for thread in 0..2 {
            let level = level.clone();
            scope.spawn(move || {
                while !STOP.load(Ordering::Relaxed) {
                    level.set(["info,a=warn", "info,b=warn"][thread]).unwrap();
                    tracing::info!(thread, "the original");
                    thread::sleep(Duration::from_micros(20));
                }
            });
        }
        for copy in 0..30 {
            // SAFETY: the copy has one thread, and does here what a program that forks without `exec` does: it goes on.
            match unsafe { libc::fork() } {
                0 => {
                    // SAFETY: takes a number; one that waits for ever is ended, and seen to have been.
                    unsafe { libc::alarm(30) };
                    level.set("debug").unwrap();
                    tracing::debug!(copy, "a detail of the copy");
                    let flushed = telemetry.flush(Duration::from_secs(10));
                    // SAFETY: ends the copy without what `exit` would do: what counts was flushed.
                    unsafe { libc::_exit(flushed.is_err().into()) }
                }
                process => {
                    let mut status = 0;
                    // SAFETY: waits for the copy made above.
                    unsafe { libc::waitpid(process, &mut status, 0) };
                    if status != 0 {
                        eprintln!("the copy {copy} ended with {status}");
                        // The threads of this scope would be waited for.
                        std::process::exit(1);
                    }
                }
            }
        }
        STOP.store(true, Ordering::Relaxed);
    });
}
