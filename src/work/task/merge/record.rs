//! Records a merge in the state: the item is done, and its claims are ended.
//!
//! Obstacles are found before the target moves; once it has moved, the merge is recorded regardless.

use crate::coordinate::sync;
use crate::coordinate::worktree::{followed_branch, target};
use crate::error::{Error, Kind, Reason, Result};
use crate::model::id::branch_word;
use crate::model::item::Item;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::stop::Stop;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::human_stops;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::merge::MergeView;
use crate::work::task::merge::unpushed_merges;
use crate::work::task::transition::{borrowed, end_claims, require_item, set_status, translated};

/// A merge to be recorded.
struct MergeRecord<'a> {
    replica: &'a str,
    /// The target's commit, before or after its move.
    commit: &'a str,
    target: &'a str,
    /// True if the target has moved already.
    moved: bool,
    /// True if this merge moved it; false if it was found to have the work.
    is_own: bool,
}

/// Rehearses the write that follows the move of the target, so that its refusals and obstacles
/// show now. `heard` is true if the remote answered.
///
/// # Errors
/// Kind `Conflict` when the item changed since it was `seen`; `Remote` when a claim of another
/// clone could not be ended; otherwise as the write itself.
pub(super) fn rehearse_record(
    pm: &Pm,
    seen: &Item,
    commit: &str,
    target: &str,
    heard: bool,
) -> Result<()> {
    let replica = pm.store.replica()?.to_string();
    let record = MergeRecord {
        replica: &replica,
        commit,
        target,
        moved: false,
        is_own: true,
    };
    let is_final = match pm.main_remote() {
        Some(remote) => heard && pm.is_online() && !sync::is_read_only(pm, &remote),
        None => true,
    };
    pm.store.rehearse(&pm.writer("merge"), &mut |tx| {
        let now = tx.state.item(&seen.uid);
        if now.is_none_or(|now| now.status != seen.status || now.approval != seen.approval) {
            let id = tx.state.shown_id(seen);
            return Err(Error::conflict(format!(
                "{id} was changed in the meantime; nothing was merged"
            ))
            .because(Reason::MergeItemChanged)
            .about(&id)
            .hint(format!("check it again: `git pm show {id}`")));
        }
        if pm.actor.is_agent {
            human_stops::require_way(&tx.state, seen, &pm.actor, pm.now_ms())?;
        }
        stage_merge(pm, tx, &seen.uid, &record, is_final).map(|_| ())
    })
}

/// Records that an item's work is in its target.
pub(super) fn record_merge(pm: &Pm, uid: &Uid, merged: &MergeView) -> Result<()> {
    let replica = pm.store.replica()?.to_string();
    let record = MergeRecord {
        replica: &replica,
        commit: &merged.new,
        target: &merged.target,
        moved: true,
        is_own: merged.old != merged.new,
    };
    let state = pm.store.state()?;
    let item = state.item(uid);
    let foreign = item.is_some_and(|item| item.held_elsewhere(&replica).is_some());
    // It is merged already, so what others changed meanwhile does not stop the record.
    let merge = pm.write("merge").settled_if(foreign).uncompared();
    match merge.run(|tx, settling| stage_merge(pm, tx, uid, &record, settling.is_final)) {
        Ok(_) => unpushed_merges::note(pm, uid, merged),
        // The branch is merged; only the other clone's claim could not be ended yet.
        Err(error) if error.kind() == Kind::Remote => Err(Error::remote(format!(
            "the merge into {} is done but could not be recorded, because the task is claimed \
                 in another clone: {}",
            merged.target,
            error.message()
        ))
        .hint("run the same command again when the remote can be reached")),
        Err(error) => Err(error),
    }
}

/// Says that the default branch lacks what was merged into another one, which is not the branch of an epic: that is
/// merged there later.
pub(super) fn notice_lacking(pm: &Pm, state: &State<'_>, merged: &MergeView) -> Result<()> {
    let (into, default) = (merged.target.as_str(), target::default_target(pm)?);
    if into == default || !(state.scan(&Scan::Branch(into), Item::is_epic, 1)).is_empty() {
        return Ok(());
    }
    let git = pm.store.repo().git().plain();
    let onto = followed_branch::counted_against(pm, &default)?;
    // Commits that the default branch has in another form do not count.
    let lacked = git.run(&["cherry", &onto, &merged.new, &merged.old])?;
    if lacked.ok() && lacked.lines().iter().any(|line| line.starts_with('+')) {
        let (default, into) = (branch_word(&default), branch_word(into));
        let command = format!("git cherry -v {default} {into}");
        pm.notice(format!(
            "{default} does not have it: `{command}` shows what it lacks"
        ));
    }
    Ok(())
}

/// True if a human's stop forbids the merge to an agent.
fn is_stopped(pm: &Pm, state: &State<'_>, item: &Item) -> bool {
    let doc = state.doc(&item.uid).filter(|_| pm.actor.is_agent);
    doc.is_some_and(|doc| Stop::of(doc, item, pm.now_ms()).is_some())
}

/// Stages the record that an item's work is in its target; `is_final` allows ending claims of
/// other clones.
fn stage_merge(
    pm: &Pm,
    tx: &mut Tx<'_>,
    uid: &Uid,
    record: &MergeRecord<'_>,
    is_final: bool,
) -> Result<Uid> {
    let item = require_item(&tx.state, uid)?;
    let id = tx.state.shown_id(&item);
    let closed = item.status.is_closed();
    if closed && !record.moved {
        return Ok(uid.clone());
    }
    let mut extra: Vec<(String, Value)> = vec![
        ("merged_commit".into(), record.commit.into()),
        ("merged_into".into(), record.target.into()),
    ];
    if !closed {
        extra.push(("closed_at".into(), rfc3339(pm.now_ms()).into()));
        extra.push(("closed_by".into(), tx.actor().into()));
        // That of an earlier stop or reopening is over.
        extra.push(("reason".into(), Value::Null));
    }
    if record.moved && (closed || is_stopped(pm, &tx.state, &item)) {
        // An item that was closed or stopped meanwhile stays that; the settlement notifies the
        // human who did it.
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
        record.replica,
        is_final,
        "merged",
        Some((record.commit, record.is_own)),
    )?;
    tx.describe("merge", &[&id], &format!("{id}: into {}", record.target));
    tx.subject(&match closed {
        true => format!("{id}: record its merge"),
        false => format!("{id}: mark task done"),
    });
    Ok(uid.clone())
}
