//! A learning as commands and JSON show it.

use schemars::JsonSchema;
use serde::Serialize;

use super::limits;
use super::staleness::Stale;
use crate::model::doc::Doc;
use crate::model::learning::{Learning, LearningFacts, USES};
use crate::model::short_id::{LEARNING, short_id};
use crate::model::stamp::rfc3339;
use crate::model::text;
use crate::model::uid::Uid;
use crate::pm::shared_views::reads_through;
use crate::store::index::{CONTRADICTS, SUPERSEDES};
use crate::store::state::State;

/// A learning, without its texts, and with the names of others as users see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LearningView {
    /// The short id, such as `L-k3f9a2`.
    pub id: String,
    /// What it says by itself; its fields can be read from the view.
    #[serde(flatten)]
    pub facts: LearningFacts,
    /// The id of the item that it comes from.
    pub item: Option<String>,
    /// The ids of the learnings that it replaces.
    pub supersedes: Vec<String>,
    /// The ids of the learnings that replace it.
    pub superseded_by: Vec<String>,
    /// The ids of the learnings that it contradicts, or that contradict it.
    pub contradicts: Vec<String>,
    /// The reasons why it may no longer hold.
    pub stale: Vec<Stale>,
}

reads_through!(LearningView, facts: LearningFacts);

/// A learning with its texts and uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FullLearning {
    /// The learning.
    #[serde(flatten)]
    pub learning: LearningView,
    /// The context of a decision, in Markdown.
    pub context: Option<String>,
    /// The decision, in Markdown.
    pub decision: Option<String>,
    /// Its consequences, in Markdown.
    pub consequences: Option<String>,
    /// Markdown.
    pub body: String,
    /// Concurrent versions of the text; an edit of the text replaces all of them.
    pub other_texts: Vec<String>,
    /// The uses and votes, newest first.
    pub history: Vec<UseView>,
}

/// A use of a learning, or a vote about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UseView {
    /// RFC 3339.
    pub at: String,
    /// The actor.
    pub by: String,
    /// The agent's own name; null for a human.
    pub agent: Option<String>,
    /// The id of the item that it was used for.
    pub item: Option<String>,
    /// `useful` or `not-useful`; null for a use.
    pub vote: Option<String>,
}

fn ids(uids: &[Uid]) -> Vec<String> {
    uids.iter().map(|uid| short_id(LEARNING, uid)).collect()
}

/// The view of a learning.
pub(super) fn view(state: &State<'_>, learning: Learning) -> LearningView {
    let superseded_by = state.learnings_against(&learning.uid, SUPERSEDES);
    let mut contradicts = learning.contradicts.clone();
    contradicts.extend(state.learnings_against(&learning.uid, CONTRADICTS));
    contradicts.sort();
    contradicts.dedup();
    LearningView {
        id: learning.id(),
        item: learning.item.as_ref().map(|item| state.shown_ref(item)),
        supersedes: ids(&learning.supersedes),
        superseded_by: ids(&superseded_by),
        contradicts: ids(&contradicts),
        stale: Stale::of(&learning, !superseded_by.is_empty()),
        facts: learning.facts,
    }
}

/// The texts that were written concurrently with the one that is shown.
fn other_texts(doc: &Doc) -> Vec<String> {
    let texts = doc.body.versions.values().rev();
    let mut texts: Vec<&str> = texts.filter_map(|v| v.text.as_deref()).collect();
    texts.retain(|text| *text != doc.body.shown());
    texts.dedup();
    texts.into_iter().map(str::to_string).collect()
}

/// The view of a learning with its texts.
pub(super) fn full(state: &State<'_>, doc: &Doc, learning: LearningView) -> FullLearning {
    let text = |name: &str| doc.text(name).map(str::to_string);
    let mut uses: Vec<_> = doc.entries(USES).map(|(_, entry)| entry).collect();
    uses.sort_by(|a, b| b.at.cmp(&a.at));
    let history = uses
        .into_iter()
        .take(limits::USES_MAX)
        .map(|entry| UseView {
            at: rfc3339(entry.at.ms),
            by: entry.text("by").map(text::actor).unwrap_or_default(),
            agent: entry.text("agent").map(text::actor),
            item: entry
                .text("item")
                .map(|item| state.shown_ref(&crate::model::id::ItemRef::parse(item))),
            vote: entry.text("vote").map(text::actor),
        });
    FullLearning {
        learning,
        context: text("context"),
        decision: text("decision"),
        consequences: text("consequences"),
        body: doc.body.shown().to_string(),
        other_texts: other_texts(doc),
        history: history.collect(),
    }
}
