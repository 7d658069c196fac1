//! The files of a run's logs: their names and the order in which they were written.

use std::path::Path;

/// The maximum size of a log file, in bytes.
pub(super) const FILE_MAX: u64 = 10 << 20;

/// The number of files kept per task; older ones are removed.
pub(super) const FILES: usize = 5;

/// A log file of a task, as its name describes it: `ITEM.PART.UNIQUE.jsonl`. Files are never
/// renamed, so a reader knows by the name how much of a file it has read, even after the file was
/// moved into the run's ref.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LogFile {
    /// The uid of the item.
    pub item: String,
    /// The part's number, from 1 within one folder; parts before the first present were dropped.
    pub part: u32,
    /// The whole name.
    pub name: String,
}

impl LogFile {
    pub(super) fn new(item: &str, part: u32, unique: &str) -> LogFile {
        LogFile {
            item: item.to_string(),
            part,
            name: format!("{item}.{part}.{unique}.jsonl"),
        }
    }

    /// The file with this name; a name of another form is its item's only file.
    pub(super) fn named(name: &str) -> LogFile {
        let words: Vec<&str> = name.split('.').collect();
        let (item, part) = match words[..] {
            [item, part, _, "jsonl"] => (item, part.parse().unwrap_or(1)),
            _ => (name, 1),
        };
        LogFile {
            item: item.to_string(),
            part,
            name: name.to_string(),
        }
    }
}

/// The log files in a folder, by task, oldest first within each task.
pub(super) fn files_in(folder: &Path) -> Vec<LogFile> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let names = names.filter(|name| name.contains(".jsonl"));
    let mut files: Vec<LogFile> = names.map(|name| LogFile::named(&name)).collect();
    files.sort();
    files
}

/// The log files of one task in a folder, oldest first.
pub(super) fn files_of(folder: &Path, item: &str) -> Vec<LogFile> {
    let files = files_in(folder).into_iter();
    files.filter(|file| file.item == item).collect()
}
