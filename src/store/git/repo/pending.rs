//! New objects in memory until a write is complete: a failed attempt leaves nothing behind.

use std::collections::HashSet;

use gix::objs::WriteTo;
use gix::objs::tree::EntryKind;

use super::write_pack::{self, Kept};
use super::{Entry, EntryType, Oid, Person, Repo, signature, state_error, write_loose};
use crate::error::{Error, Result};
use crate::fault::point;

/// A repository whose new objects stay in memory: a failed attempt leaves nothing behind.
pub struct Pending {
    pub(super) view: Repo,
    /// The objects already written. They stay in memory for later reads.
    pub(super) written: HashSet<Oid>,
}

/// Makes the signature of some bytes.
pub type Sign<'a> = &'a dyn Fn(&[u8]) -> Result<String>;

/// A new object, as it was written.
pub struct New {
    /// Its id.
    pub id: Oid,
    kind: gix::objs::Kind,
    data: Vec<u8>,
}

impl std::ops::Deref for Pending {
    type Target = Repo;

    fn deref(&self) -> &Repo {
        &self.view
    }
}

impl Pending {
    /// Adds a blob.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<Oid> {
        use gix::objs::Write;
        let objects = &self.view.inner.objects;
        objects
            .write_buf(gix::objs::Kind::Blob, bytes)
            .map_err(|e| state_error("cannot write a blob", e))
    }

    /// As [`Pending::write_blob`], for one of many: it does not stay in memory.
    pub fn spool_blob(&self, bytes: &[u8]) -> Result<Oid> {
        let folder = self.view.inner.objects.store_ref().path();
        self.view
            .spool
            .add(folder, self.view.inner.object_hash(), bytes)
    }

    /// Adds a tree from entries in any order.
    pub fn write_tree(&self, entries: Vec<Entry>) -> Result<Oid> {
        let mut tree = gix::objs::Tree {
            entries: entries
                .into_iter()
                .map(|e| gix::objs::tree::Entry {
                    mode: match e.kind {
                        EntryType::Tree => EntryKind::Tree.into(),
                        _ => EntryKind::Blob.into(),
                    },
                    filename: e.name.into(),
                    oid: e.oid,
                })
                .collect(),
        };
        tree.entries.sort();
        self.put(&tree, "a tree")
    }

    /// Also an object that the object store has: if no ref reaches it, a `git gc` may be about to
    /// remove it.
    fn put(&self, object: &impl WriteTo, what: &str) -> Result<Oid> {
        let written = gix::objs::Write::write(&self.view.inner.objects, object);
        written.map_err(|e| state_error(format!("cannot write {what}"), e))
    }

    /// Adds a commit, with the signature that `sign` returns for its bytes.
    ///
    /// # Errors
    /// When the object cannot be made, and the errors of `sign`.
    pub fn write_commit(
        &self,
        tree: Oid,
        parents: &[Oid],
        [author, committer]: [&Person; 2],
        message: &str,
        sign: Option<Sign<'_>>,
    ) -> Result<Oid> {
        let mut commit = gix::objs::Commit {
            tree,
            parents: parents.iter().copied().collect(),
            author: signature(author),
            committer: signature(committer),
            encoding: None,
            message: message.into(),
            extra_headers: Vec::new(),
        };
        if let Some(sign) = sign {
            let mut payload = Vec::new();
            commit
                .write_to(&mut payload)
                .map_err(|e| state_error("cannot write a commit", e))?;
            let header = match self.view.inner.object_hash() {
                gix::hash::Kind::Sha1 => "gpgsig",
                _ => "gpgsig-sha256",
            };
            let signature = sign(&payload)?;
            let signature = (header.into(), signature.trim_end().into());
            commit.extra_headers.push(signature);
        }
        self.put(&commit, "a commit")
    }

    /// Writes the objects in memory to the object store.
    ///
    /// # Errors
    /// When the disk is full or not writable; nothing refers to the objects written so far.
    #[cfg(any(test, feature = "internals"))]
    pub fn flush(&mut self) -> Result<()> {
        self.flush_until(|_| Ok(true)).map(|_| ())
    }

    /// The number of objects that are not written yet.
    pub fn count(&self) -> usize {
        let in_memory = self.view.inner.objects.num_objects_in_memory();
        in_memory.saturating_sub(self.written.len()) + self.view.spool.len()
    }

    /// True if some of them can only go into a pack.
    pub fn is_spooled(&self) -> bool {
        self.view.spool.len() > 0
    }

    /// Writes the objects in memory as one pack, which is kept at least as long as the result.
    pub fn flush_as_pack(&mut self, sync: bool) -> Result<Kept> {
        let objects = &mut self.view.inner.objects;
        let memory = objects.take_object_memory().unwrap_or_default();
        let mut all: Vec<write_pack::Object<'_>> = memory
            .iter()
            .map(|(id, (kind, data))| (*id, *kind, data.as_slice()))
            .collect();
        // The few that every reader needs first, at the front.
        all.sort_unstable_by_key(|(id, kind, _)| (order(*kind), *id));
        let folder = objects.store_ref().path().to_path_buf();
        let spooled = self.view.spool.finish(&folder)?;
        let kept = write_pack::write(&folder, &all, spooled.as_ref(), sync)?;
        self.view.inner.objects.enable_object_memory();
        Ok(kept)
    }

    /// Writes the objects in memory, again until `kept` returns true: a garbage collection may
    /// remove them while they are written. Returns the objects written.
    pub fn flush_until(&mut self, kept: impl Fn(&[Oid]) -> Result<bool>) -> Result<Vec<New>> {
        let objects = &mut self.view.inner.objects;
        let Some(memory) = objects.take_object_memory() else {
            return Ok(Vec::new());
        };
        let new = |id: &&Oid| !self.written.contains(*id);
        let listed: Vec<Oid> = memory.keys().filter(new).copied().collect();
        let mut loose = write_loose::Writer::new(objects.store_ref().path())?;
        until_kept(|| {
            for id in &listed {
                let Some((kind, data)) = memory.get(id) else {
                    continue;
                };
                let written = point("object-write")
                    .and_then(|()| loose.write(id, *kind, data))
                    .and_then(|()| point("object-written"));
                written.map_err(|e| unwritten(id, e))?;
            }
            kept(&listed)
        })?;
        let copy = |id: &Oid| {
            let (kind, data) = memory.get(id)?;
            Some(New {
                id: *id,
                kind: *kind,
                data: data.clone(),
            })
        };
        let new = listed.iter().filter_map(copy).collect();
        self.view.inner.objects.set_object_memory(memory);
        self.written.extend(&listed);
        Ok(new)
    }
}

