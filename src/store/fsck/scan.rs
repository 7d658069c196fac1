//! Which files of a state are sound, damaged, misplaced or foreign: every file of one tree.

use std::collections::BTreeSet;

use crate::canonical_paths::{CanonicalPaths, Contents};
use crate::error::Result;
use crate::git::repo::{Entry, EntryType, Oid, Repo};
use crate::layout::{self, Family, Levels, REPOSITORY, below};
use crate::model::codec::{self, Damage, encode};
use crate::model::doc::Doc;
use crate::model::limits::{DOCUMENT_MAX, TREE_DEPTH_MAX};
use crate::model::stamp::StampError;
use crate::repository;

/// A file.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path as it is; escape it before printing.
    pub path: String,
    /// Its object.
    pub oid: Oid,
    /// The result of reading it.
    pub what: What,
}

/// The result of reading a file.
#[derive(Clone, Debug)]
pub enum What {
    /// A document where it belongs.
    Doc {
        /// The document.
        doc: Box<Doc>,
        /// True if its bytes are the canonical ones.
        canonical: bool,
    },
    /// A document that belongs elsewhere.
    Misplaced {
        /// The document.
        doc: Box<Doc>,
        /// Its proper path.
        belongs: String,
    },
    /// A file at the place of a document that is not one.
    Damaged {
        /// True if a stamp beyond 2100 makes it so.
        too_late: bool,
        /// The defect, as the rest of a sentence.
        reason: String,
    },
    /// Its object cannot be read.
    Missing {
        /// The error.
        reason: String,
    },
    /// Unknown to this version of the program: kept, and joined by object id.
    Opaque,
}

/// An entry that is never followed.
#[derive(Clone, Debug)]
pub struct Odd {
    /// Its path as it is.
    pub path: String,
    /// Stable code of the defect.
    pub code: &'static str,
    /// The defect, as the rest of a sentence.
    pub reason: String,
}

/// Reads a tree and hands its files over one by one, in git's order. Returns the entries that are
/// never followed.
///
/// # Errors
/// When the root itself cannot be read; defects below it are in the result.
pub fn scan(repo: &Repo, tree: Oid, each: &mut dyn FnMut(File)) -> Result<Vec<Odd>> {
    let mut walk = Walk {
        repo,
        levels: repository::read(repo, tree)?.levels(),
        canonical_paths: CanonicalPaths::default(),
        odd: Vec::new(),
        each,
    };
    let root = repo.tree(tree)?;
    walk.folder(tree, root, "", 0);
    Ok(walk.odd)
}

struct Walk<'r> {
    repo: &'r Repo,
    levels: Levels,
    canonical_paths: CanonicalPaths,
    odd: Vec<Odd>,
    each: &'r mut dyn FnMut(File),
}

impl Walk<'_> {
    fn odd(&mut self, path: String, code: &'static str, reason: &str) {
        self.odd.push(Odd {
            path,
            code,
            reason: reason.to_string(),
        });
    }

    /// Reads a folder; `entries` are those that count.
    fn folder(&mut self, tree: Oid, entries: Vec<Entry>, path: &str, depth: usize) {
        let mut names = BTreeSet::new();
        let mut twice = BTreeSet::new();
        let _ = self.repo.each_entry(tree, |name, _, _| {
            if !names.insert(name.to_vec()) {
                twice.insert(name.to_vec());
            }
        });
        for name in twice {
            let reason = "two entries of one folder have this name; the last one counts";
            self.odd(below(path, &name), "entry-twice", reason);
        }
        for entry in entries {
            let path = below(path, &entry.name);
            if layout::is_safe_name(&entry.name) {
                self.entry(&entry, path, depth);
            } else {
                let reason = "its name is not allowed in the state; it is never read";
                self.odd(path, "entry-unsafe", reason);
            }
        }
    }

    fn entry(&mut self, entry: &Entry, path: String, depth: usize) {
        match entry.kind {
            EntryType::Other => {
                let reason = "it is a link or a submodule, which is never followed";
                self.odd(path, "entry-link", reason);
            }
            EntryType::Tree if depth > TREE_DEPTH_MAX => {
                self.odd(path, "entry-too-deep", "it is nested too deeply");
            }
            EntryType::Tree => match self.canonical_paths.contents(self.repo, entry.oid, &path) {
                Err(error) => self.odd(path, "object-missing", error.message()),
                Ok(Contents::All(entries)) => self.folder(entry.oid, entries, &path, depth + 1),
                Ok(Contents::Copy(entries)) => {
                    // Folders of a later version are not ours to check.
                    if Family::of_path(&path).is_some() {
                        let reason = "it is a copy of another folder; only the entries that belong \
                                      here are read";
                        self.odd(path.clone(), "folder-copied", reason);
                    }
                    self.folder(entry.oid, entries, &path, depth + 1);
                }
            },
            EntryType::Blob => {
                let (oid, what) = (entry.oid, look(self.repo, entry.oid, &path, self.levels));
                (self.each)(File { path, oid, what });
            }
        }
    }
}

/// Reads one file.
fn look(repo: &Repo, oid: Oid, path: &str, levels: Levels) -> What {
    let family = Family::of_path(path).filter(|_| path.contains('/'));
    if family.is_none() && path != REPOSITORY {
        return match repo.blob(oid, 0) {
            Ok(_) => What::Opaque,
            Err(error) => What::Missing {
                reason: error.message().to_string(),
            },
        };
    }
    match repo.blob(oid, DOCUMENT_MAX) {
        Err(error) => What::Missing {
            reason: error.message().to_string(),
        },
        Ok(None) => damaged(&Damage::TooLarge),
        Ok(Some(bytes)) => read(&bytes, path, levels),
    }
}

/// Reads the bytes at the place of a document, in a state with these levels.
pub fn read(bytes: &[u8], path: &str, levels: Levels) -> What {
    if path == REPOSITORY {
        return match repository::decode(bytes) {
            Ok(doc) => whole(doc, bytes),
            Err(error) => damaged(&error),
        };
    }
    let doc = match codec::decode(bytes) {
        Ok(doc) => doc,
        Err(error) => return damaged(&error),
    };
    let known = Family::of_path(path);
    match (
        layout::check_place(&doc, path),
        layout::path_of(levels, &doc),
    ) {
        (Ok(()), Some(_)) if known.is_some_and(|f| f.kind() == doc.kind) => whole(doc, bytes),
        (_, Some(belongs)) => What::Misplaced {
            doc: Box::new(doc),
            belongs,
        },
        (_, None) => damaged(&Damage::field(
            "kind",
            format!(
                "documents of kind `{}` have no place in the state",
                doc.kind
            ),
        )),
    }
}

fn whole(doc: Doc, bytes: &[u8]) -> What {
    let canonical = encode(&doc).as_bytes() == bytes;
    What::Doc {
        doc: Box::new(doc),
        canonical,
    }
}

fn damaged(damage: &Damage) -> What {
    What::Damaged {
        too_late: matches!(damage, Damage::Stamp(StampError::TooLate(_))),
        reason: damage.to_string(),
    }
}
