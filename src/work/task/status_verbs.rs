//! The verbs that change an item's status by hand: done, cancel, defer, block, reopen.

use super::criteria::{self, open_criteria};
use super::transition::{
    before, borrowed, end_claims, move_to, not_allowed, not_approved, require_allowed, set_status,
};
use crate::coordinate::claim::ownership;
use crate::coordinate::message;
use crate::coordinate::renew_claims;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::ItemKind;
use crate::model::item::{FORCED, Item};
use crate::model::planned_id::{plan_uid, planned_uid};
use crate::model::proposed::test_key;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::pm::who_acts::require_human;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::ending::{
    notice_unmerged, require_closable, require_closed_children, require_merged,
};
use crate::work::task::many_items;

/// What is said of one check that was passed over by force, in characters.
const FORCED_MAX: usize = 200;

impl Tasks<'_> {
    /// Closes an item by hand: with evidence, or by force, which is recorded in the item.
    ///
    /// # Errors
    /// When there is neither evidence (accepted criteria and a text) nor force, or its status does
    /// not allow it.
    pub fn done(&self, id: &str, evidence: Option<&str>, force: bool) -> Result<ItemView> {
        close_with(self.pm, "task done", id, |tx, item, is_final| {
            done_in(self.pm, tx, item, is_final, (evidence, force), &[])
        })
    }

    /// Cancels an item.
    ///
    /// # Errors
    /// When its status does not allow it, or it has open children.
    pub fn cancel(&self, id: &str, reason: Option<&str>) -> Result<ItemView> {
        let mut all = self.cancel_all(&[id.to_string()], reason, false)?;
        Ok(all.remove(0))
    }

    /// Cancels items, in one commit.
    ///
    /// # Errors
    /// When the status of one of them does not allow it, or it has open children other than these,
    /// without `force`; nothing is written then.
    pub fn cancel_all(
        &self,
        ids: &[String],
        reason: Option<&str>,
        force: bool,
    ) -> Result<Vec<ItemView>> {
        let found = many_items::found(self.pm, ids)?;
        renew_claims::catch_up(self.pm, &found);
        let all: Vec<Uid> = found.into_iter().map(|item| item.uid).collect();
        let ids: Vec<String> = all.iter().map(Uid::to_string).collect();
        let stage = |tx: &mut Tx<'_>, item: &Item, is_final: bool| {
            cancel_in(self.pm, tx, item, is_final, (reason, force), &all)
        };
        let what = (ids.len() > 1).then(|| reason.unwrap_or_default());
        let cancelled = many_items::settle_all(self.pm, "cancel", &ids, stage, what)?;
        self.pm.issues().tell_released(&cancelled)?;
        Ok(cancelled)
    }

    /// Defers an item.
    ///
    /// # Errors
    /// When its status does not allow it.
    pub fn defer(&self, id: &str, reason: Option<&str>) -> Result<ItemView> {
        close_with(self.pm, "task defer", id, |tx, item, is_final| {
            defer_in(self.pm, tx, item, is_final, reason, false)
        })
    }

    /// Blocks an item by hand; its holder keeps the claim.
    ///
    /// # Errors
    /// When its status does not allow it.
    pub fn block(&self, id: &str, reason: &str) -> Result<ItemView> {
        let pm = self.pm;
        pm.write("task block")
            .view(|tx| block_in(pm, tx, id, reason))
    }

    /// Returns a blocked item to its previous status.
    ///
    /// # Errors
    /// When it is not blocked.
    pub fn unblock(&self, id: &str) -> Result<ItemView> {
        let pm = self.pm;
        pm.write("task unblock").view(|tx| unblock_in(pm, tx, id))
    }

    /// Reopens a closed item.
    ///
    /// # Errors
    /// When it is not closed.
    pub fn reopen(&self, id: &str, reason: Option<&str>) -> Result<ItemView> {
        let pm = self.pm;
        let state = pm.store.state()?;
        tell_open_again(pm, &state, state.find(id)?);
        drop(state);
        pm.write("task reopen").view(|tx| reopen_in(tx, id, reason))
    }
}

/// Says that accepted criteria of a finished item are open again once it is reopened.
pub(crate) fn tell_open_again(pm: &Pm, state: &State<'_>, item: &Item) {
    let accepted = item.acceptance.iter().filter(|one| one.done).count();
    if item.status.is_finished() && accepted > 0 {
        let id = state.shown_id(item);
        pm.notice(format!(
            "accepted criteria of {id} that are open again: {accepted}; accept what still holds again"
        ));
    }
}

