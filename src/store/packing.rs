//! When loose objects of the state become one pack.
//!
//! Every change leaves some loose objects; once there are many, those of the state become one pack,
//! in which a change takes a fraction of the space.

use std::path::PathBuf;

use super::ephemeral::EPHEMERAL;
use super::generation::own_refs;
use super::git::objects::{is_gc_at_work, loose_count};
use super::git::repo::Oid;
use super::git::rewrite_packs::pack_reachable;
use super::handle::Store;
use super::{lock, shared_files};
use crate::error::Result;
use crate::model::settings;

impl Store {
    /// Packs the state's loose objects if there are many. Returns the number packed.
    pub fn pack_when_many(&self) -> Result<usize> {
        let limit = self.repo().number_of(&settings::PACK_LIMIT) as usize;
        let loose = loose_count(self.repo());
        if limit == 0 || loose < limit {
            return Ok(0);
        }
        // The objects that stayed loose the last time are the user's; git's own gc takes care of
        // them.
        let theirs: usize = std::fs::read_to_string(self.packed_mark())
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0);
        if loose.saturating_sub(theirs) < limit {
            return Ok(0);
        }
        self.pack()
    }

    /// Packs the state's loose objects. Does nothing while another packing or a `git gc` is
    /// running.
    ///
    /// # Errors
    /// When git cannot write the pack; nothing is removed then.
    pub fn pack(&self) -> Result<usize> {
        if is_gc_at_work(self.repo()) {
            return Ok(0);
        }
        let _ = shared_files::create_dir_all(&self.folder());
        let queue = lock::open(&self.folder().join("pack.lock"));
        let held = queue.as_ref().map(|file| file.try_lock());
        if matches!(held, Ok(Err(std::fs::TryLockError::WouldBlock))) {
            return Ok(0);
        }
        let refs = own_refs::refs(self.repo())?;
        let tips: Vec<Oid> = refs
            .into_iter()
            // Ephemeral objects would be gone before the next pack.
            .filter(|(name, id)| {
                !own_refs::is_temporary(name) && name != EPHEMERAL && self.repo().is_commit(*id)
            })
            .map(|(_, id)| id)
            .collect();
        if tips.is_empty() {
            return Ok(0);
        }
        let packed = pack_reachable(self.repo(), &tips)?;
        let _ = std::fs::write(
            self.packed_mark(),
            format!("{}\n", loose_count(self.repo())),
        );
        shared_files::share(&self.packed_mark());
        Ok(packed)
    }

    /// The file that records the number of loose objects that are not ours.
    fn packed_mark(&self) -> PathBuf {
        self.folder().join("packed")
    }
}
