//! The crate that is compiled: five hundred functions, the same for every contender and every run.
//!
//! A module has twenty leaves, four functions that call five leaves each, and one that calls those four: a call tree
//! as real modules have, in which every function is reached, so that no future stays uncompiled.

use std::fmt::Write;

/// Stands where a contender's attribute goes.
pub(crate) const ATTRIBUTE: &str = "@attribute@";

pub(crate) const FUNCTIONS: usize = MODULES * (LEAVES + BRANCHES + 1);
const MODULES: usize = 20;
const LEAVES: usize = 20;
const BRANCHES: usize = 4;
const SEED: u64 = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sync,
    Async,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// Five to ten lines of parsing, checking and building, with two or three `?`.
    Small,
    /// Two lines with one `?`: hardly anything but the attribute is left to compile.
    Tiny,
}

/// The whole file.
pub(crate) fn source(kind: Kind, body: Body) -> String {
    let mut random = fastrand::Rng::with_seed(SEED);
    let modules: String = (0..MODULES).map(|module| module_source(module, body, &mut random)).collect();
    let calls: String =
        (0..MODULES).map(|module| format!("    total += m{module}::root(key, text)@await@?;\n")).collect();
    let source = format!(
        "{PRELUDE}{modules}\n/// Reaches every function.\npub @async@fn all(key: &str, text: &str) -> Result<u64, Error> {{\n    \
         let mut total = 0;\n{calls}    Ok(total)\n}}\n"
    );
    match kind {
        Kind::Sync => source.replace("@async@", "").replace("@await@", "") + SYNC,
        Kind::Async => source.replace("@async@", "async ").replace("@await@", ".await") + ASYNC,
    }
}

const PRELUDE: &str = r#"//! Written by the benchmark.
use std::fmt;

