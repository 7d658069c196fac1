//! A state as documents, and its join without a repository, with which the join of trees must
//! agree.

use std::collections::BTreeMap;

use git_pm::internals::model::codec::{decode, encode};
use git_pm::internals::model::doc::Doc;
use git_pm::internals::store::first_commit;
use git_pm::internals::store::join::doc::{Redactions, join, redact};
use git_pm::values::Uid;

/// A file of a replica's tree that the replica did not write as a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extra {
    /// Bytes at a path.
    Bytes(Vec<u8>),
    /// One of the prepared trees with links, submodules, forbidden names or deep nesting.
    Prepared(usize),
}

/// All that one replica knows.
#[derive(Clone, Debug)]
pub struct State {
    pub pm: Doc,
    pub docs: BTreeMap<Uid, Doc>,
    /// By path; they replace documents.
    pub extras: BTreeMap<String, Extra>,
}

impl Default for State {
    fn default() -> Self {
        State {
            pm: first_commit::initial_document(),
            docs: BTreeMap::new(),
            extras: BTreeMap::new(),
        }
    }
}

impl State {
    pub fn redactions(&self) -> Redactions {
        let all = |set: &str| -> Vec<String> {
            let set = self.pm.sets.get(set);
            set.into_iter().flat_map(BTreeMap::keys).cloned().collect()
        };
        Redactions {
            texts: [].into(),
            values: all("redacted_values").into_iter().collect(),
            versions: all("redacted_versions")
                .iter()
                .map(|id| id.parse().unwrap())
                .collect(),
        }
    }

    /// Hides redacted values, as a command that adds a redaction does.
    pub fn apply_redactions(&mut self) {
        let redactions = self.redactions();
        for doc in self.docs.values_mut() {
            redact(doc, &redactions);
        }
    }

    /// The join of the documents; extras are joined only in trees.
    pub fn join(&self, other: &State) -> State {
        let mut out = self.clone();
        out.pm = join(&self.pm, &other.pm);
        for (uid, theirs) in &other.docs {
            let joined = match out.docs.get(uid) {
                Some(ours) => join(ours, theirs),
                None => theirs.clone(),
            };
            out.docs.insert(uid.clone(), joined);
        }
        for (path, extra) in &other.extras {
            out.extras.insert(path.clone(), extra.clone());
        }
        out.apply_redactions();
        out
    }

    /// The canonical bytes of every document.
    pub fn bytes(&self) -> BTreeMap<Uid, String> {
        let mut out: BTreeMap<Uid, String> = self
            .docs
            .iter()
            .map(|(uid, doc)| (uid.clone(), encode(doc)))
            .collect();
        out.insert(self.pm.uid.clone(), encode(&self.pm));
        out
    }
}

/// Requires that a written document reads back as the same document and bytes.
pub fn check_round_trip(doc: &Doc) {
    let bytes = encode(doc);
    let back = decode(bytes.as_bytes()).unwrap_or_else(|e| panic!("{e}\n{bytes}"));
    assert_eq!(encode(&back), bytes);
    assert_eq!(&back, doc, "{bytes}");
}
