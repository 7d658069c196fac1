//! A finding as commands and JSON show it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::finding::Finding;
use crate::pm::shared_views::reads_through;
use crate::store::state::State;

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingView {
    /// The short id, such as `F-k3f9a2`.
    pub id: String,
    /// The id of the item whose work or plan it is about.
    pub item: Option<String>,
    /// The id of the issue that was made of it.
    pub issue: Option<String>,
    /// Set while it stops the approval and the merge of the work.
    pub blocks: bool,
    /// What is stored.
    #[serde(flatten)]
    pub finding: Finding,
}

reads_through!(FindingView, finding: Finding);

/// The view of a finding.
pub(crate) fn view(state: &State<'_>, finding: Finding) -> FindingView {
    FindingView {
        id: finding.id(),
        item: finding.item.as_ref().map(|item| state.shown_ref(item)),
        issue: finding.issue.as_ref().map(|issue| state.shown_ref(issue)),
        blocks: finding.blocks(),
        finding,
    }
}
