//! Ends a holder's work on an item without its completion: drop, and reassignment to another actor.

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use super::status_verbs::{close_with, end_all, with_reason};
use super::transition::{end_claims, not_allowed, not_approved, require_item};
use crate::coordinate::claim::end_claims::release_item;
use crate::coordinate::claim::ownership;
use crate::coordinate::hand_off::{self, HandoffRequest, Prepared};
use crate::coordinate::here;
use crate::coordinate::message::{self, MessageView, Notice, recipients, send};
use crate::coordinate::renew_claims;
use crate::coordinate::sync;
use crate::coordinate::worktree::{self, followed_branch, target, worktree_verbs};
use crate::coordinate::write;
use crate::error::{Error, Result};
use crate::model::id::ItemKind;
use crate::model::item::{Claim, Item};
use crate::model::message::{ALL, ROLE};
use crate::model::returned::{RETURNED, Returned};
use crate::model::settings::SyncMode;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::{actor, excerpt, is_same_name, one_line, similar_names};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::pm::who_acts::require_human;
use crate::query::is_me;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::branch_work;
use crate::work::task::left_work::{self, note_left};
use crate::work::task::start::missing_work;

/// The most names that are suggested.
const NAMED: usize = 5;

/// Options of `task drop`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
pub struct DropOptions {
    /// Reason to record.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
    /// Also remove the worktree.
    #[arg(long)]
    pub remove_worktree: bool,
    /// Drop the task even with uncommitted changes, after saving these to a ref.
    #[arg(long)]
    pub force: bool,
}

/// The name of a new assignee: who is typed, as the known actor of that name spells it.
pub(crate) fn assignee(pm: &Pm, state: &State<'_>, typed: &str) -> String {
    let typed = typed.trim();
    let me = &pm.actor.name;
    if is_me(typed) || is_same_name(typed, me) {
        return me.clone();
    }
    let is_as_typed = |item: &Item| item.owner() == Some(typed);
    if typed.is_empty() || !state.scan(&Scan::Owner(typed), is_as_typed, 1).is_empty() {
        return typed.to_string();
    }
    let known = recipients::known_actors(pm, state);
    let found = recipients::spelled_as(typed, &known).cloned();
    found.unwrap_or_else(|| typed.to_string())
}

/// Says so if no actor of the name of a new assignee is known, with the known names that are most like it.
pub(crate) fn tell_unknown(pm: &Pm, to: Option<&str>) -> Result<()> {
    let to = to.unwrap_or_default().trim();
    if to.is_empty() || is_me(to) || is_same_name(to, &pm.actor.name) {
        return Ok(());
    }
    let state = pm.store.state()?;
    if !state.scan(&Scan::Owner(to), |_| true, 1).is_empty() {
        return Ok(());
    }
    let known = recipients::known_actors(pm, &state);
    if recipients::spelled_as(to, &known).is_some() {
        return Ok(());
    }
    let mut near: Vec<&str> = similar_names(to, known.iter().map(String::as_str));
    if near.is_empty() {
        near.extend(known.iter().map(String::as_str));
    }
    near.truncate(NAMED);
    pm.notice(format!(
        "no item or message named {} so far; known: {}",
        excerpt(to, 40),
        near.join(", ")
    ));
    Ok(())
}

