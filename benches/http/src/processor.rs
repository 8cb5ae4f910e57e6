//! Which processor a process runs on, and what time it had there.

use std::io;
use std::time::Duration;

/// The service has one of the two to itself, and so has who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Server = 0,
    Client = 1,
}

/// Keeps the calling thread, and those that it will start, on a processor.
pub(crate) fn stay_on(side: Side) -> io::Result<()> {
    // SAFETY: the set is of this frame, and all zeroes is the empty one.
    let status = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(side as usize, &mut set);
        libc::sched_setaffinity(0, size_of_val(&set), &raw const set)
    };
    (status == 0).then_some(()).ok_or_else(io::Error::last_os_error)
}

/// The processor time that all threads of a process have had.
pub(crate) fn time_of(process: u32) -> io::Result<Duration> {
    let (mut clock, mut time) = (0, libc::timespec { tv_sec: 0, tv_nsec: 0 });
    // SAFETY: both pointers are to variables of this frame.
    let is_read = unsafe {
        libc::clock_getcpuclockid(process as libc::pid_t, &raw mut clock) == 0
            && libc::clock_gettime(clock, &raw mut time) == 0
    };
    let time = Duration::new(time.tv_sec as u64, time.tv_nsec as u32);
    is_read.then_some(time).ok_or_else(io::Error::last_os_error)
}
