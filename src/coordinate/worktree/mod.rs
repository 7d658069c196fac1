//! Worktrees of tasks and epics: names of folders and branches, creation and undo, uncommitted work, removal.
//!
//! All but the verbs take plain values and a git runner, and never touch any worktree but the given
//! one.
//!
//! Needs git 2.40 (`merge-tree --write-tree` is from 2.38, its `--merge-base` from 2.40,
//! `patch-id --verbatim` from 2.39, `worktree list -z` from 2.36).

pub mod add;
pub mod branch;
pub mod branch_status;
pub mod copy_ignored;
pub mod dirt;
pub(crate) mod followed_branch;
pub mod list;
pub mod merged_branch;
pub mod name_template;
pub mod remove;
pub(crate) mod target;
pub(crate) mod work_ends;
pub mod worktree_verbs;

pub(crate) mod links;
pub(crate) mod merge_tree;
pub(crate) mod moved;
mod nested;
pub(crate) mod path;
mod plain_list;
pub(crate) mod ports;
pub(crate) mod save;
mod submodule;

pub use add::{AddOptions, add_with, undo};
pub(crate) use add::{MADE, create_branch};
pub use branch::default_branch;
pub use branch_status::{branch_state, commit_state};
pub use dirt::dirt;
pub(crate) use dirt::dirt_in;
pub use list::{Worktree, list};
pub use merged_branch::{MergeEvidence, Safety, removable, size};
pub(crate) use merged_branch::{brought_by, integrated, rewritten};
pub(crate) use remove::mark;
pub use remove::remove;
