//! Numbers as they are written on the page.

use std::io::Write;

/// A value of a sample.
pub(crate) trait Number: Copy {
    /// Writes it as text; it reads back as the same number.
    fn write(self, out: &mut Vec<u8>);

    /// The nearest number that the binary format can hold.
    fn as_f64(self) -> f64;
}

impl Number for u64 {
    fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(itoa::Buffer::new().format(self).as_bytes());
    }

    fn as_f64(self) -> f64 {
        self as f64
    }
}

impl Number for f64 {
    fn write(self, out: &mut Vec<u8>) {
        // To write into a vector cannot fail.
        let _ = match self {
            infinite if infinite.is_infinite() => {
                write!(out, "{}Inf", if infinite > 0.0 { '+' } else { '-' })
            }
            finite => write!(out, "{finite}"),
        };
    }

    fn as_f64(self) -> f64 {
        self
    }
}

/// Writes a bound as OpenMetrics wants the label `le`: always as a float, with an exponent from a million on and below
/// a ten-thousandth.
///
/// <https://prometheus.io/docs/specs/om/open_metrics_spec/#considerations-canonical-numbers>
pub(crate) fn canonical(bound: f64) -> String {
    const WITHOUT_EXPONENT: std::ops::Range<i32> = -4..6;
    if !bound.is_finite() {
        return if bound > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{bound:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !WITHOUT_EXPONENT.contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
        }
        _ => format!("{bound:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_prometheus_reads_them() {
        let written = |value: f64| {
            let mut text = Vec::new();
            value.write(&mut text);
            String::from_utf8(text).expect("digits")
        };
        let cases = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1.0, 1e21, 5e-5];
        assert_eq!(cases.map(written), ["+Inf", "-Inf", "NaN", "1", "1000000000000000000000", "0.00005"]);
    }

    #[test]
    fn bounds_are_canonical_floats() {
        let cases =
            [0.0, 1e-10, 5e-5, 1e-4, 0.5, 1.0, 2.5, 30.0, 1e5, 1e6, 123_456_789.0, 1e10, f64::INFINITY];
        let expected = [
            "0.0",
            "1e-10",
            "5e-05",
            "0.0001",
            "0.5",
            "1.0",
            "2.5",
            "30.0",
            "100000.0",
            "1e+06",
            "1.23456789e+08",
            "1e+10",
            "+Inf",
        ];
        assert_eq!(cases.map(canonical), expected.map(str::to_owned));
        assert_eq!([-1.0, -2.5e7].map(canonical), ["-1.0", "-2.5e+07"]);
    }
}
