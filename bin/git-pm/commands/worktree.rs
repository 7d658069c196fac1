//! `git pm worktree`: where the work is.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// List the worktrees of tasks and clean up
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
    /// Shows how much disk each takes.
    #[arg(long)]
    pub size: bool,
}

/// Print the path of an item's worktree
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  cd \"$(git pm worktree path T-0001)\"")]
pub struct PathArgs {
    /// The item's id.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Remove worktrees whose task is done
///
/// Uncommitted work is never removed without `--force`, and then it is saved to a ref first.
#[derive(clap::Args, Debug)]
pub struct GcArgs {
    /// Only says what would be removed.
    #[arg(long)]
    pub dry_run: bool,
    /// Removes those with uncommitted work too, which is saved to a ref first.
    #[arg(long)]
    pub force: bool,
}

/// Runs a verb of the group.
///
/// # Errors
/// Whatever the verb reports.
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
