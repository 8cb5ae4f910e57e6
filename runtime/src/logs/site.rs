//! The places in the code that log through `tracing`: what a record of each has in common with its others is encoded once.

use std::ptr;
use std::sync::OnceLock;

use tracing::Metadata;

use super::format::{Format, Place};
use super::names::{Name, Names};
use super::rate::Window;
use super::route::{Log, Route};
use crate::observer::Level;

/// A call site of `tracing`.
#[derive(Debug)]
pub(super) struct Site {
    metadata: &'static Metadata<'static>,
    pub(super) head: Box<[u8]>,
    pub(super) place: Box<[u8]>,
    /// A name of its place was cut.
    pub(super) is_cut: bool,
    /// By the index that `tracing` gives them.
    pub(super) fields: Box<[SiteField]>,
    pub(super) names: Names,
    /// Two fields have one name.
    pub(super) has_twins: bool,
    pub(super) route: Route,
    pub(super) window: Window,
}

#[derive(Debug)]
pub(super) struct SiteField {
    pub(super) name: Name<'static>,
    pub(super) is_message: bool,
}

impl Site {
    fn new(metadata: &'static Metadata<'static>, format: &Format) -> Self {
        let place = place_of(metadata);
        let (mut head, mut place_bytes) = (Vec::new(), Vec::new());
        let mut is_complete = format.head(&mut head, &place);
        is_complete &= format.place(&mut place_bytes, &place);
        let mut names = Names::default();
        let mut has_twins = false;
        let fields = metadata.fields().iter().map(|field| {
            let name = format.field(field.name());
            has_twins |= names.may_have(name.hash());
            names.add(name.hash());
            SiteField { name, is_message: field.name() == "message" }
        });
        let fields = fields.collect();
        let route =
            if place.level == Level::Error { Route::EVERYDAY.and(Log::Error) } else { Route::EVERYDAY };
        let (head, place) = (head.into(), place_bytes.into());
        Self {
            metadata,
            head,
            place,
            is_cut: !is_complete,
            fields,
            names,
            has_twins,
            route,
            window: Window::default(),
        }
    }

    pub(super) fn place(&self) -> Place<'static> {
        place_of(self.metadata)
    }
}

fn place_of(metadata: &'static Metadata<'static>) -> Place<'static> {
    Place {
        level: level(*metadata.level()),
        logger: metadata.target(),
        module: metadata.module_path(),
        function: None,
        file: metadata.file(),
        line: metadata.line(),
    }
}

const fn level(level: tracing::Level) -> Level {
    match level {
        tracing::Level::TRACE => Level::Trace,
        tracing::Level::DEBUG => Level::Debug,
        tracing::Level::INFO => Level::Info,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::ERROR => Level::Error,
    }
}

/// All call sites seen so far: they are added for ever, and found without a lock.
#[derive(Debug)]
pub(super) struct Sites(Box<[OnceLock<Box<Link>>]>);

#[derive(Debug)]
struct Link {
    site: Site,
    next: OnceLock<Box<Self>>,
}

const BUCKETS: usize = 512;

impl Sites {
    pub(super) fn new() -> Self {
        Self((0..BUCKETS).map(|_| OnceLock::new()).collect())
    }

    #[inline]
    pub(super) fn find(&self, metadata: &'static Metadata<'static>, format: &Format) -> &Site {
        let mut slot = &self.0[bucket(metadata)];
        loop {
            let link = slot
                .get_or_init(|| Box::new(Link { site: Site::new(metadata, format), next: OnceLock::new() }));
            if ptr::eq(link.site.metadata, metadata) {
                return &link.site;
            }
            slot = &link.next;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Site> {
        let chains = self.0.iter().filter_map(OnceLock::get);
        let links = chains.flat_map(|first| std::iter::successors(Some(first), |link| link.next.get()));
        links.map(|link| &link.site)
    }
}

/// Statics stand side by side: their addresses differ in the middle.
fn bucket(metadata: &'static Metadata<'static>) -> usize {
    let address = ptr::from_ref(metadata).addr() as u64;
    (address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % BUCKETS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::format::LogFormat;

    /// Metadata of as many call sites as one likes.
    fn metadata(line: u32) -> &'static Metadata<'static> {
        let callsite = tracing::info_span!("any").metadata().map(|metadata| metadata.callsite());
        let fields = tracing::field::FieldSet::new(&["user", "message", "password"], callsite.unwrap());
        let (level, kind) = (tracing::Level::WARN, tracing::metadata::Kind::EVENT);
        let metadata =
            Metadata::new("event", "target", level, None, Some(line), Some("module"), fields, kind);
        Box::leak(Box::new(metadata))
    }

    #[test]
    fn a_site_is_made_once_and_found_by_all_threads() {
        let format = Format::new(LogFormat::default(), "app", 1024);
        let sites = Sites::new();
        let _subscriber = tracing::subscriber::set_default(tracing_subscriber::registry());
        let all: Vec<_> = (0..2 * BUCKETS as u32).map(metadata).collect();
        let addresses =
            || all.iter().map(|one| ptr::from_ref(sites.find(one, &format)).addr()).collect::<Vec<_>>();
        let [first, second] = std::thread::scope(|scope| {
            [scope.spawn(addresses), scope.spawn(addresses)].map(|thread| thread.join().unwrap())
        });
        assert_eq!(first, second);
        assert_eq!(sites.iter().count(), all.len());
        let site = sites.find(all[0], &format);
        assert_eq!(&*site.place, br#","module":"module","line":0"#);
        assert!(site.fields[1].is_message && site.fields[2].name.is_secret() && !site.has_twins);
    }
}
