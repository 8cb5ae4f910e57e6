//! What the command line asks for.

use std::path::PathBuf;

use crate::insert::Place;

const USAGE: &str = "usage: annotate [--place first|last] [--list FILE] [CRATE[@VERSION][:FEATURE,…]]…\n\
     without a crate and a list: the crates of tests/annotate/crates.txt";

pub(crate) struct Request {
    pub(crate) crates: Vec<Wanted>,
    pub(crate) place: Place,
}

/// A published crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    /// The newest where it is not given.
    pub(crate) version: Option<String>,
    pub(crate) features: Vec<String>,
}

impl Request {
    pub(crate) fn read(arguments: &[String]) -> Result<Self, String> {
        let (mut crates, mut place, mut lists) = (Vec::new(), Place::default(), Vec::new());
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("`{argument}` needs a value\n{USAGE}"));
            match argument.as_str() {
                "--place" => place = read_place(value()?)?,
                "--list" => lists.push(PathBuf::from(value()?)),
                option if option.starts_with('-') => {
                    return Err(format!("unknown option `{option}`\n{USAGE}"));
                }
                wanted => crates.push(Wanted::read(wanted)?),
            }
        }
        if crates.is_empty() && lists.is_empty() {
            lists.push(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/crates.txt")));
        }
        for list in lists {
            let text =
                std::fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
            let lines = text.lines().map(|line| line.split('#').next().unwrap_or("").trim());
            for line in lines.filter(|line| !line.is_empty()) {
                crates.push(Wanted::read(line)?);
            }
        }
        Ok(Self { crates, place })
    }
}

impl Wanted {
    fn read(text: &str) -> Result<Self, String> {
        let (rest, features) = text.split_once(':').unwrap_or((text, ""));
        let (name, version) = match rest.split_once('@') {
            Some((name, version)) => (name, Some(version.to_owned())),
            None => (rest, None),
        };
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|each| each.is_ascii_alphanumeric() || "-_".contains(each))
        };
        if !is_name(name) || version.as_deref() == Some("") {
            return Err(format!("`{text}` is not of the form `name@version:feature,feature`\n{USAGE}"));
        }
        let features = features.split(',').filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect();
        Ok(Self { name: name.to_owned(), version, features })
    }
}

fn read_place(text: &str) -> Result<Place, String> {
    match text {
        "first" => Ok(Place::First),
        "last" => Ok(Place::Last),
        _ => Err(format!("`--place {text}`: expected `first` or `last`\n{USAGE}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_a_name_with_or_without_version_and_features() {
        let read = |text| Wanted::read(text).unwrap();
        assert_eq!(read("hex"), Wanted { name: "hex".into(), version: None, features: vec![] });
        let full = read("tokio-util@0.7.1:codec,time");
        assert_eq!(full.version.as_deref(), Some("0.7.1"));
        assert_eq!(full.features, ["codec", "time"]);
    }

    #[test]
    fn what_is_not_a_crate_is_told_with_the_form_expected() {
        for text in ["", "@1", "hex@", "a/b"] {
            let message = Wanted::read(text).unwrap_err();
            assert!(message.contains("name@version:feature"), "{message}");
        }
    }
}
