//! `export md`: a folder of Markdown files, in one of two layouts.

pub(in crate::bridge) mod ccpm_layout;
mod front_matter;
pub(in crate::bridge) mod learning_notes;
mod task_files;

use std::collections::BTreeMap;
use std::path::Path;

use super::{FolderReport, beside};
use crate::error::{Error, Result};
use crate::model::text::slug;
use crate::model::uid::Uid;
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
        self.pm.tell_damaged(&state);
        let mut files = Files::new();
        let left_out = match layout {
            Layout::Claude => ccpm_layout::files(&state, &mut files),
            Layout::Tasks => task_files::files(self.pm, &state, &mut files)?,
        };
        learning_notes::files(&state, &mut files);
        self.pm.require_harmless(folder, true)?;
        let folder = self.pm.store.env().cwd.join(folder);
        put(&folder, &files)?;
        Ok(FolderReport {
            folder: folder.display().to_string(),
            files: files.len(),
            left_out,
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
        self.pm.require_harmless(folder, true)?;
        let folder = self.pm.store.env().cwd.join(folder);
        put(&folder, &files)?;
        Ok(FolderReport {
            folder: folder.display().to_string(),
            files: files.len(),
            left_out: 0,
        })
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
fn put(folder: &Path, files: &Files) -> Result<()> {
    let shown = folder.display();
    let empty = match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) if folder.exists() => false,
        Err(_) => true,
    };
    if !empty {
        return Err(
            Error::refused(format!("cannot export to {shown}: the folder is not empty"))
                .because("export.not_empty")
                .about(shown.to_string())
                .hint("specify a new or empty folder"),
        );
    }
    let failed = |e: std::io::Error| Error::unwritten(format!("cannot write {shown}"), e);
    let temporary = beside(folder)?;
    let written = std::fs::create_dir(&temporary)
        .and_then(|()| {
            for (path, text) in files {
                let path = temporary.join(path);
                if let Some(above) = path.parent() {
                    std::fs::create_dir_all(above)?;
                }
                std::fs::write(path, text)?;
            }
            if folder.is_dir() {
                std::fs::remove_dir(folder)?;
            }
            std::fs::rename(&temporary, folder)
        })
        .map_err(failed);
    if written.is_err() {
        let _ = std::fs::remove_dir_all(&temporary);
    }
    written
}
