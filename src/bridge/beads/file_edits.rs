//! Merges what the commits of a file changed, each at its own time.
//!
//! A record has one time for all its values. Its versions in git have theirs, and say what was changed in which:
//! what one clone exported and a person edited afterwards, and what was changed in two branches, is as old as it is.
//! What an export changed is in the state already, or comes with it.

use std::cell::OnceCell;

use super::file_history::Edit;
use super::import::Run;
use super::past_imports::{Past, moment_of};
use super::read_record::SOURCE;
use crate::bridge::content::{Foreign, external};
use crate::bridge::{Outcome, Upsert};
use crate::error::Result;
use crate::model::doc::{Doc, IMPORT, UNDONE};
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::git::repo::Commit;
use crate::store::history::{Named, walk};
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The greatest number of commits of the state that are looked at.
const COMMITS_MAX: usize = 10_000;

/// How far the time of an exported record is from that of the last write of its item, or of the version that it was
/// merged with, in milliseconds: beads accepts only later ones, so some are moved.
const MOVED_MS: u64 = 250;

/// The commits of the state that are no imports, newest first.
#[derive(Default)]
pub struct Writes(OnceCell<Vec<Commit>>);

impl Writes {
    /// True if an item was written at a time, so that a record with that time is an export of it.
    fn is_at(&self, pm: &Pm, state: &State<'_>, item: &Item, at_ms: u64) -> Result<bool> {
        let repo = pm.store.repo();
        let all = match self.0.get() {
            Some(all) => all,
            None => {
                let (mut all, mut seen) = (Vec::new(), 0);
                walk(repo, pm.store.require_tip()?, |commit| {
                    seen += 1;
                    if !commit.op().starts_with("import") {
                        all.push(commit.clone());
                    }
                    Ok(seen < COMMITS_MAX)
                })?;
                self.0.get_or_init(|| all)
            }
        };
        let named = Named::of(repo, state, item);
        for commit in all {
            if commit.ms().abs_diff(at_ms) <= MOVED_MS && named.is_in(commit)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Run<'_> {
    /// Merges what commits made of a record since this clone imported its file; none if git does not tell that.
    pub(super) fn merge_edits(
        &self,
        tx: &mut Tx<'_>,
        upsert: &mut Upsert<'_>,
        record: &Foreign<'_>,
        uid: &Uid,
    ) -> Result<Option<Outcome>> {
        let is_plain = self.is_named_alike && record.occurrence == 0 && !upsert.renames;
        // What was undone is imported as if it had never been.
        let may_merge = |doc: &&Doc| doc.text(UNDONE) != Some(IMPORT) && !doc.purged;
        let doc = tx.state.doc(uid).filter(may_merge);
        let item = tx.state.item(uid).cloned();
        let Some(item) = item.filter(|_| is_plain && doc.is_some()) else {
            return Ok(None);
        };
        let key = |id: String| self.source.last.contains_key(id.as_str()).then_some(id);
        let stored = doc.and_then(|doc| external(doc, SOURCE, "record"));
        let stored = stored.unwrap_or_default();
        let edits = self.imported.edits((record.id, record.raw), stored, key);
        // What was new in a version has been imported as that, or was elsewhere in git before.
        let (edits, new): (Vec<Edit>, Vec<Edit>) = edits.into_iter().partition(Edit::is_of_known);
        if edits.is_empty() {
            // Of an item that was created here, another clone's export can be all that the file ever had.
            let is_new = stored.is_empty() && new.iter().any(|edit| edit.before == [None]);
            let is_own = is_new && self.writes.is_at(self.pm, &tx.state, &item, record.at_ms)?;
            return Ok(is_own.then_some(Outcome::Unchanged));
        }
        let mut outcome = Outcome::Unchanged;
        for edit in &edits {
            let at_ms = moment_of(&edit.after).unwrap_or(record.at_ms);
            if self.is_export(&tx.state, &item, (&edits, edit), at_ms)? {
                continue;
            }
            match self.merge_edit(tx, upsert, record, (edit, at_ms.min(self.now_ms), uid))? {
                found @ (Outcome::Updated | Outcome::Skipped(_)) => outcome = found,
                found => {
                    if outcome == Outcome::Unchanged {
                        outcome = found;
                    }
                }
            }
        }
        Ok(Some(outcome))
    }

    /// What git had first of a record, in a file that it could not merge.
    pub(super) fn first_version(&self, record: &Foreign<'_>) -> Option<String> {
        self.source.lines.theirs_at?;
        let key = |id: String| self.source.last.contains_key(id.as_str()).then_some(id);
        let edits = self.imported.edits((record.id, record.raw), "", key);
        let first = edits.into_iter().next()?;
        (!first.is_of_known() && first.after != record.raw).then_some(first.after)
    }

    /// True if an edit is what this clone or another one exported.
    fn is_export(
        &self,
        state: &State<'_>,
        item: &Item,
        (edits, edit): (&[Edit], &Edit),
        at_ms: u64,
    ) -> Result<bool> {
        if self
            .past(&item.born)
            .iter()
            .any(|one| one.raw == edit.after)
        {
            return Ok(true);
        }
        let mut before = edit.before.iter().flatten();
        if before.any(|raw| moment_of(raw) == Some(at_ms)) {
            // A person edited the line, and left its time.
            return Ok(false);
        }
        // One after a merge is later than what was merged by the least that beads sees.
        let all = edits.iter().flat_map(Edit::lines);
        let mut times = all.filter_map(moment_of);
        let is_moved = times.any(|before| before < at_ms && at_ms - before <= MOVED_MS);
        Ok(is_moved || self.writes.is_at(self.pm, state, item, at_ms)?)
    }

    fn merge_edit(
        &self,
        tx: &mut Tx<'_>,
        upsert: &mut Upsert<'_>,
        record: &Foreign<'_>,
        (edit, at_ms, uid): (&Edit, u64, &Uid),
    ) -> Result<Outcome> {
        let redactions = tx.state.repository.redactions();
        let masked = |raw: &String| redactions.masked(raw).unwrap_or_else(|| raw.clone());
        let before: Vec<Option<String>> = edit
            .before
            .iter()
            .map(|raw| raw.as_ref().map(masked))
            .collect();
        let after = masked(&edit.after);
        let mut before = before.iter().map(|raw| {
            let raw = raw.as_deref();
            raw.and_then(|raw| self.read(&tx.state, &record.saying(raw)))
        });
        let base = before.next().flatten().unwrap_or_default();
        upsert.exports = before.flatten().collect();
        upsert.saw_first = false;
        upsert.past = Past {
            is_edit: true,
            ..Past::default()
        };
        let edited = Foreign {
            raw: &after,
            at_ms,
            ..record.clone()
        };
        upsert.update(tx, &edited, uid, &base, 0)
    }
}
