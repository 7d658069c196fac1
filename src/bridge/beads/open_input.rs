//! Reads the input of an import: a file, a folder with a table dump, or a reader.

use std::path::{Path, PathBuf};

use super::input_lines::Lines;
use super::{merge_sides, table_dump};
use crate::bridge;
use crate::bridge::ImportFrom;
use crate::bridge::project::files::{STDIN, bytes_of, inside, is_plain, opened};
use crate::bridge::transfer_report::{Remarked, Skipped};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::word;
use crate::model::text::one_line;
use crate::pm::Pm;

/// The greatest size of a file, in bytes.
const BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// The paths of beads' records in a worktree, the newer one first.
pub const PLACES: [&str; 2] = [".beads/issues.jsonl", ".beads/beads.jsonl"];

/// The input of an import.
#[derive(Debug, Default)]
pub struct Input {
    /// JSON Lines, one record per line, if it is a table dump.
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

/// Reads a reader, or a file or the folder of a dump, by default beads' own file.
pub fn open(pm: &Pm, from: ImportFrom<'_>) -> Result<(Input, Lines)> {
    let scratch = pm.store.repo().common_dir();
    let (shown, lines, folder) = match from {
        ImportFrom::Reader(reader) => {
            let lines = Lines::copy(STDIN, reader, BYTES_MAX, scratch)?;
            ("-".to_string(), lines, None)
        }
        ImportFrom::Path(path) => {
            let mut path = match path {
                Some(path) => bridge::import_root(pm, Some(path)),
                None => default_place(pm)?,
            };
            if path.is_dir() {
                path = inside(&path, path.join("issues.jsonl"))?;
            }
            let shown = path.display().to_string();
            let lines = copied(pm, &shown, &path)?;
            (shown, lines, path.parent().map(Path::to_path_buf))
        }
    };
    let mut input = Input {
        files: vec![shown.clone()],
        ..Input::default()
    };
    if lines.theirs_at.is_some() {
        input.warnings.push(both_sides(&shown));
    }
    let first = lines
        .read()?
        .line()?
        .map(|(_, line)| table_dump::is_flat(line));
    if first != Some(true) {
        if let Some(folder) = folder.as_deref() {
            input.warnings.extend(others(folder, &input.files));
            input.warnings.extend(newer_database(folder, &input.files));
        }
        return Ok((input, lines));
    }
    let mut table = |name: &str| -> Result<Vec<u8>> {
        let path = folder.as_ref().map(|folder| folder.join(name));
        let Some(path) = path.filter(|path| is_plain(path)) else {
            return Ok(Vec::new());
        };
        input.files.push(path.display().to_string());
        file(&path)
    };
    let tables = table_dump::Tables {
        dependencies: table("dependencies.jsonl")?,
        labels: table("labels.jsonl")?,
        comments: table("comments.jsonl")?,
    };
    let entries = folder.and_then(|folder| folder.read_dir().ok());
    for entry in entries.into_iter().flatten().flatten() {
        if !input.files.contains(&entry.path().display().to_string()) {
            let message = format!("{} is not imported", entry.file_name().to_string_lossy());
            input.warnings.push(Remarked::new(None, None, message));
        }
    }
    input.bytes = lines.read()?.rest()?;
    table_dump::join(&mut input, tables);
    let records = std::mem::take(&mut input.bytes);
    let lines = Lines::copy(&lines.shown, &mut &records[..], u64::MAX - 1, scratch)?;
    Ok((input, lines))
}

/// The lines of a file; those of both sides if git could not merge it.
fn copied(pm: &Pm, shown: &str, path: &Path) -> Result<Lines> {
    let scratch = pm.store.repo().common_dir();
    let found = Lines::copy(shown, &mut opened(path)?, BYTES_MAX, scratch);
    let Err(error) = found else { return found };
    let is_marked = error.reason() == Reason::ImportConflictMarkers;
    let sides = if is_marked {
        merge_sides::of(pm, path)?
    } else {
        None
    };
    let Some(sides) = sides else {
        return Err(error);
    };
    let mut lines = Lines::copy(shown, &mut &sides.text[..], BYTES_MAX, scratch)?;
    lines.theirs_at = Some(sides.ours);
    Ok(lines)
}

/// The note about a file that git could not merge.
fn both_sides(shown: &str) -> Remarked {
    let file = word(&one_line(shown));
    let message = format!(
        "git could not merge the file: both versions of it were imported; \
         `git pm export beads {file}` and `git add {file}` resolve the conflict"
    );
    Remarked::new(None, None, message)
}

/// What else a folder of beads has that may decide which records are current.
fn others(folder: &Path, read: &[String]) -> Vec<Remarked> {
    if folder.file_name().is_none_or(|name| name != ".beads") {
        return Vec::new();
    }
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let others = entries.filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_data = name.ends_with(".jsonl") || name == "redirect";
        let is_read = read.contains(&entry.path().display().to_string());
        (is_data && !is_read).then(|| match name.as_str() {
            "redirect" => "redirect names another folder, whose records were not imported".into(),
            "deletions.jsonl" => {
                "deletions.jsonl was not applied: records that it lists are imported".into()
            }
            _ => format!("{} was not imported", one_line(&name)),
        })
    });
    let mut texts: Vec<String> = others.collect();
    texts.sort();
    texts
        .into_iter()
        .map(|text| Remarked::new(None, None, text))
        .collect()
}

