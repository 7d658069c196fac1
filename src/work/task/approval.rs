//! `approve`: records a human's approval of the work as it is now. For tasks, issues and epics.

use std::collections::BTreeSet;

use super::newer_submissions::{self, ask_for_submissions, require_latest};
use super::transition::{self, require_allowed, set_status};
use super::work_commit::{require_meant, short};
use crate::coordinate::claim::ownership;
use crate::coordinate::gate::checklist_rule::Step;
use crate::coordinate::gate::gates_to_run;
use crate::coordinate::here;
use crate::coordinate::rules;
use crate::coordinate::rules::unauthorized_changes;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::approval::{APPROVAL, Approval};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::{actor, is_same_name, one_line};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::pm::who_acts::{notice_unmarked, require_human};
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::ending;
use crate::work::task::absent_work;
use crate::work::task::approval_provenance;
use crate::work::task::approval_validity;
use crate::work::task::branch_work;
use crate::work::task::checklist;
use crate::work::task::criteria;
use crate::work::task::decided;
use crate::work::task::finish;
use crate::work::task::gates;
use crate::work::task::gone_branch;
use crate::work::task::human_paths;
use crate::work::task::landed_commits;
use crate::work::task::many_items;
use crate::work::task::merge::{at_host, move_target};
use crate::work::task::no_finding;
use crate::work::task::owners;
use crate::work::task::remote_branch;
use crate::work::task::stacked_work;
use crate::work::task::unseen_commits;
use crate::work::task::work_commit;

/// The kind of an approval that rests on the gates alone.
pub(super) const BY_GATES: &str = "gates";

/// What an approver says besides the item.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wanted<'w> {
    /// The branch that the work is merged into from now on.
    pub(crate) target: Option<&'w str>,
    /// The commit at which the work must be.
    pub(crate) commit: Option<&'w str>,
    pub(crate) note: Option<&'w str>,
}

/// True if gates alone have approved an item.
pub(super) fn is_by_gates(item: &Item) -> bool {
    let approval = item.approval.as_ref();
    approval.is_some_and(|one| one.how == BY_GATES)
}

impl Tasks<'_> {
    /// Approves the merge of an item's present work, which must be at `commit` if that is given.
    /// Work that changed since its approval can be approved again.
    ///
    /// # Errors
    /// When the actor is an agent, the item is not in review, has no work or is at another commit,
    /// or `pm.approval=strict` without a terminal.
    pub fn approve(&self, id: &str, commit: Option<&str>, note: Option<&str>) -> Result<ItemView> {
        let target = None;
        let wanted = Wanted {
            target,
            commit,
            note,
        };
        self.approve_as(id, wanted)
    }

    /// [`Tasks::approve`], perhaps for another target.
    ///
    /// # Errors
    /// As there; also when there is no such branch.
    pub(crate) fn approve_as(&self, id: &str, wanted: Wanted<'_>) -> Result<ItemView> {
        if wanted.commit.is_none() {
            require_latest(self.pm, &[id])?;
        }
        before_approvals(self.pm, &[id], wanted.target)?;
        // Those who merge are elsewhere.
        let approval = self.pm.write("task approve").for_others();
        let mut before = None;
        let view = approval.view(|tx| {
            let item = tx.state.find(id)?;
            before = approval_validity::approved_commit(self.pm, item);
            approve_in(self.pm, tx, id, wanted)
        })?;
        let now = view.approval.as_ref().map(|one| one.commit.clone());
        if let Some((was, now)) = before.zip(now).filter(|(was, now)| was != now) {
            let (id, was, now) = (&view.id, short(&was), short(&now));
            self.pm.notice(format!(
                "{id} was approved at {was} before; it is approved at {now} now"
            ));
        }
        Ok(after_approval(self.pm, &view)?.unwrap_or(view))
    }

    /// Finds out whether [`Tasks::approve`] would accept an item's work as it is in this clone.
    /// Writes nothing, and does not ask the remote.
    ///
    /// # Errors
    /// Those of [`Tasks::approve`].
    pub fn approvable(&self, id: &str) -> Result<()> {
        let state = self.pm.store.state()?;
        require_no_obstacle(self.pm, &state, state.find(id)?)
    }

    /// Approves the present work of several items, in one commit.
    ///
    /// # Errors
    /// As [`Tasks::approve`] for one of them; nothing is written then.
    pub fn approve_all(&self, ids: &[String], note: Option<&str>) -> Result<Vec<ItemView>> {
        let pm = self.pm;
        let named: Vec<&str> = ids.iter().map(String::as_str).collect();
        require_latest(pm, &named)?;
        before_approvals(pm, &named, None)?;
        let op = "task approve";
        let wanted = Wanted {
            note,
            ..Wanted::default()
        };
        let write = pm.write(op).for_others();
        let views = many_items::change_all(pm, write, op, ids, &String::new, |tx, id| {
            approve_in(pm, tx, id, wanted)
        })?;
        let after = |view: ItemView| Ok(after_approval(pm, &view)?.unwrap_or(view));
        views.into_iter().map(after).collect()
    }
}

