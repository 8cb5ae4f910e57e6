//! When the service is to end: Ctrl-C, SIGTERM, or its time is over.

use std::io;
use std::time::Duration;

use tokio::sync::watch;

use crate::error::Error;

/// Tells every holder of a clone that the service is to end.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Takes the signals over at once: one that comes from here on ends the service cleanly.
    pub(crate) fn on_signal_or_after(time: Option<Duration>) -> Result<Self, Error> {
        let (sender, receiver) = watch::channel(false);
        let signal = signal().map_err(Error::Runtime)?;
        let time_is_over = async move {
            match time {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::spawn(async move {
            tokio::select! {
                () = signal => {}
                () = time_is_over => {}
            }
            // Who has stopped listening has ended already.
            let _ = sender.send(true);
        });
        Ok(Self(receiver))
    }

    /// Waits for the end. It has come, too, when nobody is left who could tell.
    pub(crate) async fn requested(mut self) {
        let _ = self.0.wait_for(|requested| *requested).await;
    }
}

#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
