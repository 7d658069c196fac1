//! Generations: cutting the history, and removing what was redacted for good.
//!
//! A generation is the set of raises in `pm.yaml`; a commit that lacks one that the state has is
//! *old*, and none of our refs may reach it any more.
//!
//! Only hashes of a secret are kept: one of each value, the ids of each version of prose, and a
//! slow hash of the secret itself with its length and a rolling checksum. The last recognizes a
//! text written offline around the secret, in every join and write, and makes each guess cost 4096
//! hashes. Old history cannot come back through a merge, because of two generations the join keeps
//! the greater side as its only parent, or none. Values that gave way are listed as notices in the
//! state (`adopt.rs`), so that they outlive the sweep.

pub mod adopt;
pub mod cut;
pub mod history_search;
pub(crate) mod own_refs;
pub mod redaction_expression;
pub mod sweep;

use std::collections::BTreeSet;

use crate::error::Result;
use crate::git::repo::{Commit, Oid, Pending, Repo};
use crate::join::commit::{SKIP_CI, own_commit, tick};
use crate::join::tree::join_trees;
use crate::repository;

/// The raises of a commit; `None` if it is not a commit of a state.
pub fn raises_of(repo: &Repo, commit: &Commit) -> Option<BTreeSet<String>> {
    let found = repository::read(repo, commit.tree).ok()?;
    found.is_present().then(|| found.raises())
}

/// The state of an old commit as this generation may still hold it: redacted, and without a
/// history. It gets the raises and the redactions, and nothing else that was written meanwhile: what
/// a remote had tells what both sides have seen.
pub fn stripped(repo: &Pending, old: &Commit, main: Oid) -> Result<Oid> {
    let mut settings = repository::read(repo, repo.commit(main)?.tree)?.doc;
    settings.regs = repository::read(repo, old.tree)?.doc.regs;
    settings
        .sets
        .retain(|name, _| name.starts_with("redacted_"));
    settings.records.retain(|name, _| name == "raises");
    let only = repository::put(repo, None, &settings)?;
    let tree = join_trees(repo, old.tree, only)?.tree;
    let clock = format!("{}\n{SKIP_CI}", tick(old));
    let seconds = old.author.seconds;
    own_commit(repo, tree, &[], seconds, "cut: forget the history", &clock)
}
