//! Renders the page for whoever asks, once for all who ask meanwhile.

use std::io::Write;
use std::sync::{Arc, Weak};

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Bytes;
use parking_lot::Mutex;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

use super::exposition::Format;
use super::negotiation::Encoding;

/// What fits into one packet is not worth the work.
const WORTH_COMPRESSING: usize = 1_400;

pub(super) type Render = dyn Fn(Format) -> Vec<u8> + Send + Sync;

/// Rendering failed: it panicked, or the exporter is about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failed;

/// The renderings that are under way, one a format at most.
pub(super) struct Renders {
    render: Arc<Render>,
    under_way: [Mutex<Weak<Rendering>>; 3],
}

/// A rendering, and what came of it.
#[derive(Default)]
struct Rendering(OnceCell<Arc<Page>>);

/// A page, and what it is when it is compressed.
#[derive(Debug)]
struct Page {
    plain: Bytes,
    compressed: OnceCell<Bytes>,
}

impl Renders {
    pub(super) fn new(render: Arc<Render>) -> Self {
        Self { render, under_way: Default::default() }
    }

    /// The page, and how it is encoded.
    pub(super) async fn page(&self, format: Format, encoding: Encoding) -> Result<(Bytes, Encoding), Failed> {
        let page = self.rendered(format).await?;
        if encoding == Encoding::Identity || page.plain.len() < WORTH_COMPRESSING {
            return Ok((page.plain.clone(), Encoding::Identity));
        }
        let compressing = || {
            let plain = page.plain.clone();
            off_the_way(move || compressed(&plain))
        };
        Ok((page.compressed.get_or_try_init(compressing).await?.clone(), Encoding::Gzip))
    }

    /// The page from the rendering that is under way, or else from a new one.
    async fn rendered(&self, format: Format) -> Result<Arc<Page>, Failed> {
        let place = &self.under_way[format as usize];
        let rendering = {
            let mut under_way = place.lock();
            under_way.upgrade().unwrap_or_else(|| {
                let new = Arc::default();
                *under_way = Arc::downgrade(&new);
                new
            })
        };
        let page = rendering.0.get_or_try_init(|| async {
            let render = Arc::clone(&self.render);
            let plain = off_the_way(move || render(format)).await;
            // Whoever comes now wants what happened since.
            *place.lock() = Weak::new();
            Ok(Arc::new(Page { plain: plain?.into(), compressed: OnceCell::new() }))
        });
        page.await.cloned()
    }
}

/// Does work on another thread: connections are accepted and answered meanwhile.
async fn off_the_way<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failed> {
    spawn_blocking(work).await.map_err(|_| Failed)
}

/// The fastest level: a page shrinks to a tenth all the same.
fn compressed(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 8), Compression::fast());
    // To write into a vector cannot fail.
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn on_a_runtime<F: Future>(work: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    /// Each rendering gives its number, and takes a while.
    fn numbered() -> Arc<Renders> {
        let number = AtomicUsize::new(0);
        Arc::new(Renders::new(Arc::new(move |_| {
            let number = number.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(50));
            format!("{number:02000}").into_bytes()
        })))
    }

    fn number((page, _): (Bytes, Encoding)) -> usize {
        String::from_utf8_lossy(&page).parse().unwrap()
    }

    #[test]
    fn those_who_ask_at_once_share_one_rendering() {
        let renders = numbered();
        let numbers = on_a_runtime(async {
            let ask = |_| {
                let renders = Arc::clone(&renders);
                tokio::spawn(async move { renders.page(Format::Text, Encoding::Identity).await })
            };
            let mut numbers = Vec::new();
            for asked in (0..50).map(ask).collect::<Vec<_>>() {
                numbers.push(number(asked.await.unwrap().unwrap()));
            }
            numbers.push(number(renders.page(Format::Text, Encoding::Identity).await.unwrap()));
            numbers
        });
        assert_eq!(numbers[..50], [0; 50]);
        assert_eq!(numbers[50], 1, "whoever comes later gets a page of its own");
    }

    #[test]
    fn one_who_leaves_does_not_take_the_page_along() {
        let renders = numbered();
        let (left, stayed) = on_a_runtime(async {
            let first = tokio::time::timeout(
                Duration::from_millis(5),
                renders.page(Format::Text, Encoding::Identity),
            );
            (first.await.is_err(), renders.page(Format::Text, Encoding::Identity).await)
        });
        assert!(left && stayed.is_ok());
    }

    #[test]
    fn formats_have_renderings_of_their_own() {
        let renders = Renders::new(Arc::new(|format| format!("{format:?}").into_bytes()));
        on_a_runtime(async {
            for format in [Format::Text, Format::OpenMetrics, Format::Protobuf] {
                let page = renders.page(format, Encoding::Gzip).await;
                assert_eq!(
                    page,
                    Ok((format!("{format:?}").into(), Encoding::Identity)),
                    "too short for gzip"
                );
            }
        });
    }

    #[test]
    fn what_is_compressed_is_the_page() {
        use std::io::Read;
        let renders = Renders::new(Arc::new(|_| b"a line\n".repeat(1_000)));
        let (page, encoding) = on_a_runtime(renders.page(Format::Text, Encoding::Gzip)).unwrap();
        assert!(encoding == Encoding::Gzip && page.len() < 500, "{} bytes", page.len());
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&page[..]).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, b"a line\n".repeat(1_000));
    }

    #[test]
    fn a_rendering_that_panics_fails_for_those_who_asked() {
        let panics = AtomicUsize::new(0);
        let renders = Renders::new(Arc::new(move |_| match panics.fetch_add(1, Ordering::Relaxed) {
            0 => std::panic::resume_unwind(Box::new(())),
            _ => b"well".to_vec(),
        }));
        on_a_runtime(async {
            assert_eq!(renders.page(Format::Text, Encoding::Identity).await, Err(Failed));
            assert!(renders.page(Format::Text, Encoding::Identity).await.is_ok());
        });
    }
}
