//! Stamps: the hybrid logical clock that orders every write of every field.
//!
//! It is that of Kulkarni et al., "Logical Physical Clocks", 2014, with the counter bounded to 32
//! bits. Pure: the wall clock is an argument.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::uid::{Uid, sha256_hex};

/// Milliseconds of one day.
pub const DAY_MS: u64 = 86_400_000;

/// 2100-01-01T00:00:00Z in milliseconds since the Unix epoch. A later stamp can only come from
/// damage or malice; a document with one counts as damaged in every clone.
pub const MAX_MS: u64 = 4_102_444_800_000;

/// The name of a writing clone: 1 to 32 characters of `a-z0-9`. They are stored inline, since every
/// register has one, and padded with zeros, so that the bytes sort like the texts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaId {
    bytes: [u8; REPLICA_MAX],
    len: u8,
}

/// The maximum length of a replica id, in characters.
const REPLICA_MAX: usize = 32;

impl ReplicaId {
    /// Checks and wraps a replica id; `None` if it is not valid.
    pub fn new(text: &str) -> Option<Self> {
        let ok = !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let mut bytes = [0; REPLICA_MAX];
        bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        let len = u8::try_from(text.len()).ok()?;
        ok.then_some(ReplicaId { bytes, len })
    }

    /// The id as files have it.
    pub fn as_str(&self) -> &str {
        // Always ASCII.
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

super::text::text_form!(ReplicaId, "a replica id", ReplicaId::new);

impl fmt::Debug for ReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReplicaId").field(&self.as_str()).finish()
    }
}

/// The time of a write, and the clone that made it. Totally ordered: milliseconds, then counter,
/// then replica. Text form: `<ms>.<counter>.<replica>`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Stamp {
    /// Milliseconds since the Unix epoch, by the hybrid clock.
    pub ms: u64,
    /// Distinguishes writes within one millisecond.
    pub counter: u32,
    /// The clone that wrote, which decides between writes of one time.
    pub replica: ReplicaId,
}

impl Stamp {
    /// True for the stamps of values that follow from documents alone, see [`Clock::derived`]: no
    /// person wrote them.
    pub fn is_derived(&self) -> bool {
        self.ms == 0
    }

    /// The smallest stamp of a replica that is greater than this one.
    #[must_use]
    pub fn next(&self, replica: &ReplicaId) -> Stamp {
        let (ms, counter) = (self.ms, self.counter);
        Tick { ms, counter }.next().stamp(replica)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.ms, self.counter, self.replica)
    }
}

/// The reason why a text is not a valid stamp.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StampError {
    /// It does not have the form `<ms>.<counter>.<replica>`.
    #[error("`{0}` is not a valid stamp (expected <milliseconds>.<counter>.<replica>)")]
    Malformed(String),
    /// It is after the year 2100.
    #[error("the stamp `{0}` is after the year 2100")]
    TooLate(String),
}

impl FromStr for Stamp {
    type Err = StampError;

    fn from_str(text: &str) -> Result<Self, StampError> {
        let malformed = || StampError::Malformed(super::text::shorten(text, 80));
        let (tick, replica) = text.rsplit_once('.').ok_or_else(malformed)?;
        let tick = Tick::parse(tick).ok_or_else(malformed)?;
        let stamp = tick.stamp(&ReplicaId::new(replica).ok_or_else(malformed)?);
        if stamp.ms > MAX_MS {
            return Err(StampError::TooLate(stamp.to_string()));
        }
        Ok(stamp)
    }
}

/// Decimal digits without sign or leading zeros: one text for one number, so that equal state has
/// equal bytes.
fn number(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    (canonical && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// The `(milliseconds, counter)` part of a stamp, which a commit records as `PM-Clock`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick {
    /// Milliseconds since the Unix epoch.
    pub ms: u64,
    /// Counter within the millisecond.
    pub counter: u32,
}

impl Tick {
    fn parse(text: &str) -> Option<Tick> {
        let (ms, counter) = text.split_once('.')?;
        Some(Tick {
            ms: number(ms)?,
            counter: u32::try_from(number(counter)?).ok()?,
        })
    }

    fn next(self) -> Tick {
        let (ms, counter) = match self.counter.checked_add(1) {
            Some(counter) => (self.ms, counter),
            None => (self.ms + 1, 0),
        };
        Tick { ms, counter }
    }

    fn stamp(self, replica: &ReplicaId) -> Stamp {
        Stamp {
            ms: self.ms,
            counter: self.counter,
            replica: replica.clone(),
        }
    }
}

impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.ms, self.counter)
    }
}

