//! `export md`: a folder of Markdown files, in one of two layouts.

pub(in crate::bridge) mod ccpm_layout;
mod front_matter;
pub(in crate::bridge) mod learning_notes;
mod task_files;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::FolderReport;
use crate::coordinate::harmless_place;
use crate::coordinate::here;
use crate::error::{Error, Reason, Result};
use crate::model::text::slug;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::{Learnings, Trackers};

/// The layout of the files of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `.claude/prds`, `.claude/epics/<name>/`: can be read by `git pm import ccpm`.
    Claude,
    /// `tasks/T-0001.md`, `epics/E-0001.md` and so on, a file for each item.
    Tasks,
}

/// The layout of the notes of learnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteLayout {
    /// `learnings/patterns`, `learnings/gotchas` and `learnings/decisions`.
    ByType,
    /// All in one folder, with wikilinks below the text.
    Zettel,
}

/// The greatest length of a name made from a title, in characters.
const SLUG_MAX: usize = 50;

pub(in crate::bridge) type Files = BTreeMap<String, String>;

impl Trackers<'_> {
    /// Writes all items, learnings and agents as Markdown files to a new or empty folder.
    ///
    /// # Errors
    /// When the folder is not empty or cannot be written, or the state cannot be read.
    pub fn export_md(&self, folder: &Path, layout: Layout) -> Result<FolderReport> {
        let state = self.pm.store.snapshot()?;
        here::tell_damaged(self.pm, &state);
        here::tell_unsettled(self.pm, &state);
        let mut files = Files::new();
        let (left_out, left_out_fields) = match layout {
            Layout::Claude => ccpm_layout::files(&state, &mut files),
            Layout::Tasks => {
                task_files::files(self.pm, &state, &mut files)?;
                Default::default()
            }
        };
        learning_notes::files(&state, &mut files);
        Ok(FolderReport {
            left_out,
            left_out_fields,
            ..put(self.pm, folder, &files)?
        })
    }
}

impl Learnings<'_> {
    /// Writes all learnings as notes to a new or empty folder.
    ///
    /// # Errors
    /// When the folder is not empty or cannot be written, or the state cannot be read.
    pub fn export(&self, folder: &Path, layout: NoteLayout) -> Result<FolderReport> {
        let state = self.pm.store.snapshot()?;
        let mut files = Files::new();
        match layout {
            NoteLayout::ByType => learning_notes::learnings(state.learning_docs(), &mut files),
            NoteLayout::Zettel => learning_notes::zettel(state.learning_docs(), &mut files),
        }
        put(self.pm, folder, &files)
    }
}

/// A file name from a title; of two equal ones, the later has a suffix of its uid.
fn unique_slug(title: &str, uid: &Uid, mut take: impl FnMut(&str) -> bool) -> String {
    let name = slug(title, SLUG_MAX);
    if !name.is_empty() && take(&name) {
        return name;
    }
    let name = format!("{name}-{}", uid.suffix(8));
    name.trim_start_matches('-').to_string()
}

/// Writes the files to a temporary folder and renames it when it is complete.
fn put(pm: &Pm, folder: &Path, files: &Files) -> Result<FolderReport> {
    harmless_place::require_harmless(pm, folder, true)?;
    let folder = pm.store.env().cwd.join(folder);
    let shown = folder.display().to_string();
    let (Some(name), Some(above)) = (folder.file_name(), folder.parent()) else {
        return Err(
            Error::usage(format!("{shown} is not a file name")).hint("specify a file or folder")
        );
    };
    let empty = match std::fs::read_dir(&folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !folder.exists(),
    };
    if !empty {
        return Err(
            Error::refused(format!("cannot export to {shown}: the folder is not empty"))
                .because(Reason::ExportNotEmpty)
                .about(shown)
                .hint("specify a new or empty folder"),
        );
    }
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let mut beside = tempfile::Builder::new();
    beside.prefix(&prefix).suffix(".tmp");
    beside.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let written = beside.tempdir_in(above).and_then(|temporary| {
        for (path, text) in files {
            let path = temporary.path().join(path);
            if let Some(above) = path.parent() {
                std::fs::create_dir_all(above)?;
            }
            std::fs::write(path, text)?;
        }
        if folder.is_dir() {
            std::fs::remove_dir(&folder)?;
        }
        std::fs::rename(temporary.path(), &folder)
    });
    written.map_err(|error| Error::unwritten(format!("cannot write {shown}"), error))?;
    let folders = files.keys().filter_map(|path| path.split_once('/'));
    let folders: BTreeSet<&str> = folders.map(|(folder, _)| folder).collect();
    Ok(FolderReport {
        folder: shown,
        files: files.len(),
        folders: folders.into_iter().map(str::to_string).collect(),
        ..FolderReport::default()
    })
}
