//! All of gix and of the git program.

pub mod objects;
pub mod packs;
pub(crate) mod patch;
pub mod process;
mod refs;
pub mod repo;
pub mod sign;
