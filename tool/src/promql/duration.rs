//! Durations as Prometheus spells them.

/// What each unit has in milliseconds, the largest first; `ms` stands before `m` and `s`, which it begins and ends with.
const UNITS: [(&str, u64); 7] = [
    ("ms", 1),
    ("y", 31_536_000_000),
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
];

/// The milliseconds of a duration such as `1h30m`.
pub(crate) fn milliseconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut sum = 0;
    while !rest.is_empty() {
        let digits = rest.find(|it: char| !it.is_ascii_digit()).filter(|digits| *digits > 0);
        let Some(digits) = digits else { return (rest == "0" && sum == 0).then_some(0) };
        let count: u64 = rest[..digits].parse().ok()?;
        let (unit, size) = UNITS.iter().find(|(unit, _)| rest[digits..].starts_with(unit))?;
        sum += count.checked_mul(*size)?;
        rest = &rest[digits + unit.len()..];
    }
    (!text.is_empty()).then_some(sum)
}

/// Spells it in the largest unit that it is a whole number of.
pub(crate) fn spelled(milliseconds: u64) -> String {
    let unit = UNITS[3..].iter().find(|(_, size)| milliseconds.is_multiple_of(*size));
    let (unit, size) = unit.unwrap_or(&UNITS[0]);
    format!("{}{unit}", milliseconds / size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_spelled() {
        assert_eq!(milliseconds("1h30m"), Some(5_400_000));
        assert_eq!(milliseconds("500ms"), Some(500));
        assert_eq!(milliseconds("0"), Some(0));
        assert_eq!(["", "5", "m", "5x"].map(milliseconds), [None; 4]);
        assert_eq!([spelled(150_000), spelled(86_400_000), spelled(1_500)], ["150s", "1d", "1500ms"]);
    }
}
