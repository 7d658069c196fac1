//! From a document to an approved plan.
//!
//! A plan is a document of the state, computed from a PRD by [`draft`], edited manually, merged like
//! every document, and turned into an epic with tasks by an approval. Each PRD has one plan, whose
//! uid follows from the PRD's, so that two clones which plan the same PRD have the same plan.
//!
//! Values that follow from a document alone have a derived stamp, below every other write
//! (`Clock::derived`), so a clone that drafts or approves late overrides nothing of others. An
//! approval creates ordinary items; a phase is gated by one edge of each task to the milestone
//! before, and the next approval updates only what was neither begun nor changed by hand.

mod already_met;
mod anchors;
pub mod approval_checks;
mod approval_questions;
pub mod approve;
mod approved;
mod begun;
pub mod change;
mod changed_file;
pub(crate) mod checks;
mod corrected;
pub mod coverage;
mod create_items;
pub(crate) mod debated;
mod decompose;
pub mod deepen;
pub mod document_changes;
mod done_words;
pub mod drafting;
pub mod edit;
mod follow_up_order;
mod followed_lines;
pub mod gone_tasks;
pub mod interview;
mod item_gaps;
mod limits;
mod line_ranges;
pub mod milestone;
pub(crate) mod missing_parts;
mod moved_lines;
mod net;
pub(crate) mod new_work;
mod plan_types;
mod planned_items;
pub mod prd;
mod record;
mod restored;
mod returned_tasks;
mod same_task;
mod same_words;
pub mod scope;
mod seen;
mod sentences;
pub mod single;
mod size;
pub(crate) mod sources;
pub mod sprint;
mod standing;
pub mod stats;
pub mod task_changes;
pub mod trace;
pub mod view;
pub mod waves;
pub mod write;
mod written_checks;

pub(crate) use begun::other_words;
pub use git_pm_document as document;
pub use git_pm_draft as draft;
pub(crate) use gone_tasks::{asks_otherwise, gone_said};
pub use plan_types::{PlanStatus, is_task_field};
pub(crate) use planned_items::for_all;
pub use seen::LeftTask;
pub use sources::Source;
