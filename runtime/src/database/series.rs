//! The metrics of a pool.

use std::sync::{Mutex, PoisonError};

use metrics::{Counter, Gauge, Histogram};

use super::error_type::ErrorType;
use super::keyword::Keyword;
use super::operations::Operations;
use crate::measurement::REGISTRY;
use crate::names::{
    DB_CONNECTION_COUNT, DB_CONNECTION_MAX, DB_CONNECTION_PENDING, DB_CONNECTION_STATES,
    DB_CONNECTION_TIMEOUTS, DB_CONNECTION_WAIT, DB_ERROR_TYPES, DB_OPERATION_ERRORS, DB_TRANSACTION_OUTCOMES,
    DB_TRANSACTIONS, recorder,
};

/// The name of all pools beyond the limit.
const OVERFLOW: &str = "__overflow__";
const MAX_POOLS: usize = 1_000;

/// The handles of all pools of one name, as one recorder gave them.
pub(super) struct PoolSeries {
    recorder: usize,
    pub(super) system: &'static str,
    pub(super) name: &'static str,
    pub(super) operations: Operations,
    errors: [Counter; DB_ERROR_TYPES.len() - 1],
    transactions: [Counter; DB_TRANSACTION_OUTCOMES.len()],
    pub(super) gauges: Gauges,
    pub(super) wait: Histogram,
    pub(super) timeouts: Counter,
}

/// How many connections and callers there are.
pub(super) struct Gauges {
    pub(super) states: [Gauge; DB_CONNECTION_STATES.len()],
    pub(super) max: Gauge,
    pub(super) pending: Gauge,
}

/// What became of a transaction. In the order of the values of the label.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    Commit,
    Rollback,
    Dropped,
}

impl PoolSeries {
    /// Those of the recorder that there is now. Before a program has one, its handles do nothing.
    pub(super) fn of(system: &'static str, name: &'static str) -> &'static Self {
        static ALL: Mutex<Vec<&PoolSeries>> = Mutex::new(Vec::new());
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        let recorder = recorder();
        let find = |all: &[&'static Self], name| {
            all.iter()
                .copied()
                .find(|known| known.is(recorder) && (known.system, known.name) == (system, name))
        };
        if let Some(known) = find(&all, name) {
            return known;
        }
        let is_full = all.len() >= MAX_POOLS;
        if is_full {
            REGISTRY.refuse();
            if let Some(overflow) = find(&all, OVERFLOW) {
                return overflow;
            }
        }
        let made: &'static _ =
            Box::leak(Box::new(Self::register(recorder, system, if is_full { OVERFLOW } else { name })));
        all.push(made);
        made
    }

    fn register(recorder: usize, system: &'static str, name: &'static str) -> Self {
        let made = Self {
            recorder,
            system,
            name,
            operations: Operations::new(),
            errors: std::array::from_fn(|index| {
                DB_OPERATION_ERRORS.counter([system, name, DB_ERROR_TYPES[index + 1]])
            }),
            transactions: DB_TRANSACTION_OUTCOMES
                .map(|outcome| DB_TRANSACTIONS.counter([system, name, outcome])),
            gauges: Gauges {
                states: DB_CONNECTION_STATES.map(|state| DB_CONNECTION_COUNT.gauge([name, state])),
                max: DB_CONNECTION_MAX.gauge([name]),
                pending: DB_CONNECTION_PENDING.gauge([name]),
            },
            wait: DB_CONNECTION_WAIT.histogram([name]),
            timeouts: DB_CONNECTION_TIMEOUTS.counter([name]),
        };
        for keyword in Keyword::USUAL {
            made.operations.by_keyword(keyword).duration(&made, ErrorType::None);
        }
        made
    }

    const fn is(&self, recorder: usize) -> bool {
        self.recorder == recorder
    }

    /// Counts how an operation ended.
    pub(super) fn count(&self, end: ErrorType) {
        if let Some(error) = (end as usize).checked_sub(1) {
            self.errors[error].increment(1);
        }
    }

    /// Counts how a transaction ended.
    pub(super) fn count_transaction(&self, outcome: Outcome) {
        self.transactions[outcome as usize].increment(1);
    }
}
