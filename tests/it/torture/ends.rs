//! Abrupt ends.

use std::time::Duration;

use super::damage::Damage;
use super::victim::Scene;

const MADE: u64 = 15_000;

/// Makes a burst of records, and ends at once. What the queue still held is lost; no record is torn, and those that are
/// there are the first ones.
fn ends(way: &str) -> Damage {
    let scene = Scene::new();
    let mut victim = scene.start(&[]);
    victim.tell(&format!("write {MADE}"));
    if way == "TERM" {
        victim.signal(libc::SIGTERM);
        victim.wait();
    } else {
        victim.end(way);
    }
    let damage = Damage::find(MADE, &[&scene.logs()]);
    damage.row(&format!("a burst, then {way}"), scene.stderr_bytes());
    let Damage { gaps, torn, doubled, disordered, .. } = damage;
    assert_eq!((gaps, torn, doubled, disordered), (0, 0, 0, 0), "{damage:?}");
    damage
}

#[test]
fn an_end_of_its_own_accord_costs_nothing() {
    ends("end").is_none();
}

#[test]
fn a_panic_costs_nothing() {
    ends("panic").is_none();
}

#[test]
fn an_exit_an_abort_and_a_signal_tear_and_double_nothing() {
    for way in ["exit", "abort", "TERM"] {
        ends(way);
    }
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
    super::victim::ended_well(victim.end("end"));
    // How many the others made by then, nobody knows.
    let found = Damage::find(u64::MAX, &[&scene.logs()]);
    let found = Damage { accepted: u64::MAX - found.lost, lost: found.gaps, ..found };
    found.row("killed four times in the midst of it", scene.stderr_bytes());
    // A write that was under way may be torn where a page ends; nothing else is.
    assert!(found.torn <= 4 && found.gaps <= found.torn && found.doubled == 0, "{found:?}");
    assert!(found.accepted > made && found.disordered == 0 && found.largest <= 100_000, "{found:?}");
}
