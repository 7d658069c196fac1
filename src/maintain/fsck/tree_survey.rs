//! A tree read file by file, with the lookups that the rules need.
//!
//! A state may have a million documents, so of each only what concerns others is kept; a rule that may
//! apply to one reads it again.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{item_rules, orphaned_records};
use crate::error::{Error, Result};
use crate::graph::{Is, Light, Vertex};
use crate::model::doc::Doc;
use crate::model::id::{ItemKind, ItemRef, SUFFIX};
use crate::model::item::Item;
use crate::model::limits::DOCUMENT_MAX;
use crate::model::planned_id::planned_uid;
use crate::model::proposed::TASKS;
use crate::model::stamp::DAY_MS;
use crate::model::uid::Uid;
use crate::store::fsck::file_versions::Past;
use crate::store::fsck::scan::{self, File, Odd, What};
use crate::store::git::repo::{Oid, Repo};
use crate::store::join::tree::suffixes;
use crate::store::layout::MAIN;
use crate::store::layout::PUBLISHED;
use crate::store::layout::{self, Levels, REPOSITORY, SUFFIX_LENGTHS};
use crate::store::repository::{self, Repository};

/// A document where it belongs.
pub(super) struct Row {
    pub path: Box<str>,
    oid: Oid,
    pub uid: Uid,
    /// A hash of the part of its path that documents share whose names depend on each other.
    stem: u64,
    /// Its name is not that of a document that shares nothing with others.
    is_renamed: bool,
    /// An item that cannot be read as such.
    is_unreadable: bool,
    /// A rule may apply to it, whatever else there is.
    is_suspect: bool,
    /// What it can be to others, as bits.
    roles: u8,
    /// The documents that it names, with the roles that each has to have.
    targets: Box<[(u8, Uid)]>,
    pub item: Option<Box<Light>>,
}

/// A tree with its items and history.
pub(super) struct Survey<'r> {
    pub repo: &'r Repo,
    pub tip: Oid,
    pub now_ms: u64,
    /// The documents where they belong, by uid, those of one uid by path.
    pub rows: Vec<Row>,
    /// All other files, by path.
    pub files: Vec<File>,
    /// Entries that are never followed.
    pub odd: Vec<Odd>,
    pub repository: Repository,
    /// The places of the rows, by stem.
    by_stem: Vec<u32>,
    /// The number of live items with an id, where they are several.
    pub ids: BTreeMap<String, usize>,
    /// The uids of the plans, with the keys of their tasks.
    plans: Vec<(Uid, Vec<String>)>,
    /// The history of the unreadable files, read when first needed.
    past: OnceCell<Past>,
}

impl Row {
    fn of((path, oid): (String, Oid), doc: &Doc, is_odd: bool, levels: Levels) -> Self {
        let of_item = ItemKind::parse(&doc.kind).is_some();
        let item = Item::from_doc(doc).ok();
        let targets = match &item {
            Some(item) if !item.deleted => item_rules::targets(doc, item),
            _ => orphaned_records::targets(doc),
        };
        let is_renamed = layout::path_of(levels, doc).is_none_or(|wanted| wanted != path);
        let has_own_fault = match doc.kind.as_str() {
            "artifact" => doc.is_live(),
            "learning" => doc.elements("supersedes").next().is_some(),
            "reservation" => !doc.purged && doc.text("ended").is_none(),
            _ => (item.as_ref()).map_or(of_item, |item| item_rules::has_own_fault(doc, item)),
        };
        let names_itself = targets.iter().any(|(_, uid)| *uid == doc.uid);
        Row {
            path: path.into(),
            oid,
            uid: doc.uid.clone(),
            stem: stem(doc),
            is_renamed,
            is_unreadable: of_item && item.is_none(),
            is_suspect: is_odd || has_own_fault || names_itself,
            roles: item.as_ref().map_or(0, item_rules::roles),
            targets: targets.into(),
            item: item.map(|item| Box::new(Light::of(&item))),
        }
    }
}

/// True if a field is dated more than a day ahead of this machine's clock.
pub(super) fn is_future(doc: &Doc, now_ms: u64) -> bool {
    doc.latest().ms > now_ms.saturating_add(DAY_MS)
}