impl FromStr for Tick {
    type Err = StampError;

    fn from_str(text: &str) -> Result<Self, StampError> {
        Tick::parse(text).ok_or_else(|| StampError::Malformed(super::text::shorten(text, 80)))
    }
}

/// The clock of one write, which assigns its stamps.
#[derive(Clone, Debug)]
pub struct Clock {
    replica: ReplicaId,
    wall_ms: u64,
    tick: Tick,
}

impl Clock {
    /// A clock for one write by `replica` at wall time `wall_ms`, on top of a commit whose
    /// `PM-Clock` is `seen`. A `seen` more than a day ahead of the wall time is ignored: one clone
    /// with a wrong clock must not move all others into the future.
    pub fn new(replica: ReplicaId, wall_ms: u64, seen: Tick) -> Self {
        let wall_ms = wall_ms.min(MAX_MS);
        let seen = if seen.ms > wall_ms.saturating_add(DAY_MS) {
            Tick::default()
        } else {
            seen
        };
        let now = Tick {
            ms: wall_ms,
            counter: 0,
        };
        let tick = if now > seen { now } else { seen.next() };
        Clock {
            replica,
            wall_ms,
            tick,
        }
    }

    /// A clock for values that follow from documents alone. Its first stamp is the origin of the
    /// document, its next one the least above that: all are below every other write, and the same
    /// in every clone. Only for fields whose present stamp is derived, too.
    pub fn derived(uid: &Uid) -> Self {
        Clock {
            replica: Stamp::origin(uid).replica,
            wall_ms: 0,
            tick: Tick::default(),
        }
    }

    /// The stamp of this write for a field whose current stamp is `over`: not less than the clock,
    /// and greater than the field's.
    pub fn stamp(&self, over: Option<&Stamp>) -> Stamp {
        let own = self.tick.stamp(&self.replica);
        match over {
            Some(over) if *over >= own => over.next(&self.replica),
            _ => own,
        }
    }

    /// A stamp greater than all those assigned before, for several records created in one write.
    pub fn fresh(&mut self) -> Stamp {
        let stamp = self.stamp(None);
        self.tick = self.tick.next();
        stamp
    }

    /// The `PM-Clock` of the commit of this write.
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// The wall time of this write, in milliseconds since the Unix epoch.
    pub fn wall_ms(&self) -> u64 {
        self.wall_ms
    }

    /// The clone that writes.
    pub fn replica(&self) -> &ReplicaId {
        &self.replica
    }
}

impl Stamp {
    /// The stamp of values that follow from a document's identity alone. It is below every other
    /// stamp and the same in every clone, so writing them again does not override later changes.
    pub fn origin(uid: &Uid) -> Stamp {
        let hash = sha256_hex(uid.as_str().as_bytes());
        let replica = ReplicaId::new(&hash[..16]);
        Stamp {
            ms: 0,
            counter: 0,
            replica: replica.unwrap_or_else(|| unreachable!("a hash is a replica id")),
        }
    }
}

/// A duration for users: `2d`, `3h 20m`, `49m`, `12s`.
pub fn span(ms: u64) -> String {
    let seconds = ms / 1_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match () {
        () if days >= 2 => format!("{days}d"),
        () if hours >= 1 && minutes % 60 > 0 && hours < 10 => format!("{hours}h {}m", minutes % 60),
        () if hours >= 1 => format!("{hours}h"),
        () if minutes >= 1 => format!("{minutes}m"),
        () => format!("{seconds}s"),
    }
}

