//! Beads' JSON Lines, in and out. An import keeps every record as it stands beside what it means
//! here; an export writes the records that nobody touched as they stood, byte for byte, and of the
//! others replaces what changed. The format is described in FORMAT-imports.md.

mod export;
mod fields;
mod file;
mod flat;
mod import;
mod input;
mod layout;
mod line;
mod prefix;
mod shape;
mod source;

pub use import::ImportOptions;

pub(crate) use fields::SOURCE;
pub(super) use input::PLACES;
