//! Every file of one tree, and what it is.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::model::codec::{self, Damage, encode};
use crate::model::doc::Doc;
use crate::model::stamp::StampError;
use crate::store::git::repo::{Entry, EntryType, Oid, Repo};
use crate::store::layout::{self, Family, REPOSITORY};
use crate::store::repository;
use crate::store::state::MAX_DEPTH;

/// A file.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path as it is; escape it before printing.
    pub path: String,
    /// Its object.
    pub oid: Oid,
    /// What it is.
    pub what: What,
}

/// What a file is.
#[derive(Clone, Debug)]
pub enum What {
    /// A document where it belongs.
    Doc {
        /// The document.
        doc: Box<Doc>,
        /// Whether its bytes are the canonical ones.
        canonical: bool,
    },
    /// A document that belongs elsewhere.
    Misplaced {
        /// The document.
        doc: Box<Doc>,
        /// Where it belongs.
        belongs: String,
    },
    /// A file in a document's place that is none.
    Damaged {
        /// Whether a stamp beyond 2100 makes it so.
        too_late: bool,
        /// Why.
        reason: String,
    },
    /// Its object cannot be read.
    Missing {
        /// Why.
        reason: String,
    },
    /// Nothing this version of the program knows: kept, and joined by object id.
    Opaque,
}

/// An entry that is never followed.
#[derive(Clone, Debug)]
pub struct Odd {
    /// Its path as it is.
    pub path: String,
    /// Stable code of what is wrong.
    pub code: &'static str,
    /// What is wrong.
    pub reason: String,
}

/// A whole tree.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// The files in the order of their paths.
    pub files: Vec<File>,
    /// Entries that are never followed.
    pub odd: Vec<Odd>,
}

impl Scan {
    /// The documents where they belong, with their files.
    pub fn docs(&self) -> impl Iterator<Item = (&File, &Doc)> {
        self.files.iter().filter_map(|file| match &file.what {
            What::Doc { doc, .. } => Some((file, &**doc)),
            _ => None,
        })
    }
}

/// Reads a tree.
///
/// # Errors
/// When the root itself cannot be read; what is wrong below is in the answer.
pub fn scan(repo: &Repo, tree: Oid) -> Result<Scan> {
    let mut out = Scan::default();
    for entry in named(repo.tree(tree)?, "", &mut out) {
        walk(repo, &entry, "", 0, &mut out);
    }
    out.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(out)
}

/// The entries of a folder without those whose name is not allowed or stands twice.
fn named(entries: Vec<Entry>, folder: &str, out: &mut Scan) -> Vec<Entry> {
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for entry in entries {
        let path = below(folder, &entry.name);
        if !layout::is_safe_name(&entry.name) {
            out.odd.push(Odd {
                path,
                code: "entry-unsafe",
                reason: "its name is not allowed in the state; it is never followed".into(),
            });
        } else if seen.insert(entry.name.clone()) {
            kept.push(entry);
        } else {
            out.odd.push(Odd {
                path,
                code: "entry-twice",
                reason: "two entries of one folder have this name".into(),
            });
        }
    }
    kept
}

fn walk(repo: &Repo, entry: &Entry, folder: &str, depth: usize, out: &mut Scan) {
    let path = below(folder, &entry.name);
    let mut odd = |code, reason: &str| {
        out.odd.push(Odd {
            path: path.clone(),
            code,
            reason: reason.to_string(),
        });
    };
    match entry.kind {
        EntryType::Other => odd(
            "entry-link",
            "it is a link or a submodule, which is never followed",
        ),
        EntryType::Tree if depth > MAX_DEPTH => odd("entry-too-deep", "it nests too deeply"),
        EntryType::Tree => match repo.tree(entry.oid) {
            Err(error) => odd("object-missing", error.message()),
            Ok(entries) => {
                for child in named(entries, &path, out) {
                    walk(repo, &child, &path, depth + 1, out);
                }
            }
        },
        EntryType::Blob => {
            let what = look(repo, entry.oid, &path);
            out.files.push(File {
                path,
                oid: entry.oid,
                what,
            });
        }
    }
}

/// What one file is.
fn look(repo: &Repo, oid: Oid, path: &str) -> What {
    let top = path.split('/').next().unwrap_or(path);
    let family = Family::of_folder(top).filter(|_| path.contains('/'));
    if family.is_none() && path != REPOSITORY {
        return match repo.blob(oid, 0) {
            Ok(_) => What::Opaque,
            Err(error) => What::Missing {
                reason: error.message().to_string(),
            },
        };
    }
    match repo.blob(oid, codec::MAX_FILE) {
        Err(error) => What::Missing {
            reason: error.message().to_string(),
        },
        Ok(None) => damaged(&Damage::TooLarge(codec::MAX_FILE + 1)),
        Ok(Some(bytes)) => read(&bytes, path),
    }
}

/// What the bytes of a document's place are.
pub fn read(bytes: &[u8], path: &str) -> What {
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
    let known = Family::of_folder(path.split('/').next().unwrap_or_default());
    match (layout::check_place(&doc, path), layout::path_of(&doc)) {
        (Ok(()), Some(_)) if known.is_some_and(|f| f.kind() == doc.kind) => whole(doc, bytes),
        (_, Some(belongs)) => What::Misplaced {
            doc: Box::new(doc),
            belongs,
        },
        (_, None) => damaged(&Damage::field(
            "kind",
            format!("`{}` has no place", doc.kind),
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

fn below(folder: &str, name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    if folder.is_empty() {
        name.into_owned()
    } else {
        format!("{folder}/{name}")
    }
}
