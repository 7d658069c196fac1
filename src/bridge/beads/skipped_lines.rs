//! The lines of files that an import skipped, in this clone only: an export does not overwrite them unasked.
//!
//! They are kept as hashes: a line may have what is masked here. Derived data: without it, an export replaces the file as
//! before.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::json_line::Line;
use super::past_exports::SIZE_MAX;
use super::past_imports::name_of;
use crate::bridge::conflict_markers;
use crate::bridge::transfer_report::ImportReport;
use crate::error::{Error, Hint, Result};
use crate::model::id::word;
use crate::model::limits::NAMES_SHOWN;
use crate::model::text::{first_of, one_line};
use crate::model::uid::sha256_hex;
use crate::pm::Pm;
use crate::store::fsck::local::EXPORTS;
use crate::store::shared_files::create_dir_all;
use crate::store::whole_file;

/// The file with the hashes of those of an imported one.
fn kept_in(pm: &Pm, file: &Path) -> PathBuf {
    let name = format!("{}.skipped", name_of(pm, file));
    pm.store.folder().join(EXPORTS).join(name)
}

/// Keeps the hashes of the lines of a file that its import skipped, unless what is here is newer, in place of those of
/// earlier ones.
pub fn keep(pm: &Pm, file: &Path, report: &ImportReport) {
    let copy = kept_in(pm, file);
    let left = report.skipped.iter().filter(|one| !one.is_older());
    let left: HashSet<usize> = left.map(|one| one.line).filter(|n| *n > 0).collect();
    let is_large = fs::metadata(file).is_ok_and(|found| found.len() > SIZE_MAX);
    let lines = File::open(file)
        .ok()
        .filter(|_| !left.is_empty() && !is_large);
    let Some(lines) = lines else {
        let _ = fs::remove_file(copy);
        return;
    };
    let lines = BufReader::new(lines)
        .lines()
        .map_while(std::result::Result::ok);
    let failed = |e| Error::unwritten("cannot keep what was skipped", e);
    let _ = copy.parent().map(create_dir_all);
    let _ = whole_file::replace(&copy, None, |out| {
        for line in lines
            .zip(1..)
            .filter_map(|(line, n)| left.contains(&n).then_some(line))
        {
            writeln!(out, "{}", sha256_hex(line.as_bytes())).map_err(failed)?;
        }
        Ok(())
    });
}

/// Refuses to overwrite a file that still has lines which its last import skipped, or conflict markers, with which it
/// cannot be imported.
///
/// # Errors
/// If it has.
pub fn require_none(pm: &Pm, file: &Path) -> Result<()> {
    if let Some(present) = File::open(file).ok().filter(|_| file.is_file()) {
        let shown = one_line(&file.display().to_string());
        conflict_markers::refuse(&shown, &mut BufReader::new(present))
            .map_err(|error| error.hint("`--force` overwrites it"))?;
    }
    let read = |path: &Path| {
        let file = File::open(path).ok().into_iter();
        file.flat_map(|file| {
            BufReader::new(file)
                .lines()
                .map_while(std::result::Result::ok)
        })
    };
    let left: HashSet<String> = read(&kept_in(pm, file)).collect();
    if left.is_empty() {
        return Ok(());
    }
    let still = read(file).filter(|line| left.contains(&sha256_hex(line.as_bytes())));
    let names = still.map(|line| {
        let id = Line::parse(&line).ok().and_then(|line| line.text("id"));
        id.map_or_else(|| "a line without id".into(), |id| one_line(&id))
    });
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        return Ok(());
    }
    let shown = one_line(&file.display().to_string());
    let said = format!(
        "{shown} has records that its last import skipped, and that an export would overwrite: {}",
        first_of(&names, NAMES_SHOWN)
    );
    let import = ["import", "beads", &*word(&shown)].join(" ");
    Err(Error::refused(said)
        .hint(Hint::from(format!(
            "`git pm {import}` says why each was skipped"
        )))
        .hint("`--force` overwrites them; another file keeps them"))
}
