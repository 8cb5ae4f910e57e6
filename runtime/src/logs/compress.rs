//! Compresses backups while the log goes on: a thread of its own, which rests as long as it works.
//!
//! A backup is compressed under a name that no backup has, and gets its own when it is whole and safe on the disk; only
//! then the plain one goes. Rotations go on meanwhile, and move the backup that is being read: at the end it is found
//! again by what it is, not by its name.

use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use parking_lot::{Condvar, Mutex};

use super::backups::{Backups, Form, Role};
use super::chain::in_the_way;
use super::counters::{Counters, Operation};
use super::disk::{Disk, Identity, LogHandle, Look};
use super::lock::hold_dir;
use super::rotation::Backoff;
use super::route::Log;
use crate::clock;
use crate::reentry::TELLING;

/// The thread; it ends when this is dropped.
pub(super) struct Compressor(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default)]
struct State {
    is_wanted: bool,
    is_over: bool,
}

/// What is read and compressed between two looks at the clock.
const CHUNK_BYTES: usize = 64 * 1024;

impl Compressor {
    /// Starts with what is there: backups from before.
    pub(super) fn start(
        backups: [Backups; Log::FILES.len()],
        disk: Arc<dyn Disk>,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let work = Arc::clone(&shared);
        let run = move || TELLING.shield(|| work.run(&backups, &*disk, &counters));
        thread::Builder::new().name("tachograph-gzip".to_owned()).spawn(run)?;
        let compressor = Self(shared);
        compressor.wake();
        Ok(compressor)
    }

    /// There is a new backup.
    pub(super) fn wake(&self) {
        self.0.state.lock().is_wanted = true;
        self.0.changed.notify_one();
    }
}

impl Drop for Compressor {
    fn drop(&mut self) {
        self.0.state.lock().is_over = true;
        self.0.changed.notify_one();
    }
}

impl Shared {
    fn run(&self, backups: &[Backups], disk: &dyn Disk, counters: &Counters) {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(600));
        let mut pause = None;
        while self.wait(pause) {
            let mut complete = true;
            for (log, backups) in Log::FILES.into_iter().zip(backups) {
                if compress_all(disk, backups, &|work| self.rest(work)).is_err() {
                    counters.failed(log, Operation::Compress);
                    complete = false;
                }
            }
            pause = (!complete).then(|| backoff.failed(clock::ticks()));
            if complete {
                backoff.succeeded();
            }
        }
    }

    /// Waits until there is something to do, at most for `pause`; false once it is over.
    fn wait(&self, pause: Option<Duration>) -> bool {
        let mut state = self.state.lock();
        let is_idle = |state: &mut State| !state.is_wanted && !state.is_over;
        match pause {
            // After a failure a new backup is no reason to hurry.
            Some(pause) => drop(self.changed.wait_while_for(&mut state, |state| !state.is_over, pause)),
            None => self.changed.wait_while(&mut state, is_idle),
        }
        state.is_wanted = false;
        !state.is_over
    }

    /// Rests as long as the work took; false once it is over.
    fn rest(&self, work: Duration) -> bool {
        let mut state = self.state.lock();
        self.changed.wait_while_for(&mut state, |state| !state.is_over, work);
        !state.is_over
    }
}

/// Compresses all backups of a log that are not, the oldest first. `rest` is told how long each piece of work took, and
/// says whether to go on.
pub(super) fn compress_all(
    disk: &dyn Disk,
    backups: &Backups,
    rest: &dyn Fn(Duration) -> bool,
) -> io::Result<()> {
    let mut plain: Vec<(u32, PathBuf)> =
        plain(disk, backups)?.into_iter().map(|(number, path, _)| (number, path)).collect();
    plain.sort();
    for (_, path) in plain.iter().rev() {
        match compress(disk, backups, path, rest) {
            // A rotation has moved it, and another will call again.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            result => result?,
        }
    }
    Ok(())
}

