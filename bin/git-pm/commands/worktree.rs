//! `git pm worktree`: the worktrees of items.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// List and clean up the worktrees of tasks
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum WorktreeCommand {
    List(ListArgs),
    Path(PathArgs),
    Gc(GcArgs),
}

/// List worktrees with their items
#[derive(clap::Args, Debug)]
pub struct ListArgs {
    /// Show disk usage.
    #[arg(long)]
    pub size: bool,
}

/// Print the path of an item's worktree
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  cd \"$(git pm worktree path T-0001)\"")]
pub struct PathArgs {
    /// Item ID.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Remove the worktrees of done tasks
///
/// Worktrees with uncommitted changes are removed only with `--force`, after saving the changes to
/// a ref.
#[derive(clap::Args, Debug)]
pub struct GcArgs {
    /// Show what would be removed.
    #[arg(long)]
    pub dry_run: bool,
    /// Also remove worktrees with uncommitted changes, after saving these to a ref.
    #[arg(long)]
    pub force: bool,
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: &WorktreeCommand) -> Outcome {
    let pm = context.pm()?;
    match command {
        WorktreeCommand::List(args) => {
            let worktrees = pm.worktrees().list(args.size)?;
            context.list(&worktrees, render::worktree::worktrees)
        }
        WorktreeCommand::Path(args) => {
            let path = pm.worktrees().path(&args.id)?;
            let data = serde_json::json!({ "id": args.id, "path": path });
            context.answer(&data, |page, _| {
                page.line(&path);
            })
        }
        WorktreeCommand::Gc(args) => {
            let views = pm.worktrees().gc(args.dry_run, args.force)?;
            context.list(&views, |page, views| {
                render::worktree::gc(page, views, args.dry_run);
            })
        }
    }
}
