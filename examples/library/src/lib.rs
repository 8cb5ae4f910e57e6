//! Prices of parcels: a library that is annotated, and leaves it to the application whether that measures.

use std::error::Error;
use std::fmt;

use tachograph::timed;

/// What is sent where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The weight in grams.
    pub grams: u32,
    /// The zone of the address, 1 (near) to 5 (far).
    pub zone: u8,
}

/// Why a parcel has no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPrice {
    /// It weighs more than is carried, or nothing.
    Weight(u32),
    /// The zone does not exist.
    Zone(u8),
}

impl fmt::Display for NoPrice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weight(grams) => write!(formatter, "a parcel weighs 1 to 31500 grams, not {grams}"),
            Self::Zone(zone) => write!(formatter, "zones are 1 to 5, not {zone}"),
        }
    }
}

impl Error for NoPrice {}

/// Computes the price in cents.
///
/// ```
/// use parcel::{Parcel, price};
/// assert_eq!(price(Parcel { grams: 1800, zone: 2 }), Ok(778));
/// ```
///
/// # Errors
/// When it is too heavy, weighs nothing, or goes to a zone that does not exist.
#[timed(component = "pricing", fields(grams = parcel.grams, zone = parcel.zone))]
pub fn price(parcel: Parcel) -> Result<u32, NoPrice> {
    match parcel {
        Parcel { grams: grams @ (0 | 31_501..), .. } => Err(NoPrice::Weight(grams)),
        Parcel { zone: zone @ (0 | 6..), .. } => Err(NoPrice::Zone(zone)),
        Parcel { grams, zone } => Ok(399 + grams.div_ceil(500) * 45 * (1 + u32::from(zone)) / 2 + 109),
    }
}

/// Who knows the zone of an address: a file, a service, a database.
pub trait Zones {
    /// The zone of a postcode.
    fn zone(&self, postcode: &str) -> impl Future<Output = u8>;
}

/// Computes the price for an address in cents. Needs no particular executor.
///
/// # Errors
/// As [`price`].
#[timed(component = "pricing", fields(postcode))]
pub async fn quote(zones: &impl Zones, postcode: &str, grams: u32) -> Result<u32, NoPrice> {
    let zone = zones.zone(postcode).await;
    price(Parcel { grams, zone })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Everywhere(u8);

    impl Zones for Everywhere {
        async fn zone(&self, _postcode: &str) -> u8 {
            self.0
        }
    }

    #[test]
    fn farther_and_heavier_costs_more() {
        let parcels = [(500, 1), (500, 2), (501, 2), (31_500, 5)].map(|(grams, zone)| Parcel { grams, zone });
        let prices = parcels.map(|parcel| price(parcel).expect("it can be sent"));
        assert!(prices.is_sorted_by(|less, more| less < more), "{prices:?}");
    }

    #[test]
    fn what_cannot_be_sent_has_no_price() {
        assert_eq!(price(Parcel { grams: 0, zone: 1 }), Err(NoPrice::Weight(0)));
        assert_eq!(price(Parcel { grams: 31_501, zone: 1 }), Err(NoPrice::Weight(31_501)));
        assert_eq!(price(Parcel { grams: 1, zone: 6 }), Err(NoPrice::Zone(6)));
    }

    #[tokio::test]
    async fn a_quote_is_the_price_in_the_zone_of_the_address() {
        assert_eq!(quote(&Everywhere(2), "1010", 1800).await, price(Parcel { grams: 1800, zone: 2 }));
    }
}
