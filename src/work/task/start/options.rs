//! Options and report of `start`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::learn::for_item::LearningNote;
use crate::pm::shared_views::ItemView;

/// The report of `start`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Started {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// Set if the actor held it here before, so that at most paths were reserved.
    pub again: bool,
    /// The patterns that its claim reserves.
    pub reserved: Vec<String>,
    /// Warnings for the user: open soft dependencies, reservations of other actors.
    pub warnings: Vec<String>,
    /// At most three learnings about the same paths, or with most words of the title.
    pub learnings: Vec<LearningNote>,
}

/// Options of `start`, for tasks and epics.
#[derive(Clone, Debug)]
pub struct StartOptions {
    /// Create a worktree.
    pub worktree: bool,
    /// Create a branch and reserve the planned paths for it; otherwise the item is only claimed.
    pub branch: bool,
    /// The commit or branch to start from; otherwise the epic's, the stacked parent's or the
    /// default branch.
    pub base: Option<String>,
    /// Resume work that this claimant started.
    pub resume: bool,
    /// The pattern of a new task branch; otherwise `pm.branch`.
    pub pattern: Option<String>,
    /// The value of `{run}` in it; otherwise the time in seconds.
    pub run: Option<String>,
}

impl StartOptions {
    /// A claim without branch and worktree.
    pub fn claim_only() -> Self {
        StartOptions {
            worktree: false,
            branch: false,
            ..StartOptions::default()
        }
    }
}

impl Default for StartOptions {
    fn default() -> Self {
        StartOptions {
            worktree: true,
            branch: true,
            base: None,
            resume: false,
            pattern: None,
            run: None,
        }
    }
}
