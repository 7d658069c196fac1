//! Suggestions of unmarked duplicates, each with the command that marks it.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::Serialize;

use super::{LIST_LENGTH_DEFAULT, Survey};
use crate::error::Result;
use crate::model::item::Item;
use crate::model::statistics::rounded;
use crate::model::text::head;
use crate::pm::handles::Insights;
use crate::query::search_terms::{stem, telling_words};
use crate::work::insight;

/// The share of common words above which titles may mean the same.
const ALIKE: f64 = 0.8;
/// A word that more items have is too common to find duplicates by.
const COMMON: usize = 200;
/// The length of a text that is compared; titles are rarely longer.
const BYTES: usize = 2_000;

/// Two items that may be duplicates.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DuplicateHint {
    /// The id of the younger one.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The id of the other.
    pub of: String,
    /// Its title.
    pub of_title: String,
    /// The share of the words that the titles have in common, 0 to 1.
    pub similarity: f64,
    /// The command that marks it as a duplicate.
    pub command: String,
}

impl Insights<'_> {
    /// Open items that may be duplicates, at most `limit` pairs, the most similar first. Titles are
    /// compared word by word; no model is used, and the same state gives the same suggestions.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn suggest(&self, limit: Option<usize>) -> Result<Vec<DuplicateHint>> {
        let state = self.pm.store.snapshot()?;
        Ok(insight::survey(self.pm, &state).duplicates(limit.unwrap_or(LIST_LENGTH_DEFAULT)))
    }
}

/// The words of a title: lower case, without inflected endings.
fn words(title: &str) -> BTreeSet<String> {
    let title = head(title, BYTES).to_lowercase();
    telling_words(&title)
        .map(|word| stem(word, 3).to_string())
        .collect()
}

impl Survey<'_, '_> {
    fn duplicates(&self, limit: usize) -> Vec<DuplicateHint> {
        let open: Vec<&Item> = self.open().collect();
        let words: Vec<BTreeSet<String>> = open.iter().map(|item| words(&item.title)).collect();
        let mut holders: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, words) in words.iter().enumerate() {
            for word in words {
                holders.entry(word).or_default().push(at);
            }
        }
        let mut found: Vec<(u64, usize, usize)> = Vec::new();
        for (at, own) in words.iter().enumerate() {
            let holders = own.iter().map(|word| &holders[word.as_str()]);
            let near = holders.filter(|held| held.len() <= COMMON).flatten();
            for other in near.copied().collect::<BTreeSet<usize>>() {
                let common = own.intersection(&words[other]).count();
                let alike = 2.0 * common as f64 / (own.len() + words[other].len()) as f64;
                // Titles of one word are too easily similar.
                let telling = own.len() > 1 || open[at].title == open[other].title;
                if other > at && alike >= ALIKE && telling && !self.linked(open[at], open[other]) {
                    found.push(((alike * 100.0).round() as u64, at, other));
                }
            }
        }
        found.sort_by_key(|(alike, a, b)| (Reverse(*alike), *a, *b));
        found.truncate(limit);
        let hint = |(alike, a, b): (u64, usize, usize)| {
            let mut pair = [open[a], open[b]];
            pair.sort_by(|a, b| a.uid.cmp(&b.uid));
            let [older, younger] = pair;
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
}
