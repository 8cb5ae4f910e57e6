//! What stands in the rule files.

use std::path::PathBuf;

use yaml_rust2::{Yaml, YamlLoader};

use crate::scrape_config::{read, rule_files};

/// How many rules the repository has.
pub(crate) fn count() -> usize {
    let of_file = |path: PathBuf| {
        let documents = YamlLoader::load_from_str(&read(&path));
        let documents = documents.unwrap_or_else(|error| panic!("{} is no YAML: {error}", path.display()));
        documents.iter().flat_map(|it| items(&it["groups"])).flat_map(|group| items(&group["rules"])).count()
    };
    rule_files().into_iter().map(of_file).sum()
}

/// The items of a list, or none where there is no list.
fn items(yaml: &Yaml) -> impl Iterator<Item = &Yaml> {
    yaml.as_vec().into_iter().flatten()
}
