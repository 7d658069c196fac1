//! All of gix and of the git program.

pub mod process;
mod refs;
pub mod repo;