/// Changes an item's status and ends its claims, through the remote if another clone holds one.
pub(super) fn close_with(
    pm: &Pm,
    op: &str,
    id: &str,
    stage: impl FnMut(&mut Tx<'_>, &Item, bool) -> Result<()>,
) -> Result<ItemView> {
    let seen = pm.store.state()?.find(id)?.clone();
    renew_claims::catch_up(pm, std::slice::from_ref(&seen));
    let ids = [seen.uid.to_string()];
    Ok(many_items::settle_all(pm, op, &ids, stage, None)?.remove(0))
}

/// Ends every open claim on an item. Most have none, and then this clone's id is not read.
pub(crate) fn end_all(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    is_final: bool,
    reason: &str,
) -> Result<()> {
    ownership::require_not_of_another(pm, &tx.state, item)?;
    if item.holder().is_none() {
        return Ok(());
    }
    let replica = pm.store.replica()?;
    end_claims(tx, item, replica.as_str(), is_final, reason, None)
}

pub(crate) fn times(pm: &Pm, tx: &Tx<'_>, what: &str) -> Vec<(String, Value)> {
    vec![
        (format!("{what}_at"), rfc3339(pm.now_ms()).into()),
        (format!("{what}_by"), tx.actor().into()),
    ]
}

/// The registers that say that checks were passed over by force, and which.
pub(crate) fn forced_past(what: &[String]) -> [(String, Value); 2] {
    let what: Vec<String> = what.iter().map(|one| excerpt(one, FORCED_MAX)).collect();
    let [flag, text] = FORCED.map(String::from);
    [(flag, true.into()), (text, what.join("; ").into())]
}

/// How an item ends: the reason or the evidence, and whether by force.
pub(crate) type End<'a> = (Option<&'a str>, bool);

/// The judgement of the criteria of an item that becomes done, by whatever verb, and of its evidence; what a caller
/// passes over by force.
///
/// # Errors
/// When criteria are open, or there is no evidence, without force. An agent cannot pass over what others are to accept.
pub(crate) fn require_proven(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    (evidence, force): End<'_>,
) -> Result<Option<String>> {
    let open = open_criteria(item).len();
    let may_force = force && (open == 0 || !pm.actor.is_agent);
    match (open, evidence) {
        (0, Some(_)) => return Ok(None),
        (0, None) if may_force => return Ok(Some("closed without evidence".into())),
        _ if may_force => return Ok(Some(criteria::open_names(item))),
        _ => {}
    }
    let shown = state.shown_id(item);
    let message = match open {
        0 => format!("{shown} has no evidence of completion"),
        _ => criteria::open_count(&shown, item),
    };
    let mut error = Error::refused(message)
        .because(Reason::DoneNotAccepted)
        .about(&shown);
    if open > 0 {
        let accept = ["task", "accept", &shown, "--all"];
        error = error.hint(Hint::run(accept, "accepts them"));
    }
    if evidence.is_none() {
        let done = ["task", "done", &shown, "--evidence", "TEXT"];
        error = error.hint(Hint::run(done, "records the evidence"));
    }
    Err(match pm.actor.is_agent && open > 0 {
        true => error,
        false => error.hint("`--force` closes it anyway; this is recorded"),
    })
}

