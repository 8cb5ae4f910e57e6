use metrics::{Counter, Gauge, Histogram};

use super::Reason;
use crate::names::{
    ByRecorder, DOWNLOAD_BYTES, DOWNLOAD_DURATION, DOWNLOAD_ERROR_TYPES, DOWNLOAD_SPEED, DOWNLOADS,
    DOWNLOADS_ACTIVE, DOWNLOADS_QUEUED,
};

/// The series of one name.
pub(super) struct Series {
    name: &'static str,
    handles: ByRecorder<Handles>,
}

/// Their handles.
pub(super) struct Handles {
    pub(super) queued: Gauge,
    pub(super) active: Gauge,
    pub(super) bytes: Counter,
    ended: [(&'static str, Counter); DOWNLOAD_ERROR_TYPES.len()],
    duration: Histogram,
    speed: Histogram,
}

impl Series {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, handles: ByRecorder::new() }
    }

    pub(super) fn handles(&self) -> &Handles {
        self.handles.get(|| Handles::of(self.name))
    }
}

impl Handles {
    fn of(name: &'static str) -> Self {
        Self {
            queued: DOWNLOADS_QUEUED.gauge([name]),
            active: DOWNLOADS_ACTIVE.gauge([name]),
            bytes: DOWNLOAD_BYTES.counter([name]),
            ended: DOWNLOAD_ERROR_TYPES.map(|error_type| (error_type, DOWNLOADS.counter([name, error_type]))),
            duration: DOWNLOAD_DURATION.histogram([name]),
            speed: DOWNLOAD_SPEED.histogram([name]),
        }
    }

    /// Counts a download that has ended.
    pub(super) fn record(&self, ended: Result<(), Reason>, seconds: f64, bytes: u64) {
        self.duration.record(seconds);
        let error_type = ended.err().map_or("", Reason::as_str);
        if let Some((_, ended)) = self.ended.iter().find(|(known, _)| *known == error_type) {
            ended.increment(1);
        }
        if ended.is_ok() && seconds > 0.0 {
            self.speed.record(bytes as f64 / seconds);
        }
    }
}

impl std::fmt::Debug for Series {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Series").field(&self.name).finish()
    }
}
