//! The paths in which an index differs from a commit, found in process.
//!
//! A guard that runs before each commit has no time for a program. The same as `git diff-index
//! --cached --no-renames --ita-invisible-in-index`.

use std::collections::BTreeSet;
use std::path::Path;

use gix::bstr::{BStr, ByteSlice};
use gix::index::entry::{Flags, Mode, Stage};
use gix::index::{Entry, File, extension};
use gix::objs::tree::EntryMode;

use super::{Oid, Repo};

/// The paths that differ, or `None` if git has to be run: an index without all files (sparse), or
/// one that cannot be read.
type Found<T = ()> = Option<T>;

impl Repo {
    /// The paths at which the index in a file differs from a commit, or from an empty tree. `None`
    /// if git has to be run.
    pub fn staged(&self, index: &Path, commit: Option<Oid>) -> Found<BTreeSet<String>> {
        let options = gix::index::decode::Options {
            thread_limit: Some(1),
            ..Default::default()
        };
        let index = File::at(index, self.inner.object_hash(), true, options).ok()?;
        if index.is_sparse() {
            return None;
        }
        let tree = match commit {
            Some(commit) => Some(self.commit(commit).ok()?.tree),
            None => None,
        };
        let mut comparison = Comparison {
            repo: self,
            index: &index,
            out: BTreeSet::new(),
        };
        comparison.folder(tree, index.tree(), index.entries(), 0)?;
        Some(comparison.out)
    }
}

struct Comparison<'a> {
    repo: &'a Repo,
    index: &'a File,
    out: BTreeSet<String>,
}

impl<'a> Comparison<'a> {
    fn path(&self, entry: &'a Entry) -> &'a BStr {
        entry.path_in(self.index.path_backing())
    }

    /// Compares a folder with the entries below it, whose paths have `depth` bytes for the folder.
    /// `known` is the index's own record of the folder's tree.
    fn folder(
        &mut self,
        tree: Option<Oid>,
        known: Option<&extension::Tree>,
        entries: &'a [Entry],
        depth: usize,
    ) -> Found {
        let same = known.is_some_and(|known| known.num_entries.is_some() && Some(known.id) == tree);
        if same {
            return Some(());
        }
        let prefix = match entries.first() {
            Some(first) => self.path(first)[..depth].to_vec(),
            None => Vec::new(),
        };
        let mut there = self.repo.entries(tree).ok()?;
        let mut rest = entries;
        while let Some(first) = rest.first() {
            let name = &self.path(first)[depth..];
            let Some(end) = name.find_byte(b'/') else {
                self.file(first, there.remove(name.as_bytes()), &prefix)?;
                rest = &rest[1..];
                continue;
            };
            let folder = &self.path(first)[..depth + end + 1];
            let count = rest.partition_point(|entry| self.path(entry).starts_with(folder));
            let (below, after) = rest.split_at(count.max(1));
            rest = after;
            let name = &name[..end];
            let known = known.and_then(|known| {
                let mut children = known.children.iter();
                children.find(|child| child.name.as_slice() == name.as_bytes())
            });
            let tree = match there.remove(name.as_bytes()) {
                Some((mode, id)) if mode.is_tree() => Some(id),
                Some(_) => {
                    self.note(&prefix, name.as_bytes());
                    None
                }
                None => None,
            };
            self.folder(tree, known, below, depth + end + 1)?;
        }
        for (name, (mode, id)) in there {
            self.gone(&prefix, &name, mode, id)?;
        }
        Some(())
    }

    fn file(&mut self, entry: &Entry, there: Option<(EntryMode, Oid)>, prefix: &[u8]) -> Found {
        let name = self.path(entry)[prefix.len()..].to_vec();
        // An intent to add only: the commit will not have it.
        let announced = entry.flags.contains(Flags::INTENT_TO_ADD);
        let same = there.is_some_and(|(mode, id)| {
            id == entry.id && Mode::from(mode) == entry.mode && entry.stage() == Stage::Unconflicted
        });
        match there {
            Some(_) if same && !announced => {}
            Some((mode, id)) if mode.is_tree() => {
                if !announced {
                    self.note(prefix, &name);
                }
                self.gone(prefix, &name, mode, id)?;
            }
            None if announced => {}
            _ => self.note(prefix, &name),
        }
        Some(())
    }

    /// Notes everything below a tree's entry as removed.
    fn gone(&mut self, prefix: &[u8], name: &[u8], mode: EntryMode, id: Oid) -> Found {
        if !mode.is_tree() {
            self.note(prefix, name);
            return Some(());
        }
        let prefix = [prefix, name, b"/"].concat();
        for (name, (mode, id)) in self.repo.entries(Some(id)).ok()? {
            self.gone(&prefix, &name, mode, id)?;
        }
        Some(())
    }

    fn note(&mut self, prefix: &[u8], name: &[u8]) {
        let path = [prefix, name].concat();
        self.out.insert(String::from_utf8_lossy(&path).into_owned());
    }
}
