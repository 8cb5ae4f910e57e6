//! Abrupt ends.

use std::time::Duration;

use super::damage::Damage;
use super::victim::{Scene, ended_well};

const MADE: u64 = 15_000;

/// Makes a burst of records, and ends at once. What the queue still held is lost; no record is torn, and those that are
/// there are the first ones.
fn ends(way: &str, variables: &[(&str, &str)]) -> Damage {
    let scene = Scene::new();
    let mut victim = scene.start(variables);
    victim.tell(&format!("write {MADE}"));
    if way == "TERM" {
        victim.signal(libc::SIGTERM);
        victim.wait();
    } else {
        victim.end(way);
    }
    let stderr_bytes = scene.stderr_bytes();
    if !variables.is_empty() {
        // The next start writes what is left.
        ended_well(scene.start(variables).end("end"));
    }
    let damage = Damage::find(MADE, &[&scene.logs()]);
    let with = variables.iter().map(|(name, value)| format!(", {name}={value}")).collect::<String>();
    damage.row(&format!("a burst, then {way}{with}"), stderr_bytes);
    let Damage { gaps, torn, doubled, disordered, .. } = damage;
    assert_eq!((gaps, torn, doubled, disordered), (0, 0, 0, 0), "{damage:?}");
    damage
}

#[test]
fn an_end_by_the_guard_by_exit_by_a_panic_or_by_a_signal_costs_nothing() {
    for way in ["end", "exit", "panic", "TERM"] {
        ends(way, &[]).is_none();
    }
}

#[test]
fn an_abort_costs_what_the_queue_held_and_with_a_spool_nothing() {
    ends("abort", &[]);
    ends("abort", &[("LOG_DURABILITY", "spool")]).is_none();
}

#[test]
fn what_was_flushed_survives_every_end() {
    for way in ["exit", "abort"] {
        let scene = Scene::new();
        let mut victim = scene.start(&[]);
        victim.tell(&format!("write {MADE}"));
        victim.tell("flush");
        victim.end(way);
        Damage::find(MADE, &[&scene.logs()]).is_none();
    }
}

#[test]
fn a_process_that_is_killed_in_the_midst_of_writing_leaves_files_that_the_next_one_goes_on_with() {
    let scene = Scene::new();
    let rotation = [("LOG_MAX_BYTES", "100000"), ("LOG_BACKUPS", "1000"), ("LOG_COMPRESS", "gzip")];
    for who in ["0", "1", "2", "3"] {
        let mut victim = scene.start(&[&rotation[..], &[("WHO", who)]].concat());
        victim.send("write 10000000");
        std::thread::sleep(Duration::from_millis(300));
        victim.signal(libc::SIGKILL);
        victim.wait();
    }
    let mut victim = scene.start(&[&rotation[..], &[("WHO", "4")]].concat());
    let made = victim.tell("write 1000");
    ended_well(victim.end("end"));
    // How many the others made by then, nobody knows.
    let found = Damage::find(u64::MAX, &[&scene.logs()]);
    let found = Damage { accepted: u64::MAX - found.lost, lost: found.gaps, ..found };
    found.row("killed four times in the midst of it", scene.stderr_bytes());
    // A write that was under way may be torn where a page ends; nothing else is.
    assert!(found.torn <= 4 && found.gaps <= found.torn && found.doubled == 0, "{found:?}");
    assert!(found.accepted > made && found.disordered == 0 && found.largest <= 100_000, "{found:?}");
}
