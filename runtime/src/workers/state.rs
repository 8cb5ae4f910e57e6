//! What is true of a queue, and what its series are told of it.

use std::collections::BTreeMap;

use super::series::{QueueSeries, TaskSeries};
use crate::measurement::REGISTRY;
use crate::names::recorder;

/// The name for all beyond the limit.
pub(super) const OVERFLOW: &str = "__overflow__";
/// How many queues are kept apart, and how many tasks of each.
pub(super) const MAX_NAMES: usize = 1_000;

/// Counts are kept here and the gauges set to them: a gauge that somebody raised before there was a recorder would fall below
/// nought.
pub(super) struct State {
    queue: &'static str,
    /// Whose the series are; handles that were made before there was a recorder do nothing.
    recorder: usize,
    series: QueueSeries,
    tasks: BTreeMap<&'static str, TaskSeries>,
    depth: u64,
    busy: u64,
    /// When each worker last showed that it lives, in seconds since the Unix epoch.
    workers: BTreeMap<u64, f64>,
    /// Of the one that was silent for longest; of the last one that there was, where there is none.
    heartbeat: f64,
}

impl State {
    pub(super) fn of(queue: &'static str) -> Self {
        Self {
            queue,
            recorder: recorder(),
            series: QueueSeries::of(queue),
            tasks: BTreeMap::new(),
            depth: 0,
            busy: 0,
            workers: BTreeMap::new(),
            heartbeat: 0.0,
        }
    }

    /// Takes the handles of the recorder that there is by now, and tells it how things are.
    pub(super) fn follow_recorder(&mut self) {
        let recorder = recorder();
        if self.recorder == recorder {
            return;
        }
        self.recorder = recorder;
        self.series = QueueSeries::of(self.queue);
        for (task, series) in &mut self.tasks {
            *series = TaskSeries::of(self.queue, task);
        }
        self.series.depth.set(self.depth as f64);
        self.series.busy.set(self.busy as f64);
        self.series.active.set(self.workers.len() as f64);
        self.series.heartbeat.set(self.heartbeat);
    }

    pub(super) const fn series(&self) -> &QueueSeries {
        &self.series
    }

    pub(super) fn set_depth(&mut self, depth: u64) {
        self.depth = depth;
        self.series.depth.set(depth as f64);
    }

    #[cfg(feature = "tokio")]
    pub(super) fn came(&mut self) {
        self.set_depth(self.depth.saturating_add(1));
    }

    #[cfg(feature = "tokio")]
    pub(super) fn left(&mut self) {
        self.set_depth(self.depth.saturating_sub(1));
    }

    pub(super) fn begun(&mut self) {
        self.set_busy(self.busy.saturating_add(1));
    }

    pub(super) fn ended(&mut self) {
        self.set_busy(self.busy.saturating_sub(1));
    }

    fn set_busy(&mut self, busy: u64) {
        self.busy = busy;
        self.series.busy.set(busy as f64);
    }

    /// A worker lives. Of one that is gone nothing is taken down.
    pub(super) fn beat(&mut self, worker: u64, now: f64) {
        if let Some(last) = self.workers.get_mut(&worker) {
            *last = now;
            self.tell_of_workers();
        }
    }

    pub(super) fn worker_came(&mut self, worker: u64, now: f64) {
        self.workers.insert(worker, now);
        self.tell_of_workers();
    }

    pub(super) fn worker_left(&mut self, worker: u64) {
        self.workers.remove(&worker);
        self.tell_of_workers();
    }

    fn tell_of_workers(&mut self) {
        self.series.active.set(self.workers.len() as f64);
        if let Some(longest_silent) = self.workers.values().copied().reduce(f64::min) {
            self.heartbeat = longest_silent;
            self.series.heartbeat.set(longest_silent);
        }
    }

    /// The name under which a task is known from now on.
    pub(super) fn know(&mut self, task: &str) -> &'static str {
        let task = if self.tasks.len() < MAX_NAMES || self.tasks.contains_key(task) {
            task
        } else {
            REGISTRY.refuse();
            OVERFLOW
        };
        if let Some((known, _)) = self.tasks.get_key_value(task) {
            return known;
        }
        let known: &'static str = Box::leak(task.into());
        self.tasks.insert(known, TaskSeries::of(self.queue, known));
        known
    }

    /// That of a name that is known.
    pub(super) fn task(&self, known: &'static str) -> Option<&TaskSeries> {
        self.tasks.get(known)
    }
}
