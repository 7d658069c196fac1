//! The arguments of the verbs that several kinds of items have.

/// Show an item in full
///
/// Prints the fields, the acceptance criteria with the numbers that `git pm task accept` takes, the
/// edges, the text and the comments. With `--at`, prints the item as of a commit of the state (from
/// `git pm log`, or any git revision) or a time (2026-11-20 for the end of that day in UTC,
/// 2026-11-20T10:30:00Z, `yesterday`, 2d, "3 weeks ago"). A time includes everything written by
/// then, according to the clocks of the clones that wrote it.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm show T-0001
  git pm show T-0001 --at yesterday
  git pm show T-0001 --at refs/pm/main~3")]
pub struct ShowArgs {
    /// Item ID.
    pub id: String,
    /// Show the item as of a commit or time.
    #[arg(long, value_name = "REV|WHEN")]
    pub at: Option<String>,
}

/// Start a task: claim it, create its branch and worktree, reserve its paths
///
/// With a remote, the claim is pushed before anything is created, so two people never start the
/// same task. If a step fails, all steps are rolled back.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm start T-0001
  git pm start T-0001 --no-worktree     claim, reservation and branch only
  git pm start T-0001 --resume          resume a task that you started")]
pub struct StartArgs {
    /// Item ID.
    pub id: String,
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Resume an item that you started before.
    #[arg(long)]
    pub resume: bool,
}

/// The worktree and base of the work.
#[derive(clap::Args, Debug)]
pub struct PlaceArgs {
    /// Do not create a worktree.
    #[arg(long)]
    pub no_worktree: bool,
    /// Commit or branch to start from; by default the branch of the item's epic, else that of an
    /// open soft dependency if `pm.stacked` is set, else the default branch. The work is merged
    /// into `pm.target` all the same.
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
}

impl PlaceArgs {
    /// True if an option was given.
    pub fn given(&self) -> bool {
        self.no_worktree || self.base.is_some()
    }
}
