//! Which status changes an item offers: those that would not be refused to the caller now.
//!
//! The page and the boards ask here, so that what is offered works.

use crate::coordinate::claim::ownership;
use crate::error::{Error, Hint, Result};
use crate::model::authority::{self, Who};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::stop::Stop;
use crate::model::vocabulary::terms;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::store::state::State;
use crate::work::ending;
use crate::work::task::finish::FinishOptions;
use crate::work::task::hand_over::DropOptions;
use crate::work::task::merge::MergeOptions;
use crate::work::task::start::options::StartOptions;
use crate::work::task::{approval, criteria, finish, hand_over, merge, return_work, transition};

terms! {
    /// A status change, by the name of its command.
    Move in "status change" {
        /// Start or resume the work.
        Start = "start",
        /// Claim it, without a branch.
        Claim = "claim",
        /// Submit the work.
        Finish = "finish",
        /// Approve the work.
        Approve = "approve",
        /// Return the work to its author.
        Return = "return",
        /// Merge the approved work.
        Merge = "merge",
        /// Give the claim up.
        Drop = "drop",
        /// Stop it by hand.
        Block = "block",
        /// Take that back.
        Unblock = "unblock",
        /// Postpone it.
        Defer = "defer",
        /// Take that back.
        Undefer = "undefer",
        /// Close it as done.
        Done = "done",
        /// Close an issue, or an epic without open parts.
        Close = "close",
        /// Abandon it.
        Cancel = "cancel",
        /// Open it again.
        Reopen = "reopen",
    }
}

impl Move {
    /// The changes available for an item of this kind and status.
    fn of(kind: ItemKind, status: &Status) -> impl Iterator<Item = Move> {
        use Move::{
            Approve, Block, Cancel, Claim, Close, Defer, Done, Drop, Finish, Merge, Reopen, Return,
            Start, Unblock, Undefer,
        };
        let all: &[Move] = match status.as_str() {
            "in_progress" | "hooked" => &[Start, Finish, Drop, Block, Close, Done, Cancel],
            "in_review" => &[Approve, Return, Block, Close, Cancel],
            "ready_for_integration" => &[Merge, Return, Block, Close, Cancel],
            // The approval of its plan decides about it.
            "proposed" => &[],
            "blocked" => &[Unblock],
            "deferred" => &[Undefer],
            "done" | "cancelled" | "closed" => &[Reopen],
            _ => &[Start, Claim, Block, Defer, Close, Done, Cancel],
        };
        let is_issue = kind == ItemKind::Issue;
        let fits = move |one: &Move| match one {
            Close => matches!(kind, ItemKind::Issue | ItemKind::Epic),
            Done | Cancel => !is_issue,
            _ => true,
        };
        all.iter().copied().filter(fits)
    }

    /// True if it may push the state: who offers it asks, or refuses, before the first push.
    pub fn sends(self) -> bool {
        use Move::{Claim, Drop, Finish, Merge, Return, Start};
        matches!(self, Start | Claim | Finish | Merge | Drop | Return)
    }
}

impl Tasks<'_> {
    /// The status changes that would work for an item now.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn moves(&self, id: &str) -> Result<Vec<Move>> {
        let ready = self.why(id)?.ready;
        let state = self.pm.store.snapshot()?;
        let item = state.find(id)?;
        Ok(moves(self.pm, &state, item, ready))
    }

    /// True if criteria of an item are open that the caller may accept now.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn accepts(&self, id: &str) -> Result<bool> {
        let state = self.pm.store.snapshot()?;
        Ok(accepts(self.pm, &state, state.find(id)?))
    }

    /// Makes a status change as its command does without further options. `text` is the reason, or the note or
    /// evidence, that goes with it.
    ///
    /// # Errors
    /// Those of the command.
    pub fn make_move(&self, id: &str, one: Move, text: Option<&str>) -> Result<()> {
        let (ids, reason) = ([id.to_string()], text.map(str::to_string));
        match one {
            Move::Start => self.start_or_keep(id, &StartOptions::default()).map(drop),
            Move::Claim => self
                .start_or_keep(id, &StartOptions::claim_only())
                .map(drop),
            Move::Finish => self.finish(Some(id), &FinishOptions::default()).map(drop),
            Move::Approve => self.approve(id, None, text).map(drop),
            Move::Return => self.return_work(id, text.unwrap_or_default()).map(drop),
            Move::Merge => self.merge(id, &MergeOptions::default()).map(drop),
            Move::Drop => {
                let options = DropOptions {
                    reason,
                    ..DropOptions::default()
                };
                self.release(Some(id), &options).map(drop)
            }
            Move::Block => self.block(id, text.unwrap_or_default()).map(drop),
            Move::Unblock => self.unblock(id).map(drop),
            Move::Defer => self.defer(id, text).map(drop),
            Move::Undefer => self.pm.issues().undefer(&ids).map(drop),
            Move::Done => self.done(id, text, false).map(drop),
            Move::Close => self.pm.issues().close(&ids, text, false).map(drop),
            Move::Cancel => self.cancel(id, text).map(drop),
            Move::Reopen => self.reopen(id, text).map(drop),
        }
    }

    /// The command that submits, approves or merges the work of an item, whichever is next; none if that is none
    /// of them.
    ///
    /// # Errors
    /// What the approval or the merge would be refused for to this caller; when there is no such item.
    pub fn onward(&self, id: &str) -> Result<Option<Hint>> {
        let state = self.pm.store.snapshot()?;
        let item = state.find(id)?;
        let words: &[&str] = match item.status {
            Status::InProgress if finish::is_submittable(self.pm, &state, item) => &["finish"],
            Status::InReview => {
                approval::require_nothing_open(self.pm, &state, item)?;
                approval::require_by_caller(self.pm, &state, item)?;
                &["task", "approve"]
            }
            Status::ReadyForIntegration => {
                merge::require_merge(self.pm, &state, item)?;
                &["merge"]
            }
            _ => return Ok(None),
        };
        let id = state.shown_id(item);
        Ok(Some(Hint::run([words, &[id.as_str()]].concat(), "")))
    }

    /// Why the work of an item in review would not be approved, whoever asks, or that of an approved one not merged,
    /// unless its gates, a hook, the remote or uncommitted changes stop it; none if nothing does.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn obstacle(&self, id: &str) -> Result<Option<Error>> {
        let state = self.pm.store.snapshot()?;
        Ok(obstacle(self.pm, &state, state.find(id)?))
    }
}

