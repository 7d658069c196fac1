//! The arguments of the verbs that several kinds of items have.

use git_pm::work::issue::close::CloseOptions;
use git_pm::work::issue::delete::DeleteOptions;
use git_pm::work::task::start::options::StartOptions;

/// Show everything about one item
///
/// The fields, the acceptance criteria with the numbers that `git pm task accept` takes, the
/// edges, the text and the comments. With `--at`, how it was at a commit of the state (as `git pm
/// log` shows it, or in any form that git understands) or at a time (2026-11-20 for the end of that
/// day in UTC, 2026-11-20T10:30:00Z, `yesterday`, 2d, "3 weeks ago"): then it shows all that had
/// been written by then, by the clocks of the clones that wrote it.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm show T-0001
  git pm show T-0001 --at yesterday
  git pm show T-0001 --at refs/pm/main~3")]
pub struct ShowArgs {
    /// The item's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Shows it as it was then.
    #[arg(long, value_name = "REV|WHEN")]
    pub at: Option<String>,
}

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

/// Close items
///
/// All of them in one commit. What has open children, waits for something open or is pinned is
/// closed with `--force` only; children may be closed together with their parent. What is closed
/// already is named and left out.
#[derive(clap::Args, Debug)]
pub struct CloseArgs {
    /// The items' ids; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Why, or what came of it.
    #[arg(short, long, value_name = "R")]
    pub reason: Option<String>,
    /// Even with open children, or while it waits for something.
    #[arg(short, long)]
    pub force: bool,
}

impl CloseArgs {
    /// As the library takes them.
    pub fn options(&self) -> CloseOptions {
        CloseOptions {
            reason: self.reason.clone(),
            force: self.force,
        }
    }
}

/// Open closed items again
#[derive(clap::Args, Debug)]
pub struct ReopenArgs {
    /// The items' ids; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Why.
    #[arg(short, long, value_name = "R")]
    pub reason: Option<String>,
}

/// Delete items
///
/// All of them in one commit. A tombstone remains, so that no clone brings them back; the history
/// keeps what they said, and `git pm undo` takes it back. Edges to them stay and hold nobody up.
#[derive(clap::Args, Debug)]
pub struct DeleteArgs {
    /// The items' ids; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Why.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
    /// Even where open items are below them or wait for them, or somebody else holds one, who is
    /// told.
    #[arg(short, long)]
    pub force: bool,
    /// With everything below them.
    #[arg(long)]
    pub cascade: bool,
}

impl DeleteArgs {
    /// As the library takes them.
    pub fn options(&self) -> DeleteOptions {
        DeleteOptions {
            reason: self.reason.clone(),
            force: self.force,
            cascade: self.cascade,
        }
    }
}

/// Comment on an item
///
/// It goes to the remote at once, unless `pm.sync` is `manual` or nothing went there before; what stays
/// local says so.
#[derive(clap::Args, Debug)]
pub struct CommentArgs {
    /// The item's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The comment, in Markdown; `-` reads standard input.
    #[arg(value_name = "TEXT", required_unless_present = "message")]
    pub text: Option<String>,
    /// The comment, as in `git commit -m`.
    #[arg(short, long, value_name = "TEXT", conflicts_with = "text")]
    pub message: Option<String>,
}
