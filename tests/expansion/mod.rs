//! What an annotated function becomes, as `cargo expand` shows it: beside each source its expansion, to be read.
//!
//! `UPDATE_EXPECT=1 cargo test expansion` writes the expansions anew, to be read before they are kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use syn::{Attribute, File, ImplItem, Item};

use crate::generated::{Crate, root, tachograph};

/// A sync function that returns a `Result`, signature and braces included.
const LINES_OF_SYNC: usize = 12;
/// An async one.
const LINES_OF_ASYNC: usize = 20;

#[test]
fn the_expansions_are_the_ones_on_file_and_in_the_guide() {
    let mut changed = Vec::new();
    for (path, expanded) in expanded(&sources(), &tachograph(&["on"])) {
        let path = path.with_extension("expanded.rs");
        if updates() {
            std::fs::write(&path, &expanded).unwrap();
        } else if std::fs::read_to_string(&path).ok().as_ref() != Some(&expanded) {
            changed.push(format!("{} is now\n{expanded}", path.display()));
        }
    }
    assert!(changed.is_empty(), "UPDATE_EXPECT=1 keeps these:\n{}", changed.join("\n"));
    the_guide_shows_what_is_on_file();
}

#[test]
fn the_expansion_of_a_one_line_result_function_is_short() {
    for (name, most) in [("sync_result", LINES_OF_SYNC), ("async_result", LINES_OF_ASYNC)] {
        let text = std::fs::read_to_string(folder().join(name).with_extension("expanded.rs")).unwrap();
        let lines = text.lines().skip_while(|line| !line.contains("fn ")).count();
        assert!(lines > 5 && lines <= most, "{lines} lines of {name}:\n{text}");
    }
}

fn the_guide_shows_what_is_on_file() {
    let path = root().join("runtime/src/expansion.md");
    let guide = std::fs::read_to_string(&path).unwrap();
    let shown = with_snapshots(&guide);
    if updates() {
        std::fs::write(path, shown).unwrap();
    } else {
        assert_eq!(guide, shown, "UPDATE_EXPECT=1 brings the guide up to date");
    }
}

/// The guide with each code block that a comment names a file for showing that file.
fn with_snapshots(guide: &str) -> String {
    const FENCE: &str = "```rust,ignore\n";
    let mut shown = String::new();
    let mut blocks = guide.split("<!-- ");
    shown.push_str(blocks.next().unwrap());
    for block in blocks {
        let (file, rest) = block.split_once(" -->\n").unwrap();
        let (_, after) = rest.strip_prefix(FENCE).unwrap().split_once("```\n").unwrap();
        let text = std::fs::read_to_string(folder().join(file)).unwrap();
        shown.push_str(&format!("<!-- {file} -->\n{FENCE}{text}```\n{after}"));
    }
    shown
}

fn updates() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1")
}

#[test]
fn without_the_feature_the_expansion_is_the_input() {
    let plain: Vec<_> = sources().into_iter().map(|(path, text)| (path, without_attributes(&text))).collect();
    let off = expanded(&sources(), &tachograph(&[]));
    for ((path, off), (_, plain)) in off.iter().zip(expanded(&plain, &tachograph(&[]))) {
        // Byte for byte, as the compiler prints them.
        assert_eq!(*off, plain, "{}", path.display());
    }
}

fn folder() -> PathBuf {
    root().join("tests/expansion")
}

fn sources() -> Vec<(PathBuf, String)> {
    let paths = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let is_source = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name != "mod.rs" && !name.ends_with(".expanded.rs")
    };
    let mut paths: Vec<_> = paths.filter(is_source).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// The sources as the compiler sees them once all macros are expanded, in the layout of `cargo expand`.
fn expanded(sources: &[(PathBuf, String)], dependency: &str) -> Vec<(PathBuf, String)> {
    let name = if dependency.contains("\"on\"") { "expansion-on" } else { "expansion-off" };
    let created = Crate::library(name, "2024", &format!("[dependencies]\n{dependency}"));
    let mut modules = String::new();
    for (path, text) in sources {
        let file = path.file_name().unwrap().to_str().unwrap();
        created.file(&format!("src/{file}"), text);
        modules.push_str(&format!("pub mod {};\n", path.file_stem().unwrap().to_str().unwrap()));
    }
    created.file("src/lib.rs", &modules);
    let printed = created.cargo_succeeds(&["check", "--message-format", "json"], &[]);
    let messages = printed.lines().map(|line| serde_json::from_str(line).unwrap());
    let tachograph = messages.filter_map(|message| artifact(&message)).next_back().expect("it was built");
    let text = unpretty(&created, &tachograph);
    let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    let modules = file.items.into_iter().filter_map(|item| match item {
        Item::Mod(module) => Some((module.ident.to_string(), module.content?.1)),
        _ => None,
    });
    let mut modules: BTreeMap<_, _> = modules.collect();
    let printed = |(path, _): &(PathBuf, String)| {
        let items = modules.remove(path.file_stem().unwrap().to_str().unwrap()).expect("it was compiled");
        (
            path.clone(),
            prettyplease::unparse(&File { shebang: None, frontmatter: None, attrs: Vec::new(), items }),
        )
    };
    sources.iter().map(printed).collect()
}

fn artifact(message: &serde_json::Value) -> Option<PathBuf> {
    let built = message["reason"] == "compiler-artifact" && message["target"]["name"] == "tachograph";
    let files = message["filenames"].as_array().filter(|_| built)?;
    files.first()?.as_str().map(PathBuf::from)
}

/// Cargo is left out of it: for it a compiler with other features is another one, for which it builds all anew.
fn unpretty(created: &Crate, tachograph: &Path) -> String {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.env("RUSTC_BOOTSTRAP", "1").args([
        "-Zunpretty=expanded",
        "--edition=2024",
        "--crate-type=lib",
        "--crate-name=snapshots",
    ]);
    rustc
        .arg(created.folder().join("src/lib.rs"))
        .arg(format!("--extern=tachograph={}", tachograph.display()));
    rustc.arg(format!("-Ldependency={}", tachograph.parent().unwrap().display()));
    let output = rustc.output().unwrap_or_else(|error| panic!("cannot run {rustc:?}: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The source without this crate's attributes, those of `#[timed] impl` on its functions included.
fn without_attributes(text: &str) -> String {
    let mut file = syn::parse_file(text).unwrap();
    for item in &mut file.items {
        match item {
            Item::Fn(function) => strip(&mut function.attrs),
            Item::Impl(block) => {
                strip(&mut block.attrs);
                for item in &mut block.items {
                    if let ImplItem::Fn(method) = item {
                        strip(&mut method.attrs);
                    }
                }
            }
            _ => {}
        }
    }
    prettyplease::unparse(&file)
}

fn strip(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| {
        let name = &attribute.path().segments.last().unwrap().ident;
        name != "timed" && name != "request_scoped"
    });
}
