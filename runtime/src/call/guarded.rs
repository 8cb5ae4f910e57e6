//! A call whose body stays where it was, under a guard.

use super::Call;
use crate::call_site::CallSite;
use crate::outcome::Outcome;

/// A call under way. It ends with the guard: by a panic where one has begun meanwhile, else as `ending` says.
#[derive(Debug)]
#[must_use = "a call that is dropped at once is over at once"]
pub struct Guarded {
    call: Option<Call>,
    ending: Outcome,
    /// A body may be called by a destructor while its thread panics, and end well.
    panicking: bool,
}

impl CallSite {
    /// Starts a call that ends as `ending` says, however its body is left.
    #[inline(always)]
    pub fn guarded(&'static self, ending: Outcome) -> Guarded {
        Guarded { call: Some(self.start()), ending, panicking: std::thread::panicking() }
    }
}

impl Guarded {
    /// Ends the call as its output says.
    #[inline(always)]
    pub fn finish<T>(mut self, output: T, judge: impl FnOnce(&T) -> Outcome) -> T {
        if let Some(call) = self.call.take() {
            call.finish(judge(&output));
        }
        output
    }
}

impl Drop for Guarded {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            let panicked = std::thread::panicking() && !self.panicking;
            call.finish(if panicked { Outcome::Panic } else { self.ending });
        }
    }
}
