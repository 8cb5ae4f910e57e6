//! What a mistake says: one mistake a file, beside it what the compiler prints.
//!
//! `TRYBUILD=overwrite cargo test ui` writes the answers anew, to be read before they are kept.

#[test]
fn each_mistake_is_told_on_its_token_with_its_remedy() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/timed/*.rs");
    cases.compile_fail("ui/request_scoped/*.rs");
    cases.compile_fail("ui/timed_block/*.rs");
    cases.compile_fail("ui/record/*.rs");
}
