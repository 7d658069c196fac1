//! Artifacts: the files that an item publishes for others; put, list and get.
//!
//! An example is an interface that its dependents build on before it is done. Each put is a document
//! and its content an opaque file beside it, both in one commit. Concurrent puts both stay current.

mod choose;
mod content;
mod files;
mod name;
mod size;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use self::choose::{chosen, missing, named, unknown};
use self::content::{content, require_no_secret};
pub(crate) use self::files::is_folder;
use self::name::check_name;
use crate::coordinate::{idempotency, write};
use crate::error::{Error, Reason, Result};
use crate::model::doc::Doc;
use crate::model::id::{ItemRef, rank};
use crate::model::item::Item;
use crate::model::short_id::{ARTIFACT, short_id};
use crate::model::stamp::rfc3339;
use crate::model::text::{bytes, spelled};
use crate::model::uid::{Uid, sha256_hex};
use crate::model::value::Value;
use crate::pm::artifact_view::{ArtifactView, artifact_views, current, sha256, views};
use crate::pm::handles::Artifacts;
use crate::store::layout::content_path;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// A version of an artifact to be put.
#[derive(Clone, Debug, Default)]
pub struct NewArtifact {
    /// The item it belongs to.
    pub item: String,
    /// Its name: a plain file name.
    pub name: String,
    /// Its content, in any format.
    pub content: Vec<u8>,
    /// Put it even if it seems to contain a secret.
    pub allow_secret: bool,
}

/// A version of an artifact with its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ArtifactContent {
    /// The version.
    #[serde(flatten)]
    pub artifact: ArtifactView,
    /// The content; not part of JSON output.
    #[serde(skip)]
    pub content: Vec<u8>,
}

impl ArtifactContent {
    /// The artifact's name, as the name of a new file.
    ///
    /// # Errors
    /// When a fetched name is not a plain file name.
    pub fn file_name(&self) -> Result<&str> {
        check_name(&self.artifact.name)?;
        Ok(&self.artifact.name)
    }
}

/// The operation of a put.
const PUT: &str = "artifact put";

/// The operation of a removal.
const REMOVE: &str = "artifact remove";

impl Artifacts<'_> {
    /// Puts a version of an artifact in one commit. It replaces the versions that are current in
    /// this clone; a version put elsewhere meanwhile stays beside it. As it is meant for others, it
    /// is pushed to the remote at once if allowed. Content that is current already is not put
    /// again.
    ///
    /// # Errors
    /// When there is no such item, the name is not a plain file name, the content is larger than
    /// `pm.artifactLimit`, or it seems to contain a secret (`artifact.secret`).
    pub fn put(&self, new: &NewArtifact) -> Result<ArtifactView> {
        check_name(&new.name)?;
        self.require_size(&new.name, new.content.len() as u64)?;
        require_no_secret(new)?;
        let hash = sha256_hex(&new.content);
        idempotency::also(self.pm, &hash);
        // A sync may give the id to another item.
        let mut owner = None;
        let stage = |tx: &mut Tx<'_>| {
            owner = Some(tx.state.find(&new.item)?.uid.clone());
            stage_put(tx, new, &hash)
        };
        write::require_no_version(self.pm, PUT)?;
        let put = self.pm.write(PUT).uncompared().for_others();
        let uid = put.run(stage)?;
        let state = self.pm.store.snapshot()?;
        let item = match owner.as_ref().and_then(|uid| state.item(uid)) {
            Some(item) => item,
            None => state.find(&new.item)?,
        };
        let all = artifact_views(&state, item);
        all.into_iter()
            .find(|view| view.uid == uid.as_str())
            .ok_or_else(|| missing(new.name.as_str(), &new.item))
    }

    /// The current versions of the artifacts of an item, or of all items; with `all`, earlier
    /// versions too.
    ///
    /// # Errors
    /// When there is no such item, or the state cannot be read.
    pub fn list(&self, item: Option<&str>, all: bool) -> Result<Vec<ArtifactView>> {
        let state = self.pm.store.snapshot()?;
        let mut found = match item {
            Some(item) => artifact_views(&state, state.find(item)?),
            None => every(&state),
        };
        found.retain(|view| all || view.current);
        Ok(found)
    }

    /// The content of the current version of an artifact, or of the version that is named.
    ///
    /// # Errors
    /// When there is no such item, artifact or version; kind `Ambiguous`, reason
    /// `artifact.concurrent`, if several versions are current; kind `State` if the content is
    /// missing, was redacted, or is not the one that the state names.
    pub fn get(&self, item: &str, name: &str, version: Option<&str>) -> Result<ArtifactContent> {
        let state = self.pm.store.snapshot()?;
        let item = state.find(item)?;
        let id = state.shown_id(item);
        let docs = state.artifacts_of(&item.uid);
        let doc = chosen(&docs, &id, name, version)?;
        let artifact = views(&id, &docs)
            .into_iter()
            .find(|view| view.uid == doc.uid.as_str())
            .ok_or_else(|| missing(name, &id))?;
        let content = content(&state, doc, &id)?;
        Ok(ArtifactContent { artifact, content })
    }

    /// Removes an artifact, or one version of it, from all clones; the history keeps it. Returns
    /// the removed versions.
    ///
    /// # Errors
    /// When there is no such item, artifact or version.
    pub fn remove(
        &self,
        item: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<Vec<ArtifactView>> {
        let mut gone = Vec::new();
        let stage = |tx: &mut Tx<'_>| {
            let (uids, removed) = stage_removal(tx, item, name, version)?;
            gone = removed;
            Ok(uids)
        };
        write::require_no_version(self.pm, REMOVE)?;
        let removal = self.pm.write(REMOVE).uncompared().for_others();
        let uids: Vec<Uid> = removal.run(stage)?;
        if gone.is_empty() {
            // An earlier run with the same key removed them.
            let state = self.pm.store.snapshot()?;
            let owner = state.find(item)?;
            let docs = state.artifacts_of(&owner.uid).into_iter();
            let docs = docs.filter(|doc| uids.contains(&doc.uid)).cloned();
            let mut docs: Vec<Doc> = docs.collect();
            docs.iter_mut().for_each(|doc| doc.put("deleted", false));
            gone = views(&state.shown_id(owner), &docs.iter().collect::<Vec<_>>());
        }
        Ok(gone)
    }
}

