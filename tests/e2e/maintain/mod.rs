//! Backup, fsck, garbage collection, redaction, and remotes that lost the state.

pub mod backup;
pub mod fsck;
pub mod generation;
pub mod redact;
pub mod rescue;
