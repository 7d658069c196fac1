//! The few learnings to show when an item is started.
//!
//! Those about the same paths, else those whose title, tags and symptoms share the most words with
//! the item's title. One query of the index, and one for each learning that may be shown; nothing is
//! written.

use std::collections::HashMap;

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

/// The minimum number of title words that a learning must contain, and their minimum share by
/// rarity.
const WORDS: usize = 2;
const SHARE: f64 = 0.5;

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

/// The words of the item's title, with the number of learnings that have each.
struct Words {
    counts: HashMap<String, usize>,
    all: usize,
}

impl Words {
    fn of(title: &str) -> Words {
        Words {
            counts: words(title).map(|word| (word, 0)).collect(),
            all: 0,
        }
    }

    /// The words that a gist shares with the title.
    fn shared(&self, gist: &str) -> Vec<String> {
        let mut found: Vec<String> = words(gist)
            .filter(|w| self.counts.contains_key(w))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Counts a learning; true if it has enough words of the title to be considered.
    fn count(&mut self, gist: &str) -> bool {
        self.all += 1;
        let shared = self.shared(gist);
        for word in &shared {
            *self.counts.entry(word.clone()).or_default() += 1;
        }
        shared.len() >= WORDS
    }

    /// The share of the title's words that a learning has, with rare words weighted more.
    fn share(&self, gist: &str) -> f64 {
        let rarity = |word: &String| {
            let own = self.counts.get(word).copied().unwrap_or(0) as f64;
            (1.0 + (self.all as f64 + 1.0) / (own + 0.5)).ln()
        };
        let has: f64 = self.shared(gist).iter().map(rarity).sum();
        has / self.counts.keys().map(rarity).sum::<f64>()
    }
}

/// The stems of the words of a text.
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
    let mut words = Words::of(&item.title);
    let mut considered = 0;
    let mut found: Vec<(bool, f64, Learning)> = state
        .learnings_about(|paths, gist| {
            let wanted = words.count(gist) || (!paths.is_empty() && overlap(paths));
            considered += usize::from(wanted);
            wanted && considered <= limits::NEARBY_COMPARED_MAX
        })
        .into_iter()
        .map(|learning| (overlap(&learning.paths.join("\n")), 0.0, learning))
        .collect();
    for (_, share, learning) in &mut found {
        *share = words.share(&learning.gist());
    }
    found.retain(|(near, share, learning)| {
        (*near || *share >= SHARE) && learning.not_useful <= learning.useful
    });
    found.sort_by(|a, b| {
        let worth = |l: &Learning| (l.useful, l.uses, l.created_at.clone());
        let order = b.0.cmp(&a.0).then(b.1.total_cmp(&a.1));
        let order = order.then_with(|| worth(&b.2).cmp(&worth(&a.2)));
        order.then_with(|| a.2.uid.cmp(&b.2.uid))
    });
    let note = |(near, _, learning): (bool, f64, Learning)| LearningNote {
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
