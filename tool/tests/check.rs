//! `tachograph check` says what is wrong with rules, and nothing against those that only look so.
//!
//! Each file in `fixtures/rejected` has one mistake, and beside it what is said of it. `UPDATE_EXPECT=1` writes that anew.

mod command;

use std::fs;
use std::path::{Path, PathBuf};

use command::{Said, fixtures, tachograph};

fn check(file: &Path) -> Said {
    let name = file.strip_prefix(fixtures()).expect("it is a fixture");
    tachograph(fixtures(), &["check", "--alerts", ".", name.to_str().expect("a plain name")])
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(fixtures().join(folder)).expect("the fixtures are there").flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|it| it == "yml"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{folder} is empty");
    files
}

#[test]
fn each_mistake_is_told_with_its_place_its_reason_and_its_remedy() {
    let mut wrong = Vec::new();
    for file in files("rejected") {
        let said = check(&file);
        assert_eq!(said.code, Some(1), "{} is accepted", file.display());
        let beside = file.with_extension("txt");
        if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
            fs::write(&beside, &said.errors).expect("the repository can be written to");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if said.errors != expected {
            wrong.push(format!("{}\n--- expected\n{expected}--- said\n{}", file.display(), said.errors));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_only_looks_like_a_mistake_is_accepted() {
    for file in files("accepted") {
        let said = check(&file);
        assert_eq!((said.code, said.errors.as_str()), (Some(0), ""), "{}", file.display());
    }
}

#[test]
fn all_files_are_told_of_at_once() {
    let rejected = files("rejected");
    let mut arguments = vec!["check", "--alerts", "."];
    let names: Vec<_> =
        rejected[..2].iter().map(|file| file.strip_prefix(fixtures()).unwrap().to_str().unwrap()).collect();
    arguments.extend(&names);
    let said = tachograph(fixtures(), &arguments);
    assert!(names.iter().all(|name| said.errors.contains(name)), "{}", said.errors);
}

#[test]
fn a_folder_without_rules_is_refused() {
    let said = tachograph(fixtures(), &["check", "--alerts", "accepted"]);
    assert_eq!(said.code, Some(1));
    assert_eq!(
        said.errors,
        "error: accepted/rules: is no folder; name the one that has `rules` and `tests` with --alerts\n"
    );
}
