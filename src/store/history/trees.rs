//! Which documents differ between two states, read in both.
//!
//! Equal subtrees are skipped by id, so the cost depends on the differences.

use std::collections::{BTreeMap, BTreeSet};

use crate::canonical_paths::{CanonicalPaths, Contents};
use crate::error::Result;
use crate::first_commit;
use crate::git::repo::{Entry, EntryType, Oid, Repo};
use crate::layout::{self, Family, Levels, REPOSITORY};
use crate::model::doc::Doc;
use crate::model::id::{ItemKind, parse_sequential};
use crate::model::limits::{DOCUMENT_MAX, TREE_DEPTH_MAX};
use crate::model::uid::Uid;
use crate::read_document::{ReadError, read_doc, read_if_doc};
use crate::repository;
use crate::tree_diff::Change;

/// A document that differs between two trees.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Its kind.
    pub family: Family,
    /// The version in the old tree.
    pub old: Option<Doc>,
    /// The version in the new tree.
    pub new: Option<Doc>,
}

impl Pair {
    /// The version to name it by: the new one, else the old one.
    pub fn either(&self) -> Option<&Doc> {
        self.new.as_ref().or(self.old.as_ref())
    }
}

/// The differences between two trees.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    /// Documents by uid.
    pub pairs: BTreeMap<Uid, Pair>,
    /// True if `pm.yaml` differs in more than the version of the format.
    pub repository: bool,
    /// Paths of files that differ and that cannot be read on one side.
    pub unreadable: BTreeSet<String>,
}

/// Compares two trees; a missing one is empty.
pub fn changed(repo: &Repo, old: Option<Oid>, new: Option<Oid>) -> Result<Changed> {
    let mut walk = Walk {
        repo,
        canonical_paths: Default::default(),
        out: Changed::default(),
    };
    walk.trees(old, new, "", 0)?;
    // A file that moved, because its name had to grow, appears as removed and added: the versions
    // are paired by uid.
    walk.out.pairs.retain(|_, pair| pair.old != pair.new);
    Ok(walk.out)
}

/// The differences in some files.
pub fn changed_files(repo: &Repo, files: &[Change]) -> Result<Changed> {
    let mut walk = Walk {
        repo,
        canonical_paths: Default::default(),
        out: Changed::default(),
    };
    for file in files {
        walk.file(file.old, file.new, &file.path)?;
    }
    walk.out.pairs.retain(|_, pair| pair.old != pair.new);
    Ok(walk.out)
}

struct Walk<'r> {
    repo: &'r Repo,
    /// For the old and the new tree: the proper places of folders that occur at many.
    canonical_paths: [CanonicalPaths; 2],
    out: Changed,
}

/// The two trees, as indexes.
const OLD: usize = 0;
const NEW: usize = 1;

