//! A call whose body stays where it was, under a guard.

use super::Call;
use super::recording::LentBox;
use crate::call_site::CallSite;
use crate::field::Fields;
use crate::outcome::Outcome;

/// A call under way. It ends with the guard: by a panic where one has begun meanwhile, else as `ending` says.
#[derive(Debug)]
#[must_use = "a call that is dropped at once is over at once"]
pub struct Guarded<C: Lends = ()> {
    call: Option<Call>,
    ending: Outcome,
    /// A body may be called by a destructor while its thread panics, and end well.
    panicking: bool,
    collected: C,
}

impl CallSite {
    /// Starts a call that ends as `ending` says, however its body is left.
    #[inline]
    pub fn guarded(&'static self, ending: Outcome) -> Guarded {
        self.guard(ending, |_| ())
    }

    /// The same for a body that records fields.
    pub fn guarded_recording(&'static self, ending: Outcome) -> Guarded<LentBox> {
        self.guard(ending, |call| LentBox::new(self, call.is_timed()))
    }

    #[inline]
    fn guard<C: Lends>(&'static self, ending: Outcome, collected: impl FnOnce(&Call) -> C) -> Guarded<C> {
        let call = self.start();
        let (collected, panicking) = (collected(&call), std::thread::panicking());
        Guarded { call: Some(call), ending, panicking, collected }
    }
}

impl<C: Lends> Guarded<C> {
    /// Ends the call as its output says.
    #[inline]
    pub fn finish<T>(mut self, output: T, judge: impl FnOnce(&T) -> Outcome) -> T {
        self.end(|| judge(&output));
        output
    }

    #[inline]
    fn end(&mut self, judge: impl FnOnce() -> Outcome) {
        if let Some(call) = self.call.take() {
            let ended = call.now();
            let outcome = judge();
            call.end(ended, outcome, self.collected.fields());
        }
    }
}

impl<C: Lends> Drop for Guarded<C> {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            leave(call, self.panicking, self.ending, self.collected.fields());
        }
    }
}

/// Ends a call whose guard drops.
#[inline(never)]
fn leave(call: Call, was_panicking: bool, ending: Outcome, fields: &Fields) {
    let ended = call.now();
    let panicked = std::thread::panicking() && !was_panicking;
    call.end(ended, if panicked { Outcome::Panic } else { ending }, fields);
}

/// A place for fields, lent to the body, or none.
pub trait Lends {
    /// What was collected; lends it no longer.
    #[doc(hidden)]
    fn fields(&mut self) -> &Fields;
}

impl Lends for () {
    #[inline]
    fn fields(&mut self) -> &Fields {
        const { &Fields::new() }
    }
}

impl Lends for LentBox {
    fn fields(&mut self) -> &Fields {
        self.take_back()
    }
}
