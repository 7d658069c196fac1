//! Many new objects as one pack with its index, written in process.
//!
//! Thousands of loose files would cost more than everything else in a large write.
//!
//! A concurrent `git gc` must not drop objects that no ref reaches yet. Git never drops a pack that
//! has a `.keep` file, so ours has one, from before the pack until after the swap. The file is
//! locked while its process lives: that identifies the files of killed processes, and the next
//! process that writes a pack or syncs removes them. Until a pack has its name there are only
//! temporary files, named as git's own, which `git gc` removes.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use gix::objs::Kind;
use gix::odb::pack::data::entry::Header;
use gix::zlib::Compression;
use gix::zlib::stream::deflate::Compress;

use super::deflate::append;
use super::spool::Spooled;
use super::{Oid, state_error};
use crate::error::{Error, Result};
use crate::fault::point;
use crate::shared_files::{self, share};

/// The content of our `.keep` files.
const KEEP: &str = "git pm: being written\n";

/// The number of attempts to write a pack whose temporary files were removed meanwhile.
const ATTEMPTS: u32 = 5;

/// From this size on an index needs eight bytes for an offset.
const LARGE: u64 = 1 << 31;

/// An object to write.
pub(super) type Object<'a> = (Oid, Kind, &'a [u8]);

/// A new pack, which is not collected until this is dropped.
#[derive(Debug)]
pub struct Kept {
    keep: PathBuf,
    /// Locked.
    _file: File,
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.keep);
    }
}

/// A compressed object, and its offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) id: Oid,
    crc: u32,
    pub(super) offset: u64,
}

impl Entry {
    /// The same entry, `bytes` further back.
    pub(super) fn behind(self, bytes: u64) -> Entry {
        let offset = self.offset + bytes;
        Entry { offset, ..self }
    }
}