/// Equal for documents whose names depend on each other: items with one stem.
fn stem(doc: &Doc) -> u64 {
    let mut hasher = DefaultHasher::new();
    match ItemKind::parse(&doc.kind) {
        Some(kind) => layout::item_stem(Levels::Two, kind, &doc.born).hash(&mut hasher),
        None => doc.uid.hash(&mut hasher),
    }
    hasher.finish()
}

impl<'r> Survey<'r> {
    /// Reads the tree of a commit.
    pub fn at(repo: &'r Repo, tip: Oid, now_ms: u64) -> Result<Self> {
        let tree = repo.commit(tip)?.tree;
        let repository = repository::read(repo, tree)?;
        repository.require_readable()?;
        let (mut rows, mut files, mut plans) = (Vec::new(), Vec::new(), Vec::new());
        let levels = repository.levels();
        let odd = scan::scan(repo, tree, &mut |file: File| match file.what {
            What::Doc { doc, canonical } => {
                if doc.kind == "plan" {
                    let tasks = doc.records.get(TASKS).into_iter().flatten();
                    plans.push((doc.uid.clone(), tasks.map(|(key, _)| key.clone()).collect()));
                }
                let is_odd = !canonical || is_future(&doc, now_ms);
                rows.push(Row::of((file.path, file.oid), &doc, is_odd, levels));
            }
            _ => files.push(file),
        })?;
        rows.sort_unstable_by(|a: &Row, b| (&a.uid, &a.path).cmp(&(&b.uid, &b.path)));
        files.sort_by(|a: &File, b| a.path.cmp(&b.path));
        let mut by_stem: Vec<u32> = (0..).take(rows.len()).collect();
        by_stem.sort_by_key(|at| rows[*at as usize].stem);
        let items = rows.iter().filter_map(|row| row.item.as_deref());
        let live = items.filter(|item| !item.is(Is::Deleted));
        let mut names: Vec<&str> = live.map(Vertex::id).collect();
        names.sort_unstable();
        let shared = names.chunk_by(|a, b| a == b).filter(|same| same.len() > 1);
        let ids = shared
            .map(|same| (same[0].to_string(), same.len()))
            .collect();
        Ok(Survey {
            repo,
            tip,
            now_ms,
            rows,
            files,
            odd,
            repository,
            by_stem,
            ids,
            plans,
            past: OnceCell::new(),
        })
    }

