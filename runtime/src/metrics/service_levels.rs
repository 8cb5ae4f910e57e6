//! The service levels on the page: the good and the bad events of what functions promise.

use std::collections::BTreeMap;

use super::exposition::Family;
use super::function::Totals;
use super::label_text::render_labels;
use super::registry::{FunctionSeries, promising};
use crate::names::{EVENT_RESULTS, SLO_EVENTS};
use crate::slo::Slo;

/// What was read of all service levels. One stands for all sets of run-time labels of its function: a set that was not called yet has
/// no series, and the first bad event of one would be no increase of anything.
#[derive(Default)]
pub(super) struct ServiceLevels(BTreeMap<(&'static str, &'static str), Level>);

struct Level {
    slo: &'static Slo,
    /// Rendered.
    labels: String,
    read: Events,
    /// What the page says. It never falls, though the clock may be measured anew between two looks at a call that took as
    /// long as it was allowed to, to the tick: a counter that falls is taken for one that began anew.
    shown: Events,
}

#[derive(Clone, Copy, Default)]
struct Events {
    good: u64,
    bad: u64,
}

impl ServiceLevels {
    /// Begins to read. Functions with run-time labels are here before there is any set of them.
    pub(super) fn begin(&mut self) {
        self.0.values_mut().for_each(|level| level.read = Events::default());
        for site in promising() {
            if let Some(slo) = site.own_slo().filter(|_| site.is_labelled()) {
                self.level(site.static_labels(), slo);
            }
        }
    }

    pub(super) fn read(&mut self, series: FunctionSeries, totals: &Totals) {
        if let (Some(slo), Some(level)) = (series.slo, totals.service_level()) {
            let read = &mut self.level(series.site.static_labels(), slo).read;
            read.good += level.good();
            read.bad += level.bad();
        }
    }

    pub(super) fn end(&mut self) {
        for Level { read, shown, .. } in self.0.values_mut() {
            *shown = Events { good: shown.good.max(read.good), bad: shown.bad.max(read.bad) };
        }
    }

    fn level(&mut self, labels: &'static str, slo: &'static Slo) -> &mut Level {
        self.0.entry((labels, slo.name)).or_insert_with(|| Level {
            slo,
            labels: format!("{},{labels}", render_labels(&[(SLO_EVENTS.labels[0].name, slo.name)])),
            read: Events::default(),
            shown: Events::default(),
        })
    }

    pub(super) fn expose_events(&self, family: &mut Family<'_>) {
        let [good, bad] = EVENT_RESULTS;
        for Level { labels, shown, .. } in self.0.values() {
            family.samples_by(labels, "result", [(good, shown.good), (bad, shown.bad)]);
        }
    }

    pub(super) fn expose_objectives(&self, family: &mut Family<'_>) {
        self.0.values().for_each(|level| family.sample_of(&level.labels, level.slo.objective));
    }

    pub(super) fn expose_latencies(&self, family: &mut Family<'_>) {
        for Level { slo, labels, .. } in self.0.values() {
            if let Some(nanos) = slo.latency {
                family.sample_of(labels, nanos as f64 / 1e9);
            }
        }
    }
}
