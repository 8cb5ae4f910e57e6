//! What an annotated function leaves in the program: one static, found by everybody without being called.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

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
#[derive(Debug)]
pub struct CallSite {
    labels: &'static str,
    line: u32,
    is_async: bool,
    slow: Slow,
    /// The series of this call site; 0 until it is registered.
    series: AtomicU32,
    /// The threshold of `slow` in ticks; never reached until somebody wants performance records.
    slow_ticks: AtomicU64,
}

impl CallSite {
    /// The call site of a function.
    pub const fn function(labels: &'static str, line: u32) -> Self {
        Self {
            labels,
            line,
            is_async: false,
            slow: Slow::Default,
            series: AtomicU32::new(0),
            slow_ticks: AtomicU64::new(u64::MAX),
        }
    }

    /// The call site of a function that gives a future.
    pub const fn future(labels: &'static str, line: u32) -> Self {
        Self { is_async: true, ..Self::function(labels, line) }
    }

    /// With a threshold of its own.
    pub const fn slow(self, slow: Slow) -> Self {
        Self { slow, ..self }
    }

    /// The labels as they stand on the metrics page, without braces.
    pub const fn labels(&self) -> &'static str {
        self.labels
    }

    /// The line of the function's name.
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// Whether calls have a busy time beside their wall time.
    pub const fn is_async(&self) -> bool {
        self.is_async
    }

    /// The operation: `name = "…"`, else the function's name.
    pub fn name(&self) -> String {
        self.label("function")
    }

    /// The path of the module that holds the function.
    pub fn module(&self) -> String {
        self.label("module")
    }

    /// `component = "…"`, else `application`.
    pub fn component(&self) -> String {
        self.label("component")
    }

    /// The value of a label, without its escapes. Only records and reports ask for it: calls never do.
    fn label(&self, name: &str) -> String {
        let mut rest = self.labels;
        while let Some((key, after)) = rest.split_once("=\"") {
            let (value, length) = unescape(after);
            if key.trim_start_matches(',') == name {
                return value;
            }
            rest = after.get(length..).unwrap_or("");
        }
        String::new()
    }

    /// Sets from which duration on calls write performance records.
    fn arm(&self, default: Duration) {
        let ticks = match self.slow {
            Slow::Default => crate::clock::ticks_in(default),
            Slow::AtLeast(nanos) => crate::clock::ticks_in(Duration::from_nanos(nanos)),
            Slow::Never => u64::MAX,
        };
        self.slow_ticks.store(ticks, Ordering::Relaxed);
    }

    /// Whether a call of this length is to write a performance record.
    #[inline(always)]
    pub(crate) fn is_slow(&self, ticks: u64) -> bool {
        let threshold = self.slow_ticks.load(Ordering::Relaxed);
        ticks >= threshold && threshold != u64::MAX
    }

    /// Whether any call can write a performance record, so that its fields are worth capturing.
    #[inline(always)]
    pub(crate) fn is_armed(&self) -> bool {
        self.slow_ticks.load(Ordering::Relaxed) != u64::MAX
    }

    /// The number of this site's series, 0 before its registration.
    #[inline(always)]
    pub(crate) fn series(&self) -> u32 {
        self.series.load(Ordering::Relaxed)
    }

    /// Publishes the number given by the registry.
    pub(crate) fn set_series(&self, number: u32) {
        // Where the linker gathers no call sites, this is the first that anybody hears of this one.
        if let Some(default) = DEFAULT_SLOW.get() {
            self.arm(*default);
        }
        self.series.store(number, Ordering::Relaxed);
    }
}

static DEFAULT_SLOW: OnceLock<Duration> = OnceLock::new();

/// Lets slow calls write performance records from now on: there is somebody who takes them.
#[cfg(feature = "telemetry")]
pub(crate) fn arm_all(default: Duration) {
    let default = *DEFAULT_SLOW.get_or_init(|| default);
    for site in call_sites() {
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
    fn no_call_is_slow_before_somebody_takes_records() {
        let site = CallSite::function("", 1);
        assert!(!site.is_slow(u64::MAX) && !site.is_armed());
        site.arm(Duration::from_millis(1));
        assert!(site.is_slow(1_000_000) && !site.is_slow(999_999));
    }

    #[test]
    fn never_stays_never() {
        let site = CallSite::function("", 1).slow(Slow::Never);
        site.arm(Duration::ZERO);
        assert!(!site.is_slow(u64::MAX));
    }
}
