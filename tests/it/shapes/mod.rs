//! Every shape of function that there is, annotated and called on a plain thread, on tokio and on another executor.
//!
//! A shape is a function, and a line of the table: how it is called, what it must give, and what must have been
//! recorded. [`driver`] holds what all of them have in common.

/// A line of the table.
///
/// - `sync`, `send` or `local`: a function, a future that can move between threads, one that cannot;
/// - the function's name, and the label `function` where that is another one;
/// - the outcome, and how many calls ended so where it is not one; in brackets for several functions;
/// - the call, which asserts what the plain function would have given.
macro_rules! shape {
    ($mode:ident $name:ident => $outcome:ident, { $($call:tt)* }) => {
        shape!($mode $name => [$mode stringify!($name) => 1 x $outcome], { $($call)* });
    };
    ($mode:ident $name:ident => $calls:literal x $outcome:ident, { $($call:tt)* }) => {
        shape!($mode $name => [$mode stringify!($name) => $calls x $outcome], { $($call)* });
    };
    ($mode:ident $name:ident as $label:literal => $outcome:ident, { $($call:tt)* }) => {
        shape!($mode $name => [$mode $label => 1 x $outcome], { $($call)* });
    };
    ($mode:ident $name:ident as $label:literal => $calls:literal x $outcome:ident, { $($call:tt)* }) => {
        shape!($mode $name => [$mode $label => $calls x $outcome], { $($call)* });
    };
    (
        $mode:ident $name:ident => [$($kind:ident $label:expr => $calls:literal x $outcome:ident),+],
        { $($call:tt)* }
    ) => {
        mod $name {
            #[allow(unused_imports, reason = "not every shape names something around it")]
            use super::*;
            use $crate::it::shapes::driver;

            static SHAPE: driver::Shape = driver::Shape {
                functions: &[$(driver::Expected {
                    function: $label,
                    is_async: shape!(@is_async $kind),
                    calls: $calls,
                    outcome: ::tachograph::Outcome::$outcome,
                }),+],
                turn: ::std::sync::Mutex::new(()),
            };

            shape!(@call $mode { $($call)* });

            #[test]
            fn on_a_plain_thread() {
                SHAPE.check(|| shape!(@on_a_plain_thread $mode));
            }

            #[test]
            fn on_tokio() {
                SHAPE.check(|| shape!(@on_tokio $mode));
            }

            #[test]
            fn on_futures() {
                SHAPE.check(|| driver::on_futures(shape!(@future $mode)));
            }
        }
    };

    (@is_async sync) => { false };
    (@is_async $mode:ident) => { true };

    (@call sync { $($call:tt)* }) => {
        fn call() {
            $($call)*
        }
    };
    (@call send { $($call:tt)* }) => {
        async fn call() {
            $($call)*
        }
    };
    (@call local { $($call:tt)* }) => {
        async fn call() {
            $($call)*
        }
    };

    (@on_a_plain_thread sync) => { call() };
    (@on_a_plain_thread $mode:ident) => { driver::on_a_plain_thread(call()) };

    (@on_tokio local) => { driver::on_tokio_local(call()) };
    (@on_tokio $mode:ident) => { driver::on_tokio(shape!(@future $mode)) };

    (@future sync) => { async { call() } };
    (@future $mode:ident) => { call() };
}

mod driver;
mod signatures;
mod receivers;
mod outcomes;
mod control_flow;
mod ownership;
mod other_attributes;
mod hygiene;
mod generated;
mod constants;
mod methods_of_every_type;
mod tracked_returns;
mod async_functions;
mod async_traits;
mod given_futures;
mod future_aliases;
mod futures_out_of_reach;
mod given_closures;
mod streams;
mod endings;
mod containers;
mod requests;
mod editions;
mod arguments;

use std::collections::BTreeSet;
use std::path::Path;

/// The names in the table, each behind that of its file.
fn shapes() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/shapes");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| !path.ends_with("mod.rs")).flat_map(|path| shapes_of(&path)).collect()
}

fn shapes_of(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let entries = text.lines().filter_map(|line| line.trim_start().strip_prefix("shape!("));
    entries.map(|entry| format!("{} {}", file.display(), entry.split(' ').nth(1).unwrap())).collect()
}

#[test]
fn there_are_more_than_enough_shapes() {
    let shapes = shapes();
    let names: BTreeSet<_> = shapes.iter().collect();
    assert_eq!(names.len(), shapes.len(), "a shape stands twice");
    assert!(names.len() >= 120, "{} shapes", names.len());
}
