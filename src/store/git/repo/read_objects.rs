//! Reading objects.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::{Duration, Instant};

use gix::objs::tree::EntryKind;

use super::commit_text;
use super::for_thread;
use super::{Commit, Entry, EntryType, ObjectKind, Oid, Repo, object_file, state_error};
use crate::error::{Error, Result};
use crate::git::irregular;
use crate::io_counts;

/// The number of times the object store is reopened without a pause.
const AT_ONCE: u32 = 8;

/// The pause after that.
const PAUSE: Duration = Duration::from_secs(1);

/// A refreshed object database: a `git gc` moves objects into a pack that did not exist when this
/// process first looked, and removes the old ones.
#[derive(Default)]
pub(super) struct RefreshedObjects {
    fresh: RefCell<Option<gix::Repository>>,
    opened: Cell<u32>,
    last: Cell<Option<Instant>>,
}

/// The number of reads after which the object database of many reads is opened again.
const READS: u32 = 1_024;

/// The size of all packs from which that is done; a build with assertions always does it.
const LARGE: u64 = if cfg!(debug_assertions) {
    0
} else {
    64 * 1024 * 1024
};

/// The object database of many reads. Whatever is read of a pack stays mapped while the database is
/// open, and a walk of a whole state would keep all of it in memory.
#[derive(Default)]
pub(super) struct ManyReads {
    since: Cell<u32>,
    opened: RefCell<Option<gix::Repository>>,
}

/// A file that was read, or was missing.
pub(super) struct LastFile {
    tree: Oid,
    name: String,
    bytes: Option<Vec<u8>>,
    /// The folders beside it.
    folders: Vec<(Vec<u8>, Oid)>,
}

impl RefreshedObjects {
    /// True if it may be opened again. If thousands of objects are missing, they are missing for
    /// good.
    fn may_open(&self) -> bool {
        let rested = self.last.get().is_none_or(|last| last.elapsed() >= PAUSE);
        self.opened.get() < AT_ONCE || rested
    }
}

/// An entry of a tree, with its name in the bytes that were read.
type Named<'d> = (&'d [u8], EntryType, Oid);

impl Repo {
    /// Reads something, and once more from a refreshed object database if it is missing.
    pub(super) fn look<T>(
        &self,
        read: impl Fn(&gix::Repository) -> gix::Result<T>,
    ) -> gix::Result<T> {
        self.open_for_many();
        if let Some(Ok(found)) = self.many.opened.borrow().as_ref().map(&read) {
            return Ok(found);
        }
        let missing = match read(&self.inner) {
            Ok(found) => return Ok(found),
            Err(missing) => missing,
        };
        let again = self.refreshed.fresh.borrow().as_ref().map(&read);
        if let Some(Ok(found)) = again {
            return Ok(found);
        }
        if !self.refreshed.may_open() {
            return Err(missing);
        }
        self.refreshed
            .opened
            .set(self.refreshed.opened.get().saturating_add(1));
        self.refreshed.last.set(Some(Instant::now()));
        let Ok(mut fresh) = gix::open(self.git_dir()) else {
            return Err(missing);
        };
        for_thread::set_up(&mut fresh);
        let found = read(&fresh);
        self.refreshed.fresh.replace(Some(fresh));
        found
    }

    /// Counts a read, and after many opens the database for them, again.
    fn open_for_many(&self) {
        let many = &self.many;
        many.since.set(many.since.get() + 1);
        if many.since.get() <= READS {
            return;
        }
        many.since.set(0);
        let objects = &self.inner.objects;
        let folder = objects.store_ref().path();
        let packs = std::fs::read_dir(folder.join("pack")).into_iter().flatten();
        let sizes = packs.filter_map(|file| Some(file.ok()?.metadata().ok()?.len()));
        // New objects in memory are nowhere else.
        let is_large = sizes.sum::<u64>().checked_sub(LARGE).is_some();
        if objects.num_objects_in_memory() > 0 || !is_large {
            many.opened.take();
            return;
        }
        let Ok(handle) = gix::odb::at(folder, self.inner.object_hash()) else {
            return;
        };
        let mut opened = many.opened.take().unwrap_or_else(|| self.inner.clone());
        opened.objects = handle.into();
        opened.objects.take_object_memory();
        opened.objects.refresh_never();
        for_thread::set_up(&mut opened);
        many.opened.replace(Some(opened));
    }

    /// Refuses an object whose file would not be read to its end.
    fn is_readable(&self, id: Oid) -> Result<()> {
        irregular::refuse(&object_file(&self.place.common_dir.join("objects"), id))
    }

    /// The kind of an object; `None` if it is missing or cannot be read.
    pub fn kind_of(&self, id: Oid) -> Option<ObjectKind> {
        self.is_readable(id).ok()?;
        Some(self.look(|repo| repo.find_header(id)).ok()?.kind())
    }

