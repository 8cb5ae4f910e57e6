//! A disk that is full for a while: a small file system in memory, which takes a mount namespace of one's own.

use std::fs;
use std::process::Command;

use super::damage::Damage;
use super::victim::{Scene, program};

/// Mounts a small file system over the log directory, fills it, runs the program, and has the filling removed once the
/// program has made its records; gives what it dropped. None where that is not permitted.
fn run(scene: &Scene, script: &str) -> Option<u64> {
    let is_permitted = Command::new("unshare")
        .args(["-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(scene.logs())
        .output()
        .is_ok_and(|output| output.status.success());
    if !is_permitted {
        println!("skipped: this machine permits no mount namespace to `unshare -rm`");
        return None;
    }
    let mut command = Command::new("unshare");
    scene.command(&mut command, &[("STDERR", scene.path("stderr").to_str().unwrap())]);
    command.args(["-rm", "sh", "-ec", script]).arg(program());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers = String::from_utf8(output.stdout).unwrap();
    let dropped = answers.lines().filter_map(|line| line.strip_prefix("dropped "));
    Some(dropped.map(|count| count.parse::<u64>().unwrap()).sum())
}

const SCRIPT: &str = r#"
    mount -t tmpfs -o size=32m tmpfs "$LOG_DIR"
    head -c 33000000 /dev/zero > "$LOG_DIR/filling" || true
    { sleep 2; rm "$LOG_DIR/filling"; } &
    for who in $PROCESSES; do
        { echo "write $MADE"; sleep 2; echo flush; echo "write 1"; echo flush; echo dropped; echo end; } |
            WHO=$who "$0" 2>> "$STDERR" &
    done
    wait
    cp "$LOG_DIR"/torture.log* "$LOG_DIR.kept"
"#;

fn full_for_a_while(name: &str, processes: &[u64], made: u64) -> Option<(Damage, u64)> {
    let scene = Scene::new();
    let kept = scene.path("logs.kept");
    fs::create_dir(&kept).unwrap();
    let names: String = processes.iter().map(|who| format!("{who} ")).collect();
    let dropped = run(&scene, &format!("MADE={made}\nPROCESSES='{names}'\n{SCRIPT}"))?;
    let damage = Damage::find((made + 1) * processes.len() as u64, &[&kept]);
    damage.row(name, scene.stderr_bytes());
    let stderr = fs::read_to_string(scene.path("stderr")).unwrap();
    assert!(stderr.contains("No space left on device") && stderr.contains("is written again"), "{stderr}");
    assert!(stderr.len() < 1_000 * processes.len(), "{stderr}");
    assert_eq!((damage.torn, damage.doubled, damage.disordered), (0, 0, 0), "{damage:?}");
    Some((damage, dropped))
}

#[test]
fn a_disk_that_is_full_costs_nothing_that_the_queue_can_hold() {
    if let Some((damage, dropped)) = full_for_a_while("full disk, within the queue", &[0], 10_000) {
        damage.is_none();
        assert_eq!((dropped, damage.told), (0, 0));
    }
}

#[test]
fn what_a_full_disk_costs_is_counted_and_told_exactly() {
    if let Some((damage, dropped)) = full_for_a_while("full disk, beyond the queue", &[0], 150_000) {
        assert!(damage.lost > 0, "{damage:?}");
        assert_eq!((dropped, damage.told), (damage.lost, damage.lost));
    }
}

#[test]
fn processes_that_share_a_path_tear_no_line_of_each_other_on_a_full_disk() {
    if let Some((damage, dropped)) = full_for_a_while("full disk, three processes", &[0, 1, 2], 50_000) {
        assert_eq!((dropped, damage.told), (damage.lost, damage.lost));
    }
}
