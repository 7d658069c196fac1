//! Import and export of beads' JSON Lines, without changing what was not changed here.
//!
//! An import keeps the raw text of every record; an export writes unchanged records byte for byte and
//! replaces only the changed values of others. The format is described in docs/FORMAT-imports.md.

mod beads_file;
mod export;
mod export_record;
mod file_edits;
mod file_history;
mod import;
mod input_lines;
mod issue_prefix;
mod json_line;
mod known_elsewhere;
mod line_layout;
mod merge_sides;
mod open_input;
mod own_ids;
mod past_exports;
mod past_imports;
mod read_record;
mod records_file;
mod table_dump;
mod unread_changes;

pub(crate) use import::import;
pub(super) use open_input::PLACES;
pub(super) use past_imports::Past;
pub(crate) use read_record::SOURCE;
