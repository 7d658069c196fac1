//! Artifacts whose content is missing or another one, or whose item is not in this clone.
//!
//! The item or content may still arrive from another clone, so nothing is removed.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::fsck_report::Finding;
use super::tree_survey::Survey;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::limits::ARTIFACT_MAX;
use crate::model::uid::sha256_hex;
use crate::pm::artifact_view::sha256;
use crate::store::git::repo::Oid;
use crate::store::layout::content_path;
use crate::store::tree_diff::contents;

/// The contents in the tree, by path.
pub(super) type Contents = BTreeMap<String, Oid>;

/// Checks the contents of the tree, and returns them.
pub(super) fn forged(survey: &Survey<'_>, out: &mut Vec<Finding>) -> Result<Contents> {
    let tree = survey.repo.commit(survey.tip)?.tree;
    let here: Contents = contents(survey.repo, tree).into_iter().collect();
    // The hash of each object: one of 64 MiB may be at many places.
    let mut hashes: HashMap<Oid, Option<String>> = HashMap::new();
    for (path, oid) in &here {
        let name = path.rsplit('/').next().unwrap_or(path);
        let hash = match hashes.entry(*oid) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => match survey.repo.blob(*oid, ARTIFACT_MAX) {
                Ok(bytes) => new.insert(bytes.map(|bytes| sha256_hex(&bytes))),
                // A missing object is reported as such.
                Err(_) => continue,
            },
        };
        let why = match hash {
            None => "it is too large for the content of an artifact, and is never read",
            Some(hash) if hash != name => {
                "its content does not match the hash in its name, so it is never used"
            }
            Some(_) => continue,
        };
        let fix = "run `git pm artifact put` again in a clone that has the file";
        out.push(Finding::fault("content-forged", path, why).fix(fix));
    }
    Ok(here)
}

/// Checks a document, if it is that of an artifact.
pub(super) fn find(
    survey: &Survey<'_>,
    here: &Contents,
    (at, doc): (&str, &Doc),
    out: &mut Vec<Finding>,
) {
    if doc.kind != "artifact" || !doc.is_live() {
        return;
    }
    let item = doc.text("item").map(ItemRef::parse);
    if let Some(item) = item.filter(|item| item.uid.is_some() && !survey.has(item)) {
        let born = item.born;
        let message = format!("it is an artifact of {born}, which does not exist here");
        out.push(Finding::warning("artifact-orphaned", at, message).fix("git pm sync"));
    }
    let path = sha256(doc).and_then(content_path);
    if path.is_some_and(|path| !here.contains_key(&path)) {
        let message = "its content is not in the state";
        out.push(Finding::fault("content-missing", at, message).fix("git pm sync"));
    }
}
