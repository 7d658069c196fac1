//! Options and report of `start`.

use serde::Serialize;

use crate::pm::shared_views::ItemView;

/// What `start` did.
#[derive(Clone, Debug, Serialize)]
pub struct Started {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// What the user should know: soft dependencies open, reservations of others.
    pub warnings: Vec<String>,
}

/// How to start a task or an epic.
#[derive(Clone, Debug)]
pub struct StartOptions {
    /// Whether to make a worktree.
    pub worktree: bool,
    /// Whether to make a branch and reserve the planned paths for it; without, it is only claimed.
    pub branch: bool,
    /// The commit or branch to begin from; the default branch, the epic's or the stacked parent's
    /// otherwise.
    pub base: Option<String>,
    /// Take up again what this claimant started.
    pub resume: bool,
}

impl Default for StartOptions {
    fn default() -> Self {
        StartOptions {
            worktree: true,
            branch: true,
            base: None,
            resume: false,
        }
    }
}
