//! The periods of a series (days up to a month, then weeks), and the open work at the end of each.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::changes::Replay;
use super::commits::Standpoint;
use super::view::{ChangeKind, OpenCount, SeriesPoint, Step};
use crate::error::Result;
use crate::history::past_state::Past;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::stamp::{DAY_MS, rfc3339};
use crate::model::statistics::{median, rounded};
use crate::model::uid::Uid;
use crate::model::usage::Recorded;
use crate::store::git::repo::Oid;
use crate::store::history::trees::changed;
use crate::store::index::open_minutes;
use crate::store::layout::Family;
use crate::work::cost::used_in;
use crate::work::insight::is_under_way;

/// The number of days up to which a series has a point for each day.
const DAILY: u64 = 31;

/// The length of the periods of a series between two moments, milliseconds since the Unix epoch, unless
/// another was asked for.
pub(super) fn default_step(first: u64, until: u64) -> Step {
    match until.saturating_sub(first) <= DAILY * DAY_MS {
        true => Step::Day,
        false => Step::Week,
    }
}

/// The first and last millisecond of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub from: u64,
    pub to: u64,
}

impl Period {
    fn has(&self, ms: u64) -> bool {
        (self.from..=self.to).contains(&ms)
    }
}

/// Divides a range into the days of a zone, or its weeks from Monday on; the first and the last may be
/// shorter.
pub(super) fn split(from: u64, until: u64, step: Step, zone: &TimeZone) -> Vec<Period> {
    let next = |at: u64| -> Option<u64> {
        let time = Timestamp::from_millisecond(i64::try_from(at).ok()?).ok()?;
        let date = zone.to_datetime(time).date();
        let days = match step {
            Step::Day => 1,
            Step::Week => 7 - i64::from(date.weekday().to_monday_zero_offset()),
        };
        let next = date.checked_add(days.days()).ok()?.to_zoned(zone.clone());
        u64::try_from(next.ok()?.timestamp().as_millisecond()).ok()
    };
    let mut out = Vec::new();
    let mut at = from;
    while at <= until {
        let next = next(at).filter(|next| *next > at);
        let next = next.unwrap_or(until.saturating_add(1));
        out.push(Period {
            from: at,
            to: until.min(next - 1),
        });
        at = next;
    }
    out
}

impl OpenCount {
    pub(super) fn plus(self, other: OpenCount, sign: i64) -> OpenCount {
        OpenCount {
            open: self.open + sign * other.open,
            in_progress: self.in_progress + sign * other.in_progress,
            open_hours: self.open_hours + sign as f64 * other.open_hours,
        }
    }
}

/// The series: changes by period, and the open work at the end of each. The latter is computed
/// backwards from that of the last state, by the differences between the states at the ends.
pub(super) fn series(
    past: &Past<'_>,
    periods: &[Period],
    after: &Standpoint,
    open_after: OpenCount,
    replay: &Replay,
    attempts: &[Recorded],
    chosen: Option<&HashSet<Uid>>,
) -> Result<Vec<SeriesPoint>> {
    let mut out = Vec::with_capacity(periods.len());
    let mut open = open_after;
    let mut at: Option<Standpoint> = None;
    for (n, period) in periods.iter().enumerate().rev() {
        out.push(point(period, open, replay, attempts));
        let Some(earlier) = n.checked_sub(1).map(|n| periods[n].to) else {
            break;
        };
        let later = at.as_ref().unwrap_or(after);
        let Some(before) = later.earlier(past, earlier)? else {
            // The history begins later; what was imported may be finished before.
            open = OpenCount::default();
            continue;
        };
        // The sums along the commits are those of all items.
        let sum = || along(replay, &before, later);
        let added = match chosen.is_none().then(sum).flatten() {
            Some(added) => added,
            None => difference(past, [before.point.tree, later.point.tree], chosen)?,
        };
        open = open.plus(added, -1);
        at = Some(before);
    }
    out.reverse();
    Ok(out)
}

/// The open work that a later state has more, summed up from commit to first parent; none if these do
/// not lead to the earlier one.
fn along(replay: &Replay, earlier: &Standpoint, later: &Standpoint) -> Option<OpenCount> {
    let ([from], [end]) = (&later.point.commits[..], &earlier.point.commits[..]) else {
        return None;
    };
    let (mut at, mut sum) = (from.id, OpenCount::default());
    while at != end.id {
        let (first, more) = replay.steps.get(&at)?;
        sum = sum.plus(*more, 1);
        at = *first;
    }
    Some(sum)
}

