//! What is logged, on the metrics page: whoever left the log more verbose than it was configured is to be seen there.

use crate::level::LevelHandle;
use crate::measurement::{Exposition, Source};
use crate::names::{LOG_LEVEL, LOG_LEVEL_OVERRIDDEN, LOG_LEVELS};

pub(super) struct LevelMetrics(pub(super) LevelHandle);

impl Source for LevelMetrics {
    fn collect(&self, page: &mut Exposition) {
        let current = self.0.level().to_string();
        for level in LOG_LEVELS {
            page.metric(&LOG_LEVEL).sample(&[("level", level)], u64::from(level == current));
        }
        page.metric(&LOG_LEVEL_OVERRIDDEN).sample(&[], u64::from(self.0.is_overridden()));
    }
}
