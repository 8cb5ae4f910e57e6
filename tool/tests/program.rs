//! A program that is none, or that does not answer, is refused with what to do.

mod command;

use std::path::Path;

use command::tachograph;

#[track_caller]
fn refused(arguments: &[&str], expected: &str) {
    let said = tachograph(Path::new(env!("CARGO_MANIFEST_DIR")), arguments);
    assert_eq!((said.code, said.output.as_str()), (Some(1), ""));
    assert!(said.errors.contains(expected), "{}", said.errors);
}

#[test]
fn a_file_that_is_no_program() {
    refused(
        &["rules", "--job", "a", "--binary", "Cargo.toml"],
        "error: Cargo.toml: is no program of a 64-bit Linux",
    );
    refused(&["dashboards", "--binary", "nowhere"], "error: nowhere: cannot be read");
}

#[test]
fn a_program_without_call_sites() {
    let itself = env!("CARGO_BIN_EXE_tachograph");
    refused(&["rules", "--job", "a", "--binary", itself], "has no call sites");
}

#[test]
fn an_address_that_is_none_or_does_not_answer() {
    refused(
        &["rules", "--job", "a", "--url", "localhost:9464"],
        "is no address such as http://127.0.0.1:9464/metrics",
    );
    refused(&["rules", "--job", "a", "--url", "http://127.0.0.1:1/metrics"], "does not answer");
}

#[test]
fn no_program_at_all() {
    refused(&["rules", "--job", "a"], "of which program?");
}
