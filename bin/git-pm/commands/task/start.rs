//! `git pm start`, `git pm task start` and `git pm epic start`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use git_pm::work::task::start::options::StartOptions;

/// Start a task: claim it, make its branch and worktree, reserve its paths
///
/// With a remote the claim is pushed before anything is made, so two people never start the same
/// task. If any step fails, all of it is undone.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm start T-0001
  git pm start T-0001 --no-worktree     claim, reservation and branch only
  git pm start T-0001 --resume          take up what you began")]
pub struct StartArgs {
    /// The item's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Where the work goes.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Takes up again what you started before.
    #[arg(long)]
    pub resume: bool,
}

/// Where the work goes.
#[derive(clap::Args, Debug)]
pub struct PlaceArgs {
    /// Makes no worktree.
    #[arg(long)]
    pub no_worktree: bool,
    /// The commit or branch to begin from; the epic's, the stacked parent's or the default branch
    /// otherwise.
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
}

impl PlaceArgs {
    /// Whether any of them was given.
    pub fn given(&self) -> bool {
        self.no_worktree || self.base.is_some()
    }

    /// As the library takes them.
    pub fn options(&self) -> StartOptions {
        StartOptions {
            worktree: !self.no_worktree,
            branch: true,
            base: self.base.clone(),
            resume: false,
        }
    }
}

/// Starts an item.
///
/// # Errors
/// When somebody holds it, its paths are reserved, or it waits for something.
pub fn run(context: &Context, args: &StartArgs) -> Outcome {
    let options = StartOptions {
        resume: args.resume,
        ..args.place.options()
    };
    context.ask_first_push(false)?;
    let started = context.pm()?.start(&args.id, &options)?;
    context.answer(&started, render::item::started)
}
