//! Brings a file from its origin to the disk.

use reqwest::Client;
use tachograph::metrics::counter;
use tachograph::timed;

use crate::error::Error;
use crate::queue::Job;
use crate::store::{Store, Stored};

/// Downloads the file of a job into the store.
#[timed(component = "download", slow = "250ms", fields(file = job.file, url = job.url))]
pub(crate) async fn download(client: &Client, store: &Store, job: &Job) -> Result<Stored, Error> {
    let mut response = client.get(&job.url).send().await.map_err(Error::Unreachable)?;
    let status = response.status();
    if !status.is_success() {
        return Err(Error::Refused { status });
    }
    let mut partial = store.create(job.file).await?;
    loop {
        let chunk = response.chunk().await;
        match chunk.map_err(|source| Error::BrokenOff { received: partial.size(), source })? {
            Some(chunk) => {
                counter!("mirror_downloaded_bytes_total").increment(chunk.len() as u64);
                partial.write(&chunk).await?;
            }
            None => return store.publish(partial, job.sha256).await,
        }
    }
}