    /// The documents to which a rule may apply.
    pub fn suspects(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| {
            let shares = |item: &Light| self.ids.contains_key(item.id());
            row.is_suspect
                || self.is_named_by_others(row)
                || row.item.as_deref().is_some_and(shares)
                || row.targets.iter().any(|target| !self.fits(target))
        })
    }

    /// True if its name may be wrong: it depends on those of other documents, or differs from the
    /// usual one.
    pub fn is_named_by_others(&self, row: &Row) -> bool {
        row.is_renamed || self.same(row.stem).len() > 1 || self.of_uid(&row.uid).len() > 1
    }

    /// True if no rule applies to a reference.
    fn fits(&self, (roles, uid): &(u8, Uid)) -> bool {
        matches!(self.of_uid(uid), [row] if row.roles & roles == *roles)
    }

    /// A document and true if its bytes are the canonical ones.
    pub fn read(&self, row: &Row) -> Result<(Doc, bool)> {
        let bytes = self.repo.blob(row.oid, DOCUMENT_MAX)?.unwrap_or_default();
        match scan::read(&bytes, &row.path, self.repository.levels()) {
            What::Doc { doc, canonical } => Ok((*doc, canonical)),
            _ => Err(Error::state(format!("object {} has changed", row.oid))),
        }
    }

    fn same(&self, stem: u64) -> &[u32] {
        let of = |at: &u32| self.rows[*at as usize].stem;
        let rest = &self.by_stem[self.by_stem.partition_point(|at| of(at) < stem)..];
        &rest[..rest.partition_point(|at| of(at) == stem)]
    }

    fn of_uid(&self, uid: &Uid) -> &[Row] {
        let rest = &self.rows[self.rows.partition_point(|row| row.uid < *uid)..];
        &rest[..rest.partition_point(|row| row.uid == *uid)]
    }

    /// True if a document with this uid is where it belongs.
    pub fn is_here(&self, uid: &Uid) -> bool {
        !self.of_uid(uid).is_empty()
    }

    /// The documents whose names depend on that of this one, and those of its uid.
    pub fn alike(&self, doc: &Doc) -> impl Iterator<Item = &Row> {
        let same = self.same(stem(doc)).iter();
        let same = same.map(move |at| &self.rows[*at as usize]);
        same.chain(self.of_uid(&doc.uid))
    }

    /// The row of the item with a uid: of several the last one counts.
    pub fn item_row(&self, uid: &Uid) -> Option<&Row> {
        let mut rows = self.of_uid(uid).iter().rev();
        rows.find(|row| row.item.is_some())
    }

    /// An item that can be read as such.
    pub fn item(&self, uid: &Uid) -> Option<&Light> {
        self.item_row(uid)?.item.as_deref()
    }

    /// The same, read again.
    pub fn read_item(&self, uid: &Uid) -> Option<Item> {
        let (doc, _) = self.read(self.item_row(uid)?).ok()?;
        Item::from_doc(&doc).ok()
    }

    /// The items that were not deleted, by uid.
    pub fn live(&self) -> Vec<&Light> {
        let uids = self.rows.chunk_by(|a, b| a.uid == b.uid);
        let items = uids.filter_map(|same| self.item(&same[0].uid));
        items.filter(|item| !item.is(Is::Deleted)).collect()
    }

    /// True if a document is somewhere in the tree.
    pub fn has_doc(&self, wanted: &Doc) -> Result<bool> {
        let key = key_of(wanted);
        for row in self.of_uid(&wanted.uid) {
            if key_of(&self.read(row)?.0) == key {
                return Ok(true);
            }
        }
        let mut files = self.files.iter();
        Ok(files
            .any(|file| matches!(&file.what, What::Misplaced { doc, .. } if key_of(doc) == key)))
    }

    /// The readable versions of a file, newest first. Those of all unreadable files and of
    /// `pm.yaml` are looked up together.
    pub fn versions(&self, path: &str) -> Result<Vec<Doc>> {
        if self.past.get().is_none() {
            let is_damaged = |file: &&File| matches!(file.what, What::Damaged { .. });
            let files = self.files.iter().filter(is_damaged);
            let rows = self.rows.iter().filter(|row| row.is_unreadable);
            let paths = (files.map(|file| &*file.path)).chain(rows.map(|row| &*row.path));
            let paths = paths.chain([REPOSITORY]).map(str::to_string);
            let _ = self.past.set(Past::of(self.repo, &self.tips()?, paths));
        }
        if let Some(past) = self.past.get().filter(|past| past.knows(path)) {
            return Ok(past.versions(self.repo, path));
        }
        let past = Past::of(self.repo, &self.tips()?, [path.to_string()]);
        Ok(past.versions(self.repo, path))
    }

    /// The id to show: with a suffix of the uid where two items have it.
    pub fn shown(&self, item: &impl Vertex) -> String {
        match self.ids.contains_key(item.id()) {
            true => format!("{}-{}", item.id(), item.uid().suffix(SUFFIX)),
            false => item.id().to_string(),
        }
    }

    /// True if an item exists here: readable, or possibly in a damaged file.
    pub fn has(&self, target: &ItemRef) -> bool {
        let Some(uid) = &target.uid else {
            return true;
        };
        let places = item_paths(&target.born, uid);
        self.is_here(uid)
            || self.is_proposed(&target.born, uid)
            || self.files.iter().any(|file| match &file.what {
                What::Misplaced { doc, .. } => doc.uid == *uid,
                What::Damaged { .. } | What::Missing { .. } => places.contains(&file.path),
                What::Doc { .. } | What::Opaque => false,
            })
    }

    /// True if a plan has a task with this uid, approved or not.
    pub fn is_planned(&self, uid: &Uid) -> bool {
        let mut plans = self.plans.iter();
        plans.any(|(plan, keys)| keys.iter().any(|key| planned_uid(plan, key) == *uid))
    }

    /// True if it is a task of a plan that was not approved.
    fn is_proposed(&self, born: &str, uid: &Uid) -> bool {
        let Some((_, key)) = born.rsplit_once('.') else {
            return false;
        };
        let mut plans = self.plans.iter();
        plans.any(|(plan, keys)| keys.iter().any(|k| k == key) && planned_uid(plan, key) == *uid)
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