/// Writes a handoff. Work in progress, the caller's, that is handed over to one actor becomes theirs in the same
/// commit.
///
/// # Errors
/// As [`Messages::hand_off`](crate::pm::handles::Messages::hand_off) and [`Tasks::reassign`].
pub(crate) fn hand_off(pm: &Pm, id: Option<&str>, request: &HandoffRequest) -> Result<MessageView> {
    let prepared = Prepared::new(pm, id, request)?;
    let item = require_item(&pm.store.state()?, &prepared.item)?;
    let Some(to) = taker(&item, &prepared) else {
        let stage = |tx: &mut Tx<'_>| prepared.stage(pm, tx, |_, _| Ok(()));
        let sent = send::post(pm, hand_off::OP, stage)?;
        left_work::share_left(pm, item.uid.as_str(), true)?;
        return Ok(sent);
    };
    write::require_no_version(pm, hand_off::OP)?;
    renew_claims::catch_up(pm, std::slice::from_ref(&item));
    let is_foreign = item.held_elsewhere(pm.store.replica()?.as_str()).is_some();
    let stage = |tx: &mut Tx<'_>, is_final: bool| {
        prepared.stage(pm, tx, |tx, item| reassign_in(pm, tx, item, is_final, to))
    };
    let write = pm.write(hand_off::OP).uncompared();
    let uid = match is_foreign {
        true => write
            .settled()
            .run(|tx, settling| stage(tx, settling.is_final))?,
        false => write
            .unsent()
            .run(|tx| stage(tx, pm.main_remote().is_none()))?,
    };
    left_work::share_left(pm, item.uid.as_str(), false)?;
    if !is_foreign {
        sync::send(pm);
    }
    if let Some(dirt) = uncommitted(pm, item.branch.as_deref()) {
        pm.notice(format!("not handed over, as it is not committed: {dirt}"));
    }
    send::sent(pm, hand_off::OP, &uid)
}

/// The uncommitted work in the worktree that a branch has here.
fn uncommitted(pm: &Pm, branch: Option<&str>) -> Option<String> {
    let place = pm.here().worktrees.remove(branch?)?;
    let dirt = worktree::dirt_in(pm.store.repo().git(), Path::new(&place)).ok()?;
    (!dirt.is_clean()).then(|| format!("{} in {}", dirt.summary(), one_line(&place)))
}

/// The one actor to whom work that has begun is handed over, and who does not have it yet.
fn taker<'h>(item: &Item, handoff: &'h Prepared) -> Option<&'h str> {
    let mut to = handoff.to.iter();
    let (Some(to), None) = (to.next(), to.next()) else {
        return None;
    };
    let is_actor = to != ALL && !to.starts_with(ROLE);
    let is_begun = item.holder().is_some() || item.status == Status::InProgress;
    let is_theirs = item.owner().is_some_and(|owner| is_same_name(owner, to));
    (is_actor && is_begun && !is_theirs).then_some(to.as_str())
}

