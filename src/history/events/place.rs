//! Where a reader of the events is in this clone: a text in the git directory, changed under a lock.
//!
//! Whoever handles events saves the text once they are handled, so a process that is killed in between
//! handles them again: at least once.

use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::pm::Pm;
use crate::store::{fault, lock, shared_files};

/// The place of one reader, which no other process has.
pub(crate) struct Place {
    file: PathBuf,
    points: [&'static str; 2],
    _lock: File,
}

impl Place {
    /// Takes the place of the reader with this name, whose file is `NAME-cursor`; none if another process
    /// still has it after `patience`. The points are those of [`fault::replace`].
    ///
    /// # Errors
    /// When the lock cannot be made.
    pub(crate) fn take(
        pm: &Pm,
        name: &str,
        patience: Duration,
        points: [&'static str; 2],
    ) -> Result<Option<Place>> {
        let folder = pm.folder();
        let path = folder.join(format!("{name}.lock"));
        let file = shared_files::create_dir_all(&folder)
            .and_then(|()| lock::open(&path))
            .map_err(|e| Error::unwritten(format!("cannot write {}", path.display()), e))?;
        let is_ours = lock::wait(&file, patience)
            .map_err(|e| Error::io(format!("cannot lock {}", path.display()), e))?;
        Ok(is_ours.then(|| Place {
            file: self::file(pm, name),
            points,
            _lock: file,
        }))
    }

    /// The text that was saved last; it needs no lock.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn peek(pm: &Pm, name: &str) -> Result<Option<String>> {
        let file = file(pm, name);
        match std::fs::read_to_string(&file) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io(format!("cannot read {}", file.display()), error)),
        }
    }

    /// Saves a text.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn save(&self, text: &str) -> Result<()> {
        let temporary = self.file.with_extension("tmp");
        fault::replace(&self.file, &temporary, text.as_bytes(), self.points)
            .map_err(|e| Error::unwritten(format!("cannot write {}", self.file.display()), e))
    }
}

fn file(pm: &Pm, name: &str) -> PathBuf {
    pm.folder().join(format!("{name}-cursor"))
}
