//! A chain of renames that happens as a whole or not at all.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::backups::{Backups, Move};
use super::disk::Disk;

/// Renames that have been made, in order.
#[derive(Debug, Default)]
pub(super) struct Chain(Vec<Move>);

impl Chain {
    /// Renames a file and the backups in its way; what has been renamed when one fails is renamed back.
    pub(super) fn rotate(disk: &dyn Disk, backups: &Backups) -> io::Result<Self> {
        bring_back_oldest(disk, backups)?;
        let moves = backups.moves(|path| is_backup(disk, path))?;
        let mut chain = Self::default();
        for (from, to) in moves {
            match disk.rename(&from, &to) {
                Ok(()) => chain.0.push((from, to)),
                // Somebody removed it, which frees the path as well.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    chain.undo(disk);
                    return Err(error);
                }
            }
        }
        Ok(chain)
    }

    /// Renames everything back, as far as that is possible. Where it is not, a number stays free, and no file is lost: what
    /// comes after it in the chain must stay where it is, or two backups would have one number, plain and compressed.
    pub(super) fn undo(self, disk: &dyn Disk) {
        for (from, to) in self.0.iter().rev() {
            // Another process may have begun a new file meanwhile.
            if disk.rename_new(to, from).is_err() {
                break;
            }
        }
    }
}

/// Brings back the oldest backup, should a process have died in the midst of a rotation.
pub(super) fn bring_back_oldest(disk: &dyn Disk, backups: &Backups) -> io::Result<()> {
    for (aside, place) in backups.moves_back() {
        if disk.look(&aside)?.is_some() {
            match disk.rename_new(&aside, &place) {
                // The rotation had come further: it was to go.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => disk.remove(&aside)?,
                result => result?,
            }
        }
    }
    Ok(())
}

/// Whether a backup stands there. What is no file is not moved about: it is not of this log.
fn is_backup(disk: &dyn Disk, path: &Path) -> io::Result<bool> {
    match disk.look(path)? {
        Some(look) if !look.is_file => {
            let text = format!("{} is in the way, and is not a file: move it away", path.display());
            Err(io::Error::new(ErrorKind::AlreadyExists, text))
        }
        found => Ok(found.is_some()),
    }
}
