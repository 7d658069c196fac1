//! The texts that concurrent versions replaced, all found in one walk over the newest commits.

use std::collections::{HashMap, HashSet};

use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::imported::is_of_record;
use crate::model::long_texts;
use crate::model::prose::{Prose, VersionId};
use crate::model::stamp::Stamp;
use crate::model::uid::Uid;
use crate::store::git::repo::{Commit, Oid, Repo};
use crate::store::history::trees::item_doc;
use crate::store::history::{Finder, Sought, walk};

/// The number of commits that are searched for a common predecessor of two versions.
const SEARCH_MAX: usize = 5_000;

/// Concurrent versions of a text of an item.
pub(super) struct Versions {
    pub born: String,
    pub uid: Uid,
    pub over: Over,
}

/// The text that they replaced.
pub(super) enum Over {
    /// This version of the body.
    Version(VersionId),
    /// The value of a register in the newest commit that the writers of both its values knew.
    Common {
        name: &'static str,
        later: Stamp,
        earlier: Stamp,
    },
}

/// The versions of one text of a document, in the order in which they are listed.
pub(super) struct Written {
    born: String,
    uid: Uid,
    field: String,
    stamps: Vec<Stamp>,
}

impl Written {
    pub(super) fn of(doc: &Doc, field: &str) -> Written {
        let stamps = match field {
            "body" => {
                let versions = doc.body.versions.iter().rev();
                let readable = versions.filter(|(_, version)| version.text.is_some());
                let origins = readable.map(|(id, version)| Prose::origin(id, version));
                origins.map(|id| id.stamp.clone()).collect()
            }
            name => {
                let shown = long_texts::shown_at(doc, name);
                let others = long_texts::others(doc, name).into_iter();
                let others = others.map(|(entry, _)| entry.at.clone());
                std::iter::once(shown.clone()).chain(others).collect()
            }
        };
        Written {
            born: doc.born.clone(),
            uid: doc.uid.clone(),
            field: field.to_string(),
            stamps,
        }
    }
}

/// The actors who wrote versions, of all texts in a row; none for imported ones, and where the newest commits do
/// not tell: the first commit of a history, and a merge of two, carry the texts of others.
pub(super) fn writers(repo: &Repo, tip: Oid, all: &[Written]) -> Result<Vec<Option<String>>> {
    let sought = all.iter().flat_map(|one| {
        one.stamps.iter().map(move |stamp| Sought {
            item: (one.born.as_str(), &one.uid),
            has: Box::new(move |doc| match one.field.as_str() {
                "body" => doc.body.versions.keys().any(|id| id.stamp == *stamp),
                name => doc.regs.get(name).is_some_and(|reg| reg.stamp == *stamp),
            }),
            written: true,
        })
    });
    let mut finder = Finder::new(repo, sought.collect());
    let mut visited = 0;
    walk(repo, tip, |commit| {
        finder.visit(commit)?;
        visited += 1;
        Ok(visited < SEARCH_MAX && !finder.is_done())
    })?;
    let found = finder.found().into_iter();
    let stamps = all.iter().flat_map(|one| &one.stamps);
    let name = |(commit, stamp): (Option<Commit>, &Stamp)| {
        // Who imported a record did not write it.
        let commit = commit.filter(|_| !is_of_record(stamp));
        Some(commit?.writer()?.to_string())
    };
    Ok(found.zip(stamps).map(name).collect())
}

/// The texts that versions replaced; none where the history does not have it.
pub(super) fn bases(repo: &Repo, tip: Oid, all: &[Versions]) -> Result<Vec<Option<String>>> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let mut finder = Finder::new(repo, all.iter().flat_map(sought).collect());
    let mut past = Past::default();
    walk(repo, tip, |commit| {
        finder.visit(commit)?;
        past.add(commit);
        Ok(past.order.len() < SEARCH_MAX)
    })?;
    let mut found = finder.found().into_iter();
    let mut out = Vec::new();
    for versions in all {
        let tree = match versions.over {
            Over::Version(_) => found.next().flatten().map(|commit| commit.tree),
            Over::Common { .. } => {
                let (later, earlier) = (found.next().flatten(), found.next().flatten());
                let both = later.zip(earlier);
                both.and_then(|(later, earlier)| past.common(later.id, earlier.id))
            }
        };
        let doc = match tree {
            Some(tree) => item_doc(repo, tree, &versions.born, &versions.uid)?,
            None => None,
        };
        out.push(doc.and_then(|doc| text(&doc, &versions.over)));
    }
    Ok(out)
}

/// The commits to find for some versions.
fn sought(versions: &Versions) -> Vec<Sought<'_>> {
    let item = (versions.born.as_str(), &versions.uid);
    match &versions.over {
        Over::Version(_) => vec![Sought {
            item,
            has: Box::new(|doc| text(doc, &versions.over).is_some()),
            written: false,
        }],
        Over::Common {
            name,
            later,
            earlier,
        } => [later, earlier]
            .map(|stamp| Sought {
                item,
                has: Box::new(move |doc| doc.regs.get(*name).is_some_and(|r| r.stamp == *stamp)),
                written: true,
            })
            .into(),
    }
}

fn text(doc: &Doc, over: &Over) -> Option<String> {
    match over {
        Over::Version(id) => doc.body.versions.get(id)?.text.clone(),
        Over::Common { name, .. } => Some(doc.text(name).unwrap_or_default().to_string()),
    }
}

/// The commits that were visited, newest first.
#[derive(Default)]
struct Past {
    order: Vec<(Oid, Oid)>,
    parents: HashMap<Oid, Vec<Oid>>,
}

impl Past {
    fn add(&mut self, commit: &Commit) {
        self.order.push((commit.id, commit.tree));
        self.parents.insert(commit.id, commit.parents.clone());
    }

    /// The tree of the newest commit that both knew. A write to one of two values side by side
    /// decides nothing about the other, so a commit known only through the other one does not
    /// count.
    fn common(&self, later: Oid, earlier: Oid) -> Option<Oid> {
        let known = self.reached(later, Some(earlier));
        let mine = self.reached(earlier, None);
        let mut order = self.order.iter();
        let common = |id: &Oid| *id != earlier && known.contains(id) && mine.contains(id);
        order.find(|(id, _)| common(id)).map(|(_, tree)| *tree)
    }

    /// The commits that can be reached from a commit, but not only through another one.
    fn reached(&self, from: Oid, not_through: Option<Oid>) -> HashSet<Oid> {
        let (mut seen, mut waiting) = (HashSet::new(), vec![from]);
        while let Some(id) = waiting.pop() {
            if seen.insert(id) && Some(id) != not_through {
                waiting.extend(self.parents.get(&id).into_iter().flatten());
            }
        }
        seen
    }
}
