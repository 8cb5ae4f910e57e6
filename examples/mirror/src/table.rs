//! The annotated functions as a table, from what the program knows of itself.

mod row;
mod screen;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tachograph::FunctionStats;
use tokio::time::{MissedTickBehavior, interval};

use crate::stop::Stop;
use row::{Row, table};
use screen::Screen;
pub(crate) use screen::print;

/// Rates and quantiles look back so far: they show the present, not the mean since the start.
const WINDOW: Duration = Duration::from_secs(10);

/// From one table to the next on a terminal, where it takes the place of the one before, and elsewhere, where the
/// tables follow each other.
const REFRESH: Duration = Duration::from_secs(1);
const REPEAT: Duration = Duration::from_secs(5);

/// The table of one run.
pub(crate) struct Table {
    started: Look,
}

/// All functions at one moment.
struct Look {
    at: Instant,
    functions: Vec<FunctionStats>,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self { started: Look::now() }
    }

    /// Shows the last ten seconds, every second on a terminal, until the service is to stop.
    pub(crate) async fn show(&self, stop: Stop) {
        let mut screen = Screen::stdout();
        let mut ticks = interval(if screen.is_terminal() { REFRESH } else { REPEAT });
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        ticks.tick().await;
        let mut past = VecDeque::from([Look::now()]);
        let mut stop = std::pin::pin!(stop.requested());
        loop {
            tokio::select! {
                () = &mut stop => return screen.clear(),
                _ = ticks.tick() => {}
            }
            let now = Look::now();
            while past.get(1).is_some_and(|look| now.at - look.at >= WINDOW) {
                past.pop_front();
            }
            screen.show(&table(&now.rows_since(past.front().unwrap_or(&self.started))));
            past.push_back(now);
        }
    }

    /// Prints the whole run.
    pub(crate) fn show_total(&self) {
        print(&format!("the whole run\n{}", table(&Look::now().rows_since(&self.started))));
    }
}

impl Look {
    fn now() -> Self {
        Self { at: Instant::now(), functions: tachograph::functions() }
    }

    /// A row for each function, with what happened since an earlier look; components stay together.
    fn rows_since(&self, earlier: &Self) -> Vec<Row> {
        let time = self.at - earlier.at;
        let mut rows: Vec<Row> = self
            .functions
            .iter()
            .map(|function| {
                let before = earlier.functions.iter().find(|before| is_same(before, function));
                let recent = before.map(|before| function.since(before));
                Row::new(function, recent.as_ref().unwrap_or(function), time)
            })
            .collect();
        rows.sort_by(|a, b| (&a.component, &a.function).cmp(&(&b.component, &b.function)));
        rows
    }
}

fn is_same(a: &FunctionStats, b: &FunctionStats) -> bool {
    a.function() == b.function() && a.module() == b.module() && a.component() == b.component()
}
