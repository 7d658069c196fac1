//! The time of the last change in an exported record.
//!
//! beads accepts a record only if it is newer than its own, so every export with other content,
//! including reverted changes, needs a later time than all earlier exports.

use std::collections::BTreeMap;

use super::beads_values::precise;
use crate::bridge::beads::read_record::{fields, moment};
use crate::model::doc::{Doc, EXTERNAL, UNDONE};
use crate::model::imported::is_of_record;
use crate::model::stamp::{Stamp, parse_rfc3339};

/// Registers that an export reads in addition to [`fields`]. The undo of an import also writes
/// `external`.
const MORE: &[&str] = &["deleted", "epic", EXTERNAL];

/// Sets that an export reads.
const SETS: &[&str] = &["labels", "waiters", "external_refs", "depends_on", "edges"];

/// Records that an export reads.
const RECORDS: &[&str] = &["claims", "acceptance", "edge_attributes"];

/// The time added for each place that another clone than the last writer wrote, in nanoseconds.
const PLACE: u64 = 1_000_000;

/// The times of writes of an item, in nanoseconds since the Unix epoch.
pub(super) struct Times {
    /// The last write in any clone; none if it is as imported.
    written: Option<u64>,
    /// The last write in any clone or at the source.
    latest: u64,
    /// The time to add. A join adds places that are older than the last write and does not change
    /// that one: each adds some time, later ones more.
    joined: u64,
    /// The source's clock was ahead of the one here.
    is_ahead: bool,
}

impl Times {
    /// True if a clone wrote the item after the last change at its source, including reverted
    /// changes. Compared with the precision of the record: one with seconds only may be an earlier
    /// export.
    pub(super) fn is_over(&self, updated_at: Option<&str>) -> bool {
        let Some(written) = self.written else {
            return false;
        };
        let Some((then, unit)) = updated_at.and_then(|text| instant(text).zip(unit(text))) else {
            return true;
        };
        let written = i128::from(written + self.joined);
        let unit = if self.is_ahead { 1 } else { i128::from(unit) };
        written - written.rem_euclid(unit) > then
    }

    /// The time of a record with other content than at `before`: the last write, but always after
    /// `before`. After a merge the newest change may be the source's own; then it is the next time
    /// that the form of `before` allows, in its time zone.
    pub(super) fn later(&self, before: Option<&str>) -> String {
        let now = self.latest + self.joined;
        let Some(before) = before else {
            return precise(now);
        };
        match instant(before) {
            Some(then) if i128::from(now) <= then => {
                step(before, self.joined).unwrap_or_else(|| before.to_string())
            }
            _ => precise(now),
        }
    }

    /// The times of an item and its comments. If the source's clock is ahead of the one here, the
    /// record's stamp is the time of its import, and writes here are shifted by the same
    /// difference.
    pub(super) fn of(doc: &Doc, comments: &[&Doc], updated_at: Option<&str>) -> Times {
        let of_comments = comments.iter().flat_map(|comment| places(comment));
        let clones: Vec<&Stamp> = places(doc)
            .chain(of_comments)
            .filter(|stamp| !is_of_record(stamp))
            .collect();
        let last = clones.iter().max();
        let others = clones.iter().filter(|stamp| {
            let is_of_last = |last: &&&Stamp| last.replica == stamp.replica;
            !last.as_ref().is_some_and(is_of_last)
        });
        let since = |stamp: &&&Stamp| stamp.ms.saturating_sub(doc.birth.ms) / 1000;
        let joined = others.map(|stamp| PLACE + since(&stamp)).sum();
        let external = doc.regs.get(EXTERNAL).map(|reg| &reg.stamp);
        let ahead = external
            .filter(|at| is_of_record(at))
            .zip(updated_at.and_then(moment))
            .map_or(0, |(at, source_ms)| source_ms.saturating_sub(at.ms));
        // A clone with a slow clock counts within the millisecond.
        let count = |stamp: &Stamp| u64::from(stamp.counter.min(999)) * 1000;
        let created = || doc.text("created_at").and_then(parse_rfc3339);
        let moment = |stamp: &Stamp| match stamp.ms {
            // What follows from a document alone has no time, as in `Item::time_of`.
            _ if stamp.is_derived() => created().unwrap_or(0) * 1_000_000 + count(stamp),
            // The stamp of a record is not shifted.
            ms if is_of_record(stamp) => ms * 1_000_000,
            ms => (ms + ahead) * 1_000_000 + count(stamp),
        };
        let latest = moment(doc.latest());
        let written = last.map(|last| moment(last));
        Times {
            written,
            latest: written.map_or(latest, |written| written.max(latest)),
            joined,
            is_ahead: ahead > 0,
        }
    }
}