/// Stages a version with its content; returns the uid of the version that has this content.
fn stage_put(tx: &mut Tx<'_>, new: &NewArtifact, hash: &str) -> Result<Uid> {
    if tx
        .state
        .repository
        .redactions()
        .hide_content(hash, &new.content)
    {
        return Err(Error::refused(format!(
            "{} contains text that was redacted from this project",
            spelled(&new.name)
        ))
        .because(Reason::ArtifactRedacted)
        .about(new.name.as_str())
        .hint("remove that text from the file, then run the command again"));
    }
    let item = tx.state.find(&new.item)?.clone();
    let docs = tx.state.artifacts_of(&item.uid);
    let same: Vec<&Doc> = named(&docs, &new.name);
    let seen = current(&same);
    if let [only] = &same
        .iter()
        .filter(|doc| seen.contains(&doc.uid))
        .collect::<Vec<_>>()[..]
        && sha256(only) == Some(hash)
    {
        let uid = only.uid.clone();
        let id = tx.state.shown_id(&item);
        // In a damaged state its content may be missing or different.
        if let (Err(_), Some(path)) = (content(&tx.state, only, &id), content_path(hash)) {
            tx.put_file(&path, Some(new.content.clone()));
            tx.describe(PUT, &[&id], &format!("{id}: {} again", spelled(&new.name)));
        }
        return Ok(uid);
    }
    let birth = tx.fresh_stamp();
    let uid = tx.new_uid()?;
    let mut doc = Doc::new(uid.clone(), "artifact", "", birth);
    doc.put("item", item.reference().to_string());
    doc.put("name", new.name.as_str());
    doc.put(
        "size",
        Value::from(i64::try_from(new.content.len()).unwrap_or(i64::MAX)),
    );
    doc.put("sha256", hash);
    doc.put("author", tx.actor());
    if let Some(agent) = tx.agent() {
        doc.put("agent", agent);
    }
    doc.put("created_at", rfc3339(tx.clock().wall_ms()));
    for uid in &seen {
        doc.put_element("replaces", uid.as_str());
    }
    tx.insert(doc)?;
    if let Some(path) = content_path(hash) {
        tx.put_file(&path, Some(new.content.clone()));
    }
    let id = tx.state.shown_id(&item);
    let size = bytes(new.content.len() as u64);
    tx.describe(
        PUT,
        &[&id],
        &format!("{id}: {}, {size}", spelled(&new.name)),
    );
    Ok(uid)
}

/// Stages the removal of all versions, or of one; returns the item and what was removed.
fn stage_removal(
    tx: &mut Tx<'_>,
    item: &str,
    name: &str,
    version: Option<&str>,
) -> Result<(Vec<Uid>, Vec<ArtifactView>)> {
    let item: Item = tx.state.find(item)?.clone();
    let id = tx.state.shown_id(&item);
    let docs = tx.state.artifacts_of(&item.uid);
    let gone: Vec<Uid> = match version {
        Some(_) => vec![chosen(&docs, &id, name, version)?.uid.clone()],
        None => {
            let live = named(&docs, name).into_iter().filter(|doc| doc.is_live());
            live.map(|doc| doc.uid.clone()).collect()
        }
    };
    if gone.is_empty() {
        return Err(unknown(&docs, &id, name));
    }
    let mut removed = views(&id, &docs);
    removed.retain(|view| gone.iter().any(|uid| uid.as_str() == view.uid));
    for uid in &gone {
        tx.edit(uid, |doc, clock| doc.set("deleted", true, clock))?;
    }
    let which = match version {
        Some(_) => format!(" ({})", short_id(ARTIFACT, &gone[0])),
        None => String::new(),
    };
    tx.describe(REMOVE, &[&id], &format!("{id}: {}{which}", spelled(name)));
    Ok((gone, removed))
}

/// The versions of all items that are not deleted, by item.
fn every(state: &State<'_>) -> Vec<ArtifactView> {
    let mut by_item: BTreeMap<Uid, Vec<&Doc>> = BTreeMap::new();
    for loaded in state.artifact_docs().values() {
        let item = loaded.doc.text("item").map(ItemRef::parse);
        if let Some(uid) = item.and_then(|item| item.uid) {
            by_item.entry(uid).or_default().push(&loaded.doc);
        }
    }
    let mut items: Vec<(&Item, Vec<&Doc>)> = by_item
        .into_iter()
        .filter_map(|(uid, docs)| Some((state.item(&uid)?, docs)))
        .filter(|(item, _)| !item.deleted)
        .collect();
    items.sort_by_cached_key(|(item, _)| rank(&item.id));
    let all = items.into_iter();
    all.flat_map(|(item, docs)| views(&state.shown_id(item), &docs))
        .collect()
}
