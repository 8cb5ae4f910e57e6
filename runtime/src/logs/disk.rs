//! The only module that touches the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// What log files need of a file system; the tests have one that fails on demand.
pub(super) trait Disk: Send + Sync {
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Opens a file for appending, and creates it where it is missing.
    fn open(&self, path: &Path) -> io::Result<Opened>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn exists(&self, path: &Path) -> bool;
}

/// A file that was opened.
pub(super) struct Opened {
    pub(super) file: Box<dyn LogHandle>,
    pub(super) size: u64,
    /// Its last line has no line feed: whoever wrote it was torn away.
    pub(super) is_torn: bool,
}

/// Tells a file from all others, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) number: u64,
}

/// An open file; each write appends.
pub(super) trait LogHandle: Write + Send {
    /// Takes back the last `bytes`, if the file ends where this process left it, at `size`.
    fn take_back(&mut self, size: u64, bytes: u64) -> io::Result<()>;
    /// None where there is nothing to tell it by.
    fn identity(&self) -> Option<Identity> {
        None
    }
}

/// The real one.
pub(super) struct RealDisk;

impl Disk for RealDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn open(&self, path: &Path) -> io::Result<Opened> {
        // Every write goes to the end, wherever another process, or `copytruncate`, has moved that to.
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let size = file.metadata()?.len();
        Ok(Opened { is_torn: size > 0 && is_torn(path), file: Box::new(file), size })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn exists(&self, path: &Path) -> bool {
        path.symlink_metadata().is_ok()
    }
}

#[cfg(unix)]
pub(super) fn identity(metadata: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    Identity { device: metadata.dev(), number: metadata.ino() }
}

/// A file that may be written but not read counts as whole.
fn is_torn(path: &Path) -> bool {
    let last_byte = || -> io::Result<u8> {
        let mut file = File::open(path)?;
        let mut byte = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut byte)?;
        Ok(byte[0])
    };
    last_byte().is_ok_and(|byte| byte != b'\n')
}

impl LogHandle for File {
    #[cfg(unix)]
    fn identity(&self) -> Option<Identity> {
        self.metadata().ok().as_ref().map(identity)
    }

    fn take_back(&mut self, size: u64, bytes: u64) -> io::Result<()> {
        if self.metadata()?.len() == size { self.set_len(size - bytes) } else { Ok(()) }
    }
}