fn plain(disk: &dyn Disk, backups: &Backups) -> io::Result<Vec<(u32, PathBuf, Look)>> {
    let number = |name: &str| match backups.role(name) {
        Some(Role::Backup(number)) => Some(number),
        _ => None,
    };
    let found = disk.list(backups.dir(), &|name| number(name).is_some())?;
    let numbered = found.into_iter().filter(|(_, look)| look.is_file).filter_map(|(path, look)| {
        let number = number(path.file_name()?.to_str()?)?;
        Some((number, path, look))
    });
    Ok(numbered.collect())
}

fn compress(
    disk: &dyn Disk,
    backups: &Backups,
    path: &Path,
    rest: &dyn Fn(Duration) -> bool,
) -> io::Result<()> {
    let mut source = disk.read(path)?;
    let before = source.look()?;
    let temporary = backups.compressing();
    // Held until the name is gone, one way or the other: another process may want it.
    let Some(mut target) = hold(disk, &temporary)? else { return Ok(()) };
    let compressed = (|| {
        let mut encoder = GzEncoder::new(&mut target, Compression::default());
        let Some(bytes) = copy(&mut *source, &mut encoder, rest)? else { return Ok(false) };
        encoder.finish()?;
        target.finish_as(&*source)?;
        replace(disk, backups, &temporary, before.identity, bytes)
    })();
    if !matches!(compressed, Ok(true)) {
        let _ = disk.remove(&temporary);
    }
    compressed.map(drop)
}

/// Opens the temporary file, unless another process is at it.
fn hold(disk: &dyn Disk, temporary: &Path) -> io::Result<Option<Box<dyn LogHandle>>> {
    let target = disk.open(temporary)?;
    let is_ours = target.try_lock()?
        && disk.look(temporary)?.map(|look| look.identity) == Some(target.look()?.identity);
    if !is_ours {
        return Ok(None);
    }
    target.cut(0)?;
    Ok(Some(target))
}

/// Copies all there is; gives its length, or none where it is over.
fn copy(
    source: &mut dyn Read,
    target: &mut dyn Write,
    rest: &dyn Fn(Duration) -> bool,
) -> io::Result<Option<u64>> {
    let (mut chunk, mut bytes) = (vec![0; CHUNK_BYTES], 0);
    loop {
        let began = clock::ticks();
        let read = match source.read(&mut chunk) {
            Ok(0) => return Ok(Some(bytes)),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        target.write_all(&chunk[..read])?;
        bytes += read as u64;
        if !rest(clock::duration(clock::ticks().saturating_sub(began))) {
            return Ok(None);
        }
    }
}

/// Puts the compressed file in the place of its source, wherever that is by now. False where it is nowhere, or has grown.
fn replace(
    disk: &dyn Disk,
    backups: &Backups,
    temporary: &Path,
    source: Identity,
    bytes: u64,
) -> io::Result<bool> {
    let _dir = hold_dir(disk, backups.dir())?;
    let found = plain(disk, backups)?.into_iter().find(|(_, _, look)| look.identity == source);
    let Some((number, path, _)) = found else { return Ok(false) };
    // A writer that could not make a new file may be at it.
    let held = disk.open(&path)?;
    if !held.try_lock()? {
        return Ok(false);
    }
    let plain = held.look()?;
    if plain.identity != source || plain.size != bytes {
        return Ok(false);
    }
    let compressed = backups.at(number, Form::Compressed);
    // Of the same one, if the plain file could not be removed then.
    if disk.look(&compressed)?.is_some_and(|look| look.modified > plain.modified) {
        return Err(in_the_way(&compressed, "another backup"));
    }
    disk.rename(temporary, &compressed)?;
    disk.remove(&path)?;
    Ok(true)
}

/// Removes what a process that died has left half done, unless another one is at it.
pub(super) fn remove_leftover(disk: &dyn Disk, backups: &Backups) -> io::Result<()> {
    let temporary = backups.compressing();
    if disk.look(&temporary)?.is_none_or(|look| !look.is_file) {
        return Ok(());
    }
    match hold(disk, &temporary)? {
        Some(_held) => disk.remove(&temporary),
        None => Ok(()),
    }
}
