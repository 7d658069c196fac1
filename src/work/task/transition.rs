//! Performs a transition of an item with its side effects (claims, notices).
//!
//! One that is not in the table of `model::transitions` is refused with a list of those that are.

use std::borrow::Cow;

use super::approval::approves;
use crate::coordinate::claim::end_claims::{Ending, Reserved, end_and_notify, end_void};
use crate::coordinate::message::Notice;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::ItemKind;
use crate::model::item::{Claim, FORCED, Item};
use crate::model::planned_id::plan_uid;
use crate::model::returned::RETURNED;
use crate::model::status::Status;
use crate::model::stop::{self, DEFERRED_BY, DEFERRED_UNTIL, STOPPED_BY, stops};
use crate::model::transitions::of_item;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::layout::Family;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The status of an item before it was blocked or deferred.
pub(crate) fn before(state: &State<'_>, item: &Item) -> Option<Status> {
    let text = state.doc(&item.uid)?.text("status_before")?.to_string();
    Status::parse(item.kind, &text)
}

/// A task's status as other kinds of items have it: open or closed.
pub(crate) fn translated(kind: ItemKind, status: &Status) -> Status {
    match (kind, status) {
        (ItemKind::Task, status) => status.clone(),
        (_, Status::Queued) => Status::Other("open".into()),
        (_, Status::Done) => Status::Other("closed".into()),
        (_, status) => status.clone(),
    }
}

/// Refuses a transition that is not in the table.
///
/// # Errors
/// Names the allowed statuses and the verbs that lead there.
pub(crate) fn require_allowed(
    state: &State<'_>,
    item: &Item,
    is_agent: bool,
    to: &Status,
) -> Result<()> {
    if allowed(state, item, is_agent).contains(to) {
        return Ok(());
    }
    Err(not_allowed(
        state,
        item,
        is_agent,
        &format!("become {}", to.word()),
    ))
}

/// The statuses that an item may change to now.
fn allowed(state: &State<'_>, item: &Item, is_agent: bool) -> Vec<Status> {
    let mut all = of_item(item.kind, &item.status, before(state, item).as_ref());
    if !is_agent && item.kind == ItemKind::Task && item.status == Status::Queued {
        // A person may tick off a small thing that needs no claim and no branch.
        all.push(Status::Done);
    }
    all
}

/// The refusal of a transition: what the item cannot do, the statuses it may change to, and the
/// verbs that lead there.
pub(crate) fn not_allowed(state: &State<'_>, item: &Item, is_agent: bool, what: &str) -> Error {
    let id = state.shown_id(item);
    if item.status == Status::Proposed {
        return not_approved(&id, is_agent, what);
    }
    let mut allowed = allowed(state, item, is_agent);
    allowed.retain(|status| *status != item.status);
    let words: Vec<Cow<'_, str>> = allowed.iter().map(Status::word).collect();
    let error = Error::refused(format!(
        "{id} is {} and cannot {what}; it can change to: {}",
        item.status.word(),
        words.join(", ")
    ))
    .because(Reason::StatusNotAllowed)
    .about(&id);
    allowed.iter().fold(error, |error, status| match status {
        Status::ReadyForIntegration if item.status == Status::InReview => {
            error.hint(approves(state, item, is_agent))
        }
        _ => {
            let hint = verb_to(&item.status, status, &id);
            // Not the command that was refused.
            let is_refused = what == "be dropped" && hint == Hint::run(["task", "drop", &id], "");
            match is_refused || error.hints().contains(&hint) {
                true => error,
                false => error.hint(hint),
            }
        }
    })
}

/// The command for work in review that has no branch to be approved.
pub(super) fn closes_by_hand(id: &str) -> Hint {
    let done = ["task", "done", id, "--force", "--evidence", "TEXT"];
    Hint::run(done, "closes it, if the work was done elsewhere")
}

