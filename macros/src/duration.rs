//! Durations as people write them: `250ms`, `1.5s`, `50us`.

/// The nanoseconds of a duration; a bare `0` needs no unit.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let digits =
        text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let nanos_per_unit: u64 = match unit.trim_start() {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" | "min" => 60_000_000_000,
        "" if number == "0" => 1,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || number.ends_with('.') || fraction.contains('.') {
        return None;
    }
    // Digits below a nanosecond are dropped, not rounded: they are beyond what any clock here tells.
    let places = fraction.len().min(12);
    let fraction = format!("0{}", &fraction[..places]).parse::<u128>().ok()?;
    let below = fraction * u128::from(nanos_per_unit) / 10_u128.pow(places as u32);
    let above = whole.parse::<u64>().ok()?.checked_mul(nanos_per_unit)?;
    above.checked_add(u64::try_from(below).ok()?)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn units_and_fractions_are_understood() {
        let cases =
            [("0", 0), ("50us", 50_000), ("50 µs", 50_000), ("1.5s", 1_500_000_000), ("2m", 120_000_000_000)];
        for (text, nanos) in cases {
            assert_eq!(parse(text), Some(nanos), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "5", "ms", ".5s", "1.s", "1.2.3s", "-1s", "1h30", "1e3ms", "99999999999999s"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
