//! The same repository for another thread.

use gix::odb::pack::cache::lru::MemoryCappedHashmap;

use super::{Place, Repo};

/// The memory, in bytes for each thread, for objects that were read.
const OBJECTS: usize = 1 << 22;

/// The memory, in bytes for each thread, for the base objects of deltas in packs.
const BASES: usize = 1 << 20;

/// The settings of every repository that is opened. A replacement (`git replace`) would put another
/// commit or document in the place of the one that an id names, and that was signed.
///
/// One command reads the same few commits and folders again and again, and in an old store
/// documents that are deltas against the same bases.
pub(super) fn set_up(repo: &mut gix::Repository) {
    repo.object_cache_size(OBJECTS);
    let new = || -> Box<gix::odb::cache::PackCache> { Box::new(MemoryCappedHashmap::new(BASES)) };
    repo.objects.set_pack_cache(new);
    repo.objects.ignore_replacements = true;
}

/// A repository on its way to another thread.
pub struct ForThread {
    inner: gix::ThreadSafeRepository,
    place: Place,
}

impl ForThread {
    /// The repository, for the thread that calls this.
    pub fn open(self) -> Repo {
        let mut inner = self.inner.to_thread_local();
        set_up(&mut inner);
        Repo::new(inner, self.place)
    }
}

impl Repo {
    /// The data that another thread needs to open this repository for itself.
    pub fn for_thread(&self) -> ForThread {
        ForThread {
            inner: self.inner.clone().into_sync(),
            place: self.place.clone(),
        }
    }
}