/// The commands for work in review that has no branch, as after an import.
pub(crate) fn hints_without_branch(error: Error, id: &str) -> Error {
    error
        .hint(Hint::run(["start", id, "--resume"], "creates one"))
        .hint(closes_by_hand(id))
}

/// The refusal to approve a document as if it were work: what a human approves of it is its plan.
pub(super) fn has_no_work(state: &State<'_>, prd: &Item) -> Error {
    let id = state.shown_id(prd);
    let error = Error::refused(format!("{id} is a document, so it has no work to approve"))
        .because(Reason::StatusNotAllowed)
        .about(&id);
    let plan = state.found_by_path(Family::Plan, &plan_uid(&prd.uid));
    error.hint(match plan.is_some_and(|plan| plan.doc.is_live()) {
        true => Hint::run(["plan", "approve", id.as_str()], "approves its plan"),
        false => Hint::run(["plan", "new", id.as_str()], "drafts its plan"),
    })
}

/// The refusal for a task of a plan that is not approved.
pub(crate) fn not_approved(id: &str, is_agent: bool, what: &str) -> Error {
    let plan = id.rsplit_once('/').map_or(id, |(plan, _)| plan);
    let error = Error::refused(format!("{id} is proposed and cannot {what}"))
        .because(Reason::ItemProposed)
        .about(id);
    let error = match is_agent {
        true => error.hint(format!(
            "ask a human to run `git pm plan approve {plan}` after reading `git pm plan show {plan}`"
        )),
        false => error.hint(Hint::run(["plan", "approve", plan], "queues the tasks of its plan")),
    };
    error.hint(Hint::run(
        ["task", "delete", id],
        "takes it out of the plan",
    ))
}

/// The command that changes an item from one status to another.
fn verb_to(from: &Status, to: &Status, id: &str) -> Hint {
    let verb = match (from, to) {
        (Status::Blocked, to) if !to.is_closed() => "unblock",
        (Status::Deferred, to) if !to.is_closed() => "undefer",
        (from, _) if from.is_closed() => "reopen",
        (Status::InReview | Status::ReadyForIntegration, Status::InProgress) => {
            return Hint::run(["task", "start", id, "--resume"], "");
        }
        (Status::ReadyForIntegration, Status::Done) => return Hint::run(["merge", id], ""),
        (_, Status::InProgress) => "start",
        (_, Status::Queued) => "drop",
        (_, Status::InReview) => "finish",
        (_, Status::ReadyForIntegration) => "show",
        (_, Status::Done) => "done",
        (_, Status::Blocked) => return Hint::run(["task", "block", id, "REASON"], ""),
        (_, Status::Deferred) => "defer",
        (_, Status::Cancelled) => "cancel",
        (_, Status::Proposed | Status::Other(_)) => "edit",
    };
    Hint::run(["task", verb, id], "")
}

/// Changes an item's status; `extra` are registers written with it.
///
/// # Errors
/// When the transition is not in the table.
pub(crate) fn move_to(
    tx: &mut Tx<'_>,
    uid: &Uid,
    to: &Status,
    extra: &[(&str, Value)],
) -> Result<()> {
    let item = require_item(&tx.state, uid)?;
    require_allowed(&tx.state, &item, tx.agent().is_some(), to)?;
    set_status(tx, &item, to, extra)
}

