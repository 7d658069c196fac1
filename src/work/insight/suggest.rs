//! What may be missing: duplicates nobody marked, edges that texts speak of, labels that alike
//! items have. Suggestions only, each with the command that follows it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use super::health::rounded;
use super::silent::SilentClaim;
use super::title_similarity::Corpus;
use super::{LIMIT, Survey};
use crate::error::Result;
use crate::model::id::plain;
use crate::model::item::Item;
use crate::model::text::head;
use crate::model::uid::Uid;
use crate::pm::handles::Insights;
use crate::store::index::Among;

/// Titles that are at least so much alike may mean the same.
const ALIKE: f64 = 0.8;
/// A word that more items have is too common to look for duplicates by.
const COMMON: usize = 200;
/// A word speaks for a label only if so many items have both …
const SUPPORT: usize = 3;
/// … and so many of those that have the word.
const TRUST: f64 = 0.75;
/// What says that the item waits for what is named next.
const PHRASES: [&str; 6] = [
    "depends on",
    "blocked by",
    "waits for",
    "waiting for",
    "blocked on",
    "needs",
];
/// How many documents are looked into for such words, best hits first …
const TEXTS: usize = 2_000;
/// … how many bytes of each …
const BYTES: usize = 256 * 1024;
/// … and for how many names.
const NAMES: usize = 100;
/// How many labels of an item are looked at.
const LABELS: usize = 50;

/// Two items that may be one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DuplicateHint {
    /// The id of the younger one.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The id of the other.
    pub of: String,
    /// Its title.
    pub of_title: String,
    /// How alike the titles are, 0 to 1.
    pub similarity: f64,
    /// What marks it as a duplicate.
    pub command: String,
}

/// An edge that a text speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EdgeHint {
    /// The id of the item whose text it is.
    pub id: String,
    /// The id that it names.
    pub on: String,
    /// The words.
    pub reason: String,
    /// What adds the edge.
    pub command: String,
}

/// A label that an item without any may want.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelHint {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The label.
    pub label: String,
    /// Why.
    pub reason: String,
    /// The share of items with the word that have the label.
    pub confidence: f64,
    /// What adds the label.
    pub command: String,
}

/// What may be missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SuggestView {
    /// Claims whose holders may have died.
    pub silent: Vec<SilentClaim>,
    /// Items that may be one, the most alike first.
    pub duplicates: Vec<DuplicateHint>,
    /// Edges that texts speak of, by id.
    pub edges: Vec<EdgeHint>,
    /// Labels for items without any, the surest first.
    pub labels: Vec<LabelHint>,
}

impl Insights<'_> {
    /// What may be missing among open items, at most `limit` of each sort. Titles are compared
    /// word by word, texts are searched for words like `depends on T-0007`; nothing is guessed by
    /// a model, and the same state gives the same suggestions.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn suggest(&self, limit: Option<usize>) -> Result<SuggestView> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let survey = self.pm.survey(&state);
        let open: Vec<&Item> = survey.open().collect();
        let limit = limit.unwrap_or(LIMIT);
        Ok(SuggestView {
            silent: self
                .pm
                .silent_claims(&state)
                .into_iter()
                .take(limit)
                .collect(),
            duplicates: survey.duplicates(&open, limit),
            edges: survey.spoken_of(limit),
            labels: survey.labels(limit),
        })
    }
}

