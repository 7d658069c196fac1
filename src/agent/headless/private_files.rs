//! Files in an agent's private directory, written without trusting what is there.
//!
//! The agent of an earlier attempt could write there, so nothing that it may have left is trusted:
//! links are not followed, and files are replaced, not opened.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A private directory.
pub(in crate::agent) struct Private<'a>(pub &'a Path);

impl Private<'_> {
    /// A folder in it, created if missing; `name` has no `..`.
    pub(in crate::agent) fn folder(&self, name: &str) -> Result<PathBuf> {
        let mut folder = self.0.to_path_buf();
        create(&folder)?;
        for part in Path::new(name) {
            folder.push(part);
            create(&folder)?;
        }
        Ok(folder)
    }

    /// Writes a file in it with this content, readable only by its owner.
    pub(super) fn file(&self, folder: &str, name: &str, content: &[u8]) -> Result<PathBuf> {
        let file = self.folder(folder)?.join(name);
        match fs::symlink_metadata(&file) {
            Ok(found) if found.is_dir() => return Err(in_the_way(&file)),
            Ok(_) => fs::remove_file(&file).map_err(|e| unwritten(&file, e))?,
            Err(_) => {}
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&file)
            .and_then(|mut open| open.write_all(content))
            .map_err(|e| unwritten(&file, e))?;
        Ok(file)
    }
}

fn create(folder: &Path) -> Result<()> {
    match fs::symlink_metadata(folder) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(in_the_way(folder)),
        Err(_) => {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder).map_err(|e| unwritten(folder, e))
        }
    }
}

fn unwritten(path: &Path, error: io::Error) -> Error {
    Error::unwritten(format!("cannot write {}", path.display()), error)
}

fn in_the_way(path: &Path) -> Error {
    Error::state(format!(
        "cannot create an agent's private files: {} is in the way",
        path.display()
    ))
    .about(path.display().to_string())
    .hint("remove it, or start the agent again")
}
