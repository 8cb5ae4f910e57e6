//! Rules of this project that a test can hold.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All Rust sources of the project.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<_> =
        ["macros", "runtime", "examples", "tests", "tool"].map(|name| root().join(name)).into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 30, "the sources were not found");
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_two_pipelines_do_not_know_each_other() {
    for (pipeline, other) in [("metrics", "logs"), ("logs", "metrics")] {
        let folder = root().join("runtime/src").join(pipeline);
        for path in sources().iter().filter(|path| path.starts_with(&folder)) {
            assert!(!read(path).contains(&format!("crate::{other}")), "{} names {other}", path.display());
        }
    }
}

#[test]
fn only_the_clock_reads_time() {
    let runtime = root().join("runtime/src");
    let is_clock = |path: &Path| path.starts_with(runtime.join("clock")) || path.ends_with("clock.rs");
    for path in sources().iter().filter(|path| path.starts_with(&runtime) && !is_clock(path)) {
        let text = read(path);
        let code = text.split("#[cfg(test)]").next().unwrap();
        for reading in ["Instant::now", "SystemTime::now"] {
            assert!(!code.contains(reading), "{} reads time itself", path.display());
        }
    }
}

#[test]
fn only_its_own_module_lets_the_log_touch_the_disk() {
    let logs = root().join("runtime/src/logs");
    // The spool is a file of its own, and a pipe is one to the library.
    let others = ["spool.rs", "recovery.rs", "signals.rs", "tests.rs"].map(|name| logs.join(name));
    let is_disk = |path: &Path| {
        path == logs.join("disk.rs")
            || path.starts_with(logs.join("tests"))
            || others.iter().any(|other| path == other)
    };
    for path in sources().iter().filter(|path| path.starts_with(&logs) && !is_disk(path)) {
        let text = read(path);
        let code = text.split("#[cfg(test)]").next().unwrap();
        for access in ["std::fs", "OpenOptions"] {
            assert!(!code.contains(access), "{} touches the disk itself", path.display());
        }
    }
}

#[test]
fn generated_code_names_only_the_private_door_and_the_trait_of_futures() {
    let expand = root().join("macros/src/expand");
    for path in
        sources().iter().filter(|path| path.starts_with(&expand) || path.ends_with("macros/src/expand.rs"))
    {
        let text = read(path).replace("impl ::core::future::Future<Output", "");
        for name in ["::std::", "::core::", "::alloc::"] {
            assert!(!text.contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn no_file_is_named_after_nothing() {
    for path in sources() {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            !["utils", "util", "common", "helpers", "misc", "models"].contains(&stem),
            "{}",
            path.display()
        );
    }
}

#[test]
fn the_readme_stays_short() {
    let lines = read(&root().join("README.md")).lines().count();
    assert!(lines < 120, "{lines} lines");
}