/// `Tasks::done` as part of a transaction that closes `others` too.
pub(crate) fn done_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    is_final: bool,
    (evidence, force): End<'_>,
    others: &[Uid],
) -> Result<()> {
    let shown = tx.state.shown_id(item);
    let mut passed_over = Vec::new();
    match require_closed_children(pm, &tx.state, item, others) {
        Err(error) if force && !pm.actor.is_agent => passed_over.push(error.message().to_string()),
        checked => checked?,
    }
    if item.status == Status::Proposed {
        return Err(not_approved(&shown, pm.actor.is_agent, "become done"));
    }
    let is_forced = force && item.kind == ItemKind::Task;
    let is_ticked = item.kind == ItemKind::Task && item.status == Status::Queued;
    if is_forced && item.status.is_closed() {
        return Err(refusal(tx, item, "be closed again"));
    }
    if !is_forced {
        require_allowed(&tx.state, item, tx.agent().is_some(), &Status::Done)?;
        if is_ticked {
            ownership::require_not_of_another(pm, &tx.state, item)?;
            require_closable(pm, &tx.state, item, &[])?;
        }
    }
    passed_over.extend(require_proven(pm, &tx.state, item, (evidence, force))?);
    let mut extra = times(pm, tx, "closed");
    extra.push(("evidence".into(), Value::from(evidence)));
    if is_ticked && item.assignee.is_none() {
        extra.push(("assignee".into(), tx.actor().into()));
    }
    if !passed_over.is_empty() {
        extra.extend(forced_past(&passed_over));
    }
    set_status(tx, item, &Status::Done, &borrowed(&extra))?;
    end_all(pm, tx, item, is_final, "done")?;
    require_merged(pm, &tx.state, item, force)?;
    message::tell_owners(tx, item, false, &format!("closed {shown}"))?;
    let how = match passed_over.is_empty() {
        true => "with evidence",
        false => "forced",
    };
    tx.describe(
        "task done",
        &[&shown],
        &format!("{shown}: done by hand, {how}"),
    );
    Ok(())
}

/// `Tasks::cancel` as part of a transaction that cancels `others` too.
pub(crate) fn cancel_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    is_final: bool,
    (reason, force): End<'_>,
    others: &[Uid],
) -> Result<()> {
    if !force || pm.actor.is_agent {
        require_closed_children(pm, &tx.state, item, others)?;
    }
    ownership::require_reason(pm, &tx.state, item, reason.is_some())?;
    notice_unmerged(pm, &tx.state, item, "cancelled");
    let id = tx.state.shown_id(item);
    let test = cancel_test(pm, tx, item, is_final, "cancelled", others)?;
    let mut extra = times(pm, tx, "closed");
    extra.push(("reason".into(), Value::from(reason)));
    move_to(tx, &item.uid, &Status::Cancelled, &borrowed(&extra))?;
    end_all(pm, tx, item, is_final, "cancelled")?;
    let what = format!("cancelled {}", with_reason(&id, reason));
    message::tell_owners(tx, item, false, &what)?;
    let ids: Vec<&str> = std::iter::once(&*id).chain(test.as_deref()).collect();
    tx.describe("task cancel", &ids, &with_reason(&id, reason));
    Ok(())
}

/// Cancels the task that tests an item which ends without work, unless it ends in the same commit; the id
/// of that task.
pub(crate) fn cancel_test(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    is_final: bool,
    what: &str,
    others: &[Uid],
) -> Result<Option<String>> {
    let test = test_of(&tx.state, item).cloned();
    let Some(test) = test.filter(|test| !others.contains(&test.uid)) else {
        return Ok(None);
    };
    let why = format!("it tests {}, which was {what}", tx.state.shown_id(item));
    let id = tx.state.shown_id(&test);
    pm.notice(format!("{id} was cancelled too: {why}"));
    cancel_in(pm, tx, &test, is_final, (Some(&why), true), others)?;
    Ok(Some(id))
}

/// The task of the same plan that tests an item, if it was not begun: without the item it is no work.
fn test_of<'s>(state: &'s State<'_>, item: &Item) -> Option<&'s Item> {
    let (_, part) = item.born.rsplit_once('.')?;
    let plan = plan_uid(item.planned_from.as_ref()?);
    let test = state.item(&planned_uid(&plan, &test_key(part)))?;
    let is_idle = test.status.is_startable() && test.holder().is_none() && !test.deleted;
    is_idle.then_some(test)
}

/// `Tasks::defer` as part of a transaction.
pub(crate) fn defer_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    is_final: bool,
    reason: Option<&str>,
    force: bool,
) -> Result<()> {
    ownership::require_reason(pm, &tx.state, item, reason.is_some() || force)?;
    let mut item = item.clone();
    move_to(
        tx,
        &item.uid,
        &Status::Deferred,
        &[("reason", Value::from(reason))],
    )?;
    end_all(pm, tx, &item, is_final, "deferred")?;
    let what = format!(
        "deferred {}",
        with_reason(&tx.state.shown_id(&item), reason)
    );
    message::tell_owners(tx, &item, false, &what)?;
    if item.status == Status::InProgress {
        // No actor holds it any more, so it returns to the queue.
        item.status = Status::Queued;
        tx.edit(&item.uid, |doc, clock| {
            doc.set("status_before", "queued", clock)
        })?;
    }
    let id = tx.state.shown_id(&item);
    tx.describe("task defer", &[&id], &with_reason(&id, reason));
    Ok(())
}

