//! Beads' JSON Lines, in and out. An import keeps every record as it stands beside what it means
//! here; an export writes the records that nobody touched as they stood, byte for byte, and of the
//! others replaces what changed. The format is described in FORMAT-imports.md.

mod beads_file;
mod export;
mod export_record;
mod flat;
mod import;
mod input;
mod json_line;
mod line_layout;
mod prefix;
mod record_keys;
mod records_file;

pub use import::ImportOptions;

pub(super) use input::PLACES;
pub(crate) use record_keys::SOURCE;
