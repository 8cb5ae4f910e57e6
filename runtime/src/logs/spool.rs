//! A queue that outlives its process: the two batches of the queue, in a file that is mapped into memory.
//!
//! What is written to such memory is the kernel's at once, whatever becomes of the process. A record counts as accepted
//! with one store, after its bytes; before each write to a log the batch notes where that log ends and what is to come,
//! and after it how far it came. So the next start finds for each log which lines it lacks: those after what was noted,
//! less what it finds in the file itself, should the process have ended between a write and its note.
//!
//! ```text
//! page 0        which batch is being filled
//! each batch    how many lines and bytes it holds; for each log, how far it came   (a page)
//!               length and route of each line                                      (a table)
//!               the lines
//! ```

use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{io, iter, slice};

use memmap2::{MmapOptions, MmapRaw};

use super::batch::{Cursor, Line};
use super::disk::Identity;
use super::route::{Log, Route};
use crate::clock;

const PAGE: usize = 4096;

/// In the first place of a spool, once it is whole. Another number with each change of the format.
const MAGIC: u64 = u64::from_ne_bytes(*b"tachspl1");

/// One line in the table. The queue of a process that writes shorter lines than this on average is full sooner.
const LINE_BYTES: usize = 64;

/// A spool file. It is locked as long as its process lives.
#[derive(Debug)]
pub(super) struct Spool {
    path: PathBuf,
    /// Holds the lock, until the last copy of this handle is closed.
    file: File,
    header: MmapRaw,
}

/// One of its batches.
#[derive(Debug)]
pub(super) struct Half {
    spool: Arc<Spool>,
    map: MmapRaw,
    /// Which of the two it is.
    index: u64,
    /// The bytes of lines that it has room for.
    capacity: usize,
    lines: usize,
    bytes: usize,
}

/// The first page.
#[repr(C)]
struct Header {
    magic: AtomicU64,
    /// The bytes of lines that each batch has room for.
    capacity: AtomicU64,
    /// Which batch is being filled.
    filling: AtomicU64,
}

/// The first page of a batch.
#[repr(C)]
struct HalfHeader {
    /// How many lines and bytes it holds: one number, so that it changes at once.
    accepted: AtomicU64,
    journals: [Journal; Log::FILES.len()],
}

/// How far a log came with a batch.
#[repr(C)]
struct Journal {
    /// Line, and bytes of it.
    done: AtomicU64,
    /// Whether a write is under way, of which the rest tells.
    is_writing: AtomicU64,
    /// From there, a position like `done`.
    from: AtomicU64,
    /// How many bytes.
    length: AtomicU64,
    /// The file and its size before.
    device: AtomicU64,
    number: AtomicU64,
    size: AtomicU64,
}

/// A write that may or may not have come to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) from: Cursor,
    pub(super) length: usize,
    pub(super) file: Identity,
    pub(super) size: u64,
}

/// How the names of spools end.
const SUFFIX: &str = ".spool";

