//! What is logged, on the metrics page: whoever left the log more verbose than it was configured is to be seen there.

use tracing_subscriber::filter::LevelFilter;

use crate::level::LevelHandle;
use crate::measurement::{Exposition, Kind, Source};

/// Every value of the label `level`.
const LEVELS: [(&str, LevelFilter); 6] = [
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

pub(super) struct LevelMetrics(pub(super) LevelHandle);

impl Source for LevelMetrics {
    fn collect(&self, page: &mut Exposition) {
        let help = "1 for the most verbose level that anything is logged at, 0 for the others.";
        let current = self.0.level();
        for (name, level) in LEVELS {
            let value = u64::from(level == current);
            page.family("tachograph_log_level", Kind::Gauge, help).sample(&[("level", name)], value);
        }
        let help = "1 while something else is logged than was configured.";
        let value = u64::from(self.0.is_overridden());
        page.family("tachograph_log_level_overridden", Kind::Gauge, help).sample(&[], value);
    }
}
