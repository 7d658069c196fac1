//! Forecasts of open work, from the times that finished work took.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::project_health::{Sums, sums};
use super::{DAY_MS, Survey};
use crate::error::Result;
use crate::graph::Light;
use crate::model::stamp::rfc3339;
use crate::model::statistics::{percentile, rounded};
use crate::model::uid::Uid;
use crate::pm::handles::Insights;

/// The days of the past that are used: twelve weeks.
const WINDOW: u64 = 84;
/// With fewer finished items there is no forecast.
const LEAST: usize = 3;
/// The number of simulations.
const RUNS: usize = 2_000;
/// Longer forecasts are not reported: ten years.
const LONGEST: u64 = 3_650;

/// Three points of a distribution, in days from now.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Percentiles {
    /// The median.
    pub p50: f64,
    /// The 80 % quantile.
    pub p80: f64,
    /// The 95 % quantile.
    pub p95: f64,
}

/// The same as dates, RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Dates {
    /// The median.
    pub p50: String,
    /// The 80 % quantile.
    pub p80: String,
    /// The 95 % quantile.
    pub p95: String,
}

/// A forecast.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ForecastView {
    /// The id of the forecast item; null for all open items.
    pub id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// The number of open items that have to be finished for it, itself included; of an item with open
    /// parts, the parts.
    pub remaining: usize,
    /// Hours of their work in all, as `order` counts them.
    pub work_hours: u64,
    /// Hours of the longest chain of work that ends with it, by estimates: more people do not
    /// shorten it.
    pub critical_path_hours: u64,
    /// The number of items finished in the days used.
    pub samples: usize,
    /// The number of days used.
    pub window_days: u64,
    /// `none` (fewer than 3 samples), `low` (fewer than 10, or from less than two weeks), `medium`
    /// (fewer than 30, or from less than four weeks) or `high`.
    pub confidence: String,
    /// Days from now until it is finished; null without enough samples, or beyond ten years.
    pub days: Option<Percentiles>,
    /// The same as dates.
    pub dates: Option<Dates>,
}

impl Insights<'_> {
    /// Forecasts when an item, an epic with all its descendants, or all open items will be
    /// finished, from the work finished in the last twelve weeks: days of the past are drawn at
    /// random, two thousand times, until the remaining work is done. The draws use a fixed seed, so
    /// the same state at the same time gives the same answer.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn forecast(&self, id: Option<&str>) -> Result<ForecastView> {
        let state = self.pm.store.snapshot()?;
        let root = match id {
            Some(id) => Some(state.find(id)?.uid.clone()),
            None => None,
        };
        let (sums, lights) = sums(self.pm, &state);
        let survey = Survey::of_lights(self.pm, &state, &lights);
        Ok(of(&sums, &survey, root.as_ref()))
    }
}

/// The forecast of an item, or of all open ones.
pub(super) fn of(sums: &Sums, survey: &Survey<'_, '_, Light>, root: Option<&Uid>) -> ForecastView {
    let target = root.and_then(|uid| survey.whole(uid));
    // All that is scheduled without a root.
    let left: Option<HashSet<Uid>> =
        root.map(|uid| survey.graph.needed_for(uid).into_iter().collect());
    let remaining = match &left {
        Some(left) => left.len(),
        None => survey.graph.count_open_work(),
    };
    let schedule = survey.graph.schedule();
    let is_left = |uid: &Uid| left.as_ref().is_none_or(|left| left.contains(uid));
    let slots = || schedule.iter().filter(|slot| is_left(&slot.uid));
    let hours = slots().map(|slot| slot.start + slot.hours).max();
    let history = history(sums, survey.now_ms);
    let samples: usize = history.iter().sum();
    let days = (samples >= LEAST)
        .then(|| play(&history, remaining))
        .flatten();
    let date = |days: f64| rfc3339(survey.now_ms + (days * DAY_MS as f64) as u64);
    ForecastView {
        id: target.map(|item| survey.state.shown_id(item)),
        title: target.map(|item| item.title.clone()),
        remaining,
        work_hours: slots().map(|slot| slot.hours).sum(),
        critical_path_hours: hours.unwrap_or(0),
        samples,
        window_days: history.len() as u64,
        confidence: confidence(samples, history.len()).into(),
        days,
        dates: days.map(|d| Dates {
            p50: date(d.p50),
            p80: date(d.p80),
            p95: date(d.p95),
        }),
    }
}

