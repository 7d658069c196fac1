//! What triage is handed out as. The names in JSON are those that agents know from beads' viewer.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::health::Health;
use super::super::idle::Idle;
use super::super::measures::Done;
use super::alerts::Alert;
use super::score::Breakdown;

/// How an answer came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meta {
    /// When it was asked, RFC 3339.
    pub generated_at: String,
    /// How many items there are.
    pub item_count: usize,
}

/// A pick of the quick reference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pick {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// 0 to 1.
    pub score: f64,
    /// Why it is picked.
    pub reasons: Vec<String>,
    /// How many items could be started once it is closed.
    pub unblocks: usize,
}

/// The whole in a few numbers, and the best picks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuickRef {
    /// Open work that nobody has begun.
    pub open_count: usize,
    /// Open work that could be started now.
    pub actionable_count: usize,
    /// Open work that waits or was stopped by hand.
    pub blocked_count: usize,
    /// Open work that was begun.
    pub in_progress_count: usize,
    /// All open work.
    pub not_closed_count: usize,
    /// Open work that could not be started now.
    pub not_actionable_count: usize,
    /// The best items to start: never blocked, held by nobody, assigned to nobody else.
    pub top_picks: Vec<Pick>,
}

/// An item that something should be done about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recommendation {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// feature, bug, …
    #[serde(rename = "type")]
    pub item_type: String,
    /// The state.
    pub status: String,
    /// The claim's holder, else the assignee.
    pub owner: Option<String>,
    /// Who is planned to do it.
    pub assignee: Option<String>,
    /// 0 (highest) to 4.
    pub priority: u8,
    /// Labels, sorted.
    pub labels: Vec<String>,
    /// 0 to 1.
    pub score: f64,
    /// What the score is made of.
    pub breakdown: Breakdown,
    /// What to do: `start`, `continue`, `review`, `integrate`, `ask` (somebody else has it),
    /// `unblock` (it was stopped by hand), `wait` (for what is in `blocked_by`).
    pub action: String,
    /// The exact command to begin with.
    pub command: String,
    /// Why it stands here.
    pub reasons: Vec<String>,
    /// The ids of what could be started once it is closed.
    pub unblocks_ids: Vec<String>,
    /// The ids of what stands in its way.
    pub blocked_by: Vec<String>,
}

/// Something small that can be done now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuickWin {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// 0 to 1.
    pub score: f64,
    /// Why it is small.
    pub reason: String,
    /// The ids of what could be started once it is closed.
    pub unblocks_ids: Vec<String>,
}

/// Something that holds others up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockerToClear {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How many items could be started once it is closed.
    pub unblocks_count: usize,
    /// Their ids.
    pub unblocks_ids: Vec<String>,
    /// Whether it could be started now.
    pub actionable: bool,
    /// The ids of what stands in its own way.
    pub blocked_by: Vec<String>,
}

/// Exact commands to go on with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Commands {
    /// Starts the best pick; null when there is none.
    pub claim_top: Option<String>,
    /// Shows the best pick; null when there is none.
    pub show_top: Option<String>,
    /// Lists what could be started.
    pub list_ready: String,
    /// Lists what is blocked.
    pub list_blocked: String,
    /// Asks again.
    pub refresh_triage: String,
}

/// What to do next, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TriageView {
    /// How the answer came about.
    pub meta: Meta,
    /// Of each measure whether it was computed or approximated.
    pub status: BTreeMap<&'static str, Done>,
    /// The whole in a few numbers, and the best picks.
    pub quick_ref: QuickRef,
    /// Open work, the most important first, whatever is to be done about it.
    pub recommendations: Vec<Recommendation>,
    /// Small things that can be done now.
    pub quick_wins: Vec<QuickWin>,
    /// What holds others up, the most first.
    pub blockers_to_clear: Vec<BlockerToClear>,
    /// How the project does.
    pub project_health: Health,
    /// What is not as it should be.
    pub alerts: Vec<Alert>,
    /// Why nothing can be started, and what helps; null when something can.
    pub idle: Option<Idle>,
    /// Exact commands to go on with.
    pub commands: Commands,
}
