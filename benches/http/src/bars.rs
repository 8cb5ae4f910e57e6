//! What the project holds itself to, and whether what was measured keeps it.

use harness::page::Bar;
use harness::values::Values;

use crate::contender::{self, BARE, OWN};
use crate::settings::Settings;

/// The share of the service alone that is to be left.
const LEAST: f64 = 0.97;

/// What is compared, and whether more of it is better.
const FIGURES: [(&str, &str, bool); 4] = [
    ("requests per second", "full-rate", true),
    ("p50 of the latency", "full-p50", false),
    ("p99 of the latency", "full-p99", false),
    ("processor time by request", "full-cpu", false),
];

/// Those of which there are figures: beside the service alone, and beside each peer that writes as many records.
pub(crate) fn of(settings: &Settings, values: &Values) -> Vec<Bar> {
    let [own, logging] = OWN;
    let beside_bare =
        FIGURES.iter().filter_map(|&(of, figure, is_rate)| beside_bare(values, own, of, figure, is_rate));
    let peers = contender::ALL.into_iter().filter(|it| settings.takes(it.name) && it.is_peer());
    let ahead = peers.flat_map(|peer| {
        let own = if peer.logs { logging } else { own };
        FIGURES
            .into_iter()
            .filter_map(move |(of, figure, is_rate)| ahead(values, (own, peer.name), of, figure, is_rate))
    });
    beside_bare.chain(ahead).collect()
}

/// A latency that is to be 0.97 times as good may be 1/0.97 times as long.
fn beside_bare(values: &Values, own: &str, of: &str, figure: &str, is_rate: bool) -> Option<Bar> {
    let ratio = values.ratio((own, figure), (BARE, figure))?;
    let (sign, bound) = if is_rate { ("≥", LEAST) } else { ("≤", 1.0 / LEAST) };
    Some(Bar {
        promise: format!("{of}, beside the service alone: {sign} {bound:.3} times"),
        measured: format!("{ratio:.3} times"),
        is_met: if is_rate { ratio >= bound } else { ratio <= bound },
    })
}

fn ahead(values: &Values, (own, peer): (&str, &str), of: &str, figure: &str, is_rate: bool) -> Option<Bar> {
    let ratio = values.ratio((own, figure), (peer, figure))?;
    let sign = if is_rate { ">" } else { "<" };
    Some(Bar {
        promise: format!("{of}, beside {peer}: {sign} 1 times"),
        measured: format!("{ratio:.3} times"),
        is_met: if is_rate { ratio > 1.0 } else { ratio < 1.0 },
    })
}