/// The numbers of items finished on each of the days used, today's first. Days before the first item
/// was created, or if all were imported, the first one was finished, are left out.
fn history(sums: &Sums, now_ms: u64) -> Vec<usize> {
    let age = |ms| now_ms.saturating_sub(ms) / DAY_MS + 1;
    let age = sums.first.map_or(0, age);
    let mut days = vec![0; usize::try_from(age.min(WINDOW)).unwrap_or(0)];
    for (finished, _) in &sums.finished {
        let ago = now_ms.checked_sub(*finished).map(|ms| ms / DAY_MS);
        let day = ago.and_then(|day| days.get_mut(usize::try_from(day).ok()?));
        if let Some(day) = day {
            *day += 1;
        }
    }
    days
}

/// The confidence of a forecast: many items of few days say little about other days.
fn confidence(samples: usize, days: usize) -> &'static str {
    match (samples, days) {
        (0..LEAST, _) => "none",
        (..10, _) | (_, ..14) => "low",
        (..30, _) | (_, ..28) => "medium",
        _ => "high",
    }
}

fn points(sorted: &[f64]) -> Option<Percentiles> {
    Some(Percentiles {
        p50: rounded(percentile(sorted, 0.5)?),
        p80: rounded(percentile(sorted, 0.8)?),
        p95: rounded(percentile(sorted, 0.95)?),
    })
}

/// The number of days until that many items are finished, if each day is like one of the past.
fn play(history: &[usize], remaining: usize) -> Option<Percentiles> {
    let mut random = SplitMix(0x6769_7420_706d);
    let mut ends: Vec<f64> = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let (mut left, mut days) = (remaining, 0);
        while left > 0 && days < LONGEST {
            left = left.saturating_sub(history[random.below(history.len())]);
            days += 1;
        }
        if left > 0 {
            return None;
        }
        ends.push(days as f64);
    }
    ends.sort_by(f64::total_cmp);
    points(&ends)
}

/// SplitMix64 (Steele, Lea and Flood 2014): pseudo-random numbers that are always the same.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        // The bias of a remainder is far below the precision of a forecast.
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_history_gives_a_narrow_forecast() {
        let days = play(&[2; 84], 20).unwrap();
        assert_eq!((days.p50, days.p95), (10.0, 10.0));
        assert_eq!(play(&[2; 84], 0).unwrap().p95, 0.0);
    }

    #[test]
    fn confidence_needs_samples_and_time() {
        assert_eq!(confidence(2, 84), "none");
        assert_eq!(confidence(9, 84), "low");
        assert_eq!(confidence(500, 13), "low");
        assert_eq!(confidence(29, 84), "medium");
        assert_eq!(confidence(500, 27), "medium");
        assert_eq!(confidence(30, 28), "high");
    }

    #[test]
    fn an_uneven_history_gives_a_wide_forecast() {
        let mut past = vec![0; 83];
        past.push(10);
        let days = play(&past, 10).unwrap();
        assert!(days.p50 > 40.0 && days.p50 < 80.0, "{days:?}");
        assert!(days.p95 > 2.0 * days.p50, "{days:?}");
        assert_eq!(
            play(&past, 10),
            Some(days),
            "the answer differs between runs"
        );
        assert_eq!(
            play(&past, 100_000),
            None,
            "a number beyond ten years is shown"
        );
    }
}
