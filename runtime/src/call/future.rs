//! A call that is a future: the clock starts at the first poll, and the time within polls is its busy time.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::count;
use super::recording::{Collected, Lent};
use crate::call_site::CallSite;
use crate::clock;
use crate::field::Fields;
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
        let polled = this.progress.poll(|| future.poll(context));
        if let Poll::Ready(output) = &polled {
            this.progress.end((this.judge)(output));
        }
        polled
    }
}

const NOT_STARTED: u64 = 0;
const ENDED: u64 = u64::MAX;

/// How far a call has come. Its drop counts a call that was left under way as cancelled; one that was never polled
/// never began.
#[derive(Debug)]
pub(super) struct Progress<S: Fn() -> &'static CallSite, C: Collects> {
    site: S,
    /// Ticks at the first poll, or one of the two states above.
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

    #[inline]
    pub(super) fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        let entered = clock::ticks();
        if self.started == NOT_STARTED {
            self.started = entered.max(NOT_STARTED + 1);
        }
        let unwinding = OnUnwind(self);
        let polled = {
            let _lent = unwinding.0.collected.lend((unwinding.0.site)());
            poll()
        };
        mem::forget(unwinding);
        self.busy += clock::ticks().saturating_sub(entered);
        polled
    }

    /// Counts the call, once.
    #[inline]
    pub(super) fn end(&mut self, outcome: Outcome) {
        let started = mem::replace(&mut self.started, ENDED);
        if started != NOT_STARTED && started != ENDED {
            let elapsed = clock::ticks().saturating_sub(started);
            count((self.site)(), elapsed, self.busy, outcome, self.collected.fields());
        }
    }
}

impl<S: Fn() -> &'static CallSite, C: Collects> Drop for Progress<S, C> {
    #[inline]
    fn drop(&mut self) {
        self.end(Outcome::Cancelled);
    }
}

/// A poll that unwinds is the end of the call, whoever catches it.
struct OnUnwind<'a, S: Fn() -> &'static CallSite, C: Collects>(&'a mut Progress<S, C>);

impl<S: Fn() -> &'static CallSite, C: Collects> Drop for OnUnwind<'_, S, C> {
    #[cold]
    fn drop(&mut self) {
        self.0.end(Outcome::Panic);
    }
}

/// A place for a call's fields, or none.
pub trait Collects {
    #[doc(hidden)]
    fn fields(&self) -> &Fields;
    #[doc(hidden)]
    fn lend(&self, site: &CallSite) -> Option<Lent<'_>>;
}

impl Collects for () {
    #[inline(always)]
    fn fields(&self) -> &Fields {
        const { &Fields::new() }
    }

    #[inline(always)]
    fn lend(&self, _site: &CallSite) -> Option<Lent<'_>> {
        None
    }
}

impl Collects for Collected {
    fn fields(&self) -> &Fields {
        self.get()
    }

    fn lend(&self, site: &CallSite) -> Option<Lent<'_>> {
        Some(Collected::lend(self, site))
    }
}
