//! The arguments of every list.

use git_pm::values::{ItemType, Status};

use super::values::{Words, limit};

/// The options of every list.
#[derive(clap::Args, Debug)]
pub struct ListArgs {
    #[command(flatten)]
    pub look: LookArgs,
    /// Maximum number of items; 0 for all.
    #[arg(long, value_name = "N", value_parser = limit)]
    pub limit: Option<usize>,
    /// Filter by status (repeatable).
    #[arg(long, value_name = "S", value_parser = Words(states()))]
    pub status: Vec<String>,
    /// Filter by label; repeat to require several.
    #[arg(long, value_name = "L")]
    pub label: Vec<String>,
    /// Filter by holder or assignee.
    #[arg(long, value_name = "A")]
    pub owner: Option<String>,
    /// Filter by epic.
    #[arg(long, value_name = "ID")]
    pub epic: Option<String>,
    /// Filter by type (repeatable).
    #[arg(long = "type", value_name = "T", value_parser = Words(ItemType::TASK_VOCABULARY.words))]
    pub item_type: Vec<String>,
    /// Include closed items.
    #[arg(long)]
    pub all: bool,
}

/// The query of a list and the way it is shown.
#[derive(clap::Args, Debug)]
pub struct LookArgs {
    /// Conditions; `git pm help list` describes the query language.
    pub query: Vec<String>,
    /// Sort by these fields, in reverse with a leading `-`; by kind and ID by default.
    #[arg(
        long,
        value_name = "FIELD,…",
        allow_hyphen_values = true,
        conflicts_with = "tree"
    )]
    pub sort: Option<String>,
    /// Fields to show, in JSON too.
    #[arg(long, value_name = "FIELD,…", conflicts_with = "tree")]
    pub columns: Option<String>,
    /// Show a tree that includes the ancestors of the matching items.
    #[arg(long)]
    pub tree: bool,
    /// Refresh the list whenever the state changes, until Ctrl-C.
    #[arg(long)]
    pub watch: bool,
    /// Start from a saved view; a query narrows it further.
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Show the items as of a commit or time, as in `git pm show --at`.
    #[arg(long, value_name = "REV|WHEN", conflicts_with_all = ["watch", "tree", "columns"])]
    pub at: Option<String>,
}

/// The statuses of a task, in the order of its life cycle.
fn states() -> [&'static str; 8] {
    static TASK: [Status; 8] = Status::TASK;
    TASK.each_ref().map(Status::as_str)
}
