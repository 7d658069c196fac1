//! The report of the merge queue; `contested.rs` decides which epics should be planned again.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::model::vocabulary::terms;

terms! {
    /// The risk that a merge conflicts.
    MergeRisk in "merge risk" {
        /// No candidate before it, and no commit of the target since its base, changes its files.
        None = "none",
        /// It merges, but others change the same files.
        Low = "low",
        /// Others change the same files, and merges of these conflicted before, or one of the
        /// others conflicts.
        High = "high",
        /// A trial merge conflicts.
        Conflicts = "conflicts",
    }
}

/// The outcome of the merge queue, or with `plan` the expected one.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct QueueReport {
    /// True if nothing was merged: `merged` is empty, and `left_out` is expected.
    pub plan: bool,
    /// The greatest number of items that were built on top of each other.
    pub batch: usize,
    /// The approved items in the order of their merges.
    pub order: Vec<QueuedItem>,
    /// The items that were merged, in this order.
    pub merged: Vec<QueueMerge>,
    /// The items that were not, with the reasons.
    pub left_out: Vec<LeftOut>,
    /// The epics of which too many merges conflict.
    pub replan: Vec<Replan>,
}

/// An item in the merge queue.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct QueuedItem {
    /// The item.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The branch that it is merged into.
    pub target: String,
    /// With `plan`: the risk of a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<MergeRisk>,
    /// The files that cause the risk.
    pub paths: Vec<String>,
    /// The items, or the target, that change these files too.
    pub with: Vec<String>,
}

/// A merge by the queue.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct QueueMerge {
    /// The item.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The branch that has its work now.
    pub target: String,
    /// The commit of that branch with its work.
    pub commit: String,
    /// The reason why its worktree was kept, if it was.
    pub worktree_kept: Option<String>,
}

/// An item that was not merged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LeftOut {
    /// The item.
    pub id: String,
    /// Its title.
    pub title: String,
    /// A stable code, such as `approval.missing`, `merge.waits`, `merge.conflict`,
    /// `merge.gate_failed`, `merge.target_fails`.
    pub reason: String,
    /// The same as a text; for a gate, with the end of its output.
    pub text: String,
    /// The files in conflict.
    pub paths: Vec<String>,
    /// The next steps, most of them commands.
    pub hints: Vec<String>,
}

/// An epic of which so many merges conflict that its tasks should be divided differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Replan {
    /// The epic.
    pub epic: String,
    /// The number of its items whose merges conflicted.
    pub conflicts: usize,
    /// The number of its items that were merged, or whose merges conflicted.
    pub merges: usize,
    /// The same as a sentence.
    pub text: String,
}

impl LeftOut {
    pub(super) fn new(id: &str, title: &str, error: &Error, paths: Vec<String>) -> LeftOut {
        LeftOut {
            id: id.to_string(),
            title: title.to_string(),
            reason: error.reason().to_string(),
            text: error.message().to_string(),
            paths,
            hints: error.hints().iter().map(ToString::to_string).collect(),
        }
    }
}
