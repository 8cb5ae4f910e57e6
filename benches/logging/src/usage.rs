//! What the process has taken of the machine.

use std::time::Duration;

/// The processor time of all threads, in user and kernel mode.
pub(crate) fn process_time() -> Duration {
    clock(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// The processor time of the calling thread.
pub(crate) fn thread_time() -> Duration {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

fn clock(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec of this frame.
    let status = unsafe { libc::clock_gettime(clock, &raw mut time) };
    assert_eq!(status, 0, "no clock for processor time");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Forgets how much was resident at most so far; gives the bytes that are resident now.
pub(crate) fn begin_peak() -> u64 {
    // https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
    std::fs::write("/proc/self/clear_refs", "5").expect("a process may reset its own peak");
    status("VmRSS:")
}

/// How many bytes were resident at most since then.
pub(crate) fn peak() -> u64 {
    status("VmHWM:")
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel tells");
    let kilobytes = line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok());
    kilobytes.expect("a number") * 1024
}
