//! The JSON document on standard output: exactly one in each run.

use std::io::Write;

use git_pm::Error;
use git_pm::error::Failed;
use git_pm::text::escape_json;
use serde::Serialize;

use super::stdout;
use crate::failure::Failure;

/// The version of the documents' shape.
pub const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Answer<'a, T: ?Sized> {
    schema_version: u32,
    data: &'a T,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notices: &'a [String],
}

#[derive(Serialize)]
struct Refusal<'a> {
    schema_version: u32,
    error: Failed<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notices: &'a [String],
}

/// Writes an answer, with the notices that text output prints to standard error.
pub fn write<T: Serialize + ?Sized>(data: &T, notices: &[String]) -> Result<(), Failure> {
    line(&Answer {
        schema_version: SCHEMA_VERSION,
        data,
        notices,
    })
}

/// A value as JSON.
pub fn text<T: Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    let plain = serde_json::to_string(value).map_err(std::io::Error::from)?;
    Ok(escape_json(plain))
}

/// A document whose `data.items` are written one by one, so that a long list is never in memory as
/// a whole.
#[derive(Default)]
pub struct Items {
    begun: bool,
}

impl Items {
    /// Writes an item that [`text`] returned.
    pub fn put(&mut self, item: &str, out: &mut impl Write) -> Result<(), Failure> {
        match self.begun {
            true => out.write_all(b",")?,
            false => write!(
                out,
                "{{\"schema_version\":{SCHEMA_VERSION},\"data\":{{\"items\":["
            )?,
        }
        self.begun = true;
        out.write_all(item.as_bytes())?;
        Ok(())
    }

    /// Writes the end of the document, with notices as [`write`] does; `more` is true if a limit left
    /// items out.
    pub fn close(self, more: bool, notices: &[String]) -> Result<(), Failure> {
        if !self.begun {
            return write(&serde_json::json!({ "items": [] }), notices);
        }
        let more = if more { ",\"more\":true" } else { "" };
        stdout::write_raw(&match notices.is_empty() {
            true => format!("]{more}}}}}\n"),
            false => format!("]{more}}},\"notices\":{}}}\n", text(notices)?),
        })
    }
}

/// Writes an error, with notices as [`write`] does.
pub fn write_error(error: &Error, notices: &[String]) -> Result<(), Failure> {
    line(&Refusal {
        schema_version: SCHEMA_VERSION,
        error: error.into(),
        notices,
    })
}

fn line<T: Serialize>(document: &T) -> Result<(), Failure> {
    stdout::write_raw(&(text(document)? + "\n"))
}
