//! What a merge writes into the state: the item is done, and its claims are over. What stands against
//! that is found before the target moves; once it moved, that is written down whatever came since.

use crate::error::{Error, Kind, Result};
use crate::model::item::Item;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::stop::Stop;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::gates;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::merge::MergeView;
use crate::work::task::transition::{borrowed, end_claims, set_status, translated};

/// A merge as it is written down.
struct Mark<'a> {
    replica: &'a str,
    /// Where the target is, or will be.
    commit: &'a str,
    target: &'a str,
    /// Whether the target has moved already.
    moved: bool,
}

impl Pm {
    /// Rehearses what will be written once the target moved, so that whatever refuses that, or stands
    /// in the way of it, does so now. `heard` tells whether the remote answered.
    ///
    /// # Errors
    /// Kind `Conflict` when the item is no longer as it was `seen`; `Remote` when a claim of another
    /// clone could not be ended; else as the write itself.
    pub(super) fn require_markable(
        &self,
        seen: &Item,
        commit: &str,
        target: &str,
        heard: bool,
    ) -> Result<()> {
        let replica = self.store.replica()?.to_string();
        let mark = Mark {
            replica: &replica,
            commit,
            target,
            moved: false,
        };
        let settled = match self.main_remote() {
            Some(remote) => heard && self.is_online() && !self.is_read_only(&remote),
            None => true,
        };
        self.store.rehearse(&self.writer("merge"), |tx| {
            let now = tx.state.item(&seen.uid);
            if now.is_none_or(|now| now.status != seen.status || now.approval != seen.approval) {
                let id = tx.state.shown_id(seen);
                return Err(Error::conflict(format!(
                    "{id} was changed meanwhile, nothing was merged"
                ))
                .hint(format!("look at it again: `git pm show {id}`")));
            }
            if self.actor.is_agent {
                gates::require_way(&tx.state, seen, &self.actor, self.now_ms())?;
            }
            self.mark(tx, &seen.uid, &mark, settled)
        })
    }

    /// Writes down that an item's work is in its target.
    pub(super) fn mark_done(&self, uid: &Uid, merged: &MergeView) -> Result<()> {
        let replica = self.store.replica()?.to_string();
        let mark = Mark {
            replica: &replica,
            commit: &merged.new,
            target: &merged.target,
            moved: true,
        };
        let state = self.store.state()?;
        let item = state.item(uid);
        if item.is_none_or(|item| item.held_elsewhere(&replica).is_none()) {
            return self
                .mutate("merge", |tx| self.mark(tx, uid, &mark, false))
                .map(|_| ());
        }
        let no_remote = self.main_remote().is_none();
        let done = self.coordinated("merge", |tx, _, settled| {
            if let Some(done) = self.repeated(tx, "merge")? {
                return Ok(done);
            }
            self.mark(tx, uid, &mark, settled || no_remote)?;
            self.record_key(tx, "merge", uid)?;
            Ok(uid.clone())
        });
        match done {
            Ok(_) => Ok(()),
            // The branch is merged; only the other clone's claim could not be ended yet.
            Err(error) if error.kind() == Kind::Remote => Err(Error::remote(format!(
                "{} is merged, but its task is claimed in another clone: {}",
                merged.target,
                error.message()
            ))
            .hint("run the same command again when the remote can be reached")),
            Err(error) => Err(error),
        }
    }

    /// Whether a human's stop stands that an agent does not get past.
    fn is_stopped(&self, state: &State<'_>, item: &Item) -> bool {
        let doc = state.doc(&item.uid).filter(|_| self.actor.is_agent);
        doc.is_some_and(|doc| Stop::of(doc, item, self.now_ms()).is_some())
    }

    /// Stages that an item's work is in its target; `settled` tells whether claims of other clones may
    /// be ended.
    fn mark(&self, tx: &mut Tx<'_>, uid: &Uid, mark: &Mark<'_>, settled: bool) -> Result<Uid> {
        let Some(item) = tx.state.item(uid).cloned() else {
            return Err(Error::not_found("there is no such item"));
        };
        let id = tx.state.shown_id(&item);
        let closed = item.status.is_closed();
        if closed && !mark.moved {
            return Ok(uid.clone());
        }
        let mut extra: Vec<(String, Value)> = vec![
            ("merged_commit".into(), mark.commit.into()),
            ("merged_into".into(), mark.target.into()),
        ];
        if !closed {
            extra.push(("closed_at".into(), rfc3339(self.now_ms()).into()));
            extra.push(("closed_by".into(), tx.actor().into()));
        }
        if mark.moved && (closed || self.is_stopped(&tx.state, &item)) {
            // What somebody closed or stopped meanwhile stays that, and a human who did is told by
            // whoever settles.
            let done = translated(item.kind, &Status::Done);
            tx.edit_settled(uid, |doc, clock| {
                let mut changed = !closed && doc.set("status", done.as_str(), clock);
                for (name, value) in extra {
                    changed |= doc.set(&name, value, clock);
                }
                changed
            })?;
        } else {
            set_status(tx, &item, &Status::Done, &borrowed(&extra))?;
        }
        end_claims(
            tx,
            &item,
            mark.replica,
            settled,
            "merged",
            Some(mark.commit),
        )?;
        tx.describe("merge", &[&id], &format!("{id}: into {}", mark.target));
        tx.subject(&match closed {
            true => format!("{id}: note its merge"),
            false => format!("{id}: mark task done"),
        });
        Ok(uid.clone())
    }
}
