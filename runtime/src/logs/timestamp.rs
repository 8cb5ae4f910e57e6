//! A point in time as records write it: RFC 3339, in UTC, with microseconds.

use std::time::Duration;

/// The last second that RFC 3339 can write, 9999-12-31T23:59:59Z.
const LAST_SECOND: u64 = 253_402_300_799;

/// Writes a time since the Unix epoch, as in `2026-02-08T18:30:45.123456Z`.
fn timestamp(unix_time: Duration) -> [u8; 27] {
    let seconds = unix_time.as_secs().min(LAST_SECOND);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    digits(&mut text[0..4], year);
    digits(&mut text[5..7], month);
    digits(&mut text[8..10], day);
    digits(&mut text[11..13], second / 3_600);
    digits(&mut text[14..16], second / 60 % 60);
    digits(&mut text[17..19], second % 60);
    digits(&mut text[20..26], unix_time.subsec_micros().into());
    text
}

/// Writes times, the last second of which it keeps: records come many a second.
#[derive(Debug)]
pub(super) struct Stamp {
    second: u64,
    text: [u8; 27],
}

impl Default for Stamp {
    fn default() -> Self {
        Self { second: 0, text: timestamp(Duration::ZERO) }
    }
}

impl Stamp {
    pub(super) fn write(&mut self, unix_time: Duration) -> &[u8; 27] {
        if self.second == unix_time.as_secs() {
            digits(&mut self.text[20..26], unix_time.subsec_micros().into());
        } else {
            *self = Self { second: unix_time.as_secs(), text: timestamp(unix_time) };
        }
        &self.text
    }
}

/// Year, month and day of a day since the Unix epoch: Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>), for days that are not negative.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (400 * era + year_of_era + u64::from(month <= 2), month, day)
}

fn digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seconds: u64, micros: u32, expected: &str) {
        let text = timestamp(Duration::new(seconds, micros * 1_000));
        assert_eq!(str::from_utf8(&text).unwrap(), expected);
    }

    #[test]
    fn known_times() {
        check(0, 0, "1970-01-01T00:00:00.000000Z");
        check(951_782_400, 1, "2000-02-29T00:00:00.000001Z");
        check(1_770_575_445, 123_456, "2026-02-08T18:30:45.123456Z");
        check(4_107_542_399, 999_999, "2100-02-28T23:59:59.999999Z");
        check(4_107_542_400, 0, "2100-03-01T00:00:00.000000Z");
    }

    #[test]
    fn a_stamp_writes_each_time_whatever_it_wrote_before() {
        let mut stamp = Stamp::default();
        for nanos in [0, 1_500, 999_999_999, 1_000_000_000, 1_000_000_001, 86_400_123_456_789, 5] {
            let time = Duration::from_nanos(nanos);
            assert_eq!(*stamp.write(time), timestamp(time));
        }
    }

    #[test]
    fn years_beyond_four_digits_stay_readable() {
        check(u64::MAX, 0, "9999-12-31T23:59:59.000000Z");
    }

    #[test]
    fn each_day_follows_the_one_before() {
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..200_000 {
            assert_eq!(date(days), (year, month, day));
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length =
                [31, 28 + u64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1];
            (year, month, day) = match (month, day) {
                (12, 31) => (year + 1, 1, 1),
                (_, last) if last == length => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
        }
    }
}
