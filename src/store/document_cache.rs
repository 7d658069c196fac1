//! Documents that several states have in common, decoded once.
//!
//! An exchange reads the state of the remote, the published state, the join of both and the state to
//! push, which differ from the index in nearly the same files: each of these is read once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::git::repo::{Oid, Repo};
use super::layout::Family;
use crate::model::uid::Uid;
use crate::read_document::Loaded;
use crate::read_document::ReadError;
use crate::read_document::read_doc;
use crate::read_document::read_loaded;

/// The number of documents kept; the others are read again.
const KEPT: usize = 6_000;

/// A file: its blob, and the path that it has to fit.
type Place = (Oid, String);

/// The documents read so far.
#[derive(Default)]
pub struct Shared {
    docs: RefCell<HashMap<Place, Rc<Loaded>>>,
    uids: RefCell<HashMap<Place, Uid>>,
}

impl Shared {
    /// A document with its typed view.
    pub fn loaded(
        &self,
        repo: &Repo,
        oid: Oid,
        path: &str,
        family: Family,
    ) -> Result<Rc<Loaded>, ReadError> {
        let place = (oid, path.to_string());
        if let Some(known) = self.docs.borrow().get(&place) {
            return Ok(known.clone());
        }
        let loaded = Rc::new(read_loaded(repo, oid, path, family)?);
        let mut docs = self.docs.borrow_mut();
        if docs.len() < KEPT {
            docs.insert(place, loaded.clone());
        }
        Ok(loaded)
    }

    /// The uid of a document.
    pub fn uid(&self, repo: &Repo, oid: Oid, path: &str, family: Family) -> Result<Uid, ReadError> {
        let place = (oid, path.to_string());
        if let Some(known) = self.docs.borrow().get(&place) {
            return Ok(known.doc.uid.clone());
        }
        if let Some(known) = self.uids.borrow().get(&place) {
            return Ok(known.clone());
        }
        let uid = read_doc(repo, oid, path, family)?.uid;
        let mut uids = self.uids.borrow_mut();
        if uids.len() < KEPT {
            uids.insert(place, uid.clone());
        }
        Ok(uid)
    }
}
