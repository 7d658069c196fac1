//! Writing the objects of a transaction to disk, and keeping them there.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::{PACK_FROM, Store, WRITING};
use crate::error::Result;
use crate::git::repo::{New, Oid, Pending, object_file};
use crate::model::settings;
use crate::model::stamp::DAY_MS;
use crate::random;

/// A `git gc` takes longer than this: it runs half a dozen programs.
const GC_TAKES: Duration = Duration::from_millis(5);

/// Objects that were written, and that no ref reaches yet.
pub(super) struct Unsettled {
    objects: Vec<New>,
    /// The last time that they existed and no `git gc` ran.
    seen: Instant,
}

impl Store {
    /// True if objects and refs are to be flushed to the disk.
    pub fn fsync(&self) -> bool {
        self.repo.is_on(&settings::FSYNC)
    }

    /// Makes a transaction's objects durable in the object store, also against power loss where
    /// `pm.fsync` asks for it.
    pub fn flush(&self, pending: &mut Pending) -> Result<()> {
        self.flush_for(pending, None)
    }

    /// As [`Store::flush`], for a commit that is pushed before a ref of this clone reaches it: a
    /// `git gc --prune=now` that starts meanwhile would remove it during the push.
    /// [`Store::drop_guards`], or the next swap, ends that.
    pub(crate) fn flush_for(&self, pending: &mut Pending, pushed: Option<Oid>) -> Result<()> {
        if pending.count() > PACK_FROM || pending.is_spooled() {
            let kept = pending.flush_as_pack(self.fsync())?;
            self.packs.borrow_mut().push(kept);
            return Ok(());
        }
        let (is_kept, seen) = (Cell::new(false), Instant::now());
        let written = pending.flush_until(|written| {
            if let Some(pushed) = pushed.filter(|_| !written.is_empty()) {
                self.guard(pushed)?;
            }
            if written.is_empty() || !self.is_gc_at_work() {
                return Ok(true);
            }
            is_kept.set(true);
            self.guard_from_gc(written)?;
            self.keep_from_gc(written)
        })?;
        if self.fsync() {
            let objects = self.repo.common_dir().join("objects");
            for new in &written {
                sync_file(&object_file(&objects, new.id));
            }
        }
        if !is_kept.get() && !written.is_empty() {
            let mut unsettled = self.unsettled.borrow_mut();
            let new = || Unsettled {
                objects: Vec::new(),
                seen,
            };
            unsettled.get_or_insert_with(new).objects.extend(written);
        }
        Ok(())
    }

    fn is_gc_at_work(&self) -> bool {
        self.repo.common_dir().join("gc.pid").exists()
    }

    /// Ensures that the flushed objects still exist, and are kept: just before a ref reaches them,
    /// and once more when one does. A `git gc --prune=now` that started after the flush may have
    /// found them unreachable, and on a busy machine may even have ended by now.
    pub(super) fn settle(&self) -> Result<()> {
        let mut unsettled = self.unsettled.borrow_mut();
        let Some(unsettled) = unsettled.as_mut() else {
            return Ok(());
        };
        let began = Instant::now();
        let gc = self.is_gc_at_work();
        if gc || began - unsettled.seen > GC_TAKES {
            self.repo.write_again(&unsettled.objects, |ids| {
                if !gc {
                    return Ok(true);
                }
                self.guard_from_gc(ids)?;
                self.keep_from_gc(ids)
            })?;
        }
        unsettled.seen = began;
        Ok(())
    }

    /// As [`Store::settle`], for the last time.
    pub(super) fn settled(&self) -> Result<()> {
        self.settle()?;
        self.unsettled.take();
        Ok(())
    }

    /// Makes a ref reach the objects being written until the swap: a `git gc` that starts only
    /// after [`Store::keep_from_gc`] made its pack would drop that pack as unreachable.
    fn guard_from_gc(&self, written: &[Oid]) -> Result<()> {
        for id in written.iter().filter(|id| self.repo.is_commit(**id)) {
            self.guard(*id)?;
        }
        Ok(())
    }

    fn guard(&self, id: Oid) -> Result<()> {
        // Not named by the commit: two processes can make the same one, and the time of a merge
        // commit is that of its parents.
        let name = format!("{}-{}", self.env.now_ms(), random::name()?);
        let temporary = self.folder().join(format!("guard-{name}.tmp"));
        let name = format!("{WRITING}{name}");
        self.repo.place_ref(&name, id, &temporary)?;
        self.guards.borrow_mut().push((name, id));
        Ok(())
    }

    /// Removes the guards: one of our own refs reaches the commit by now, or it is not needed.
    pub(crate) fn drop_guards(&self) {
        for (guard, id) in self.guards.take() {
            let _ = self.repo.discard_ref(&guard, id);
        }
    }

    /// Removes the refs that a killed process left below a prefix a day ago or earlier: the time is
    /// the next part of their names.
    pub(crate) fn clear_dead_refs(&self, prefix: &str) -> Result<()> {
        let now = self.env.now_ms();
        for (name, id) in self.repo.refs_under(prefix)? {
            let began = name[prefix.len()..].split('-').next().unwrap_or_default();
            let young = |ms: u64| ms + DAY_MS >= now;
            if !began.parse().is_ok_and(young) {
                let _ = self.repo.discard_ref(&name, id);
            }
        }
        Ok(())
    }

    /// `git gc --prune=now` deletes every loose object that no ref reached when it looked, even if
    /// a ref reaches it since. It never deletes a pack that was made after it started. False if it
    /// had already removed one of them.
    fn keep_from_gc(&self, written: &[Oid]) -> Result<bool> {
        let ids: String = written.iter().map(|id| format!("{id}\n")).collect();
        let pack = self.repo.common_dir().join("objects/pack/pack");
        let args = [
            "pack-objects".as_ref(),
            "--quiet".as_ref(),
            pack.as_os_str(),
        ];
        Ok(self.repo.git().feed(&args, ids)?.ok())
    }
}

/// Best effort: data that cannot be synced was still written.
pub(super) fn sync_file(path: &std::path::Path) {
    if let Ok(file) = std::fs::File::open(path) {
        let _ = file.sync_all();
    }
    if let Some(Ok(folder)) = path.parent().map(std::fs::File::open) {
        let _ = folder.sync_all();
    }
}
