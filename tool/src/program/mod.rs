//! A program's own functions, from its file or from its page of metrics.

mod labels;
mod binary;
mod page;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::fault::Fault;

/// Which program.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct Program {
    /// The file of a program, which is read and not run.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// The page of metrics of a running program, such as http://127.0.0.1:9464/metrics.
    #[arg(long)]
    url: Option<String>,
}

/// An annotated function.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Function {
    pub(crate) component: String,
    pub(crate) module: String,
    pub(crate) name: String,
    /// What `slow` says, which only the file tells.
    pub(crate) slow: Option<Duration>,
    /// The largest of its own bounds in nanoseconds.
    pub(crate) largest_bound: Option<u64>,
}

impl Program {
    /// Its functions by component, or none where no program is named.
    pub(crate) fn functions(&self) -> Result<Option<Vec<Function>>, Fault> {
        let mut functions = match (&self.binary, &self.url) {
            (Some(path), _) => binary::functions(path)?,
            (None, Some(url)) => page::functions(url)?,
            (None, None) => return Ok(None),
        };
        functions.sort();
        functions.dedup_by(|a, b| (&a.component, &a.module, &a.name) == (&b.component, &b.module, &b.name));
        Ok(Some(functions))
    }
}