/// `Tasks::block` as part of a transaction.
pub(crate) fn block_in(pm: &Pm, tx: &mut Tx<'_>, id: &str, reason: &str) -> Result<Uid> {
    let item = tx.state.find(id)?.clone();
    ownership::require_not_of_another_here(pm, &tx.state, &item)?;
    move_to(
        tx,
        &item.uid,
        &Status::Blocked,
        &[("reason", reason.into())],
    )?;
    let id = tx.state.shown_id(&item);
    message::tell_owners(tx, &item, true, &format!("blocked {id}: {reason}"))?;
    tx.describe("task block", &[&id], &with_reason(&id, Some(reason)));
    Ok(item.uid)
}

/// `Tasks::unblock` as part of a transaction.
pub(crate) fn unblock_in(pm: &Pm, tx: &mut Tx<'_>, id: &str) -> Result<Uid> {
    back(pm, tx, "task unblock", id, &Status::Blocked, "be unblocked")
}

/// `Tasks::undefer` as part of a transaction.
pub(crate) fn undefer_in(pm: &Pm, tx: &mut Tx<'_>, id: &str) -> Result<Uid> {
    back(
        pm,
        tx,
        "task undefer",
        id,
        &Status::Deferred,
        "be undeferred",
    )
}

/// `Tasks::reopen` as part of a transaction. What was accepted for finished work is open again.
pub(crate) fn reopen_in(tx: &mut Tx<'_>, id: &str, reason: Option<&str>) -> Result<Uid> {
    let item = tx.state.find(id)?.clone();
    let id = tx.state.shown_id(&item);
    if !item.status.is_closed() {
        let error = refusal(tx, &item, "be reopened");
        let is_put_off = *item.status_at(tx.clock().wall_ms()) != item.status;
        return Err(match item.status {
            _ if is_put_off => error
                .reworded(format!("{id} is deferred and cannot be reopened"))
                .hints_where(|_| false)
                .hint(Hint::run(["task", "undefer", &id], "ends the deferral")),
            Status::InReview | Status::ReadyForIntegration => error
                .hints_where(|hint| !hint.to_string().contains("--resume"))
                .hint(Hint::run(
                    ["task", "return", &id, "--note", "TEXT"],
                    "has it reworked",
                )),
            _ => error,
        });
    }
    move_to(
        tx,
        &item.uid,
        &Status::Queued,
        &[("reason", Value::from(reason))],
    )?;
    if item.status.is_finished() {
        tx.edit(&item.uid, |doc, clock| {
            criteria::open_again(doc, &item.acceptance, clock)
        })?;
    }
    message::tell_owners(
        tx,
        &item,
        true,
        &format!("reopened {}", with_reason(&id, reason)),
    )?;
    tx.describe("task reopen", &[&id], &with_reason(&id, reason));
    Ok(item.uid)
}

/// Returns an item from `from` to its previous status. An agent cannot resume approved work
/// that was stopped.
fn back(pm: &Pm, tx: &mut Tx<'_>, op: &str, id: &str, from: &Status, what: &str) -> Result<Uid> {
    let item = tx.state.find(id)?.clone();
    let id = tx.state.shown_id(&item);
    if item.status != *from {
        return Err(refusal(tx, &item, what));
    }
    let to = before(&tx.state, &item).unwrap_or(Status::Queued);
    if to == Status::ReadyForIntegration {
        let next = format!("ask a human to run `git pm {op} {id}`");
        require_human(&pm.actor, "resuming approved work", &next)?;
    }
    let none = [("status_before", Value::Null), ("reason", Value::Null)];
    set_status(tx, &item, &to, &none)?;
    message::tell_owners(tx, &item, true, &format!("resumed {id}: {to} again"))?;
    tx.describe(op, &[&id], &format!("{id}: {to} again"));
    Ok(item.uid)
}

pub(super) fn with_reason(id: &str, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("{id}: {reason}"),
        None => id.to_string(),
    }
}

/// The refusal of a transition by the actor of a transaction.
fn refusal(tx: &Tx<'_>, item: &Item, what: &str) -> Error {
    not_allowed(&tx.state, item, tx.agent().is_some(), what)
}
