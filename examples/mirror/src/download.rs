//! Brings a file from its origin to the disk.

use reqwest::Client;
use tachograph::downloads::{Download, Downloads, Reason};
use tachograph::{http, timed};

use crate::error::Error;
use crate::queue::Job;
use crate::store::{Store, Stored};

/// Downloads the file of a job into the store.
#[timed(component = "download", slow = "250ms", fields(file = job.file, url = job.url))]
pub(crate) async fn download(
    client: &Client,
    downloads: &Downloads,
    store: &Store,
    job: &Job,
) -> Result<Stored, Error> {
    let mut download = downloads.start();
    let stored = bring(client, &mut download, store, job).await;
    match &stored {
        Ok(_) => download.finish(),
        Err(error) => download.fail(reason(error)),
    }
    stored
}

async fn bring(client: &Client, download: &mut Download, store: &Store, job: &Job) -> Result<Stored, Error> {
    // The origin hears of the request as well.
    let mut response = http::send(client.get(&job.url)).await.map_err(Error::Unreachable)?;
    let status = response.status();
    if !status.is_success() {
        return Err(Error::Refused { status });
    }
    let mut partial = store.create(job.file).await?;
    loop {
        let chunk = response.chunk().await;
        match chunk.map_err(|source| Error::BrokenOff { received: partial.size(), source })? {
            Some(chunk) => {
                download.received(chunk.len());
                partial.write(&chunk).await?;
            }
            None => return store.publish(partial, job.sha256).await,
        }
    }
}

fn reason(error: &Error) -> Reason {
    match error {
        Error::Refused { .. } => Reason::Status,
        Error::WrongDigest { .. } => Reason::Integrity,
        Error::BrokenOff { .. } => Reason::Connection,
        Error::Disk { .. } => Reason::Disk,
        other => Reason::of(other),
    }
}
