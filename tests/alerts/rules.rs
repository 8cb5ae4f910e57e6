//! What stands in the rule files.

use std::path::{Path, PathBuf};

use yaml_rust2::{Yaml, YamlLoader};

use crate::scrape_config::{read, rule_files};

/// One rule, and the file it stands in.
pub(crate) struct Rule {
    pub(crate) file: PathBuf,
    pub(crate) yaml: Yaml,
}

impl Rule {
    /// The name of the alert, if it is one.
    pub(crate) fn alert(&self) -> Option<&str> {
        self.yaml["alert"].as_str()
    }

    /// The series that it records, if it does.
    pub(crate) fn record(&self) -> Option<&str> {
        self.yaml["record"].as_str()
    }

    /// Its expression.
    pub(crate) fn expression(&self) -> &str {
        self.yaml["expr"]
            .as_str()
            .unwrap_or_else(|| panic!("a rule without `expr` in {}", self.file.display()))
    }
}

/// Every rule of the repository.
pub(crate) fn rules() -> Vec<Rule> {
    let of_file = |file: PathBuf| {
        let rules: Vec<Yaml> =
            items(&parsed(&file)["groups"]).flat_map(|group| items(&group["rules"]).cloned()).collect();
        rules.into_iter().map(move |yaml| Rule { file: file.clone(), yaml })
    };
    rule_files().into_iter().flat_map(|file| of_file(file).collect::<Vec<_>>()).collect()
}

/// The first document of a file.
pub(crate) fn parsed(path: &Path) -> Yaml {
    let documents = YamlLoader::load_from_str(&read(path));
    let documents = documents.unwrap_or_else(|error| panic!("{} is no YAML: {error}", path.display()));
    documents.into_iter().next().unwrap_or_else(|| panic!("{} is empty", path.display()))
}

/// The items of a list, or none where there is no list.
pub(crate) fn items(yaml: &Yaml) -> impl Iterator<Item = &Yaml> {
    yaml.as_vec().into_iter().flatten()
}
