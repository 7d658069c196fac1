//! Reads the input of an import: a file, a folder with a table dump, or a reader.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::table_dump;
use crate::bridge::conflict_markers;
use crate::bridge::transfer_report::{Remarked, Skipped};
use crate::error::{Error, Hint, Result};
use crate::pm::Pm;

/// The greatest size of a file, in bytes.
const BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// The paths of beads' records in a worktree, the newer one first.
pub const PLACES: [&str; 2] = [".beads/issues.jsonl", ".beads/beads.jsonl"];

/// The input of an import.
#[derive(Debug, Default)]
pub struct Input {
    /// JSON Lines, one record per line.
    pub bytes: Vec<u8>,
    /// The files it came from.
    pub files: Vec<String>,
    /// It is a table dump.
    pub flat: bool,
    /// Rows of dumped tables that cannot be used.
    pub skipped: Vec<Skipped>,
    /// Problems that do not prevent the import.
    pub warnings: Vec<Remarked>,
}

/// Reads a reader to its end.
///
/// # Errors
/// When it cannot be read, or is too large.
pub fn read(reader: &mut dyn Read) -> Result<Input> {
    let mut input = Input {
        bytes: all("standard input", reader)?,
        files: vec!["-".into()],
        ..Input::default()
    };
    if table_dump::is_flat(&input.bytes) {
        table_dump::join(&mut input, table_dump::Tables::default());
    }
    Ok(input)
}

/// Reads a file or the folder of a dump, by default beads' own file.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn open(pm: &Pm, path: Option<&Path>) -> Result<Input> {
    let path = match path {
        Some(path) => pm.store().env().cwd.join(path),
        None => default_place(pm)?,
    };
    let path = if path.is_dir() {
        path.join("issues.jsonl")
    } else {
        path
    };
    let mut input = Input {
        bytes: file(&path)?,
        files: vec![path.display().to_string()],
        ..Input::default()
    };
    if !table_dump::is_flat(&input.bytes) {
        return Ok(input);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut table = |name: &str| -> Result<Vec<u8>> {
        let path = folder.join(name);
        if !path.is_file() {
            return Ok(Vec::new());
        }
        input.files.push(path.display().to_string());
        file(&path)
    };
    let tables = table_dump::Tables {
        dependencies: table("dependencies.jsonl")?,
        labels: table("labels.jsonl")?,
        comments: table("comments.jsonl")?,
    };
    if folder.join("events.jsonl").is_file() {
        input.warnings.push(Remarked {
            line: None,
            id: None,
            message: "events.jsonl, the log of changes, is not imported".into(),
        });
    }
    table_dump::join(&mut input, tables);
    Ok(input)
}

fn default_place(pm: &Pm) -> Result<PathBuf> {
    let top = pm.store().repo().workdir().unwrap_or(&pm.store().env().cwd);
    let places = PLACES.map(|place| top.join(place));
    let found = places.into_iter().find(|place| place.is_file());
    found.ok_or_else(|| {
        Error::not_found(format!("there is neither {} here", PLACES.join(" nor ")))
            .because("import.not_found")
            .hint(Hint::run(
                ["import", "beads", "FILE"],
                "imports another file",
            ))
            .hint("`bd export | git pm import beads -` imports the current data of beads")
    })
}

fn file(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display().to_string();
    let mut file = File::open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::not_found(format!("there is no file {shown}"))
            .because("import.not_found")
            .about(&shown),
        _ => Error::io(format!("cannot read {shown}"), e),
    })?;
    all(&shown, &mut file)
}

fn all(what: &str, reader: &mut dyn Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader
        .take(BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Error::io(format!("cannot read {what}"), e))?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(
            Error::usage(format!("{what} has more than {BYTES_MAX} bytes"))
                .because("import.too_large")
                .about(what)
                .hint("split it and import each part"),
        );
    }
    conflict_markers::refuse(what, &bytes)?;
    Ok(bytes)
}
