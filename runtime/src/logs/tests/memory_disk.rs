//! A disk in memory that fails on demand.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use crate::logs::disk::{Disk, LogHandle, Opened};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// The call of this number fails, counted from 0; all others succeed.
    Call(usize),
    /// The call of this number, if it is a write, writes one byte; if it is not, it fails.
    Short(usize),
    /// The call of this number is interrupted.
    Interrupted(usize),
    /// No file grows any more, and a write takes what still fits: this many bytes.
    Full(usize),
    /// No file can be renamed.
    Renames,
    /// Writes do not return.
    Hanging,
}

type Contents = Arc<Mutex<Vec<u8>>>;

#[derive(Default)]
struct State {
    files: BTreeMap<PathBuf, Contents>,
    calls: usize,
    fault: Option<Fault>,
}

#[derive(Clone, Default)]
pub(super) struct MemoryDisk(Arc<(Mutex<State>, Condvar)>);

impl MemoryDisk {
    /// From the next call on; the calls are counted anew.
    pub(super) fn set(&self, fault: Fault) {
        let mut state = self.0.0.lock();
        (state.calls, state.fault) = (0, Some(fault));
        self.0.1.notify_all();
    }

    pub(super) fn calls(&self) -> usize {
        self.0.0.lock().calls
    }

    /// Names and contents of all files whose names begin like this.
    pub(super) fn files(&self, name: &str) -> BTreeMap<String, String> {
        let state = self.0.0.lock();
        let text = |bytes: &Contents| String::from_utf8(bytes.lock().clone()).unwrap();
        let files = state.files.iter().map(|(path, contents)| (path.display().to_string(), text(contents)));
        files.filter(|(path, _)| path.starts_with(name)).collect()
    }

    /// What a file and its backups hold, the oldest first.
    pub(super) fn whole(&self, name: &str) -> String {
        let files = self.files(name);
        let number =
            |path: &str| path.strip_prefix(name).unwrap().trim_start_matches('.').parse().unwrap_or(0);
        let mut files: Vec<(u32, String)> =
            files.into_iter().map(|(path, text)| (number(&path), text)).collect();
        files.sort();
        files.into_iter().rev().map(|(_, text)| text).collect()
    }

    /// Counts a call; gives how many bytes it may write.
    fn call(&self, is_write: bool) -> io::Result<usize> {
        let mut state = self.0.0.lock();
        let number = state.calls;
        state.calls += 1;
        while is_write && state.fault == Some(Fault::Hanging) {
            self.0.1.wait(&mut state);
        }
        let failed = || io::Error::other("injected");
        match &mut state.fault {
            Some(Fault::Call(call)) if *call == number => Err(failed()),
            Some(Fault::Short(call)) if *call == number => {
                if is_write {
                    Ok(1)
                } else {
                    Err(failed())
                }
            }
            Some(Fault::Interrupted(call)) if *call == number => Err(ErrorKind::Interrupted.into()),
            Some(Fault::Full(0)) if is_write => Err(ErrorKind::StorageFull.into()),
            Some(Fault::Full(room)) if is_write => Ok(std::mem::take(room)),
            _ => Ok(usize::MAX),
        }
    }
}

impl Disk for MemoryDisk {
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        self.call(false).map(drop)
    }

    fn open(&self, path: &Path) -> io::Result<Opened> {
        self.call(false)?;
        let contents = Arc::clone(self.0.0.lock().files.entry(path.to_owned()).or_default());
        let held = contents.lock();
        let (size, is_torn) = (held.len() as u64, held.last().is_some_and(|byte| *byte != b'\n'));
        drop(held);
        Ok(Opened { file: Box::new(MemoryFile { contents, disk: self.clone() }), size, is_torn })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(false)?;
        let mut state = self.0.0.lock();
        if state.fault == Some(Fault::Renames) {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let contents = state.files.remove(from).ok_or(ErrorKind::NotFound)?;
        state.files.insert(to.to_owned(), contents);
        Ok(())
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.0.lock().files.contains_key(path)
    }
}

struct MemoryFile {
    contents: Contents,
    disk: MemoryDisk,
}

impl Write for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.disk.call(true)?.min(bytes.len());
        self.contents.lock().extend_from_slice(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl LogHandle for MemoryFile {
    fn take_back(&mut self, size: u64, bytes: u64) -> io::Result<()> {
        assert_eq!(self.contents.lock().len() as u64, size);
        self.contents.lock().truncate((size - bytes) as usize);
        Ok(())
    }
}
