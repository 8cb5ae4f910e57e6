//! Which backups go before their number says so. Pure: decides, and touches no disk.

use std::time::Duration;

/// How much is kept, and for how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Retention {
    /// What all files of the service may have together; 0: any size.
    pub(super) max_total_bytes: u64,
    /// How long ago the last line of a backup may have been written; none: any time.
    pub(super) max_age: Option<Duration>,
}

/// What is known of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Backup {
    pub(super) size: u64,
    /// Since the Unix epoch.
    pub(super) modified: Duration,
    /// Its number: of two that are equally old, the higher one goes first.
    pub(super) number: u32,
}

impl Retention {
    pub(super) const fn is_on(&self) -> bool {
        self.max_total_bytes > 0 || self.max_age.is_some()
    }

    /// The backups that have to go, oldest first, where everything else has this many bytes. Those of all logs are one heap.
    pub(super) fn expired(&self, backups: &[Backup], others: u64, now: Duration) -> Vec<usize> {
        let mut order: Vec<usize> = (0..backups.len()).collect();
        order.sort_by_key(|index| (backups[*index].modified, u32::MAX - backups[*index].number));
        let mut total = backups.iter().fold(others, |sum, backup| sum.saturating_add(backup.size));
        order.retain(|index| {
            let Backup { size, modified, .. } = backups[*index];
            let is_old = self.max_age.is_some_and(|age| now.saturating_sub(modified) > age);
            let is_too_much = self.max_total_bytes > 0 && total > self.max_total_bytes;
            let goes = is_old || is_too_much;
            total -= if goes { size } else { 0 };
            goes
        });
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKUPS: [Backup; 4] =
        [backup(40, 300, 1), backup(30, 200, 1), backup(20, 200, 2), backup(10, 100, 3)];

    const fn backup(size: u64, modified: u64, number: u32) -> Backup {
        Backup { size, modified: Duration::from_secs(modified), number }
    }

    #[track_caller]
    fn check(max_total_bytes: u64, max_age: Option<u64>, others: u64, expected: &[usize]) {
        let retention = Retention { max_total_bytes, max_age: max_age.map(Duration::from_secs) };
        assert_eq!(retention.expired(&BACKUPS, others, Duration::from_secs(400)), expected);
    }

    #[test]
    fn without_a_limit_everything_stays() {
        check(0, None, u64::MAX, &[]);
    }

    #[test]
    fn the_oldest_go_until_all_fits() {
        check(150, None, 50, &[]);
        check(150, None, 51, &[3]);
        check(150, None, 60, &[3]);
        check(150, None, 61, &[3, 2]);
        check(1, None, 100, &[3, 2, 1, 0]);
    }

    #[test]
    fn what_is_too_old_goes_whatever_its_size() {
        check(0, Some(300), 0, &[]);
        check(0, Some(299), 0, &[3]);
        check(0, Some(150), 0, &[3, 2, 1]);
        check(80, Some(299), 0, &[3, 2]);
    }
}
