//! One call of an annotated function, from its start to its outcome: the place where both pipelines meet.

mod future;
#[cfg(feature = "on")]
mod stream;
mod guarded;
mod ended;
mod recording;

pub use self::future::{timed, timed_recording};
use self::recording::Collected;
pub use self::recording::record;
#[cfg(feature = "on")]
pub use self::stream::{timed_stream, timed_stream_recording};

use crate::call_site::CallSite;
use crate::clock;
use crate::failure::Description;
use crate::field::Fields;
use crate::measurement;
use crate::observer::{Failure, Level, Performance, observer};
use crate::outcome::Outcome;

/// A call under way. Dropped without [`Call::finish`] it counts as a panic when the thread is panicking, else as
/// cancelled: its end was never reached.
#[derive(Debug)]
#[must_use = "a call that is dropped at once is over at once"]
pub struct Call {
    site: &'static CallSite,
    started: u64,
}

impl CallSite {
    /// Starts a call that ends when the guard does.
    #[inline(always)]
    pub fn start(&'static self) -> Call {
        Call { site: self, started: clock::ticks() }
    }

    /// Runs a body that records fields as one call; `judge` decides between `ok` and `error`.
    #[inline]
    pub fn call_recording<T>(
        &'static self,
        body: impl FnOnce() -> T,
        judge: impl FnOnce(&T) -> Outcome,
    ) -> T {
        let collected = Collected::default();
        let call = RecordingCall { call: Some(self.start()), fields: &collected };
        let output = {
            let _lent = collected.lend(self);
            body()
        };
        call.finish(judge(&output));
        output
    }

    /// Writes the log event of an `Err`.
    #[cold]
    pub fn failed(&'static self, level: Level, error: Description) {
        if let Some(observer) = observer() {
            observer.failure(&Failure {
                operation: &self.name(),
                module: &self.module(),
                line: self.line(),
                level,
                message: &error.message,
                causes: &error.causes,
            });
        }
    }
}

impl Call {
    /// Ends the call.
    #[inline(always)]
    pub fn finish(self, outcome: Outcome) {
        self.finish_with(outcome, &Fields::new());
    }

    #[inline(always)]
    fn finish_with(self, outcome: Outcome, fields: &Fields) {
        let Self { site, started } = *std::mem::ManuallyDrop::new(self);
        end(site, started, outcome, fields);
    }
}

impl Drop for Call {
    #[cold]
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() { Outcome::Panic } else { Outcome::Cancelled };
        end(self.site, self.started, outcome, &Fields::new());
    }
}

#[inline(always)]
fn end(site: &'static CallSite, started: u64, outcome: Outcome, fields: &Fields) {
    let elapsed = clock::ticks().saturating_sub(started);
    // A future without a single wait is measured like a plain function, and is busy all the time.
    let busy = if site.is_async() { elapsed } else { 0 };
    count(site, elapsed, busy, outcome, fields);
}

#[inline(always)]
fn count(site: &'static CallSite, elapsed: u64, busy: u64, outcome: Outcome, fields: &Fields) {
    measurement::record(site, outcome, elapsed, busy);
    if site.is_slow(elapsed) {
        tell(site, elapsed, busy, outcome, fields);
    }
}

#[cold]
fn tell(site: &'static CallSite, elapsed: u64, busy: u64, outcome: Outcome, fields: &Fields) {
    if let Some(observer) = observer() {
        observer.performance(&Performance {
            operation: &site.name(),
            module: Some(&site.module()),
            line: site.line(),
            duration: clock::duration(elapsed),
            busy: site.is_async().then(|| clock::duration(busy)),
            outcome,
            fields,
        });
    }
}

/// A call with fields of its own.
struct RecordingCall<'a> {
    call: Option<Call>,
    fields: &'a Collected,
}

impl RecordingCall<'_> {
    fn finish(mut self, outcome: Outcome) {
        self.end(outcome);
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(call) = self.call.take() {
            call.finish_with(outcome, self.fields.get());
        }
    }
}

/// The body unwound: had it returned, the call would have been finished.
impl Drop for RecordingCall<'_> {
    fn drop(&mut self) {
        self.end(Outcome::Panic);
    }
}
