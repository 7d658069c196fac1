//! The verbs on items: tasks, issues, lists, search, batches, the board, and the measures of
//! a project.

pub mod batch;
pub mod board;
pub mod cost;
pub mod insight;
pub mod issue;
pub mod list;
pub mod new_item;
pub mod search;
pub mod task;
