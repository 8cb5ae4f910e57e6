//! The requests behind slow calls: a few values of each function with the id of the request that they belong to.
//!
//! Kept on the way of a slow call alone, which also writes a record, and never waited for: a call that finds somebody
//! else here goes on without.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use super::exposition::Exemplar;
use super::label_text::render_labels;
use crate::call_site::CallSite;
use crate::clock;
use crate::context::{Context, with_current};
use crate::reentry::{MAKING_ROOM, TELLING};

/// The most characters that names and values of an exemplar's labels have together, as OpenMetrics says.
const MAX_CHARACTERS: usize = 128;
/// The most exemplars of all functions together: a few megabytes.
const MAX_EXEMPLARS: usize = 10_000;
/// How long an exemplar is new enough for calls that took about as long.
const FRESH: Duration = Duration::from_secs(1);

static EXEMPLARS: Exemplars = Exemplars(Mutex::new(None));

/// The newest exemplar in each octave of durations, by the labels of the call site. No two classic buckets that are
/// twice as high as the one before share an octave's only exemplar for long: it is replaced each second.
struct Exemplars(Mutex<Option<Kept>>);

#[derive(Debug, Default)]
pub(crate) struct Kept {
    of: HashMap<&'static str, Vec<Exemplar>>,
    count: usize,
}

/// Keeps a call as an exemplar where it belongs to a request.
pub(crate) fn exemplify(site: &'static CallSite, duration: Duration) {
    // An annotated allocator would come back here for ever.
    if !MAKING_ROOM.is_under_way() {
        TELLING.run(|| EXEMPLARS.keep(site.labels(), duration));
    }
}

/// All exemplars, for as long as the page is written: calls go on without meanwhile.
pub(super) fn exemplars() -> MutexGuard<'static, Option<Kept>> {
    EXEMPLARS.0.lock()
}

impl Kept {
    /// The exemplars of a function.
    pub(super) fn of(&self, labels: &str) -> &[Exemplar] {
        self.of.get(labels).map_or(&[], Vec::as_slice)
    }
}

impl Exemplars {
    fn keep(&self, labels: &'static str, duration: Duration) {
        let Some(mut kept) = self.0.try_lock() else { return };
        let kept = kept.get_or_insert_default();
        let (now, value) = (clock::unix_time(), duration.as_nanos() as f64 / 1e9);
        let of_site = kept.of.entry(labels).or_default();
        let known = of_site.iter_mut().find(|exemplar| octave(exemplar.value) == octave(value));
        if known.as_ref().is_some_and(|known| now.saturating_sub(known.timestamp) < FRESH) {
            return;
        }
        let Some(labels) = with_current(labels_of) else { return };
        let exemplar = Exemplar { labels, value, timestamp: now };
        match known {
            Some(known) => *known = exemplar,
            None if kept.count < MAX_EXEMPLARS => {
                of_site.push(exemplar);
                kept.count += 1;
            }
            None => {}
        }
    }
}

/// The exponent of a duration.
const fn octave(seconds: f64) -> u64 {
    seconds.to_bits() >> (f64::MANTISSA_DIGITS - 1)
}

/// What tells where a call belongs: its request and, where there is room, its trace. None outside of a request, and none
/// where the id is too long.
fn labels_of(context: &Context) -> Option<String> {
    let request_id = context.request_id()?.to_string();
    let trace_id = trace_id(context);
    let labels = [("request_id", request_id.as_str()), ("trace_id", trace_id.as_str())];
    let known = if trace_id.is_empty() || !fit(&labels) { &labels[..1] } else { &labels };
    fit(known).then(|| render_labels(known))
}

fn fit(labels: &[(&str, &str)]) -> bool {
    let characters = labels.iter().map(|(name, value)| name.chars().count() + value.chars().count());
    characters.sum::<usize>() <= MAX_CHARACTERS
}

