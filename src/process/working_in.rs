//! The processes whose working directory is in a folder: who else works in a worktree.

use std::path::Path;

use super::Process;
use super::table::{Entry, Table, system};

impl From<&Entry> for Process {
    fn from(entry: &Entry) -> Self {
        Process {
            pid: entry.id.pid,
            started: entry.id.started,
            name: crate::model::text::escape_controls(&entry.name),
        }
    }
}

/// The processes whose working directory is in a folder, an absolute path without links: of the
/// user's own where the system tells (Linux). Without this process; `with_callers` also lists its
/// ancestors and those of its process group, such as the other programs of a pipeline.
pub fn working_in(folder: &Path, with_callers: bool) -> Vec<Process> {
    let (table, own) = (Table::read(), std::process::id());
    let callers = table.line_of(own);
    let group = table.entry(own).map_or(own, |entry| entry.group);
    let is_caller = |entry: &Entry| callers.contains(&entry.id.pid) || entry.group == group;
    let is_inside = |pid| system::dir(pid).is_some_and(|dir| dir.starts_with(folder));
    let found = table
        .entries()
        .filter(|entry| entry.id.pid != own && (with_callers || !is_caller(entry)))
        .filter(|entry| !entry.is_dead && is_inside(entry.id.pid));
    found.map(Process::from).collect()
}