impl Tasks<'_> {
    /// Assigns an item to another actor, who is notified and can start it: the claim of another
    /// holder ends.
    ///
    /// # Errors
    /// When an agent takes it from another holder, or the remote cannot be reached for a claim in
    /// another clone.
    pub fn reassign(&self, id: &str, to: &str) -> Result<ItemView> {
        tell_unknown(self.pm, Some(to))?;
        let view = close_with(self.pm, "task reassign", id, |tx, item, is_final| {
            reassign_in(self.pm, tx, item, is_final, to)
        })?;
        left_work::share_left(self.pm, &view.id, false)?;
        // The end of a claim of this clone has to reach the new assignee, too.
        if self.pm.sync_mode() == SyncMode::Claim {
            sync::try_sync(self.pm);
        }
        Ok(view)
    }

    /// Releases a task to the queue. Branch and worktree stay unless asked otherwise.
    ///
    /// # Errors
    /// When the caller does not hold it, or the worktree to remove has uncommitted work.
    pub fn release(&self, id: Option<&str>, options: &DropOptions) -> Result<ItemView> {
        let state = self.pm.store.state()?;
        let uid = here::named_or_held(self.pm, &state, id)?;
        state
            .item(&uid)
            .map(|item| renew_claims::catch_up(self.pm, std::slice::from_ref(item)));
        drop(state);
        let worktree = if options.remove_worktree {
            worktree_verbs::removable_worktree(self.pm, &uid, options.force)?
        } else {
            None
        };
        let replica = self.pm.store.replica()?.to_string();
        let view = self.pm.write("task drop").view(|tx| {
            let item = require_item(&tx.state, &uid)?;
            let id = tx.state.shown_id(&item);
            // Released already, by a run that ended before it removed the worktree.
            let is_over = item.holder().is_none() && item.status == Status::Queued;
            if is_over && worktree.is_some() {
                return Ok(uid.clone());
            }
            let excused = options.reason.is_some() || options.force;
            require_releasable(self.pm, &tx.state, &item, excused)?;
            let mut held = item.clone();
            held.claims.retain(|c| c.replica == replica);
            let why = options.reason.as_deref();
            note_left(self.pm, tx, &held)?;
            let ended = why.map_or("dropped".into(), |why| format!("dropped: {why}"));
            end_claims(tx, &held, &replica, false, &ended, None)?;
            release_item(tx, &uid)?;
            // Work on its tasks goes to the target again, unless some is on its branch, perhaps in another clone.
            if item.kind == ItemKind::Epic
                && is_unused(self.pm, item.branch.as_deref())?
                && missing_work::require_parts(self.pm, &tx.state, &item).is_ok()
            {
                tx.edit(&uid, |doc, clock| doc.set("branch", Value::Null, clock))?;
            }
            // It is kept for its author, who gives it up.
            let kept = tx.state.doc(&uid).and_then(Returned::last);
            if let Some(kept) = kept.filter(|_| item.is_returned_to(&self.pm.actor.name)) {
                let until = rfc3339(self.pm.now_ms());
                let ended = Returned { until, ..kept }.to_value();
                tx.edit(&uid, |doc, clock| doc.set(RETURNED, ended, clock))?;
            }
            tx.describe("task drop", &[&id], &with_reason(&id, why));
            Ok(uid.clone())
        })?;
        let mut then = "";
        if worktree.is_none()
            && let Some(item) = self.pm.store.state()?.item(&uid)
            && let Some(moved) = worktree_verbs::moved_of(self.pm, item)?
            && !moved.is_at_tip()
        {
            let (text, command) = (moved.sentence(&view.id), moved.command());
            (self.pm).notice(format!("{text}; `{command}` brings it back"));
            then = if moved.stops_start() { "then " } else { "" };
        }
        self.tell_left(&view, &uid, worktree.is_none(), then)?;
        left_work::share_left(self.pm, uid.as_str(), false)?;
        // First, since the worktree may be the current folder, without which git runs nothing.
        if self.pm.sync_mode() == SyncMode::Claim {
            sync::try_sync(self.pm);
        }
        if let Some(path) = worktree {
            let item = require_item(&self.pm.store.state()?, &uid)?;
            worktree_verbs::remove_worktree(self.pm, &path, options.force, &item)?;
        }
        Ok(view)
    }

    /// Says what work a released item leaves on its branch, and in its worktree if that `stays`, and how it is
    /// resumed, perhaps `then`, after what was said before.
    fn tell_left(&self, view: &ItemView, uid: &Uid, stays: bool, then: &str) -> Result<()> {
        let state = self.pm.store.state()?;
        let of_branch = |item| branch_work::unmerged(self.pm, &state, item).ok().flatten();
        let commits = state.item(uid).and_then(of_branch);
        let branch = view.branch.as_deref().filter(|_| stays);
        let dirt = uncommitted(self.pm, branch);
        let left: Vec<String> = (commits.iter().map(ToString::to_string).chain(dirt)).collect();
        if !left.is_empty() {
            let start = format!("{then}`git pm start {}` resumes it", view.id);
            (self.pm).notice(format!("left: {}; {start}", left.join(" and ")));
        }
        let branch = view.branch.as_deref().map(one_line);
        if let (Some(branch), ItemKind::Epic) = (branch, view.kind) {
            let what = format!("work on its tasks is still merged into {branch}");
            (self.pm).notice(format!("{what}, as that has work which its target lacks"));
        }
        Ok(())
    }
}

/// True if a branch of this clone has no commits that the default target lacks.
fn is_unused(pm: &Pm, branch: Option<&str>) -> Result<bool> {
    let tip = |name: &str| pm.store.repo().ref_target(&format!("refs/heads/{name}"));
    let branch = branch.map_or(Ok(None), tip)?;
    let sides = followed_branch::sides(pm, &target::default_target(pm)?)?;
    Ok(branch.is_some_and(|tip| followed_branch::is_in(pm, tip, &sides)))
}

