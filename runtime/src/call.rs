//! One call of an annotated function, from its start to its outcome: the place where both pipelines meet.

mod future;
#[cfg(feature = "on")]
mod stream;
mod guarded;
mod ended;
mod made;
mod boxed;
mod recording;
#[cfg(test)]
mod tests;

pub use self::boxed::Given;
pub use self::future::{timed, timed_recording};
#[allow(deprecated, reason = "for generated code, which is to be warned of")]
pub use self::made::{future_within_another_type, unpinned_future};
use self::recording::Collected;
pub use self::recording::record;
#[cfg(feature = "on")]
pub use self::stream::{timed_stream, timed_stream_recording};

use std::mem::ManuallyDrop;

use crate::call_site::CallSite;
use crate::clock;
use crate::failure::Description;
use crate::field::Fields;
use crate::measurement;
use crate::observer::{self, Failure, Level, Performance};
use crate::outcome::Outcome;
use crate::start::Begins;

/// The start of a call that is counted and not timed.
const UNTIMED: u64 = u64::MAX - 1;

/// A call under way. Dropped without [`Call::finish`] it counts as a panic when the thread is panicking, else as
/// cancelled: its end was never reached.
#[derive(Debug)]
#[must_use = "a call that is dropped at once is over at once"]
pub struct Call {
    site: &'static CallSite,
    /// Ticks, or [`UNTIMED`].
    started: u64,
}

impl CallSite {
    /// Starts a call that ends when the guard does.
    #[inline]
    pub fn start(&'static self) -> Call {
        Call { site: self, started: begin(self) }
    }

    /// Counts a call that took so many ticks: its end without the clock, to be measured alone.
    #[inline]
    pub fn record(&'static self, elapsed: u64, outcome: Outcome) {
        end_call(self, elapsed, outcome, NO_FIELDS);
    }

    /// Runs a body that records fields as one call; `judge` decides between `ok` and `error`.
    #[inline]
    pub fn call_recording<T>(
        &'static self,
        body: impl FnOnce() -> T,
        judge: impl FnOnce(&T) -> Outcome,
    ) -> T {
        let collected = Collected::default();
        let call = self.start();
        let is_timed = call.is_timed();
        let call = RecordingCall { call: Some(call), fields: &collected };
        let output = {
            let _lent = collected.lend(self, is_timed);
            body()
        };
        call.finish(|| judge(&output));
        output
    }

    /// Writes the log event of an `Err`.
    #[cold]
    pub fn failed(&'static self, level: Level, error: Description) {
        observer::tell(|observer| {
            observer.failure(&Failure {
                operation: &self.name(),
                module: &self.module(),
                line: self.line(),
                level,
                message: &error.message,
                causes: &error.causes,
            });
        });
    }
}

const NO_FIELDS: &Fields = &Fields::new();

impl Call {
    /// Ends the call.
    #[inline]
    pub fn finish(self, outcome: Outcome) {
        let Self { site, started } = *ManuallyDrop::new(self);
        finish(site, started, outcome);
    }

    /// Takes the call back: it was none. Gives its call site.
    fn forget(self) -> &'static CallSite {
        let Self { site, .. } = *ManuallyDrop::new(self);
        measurement::forget(site);
        site
    }

    #[inline]
    fn is_timed(&self) -> bool {
        self.started != UNTIMED
    }

    /// The present, read before the call is judged: to look at the output, or to log an error, is not the function's work.
    #[inline]
    fn now(&self) -> u64 {
        now(self.started)
    }

    #[inline]
    fn end(self, ended: u64, outcome: Outcome, fields: &Fields) {
        let Self { site, started } = *ManuallyDrop::new(self);
        if started == UNTIMED {
            measurement::record_untimed(site, outcome);
        } else {
            end_call(site, ended.saturating_sub(started), outcome, fields);
        }
    }
}

impl Drop for Call {
    #[cold]
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() { Outcome::Panic } else { Outcome::Cancelled };
        let call = Self { site: self.site, started: self.started };
        call.finish(outcome);
    }
}