fn obstacle(pm: &Pm, state: &State<'_>, item: &Item) -> Option<Error> {
    match item.status {
        Status::InReview => approval::require_nothing_open(pm, state, item).err(),
        Status::ReadyForIntegration => merge::require_merge(pm, state, item).err(),
        _ => None,
    }
}

/// The words of the command that brings submitted work on, whoever gives it; where that would be refused, of the one
/// that shows why.
pub(crate) fn step_of(pm: &Pm, state: &State<'_>, item: &Item) -> &'static str {
    match item.status {
        _ if item.branch.is_none() || obstacle(pm, state, item).is_some() => "show",
        Status::InReview => "task approve",
        Status::ReadyForIntegration => "merge",
        _ => "show",
    }
}

/// As [`Tasks::accepts`].
pub(crate) fn accepts(pm: &Pm, state: &State<'_>, item: &Item) -> bool {
    let is_decided = item.status.as_str() != "proposed";
    is_decided
        && !criteria::open_criteria(item).is_empty()
        && !(pm.actor.is_agent && item.status.is_closed())
        && pm.require_own_task(item, "accepting criteria").is_ok()
        && ownership::require_not_of_another_here(pm, state, item).is_ok()
}

/// The status changes that would work for an item, of which it is known whether it can be started.
pub(crate) fn moves(pm: &Pm, state: &State<'_>, item: &Item, ready: bool) -> Vec<Move> {
    let doc = state.doc(&item.uid);
    let stop = doc.and_then(|doc| Stop::of(doc, item, pm.now_ms()));
    let may = |one: &Move| {
        let kind = match one {
            Move::Close => item.kind.as_str(),
            _ => ItemKind::Task.as_str(),
        };
        let is_open = authority::operation(&format!("{kind} {one}")) == Who::Anybody;
        !pm.actor.is_agent || stop.is_none() && is_open
    };
    let is_free = || ownership::require_not_of_another(pm, state, item).is_ok();
    let has_ended = || ending::require_closed_children(pm, state, item, &[]).is_ok();
    let is_merged = || ending::require_merged(pm, state, item, false).is_ok();
    let is_met = || criteria::open_criteria(item).is_empty() && is_merged();
    let works = |one: &Move| match one {
        Move::Start | Move::Claim => ready,
        Move::Finish => finish::is_submittable(pm, state, item),
        Move::Approve => approval::require_no_obstacle(pm, state, item).is_ok(),
        Move::Return => {
            (item.status == Status::InReview || !pm.actor.is_agent)
                && return_work::author(state, item).is_some()
        }
        Move::Merge => merge::is_mergeable(pm, state, item),
        Move::Drop => hand_over::require_releasable(pm, state, item, true).is_ok(),
        Move::Block => ownership::require_not_of_another_here(pm, state, item).is_ok(),
        Move::Unblock | Move::Undefer => {
            !pm.actor.is_agent
                || transition::before(state, item) != Some(Status::ReadyForIntegration)
        }
        Move::Done => {
            // A person may tick off what was not begun and has no branch, which would be merged.
            let is_begun = item.status != Status::Queued;
            let is_plain =
                item.kind == ItemKind::Task && item.branch.is_none() && !pm.actor.is_agent;
            (is_begun || ready && is_plain) && is_free() && has_ended() && is_met()
        }
        Move::Close => ending::require_closable(pm, state, item, &[]).is_ok() && is_met(),
        Move::Defer => is_free(),
        Move::Cancel => is_free() && has_ended(),
        Move::Reopen => true,
    };
    let all = Move::of(item.kind, &item.status);
    all.filter(may).filter(works).collect()
}
