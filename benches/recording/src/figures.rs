//! What can be measured, and of whom.

use recording::Error;
use recording::effort::Effort;

use crate::contender;
use crate::figure::{calls, loss, memory, quantile, record};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    /// What an annotated call costs above the bare one.
    Calls,
    /// What it costs to record a value.
    Record,
    /// What calls cost that find nothing in the cache.
    Cold,
    /// What memory a function takes in a thread.
    Footprint,
    /// What a scrape takes.
    Render,
    /// How exact a percentile is.
    Quantile,
    /// What is missing on the page.
    Loss,
    /// By how much memory grows without a scrape.
    Memory,
}

impl Figure {
    pub(crate) const ALL: [Self; 8] = [
        Self::Calls,
        Self::Record,
        Self::Cold,
        Self::Footprint,
        Self::Render,
        Self::Quantile,
        Self::Loss,
        Self::Memory,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Record => "record",
            Self::Cold => "cold",
            Self::Footprint => "footprint",
            Self::Render => "render",
            Self::Quantile => "quantile",
            Self::Loss => "loss",
            Self::Memory => "memory",
        }
    }

    pub(crate) fn of(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|figure| figure.name() == name);
        let names = || Self::ALL.map(Self::name).join(", ");
        found.ok_or_else(|| format!("{name}: no figure; there are {}", names()).into())
    }

    /// Measured once, after all rounds: a count, not a time.
    pub(crate) const fn is_measured_once(self) -> bool {
        matches!(self, Self::Loss | Self::Memory)
    }

    /// Those it is measured of.
    pub(crate) fn contenders(self) -> Vec<&'static str> {
        match self {
            Self::Calls => contender::ALL.iter().map(|contender| contender.name).collect(),
            Self::Record => vec!["floor", "tachograph", "exporter-cached", "prometheus-client"],
            Self::Cold | Self::Footprint => vec!["tachograph", "tachograph-default", "exporter-cached"],
            Self::Render => vec!["tachograph", "exporter-cached"],
            Self::Quantile => vec!["tachograph"],
            Self::Loss => vec!["tachograph", "exporter-cached"],
            Self::Memory => vec!["tachograph", "exporter-cached", "prometheus-client", "hotpath"],
        }
    }

    /// The programs beside this one that measure it; none where this one does.
    pub(crate) fn programs(self, contender: &str) -> &'static [&'static str] {
        match (self, contender) {
            (Self::Cold | Self::Footprint, "tachograph") => &["thousand"],
            (Self::Cold | Self::Footprint, "tachograph-default") => &["thousand-default"],
            (Self::Cold | Self::Footprint, _) => &["thousand-exporter"],
            (Self::Render, "tachograph") => &["thousand", "hundred"],
            (Self::Render, _) => &["thousand-exporter", "hundred-exporter"],
            _ => &[],
        }
    }

    /// Measures it in this process, which is there for nothing else.
    pub(crate) fn measure(self, name: &str, effort: &Effort) -> Result<(), Error> {
        let contender = contender::find(name)?;
        let render = (contender.start)()?;
        match self {
            Self::Calls => calls::measure(contender, effort),
            Self::Record => record::measure(contender, effort),
            Self::Quantile => quantile::measure()?,
            Self::Loss => loss::measure(contender, &render, effort),
            Self::Memory => memory::measure(contender, effort),
            Self::Cold | Self::Footprint | Self::Render => {
                return Err(format!("{}: another program measures it", self.name()).into());
            }
        }
        // What a contender has to say or to tidy up at the end is nobody's concern here, and may take long.
        if name.starts_with("tachograph") {
            return Ok(());
        }
        std::process::exit(0)
    }
}
