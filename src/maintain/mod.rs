//! Setting a repository up and keeping it sound.

mod backup;
mod doctor;
pub mod fsck;
mod gc;
mod redact;
mod restore;
mod setup;
