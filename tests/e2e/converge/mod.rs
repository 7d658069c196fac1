//! Random histories of several clones end in one state, and nothing acknowledged is lost.

pub mod histories;
pub mod model;
