//! Arithmetic of reports: quantiles, means, days and working hours between two times.
//!
//! Pure.

use super::limits::WORKING_HOURS_MAX;
use super::stamp::DAY_MS;

/// Milliseconds per hour.
const HOUR_MS: f64 = 3_600_000.0;

/// The value at a quantile of sorted values (nearest rank): always one of the values.
pub fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// The median of values in any order: of an even number the mean of both in the middle.
pub fn median(mut all: Vec<f64>) -> Option<f64> {
    all.sort_by(f64::total_cmp);
    let upper = all.get(all.len() / 2)?;
    Some((all[(all.len() - 1) / 2] + upper) / 2.0)
}

/// The mean; `None` if there are no values.
pub fn mean(all: &[f64]) -> Option<f64> {
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}

/// A part of a whole, from 0 to 1; `None` if there is no whole.
pub fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Rounds to two decimals, which are precise enough and the same on every machine.
pub fn rounded(value: f64) -> f64 {
    // Adding zero removes the sign of a negative zero, which the sum of no values has.
    (value * 100.0).round() / 100.0 + 0.0
}

/// The days between two times in milliseconds; 0 if the second is earlier.
pub fn days(from: u64, to: u64) -> f64 {
    to.saturating_sub(from) as f64 / DAY_MS as f64
}

/// Working hours between two times in milliseconds: the elapsed hours, but at most eight per day
/// begun.
pub fn working_hours(from: u64, to: u64) -> f64 {
    let wall = to.saturating_sub(from) as f64 / HOUR_MS;
    wall.min((wall / 24.0).ceil() * WORKING_HOURS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(percentile(&values, 0.5), Some(2.0));
        assert_eq!(percentile(&values, 0.85), Some(4.0));
        assert_eq!(percentile(&values, 0.0), Some(1.0));
        assert_eq!(percentile(&[7.0], 0.95), Some(7.0));
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn the_median_of_an_even_number_is_between_both_in_the_middle() {
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(vec![4.0, 1.0, 3.0]), Some(3.0));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn a_day_has_at_most_eight_working_hours() {
        let hour = 3_600_000;
        assert_eq!(working_hours(0, 3 * hour), 3.0);
        assert_eq!(working_hours(0, 20 * hour), 8.0);
        assert_eq!(working_hours(0, 30 * hour), 16.0);
        assert_eq!(working_hours(hour, 0), 0.0);
    }
}
