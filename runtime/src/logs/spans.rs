//! The spans that this thread is in, and the fields they give to its records.
//!
//! `tracing` has the same stack; to ask it takes two look-ups in a shared table and two locks. Here the fields of the
//! innermost span, those of the spans around it among them, are looked up with the first record inside, and kept until the
//! span is left or some span is told a field.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::span::Id;

use super::members::Members;
use crate::context::step;

/// How often a span was told a field after its beginning, in the whole process: what was looked up before is old then.
static TOLD: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static ENTERED: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

struct Entered {
    /// Whose stack it is: tests have several on one thread.
    owner: usize,
    span: Id,
    /// By the steps of this thread.
    step: u64,
    /// It was entered already: leaving it this time changes nothing.
    is_again: bool,
    fields: Option<Known>,
}

/// The fields of a span and those around it, as they were when `TOLD` said so.
#[derive(Clone, Debug)]
pub(super) struct Known {
    told: u64,
    /// None where no span has a field.
    members: Option<Arc<Members>>,
}

impl Known {
    /// Looks up, by something that reads the spans.
    pub(super) fn look_up(read: impl FnOnce() -> Option<Arc<Members>>) -> Self {
        // Read first: what is told meanwhile is looked up again.
        let told = TOLD.load(Ordering::Acquire);
        Self { told, members: read() }
    }

    pub(super) fn is_current(&self) -> bool {
        self.told == TOLD.load(Ordering::Acquire)
    }

    pub(super) fn members(&self) -> Option<&Arc<Members>> {
        self.members.as_ref()
    }
}

/// A span was told a field.
pub(super) fn told() {
    TOLD.fetch_add(1, Ordering::Release);
}

pub(super) fn enter(owner: usize, span: &Id) {
    let _ = ENTERED.try_with(|entered| {
        let mut entered = entered.borrow_mut();
        let is_again = entered.iter().any(|known| known.owner == owner && known.span == *span);
        entered.push(Entered { owner, span: span.clone(), step: step(), is_again, fields: None });
    });
}

pub(super) fn exit(owner: usize, span: &Id) {
    let _ = ENTERED.try_with(|entered| {
        let mut entered = entered.borrow_mut();
        if let Some(at) = entered.iter().rposition(|known| known.owner == owner && known.span == *span) {
            entered.remove(at);
        }
    });
}

/// When the innermost span of this thread was entered.
pub(super) fn innermost_step(owner: usize) -> u64 {
    let step = ENTERED.try_with(|entered| {
        let entered = entered.borrow();
        entered.iter().rev().find(|known| known.owner == owner && !known.is_again).map(|known| known.step)
    });
    step.ok().flatten().unwrap_or_default()
}

/// Runs `reader` on the fields of the innermost span of this thread, if there are any; `look_up` finds them.
pub(super) fn with_innermost(
    owner: usize,
    look_up: impl FnOnce(&Id) -> Known,
    reader: impl FnOnce(&Members),
) {
    let _ = ENTERED.try_with(|entered| {
        let mut entered = entered.borrow_mut();
        let innermost = entered.iter_mut().rev().find(|known| known.owner == owner && !known.is_again);
        let Some(Entered { span, fields, .. }) = innermost else { return };
        let known = match fields.take().filter(Known::is_current) {
            Some(known) => fields.insert(known),
            None => fields.insert(look_up(span)),
        };
        if let Some(members) = known.members() {
            reader(members);
        }
    });
}
