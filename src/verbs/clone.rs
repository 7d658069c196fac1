//! The verbs on a clone: sync, push, pull, undo, and its worktrees.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::{List, verb};
use super::{Effect, Verb};
use crate::coordinate::merged_branches;
use crate::coordinate::sync::sync_report::SyncReport;
use crate::coordinate::worktree::worktree_verbs::{GcView, WorktreeView};
use crate::error::Result;
use crate::history::undo::{UndoOptions, UndoReport};
use crate::pm::Pm;

/// Exchange the state with the remote: fetch, merge, push
///
/// Lists the changed items that were fetched; `git pm diff` shows the changes in full. Two states
/// can always be merged; `git pm log --conflicts` lists the values that one side overrode. This
/// also settles the claims made offline, fetches the branches of submitted work, and pushes those of this
/// clone that never arrived. One that was deleted at the remote is not pushed again, as by git; the
/// command that does is said once.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Sync {
    /// Remotes; `pm.remote` by default.
    // A name or URL for git, which only a shell may choose.
    #[arg(value_name = "REMOTE")]
    #[serde(skip)]
    pub remote: Vec<String>,
}

verb!(Sync: SyncReport, Reaches {
    run |self, pm| with_notices(pm, pm.state().sync(&self.remote)?),
    only typed ["remote"],
});

/// Fetch the remote's state and merge it
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Pull {
    /// The remotes.
    #[command(flatten)]
    #[serde(flatten)]
    pub from: Sync,
}

verb!(Pull: SyncReport, Reaches {
    run |self, pm| with_notices(pm, pm.state().pull(&self.from.remote)?),
    only typed ["remote"],
});

/// Records that the caller gets the notices of a report. If that fails, they are repeated.
fn with_notices(pm: &Pm, report: SyncReport) -> Result<SyncReport> {
    let _ = pm.state().note_shown(&report.notices);
    Ok(report)
}

/// Undo an operation
///
/// Restores the previous values in a new commit: nothing is lost, and an undo can be undone. If the remote has
/// the operation, the undo first fetches what others did since, and is sent at once.
/// Without a commit, undoes your last operation that has not been undone: an undo of another
/// actor's operation is one, an undo of your own is passed over, so that two go two steps back. Items
/// that the operation created are deleted, its claims are released and its reservations end. Claims
/// and reservations that it ended stay ended: `git pm start` claims an item again.
///
/// If later work depends on the operation, nothing changes and the reasons are listed. Effects
/// outside the state remain: the branch and worktree of a start, and sent notices. Use `git revert`
/// to undo a merge into a branch.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm undo                   your last operation
  git pm undo --dry-run
  git pm undo 3f2a91c8d0        a commit from `git pm log`
  git pm undo 3f2a91c8d0 --force")]
pub struct Undo {
    /// Commit of the operation.
    pub op: Option<String>,
    /// How.
    #[command(flatten)]
    #[serde(flatten)]
    pub options: UndoOptions,
}

verb!(Undo: UndoReport, Removes {
    run |self, pm| pm.history().undo(self.op.as_deref(), &self.options),
});

/// List worktrees with their items
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ListWorktrees {
    /// Show disk usage.
    #[arg(long)]
    #[serde(default)]
    pub size: bool,
}

verb!(ListWorktrees: List<WorktreeView>, Reads {
    run |self, pm| Ok(pm.worktrees().list(self.size)?.into()),
});

/// Print the path of an item's worktree
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Example:
  cd \"$(git pm worktree path T-0001)\"")]
pub struct WorktreePath {
    /// Item ID.
    pub id: String,
}

/// The worktree of an item.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PathOf {
    /// The item, as it was named.
    pub id: String,
    /// Absolute.
    pub path: String,
}

verb!(WorktreePath: PathOf, Reads {
    run |self, pm| Ok(PathOf {
        id: self.id.clone(),
        path: pm.worktrees().path(&self.id)?,
    }),
});

/// Remove the worktrees of done tasks
///
/// Worktrees with uncommitted changes are removed only with `--force`, after saving the changes
/// to a ref. Branches of merged work that are left without a worktree are deleted, unless
/// `pm.keepBranch` keeps them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct WorktreeGc {
    /// Show what would be removed.
    #[arg(long)]
    #[serde(default)]
    pub dry_run: bool,
    /// Also remove worktrees with uncommitted changes, after saving these to a ref.
    #[arg(long)]
    #[serde(skip)]
    pub force: bool,
}

verb!(WorktreeGc: List<GcView>, Removes {
    run |self, pm| {
        let views = pm.worktrees().gc(self.dry_run, self.force)?;
        merged_branches::tidy_up(pm, self.dry_run);
        Ok(views.into())
    },
    only typed ["force"],
});
