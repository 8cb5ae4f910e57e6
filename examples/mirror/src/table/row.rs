//! One function in the table, and the table as text.

use std::fmt::Write as _;
use std::time::Duration;

use tachograph::{FunctionStats, Outcome};

pub(super) struct Row {
    pub(super) component: String,
    pub(super) function: String,
    /// Since the program started.
    calls: u64,
    /// What follows is of the time that the table looks back.
    per_second: f64,
    /// Calls that failed or panicked, of a hundred; none where there was no call. A cancelled call did not fail.
    errors: Option<f64>,
    p50: Option<Duration>,
    p95: Option<Duration>,
    p99: Option<Duration>,
}

impl Row {
    pub(super) fn new(ever: &FunctionStats, recent: &FunctionStats, time: Duration) -> Self {
        let (calls, failed) = (calls(recent), recent.calls(Outcome::Error) + recent.calls(Outcome::Panic));
        Self {
            component: ever.component().to_owned(),
            function: ever.function().to_owned(),
            calls: self::calls(ever),
            per_second: calls as f64 / time.as_secs_f64().max(f64::EPSILON),
            errors: (calls > 0).then(|| 100.0 * failed as f64 / calls as f64),
            p50: recent.quantile(0.5),
            p95: recent.quantile(0.95),
            p99: recent.quantile(0.99),
        }
    }
}

fn calls(stats: &FunctionStats) -> u64 {
    Outcome::ALL.into_iter().map(|outcome| stats.calls(outcome)).sum()
}

/// The rows under a heading, in columns.
pub(super) fn table(rows: &[Row]) -> String {
    let widest = rows.iter().map(|row| row.function.chars().count()).max().unwrap_or(0).max(8);
    let mut text = format!(
        "{:<10} {:<widest$} {:>9} {:>8} {:>7} {:>8} {:>8} {:>8}\n",
        "component", "function", "calls", "rate/s", "errors", "p50", "p95", "p99"
    );
    for row in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:<10} {:<widest$} {:>9} {:>8.1} {:>7} {:>8} {:>8} {:>8}",
            row.component,
            row.function,
            row.calls,
            row.per_second,
            percent(row.errors),
            time(row.p50),
            time(row.p95),
            time(row.p99),
        );
    }
    text
}

/// The first bound of the histograms: of what lies below it, nothing more is known.
const FINEST: Duration = Duration::from_micros(50);

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{share:.1}%"))
}

/// Three significant digits and the unit that fits.
fn time(time: Option<Duration>) -> String {
    let seconds = match time {
        None => return "-".to_owned(),
        Some(time) if time <= FINEST => return "<50µs".to_owned(),
        Some(time) => time.as_secs_f64(),
    };
    let (number, unit) = match seconds {
        1.0.. => (seconds, "s"),
        1e-3.. => (seconds * 1e3, "ms"),
        _ => (seconds * 1e6, "µs"),
    };
    let decimals = match number {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    format!("{number:.decimals$}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        let micros = |micros| time(Some(Duration::from_micros(micros)));
        assert_eq!(time(None), "-");
        assert_eq!(micros(30), "<50µs");
        assert_eq!(micros(250), "250µs");
        assert_eq!(micros(1_234), "1.23ms");
        assert_eq!(micros(12_345), "12.3ms");
        assert_eq!(micros(2_500_000), "2.50s");
        assert_eq!(micros(61_000_000), "61.0s");
    }

    #[test]
    fn columns_stand_under_their_headings() {
        let row = Row {
            component: "download".into(),
            function: "download".into(),
            calls: 1234,
            per_second: 8.25,
            errors: Some(12.5),
            p50: Some(Duration::from_micros(950)),
            p95: Some(Duration::from_millis(250)),
            p99: Some(Duration::from_secs(2)),
        };
        let idle =
            Row { calls: 0, per_second: 0.0, errors: None, p50: None, p95: None, p99: None, ..untouched() };
        let text = "\
component  function     calls   rate/s  errors      p50      p95      p99
download   download      1234      8.2   12.5%    950µs    250ms    2.00s
cache      get              0      0.0       -        -        -        -
";
        assert_eq!(table(&[row, idle]), text);
    }

    fn untouched() -> Row {
        Row {
            component: "cache".into(),
            function: "get".into(),
            calls: 0,
            per_second: 0.0,
            errors: None,
            p50: None,
            p95: None,
            p99: None,
        }
    }
}
