//! The page of names, the code, what a program really says, and the rules: one and the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tachograph::names::{Kind, Metric, all};

use tachograph_servers::mirror::Mirror;

/// What the mirror adds, and what the page does not list therefore.
const OF_THE_MIRROR: &str = "mirror_";

/// The metric that a sample is of.
fn metric_of(sample: &str) -> Option<&'static Metric> {
    let is_of = |metric: &&Metric| match sample.strip_prefix(metric.name) {
        Some("") => true,
        Some("_bucket" | "_sum" | "_count") => metric.kind == Kind::Histogram,
        _ => false,
    };
    all().find(is_of)
}

/// The labels of a sample, as `name="value"` stands on the page. No value here has an escape or a comma with a quote.
fn labels(line: &str) -> Vec<(&str, &str)> {
    let labels =
        line.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}')).map_or("", |(labels, _)| labels);
    let pairs = labels.split("\",").filter(|pair| !pair.is_empty());
    pairs
        .filter_map(|pair| pair.split_once("=\""))
        .map(|(name, value)| (name, value.trim_end_matches('"')))
        .collect()
}

/// What is wrong with a line of a page.
fn fault(line: &str) -> Option<String> {
    let name = line.split(['{', ' ']).next()?;
    let Some(metric) = metric_of(name) else { return Some(format!("`{name}` is not in the page of names")) };
    let has: Vec<_> = labels(line).into_iter().filter(|(name, _)| *name != "le").collect();
    // Only annotated functions have labels of the user's.
    let may_have_more = name.starts_with("function_");
    for label in metric.labels {
        match has.iter().find(|(name, _)| *name == label.name) {
            None => return Some(format!("{line} lacks `{}`", label.name)),
            Some((_, value)) if !label.values.contains(value) => {
                return Some(format!("{line}: `{value}` is no value of `{}`", label.name));
            }
            Some(_) => {}
        }
    }
    let more = has.len() - metric.labels.len();
    (more > 0 && !may_have_more).then(|| format!("{line} has labels that the page of names does not know"))
}

#[test]
fn what_a_program_says_is_in_the_page_of_names() {
    let mirror = Mirror::start();
    let page = mirror.page();
    let is_own = |line: &&str| !line.starts_with(OF_THE_MIRROR);
    let samples: Vec<_> =
        page.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).filter(is_own).collect();
    assert!(samples.len() > 100, "{page}");
    let faults: BTreeSet<_> = samples.iter().filter_map(|line| fault(line)).collect();
    assert!(faults.is_empty(), "{faults:#?}");

    for declared in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")).filter(is_own) {
        let (name, kind) = declared.split_once(' ').expect("a name and a type");
        assert_eq!(metric_of(name).map(|metric| metric.kind.as_str()), Some(kind), "{name}");
    }
}

#[test]
fn faults_are_seen() {
    for (line, told) in [
        ("nobody_total 1", "is not in the page"),
        ("process_threads{kind=\"main\"} 1", "does not know"),
        ("tachograph_log_records_total{log=\"mine\"} 1", "is no value of `log`"),
        ("tachograph_log_records_total 1", "lacks `log`"),
        ("process_threads_bucket 1", "is not in the page"),
    ] {
        assert!(fault(line).is_some_and(|fault| fault.contains(told)), "{line}: {:?}", fault(line));
    }
    let is_right = [
        "process_threads 1",
        "tachograph_log_records_total{log=\"main\"} 1",
        "function_calls_total{function=\"a\",module=\"b\",component=\"c\",outcome=\"ok\",kind=\"x\"} 1",
    ];
    assert!(is_right.into_iter().all(|line| fault(line).is_none()));
}

fn runtime() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("runtime").join("src")
}

/// All sources of a folder and those below, as one text each.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = std::fs::read_dir(folder).expect("a folder of sources");
    let paths = entries.map(|entry| entry.expect("it was listed").path());
    paths
        .flat_map(|path| match path.extension() {
            Some(extension) if extension == "rs" => {
                let text = std::fs::read_to_string(&path).expect("a source is a text");
                vec![(path, text)]
            }
            _ if path.is_dir() => sources(&path),
            _ => Vec::new(),
        })
        .collect()
}

#[test]
fn the_code_emits_every_name_and_no_other() {
    let (names, code): (Vec<_>, Vec<_>) =
        sources(&runtime()).into_iter().partition(|(path, _)| path.starts_with(runtime().join("names")));
    let declared = |line: &str| {
        let (constant, kind) = line.trim().strip_prefix("pub(crate) const ")?.split_once(": ")?;
        kind.starts_with("Metric").then(|| constant.to_owned())
    };
    let declared: Vec<_> = names.iter().flat_map(|(_, text)| text.lines().filter_map(declared)).collect();
    assert_eq!(declared.len(), all().count(), "each is in a part of the page");
    for constant in &declared {
        let is_used = code.iter().any(|(_, text)| {
            let tests = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
            text[..tests].contains(constant)
        });
        assert!(is_used, "nothing emits {constant}");
    }
    for (path, text) in &code {
        let emitted = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for call in ["counter!(", "gauge!(", "histogram!("] {
            let uses = emitted.lines().filter(|line| !line.trim_start().starts_with("//"));
            let by_hand = uses.filter(|line| line.contains(call)).count();
            assert_eq!(by_hand, 0, "{} names a metric itself with {call}…)", path.display());
        }
    }
}
