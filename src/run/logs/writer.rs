//! Writes the log of a task while an agent works on it, in files of bounded size.
//!
//! When a file is full, a new one is begun and the oldest is removed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::LogLine;
use super::files::{FILE_MAX, FILES, LogFile, files_of};
use crate::error::{Error, Result};
use crate::model::stamp::rfc3339;
use crate::model::text::{escape_controls, shorten};
use crate::model::uid::Uid;
use crate::secret;
use crate::store::{fault, random};

/// The maximum length of a line, in characters.
const LINE_MAX: usize = 8_000;

/// Writer for the log of one task.
pub(in crate::run) struct LogWriter {
    folder: PathBuf,
    item: String,
    last: Last,
    /// The maximum size of a file, in bytes.
    file_max: u64,
    line: LogLine,
    /// Set between the first and last lines of a private key.
    in_key: bool,
    now: Box<dyn Fn() -> u64 + Send>,
}

/// The newest file of a log.
struct Last {
    part: u32,
    file: File,
    size: u64,
    /// Set while its last line is incomplete, because a write failed.
    is_torn: bool,
}

impl LogWriter {
    /// Begins or continues the log of a task.
    pub(in crate::run) fn open(
        folder: &Path,
        item: &Uid,
        line: LogLine,
        now: Box<dyn Fn() -> u64 + Send>,
    ) -> Result<LogWriter> {
        LogWriter::with_size(folder, item.as_str(), line, now, FILE_MAX)
    }

    /// As [`LogWriter::open`], with another maximum file size.
    pub(super) fn with_size(
        folder: &Path,
        item: &str,
        line: LogLine,
        now: Box<dyn Fn() -> u64 + Send>,
        file_max: u64,
    ) -> Result<LogWriter> {
        let fail = |error| {
            let what = format!("cannot write the log of a task in {}", folder.display());
            Error::unwritten(what, error)
        };
        let newest = files_of(folder, item).pop();
        let continued = match &newest {
            Some(newest) => Last::continued(folder, newest, file_max).map_err(fail)?,
            None => None,
        };
        let last = match continued {
            Some(last) => last,
            None => {
                let part = newest.map_or(1, |newest| newest.part.saturating_add(1));
                Last::begun(folder, item, part).map_err(fail)?
            }
        };
        drop_oldest(folder, item);
        Ok(LogWriter {
            folder: folder.to_path_buf(),
            item: item.to_string(),
            last,
            file_max,
            line,
            in_key: false,
            now,
        })
    }

    /// Writes a line, and returns its text as stored. A full disk loses the line, not the run.
    pub(in crate::run) fn write(&mut self, stream: &str, text: &str) -> &str {
        self.write_redacted(stream, &secret::redacted(text).0)
    }

    /// As [`LogWriter::write`], for text from which secrets have already been removed.
    pub(in crate::run) fn write_redacted(&mut self, stream: &str, text: &str) -> &str {
        let of_key = text.contains("PRIVATE KEY-----");
        let begins = of_key && text.contains("-----BEGIN ");
        let text = match self.in_key || begins {
            true => "[redacted: private-key]".to_string(),
            false => shorten(text, LINE_MAX),
        };
        self.in_key = begins || (self.in_key && !of_key);
        self.line.at = rfc3339((self.now)());
        self.line.stream = stream.to_string();
        self.line.text = escape_controls(&text);
        let Ok(mut bytes) = serde_json::to_vec(&self.line) else {
            return "";
        };
        bytes.push(b'\n');
        let is_full = self.last.size > 0 && self.last.size + bytes.len() as u64 > self.file_max;
        // If no new file can be created the line is lost, so that the log stays within its bounds.
        if !is_full || self.rotate().is_ok() {
            self.last.write(&bytes);
        }
        &self.line.text
    }

    /// Begins the next file, and removes the oldest. A process killed in between leaves one file
    /// too many, which the next writer removes.
    fn rotate(&mut self) -> io::Result<()> {
        self.last = Last::begun(&self.folder, &self.item, self.last.part.saturating_add(1))?;
        drop_oldest(&self.folder, &self.item);
        Ok(())
    }
}

impl Last {
    /// Creates a new file.
    fn begun(folder: &Path, item: &str, part: u32) -> io::Result<Last> {
        fault::point("log-begin")?;
        std::fs::create_dir_all(folder)?;
        let unique = random::name().map_err(io::Error::other)?;
        let path = folder.join(LogFile::new(item, part, &unique).name);
        let file = OpenOptions::new()
            .create_new(true)
            .append(true)
            .open(path)?;
        Ok(Last {
            part,
            file,
            size: 0,
            is_torn: false,
        })
    }

    /// The file that an earlier attempt or process wrote to; `None` if it is full.
    fn continued(folder: &Path, of: &LogFile, file_max: u64) -> io::Result<Option<Last>> {
        let path = folder.join(&of.name);
        let mut file = OpenOptions::new().read(true).append(true).open(path)?;
        let size = file.metadata()?.len();
        if size >= file_max {
            return Ok(None);
        }
        let mut end = [b'\n'];
        if size > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut end)?;
        }
        Ok(Some(Last {
            part: of.part,
            file,
            size,
            is_torn: end != [b'\n'],
        }))
    }

    /// Appends a line, after a newline if the previous one is incomplete.
    fn write(&mut self, line: &[u8]) {
        let written = match self.is_torn {
            true => self.file.write_all(b"\n"),
            false => Ok(()),
        };
        if written.and_then(|()| self.file.write_all(line)).is_ok() {
            self.size += line.len() as u64 + u64::from(self.is_torn);
            self.is_torn = false;
        } else {
            self.size = self.file.metadata().map_or(self.size, |meta| meta.len());
            self.is_torn = true;
        }
    }
}

/// Removes all but the newest [`FILES`] log files of a task.
fn drop_oldest(folder: &Path, item: &str) {
    let files = files_of(folder, item);
    let old = files.len().saturating_sub(FILES);
    for file in &files[..old] {
        if fault::point("log-drop").is_ok() {
            let _ = std::fs::remove_file(folder.join(&file.name));
        }
    }
}
