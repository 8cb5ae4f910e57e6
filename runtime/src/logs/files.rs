//! The log files of a service: one each for all records, errors and performance.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::LogSettings;
use super::backups::Backups;
use super::batch::{Batch, Cursor};
use super::chain::bring_back_oldest;
use super::compress::remove_leftover;
use super::counters::{Counters, Operation};
use super::disk::Disk;
use super::file::LogFile;
use super::keeper::Keeper;
use super::lock::hold_dir;
use super::retention::Retention;
use super::rotation::Rotation;
use super::route::Log;
use crate::error::{Error, Kind};

pub(super) struct Files {
    files: [LogFile; Log::FILES.len()],
    keeper: Keeper,
}

impl Files {
    /// Creates the directory and opens the files.
    pub(super) fn open(
        settings: &LogSettings,
        disk: &Arc<dyn Disk>,
        counters: &Arc<Counters>,
    ) -> Result<Self, Error> {
        disk.create_dir(&settings.dir).map_err(failed("create the log directory", &settings.dir))?;
        let backups = Log::FILES.map(|log| {
            let path = settings.dir.join(log.file_name(&settings.service));
            Backups::new(path, settings.backups, settings.compress)
        });
        let rotation = Rotation::new(settings.rotation, settings.max_bytes, settings.backups);
        let open = |log: Log| -> Result<LogFile, Error> {
            let backups = backups[log as usize].clone();
            let path = backups.current().to_owned();
            let opened = LogFile::open(log, backups, rotation, Arc::clone(disk), Arc::clone(counters));
            Ok(opened.map_err(failed("open the log file", &path))?)
        };
        let files = [open(Log::Main)?, open(Log::Error)?, open(Log::Performance)?];
        tidy_up(&**disk, &backups, counters);

        let retention = Retention { max_total_bytes: settings.max_total_bytes, max_age: settings.max_age };
        let keeper = Keeper::new(backups, retention, Arc::clone(disk), Arc::clone(counters));
        Ok(Self { files, keeper })
    }

    /// Has backups compressed from now on.
    pub(super) fn compress(&mut self) -> Result<(), Error> {
        self.keeper.compress().map_err(|source| Kind::Thread { name: "tachograph-gzip", source }.into())
    }

    pub(super) fn path(&self, log: Log) -> &Path {
        self.files[log as usize].path()
    }

    /// Appends the lines of a log, from the cursor on.
    pub(super) fn append(&mut self, log: Log, batch: &Batch, cursor: &mut Cursor) -> std::io::Result<()> {
        self.files[log as usize].append(batch, cursor, &mut self.keeper)
    }

    /// Gives up the lines of a log from the cursor on, and counts them.
    pub(super) fn abandon(&mut self, log: Log, batch: &Batch, cursor: &mut Cursor) {
        self.files[log as usize].abandon(batch, cursor);
    }

    pub(super) fn complaint(&mut self, log: Log) -> Option<(Operation, std::io::Error)> {
        self.files[log as usize].complaint()
    }

    pub(super) fn reopen(&mut self) {
        self.files.iter_mut().for_each(LogFile::reopen);
    }
}

/// What a process that died in the midst of a rotation or a compression has left. Should it stay, nothing is lost.
fn tidy_up(disk: &dyn Disk, backups: &[Backups], counters: &Counters) {
    for (log, backups) in Log::FILES.into_iter().zip(backups) {
        let tidied = hold_dir(disk, backups.dir())
            .and_then(|_held| bring_back_oldest(disk, backups))
            .and_then(|()| remove_leftover(disk, backups));
        if tidied.is_err() {
            counters.failed(log, Operation::Prune);
        }
    }
}

fn failed(operation: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Kind {
    let path: PathBuf = path.to_owned();
    move |source| Kind::Io { operation, path, source }
}
