//! A tree read file by file, with the lookups that the rules need.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::id::{ItemKind, ItemRef, SUFFIX};
use crate::model::item::Item;
use crate::model::planned_id::planned_uid;
use crate::model::proposed::TASKS;
use crate::model::uid::Uid;
use crate::store::fsck::file_versions::Past;
use crate::store::fsck::scan::{self, Scan, What};
use crate::store::git::repo::{Oid, Repo};
use crate::store::join::tree::suffixes;
use crate::store::layout::MAIN;
use crate::store::layout::PUBLISHED;
use crate::store::layout::{self, Levels, REPOSITORY, SUFFIX_LENGTHS};
use crate::store::repository::{self, Repository};

/// A tree with its items and history.
pub(super) struct Survey<'r> {
    pub repo: &'r Repo,
    pub tip: Oid,
    pub now_ms: u64,
    pub scan: Scan,
    pub repository: Repository,
    /// Items that can be read as such, by uid.
    pub items: BTreeMap<Uid, Item>,
    /// Number of live items by id.
    ids: BTreeMap<String, usize>,
    /// The history of the unreadable files, read when first needed.
    past: OnceCell<Past>,
}

impl<'r> Survey<'r> {
    /// Reads the tree of a commit.
    pub fn at(repo: &'r Repo, tip: Oid, now_ms: u64) -> Result<Self> {
        let tree = repo.commit(tip)?.tree;
        let repository = repository::read(repo, tree)?;
        repository.require_readable()?;
        let scan = scan::scan(repo, tree)?;
        let mut items = BTreeMap::new();
        let mut ids = BTreeMap::new();
        for (_, doc) in scan.docs() {
            if let Ok(item) = Item::from_doc(doc) {
                if !item.deleted {
                    *ids.entry(item.id.clone()).or_insert(0) += 1;
                }
                items.insert(item.uid.clone(), item);
            }
        }
        Ok(Survey {
            repo,
            tip,
            now_ms,
            scan,
            repository,
            items,
            ids,
            past: OnceCell::new(),
        })
    }

    /// The readable versions of a file, newest first. Those of all unreadable files and of
    /// `pm.yaml` are looked up together.
    pub fn versions(&self, path: &str) -> Result<Vec<Doc>> {
        if self.past.get().is_none() {
            let files = self.scan.files.iter().filter(|file| match &file.what {
                What::Damaged { .. } => true,
                What::Doc { doc, .. } | What::Misplaced { doc, .. } => {
                    ItemKind::parse(&doc.kind).is_some() && Item::from_doc(doc).is_err()
                }
                What::Missing { .. } | What::Opaque => false,
            });
            let paths = files.map(|file| file.path.clone());
            let paths = paths.chain([REPOSITORY.to_string()]);
            let _ = self.past.set(Past::of(self.repo, &self.tips()?, paths));
        }
        if let Some(past) = self.past.get().filter(|past| past.knows(path)) {
            return Ok(past.versions(self.repo, path));
        }
        let past = Past::of(self.repo, &self.tips()?, [path.to_string()]);
        Ok(past.versions(self.repo, path))
    }

    /// The id to show: with a suffix of the uid where two items have it.
    pub fn shown(&self, item: &Item) -> String {
        if self.ids.get(&item.id).is_some_and(|n| *n > 1) {
            format!("{}-{}", item.id, item.uid.suffix(SUFFIX))
        } else {
            item.id.clone()
        }
    }

    /// The number of live items with this id.
    pub fn with_id(&self, id: &str) -> usize {
        self.ids.get(id).copied().unwrap_or(0)
    }

    /// True if an item exists here: readable, or possibly in a damaged file.
    pub fn has(&self, target: &ItemRef) -> bool {
        let Some(uid) = &target.uid else {
            return true;
        };
        let places = item_paths(&target.born, uid);
        self.items.contains_key(uid)
            || self.is_proposed(&target.born, uid)
            || self.scan.files.iter().any(|file| match &file.what {
                What::Doc { doc, .. } | What::Misplaced { doc, .. } => doc.uid == *uid,
                What::Damaged { .. } | What::Missing { .. } => places.contains(&file.path),
                What::Opaque => false,
            })
    }

