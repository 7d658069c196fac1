//! The verbs on items: tasks, issues, lists, search, batches, and the measures of a project.

pub mod batch;
pub mod cost;
pub mod insight;
pub mod issue;
pub mod list;
pub mod new_item;
pub mod search;
pub mod task;
