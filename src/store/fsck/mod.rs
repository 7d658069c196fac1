//! Looking at the bytes of the state without trusting any of them: every entry of the tree, every
//! commit, the files of this clone. What it means for items and claims is decided further up.

pub mod chain;
pub mod local;
pub mod past;
pub mod scan;
