//! Setting a repository up and keeping it sound.

pub mod backup;
pub mod doctor;
pub mod fsck;
pub mod gc;
pub mod redact;
pub mod restore;
pub mod setup;
