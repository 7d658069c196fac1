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

/// Close items
///
/// Closes all of them in one commit.
#[derive(clap::Args, Debug)]
pub struct CloseArgs {
    /// Item IDs; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Reason, or outcome.
    #[arg(short, long, value_name = "R")]
    pub reason: Option<String>,
    /// Close items even if they have open children, wait for open items, or are held by another
    /// actor (who is notified).
    #[arg(short, long)]
    pub force: bool,
}

/// Reopen closed items
#[derive(clap::Args, Debug)]
pub struct ReopenArgs {
    /// Item IDs; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Reason to record.
    #[arg(short, long, value_name = "R")]
    pub reason: Option<String>,
}

/// Delete items
///
/// Deletes all of them in one commit. A tombstone remains, so that no clone restores them; the
/// history keeps their content, and `git pm undo` reverts the deletion. Edges to them remain but
/// block nothing.
#[derive(clap::Args, Debug)]
pub struct DeleteArgs {
    /// Item IDs; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Reason to record.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
    /// Delete items even if open items are below them or wait for them, or if another actor holds
    /// them (the holder is notified).
    #[arg(short, long)]
    pub force: bool,
    /// Also delete everything below them.
    #[arg(long)]
    pub cascade: bool,
}

/// Comment on an item
///
/// The comment is pushed to the remote at once, unless `pm.sync` is `manual` or the state has never
/// been pushed; if it stays local, the output says so.
#[derive(clap::Args, Debug)]
pub struct CommentArgs {
    /// Item ID.
    pub id: String,
    /// Comment in Markdown; `-` reads standard input.
    #[arg(required_unless_present = "message")]
    pub text: Option<String>,
    /// Comment, as in `git commit -m`.
    #[arg(short, long, value_name = "TEXT", conflicts_with = "text")]
    pub message: Option<String>,
}
