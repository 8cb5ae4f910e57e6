//! Several processes on one path.

use super::damage::Damage;
use super::victim::{Scene, ended_well};

const PROCESSES: u64 = 4;
const EACH: u64 = 20_000;
const LIMIT: u64 = 200_000;

fn share_a_path(name: &str, variables: &[(&str, &str)]) -> Scene {
    let scene = Scene::new();
    let limit = LIMIT.to_string();
    let mut victims: Vec<_> = (0..PROCESSES)
        .map(|who| {
            let who = who.to_string();
            let shared = [("WHO", who.as_str()), ("LOG_MAX_BYTES", &limit), ("LOG_BACKUPS", "1000")];
            scene.start(&[&shared[..], variables].concat())
        })
        .collect();
    // In small portions, so that all of them write all the time.
    for _ in 0..20 {
        victims.iter_mut().for_each(|victim| victim.send(&format!("write {}", EACH / 20)));
    }
    for victim in &mut victims {
        victim.send("end");
        ended_well(victim.wait());
    }
    let damage = Damage::find(PROCESSES * EACH, &[&scene.logs()]);
    damage.row(name, scene.stderr_bytes());
    damage.is_none();
    assert!(damage.largest <= LIMIT, "{damage:?}");
    assert_eq!(scene.stderr_bytes(), 0);
    scene
}

#[test]
fn four_processes_share_a_path_and_its_rotations() {
    let scene = share_a_path("four processes on one path", &[]);
    let files = std::fs::read_dir(scene.logs()).unwrap().count() as u64;
    // Some 170 bytes a record: no process has rotated away a file that was not full.
    let full = PROCESSES * EACH * 170 / LIMIT;
    assert!((full - 5..full + 20).contains(&files), "{files}");
}

#[test]
fn four_processes_share_a_path_and_its_compressed_backups() {
    let scene = share_a_path("four processes on one path, gzip", &[("LOG_COMPRESS", "gzip")]);
    // The next start does the rest.
    let mut victim = scene.start(&[("LOG_COMPRESS", "gzip"), ("LOG_BACKUPS", "1000"), ("WHO", "0")]);
    victim.tell("flush");
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let plain = || {
        let names = std::fs::read_dir(scene.logs()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| !name.to_str().unwrap().ends_with(".gz")).count()
    };
    while plain() > 3 {
        assert!(std::time::Instant::now() < patience, "{} files are not compressed", plain());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    ended_well(victim.end("end"));
    let damage = Damage::find(PROCESSES * EACH, &[&scene.logs()]);
    damage.is_none();
}
