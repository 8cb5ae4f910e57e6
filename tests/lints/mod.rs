//! The attributes add no lint and hide none: rustc's default lints and clippy's groups all, pedantic and nursery find
//! the same in annotated code as in the same code without annotations, at the same places, in the same words.
//!
//! `fires/` is code with something to find, marked `//~ lint` at the end of its line, or `//~ -lint` where the lint is
//! right to fall silent once the function is annotated; so are the blocks, traits and modules in `containers/`.
//! `clean/` is code with nothing to find, `named/` code with nothing to find as long as it is annotated.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::OnceLock;

use crate::generated::{Crate, root, tachograph};

/// Lints that may fall silent on an annotated function, and why.
const ANSWERED: [(&str, &str, &str); 3] = [
    (CLIPPY, "clippy::missing_const_for_fn", "a function that reads a clock cannot be const"),
    (CLIPPY, "clippy::doc_lazy_continuation", "clippy gives up on comments that went through an attribute"),
    (RUSTC, "async_fn_in_trait", "the function gives an `impl Future` instead, as the lint proposes"),
];

/// The folders in which a function may carry no attribute, or either one.
const PLAIN: [&str; 3] = ["fires", "clean", "containers"];
const TIMED: [&str; 4] = ["fires", "clean", "containers", "named"];
const REQUEST_SCOPED: [&str; 2] = ["fires", "clean"];

/// The cargo command whose lints are looked at: rustc's own are found in what is compiled.
const RUSTC: &str = "check";
const CLIPPY: &str = "clippy";