/// Writes objects as one pack below an object folder, the `spooled` ones after the others. `sync`
/// makes it durable against power loss.
///
/// # Errors
/// When the disk is full or not writable; at most temporary files are left then.
pub(super) fn write(
    folder: &Path,
    objects: &[Object<'_>],
    spooled: Option<&Spooled>,
    sync: bool,
) -> Result<Kept> {
    let folder = folder.join("pack");
    let fail = |e: std::io::Error| {
        Error::io(format!("cannot write a pack in {}", folder.display()), e)
            .hint("check permissions and free disk space of the git directory")
    };
    point("pack-folder")
        .and_then(|()| shared_files::create_dir_all(&folder))
        .map_err(fail)?;
    clear_dead(&folder);
    let parts = compress(objects)?;
    for attempt in 1.. {
        match write_files(&folder, objects, &parts, spooled, sync) {
            // A `git prune --expire=now` takes temporary files for leftovers.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && attempt < ATTEMPTS => {}
            done => return done.map_err(fail),
        }
    }
    unreachable!("the last attempt returns")
}

fn write_files(
    folder: &Path,
    objects: &[Object<'_>],
    parts: &[Part],
    spooled: Option<&Spooled>,
    sync: bool,
) -> std::io::Result<Kept> {
    // A new name each time: a collection that started before never takes it for an older one.
    let hash = objects
        .first()
        .map_or(gix::hash::Kind::Sha1, |(id, ..)| id.kind());
    let name = random_name(hash.len_in_bytes())?;
    let temporary = |what: &str| folder.join(format!("tmp_{what}_{}", &name[..16]));
    let named = |what: &str| folder.join(format!("pack-{name}.{what}"));
    let left = Leftovers(vec![temporary("keep"), temporary("pack"), temporary("idx")]);

    point("pack-write")?;
    let (checksum, mut places) = write_pack(&left.0[1], hash, parts, spooled, sync)?;
    places.sort_unstable_by_key(|place| place.id);
    point("pack-index-write")?;
    write_index(&left.0[2], hash, &places, &checksum, sync)?;

    let mut file = create(&left.0[0])?;
    // Locked before it has its name: no process ever sees the file of a live one unlocked.
    let _ = file.lock();
    file.write_all(KEEP.as_bytes())?;
    left.0.iter().for_each(|path| share(path));
    point("pack-keep")?;
    std::fs::rename(&left.0[0], named("keep"))?;
    let kept = Kept {
        keep: named("keep"),
        _file: file,
    };
    // In git's order: a pack counts once its index exists.
    point("pack-rename")?;
    std::fs::rename(&left.0[1], named("pack"))?;
    let renamed =
        point("pack-index-rename").and_then(|()| std::fs::rename(&left.0[2], named("idx")));
    if let Err(error) = renamed {
        let _ = std::fs::remove_file(named("pack"));
        return Err(error);
    }
    if sync {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(kept)
}

/// Temporary files, removed unless they were renamed.
struct Leftovers(Vec<PathBuf>);

impl Drop for Leftovers {
    fn drop(&mut self) {
        for path in &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn create(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .create_new(true)
        .read(true)
        .write(true)
        .open(path)
}

/// A file in the folder of packs that is removed when it is closed.
pub(super) fn unnamed(folder: &Path) -> std::io::Result<File> {
    let folder = folder.join("pack");
    shared_files::create_dir_all(&folder)?;
    let path = folder.join(format!("tmp_spool_{}", random_name(8)?));
    let file = create(&path)?;
    // Where an open file keeps its name, git removes it as a leftover.
    let _ = std::fs::remove_file(&path);
    Ok(file)
}

fn random_name(bytes: usize) -> std::io::Result<String> {
    let mut random = vec![0u8; bytes];
    getrandom::fill(&mut random).map_err(|e| std::io::Error::other(e.to_string()))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Compressed entries, one after another.
#[derive(Default)]
pub(super) struct Part {
    pub(super) bytes: Vec<u8>,
    /// Each within `bytes`.
    pub(super) entries: Vec<Entry>,
}

/// Compresses all objects, on as many threads as there are processors.
pub(super) fn compress(objects: &[Object<'_>]) -> Result<Vec<Part>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let each = objects.len().div_ceil(threads.clamp(1, 8)).max(64);
    let parts: Vec<Result<Part>> = std::thread::scope(|scope| {
        let running: Vec<_> = objects
            .chunks(each)
            .map(|chunk| scope.spawn(move || compress_some(chunk)))
            .collect();
        running
            .into_iter()
            .map(|thread| {
                let died = |_| Err(Error::state("a thread that compresses objects panicked"));
                thread.join().unwrap_or_else(died)
            })
            .collect()
    });
    parts.into_iter().collect()
}

fn compress_some(objects: &[Object<'_>]) -> Result<Part> {
    let mut part = Part::default();
    let mut deflate = Compress::new(Compression::BEST_SPEED);
    for (id, kind, data) in objects {
        let begin = part.bytes.len();
        let header = match kind {
            Kind::Commit => Header::Commit,
            Kind::Tree => Header::Tree,
            Kind::Blob => Header::Blob,
            Kind::Tag => Header::Tag,
        };
        deflate.reset();
        header
            .write_to(data.len() as u64, &mut part.bytes)
            .and_then(|_| append(&mut deflate, data, true, &mut part.bytes))
            .map_err(|e| state_error(format!("cannot compress object {id}"), e))?;
        let crc = crc32fast::hash(&part.bytes[begin..]);
        part.entries.push(Entry {
            id: *id,
            crc,
            offset: begin as u64,
        });
    }
    Ok(part)
}

/// A file whose end is the hash of all before it.
type Hashed = gix::hash::io::Write<BufWriter<File>>;

fn hashed(path: &Path, hash: gix::hash::Kind) -> std::io::Result<Hashed> {
    let file = BufWriter::with_capacity(256 * 1024, create(path)?);
    Ok(Hashed::new(file, hash))
}

/// Ends a file with its hash and makes it read-only.
fn finish(out: Hashed, sync: bool) -> std::io::Result<Oid> {
    let (hash, mut file) = (out.hash.try_finalize(), out.inner);
    let hash = hash.map_err(|e| std::io::Error::other(e.to_string()))?;
    file.write_all(hash.as_slice())?;
    let file = file.into_inner().map_err(std::io::Error::from)?;
    if sync {
        file.sync_all()?;
    }
    let mut permissions = file.metadata()?.permissions();
    permissions.set_readonly(true);
    file.set_permissions(permissions)?;
    Ok(hash)
}

/// The pack: version 2, no deltas.
fn write_pack(
    path: &Path,
    hash: gix::hash::Kind,
    parts: &[Part],
    spooled: Option<&Spooled>,
    sync: bool,
) -> std::io::Result<(Oid, Vec<Entry>)> {
    let mut out = hashed(path, hash)?;
    let number = |n: usize| {
        u32::try_from(n).map_err(|_| std::io::Error::other("too many objects for one pack"))
    };
    let count = parts.iter().map(|part| part.entries.len()).sum::<usize>()
        + spooled.map_or(0, |spooled| spooled.entries.len());
    out.write_all(b"PACK")?;
    out.write_all(&2u32.to_be_bytes())?;
    out.write_all(&number(count)?.to_be_bytes())?;
    let mut at = 12;
    let mut places = Vec::with_capacity(count);
    for part in parts {
        out.write_all(&part.bytes)?;
        places.extend(part.entries.iter().map(|entry| entry.behind(at)));
        at += part.bytes.len() as u64;
    }
    if let Some(spooled) = spooled {
        places.extend(spooled.entries.iter().map(|entry| entry.behind(at)));
        spooled.copy_to(&mut out)?;
    }
    Ok((finish(out, sync)?, places))
}

/// The index: version 2, offsets in the order of ids.
fn write_index(
    path: &Path,
    hash: gix::hash::Kind,
    places: &[Entry],
    checksum: &Oid,
    sync: bool,
) -> std::io::Result<()> {
    let mut out = hashed(path, hash)?;
    out.write_all(b"\xfftOc")?;
    out.write_all(&2u32.to_be_bytes())?;
    for first in 0..=255u8 {
        let upto = places.partition_point(|place| place.id.first_byte() <= first);
        out.write_all(&(upto as u32).to_be_bytes())?;
    }
    for place in places {
        out.write_all(place.id.as_slice())?;
    }
    for place in places {
        out.write_all(&place.crc.to_be_bytes())?;
    }
    let mut large: Vec<u64> = Vec::new();
    for place in places {
        let short = if place.offset < LARGE {
            place.offset as u32
        } else {
            large.push(place.offset);
            (large.len() - 1) as u32 | 1 << 31
        };
        out.write_all(&short.to_be_bytes())?;
    }
    for offset in large {
        out.write_all(&offset.to_be_bytes())?;
    }
    out.write_all(checksum.as_slice())?;
    finish(out, sync).map(|_| ())
}

/// Removes the leftovers of a killed process: its `.keep`, and its pack if that has no index yet.
pub(super) fn clear_dead(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let keep = entry.path();
        let ours = keep.extension().is_some_and(|e| e == "keep")
            && std::fs::read(&keep).is_ok_and(|text| text == KEEP.as_bytes());
        if !ours {
            continue;
        }
        let Ok(file) = OpenOptions::new().read(true).write(true).open(&keep) else {
            continue;
        };
        if file.try_lock().is_ok() {
            if !keep.with_extension("idx").exists() {
                let _ = std::fs::remove_file(keep.with_extension("pack"));
            }
            let _ = std::fs::remove_file(&keep);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_dead_processes_are_removed_and_kept_packs_of_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        // Died between the names of pack and index, died after both, alive, another program's.
        let torn = [file("pack-a.keep", KEEP), file("pack-a.pack", "x")];
        let whole = [
            file("pack-b.keep", KEEP),
            file("pack-b.pack", "x"),
            file("pack-b.idx", "x"),
        ];
        let alive = [file("pack-c.keep", KEEP), file("pack-c.pack", "x")];
        let foreign = [file("pack-d.keep", ""), file("pack-d.pack", "x")];
        let held = File::open(&alive[0]).unwrap();
        held.lock().unwrap();
        clear_dead(dir.path());
        assert!(torn.iter().all(|path| !path.exists()));
        assert!(!whole[0].exists() && whole[1].exists() && whole[2].exists());
        assert!(alive.iter().chain(&foreign).all(|path| path.exists()));
    }
}