/// The start of a call in ticks, or [`UNTIMED`]. One piece of code for all functions, which is in the processor's cache when
/// they are not; so are the ends of calls below.
#[inline(never)]
fn begin(site: &'static CallSite) -> u64 {
    match site.start_of_call().begins() {
        Begins::Timed => clock::ticks(),
        Begins::Untimed => UNTIMED,
        Begins::Asks => ask(site),
    }
}

#[inline(never)]
fn ask(site: &'static CallSite) -> u64 {
    measurement::begin(site);
    if site.one_timed_in() == 1 || site.start_of_call().take_turn() { clock::ticks() } else { UNTIMED }
}

/// The present, for a call that is timed; nobody reads a clock for another.
#[inline(never)]
fn now(started: u64) -> u64 {
    if started == UNTIMED { UNTIMED } else { clock::ticks() }
}

/// Ends a call now.
#[inline(never)]
fn finish(site: &'static CallSite, started: u64, outcome: Outcome) {
    if started == UNTIMED {
        return measurement::record_untimed(site, outcome);
    }
    let elapsed = clock::ticks().saturating_sub(started);
    let busy = if site.is_async() { elapsed } else { 0 };
    end_with(site, elapsed, busy, outcome, NO_FIELDS);
}

/// Counts a timed call of a function, once.
#[inline(never)]
fn end_call(site: &'static CallSite, elapsed: u64, outcome: Outcome, fields: &Fields) {
    // A future without a single wait is measured like a plain function, and is busy all the time.
    let busy = if site.is_async() { elapsed } else { 0 };
    end_with(site, elapsed, busy, outcome, fields);
}

/// Counts a call of a future, once.
#[inline(never)]
fn end_future(site: &'static CallSite, elapsed: u64, busy: u64, outcome: Outcome, fields: &Fields) {
    end_with(site, elapsed, busy, outcome, fields);
}

/// The usual call is over after a few instructions, none of which waits for another function.
#[inline(always)]
fn end_with(site: &'static CallSite, elapsed: u64, busy: u64, outcome: Outcome, fields: &Fields) {
    if site.may_be_slow(elapsed) || !measurement::record_usual(site, outcome, elapsed, busy) {
        end_unusual(site, elapsed, busy, outcome, fields);
    }
}

#[inline(never)]
fn end_unusual(site: &'static CallSite, elapsed: u64, busy: u64, outcome: Outcome, fields: &Fields) {
    measurement::record(site, outcome, elapsed, busy);
    if site.may_be_slow(elapsed) {
        tell(site, elapsed, busy, outcome, fields);
    }
}

#[cold]
fn tell(site: &'static CallSite, elapsed: u64, busy: u64, outcome: Outcome, fields: &Fields) {
    let duration = clock::duration(elapsed);
    if !site.is_slow(duration) {
        return;
    }
    #[cfg(feature = "telemetry")]
    measurement::exemplify(site, duration);
    observer::tell(|observer| {
        observer.performance(&Performance {
            operation: &site.name(),
            module: Some(&site.module()),
            line: site.line(),
            duration,
            busy: site.is_async().then(|| clock::duration(busy)),
            outcome,
            fields,
        });
    });
}

/// A call with fields of its own.
struct RecordingCall<'a> {
    call: Option<Call>,
    fields: &'a Collected,
}

impl RecordingCall<'_> {
    fn finish(mut self, judge: impl FnOnce() -> Outcome) {
        self.end(judge);
    }

    fn end(&mut self, judge: impl FnOnce() -> Outcome) {
        if let Some(call) = self.call.take() {
            let ended = call.now();
            let outcome = judge();
            call.end(ended, outcome, self.fields.get());
        }
    }
}

/// The body unwound: had it returned, the call would have been finished.
impl Drop for RecordingCall<'_> {
    fn drop(&mut self) {
        self.end(|| Outcome::Panic);
    }
}
