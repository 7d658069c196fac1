//! Prose: a multi-value register for text that people write (body, comment, message).
//!
//! Every version names the versions it replaces, so concurrent edits are kept side by side until a
//! user resolves them. A version's id is its stamp and a hash of its text, not a counter that a crash
//! or a copied clone could assign twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::stamp::{Clock, Stamp, StampError};
use super::uid::{is_hex, sha256_start};

/// The first 16 hexadecimal digits of a text's SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextHash(u64);

impl TextHash {
    /// The hash of a text.
    pub fn of(text: &str) -> Self {
        TextHash(sha256_start(text.as_bytes()))
    }

    fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 16 && text.bytes().all(is_hex);
        hex.then(|| u64::from_str_radix(text, 16).ok().map(TextHash))
            .flatten()
    }
}

impl fmt::Display for TextHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for TextHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextHash({self})")
    }
}

/// The name of one version: `<stamp>/<first 16 hex digits of the text's SHA-256>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionId {
    /// The time of the write, and the clone that made it.
    pub stamp: Stamp,
    /// The hash of its text.
    pub hash: TextHash,
}

impl VersionId {
    /// The id of `text` written at `stamp`.
    pub fn of(stamp: Stamp, text: &str) -> Self {
        VersionId {
            stamp,
            hash: TextHash::of(text),
        }
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.stamp, self.hash)
    }
}

impl FromStr for VersionId {
    type Err = StampError;

    fn from_str(text: &str) -> Result<Self, StampError> {
        let malformed = || StampError::Malformed(super::text::shorten(text, 80));
        let (stamp, hash) = text.split_once('/').ok_or_else(malformed)?;
        let hash = TextHash::parse(hash).ok_or_else(malformed)?;
        let stamp = stamp.parse()?;
        Ok(VersionId { stamp, hash })
    }
}

/// One version of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The text; `None` once it is redacted or withheld.
    pub text: Option<String>,
    /// All versions it replaces, including those that the replaced ones replaced.
    pub replaces: BTreeSet<VersionId>,
    /// The replaced versions that it cannot quote: its author saw them redacted, or replaced only
    /// by versions without a readable text.
    pub knows: BTreeSet<VersionId>,
}

impl Version {
    /// The replaced versions that this text may quote.
    pub fn quotes(&self) -> impl Iterator<Item = &VersionId> {
        self.replaces.difference(&self.knows)
    }

    /// Joins another copy of the same version. A version that either copy may quote stays suspect,
    /// and a readable text replaces a missing one: only the redactions in force decide which texts
    /// are hidden.
    pub fn join(&mut self, other: &Version) {
        let quoted: BTreeSet<VersionId> = self.quotes().chain(other.quotes()).cloned().collect();
        self.replaces.extend(other.replaces.iter().cloned());
        self.knows = self.replaces.difference(&quoted).cloned().collect();
        // Two texts with one id require a forged hash; even then all clones take the same one.
        if other.text > self.text {
            self.text.clone_from(&other.text);
        }
    }
}

/// A text with all its unresolved versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prose {
    /// The versions that nothing replaces; the greatest id is the one shown.
    pub versions: BTreeMap<VersionId, Version>,
    /// Replaced ids that no version in `versions` lists: empty unless a version was written that
    /// does not list what its predecessors listed. Kept so that the join stays associative.
    pub dropped: BTreeSet<VersionId>,
}

impl Prose {
    /// The text of the newest version; empty if there is none or it was redacted.
    pub fn text(&self) -> &str {
        self.versions
            .values()
            .next_back()
            .and_then(|v| v.text.as_deref())
            .unwrap_or("")
    }

    /// The text that users see: the newest readable one, even if a newer version was redacted or
    /// withheld.
    pub fn shown(&self) -> &str {
        self.shown_version().map_or("", |(_, text)| text)
    }

    /// The version of that text.
    pub fn shown_version(&self) -> Option<(&VersionId, &str)> {
        let mut versions = self.versions.iter().rev();
        versions.find_map(|(id, version)| Some((id, version.text.as_deref()?)))
    }

    /// The newest version, readable or not.
    pub fn newest(&self) -> Option<&VersionId> {
        self.versions.keys().next_back()
    }

