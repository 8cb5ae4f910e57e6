//! What an annotated function leaves in the program: one static, found by everybody without being called.

use std::cell::UnsafeCell;
use std::panic::RefUnwindSafe;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::clock;
use crate::labels::Children;
#[cfg(feature = "telemetry")]
use crate::measurement::REGISTRY;
use crate::measurement::{Bounds, Leaked, Meanwhile};
use crate::slo::Slo;
use crate::start::Start;

/// From which duration on a call writes a performance record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slow {
    /// From the process-wide `PERFORMANCE_LOG_THRESHOLD` on.
    Default,
    /// From this many nanoseconds on; zero is always.
    AtLeast(u64),
    /// Never.
    Never,
}

/// One annotated function.
///
/// The labels stand in the program as they will stand on the metrics page, rendered by the attribute:
/// `function="fetch",module="mirror::downloader",component="download"`.
// A cell as a whole, though each part that changes is one itself: what rustc asks of the type of each annotated function's static
// is then answered without a look at the parts.
#[derive(Debug)]
#[repr(transparent)]
pub struct CallSite(UnsafeCell<Parts>);

// What every call reads comes first, and the alignment keeps it in one cache line.
#[derive(Debug)]
#[repr(C, align(32))]
struct Parts {
    /// The series of this call site; 0 until it is registered.
    series: AtomicU32,
    start: Start,
    /// Whether calls have a busy time; where only the type of an output tells, it is the first call that does.
    is_async: AtomicBool,
    /// The threshold of `slow` in ticks; never reached until somebody wants performance records.
    slow_ticks: AtomicU64,
    /// The bounds of its series: those of the first call site with these labels.
    bounds: Leaked<Bounds>,
    labels: &'static str,
    line: u32,
    /// One call in this many is timed.
    sample: u32,
    /// The threshold of `slow` in nanoseconds, or one of the two numbers below.
    slow_nanos: u64,
    slo: Option<&'static Slo>,
    /// Bounds of its own, in nanoseconds; none are the default ones.
    buckets: Option<&'static [u64]>,
    /// The call site with the same labels that was registered before this one.
    older: Leaked<CallSite>,
    /// The names of its run-time labels; none where it has none.
    label_names: &'static [&'static str],
    /// The call sites of its run-time labels.
    children: Leaked<Children>,
    /// What was counted here because there was no other place yet.
    meanwhile: Meanwhile,
}

/// `function`, `module` and `component`, which come first.
#[cfg(feature = "telemetry")]
const STATIC_LABELS: usize = 3;

/// Instead of a threshold in nanoseconds.
const SLOW_BY_DEFAULT: u64 = u64::MAX;
const NEVER_SLOW: u64 = u64::MAX - 1;

/// Where a tool finds what it wants to know in the file of a program: in bytes from the start of a call site. Of texts and slices
/// the address comes first, then the length.
#[derive(Clone, Copy, Debug)]
pub struct SiteLayout {
    /// The name of the section.
    pub section: &'static str,
    /// The bytes of a call site.
    pub size: usize,
    /// Its labels, a text.
    pub labels: usize,
    /// Its threshold, a number for [`SiteLayout::slow_of`].
    pub slow: usize,
    /// The bounds of its own, a slice of nanoseconds, at the address 0 where there are none.
    pub buckets: usize,
}

/// The layout of this version.
pub const CALL_SITES: SiteLayout = SiteLayout {
    section: "tachograph_0_1",
    size: size_of::<CallSite>(),
    labels: std::mem::offset_of!(Parts, labels),
    slow: std::mem::offset_of!(Parts, slow_nanos),
    buckets: std::mem::offset_of!(Parts, buckets),
};

impl SiteLayout {
    /// The threshold that a number stands for; none where the function has no threshold of its own.
    pub fn slow_of(self, number: u64) -> Option<Duration> {
        (number < NEVER_SLOW).then(|| Duration::from_nanos(number))
    }
}

// SAFETY: nobody ever has a mutable reference to the parts of a call site that is shared, and `Parts` may be shared itself.
unsafe impl Sync for CallSite {}
impl RefUnwindSafe for CallSite {}

const _: () = {
    const fn may_be_shared<T: Sync + RefUnwindSafe>() {}
    may_be_shared::<Parts>();
};

impl CallSite {
    /// What every call site begins with. It is made once; to make its parts for each call site would be most of the
    /// work that an attribute is to the compiler.
    #[allow(clippy::declare_interior_mutable_const, reason = "each call site is to have a copy")]
    const NEW: Parts = Parts {
        series: AtomicU32::new(0),
        start: Start::timed(),
        is_async: AtomicBool::new(false),
        slow_ticks: AtomicU64::new(u64::MAX),
        bounds: Leaked::none(),
        labels: "",
        line: 0,
        sample: 1,
        slow_nanos: SLOW_BY_DEFAULT,
        slo: None,
        buckets: None,
        older: Leaked::none(),
        label_names: &[],
        children: Leaked::none(),
        meanwhile: Meanwhile::new(),
    };
    #[allow(clippy::declare_interior_mutable_const, reason = "as above")]
    const NEW_FUTURE: Parts = Parts { is_async: AtomicBool::new(true), ..Self::NEW };

