//! What an export would overwrite: changes in the file that no import has read.
//!
//! An import of the file, as a dry run, tells what there is.

use std::path::Path;

use super::import::import;
use super::known_elsewhere;
use crate::bridge::ImportFrom;
use crate::bridge::transfer_report::{ImportOptions, ImportReport, Skipped};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::word;
use crate::model::limits::NAMES_SHOWN;
use crate::model::text::{first_of, one_line};
use crate::pm::Pm;

/// Refuses to overwrite a file with records that an import would take or skip, or with conflict markers, with which it
/// cannot be imported. One that is no file of beads has none.
///
/// # Errors
/// If it has.
pub fn require_none(pm: &Pm, file: &Path) -> Result<()> {
    if !file.is_file() {
        return Ok(());
    }
    let shown = one_line(&file.display().to_string());
    if known_elsewhere::is_exported(pm, file) {
        return Ok(());
    }
    let options = ImportOptions {
        dry_run: true,
        ..ImportOptions::default()
    };
    let look = || match import(pm, ImportFrom::Path(Some(file)), &options) {
        Err(error) if error.reason() == Reason::ImportConflictMarkers => {
            Err(error.hint("`--force` overwrites it"))
        }
        found => Ok(unread(&found.unwrap_or_default())),
    };
    let mut found = look()?;
    // Another clone may have exported it.
    if found.is_some() && known_elsewhere::pull(pm) {
        found = look()?;
    }
    let Some(has) = found else {
        return Ok(());
    };
    let import = ["import", "beads", &*word(&shown)].join(" ");
    Err(Error::refused(format!(
        "{shown} has {has}, which an export would overwrite"
    ))
    .hint(Hint::from(format!(
        "`git pm {import}` reads it, and says why records are skipped"
    )))
    .hint("`--force` overwrites it; another file keeps it"))
}

/// What a file has that is not here.
fn unread(found: &ImportReport) -> Option<String> {
    let left = found.skipped.iter().filter(|one| !one.is_older());
    let name = |one: &Skipped| {
        let id = one.id.as_deref();
        id.map_or_else(|| "a line without id".into(), one_line)
    };
    let left: Vec<String> = left.map(name).collect();
    let new = found.created + found.updated + found.comments + found.memories;
    let is_of_beads = new + found.unchanged > 0 || found.skipped.iter().any(|one| one.id.is_some());
    match (new > 0, left.is_empty() || !is_of_beads) {
        (true, _) => Some("changes that no import has read".into()),
        (false, true) => None,
        (false, false) => Some(format!(
            "records that an import skips ({})",
            first_of(&left, NAMES_SHOWN)
        )),
    }
}
