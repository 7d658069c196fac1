//! The tip of the state at which no shared rule was held, noted in a file.
//!
//! Every commit of an agent asks, and the search reads up to a thousand commits. Derived: without it
//! the search is made.

use super::unauthorized_changes::LOOKED_AT;
use crate::error::Result;
use crate::model::limits::DOCUMENT_MAX;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::history::difference;
use crate::store::layout::REPOSITORY;
use crate::store::repository::{self, SIGN};
use crate::store::whole_file;

const NOTE: &str = "rules-searched";

/// True if nothing was held at the tip noted last, and every commit since then has the same
/// rules.
pub(super) fn holds_as_noted(pm: &Pm, tip: Oid) -> Result<bool> {
    let repo = pm.store.repo();
    let noted = whole_file::noted(repo.common_dir(), NOTE).and_then(|text| text.parse().ok());
    let of = |known: Oid| Some((known, rules_of(pm, known).ok()?));
    let Some((known, rules)) = noted.and_then(of) else {
        return Ok(false);
    };
    // A state that was moved back may have the same rules from elsewhere.
    if !repo.is_ancestor(known, tip)? {
        return Ok(false);
    }
    let new = difference(repo, tip, &[known])?;
    let is_same = |id: &Oid| rules_of(pm, *id).is_ok_and(|of| of == rules);
    Ok(new.len() <= LOOKED_AT && new.iter().all(is_same))
}

/// Notes a tip at which nothing is held. Which signatures are accepted may change later.
pub(super) fn note_searched(pm: &Pm, tip: Oid) -> Result<()> {
    let repo = pm.store.repo();
    let now = repository::read(repo, repo.commit(tip)?.tree)?.doc;
    if !now.value(SIGN).is_true() {
        whole_file::note(repo.common_dir(), NOTE, &tip.to_string());
    }
    Ok(())
}

/// The file with the rules of a commit.
fn rules_of(pm: &Pm, commit: Oid) -> Result<Option<Vec<u8>>> {
    let repo = pm.store.repo();
    repo.read_file(repo.commit(commit)?.tree, REPOSITORY, DOCUMENT_MAX)
}