const LINTS: &str = "
[lints.clippy]
all = { level = \"warn\", priority = -1 }
pedantic = { level = \"warn\", priority = -1 }
nursery = { level = \"warn\", priority = -1 }
";

#[test]
fn what_the_lints_find_is_what_is_marked() {
    let found: BTreeSet<_> = plain(CLIPPY).iter().map(Finding::place).collect();
    let marked = marks("").map(|(file, line, lint)| (file, line, lint.trim_start_matches('-').to_owned()));
    assert_same("the marks", &marked.collect(), "clippy", &found);
}

#[test]
fn rustc_finds_the_same_in_timed_functions() {
    assert_same("plain", &expected(RUSTC, &TIMED), "annotated", &timed(RUSTC));
}

#[test]
fn clippy_finds_the_same_in_timed_functions() {
    assert_same("plain", &expected(CLIPPY, &TIMED), "annotated", &timed(CLIPPY));
}

#[test]
fn rustc_finds_the_same_in_request_scoped_functions() {
    assert_same("plain", &expected(RUSTC, &REQUEST_SCOPED), "annotated", &request_scoped(RUSTC));
}

#[test]
fn clippy_finds_the_same_in_request_scoped_functions() {
    assert_same("plain", &expected(CLIPPY, &REQUEST_SCOPED), "annotated", &request_scoped(CLIPPY));
}

fn timed(tool: &str) -> BTreeSet<Finding> {
    findings(tool, "timed", &TIMED, str::to_owned)
}

fn request_scoped(tool: &str) -> BTreeSet<Finding> {
    findings(tool, "request-scoped", &REQUEST_SCOPED, |text| {
        // Arguments of `timed` are none of `request_scoped`; such functions stay plain here.
        blanked(text, |line| line.starts_with("#[timed("))
            .replace("use tachograph::timed;", "use tachograph::request_scoped as timed;")
    })
}

/// Two tests need each, and cargo runs once for both.
fn plain(tool: &str) -> &'static BTreeSet<Finding> {
    static FOUND: [OnceLock<BTreeSet<Finding>>; 2] = [const { OnceLock::new() }; 2];
    FOUND[usize::from(tool == CLIPPY)].get_or_init(|| findings(tool, "plain", &PLAIN, plainly))
}

fn plainly(text: &str) -> String {
    blanked(text, |line| line.starts_with("#[timed")).replace("use tachograph::timed;", "")
}

/// What must be found in annotated code.
fn expected(tool: &str, folders: &[&str]) -> BTreeSet<Finding> {
    let silent: BTreeSet<_> = marks("-").collect();
    for (file, line, lint) in &silent {
        assert!(
            ANSWERED.iter().any(|(_, answered, _)| answered == lint),
            "{file}:{line}: why is {lint} silent?"
        );
    }
    let answered =
        |finding: &Finding| ANSWERED.iter().any(|(by, lint, _)| *by == tool && *lint == finding.lint);
    let found = |finding: &&Finding| {
        folders.iter().any(|folder| finding.file.starts_with(folder))
            && !(silent.contains(&finding.place()) && answered(finding))
    };
    plain(tool).iter().filter(found).cloned().collect()
}

/// The text with an attribute that does nothing in place of some lines, so that all others keep their places.
fn blanked(text: &str, unwanted: impl Fn(&str) -> bool) -> String {
    let lines = text.lines().map(|line| if unwanted(line.trim_start()) { "#[rustfmt::skip]" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

/// Something that a lint says.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Finding {
    file: String,
    line: u64,
    column: u64,
    lint: String,
    message: String,
}

impl Finding {
    fn place(&self) -> (String, u64, String) {
        (self.file.clone(), self.line, self.lint.clone())
    }

    fn read(message: &serde_json::Value) -> Option<Self> {
        if message["reason"] != "compiler-message" {
            return None;
        }
        let message = &message["message"];
        let text = message["message"].as_str()?.to_owned();
        let Some(lint) = message["code"]["code"].as_str() else {
            // The last lines count the warnings, or name their explanations.
            assert!(!text.contains("error:"), "{}", message["rendered"]);
            return None;
        };
        assert_ne!(message["level"], "error", "{}", message["rendered"]);
        let at = message["spans"].as_array()?.iter().find(|span| span["is_primary"] == true)?;
        Some(Self {
            file: at["file_name"].as_str()?.trim_start_matches("src/").to_owned(),
            line: at["line_start"].as_u64()?,
            column: at["column_start"].as_u64()?,
            lint: lint.to_owned(),
            // Sizes and counts may differ, not what is said.
            message: text.replace(|character: char| character.is_ascii_digit(), ""),
        })
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, lint, message } = self;
        write!(formatter, "{file}:{line}:{column} {lint}: {message}")
    }
}

/// What is found in the snippets of these folders, each changed by `change`.
fn findings(tool: &str, name: &str, folders: &[&str], change: impl Fn(&str) -> String) -> BTreeSet<Finding> {
    let manifest = format!("{LINTS}\n[dependencies]\n{}", tachograph(&["on"]));
    let created = Crate::library(&format!("lints-{tool}-{name}"), "2024", &manifest);
    let mut modules = String::new();
    for (path, text) in snippets(folders) {
        created.file(&format!("src/{path}"), &change(&text));
        modules.push_str(&format!(
            "#[path = \"{path}\"]\npub mod {};\n",
            path.replace('/', "_").trim_end_matches(".rs")
        ));
    }
    created.file("src/lib.rs", &modules);
    let printed = created.cargo_succeeds(&[tool, "--message-format", "json"], &[]);
    let messages = printed.lines().map(|line| serde_json::from_str(line).unwrap());
    messages.filter_map(|message| Finding::read(&message)).collect()
}

/// The snippets, by their paths below this folder.
fn snippets(folders: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(root().join("tests/lints").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            found.push((format!("{folder}/{name}"), std::fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// The marks of the snippets that begin so.
fn marks(sign: &str) -> impl Iterator<Item = (String, u64, String)> {
    let mut marks = Vec::new();
    for (path, text) in snippets(&TIMED) {
        for (line, number) in text.lines().zip(1..) {
            let lints = line.split_once("//~").map_or("", |(_, lints)| lints);
            // A mark at the end of a doc comment would be documentation; it stands below.
            let above = lints.strip_prefix('^');
            let number = if above.is_some() { number - 1 } else { number };
            let lints = above.unwrap_or(lints).split_whitespace().filter_map(|lint| lint.strip_prefix(sign));
            marks.extend(lints.map(|lint| (path.clone(), number, lint.to_owned())));
        }
        let clean = path.starts_with("clean") || path.starts_with("named");
        assert!(!clean || !text.contains("//~"), "{path} is not clean");
    }
    marks.into_iter()
}

fn assert_same<T: Ord + fmt::Debug>(left: &str, expected: &BTreeSet<T>, right: &str, found: &BTreeSet<T>) {
    let lost: Vec<_> = expected.difference(found).collect();
    let added: Vec<_> = found.difference(expected).collect();
    assert!(lost.is_empty() && added.is_empty(), "only in {left}: {lost:#?}\nonly in {right}: {added:#?}");
    assert!(!found.is_empty(), "nothing was compared");
}
