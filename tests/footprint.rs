//! What a library takes into its dependency tree by annotating.

use std::collections::BTreeSet;

use crate::generated::{Crate, tachograph};

/// The crates in the tree of a library that depends on tachograph with these features, itself not counted.
fn tree(name: &str, features: &[&str]) -> BTreeSet<String> {
    let created = Crate::library(name, "2024", &format!("[dependencies]\n{}", tachograph(features)));
    created.file("src/lib.rs", "");
    let printed =
        created.cargo_succeeds(&["tree", "--edges", "no-dev", "--prefix", "none", "--format", "{p}"], &[]);
    let crates = printed.lines().filter_map(|line| line.split_whitespace().next());
    crates.filter(|krate| *krate != name).map(str::to_owned).collect()
}

#[test]
fn a_library_that_only_annotates_builds_no_syn() {
    let crates = tree("footprint-off", &[]);
    let own = BTreeSet::from(["tachograph".to_owned(), "tachograph-macros".to_owned()]);
    assert_eq!(crates, own);
}

#[test]
fn a_library_that_is_measured_takes_few_crates() {
    let crates = tree("footprint-on", &["on"]);
    assert!(crates.contains("syn"), "{crates:?}");
    assert!(crates.len() <= 15, "{crates:?}");
}
