//! Exports of the whole state for other programs: JSON, CSV, folders of Markdown files.

mod csv;
mod json;
pub(super) mod markdown;

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::pm::handles::Trackers;
use crate::store::{random, whole_file};

pub use markdown::{Layout, NoteLayout};

/// The result of an export to a folder.
#[derive(Clone, Debug, Default, serde::Serialize, schemars::JsonSchema)]
pub struct FolderReport {
    /// The folder.
    pub folder: String,
    /// Number of files.
    pub files: usize,
    /// Number of items for which the layout has no place.
    pub left_out: usize,
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
        self.pm.require_harmless(path, true)?;
        let path = self.pm.store.env().cwd.join(path);
        let shown = path.display().to_string();
        if path.is_dir() {
            return Err(
                Error::usage(format!("cannot write to {shown}: it is a folder"))
                    .about(shown)
                    .hint("specify a file in it"),
            );
        }
        Ok(FileReport {
            file: shown,
            ..whole_file::replace(&path, None, write)?
        })
    }
}

/// An unused temporary name in the same folder.
fn beside(path: &Path) -> Result<PathBuf> {
    let Some(name) = path.file_name() else {
        return Err(
            Error::usage(format!("{} is not a file name", path.display()))
                .hint("specify a file or folder"),
        );
    };
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.tmp", random::name()?));
    Ok(path.with_file_name(beside))
}
