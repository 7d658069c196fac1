//! The arguments of every list.

use super::values::{Words, limit};

/// What every list takes.
#[derive(clap::Args, Debug)]
pub struct ListArgs {
    /// What they have to be, and how they are shown.
    #[command(flatten)]
    pub look: LookArgs,
    /// Shows at most N; 0 for all.
    #[arg(long, value_name = "N", value_parser = limit)]
    pub limit: Option<usize>,
    /// Only in this state, or one of several.
    #[arg(long, value_name = "S", value_parser = Words(STATES))]
    pub status: Vec<String>,
    /// Only with this label, or all of several.
    #[arg(long, value_name = "L")]
    pub label: Vec<String>,
    /// Only held by or assigned to this actor.
    #[arg(long, value_name = "A")]
    pub owner: Option<String>,
    /// Only of this epic.
    #[arg(long, value_name = "ID")]
    pub epic: Option<String>,
    /// Only of this type, or one of several.
    #[arg(long = "type", value_name = "T", value_parser = Words(git_pm::model::vocabulary::TYPE.words))]
    pub item_type: Vec<String>,
    /// Shows closed ones too.
    #[arg(long)]
    pub all: bool,
}

/// How a list is asked for and shown, whatever narrows it besides.
#[derive(clap::Args, Debug)]
pub struct LookArgs {
    /// What they have to be; `git pm help list` says what it understands.
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// Sorts by these fields, `-` in front turns one around; without it by kind and id.
    #[arg(
        long,
        value_name = "FIELD,…",
        allow_hyphen_values = true,
        conflicts_with = "tree"
    )]
    pub sort: Option<String>,
    /// Shows these fields only, in JSON too.
    #[arg(long, value_name = "FIELD,…", conflicts_with = "tree")]
    pub columns: Option<String>,
    /// Shows them as a tree, with the items above that lead to them.
    #[arg(long)]
    pub tree: bool,
    /// Goes on and shows the list anew whenever the state changes, until Ctrl-C.
    #[arg(long)]
    pub watch: bool,
    /// Begins with a view that `git pm view save` saved; a query narrows it further.
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Shows them as they were then, as `git pm show --at` takes it.
    #[arg(long, value_name = "REV|WHEN", conflicts_with_all = ["watch", "tree", "columns"])]
    pub at: Option<String>,
}

/// The states of a task, in the order of its life.
pub const STATES: &[&str] = &[
    "queued",
    "in_progress",
    "in_review",
    "ready_for_integration",
    "done",
    "blocked",
    "deferred",
    "cancelled",
];
