//! Backup, fsck, garbage collection, redaction, and remotes that lost the state.

pub mod backup;
#[cfg(feature = "serve")]
mod credentials;
pub mod fsck;
pub mod generation;
pub mod redact;
pub mod rescue;
