//! The mirrored files on disk, each under the name of its digest: what is there is whole.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tachograph::timed;
use tokio::fs;
use tokio::io::AsyncWriteExt;

use crate::digest::Digest;
use crate::error::Error;

/// So many bytes of a file's beginning are kept in memory, to tell what it is.
const HEAD: usize = 64;

/// No download takes that long.
const ABANDONED: Duration = Duration::from_secs(60);

/// The directory of the mirrored files.
pub(crate) struct Store {
    directory: PathBuf,
}

/// What is known of a file that is on disk.
pub(crate) struct Stored {
    pub(crate) size: u64,
    pub(crate) digest: Digest,
    pub(crate) head: Vec<u8>,
}

/// A file that is still being written, under a temporary name. Dropped before it is published, it is gone.
pub(crate) struct Partial {
    path: PathBuf,
    file: fs::File,
    digest: Sha256,
    size: u64,
    head: Vec<u8>,
}

impl Store {
    /// Opens the store below `data`, and removes what an earlier process was in the middle of writing.
    pub(crate) async fn open(data: &Path) -> Result<Self, Error> {
        let directory = data.join("files");
        fs::create_dir_all(&directory).await.map_err(failed("create the directory", &directory))?;
        let mut entries = fs::read_dir(&directory).await.map_err(failed("read", &directory))?;
        while let Some(entry) = entries.next_entry().await.map_err(failed("read", &directory))? {
            let path = entry.path();
            let is_partial = path.extension().is_some_and(|extension| extension == "part");
            if is_partial && is_abandoned(&entry).await {
                fs::remove_file(&path).await.map_err(failed("remove", &path))?;
            }
        }
        Ok(Self { directory })
    }

    #[timed(name = "create_file", component = "storage")]
    pub(crate) async fn create(&self, file: i64) -> Result<Partial, Error> {
        let path = self.directory.join(format!("{file}.part"));
        let file = fs::File::create(&path).await.map_err(failed("create", &path))?;
        Ok(Partial { path, file, digest: Sha256::new(), size: 0, head: Vec::new() })
    }

    /// Gives a file its final name, if it is what was promised.
    #[timed(name = "publish_file", component = "storage", fields(size = partial.size))]
    pub(crate) async fn publish(
        &self,
        mut partial: Partial,
        expected: Option<Digest>,
    ) -> Result<Stored, Error> {
        let digest = verify(partial.digest.clone(), expected)?;
        // The bytes reach the disk before the name does: a crash leaves no empty file under a digest's name.
        partial.file.flush().await.map_err(failed("write", &partial.path))?;
        partial.file.sync_all().await.map_err(failed("write", &partial.path))?;
        let path = self.directory.join(digest.to_string());
        fs::rename(&partial.path, &path).await.map_err(failed("rename a file to", &path))?;
        Ok(Stored { size: partial.size, digest, head: std::mem::take(&mut partial.head) })
    }
}

impl Partial {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    #[timed(name = "write_chunk", component = "storage", fields(size = chunk.len()))]
    pub(crate) async fn write(&mut self, chunk: &[u8]) -> Result<(), Error> {
        self.file.write_all(chunk).await.map_err(failed("write", &self.path))?;
        self.digest.update(chunk);
        self.size += chunk.len() as u64;
        let missing = HEAD - self.head.len();
        self.head.extend_from_slice(&chunk[..missing.min(chunk.len())]);
        Ok(())
    }
}

impl Drop for Partial {
    /// After `publish` the temporary name is gone already, and there is nothing to remove.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[timed(name = "verify_digest", component = "storage")]
fn verify(written: Sha256, expected: Option<Digest>) -> Result<Digest, Error> {
    let actual = Digest::from(written);
    match expected {
        Some(expected) if expected != actual => Err(Error::WrongDigest { expected, actual }),
        _ => Ok(actual),
    }
}

/// Whether nobody has written to it for long: other processes may be in the middle of theirs.
async fn is_abandoned(entry: &fs::DirEntry) -> bool {
    let modified = entry.metadata().await.and_then(|metadata| metadata.modified());
    modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > ABANDONED))
}

fn failed(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Disk { operation, path: path.to_owned(), source }
}
