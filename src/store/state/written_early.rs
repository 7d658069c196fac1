//! Documents of a large write that are written already.
//!
//! They are read back on demand, and dropped again after the next lot.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::State;
use super::documents::slot;
use super::item_lists::fits;
use crate::error::{Error, Result};
use crate::fault;
use crate::git::repo::{Oid, Repo};
use crate::index::Scan;
use crate::layout::Family;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::read_document::Loaded;
use crate::read_document::read_loaded;

/// Their places.
#[derive(Debug, Default)]
pub(super) struct Settled {
    places: HashMap<Uid, Place>,
    /// Those that were read back since the last lot.
    again: RefCell<Vec<Uid>>,
    /// The reason why one could not be read back. The answer was the version before this write, so
    /// the write must fail.
    failed: RefCell<Option<String>>,
}

#[derive(Debug)]
struct Place {
    oid: Oid,
    path: Box<str>,
    family: Family,
    size: usize,
    /// The narrow scans that it can match, a bit for each.
    narrow: u8,
    /// Set if it was changed since: the written version no longer counts.
    changed: bool,
}

/// The bit of a narrow scan; every bit if it can select any item.
fn bit(which: &Scan<'_>) -> u8 {
    match which {
        Scan::Owner(_) => 1,
        Scan::Branch(_) => 2,
        Scan::Active | Scan::Branched | Scan::Submitted => 4,
        Scan::Held => 8,
        Scan::Conflicted => 16,
        Scan::Epic(_) => 32,
        _ => u8::MAX,
    }
}

fn bits(item: &Item) -> u8 {
    let holds = [
        item.owner().is_some(),
        item.branch.is_some(),
        fits(&Scan::Active, item),
        fits(&Scan::Held, item),
        item.conflicted,
        item.epic.is_some(),
    ];
    let numbered = holds.into_iter().enumerate();
    numbered.fold(64, |bits, (n, holds)| bits | u8::from(holds) << n)
}

impl Settled {
    /// The family of one, as an index; `None` if it is not settled.
    pub(super) fn slot(&self, uid: &Uid) -> Option<usize> {
        Some(slot(self.places.get(uid)?.family))
    }

    /// The place of one, if the written version counts.
    fn current(&self, uid: &Uid) -> Option<&Place> {
        self.places.get(uid).filter(|place| !place.changed)
    }

    /// Notes that one is changed in memory, and has to be written again.
    pub(super) fn note_changed(&mut self, uid: &Uid) {
        if let Some(place) = self.places.get_mut(uid) {
            place.changed = true;
        }
    }

    /// Reads one. If that fails, the write fails in the end.
    pub(super) fn read(&self, repo: &Repo, uid: &Uid) -> Option<Loaded> {
        let place = self.current(uid)?;
        let read = || {
            fault::point("settled-read").map_err(|e| e.to_string())?;
            let read = read_loaded(repo, place.oid, &place.path, place.family);
            read.map_err(|e| e.to_string())
        };
        let failed = |reason: String| {
            let reason = format!("cannot read back {}: {reason}", place.path);
            self.failed.replace(Some(reason));
        };
        read().map_err(failed).ok()
    }

    /// True if one can match a scan. One that is not settled may.
    pub(super) fn may_fit(&self, uid: &Uid, which: &Scan<'_>) -> bool {
        let place = self.current(uid);
        place.is_none_or(|place| place.narrow & bit(which) != 0)
    }
}

impl State<'_> {
    /// A document that was staged or read one by one.
    pub(super) fn here(&self, uid: &Uid) -> Option<&Loaded> {
        if let Some(loaded) = self.some.get(uid) {
            return Some(loaded);
        }
        let loaded = self.settled.read(self.repo, uid)?;
        self.settled.again.borrow_mut().push(uid.clone());
        Some(self.some.insert(uid.clone(), Rc::new(loaded)))
    }

    /// True if a document of that family can be settled: if all of them are in memory, they stay.
    pub fn settles(&self, family: Family) -> bool {
        self.all[slot(family)].get().is_none()
    }

    /// True if a staged document is written already, in its current version.
    pub fn is_settled(&self, uid: &Uid) -> bool {
        self.settled.current(uid).is_some()
    }

    /// Fails if a document of this write could not be read back.
    pub(crate) fn require_settled_read(&self) -> Result<()> {
        match self.settled.failed.take() {
            Some(reason) => {
                Err(Error::state(reason).hint("nothing was written; run the command again"))
            }
            None => Ok(()),
        }
    }

    /// Drops a document that is now written, with `size` bytes. Returns the size of its former
    /// version from the same write.
    pub fn settle(
        &mut self,
        uid: Uid,
        (oid, path, family): (Oid, &str, Family),
        size: usize,
    ) -> usize {
        let loaded = self.some.as_mut().remove(&uid);
        let item = loaded.as_ref().and_then(|loaded| loaded.item.as_ref());
        let narrow = item.map_or(0, bits);
        let path = path.into();
        let place = Place {
            narrow,
            oid,
            path,
            family,
            size,
            changed: false,
        };
        let before = self.settled.places.insert(uid, place);
        before.map_or(0, |before| before.size)
    }

    /// Drops the documents that were read back or only read.
    pub fn forget(&mut self) {
        for uid in self.settled.again.take() {
            if self.is_settled(&uid) {
                self.some.as_mut().remove(&uid);
            }
        }
        let changed = self.changed.get_mut();
        self.some.as_mut().retain(|uid, _| changed.contains(uid));
        self.items.as_mut().clear();
    }

    /// Continues without the index.
    pub(crate) fn lose_index(&self) {
        self.index.replace(None);
    }
}
