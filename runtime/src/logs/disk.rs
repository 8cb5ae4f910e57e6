//! The only module that touches the disk.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// What log files need of a file system; the tests have one that fails on demand.
pub(super) trait Disk: Send + Sync {
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Opens a file for appending, and creates it where it is missing.
    fn open(&self, path: &Path) -> io::Result<Box<dyn LogHandle>>;
    /// Opens a file to be read from its beginning.
    fn read(&self, path: &Path) -> io::Result<Box<dyn Source>>;
    /// What stands at a path; none where nothing does.
    fn look(&self, path: &Path) -> io::Result<Option<Look>>;
    /// The files of a directory that have one of these names, or all that `is_wanted`.
    fn list(&self, dir: &Path, is_wanted: &dyn Fn(&str) -> bool) -> io::Result<Vec<(PathBuf, Look)>>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Renames, unless something stands at `to`: then it fails with `AlreadyExists`.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Holds a directory against other processes, if that is possible at once. What does it is dropped to let go.
    fn lock_dir(&self, path: &Path) -> io::Result<Option<Box<dyn Send>>>;
}

/// What is known of a file without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) identity: Identity,
    pub(super) size: u64,
    /// When it was last written, since the Unix epoch.
    pub(super) modified: Duration,
    /// It is a file, rather than a directory or a device.
    pub(super) is_file: bool,
    /// It has a name: it was not removed.
    pub(super) is_named: bool,
}

/// Tells a file from all others, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) number: u64,
}

/// An open log file; each write appends.
pub(super) trait LogHandle: Write + Send {
    fn look(&self) -> io::Result<Look>;
    /// Whether its last byte ends a line; a file that cannot be read counts as whole, and so does an empty one.
    fn ends_a_line(&self, size: u64) -> bool;
    /// Takes back what stands after `size`.
    fn cut(&self, size: u64) -> io::Result<()>;
    /// Holds the file against other processes, if that is possible at once.
    fn try_lock(&self) -> io::Result<bool>;
    fn unlock(&self);
    /// Waits until what was written is safe, and takes over when and by whom the file may be read.
    fn finish_as(&self, source: &dyn Source) -> io::Result<()>;
}

/// A file that is read.
pub(super) trait Source: Read + Send {
    fn look(&self) -> io::Result<Look>;
    /// The file itself, where there is one.
    fn file(&self) -> Option<&File>;
}

/// The real one.
pub(super) struct RealDisk;

impl Disk for RealDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn LogHandle>> {
        // Every write goes to the end, wherever another process, or `copytruncate`, has moved that to. It is read only to
        // see whether its last line is whole, which not everyone may who may write.
        let open = |readable| OpenOptions::new().read(readable).append(true).create(true).open(path);
        let opened = open(true).or_else(|error| match error.kind() {
            ErrorKind::PermissionDenied => open(false),
            _ => Err(error),
        });
        Ok(Box::new(opened?))
    }

    fn read(&self, path: &Path) -> io::Result<Box<dyn Source>> {
        Ok(Box::new(File::open(path)?))
    }

    fn look(&self, path: &Path) -> io::Result<Option<Look>> {
        match fs::metadata(path) {
            Ok(metadata) => Ok(Some(look(&metadata))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, dir: &Path, is_wanted: &dyn Fn(&str) -> bool) -> io::Result<Vec<(PathBuf, Look)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(is_wanted) {
                // Whoever removed it meanwhile has done no harm.
                found.extend(entry.metadata().ok().map(|metadata| (entry.path(), look(&metadata))));
            }
        }
        Ok(found)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        // A link is refused where a rename would replace; there are file systems without links.
        match fs::hard_link(from, to) {
            Ok(()) => fs::remove_file(from).inspect_err(|_| {
                // One name is enough, and the lines are under either.
                let _ = fs::remove_file(to);
            }),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
            Err(_) if fs::symlink_metadata(to).is_ok() => Err(ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(from, to),
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn lock_dir(&self, path: &Path) -> io::Result<Option<Box<dyn Send>>> {
        // A lock on the directory itself leaves no file of its own behind; it ends with this handle, or this process.
        let Ok(dir) = File::open(path) else { return Ok(Some(Box::new(()))) };
        Ok(is_locked(dir.try_lock())?.then(|| Box::new(dir) as Box<dyn Send>))
    }
}

/// A file system that knows no locks is used without: who shares files between processes has one that does.
fn is_locked(locked: Result<(), TryLockError>) -> io::Result<bool> {
    match locked {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => Ok(false),
        Err(TryLockError::Error(_)) => Ok(true),
    }
}

fn look(metadata: &fs::Metadata) -> Look {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Look {
        identity: identity(metadata),
        size: metadata.len(),
        modified: modified.unwrap_or_default(),
        is_file: metadata.is_file(),
        is_named: is_named(metadata),
    }
}

#[cfg(unix)]
fn is_named(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 0
}

/// Elsewhere open files cannot be removed.
#[cfg(not(unix))]
fn is_named(_: &fs::Metadata) -> bool {
    true
}

#[cfg(unix)]
pub(super) fn identity(metadata: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    Identity { device: metadata.dev(), number: metadata.ino() }
}

/// Elsewhere open files cannot be moved or deleted, so that what stands at the path is what was opened there.
#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> Identity {
    Identity { device: 0, number: 0 }
}

impl LogHandle for File {
    fn look(&self) -> io::Result<Look> {
        self.metadata().map(|metadata| look(&metadata))
    }

    fn ends_a_line(&self, size: u64) -> bool {
        let last_byte = || -> io::Result<u8> {
            let (mut file, mut byte) = (self, [0]);
            file.seek(SeekFrom::Start(size.saturating_sub(1)))?;
            file.read_exact(&mut byte)?;
            Ok(byte[0])
        };
        size == 0 || last_byte().map_or(true, |byte| byte == b'\n')
    }

    fn cut(&self, size: u64) -> io::Result<()> {
        self.set_len(size)
    }

    fn try_lock(&self) -> io::Result<bool> {
        is_locked(self.try_lock())
    }

    fn unlock(&self) {
        // It fails only where there was no lock.
        let _ = self.unlock();
    }

    fn finish_as(&self, source: &dyn Source) -> io::Result<()> {
        if let Some(source) = source.file() {
            let metadata = source.metadata()?;
            self.set_permissions(metadata.permissions())?;
            self.set_modified(metadata.modified()?)?;
        }
        self.sync_all()
    }
}

impl Source for File {
    fn look(&self) -> io::Result<Look> {
        self.metadata().map(|metadata| look(&metadata))
    }

    fn file(&self) -> Option<&File> {
        Some(self)
    }
}