/// The open work that a later state has more, of all items or of the chosen ones.
fn difference(
    past: &Past<'_>,
    [old, new]: [Oid; 2],
    chosen: Option<&HashSet<Uid>>,
) -> Result<OpenCount> {
    let found = changed(&past.repo, Some(old), Some(new))?;
    let items = found.pairs.values();
    let items = items.filter(|pair| matches!(pair.family, Family::Item(_)));
    let of = |doc: &Option<Doc>| {
        let item = doc.as_ref().and_then(|doc| Item::from_doc(doc).ok());
        let item = item.filter(|item| chosen.is_none_or(|chosen| chosen.contains(&item.uid)));
        item.as_ref().map_or_else(OpenCount::default, open_of)
    };
    Ok(items.fold(OpenCount::default(), |sum, pair| {
        sum.plus(of(&pair.new), 1).plus(of(&pair.old), -1)
    }))
}

/// An item as a number of open ones: one or none.
pub(super) fn open_of(item: &Item) -> OpenCount {
    open_minutes(item).map_or_else(OpenCount::default, |minutes| OpenCount {
        open: 1,
        in_progress: i64::from(is_under_way(item)),
        open_hours: minutes as f64 / 60.0,
    })
}

fn point(period: &Period, open: OpenCount, replay: &Replay, attempts: &[Recorded]) -> SeriesPoint {
    let of = |kind: ChangeKind| {
        let changes = replay.changes.iter();
        changes.filter(move |change| change.kind == kind && period.has(change.ms))
    };
    let imports = replay.imports.iter().filter(|one| period.has(one.ms));
    let imported: usize = imports.map(|one| one.created).sum();
    let finished = || of(ChangeKind::Finished);
    let hours: f64 = finished().filter_map(|one| one.estimated_hours).sum();
    let attempts: Vec<Recorded> = attempts
        .iter()
        .filter(|one| one.attempt.at_ms().is_some_and(|at| period.has(at)))
        .cloned()
        .collect();
    let used = used_in(&attempts);
    let stated = replay.stated.iter();
    let stated = stated.filter(|(from, came, _)| (*from..*came).contains(&period.to));
    SeriesPoint {
        from: rfc3339(period.from),
        to: rfc3339(period.to),
        created: of(ChangeKind::Created).count() + imported,
        finished: finished().count(),
        finished_hours: rounded(hours),
        reopened: of(ChangeKind::Reopened).count(),
        end: OpenCount {
            open: open.open + stated.map(|one| one.2).sum::<i64>(),
            open_hours: rounded(open.open_hours),
            ..open
        },
        lead_days: median(finished().filter_map(|one| one.lead_days).collect()).map(rounded),
        cycle_days: median(finished().filter_map(|one| one.cycle_days).collect()).map(rounded),
        tokens: used
            .input_tokens
            .saturating_add(used.cached_tokens)
            .saturating_add(used.output_tokens),
        cost_usd: used.cost_usd,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stamp::parse_rfc3339;

    fn cut(from: &str, until: &str, step: Step) -> Vec<String> {
        cut_in(from, until, step, &TimeZone::UTC)
    }

    fn cut_in(from: &str, until: &str, step: Step, zone: &TimeZone) -> Vec<String> {
        let ms = |text| parse_rfc3339(text).unwrap();
        let periods = split(ms(from), ms(until), step, zone);
        let gaps = periods.windows(2).filter(|w| w[0].to + 1 != w[1].from);
        assert_eq!(gaps.count(), 0, "a moment is in no period, or in two");
        periods.iter().map(|p| rfc3339(p.from)).collect()
    }

    #[test]
    fn days_are_those_of_the_zone_also_when_its_clock_changes() {
        // Berlin, where 2027-03-28 has 23 hours.
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let days = [
            "2027-03-27T23:00:00Z",
            "2027-03-28T22:00:00Z",
            "2027-03-29T22:00:00Z",
        ];
        assert_eq!(cut_in(days[0], days[2], Step::Day, &zone), days);
    }

    #[test]
    fn days_and_weeks_begin_at_midnight_and_on_mondays() {
        assert_eq!(
            cut("2026-11-20T15:00:00Z", "2026-11-22T01:00:00Z", Step::Day),
            [
                "2026-11-20T15:00:00Z",
                "2026-11-21T00:00:00Z",
                "2026-11-22T00:00:00Z"
            ]
        );
        // 2026-11-23 is a Monday.
        assert_eq!(
            cut("2026-11-18T15:00:00Z", "2026-11-30T00:00:00Z", Step::Week),
            [
                "2026-11-18T15:00:00Z",
                "2026-11-23T00:00:00Z",
                "2026-11-30T00:00:00Z"
            ]
        );
        assert_eq!(
            cut("1970-01-01T00:00:00Z", "1970-01-06T00:00:00Z", Step::Week).len(),
            2
        );
    }
}
