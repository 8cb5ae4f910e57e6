//! Annotated code compiles and counts wherever it stands: where the prelude, the crates, the macros and the primitive
//! types mean something else, without a prelude, under strict lints, in every edition.

use std::collections::BTreeSet;

use crate::generated::{Crate, tachograph};

/// Every annotated function, with its calls that were ok, error, panic and cancelled.
const COUNTED: [&str; 15] = [
    "hostile::bare bare_parse [1, 0, 0, 0]",
    "hostile::bare bare_parse_later [1, 0, 0, 0]",
    "hostile::shadows Store::one [1, 0, 0, 0]",
    "hostile::shadows Store::two [1, 0, 0, 0]",
    "hostile::shadows block [1, 0, 0, 0]",
    "hostile::shadows borrowed [1, 0, 0, 0]",
    "hostile::shadows boxed [1, 0, 0, 0]",
    "hostile::shadows made [1, 0, 0, 0]",
    "hostile::shadows number [1, 0, 0, 0]",
    "hostile::parameters parameters [1, 0, 0, 0]",
    "hostile::shadows parse [1, 2, 0, 0]",
    "hostile::shadows parse_later [1, 1, 0, 0]",
    "hostile::shadows records [1, 0, 0, 0]",
    "hostile::shadows scoped_later [1, 0, 0, 0]",
    "hostile::shadows unit [1, 0, 0, 0]",
];

#[test]
fn names_of_the_user_and_of_generated_code_do_not_meet_in_edition_2018() {
    check("2018");
}

#[test]
fn names_of_the_user_and_of_generated_code_do_not_meet_in_edition_2021() {
    check("2021");
}

#[test]
fn names_of_the_user_and_of_generated_code_do_not_meet_in_edition_2024() {
    check("2024");
}

fn check(edition: &str) {
    let manifest = format!("[lib]\nname = \"hostile\"\n\n[dependencies]\n{}", tachograph(&["on"]));
    let created = Crate::library(&format!("hostile-{edition}"), edition, &manifest);
    created.file("src/lib.rs", include_str!("hostile.rs"));
    created.file("src/main.rs", include_str!("main.rs"));
    let printed = created.cargo_succeeds(&["run", "--quiet"], &[]);
    let expected: BTreeSet<_> = COUNTED.into_iter().collect();
    assert_eq!(printed.lines().collect::<BTreeSet<_>>(), expected);
}
