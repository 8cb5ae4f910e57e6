//! The locks of the log; the models of its queue have others, whose every order is tried.
//!
//! They are those of the standard library, which are no more than a number in memory: a process that begins as a copy of
//! this one, in the midst of anything, finds them whole. Those of `parking_lot` keep who waits in a table beside them.

pub(super) use std::sync::{Condvar, Mutex, MutexGuard};
