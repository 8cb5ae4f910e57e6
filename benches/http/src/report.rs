//! The page of tables.

use harness::Error;
use harness::page::{Column, Page};
use harness::values::Values;

use crate::bars;
use crate::contender::{self, Contender};
use crate::load::KINDS;
use crate::settings::Settings;

/// What to say of each kind of load, in their order.
const TEXTS: [(&str, &str); 3] = [
    (
        "16 connections, each with one request under way",
        "Where *busy* is less than one, other programs had the rest of the server's processor: rate and p99 then tell of them as well, and favour who \
         has several threads to be scheduled; p50 and the processor time tell more of the contender. Rate, p50 and p99 are as the client sees them, and in the table \
         after this one as ratios to the service alone. The processor time is that of the server's process with all its threads, by request; what the \
         kernel does for a connection is in it.",
    ),
    (
        "The same, where the request has an id and a trace",
        "`x-request-id` and `traceparent` come with every request.",
    ),
    ("One connection", "One request at a time: the server sleeps between them, and is woken by each."),
];

/// Title, end of the name, divisor, decimals.
const COLUMNS: [(&str, &str, f64, usize); 5] = [
    ("requests/s, thousands", "rate", 1e3, 1),
    ("p50, µs", "p50", 1e3, 1),
    ("p99, µs", "p99", 1e3, 1),
    ("processor time, µs", "cpu", 1e3, 2),
    ("processor busy", "busy", 1.0, 2),
];

pub(crate) fn render(settings: &Settings, values: &Values) -> Result<Page, Error> {
    let contenders = || contender::ALL.into_iter().filter(|it| settings.takes(it.name));
    let mut page = Page::new("Requests over HTTP beside peers", "http", &settings.arguments)?;
    for note in notes(settings) {
        page.note(note)?;
    }
    page.contenders("as written", contenders().map(|it| (it.name, it.written, it.packages)))?;
    page.bars(&bars::of(settings, values))?;
    for (kind, text) in KINDS.iter().zip(TEXTS) {
        let takes = |it: &&Contender| kind.with_logs || !it.logs;
        let names = || contenders().filter(takes).map(|it| it.name);
        let columns = COLUMNS.map(|(title, end, divisor, decimals)| {
            (title, format!("{}-{end}", kind.name), divisor, decimals)
        });
        let columns: Vec<Column<'_>> = columns
            .iter()
            .map(|(title, name, by, decimals)| (*title, name.as_str(), *by, *decimals))
            .collect();
        page.table(text, &columns, names(), values)?;
        let ratios = ratios(kind.name, contenders(), values);
        let heading = format!("{}: beside the service alone", text.0);
        page.table((&heading, RATIOS), &RATIO_COLUMNS, names(), &ratios)?;
    }
    let columns = [("allocations", "allocations", 1.0, 1), ("told of, %", "recorded", 0.01, 1)];
    page.table(
        ("Allocations, and what was recorded", RECORDED),
        &columns,
        contenders().map(|it| it.name),
        values,
    )?;
    Ok(page)
}

const RATIOS: &str = "Each taken within a round. Of the processor time it is the difference.";
const RATIO_COLUMNS: [Column<'static>; 4] = [
    ("requests/s, times", "rate", 1.0, 3),
    ("p50, times", "p50", 1.0, 3),
    ("p99, times", "p99", 1.0, 3),
    ("processor time above it, µs", "cpu", 1e3, 2),
];
const RECORDED: &str = "Allocations by request, of the whole process. *Told of* are the requests that the contender's page, \
     or what it exported, has of all that were answered: by the histogram of their durations, or by their spans. A batch of spans \
     that is full drops further ones. Without an entry are contenders that count nothing.";

/// Of each round.
fn ratios(kind: &str, contenders: impl Iterator<Item = &'static Contender>, values: &Values) -> Values {
    let mut ratios = Values::default();
    for contender in contenders {
        for (_, end, ..) in RATIO_COLUMNS {
            let name = format!("{kind}-{end}");
            let pairs = values.pairs((contender.name, &name), (contender::BARE, &name));
            for (round, own, bare) in pairs {
                let value = if end == "cpu" { own - bare } else { own / bare };
                ratios.insert(contender.name, end, round, value);
            }
        }
    }
    ratios
}

fn notes(settings: &Settings) -> [String; 4] {
    [
        format!(
            "Rounds: {}, of {} slices of 150 ms under each load, interleaved and shuffled, every contender in a process of its own that \
             stands still outside its slices; medians, in brackets the quartiles of the rounds",
            settings.rounds, settings.slices
        ),
        "The service: `GET /users/{id}` of axum, a number from the path, JSON of 39 bytes back; one thread, on a processor of its own".into(),
        "Noise: *bare-again* is the service alone a second time; what it differs by is none of its own, and no figure is better than that".into(),
        "The load: plain sockets of one thread on the other processor, which polls and never sleeps".into(),
    ]
}