/// Reports about the approved commit of an item, and ends an item whose work is in its target
/// already, which is then returned.
fn after_approval(pm: &Pm, view: &ItemView) -> Result<Option<ItemView>> {
    let uid = &view.uid;
    report_approved_commit(pm, uid.as_str())?;
    criteria::notice_open(pm, view);
    let state = pm.store.state()?;
    let item = state.find(uid.as_str())?.clone();
    let Some(found) = at_host::found_in_target(pm, &state, &item)? else {
        return Ok(None);
    };
    drop(state);
    let ended = at_host::end_found(pm, uid, &found)?;
    ended.then(|| here::view_of(pm, uid)).transpose()
}

/// Prepares approvals before the transaction, for which other writers wait: reads the shared
/// rules and fetches the work, and its target, from the remote.
pub(crate) fn before_approvals(pm: &Pm, ids: &[&str], target: Option<&str>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    notice_unmarked(pm);
    unauthorized_changes::hold_rules(pm)?;
    ask_for_submissions(pm, ids)?;
    let state = pm.store.state()?;
    for item in ids.iter().filter_map(|id| state.find(id).ok()) {
        remote_branch::fetch_work(pm, &state, item)?;
        match target {
            Some(target) => target::require_branch(pm, target)?,
            None => drop(target::require_target_of(pm, &state, item, None)?),
        }
    }
    Ok(())
}

/// Reports if the approved commit could not be inspected, or changes protected paths.
pub(crate) fn report_approved_commit(pm: &Pm, id: &str) -> Result<()> {
    let state = pm.store.state()?;
    let Ok(item) = state.find(id) else {
        return Ok(());
    };
    let Some(approval) = &item.approval else {
        return Ok(());
    };
    let commit = approval.commit.as_str();
    let (id, at) = (state.shown_id(item), short(commit));
    let target = approval.target.as_deref();
    let is_here = pm.store.repo().resolve(commit).is_some();
    // It may have come with the remote's answer to the approval.
    approval_validity::notice_newer(pm, &state, item);
    if let Some(target) = target {
        if is_here {
            report_guarded(pm, &id, commit, target);
            if let (Some(branch), Ok(names)) =
                (&item.branch, branch_work::changed_names(pm, target, commit))
                && let Err(error) =
                    move_target::require_unreserved(pm, &state, item, branch, &names)
            {
                let steal = error.hints().get(1).map(ToString::to_string);
                pm.notice(format!(
                    "{id} cannot be merged yet: {}; {}",
                    error.message(),
                    steal.unwrap_or_default()
                ));
            }
            if let Err(error) = owners::require_now(pm, &state, item, target, commit) {
                pm.notice(error.message());
            }
        }
        gates_to_run::notice_gate_changes(pm, &id, commit, target)?;
        landed_commits::said(pm, &state, item)
            .into_iter()
            .for_each(|said| pm.notice(said));
        // The approval stands, even if the file on the target is not valid.
        if let Ok(Some(told)) = gates::told_before_approval(pm, &state, item, commit, target) {
            pm.notice(told);
        }
        stacked_work::report_stacked_work(pm, &state, item, commit, target)?;
    }
    if !is_here {
        pm.notice(format!(
            "{id} was submitted at commit {at}, which is not in this clone, so it was not \
                 checked before the approval"
        ));
    }
    Ok(())
}

/// Names what approved work changes that only a human lets pass.
fn report_guarded(pm: &Pm, id: &str, commit: &str, target: &str) {
    let names = branch_work::changed_names(pm, target, commit);
    match names.map(|names| human_paths::guarded(pm, target, &names)) {
        Ok(found) => found
            .iter()
            .for_each(|what| pm.notice(format!("{id} {what}"))),
        Err(error) => pm.notice(format!(
            "it is unknown whether {id} changes paths that agents may not commit: {}",
            error.message()
        )),
    }
}

