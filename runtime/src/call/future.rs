//! A call that is a future: the clock starts at the first poll, and the time within polls is its busy time.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::recording::{Collected, Lent};
use super::{UNTIMED, begin, end_future};
use crate::call_site::CallSite;
use crate::clock;
use crate::field::Fields;
use crate::measurement;
use crate::outcome::Outcome;

/// A measured future.
#[must_use = "futures do nothing unless polled"]
#[derive(Debug)]
pub struct Timed<S: Fn() -> &'static CallSite, F, J, C: Collects> {
    progress: Progress<S, C>,
    future: F,
    judge: J,
}

/// Measures a future; `site` is a closure without captures, so that it takes no room in the future.
#[inline]
pub fn timed<S, F, J>(site: S, future: F, judge: J) -> Timed<S, F, J, ()>
where
    S: Fn() -> &'static CallSite,
    F: Future,
    J: Fn(&F::Output) -> Outcome,
{
    Timed { progress: Progress::new(site, ()), future, judge }
}

/// The same for a future that records fields.
#[inline]
pub fn timed_recording<S, F, J>(site: S, future: F, judge: J) -> Timed<S, F, J, Collected>
where
    S: Fn() -> &'static CallSite,
    F: Future,
    J: Fn(&F::Output) -> Outcome,
{
    Timed { progress: Progress::new(site, Collected::default()), future, judge }
}

impl<S, F, J, C> Future for Timed<S, F, J, C>
where
    S: Fn() -> &'static CallSite,
    F: Future,
    J: Fn(&F::Output) -> Outcome,
    C: Collects,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: of the fields only `future` is pinned; it is never moved out.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let future = unsafe { Pin::new_unchecked(&mut this.future) };
        let judge = &this.judge;
        this.progress.poll(
            || future.poll(context),
            |polled| match polled {
                Poll::Ready(output) => Some(judge(output)),
                Poll::Pending => None,
            },
        )
    }
}

const NOT_STARTED: u64 = 0;
const ENDED: u64 = u64::MAX;

/// How far a call has come. Its drop counts a call that was left under way as cancelled; one that was never polled
/// never began.
#[derive(Debug)]
pub(super) struct Progress<S: Fn() -> &'static CallSite, C: Collects> {
    site: S,
    /// Ticks at the first poll, [`UNTIMED`], or one of the two states above.
    started: u64,
    /// Ticks within polls.
    busy: u64,
    collected: C,
}

impl<S: Fn() -> &'static CallSite, C: Collects> Progress<S, C> {
    #[inline]
    pub(super) fn new(site: S, collected: C) -> Self {
        Self { site, started: NOT_STARTED, busy: 0, collected }
    }

    /// Polls, and counts the call where `ended` says how it ended. The one reading of the clock after the poll is the
    /// end of both, so that no call was busy for longer than it took.
    #[inline]
    pub(super) fn poll<T>(
        &mut self,
        poll: impl FnOnce() -> T,
        ended: impl FnOnce(&T) -> Option<Outcome>,
    ) -> T {
        let entered = self.enter();
        let mut unwinding = OnUnwind { progress: self, entered };
        let progress = &mut *unwinding.progress;
        let polled = {
            let _lent = progress.collected.lend((progress.site)(), is_timed(progress.started));
            poll()
        };
        let left = progress.leave(entered);
        unwinding.entered = left;
        let outcome = ended(&polled);
        if let Some(outcome) = outcome {
            unwinding.progress.end(outcome, left);
        }
        mem::forget(unwinding);
        polled
    }

    /// The start of a poll.
    #[inline]
    fn enter(&mut self) -> u64 {
        if self.started == NOT_STARTED {
            self.started = begin((self.site)()).max(NOT_STARTED + 1);
            self.started
        } else {
            self.now()
        }
    }

    /// The end of a poll.
    #[inline]
    fn leave(&mut self, entered: u64) -> u64 {
        let left = self.now();
        self.busy += left.saturating_sub(entered);
        left
    }

    /// The present, for a call that is timed and under way.
    #[inline]
    fn now(&self) -> u64 {
        if is_timed(self.started) { clock::ticks() } else { UNTIMED }
    }

    /// Counts the call, once.
    #[inline]
    fn end(&mut self, outcome: Outcome, ended: u64) {
        let started = mem::replace(&mut self.started, ENDED);
        let site = (self.site)();
        match started {
            NOT_STARTED | ENDED => {}
            UNTIMED => measurement::record_untimed(site, outcome),
            _ => end_future(site, ended.saturating_sub(started), self.busy, outcome, self.collected.fields()),
        }
    }
}

#[inline]
fn is_timed(started: u64) -> bool {
    !matches!(started, NOT_STARTED | UNTIMED | ENDED)
}

impl<S: Fn() -> &'static CallSite, C: Collects> Drop for Progress<S, C> {
    #[inline]
    fn drop(&mut self) {
        self.end(Outcome::Cancelled, self.now());
    }
}

/// A poll that unwinds is the end of the call, whoever catches it; so is a judge that does.
struct OnUnwind<'a, S: Fn() -> &'static CallSite, C: Collects> {
    progress: &'a mut Progress<S, C>,
    entered: u64,
}

impl<S: Fn() -> &'static CallSite, C: Collects> Drop for OnUnwind<'_, S, C> {
    #[cold]
    fn drop(&mut self) {
        let left = self.progress.leave(self.entered);
        self.progress.end(Outcome::Panic, left);
    }
}

/// A place for a call's fields, or none.
pub trait Collects {
    #[doc(hidden)]
    fn fields(&self) -> &Fields;
    #[doc(hidden)]
    fn lend(&self, site: &CallSite, is_timed: bool) -> Option<Lent<'_>>;
}

impl Collects for () {
    #[inline]
    fn fields(&self) -> &Fields {
        const { &Fields::new() }
    }

    #[inline]
    fn lend(&self, _site: &CallSite, _is_timed: bool) -> Option<Lent<'_>> {
        None
    }
}

impl Collects for Collected {
    fn fields(&self) -> &Fields {
        self.get()
    }

    fn lend(&self, site: &CallSite, is_timed: bool) -> Option<Lent<'_>> {
        Some(Collected::lend(self, site, is_timed))
    }
}