impl Spool {
    /// Makes a spool, and gives its batches: first the one to be filled.
    pub(super) fn create(dir: &Path, service: &str, capacity: usize) -> io::Result<[Half; 2]> {
        let capacity = capacity.next_multiple_of(PAGE);
        // A process that dies leaves its spool, and the next one may have the same number.
        let moment = clock::unix_time().as_nanos();
        let path = dir.join(format!("{service}-{}-{moment}{SUFFIX}", std::process::id()));
        // Under this name nobody looks at it, before it is locked and whole.
        let unfinished = path.with_extension("spool-new");
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&unfinished)?;
        let made = Self::make(file, &path, capacity);
        let named = made.and_then(|halves| std::fs::rename(&unfinished, &path).map(|()| halves));
        named.inspect_err(|_| drop(std::fs::remove_file(&unfinished)))
    }

    fn make(file: File, path: &Path, capacity: usize) -> io::Result<[Half; 2]> {
        file.try_lock()?;
        reserve(&file, PAGE + 2 * half_bytes(capacity))?;
        let header = MmapOptions::new().len(PAGE).map_raw(&file)?;
        let spool = Self { path: path.to_owned(), file, header };
        spool.header().capacity.store(capacity as u64, Ordering::Relaxed);
        spool.header().magic.store(MAGIC, Ordering::Relaxed);
        spool.halves(capacity)
    }

    /// Opens a spool whose process is gone: its batches, the older first. None where the process lives, where another one
    /// is at it, and where the file is no spool of this version.
    pub(super) fn open(path: &Path) -> io::Result<Option<[Half; 2]>> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        if file.try_lock().is_err() {
            return Ok(None);
        }
        let length = file.metadata()?.len();
        if length < PAGE as u64 {
            return Ok(None);
        }
        let header = MmapOptions::new().len(PAGE).map_raw(&file)?;
        let spool = Self { path: path.to_owned(), file, header };
        let is_spool = spool.header().magic.load(Ordering::Relaxed) == MAGIC;
        let capacity = spool.header().capacity.load(Ordering::Relaxed) as usize;
        if !is_spool || length != (PAGE + 2 * half_bytes(capacity)) as u64 {
            return Ok(None);
        }
        let filling = spool.header().filling.load(Ordering::Relaxed);
        let mut halves = spool.halves(capacity)?;
        if filling == 0 {
            halves.swap(0, 1);
        }
        halves.iter_mut().for_each(Half::restore);
        Ok(Some(halves))
    }

    fn halves(self, capacity: usize) -> io::Result<[Half; 2]> {
        let spool = Arc::new(self);
        let half = |index: usize| -> io::Result<Half> {
            let offset = PAGE + index * half_bytes(capacity);
            let map =
                MmapOptions::new().offset(offset as u64).len(half_bytes(capacity)).map_raw(&spool.file)?;
            Ok(Half { spool: Arc::clone(&spool), map, index: index as u64, capacity, lines: 0, bytes: 0 })
        };
        Ok([half(0)?, half(1)?])
    }

    /// Whether a file of this name belongs to this service.
    pub(super) fn is_name(service: &str, name: &str) -> bool {
        let numbers = name.strip_prefix(service).and_then(|name| name.strip_suffix(SUFFIX));
        let mut numbers = numbers.unwrap_or_default().split('-');
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        numbers.next() == Some("") && numbers.clone().count() == 2 && numbers.all(is_number)
    }

    /// All it held is in the logs.
    pub(super) fn remove(&self) {
        // Should it stay, the next start finds nothing in it that is not in the logs.
        let _ = std::fs::remove_file(&self.path);
    }

    fn header(&self) -> &Header {
        // SAFETY: the mapping is at least as long and as aligned as a page, lives as long as `self`, and any bytes are a
        // valid `Header`, which is changed through atomics only.
        unsafe { &*self.header.as_ptr().cast() }
    }
}

