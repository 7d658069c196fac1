//! After a join: which items are blocked or deleted again.
//!
//! Those that a human blocked or deleted while another clone, not knowing, went on. If it was closed
//! meanwhile, the human is notified.

use crate::coordinate::message::{self, Notice};
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::stamp::parse_rfc3339;
use crate::model::status::Status;
use crate::model::stop::{
    DEFERRED_BY, DEFERRED_UNTIL, REMOVED_BY, STOPPED_BY, overwritten_deferral, stops,
};
use crate::model::text;
use crate::model::value::Value;
use crate::store::state::State;
use crate::store::sync::publish::Facts;
use crate::store::transaction::Tx;

/// The longest reason of a stop that is repeated, in characters.
const REASON: usize = 80;

/// Stops again the items that a human stopped and an actor unaware of the stop changed, except
/// closed ones: a merge is not reverted. Returns the ids and states of the items that stay stopped.
pub(super) fn stop_again(
    tx: &mut Tx<'_>,
    facts: &Facts<'_>,
) -> Result<Vec<(String, &'static str)>> {
    let Some(remote) = facts.remote else {
        return Ok(Vec::new());
    };
    let mut ids = Vec::new();
    for uid in tx.state.items_unlike(remote.tree) {
        let Some((item, doc)) = tx.state.item(&uid).zip(tx.state.doc(&uid)) else {
            continue;
        };
        let item = item.clone();
        if let Some(human) = doc.text(REMOVED_BY).map(str::to_string) {
            notify_late(tx, remote, &item)?;
            if !item.deleted {
                delete_again(tx, &item, human)?;
                ids.push((tx.state.shown_id(&item), "deleted"));
            }
            continue;
        }
        if item.deleted {
            continue;
        }
        if let Some(deferred) = overwritten_deferral(doc, facts.now_ms)
            && !item.status.is_closed()
        {
            defer_again(tx, &item, &deferred)?;
            ids.push((tx.state.shown_id(&item), "deferred"));
        }
        let Some(doc) = tx.state.doc(&uid) else {
            continue;
        };
        let is_stopped = doc.text(STOPPED_BY).is_some();
        if item.status.is_closed() || is_stopped && stops(&item.status) {
            notify_late(tx, remote, &item)?;
            continue;
        }
        if !is_stopped {
            continue;
        }
        block_again(tx, &item)?;
        ids.push((tx.state.shown_id(&item), "blocked"));
    }
    Ok(ids)
}

/// Notifies the human who stopped an item that it was closed by an actor unaware of the stop, once.
fn notify_late(tx: &mut Tx<'_>, remote: &State<'_>, item: &Item) -> Result<()> {
    let late = tx.state.doc(&item.uid).and_then(|doc| Late::of(doc, item));
    let known = remote.item(&item.uid).zip(remote.doc(&item.uid));
    // The clone that joined the two has sent the notice.
    let told = known.is_some_and(|(item, doc)| Late::of(doc, item).is_some());
    match late.filter(|_| !told) {
        Some(late) => late.notify(tx, item),
        None => Ok(()),
    }
}

/// Blocks an item that a human stopped while another actor, not knowing, went on. Both are told; a
/// cancellation, which is not what it is now, is told in the reason.
fn block_again(tx: &mut Tx<'_>, item: &Item) -> Result<()> {
    let id = tx.state.shown_id(item);
    let doc = tx.state.doc(&item.uid);
    let text = |name: &str| doc.and_then(|doc| doc.text(name));
    let human = text(STOPPED_BY).map(text::actor).unwrap_or_default();
    let approver = item.approval.as_ref().map(|one| one.by.as_str());
    let (did, other) = match item.status {
        Status::InProgress => ("started", text("started_by")),
        Status::InReview => ("submitted", text("finished_by")),
        Status::ReadyForIntegration => ("approved", approver),
        _ => ("changed", None),
    };
    let other = other.or_else(|| item.holder().map(|claim| claim.actor.as_str()));
    let known = other.map(text::actor);
    let other = known.as_deref().unwrap_or("another clone");
    let is_cancelled = text("closed_at").is_some();
    let how = if is_cancelled { "cancelled" } else { "stopped" };
    let said = text("reason").map(|why| format!(" ({})", text::excerpt(why, REASON)));
    let is_explained = said.is_some() && !is_cancelled;
    let apart = format!(
        "{human} {how} it{} and {other} {did} it, neither knowing of the other",
        said.unwrap_or_default()
    );
    let decide = format!(
        "`git pm task cancel {id}` ends it, `git pm task unblock {id}` lets the work go on"
    );
    tx.edit_settled(&item.uid, |doc, clock| {
        doc.set("status_before", item.status.as_str(), clock);
        doc.set("closed_at", Value::Null, clock);
        doc.set("closed_by", Value::Null, clock);
        if !is_explained {
            doc.set("reason", format!("{apart}: {decide}"), clock);
        }
        doc.set("status", Status::Blocked.as_str(), clock)
    })?;
    let known = known.as_deref().filter(|other| *other != human);
    for to in [human.as_str()].into_iter().chain(known) {
        let notice = Notice {
            topic: "stop-unheard",
            subject: format!("blocked: {human} {how} it, and {other} {did} it"),
            body: format!("{apart}. It is blocked now; {decide}.\n"),
        };
        message::notify(tx, to, None, Some(item), notice)?;
    }
    Ok(())
}