/// Refuses an actor who may not approve here.
fn require_approver(pm: &Pm, state: &State<'_>, id: &str) -> Result<()> {
    // The caller may have given the permanent id.
    let item = state.find(id).ok();
    let id = &item.map_or_else(|| id.to_string(), |item| state.shown_id(item));
    require_human(&pm.actor, "approving", waits_for_human(item, id))?;
    require_approval_here(pm, &format!("git pm task approve {id}"))
}

/// `Tasks::approve` as part of a transaction.
pub(crate) fn approve_in(pm: &Pm, tx: &mut Tx<'_>, id: &str, wanted: Wanted<'_>) -> Result<Uid> {
    let how = match pm.store.env().interactive {
        true => "terminal",
        false => "advisory",
    };
    approve_as(pm, tx, id, wanted, how)
}

/// Approves the present work of an item because its gates pass, on the authority of the human
/// who started a run that merges such work.
///
/// # Errors
/// As for [`Tasks::approve`]; also with `pm.approval=strict`.
pub(crate) fn approve_by_gates(pm: &Pm, id: &str, commit: &str, run: &str) -> Result<ItemView> {
    require_gates_suffice(pm)?;
    before_approvals(pm, &[id], None)?;
    let note = format!("its gates pass; {run}");
    let wanted = Wanted {
        commit: Some(commit),
        note: Some(&note),
        ..Wanted::default()
    };
    let approval = pm.write("task approve");
    let view = approval.view(|tx| approve_as(pm, tx, id, wanted, BY_GATES))?;
    report_approved_commit(pm, view.uid.as_str())?;
    Ok(view)
}

/// Refuses merges without individual approvals where these must be given at a terminal.
///
/// # Errors
/// With `pm.approval=strict`.
pub(crate) fn require_gates_suffice(pm: &Pm) -> Result<()> {
    unauthorized_changes::hold_rules(pm)?;
    if rules::wants_terminal(pm) {
        return Err(Error::refused(
            "each approval must be given at a terminal here (pm.approval=strict), so gates \
                 alone are not enough to merge",
        )
        .because(Reason::ApprovalStrict)
        .hint("leave out `--merge gates`, and approve the work with `git pm task approve`"));
    }
    Ok(())
}

/// Refuses the approval of an item in another status than in review.
fn require_approvable(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    let (ready, is_agent) = (Status::ReadyForIntegration, pm.actor.is_agent);
    require_allowed(state, item, is_agent, &ready).map_err(|error| {
        if item.kind == ItemKind::Prd {
            return transition::has_no_work(state, item);
        }
        let holder = item.holder().filter(|one| !ownership::is_here(pm, &one.replica));
        match holder.filter(|_| item.status == Status::InProgress && pm.main_remote().is_some()) {
            // It may have been submitted there since.
            Some(holder) => error
                .reworded(format!(
                    "{} is in progress in the clone of {}, as far as is known here, and cannot become approved",
                    state.shown_id(item),
                    actor(&holder.actor)
                ))
                .hints_where(|_| false)
                .hint(Hint::run(["sync"], "fetches what was submitted since"))
                .hint(Hint::run(["show", &state.shown_id(item)], "shows who works on it")),
            None if pm.main_remote().is_some() && !item.status.is_closed() => {
                error.hint(Hint::run(["sync"], "fetches what was submitted since"))
            }
            None => error,
        }
    })
}

/// The target and the commit of the work that is approved.
fn work_to_approve(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    meant: Option<&str>,
) -> Result<(String, String)> {
    if item.status != Status::ReadyForIntegration {
        require_approvable(pm, state, item)?;
    }
    let author = || state.doc(&item.uid)?.text("finished_by");
    let is_own = || author().is_some_and(|author| is_same_name(author, &pm.actor.name));
    if !rules::may_merge_own(pm) && is_own() {
        let error = Error::refused("approving your own work is disabled (pm.soloMerge)");
        return Err(error
            .because(Reason::ApprovalOfOwnWork)
            .about(state.shown_id(item))
            .hint("another human has to review it"));
    }
    let target = target::target_of(pm, state, item, None)?;
    let commit = work_of(pm, state, item)?;
    require_meant(&state.shown_id(item), &commit, meant)?;
    if item.status == Status::InReview {
        branch_work::require_commits(pm, state, item, (&target, &commit), true)?;
    }
    if meant.is_none() {
        absent_work::require_here(pm, state, item, &commit)?;
        unseen_commits::require_submitted(pm, state, item, &commit)?;
    }
    Ok((target, commit))
}

/// Refuses what an approval of an item's present work would be refused for.
pub(crate) fn require_no_obstacle(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    require_by_caller(pm, state, item)?;
    require_nothing_open(pm, state, item)
}