/// As [`move_to`], for callers that checked the transition themselves.
pub(crate) fn set_status(
    tx: &mut Tx<'_>,
    item: &Item,
    to: &Status,
    extra: &[(&str, Value)],
) -> Result<()> {
    let status = translated(item.kind, to);
    let old = item.status.clone();
    let human = tx.agent().is_none().then(|| tx.actor().to_string());
    if old.is_closed() && !to.is_closed() {
        end_void(tx, &item.uid)?;
    }
    // Its claim is about to end; who did the work stays known, as in beads, also if another was assigned.
    let holder = item.holder().filter(|_| *to == Status::Done);
    let worker = holder.map(|claim| claim.actor.clone());
    tx.edit(&item.uid, |doc, clock| {
        let mut changed = false;
        if matches!(to, Status::Blocked | Status::Deferred) {
            changed |= doc.set("status_before", old.as_str(), clock);
        }
        if human.is_some() && to.is_closed() {
            // The human who closes it has seen its deferral.
            changed |= doc.set(DEFERRED_BY, Value::Null, clock);
            changed |= doc.set(DEFERRED_UNTIL, Value::Null, clock);
        }
        changed |= doc.set(STOPPED_BY, human.filter(|_| stops(to)), clock);
        if old.is_closed() {
            let fields = ["closed_at", "closed_by", "reason", RETURNED];
            for field in fields.into_iter().chain(FORCED) {
                changed |= doc.set(field, Value::Null, clock);
            }
        }
        for (name, value) in extra {
            changed |= doc.set(name, value.clone(), clock);
        }
        if let Some(worker) = &worker {
            changed |= doc.set("assignee", worker.as_str(), clock);
        }
        doc.set("status", status.as_str(), clock) || changed
    })?;
    Ok(())
}

/// Records who changed the time until which an item is deferred.
///
/// # Errors
/// When the caller is an agent and a human stopped the item.
pub(crate) fn note_deferral(tx: &mut Tx<'_>, uid: &Uid) -> Result<()> {
    let human = tx.agent().is_none().then(|| tx.actor().to_string());
    tx.edit(uid, |doc, clock| stop::note_deferral(doc, human, clock))
        .map(|_| ())
}

/// Ends every open claim on an item with its reservations; `commit` is the commit that the work was
/// merged as, with true if the caller did that, and did not find it. A claim of another clone may only be ended inside a pushed commit, which `is_final`
/// says.
///
/// # Errors
/// When an actor in another clone holds the item and the commit is not a pushed one.
pub(crate) fn end_claims(
    tx: &mut Tx<'_>,
    item: &Item,
    replica: &str,
    is_final: bool,
    reason: &str,
    commit: Option<(&str, bool)>,
) -> Result<()> {
    let open: Vec<&Claim> = item.open_claims().collect();
    let id = tx.state.shown_id(item);
    if let Some(claim) = open.iter().find(|c| c.replica != replica && !is_final) {
        return Err(Error::remote(format!(
            "{} holds {id} in another clone; ending that claim needs the remote",
            claim.actor
        ))
        .hint("run the command again when the remote can be reached, without `--offline`"));
    }
    let who = tx.actor().to_string();
    let notification = |claim: &Claim| {
        let merged = commit.is_some();
        (claim.actor != who).then(|| Notice {
            topic: if merged { "merged" } else { "claim-ended" },
            subject: match commit {
                Some((_, true)) => format!("{who} merged your work on {id}"),
                Some(_) => format!("{who} found your work on {id} in its target"),
                None => format!("{who} ended your claim on {id}: {reason}"),
            },
            body: format!(
                "{who} ended the claim of {} on {id} ({reason}). The branch and its work are \
                 kept.\n",
                claim.actor
            ),
        })
    };
    let ending = Ending {
        claim: reason,
        reservation: reason,
        commit: commit.map(|(commit, _)| commit),
    };
    end_and_notify(tx, &Reserved::default(), item, &open, &ending, notification).map(|_| ())
}

/// The item of a uid, which may be gone after a join.
///
/// # Errors
/// When there is no such item.
pub(crate) fn require_item(state: &State<'_>, uid: &Uid) -> Result<Item> {
    state.item(uid).cloned().ok_or_else(|| {
        Error::not_found(format!("the item {uid} does not exist"))
            .because(Reason::ItemMissing)
            .about(uid.as_str())
    })
}

pub(crate) fn borrowed(list: &[(String, Value)]) -> Vec<(&str, Value)> {
    list.iter().map(|(n, v)| (n.as_str(), v.clone())).collect()
}