    /// The target of an annotated tag.
    pub fn tag_target(&self, id: Oid) -> Option<Oid> {
        let tag = self.inner.find_tag(id).ok()?;
        tag.target_id().ok().map(gix::Id::detach)
    }

    /// True if an object is here.
    pub fn has_object(&self, id: Oid) -> bool {
        self.is_readable(id).is_ok() && self.look(|repo| repo.find_header(id)).is_ok()
    }

    /// True if an object is here and a commit.
    pub fn is_commit(&self, id: Oid) -> bool {
        self.kind_of(id) == Some(ObjectKind::Commit)
    }

    /// The size of an object in bytes; `None` if it is missing.
    pub fn size_of(&self, id: Oid) -> Option<u64> {
        self.is_readable(id).ok()?;
        Some(self.look(|repo| repo.find_header(id)).ok()?.size())
    }

    /// A blob of at most `limit` bytes; `None` if it is larger.
    pub fn blob(&self, id: Oid, limit: usize) -> Result<Option<Vec<u8>>> {
        if let Some(bytes) = self.spool.read(id)? {
            return Ok((bytes.len() <= limit).then_some(bytes));
        }
        self.is_readable(id)?;
        let fail = |e| state_error(format!("cannot read object {id}"), e);
        self.look(|repo| {
            if repo.find_header(id)?.size() > limit as u64 {
                return Ok(None);
            }
            let data = repo.find_blob(id)?.take_data();
            io_counts::object(data.len());
            Ok(Some(data))
        })
        .map_err(fail)
    }

