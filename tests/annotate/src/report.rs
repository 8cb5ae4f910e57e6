//! The verdicts as a table, and what went wrong by name.

use std::fmt::Write;

use crate::insert::LeftOut;
use crate::verdict::{Comparison, Verdict};

const HEAD: &str = "| crate | functions | annotated | left out | compile | tests passed before / after |\n\
                    |---|---|---|---|---|---|\n";

/// The rows of all crates, their sum, and what went wrong with each.
pub(crate) fn table(verdicts: &[Verdict]) -> String {
    let (mut rows, mut notes) = (HEAD.to_owned(), String::new());
    let mut total = [0; 5];
    for verdict in verdicts {
        tell(&mut rows, &mut notes, verdict);
        let Ok(comparison) = &verdict.outcome else { continue };
        let counts = [
            comparison.functions(),
            comparison.annotated,
            comparison.broken.len(),
            comparison.passed_before,
            comparison.passed_after,
        ];
        total.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
    }
    let [functions, annotated, broken, before, after] = total;
    let compile = format!("{} of {annotated}", annotated - broken);
    line(&mut rows, format_args!("| all | {functions} | {annotated} | | {compile} | {before} / {after} |"));
    if notes.is_empty() { rows } else { format!("{rows}\n{notes}") }
}

/// One crate's row, and what went wrong with it.
pub(crate) fn of_one(verdict: &Verdict) -> String {
    let (mut row, mut notes) = (String::new(), String::new());
    tell(&mut row, &mut notes, verdict);
    row + &notes
}

fn tell(rows: &mut String, notes: &mut String, verdict: &Verdict) {
    let name = format!("{} {}", verdict.name, verdict.version);
    match &verdict.outcome {
        Ok(comparison) => {
            row(rows, &name, comparison);
            note(notes, &name, comparison);
        }
        Err(error) => {
            line(rows, format_args!("| {name} | | | | not tried | |"));
            line(notes, format_args!("{name}: not tried: {error}"));
        }
    }
}

fn row(rows: &mut String, name: &str, comparison: &Comparison) {
    let Comparison { annotated, left_out, broken, unexplained, passed_before, passed_after, .. } = comparison;
    let left_out: Vec<String> =
        left_out.iter().map(|(why, count)| format!("{count} {}", reason(*why))).collect();
    let compile = match (broken.len(), unexplained) {
        (0, false) => "all".to_owned(),
        (0, true) => "no".to_owned(),
        (count, _) => format!("all but {count}"),
    };
    line(
        rows,
        format_args!(
            "| {name} | {} | {annotated} | {} | {compile} | {passed_before} / {passed_after} |",
            comparison.functions(),
            left_out.join(", ")
        ),
    );
}

const fn reason(why: LeftOut) -> &'static str {
    match why {
        LeftOut::Const => "const",
        LeftOut::NoBody => "without body",
        LeftOut::InMacro => "in macros",
        LeftOut::Asked => "asked for",
    }
}

fn note(notes: &mut String, name: &str, comparison: &Comparison) {
    if comparison.unmeasured > 0 {
        line(notes, format_args!("{name}: warned of as not measured: {} functions", comparison.unmeasured));
    }
    let kinds = [
        ("built", &comparison.built),
        ("file left out", &comparison.files),
        ("does not compile", &comparison.broken),
        ("test no longer passes", &comparison.failed),
        ("test passed only alone", &comparison.repeated),
        ("new warning", &comparison.warnings_new),
        ("lost warning", &comparison.warnings_lost),
    ];
    for (kind, each) in kinds.iter().flat_map(|(kind, list)| list.iter().map(move |each| (kind, each))) {
        line(notes, format_args!("{name}: {kind}: {each}"));
    }
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    writeln!(text, "{what}").expect("a string takes every line");
}
