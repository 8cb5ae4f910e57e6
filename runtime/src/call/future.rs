//! A call that is a future: the clock starts at the first poll, and the time within polls is its busy time.

use std::marker::PhantomData;
use std::mem;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use super::recording::Collected;
use super::{NO_FIELDS, UNTIMED, begin, end_future};
use crate::call_site::CallSite;
use crate::clock;
use crate::field::Fields;
use crate::measurement;
use crate::outcome::Outcome;

/// A measured future.
///
/// Each annotated function has a type of its own here, and so its own copy of whatever is generic in that type. What such a copy
/// does is kept to what only it can do: to poll, to judge, and to say whose call it is.
#[must_use = "futures do nothing unless polled"]
#[derive(Debug)]
pub struct Timed<F: Future, J: Judges<F::Output>, C: Collects> {
    progress: Progress<C>,
    future: F,
    judge: J,
}

/// Says whose call it is and, where there is an output, how it ended. As a closure without captures it takes no room in the future.
pub trait Judges<T>: Fn(Option<&T>) -> (&'static CallSite, Outcome) {}

impl<T, J: Fn(Option<&T>) -> (&'static CallSite, Outcome)> Judges<T> for J {}

/// Measures a future.
#[inline]
pub fn timed<F, J>(future: F, judge: J) -> Timed<F, J, ()>
where
    F: Future,
    J: Fn(Option<&F::Output>) -> (&'static CallSite, Outcome),
{
    Timed { progress: Progress::NEW, future, judge }
}

/// The same for a future that records fields.
#[inline]
pub fn timed_recording<F, J>(future: F, judge: J) -> Timed<F, J, Collected>
where
    F: Future,
    J: Fn(Option<&F::Output>) -> (&'static CallSite, Outcome),
{
    Timed { progress: Progress::new(Collected::default()), future, judge }
}

impl<F: Future, J: Judges<F::Output>, C: Collects> Future for Timed<F, J, C> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: of the fields only `future` is pinned; it is never moved out. A `Pin` is laid out as what it pins with.
        let this = unsafe { mem::transmute::<Pin<&mut Self>, &mut Self>(self) };
        // SAFETY: as above.
        let future = unsafe { mem::transmute::<&mut F, Pin<&mut F>>(&mut this.future) };
        let mut polling = this.progress.enter((this.judge)(None).0);
        let polled = future.poll(context);
        polling.leave();
        polling.end(match &polled {
            Poll::Ready(output) => Some((this.judge)(Some(output)).1),
            Poll::Pending => None,
        });
        polled
    }
}

/// A call that was left under way is cancelled; one that was never polled never began.
impl<F: Future, J: Judges<F::Output>, C: Collects> Drop for Timed<F, J, C> {
    #[inline]
    fn drop(&mut self) {
        self.progress.cancel((self.judge)(None).0);
    }
}

const NOT_STARTED: u64 = 0;
const ENDED: u64 = u64::MAX;

/// How far a call has come.
#[derive(Debug)]
pub(super) struct Progress<C: Collects> {
    /// Ticks at the first poll, [`UNTIMED`], or one of the two states above.
    started: u64,
    /// Ticks within polls.
    busy: u64,
    collected: C,
}

impl Progress<()> {
    pub(super) const NEW: Self = Self::new(());
}

impl<C: Collects> Progress<C> {
    pub(super) const fn new(collected: C) -> Self {
        Self { started: NOT_STARTED, busy: 0, collected }
    }

    /// The start of a poll.
    #[inline]
    pub(super) fn enter(&mut self, site: &'static CallSite) -> Polling<'_, C> {
        let entered = if self.started == NOT_STARTED {
            self.started = begin(site).max(NOT_STARTED + 1);
            self.started
        } else {
            self.now()
        };
        let is_timed = is_timed(self.started);
        let progress = NonNull::from(self);
        // SAFETY: it was a reference just now.
        let outer = unsafe { progress.as_ref() }.collected.lend(site, is_timed);
        Polling { progress, site, now: entered, outer, has_ended: false, borrowed: PhantomData }
    }

    /// The present, for a call that is timed and under way.
    #[inline]
    fn now(&self) -> u64 {
        if is_timed(self.started) { clock::ticks() } else { UNTIMED }
    }

    /// Counts a call that is under way as cancelled.
    #[inline]
    pub(super) fn cancel(&mut self, site: &'static CallSite) {
        if !matches!(self.started, NOT_STARTED | ENDED) {
            self.end(site, Outcome::Cancelled, self.now());
        }
    }

    /// Counts the call, once.
    #[inline]
    fn end(&mut self, site: &'static CallSite, outcome: Outcome, ended: u64) {
        match mem::replace(&mut self.started, ENDED) {
            NOT_STARTED | ENDED => {}
            UNTIMED => measurement::record_untimed(site, outcome),
            started => {
                end_future(site, ended.saturating_sub(started), self.busy, outcome, self.collected.fields());
            }
        }
    }
}

#[inline]
fn is_timed(started: u64) -> bool {
    !matches!(started, NOT_STARTED | UNTIMED | ENDED)
}

/// A poll. One that unwinds is the end of the call, whoever catches it; so is a judge that does.
///
/// Its methods take references, and it drops however the poll ends: to know who has it would be code in each function.
pub(super) struct Polling<'a, C: Collects> {
    /// Not a reference, which would claim that nobody adds fields to what is lent.
    progress: NonNull<Progress<C>>,
    site: &'static CallSite,
    /// When the poll began; once it is over, when that was. The one reading of the clock after the poll is the end of both it and
    /// the call, so that no call was busy for longer than it took.
    now: u64,
    outer: C::Outer,
    has_ended: bool,
    borrowed: PhantomData<&'a mut Progress<C>>,
}

impl<C: Collects> Polling<'_, C> {
    /// The poll is over, and it is still to be told whether it was the last.
    #[inline]
    pub(super) fn leave(&mut self) {
        // SAFETY: it is borrowed mutably, and the code that might add fields has come back.
        let progress = unsafe { self.progress.as_mut() };
        progress.collected.take_back(self.outer);
        let left = progress.now();
        progress.busy += left.saturating_sub(self.now);
        self.now = left;
    }

    /// Without an outcome there will be another poll.
    #[inline]
    pub(super) fn end(&mut self, outcome: Option<Outcome>) {
        self.has_ended = true;
        if let Some(outcome) = outcome {
            self.count(outcome);
        }
    }

    #[inline]
    fn count(&mut self, outcome: Outcome) {
        // SAFETY: as in `leave`, which came before.
        unsafe { self.progress.as_mut() }.end(self.site, outcome, self.now);
    }

    #[cold]
    fn unwind(&mut self) {
        self.leave();
        self.count(Outcome::Panic);
    }
}

impl<C: Collects> Drop for Polling<'_, C> {
    #[inline]
    fn drop(&mut self) {
        if !self.has_ended {
            self.unwind();
        }
    }
}

/// A place for a call's fields, or none.
pub trait Collects {
    /// What the place stands in for while it is lent.
    #[doc(hidden)]
    type Outer: Copy;
    #[doc(hidden)]
    fn fields(&self) -> &Fields;
    #[doc(hidden)]
    fn lend(&self, site: &CallSite, is_timed: bool) -> Self::Outer;
    /// Where it is lent no longer, this changes nothing.
    #[doc(hidden)]
    fn take_back(&self, outer: Self::Outer);
}

impl Collects for () {
    type Outer = ();

    #[inline]
    fn fields(&self) -> &Fields {
        NO_FIELDS
    }

    #[inline]
    fn lend(&self, _site: &CallSite, _is_timed: bool) {}

    #[inline]
    fn take_back(&self, (): ()) {}
}

impl Collects for Collected {
    type Outer = *const Self;

    fn fields(&self) -> &Fields {
        self.get()
    }

    fn lend(&self, site: &CallSite, is_timed: bool) -> *const Self {
        self.replace_current(site, is_timed)
    }

    fn take_back(&self, outer: *const Self) {
        Self::restore_current(outer);
    }
}