    /// The call site of a function.
    pub const fn function(labels: &'static str, line: u32) -> Self {
        Self(UnsafeCell::new(Parts { labels, line, ..Self::NEW }))
    }

    /// The call site of a function that gives a future.
    pub const fn future(labels: &'static str, line: u32) -> Self {
        Self(UnsafeCell::new(Parts { labels, line, ..Self::NEW_FUTURE }))
    }

    #[inline]
    const fn parts(&self) -> &Parts {
        // SAFETY: no reference to them is mutable but those from `parts_mut`, which takes the call site as one.
        unsafe { &*self.0.get() }
    }

    const fn parts_mut(&mut self) -> &mut Parts {
        self.0.get_mut()
    }

    /// With a threshold of its own.
    pub const fn slow(mut self, slow: Slow) -> Self {
        self.parts_mut().slow_nanos = match slow {
            Slow::Default => SLOW_BY_DEFAULT,
            Slow::AtLeast(nanos) if nanos < NEVER_SLOW => nanos,
            // Five centuries are never, too.
            Slow::AtLeast(_) | Slow::Never => NEVER_SLOW,
        };
        self
    }

    /// With a service level.
    pub const fn slo(mut self, slo: &'static Slo) -> Self {
        self.parts_mut().slo = Some(slo);
        self
    }

    /// With a gauge of the calls under way.
    pub const fn in_flight(self) -> Self {
        let parts = self.0.into_inner();
        Self(UnsafeCell::new(Parts { start: parts.start.with_gauge(), ..parts }))
    }

    /// Counts every call and times one in `one_in`, the first among them.
    ///
    /// # Panics
    /// Where `one_in` is 0.
    pub const fn sample(self, one_in: u32) -> Self {
        assert!(one_in > 0, "one call in none cannot be timed");
        let parts = self.0.into_inner();
        let start = if one_in > 1 { parts.start.sampled() } else { parts.start };
        Self(UnsafeCell::new(Parts { sample: one_in, start, ..parts }))
    }

    /// With these upper bounds of the buckets, in nanoseconds, instead of the default ones.
    ///
    /// Call sites with equal labels are one series, and that has one set of bounds: those of the call site that was
    /// registered first.
    ///
    /// # Panics
    /// Where there are none, more than 254, or they do not rise.
    pub const fn buckets(mut self, nanos: &'static [u64]) -> Self {
        Bounds::check(nanos);
        self.parts_mut().buckets = Some(nanos);
        self
    }

