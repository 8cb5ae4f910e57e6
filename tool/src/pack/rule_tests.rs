//! promtool's tests of the rules.

use std::path::{Path, PathBuf};

use crate::fault::Fault;
use crate::pack::{files, folder};
use crate::yaml::Node;

/// A file of tests.
#[derive(Debug, Clone)]
pub(crate) struct TestFile {
    pub(crate) path: PathBuf,
    pub(crate) node: Node,
}

impl TestFile {
    /// All files of the pack.
    pub(crate) fn all(alerts: &Path) -> Result<Vec<Self>, Vec<Fault>> {
        let paths = folder(alerts, "tests").and_then(|tests| files(&tests, "yml")).map_err(|it| vec![it])?;
        let (mut read, mut faults) = (Vec::new(), Vec::new());
        for path in paths {
            match Node::read(&path) {
                Ok(node) => read.push(Self { path, node }),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }

    /// The files of rules that it loads, with the lines that name them.
    pub(crate) fn rule_files(&self) -> impl Iterator<Item = (PathBuf, usize)> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let named = self.node.list("rule_files").iter();
        named.filter_map(|file| Some((folder.join(file.as_str()?), file.line)))
    }
}
