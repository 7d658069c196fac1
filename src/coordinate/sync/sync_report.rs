//! The report of an exchange with remotes.

use serde::Serialize;

use crate::coordinate::claim::settle::{LostClaim, Renumbered};
use crate::coordinate::message::NoticeView;
use crate::coordinate::sync::incoming::Arrival;

/// What a sync with one remote did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RemoteReport {
    /// The remote.
    pub remote: String,
    /// State commits that came in.
    pub fetched: usize,
    /// State commits that went out.
    pub pushed: usize,
    /// Why nothing could be pushed, if so.
    pub refused: Option<String>,
    /// State commits that the remote does not have, because it refused them.
    pub unsent: usize,
    /// Whether it lets this user push nothing.
    pub read_only: bool,
}

/// What `sync`, `push` or `pull` did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SyncReport {
    /// Each remote.
    pub remotes: Vec<RemoteReport>,
    /// The state's commit afterwards.
    pub commit: String,
    /// What came in, item by item; empty where that is too much to look into.
    pub changes: Vec<Arrival>,
    /// The command that shows all that came in; null when nothing did.
    pub changes_command: Option<String>,
    /// Claims confirmed by this sync, as item ids.
    pub confirmed: Vec<String>,
    /// Claims of this clone that this sync lost, as item ids, with the holder.
    pub lost: Vec<LostClaim>,
    /// Items that got another id: old and new.
    pub renumbered: Vec<Renumbered>,
    /// Items whose body now has concurrent versions.
    pub conflicted: Vec<String>,
    /// Files with texts of this clone that a redaction withheld.
    pub drafts: Vec<String>,
    /// Notices to the actor.
    pub notices: Vec<NoticeView>,
}
