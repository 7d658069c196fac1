//! Whether a commit of the state was made by a human: its operation, its trailers and its signature.

use crate::coordinate::rules::unauthorized_changes;
use crate::error::Result;
use crate::model::settings;
use crate::model::text::excerpt;
use crate::pm::Pm;
use crate::store::first_commit::initial_commit;
use crate::store::git::repo::{Commit, short};
use crate::store::git::sign;

/// True if the state requires signatures; an unsigned commit cannot end that.
pub(crate) fn signatures_hold(pm: &Pm) -> Result<bool> {
    let held = unauthorized_changes::held_rules(pm)?
        .iter()
        .any(|held| held.key == settings::SIGN.key);
    Ok(held || pm.store.state()?.repository.requires_signatures())
}

/// The objection to a commit as a human's, if there is one: its operation, an agent's trailer,
/// and, where signatures are required, its signature.
pub(crate) fn doubt(
    pm: &Pm,
    commit: &Commit,
    ops: &[&str],
    signed: bool,
) -> Result<Option<String>> {
    if signed && let Some(why) = unsigned(pm, commit)? {
        return Ok(Some(why));
    }
    let by = written(commit);
    if commit.trailer("PM-Agent").is_some() {
        return Ok(Some(format!(
            "{by}, and its trailers say that an agent made the commit"
        )));
    }
    Ok((!ops.contains(&commit.op())).then(|| format!("{by}, but not with `git pm {}`", ops[0])))
}

/// As [`doubt`], for a commit without parents. A human who cuts off the history vouches for
/// the rest; the first commit of every store, which is the same everywhere, does not count.
pub(crate) fn doubt_first(pm: &Pm, commit: &Commit, signed: bool) -> Result<Option<String>> {
    if commit.id == initial_commit(&pm.store.repo().pending())? {
        return Ok(None);
    }
    doubt(pm, commit, &CUT, signed)
}

/// The objection to a commit's signature, if there is one.
pub(crate) fn unsigned(pm: &Pm, commit: &Commit) -> Result<Option<String>> {
    let by = written(commit);
    if !commit.signed {
        return Ok(Some(format!("{by}, but the commit is not signed")));
    }
    let accepted = sign::is_accepted(pm.store.repo(), commit.id)?;
    Ok((!accepted).then(|| format!("{by}, but git does not accept its signature here")))
}

/// `commit c0ffee1234 (task comment on T-0001) wrote it`.
pub(crate) fn written(commit: &Commit) -> String {
    let did = match commit.parents.is_empty() {
        true => "started the history with it",
        false => "wrote it",
    };
    format!("{} {did}", named(commit))
}

pub(crate) fn named(commit: &Commit) -> String {
    let subject = excerpt(commit.subject(), 60);
    format!("commit {} ({subject})", short(commit.id))
}

/// The operations with which a human cuts off the history.
const CUT: [&str; 2] = ["gc", "redact"];