    /// The version that another one is again, since an undo brought it back: the oldest of those
    /// directly below it that have its text.
    pub fn origin<'v>(id: &'v VersionId, version: &'v Version) -> &'v VersionId {
        let below = version.replaces.iter().rev();
        let same = below.take_while(|older| older.hash == id.hash);
        same.last().unwrap_or(id)
    }

    /// Takes back the versions in `wrote`, and brings back those in `gone`, each as one that replaces
    /// only itself: so its writer, and what it has in common with others, are still known. Those of
    /// `before` that were above one of them are written again too, so that the order stays.
    pub fn take_back(&mut self, wrote: &Prose, gone: &Prose, before: &Prose, clock: &Clock) {
        for (id, version) in &wrote.versions {
            self.versions.remove(id);
            self.dropped.insert(id.clone());
            self.dropped.extend(version.replaces.iter().cloned());
        }
        let mut over = wrote.newest().max(self.newest()).cloned();
        let mut back = BTreeMap::new();
        for (id, old) in &before.versions {
            let is_back = match gone.versions.contains_key(id) {
                true => self.versions.keys().all(|other| other.hash != id.hash),
                false => !back.is_empty() && self.versions.contains_key(id),
            };
            let Some(text) = old.text.as_ref().filter(|_| is_back) else {
                continue;
            };
            let next = VersionId::of(clock.stamp(over.as_ref().map(|id| &id.stamp)), text);
            let mut version = old.clone();
            version.replaces.insert(id.clone());
            back.insert(next.clone(), version);
            over = Some(next);
        }
        self.versions.extend(back);
        self.settle();
    }

    /// True if one of the present versions was redacted or withheld.
    pub fn is_hidden(&self) -> bool {
        self.versions.values().any(|version| version.text.is_none())
    }

    /// True if more than one readable text is unresolved. The same text written in two clones is
    /// not a conflict.
    pub fn is_conflicted(&self) -> bool {
        let texts = self.versions.values().filter_map(|v| v.text.as_ref());
        texts.collect::<BTreeSet<_>>().len() > 1
    }

    /// True if the present versions replaced one with this text, and none of them has it. What an undo
    /// took back was not replaced.
    pub fn had(&self, text: &str) -> bool {
        let hash = TextHash::of(text);
        let mut replaced = self.versions.values().flat_map(|v| &v.replaces);
        replaced.any(|older| older.hash == hash) && self.versions.keys().all(|id| id.hash != hash)
    }

    /// All ids that this state knows to be replaced.
    pub fn replaced(&self) -> BTreeSet<VersionId> {
        let mut all = self.dropped.clone();
        for version in self.versions.values() {
            all.extend(version.replaces.iter().cloned());
        }
        all
    }

    /// Removes the versions that another one replaced, and records the replaced ids that no version
    /// lists any more.
    pub fn settle(&mut self) {
        let mut replaced = self.replaced();
        self.versions.retain(|id, _| !replaced.contains(id));
        for id in self.versions.values().flat_map(|v| &v.replaces) {
            replaced.remove(id);
        }
        self.dropped = replaced;
    }

    /// Replaces every version in `hidden` by its text in `masks`, and writes again every readable
    /// version that might quote a hidden one; the caller has checked that its text does not.
    /// Returns whether anything changed.
    pub fn cleanse(
        &mut self,
        hidden: &BTreeSet<VersionId>,
        masks: &BTreeMap<&VersionId, &str>,
        clock: &Clock,
    ) -> bool {
        let mut fresh = BTreeMap::new();
        for (id, old) in &self.versions {
            let text = if hidden.contains(id) {
                masks.get(id).copied()
            } else if old.quotes().any(|quoted| hidden.contains(quoted)) {
                old.text.as_deref()
            } else {
                None
            };
            let Some(text) = text else {
                continue;
            };
            let mut replaces = old.replaces.clone();
            replaces.insert(id.clone());
            let mut knows = old.knows.clone();
            knows.extend(replaces.intersection(hidden).cloned());
            let new = VersionId::of(clock.stamp(Some(&id.stamp)), text);
            let version = Version {
                text: Some(text.to_string()),
                replaces,
                knows,
            };
            fresh.insert(new, version);
        }
        let changed = !fresh.is_empty();
        for (id, version) in fresh {
            match self.versions.get_mut(&id) {
                Some(present) => present.join(&version),
                None => {
                    self.versions.insert(id, version);
                }
            }
        }
        self.settle();
        changed
    }

