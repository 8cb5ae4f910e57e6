//! A call of a `#[track_caller]` function, whose body stays in its place.

use super::Call;
use crate::call_site::CallSite;
use crate::outcome::Outcome;

/// A call under way whose body may leave by a way that nobody sees, `return` or `?`: that counts as `early`.
#[derive(Debug)]
#[must_use = "a call that is dropped at once is over at once"]
pub struct Tracked {
    call: Option<Call>,
    early: Outcome,
}

impl CallSite {
    /// Starts a call whose guard stands beside the body.
    #[inline(always)]
    pub fn tracked(&'static self, early: Outcome) -> Tracked {
        Tracked { call: Some(self.start()), early }
    }
}

impl Tracked {
    /// Ends the call as its output says.
    #[inline(always)]
    pub fn finish<T>(mut self, output: &T, judge: impl FnOnce(&T) -> Outcome) {
        if let Some(call) = self.call.take() {
            call.finish(judge(output));
        }
    }
}

impl Drop for Tracked {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.call.take()
            && !std::thread::panicking()
        {
            call.finish(self.early);
        }
    }
}
