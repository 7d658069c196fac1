//! When a record was last changed, as beads is told: it takes a record only if that is later than
//! what it has, so every export of other content, and of content that was taken back, has to be
//! later than all exports before.

use std::collections::BTreeMap;

use super::beads_values::precise;
use crate::bridge::beads::record_keys::{FIELDS, moment};
use crate::model::doc::{Doc, EXTERNAL, UNDONE};
use crate::model::imported::is_of_record;
use crate::model::stamp::Stamp;

/// Registers that an export reads beside those of [`FIELDS`]. A clone writes the record where it takes an
/// import back.
const MORE: &[&str] = &["deleted", "epic", EXTERNAL];

/// Sets that an export reads.
const SETS: &[&str] = &["labels", "waiters", "external_refs", "depends_on", "edges"];

/// Records that an export reads.
const RECORDS: &[&str] = &["claims", "acceptance", "edge_attributes"];

/// What a place counts that another clone wrote than the one that wrote last, in nanoseconds.
const PLACE: u64 = 1_000_000;

/// When an item was written, in its clones and at its source; in nanoseconds since the Unix epoch.
pub(super) struct Times {
    /// The last write of any clone; none where it is as it was imported.
    written: Option<u64>,
    /// The last write of all.
    latest: u64,
    /// How much is added to that. A join brings places that are older than the last write, and leaves
    /// that as it was: each counts, and counts more the later it was written.
    joined: u64,
    /// Whether the record is of a clock that was ahead of the one here.
    is_ahead: bool,
}

impl Times {
    /// Whether a clone wrote since the record was last changed at its source; what was written and
    /// taken back is told of, too. As precise as the record is: where that has seconds only, it may
    /// be one that was written here and came back.
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

    /// The time of a record that says something else than it did at `before`: when that was written,
    /// but always after `before`. A merge can leave a record whose newest change is its source's own;
    /// the time is as little later as the form of `before` allows then, in the zone that it has.
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

    /// When an item and its comments were written. A record may come from a clock that is ahead of
    /// the one here: its stamp is the time of its import then, and what is written here is as far
    /// ahead as the record is.
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
            .map_or(0, |(at, told)| told.saturating_sub(at.ms));
        // A clone whose clock is behind counts on within the millisecond.
        let count = |stamp: &Stamp| u64::from(stamp.counter.min(999)) * 1000;
        let moment = |stamp: &Stamp| match is_of_record(stamp) {
            // That of a record is in its own time already.
            true => stamp.ms * 1_000_000,
            false => (stamp.ms + ahead) * 1_000_000 + count(stamp),
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

/// The stamps of all that an export reads of a document.
fn places(doc: &Doc) -> impl Iterator<Item = &Stamp> {
    let is_told = |name: &str| MORE.contains(&name) || FIELDS.iter().any(|field| field.1 == name);
    let undone = doc.regs.get(UNDONE).map(|reg| &reg.stamp);
    let regs = doc.regs.iter().filter(move |(name, reg)| {
        // An import that was undone and made again: in between there was no record.
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

/// Where the digits of a time end, and how many of them stand behind the seconds.
fn digits(text: &str) -> Option<(usize, u32)> {
    let clock = text.find(['T', 't', ' '])? + 1;
    let end = text[clock..].find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'))?;
    let (time, _) = text.split_at(clock + end);
    let digits = time.split_once('.').map_or(0, |(_, digits)| digits.len());
    Some((clock + end, u32::try_from(digits).ok()?))
}

/// What the last digit of a time counts, in nanoseconds.
fn unit(text: &str) -> Option<u64> {
    10_u64.checked_pow(9_u32.checked_sub(digits(text)?.1)?)
}

/// A time one step later, of its last digit or of a millisecond where that is more, and `more`
/// nanoseconds.
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
            let said = at(latest).later(Some(before));
            assert_eq!(said, wanted);
            assert!(instant(&said) > instant(before));
        }
        assert_eq!(at(0).later(None), "1970-01-01T00:00:00Z");
        assert_eq!(at(0).later(Some("yesterday")), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn what_a_join_brings_makes_it_later_still() {
        for before in ["2026-01-01T00:00:00Z", "2027-01-01T00:00:00.123456+11:00"] {
            let told = |joined| {
                let times = Times {
                    joined,
                    ..at(1_767_225_600_250)
                };
                instant(&times.later(Some(before)))
            };
            let all = [0, 7, 8, PLACE, 2 * PLACE + 5].map(told);
            assert!(all.is_sorted_by(|a, b| a < b), "{before}: {all:?}");
        }
    }

    #[test]
    fn a_record_that_came_back_with_fewer_digits_is_no_older() {
        let times = at(1_767_225_600_250);
        for (told, is_over) in [
            ("2026-01-01T00:00:00Z", false),
            ("2026-01-01T00:00:00.2Z", false),
            ("2026-01-01T00:00:00.25Z", false),
            ("2026-01-01T00:00:00.249Z", true),
            ("2025-12-31T23:59:59Z", true),
            ("yesterday", true),
        ] {
            assert_eq!(times.is_over(Some(told)), is_over, "{told}");
        }
    }
}
