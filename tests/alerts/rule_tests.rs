//! What promtool's tests of the rules say.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::rules::{items, parsed};
use crate::scrape_config::rule_test_files;

/// What all tests together name. promtool itself minds neither an alert nor a file that does not exist.
#[derive(Default)]
pub(crate) struct Coverage {
    pub(crate) rule_files: BTreeSet<PathBuf>,
    pub(crate) firing: BTreeSet<String>,
    pub(crate) quiet: BTreeSet<String>,
}

impl Coverage {
    /// Reads all tests of the repository.
    pub(crate) fn read() -> Self {
        let mut coverage = Self::default();
        for file in rule_test_files() {
            coverage.add(&file);
        }
        coverage
    }

    fn add(&mut self, file: &Path) {
        let tests = parsed(file);
        let directory = file.parent().expect("it is a file in a folder");
        for rules in items(&tests["rule_files"]) {
            let path = directory.join(rules.as_str().expect("a rule file is named by a text"));
            let path = path
                .canonicalize()
                .unwrap_or_else(|error| panic!("{}: {}: {error}", file.display(), path.display()));
            self.rule_files.insert(path);
        }
        for case in items(&tests["tests"]).flat_map(|test| items(&test["alert_rule_test"])) {
            let alert = case["alertname"].as_str().expect("a case names its alert");
            let expected = items(&case["exp_alerts"]).count();
            let cases = if expected > 0 { &mut self.firing } else { &mut self.quiet };
            cases.insert(alert.to_owned());
        }
    }
}
