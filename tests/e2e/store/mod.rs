//! The state as it is stored: index, packs, formats, ids, signatures.

pub mod formats;
pub mod ids;
pub mod index;
pub mod packing;
pub mod signing;
