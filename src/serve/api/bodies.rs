//! The bodies of requests about items.

use schemars::JsonSchema;
use serde::Deserialize;

/// The options for starting an item.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StartBody {
    /// Create a branch and reserve the planned paths; otherwise only claim the item.
    pub branch: bool,
    /// Create a worktree on the server's machine.
    pub worktree: bool,
    /// The commit or branch to start from.
    pub base: Option<String>,
    /// Resume work that this actor started.
    pub resume: bool,
}

impl Default for StartBody {
    fn default() -> StartBody {
        StartBody {
            branch: true,
            worktree: true,
            base: None,
            resume: false,
        }
    }
}

/// A reason.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonBody {
    /// The reason.
    pub reason: Option<String>,
}
