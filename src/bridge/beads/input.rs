//! Where records come from: a file, a folder of dumped tables, a reader.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::flat;
use crate::bridge::marks;
use crate::bridge::transfer_report::{Remarked, Skipped};
use crate::error::{Error, Result};
use crate::pm::Pm;

/// The most bytes of a file that are read.
const BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// Where beads keeps its records in a worktree, the newer place first.
pub const PLACES: [&str; 2] = [".beads/issues.jsonl", ".beads/beads.jsonl"];

/// What was read.
#[derive(Debug, Default)]
pub struct Input {
    /// JSON Lines, one record on each.
    pub bytes: Vec<u8>,
    /// The files it came from.
    pub files: Vec<String>,
    /// Whether it was a dump of tables.
    pub flat: bool,
    /// Rows of dumped tables that cannot be used.
    pub skipped: Vec<Skipped>,
    /// What should be looked at.
    pub warnings: Vec<Remarked>,
}

/// Reads all of a reader.
///
/// # Errors
/// When it cannot be read, or is too large.
pub fn read(reader: &mut dyn Read) -> Result<Input> {
    let mut input = Input {
        bytes: all("standard input", reader)?,
        files: vec!["-".into()],
        ..Input::default()
    };
    if flat::is_flat(&input.bytes) {
        flat::join(&mut input, flat::Tables::default());
    }
    Ok(input)
}

/// Reads a file or the folder of a dump; without a path, where beads keeps its records.
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
    if !flat::is_flat(&input.bytes) {
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
    let tables = flat::Tables {
        dependencies: table("dependencies.jsonl")?,
        labels: table("labels.jsonl")?,
        comments: table("comments.jsonl")?,
    };
    if folder.join("events.jsonl").is_file() {
        input.warnings.push(Remarked {
            line: None,
            id: None,
            message: "events.jsonl, the log of changes, is not read".into(),
        });
    }
    flat::join(&mut input, tables);
    Ok(input)
}

fn default_place(pm: &Pm) -> Result<PathBuf> {
    let top = pm.store().repo().workdir().unwrap_or(&pm.store().env().cwd);
    let places = PLACES.map(|place| top.join(place));
    let found = places.into_iter().find(|place| place.is_file());
    found.ok_or_else(|| {
        Error::not_found(format!("there is neither {} here", PLACES.join(" nor ")))
            .hint("git pm import beads FILE")
            .hint("bd export | git pm import beads -")
    })
}

fn file(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display().to_string();
    let mut file = File::open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::not_found(format!("there is no file {shown}")),
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
                .hint("split it; every part can be imported on its own"),
        );
    }
    marks::refuse(what, &bytes)?;
    Ok(bytes)
}