/// Refuses a caller who may not approve an item's present work here.
pub(crate) fn require_by_caller(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    require_approver(pm, state, item.uid.as_str())?;
    work_to_approve(pm, state, item, None).map(drop)
}

/// Refuses work without commits, or whose parts, findings or checklists are open, which no approval passes over.
pub(crate) fn require_nothing_open(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    if item.status == Status::InReview
        && let Ok(commit) = work_of(pm, state, item)
    {
        let target = target::target_of(pm, state, item, None)?;
        branch_work::require_commits(pm, state, item, (&target, &commit), true)?;
    }
    ending::require_whole(pm, state, item, &[])?;
    no_finding::require(pm, state, item)?;
    checklist::require_complete(pm, state, item, Step::Approve)
}

fn approve_as(pm: &Pm, tx: &mut Tx<'_>, id: &str, wanted: Wanted<'_>, how: &str) -> Result<Uid> {
    require_approver(pm, &tx.state, id)?;
    let item = tx.state.find(id)?.clone();
    let id = tx.state.shown_id(&item);
    let (meant, note) = (wanted.commit, wanted.note);
    if let Some(target) = wanted.target
        && target::target_of(pm, &tx.state, &item, None)? != target
    {
        target::require_here(pm, target)?;
        tx.edit(&item.uid, |doc, clock| {
            doc.set(target::TARGET, target, clock)
        })?;
        tx.describe("task approve", &[&id], &format!("{id}: for {target}"));
    }
    let (target, commit) = work_to_approve(pm, &tx.state, &item, meant)?;
    let knows_less = !criteria::added_later(&tx.state, &item).is_empty();
    if knows_less {
        // The same approval is a later one.
        tx.edit(&item.uid, |doc, clock| {
            doc.set(APPROVAL, Value::Null, clock)
        })?;
    }
    if item.status == Status::ReadyForIntegration
            && !knows_less
            && item
                .approval
                .as_ref()
                .is_some_and(|one| one.how == how || how != "terminal")
            && approval_validity::unapproved(pm, &tx.state, &item, &commit, &target)?
                .is_none()
            && approval_provenance::is_vouched(pm, &item)?
            // Without it an agent cannot merge other work.
            && approval_validity::approved_commit(pm, &item).is_some_and(|approved| {
                approved == commit || pm.store.repo().resolve(&approved).is_some()
            })
            && owners::require_now(pm, &tx.state, &item, &target, &commit).is_ok()
    {
        pm.notice(format!("{id} is approved already, at {}", short(&commit)));
        return Ok(item.uid);
    }
    let newer = approval_validity::unapproved_submission(pm, &tx.state, &item);
    if let Some(newer) = newer.filter(|_| meant.is_none()) {
        // An approver who only repeats the approval may not have seen it.
        return Err(newer_submissions::refused(
            pm,
            &tx.state,
            &item,
            &newer.to_string(),
        ));
    }
    require_nothing_open(pm, &tx.state, &item)?;
    let approval = Approval {
        by: tx.actor().into(),
        how: how.into(),
        at: rfc3339(pm.now_ms()),
        patch: approval_validity::patch_of(pm, &commit, &target)?,
        emails: emails(pm, &tx.state, &item, (&commit, &target), how)?,
        submitted: finish::submitted(pm, &tx.state, &item).filter(|one| *one != commit),
        commit,
        decided: Some(decided::decided_for_approval(pm, &item, &target)?.to_text()),
        target: Some(approval_validity::real_name(pm, &target)),
    };
    let extra = [
        (APPROVAL, approval.to_value()),
        ("approval_note", Value::from(note)),
    ];
    set_status(tx, &item, &Status::ReadyForIntegration, &extra)?;
    let text = format!("{id}: {how} approval by {}", tx.actor());
    tx.describe("task approve", &[&id], &text);
    Ok(item.uid)
}

/// The addresses of those who approved a commit, with that of the present actor: several owners may
/// have to. Nobody looked at what gates approve.
fn emails(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    (commit, target): (&str, &str),
    how: &str,
) -> Result<Option<String>> {
    let own = one_line(&pm.actor.email);
    if how == BY_GATES {
        return Ok(None);
    }
    let counts = |one: &Approval| {
        item.status == Status::ReadyForIntegration
            && one.commit == commit
            && one.target == Some(approval_validity::real_name(pm, target))
            && [how, "terminal"].contains(&one.how.as_str())
    };
    let earlier = match &item.approval {
        // What decides is still what they saw.
        Some(one)
            if counts(one)
                && approval_provenance::is_vouched(pm, item)?
                && decided::changed_since_approval(pm, state, item, target)?.is_none() =>
        {
            &one.emails
        }
        _ => &None,
    };
    let earlier = earlier.iter().flat_map(|all| all.lines());
    let all: BTreeSet<&str> = earlier.chain(own.lines()).collect();
    Ok((!all.is_empty()).then(|| Vec::from_iter(all).join("\n")))
}

