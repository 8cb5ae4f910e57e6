//! The filter before the log, which is exchanged while events pass it.
//!
//! To look at the one in force is to load a pointer: no lock that a thread could hold while the process is copied, and
//! none that the threads of a program meet at. So a filter lives for ever once it was in force. One that stands for
//! itself, which all are but those that name spans, is found again by its directives: whoever goes back and forth
//! needs no more memory.

use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer};

use super::directives::Directives;
#[cfg(target_os = "linux")]
use super::signals;

/// A filter, and what it was made of.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) directives: Directives,
    inner: EnvFilter,
    /// Otherwise spans make no difference to it.
    follows_spans: bool,
}

impl Filter {
    fn leak(directives: Directives) -> &'static Self {
        let (inner, follows_spans) = (directives.filter(), directives.name_spans());
        Box::leak(Box::new(Self { directives, inner, follows_spans }))
    }
}

/// The filter in force, and those that were.
#[derive(Debug)]
pub(super) struct Filters {
    current: AtomicPtr<Filter>,
    pub(super) configured: &'static Filter,
    /// Those that can be in force once more.
    known: Mutex<Vec<&'static Filter>>,
}

/// The right to put another filter in force; one thread at a time has it.
pub(super) struct Changing<'a> {
    filters: &'a Filters,
    known: MutexGuard<'a, Vec<&'static Filter>>,
}

impl Filters {
    pub(super) fn new(configured: Directives) -> Self {
        let configured = Filter::leak(configured);
        let current = AtomicPtr::new(std::ptr::from_ref(configured).cast_mut());
        let known = if configured.follows_spans { Vec::new() } else { vec![configured] };
        Self { current, configured, known: Mutex::new(known) }
    }

    #[inline]
    pub(super) fn current(&self) -> &'static Filter {
        // SAFETY: it comes from a reference that is valid for ever, and nobody writes through it.
        unsafe { &*self.current.load(Ordering::Acquire) }
    }

    pub(super) fn change(&self) -> Changing<'_> {
        Changing { filters: self, known: self.known.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}

impl Changing<'_> {
    /// From now on events pass by these directives.
    pub(super) fn put_in_force(&mut self, directives: &Directives) {
        if self.filters.current().directives == *directives {
            return;
        }
        let filter = self.find(directives);
        self.filters.current.store(std::ptr::from_ref(filter).cast_mut(), Ordering::Release);
        // Each call site has kept whether it is of interest, those too that are not.
        tracing::callsite::rebuild_interest_cache();
    }

    fn find(&mut self, directives: &Directives) -> &'static Filter {
        if let Some(known) = self.known.iter().find(|filter| filter.directives == *directives) {
            return known;
        }
        let filter = Filter::leak(directives.clone());
        // The other kind remembers in which spans its threads are, which it would not be told meanwhile.
        if !filter.follows_spans {
            self.known.push(filter);
        }
        filter
    }
}

/// Lets pass what the filter in force lets pass.
pub(crate) struct FilterLayer(pub(super) Arc<Filters>);

impl FilterLayer {
    /// The filter in force, where spans make a difference to it.
    fn following(&self) -> Option<&'static EnvFilter> {
        let filter = self.0.current();
        filter.follows_spans.then_some(&filter.inner)
    }
}

impl<S: Subscriber> Layer<S> for FilterLayer {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        Layer::<S>::register_callsite(&self.0.current().inner, metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>, context: Context<'_, S>) -> bool {
        self.0.current().inner.enabled(metadata, context)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.0.current().inner.max_level_hint()
    }

    #[cfg(target_os = "linux")]
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        signals::attend_in_copy();
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(filter) = self.following() {
            filter.on_new_span(attributes, id, context);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(filter) = self.following() {
            filter.on_record(id, values, context);
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(filter) = self.following() {
            filter.on_enter(id, context);
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if let Some(filter) = self.following() {
            filter.on_exit(id, context);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(filter) = self.following() {
            filter.on_close(id, context);
        }
    }
}
