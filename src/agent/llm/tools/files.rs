//! Reading and changing files.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::Path;

use super::{Arguments, Outcome, Tools, Used};
use crate::agent::llm::limits;
use crate::agent::llm::limits::FILE_READ_MAX;
use crate::agent::llm::redaction::MARK;
use crate::model::text::{excerpt, head};
use crate::secret;

impl Tools {
    pub(super) fn read_file(&self, arguments: &Arguments<'_>) -> Outcome {
        let path = self
            .place
            .existing(arguments.text("path")?)
            .map_err(Used::Failed)?;
        let mut text = self.content(&path)?;
        if self.redacts {
            text = secret::redacted_lines(&text);
        }
        let first = arguments.number("first_line")?.unwrap_or(1).max(1);
        let wanted = arguments.number("lines")?.unwrap_or(u64::MAX);
        let all = text.split_inclusive('\n').count() as u64;
        let skipped = usize::try_from(first - 1).unwrap_or(usize::MAX);
        let mut shown = String::new();
        let mut last = first - 1;
        for line in text.split_inclusive('\n').skip(skipped) {
            if last + 1 - first >= wanted {
                break;
            }
            if shown.len() + line.len() > self.result_max {
                if shown.is_empty() {
                    // A single line that is too long.
                    shown.push_str(head(line, self.result_max));
                    shown.push_str("[rest of the line omitted]\n");
                    last += 1;
                }
                break;
            }
            shown.push_str(line);
            last += 1;
        }
        if first == 1 && last == all {
            return Ok(Used::Done(shown, false));
        }
        if !shown.ends_with('\n') {
            shown.push('\n');
        }
        let note = match last < first {
            true => format!("[the file has {all} lines]"),
            false => format!("[lines {first} to {last} of {all}; continue with first_line]"),
        };
        Ok(Used::Done(format!("{shown}{note}"), false))
    }

    pub(super) fn edit_file(&self, arguments: &Arguments<'_>) -> Outcome {
        let fail = |text: &str| Err(Used::Failed(text.to_string()));
        let path = self
            .place
            .existing(arguments.text("path")?)
            .map_err(Used::Failed)?;
        let (old, new) = (arguments.text("old")?, arguments.text("new")?);
        let text = self.content(&path)?;
        if old.is_empty() {
            return fail("`old` is empty; write_file writes a whole file");
        }
        if old == new {
            return fail("`old` and `new` are the same");
        }
        let count = text.matches(old).count();
        match count {
            0 if old.contains(MARK) => {
                return fail(
                    "`old` is not in the file: where you read `[redacted: …]`, the file has \
                     different \
                     text. Choose a passage without it.",
                );
            }
            0 => {
                return fail(
                    "`old` is not in the file. Read the file again: the passage has to be exact, white \
                     space included.",
                );
            }
            1 => {}
            _ if arguments.flag("all") => {}
            _ => {
                return fail(&format!(
                    "`old` occurs {count} times in the file. Include more of the surrounding \
                     text, or set `all`."
                ));
            }
        }
        if new.contains(MARK) && !old.contains(MARK) {
            return fail(NO_MARKS);
        }
        let grown = count.saturating_mul(new.len()).saturating_add(text.len());
        if grown > limits::FILE_WRITTEN_MAX {
            return fail("The file would become too large.");
        }
        self.write(&path, &text.replace(old, new))?;
        Ok(Used::Done(
            match count {
                1 => "replaced once".to_string(),
                _ => format!("replaced {count} times"),
            },
            true,
        ))
    }

    pub(super) fn write_file(&self, arguments: &Arguments<'_>) -> Outcome {
        let path = self
            .place
            .to_write(arguments.text("path")?)
            .map_err(Used::Failed)?;
        let new = arguments.text("content")?;
        let old = match path.is_file() {
            true => self.content(&path).ok(),
            false => None,
        };
        if new.contains(MARK) && !old.as_deref().is_some_and(|old| old.contains(MARK)) {
            return Err(Used::Failed(NO_MARKS.into()));
        }
        if old.as_deref() == Some(new) {
            return Ok(Used::Done(
                "the file has this content already".into(),
                false,
            ));
        }
        self.write(&path, new)?;
        Ok(Used::Done(format!("wrote {} bytes", new.len()), true))
    }

    /// The content of a text file.
    fn content(&self, path: &Path) -> Result<String, Used> {
        let shown = excerpt(&path.display().to_string(), 200);
        let fail = |what: String| Used::Failed(format!("{shown} {what}"));
        let unread = |error: io::Error| match error.kind() {
            ErrorKind::IsADirectory => fail("is a folder; use list_files".into()),
            _ => fail(format!("cannot be read: {error}")),
        };
        let file = self.place.open(path, false).map_err(unread)?;
        let mut bytes = Vec::new();
        let read = file.take(FILE_READ_MAX + 1).read_to_end(&mut bytes);
        if read.map_err(unread)? as u64 > FILE_READ_MAX {
            return Err(fail(format!(
                "is too large: more than {FILE_READ_MAX} bytes"
            )));
        }
        String::from_utf8(bytes).map_err(|_| fail("is not UTF-8 text".into()))
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), Used> {
        let written = self.place.open(path, true).and_then(|mut file| {
            file.set_len(0)?;
            file.write_all(text.as_bytes())
        });
        written.map_err(|error| {
            let shown = excerpt(&path.display().to_string(), 200);
            Used::Failed(format!("{shown} cannot be written: {error}"))
        })
    }
}

/// The refusal to write a text with a redaction mark.
const NO_MARKS: &str = "`[redacted: …]` stands for text that was not shown to you, and writing it \
                        would \
                        replace that text. Change the file in smaller parts with edit_file.";
