//! The report of an exchange with remotes.

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::claim::settle::{LostClaim, Renumbered};
use crate::coordinate::message::NoticeView;
use crate::coordinate::sync::incoming::Arrival;
use crate::coordinate::sync::lost_changes::LostChange;
use crate::pm::overridden::Overridden;

/// The result of a sync with one remote.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct RemoteReport {
    /// The remote.
    pub remote: String,
    /// In commits of the state.
    pub fetched: usize,
    /// In commits of the state.
    pub pushed: usize,
    /// The reason why nothing could be pushed.
    pub refused: Option<String>,
    /// The commits of the state that the remote refused.
    pub unsent: usize,
    /// Set if this user may not push there.
    pub read_only: bool,
}

/// The result of `sync`, `push` or `pull`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct SyncReport {
    /// Each remote.
    pub remotes: Vec<RemoteReport>,
    /// The state's commit afterwards.
    pub commit: String,
    /// The fetched changes by item; empty if there are too many to read.
    pub changes: Vec<Arrival>,
    /// The command that shows all fetched changes; null if there are none.
    pub changes_command: Option<String>,
    /// Claims confirmed by this sync, as item ids.
    pub confirmed: Vec<String>,
    /// Claims of this clone that other actors won.
    pub lost: Vec<LostClaim>,
    /// Items with a new id.
    pub renumbered: Vec<Renumbered>,
    /// Items, learnings and sections of the project context that one clone deleted while another one
    /// changed them.
    pub lost_changes: Vec<LostChange>,
    /// Other values that the fetched merges overrode, or that another clone listed as overridden.
    pub overridden: Vec<Overridden>,
    /// Items, learnings and sections of the context whose text now has concurrent versions.
    pub conflicted: Vec<String>,
    /// Files with texts of this clone that a redaction withheld from the state.
    pub drafts: Vec<String>,
    /// Notices to the actor.
    pub notices: Vec<NoticeView>,
}