impl Survey<'_, '_> {
    fn duplicates(&self, open: &[&Item], limit: usize) -> Vec<DuplicateHint> {
        let corpus = Corpus::new(open.iter().map(|item| item.title.as_str()));
        let mut found: Vec<(u64, usize, usize)> = Vec::new();
        for at in 0..open.len() {
            for (other, alike) in corpus.near(at, COMMON) {
                // Titles of one word are alike too easily.
                let telling = corpus.size(at) > 1 || open[at].title == open[other].title;
                if other > at && alike >= ALIKE && telling && !self.linked(open[at], open[other]) {
                    found.push(((alike * 100.0).round() as u64, at, other));
                }
            }
        }
        found.sort_by_key(|(alike, a, b)| (Reverse(*alike), *a, *b));
        found.truncate(limit);
        let hint = |(alike, a, b): (u64, usize, usize)| {
            let (first, second) = (open[a], open[b]);
            let (older, younger) = if first.uid <= second.uid {
                (first, second)
            } else {
                (second, first)
            };
            let (new, old) = (self.state.shown_id(younger), self.state.shown_id(older));
            DuplicateHint {
                id: self.state.shown_id(younger),
                title: younger.title.clone(),
                of: self.state.shown_id(older),
                of_title: older.title.clone(),
                similarity: rounded(alike as f64 / 100.0),
                command: format!("git pm dep add {new} {old} --type duplicates"),
            }
        };
        found.into_iter().map(hint).collect()
    }

    /// Whether two items know of each other by any edge, or are whole and part.
    fn linked(&self, a: &Item, b: &Item) -> bool {
        let to = |from: &Item, to: &Item| {
            self.edges_of(from)
                .any(|(_, target, _)| target == to.uid.as_str())
        };
        to(a, b) || to(b, a)
    }

    /// Edges that titles, criteria and texts speak of.
    fn spoken_of(&self, limit: usize) -> Vec<EdgeHint> {
        let mut hints: Vec<EdgeHint> = Vec::new();
        for item in self.speaking() {
            let body = self.state.doc(&item.uid).map_or("", |doc| doc.body.text());
            let criteria: Vec<&str> = item.acceptance.iter().map(|c| c.text.as_str()).collect();
            let text = format!("{}\n{}\n{body}", item.title, criteria.join("\n"));
            let text = head(&text, BYTES);
            let mut seen: HashSet<&Uid> = HashSet::new();
            for (phrase, name) in named(text).into_iter().take(NAMES) {
                let Ok(target) = self.state.find(&name) else {
                    continue;
                };
                // A text may name one item again and again.
                if !seen.insert(&target.uid) {
                    continue;
                }
                let over = target.deleted || target.status.is_closed();
                if !(over || target.uid == item.uid || self.linked(item, target)) {
                    let (from, to) = (self.state.shown_id(item), self.state.shown_id(target));
                    hints.push(EdgeHint {
                        id: self.state.shown_id(item),
                        on: self.state.shown_id(target),
                        reason: format!("its text says `{phrase} {name}`"),
                        command: format!("git pm dep add {from} {to}"),
                    });
                }
            }
            if hints.len() >= limit {
                break;
            }
        }
        hints.truncate(limit);
        hints
    }

    /// The open items whose title, criteria or text may speak of an edge, in the order of ids.
    fn speaking(&self) -> Vec<&Item> {
        let phrases: Vec<String> = PHRASES.iter().map(|p| format!("\"{p}\"")).collect();
        let found = self
            .state
            .search(Among::Words, &phrases.join(" OR "), TEXTS);
        let Some(hits) = found else {
            // Nothing is indexed here: every text is looked into.
            return self.open().collect();
        };
        let hit: HashSet<&Uid> = hits.iter().map(|hit| &hit.item).collect();
        self.open().filter(|item| hit.contains(&item.uid)).collect()
    }

