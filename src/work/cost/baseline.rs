//! The cost of the same work done otherwise, for a comparison. Pure.

use std::str::FromStr;

use crate::error::{Error, Result};
use crate::model::item::Item;
use crate::model::money::micro_usd;
use crate::model::vocabulary::Estimate;

/// The cost to compare with, in millionths of a US dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// Of all the work in the report: `900usd`.
    Total(u64),
    /// Of each hour by estimate of the finished items in the report: `90usd/h`.
    PerHour(u64),
}

impl FromStr for Baseline {
    type Err = Error;

    fn from_str(text: &str) -> Result<Baseline> {
        let read = match text.trim().strip_suffix("/h") {
            Some(amount) => micro_usd(amount).map(Baseline::PerHour),
            None => micro_usd(text).map(Baseline::Total),
        };
        read.map_err(|error| error.hint("or write an amount per estimated hour: 90usd/h"))
    }
}

impl Baseline {
    /// The whole amount, if the finished items take so many minutes by estimate.
    pub(super) fn total(self, minutes: u64) -> u64 {
        match self {
            Baseline::Total(amount) => amount,
            Baseline::PerHour(rate) => {
                let micro = u128::from(rate) * u128::from(minutes) / 60;
                u64::try_from(micro).unwrap_or(u64::MAX)
            }
        }
    }
}

/// The estimated work of an item in minutes: its own estimate, else by its size, else as M.
pub(super) fn minutes(item: &Item) -> u64 {
    item.estimated_minutes()
        .unwrap_or_else(|| u64::from(Estimate::M.hours()) * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MR-10: a baseline is a total, or an amount for each estimated hour.
    #[test]
    fn mr_10_a_baseline_is_a_total_or_a_rate() {
        let read = |text: &str| text.parse::<Baseline>();
        assert_eq!(read("900usd").unwrap(), Baseline::Total(900_000_000));
        assert_eq!(read("$90/h").unwrap(), Baseline::PerHour(90_000_000));
        assert_eq!(read("90usd/h").unwrap().total(90), 135_000_000);
        assert_eq!(read("900").unwrap().total(90), 900_000_000);
        let most = Baseline::PerHour(u64::MAX).total(u64::MAX);
        assert_eq!(most, u64::MAX);
        for bad in ["", "/h", "90/d", "-1", "90/h/h", "free"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
