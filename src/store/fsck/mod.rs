//! Reading the bytes of the state without trusting any of them.
//!
//! Every entry of the tree, every commit, the files of this clone. `maintain::fsck` decides what that
//! means for items and claims.

pub mod chain;
pub mod file_versions;
pub mod local;
pub mod scan;
