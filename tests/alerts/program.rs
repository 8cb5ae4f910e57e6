//! What the tool reads from a program's file is what the running program says.

use std::fs;
use std::process::Command;

use tachograph_servers::mirror::{Mirror, executable};
use tachograph_servers::promtool::{check, promtool};
use tachograph_servers::target::temporary;

use crate::proof::tachograph;

/// What the tool prints.
fn printed(arguments: &[&str]) -> String {
    let output = tachograph(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it prints texts")
}

#[test]
fn the_file_and_the_page_have_the_same_functions() {
    let mirror = Mirror::start();
    let url = format!("http://{}/metrics", mirror.metrics());
    let binary = executable().to_str().expect("a plain path");
    let of_binary = printed(&["dashboards", "--binary", binary]);
    assert_eq!(of_binary, printed(&["dashboards", "--url", &url]));
    assert!(of_binary.contains("verify_digest"), "{of_binary}");
}

#[test]
fn a_stripped_file_has_them_too() {
    let directory = temporary();
    let stripped = directory.path().join("mirror");
    let status = Command::new("strip").arg("-o").arg(&stripped).arg(executable()).status();
    assert!(status.expect("binutils come with the linker").success());
    let dashboard = |path: &str| printed(&["dashboards", "--binary", path]);
    let [plain, stripped] =
        [executable(), &stripped].map(|path| dashboard(path.to_str().expect("a plain path")));
    assert_eq!(plain, stripped);
}

#[test]
fn the_rules_of_a_program_load_and_have_no_mistakes() {
    let binary = executable().to_str().expect("a plain path");
    let rules = printed(&["rules", "--binary", binary, "--job", "mirror"]);
    assert!(rules.contains("function: \"download\" }\n        expr: vector(0.25)"), "{rules}");
    let directory = temporary();
    let path = directory.path().join("mirror.yml");
    fs::write(&path, rules).expect("the directory is the test's own");
    check(promtool(&["check", "rules"]).arg(&path), "");
    printed(&["check", path.to_str().expect("a plain path")]);
}
