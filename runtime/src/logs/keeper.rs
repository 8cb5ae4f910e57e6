//! Keeps the files of a service, all logs together, within what they may take.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::backups::{Backups, Role};
use super::compress::Compressor;
use super::counters::{Counters, Operation};
use super::disk::Disk;
use super::lock::hold_dir;
use super::retention::{Backup, Retention};
use super::rotation::Backoff;
use super::route::Log;
use crate::clock;

/// Removes backups that are too many or too old, and has others compressed.
pub(super) struct Keeper {
    backups: [Backups; Log::FILES.len()],
    retention: Retention,
    /// The current file of each log, as far as its writer has come.
    currents: [u64; Log::FILES.len()],
    /// All backups, when they were last looked at.
    kept: u64,
    /// In ticks of the clock: when they are looked at in any case.
    next_look: u64,
    backoff: Backoff,
    compressor: Option<Compressor>,
    disk: Arc<dyn Disk>,
    counters: Arc<Counters>,
}

/// A backup, and which log's.
type Found = (Log, PathBuf, Backup);

/// How often backups are looked at for their age.
const HOUR: Duration = Duration::from_secs(60 * 60);

impl Keeper {
    pub(super) fn new(
        backups: [Backups; Log::FILES.len()],
        retention: Retention,
        disk: Arc<dyn Disk>,
        counters: Arc<Counters>,
    ) -> Self {
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        let currents = [0; Log::FILES.len()];
        Self {
            backups,
            retention,
            currents,
            kept: 0,
            next_look: 0,
            backoff,
            compressor: None,
            disk,
            counters,
        }
    }

    /// Has backups compressed from now on, those from before first.
    pub(super) fn compress(&mut self) -> io::Result<()> {
        let (backups, disk, counters) =
            (self.backups.clone(), Arc::clone(&self.disk), Arc::clone(&self.counters));
        self.compressor = Some(Compressor::start(backups, disk, counters)?);
        Ok(())
    }

    /// Before a current file grows to `size`.
    pub(super) fn make_room(&mut self, log: Log, size: u64) {
        if !self.retention.is_on() {
            return;
        }
        self.currents[log as usize] = size;
        let now = clock::ticks();
        let limit = self.retention.max_total_bytes;
        let is_full = limit > 0 && self.kept > 0 && self.in_use() + self.kept > limit;
        if (is_full || now >= self.next_look) && self.backoff.is_over(now) {
            if self.look(log) {
                self.next_look = now.saturating_add(clock::ticks_in(HOUR));
                self.backoff.succeeded();
            } else {
                self.backoff.failed(now);
            }
        }
    }

    /// After a rotation, here or in another process.
    pub(super) fn rotated(&mut self) {
        self.next_look = 0;
        if let Some(compressor) = &self.compressor {
            compressor.wake();
        }
    }

    fn in_use(&self) -> u64 {
        self.currents.iter().sum()
    }

    /// Looks at all files, and removes those that have to go; false where that failed. The size of one current file is known
    /// better than by looking.
    fn look(&mut self, known: Log) -> bool {
        match self.remove_expired(known) {
            Ok(complete) => complete,
            Err(_) => {
                self.counters.failed(Log::Main, Operation::Prune);
                false
            }
        }
    }

    fn remove_expired(&mut self, known: Log) -> io::Result<bool> {
        let _dir = hold_dir(&*self.disk, self.backups[0].dir())?;
        let (found, transient) = self.find(known)?;
        let backups: Vec<_> = found.iter().map(|(_, _, backup)| *backup).collect();
        let mut complete = true;
        self.kept = transient + backups.iter().map(|backup| backup.size).sum::<u64>();
        for index in self.retention.expired(&backups, self.in_use() + transient, clock::unix_time()) {
            let (log, path, backup) = &found[index];
            match self.disk.remove(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    self.counters.failed(*log, Operation::Prune);
                    complete = false;
                }
                _ => self.kept -= backup.size,
            }
        }
        Ok(complete)
    }

    /// The backups of all logs; and how many bytes have the files that are bound to vanish.
    fn find(&mut self, known: Log) -> io::Result<(Vec<Found>, u64)> {
        let role = |name: &str| {
            let logs = Log::FILES.into_iter().zip(&self.backups);
            logs.filter_map(|(log, backups)| Some((log, backups.role(name)?))).next()
        };
        let (mut found, mut transient) = (Vec::new(), 0);
        let mut currents = self.currents;
        for (path, look) in self.disk.list(self.backups[0].dir(), &|name| role(name).is_some())? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            match role(name).filter(|_| look.is_file) {
                Some((log, Role::Backup(number) | Role::Compressed(number))) => {
                    found.push((log, path, Backup { size: look.size, modified: look.modified, number }));
                }
                Some((_, Role::Transient)) => transient += look.size,
                Some((log, Role::Current)) if log != known => currents[log as usize] = look.size,
                _ => {}
            }
        }
        self.currents = currents;
        Ok((found, transient))
    }
}