/// Refuses where only an approval given at a terminal counts, and there is none.
///
/// # Errors
/// With `pm.approval=strict` and no terminal.
pub(crate) fn require_approval_here(pm: &Pm, command: &str) -> Result<()> {
    unauthorized_changes::hold_rules(pm)?;
    if rules::wants_terminal(pm) && !pm.store.env().interactive {
        return Err(Error::refused(
            "approvals must be given at a terminal here (pm.approval=strict)",
        )
        .hint(format!("run `{command}` at a terminal")));
    }
    Ok(())
}

/// The commit at which an item's work ends ([`work_commit::end_of_work`]).
pub(crate) fn work_of(pm: &Pm, state: &State<'_>, item: &Item) -> Result<String> {
    let id = state.shown_id(item);
    let Some(name) = &item.branch else {
        let error = Error::refused(format!(
            "{id} has no branch, so there is no work to approve"
        ));
        return Err(match item.status {
            Status::InReview => transition::hints_without_branch(error, &id),
            _ => error.hint(Hint::run(["start", &id], "creates one")),
        });
    };
    let work = work_commit::end_of_work(pm, state, item)?;
    work.map(|commit| commit.to_string())
        .ok_or_else(|| gone_branch::not_here(pm, state, item, name))
}

fn waits_for_human(item: Option<&Item>, id: &str) -> Hint {
    let is_before = |item: &Item| item.status.is_startable() || item.status == Status::InProgress;
    if let Some(item) = item
        && item.kind != ItemKind::Prd
        && is_before(item)
    {
        let word = item.status.word();
        return format!("{id} is {word}: a human approves it after `git pm finish {id}`").into();
    }
    if let Some(item) = item.filter(|item| item.status.is_closed()) {
        return format!(
            "{id} is {}, so nothing of it is to be approved",
            item.status.word()
        )
        .into();
    }
    format!(
        "{id} is waiting for approval by a human; `git pm show {id}` shows whether it was approved"
    )
    .into()
}

/// As [`approves`]; what stops the approval is shown instead.
pub(crate) fn approval_hint(pm: &Pm, state: &State<'_>, item: &Item, is_agent: bool) -> Hint {
    let is_stopped = || require_nothing_open(pm, state, item).is_err();
    match !is_agent && item.branch.is_some() && is_stopped() {
        true => Hint::run(
            ["show", &state.shown_id(item)],
            "shows what keeps it from being approved",
        ),
        false => approves(state, item, is_agent),
    }
}

/// The hint on how submitted work is approved, or closed if it has no branch, as after an import. Only a human
/// gets a command: an agent would try it.
pub(crate) fn approves(state: &State<'_>, item: &Item, is_agent: bool) -> Hint {
    let id = state.shown_id(item);
    match is_agent {
        true => waits_for_human(Some(item), &id),
        false if item.branch.is_none() => transition::closes_by_hand(&id),
        false => Hint::run(
            ["task", "approve", &id],
            "approves it; review its branch first",
        ),
    }
}

/// As [`approval_hint`], for work that changed since its approval; `commit` if it was not
/// submitted since.
pub(crate) fn approve_again(pm: &Pm, id: &str, commit: Option<&str>) -> Hint {
    approve_again_for(pm, id, commit, None)
}

/// As [`approve_again`], perhaps for another target.
pub(crate) fn approve_again_for(
    pm: &Pm,
    id: &str,
    commit: Option<&str>,
    target: Option<&str>,
) -> Hint {
    let strict = rules::wants_terminal(pm);
    let place = if strict { ", at a terminal" } else { "" };
    let named = commit.map(|commit| ["--commit", short(commit)]);
    let aimed = target.map(|target| ["--target", target]);
    let command = ["task", "approve", id].into_iter();
    let command = command.chain(named.into_iter().chain(aimed).flatten());
    match pm.actor.is_agent {
        true => format!("the current work has to be approved by a human{place}").into(),
        false => Hint::run(
            command,
            format!("approves the current work (only a human can do this{place})"),
        ),
    }
}