#[derive(Debug)]
pub enum Error {
    Missing(&'static str),
    Invalid(u64),
    Number(std::num::ParseIntError),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(formatter, "no {what}"),
            Self::Invalid(value) => write!(formatter, "{value} is not valid"),
            Self::Number(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for Error {}

impl From<std::num::ParseIntError> for Error {
    fn from(error: std::num::ParseIntError) -> Self {
        Self::Number(error)
    }
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub name: String,
    pub amount: u64,
}
"#;

const SYNC: &str = "
/// Stands for the work that is waited for.
pub fn fetch(text: &str) -> Result<&str, Error> {
    if text.is_empty() { Err(Error::Missing(\"text\")) } else { Ok(text) }
}
";

const ASYNC: &str = "
/// Stands for the work that is waited for.
pub async fn fetch(text: &str) -> Result<&str, Error> {
    std::future::poll_fn(|_| std::task::Poll::Ready(())).await;
    if text.is_empty() { Err(Error::Missing(\"text\")) } else { Ok(text) }
}

/// Makes the compiler see the futures through.
pub fn run() -> bool {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    std::pin::pin!(all(\"key\", \"text\")).as_mut().poll(&mut context).is_ready()
}
";

fn module_source(module: usize, body: Body, random: &mut fastrand::Rng) -> String {
    let mut source = format!("\npub mod m{module} {{\nuse super::*;\n");
    for leaf in 0..LEAVES {
        source += &match body {
            Body::Small => small_leaf(leaf, random.u64(10..10_000)),
            Body::Tiny => tiny_leaf(leaf, random.u64(10..10_000)),
        };
    }
    for branch in 0..BRANCHES {
        source += &match body {
            Body::Small => small_branch(branch),
            Body::Tiny => tiny_caller(
                &format!("branch_{branch}"),
                (0..5).map(|leaf| format!("leaf_{}", branch * 5 + leaf)),
            ),
        };
    }
    source += &match body {
        Body::Small => small_root(),
        Body::Tiny => tiny_caller("root", (0..BRANCHES).map(|branch| format!("branch_{branch}"))),
    };
    source + "}\n"
}

/// Five kinds of leaf, with arguments and results of their own.
fn small_leaf(leaf: usize, number: u64) -> String {
    let template = match leaf % 5 {
        0 => {
            r#"
@attribute@
pub @async@fn leaf_@leaf@(text: &str) -> Result<u64, Error> {
    let text = fetch(text)@await@?;
    let (key, value) = text.split_once('=').ok_or(Error::Missing("value"))?;
    let value: u64 = value.trim().parse()?;
    if key.is_empty() || value > @number@ {
        return Err(Error::Invalid(value));
    }
    Ok(value * 2)
}
"#
        }
        1 => {
            r#"
@attribute@
pub @async@fn leaf_@leaf@(entry: &Entry, suffix: &str) -> Result<String, Error> {
    let first = entry.name.chars().next().ok_or(Error::Missing("name"))?;
    let suffix = fetch(suffix)@await@?;
    let mut name = String::with_capacity(entry.name.len() + suffix.len());
    name.push(first.to_ascii_uppercase());
    name.push_str(suffix);
    Ok(name)
}
"#
        }
        2 => {
            r#"
@attribute@
pub @async@fn leaf_@leaf@(name: &str, amount: &str) -> Result<Entry, Error> {
    let amount = fetch(amount)@await@?.parse::<u64>()?;
    if amount == @number@ {
        return Err(Error::Invalid(amount));
    }
    Ok(Entry { name: name.to_owned(), amount })
}
"#
        }
        3 => {
            r#"
@attribute@
pub @async@fn leaf_@leaf@(entries: &[Entry], unit: &str) -> Result<u64, Error> {
    let unit: u64 = fetch(unit)@await@?.parse()?;
    let mut total = @number@_u64;
    for entry in entries {
        total = total.checked_add(entry.amount * unit).ok_or(Error::Invalid(total))?;
    }
    Ok(total)
}
"#
        }
        _ => {
            r#"
@attribute@
pub @async@fn leaf_@leaf@(entries: &mut Vec<Entry>, name: &str) -> Result<(), Error> {
    if entries.iter().any(|entry| entry.name == name) {
        return Err(Error::Invalid(@number@));
    }
    let name = fetch(name)@await@?;
    entries.push(Entry { name: name.to_owned(), amount: @number@ });
    Ok(())
}
"#
        }
    };
    template.replace("@leaf@", &leaf.to_string()).replace("@number@", &number.to_string())
}

/// Calls one leaf of each kind.
fn small_branch(branch: usize) -> String {
    let leaf = |kind: usize| branch * 5 + kind;
    format!(
        r#"
@attribute@
pub @async@fn branch_{branch}(key: &str, text: &str) -> Result<Vec<Entry>, Error> {{
    let amount = leaf_{}(text)@await@?;
    let mut entry = leaf_{}(key, text)@await@?;
    entry.name = leaf_{}(&entry, key)@await@?;
    entry.amount += amount;
    let mut entries = vec![entry];
    leaf_{}(&mut entries, key)@await@?;
    entries[0].amount = leaf_{}(&entries, text)@await@?;
    Ok(entries)
}}
"#,
        leaf(0),
        leaf(2),
        leaf(1),
        leaf(4),
        leaf(3)
    )
}

fn small_root() -> String {
    let mut source =
        "\n@attribute@\npub @async@fn root(key: &str, text: &str) -> Result<u64, Error> {\n    let mut total = 0;\n"
            .to_owned();
    for branch in 0..BRANCHES {
        let _ = writeln!(
            source,
            "    total += branch_{branch}(key, text)@await@?.iter().map(|entry| entry.amount).sum::<u64>();"
        );
    }
    source + "    Ok(total)\n}\n"
}

fn tiny_leaf(leaf: usize, number: u64) -> String {
    format!(
        "\n@attribute@\npub @async@fn leaf_{leaf}(_key: &str, text: &str) -> Result<u64, Error> {{\n    \
         let text = fetch(text)@await@?;\n    Ok(text.len() as u64 + {number})\n}}\n"
    )
}

fn tiny_caller(name: &str, callees: impl Iterator<Item = String>) -> String {
    let calls: Vec<_> = callees.map(|callee| format!("{callee}(key, text)@await@?")).collect();
    format!(
        "\n@attribute@\npub @async@fn {name}(key: &str, text: &str) -> Result<u64, Error> {{\n    Ok({})\n}}\n",
        calls.join(" + ")
    )
}
