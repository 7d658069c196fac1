//! Joining two generations: the result keeps the history of one of them at most, so the values that
//! gave way are written down in it, and those that the other history listed.

use super::raises_of;
use crate::error::Result;
use crate::model::message::TOOL;
use crate::model::text::{actor, excerpt};
use crate::store::actor::Actor;
use crate::store::git::repo::{Oid, Pending};
use crate::store::handle::Store;
use crate::store::history::override_notes::note;
use crate::store::history::{Override, overrides_in, overrides_unlike};
use crate::store::join::commit::{Merged, join_commits};
use crate::store::migrate;
use crate::store::repository;

impl Store {
    /// Joins a remote's state into this clone's, and lists in it what the history does not show.
    /// `known` is the remote's state before it was fetched.
    pub(crate) fn adopt(
        &self,
        pending: &Pending,
        ours: Oid,
        theirs: Oid,
        known: Option<Oid>,
    ) -> Result<Merged> {
        let mut merged = join_commits(pending, ours, theirs)?;
        if merged.forgotten.is_empty() {
            return Ok(merged);
        }
        let tree = pending.commit(merged.commit)?.tree;
        let joined = repository::read(pending, tree)?;
        if migrate::require_writable(&joined).is_err() {
            return Ok(merged);
        }
        let hides = joined.redactions();
        let known = known.filter(|known| is_common(pending, *known, ours, theirs));
        let [lost, listed] = unlisted(pending, &merged, [ours, theirs], known)?;
        let new = lost.iter().map(|one| (one, true));
        let all: Vec<_> = new.chain(listed.iter().map(|one| (one, false))).collect();
        if all.is_empty() {
            return Ok(merged);
        }
        self.warn_of(lost.iter().map(told).collect());
        let (_, email) = self.identity();
        let tool = Actor {
            name: TOOL.into(),
            identity: TOOL.into(),
            is_agent: false,
            own: None,
            is_confined: false,
            is_bound: false,
            is_inferred: false,
            email,
        };
        let (_, noted) = self.stage(pending, merged.commit, &tool, &mut |tx| {
            for (one, new) in &all {
                let doc = note(one, *new, &hides, tx.fresh_stamp());
                if tx.state.doc(&doc.uid).is_none() {
                    tx.insert(doc)?;
                }
            }
            tx.describe("sync", &[], "list overridden values");
            Ok(())
        })?;
        merged.commit = noted.unwrap_or(merged.commit);
        Ok(merged)
    }
}

/// The overrides that the history of a join of two commits does not list, because it does not keep
/// both histories: those of this join, and those that the lost history lists. `known` is a state
/// that both began with.
pub fn unlisted(
    pending: &Pending,
    merged: &Merged,
    sides: [Oid; 2],
    known: Option<Oid>,
) -> Result<[Vec<Override>; 2]> {
    let [mut lost, mut listed] = [Vec::new(), Vec::new()];
    if merged.forgotten.is_empty() {
        return Ok([lost, listed]);
    }
    let tree = pending.commit(merged.commit)?.tree;
    lost = overrides_unlike(pending, tree, sides, known)?;
    for side in &merged.forgotten {
        listed.extend(overrides_in(pending, *side, known)?);
    }
    Ok([lost, listed])
}

/// True if a former state of the remote is one that both sides began with: not what was just
/// fetched, nor of a generation that this clone does not have yet.
pub fn is_common(pending: &Pending, known: Oid, ours: Oid, theirs: Oid) -> bool {
    let raises = |id| raises_of(pending, &pending.commit(id).ok()?);
    match (raises(known), raises(ours)) {
        (Some(of_known), Some(own)) => known != theirs && own.is_superset(&of_known),
        _ => false,
    }
}

/// An override, as a sentence for the user.
fn told(one: &Override) -> String {
    let lost = excerpt(&Override::shown(&one.lost).to_string(), 60);
    let by = one
        .lost_by
        .as_ref()
        .map(|who| format!(" by {}", actor(who)));
    format!(
        "{} {}: {lost}{} was overridden (`git pm log --conflicts` lists it)",
        one.item,
        excerpt(&one.field, 60),
        by.unwrap_or_default()
    )
}
