//! Numbers as they are written on the page.

/// A value of a sample.
pub(crate) trait Number: Copy {
    /// Writes it as text; it reads back as the same number.
    fn write(self, out: &mut Vec<u8>);

    /// The nearest number that the binary format can hold.
    fn as_f64(self) -> f64;
}

/// 00 to 99.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + number as u8 / 10, b'0' + number as u8 % 10];
        number += 1;
    }
    pairs
};

impl Number for u64 {
    /// Each part has a length that the compiler knows: to copy another one is a call, which takes longer than a short
    /// number.
    #[inline]
    fn write(self, out: &mut Vec<u8>) {
        match self {
            0..10 => out.push(b'0' + self as u8),
            10..100 => out.extend_from_slice(&PAIRS[self as usize]),
            _ => {
                (self / 100).write(out);
                out.extend_from_slice(&PAIRS[(self % 100) as usize]);
            }
        }
    }

    fn as_f64(self) -> f64 {
        self as f64
    }
}

impl Number for f64 {
    /// As many digits as `Display` takes, which finds them four times as slowly.
    fn write(self, out: &mut Vec<u8>) {
        if !self.is_finite() {
            let text: &[u8] = if self.is_nan() {
                b"NaN"
            } else if self > 0.0 {
                b"+Inf"
            } else {
                b"-Inf"
            };
            out.extend_from_slice(text);
            return;
        }
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(self);
        match text.split_once('e') {
            Some((mantissa, exponent)) => write_at_length(out, mantissa, exponent),
            None => out.extend_from_slice(text.strip_suffix(".0").unwrap_or(text).as_bytes()),
        }
    }

    fn as_f64(self) -> f64 {
        self
    }
}

/// Writes a number that is very small or very large without its exponent.
fn write_at_length(out: &mut Vec<u8>, mantissa: &str, exponent: &str) {
    let (sign, mantissa) = mantissa.split_at(usize::from(mantissa.starts_with('-')));
    let digits = mantissa.bytes().filter(u8::is_ascii_digit);
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let zeros = |number| std::iter::repeat_n(b'0', number);
    out.extend_from_slice(sign.as_bytes());
    if exponent < 0 {
        out.extend_from_slice(b"0.");
        out.extend(zeros(exponent.unsigned_abs() as usize - 1).chain(digits));
    } else {
        // No number that is written with this exponent has a fraction.
        let end = out.len() + exponent as usize + 1;
        out.extend(digits);
        out.resize(end, b'0');
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
    fn floats_are_written_without_exponent_and_as_short_as_may_be() {
        let check = |value: f64| {
            let mut text = Vec::new();
            value.write(&mut text);
            let text = String::from_utf8(text).expect("digits");
            // Of two shortest ones that are equally near, `Display` may take the other.
            assert_eq!(
                (text.len(), text.parse()),
                (value.to_string().len(), Ok(value)),
                "{text} for {value}"
            );
            assert!(text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-')), "{text}");
        };
        let edges =
            [1e-6, 1e-5, 1e-4, 0.1, 1.0, 1e9, 1e15, 1e16, 1e17, 1e300, 1e-300, f64::MIN_POSITIVE, 1.5e16];
        for edge in edges.into_iter().flat_map(|edge| [edge.next_down(), edge, edge.next_up()]) {
            [edge, -edge].into_iter().for_each(check);
        }
        [0.0, -0.0, f64::MAX, f64::from_bits(1), 9_007_199_254_740_993.0].into_iter().for_each(check);
        // Steps of all sizes, with digits that follow no pattern: a multiplicative generator of numbers of 64 bits.
        let mut bits = 1_u64;
        for _ in 0..100_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let value = f64::from_bits(bits);
            let usual = 1e-6 * 10_f64.powf((bits >> 40) as f64 / (1 << 24) as f64 * 23.0);
            [usual, if value.is_finite() { value } else { 1.0 }].into_iter().for_each(check);
        }
    }

    #[test]
    fn integers_of_every_length_are_written() {
        let powers = (0..20).map(|power| 10_u64.pow(power));
        for value in powers.flat_map(|power| [power - 1, power, power + 7]).chain([u64::MAX - 1, u64::MAX]) {
            let mut text = b"1 ".to_vec();
            value.write(&mut text);
            assert_eq!(text, format!("1 {value}").as_bytes());
        }
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