    /// Labels for open items without any, by words of their titles that go with a label.
    fn labels(&self, limit: usize) -> Vec<LabelHint> {
        let corpus = Corpus::new(self.items.iter().map(|item| item.title.as_str()));
        let mut with: BTreeMap<usize, usize> = BTreeMap::new();
        let mut both: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        for (n, item) in self
            .items
            .iter()
            .enumerate()
            .filter(|(_, i)| !i.labels.is_empty())
        {
            for word in corpus.of(n) {
                *with.entry(word).or_default() += 1;
                for label in item.labels.iter().take(LABELS) {
                    *both.entry((word, label)).or_default() += 1;
                }
            }
        }
        let mut best: BTreeMap<usize, (f64, usize, &str)> = BTreeMap::new();
        for ((word, label), n) in both {
            let trust = n as f64 / with[&word] as f64;
            let known = best
                .get(&word)
                .is_some_and(|(t, m, _)| (*t, *m) >= (trust, n));
            if n >= SUPPORT && trust >= TRUST && !known {
                best.insert(word, (trust, n, label));
            }
        }
        let mut hints: Vec<LabelHint> = Vec::new();
        for (n, item) in self.items.iter().enumerate() {
            if item.status.is_closed() || !item.labels.is_empty() {
                continue;
            }
            let words: BTreeSet<(u64, usize, Reverse<usize>)> = corpus
                .of(n)
                .filter_map(|word| {
                    let (trust, support, _) = best.get(&word)?;
                    Some(((trust * 100.0).round() as u64, *support, Reverse(word)))
                })
                .collect();
            let Some((_, _, Reverse(word))) = words.last().copied() else {
                continue;
            };
            let (trust, support, label) = best[&word];
            let (Some(quoted), name) = (plain(label), self.state.shown_id(item)) else {
                continue;
            };
            hints.push(LabelHint {
                id: self.state.shown_id(item),
                title: item.title.clone(),
                label: label.to_string(),
                reason: format!(
                    "{support} items with `{}` in their title have it",
                    corpus.name(word)
                ),
                confidence: rounded(trust),
                command: format!("git pm task edit {name} --add-label {quoted}"),
            });
        }
        hints.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        hints.truncate(limit);
        hints
    }
}

/// The names that follow a phrase of waiting: `depends on T-1, T-2 and T-3`.
fn named(text: &str) -> Vec<(&'static str, String)> {
    let lower = text.to_lowercase();
    let mut out = Vec::new();
    for phrase in PHRASES {
        for (at, _) in lower.match_indices(phrase) {
            let begins = lower[..at]
                .chars()
                .next_back()
                .is_none_or(|c| !c.is_alphanumeric());
            let rest = &lower[at + phrase.len()..];
            if !begins || !rest.starts_with([' ', ':']) {
                continue;
            }
            for word in rest
                .split([' ', ',', ':', '\t', '\n'])
                .filter(|w| !w.is_empty())
                .take(12)
            {
                let name = word.trim_matches(|c: char| !c.is_alphanumeric());
                if is_name(name) {
                    out.push((phrase, shown(name)));
                } else if !matches!(name, "and" | "or" | "on" | "task" | "issue" | "epic" | "") {
                    break;
                }
            }
        }
    }
    out
}

/// Whether a word looks like an id: letters, a dash, and something with a digit or after it.
fn is_name(word: &str) -> bool {
    let Some((prefix, rest)) = word.split_once('-') else {
        return false;
    };
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    !prefix.is_empty()
        && prefix.chars().all(|c| c.is_ascii_alphanumeric())
        && !rest.is_empty()
        && rest.chars().all(fine)
        && rest.len() <= 20
}

/// Sequential ids are written with a capital letter.
fn shown(name: &str) -> String {
    let capital = name.to_uppercase();
    match crate::model::id::parse_sequential(&capital) {
        Some(_) => crate::model::id::normalised(&capital),
        None => name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_after_words_of_waiting_are_read() {
        let read =
            |text: &str| -> Vec<String> { named(text).into_iter().map(|(_, name)| name).collect() };
        assert_eq!(
            read("This depends on T-7 and t-0008."),
            ["T-0007", "T-0008"]
        );
        assert_eq!(
            read("Blocked by: pm-a3f8.1, E-2; then T-9"),
            ["pm-a3f8.1", "E-0002"]
        );
        assert_eq!(read("waits for\nT-1"), Vec::<String>::new());
        assert_eq!(
            read("It depends on the weather, see T-1"),
            Vec::<String>::new()
        );
        assert_eq!(read("independs on T-1"), Vec::<String>::new());
        assert_eq!(read("needs task T-3 first"), ["T-0003"]);
        assert_eq!(read("ÄÖ depends on T-4 ß"), ["T-0004"]);
    }
}