/// Room on the disk, so that none can be lacking when memory is written to: there is no way to refuse then.
fn reserve(file: &File, length: usize) -> io::Result<()> {
    // SAFETY: takes numbers, and a file that is open.
    match unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, length as libc::off_t) } {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

const fn table_bytes(capacity: usize) -> usize {
    (capacity / LINE_BYTES * size_of::<Line>()).next_multiple_of(PAGE)
}

const fn half_bytes(capacity: usize) -> usize {
    PAGE + table_bytes(capacity) + capacity
}

impl PartialEq for Spool {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Half {
    pub(super) fn spool(&self) -> &Arc<Spool> {
        &self.spool
    }

    pub(super) fn has_room(&self, length: usize) -> bool {
        self.bytes + length <= self.capacity && self.lines < self.capacity / LINE_BYTES
    }

    /// Takes a line, for which there must be room. It is safe when this returns.
    pub(super) fn push(&mut self, line: &[u8], route: Route) {
        assert!(self.has_room(line.len()));
        let entry = Line { length: line.len() as u32, route };
        // SAFETY: there is room for both, as was asserted; what is past the accepted lines is not borrowed by anybody,
        // and `self` is borrowed alone.
        unsafe {
            self.text().add(self.bytes).copy_from_nonoverlapping(line.as_ptr(), line.len());
            self.table().add(self.lines).write(entry);
        }
        self.lines += 1;
        self.bytes += line.len();
        self.accept();
    }

    pub(super) fn clear(&mut self) {
        (self.lines, self.bytes) = (0, 0);
        self.accept();
        for journal in &self.header().journals {
            journal.is_writing.store(0, Ordering::Release);
            journal.done.store(0, Ordering::Release);
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: so many bytes were written there by `push`, here or in the process before.
        unsafe { slice::from_raw_parts(self.text(), self.bytes) }
    }

    pub(super) fn lines(&self) -> &[Line] {
        // SAFETY: so many lines were written there by `push`, or have been checked by `restore`; the table begins with a page.
        unsafe { slice::from_raw_parts(self.table(), self.lines) }
    }

    /// Notes that this is the batch that is filled now.
    pub(super) fn fill(&self) {
        self.spool.header().filling.store(self.index, Ordering::Release);
    }

    /// Notes that bytes are about to be written to a log.
    pub(super) fn begin_write(&self, log: Log, from: Cursor, length: usize, file: Identity, size: u64) {
        let journal = self.journal(log);
        // Not to be mistaken for the note before, while it changes.
        journal.is_writing.store(0, Ordering::Release);
        journal.from.store(pack(from.line, from.partial), Ordering::Release);
        journal.length.store(length as u64, Ordering::Release);
        journal.device.store(file.device, Ordering::Release);
        journal.number.store(file.number, Ordering::Release);
        journal.size.store(size, Ordering::Release);
        journal.is_writing.store(1, Ordering::Release);
    }

    /// Notes how far a log has come.
    pub(super) fn end_write(&self, log: Log, at: Cursor) {
        let journal = self.journal(log);
        journal.done.store(pack(at.line, at.partial), Ordering::Release);
        journal.is_writing.store(0, Ordering::Release);
    }

    /// How far a log had come, and the write that it may have been at.
    pub(super) fn left_at(&self, log: Log) -> (Cursor, Option<Pending>) {
        let journal = self.journal(log);
        let is_writing = journal.is_writing.load(Ordering::Acquire) == 1;
        let pending = is_writing.then(|| Pending {
            from: self.cursor(journal.from.load(Ordering::Relaxed)),
            length: journal.length.load(Ordering::Relaxed) as usize,
            file: Identity {
                device: journal.device.load(Ordering::Relaxed),
                number: journal.number.load(Ordering::Relaxed),
            },
            size: journal.size.load(Ordering::Relaxed),
        });
        (self.cursor(journal.done.load(Ordering::Relaxed)), pending)
    }

    /// In a spool that was found: takes in what it says it holds, as far as that can be.
    fn restore(&mut self) {
        let (lines, bytes) = unpack(self.header().accepted.load(Ordering::Acquire));
        let lines = lines.min(self.capacity / LINE_BYTES);
        for line in 0..lines {
            // SAFETY: the table has this many entries. They are read as plain bytes first: a file can hold anything.
            let [length, route]: [u32; 2] = unsafe { self.table().add(line).cast::<[u32; 2]>().read() };
            let length = length as usize;
            if length == 0 || self.bytes + length > bytes.min(self.capacity) || !Route::is_valid(route) {
                break;
            }
            self.lines += 1;
            self.bytes += length;
        }
    }

    /// One store: either the last line counts, or it does not.
    fn accept(&self) {
        self.header().accepted.store(pack(self.lines, self.bytes), Ordering::Release);
    }

    fn cursor(&self, packed: u64) -> Cursor {
        let (line, partial) = unpack(packed);
        let line = line.min(self.lines);
        let start = self.lines()[..line].iter().map(|line| line.length as usize).sum();
        let longest = self.lines().get(line).map_or(0, |line| line.length as usize);
        Cursor { line, start, partial: partial.min(longest) }
    }

    fn journal(&self, log: Log) -> &Journal {
        &self.header().journals[log as usize]
    }

    fn header(&self) -> &HalfHeader {
        // SAFETY: as for the header of the spool: the mapping begins with a page of its own for it.
        unsafe { &*self.map.as_ptr().cast() }
    }

    fn table(&self) -> *mut Line {
        self.map.as_mut_ptr().wrapping_add(PAGE).cast()
    }

    fn text(&self) -> *mut u8 {
        self.map.as_mut_ptr().wrapping_add(PAGE + table_bytes(self.capacity))
    }
}

const fn pack(high: usize, low: usize) -> u64 {
    (high as u64) << 32 | low as u64
}

const fn unpack(packed: u64) -> (usize, usize) {
    ((packed >> 32) as usize, packed as u32 as usize)
}

/// How many bytes of `run`, which was to be written to a file when that ended at some place, stand in what the file has
/// from that place on. Other processes may have written before and after it, whole lines each; if `run` has been written
/// up to the middle of a line, that is the end of `found`.
pub(super) fn written(run: &[u8], found: &[u8]) -> usize {
    let first_line = run.iter().position(|byte| *byte == b'\n').map_or(run.len(), |end| end + 1);
    let starts = found.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(end, _)| end + 1);
    for start in iter::once(0).chain(starts) {
        let rest = &found[start..];
        let common = iter::zip(run, rest).take_while(|(left, right)| left == right).count();
        if common > 0 && (common >= first_line || common == rest.len()) {
            return common;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Dir(PathBuf);

    impl Dir {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("tachograph-spool-{name}-{}", std::process::id()));
            let _ = std::fs::remove_dir_all(&path);
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn spool(&self) -> PathBuf {
            let mut names = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
            let path = names.next().unwrap();
            assert!(names.next().is_none());
            path
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn texts(half: &Half) -> Vec<String> {
        let mut bytes = half.bytes();
        let text = |line: &Line| {
            let (text, rest) = bytes.split_at(line.length as usize);
            bytes = rest;
            String::from_utf8(text.to_vec()).unwrap()
        };
        half.lines().iter().map(text).collect()
    }

    #[test]
    fn what_was_accepted_is_there_for_whoever_comes_after() {
        let dir = Dir::new("accepted");
        let [mut filling, mut other] = Spool::create(&dir.0, "app", 10_000).unwrap();
        filling.push(b"one\n", Route::EVERYDAY);
        filling.push(b"two\n", Route::PERFORMANCE);
        assert!(Spool::open(&dir.spool()).unwrap().is_none(), "its process lives");
        other.fill();
        other.push(b"three\n", Route::EVERYDAY);
        let two = Cursor { line: 1, start: 4, partial: 2 };
        filling.end_write(Log::Main, two);
        let file = Identity { device: 1, number: 2 };
        filling.begin_write(Log::Performance, two, 2, file, 77);
        drop((filling, other));

        let [older, newer] = Spool::open(&dir.spool()).unwrap().unwrap();
        assert_eq!(
            (texts(&older), texts(&newer)),
            (vec!["one\n".into(), "two\n".into()], vec!["three\n".into()])
        );
        assert_eq!(older.lines()[1].route, Route::PERFORMANCE);
        assert_eq!(older.left_at(Log::Main), (two, None));
        let pending = Pending { from: two, length: 2, file, size: 77 };
        assert_eq!(older.left_at(Log::Performance), (Cursor::default(), Some(pending)));
        older.spool().remove();
        assert_eq!(std::fs::read_dir(&dir.0).unwrap().count(), 0);
    }

    #[test]
    fn a_batch_that_is_cleared_begins_anew() {
        let dir = Dir::new("cleared");
        let [mut filling, _other] = Spool::create(&dir.0, "app", 4_096).unwrap();
        filling.push(b"one\n", Route::EVERYDAY);
        filling.end_write(Log::Main, Cursor { line: 1, start: 4, partial: 0 });
        filling.clear();
        assert!(filling.bytes().is_empty());
        filling.push(b"two\n", Route::EVERYDAY);
        assert_eq!(filling.left_at(Log::Main), (Cursor::default(), None));
        assert_eq!(texts(&filling), ["two\n"]);
    }

    #[test]
    fn a_batch_is_full_by_bytes_and_by_lines() {
        let dir = Dir::new("full");
        let [mut filling, mut other] = Spool::create(&dir.0, "app", 4_096).unwrap();
        assert!(filling.has_room(4_096) && !filling.has_room(4_097));
        filling.push(&[b'x'; 4_000], Route::EVERYDAY);
        assert!(filling.has_room(96) && !filling.has_room(97));
        (0..64).for_each(|_| other.push(b"\n", Route::EVERYDAY));
        assert!(!other.has_room(1));
    }

    #[test]
    fn a_file_that_is_no_spool_is_left_alone_and_a_spoilt_one_gives_what_can_be() {
        let dir = Dir::new("spoilt");
        let path = dir.0.join("app-1-2.spool");
        for contents in [vec![], vec![0; 100], vec![0xff; 3 * PAGE]] {
            std::fs::write(&path, &contents).unwrap();
            assert!(Spool::open(&path).unwrap().is_none());
            assert_eq!(std::fs::read(&path).unwrap(), contents);
        }
        std::fs::remove_file(&path).unwrap();
        let [mut filling, other] = Spool::create(&dir.0, "app", 4_096).unwrap();
        filling.push(b"one\n", Route::EVERYDAY);
        filling.push(b"two\n", Route::EVERYDAY);
        // SAFETY: within the table, which nobody borrows.
        unsafe { filling.table().add(1).cast::<u32>().write(u32::MAX) };
        filling.end_write(Log::Main, Cursor { line: 9, start: 9, partial: 9 });
        other.header().accepted.store(u64::MAX, Ordering::Relaxed);
        drop((filling, other));
        let [other, filling] = Spool::open(&dir.spool()).unwrap().unwrap();
        assert_eq!(texts(&filling), ["one\n"]);
        assert_eq!(filling.left_at(Log::Main).0, Cursor { line: 1, start: 4, partial: 0 });
        assert!(other.lines().is_empty());
    }

    #[test]
    fn names_are_matched_exactly() {
        assert!(Spool::is_name("app", "app-17-1790000000.spool"));
        for name in [
            "app-error-17-1.spool",
            "app-17.spool",
            "app-17-1.spool-new",
            "app2-17-1.spool",
            "app-17--1.spool",
        ] {
            assert!(!Spool::is_name("app", name), "{name}");
        }
    }

    #[test]
    fn what_is_written_already_is_found_among_the_lines_of_others() {
        let run = b"first\nsecond\nthird\n";
        let cases: [(&str, usize); 9] = [
            ("", 0),
            ("other\n", 0),
            ("fir", 3),
            ("first\n", 6),
            ("first\nsec", 9),
            ("other\nfirst\nsecond\nthird\nother\n", 19),
            ("other\nfirst\nse", 8),
            ("first aid\n", 0),
            ("first\nother\n", 6),
        ];
        for (found, expected) in cases {
            assert_eq!(written(run, found.as_bytes()), expected, "{found:?}");
        }
    }
}
