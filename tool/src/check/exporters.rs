//! What exporters say, as it was written down from the real ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::fault::Fault;
use crate::pack::files;

/// The lists of `exporters/`: a metric a line, with its labels. Only those of the first section are in all generations that
/// the list is of.
#[derive(Debug, Default)]
pub(crate) struct Exporters {
    /// By metric: the exporters that have it, and the labels that it may have.
    everywhere: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>,
    /// By metric: the section that has it.
    somewhere: BTreeMap<String, String>,
}

impl Exporters {
    pub(crate) fn read(alerts: &Path) -> Result<Self, Vec<Fault>> {
        let mut exporters = Self::default();
        let mut faults = Vec::new();
        for path in files(&alerts.join("exporters"), "txt").map_err(|fault| vec![fault])? {
            match fs::read_to_string(&path) {
                Ok(text) => faults.extend(exporters.add(&path, &text)),
                Err(error) => faults.push(Fault::of(&path, format!("cannot be read: {error}"))),
            }
        }
        if faults.is_empty() { Ok(exporters) } else { Err(faults) }
    }

    fn add(&mut self, path: &Path, text: &str) -> Vec<Fault> {
        let exporter = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let mut faults = Vec::new();
        let (mut section, mut sections) = (String::new(), 0);
        for (at, line) in text.lines().enumerate() {
            if let Some(generations) = line.strip_prefix("# in ") {
                section = format!("{exporter} in {generations} alone");
                sections += 1;
            } else if let Some((metric, labels)) =
                line.strip_suffix('}').and_then(|line| line.split_once('{'))
            {
                if sections > 1 {
                    self.somewhere.insert(metric.to_owned(), section.clone());
                    continue;
                }
                let (by, known) = self.everywhere.entry(metric.to_owned()).or_default();
                by.insert(exporter.clone());
                known.extend(labels.split(',').filter(|label| !label.is_empty()).map(str::to_owned));
            } else if !line.trim().is_empty() && !line.starts_with('#') {
                faults.push(Fault::at(path, at + 1, "is to be `metric{label,label}`"));
            }
        }
        faults
    }

    /// The exporters that have a metric, and its labels.
    pub(crate) fn find(&self, metric: &str) -> Option<&(BTreeSet<String>, BTreeSet<String>)> {
        self.everywhere.get(metric)
    }

    /// Who has it in some generations and not in others.
    pub(crate) fn only_in(&self, metric: &str) -> Option<&str> {
        self.somewhere.get(metric).map(String::as_str)
    }
}

/// Where the lists of a pack are.
pub(crate) fn lists(alerts: &Path) -> PathBuf {
    alerts.join("exporters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_what_is_everywhere_and_what_is_not() {
        let mut exporters = Exporters::default();
        let text = "# x 1, 2\n\n# in 1 and 2\na{}\nb{c,d}\n\n# in 2\ne{}\n";
        assert!(exporters.add(Path::new("x.txt"), text).is_empty());
        let (by, labels) = exporters.find("b").unwrap();
        assert_eq!((by.len(), labels.len()), (1, 2));
        assert!(exporters.find("e").is_none());
        assert_eq!(exporters.only_in("e"), Some("x in 2 alone"));
        assert_eq!(exporters.add(Path::new("y.txt"), "a\n").len(), 1);
    }
}
