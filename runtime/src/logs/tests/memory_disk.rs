//! A disk in memory that fails on demand.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use flate2::read::GzDecoder;
use parking_lot::{Condvar, Mutex};

use crate::clock;
use crate::logs::disk::{Disk, Identity, LogHandle, Look, Source};

/// What goes wrong. Calls are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// The call of this number fails; all others succeed.
    Call(usize, ErrorKind),
    /// The call of this number, if it is a write, writes so many bytes, and the next call fails; if it is not, it fails.
    Short(usize, usize),
    /// All calls from this number on fail, this many.
    Calls(usize, usize, ErrorKind),
    /// Of a hundred calls so many fail, chosen by this seed; of writes, half of those are only short.
    Random(u64, u64),
    /// Before the call of this number somebody removes the directory and all that is in it.
    Gone(usize),
    /// No file grows any more, and a write takes what still fits: this many bytes.
    Full(usize),
    /// No file can be renamed.
    Renames,
    /// No file can be opened.
    Opens,
    /// Writes do not return.
    Hanging,
}

type Contents = Arc<Mutex<Inner>>;

#[derive(Default)]
struct Inner {
    bytes: Vec<u8>,
    modified: Duration,
    number: u64,
}

#[derive(Default)]
struct State {
    files: BTreeMap<PathBuf, Contents>,
    /// What was in files that somebody removed.
    removed: Vec<u8>,
    is_gone: bool,
    made: u64,
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

    /// A file of somebody else, or of another day.
    pub(super) fn put(&self, name: &str, text: &[u8], modified: Duration) {
        let mut state = self.0.0.lock();
        state.made += 1;
        let inner = Inner { bytes: text.to_vec(), modified, number: state.made };
        state.files.insert(name.into(), Arc::new(Mutex::new(inner)));
    }

    /// As `mv` does it.
    pub(super) fn move_away(&self, name: &str, to: &str) {
        let mut state = self.0.0.lock();
        let contents = state.files.remove(Path::new(name)).unwrap();
        state.files.insert(to.into(), contents);
    }

    /// As `mv` to another disk and `rm` do it: without a fault.
    pub(super) fn take(&self, name: &str) -> Option<String> {
        let contents = self.0.0.lock().files.remove(Path::new(name))?;
        let bytes = contents.lock().bytes.clone();
        Some(String::from_utf8(bytes).unwrap())
    }

    pub(super) fn truncate(&self, name: &str) {
        self.0.0.lock().files[Path::new(name)].lock().bytes.clear();
    }

    /// What was in the files that somebody removed with the directory, oldest first.
    pub(super) fn removed(&self) -> String {
        String::from_utf8(self.0.0.lock().removed.clone()).unwrap()
    }

    /// Names and contents of all files whose names begin like this.
    pub(super) fn files(&self, name: &str) -> BTreeMap<String, String> {
        files(&self.0.0.lock().files, name)
    }

    /// What a file and its backups hold, the oldest first.
    pub(super) fn whole(&self, name: &str) -> String {
        whole(&self.files(name), name)
    }

    /// Counts a call; gives how many bytes it may write.
    fn call(&self, is_write: bool) -> io::Result<usize> {
        let mut state = self.0.0.lock();
        let number = state.calls;
        state.calls += 1;
        while is_write && state.fault == Some(Fault::Hanging) {
            self.0.1.wait(&mut state);
        }
        match &mut state.fault {
            Some(Fault::Call(call, kind)) if *call == number => Err(injected(*kind)),
            Some(Fault::Short(call, bytes)) if *call == number && is_write => Ok(*bytes),
            Some(Fault::Short(call, _)) if *call == number || *call + 1 == number => {
                Err(ErrorKind::StorageFull.into())
            }
            Some(Fault::Calls(call, count, kind)) if (*call..*call + *count).contains(&number) => {
                Err(injected(*kind))
            }
            Some(Fault::Gone(call)) if *call == number => {
                let gone = std::mem::take(&mut state.files);
                state.removed = whole(&files(&gone, "app.log"), "app.log").into_bytes();
                state.is_gone = true;
                Ok(usize::MAX)
            }
            Some(Fault::Random(seed, percent)) => match chance(*seed, number) {
                chance if chance % 100 >= *percent => Ok(usize::MAX),
                chance if is_write && chance & 0x100_0000 == 0 => Ok((chance >> 32) as usize % 40 + 1),
                chance => Err(injected(KINDS[(chance >> 32) as usize % KINDS.len()])),
            },
            Some(Fault::Full(0)) if is_write => Err(ErrorKind::StorageFull.into()),
            Some(Fault::Full(room)) if is_write => Ok(std::mem::take(room)),
            _ => Ok(usize::MAX),
        }
    }
}

const KINDS: [ErrorKind; 4] =
    [ErrorKind::StorageFull, ErrorKind::PermissionDenied, ErrorKind::Interrupted, ErrorKind::Other];

