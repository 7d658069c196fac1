//! The user's files: read for a put, written for a get.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::ArtifactContent;
use crate::coordinate::harmless_place;
use crate::error::{Error, Reason, Result};
use crate::pm::handles::Artifacts;
use crate::store::{fault, named_file, whole_file};

impl Artifacts<'_> {
    /// Reads a file that is to be put under a name. One that is too large is not read.
    ///
    /// # Errors
    /// When it is not a regular file, is too large, or cannot be read.
    pub fn read_file(&self, name: &str, path: &Path) -> Result<Vec<u8>> {
        let fail = |error| Error::usage(format!("cannot read {}: {error}", path.display()));
        // A device may do something when it is opened.
        require_regular(path, &std::fs::metadata(path).map_err(fail)?)?;
        let file = named_file::without_waiting(path).map_err(fail)?;
        // The file may have been replaced in between.
        let meta = file.metadata().map_err(fail)?;
        require_regular(path, &meta)?;
        self.require_size(name, meta.len())?;
        self.read_from(name, file, fail)
    }
}

/// Refuses what is not a regular file, which may have no end or never begin.
fn require_regular(path: &Path, meta: &Metadata) -> Result<()> {
    if meta.is_file() {
        return Ok(());
    }
    if meta.is_dir() {
        return Err(folder(path).hint("store each file separately, or an archive of the folder"));
    }
    Err(Error::usage(format!(
        "{} is {}, not a regular file",
        path.display(),
        named_file::kind(meta)
    ))
    .because(Reason::ArtifactNotAFile)
    .hint("`git pm artifact put ITEM - --name NAME` reads standard input"))
}

/// The error for a folder in place of a file.
fn folder(path: &Path) -> Error {
    Error::usage(format!("{} is a folder", path.display())).because(Reason::ArtifactIsFolder)
}

/// The error for a folder where a file is to be written.
pub(crate) fn is_folder(path: &Path) -> Error {
    folder(path).hint("add the name of the file to the path")
}

/// The error for a path that is in use; only a link to nothing cannot be replaced.
fn exists(path: &Path, replace: bool) -> Error {
    let path = path.display();
    let error = match replace {
        true => Error::usage(format!("{path} is a link to a file that does not exist"))
            .hint("remove the link"),
        false => Error::usage(format!("{path} already exists")),
    };
    error.because(Reason::ArtifactFileExists)
}

impl Artifacts<'_> {
    /// Writes the content to a new file, or with `replace` also over an existing file.
    ///
    /// # Errors
    /// When the file exists, is a folder, may run later and the caller is an agent or a link leads
    /// there, or cannot be written; in the last case, an existing file is unchanged and a new one
    /// is removed.
    pub fn write_file(&self, content: &ArtifactContent, path: &Path, replace: bool) -> Result<()> {
        harmless_place::require_harmless(self.pm, path, false)?;
        content.write_to(path, replace)
    }
}

impl ArtifactContent {
    fn write_to(&self, path: &Path, replace: bool) -> Result<()> {
        let fail = |error| Error::unwritten(format!("cannot write {}", path.display()), error);
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => Err(is_folder(path)),
            Ok(meta) if replace && meta.is_file() => self.replace(path, &meta),
            // A device or a pipe keeps nothing that could be lost.
            Ok(_) if replace => std::fs::write(path, &self.content).map_err(fail),
            _ => self.create(path).map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => exists(path, replace),
                _ => fail(error),
            }),
        }
    }

    /// Writes a new file; links are not followed.
    fn create(&self, path: &Path) -> std::io::Result<()> {
        let mut file = File::create_new(path)?;
        let written = fault::point("artifact-write").and_then(|()| file.write_all(&self.content));
        if written.is_err() {
            let _ = std::fs::remove_file(path);
        }
        written
    }

    /// Replaces a file, or the file that a link names, in one step.
    fn replace(&self, path: &Path, meta: &Metadata) -> Result<()> {
        let failed = |e| Error::unwritten(format!("cannot write {}", path.display()), e);
        let path = path.canonicalize().map_err(failed)?;
        whole_file::replace(&path, Some(meta.permissions()), |out| {
            fault::point("artifact-write")
                .and_then(|()| out.write_all(&self.content))
                .and_then(|()| fault::point("artifact-rename"))
                .map_err(failed)
        })
    }
}
