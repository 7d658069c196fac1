//! The join: how states of different clones become one.
//!
//! It never looks at a common ancestor; the state is a join-semilattice, so the order and grouping of
//! merges do not matter.

pub mod commit;
pub mod doc;
pub mod moved_items;
pub mod tree;
pub mod vanished;
