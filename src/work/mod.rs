//! The verbs on items: tasks, issues, lists, search, the board, and the measures of a project.

pub mod board;
pub mod cost;
pub(crate) mod ending;
pub mod insight;
pub mod issue;
pub mod list;
pub(crate) mod moved_file;
pub mod moves;
pub mod new_item;
pub(crate) mod nothing_to_start;
pub(crate) mod older_file;
pub mod plan_notices;
pub mod search;
pub mod sync;
pub mod task;
pub(crate) mod unmet_words;
