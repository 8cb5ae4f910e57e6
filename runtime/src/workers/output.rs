//! What a job gives back.

use crate::outcome::Outcome;

/// What says how a job ended: a `Result`, nothing at all, or the outcome itself.
///
/// ```
/// use tachograph::Outcome;
/// use tachograph::workers::ToOutcome;
/// assert_eq!(Err::<(), _>("no such file").to_outcome(), Outcome::Error);
/// assert_eq!(().to_outcome(), Outcome::Ok);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how a job ended",
    note = "a job gives back a `Result`, `()` or an `Outcome`: wrap what it gives in `Ok`"
)]
pub trait ToOutcome {
    /// How the job ended.
    fn to_outcome(&self) -> Outcome;
}

impl<T, E> ToOutcome for Result<T, E> {
    fn to_outcome(&self) -> Outcome {
        if self.is_ok() { Outcome::Ok } else { Outcome::Error }
    }
}

impl ToOutcome for () {
    fn to_outcome(&self) -> Outcome {
        Outcome::Ok
    }
}

impl ToOutcome for Outcome {
    fn to_outcome(&self) -> Outcome {
        *self
    }
}
