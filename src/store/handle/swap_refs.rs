//! Moving and deleting the clone's own refs under the writers' lock, each announced first.

use super::Store;
use super::flush_objects::sync_file;
use crate::error::Result;
use crate::git::repo::{Oid, Swap};
use crate::lock::Lock;
use crate::stale_locks::{CONFIG, clear_stale_ref_lock};

impl Store {
    /// Swaps the state's ref, announcing it so that a crash in between leaves no lock.
    pub fn swap(&self, lock: &mut Lock, old: Option<Oid>, new: Oid, message: &str) -> Result<Swap> {
        self.swap_any(lock, self.main, old, new, message)
    }

    /// Swaps any ref of ours under the writers' lock.
    pub(crate) fn swap_any(
        &self,
        lock: &mut Lock,
        name: &str,
        old: Option<Oid>,
        new: Oid,
        message: &str,
    ) -> Result<Swap> {
        let swapped = self.swap_unindexed(lock, name, old, new, message)?;
        if name == self.main && swapped == Swap::Done {
            self.follow();
        }
        Ok(swapped)
    }

    /// Swaps a ref of ours without the index.
    pub(super) fn swap_unindexed(
        &self,
        lock: &mut Lock,
        name: &str,
        old: Option<Oid>,
        new: Oid,
        message: &str,
    ) -> Result<Swap> {
        clear_stale_ref_lock(lock, self.repo.common_dir());
        let message = crate::model::text::one_line(message);
        let entry = (&self.committer(), message.as_ref());
        let swapped = lock.announcing(&format!("{name} {new}"), || {
            (self.repo).swap_ref(name, old, new, entry, &|| self.settle())
        });
        let settled = self.settled();
        self.packs.take();
        self.drop_guards();
        let swapped = settled.and(swapped);
        if swapped.is_ok() && self.fsync() {
            sync_file(&self.repo.common_dir().join(name));
        }
        swapped
    }

    /// Deletes any ref of ours under the writers' lock.
    pub fn delete_any(&self, lock: &mut Lock, name: &str, old: Oid) -> Result<Swap> {
        self.locking(lock, name, || self.repo.delete_ref(name, old))
    }

    /// Runs an operation that locks a ref without a new value for it, announcing it as
    /// [`Store::swap`] does.
    pub(crate) fn locking<T>(
        &self,
        lock: &mut Lock,
        name: &str,
        run: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        clear_stale_ref_lock(lock, self.repo.common_dir());
        lock.announcing(&format!("{name} -"), run)
    }

    /// Runs a git that creates a ref, announcing the lock it takes as [`Store::swap`] does: if both
    /// are killed, the next writer recognizes the lock as ours.
    pub fn making_ref(
        &self,
        name: &str,
        id: &str,
        make: &mut dyn FnMut() -> Result<()>,
    ) -> Result<()> {
        self.lock()?.announcing(&format!("{name} {id}"), make)
    }

    /// Runs a git that writes the repository's configuration, announcing its lock in the same way.
    pub fn configuring<T>(&self, run: impl FnOnce() -> Result<T>) -> Result<T> {
        match self.lock() {
            Ok(mut lock) => lock.announcing(CONFIG, run),
            // If nothing can be written, git reports it.
            Err(_) => run(),
        }
    }
}
