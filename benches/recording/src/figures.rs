//! What can be measured, and of whom.

use recording::Error;

use crate::contender;
use crate::figure::calls;
use crate::settings::Effort;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Figure {
    Calls,
}

impl Figure {
    pub(crate) const ALL: [Self; 1] = [Self::Calls];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
        }
    }

    pub(crate) fn of(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|figure| figure.name() == name);
        let names = || Self::ALL.map(Self::name).join(", ");
        found.ok_or_else(|| format!("{name}: no figure; there are {}", names()).into())
    }

    /// Those it is measured of.
    pub(crate) fn contenders(self) -> Vec<&'static str> {
        match self {
            Self::Calls => contender::ALL.iter().map(|contender| contender.name).collect(),
        }
    }
}

impl Figure {
    /// Measures it in this process, which is there for nothing else.
    pub(crate) fn measure(self, name: &str, effort: &Effort) -> Result<(), Error> {
        let mut say = |name: &str, value: f64| println!("{name}\t{value}");
        match self {
            Self::Calls => {
                let contender = contender::find(name)?;
                let _kept = (contender.start)()?;
                calls::measure(contender, effort, &mut say);
            }
        }
        Ok(())
    }
}
