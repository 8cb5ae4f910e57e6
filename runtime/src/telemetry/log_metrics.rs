//! The counters of the log pipeline, on the metrics page.

use crate::logs::Logs;
use crate::measurement::{Exposition, Source};

pub(super) struct LogMetrics(pub(super) Logs);

impl Source for LogMetrics {
    fn collect(&self, page: &mut Exposition) {
        for count in self.0.counters() {
            let labels = [Some(("log", count.log)), count.label];
            let labels: Vec<_> = labels.into_iter().flatten().collect();
            page.metric(count.metric).sample(&labels, count.value);
        }
    }
}
