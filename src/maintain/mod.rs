//! Setting a repository up, checking, repairing, cleaning and saving it.

pub mod backup;
mod cut;
pub mod doctor;
pub mod fsck;
pub mod gc;
pub mod install;
pub mod redact;
pub mod restore_remote;
pub mod setup;
pub mod severity;

pub use severity::Severity;
