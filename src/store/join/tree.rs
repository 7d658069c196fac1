//! The join of two trees, and the file names of items whose names clash.
//!
//! Equal subtrees are skipped by id, so the cost depends on the differences.
//! An entry on one side only is taken: absence never means deletion. Names that are never followed,
//! links and submodules are left out of the result.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::doc::{Redactions, join, redact};
use super::moved_items::move_items;
use crate::canonical_paths::CanonicalPaths;
use crate::error::Result;
use crate::git::repo::{Entry, EntryType, Oid, Pending};
use crate::layout::{self, Family, Levels, REPOSITORY, SUFFIX_LENGTHS, below};
use crate::model::codec::encode;
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::limits::{ARTIFACT_MAX, DOCUMENT_MAX, TREE_DEPTH_MAX};
use crate::model::prose::VersionId;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::read_document::read_if_doc;
use crate::repository;

/// A text that the join withheld: it replaced a redacted version without knowing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// The document.
    pub uid: Uid,
    /// The version that was withheld.
    pub version: VersionId,
    /// Its text, for its author only.
    pub text: String,
}

/// The result of a join of trees.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The tree of the joined state.
    pub tree: Oid,
    /// The texts that are not in it.
    pub withheld: Vec<Withheld>,
}

/// Joins two trees of states. If one has the levels of format 3, so has the result.
pub fn join_trees(repo: &Pending, a: Oid, b: Oid) -> Result<Joined> {
    let (ra, rb) = (repository::read(repo, a)?, repository::read(repo, b)?);
    let (a, b) = match (ra.levels(), rb.levels()) {
        (Levels::One, Levels::Two) => (move_items(repo, a)?, b),
        (Levels::Two, Levels::One) => (a, move_items(repo, b)?),
        _ => (a, b),
    };
    let (da, db) = (ra.redactions(), rb.redactions());
    let all = Redactions {
        values: da.values.union(&db.values).cloned().collect(),
        versions: da.versions.union(&db.versions).cloned().collect(),
        texts: da.texts.union(&db.texts).cloned().collect(),
    };
    let mut joiner = Joiner::new(repo, [a, b], all.clone());
    joiner.behind_a = da != all;
    joiner.behind_b = db != all;
    let tree = joiner.trees(Some(a), Some(b), "", 0)?;
    let withheld = joiner.withheld;
    Ok(Joined { tree, withheld })
}

/// Joins two folders that one state has at `path`, below the root.
pub(super) fn join_folders(repo: &Pending, root: Oid, both: [Oid; 2], path: &str) -> Result<Oid> {
    let redactions = repository::read(repo, root)?.redactions();
    let mut joiner = Joiner::new(repo, [root; 2], redactions);
    joiner.trees(Some(both[0]), Some(both[1]), path, 1)
}

struct Joiner<'r> {
    repo: &'r Pending,
    roots: [Oid; 2],
    redactions: Redactions,
    /// Set if a side does not know all redactions yet, so that even files that only it has must be
    /// read.
    behind_a: bool,
    behind_b: bool,
    withheld: Vec<Withheld>,
    /// The pairs of folders that were joined already, and the joins of those that are at none of
    /// their proper places: these are the same at all places.
    met: HashSet<Pair>,
    foreign: HashMap<Pair, Oid>,
    /// Contents of artifacts, true if they contain a redacted text: one of 64 MiB may be at many
    /// places.
    searched: HashMap<Oid, bool>,
    canonical_paths: CanonicalPaths,
}

