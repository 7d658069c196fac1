//! The report of triage. The names in JSON are those of beads' viewer, which agents know.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::project_health::Health;
use super::alerts::Alert;
use super::score::Breakdown;
use crate::work::nothing_to_start::Idle;

/// A pick of the quick reference.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Pick {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// 0 to 1.
    pub score: f64,
    /// The reasons for the pick.
    pub reasons: Vec<String>,
    /// The number of items that become ready when it is closed.
    pub unblocks: usize,
}

/// What to start with.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct QuickRef {
    /// The best items to start: not blocked, without a holder, not assigned to another actor.
    pub top_picks: Vec<Pick>,
}

/// An item with a recommended action.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Recommendation {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// feature, bug, …
    #[serde(rename = "type")]
    pub item_type: String,
    /// The status.
    pub status: String,
    /// The claim's holder, else the assignee.
    pub owner: Option<String>,
    /// The planned assignee.
    pub assignee: Option<String>,
    /// 0 (highest) to 4.
    pub priority: u8,
    /// Labels, sorted.
    pub labels: Vec<String>,
    /// 0 to 1.
    pub score: f64,
    /// The parts of the score.
    pub breakdown: Breakdown,
    /// The action: `start`, `continue`, `review`, `integrate`, `ask` (another actor has it),
    /// `unblock` (it was stopped by hand), `wait` (for the items in `blocked_by`).
    pub action: String,
    /// The exact command to start with.
    pub command: String,
    /// The reasons for its rank.
    pub reasons: Vec<String>,
    /// The ids of the items that become ready when it is closed.
    pub unblocks_ids: Vec<String>,
    /// The ids of its blockers.
    pub blocked_by: Vec<String>,
}

/// A small item that can be done now.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct QuickWin {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// 0 to 1.
    pub score: f64,
    /// The reason.
    pub reason: String,
    /// The ids of the items that become ready when it is closed.
    pub unblocks_ids: Vec<String>,
}

/// An item that blocks others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlockerToClear {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The number of items that become ready when it is closed.
    pub unblocks_count: usize,
    /// Their ids.
    pub unblocks_ids: Vec<String>,
    /// True if it can be started now.
    pub actionable: bool,
    /// The ids of its own blockers.
    pub blocked_by: Vec<String>,
}

/// Exact commands to continue with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Commands {
    /// Starts the best pick; null when there is none.
    pub claim_top: Option<String>,
    /// Shows the best pick; null when there is none.
    pub show_top: Option<String>,
}

/// The next actions.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct TriageView {
    /// What to start with.
    pub quick_ref: QuickRef,
    /// Open work, the most important first, with the recommended actions.
    pub recommendations: Vec<Recommendation>,
    /// Small items that can be done now.
    pub quick_wins: Vec<QuickWin>,
    /// The items that block others, those that block the most first.
    pub blockers_to_clear: Vec<BlockerToClear>,
    /// The health of the project, with the numbers of items.
    pub project_health: Health,
    /// Problems.
    pub alerts: Vec<Alert>,
    /// The reasons why nothing can be started, and the commands that help; null when something can.
    pub idle: Option<Idle>,
    /// Exact commands to continue with.
    pub commands: Commands,
    /// True if the numbers of unblocked items are estimates: the graph has more cycles or
    /// `any-children` gates than the budget covers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}
