//! What a process that was killed had accepted and not written: found in its spool, less what the logs have already.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::batch::{Batch, Cursor};
use super::route::Log;
use super::spool::{Half, Pending, Spool, written};

/// What is read of a log, at most, to find out what stands in it already.
const SEARCHED_BYTES: u64 = 256 * 1024 * 1024;

/// A batch of a process that is gone, and how far each log had come with it.
#[derive(Debug)]
pub(super) struct Leftover {
    pub(super) batch: Batch,
    pub(super) cursors: [Cursor; Log::FILES.len()],
}

/// All there are of a service, each process's in order. What cannot be opened stays for another start.
///
/// To be called before the logs are opened: a line that was cut short by the end is taken back here, to be written whole.
pub(super) fn leftovers(dir: &Path, service: &str) -> io::Result<Vec<Leftover>> {
    let mut names = Vec::new();
    let entries = match fs::read_dir(dir) {
        // Whoever opens the logs makes it, or says why not.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| Spool::is_name(service, name)) {
            names.push(entry.path());
        }
    }
    // Of one process there is one; of several, none is older than the other as a whole.
    names.sort();
    let spools = names.iter().filter_map(|path| Spool::open(path).ok().flatten());
    Ok(spools.flatten().map(|half| Leftover::new(half, dir, service)).collect())
}

impl Leftover {
    fn new(half: Half, dir: &Path, service: &str) -> Self {
        let batch = Batch::in_spool(half);
        let cursors = Log::FILES.map(|log| {
            let Some(half) = batch.half() else { return Cursor::default() };
            match half.left_at(log) {
                (at, None) => at,
                (_, Some(pending)) => settled(&batch, &pending, dir, &log.file_name(service)),
            }
        });
        // Noted, lest another end at this point should look for writes whose place has moved.
        for (log, cursor) in Log::FILES.into_iter().zip(cursors) {
            if let Some(half) = batch.half() {
                half.end_write(log, cursor);
            }
        }
        Self { batch, cursors }
    }
}

/// How far a log came, whose process may have ended before, in or after a write.
fn settled(batch: &Batch, pending: &Pending, dir: &Path, name: &str) -> Cursor {
    let mut cursor = pending.from;
    let Some(mut file) = find(dir, name, pending) else { return cursor };
    let rest = &batch.bytes()[cursor.start + cursor.partial..];
    let run = &rest[..pending.length.min(rest.len())];
    let mut found = Vec::new();
    // What could not be read has not been found; a line twice is better than none.
    let read = file.seek(SeekFrom::Start(pending.size));
    let _ = read.and_then(|_| (&file).take(SEARCHED_BYTES).read_to_end(&mut found));
    cursor.advance(batch, written(run, &found));
    if cursor.partial > 0 {
        let end = pending.size + found.len() as u64;
        // Only a line that nobody has written behind can be taken back; another stays torn, and stands whole after it.
        if file.metadata().is_ok_and(|metadata| metadata.len() == end) {
            let _ = file.set_len(end - cursor.partial as u64);
        }
        cursor.partial = 0;
    }
    cursor
}

/// The file that was written to: it may have been rotated since.
fn find(dir: &Path, name: &str, pending: &Pending) -> Option<File> {
    let is_its = |candidate: &str| {
        candidate.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    fs::read_dir(dir).ok()?.filter_map(Result::ok).find_map(|entry| {
        let candidate = entry.file_name();
        let file =
            is_its(candidate.to_str()?).then(|| File::options().read(true).write(true).open(entry.path()))?;
        let file = file.ok()?;
        (super::disk::identity(&file.metadata().ok()?) == pending.file).then_some(file)
    })
}
