//! Joining two generations: which history stays, and what is written down of the other.
//!
//! The result keeps the history of one of them at most, so the values that gave way are written down
//! in it, and those that the other history listed.

use super::raises_of;
use crate::actor::Actor;
use crate::error::Result;
use crate::git::repo::{Oid, Pending};
use crate::handle::Store;
use crate::history::override_notes::note;
use crate::history::{Override, common_ancestor, overrides_in, overrides_unlike};
use crate::join::commit::{Merged, join_commits};
use crate::migrate;
use crate::model::message::TOOL;
use crate::model::rule_elements;
use crate::model::text::{actor, excerpt};
use crate::repository::{self, Repository};

impl Store {
    /// Joins a remote's state into this clone's, and lists in it what the history does not show.
    /// `known` is the remote's state before it was fetched.
    pub fn adopt(
        &self,
        pending: &Pending,
        ours: Oid,
        theirs: Oid,
        known: Option<Oid>,
    ) -> Result<Merged> {
        let (_, email) = self.identity();
        let tool = Actor {
            name: TOOL.into(),
            identity: TOOL.into(),
            email,
            ..Actor::default()
        };
        let [ours, theirs] = self.raised([ours, theirs], pending, &tool)?;
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
        self.warn_of(lost.iter().map(sentence).collect());
        let noted = self.stage(pending, merged.commit, &tool, &mut |tx| {
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

    /// Two sides to be joined, each raised from an older version if it wrote a shared list that this
    /// version keeps by element: as texts, one would displace the other.
    fn raised(&self, sides: [Oid; 2], pending: &Pending, tool: &Actor) -> Result<[Oid; 2]> {
        let read = |id| repository::read(pending, pending.commit(id)?.tree);
        let found = [read(sides[0])?, read(sides[1])?];
        let is_older = |side: &Repository| migrate::is_older(side.format());
        if !found.iter().any(is_older) {
            return Ok(sides);
        }
        let base = common_ancestor(pending, sides[0], sides[1])?;
        if base.is_some_and(|base| sides.contains(&base)) {
            return Ok(sides);
        }
        let base = base.map(read).transpose()?;
        let mut out = sides;
        for (side, found) in out.iter_mut().zip(&found) {
            let wrote = |rule: &&str| {
                let before = base
                    .as_ref()
                    .and_then(|base| rule_elements::text(&base.doc, rule));
                rule_elements::text(&found.doc, rule) != before
            };
            if is_older(found) && migrate::LISTS.iter().any(wrote) {
                let raised = self.stage(pending, *side, tool, &mut |tx| {
                    migrate::stage(tx, migrate::RAISED).map(|_| ())
                })?;
                *side = raised.unwrap_or(*side);
            }
        }
        Ok(out)
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
fn sentence(one: &Override) -> String {
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