/// The time that is left as a text, to the minute: of what has just begun to run, the whole.
pub fn span_left(ms: u64) -> String {
    span(if ms < 60_000 { ms } else { ms + 30_000 })
}

/// RFC 3339 in UTC with seconds: the form of every time in files and JSON; empty after the year
/// 9999.
pub fn rfc3339(ms: u64) -> String {
    let seconds = i64::try_from(ms / 1000).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map_or_else(|_| String::new(), |time| time.to_string())
}

/// The milliseconds since the Unix epoch of an RFC 3339 time; `None` before 1970 or if malformed.
pub fn parse_rfc3339(text: &str) -> Option<u64> {
    let time: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(time.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replica(text: &str) -> ReplicaId {
        ReplicaId::new(text).unwrap()
    }

    #[test]
    fn the_text_form_round_trips_and_is_unique() {
        let stamp: Stamp = "1763625600000.3.k3f9".parse().unwrap();
        assert_eq!(stamp.to_string(), "1763625600000.3.k3f9");
        for bad in [
            "", "1.2", "01.0.a", "1.00.a", "+1.0.a", "1.0.A", "1.0.", "1.0.a/b",
        ] {
            assert!(bad.parse::<Stamp>().is_err(), "{bad}");
        }
        assert!(matches!(
            "9999999999999.0.a".parse::<Stamp>(),
            Err(StampError::TooLate(_))
        ));
    }

    #[test]
    fn replica_ids_are_ordered_like_texts() {
        let texts = [
            "0",
            "a",
            "a0",
            "aa",
            "ab",
            "b",
            "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
        ];
        for pair in texts.windows(2) {
            assert!(replica(pair[0]) < replica(pair[1]), "{pair:?}");
            assert_eq!(replica(pair[0]).as_str(), pair[0]);
        }
        for bad in ["", "A", "a-b", "a\0", &"a".repeat(33)] {
            assert!(ReplicaId::new(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn times_have_seconds_and_end_with_the_year_9999() {
        assert_eq!(rfc3339(999), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_763_625_700_999), "2025-11-20T08:01:40Z");
        assert_eq!(rfc3339(253_402_207_200_999), "9999-12-30T22:00:00Z");
        assert_eq!(rfc3339(253_402_207_201_000), "");
        assert_eq!(rfc3339(u64::MAX), "");
    }

    #[test]
    fn a_new_stamp_is_greater_than_the_clock_and_the_field() {
        let clock = Clock::new(
            replica("a"),
            1000,
            Tick {
                ms: 2000,
                counter: 7,
            },
        );
        assert_eq!(clock.stamp(None).to_string(), "2000.8.a");
        let field: Stamp = "5000.0.b".parse().unwrap();
        assert_eq!(clock.stamp(Some(&field)).to_string(), "5000.1.a");
        // The lead of the field does not advance the clock.
        assert_eq!(
            clock.tick(),
            Tick {
                ms: 2000,
                counter: 8
            }
        );
    }

    #[test]
    fn a_derived_value_that_changes_stays_below_every_other_write() {
        let uid = Uid::derived(&["x"]);
        let derived = Clock::derived(&uid);
        let first = derived.stamp(None);
        assert_eq!(first, Stamp::origin(&uid));
        let second = derived.stamp(Some(&first));
        assert!(first < second && first.is_derived() && second.is_derived());
        assert_eq!(second, Clock::derived(&uid).stamp(Some(&first)));
        let by_hand = Clock::new(replica("0"), 1, Tick::default()).stamp(Some(&second));
        assert!(by_hand > second && !by_hand.is_derived());
    }

    #[test]
    fn a_clock_a_day_ahead_is_ignored() {
        let ahead = Tick {
            ms: 1000 + DAY_MS + 1,
            counter: 0,
        };
        assert_eq!(Clock::new(replica("a"), 1000, ahead).tick().ms, 1000);
        let near = Tick {
            ms: 1000 + DAY_MS,
            counter: 0,
        };
        assert_eq!(Clock::new(replica("a"), 1000, near).tick().ms, near.ms);
    }
}
