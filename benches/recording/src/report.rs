//! The page of tables.

use std::fmt::Write;

use recording::Error;

use crate::contender;
use crate::values::Values;

pub(crate) fn render(values: &Values) -> Result<String, Error> {
    let mut page = String::new();
    let names =
        ["sync-1", "sync-2", "sync-4", "ready-1", "ready-4", "waiting-1", "waiting-4", "sync-1-above-floor"];
    writeln!(page, "| contender | {} |\n|---|{}", names.join(" | "), "---:|".repeat(names.len()))?;
    for contender in contender::ALL {
        let cells = names.map(|name| {
            values.median(contender.name, name).map_or("–".to_owned(), |value| format!("{value:.1}"))
        });
        writeln!(page, "| {} | {} |", contender.name, cells.join(" | "))?;
    }
    Ok(page)
}