impl Repo {
    /// Writes those objects again whose files are missing, and all of them until `kept` returns
    /// true.
    pub fn write_again(&self, new: &[New], kept: impl Fn(&[Oid]) -> Result<bool>) -> Result<()> {
        let folder = self.inner.objects.store_ref().path();
        let ids: Vec<Oid> = new.iter().map(|object| object.id).collect();
        let mut loose = write_loose::Writer::new(folder)?;
        until_kept(|| {
            for New { id, kind, data } in new {
                if !loose.path(id).exists() {
                    let written = loose.write(id, *kind, data);
                    written.map_err(|e| unwritten(id, e))?;
                }
            }
            kept(&ids)
        })
    }
}

/// Runs `write` until it returns true.
fn until_kept(mut write: impl FnMut() -> Result<bool>) -> Result<()> {
    for _ in 0..20 {
        if write()? {
            return Ok(());
        }
    }
    Err(
        Error::state("new objects are removed as soon as they are written: `git gc` is running")
            .hint("run the command again when it is done"),
    )
}

fn unwritten(id: &Oid, error: impl std::fmt::Display) -> Error {
    state_error(format!("cannot write object {id}"), error)
        .hint("check permissions and free disk space of the git directory")
}

/// Commits, trees, then the rest.
fn order(kind: gix::objs::Kind) -> u8 {
    match kind {
        gix::objs::Kind::Commit => 0,
        gix::objs::Kind::Tree => 1,
        _ => 2,
    }
}
