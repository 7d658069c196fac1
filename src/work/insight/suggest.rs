//! Suggestions of missing data: unmarked duplicates, edges that texts name, labels of similar
//! items. Each has the command that applies it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use super::silent_holders::SilentClaim;
use super::title_similarity::Corpus;
use super::{LIMIT, Survey};
use crate::error::Result;
use crate::model::id::plain;
use crate::model::item::Item;
use crate::model::statistics::rounded;
use crate::model::text::head;
use crate::model::uid::Uid;
use crate::pm::handles::Insights;
use crate::store::index::Among;

/// The similarity above which titles may mean the same.
const ALIKE: f64 = 0.8;
/// A word that more items have is too common to find duplicates by.
const COMMON: usize = 200;
/// A word suggests a label only if that many items have both,
const SUPPORT: usize = 3;
/// and that share of those that have the word.
const TRUST: f64 = 0.75;
/// The words after which a text names a dependency.
const PHRASES: [&str; 6] = [
    "depends on",
    "blocked by",
    "waits for",
    "waiting for",
    "blocked on",
    "needs",
];
/// The number of documents that are searched for such words, best hits first,
const TEXTS: usize = 2_000;
/// the bytes of each,
const BYTES: usize = 256 * 1024;
/// and the number of names.
const NAMES: usize = 100;
/// The number of an item's labels that are read.
const LABELS: usize = 50;

/// Two items that may be duplicates.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DuplicateHint {
    /// The id of the younger one.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The id of the other.
    pub of: String,
    /// Its title.
    pub of_title: String,
    /// The similarity of the titles, 0 to 1.
    pub similarity: f64,
    /// The command that marks it as a duplicate.
    pub command: String,
}

/// An edge that a text names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EdgeHint {
    /// The id of the item whose text it is.
    pub id: String,
    /// The id that it names.
    pub on: String,
    /// The words.
    pub reason: String,
    /// The command that adds the edge.
    pub command: String,
}

/// A label suggested for an item without any.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LabelHint {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The label.
    pub label: String,
    /// The reason.
    pub reason: String,
    /// The share of items with the word that have the label.
    pub confidence: f64,
    /// The command that adds the label.
    pub command: String,
}

/// The suggestions.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SuggestView {
    /// Claims whose holders may have stopped.
    pub silent: Vec<SilentClaim>,
    /// Items that may be duplicates, the most similar first.
    pub duplicates: Vec<DuplicateHint>,
    /// Edges that texts name, by id.
    pub edges: Vec<EdgeHint>,
    /// Labels for items without any, the most certain first.
    pub labels: Vec<LabelHint>,
}

impl Insights<'_> {
    /// Suggestions for open items, at most `limit` of each kind. Titles are compared word by word,
    /// texts are searched for words like `depends on T-0007`; no model is used, and the same state
    /// gives the same suggestions.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn suggest(&self, limit: Option<usize>) -> Result<SuggestView> {
        let state = self.pm.store.snapshot()?;
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
                // Titles of one word are too easily similar.
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

    /// True if two items have any edge between them, or are parent and child.
    fn linked(&self, a: &Item, b: &Item) -> bool {
        let to = |from: &Item, to: &Item| {
            self.edges_of(from)
                .any(|(_, target, _)| target == to.uid.as_str())
        };
        to(a, b) || to(b, a)
    }

    /// Edges that titles, criteria and texts name.
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
                // A text may name one item many times.
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

    /// The open items whose title, criteria or text may name an edge, in the order of ids.
    fn speaking(&self) -> Vec<&Item> {
        let phrases: Vec<String> = PHRASES.iter().map(|p| format!("\"{p}\"")).collect();
        let found = self
            .state
            .search(Among::Words, &phrases.join(" OR "), TEXTS);
        let Some(hits) = found else {
            // Without an index every text is searched.
            return self.open().collect();
        };
        let hit: HashSet<&Uid> = hits.iter().map(|hit| &hit.item).collect();
        self.open().filter(|item| hit.contains(&item.uid)).collect()
    }

    /// Labels for open items without any, by words of their titles that occur with a label.
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
                    "{support} items with `{}` in their title have this label",
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

/// The names that follow such a phrase: `depends on T-1, T-2 and T-3`.
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

/// True if a word looks like an id: letters, a dash, and a part with a digit.
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
        Some(_) => crate::model::id::normalized(&capital),
        None => name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_after_words_for_dependencies_are_found() {
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