    /// Replaces the version that is shown. Concurrent texts stay: an edit of the shown text does
    /// not resolve them. Returns false, and writes nothing, if `text` is already shown.
    pub fn write_over_shown(&mut self, text: &str, clock: &Clock) -> bool {
        let readable = |(_, version): &(&VersionId, &Version)| version.text.is_some();
        let shown = self
            .versions
            .iter()
            .rev()
            .find(readable)
            .map(|(id, _)| id.clone());
        let Some(shown) = shown.filter(|_| self.is_conflicted()) else {
            return self.write(text, clock);
        };
        let mut own = Prose::default();
        own.versions.extend(self.versions.remove_entry(&shown));
        let changed = own.write(text, clock);
        self.versions.append(&mut own.versions);
        changed
    }

    /// Replaces all versions. Returns false, and writes nothing, if `text` is already the only one.
    pub fn write(&mut self, text: &str, clock: &Clock) -> bool {
        if self.versions.len() <= 1 && self.text() == text {
            let redacted = self.is_hidden();
            if !redacted {
                return false;
            }
        }
        self.write_anew(text, clock);
        true
    }

    /// Replaces all versions by a new one, even of the same text.
    #[doc(hidden)]
    pub fn write_anew(&mut self, text: &str, clock: &Clock) {
        let mut replaces = self.replaced();
        let mut quotes = BTreeSet::new();
        for (id, old) in &self.versions {
            replaces.insert(id.clone());
            if old.text.is_some() {
                quotes.insert(id.clone());
                quotes.extend(old.quotes().cloned());
            }
        }
        let version = Version {
            text: Some(text.to_string()),
            knows: replaces.difference(&quotes).cloned().collect(),
            replaces,
        };
        let over = self.newest().map(|id| id.stamp.clone());
        let id = VersionId::of(clock.stamp(over.as_ref()), text);
        self.dropped.clear();
        self.versions = BTreeMap::from([(id, version)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stamp::{ReplicaId, Tick};

    fn clock(ms: u64) -> Clock {
        Clock::new(ReplicaId::new("a").unwrap(), ms, Tick::default())
    }

    #[test]
    fn a_text_that_was_replaced_is_known_again_unless_an_undo_took_it_back() {
        let mut prose = Prose::default();
        assert!(prose.write("one", &clock(1)));
        assert!(!prose.had("one") && !prose.had("two"));
        let before = prose.clone();
        assert!(prose.write("two", &clock(2)));
        assert!(prose.had("one") && !prose.had("two") && !prose.had("three"));
        let wrote = prose.clone();
        prose.take_back(&wrote, &before, &before, &clock(3));
        assert_eq!(prose.text(), "one");
        assert!(!prose.had("one") && !prose.had("two"));
        assert!(prose.write("three", &clock(4)));
        assert!(prose.had("one") && !prose.had("three"));
    }

    #[test]
    fn a_text_may_quote_what_its_readable_predecessors_may_quote() {
        let mut prose = Prose::default();
        assert!(prose.write("one", &clock(1)));
        assert!(!prose.write("one", &clock(2)));
        let one = prose.newest().unwrap().clone();
        prose.write("two", &clock(2));
        let two = prose.newest().unwrap().clone();
        prose.write("three", &clock(3));
        let three = prose.newest().unwrap().clone();
        let version = &prose.versions[&three];
        assert_eq!(version.replaces, [one.clone(), two.clone()].into());
        assert_eq!(version.knows, [].into());
        // A text that replaces a hidden one quotes nothing.
        prose.versions.get_mut(&three).unwrap().text = None;
        assert!(prose.write("", &clock(4)));
        let four = prose.newest().unwrap().clone();
        assert_eq!(prose.versions[&four].knows, [one, two, three].into());
    }

    #[test]
    fn the_join_of_a_version_keeps_every_suspected_quotation() {
        let id = |ms: u64| VersionId::of(clock(ms).stamp(None), "x");
        let version = |knows: &[u64]| Version {
            text: Some("x".into()),
            replaces: [id(1), id(2)].into(),
            knows: knows.iter().map(|ms| id(*ms)).collect(),
        };
        let (mut a, mut b) = (version(&[1]), version(&[2]));
        a.join(&version(&[2]));
        b.join(&version(&[1]));
        assert_eq!(a, b);
        assert_eq!(a.quotes().count(), 2);
    }
}
