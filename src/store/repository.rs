//! What is in `pm.yaml`: the format's version, the generation and shared settings.
//!
//! The generation is what was cut off or redacted for good. It is a document like any other, with
//! front matter and no body.

use std::collections::{BTreeMap, BTreeSet};

use super::first_commit::initial_document;
use super::git::repo::{Oid, Pending, Repo};
use super::join::doc::Redactions;
use super::layout::{Levels, REPOSITORY};
use super::tree_edit::edit_tree;
use crate::error::{Error, Result};
use crate::model::codec::{self, Damage, encode};
use crate::model::doc::Doc;
use crate::model::id::{HASH_PREFIX, is_prefix};
use crate::model::limits::DOCUMENT_MAX;
use crate::model::stamp::ReplicaId;
use crate::model::text::one_line;
use crate::model::value::Value;
use crate::read_document::Damaged;

/// The major version of the format this program writes. A newer one is refused.
pub const MAJOR: u32 = 3;
/// The minor version of the format this program writes. A newer one is read and kept.
pub const MINOR: u32 = 0;

/// The kind of the document.
pub const KIND: &str = "repository";

/// The register of the version.
pub const FORMAT: &str = "format";

/// The register that requires signatures.
pub const SIGN: &str = "sign";

/// The register of the prefix of new hash ids.
pub const ISSUE_PREFIX: &str = "issue_prefix";

/// The register of the clone that sends news.
pub const NOTIFY_SENDER: &str = "notify_sender";

/// The register that says whether plans have test tasks.
pub const PLAN_TESTS: &str = "plan_tests";

/// The content of `pm.yaml`.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Its registers.
    pub doc: Doc,
    /// The defect of the file, if it cannot be read.
    pub damaged: Option<Damaged>,
    /// Set if what is there for `format` is not a version at all.
    unversioned: bool,
    present: bool,
}

/// Reads the document of `pm.yaml`. It must have the identity of [`initial_document`]: another identity or a
/// purge would undo redactions. And it must name a version: nobody knows what another one means.
pub fn decode(bytes: &[u8]) -> std::result::Result<Doc, Damage> {
    let doc = codec::decode(bytes)?;
    let first = initial_document();
    if doc.kind != first.kind {
        return Err(Damage::field("kind", "must be `repository` here"));
    }
    if doc.uid != first.uid {
        return Err(Damage::field("uid", format!("must be {} here", first.uid)));
    }
    if doc.purged {
        return Err(Damage::field("purged", "is not allowed here"));
    }
    if version(&doc).is_none() {
        return Err(Damage::field(
            FORMAT,
            "must be a version as a text: \"N.N\"",
        ));
    }
    Ok(doc)
}

/// The version that `pm.yaml` names, if it is exactly `N.N` in decimal.
pub fn version(doc: &Doc) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let number: u32 = text.parse().ok()?;
        (number.to_string() == text).then_some(number)
    };
    let (major, minor) = doc.text(FORMAT)?.split_once('.')?;
    Some((number(major)?, number(minor)?))
}

/// Reads `pm.yaml` of a tree.
pub fn read(repo: &Repo, tree: Oid) -> Result<Repository> {
    // One that is too large is damaged, not missing.
    let bytes = repo.read_file(tree, REPOSITORY, DOCUMENT_MAX)?;
    Ok(of_bytes(bytes.as_deref()))
}

/// A tree with this document as its `pm.yaml`, in an empty one without `tree`.
pub fn put(pending: &Pending, tree: Option<Oid>, doc: &Doc) -> Result<Oid> {
    let blob = pending.write_blob(encode(doc).as_bytes())?;
    let changes = BTreeMap::from([(REPOSITORY.to_string(), Some(blob))]);
    edit_tree(pending, tree, &changes)
}