/// The note about a database of beads that may have more than the file that was read: one of SQLite
/// that was written later, or one of Dolt, of which the file is at most a copy.
fn newer_database(folder: &Path, read: &[String]) -> Option<Remarked> {
    let written = |path: &Path| path.metadata().and_then(|found| found.modified()).ok();
    let since = read.first().and_then(|file| written(Path::new(file)));
    let is_newer = |name: &&&str| {
        let at = Some(folder.join(name)).filter(|path| path.is_file());
        let at = at.and_then(|path| written(&path));
        at.zip(since).is_some_and(|(at, since)| at > since)
    };
    let is_dolt = || {
        let backend = settings(folder)?.get("backend")?.as_str()? == "dolt";
        (backend && folder.join("dolt").is_dir()).then_some("the database in dolt")
    };
    // The last writes of SQLite may be in its journal alone.
    let mut sqlite = ["beads.db", "beads.db-wal"].iter();
    let database = sqlite.find(is_newer).copied().or_else(is_dolt)?;
    let message = format!(
        "{database} may have changes that the file lacks; \
         `bd export | git pm import beads -` imports its current data"
    );
    Some(Remarked::new(None, None, message))
}

/// The settings of beads in its folder.
fn settings(folder: &Path) -> Option<serde_json::Value> {
    let bytes = file(&folder.join("metadata.json")).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The file that the settings of beads name, in its folder.
fn configured(folder: &Path) -> Option<PathBuf> {
    let settings = settings(folder)?;
    let named = settings.get("jsonl_export")?.as_str()?;
    let is_name = !named.is_empty() && !named.contains(['/', '\\']) && !named.starts_with('.');
    let path = folder.join(named);
    (is_name && path.is_file()).then_some(path)
}

fn default_place(pm: &Pm) -> Result<PathBuf> {
    if let Some(path) = configured(&bridge::import_root(pm, None).join(".beads")) {
        return inside(&bridge::import_root(pm, None), path);
    }
    let places = PLACES.map(|place| bridge::import_root(pm, None).join(place));
    let found = places.into_iter().find(|place| place.is_file());
    let found = found.ok_or_else(|| {
        Error::not_found(format!("there is neither {} here", PLACES.join(" nor ")))
            .because(Reason::ImportNotFound)
            .hint(Hint::run(
                ["import", "beads", "FILE"],
                "imports another file",
            ))
            .hint("`bd export | git pm import beads -` imports the current data of beads")
    })?;
    inside(&bridge::import_root(pm, None), found)
}

fn file(path: &Path) -> Result<Vec<u8>> {
    bytes_of(&path.display().to_string(), &mut opened(path)?, BYTES_MAX)
}
