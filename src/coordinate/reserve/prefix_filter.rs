//! A cheap filter for the reservations that can concern some paths.
//!
//! It goes by the text before the first wildcard of each pattern, as most reservations concern other
//! folders and need not be compiled. It never drops a relevant one. Pure.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Bound;

use super::pattern::Pattern;
use super::pattern::overlap::Case;
use crate::store::git::composed;

/// The text before the first wildcard of a pattern; two patterns without a common path differ
/// there, or have to be compared in full.
pub(super) fn literal_prefix(text: &str) -> &str {
    let wild = |b: &u8| matches!(b, b'*' | b'?' | b'[' | b'{' | b'\\');
    match text.as_bytes().iter().position(wild) {
        Some(end) => &text[..end],
        None => text,
    }
}

/// The form for comparison: folded, without a final slash (`a/**` covers `a` itself, too), and
/// empty if normalizing changes the path.
fn key(text: &str, case: Case) -> Cow<'_, str> {
    let plain = text.strip_suffix('/').unwrap_or(text);
    // Most have no name that begins with a dot or is empty, and need no additional test.
    let mut before = b'/';
    let odd = plain.bytes().any(|byte| {
        let odd = before == b'/' && matches!(byte, b'/' | b'.');
        before = byte;
        odd
    });
    if odd && !named_plainly(plain) {
        return Cow::Borrowed("");
    }
    let prefix = literal_prefix(plain);
    folded(prefix.strip_suffix('/').unwrap_or(prefix), case)
}

/// True if no name is empty, `.` or `..`.
fn named_plainly(path: &str) -> bool {
    path.split('/').all(|name| !matches!(name, "" | "." | ".."))
}

fn folded(text: &str, case: Case) -> Cow<'_, str> {
    let text = composed(text);
    match case {
        Case::Sensitive => text,
        Case::Folded => Cow::Owned(text.chars().map(|c| case.fold(c)).collect()),
    }
}

/// Texts that can be found by a prefix of another text.
#[derive(Default)]
pub(crate) struct Prefixes(BTreeMap<String, Vec<usize>>);

impl Prefixes {
    /// Adds a pattern's text under a number.
    pub(crate) fn add(&mut self, text: &str, case: Case, number: usize) {
        let key = key(text, case).into_owned();
        let numbers = self.0.entry(key).or_default();
        if numbers.last() != Some(&number) {
            numbers.push(number);
        }
    }

    /// Adds the numbers of those that can meet a pattern, some more than once.
    pub(crate) fn meeting(&self, text: &str, case: Case, out: &mut Vec<usize>) {
        let key = key(text, case);
        self.above(&key, out);
        let below = self
            .0
            .range::<str, _>((Bound::Excluded(key.as_ref()), Bound::Unbounded));
        let below = below.take_while(|(other, _)| other.starts_with(key.as_ref()));
        out.extend(below.flat_map(|(_, numbers)| numbers));
    }

    /// The numbers of those that can match a path, in order.
    pub(super) fn matching(&self, path: &str, case: Case) -> Vec<usize> {
        let mut found = Vec::new();
        self.above(&folded(path, case), &mut found);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Adds the numbers of those that are a prefix of a text.
    fn above(&self, text: &str, out: &mut Vec<usize>) {
        let ends = text.char_indices().map(|(at, _)| at);
        for end in ends.chain([text.len()]) {
            if let Some(numbers) = self.0.get(&text[..end]) {
                out.extend(numbers);
            }
        }
    }
}

/// The reservations that can hold one of these paths, and those that they may have to wait behind.
/// Each text has the patterns of one reservation, one per line.
pub(super) fn near(all: &[&str], paths: &[String], case: Case) -> BTreeSet<usize> {
    let mut sorted: Vec<Cow<'_, str>> = paths.iter().map(|path| folded(path, case)).collect();
    sorted.sort_unstable();
    let begins_one = |text: &str| {
        let key = key(text, case);
        let at = sorted.partition_point(|path| *path < key);
        sorted
            .get(at)
            .is_some_and(|path| path.starts_with(key.as_ref()))
    };
    with_those_ahead(all, begins_one, case)
}

/// As [`near`], for those that can have a path in common with some patterns.
pub(super) fn near_patterns(all: &[&str], wanted: &[Pattern], case: Case) -> BTreeSet<usize> {
    let wanted: Vec<Cow<'_, str>> = wanted.iter().map(|p| key(p.text(), case)).collect();
    let meets_one = |text: &str| {
        let key = key(text, case);
        let meets = |other: &Cow<'_, str>| {
            key.starts_with(other.as_ref()) || other.starts_with(key.as_ref())
        };
        wanted.iter().any(meets)
    };
    with_those_ahead(all, meets_one, case)
}

