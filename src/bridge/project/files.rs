//! Reads the files of an imported project: without following links, and with limits.
//!
//! They are named by their paths below the given folder.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::bridge::conflict_markers;
use crate::bridge::stage_record::RECORD_MAX;
use crate::bridge::transfer_report::Skipped;
use crate::error::{Error, Reason, Result};
use crate::store::named_file;

/// The name of a reader in messages.
pub const STDIN: &str = "standard input";

/// The greatest number of files of a project.
const FILES_MAX: usize = 100_000;

/// The greatest depth of its folders.
const DEPTH_MAX: usize = 16;

#[derive(Clone, Debug)]
pub struct File {
    /// Its path below the project's folder, with `/`.
    pub path: String,
    pub text: String,
}

impl File {
    /// The name without folders and without `.md`.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.strip_suffix(".md").unwrap_or(name)
    }

    /// The names of the folders above it.
    pub fn folders(&self) -> Vec<&str> {
        let mut parts: Vec<&str> = self.path.split('/').collect();
        parts.pop();
        parts
    }
}

/// The files of a project.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// The files, those nearest the top first, then by path.
    pub files: Vec<File>,
    /// Files that could not be read, with the reasons.
    pub skipped: Vec<Skipped>,
    /// The paths of files with another ending, which were not read.
    pub others: Vec<String>,
}

/// A place of a project, which must not lead out of its folder `root`: the author of the project does
/// not choose which other files of this machine are read.
pub fn inside(root: &Path, place: PathBuf) -> Result<PathBuf> {
    // Its reader reports a place that is missing.
    let leads_out = |root| place.canonicalize().is_ok_and(|to| !to.starts_with(root));
    if !root.canonicalize().is_ok_and(leads_out) {
        return Ok(place);
    }
    let shown = place.display().to_string();
    let message = format!("{shown} is a link that leads out of the project");
    Err(Error::refused(message)
        .because(Reason::ImportLink)
        .about(shown)
        .hint("if you trust it, specify the place that the link leads to"))
}

/// True for a file that is not a link.
pub fn is_plain(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
}

/// Reads the Markdown files of a folder; `root` may also be a file. Their paths begin with `prefix`.
pub fn read(root: &Path, prefix: &str) -> Result<Files> {
    let mut out = Files::default();
    let kind =
        fs::metadata(root).map_err(|e| Error::io(format!("cannot read {}", root.display()), e));
    if kind?.is_file() {
        let name = root.file_name().unwrap_or_default().to_string_lossy();
        take(&mut out, root, name.into_owned())?;
        return Ok(out);
    }
    let mut entries = WalkDir::new(root).max_depth(DEPTH_MAX + 1).into_iter();
    while let Some(entry) = entries.next() {
        let shown = |path: &Path| {
            let below = path.strip_prefix(root).unwrap_or(path);
            format!("{prefix}{}", below.to_string_lossy())
        };
        let entry = match entry {
            Ok(entry) if entry.depth() == 0 => continue,
            Ok(entry) => entry,
            Err(error) => match (error.depth(), error.path().map(shown)) {
                (1.., Some(path)) => {
                    let error = std::io::Error::from(error);
                    out.skip(&path, format!("cannot be read: {error}"));
                    continue;
                }
                _ => {
                    return Err(Error::io(
                        format!("cannot read {}", root.display()),
                        error.into(),
                    ));
                }
            },
        };
        let (path, kind) = (shown(entry.path()), entry.file_type());
        match entry.file_name().to_str() {
            None => {
                out.skip(&path, "has a name that is not valid UTF-8");
                if kind.is_dir() {
                    entries.skip_current_dir();
                }
            }
            Some(_) if kind.is_dir() && entry.depth() <= DEPTH_MAX => {}
            Some(_) if kind.is_dir() => out.skip(&path, "is too many folders down"),
            Some(_) if !kind.is_file() => {
                out.skip(&path, "is a link or a special file, which is not read");
            }
            Some(name) if !name.ends_with(".md") => out.others.push(path),
            Some(_) if out.files.len() == FILES_MAX => {
                return Err(Error::usage(format!(
                    "{} contains more than {FILES_MAX} files",
                    root.display()
                ))
                .because(Reason::ImportTooLarge)
                .hint("specify the folder of the project"));
            }
            Some(_) => take(&mut out, entry.path(), path)?,
        }
    }
    let place = |file: &File| (file.folders().len(), file.path.clone());
    out.files.sort_by_cached_key(place);
    Ok(out)
}

/// One file from a reader.
pub fn from_reader(reader: &mut dyn Read) -> Result<File> {
    Ok(File {
        path: "-".into(),
        text: text_of(STDIN, reader, RECORD_MAX)?,
    })
}

/// Reads a project that consists of one text.
pub fn text_of(shown: &str, reader: &mut dyn Read, limit: usize) -> Result<String> {
    let bytes = bytes_of(shown, reader, limit as u64)?;
    String::from_utf8(bytes).map_err(|_| {
        Error::usage(format!("{shown} is not valid UTF-8"))
            .because(Reason::ImportInvalid)
            .hint("save it as UTF-8: in Excel, as `CSV UTF-8`")
    })
}

/// Reads a file that is a project of one text; also returns its name for messages.
pub fn text_at(path: &Path, limit: usize) -> Result<(String, String)> {
    let shown = path.display().to_string();
    Ok((text_of(&shown, &mut opened(path)?, limit)?, shown))
}

/// Opens a file that is imported.
pub fn opened(path: &Path) -> Result<fs::File> {
    let shown = path.display().to_string();
    named_file::open(path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => Error::not_found(format!("there is no file {shown}"))
            .because(Reason::ImportNotFound)
            .about(&shown),
        ErrorKind::InvalidInput => Error::usage(format!("cannot read {shown}: {e}")).about(&shown),
        _ => Error::io(format!("cannot read {shown}"), e),
    })
}

/// The error for an input with more bytes than the limit.
pub fn larger_than(shown: &str, limit: u64) -> Error {
    Error::usage(format!("{shown} is larger than {limit} bytes"))
        .because(Reason::ImportTooLarge)
        .about(shown)
        .hint("split it and import each part")
}

/// Reads a reader to its end.
pub fn bytes_of(shown: &str, reader: &mut dyn Read, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Error::io(format!("cannot read {shown}"), e))?;
    if bytes.len() as u64 > limit {
        return Err(larger_than(shown, limit));
    }
    conflict_markers::refuse(shown, &mut &bytes[..])?;
    Ok(bytes)
}

impl Files {
    fn skip(&mut self, path: &str, reason: impl Into<String>) {
        self.skipped.push(Skipped::file(path, reason));
    }
}

fn take(out: &mut Files, file: &Path, path: String) -> Result<()> {
    let size = fs::metadata(file).map_or(0, |m| m.len());
    if size > RECORD_MAX as u64 {
        out.skip(
            &path,
            format!("is {size} bytes long; the limit is {RECORD_MAX}"),
        );
        return Ok(());
    }
    match fs::read(file).map(String::from_utf8) {
        Ok(Ok(text)) if text.contains('\0') => out.skip(&path, "contains a NUL byte"),
        Ok(Ok(text)) => {
            conflict_markers::refuse(&file.display().to_string(), &mut text.as_bytes())?;
            out.files.push(File { path, text });
        }
        Ok(Err(_)) => out.skip(&path, "is not valid UTF-8"),
        Err(error) => out.skip(&path, format!("cannot be read: {error}")),
    }
    Ok(())
}
