//! `git pm worktree`: the worktrees of items.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// List and clean up the worktrees of tasks
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum WorktreeCommand {
    /// List worktrees with their items
    List {
        /// Show disk usage.
        #[arg(long)]
        size: bool,
    },
    /// Print the path of an item's worktree
    #[command(after_help = "\
Example:
  cd \"$(git pm worktree path T-0001)\"")]
    Path {
        /// Item ID.
        id: String,
    },
    /// Remove the worktrees of done tasks
    ///
    /// Worktrees with uncommitted changes are removed only with `--force`, after saving the changes
    /// to a ref.
    Gc {
        /// Show what would be removed.
        #[arg(long)]
        dry_run: bool,
        /// Also remove worktrees with uncommitted changes, after saving these to a ref.
        #[arg(long)]
        force: bool,
    },
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: &WorktreeCommand) -> Outcome {
    let pm = context.pm()?;
    match command {
        WorktreeCommand::List { size } => {
            context.list(&pm.worktrees().list(*size)?, render::worktree::worktrees)
        }
        WorktreeCommand::Path { id } => {
            let path = pm.worktrees().path(id)?;
            let data = serde_json::json!({ "id": id, "path": path });
            context.answer(&data, |page, _| {
                page.line(&path);
            })
        }
        WorktreeCommand::Gc { dry_run, force } => {
            let views = pm.worktrees().gc(*dry_run, *force)?;
            context.list(&views, |page, views| {
                render::worktree::gc(page, views, *dry_run);
            })
        }
    }
}
