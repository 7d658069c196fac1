//! New objects in memory until a write is complete: a failed attempt leaves nothing behind.

use super::pack::{self, Kept};
use super::{Entry, EntryType, Oid, Person, Repo, signature, state_error};
use crate::error::{Error, Result};
use gix::objs::tree::EntryKind;

/// A repository whose new objects stay in memory: a failed attempt leaves nothing behind.
pub struct Pending {
    pub(super) view: Repo,
}

impl std::ops::Deref for Pending {
    type Target = Repo;

    fn deref(&self) -> &Repo {
        &self.view
    }
}

impl Pending {
    /// Adds a blob.
    ///
    /// # Errors
    /// When the object cannot be made.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<Oid> {
        self.view
            .inner
            .write_blob(bytes)
            .map(gix::Id::detach)
            .map_err(|e| state_error("cannot write a blob", e))
    }

    /// Adds a tree from entries in any order.
    ///
    /// # Errors
    /// When the object cannot be made.
    pub fn write_tree(&self, entries: &[Entry]) -> Result<Oid> {
        let mut tree = gix::objs::Tree {
            entries: entries
                .iter()
                .map(|e| gix::objs::tree::Entry {
                    mode: match e.kind {
                        EntryType::Tree => EntryKind::Tree.into(),
                        _ => EntryKind::Blob.into(),
                    },
                    filename: e.name.clone().into(),
                    oid: e.oid,
                })
                .collect(),
        };
        tree.entries.sort();
        self.view
            .inner
            .write_object(&tree)
            .map(gix::Id::detach)
            .map_err(|e| state_error("cannot write a tree", e))
    }

    /// Adds a commit.
    ///
    /// # Errors
    /// When the object cannot be made.
    pub fn write_commit(
        &self,
        tree: Oid,
        parents: &[Oid],
        author: &Person,
        committer: &Person,
        message: &str,
    ) -> Result<Oid> {
        let commit = commit(tree, parents, author, committer, message);
        self.view
            .inner
            .write_object(&commit)
            .map(gix::Id::detach)
            .map_err(|e| state_error("cannot write a commit", e))
    }

    /// Adds a commit with the signature that `sign` makes of its bytes.
    ///
    /// # Errors
    /// When the object cannot be made, and what `sign` returns.
    pub fn write_signed(
        &self,
        tree: Oid,
        parents: &[Oid],
        author: &Person,
        committer: &Person,
        message: &str,
        sign: impl FnOnce(&[u8]) -> Result<String>,
    ) -> Result<Oid> {
        use gix::objs::WriteTo;
        let mut commit = commit(tree, parents, author, committer, message);
        let mut payload = Vec::new();
        commit
            .write_to(&mut payload)
            .map_err(|e| state_error("cannot write a commit", e))?;
        let header = match self.view.inner.object_hash() {
            gix::hash::Kind::Sha1 => "gpgsig",
            _ => "gpgsig-sha256",
        };
        let signature = sign(&payload)?;
        commit
            .extra_headers
            .push((header.into(), signature.trim_end().into()));
        self.view
            .inner
            .write_object(&commit)
            .map(gix::Id::detach)
            .map_err(|e| state_error("cannot write a commit", e))
    }

    /// Writes the objects in memory to the object store.
    ///
    /// # Errors
    /// When the disk is full or not writable; nothing refers to what was written by then.
    pub fn flush(&mut self) -> Result<()> {
        self.flush_listed().map(|_| ())
    }

    /// As [`Pending::flush`], and says which objects were written.
    ///
    /// # Errors
    /// As [`Pending::flush`].
    pub fn flush_listed(&mut self) -> Result<Vec<Oid>> {
        self.flush_until(|_| Ok(true))
    }

    /// How many objects are in memory.
    pub fn count(&self) -> usize {
        self.view.inner.objects.num_objects_in_memory()
    }

    /// Writes the objects in memory as one pack, which stays at least as long as what is returned.
    ///
    /// # Errors
    /// As [`Pending::flush`].
    pub fn flush_as_pack(&mut self, sync: bool) -> Result<Kept> {
        let objects = &mut self.view.inner.objects;
        let memory = objects.take_object_memory().unwrap_or_default();
        let mut all: Vec<pack::Object<'_>> = memory
            .iter()
            .map(|(id, (kind, data))| (*id, *kind, data.as_slice()))
            .collect();
        // The few that every reader needs first, at the front.
        all.sort_unstable_by_key(|(id, kind, _)| (order(*kind), *id));
        let folder = objects.store_ref().path().to_path_buf();
        let kept = pack::write(&folder, &all, sync)?;
        self.view.inner.objects.enable_object_memory();
        Ok(kept)
    }

    /// Writes the objects in memory, and again until `kept` says that all of them stay: a garbage
    /// collection may take them away while they are written.
    ///
    /// # Errors
    /// As [`Pending::flush`], and what `kept` returns.
    pub fn flush_until(&mut self, kept: impl Fn(&[Oid]) -> Result<bool>) -> Result<Vec<Oid>> {
        use gix::objs::Write;
        let objects = &mut self.view.inner.objects;
        let Some(memory) = objects.take_object_memory() else {
            return Ok(Vec::new());
        };
        let listed: Vec<Oid> = memory.keys().copied().collect();
        for attempt in 1.. {
            for (id, (kind, data)) in memory.iter() {
                let point =
                    |name: &str| crate::store::fault::point(name).map_err(|e| unwritten(id, e));
                point("object-write")?;
                // The folder it goes to may be removed as empty in just that moment.
                let objects = &self.view.inner.objects;
                let mut written = objects.write_buf(*kind, data);
                for _ in 0..5 {
                    if written.is_ok() {
                        break;
                    }
                    written = objects.write_buf(*kind, data);
                }
                written.map_err(|e| unwritten(id, e))?;
                point("object-written")?;
            }
            if kept(&listed)? {
                break;
            }
            if attempt == 20 {
                return Err(Error::state(
                    "new objects are taken away as soon as they are written: `git gc` is at work",
                )
                .hint("run the command again when it is done"));
            }
        }
        self.view.inner.objects.enable_object_memory();
        Ok(listed)
    }
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

fn commit(
    tree: Oid,
    parents: &[Oid],
    author: &Person,
    committer: &Person,
    message: &str,
) -> gix::objs::Commit {
    gix::objs::Commit {
        tree,
        parents: parents.iter().copied().collect(),
        author: signature(author),
        committer: signature(committer),
        encoding: None,
        message: message.into(),
        extra_headers: Vec::new(),
    }
}
