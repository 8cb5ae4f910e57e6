//! Stands for somebody else's server: files that come at once, slowly, in part, or not at all. It is not annotated.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use futures_util::stream::{self, StreamExt};
use tokio::net::TcpListener;

use crate::digest::Digest;
use crate::error::Error;

pub(crate) struct Origin {
    address: SocketAddr,
}

impl Origin {
    /// Starts on a free port and serves as long as the runtime lives.
    pub(crate) async fn start() -> Result<Self, Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let failed = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        tokio::spawn(axum::serve(listener, router()).into_future());
        Ok(Self { address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

fn router() -> Router {
    Router::new()
        .route("/files/{name}", get(async |Path(name): Path<String>| content(&name)))
        .route("/slow/{name}", get(slow))
        .route("/truncated/{name}", get(truncated))
        .route("/broken", get(StatusCode::INTERNAL_SERVER_ERROR))
        .route("/hanging", get(async || std::future::pending::<()>().await))
        // A bundle whose title is said to be longer than the file is.
        .route("/bad-bundle", get(b"BNDL\xffshort"))
}

/// The content of a file, the same at each request: between 1 and 256 KiB that begin as the name's ending says.
pub(crate) fn content(name: &str) -> Vec<u8> {
    let magic: &[u8] = match name.rsplit_once('.') {
        Some((_, "png")) => b"\x89PNG\r\n\x1a\n",
        Some((_, "gz")) => b"\x1f\x8b\x08",
        _ => b"",
    };
    let seed = Digest::of(name.as_bytes()).to_string();
    let kibibytes = 1 + seed.bytes().map(usize::from).sum::<usize>() % 256;
    magic.iter().chain(seed.as_bytes().iter().cycle()).copied().take(kibibytes * 1024).collect()
}

/// In eight pieces, half a second in all.
async fn slow(Path(name): Path<String>) -> Body {
    let content = Bytes::from(content(&name));
    let piece = content.len().div_ceil(8);
    Body::from_stream(stream::unfold(content, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
        let next = rest.split_to(piece.min(rest.len()));
        Some((Ok::<_, Infallible>(next), rest))
    }))
}

/// Promises a whole file and breaks the connection off after its first half.
async fn truncated(Path(name): Path<String>) -> impl IntoResponse {
    let content = content(&name);
    let half = Bytes::copy_from_slice(&content[..content.len() / 2]);
    let rest = async {
        // The half is on its way before the connection ends.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    };
    let pieces = stream::once(async { Ok(half) }).chain(stream::once(rest));
    ([(header::CONTENT_LENGTH, content.len())], Body::from_stream(pieces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_depends_on_the_name_alone() {
        assert_eq!(content("a.png"), content("a.png"));
        assert_ne!(content("a.png"), content("b.png"));
        assert!(content("a.png").starts_with(b"\x89PNG"));
        assert!((1024..=256 * 1024).contains(&content("a").len()));
    }
}
