//! Reads the lines of a run's logs, in the order they were written, from its files and its ref.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::LogLine;
use super::files::{FILE_MAX, FILES, LogFile, files_in};
use super::log_ref::{self, Kept};
use crate::error::Result;
use crate::model::text::escape_controls;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::git::repo::Oid;

/// The read position in a run's logs.
pub(super) struct LogReader {
    run: Uid,
    folder: PathBuf,
    /// The bytes read from each file, by name, which is the same in the folder and in the ref.
    read: BTreeMap<String, u64>,
    /// The last file from which anything was read, by place and item.
    last: BTreeMap<(String, String), LogFile>,
    /// The commit of the ref that was last read.
    kept: Option<Oid>,
}

impl LogReader {
    pub(super) fn new(run: &Uid, folder: PathBuf) -> LogReader {
        LogReader {
            run: run.clone(),
            folder,
            read: BTreeMap::new(),
            last: BTreeMap::new(),
            kept: None,
        }
    }

    /// The wanted lines written since the last call.
    pub(super) fn more(
        &mut self,
        pm: &Pm,
        wanted: &dyn Fn(&LogLine) -> bool,
    ) -> Result<Vec<LogLine>> {
        // Listed before the ref is read: it has the content of files that are already gone by then.
        let files = files_in(&self.folder);
        let mut found = Vec::new();
        let tip = pm.store.repo().ref_target(&log_ref::log_ref(&self.run))?;
        if let Some(tip) = tip.filter(|tip| self.kept != Some(*tip)) {
            for Kept { at, file, blob } in log_ref::kept(pm, tip)? {
                let from = self.read_of(&file);
                let text = log_ref::content(pm, blob)?;
                let new = text.get(from as usize..).unwrap_or_default();
                let lines = self.take((&at, &file), from, new, false);
                found.extend(lines.into_iter().filter(wanted));
            }
            self.kept = Some(tip);
        }
        found.extend(self.more_of(&files, wanted));
        Ok(found)
    }

    /// As [`LogReader::more`], for the files that were in the folder a moment ago.
    pub(super) fn more_of(
        &mut self,
        files: &[LogFile],
        wanted: &dyn Fn(&LogLine) -> bool,
    ) -> Vec<LogLine> {
        let mut found = Vec::new();
        for file in files {
            let from = self.read_of(file);
            // It has been dropped or moved to the ref: the files after it have to wait for it.
            let Some(new) = rest(&self.folder.join(&file.name), from) else {
                break;
            };
            let last = self.last.get(&(String::new(), file.item.clone()));
            // A file that is being moved into the ref does not count as dropped.
            let newest = files.iter().rfind(|other| other.item == file.item);
            let newest = newest.map_or(0, |newest| newest.part as usize);
            let is_gone = last
                .is_some_and(|last| last.part as usize + FILES <= newest && !files.contains(last));
            let lines = self.take(("", file), from, &new, is_gone);
            found.extend(lines.into_iter().filter(wanted));
        }
        found
    }

    fn read_of(&self, file: &LogFile) -> u64 {
        self.read.get(&file.name).copied().unwrap_or_default()
    }

    /// The complete lines of a file after a position. `is_gone` is set if the previous file was
    /// dropped, perhaps before all of it was read.
    fn take(
        &mut self,
        (place, file): (&str, &LogFile),
        from: u64,
        new: &[u8],
        is_gone: bool,
    ) -> Vec<LogLine> {
        let whole = new.iter().rposition(|byte| *byte == b'\n');
        let whole = whole.map_or(0, |end| end + 1);
        self.read.insert(file.name.clone(), from + whole as u64);
        let parsed = new[..whole].split(|byte| *byte == b'\n');
        let parsed = parsed.filter_map(|line| serde_json::from_slice::<LogLine>(line).ok());
        // The lines may have been fetched.
        let mut lines: Vec<LogLine> = parsed.map(without_controls).collect();
        if from == 0 && lines.is_empty() {
            return lines;
        }
        let key = (place.to_string(), file.item.clone());
        let last = self.last.insert(key, file.clone());
        let next = last.map_or(1, |last| last.part.saturating_add(1));
        if from == 0 && (file.part > next || is_gone && file.part > 1) {
            let notice = dropped(&lines[0]);
            lines.insert(0, notice);
        }
        lines
    }
}

fn without_controls(line: LogLine) -> LogLine {
    LogLine {
        at: escape_controls(&line.at),
        run: escape_controls(&line.run),
        task: escape_controls(&line.task),
        agent: escape_controls(&line.agent),
        stream: escape_controls(&line.stream),
        text: escape_controls(&line.text),
        ..line
    }
}

/// The line that stands in for dropped output.
fn dropped(first: &LogLine) -> LogLine {
    LogLine {
        stream: "run".into(),
        text: format!(
            "earlier output was dropped: only the last {FILES} files of {} MiB each are kept per \
             task",
            FILE_MAX >> 20
        ),
        ..first.clone()
    }
}

/// The content of a file after a position; `None` if there is no such file.
fn rest(path: &Path, from: u64) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?;
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from)).ok()?;
    file.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