    /// True if a plan has a task with this uid, approved or not.
    pub fn is_planned(&self, uid: &Uid) -> bool {
        let mut plans = self.scan.docs().filter(|(_, doc)| doc.kind == "plan");
        plans.any(|(_, plan)| {
            let mut keys = plan
                .records
                .get(TASKS)
                .into_iter()
                .flat_map(|all| all.keys());
            keys.any(|key| planned_uid(&plan.uid, key) == *uid)
        })
    }

    /// True if it is a task of a plan that was not approved.
    fn is_proposed(&self, born: &str, uid: &Uid) -> bool {
        let Some((_, key)) = born.rsplit_once('.') else {
            return false;
        };
        let mut plans = self.scan.docs().filter(|(_, doc)| doc.kind == "plan");
        plans.any(|(_, plan)| {
            plan.entry(TASKS, key).is_some() && planned_uid(&plan.uid, key) == *uid
        })
    }

    /// True if this clone has the complete history: only then does absence mean that a document
    /// never existed.
    pub fn is_whole(&self) -> bool {
        !self.repo.is_shallow() && self.repository.raises().is_empty()
    }

    /// The commits whose histories are searched: the tip, and the fetched and published tips.
    pub fn tips(&self) -> Result<Vec<Oid>> {
        let mut names: Vec<String> = self
            .repo
            .refs_under("refs/pm-remotes/")?
            .into_keys()
            .collect();
        names.extend([MAIN.to_string(), PUBLISHED.to_string()]);
        let mut tips = vec![self.tip];
        for name in names {
            if let Some(tip) = self.repo.ref_target(&name)?
                && self.repo.is_commit(tip)
                && !tips.contains(&tip)
            {
                tips.push(tip);
            }
        }
        Ok(tips)
    }
}

/// Every path that the file of an item can have.
pub(super) fn item_paths(born: &str, uid: &Uid) -> Vec<String> {
    let names = ItemKind::ALL
        .into_iter()
        .flat_map(|kind| Levels::ALL.map(|levels| (levels, kind)));
    names
        .flat_map(|(levels, kind)| {
            SUFFIX_LENGTHS.map(|n| layout::item_path(levels, kind, born, uid, n))
        })
        .collect()
}

/// The key that is equal for two files with the same document: for items the longest form of the
/// path, for others the path.
pub(super) fn key_of(doc: &Doc) -> Option<String> {
    match ItemKind::parse(&doc.kind) {
        Some(kind) => Some(layout::item_path(
            Levels::Two,
            kind,
            &doc.born,
            &doc.uid,
            26,
        )),
        None if doc.kind == "repository" => Some(REPOSITORY.into()),
        None => layout::path_of(Levels::Two, doc),
    }
}

/// The path of each document, by its key: that of an item depends on the others with its stem.
pub(super) fn places<'d>(
    levels: Levels,
    docs: impl Iterator<Item = (&'d str, &'d Doc)>,
) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    let mut groups: BTreeMap<[String; 2], Vec<Uid>> = BTreeMap::new();
    for (key, doc) in docs {
        match ItemKind::parse(&doc.kind) {
            Some(kind) => {
                let stems = [Levels::Two, levels].map(|l| layout::item_stem(l, kind, &doc.born));
                groups.entry(stems).or_default().push(doc.uid.clone());
            }
            None => {
                places.insert(key.to_string(), key.to_string());
            }
        }
    }
    for ([key, stem], uids) in groups {
        for (uid, length) in suffixes(&uids) {
            let path = |stem: &str, length| format!("{stem}-{}.md", uid.suffix(length));
            places.insert(path(&key, 26), path(&stem, length));
        }
    }
    places
}
