//! The attributes under comparison. Each is a manifest in `contenders/`: a dependency, and the attribute as written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Error;
use crate::functions::ATTRIBUTE;

/// The contender that all others are compared with: the same functions without an attribute.
pub(crate) const PLAIN: &str = "plain";

/// In the order of the tables.
const NAMES: [&str; 7] =
    [PLAIN, "tachograph", "tachograph-off", "tracing", "autometrics", "fastrace", "hotpath"];

pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// The attribute as a user writes it; empty for none.
    pub(crate) attribute: String,
    /// The crate that the attribute names, built: its name and its library.
    pub(crate) library: Option<(String, PathBuf)>,
    /// Where the libraries lie that this one needs.
    pub(crate) dependencies: PathBuf,
    /// The dependency tree of a library that only annotates, each `name version` once, the library not counted.
    pub(crate) tree: BTreeSet<String>,
}

/// All contenders, with their dependencies built as `cargo build` builds them; of some only those named, and [`PLAIN`].
pub(crate) fn all(only: &[String]) -> Result<Vec<Contender>, Error> {
    let wanted = |name: &&str| *name == PLAIN || only.is_empty() || only.iter().any(|other| other == name);
    let metadata: Value = serde_json::from_slice(&cargo(&["metadata", "--no-deps", "--format-version=1"])?)?;
    NAMES.into_iter().filter(wanted).map(|name| Contender::build(name, &metadata)).collect()
}

impl Contender {
    fn build(name: &'static str, metadata: &Value) -> Result<Self, Error> {
        let package = format!("contender-{name}");
        let attribute = metadata["packages"]
            .as_array()
            .and_then(|packages| packages.iter().find(|found| found["name"] == *package))
            .and_then(|found| found["metadata"]["contender"]["attribute"].as_str())
            .ok_or_else(|| format!("{package}: no attribute in its manifest"))?
            .to_owned();
        let messages = cargo(&["build", "--quiet", "--message-format=json", "--package", &package])?;
        let library =
            attribute.strip_prefix("#[").and_then(|path| path.split_once("::")).map(|(name, _)| name);
        Ok(Self {
            name,
            library: library
                .map(|name| Ok::<_, Error>((name.to_owned(), built(name, &messages)?)))
                .transpose()?,
            dependencies: built("nothing", &messages)
                .or_else(|_| built(&package.replace('-', "_"), &messages))?
                .with_file_name("deps"),
            tree: tree(&package)?,
            attribute,
        })
    }

    /// The functions under this contender's attribute.
    pub(crate) fn annotate(&self, functions: &str) -> String {
        functions.replace(ATTRIBUTE, &self.attribute)
    }

    /// The version of the crate that the attribute comes from.
    pub(crate) fn version(&self) -> &str {
        let Some((library, _)) = &self.library else { return "" };
        self.tree
            .iter()
            .find_map(|package| package.strip_prefix(library.as_str())?.strip_prefix(" v"))
            .unwrap_or("unknown")
    }
}

/// The file of a library, from what cargo says of its work.
fn built(library: &str, messages: &[u8]) -> Result<PathBuf, Error> {
    let mut messages = serde_json::Deserializer::from_slice(messages).into_iter::<Value>();
    messages
        .find_map(|message| {
            let message = message.ok()?;
            let file = message["filenames"].as_array()?.first()?.as_str()?;
            (message["target"]["name"] == *library && file.ends_with(".rlib")).then(|| PathBuf::from(file))
        })
        .ok_or_else(|| format!("cargo built no library {library}").into())
}

fn tree(package: &str) -> Result<BTreeSet<String>, Error> {
    let printed = cargo(&["tree", "--package", package, "--edges=normal", "--prefix=none", "--format={p}"])?;
    let crates = String::from_utf8(printed)?;
    let named = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    Ok(crates.lines().map(named).filter(|found| !found.is_empty() && !found.starts_with(package)).collect())
}

fn cargo(arguments: &[&str]) -> Result<Vec<u8>, Error> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The versions compared are those of the lock file.
    command.args(arguments).arg("--locked").current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("cargo {}: {}", arguments.join(" "), output.status).into());
    }
    Ok(output.stdout)
}
