//! Which connections have something to read.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// It never sleeps: to wake a processor from the other would be a cost of the server, and on a virtual machine one of the host.
pub(super) struct Poll(OwnedFd);

const MOST: usize = 64;

impl Poll {
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: there is nothing to keep.
        let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if epoll < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was just made, and is nobody else's.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(epoll) }))
    }

    pub(super) fn add(&self, stream: &TcpStream, number: usize) -> io::Result<()> {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: number as u64 };
        // SAFETY: both files are open, and the event is of this frame.
        let status = unsafe {
            libc::epoll_ctl(self.0.as_raw_fd(), libc::EPOLL_CTL_ADD, stream.as_raw_fd(), &raw mut event)
        };
        (status == 0).then_some(()).ok_or_else(io::Error::last_os_error)
    }

    /// The numbers of those that have.
    pub(super) fn ready(&self) -> io::Result<impl Iterator<Item = usize> + use<>> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; MOST];
        // SAFETY: there is room for as many events as are asked for.
        let found =
            unsafe { libc::epoll_wait(self.0.as_raw_fd(), events.as_mut_ptr(), MOST as libc::c_int, 0) };
        let found = usize::try_from(found).map_err(|_| io::Error::last_os_error())?;
        Ok(events.into_iter().take(found).map(|event| event.u64 as usize))
    }
}
