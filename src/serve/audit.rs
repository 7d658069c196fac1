//! The audit log: which requests are recorded, and what of them.
//!
//! A line of JSON for each request that changes something or was refused, with the actor and the id
//! of the request, below the git directory. A full file is rotated once, so that there are at most
//! two. Bodies, headers and queries are never written.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::limits;
use crate::model::text::escape_json;

/// A request in the audit log.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    /// RFC 3339.
    pub at: String,
    /// The request id, as in the response.
    pub request: &'a str,
    pub actor: Option<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    pub agent: bool,
    pub method: &'a str,
    pub path: &'a str,
    pub status: u16,
    pub ms: u64,
    /// The reason of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    /// The idempotency key, if the client sent one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<&'a str>,
    /// The commit of the state after a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// The audit log of a clone; several servers may write to it.
pub(super) struct Audit {
    path: PathBuf,
    file: Mutex<Option<File>>,
}

impl Audit {
    /// The log in a folder of git pm's own files.
    pub fn new(folder: &Path) -> Audit {
        Audit::named(folder, "serve-audit.jsonl")
    }

    /// Another log of this form.
    pub fn named(folder: &Path, name: &str) -> Audit {
        Audit {
            path: folder.join(name),
            file: Mutex::new(None),
        }
    }

    /// Adds a line.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, line: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(line).map_err(io::Error::other)?;
        let text = escape_json(text) + "\n";
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |file: &File| {
            file.metadata()
                .map(|data| data.len() >= limits::AUDIT_FILE_MAX)
                .unwrap_or(true)
        };
        if file.as_ref().is_none_or(is_full) {
            *file = Some(self.open()?);
        }
        match file.as_mut() {
            // A single write in append mode: lines of several servers do not interleave.
            Some(file) => file.write_all(text.as_bytes()),
            None => Ok(()),
        }
    }

    fn open(&self) -> io::Result<File> {
        if self
            .path
            .metadata()
            .is_ok_and(|data| data.len() >= limits::AUDIT_FILE_MAX)
        {
            std::fs::rename(&self.path, self.path.with_extension("jsonl.1"))?;
        }
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SE-12: a line for each request, in at most two files.
    #[test]
    fn se_12_a_full_file_becomes_the_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let audit = Audit::new(folder.path());
        let line = |path: &str| {
            let line = Line {
                at: "2026-01-01T00:00:00Z".into(),
                request: "r1",
                actor: Some("Ana\u{9b}"),
                agent: false,
                method: "POST",
                path,
                status: 200,
                ms: 3,
                reason: None,
                idempotency_key: None,
                commit: None,
            };
            audit.write(&line).unwrap();
        };
        line("/a");
        let path = folder.path().join("serve-audit.jsonl");
        let text = std::fs::read_to_string(&path).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["path"], "/a");
        assert!(!text.contains('\u{9b}'), "{text:?}");
        let full = OpenOptions::new().write(true).open(&path).unwrap();
        full.set_len(limits::AUDIT_FILE_MAX).unwrap();
        line("/b");
        let older = folder.path().join("serve-audit.jsonl.1");
        assert_eq!(older.metadata().unwrap().len(), limits::AUDIT_FILE_MAX);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
    }
}
