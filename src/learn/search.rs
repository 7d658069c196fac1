//! The verb `learn search`: which of the ranked learnings are shown, and how many.

use schemars::JsonSchema;
use serde::Serialize;

use super::limits;
use super::lookup::{LearningFilter, Wanted};
use super::search_rank::ranked;
use super::staleness::Stale;
use super::view::{LearningView, view};
use crate::error::{Error, Reason, Result};
use crate::model::learning::LearningStatus;
use crate::pm::handles::Learnings;
use crate::query::search_terms::terms;

/// Options of a search.
#[derive(Clone, Debug, Default)]
pub struct LearningSearch {
    /// Only learnings that match it. With `all`, drafts, retired and superseded ones, too; the
    /// limit is 10 by default.
    pub filter: LearningFilter,
}

/// One hit of a search.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LearningHit {
    /// The learning.
    #[serde(flatten)]
    pub learning: LearningView,
    /// True if it has all words of the query, not only some.
    pub all_words: bool,
    /// True if it has none of the words, but is very similar to the best hits.
    pub related: bool,
    /// The score by which hits are ordered: only comparable within one search.
    pub score: f64,
}

impl Learnings<'_> {
    /// The learnings with some words of the query in their title, symptoms, tags, paths and texts,
    /// best first (BM25 over English stems; titles, symptoms, tags and paths weigh most). Those with
    /// all words come first, superseded ones last. Up to two learnings that have none of the words,
    /// but are very similar to the best hits, count as hits, too.
    ///
    /// # Errors
    /// When the query has no required word, the filter names a missing item or an invalid pattern,
    /// or the state cannot be read.
    pub fn search(&self, query: &str, options: &LearningSearch) -> Result<Vec<LearningHit>> {
        let words = terms(query);
        if words.iter().all(|word| word.without) {
            return Err(Error::usage("the query has no word to search for")
                .because(Reason::LearningNoWord)
                .hint(
                    "`\"two words\"` finds a phrase, `begin*` a prefix, `-word` excludes a word",
                ));
        }
        let state = self.pm.store.snapshot()?;
        let filter = &options.filter;
        let wanted = Wanted::of(self.pm, &state, filter)?;
        let limit = filter.limit.unwrap_or(limits::SEARCH_HITS_DEFAULT);
        let known = filter.all || filter.status.is_some();
        let mut related = 0;
        let mut hits = Vec::new();
        for hit in ranked(&state, &words) {
            if hits.len() >= limit {
                break;
            }
            if hit.related && related >= limits::RELATED_HITS_MAX {
                continue;
            }
            let learning = state.learning(&hit.uid).filter(|one| {
                (known || one.status == LearningStatus::Accepted) && wanted.fits(one)
            });
            let Some(learning) = learning else { continue };
            related += usize::from(hit.related);
            hits.push(LearningHit {
                learning: view(&state, learning),
                all_words: hit.all,
                related: hit.related,
                score: (hit.score * 1e3).round() / 1e3,
            });
        }
        // What is related to hits that are not offered answers nothing.
        if hits.iter().all(|hit| hit.related) {
            hits.clear();
        }
        hits.sort_by_key(|hit| hit.learning.stale.contains(&Stale::Superseded));
        Ok(hits)
    }
}
