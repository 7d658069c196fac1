//! The position of a reader of events: a commit or a time, and a place in the walk from there.
//!
//! A commit alone is not enough: within the commits of a merge, those already passed are not the
//! ancestors of any single one. So a position inside of a walk names the walk, from its base to its
//! tip, and how many of its commits and events were passed. Pure.

use std::fmt;

use crate::store::git::repo::Oid;

/// The state from which changes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// The state of a commit, with everything in it.
    Commit(Oid),
    /// The commits from a time on, in milliseconds.
    Time(u64),
}

/// A position between two events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub base: Base,
    /// The walk that has begun.
    pub within: Option<Within>,
}

/// A position inside of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Within {
    /// The commit where the walk ends.
    pub tip: Oid,
    /// The number of commits whose events were all passed.
    pub commits: usize,
    /// The number of events of the next commit that were passed.
    pub events: usize,
}

impl Cursor {
    /// The position at a base.
    pub fn at(base: Base) -> Cursor {
        Cursor { base, within: None }
    }

    /// Reads a position; `None` for any other text, such as a date.
    pub fn parse(text: &str, id: impl Fn(&str) -> Option<Oid>) -> Option<Cursor> {
        let (base, within) = match text.split_once("..") {
            Some((base, rest)) => {
                let (tip, passed) = rest.split_once(':')?;
                let (commits, events) = passed.split_once('.')?;
                let within = Within {
                    tip: id(tip)?,
                    commits: commits.parse().ok()?,
                    events: events.parse().ok()?,
                };
                (base, Some(within))
            }
            None => (text, None),
        };
        let time = base.strip_prefix('t').and_then(|ms| ms.parse().ok());
        let base = match time {
            Some(ms) => Base::Time(ms),
            None => Base::Commit(id(base)?),
        };
        Some(Cursor { base, within })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.base {
            Base::Commit(id) => write!(f, "{id}")?,
            Base::Time(ms) => write!(f, "t{ms}")?,
        }
        match self.within {
            Some(Within {
                tip,
                commits,
                events,
            }) => write!(f, "..{tip}:{commits}.{events}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let id = Oid::from_hex(b"a203e39af5a4bfed7b76690d269bb2e88ab3cf6e").unwrap();
        let parse = |text: &str| Cursor::parse(text, |hex| Oid::from_hex(hex.as_bytes()).ok());
        for base in [Base::Commit(id), Base::Time(0), Base::Time(u64::MAX)] {
            for (commits, events) in [(0, 0), (7, 0), (usize::MAX, 3)] {
                let within = (commits > 0).then_some(Within {
                    tip: id,
                    commits,
                    events,
                });
                let cursor = Cursor { base, within };
                assert_eq!(parse(&cursor.to_string()), Some(cursor));
            }
        }
        for other in [
            "",
            "today",
            "2d",
            "2026-11-20",
            "t",
            "a203..",
            "a203e39a",
            "t5..:1.0",
            "t5..a203e39af5a4bfed7b76690d269bb2e88ab3cf6e:1",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
