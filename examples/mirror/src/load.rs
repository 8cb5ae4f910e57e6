//! A gentle load, so that there is something to see: visitors who order files and read back what became of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tracing::debug;

use crate::digest::Digest;
use crate::error::with_causes;
use crate::file::File;
use crate::origin;

/// From one visitor to the next.
const PACE: Duration = Duration::from_millis(120);

/// How long a visitor waits who is not impatient.
const PATIENCE: Duration = Duration::from_secs(8);

/// What a visitor does.
#[derive(Clone, Copy, Debug)]
enum Visit {
    /// Orders a file and knows its digest.
    Known,
    /// Orders a file whose digest is another.
    Forged,
    /// Orders what stands under this path of the origin.
    Order(&'static str),
    /// Orders a slow file and goes away before it is there.
    Impatient,
    /// Asks for a file that nobody ordered.
    Lost,
    /// Looks at the list.
    List,
}

use Visit::{Forged, Impatient, Known, List, Lost, Order};

/// A round of visits. Each way to end comes early in it, for those who watch only a few seconds.
#[rustfmt::skip]
const ROUND: [Visit; 24] = [
    Known, Order("slow/film.gz"), Order("hanging"), Order("bad-bundle"), Known, Impatient,
    List, Order("missing"), Known, Forged, Order("files/notes.txt"), Order("slow/concert.gz"),
    Known, Order("truncated/film.gz"), Lost, Known, List, Impatient,
    Order("broken"), Known, Order("files/picture.png"), Known, Order("slow/play.gz"), Known,
];

/// Sends visitors for as long as it is polled.
pub(crate) async fn run(api: SocketAddr, origin: SocketAddr) {
    let town = Arc::new(Town {
        client: Client::new(),
        files: format!("http://{api}/files"),
        origin: format!("http://{origin}"),
    });
    let mut visits = JoinSet::new();
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for (number, visit) in ROUND.into_iter().cycle().enumerate() {
        pace.tick().await;
        while visits.try_join_next().is_some() {}
        let visitor = Visitor { town: Arc::clone(&town), number };
        visits.spawn(async move {
            match visitor.pay(visit).await {
                Ok(()) => debug!(?visit, number, "visited"),
                Err(error) => debug!(?visit, number, "visited in vain: {}", with_causes(&error)),
            }
        });
    }
}

/// Where the visitors go.
struct Town {
    client: Client,
    files: String,
    origin: String,
}

struct Visitor {
    town: Arc<Town>,
    number: usize,
}

#[derive(Serialize)]
struct Submission {
    url: String,
    sha256: Option<Digest>,
}

impl Visitor {
    async fn pay(&self, visit: Visit) -> reqwest::Result<()> {
        let name = format!("file-{}.png", self.number % 50);
        let path = format!("files/{name}");
        match visit {
            Known => self.order_and_read(&path, Some(Digest::of(&origin::content(&name)))).await,
            Forged => self.order_and_read(&path, Some(Digest::of(b"another file"))).await,
            Order(path) => self.order_and_read(path, None).await,
            Impatient => {
                let id = self.order("slow/film.gz", None).await?;
                self.read(&format!("/{id}/finished"), Duration::from_millis(150)).await
            }
            Lost => self.read("/0", PATIENCE).await,
            List => self.read("", PATIENCE).await,
        }
    }

    /// Orders a file, waits for it, and reads it again: then it comes from the cache.
    async fn order_and_read(&self, path: &str, sha256: Option<Digest>) -> reqwest::Result<()> {
        let id = self.order(path, sha256).await?;
        self.read(&format!("/{id}/finished"), PATIENCE).await?;
        self.read(&format!("/{id}"), PATIENCE).await
    }

    /// Orders a file under a request id of the visitor's own; gives the file's id.
    async fn order(&self, path: &str, sha256: Option<Digest>) -> reqwest::Result<i64> {
        let submission = Submission { url: format!("{}/{path}", self.town.origin), sha256 };
        let request = self.town.client.post(&self.town.files).timeout(PATIENCE).json(&submission);
        let request = request.header("x-request-id", format!("visit-{}", self.number));
        let file: File = request.send().await?.error_for_status()?.json().await?;
        Ok(file.id)
    }

    /// Reads what is known of a file, or of all.
    async fn read(&self, path: &str, patience: Duration) -> reqwest::Result<()> {
        let request = self.town.client.get(format!("{}{path}", self.town.files)).timeout(patience);
        request.send().await?.error_for_status()?.bytes().await?;
        Ok(())
    }
}
