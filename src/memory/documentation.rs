//! `learn check`: which documentation of finished work is missing.
//!
//! Four checks: a learning of any type, a gotcha if there was one, a decision if the work is
//! architectural, and an up-to-date context.

use schemars::JsonSchema;
use serde::Serialize;

use super::past_trouble::of_items;
use crate::coordinate::here;
use crate::error::Result;
use crate::learn::lookup::LearningFilter;
use crate::model::item::Item;
use crate::model::learning::{LearningKind, LearningStatus};
use crate::model::stamp::parse_rfc3339;
use crate::model::vocabulary::terms;
use crate::pm::handles::Memory;
use crate::store::state::State;
use crate::work::task::checklist_answers::is_architectural;

terms! {
    /// The answer to one question about the documentation of an item.
    Documented in "answer" {
        /// It is there.
        Done = "done",
        /// It is missing.
        Missing = "missing",
        /// There is nothing to document.
        NotNeeded = "not-needed",
    }
}

/// The documentation of an item's work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Documentation {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Missing if no learning of any type is from the item, and `learn none` does not say that
    /// there was nothing to learn.
    pub pattern: Documented,
    /// A gotcha from the item; needed if it is a bug, or had trouble.
    pub gotcha: Documented,
    /// A decision from the item; needed if one of its labels says that it is architectural.
    pub decision: Documented,
    /// A change of the project context since the item was started; needed whenever a decision is.
    pub context: Documented,
    /// The drafts from the item, which document nothing until they are accepted.
    pub drafts: Vec<String>,
    /// True if nothing is missing.
    pub complete: bool,
}

impl Memory<'_> {
    /// The documentation of the work on an item, by default the one that is checked out here.
    ///
    /// # Errors
    /// When there is no such item, or the history cannot be read.
    pub fn documentation(&self, id: Option<&str>) -> Result<Documentation> {
        let pm = self.pm;
        let state = pm.store.snapshot()?;
        let uid = here::named_or_here(pm, &state, id)?;
        let item = state.find(uid.as_str())?;
        let id = state.shown_id(item);
        let mut learnings = pm.learnings().list(&LearningFilter {
            item: Some(id.clone()),
            all: true,
            ..LearningFilter::default()
        })?;
        // Drafts alone document nothing.
        let drafts = learnings.extract_if(.., |one| one.status == LearningStatus::Draft);
        let drafts = drafts.map(|draft| draft.id).collect();
        let has = |kind| learnings.iter().any(|one| one.kind == kind);
        let nothing = item.nothing_learned;
        let answer = |done: bool, needed: bool| match (done, needed) {
            (true, _) => Documented::Done,
            (false, true) => Documented::Missing,
            (false, false) => Documented::NotNeeded,
        };
        let trouble = item.item_type == "bug" || !of_items(pm, &state, &[item])?.is_empty();
        let architectural = is_architectural(item);
        let pattern = answer(has(LearningKind::Pattern), !nothing && learnings.is_empty());
        let gotcha = answer(has(LearningKind::Gotcha), trouble && !nothing);
        let decision = answer(has(LearningKind::Decision), architectural && !nothing);
        let context = answer(context_since(&state, item), architectural && !nothing);
        let all = [pattern, gotcha, decision, context];
        Ok(Documentation {
            id,
            title: item.title.clone(),
            pattern,
            gotcha,
            decision,
            context,
            drafts,
            complete: !all.contains(&Documented::Missing),
        })
    }
}

/// True if a section of the context was written since the item was started.
fn context_since(state: &State<'_>, item: &Item) -> bool {
    let start = item.started_at.as_ref().unwrap_or(&item.created_at);
    let Some(start) = parse_rfc3339(start) else {
        return false;
    };
    super::context::sections(state)
        .iter()
        .any(|section| parse_rfc3339(&section.written_at).is_some_and(|at| at >= start))
}
