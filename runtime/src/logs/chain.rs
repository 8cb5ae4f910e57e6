//! A chain of renames that happens as a whole or not at all.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::backups::{Backups, Form, Move};
use super::disk::{Disk, Look};

/// Renames that have been made, in order.
#[derive(Debug, Default)]
pub(super) struct Chain(Vec<Move>);

impl Chain {
    /// Renames a file and the backups in its way; what has been renamed when one fails is renamed back.
    pub(super) fn rotate(disk: &dyn Disk, backups: &Backups) -> io::Result<Self> {
        bring_back_oldest(disk, backups)?;
        let moves = backups.moves(|number| standing(disk, backups, number))?;
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
    let oldest = backups.count();
    for form in backups.forms() {
        let aside = backups.aside(*form);
        if disk.look(&aside)?.is_none() {
            continue;
        }
        match standing(disk, backups, oldest)? {
            None => disk.rename_new(&aside, &backups.at(oldest, *form))?,
            // The rotation had come further: it was to go.
            Some(_) => disk.remove(&aside)?,
        }
    }
    Ok(())
}

/// In which form a backup stands at a number. It never moves in both: one that is there plain and compressed, since its
/// plain file could not be removed, is compressed once more.
fn standing(disk: &dyn Disk, backups: &Backups, number: u32) -> io::Result<Option<Form>> {
    let plain = look(disk, &backups.at(number, Form::Plain))?;
    if !backups.are_compressed {
        return Ok(plain.map(|_| Form::Plain));
    }
    let path = backups.at(number, Form::Compressed);
    match (plain, look(disk, &path)?) {
        (Some(plain), Some(compressed)) => {
            // What was compressed may have been written to since, where no new file could be made.
            if plain.modified < compressed.modified {
                return Err(in_the_way(&path, "another backup"));
            }
            disk.remove(&path)?;
            Ok(Some(Form::Plain))
        }
        (Some(_), None) => Ok(Some(Form::Plain)),
        (None, Some(_)) => Ok(Some(Form::Compressed)),
        (None, None) => Ok(None),
    }
}

/// What is no file is not moved about: it is not of this log.
fn look(disk: &dyn Disk, path: &Path) -> io::Result<Option<Look>> {
    match disk.look(path)? {
        Some(look) if !look.is_file => Err(in_the_way(path, "not a file")),
        found => Ok(found),
    }
}

/// The error of whoever finds something where a backup has to go.
pub(super) fn in_the_way(path: &Path, what: &str) -> io::Error {
    let text = format!("{} is in the way, and is {what}: move it away", path.display());
    io::Error::new(ErrorKind::AlreadyExists, text)
}