/// A number that is the same for the same call: the finalizer of splitmix64.
fn chance(seed: u64, call: usize) -> u64 {
    let mut bits = (seed << 32).wrapping_add(call as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn injected(kind: ErrorKind) -> io::Error {
    io::Error::new(kind, "injected")
}

fn files(files: &BTreeMap<PathBuf, Contents>, name: &str) -> BTreeMap<String, String> {
    let text = |path: &str, bytes: &[u8]| {
        let mut plain = String::new();
        if path.ends_with(".gz") {
            GzDecoder::new(bytes).read_to_string(&mut plain).expect(path);
        } else {
            plain.push_str(str::from_utf8(bytes).unwrap());
        }
        plain
    };
    let named = files.iter().map(|(path, contents)| (path.display().to_string(), contents));
    let named = named.filter(|(path, _)| path.starts_with(name) && !path.ends_with(".compressing"));
    named.map(|(path, contents)| (path.clone(), text(&path, &contents.lock().bytes))).collect()
}

fn whole(files: &BTreeMap<String, String>, name: &str) -> String {
    let number = |path: &str| {
        let number = path.strip_prefix(name).unwrap().trim_end_matches(".gz").trim_start_matches('.');
        match number {
            "oldest" => u32::MAX,
            number => number.parse().unwrap_or(0),
        }
    };
    // Of a backup that is there twice, the compressed one is no newer.
    let mut numbered: BTreeMap<u32, &String> = BTreeMap::new();
    for (path, text) in files {
        numbered.entry(number(path)).or_insert(text);
    }
    numbered.into_iter().rev().map(|(_, text)| text.as_str()).collect()
}

fn look(contents: &Contents) -> Look {
    let inner = contents.lock();
    let identity = Identity { device: 1, number: inner.number };
    Look { identity, size: inner.bytes.len() as u64, modified: inner.modified, is_file: true, is_named: true }
}

impl Disk for MemoryDisk {
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        self.call(false)?;
        self.0.0.lock().is_gone = false;
        Ok(())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn LogHandle>> {
        self.call(false)?;
        let mut state = self.0.0.lock();
        if state.is_gone {
            return Err(ErrorKind::NotFound.into());
        }
        if state.fault == Some(Fault::Opens) {
            return Err(ErrorKind::PermissionDenied.into());
        }
        state.made += 1;
        let number = state.made;
        let new = || Arc::new(Mutex::new(Inner { number, modified: clock::unix_time(), bytes: Vec::new() }));
        let contents = Arc::clone(state.files.entry(path.to_owned()).or_insert_with(new));
        Ok(Box::new(MemoryFile { contents, disk: self.clone(), read: 0 }))
    }

    fn read(&self, path: &Path) -> io::Result<Box<dyn Source>> {
        self.call(false)?;
        let contents = Arc::clone(self.0.0.lock().files.get(path).ok_or(ErrorKind::NotFound)?);
        Ok(Box::new(MemoryFile { contents, disk: self.clone(), read: 0 }))
    }

    fn look(&self, path: &Path) -> io::Result<Option<Look>> {
        self.call(false)?;
        Ok(self.0.0.lock().files.get(path).map(look))
    }

    fn list(&self, _: &Path, is_wanted: &dyn Fn(&str) -> bool) -> io::Result<Vec<(PathBuf, Look)>> {
        self.call(false)?;
        let state = self.0.0.lock();
        let wanted =
            state.files.iter().filter(|(path, _)| is_wanted(path.file_name().unwrap().to_str().unwrap()));
        Ok(wanted.map(|(path, contents)| (path.clone(), look(contents))).collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(false)?;
        let mut state = self.0.0.lock();
        if state.fault == Some(Fault::Renames) {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let contents = state.files.remove(from).ok_or(ErrorKind::NotFound)?;
        let replaced = state.files.insert(to.to_owned(), contents);
        // A compression that is done once more gives the same once more.
        assert!(replaced.is_none() || to.extension().unwrap() == "gz", "{} is overwritten", to.display());
        Ok(())
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        if self.0.0.lock().files.contains_key(to) {
            self.call(false)?;
            return Err(ErrorKind::AlreadyExists.into());
        }
        self.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call(false)?;
        self.0.0.lock().files.remove(path).map(drop).ok_or(ErrorKind::NotFound.into())
    }

    fn lock_dir(&self, _: &Path) -> io::Result<Option<Box<dyn Send>>> {
        self.call(false)?;
        Ok(Some(Box::new(())))
    }
}

struct MemoryFile {
    contents: Contents,
    disk: MemoryDisk,
    read: usize,
}

impl Write for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.disk.call(true)?.min(bytes.len());
        let mut inner = self.contents.lock();
        inner.bytes.extend_from_slice(&bytes[..written]);
        inner.modified = clock::unix_time();
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for MemoryFile {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.disk.call(false)?;
        let inner = self.contents.lock();
        let read = (&inner.bytes[self.read..]).read(bytes)?;
        self.read += read;
        Ok(read)
    }
}

impl LogHandle for MemoryFile {
    fn look(&self) -> io::Result<Look> {
        self.disk.call(false)?;
        let is_named = self.disk.0.0.lock().files.values().any(|named| Arc::ptr_eq(named, &self.contents));
        Ok(Look { is_named, ..look(&self.contents) })
    }

    fn ends_a_line(&self, size: u64) -> bool {
        let inner = self.contents.lock();
        assert_eq!(inner.bytes.len() as u64, size);
        inner.bytes.last().is_none_or(|byte| *byte == b'\n')
    }

    fn cut(&self, size: u64) -> io::Result<()> {
        self.disk.call(false)?;
        self.contents.lock().bytes.truncate(size as usize);
        Ok(())
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.disk.call(false)?;
        Ok(true)
    }

    fn unlock(&self) {}

    fn finish_as(&self, source: &dyn Source) -> io::Result<()> {
        self.disk.call(false)?;
        let modified = source.look()?.modified;
        self.contents.lock().modified = modified;
        Ok(())
    }
}

impl Source for MemoryFile {
    fn look(&self) -> io::Result<Look> {
        self.disk.call(false)?;
        Ok(look(&self.contents))
    }

    fn file(&self) -> Option<&File> {
        None
    }
}
