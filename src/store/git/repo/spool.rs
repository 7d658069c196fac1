//! New objects for one pack: compressed as they are made, in a file without a name.
//!
//! So a write of a hundred thousand documents holds only a few megabytes of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use gix::objs::Kind;
use gix::odb::pack::data::Entry as PackEntry;

use super::write_pack::{self, Entry, Object};
use super::{Oid, state_error};
use crate::error::Result;
use crate::fault::point;
use crate::lock::unwritable;

/// The number of bytes of objects that are compressed together, on all processors.
const WAITING_MAX: usize = 4 * 1024 * 1024;

/// Blobs that are written but in no pack yet. They are dropped with their write.
#[derive(Debug, Default)]
pub(super) struct Spool(RefCell<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The place of each: in `entries`, and after these in `waiting`.
    places: HashMap<Oid, usize>,
    waiting: Vec<(Oid, Vec<u8>)>,
    waiting_bytes: usize,
    file: Option<File>,
    /// Each within the file.
    entries: Vec<Entry>,
    length: u64,
}

impl Spool {
    /// Adds a blob, only once.
    pub(super) fn add(&self, folder: &Path, hash: gix::hash::Kind, bytes: &[u8]) -> Result<Oid> {
        let id = gix::objs::compute_hash(hash, Kind::Blob, bytes);
        let id = id.map_err(|e| state_error("cannot write a blob", e))?;
        let mut inner = self.0.borrow_mut();
        let next = inner.entries.len() + inner.waiting.len();
        if inner.places.contains_key(&id) {
            return Ok(id);
        }
        inner.places.insert(id, next);
        inner.waiting.push((id, bytes.to_vec()));
        inner.waiting_bytes += bytes.len();
        if inner.waiting_bytes >= WAITING_MAX {
            inner.drain(folder)?;
        }
        Ok(id)
    }

    /// The number of blobs.
    pub(super) fn len(&self) -> usize {
        self.0.borrow().places.len()
    }

    /// The bytes of a blob; `None` if it is not one of these.
    pub(super) fn read(&self, id: Oid) -> Result<Option<Vec<u8>>> {
        let mut inner = self.0.borrow_mut();
        let Some(&place) = inner.places.get(&id) else {
            return Ok(None);
        };
        if let Some((_, bytes)) = place
            .checked_sub(inner.entries.len())
            .and_then(|at| inner.waiting.get(at))
        {
            return Ok(Some(bytes.clone()));
        }
        let begin = inner.entries[place].offset;
        let next = inner.entries.get(place + 1).map(|entry| entry.offset);
        let end = next.unwrap_or(inner.length);
        inner
            .entry(begin, end)
            .map(Some)
            .map_err(|e| state_error(format!("cannot read object {id}"), e))
    }

    /// All of them in the file, ready to be copied into a pack.
    pub(super) fn finish(&self, folder: &Path) -> Result<Option<Spooled>> {
        let mut inner = std::mem::take(&mut *self.0.borrow_mut());
        inner.drain(folder)?;
        Ok(inner.file.map(|file| Spooled {
            file,
            entries: inner.entries,
        }))
    }
}

impl Inner {
    fn drain(&mut self, folder: &Path) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let objects: Vec<Object<'_>> = waiting
            .iter()
            .map(|(id, bytes)| (*id, Kind::Blob, bytes.as_slice()))
            .collect();
        for part in write_pack::compress(&objects)? {
            self.append(folder, &part.bytes)
                .map_err(unwritable(folder))?;
            let begin = self.length;
            let entries = part.entries.iter();
            self.entries
                .extend(entries.map(|entry| entry.behind(begin)));
            self.length += part.bytes.len() as u64;
        }
        Ok(())
    }

    fn append(&mut self, folder: &Path, bytes: &[u8]) -> std::io::Result<()> {
        point("pack-spool")?;
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(write_pack::unnamed(folder)?),
        };
        file.seek(SeekFrom::End(0))?;
        file.write_all(bytes)
    }

    /// The blob whose entry is there in the file.
    fn entry(&mut self, begin: u64, end: u64) -> std::io::Result<Vec<u8>> {
        let wrong = || std::io::Error::other("the file does not contain it");
        let file = self.file.as_mut().ok_or_else(wrong)?;
        let mut entry = vec![0; usize::try_from(end - begin).map_err(|_| wrong())?];
        file.seek(SeekFrom::Start(begin))?;
        file.read_exact(&mut entry)?;
        // It is a blob, not a delta: the kind of hash does not matter.
        let header =
            PackEntry::from_bytes(&entry, 0, gix::hash::Kind::Sha1).map_err(|_| wrong())?;
        let (size, from) = (header.decompressed_size as usize, header.header_size());
        let mut bytes = vec![0; size];
        let done = gix::zlib::Inflate::default().once(&entry[from..], &mut bytes);
        match done {
            Ok((_, _, written)) if written == size => Ok(bytes),
            _ => Err(wrong()),
        }
    }
}

/// Blobs that wait in a file.
pub(super) struct Spooled {
    file: File,
    /// Each within the file.
    pub(super) entries: Vec<Entry>,
}

impl Spooled {
    /// Writes the whole file to `out`.
    pub(super) fn copy_to(&self, out: &mut impl Write) -> std::io::Result<u64> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        std::io::copy(&mut BufReader::with_capacity(256 * 1024, file), out)
    }
}
