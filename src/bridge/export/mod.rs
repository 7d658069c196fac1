//! The whole state in forms that other programs read: JSON, CSV, folders of Markdown files.

mod csv;
mod json;
pub(super) mod markdown;

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::pm::handles::Bridge;
use crate::store::random;

pub use markdown::Layout;

/// What an export of a folder wrote.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct FolderReport {
    /// The folder.
    pub folder: String,
    /// How many files.
    pub files: usize,
    /// How many items have no place in the layout.
    pub left_out: usize,
}

/// What an export of a file wrote.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct FileReport {
    /// The file; `-` is standard output.
    pub file: String,
    /// How many items, and what else it holds.
    pub records: usize,
}

impl Bridge<'_> {
    /// Writes a file with `write`; it is replaced once all of it is written.
    ///
    /// # Errors
    /// When `write` fails or the file cannot be written.
    pub fn export_file(
        &self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> Result<FileReport>,
    ) -> Result<FileReport> {
        let path = self.pm.store.env().cwd.join(path);
        let shown = path.display().to_string();
        if path.is_dir() {
            return Err(Error::usage(format!("{shown} is a folder")).hint("name a file in it"));
        }
        Ok(FileReport {
            file: shown,
            ..whole(&path, write)?
        })
    }
}

/// Writes a file, which is replaced once all of it is written.
pub(super) fn whole<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<T>) -> Result<T> {
    let temporary = beside(path)?;
    let failed =
        |e: std::io::Error| Error::unwritten(format!("cannot write {}", path.display()), e);
    let written = std::fs::File::create_new(&temporary)
        .map_err(failed)
        .and_then(|file| {
            let mut out = std::io::BufWriter::new(file);
            let report = write(&mut out)?;
            out.flush().map_err(failed)?;
            std::fs::rename(&temporary, path).map_err(failed)?;
            Ok(report)
        });
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

/// A name in the same folder that nobody has.
fn beside(path: &Path) -> Result<PathBuf> {
    let Some(name) = path.file_name() else {
        return Err(
            Error::usage(format!("{} is no name for it", path.display()))
                .hint("name a file or folder"),
        );
    };
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.tmp", random::name()?));
    Ok(path.with_file_name(beside))
}