    /// With labels of these names, whose values come with each call: calls are those of the call sites that
    /// [`CallSite::labelled`] gives, and this one has no series.
    ///
    /// # Panics
    /// Where there is no name.
    pub const fn labelled_by(mut self, names: &'static [&'static str]) -> Self {
        assert!(!names.is_empty(), "run-time labels have names");
        self.parts_mut().label_names = names;
        self
    }

    /// A call site with the same settings and other labels.
    pub(crate) fn child_of(&self, labels: &'static str) -> Self {
        let mut child = Self::function(labels, self.parts().line);
        child.parts_mut().is_async = AtomicBool::new(self.is_async());
        child = child.sample(self.parts().sample);
        if self.has_gauge() {
            child = child.in_flight();
        }
        child.parts_mut().slow_nanos = self.parts().slow_nanos;
        child.parts_mut().slo = self.parts().slo;
        child.parts_mut().buckets = self.parts().buckets;
        child
    }

    /// The labels as they stand on the metrics page, without braces.
    pub const fn labels(&self) -> &'static str {
        self.parts().labels
    }

    /// The line of the function's name.
    pub const fn line(&self) -> u32 {
        self.parts().line
    }

    /// Whether calls have a busy time beside their wall time.
    #[inline]
    pub fn is_async(&self) -> bool {
        self.parts().is_async.load(Ordering::Relaxed)
    }

    /// Says that calls turned out to have a busy time.
    pub(crate) fn turn_async(&self) {
        self.parts().is_async.store(true, Ordering::Relaxed);
    }

    /// The operation: `name = "…"`, else the function's name.
    pub fn name(&self) -> String {
        self.label_or_empty("function")
    }

    /// The path of the module that holds the function.
    pub fn module(&self) -> String {
        self.label_or_empty("module")
    }

    /// `component = "…"`, else `application`.
    pub fn component(&self) -> String {
        self.label_or_empty("component")
    }

    fn label_or_empty(&self, name: &str) -> String {
        self.label(name).unwrap_or_default()
    }

    /// The value of a label, without its escapes. Only records and reports ask for it: calls never do.
    pub(crate) fn label(&self, name: &str) -> Option<String> {
        let mut rest = self.parts().labels;
        while let Some((key, after)) = rest.split_once("=\"") {
            let (value, length) = unescape(after);
            if key.trim_start_matches(',') == name {
                return Some(value);
            }
            rest = after.get(length..).unwrap_or("");
        }
        None
    }

    /// Sets from which duration on calls write performance records.
    pub(crate) fn arm(&self, default: Duration) {
        let ticks = self.slow_from(default).map_or(u64::MAX, clock::ticks_at_least_in);
        self.parts().slow_ticks.store(ticks, Ordering::Relaxed);
    }

    /// The duration from which on a call is slow; none for never.
    fn slow_from(&self, default: Duration) -> Option<Duration> {
        match self.parts().slow_nanos {
            SLOW_BY_DEFAULT => Some(default),
            NEVER_SLOW => None,
            nanos => Some(Duration::from_nanos(nanos)),
        }
    }

    /// Whether a call of this length may have to write a performance record: [`CallSite::is_slow`] knows.
    #[inline]
    pub(crate) fn may_be_slow(&self, ticks: u64) -> bool {
        ticks >= self.parts().slow_ticks.load(Ordering::Relaxed)
    }

    /// Whether a call of this length is to write a performance record. How long a tick is, is known the better the longer
    /// the program runs; the threshold in ticks is from its beginning.
    pub(crate) fn is_slow(&self, duration: Duration) -> bool {
        let default = DEFAULT_SLOW.get().copied().unwrap_or(Duration::MAX);
        self.slow_from(default).is_some_and(|threshold| duration >= threshold)
    }

    /// Whether any call can write a performance record, so that its fields are worth capturing.
    #[inline]
    pub(crate) fn is_armed(&self) -> bool {
        self.parts().slow_ticks.load(Ordering::Relaxed) != u64::MAX
    }

    /// What there is to do at the start of a call.
    #[inline]
    pub(crate) fn start_of_call(&self) -> &Start {
        &self.parts().start
    }

    /// Whether calls under way are counted.
    #[inline]
    pub(crate) fn has_gauge(&self) -> bool {
        self.parts().start.has_gauge()
    }

    /// One call in this many is timed.
    #[inline]
    pub(crate) fn one_timed_in(&self) -> u32 {
        self.parts().sample
    }

    /// Whether its calls are those of its children.
    pub(crate) fn is_labelled(&self) -> bool {
        !self.parts().label_names.is_empty()
    }

    /// The names of its run-time labels.
    pub(crate) fn label_names(&self) -> &'static [&'static str] {
        self.parts().label_names
    }

    pub(crate) fn children(&self) -> &Leaked<Children> {
        &self.parts().children
    }

    /// The service level that was said of it; its series may have a stricter one.
    pub(crate) fn own_slo(&self) -> Option<&'static Slo> {
        self.parts().slo
    }

    /// The labels without those that come with calls.
    #[cfg(feature = "telemetry")]
    pub(crate) fn static_labels(&self) -> &'static str {
        let (labels, mut end) = (self.parts().labels, 0);
        for _ in 0..STATIC_LABELS {
            let Some((key, after)) = labels.get(end..).and_then(|rest| rest.split_once("=\"")) else { break };
            end += key.len() + "=\"".len() + unescape(after).1;
        }
        labels.get(..end).unwrap_or(labels)
    }

    /// The bounds that it asks for in nanoseconds.
    pub(crate) fn own_buckets(&self) -> Option<&'static [u64]> {
        self.parts().buckets
    }

    /// The number of this site's series; 0 before its registration, and beyond all cells where it was refused.
    #[inline]
    pub(crate) fn series(&self) -> u32 {
        self.parts().series.load(Ordering::Relaxed)
    }

    /// The number of this site's series and the bounds of that, once it is registered.
    pub(crate) fn joined(&self) -> Option<(u32, &'static Bounds)> {
        // Whoever sees the number also sees the bounds that were set before it.
        match self.parts().series.load(Ordering::Acquire) {
            0 => None,
            series => Some((series, self.parts().bounds.get()?)),
        }
    }

    /// Publishes the number given by the registry; called once, under its lock.
    pub(crate) fn join(&self, number: u32, bounds: &'static Bounds, older: Option<&'static Self>) {
        // Where the linker gathers no call sites, this is the first that anybody hears of this one.
        if let Some(default) = DEFAULT_SLOW.get() {
            self.arm(*default);
        }
        self.parts().bounds.set(bounds);
        if let Some(older) = older {
            self.parts().older.set(older);
        }
        self.parts().series.store(number, Ordering::Release);
    }

    /// This call site and those with the same labels that were registered before it.
    pub(crate) fn and_older(&'static self) -> impl Iterator<Item = &'static Self> {
        std::iter::successors(Some(self), |site| site.parts().older.get())
    }

    /// Where a call is counted for which there are no cells, and none can be made.
    pub(crate) fn meanwhile(&self) -> &Meanwhile {
        &self.parts().meanwhile
    }
}