/// Two folders, their depth and their top-level folder.
pub(super) type Pair = (Option<Oid>, Option<Oid>, usize, Option<&'static str>);

impl<'r> Joiner<'r> {
    /// A join under redactions that both sides know.
    fn new(repo: &'r Pending, roots: [Oid; 2], redactions: Redactions) -> Self {
        Joiner {
            repo,
            roots,
            redactions,
            behind_a: false,
            behind_b: false,
            withheld: Vec::new(),
            met: HashSet::new(),
            foreign: HashMap::new(),
            searched: HashMap::new(),
            canonical_paths: CanonicalPaths::default(),
        }
    }

    fn trees(&mut self, a: Option<Oid>, b: Option<Oid>, path: &str, depth: usize) -> Result<Oid> {
        let one = a.max(b).unwrap_or_else(|| self.repo.null_id());
        // If only sides that know all redactions have it, it was written under them.
        let behind = self.is_behind(a.is_some(), b.is_some());
        let single = a == b || a.is_none() || b.is_none();
        if (single && !behind) || depth > TREE_DEPTH_MAX {
            return Ok(one);
        }
        let family = Family::of_path(path);
        let pair = (a, b, depth, family.map(Family::folder));
        if self.met.insert(pair) {
            return self.folders(a, b, path, depth);
        }
        let belongs_at = |tree: Oid| self.canonical_paths.belongs_at(self.repo, tree, path);
        if a.into_iter().chain(b).any(belongs_at) {
            return self.folders(a, b, path, depth);
        }
        if let Some(joined) = self.foreign.get(&pair) {
            return Ok(*joined);
        }
        let joined = self.folders(a, b, path, depth)?;
        self.foreign.insert(pair, joined);
        Ok(joined)
    }

    fn folders(&mut self, a: Option<Oid>, b: Option<Oid>, path: &str, depth: usize) -> Result<Oid> {
        let (left, right) = (self.entries(a)?, self.entries(b)?);
        let names: BTreeSet<&Vec<u8>> = left.keys().chain(right.keys()).collect();
        let items = matches!(Family::of_path(path), Some(Family::Item(_)));
        let mut out: BTreeMap<Vec<u8>, Entry> = BTreeMap::new();
        let mut groups: BTreeMap<Group<'_>, [Vec<&Entry>; 2]> = BTreeMap::new();
        for name in names {
            let sides = [left.get(name), right.get(name)];
            if items && let Some(group) = group(name) {
                let group = groups.entry(group).or_default();
                group[0].extend(sides[0]);
                group[1].extend(sides[1]);
            } else {
                out.extend(self.entry(sides, path, depth)?);
            }
        }
        for sides in groups.into_values() {
            self.group(sides, path, depth, &mut out)?;
        }
        let entries: Vec<Entry> = out.into_values().collect();
        self.repo.write_tree(entries)
    }

    fn entries(&self, tree: Option<Oid>) -> Result<BTreeMap<Vec<u8>, Entry>> {
        let Some(tree) = tree else {
            return Ok(BTreeMap::new());
        };
        Ok(self
            .repo
            .tree(tree)?
            .into_iter()
            .filter(|e| e.kind != EntryType::Other && layout::is_safe_name(&e.name))
            .map(|e| (e.name.clone(), e))
            .collect())
    }

    /// The join of both sides' entries of one name.
    fn entry(
        &mut self,
        sides: [Option<&Entry>; 2],
        folder: &str,
        depth: usize,
    ) -> Result<Option<(Vec<u8>, Entry)>> {
        let Some(named) = sides[0].or(sides[1]) else {
            return Ok(None);
        };
        let name = named.name.clone();
        let path = below(folder, &name);
        let mut sides = sides;
        if layout::content_of_path(&path).is_some() {
            sides = self.shown_contents(sides, &path)?;
            if sides == [None; 2] {
                return Ok(None);
            }
        }
        // A document wins over a folder of the same name, a folder over any other file.
        if let [Some(x), Some(y)] = sides
            && x.kind != y.kind
        {
            let file = usize::from(x.kind != EntryType::Blob);
            let blob = if file == 0 { x.oid } else { y.oid };
            let loser = match self.read(blob, &path)? {
                Some(_) => 1 - file,
                None => file,
            };
            sides[loser] = None;
        }
        let kind = sides[0].or(sides[1]).map_or(named.kind, |e| e.kind);
        let [a, b] = sides.map(|side| side.map(|e| e.oid));
        let oid = if kind == EntryType::Tree {
            self.trees(a, b, &path, depth + 1)?
        } else {
            self.blobs(a, b, &path)?
        };
        Ok(Some((name.clone(), Entry { name, kind, oid })))
    }

    /// Both sides' entries for the content of an artifact, without redacted content.
    fn shown_contents<'e>(
        &mut self,
        sides: [Option<&'e Entry>; 2],
        path: &str,
    ) -> Result<[Option<&'e Entry>; 2]> {
        let mut shown = sides;
        let [a, b] = sides.map(|side| side.is_some());
        let Some(sha256) = layout::content_of_path(path).filter(|_| self.is_behind(a, b)) else {
            return Ok(shown);
        };
        for side in &mut shown {
            let Some(file) = side.filter(|e| e.kind == EntryType::Blob) else {
                continue;
            };
            if self.redactions.hide_hash(sha256) || self.has_redacted_text(file.oid)? {
                *side = None;
            }
        }
        Ok(shown)
    }

    /// True if the content of an artifact contains a redacted text.
    fn has_redacted_text(&mut self, oid: Oid) -> Result<bool> {
        if let Some(known) = self.searched.get(&oid) {
            return Ok(*known);
        }
        let content = self.repo.blob(oid, ARTIFACT_MAX)?;
        let found = self.redactions.hide_bytes(&content.unwrap_or_default());
        self.searched.insert(oid, found);
        Ok(found)
    }

    /// The hash of an artifact's content that has a redacted text is redacted with it: a short text
    /// could be guessed from it.
    fn redact_hash(&mut self, doc: &mut Doc) -> Result<()> {
        let path = doc.text("sha256").and_then(layout::content_path);
        let Some(path) = path.filter(|_| doc.kind == Family::Artifact.kind()) else {
            return Ok(());
        };
        for root in self.roots {
            if let Some(content) = self.repo.file_at(root, &path)?
                && self.has_redacted_text(content)?
                && let Some(reg) = doc.regs.get_mut("sha256")
            {
                reg.value = Value::Redacted(reg.value.hash());
                break;
            }
        }
        Ok(())
    }

    /// True if a side that has something does not know all redactions.
    fn is_behind(&self, a: bool, b: bool) -> bool {
        (a && self.behind_a) || (b && self.behind_b)
    }

    fn blobs(&mut self, a: Option<Oid>, b: Option<Oid>, path: &str) -> Result<Oid> {
        let one = a.max(b).unwrap_or_else(|| self.repo.null_id());
        let single = a == b || a.is_none() || b.is_none();
        if single && !self.is_behind(a.is_some(), b.is_some()) {
            return Ok(one);
        }
        let mut docs = Vec::new();
        for oid in a.into_iter().chain(b) {
            docs.extend(self.read(oid, path)?.map(|doc| (oid, doc)));
        }
        match &docs[..] {
            // If neither side can read it, or this version of the program does not know it, the
            // object id decides.
            [] => Ok(one),
            _ => self.settle(docs),
        }
    }

    /// As [`read_if_doc`], also of `pm.yaml`.
    fn read(&self, oid: Oid, path: &str) -> Result<Option<Doc>> {
        if path == REPOSITORY {
            let bytes = self.repo.blob(oid, DOCUMENT_MAX)?;
            return Ok(bytes.and_then(|bytes| repository::decode(&bytes).ok()));
        }
        // One that is missing must not lose against one that exists.
        read_if_doc(self.repo, oid, path)
    }

    /// The file of the join of some copies of one document. A single copy without redactions stays
    /// as it is, even if it is not canonical.
    fn settle(&mut self, copies: Vec<(Oid, Doc)>) -> Result<Oid> {
        let oids: BTreeSet<Oid> = copies.iter().map(|(oid, _)| *oid).collect();
        let joined = copies
            .into_iter()
            .map(|(_, doc)| doc)
            .reduce(|x, y| join(&x, &y));
        let (Some(mut doc), Some(first)) = (joined, oids.first()) else {
            return Ok(self.repo.null_id());
        };
        if !self.redactions.is_empty() {
            let before = (oids.len() == 1).then(|| doc.clone());
            let withheld = redact(&mut doc, &self.redactions);
            self.redact_hash(&mut doc)?;
            let uid = doc.uid.clone();
            self.withheld
                .extend(withheld.into_iter().map(|(version, text)| Withheld {
                    uid: uid.clone(),
                    version,
                    text,
                }));
            if before.as_ref() == Some(&doc) {
                return Ok(*first);
            }
        } else if oids.len() == 1 {
            return Ok(*first);
        }
        self.repo.write_blob(encode(&doc).as_bytes())
    }

    /// The items whose names can clash: two clones created them with the same birth id and the same
    /// end of the uid. Their names are a function of the set of items alone; a file that is not a
    /// document stays only if there is no document.
    fn group(
        &mut self,
        sides: [Vec<&Entry>; 2],
        folder: &str,
        depth: usize,
        out: &mut BTreeMap<Vec<u8>, Entry>,
    ) -> Result<()> {
        let [left, right] = &sides;
        let single = left == right || left.is_empty() || right.is_empty();
        if single && !self.is_behind(!left.is_empty(), !right.is_empty()) {
            out.extend(
                left.iter()
                    .chain(right)
                    .map(|e| (e.name.clone(), (*e).clone())),
            );
            return Ok(());
        }
        let mut docs: BTreeMap<Uid, Vec<(Oid, Doc)>> = BTreeMap::new();
        for entry in left.iter().chain(right) {
            if entry.kind == EntryType::Blob
                && let Some(doc) = self.read(entry.oid, &below(folder, &entry.name))?
            {
                let copies = docs.entry(doc.uid.clone()).or_default();
                copies.push((entry.oid, doc));
            }
        }
        if docs.is_empty() {
            let named = |side: &[&Entry]| -> BTreeMap<Vec<u8>, Entry> {
                side.iter()
                    .map(|e| (e.name.clone(), (*e).clone()))
                    .collect()
            };
            let (left, right) = (named(left), named(right));
            let names: BTreeSet<&Vec<u8>> = left.keys().chain(right.keys()).collect();
            for name in names {
                out.extend(self.entry([left.get(name), right.get(name)], folder, depth)?);
            }
        }
        let uids: Vec<Uid> = docs.keys().cloned().collect();
        for (uid, length) in suffixes(&uids) {
            let Some(copies) = docs.remove(&uid) else {
                continue;
            };
            let Some((_, doc)) = copies.first() else {
                continue;
            };
            let Some(kind) = ItemKind::parse(&doc.kind) else {
                continue;
            };
            // Only the name counts here, which is the same in all formats.
            let path = layout::item_path(Levels::Two, kind, &doc.born, &uid, length);
            let name = path.rsplit('/').next().unwrap_or(&path).as_bytes().to_vec();
            let oid = self.settle(copies)?;
            let kind = EntryType::Blob;
            out.insert(name.clone(), Entry { name, kind, oid });
        }
        Ok(())
    }
}

/// The common part of names that can clash: everything before the suffix, and the suffix's last
/// characters, of which the shortest suffix consists.
pub(super) type Group<'n> = (&'n str, &'n str);

/// The group of an item's file name.
pub(super) fn group(name: &[u8]) -> Option<Group<'_>> {
    let name = std::str::from_utf8(name).ok()?.strip_suffix(".md")?;
    let (stem, suffix) = name.rsplit_once('-')?;
    let ending = suffix.len().checked_sub(SUFFIX_LENGTHS[0])?;
    Some((stem, suffix.get(ending..)?))
}

/// The length of the uid's suffix in the file name of each item with one stem: the shortest
/// that no item with a smaller uid also has.
pub fn suffixes(uids: &[Uid]) -> Vec<(Uid, usize)> {
    let mut sorted = uids.to_vec();
    sorted.sort();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut out = Vec::new();
    for uid in sorted {
        let length = SUFFIX_LENGTHS
            .into_iter()
            .find(|n| !taken.contains(uid.suffix(*n)))
            .unwrap_or(26);
        taken.insert(uid.suffix(length).to_string());
        out.push((uid, length));
    }
    out
}
