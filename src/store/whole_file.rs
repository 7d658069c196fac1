//! Replacing a file atomically.
//!
//! A reader sees the old or the new content, also in a folder where others write. And small notes
//! that are kept so.

use std::fs::Permissions;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::{lock, named_file, shared_files};
use crate::error::{Error, Result};

/// Replaces a file when `write` has given all of its content. Until then it has an unused random
/// name in the same folder, where no other program can have placed a link in advance.
///
/// # Errors
/// When `write` fails or the file cannot be written; an existing one is unchanged.
pub fn replace<T>(
    path: &Path,
    permissions: Option<Permissions>,
    write: impl FnOnce(&mut dyn Write) -> Result<T>,
) -> Result<T> {
    let failed = |e: io::Error| Error::unwritten(format!("cannot write {}", path.display()), e);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.");
    let mut beside = tempfile::Builder::new();
    beside.prefix(&prefix).suffix(".tmp");
    beside.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let folder = path.parent().filter(|above| above.as_os_str() != "");
    let file = beside.tempfile_in(folder.unwrap_or(Path::new(".")));
    let mut file = file.map_err(failed)?;
    let mut out = BufWriter::new(file.as_file_mut());
    let written = write(&mut out)?;
    out.flush().map_err(failed)?;
    drop(out);
    match permissions {
        Some(permissions) => file
            .as_file()
            .set_permissions(permissions)
            .map_err(failed)?,
        None => shared_files::share(file.path()),
    }
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(written)
}

/// Writes to what is at a path: a device, a pipe, or an open file, none of which another can replace.
///
/// # Errors
/// When `write` fails or it cannot be written.
pub fn overwrite<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<T>) -> Result<T> {
    let failed = |e: io::Error| Error::unwritten(format!("cannot write {}", path.display()), e);
    let mut out = BufWriter::new(named_file::open_stream(path).map_err(failed)?);
    let written = write(&mut out)?;
    out.flush().map_err(failed)?;
    Ok(written)
}

/// The content of a file of derived data in git pm's folder.
pub fn noted(common_dir: &Path, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(lock::folder(common_dir).join(name)).ok()?;
    Some(text.trim_end().to_string())
}

/// Replaces a file of derived data in git pm's folder. If it cannot be written, nothing is lost.
pub fn note(common_dir: &Path, name: &str, text: &str) {
    let folder = lock::folder(common_dir);
    if noted(common_dir, name).as_deref() != Some(text)
        && shared_files::create_dir_all(&folder).is_ok()
    {
        let _ = replace(&folder.join(name), None, |out| {
            writeln!(out, "{text}").map_err(|e| Error::unwritten("cannot write a note", e))
        });
    }
}