/// Those with a wanted pattern, and transitively all that they overlap.
fn with_those_ahead(all: &[&str], wanted: impl Fn(&str) -> bool, case: Case) -> BTreeSet<usize> {
    let holds = |text: &&str| text.split('\n').any(&wanted);
    let mut found: BTreeSet<usize> = (0..all.len()).filter(|n| holds(&all[*n])).collect();
    if found.is_empty() {
        return found;
    }
    let mut prefixes = Prefixes::default();
    for (n, text) in all.iter().enumerate() {
        for pattern in text.split('\n') {
            prefixes.add(pattern, case, n);
        }
    }
    let mut todo: Vec<usize> = found.iter().copied().collect();
    // What begins with one of these was found with it.
    let mut done: HashSet<String> = HashSet::new();
    while let Some(n) = todo.pop() {
        if found.len() == all.len() {
            break;
        }
        for pattern in all[n].split('\n') {
            let key = key(pattern, case);
            let ends = key.char_indices().map(|(at, _)| at);
            if ends
                .chain([key.len()])
                .any(|end| done.contains(&key[..end]))
            {
                continue;
            }
            done.insert(key.into_owned());
            let mut meeting = Vec::new();
            prefixes.meeting(pattern, case, &mut meeting);
            todo.extend(meeting.into_iter().filter(|n| found.insert(*n)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn earlier_reservations_that_may_conflict_with_a_near_one_are_near() {
        let all = [
            "src/**",
            "src/auth/*.rs",
            "docs/x",
            "doc",
            "lib/**\nsrc/a",
            "**/*.md",
        ];
        let near = |path: &str| near(&all, &[path.to_string()], Case::Sensitive);
        assert_eq!(near("src/auth/x.rs"), BTreeSet::from([0, 1, 2, 3, 4, 5]));
        let few = |path: &str| super::near(&all[..5], &[path.to_string()], Case::Sensitive);
        assert_eq!(few("src/auth/x.rs"), BTreeSet::from([0, 1, 4]));
        assert_eq!(few("docs/x/y"), BTreeSet::from([2, 3]));
        assert_eq!(few("bin/x"), BTreeSet::new());
        // A submodule or link at the path of a folder.
        assert_eq!(few("src"), BTreeSet::from([0, 1, 4]));
    }

    proptest! {
        #[test]
        fn the_prefix_filter_never_omits_a_match(
            text in "(\\./|/|)(a|b|A|\\*|\\.\\.|\\.|[{]a,b[}]|a\\?|c)(/(a|b|B|\\*\\*|\\.\\.|\\.|)){0,3}",
            path in "(a|b|A|c)(/(a|b|B|a1)){0,3}",
            fold in any::<bool>(),
        ) {
            let case = if fold { Case::Folded } else { Case::Sensitive };
            if let Ok(pattern) = Pattern::parse(&text, "")
                && pattern.matches(&path, case)
            {
                prop_assert!(!near(&[&text], &[path], case).is_empty(), "{text}");
            }
        }
    }
}
