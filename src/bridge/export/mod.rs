//! Exports of the whole state for other programs: JSON, CSV, folders of Markdown files.

pub(super) mod csv;
mod json;
pub(super) mod markdown;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use crate::coordinate::harmless_place;
use crate::error::Result;
use crate::pm::handles::Trackers;

pub use markdown::{Layout, NoteLayout};

/// The result of an export to a folder.
#[derive(Clone, Debug, Default, serde::Serialize, schemars::JsonSchema)]
pub struct FolderReport {
    /// The folder.
    pub folder: String,
    /// Number of files.
    pub files: usize,
    /// The folders in it.
    pub folders: Vec<String>,
    /// Number of items for which the layout has no place.
    pub left_out: usize,
    /// Fields for which the layout has no place, each with the number of items that have it.
    pub left_out_fields: BTreeMap<String, usize>,
}

/// The result of an export to a file.
#[derive(Clone, Debug, Default, serde::Serialize, schemars::JsonSchema)]
pub struct FileReport {
    /// The file; `-` is standard output.
    pub file: String,
    /// Number of items and other documents.
    pub records: usize,
}

impl Trackers<'_> {
    /// Writes a file with `write`; the old file is replaced when the new one is complete.
    ///
    /// # Errors
    /// When `write` fails or the file cannot be written.
    pub fn export_file(
        &self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> Result<FileReport>,
    ) -> Result<FileReport> {
        let words = ["export", "json", "FOLDER/items.json"];
        let (path, report) = harmless_place::write_file(self.pm, path, true, words, write)?;
        Ok(FileReport {
            file: path.display().to_string(),
            ..report
        })
    }
}
