//! Staged documents as files of a tree: redacted, within the size limit, each at its place.

use super::Tx;
use crate::error::{Error, Result};
use crate::git::repo::{Oid, Pending};
use crate::join::doc::redact;
use crate::join::moved_items::move_items;
use crate::join::tree::suffixes;
use crate::layout::{self, Family, Levels};
use crate::model::codec::{decode, encode};
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::limits::{DOCUMENT_MAX, DOCUMENT_WRITTEN_MAX};
use crate::model::uid::Uid;
use crate::read_document::{Loaded, read_if_doc};
use crate::repository;
use crate::secret;
use crate::size_limit;
use crate::tree_edit::{Step, edit_noting};

impl Tx<'_> {
    /// Writes the staged documents into a tree. Returns the changes too, if they are known.
    pub(crate) fn write_tree(&mut self, repo: &Pending) -> Result<(Oid, Option<Step>)> {
        if !self.filed.is_empty() {
            self.settle()?;
        }
        let mut changes = std::mem::take(&mut self.filed);
        let mut written = std::mem::take(&mut self.filed_bytes);
        let staged: Vec<Uid> = self.staged.iter().cloned().collect();
        for uid in staged {
            if self.state.is_settled(&uid) {
                continue;
            }
            let Some(loaded) = self.state.staged(&uid) else {
                continue;
            };
            let (text, secrets) = self.written(repo, loaded.doc.clone(), &loaded.path)?;
            self.secrets.extend(secrets);
            written += text.len() as u64;
            let oid = repo.write_blob(text.as_bytes())?;
            if loaded.path.is_empty() {
                for (path, oid) in self.place(repo, &loaded.doc, oid)? {
                    changes.insert(&path, oid);
                }
            } else {
                changes.insert(&loaded.path, Some(oid));
            }
        }
        for (path, bytes) in &self.files {
            let oid = bytes.as_ref().map(|b| repo.write_blob(b)).transpose()?;
            changes.insert(path, oid);
        }
        self.state.require_settled_read()?;
        size_limit::require_room(repo, self.state.tree, written)?;
        let (tree, step) = edit_noting(repo, self.state.tree, &mut changes)?;
        // A migration moves what was there, and what this write added.
        let raised =
            self.levels == Levels::One && repository::read(repo, tree)?.levels() > self.levels;
        match raised {
            true => Ok((move_items(repo, tree)?, None)),
            false => Ok((tree, step)),
        }
    }

    /// True if this write adds the first items of a state.
    pub(crate) fn begins_items(&self) -> bool {
        let is_item = |uid: &Uid| self.state.staged(uid).is_some_and(|l| l.item.is_some());
        let is_filed = |path: &str| matches!(Family::of_path(path), Some(Family::Item(_)));
        self.levels > self.state.repository.levels()
            && (self.staged.iter().any(is_item) || self.filed.paths().any(is_filed))
    }

    /// A document as it is written, and warnings about the secrets that it adds.
    pub(super) fn written(
        &self,
        repo: &Pending,
        mut doc: Doc,
        path: &str,
    ) -> Result<(String, Vec<String>)> {
        // Redacted texts do not return by being typed again.
        redact(&mut doc, &self.state.repository.redactions());
        let text = encode(&doc);
        if text.len() > DOCUMENT_WRITTEN_MAX {
            return Err(Error::usage(format!(
                "{} would have {} bytes; the limit is {DOCUMENT_WRITTEN_MAX}",
                doc.text("id").unwrap_or(&doc.kind),
                text.len()
            ))
            .hint(match doc.kind.as_str() {
                "plan" => "split the document into several, each with a plan of its own",
                _ => "put large texts into a file in the repository and refer to its path",
            }));
        }
        let secrets = self.new_secrets(repo, &doc, path)?;
        Ok((text, secrets))
    }

    /// Warnings about possible secrets in a document that were not there before.
    fn new_secrets(&self, repo: &Pending, doc: &Doc, path: &str) -> Result<Vec<String>> {
        let mut found = secret::in_document(doc);
        if found.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(oid) = repo.file_at(self.state.tree, path)?
            && let Some(bytes) = repo.blob(oid, DOCUMENT_MAX)?
            && let Ok(before) = decode(&bytes)
        {
            let known = secret::in_document(&before);
            found.retain(|secret| !known.contains(secret));
        }
        let name = match ItemKind::parse(&doc.kind) {
            Some(_) if self.state.item(&doc.uid).is_none() => doc.shown_id().to_string(),
            _ => self.state.name_of(doc),
        };
        Ok(found.iter().map(|secret| secret.warning(&name)).collect())
    }

    /// The path of a new document. Items whose birth id and uid's end are taken move along with the
    /// others of that birth id, as in a join.
    fn place(&self, repo: &Pending, doc: &Doc, oid: Oid) -> Result<Vec<(String, Option<Oid>)>> {
        let Some(kind) = ItemKind::parse(&doc.kind) else {
            let path = layout::path_of(self.levels, doc).ok_or_else(|| {
                Error::state(format!(
                    "the state has no place for a document of kind `{}`",
                    doc.kind
                ))
            })?;
            return Ok(vec![(path, Some(oid))]);
        };
        let same: Vec<&Loaded> = self
            .state
            .named(&doc.born)
            .into_iter()
            .filter(|item| item.born == doc.born && item.kind == kind)
            .filter_map(|item| self.state.loaded(&item.uid))
            .collect();
        let uids: Vec<Uid> = same.iter().map(|l| l.doc.uid.clone()).collect();
        let mut out = Vec::new();
        for (uid, length) in suffixes(&uids) {
            let path = layout::item_path(self.levels, kind, &doc.born, &uid, length);
            if uid == doc.uid {
                if let Some(other) = repo.file_at(self.state.tree, &path)?
                    && !same.iter().any(|l| l.path == path)
                    && read_if_doc(repo, other, &path)?.is_some_and(|found| found.uid != uid)
                {
                    let text = format!("{path} belongs to another item with a birth id like this");
                    return Err(Error::conflict(text).hint("choose another id for the new one"));
                }
                out.push((path, Some(oid)));
            } else if let Some(other) = same.iter().find(|l| l.doc.uid == uid)
                && other.path != path
                && !other.path.is_empty()
            {
                out.push((other.path.clone(), None));
                out.push((path, Some(repo.write_blob(encode(&other.doc).as_bytes())?)));
            }
        }
        Ok(out)
    }
}