#[cfg(any(feature = "http", feature = "serde", feature = "workers"))]
fn trace_id(context: &Context) -> String {
    context.trace().map(crate::trace_context::TraceContext::trace_id).unwrap_or_default()
}

#[cfg(not(any(feature = "http", feature = "serde", feature = "workers")))]
const fn trace_id(_: &Context) -> String {
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::with_request_id;

    const LABELS: &str = "function=\"slow\"";

    fn kept(exemplars: &Exemplars) -> Vec<(String, f64)> {
        let kept = exemplars.0.lock();
        let of = kept.as_ref().map_or(&[][..], |kept| kept.of(LABELS));
        of.iter().map(|exemplar| (exemplar.labels.clone(), exemplar.value)).collect()
    }

    fn keep(exemplars: &Exemplars, id: &str, millis: u64) {
        with_request_id(id, || exemplars.keep(LABELS, Duration::from_millis(millis)));
    }

    #[test]
    fn a_call_outside_of_a_request_is_none() {
        let exemplars = Exemplars(Mutex::new(None));
        exemplars.keep(LABELS, Duration::from_secs(1));
        assert_eq!(kept(&exemplars), []);
    }

    #[test]
    fn one_call_an_octave_is_kept_for_a_second() {
        let exemplars = Exemplars(Mutex::new(None));
        keep(&exemplars, "a", 1_100);
        keep(&exemplars, "b", 1_900);
        keep(&exemplars, "c", 2_100);
        let [a, c] = [("request_id=\"a\"".to_owned(), 1.1), ("request_id=\"c\"".to_owned(), 2.1)];
        assert_eq!(kept(&exemplars), [a, c.clone()]);
        exemplars.0.lock().as_mut().unwrap().of.get_mut(LABELS).unwrap()[0].timestamp -= FRESH;
        keep(&exemplars, "d", 1_500);
        assert_eq!(kept(&exemplars), [("request_id=\"d\"".to_owned(), 1.5), c]);
    }

    #[test]
    fn an_id_that_is_too_long_is_left_out() {
        let exemplars = Exemplars(Mutex::new(None));
        let longest = "a".repeat(MAX_CHARACTERS - "request_id".len());
        keep(&exemplars, &format!("{longest}a"), 1_000);
        assert_eq!(kept(&exemplars), []);
        keep(&exemplars, &longest, 1_000);
        assert_eq!(kept(&exemplars).len(), 1);
    }

    #[test]
    #[cfg(any(feature = "http", feature = "serde", feature = "workers"))]
    fn the_trace_stands_beside_the_request_where_there_is_room() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let trace = crate::trace_context::TraceContext::parse(parent, []).unwrap();
        let kept_of = |id: &str| {
            let exemplars = Exemplars(Mutex::new(None));
            let context = Context::with_id(id).with_trace(trace.clone());
            context.run(|| exemplars.keep(LABELS, Duration::from_secs(1)));
            kept(&exemplars).remove(0).0
        };
        let room = MAX_CHARACTERS - "request_id".len() - "trace_id".len() - 32;
        let longest = "a".repeat(room);
        let both = format!("request_id=\"{longest}\",trace_id=\"{}\"", trace.trace_id());
        assert_eq!(kept_of(&longest), both);
        assert_eq!(kept_of(&format!("{longest}a")), format!("request_id=\"{longest}a\""));
    }

    #[test]
    fn there_are_so_many_and_no_more() {
        let exemplars = Exemplars(Mutex::new(Some(Kept { count: MAX_EXEMPLARS, ..Kept::default() })));
        keep(&exemplars, "a", 1_000);
        assert_eq!(kept(&exemplars), []);
    }

    #[test]
    fn nobody_waits_while_the_page_is_written() {
        let exemplars = Exemplars(Mutex::new(None));
        let page = exemplars.0.lock();
        keep(&exemplars, "a", 1_000);
        drop(page);
        assert_eq!(kept(&exemplars), []);
    }
}