impl Walk<'_> {
    fn trees(
        &mut self,
        old: Option<Oid>,
        new: Option<Oid>,
        path: &str,
        depth: usize,
    ) -> Result<()> {
        if old == new || depth > TREE_DEPTH_MAX {
            return Ok(());
        }
        let left = self.entries(OLD, old, path)?;
        let right = self.entries(NEW, new, path)?;
        let names: BTreeSet<&Vec<u8>> = left.keys().chain(right.keys()).collect();
        for name in names {
            let sides = [left.get(name), right.get(name)];
            let of = |kind: EntryType| sides.map(|s| s.filter(|e| e.kind == kind).map(|e| e.oid));
            let below = layout::below(path, name);
            let [a, b] = of(EntryType::Tree);
            self.trees(a, b, &below, depth + 1)?;
            let [a, b] = of(EntryType::Blob);
            if a != b {
                self.file(a, b, &below)?;
            }
        }
        Ok(())
    }

    fn entries(
        &mut self,
        side: usize,
        tree: Option<Oid>,
        path: &str,
    ) -> Result<BTreeMap<Vec<u8>, Entry>> {
        let Some(tree) = tree else {
            return Ok(BTreeMap::new());
        };
        let (Contents::All(all) | Contents::Copy(all)) =
            self.canonical_paths[side].contents(self.repo, tree, path)?;
        Ok(all
            .into_iter()
            .filter(|e| e.kind != EntryType::Other && layout::is_safe_name(&e.name))
            .map(|e| (e.name.clone(), e))
            .collect())
    }

    fn file(&mut self, old: Option<Oid>, new: Option<Oid>, path: &str) -> Result<()> {
        if path == REPOSITORY {
            self.out.repository = self.settings(old)? != self.settings(new)?;
            return Ok(());
        }
        let Some(family) = Family::of_path(path) else {
            return Ok(());
        };
        let (old, new) = (self.read(old, path, family)?, self.read(new, path, family)?);
        for (doc, is_new) in [(old, false), (new, true)] {
            let Some(doc) = doc else { continue };
            let pairs = &mut self.out.pairs;
            let pair = pairs.entry(doc.uid.clone()).or_insert(Pair {
                family,
                old: None,
                new: None,
            });
            if is_new {
                pair.new = Some(doc);
            } else {
                pair.old = Some(doc);
            }
        }
        Ok(())
    }

    /// The document of `pm.yaml` without its version; the bytes of one that is damaged.
    fn settings(&self, oid: Option<Oid>) -> Result<(Option<Doc>, Option<Vec<u8>>)> {
        let Some(oid) = oid else {
            return Ok((None, None));
        };
        let bytes = self.repo.blob(oid, DOCUMENT_MAX)?.unwrap_or_default();
        let Ok(mut doc) = repository::decode(&bytes) else {
            return Ok((None, Some(bytes)));
        };
        doc.regs.remove(repository::FORMAT);
        Ok((Some(doc), None))
    }

    fn read(&mut self, oid: Option<Oid>, path: &str, family: Family) -> Result<Option<Doc>> {
        let Some(oid) = oid else {
            return Ok(None);
        };
        match read_doc(self.repo, oid, path, family) {
            Ok(doc) => Ok(Some(doc)),
            Err(ReadError::Damage(_)) => {
                self.out
                    .unreadable
                    .insert(crate::model::text::one_line(path));
                Ok(None)
            }
            Err(ReadError::Store(error)) => Err(error),
        }
    }
}

/// The document of an item, learning or section in a tree, found by its path alone: nothing else is read.
pub fn item_doc(repo: &Repo, tree: Oid, born: &str, uid: &Uid) -> Result<Option<Doc>> {
    doc_at(repo, tree, item_paths(born, uid), uid)
}

fn doc_at(repo: &Repo, tree: Oid, paths: Vec<String>, uid: &Uid) -> Result<Option<Doc>> {
    for path in paths {
        if let Some(oid) = repo.file_at(tree, &path)?
            && let Some(doc) = read_if_doc(repo, oid, &path)?
            && doc.uid == *uid
        {
            return Ok(Some(doc));
        }
    }
    Ok(None)
}

/// Another version of a document, in a tree: at one of the paths that it can have.
pub fn doc_like(repo: &Repo, tree: Oid, doc: &Doc) -> Result<Option<Doc>> {
    if doc.kind == first_commit::initial_document().kind {
        return Ok(Some(repository::read(repo, tree)?.doc));
    }
    doc_at(repo, tree, paths_of(doc), &doc.uid)
}

/// The paths that a document can have; of an item, those of [`item_paths`].
pub fn paths_of(doc: &Doc) -> Vec<String> {
    match (
        ItemKind::parse(&doc.kind),
        layout::path_of(Levels::Two, doc),
    ) {
        (Some(_), _) => item_paths(&doc.born, &doc.uid),
        (None, Some(path)) => vec![path],
        (None, None) => vec![REPOSITORY.to_string()],
    }
}

/// The possible paths of an item: the usual one of each kind that its birth id can have, then those
/// with longer suffixes for items whose usual path was taken. A document without a birth id can be a
/// learning, a section of the context or a plan, which have one path.
pub fn item_paths(born: &str, uid: &Uid) -> Vec<String> {
    let kinds = &match parse_sequential(born) {
        Some((kind, _)) => vec![kind],
        None => ItemKind::ALL.to_vec(),
    };
    let [usual, grown, ..] = layout::SUFFIX_LENGTHS;
    let others: &[Family] = match born.is_empty() {
        true => &[Family::Learning, Family::Context, Family::Plan],
        false => &[],
    };
    let others = others.iter().map(|family| layout::by_end(*family, uid));
    let lengths = [usual, grown].into_iter();
    let names = lengths.flat_map(|length| Levels::ALL.map(|levels| (levels, length)));
    let of_items = names.flat_map(|(levels, length)| {
        let path = move |kind: &ItemKind| layout::item_path(levels, *kind, born, uid, length);
        kinds.iter().map(path)
    });
    others.chain(of_items).collect()
}