/// The content of the bytes of `pm.yaml`; without a file, the initial one.
pub fn of_bytes(bytes: Option<&[u8]>) -> Repository {
    let Some(bytes) = bytes else {
        return Repository {
            doc: initial_document(),
            damaged: None,
            unversioned: false,
            present: false,
        };
    };
    match decode(bytes) {
        Ok(doc) => Repository {
            doc,
            damaged: None,
            unversioned: false,
            present: true,
        },
        Err(error) => Repository {
            doc: initial_document(),
            damaged: Some(Damaged {
                path: REPOSITORY.into(),
                // Quotes from the file are as untrusted as the rest.
                reason: one_line(&error.to_string()),
            }),
            unversioned: matches!(&error, Damage::Field { field, .. } if field == FORMAT),
            present: true,
        },
    }
}

impl Repository {
    /// The format's version as (major, minor).
    pub fn format(&self) -> (u32, u32) {
        version(&self.doc).unwrap_or((0, 0))
    }

    /// The levels of folders of its items.
    pub fn levels(&self) -> Levels {
        Levels::of(self.format())
    }

    /// Refuses a state of a newer major version, or of none that can be told.
    pub fn require_known(&self) -> Result<()> {
        if self.unversioned {
            let error = "pm.yaml in the state names no version of the format, so it cannot be told \
                         what the state means";
            return Err(Error::state(error)
                .hint("install a newer git pm, if one wrote this")
                .hint("else `git pm fsck --repair` restores the last readable version"));
        }
        self.require_readable()
    }

    /// Refuses one that cannot be read.
    pub fn require_whole(&self) -> Result<()> {
        let Some(damaged) = &self.damaged else {
            return Ok(());
        };
        Err(Error::state(format!(
            "{} in the state cannot be read: {}",
            damaged.path, damaged.reason
        ))
        .hint("`git pm fsck --repair` restores the last readable version"))
    }

    /// True if the tree has the file at all.
    pub fn is_present(&self) -> bool {
        self.present
    }

    /// Refuses a state of a newer major version.
    pub fn require_readable(&self) -> Result<()> {
        let (major, minor) = self.format();
        if major <= MAJOR {
            return Ok(());
        }
        Err(Error::state(format!(
            "the state has format {major}.{minor}, but this version of git pm reads only formats \
             up to {MAJOR}"
        ))
        .hint("install a newer git pm"))
    }

    /// The redactions in force. They only ever grow: removing one from the set again has no effect.
    pub fn redactions(&self) -> Redactions {
        Redactions {
            texts: self
                .ever("redacted_texts")
                .filter_map(|name| name.parse().ok())
                .collect(),
            values: self.ever("redacted_values").cloned().collect(),
            versions: self
                .ever("redacted_versions")
                .filter_map(|id| id.parse().ok())
                .collect(),
        }
    }

    /// True if every commit of an actor has to be signed.
    pub fn requires_signatures(&self) -> bool {
        self.doc.value(SIGN).is_true()
    }

    /// The prefix of new hash ids; an invalid one counts as not set.
    pub fn issue_prefix(&self) -> &str {
        let set = self.doc.text(ISSUE_PREFIX);
        set.filter(|prefix| is_prefix(prefix))
            .unwrap_or(HASH_PREFIX)
    }

    /// The clone that sends news; an invalid one counts as none.
    pub fn notify_sender(&self) -> Option<ReplicaId> {
        ReplicaId::new(self.doc.text(NOTIFY_SENDER)?)
    }

    /// Whether plans have test tasks, if that is set.
    pub fn plan_tests(&self) -> Option<bool> {
        match self.doc.value(PLAN_TESTS) {
            Value::Bool(on) => Some(*on),
            _ => None,
        }
    }

    /// Everything that was ever added to a set.
    fn ever(&self, set: &str) -> impl Iterator<Item = &String> {
        self.doc.sets.get(set).into_iter().flat_map(BTreeMap::keys)
    }

    /// The ids of all raises of the generation; none of them can be removed.
    pub fn raises(&self) -> BTreeSet<String> {
        let raises = self.doc.records.get("raises");
        raises
            .into_iter()
            .flat_map(BTreeMap::keys)
            .cloned()
            .collect()
    }
}
