//! The verbs on tasks: create, edit, start, finish, approve, merge, release.

pub(crate) mod approval;
pub(crate) mod approval_provenance;
pub(crate) mod approved_work;
pub mod branch_work;
pub(crate) mod create;
pub(crate) mod cycles;
pub(crate) mod decided;
pub mod deps;
pub(crate) mod edit;
pub(crate) mod field_rules;
pub mod finish;
pub(crate) mod gates;
pub mod integrate;
pub mod merge;
pub(crate) mod next;
pub mod readiness;
pub(crate) mod remote_branch;
pub mod return_work;
pub(crate) mod run_command;
pub(crate) mod show;
mod stacked_work;
pub mod start;
pub mod status_verbs;
mod test_pairs;
pub(crate) mod transition;
mod unseen;
mod work_commit;
