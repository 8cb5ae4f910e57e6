//! Files and directories that are moved, removed or cut short, and renames that are blocked.

use std::fs;
use std::time::{Duration, Instant};

use super::damage::Damage;
use super::victim::{Scene, Victim, ended_well};

const EACH: u64 = 2_000;

fn write(victim: &mut Victim) -> u64 {
    victim.tell(&format!("write {EACH}"));
    victim.tell("flush")
}

/// Writes, torments, writes again.
#[track_caller]
fn survives(name: &str, variables: &[(&str, &str)], torment: impl FnOnce(&Scene, &mut Victim)) -> Scene {
    let scene = Scene::new();
    let mut victim = scene.start(variables);
    write(&mut victim);
    torment(&scene, &mut victim);
    let made = write(&mut victim);
    ended_well(victim.end("end"));
    let moved = scene.path("moved");
    fs::create_dir_all(&moved).unwrap();
    let damage = Damage::find(made, &[&scene.logs(), &moved]);
    damage.row(name, scene.stderr_bytes());
    damage.is_none();
    assert!(scene.stderr_bytes() < 1_000, "{}", fs::read_to_string(scene.path("stderr")).unwrap());
    scene
}

#[test]
fn a_file_that_is_moved_costs_nothing() {
    survives("mv of the file", &[], |scene, _| {
        fs::rename(scene.logs().join("torture.log"), scene.logs().join("moved.log")).unwrap();
    });
}

#[test]
fn files_that_are_moved_under_load_cost_nothing() {
    survives("mv of the file under load", &[], |scene, victim| {
        (0..10).for_each(|_| victim.send("write 10000"));
        let mut moved = 0;
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(500) {
            let target = scene.logs().join(format!("moved.{moved}"));
            moved += u32::from(fs::rename(scene.logs().join("torture.log"), target).is_ok());
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(moved > 3, "{moved}");
        victim.tell("flush");
    });
}

#[test]
fn a_directory_that_is_moved_costs_nothing() {
    survives("mv of the directory", &[], |scene, _| {
        fs::rename(scene.logs(), scene.path("moved")).unwrap();
    });
}

#[test]
fn a_directory_that_is_removed_costs_what_was_in_it() {
    survives("rm -rf of the directory", &[], |scene, _| {
        // Kept for the count.
        fs::create_dir(scene.path("moved")).unwrap();
        fs::copy(scene.logs().join("torture.log"), scene.path("moved/torture.log")).unwrap();
        fs::remove_dir_all(scene.logs()).unwrap();
    });
}

#[test]
fn copytruncate_leaves_no_hole() {
    let scene = survives("copytruncate", &[], |scene, _| {
        let log = scene.logs().join("torture.log");
        fs::copy(&log, scene.logs().join("moved.log")).unwrap();
        fs::File::options().write(true).open(log).unwrap().set_len(0).unwrap();
    });
    assert!(!fs::read(scene.logs().join("torture.log")).unwrap().contains(&0));
}

#[test]
fn a_rename_that_is_blocked_costs_nothing_and_the_log_says_why() {
    let rotation = [("LOG_MAX_BYTES", "100000")];
    let scene = survives("a directory stands at .1", &rotation, |scene, _| {
        // It has rotated before.
        let first = scene.logs().join("torture.log.1");
        fs::rename(&first, scene.logs().join("moved.log")).unwrap();
        fs::create_dir_all(first.join("of somebody else")).unwrap();
    });
    let log = fs::read_to_string(scene.logs().join("torture.log")).unwrap();
    assert!(log.contains("a log file cannot be rotated") && log.contains("torture.log.1 is in the way"));
    assert!(scene.logs().join("torture.log.1/of somebody else").is_dir(), "it is left alone");
}

#[test]
fn reopening_by_call_and_by_sighup_begins_new_files() {
    let scene = survives("SIGHUP", &[("LOG_REOPEN_ON_SIGHUP", "1")], |_, victim| {
        victim.tell("reopen");
        write(victim);
        victim.signal(libc::SIGHUP);
    });
    assert!(scene.logs().join("torture.log").exists());
}
