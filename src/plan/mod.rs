//! From a document to an approved plan: a plan is a document of the state, computed from a PRD by
//! [`draft`], edited manually, merged like every document, and turned into an epic with tasks by an
//! approval. Each PRD has one plan, whose uid follows from the PRD's, so that two clones which plan
//! the same PRD have the same plan.

pub mod approve;
mod approved;
pub mod change;
pub mod check;
mod contested;
mod decompose;
pub mod document;
pub mod dor;
pub mod draft;
pub mod edit;
mod find;
pub mod interview;
mod item;
pub mod make;
pub mod milestone;
mod model;
mod net;
pub mod prd;
mod record;
pub mod scope;
pub mod single;
pub mod sprint;
pub mod stats;
pub mod text;
pub mod trace;
pub mod view;
mod written;

pub use find::Source;
pub use model::{Plan, PlanStatus, Planned, Wait, is_task_field};
pub use written::Written;