fn delete_again(tx: &mut Tx<'_>, item: &Item, human: String) -> Result<()> {
    tx.edit_settled(&item.uid, |doc, clock| {
        doc.set("deleted_by", human, clock);
        doc.set("deleted", true, clock)
    })
    .map(|_| ())
}

/// Defers an item until the time that a human set, and notifies them that it had been changed.
fn defer_again(tx: &mut Tx<'_>, item: &Item, (human, until): &(String, String)) -> Result<()> {
    tx.edit_settled(&item.uid, |doc, clock| {
        doc.set("defer_until", until.as_str(), clock)
    })?;
    let id = tx.state.shown_id(item);
    let notice = Notice {
        topic: "stop-unheard",
        subject: format!(
            "someone started {id} or deferred it again without knowing that you had deferred it"
        ),
        body: format!(
            "It stays deferred until {until}, as you requested. `git pm task edit {id} --defer WHEN` \
             changes that.\n"
        ),
    };
    message::notify(tx, human, None, Some(item), notice)
}

/// A stop of an item that was closed by an actor who did not know of the stop.
struct Late {
    human: String,
    closer: String,
    /// The merged commit and its branch.
    merged: Option<(String, String)>,
}

impl Late {
    fn of(doc: &Doc, item: &Item) -> Option<Late> {
        let text = |name: &str| doc.text(name).map(str::to_string);
        // Reopening clears this.
        let closed = parse_rfc3339(doc.text("closed_at")?);
        let deferred = || {
            let until = doc.text(DEFERRED_UNTIL).and_then(parse_rfc3339);
            text(DEFERRED_BY).filter(|_| until > closed)
        };
        // An actor who knows that an item is deleted does not close it.
        let removed = || {
            let stamp = |name: &str| doc.regs.get(name).map(|reg| &reg.stamp);
            text(REMOVED_BY).filter(|_| stamp(REMOVED_BY) < stamp("closed_at"))
        };
        let human = removed().or_else(|| text(STOPPED_BY)).or_else(deferred)?;
        let closer = text("closed_by").unwrap_or_else(|| "another clone".into());
        let merged = text("merged_commit").zip(text("merged_into"));
        // A human who cancels an item closes it too.
        let own = item.status == Status::Cancelled || merged.is_none() && closer == human;
        (!own).then_some(Late {
            human,
            closer,
            merged,
        })
    }

    fn notify(&self, tx: &mut Tx<'_>, item: &Item) -> Result<()> {
        let id = tx.state.shown_id(item);
        let closer = text::actor(&self.closer);
        let (what, body) = match &self.merged {
            Some((commit, target)) => (
                format!("merged {id} into {}", text::one_line(target)),
                format!(
                    "The work is in {}, at {}. `git revert` undoes it.\n",
                    text::one_line(target),
                    text::one_line(commit)
                ),
            ),
            None => (
                format!("closed {id}"),
                format!("`git pm task reopen {id}` opens it again.\n"),
            ),
        };
        let notice = Notice {
            topic: "stop-unheard",
            subject: format!("{closer} {what} without knowing that you had stopped it"),
            body,
        };
        message::notify(tx, &self.human, None, Some(item), notice)
    }
}
