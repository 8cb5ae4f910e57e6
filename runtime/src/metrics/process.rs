//! What the operating system knows about this process, as Linux tells it in `/proc`. Absent on other systems.

use std::fs;

use super::exposition::{Exposition, Source};
use crate::names::{
    PROCESS_CPU, PROCESS_MAX_FDS, PROCESS_OPEN_FDS, PROCESS_RESIDENT_MEMORY, PROCESS_START_TIME,
    PROCESS_THREADS, PROCESS_VIRTUAL_MEMORY,
};

/// The numbers of this process.
#[derive(Debug)]
pub(crate) struct Process {
    units: Units,
    /// When the machine started, in seconds since the Unix epoch.
    boot_time: Option<u64>,
}

/// In what the kernel counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Units {
    page_bytes: u64,
    clock_hertz: u64,
}

/// The numbers of `/proc/self/stat`, in the kernel's units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    cpu_clocks: u64,
    threads: u64,
    start_clocks: u64,
    virtual_bytes: u64,
    resident_pages: u64,
}

impl Process {
    /// Reads once what does not change.
    pub(crate) fn new() -> Self {
        let units = fs::read("/proc/self/auxv").ok().and_then(|vector| parse_units(&vector));
        // The defaults of the kernel, for a sandbox that hides the vector.
        let units = units.unwrap_or(Units { page_bytes: 4_096, clock_hertz: 100 });
        let boot_time = fs::read_to_string("/proc/stat").ok().and_then(|stat| parse_boot_time(&stat));
        Self { units, boot_time }
    }
}

impl Source for Process {
    fn collect(&self, page: &mut Exposition) {
        if let Some(stat) = fs::read_to_string("/proc/self/stat").ok().and_then(|stat| parse_stat(&stat)) {
            self.expose(stat, page);
        }
        if let Ok(entries) = fs::read_dir("/proc/self/fd") {
            // One of them is the directory itself, open while it is read.
            let open = (entries.count() as u64).saturating_sub(1);
            page.metric(&PROCESS_OPEN_FDS).sample(&[], open);
        }
        let limits = fs::read_to_string("/proc/self/limits").ok();
        if let Some(limit) = limits.and_then(|limits| parse_max_fds(&limits)) {
            page.metric(&PROCESS_MAX_FDS).sample(&[], limit);
        }
    }
}

impl Process {
    fn expose(&self, stat: Stat, page: &mut Exposition) {
        let seconds = |clocks: u64| clocks as f64 / self.units.clock_hertz as f64;
        page.metric(&PROCESS_CPU).sample(&[], seconds(stat.cpu_clocks));
        page.metric(&PROCESS_RESIDENT_MEMORY)
            .sample(&[], stat.resident_pages.saturating_mul(self.units.page_bytes));
        page.metric(&PROCESS_VIRTUAL_MEMORY).sample(&[], stat.virtual_bytes);
        page.metric(&PROCESS_THREADS).sample(&[], stat.threads);
        if let Some(boot_time) = self.boot_time {
            page.metric(&PROCESS_START_TIME).sample(&[], boot_time as f64 + seconds(stat.start_clocks));
        }
    }
}

/// Page size and clock rate from the auxiliary vector, which the kernel hands to every process.
fn parse_units(vector: &[u8]) -> Option<Units> {
    const PAGE_BYTES: usize = 6;
    const CLOCK_HERTZ: usize = 17;
    let mut words = vector.chunks_exact(size_of::<usize>()).filter_map(|word| word.try_into().ok());
    let (mut page_bytes, mut clock_hertz) = (None, None);
    while let (Some(kind), Some(value)) = (words.next(), words.next()) {
        let value = usize::from_ne_bytes(value) as u64;
        match usize::from_ne_bytes(kind) {
            PAGE_BYTES => page_bytes = Some(value),
            CLOCK_HERTZ => clock_hertz = Some(value),
            _ => {}
        }
    }
    Some(Units { page_bytes: page_bytes?, clock_hertz: clock_hertz.filter(|&hertz| hertz > 0)? })
}

/// The fields are numbered in proc(5); the second, the program's name in parentheses, may hold anything.
fn parse_stat(stat: &str) -> Option<Stat> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<_> = after_name.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some(Stat {
        cpu_clocks: field(14)? + field(15)?,
        threads: field(20)?,
        start_clocks: field(22)?,
        virtual_bytes: field(23)?,
        resident_pages: field(24)?,
    })
}

fn parse_boot_time(stat: &str) -> Option<u64> {
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

/// None where there is no limit.
fn parse_max_fds(limits: &str) -> Option<u64> {
    let soft_and_hard = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    soft_and_hard.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::exposition::Format;
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let stat =
            "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 12 0 1234 8192000 300 184467 1 1\n";
        let expected = Stat {
            cpu_clocks: 300,
            threads: 12,
            start_clocks: 1_234,
            virtual_bytes: 8_192_000,
            resident_pages: 300,
        };
        assert_eq!(parse_stat(stat), Some(expected));
        assert_eq!(parse_stat("7 (a) S 1 7"), None);
        assert_eq!(parse_stat(""), None);
    }

    #[test]
    fn units_come_from_the_auxiliary_vector() {
        let vector = |words: &[usize]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>();
        let units = Units { page_bytes: 16_384, clock_hertz: 250 };
        assert_eq!(parse_units(&vector(&[33, 1, 17, 250, 6, 16_384, 0, 0])), Some(units));
        assert_eq!(parse_units(&vector(&[6, 4_096, 17, 0])), None);
        assert_eq!(parse_units(&[6]), None);
    }

    #[test]
    fn boot_time_and_limit_are_found() {
        assert_eq!(parse_boot_time("cpu 1 2\nctxt 5\nbtime 1700000000\n"), Some(1_700_000_000));
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096  files\n";
        assert_eq!(parse_max_fds(limits), Some(1_024));
        assert_eq!(parse_max_fds("Max open files   unlimited  unlimited  files"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_described() {
        let mut page = Exposition::new(Format::Text);
        Process::new().collect(&mut page);
        let page = String::from_utf8(page.render()).unwrap();
        let own = crate::names::all().map(|metric| metric.name);
        for name in own.filter(|name| name.starts_with("process_") && *name != PROCESS_MAX_FDS.name) {
            let sample = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            let value: f64 = sample.and_then(|value| value.parse().ok()).unwrap_or(f64::NAN);
            assert!(value >= 0.0, "{name} in\n{page}");
        }
    }
}
