//! Which changes no test noticed, and how many that is.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use crate::fault::Fault;

/// A change that was tried.
#[derive(Debug)]
pub(crate) struct Tried<'a> {
    pub(crate) path: &'a Path,
    pub(crate) file: String,
    pub(crate) rule: &'a str,
    pub(crate) line: usize,
    pub(crate) change: &'a str,
    pub(crate) is_killed: bool,
    pub(crate) is_accepted: bool,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    tried: Vec<Tried<'a>>,
}

/// How many of a file's changes were noticed, of those that can be.
#[derive(Debug, Default, Clone, Copy)]
struct Score {
    killed: usize,
    of: usize,
    accepted: usize,
}

impl Score {
    /// In whole percent, downwards: nearly all is not all.
    fn percent(self) -> usize {
        (self.killed * 100).checked_div(self.of).unwrap_or(100)
    }
}

impl<'a> Report<'a> {
    pub(crate) fn new(tried: Vec<Tried<'a>>) -> Self {
        Self { tried }
    }

    /// The files of which too few changes were noticed.
    pub(crate) fn below(&self, minimum: usize) -> Vec<Fault> {
        let too_few = |(file, score): (&Path, Score)| {
            let Score { killed, of, .. } = score;
            let message = format!(
                "the tests notice {killed} of {of} changes ({} %), fewer than {minimum} %: test what survived, or say in tests/survivors.txt why no test can tell",
                score.percent(),
            );
            (score.percent() < minimum).then(|| Fault::of(file, message))
        };
        self.scores().into_iter().filter_map(too_few).collect()
    }

    /// Whether a change survived; none where it was not tried.
    pub(crate) fn lives(&self, file: &str, rule: &str, change: &str) -> Option<bool> {
        let tried = self.tried.iter().find(|it| it.file == file && it.rule == rule && it.change == change)?;
        Some(!tried.is_killed)
    }

    fn scores(&self) -> BTreeMap<&'a Path, Score> {
        let mut scores = BTreeMap::<_, Score>::new();
        for tried in &self.tried {
            let score = scores.entry(tried.path).or_default();
            score.killed += usize::from(tried.is_killed);
            score.accepted += usize::from(!tried.is_killed && tried.is_accepted);
            score.of += usize::from(tried.is_killed || !tried.is_accepted);
        }
        scores
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for tried in self.tried.iter().filter(|tried| !tried.is_killed && !tried.is_accepted) {
            let Tried { path, file, rule, line, change, .. } = tried;
            writeln!(f, "{}:{line}: survives: {file} | {rule} | {change}", path.display())?;
        }
        for (path, score) in self.scores() {
            let Score { killed, of, accepted } = score;
            writeln!(
                f,
                "{}: {killed} of {of} noticed ({} %), {accepted} accepted",
                path.display(),
                score.percent()
            )?;
        }
        Ok(())
    }
}
