//! Where the exporter listens: an address of the network, or a socket in the file system.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

/// A place to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Tcp(SocketAddr),
    /// The path of a socket. Only its owner may connect.
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(formatter),
            Self::Unix(path) => write!(formatter, "unix:{}", path.display()),
        }
    }
}

/// An address that is taken.
#[derive(Debug)]
pub(super) enum Bound {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(unix::Socket),
}

impl Bound {
    /// Takes an address; port 0 takes a free one.
    pub(super) fn new(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp(address) => {
                let listener = TcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                Ok(Self::Tcp(listener))
            }
            #[cfg(unix)]
            Address::Unix(path) => unix::Socket::bind(path).map(Self::Unix),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "this system has no sockets in its file system",
            )),
        }
    }

    /// The address with the port that was taken.
    pub(super) fn address(&self) -> io::Result<Address> {
        match self {
            Self::Tcp(listener) => listener.local_addr().map(Address::Tcp),
            #[cfg(unix)]
            Self::Unix(socket) => Ok(Address::Unix(socket.file.path.clone())),
        }
    }
}

#[cfg(unix)]
pub(super) mod unix {
    use std::fs;
    use std::io;
    use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::{Path, PathBuf};

    /// Readable and writable by the owner alone.
    const MODE: u32 = 0o600;

    /// A socket that listens.
    #[derive(Debug)]
    pub(crate) struct Socket {
        pub(crate) listener: UnixListener,
        pub(crate) file: SocketFile,
    }

    /// The socket's name; gone with the value, unless another process has taken it meanwhile.
    #[derive(Debug)]
    pub(crate) struct SocketFile {
        pub(crate) path: PathBuf,
        /// Device and number of the file.
        identity: (u64, u64),
    }

    impl Socket {
        /// Listens at a path. The socket of a process that is dead gives way, that of a living one does not.
        pub(super) fn bind(path: &Path) -> io::Result<Self> {
            refuse_taken(path)?;
            // Under another name at first: nobody is to connect before the mode is set, and to rename replaces what a
            // dead process left, all at once.
            let first = path.with_added_extension(format!("{}", std::process::id()));
            let listener = UnixListener::bind(&first)?;
            let named = restrict(&first).and_then(|()| fs::rename(&first, path));
            let identity = named.and_then(|()| identity(path)).inspect_err(|_| {
                let _ = fs::remove_file(&first);
            })?;
            listener.set_nonblocking(true)?;
            Ok(Self { listener, file: SocketFile { path: path.to_owned(), identity } })
        }
    }

    impl Drop for SocketFile {
        fn drop(&mut self) {
            if identity(&self.path).is_ok_and(|found| found == self.identity) {
                let _ = fs::remove_file(&self.path);
            }
        }
    }

    fn refuse_taken(path: &Path) -> io::Result<()> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(found) if !found.file_type().is_socket() => {
                Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file that is no socket"))
            }
            Ok(_) => match UnixStream::connect(path) {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
                // Whoever may not connect, or finds the queue full, does not know that nobody is there.
                Ok(_) | Err(_) => {
                    Err(io::Error::new(io::ErrorKind::AddrInUse, "another process listens there"))
                }
            },
        }
    }

    fn restrict(path: &Path) -> io::Result<()> {
        fs::set_permissions(path, fs::Permissions::from_mode(MODE))
    }

    fn identity(path: &Path) -> io::Result<(u64, u64)> {
        fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        struct Directory(PathBuf);
        impl Directory {
            fn new(name: &str) -> Self {
                let path = std::env::temp_dir().join(format!("tachograph-{name}-{}", std::process::id()));
                fs::create_dir_all(&path).unwrap();
                Self(path)
            }
        }
        impl Drop for Directory {
            fn drop(&mut self) {
                let _ = fs::remove_dir_all(&self.0);
            }
        }

        #[test]
        fn only_the_owner_may_connect_and_the_name_goes_with_the_socket() {
            let directory = Directory::new("owner");
            let path = directory.0.join("metrics.sock");
            let socket = Socket::bind(&path).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, MODE);
            UnixStream::connect(&path).unwrap();
            drop(socket);
            assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 0);
        }

        #[test]
        fn a_dead_socket_gives_way_and_a_living_one_does_not() {
            let directory = Directory::new("dead");
            let path = directory.0.join("metrics.sock");
            drop(UnixListener::bind(&path).unwrap());
            let socket = Socket::bind(&path).unwrap();
            let error = Socket::bind(&path).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
            UnixStream::connect(&path).unwrap();
            drop(socket);
        }

        #[test]
        fn a_file_that_is_no_socket_stays() {
            let directory = Directory::new("file");
            let path = directory.0.join("metrics.sock");
            fs::write(&path, "precious").unwrap();
            let error = Socket::bind(&path).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        }

        #[test]
        fn the_name_of_another_process_is_left_alone() {
            let directory = Directory::new("another");
            let path = directory.0.join("metrics.sock");
            let socket = Socket::bind(&path).unwrap();
            fs::remove_file(&path).unwrap();
            // The number of the removed file may be given out again, so it is held on to.
            let _others = [UnixListener::bind(directory.0.join("other")), UnixListener::bind(&path)];
            drop(socket);
            assert!(path.exists());
        }
    }
}
