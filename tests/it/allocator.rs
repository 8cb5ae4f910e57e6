//! An annotated function that recording itself calls: a global allocator.

use crate::it::program::run_program;

#[test]
fn a_measured_allocator_neither_recurses_nor_waits_for_itself() {
    let run = run_program("allocator", &[]).succeeds();
    let page = run.stdout();
    let value = |series: &str| {
        let line = page.lines().find(|line| line.starts_with(series));
        line.and_then(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
            .unwrap_or_else(|| panic!("{series}: {page}"))
    };
    let alloc = r#"function="alloc",module="allocator",component="memory""#;
    let counted = value("counted");
    assert!(counted > 1_000.0, "{counted}");
    assert!(value(&format!("function_calls_total{{{alloc},outcome=\"ok\"}}")) >= counted);
    // Under way at that moment: one for each thread at most, this one, the writer and the exporter.
    assert!(value(&format!("function_in_flight{{{alloc}}}")) <= 3.0, "{page}");
    let dealloc = r#"function="dealloc",module="allocator",component="memory""#;
    let (calls, timed) = (
        value(&format!("function_calls_total{{{dealloc},outcome=\"ok\"}}")),
        value(&format!("function_duration_seconds_count{{{dealloc}}}")),
    );
    assert!(timed > 0.0 && timed < calls / 4.0, "{timed} of {calls}");
    assert_eq!(
        value(
            r#"function_calls_total{function="work",module="allocator",component="application",outcome="ok"}"#
        ),
        408.0
    );
    assert!(
        value(r#"function_calls_total{function="realloc",module="allocator",component="memory",size="32""#)
            > 0.0
    );
}