static DEFAULT_SLOW: OnceLock<Duration> = OnceLock::new();

/// Lets slow calls write performance records from now on: there is somebody who takes them.
#[cfg(feature = "telemetry")]
pub(crate) fn arm_all(default: Duration) {
    let default = *DEFAULT_SLOW.get_or_init(|| default);
    // A call site that registers from now on finds the default; one that did before is among these.
    for site in call_sites().iter().chain(REGISTRY.sites()) {
        site.arm(default);
    }
}

/// Reads an escaped label value up to its closing quote; gives it and the length of what was read.
fn unescape(escaped: &str) -> (String, usize) {
    let mut value = String::new();
    let mut characters = escaped.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, at + 1),
            '\\' => match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, other)) => value.push(other),
                None => break,
            },
            other => value.push(other),
        }
    }
    (value, escaped.len())
}

/// All call sites that the linker gathered, in no particular order.
///
/// On Linux and the other systems with ELF binaries an annotated function is here before its first call. Elsewhere
/// the list is empty, and a function joins the metrics page at its first call.
pub fn call_sites() -> &'static [CallSite] {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    return section::call_sites();
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    return &[];
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
mod section {
    use super::CallSite;

    // The linker defines these two around every section whose name is a C identifier. The name carries the version
    // of the layout: two versions of this crate in one program keep their call sites apart.
    unsafe extern "C" {
        #[link_name = "__start_tachograph_0_1"]
        static START: u8;
        #[link_name = "__stop_tachograph_0_1"]
        static STOP: u8;
    }

    /// Makes the section exist in a program without a single annotated function.
    #[used]
    #[unsafe(link_section = "tachograph_0_1")]
    static EMPTY: [CallSite; 0] = [];

    pub(super) fn call_sites() -> &'static [CallSite] {
        let (start, stop) = (&raw const START, &raw const STOP);
        let length = (stop.addr() - start.addr()) / size_of::<CallSite>();
        // SAFETY: the section holds nothing but `CallSite`s, put there by `#[used]` statics of exactly that type:
        // the attribute writes no other, and its crate is pinned to this one's version. Equal size and alignment
        // make the linker lay them without gaps. They live as long as the program and change only by atomics.
        unsafe { std::slice::from_raw_parts(start.cast(), length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_back_without_their_escapes() {
        let site = CallSite::function(r#"function="a \"b\" \\ c,d=\"",module="m::n",component="x\ny""#, 1);
        assert_eq!(site.name(), r#"a "b" \ c,d=""#);
        assert_eq!(site.module(), "m::n");
        assert_eq!(site.component(), "x\ny");
    }

    #[test]
    fn settings_that_cannot_be_are_refused_where_they_stand() {
        let refused = |site: fn() -> CallSite| std::panic::catch_unwind(site).is_err();
        assert!(refused(|| CallSite::function("", 1).sample(0)));
        assert!(refused(|| CallSite::function("", 1).buckets(&[])));
        assert!(refused(|| CallSite::function("", 1).buckets(&[2, 2])));
        assert!(refused(|| CallSite::function("", 1).buckets(&[2, 1])));
        assert!(refused(|| CallSite::function("", 1).labelled_by(&[])));
    }

    #[test]
    fn what_every_call_reads_is_in_one_cache_line() {
        let site = CallSite::function("", 1);
        let at = |field: *const u8| field.addr() - (&raw const site).addr();
        assert!(at((&raw const site.parts().series).cast()) + size_of::<AtomicU32>() <= 16);
        assert!(at((&raw const site.parts().slow_ticks).cast()) + size_of::<AtomicU64>() <= 16);
        assert!(at((&raw const site.parts().start).cast()) + size_of::<Start>() <= 16);
        assert_eq!((align_of::<CallSite>(), size_of::<CallSite>()), (32, 160));
    }

    #[test]
    fn no_call_is_slow_before_somebody_takes_records() {
        let site = CallSite::function("", 1);
        assert!(!site.may_be_slow(u64::MAX - 1) && !site.is_armed());
        site.arm(Duration::from_millis(1));
        assert!(site.may_be_slow(1_000_000) && !site.may_be_slow(999_999));
    }

    #[test]
    fn never_stays_never() {
        let site = CallSite::function("", 1).slow(Slow::Never);
        site.arm(Duration::ZERO);
        assert!(!site.may_be_slow(u64::MAX - 1) && !site.is_slow(Duration::MAX));
    }
}
