//! New loose objects, written as git writes them.
//!
//! That is a temporary file with a name of git's in the object's folder, which `git prune` removes if
//! it is left behind, renamed once it is complete. An object that fits into one disk block is stored
//! uncompressed, as with `core.looseCompression=0`: compression would save no space, and costs more
//! than everything else. Packs compress it.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use gix::objs::Kind;
use gix::zlib::Compression;
use gix::zlib::stream::deflate::Compress;

use super::deflate::{append, store};
use super::{Oid, object_file};
use crate::random;
use crate::shared_files;

/// The number of attempts to write an object whose folder or temporary file was removed meanwhile.
const ATTEMPTS: u32 = 5;

/// Objects below this many bytes are stored without compression.
const BLOCK: usize = 4_000;

/// Writes objects below a folder.
pub(super) struct Writer {
    folder: PathBuf,
    /// Created for the first object that needs it, and shared by all: it is expensive to set up.
    deflate: Option<Compress>,
    bytes: Vec<u8>,
    /// The part of the names of its temporary files that distinguishes them from others.
    name: String,
    count: u32,
}

impl Writer {
    /// A writer of objects below `folder`.
    pub(super) fn new(folder: &Path) -> crate::error::Result<Writer> {
        Ok(Writer {
            folder: folder.to_path_buf(),
            deflate: None,
            bytes: Vec::new(),
            name: random::name()?,
            count: 0,
        })
    }

    /// The file of an object.
    pub(super) fn path(&self, id: &Oid) -> PathBuf {
        object_file(&self.folder, *id)
    }

    /// Writes one object.
    pub(super) fn write(&mut self, id: &Oid, kind: Kind, data: &[u8]) -> std::io::Result<()> {
        self.bytes.clear();
        let header = gix::objs::encode::loose_header(kind, data.len() as u64);
        if data.len() < BLOCK {
            store(&[&header, data], &mut self.bytes);
        } else {
            let new = || Compress::new(Compression::BEST_SPEED);
            let deflate = self.deflate.get_or_insert_with(new);
            deflate.reset();
            append(deflate, &header, false, &mut self.bytes)?;
            append(deflate, data, true, &mut self.bytes)?;
        }
        let path = self.path(id);
        let folder = path.parent().unwrap_or(&self.folder).to_path_buf();
        self.count += 1;
        let temporary = folder.join(format!("tmp_obj_{}{}", self.name, self.count));
        for attempt in 1.. {
            match self.place(&temporary, &path) {
                // The folder does not exist yet, or was just removed as empty; or a `git prune
                // --expire=now` removed the temporary file as a leftover.
                Err(e) if e.kind() == ErrorKind::NotFound && attempt < ATTEMPTS => {
                    shared_files::create_dir_all(&folder)?;
                }
                done => return done,
            }
        }
        unreachable!("the last attempt returns")
    }

    fn place(&self, temporary: &Path, path: &Path) -> std::io::Result<()> {
        let written = create(temporary)?.write_all(&self.bytes);
        shared_files::share(temporary);
        let placed = written.and_then(|()| std::fs::rename(temporary, path));
        if placed.is_err() {
            let _ = std::fs::remove_file(temporary);
        }
        placed
    }
}

/// A new read-only file, as git creates those of objects.
fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o444);
    options.open(path)
}
