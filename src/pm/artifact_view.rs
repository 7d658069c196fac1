//! The versions of artifacts as views show them, and which of them are current.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::short_id::{ARTIFACT, short_id};
use crate::model::text;
use crate::model::uid::{Uid, is_sha256};
use crate::store::state::State;

/// One version of an artifact: a file that belongs to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ArtifactView {
    /// The id of its item.
    pub item: String,
    /// The artifact's name, unique in its item.
    pub name: String,
    /// The short id of the version: `A-k3f9a2`.
    pub id: String,
    /// The permanent id of the version.
    pub uid: String,
    /// The size of the content in bytes.
    pub size: u64,
    /// SHA-256 of the content; null if the content was redacted.
    pub sha256: Option<String>,
    /// The author.
    pub author: String,
    /// The agent's own name; none if a human put it.
    pub agent: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// Set if no later version replaces it.
    pub current: bool,
    /// Set if another version of this name is current, too: they were put concurrently.
    pub concurrent: bool,
}

/// The longest name that is shown, in characters; a put refuses longer ones.
pub(crate) const NAME_MAX: usize = 120;

/// All versions of the artifacts of an item that were not removed, by name, the oldest first.
pub(crate) fn artifact_views(state: &State<'_>, item: &Item) -> Vec<ArtifactView> {
    views(&state.shown_id(item), &state.artifacts_of(&item.uid))
}

/// The current artifacts of an item and of the items that it depends on.
pub(crate) fn artifacts_near(state: &State<'_>, item: &Item) -> Vec<ArtifactView> {
    let needed = item.depends_on.iter().filter_map(|d| d.target.uid.as_ref());
    let needed = needed.filter_map(|uid| state.item(uid));
    let mut out = Vec::new();
    for owner in std::iter::once(item).chain(needed.filter(|other| !other.deleted)) {
        out.extend(
            artifact_views(state, owner)
                .into_iter()
                .filter(|one| one.current),
        );
    }
    out
}

/// The views of the documents of one item's artifacts, without those that were removed.
pub(crate) fn views(item: &str, docs: &[&Doc]) -> Vec<ArtifactView> {
    let mut names: BTreeMap<&str, Vec<&Doc>> = BTreeMap::new();
    for doc in docs {
        if let Some(name) = doc.text("name") {
            names.entry(name).or_default().push(doc);
        }
    }
    let mut out = Vec::new();
    for (name, mut docs) in names {
        docs.sort_by_key(|doc| (&doc.birth, &doc.uid));
        let current = current(&docs);
        for doc in docs.into_iter().filter(|doc| doc.is_live()) {
            let is_current = current.contains(&doc.uid);
            let text = |name: &str| doc.text(name).map(text::actor);
            out.push(ArtifactView {
                item: item.to_string(),
                name: text::shorten(name, NAME_MAX),
                id: short_id(ARTIFACT, &doc.uid),
                uid: doc.uid.to_string(),
                size: size(doc),
                sha256: sha256(doc).map(str::to_string),
                author: text("author").unwrap_or_default(),
                agent: text("agent"),
                created_at: text("created_at").unwrap_or_default(),
                current: is_current,
                concurrent: is_current && current.len() > 1,
            });
        }
    }
    out
}

/// The versions of one artifact that are neither removed nor replaced. A version replaces those
/// that it names, and whatever these replaced, even if they were removed since.
pub(crate) fn current(docs: &[&Doc]) -> BTreeSet<Uid> {
    let known: BTreeMap<&str, &Doc> = docs.iter().map(|doc| (doc.uid.as_str(), *doc)).collect();
    let live: Vec<&Doc> = docs.iter().copied().filter(|doc| doc.is_live()).collect();
    let mut replaced: BTreeSet<&str> = BTreeSet::new();
    let mut open = live.clone();
    while let Some(doc) = open.pop() {
        for uid in doc.elements("replaces") {
            if let Some(other) = known.get(uid)
                && replaced.insert(uid)
            {
                open.push(other);
            }
        }
    }
    let mut kept: BTreeSet<Uid> = live
        .iter()
        .filter(|doc| !replaced.contains(doc.uid.as_str()))
        .map(|doc| doc.uid.clone())
        .collect();
    if kept.is_empty() {
        // Forged versions that replace each other must not hide the artifact.
        let newest = live.iter().max_by_key(|doc| (&doc.birth, &doc.uid));
        kept.extend(newest.map(|doc| doc.uid.clone()));
    }
    kept
}

/// The hash of the content, unless it was redacted.
pub(crate) fn sha256(doc: &Doc) -> Option<&str> {
    doc.text("sha256").filter(|hash| is_sha256(hash))
}

/// The size of the content in bytes, as the document states it.
pub(crate) fn size(doc: &Doc) -> u64 {
    let size = doc.value("size").as_int();
    size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A version: its time, the times of those that it replaces, and whether it was removed.
    fn version(time: u64, replaces: &[u64], removed: bool) -> Doc {
        let uid = |time: u64| Uid::from_parts(1_763_625_600_000 + time, [time as u8; 10]);
        let stamp = format!("{}.0.a", 1_763_625_600_000 + time);
        let mut doc = Doc::new(uid(time), "artifact", "", stamp.parse().unwrap());
        doc.put("name", "api.json");
        for other in replaces {
            doc.put_element("replaces", uid(*other).as_str());
        }
        if removed {
            doc.put("deleted", true);
        }
        doc
    }

    fn kept(docs: &[Doc]) -> Vec<usize> {
        let refs: Vec<&Doc> = docs.iter().collect();
        let current = current(&refs);
        (0..docs.len())
            .filter(|n| current.contains(&docs[*n].uid))
            .collect()
    }

    #[test]
    fn a_version_replaces_those_that_its_author_saw() {
        let first = version(1, &[], false);
        let left = version(2, &[1], false);
        let right = version(3, &[1], false);
        assert_eq!(kept(&[first.clone(), left.clone(), right.clone()]), [1, 2]);
        let both = version(4, &[2, 3], false);
        assert_eq!(kept(&[first, left, right, both]), [3]);
    }

    #[test]
    fn a_removed_version_gives_way_to_the_one_that_it_replaced() {
        let first = version(1, &[], false);
        assert_eq!(kept(&[first.clone(), version(2, &[1], true)]), [0]);
        // But not if a later one knew the removed one.
        let last = version(3, &[2], false);
        assert_eq!(kept(&[first, version(2, &[1], true), last]), [2]);
    }

    #[test]
    fn versions_that_claim_to_replace_each_other_stay() {
        assert_eq!(
            kept(&[version(1, &[1, 2], false), version(2, &[1], false)]),
            [1]
        );
    }
}
