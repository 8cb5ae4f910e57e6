//! What stands in the files of the repository.

use std::path::{Path, PathBuf};

use yaml_rust2::{Yaml, YamlLoader};

use crate::scrape_config::{read, rule_files};

/// How many rules the repository has.
pub(crate) fn rule_count() -> usize {
    let of_file = |path: PathBuf| -> usize {
        items(&parsed(&path)["groups"]).map(|group| items(&group["rules"]).count()).sum()
    };
    rule_files().into_iter().map(of_file).sum()
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