    /// The entries of a tree, in git's order. If a name occurs twice, which git never writes, the
    /// last entry counts, for every reader.
    pub fn tree(&self, id: Oid) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        self.each_entry(id, |name, kind, oid| {
            entries.push(Entry {
                name: name.to_vec(),
                kind,
                oid,
            });
        })?;
        // Nearly every folder is sorted by name alone.
        if !entries.is_sorted_by(|a, b| a.name < b.name) {
            let last: HashMap<&[u8], usize> = (entries.iter().enumerate())
                .map(|(n, entry)| (entry.name.as_slice(), n))
                .collect();
            let counts: Vec<bool> = (entries.iter().enumerate())
                .map(|(n, entry)| last[entry.name.as_slice()] == n)
                .collect();
            let mut counts = counts.into_iter();
            entries.retain(|_| counts.next() == Some(true));
        }
        Ok(entries)
    }

    /// Visits each entry of a tree, in git's order, including a name that occurs twice: for finding
    /// a few of many.
    pub fn each_entry(&self, id: Oid, visit: impl FnMut(&[u8], EntryType, Oid)) -> Result<()> {
        self.entries_of(id, &self.tree_data(Some(id))?, visit)
    }

    pub(super) fn tree_data(&self, id: Option<Oid>) -> Result<Vec<u8>> {
        let Some(id) = id else { return Ok(Vec::new()) };
        self.is_readable(id)?;
        let fail = |e| state_error(format!("cannot read tree {id}"), e);
        let data = self
            .look(|repo| Ok(repo.find_tree(id)?.data.clone()))
            .map_err(fail)?;
        io_counts::object(data.len());
        Ok(data)
    }

    fn entries_of<'d>(
        &self,
        id: Oid,
        data: &'d [u8],
        mut visit: impl FnMut(&'d [u8], EntryType, Oid),
    ) -> Result<()> {
        for entry in gix::objs::TreeRefIter::from_bytes(data, self.inner.object_hash()) {
            let entry = entry.map_err(|e| Error::state(format!("tree {id} is damaged: {e}")))?;
            let kind = match entry.mode.kind() {
                EntryKind::Blob | EntryKind::BlobExecutable => EntryType::Blob,
                EntryKind::Tree => EntryType::Tree,
                EntryKind::Link | EntryKind::Commit => EntryType::Other,
            };
            visit(entry.filename, kind, entry.oid.to_owned());
        }
        Ok(())
    }

    /// The entries in which two trees differ, by name, each as it is in either; `None` is a tree
    /// without entries. If a name occurs twice, the last entry counts.
    pub fn differing(&self, a: Option<Oid>, b: Option<Oid>) -> Result<Vec<[Option<Entry>; 2]>> {
        let data = [self.tree_data(a)?, self.tree_data(b)?];
        let [left, right] = [self.by_name(a, &data[0])?, self.by_name(b, &data[1])?];
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        let mut out = Vec::new();
        loop {
            let first = match (left.peek(), right.peek()) {
                (Some(x), Some(y)) => x.0.min(y.0),
                (Some(one), None) | (None, Some(one)) => one.0,
                (None, None) => return Ok(out),
            };
            let pair = [&mut left, &mut right].map(|side| side.next_if(|entry| entry.0 == first));
            if pair[0] != pair[1] {
                let owned = |(name, kind, oid): Named<'_>| Entry {
                    name: name.to_vec(),
                    kind,
                    oid,
                };
                out.push(pair.map(|entry| entry.map(owned)));
            }
        }
    }

    /// The entries of a tree in the order of their names, each name once.
    fn by_name<'d>(&self, id: Option<Oid>, data: &'d [u8]) -> Result<Vec<Named<'d>>> {
        let mut entries = Vec::with_capacity(data.len() / 32);
        if let Some(id) = id {
            self.entries_of(id, data, |name, kind, oid| entries.push((name, kind, oid)))?;
        }
        if !entries.is_sorted_by(|a: &Named<'_>, b| a.0 < b.0) {
            // The last entry of a name first: it is the one that stays.
            entries.reverse();
            entries.sort_by_key(|entry| entry.0);
            entries.dedup_by_key(|entry| entry.0);
        }
        Ok(entries)
    }

    /// True if a tree has a file or folder at a path.
    pub fn has_path(&self, tree: Oid, path: &str) -> Result<bool> {
        Ok(self.entry_at(tree, path)?.is_some())
    }

    /// The blob at a path of a tree; `None` if there is no plain file.
    pub fn file_at(&self, tree: Oid, path: &str) -> Result<Option<Oid>> {
        let found = self.entry_at(tree, path)?;
        Ok(found
            .filter(|entry| entry.kind == EntryType::Blob)
            .map(|entry| entry.oid))
    }

    /// The entry at a path of a tree.
    pub fn entry_at(&self, tree: Oid, path: &str) -> Result<Option<Entry>> {
        let (mut at, mut parts) = (tree, path.split('/').peekable());
        while let Some(part) = parts.next() {
            let mut entries = self.tree(at)?.into_iter();
            let Some(entry) = entries.find(|entry| entry.name == part.as_bytes()) else {
                return Ok(None);
            };
            match parts.peek() {
                None => return Ok(Some(entry)),
                Some(_) if entry.kind == EntryType::Tree => at = entry.oid,
                Some(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The bytes of a plain file in the root of a tree; `None` if there is none, empty if it has
    /// more than `limit` bytes. The last one is kept: one command reads the same small file again
    /// and again.
    pub fn read_file(&self, tree: Oid, name: &str, limit: usize) -> Result<Option<Vec<u8>>> {
        if let Some(last) = self.last_file.borrow().as_ref()
            && last.tree == tree
            && last.name == name
        {
            return Ok(last.bytes.clone());
        }
        let (mut found, mut folders) = (None, Vec::new());
        self.each_entry(tree, |entry, kind, oid| {
            if entry == name.as_bytes() {
                found = (kind == EntryType::Blob).then_some(oid);
            } else if kind == EntryType::Tree {
                folders.push((entry.to_vec(), oid));
            }
        })?;
        let bytes = match found {
            Some(oid) => Some(self.blob(oid, limit)?.unwrap_or_default()),
            None => None,
        };
        self.last_file.replace(Some(LastFile {
            tree,
            name: name.to_string(),
            bytes: bytes.clone(),
            folders,
        }));
        Ok(bytes)
    }

    /// The entries of the folder at a path of a tree; none if there is no folder. If a file in the
    /// root of the tree was read before, the root is not read again.
    pub fn folder_at(&self, tree: Oid, path: &str) -> Result<Vec<Entry>> {
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let known = self.last_file.borrow().as_ref().and_then(|last| {
            let named = |(name, _): &&(Vec<u8>, Oid)| name == first.as_bytes();
            let found = || last.folders.iter().rev().find(named).map(|(_, oid)| *oid);
            (last.tree == tree).then(found)
        });
        let mut at = match known {
            Some(None) => return Ok(Vec::new()),
            Some(Some(folder)) => folder,
            None => match self.entry_at(tree, first)? {
                Some(entry) if entry.kind == EntryType::Tree => entry.oid,
                _ => return Ok(Vec::new()),
            },
        };
        if !rest.is_empty() {
            at = match self.entry_at(at, rest)? {
                Some(entry) if entry.kind == EntryType::Tree => entry.oid,
                _ => return Ok(Vec::new()),
            };
        }
        self.tree(at)
    }

    /// The commit that a revision expression of git names; `None` if it names no commit, or more
    /// than one.
    pub fn resolve(&self, expression: &str) -> Option<Oid> {
        let commit = format!("{expression}^{{commit}}");
        let id = self.inner.rev_parse_single(commit.as_str()).ok()?;
        Some(id.detach())
    }

    /// A commit.
    pub fn commit(&self, id: Oid) -> Result<Commit> {
        self.is_readable(id)?;
        let fail = |e: gix::Error| match e.is_not_found() {
            true => Error::state(format!("commit {id} is not in this repository")),
            false => state_error(format!("cannot read commit {id}"), e),
        };
        let data = self
            .look(|repo| Ok(repo.find_commit(id)?.data.clone()))
            .map_err(fail)?;
        io_counts::object(data.len());
        commit_text::parsed(id, &data).ok_or_else(|| {
            Error::state(format!(
                "commit {id} is damaged: its tree or a parent cannot be read"
            ))
        })
    }
}