/// The stamps of all places of a document that an export reads.
fn places(doc: &Doc) -> impl Iterator<Item = &Stamp> {
    let is_told = |name: &str| MORE.contains(&name) || fields().any(|field| field.1 == name);
    let undone = doc.regs.get(UNDONE).map(|reg| &reg.stamp);
    let regs = doc.regs.iter().filter(move |(name, reg)| {
        // The import was undone and repeated; in between, there was no record.
        let revived = *name == "deleted" && undone.is_some_and(|undone| *undone >= reg.stamp);
        is_told(name) && !revived
    });
    let sets = SETS.iter().filter_map(|name| doc.sets.get(*name));
    let records = RECORDS.iter().filter_map(|name| doc.records.get(*name));
    let entries = records.flat_map(BTreeMap::values);
    regs.map(|(_, reg)| &reg.stamp)
        .chain(sets.flat_map(BTreeMap::values).map(|reg| &reg.stamp))
        .chain(entries.flat_map(|entry| {
            let regs = entry.regs.values().map(|reg| &reg.stamp);
            std::iter::once(&entry.at).chain(regs)
        }))
        .chain(doc.body.versions.keys().map(|version| &version.stamp))
}

/// A time in nanoseconds since the Unix epoch.
fn instant(text: &str) -> Option<i128> {
    let time: jiff::Timestamp = text.parse().ok()?;
    Some(time.as_nanosecond())
}

/// The end of the digits of a time, and the number of digits of the fraction.
fn digits(text: &str) -> Option<(usize, u32)> {
    let clock = text.find(['T', 't', ' '])? + 1;
    let end = text[clock..].find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'))?;
    let (time, _) = text.split_at(clock + end);
    let digits = time.split_once('.').map_or(0, |(_, digits)| digits.len());
    Some((clock + end, u32::try_from(digits).ok()?))
}

/// The unit of the last digit of a time, in nanoseconds.
fn unit(text: &str) -> Option<u64> {
    10_u64.checked_pow(9_u32.checked_sub(digits(text)?.1)?)
}

/// A time later by one unit of its last digit, at least a millisecond, and by `more` nanoseconds.
fn step(text: &str, more: u64) -> Option<String> {
    let (end, behind) = digits(text)?;
    let (time, zone) = text.split_at(end);
    let by = unit(text)?.min(1_000_000) + more;
    let shown = match more % 1_000_000 {
        0 => behind.max(3),
        _ => 9,
    };
    let time: jiff::civil::DateTime = time.parse().ok()?;
    let by = jiff::Span::new().nanoseconds(i64::try_from(by).ok()?);
    let next = time.checked_add(by).ok()?;
    let shown = usize::try_from(shown).ok()?;
    Some(format!("{next:.shown$}{zone}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Times {
        Times {
            written: Some(ms * 1_000_000),
            latest: ms * 1_000_000,
            joined: 0,
            is_ahead: false,
        }
    }

    #[test]
    fn a_changed_record_is_always_newer_than_it_was() {
        for (before, latest, wanted) in [
            (
                "2026-01-01T00:00:00Z",
                1_767_225_600_000,
                "2026-01-01T00:00:00.001Z",
            ),
            ("2026-01-01T00:00:00Z", 0, "2026-01-01T00:00:00.001Z"),
            (
                "2026-01-01T00:00:00Z",
                1_767_225_600_250,
                "2026-01-01T00:00:00.25Z",
            ),
            (
                "2025-12-31T15:59:59.999999-08:00",
                1_767_225_599_999,
                "2025-12-31T16:00:00.000000-08:00",
            ),
            (
                "2026-01-01T11:00:00.123456789+11:00",
                1_767_225_600_123,
                "2026-01-01T11:00:00.123456790+11:00",
            ),
            (
                "2026-01-01T00:00:00.5Z",
                1_767_225_600_000,
                "2026-01-01T00:00:00.501Z",
            ),
        ] {
            let exported = at(latest).later(Some(before));
            assert_eq!(exported, wanted);
            assert!(instant(&exported) > instant(before));
        }
        assert_eq!(at(0).later(None), "1970-01-01T00:00:00Z");
        assert_eq!(at(0).later(Some("yesterday")), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn a_join_of_older_writes_makes_the_time_later() {
        for before in ["2026-01-01T00:00:00Z", "2027-01-01T00:00:00.123456+11:00"] {
            let exported = |joined| {
                let times = Times {
                    joined,
                    ..at(1_767_225_600_250)
                };
                instant(&times.later(Some(before)))
            };
            let all = [0, 7, 8, PLACE, 2 * PLACE + 5].map(exported);
            assert!(all.is_sorted_by(|a, b| a < b), "{before}: {all:?}");
        }
    }

    #[test]
    fn a_record_imported_with_fewer_digits_is_not_older() {
        let times = at(1_767_225_600_250);
        for (before, is_over) in [
            ("2026-01-01T00:00:00Z", false),
            ("2026-01-01T00:00:00.2Z", false),
            ("2026-01-01T00:00:00.25Z", false),
            ("2026-01-01T00:00:00.249Z", true),
            ("2025-12-31T23:59:59Z", true),
            ("yesterday", true),
        ] {
            assert_eq!(times.is_over(Some(before)), is_over, "{before}");
        }
    }
}
