//! The few learnings to show when an item is started.
//!
//! Those about the same paths, else those whose title, tags and symptoms share the most words with
//! the item's title. One query of the index, and one for each learning that may be shown; nothing is
//! written.

use std::cmp::Reverse;
use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::limits;
use crate::coordinate::here;
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::comparison_budget::{Answer, Effort};
use crate::coordinate::reserve::prefix_filter::Prefixes;
use crate::model::item::Item;
use crate::model::learning::{Learning, LearningKind};
use crate::pm::Pm;
use crate::query::search_terms::{stem, telling_words};
use crate::store::index::SUPERSEDES;
use crate::store::state::State;

/// The minimum length of a title word that counts, in characters.
const WORD: usize = 4;

/// The minimum number of title words that a learning must contain; half of them are needed, too.
const WORDS: usize = 2;

/// A learning in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LearningNote {
    /// The short id.
    pub id: String,
    /// pattern, gotcha or decision.
    #[serde(rename = "type")]
    pub kind: LearningKind,
    /// One line.
    pub title: String,
    /// The first line of its text.
    pub summary: String,
    /// The own name of the agent that wrote it; null for a human.
    pub agent: Option<String>,
    /// Patterns of the paths that it is about.
    pub paths: Vec<String>,
    /// `paths` if they overlap the item's, else `words`.
    pub because: &'static str,
}

/// The stems of the words of a text that count.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    telling_words(text)
        .filter(|word| word.chars().count() >= WORD)
        .map(|word| stem(&word.to_lowercase(), 4).to_string())
}

/// The learnings to show to the actor who starts an item, best first.
pub(crate) fn learnings_near(pm: &Pm, state: &State<'_>, item: &Item) -> Vec<LearningNote> {
    let (case, effort) = (here::case(pm), Effort::default());
    let mut prefixes = Prefixes::default();
    for (number, path) in item.paths.iter().enumerate() {
        prefixes.add(path, case, number);
    }
    let planned = Pattern::all_within(&item.paths, &effort);
    let overlap = |paths: &str| {
        let mut met = Vec::new();
        paths.lines().any(|text| {
            met.clear();
            prefixes.meeting(text, case, &mut met);
            !met.is_empty()
                && Pattern::parse_within(text, &effort).is_ok_and(|own| {
                    let mut planned = planned.iter();
                    planned.any(|p| own.overlaps_within(p, case, &effort) == Answer::Yes)
                })
        })
    };
    let title: HashSet<String> = words(&item.title).collect();
    let shared = |gist: &str| {
        let shared: HashSet<String> = words(gist).filter(|word| title.contains(word)).collect();
        shared.len()
    };
    let mut considered = 0;
    let found = state.learnings_about(|paths, gist| {
        let wanted = shared(gist) >= WORDS || (!paths.is_empty() && overlap(paths));
        considered += usize::from(wanted);
        wanted && considered <= limits::NEARBY_COMPARED_MAX
    });
    let found = found.into_iter().map(|learning| {
        let near = overlap(&learning.paths.join("\n"));
        (near, shared(&learning.gist()), learning)
    });
    let mut found: Vec<(bool, usize, Learning)> = found.collect();
    found.retain(|(near, shared, learning)| {
        (*near || *shared * 2 >= title.len()) && learning.not_useful <= learning.useful
    });
    found.sort_by_cached_key(|(near, shared, learning)| {
        let worth = (learning.useful, learning.uses, learning.created_at.clone());
        (Reverse((*near, *shared, worth)), learning.uid.clone())
    });
    let note = |(near, _, learning): (bool, usize, Learning)| LearningNote {
        id: learning.id(),
        kind: learning.facts.kind,
        title: learning.facts.title,
        summary: learning.facts.summary,
        agent: learning.facts.agent,
        paths: learning.facts.paths,
        because: if near { "paths" } else { "words" },
    };
    let is_replaced = |l: &Learning| !state.learnings_against(&l.uid, SUPERSEDES).is_empty();
    let found = found.into_iter().filter(|(_, _, l)| !is_replaced(l));
    found.take(limits::NEARBY_MAX).map(note).collect()
}
