//! Writes of many documents: staged documents are written some megabytes at a time and dropped from memory.

use super::{Tx, item_of, require_open};
use crate::error::{Error, Result};
use crate::fault;
use crate::layout::{self, Family};
use crate::model::approval;
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::read_document::Loaded;

/// From about this number of staged bytes on, the documents are written.
const LOT: usize = 16 * 1024 * 1024;

/// The memory of a document in addition to its long texts, about.
const DOCUMENT: usize = 8 * 1024;

impl Tx<'_> {
    /// Writes a new document at once and drops it: for the many of an import, which would not fit
    /// into memory. This write must not read it again, nor create an item with its birth id.
    pub fn file(&mut self, mut doc: Doc) -> Result<()> {
        approval::keep_together(&mut doc, approval::Was::default(), &self.clock);
        require_open(None, &doc, &self.actor)?;
        item_of(&doc)?;
        let path = layout::path_of(self.levels, &doc).ok_or_else(|| {
            Error::state(format!(
                "the state has no place for a document of kind `{}`",
                doc.kind
            ))
        })?;
        let (text, secrets) = self.written(self.pending, doc, "")?;
        self.secrets.extend(secrets);
        let oid = self.pending.spool_blob(text.as_bytes())?;
        self.filed.insert(&path, Some(oid));
        self.filed_bytes += text.len() as u64;
        self.changes += 1;
        Ok(())
    }

    /// Announces one of many steps, with its size in bytes. Once the staged documents are large,
    /// they are written and dropped: everything that a batch or an import stages would not fit into
    /// memory. They are read back on demand.
    pub fn step(&mut self, bytes: usize) -> Result<()> {
        if !self.filed.is_empty() && fault::point("lot-index").is_err() {
            self.state.lose_index();
        }
        if self.unsettled_bytes > LOT {
            self.settle()?;
        }
        self.unsettled_bytes += DOCUMENT + bytes;
        Ok(())
    }

    pub(super) fn settle(&mut self) -> Result<()> {
        self.unsettled_bytes = 0;
        for uid in std::mem::take(&mut self.unsettled) {
            // It is listed once for each change.
            if self.state.is_settled(&uid) {
                continue;
            }
            let Some(loaded) = self.state.staged(&uid) else {
                continue;
            };
            let Some(path) = self.settled_path(loaded) else {
                continue;
            };
            let Some(family) = Family::of_path(&path) else {
                continue;
            };
            if !self.state.settles(family) {
                continue;
            }
            let (text, secrets) = self.written(self.pending, loaded.doc.clone(), &loaded.path)?;
            self.secrets.extend(secrets);
            let oid = self.pending.spool_blob(text.as_bytes())?;
            let before = self.state.settle(uid, (oid, &path, family), text.len());
            self.filed_bytes += text.len() as u64;
            self.filed_bytes -= before as u64;
            self.filed.insert(&path, Some(oid));
        }
        self.state.forget();
        Ok(())
    }

    /// The path of a staged item or comment, if that is certain already.
    fn settled_path(&self, loaded: &Loaded) -> Option<String> {
        let doc = &loaded.doc;
        if !loaded.path.is_empty() {
            let kept = doc.kind == "comment" || loaded.item.is_some();
            return kept.then(|| loaded.path.clone());
        }
        let Some(kind) = ItemKind::parse(&doc.kind) else {
            return (doc.kind == "comment")
                .then(|| layout::path_of(self.levels, doc))
                .flatten();
        };
        // Of several with one birth id, the last one decides the names of the others.
        let named = self.state.named(&doc.born).into_iter();
        let mut same = named.filter(|item| item.born == doc.born && item.kind == kind);
        let alone = same.all(|item| item.uid == doc.uid);
        alone.then(|| layout::path_of(self.levels, doc)).flatten()
    }
}