/// Refuses to release an item that is not held in this clone, or that was submitted or stopped: these
/// have verbs of their own. A human has to give a reason to end another actor's claim.
pub(crate) fn require_releasable(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    excused: bool,
) -> Result<()> {
    let refusal = || not_allowed(state, item, pm.actor.is_agent, "be dropped");
    let is_here = item
        .open_claims()
        .any(|claim| ownership::is_here(pm, &claim.replica));
    match item.holder() {
        _ if is_here => ownership::require_reason(pm, state, item, excused)?,
        Some(holder) => {
            let id = state.shown_id(item);
            let takes = ownership::of_human(pm, ownership::take_over(pm, &id, holder));
            let what = format!("{} holds {id} in another clone", holder.actor);
            return Err(Error::conflict(what).hint(takes));
        }
        None if item.status == Status::InProgress => ownership::require_own(pm, state, item)?,
        None => return Err(refusal()),
    }
    // A claim left over in any other status can be ended.
    let stuck = matches!(
        item.status,
        Status::InReview | Status::ReadyForIntegration | Status::Blocked | Status::Deferred
    );
    match stuck {
        true => Err(refusal()),
        false => Ok(()),
    }
}

/// `Tasks::reassign` as part of a transaction.
pub(crate) fn reassign_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    is_final: bool,
    to: &str,
) -> Result<()> {
    let to = assignee(pm, &tx.state, to);
    let to = to.as_str();
    if to.is_empty() {
        return Err(Error::usage("no assignee given: use `--to ACTOR`"));
    }
    let shown = tx.state.shown_id(item);
    if item.status == Status::Proposed {
        return Err(not_approved(&shown, pm.actor.is_agent, "be reassigned"));
    }
    let is_of_other = match item.holder() {
        Some(one) => !ownership::made(pm, &one.actor, one.agent.as_deref(), &one.replica),
        None => item.worked_on_by_other(&pm.actor.name).is_some(),
    };
    if is_of_other {
        let next = format!("ask a human to run `git pm task reassign {shown} --to {to}`");
        require_human(&pm.actor, "taking a task from its holder", &next)?;
    }
    let worker = item.worked_on_by_other(to).filter(|one| *one != tx.actor());
    let worker = worker.map(str::to_string);
    // One's own claim of another clone, as of a second computer or of a backup, is taken over, too.
    let ends = |holder: &&Claim| {
        holder.actor != to || (to == pm.actor.name && !ownership::is_here(pm, &holder.replica))
    };
    if let Some(holder) = item.holder().filter(ends) {
        let (whose, on) = (actor(&holder.actor), item.branch.as_deref());
        let on = on.map(|branch| format!("; its commits stay on {}", one_line(branch)));
        note_left(pm, tx, item)?;
        end_all(pm, tx, item, is_final, &format!("reassigned to {to}"))?;
        release_item(tx, &item.uid)?;
        pm.notice(format!(
            "the claim of {whose} on {shown} ended{}",
            on.unwrap_or_default()
        ));
    }
    let returned = tx.state.doc(&item.uid).and_then(Returned::last);
    let returned = returned.map(|one| Returned {
        to: to.into(),
        ..one
    });
    tx.edit(&item.uid, |doc, clock| {
        let kept = returned.is_some_and(|one| doc.set(RETURNED, one.to_value(), clock));
        doc.set("assignee", to, clock) || kept
    })?;
    if let Some(item) = tx.state.item(&item.uid).cloned() {
        let who = tx.actor().to_string();
        if let Some(worker) = worker {
            let notice = Notice {
                topic: "claim-ended",
                subject: format!("{who} gave {shown} to {to}, which you had in progress"),
                body: String::new(),
            };
            message::notify(tx, &worker, None, Some(&item), notice)?;
        }
        let notice = Notice {
            topic: "assigned",
            subject: format!("{who} assigned {shown} to you"),
            body: format!("`git pm task start {shown}` starts it.\n"),
        };
        message::notify(tx, to, None, Some(&item), notice)?;
    }
    tx.describe("task reassign", &[&shown], &format!("{shown}: to {to}"));
    Ok(())
}
