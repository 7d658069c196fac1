//! The lines of an input, which are read as often as needed and are not kept in memory.

use std::cell::{RefCell, RefMut};
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use tempfile::{SpooledTempFile, spooled_tempfile_in};

use crate::bridge::conflict_markers;
use crate::bridge::project::files::larger_than;
use crate::error::{Error, Result};

/// The size up to which the copy is in memory; that of a larger input is a file without a name.
const SMALL: usize = 4 * 1024 * 1024;

/// A copy of an input: it may be a pipe, or a file that others write meanwhile.
pub struct Lines {
    /// The name of the input.
    pub shown: String,
    /// Its size in bytes.
    pub size: u64,
    /// Where the lines begin that only the other side of a merge has.
    pub theirs_at: Option<u64>,
    copy: RefCell<BufReader<SpooledTempFile>>,
}

impl Lines {
    /// Copies at most `limit` bytes, into a file below `folder` if these are many.
    pub fn copy(shown: &str, from: &mut dyn Read, limit: u64, folder: &Path) -> Result<Lines> {
        let fail = |e| Error::io(format!("cannot read {shown}"), e);
        let mut copy = spooled_tempfile_in(SMALL, folder);
        let size = io::copy(&mut from.take(limit + 1), &mut copy).map_err(fail)?;
        if size > limit {
            return Err(larger_than(shown, limit));
        }
        let mut copy = BufReader::with_capacity(64 * 1024, copy);
        copy.rewind().map_err(fail)?;
        conflict_markers::refuse(shown, &mut copy)?;
        Ok(Lines {
            shown: shown.to_string(),
            size,
            theirs_at: None,
            copy: RefCell::new(copy),
        })
    }

    /// Starts to read them, from the first one.
    pub fn read(&self) -> Result<Reading<'_>> {
        let mut copy = self.copy.borrow_mut();
        let done = copy.rewind();
        done.map_err(|e| Error::io(format!("cannot read {}", self.shown), e))?;
        Ok(Reading {
            of: self,
            copy,
            at: 0,
            line: Vec::new(),
        })
    }
}

/// A walk through the lines.
pub struct Reading<'l> {
    of: &'l Lines,
    copy: RefMut<'l, BufReader<SpooledTempFile>>,
    at: u64,
    line: Vec<u8>,
}

impl Reading<'_> {
    fn fail(&self, error: io::Error) -> Error {
        Error::io(format!("cannot read {}", self.of.shown), error)
    }

    /// The next line with its place and its line end; `None` at the end.
    pub fn line(&mut self) -> Result<Option<(u64, &[u8])>> {
        self.line.clear();
        let read = self.copy.read_until(b'\n', &mut self.line);
        let (at, read) = (self.at, read.map_err(|e| self.fail(e))?);
        self.at += read as u64;
        Ok((read > 0).then_some((at, self.line.as_slice())))
    }

    /// All that follows.
    pub fn rest(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = self.copy.read_to_end(&mut bytes);
        read.map_err(|e| self.fail(e)).map(|_| bytes)
    }

    /// The text at a place that is not before the present one.
    pub fn text(&mut self, (at, length): (u64, usize)) -> Result<&str> {
        self.line.resize(length, 0);
        let skipped = i64::try_from(at.saturating_sub(self.at)).unwrap_or(i64::MAX);
        let read = self.copy.seek_relative(skipped);
        let read = read.and_then(|()| self.copy.read_exact(&mut self.line));
        self.at = at + length as u64;
        let text = std::str::from_utf8(&self.line).map_err(io::Error::other);
        read.and(text).map_err(|e| self.fail(e))
    }
}
