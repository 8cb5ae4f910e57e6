//! `logforth` behind the facade `log`: a rolling file, the request in its diagnostic context.

use std::num::NonZeroUsize;

use ::logforth::append::file::FileBuilder;
use ::logforth::diagnostic::ThreadLocalDiagnostic;
use ::logforth::layout::JsonLayout;

use super::{Contender, Running};
use crate::event::{Fields, MESSAGE, REQUEST_ID, ROUTE};

const FILE_BYTES: NonZeroUsize = NonZeroUsize::new(50 * 1024 * 1024).expect("it is not zero");

pub(crate) const ROLLING: Contender = Contender {
    name: "logforth",
    written: "`logforth`, JSON layout, a file that rolls at 50 MiB",
    packages: &["logforth", "log"],
    environment: &[],
    start: |directory| {
        let builder = FileBuilder::new(directory, "app").filename_suffix("log").layout(JsonLayout::default());
        let file = builder.rollover_size(FILE_BYTES).build()?;
        let dispatch = ::logforth::starter_log::builder();
        dispatch.dispatch(|it| it.diagnostic(ThreadLocalDiagnostic::default()).append(file)).apply();
        Ok(Running::that_flushes(|| log::logger().flush()))
    },
    request: |body| {
        ThreadLocalDiagnostic::insert("request_id", REQUEST_ID);
        ThreadLocalDiagnostic::insert("route", ROUTE);
        body();
    },
    event: |number| {
        let Fields { number, path, bytes, elapsed_ms, cached } = Fields::of(number);
        log::info!(number, path, bytes, elapsed_ms, cached; "{MESSAGE}");
    },
};
