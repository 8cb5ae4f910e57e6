//! A pool whose connections are lent, and whose metrics tell how it stands.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::Error;
use sqlx::pool::PoolConnection;

use super::error_type::ErrorType;
use super::series::PoolSeries;
use crate::clock;
use crate::measurement::Refresh;
use crate::names::ByRecorder;

/// What all handles of a pool share.
pub(super) struct Pool<DB: sqlx::Database> {
    pub(super) inner: sqlx::Pool<DB>,
    pub(super) name: &'static str,
    series: ByRecorder<&'static PoolSeries>,
    lent: AtomicU32,
    waiting: AtomicU32,
    shown: Mutex<Shown>,
}

/// What the gauges have of this pool. Other pools of the same name have theirs in them as well.
#[derive(Default)]
struct Shown {
    on: Option<&'static PoolSeries>,
    numbers: Numbers,
}

#[derive(Clone, Copy, Default)]
struct Numbers {
    idle: u32,
    used: u32,
    max: u32,
    waiting: u32,
}

impl<DB: sqlx::Database> Pool<DB> {
    pub(super) fn new(name: &'static str, inner: sqlx::Pool<DB>) -> Self {
        let [lent, waiting] = [const { AtomicU32::new(0) }; 2];
        Self { inner, name, series: ByRecorder::new(), lent, waiting, shown: Mutex::default() }
    }

    pub(super) fn series(&self) -> &'static PoolSeries {
        self.series.get(|| PoolSeries::of(system(DB::NAME), self.name))
    }

    /// A connection, and how long it was waited for. Where there is none, it says of what class the error is: that sqlx got no
    /// connection in time is all that it says of a server which refuses them.
    pub(super) async fn acquire(self: &Arc<Self>) -> Result<Lent<DB>, (Error, ErrorType)> {
        let was_exhausted = self.is_exhausted();
        let acquired = {
            let _waiting = Waiting::begin(self);
            self.inner.acquire().await
        };
        match acquired {
            Ok(connection) => Ok(Lent { connection, token: Token::new(self) }),
            Err(Error::PoolTimedOut) => {
                self.series().timeouts.increment(1);
                let is_exhausted = was_exhausted || self.is_exhausted();
                Err((
                    Error::PoolTimedOut,
                    if is_exhausted { ErrorType::PoolTimeout } else { ErrorType::Connection },
                ))
            }
            Err(error) => {
                let class = ErrorType::of(&error);
                Err((error, class))
            }
        }
    }

    /// Whether others have all connections. A caller who waits may be the one for whom a connection is being opened.
    fn is_exhausted(&self) -> bool {
        let max = self.inner.options().get_max_connections();
        let Numbers { used, waiting, .. } = self.numbers();
        self.lent.load(Ordering::Relaxed) >= max || used.saturating_sub(waiting) >= max
    }

    fn numbers(&self) -> Numbers {
        let (size, idle) = (self.inner.size(), u32::try_from(self.inner.num_idle()).unwrap_or(u32::MAX));
        Numbers {
            idle,
            used: size.saturating_sub(idle),
            max: self.inner.options().get_max_connections(),
            waiting: self.waiting.load(Ordering::Relaxed),
        }
    }

    fn show(&self, on: &'static PoolSeries, numbers: Numbers) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if !shown.on.is_some_and(|shown| std::ptr::eq(shown, on)) {
            *shown = Shown { on: Some(on), numbers: Numbers::default() };
        }
        let before = std::mem::replace(&mut shown.numbers, numbers);
        let [idle, used] = &on.gauges.states;
        for (gauge, now, before) in [
            (idle, numbers.idle, before.idle),
            (used, numbers.used, before.used),
            (&on.gauges.max, numbers.max, before.max),
            (&on.gauges.pending, numbers.waiting, before.waiting),
        ] {
            gauge.increment(f64::from(now) - f64::from(before));
        }
    }
}

impl<DB: sqlx::Database> Refresh for Pool<DB> {
    fn refresh(&self) {
        self.show(self.series(), self.numbers());
    }
}

/// Nothing of it is left in the gauges.
impl<DB: sqlx::Database> Drop for Pool<DB> {
    fn drop(&mut self) {
        let shown = self.shown.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(on) = shown.on {
            self.show(on, Numbers::default());
        }
    }
}

/// A connection that goes back when it drops.
pub(super) struct Lent<DB: sqlx::Database> {
    pub(super) connection: PoolConnection<DB>,
    pub(super) token: Token<DB>,
}

/// That a connection is lent.
pub(super) struct Token<DB: sqlx::Database>(Arc<Pool<DB>>);

impl<DB: sqlx::Database> Token<DB> {
    fn new(pool: &Arc<Pool<DB>>) -> Self {
        pool.lent.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(pool))
    }
}

impl<DB: sqlx::Database> Drop for Token<DB> {
    fn drop(&mut self) {
        self.0.lent.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A caller who waits for a connection.
struct Waiting<'a, DB: sqlx::Database> {
    pool: &'a Pool<DB>,
    began: u64,
}

impl<'a, DB: sqlx::Database> Waiting<'a, DB> {
    fn begin(pool: &'a Pool<DB>) -> Self {
        pool.waiting.fetch_add(1, Ordering::Relaxed);
        Self { pool, began: clock::ticks() }
    }
}

impl<DB: sqlx::Database> Drop for Waiting<'_, DB> {
    fn drop(&mut self) {
        self.pool.waiting.fetch_sub(1, Ordering::Relaxed);
        let waited = clock::ticks().saturating_sub(self.began);
        self.pool.series().wait.record(clock::seconds(waited));
    }
}

/// As the semantic conventions call the systems of sqlx.
fn system(name: &str) -> &'static str {
    match name {
        "PostgreSQL" => "postgresql",
        "SQLite" => "sqlite",
        "MySQL" => "mysql",
        _ => "other_sql",
    }
}
