//! What came of the records.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;

/// Counted over all log files that are found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) accepted: u64,
    pub(super) lost: u64,
    /// Lost, although a later record of the same process is there.
    pub(super) gaps: u64,
    pub(super) torn: u64,
    pub(super) doubled: u64,
    /// Those of one process and file that are not in their order.
    pub(super) disordered: u64,
    /// The largest file, before it was compressed.
    pub(super) largest: u64,
    /// How many of the records that are lost the log itself tells of.
    pub(super) told: u64,
}

impl Damage {
    /// Of records that processes made, so many in all, in the files of some directories.
    pub(super) fn find(made: u64, directories: &[&Path]) -> Self {
        let mut damage = Self { accepted: made, ..Self::default() };
        let mut seen: BTreeMap<(u64, u64), u64> = BTreeMap::new();
        for directory in directories {
            for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
                let name = entry.file_name().into_string().unwrap();
                let is_main = name.starts_with("torture.log") || name.starts_with("moved");
                // Half of a backup that is there as well; a backup that is there twice until its plain file is removed.
                let is_extra =
                    name.ends_with(".compressing") || directory.join(format!("{name}.gz")).exists();
                if is_main && !is_extra && entry.metadata().unwrap().is_file() {
                    damage.add(&read(&entry.path()), &mut seen);
                }
            }
        }
        damage.doubled = seen.values().map(|count| count - 1).sum();
        damage.lost = damage.accepted - seen.len() as u64;
        let highest: BTreeMap<u64, u64> = seen.keys().copied().collect();
        damage.gaps = highest.values().map(|number| number + 1).sum::<u64>() - seen.len() as u64;
        damage
    }

    fn add(&mut self, bytes: &[u8], seen: &mut BTreeMap<(u64, u64), u64>) {
        self.largest = self.largest.max(bytes.len() as u64);
        self.torn += u64::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
        let mut last = BTreeMap::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            match serde_json::from_slice::<Value>(line) {
                Ok(record) if record["logger"] == "tachograph" => {
                    self.told += record["extra"]["dropped"].as_u64().unwrap_or(0);
                }
                Ok(record) => {
                    let extra = &record["extra"];
                    let (Some(who), Some(number)) = (extra["who"].as_u64(), extra["number"].as_u64()) else {
                        assert_eq!(record["level"], "ERROR", "{record}");
                        continue;
                    };
                    *seen.entry((who, number)).or_default() += 1;
                    let before = last.insert(who, number);
                    self.disordered += u64::from(before.is_some_and(|before| before >= number));
                }
                Err(_) => self.torn += 1,
            }
        }
    }

    /// Prints a row of the table, which `cargo test torture -- --nocapture` shows.
    pub(super) fn row(&self, name: &str, stderr_bytes: u64) {
        println!("{name:<44} {self} {stderr_bytes:>6}");
    }

    #[track_caller]
    pub(super) fn is_none(&self) {
        let Self { lost, torn, doubled, disordered, .. } = self;
        assert_eq!((*lost, *torn, *doubled, *disordered), (0, 0, 0, 0), "{self:?}");
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, lost, torn, doubled, told, .. } = self;
        write!(
            formatter,
            "accepted {accepted:>7} lost {lost:>6} told {told:>6} torn {torn:>2} doubled {doubled:>2} stderr"
        )
    }
}

fn read(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    if path.extension().is_none_or(|extension| extension != "gz") {
        return bytes;
    }
    let mut plain = Vec::new();
    GzDecoder::new(&*bytes)
        .read_to_end(&mut plain)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    plain
}
