//! Suggestions of unmarked duplicates, each with the command that marks it.

use std::cmp::Reverse;

use schemars::JsonSchema;
use serde::Serialize;

use super::title_similarity::Corpus;
use super::{LIST_LENGTH_DEFAULT, Survey};
use crate::error::Result;
use crate::model::item::Item;
use crate::model::statistics::rounded;
use crate::pm::handles::Insights;
use crate::work::insight;

/// The similarity above which titles may mean the same.
const ALIKE: f64 = 0.8;
/// A word that more items have is too common to find duplicates by.
const COMMON: usize = 200;
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
    /// The similarity of the titles, 0 to 1.
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

impl Survey<'_, '_> {
    fn duplicates(&self, limit: usize) -> Vec<DuplicateHint> {
        let open: Vec<&Item> = self.open().collect();
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
}
