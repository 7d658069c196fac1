//! Moves the target of a merge: the checks of the work that is merged, the new commits, and the swap.

use super::{Gated, Gates};
use crate::coordinate::claim::ownership;
use crate::coordinate::gate::checklist_rule::Step;
use crate::coordinate::here;
use crate::coordinate::merged_branches;
use crate::coordinate::reserve::grant;
use crate::coordinate::reserve::reservation_queries::held_on_branch;
use crate::coordinate::worktree;
use crate::coordinate::worktree::branch::tree_here;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::moved::aside;
use crate::coordinate::worktree::{brought_by, integrated};
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::model::id::word;
use crate::model::item::Item;
use crate::model::reservation::Reservation;
use crate::model::stamp::parse_rfc3339;
use crate::model::text::{actor, one_line};
use crate::pm::Pm;
use crate::pm::shared_views::BranchStanding;
use crate::store::fault;
use crate::store::git::patch_id::patch_id;
use crate::store::git::process::Git;
use crate::store::git::repo::Oid;
use crate::store::state::State;
use crate::work::task::approval::{self, is_by_gates};
use crate::work::task::approval_validity;
use crate::work::task::approved_by_gates;
use crate::work::task::branch_work;
use crate::work::task::checklist;
use crate::work::task::decided;
use crate::work::task::gone_branch;
use crate::work::task::human_paths;
use crate::work::task::integrate::{
    IntegrateOptions, Landed, MergeView, Prepared, Strategy, earlier, fast_forward, follow_landed,
    landed, prepare,
};
use crate::work::task::merge::commit_msg_hook;
use crate::work::task::merge::gate_result;
use crate::work::task::merge::message;
use crate::work::task::merge::record;
use crate::work::task::merge::remote_target;
use crate::work::task::merge::stacked_on;
use crate::work::task::merge::verify_objects;
use crate::work::task::no_finding;
use crate::work::task::owners::Owners;
use crate::work::task::stacked_work;
use crate::work::task::work_commit::{self, short};

/// The commits of a merge, and the files that it changes.
pub(super) struct Work<'w> {
    /// The branch's last commit.
    pub(super) tip: &'w str,
    /// The target's commit that it is merged into.
    pub(super) onto: &'w str,
    /// The files.
    pub(super) touched: &'w [String],
}

/// A merge that nothing stands in the way of.
pub(super) enum Ready {
    /// It was done by an earlier run, or by others.
    Done(MergeView),
    /// Its commits are made.
    Prepared(Box<Prepared>),
}

/// Moves the target, unless an earlier run did and died before that was recorded.
pub(super) fn move_target(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    names: (&str, &str),
    strategy: Strategy,
    heard: bool,
    gates: &Gates<'_>,
) -> Result<MergeView> {
    let prepared = match ready(pm, state, item, names, strategy, heard, gates)? {
        Ready::Done(merged) => return Ok(merged),
        Ready::Prepared(prepared) => prepared,
    };
    fault::step("merge-prepared")?;
    // Gates may take long.
    let state = pm.store.state()?;
    let item = state.item(&item.uid).unwrap_or(item);
    if is_by_gates(item) {
        approved_by_gates::note_unseen(pm, prepared.new_commit())?;
    }
    remote_target::push_before_move(pm, names.1, prepared.new_commit())?;
    fault::step("merge-pushed")?;
    prepared.apply()
}

/// Makes the commits of a merge, and checks all that could refuse it.
pub(super) fn ready(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    (branch, target): (&str, &str),
    strategy: Strategy,
    heard: bool,
    gates: &Gates<'_>,
) -> Result<Ready> {
    let repo = pm.store.repo();
    let git = &repo.git().plain();
    require_branch_here(pm, state, item, branch)?;
    approval_validity::require_approved_target(pm, state, item, target)?;
    let mut options = integration(pm, state, item, (branch, target), strategy);
    if let Some(landed) = landed_before(git, item, &options)? {
        for behind in follow_landed(git, target, &landed)? {
            pm.notice(behind);
        }
        return Ok(Ready::Done(MergeView {
            old: landed.old,
            ..earlier(landed.strategy, target, &landed.new)
        }));
    }
    let below = stacked_on::brought_below(pm, state, item);
    if strategy != Strategy::Rebase {
        options.message = commit_msg_hook::completed_message(pm, item, target, options.message)?;
    }
    let mut prepared = match prepare(git, &options, &below) {
        Ok(prepared) => prepared,
        // The host may have merged it, and others may have changed the files since.
        Err(error) if matches!(error.kind(), Kind::Refused | Kind::Conflict) => {
            let standing = worktree::branch_state(git, branch, target, None)?;
            let now = repo.ref_target(&format!("refs/heads/{target}"))?;
            let (true, Some(now)) = (standing.merged.is_some(), now) else {
                return Err(error);
            };
            require_nothing_left_out(pm, state, item, branch, target, strategy)?;
            let tip = worktree::branch::require_tip(git, branch)?.commit;
            // With commits of its own when it was approved, it was merged by hand.
            let patch = item.approval.as_ref().and_then(|one| one.patch.as_deref());
            if patch == Some(patch_id(git, &tip, &tip)?.as_str()) {
                branch_work::require_commits(pm, state, item, (target, &tip), true)?;
            }
            let now = now.to_string();
            let brought = match integrated(git, &tip, &now)? {
                Some(evidence) => brought_by(git, &evidence, &tip, &now)?,
                None => None,
            };
            let merged = earlier(strategy, target, &brought.unwrap_or(now));
            return Ok(Ready::Done(merged));
        }
        Err(error) => return Err(error),
    };
    match gates {
        Gates::Skip => {}
        Gates::Run => {
            let tested = prepared.new_commit();
            gate_result::gate_result(pm, item, target, tested)?;
            let tested = Gated(tree_here(pm.store.repo(), tested)?);
            // Made again from the objects that are verified below, not from those of then.
            prepared = prepare(git, &options, &below)?;
            gate_result::require_gated(pm, &tested, prepared.new_commit(), target)?;
        }
        Gates::Passed(gated) => {
            gate_result::require_gated(pm, gated, prepared.new_commit(), target)?
        }
    }
    // Gates may take long.
    let state = &pm.store.state()?;
    let work = Work {
        tip: prepared.branch_commit(),
        onto: prepared.target_commit(),
        touched: &prepared.touched(),
    };
    verify_objects::verify_objects(pm, git, item, &work, strategy, &below)?;
    require_permitted(pm, state, item, &options, &work)?;
    record::rehearse_record(pm, item, prepared.new_commit(), target, heard)?;
    Ok(Ready::Prepared(Box::new(prepared)))
}

/// Requires the work that was submitted in a branch of this clone, which is created here if need be.
pub(super) fn require_branch_here(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    branch: &str,
) -> Result<()> {
    let (from, is_missing) = work_to_merge(pm, state, item, branch)?;
    if !is_missing {
        return Ok(());
    }
    let (repo, git) = (pm.store.repo(), pm.store.repo().git().plain());
    if let Some(left) = repo.ref_target(&format!("refs/heads/{branch}"))? {
        let deleted = merged_branches::delete_at(pm, &git, branch, left, true)?;
        deleted.checked("cannot update a branch")?;
    }
    git.require(&["branch", "--no-track", "--", branch, &from])?;
    Ok(())
}

/// The commit of submitted work that is merged, and whether its branch has to be created there: it was deleted, or
/// was never or only earlier in this clone.
pub(super) fn work_to_merge(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    branch: &str,
) -> Result<(String, bool)> {
    let (repo, local) = (pm.store.repo(), format!("refs/heads/{branch}"));
    // Its commit may be here by another branch.
    let work = work_commit::end_of_work(pm, state, item)?;
    if let Some(tip) = repo.ref_target(&local)?
        && (work == Some(tip) || !work_commit::is_left(pm, branch, tip))
    {
        require_finished_work(pm, state, item, branch, &local)?;
        let tip = repo.ref_target(&local)?.unwrap_or(tip);
        return Ok((tip.to_string(), false));
    }
    if let Some(commit) = work.filter(|commit| repo.has_object(*commit)) {
        return Ok((commit.to_string(), true));
    }
    if let Some(there) = followed_branch::at_remote(pm, branch) {
        require_finished_work(pm, state, item, branch, &there)?;
    }
    Err(gone_branch::not_here(pm, state, item, branch))
}

/// The integration of an item's branch into a target.
pub(super) fn integration(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    (branch, target): (&str, &str),
    strategy: Strategy,
) -> IntegrateOptions {
    let id = here::lasting_id(pm, state, item);
    let worker = state.doc(&item.uid).and_then(|doc| doc.text("finished_by"));
    let (message, author) = message::merge_message(pm, &id, item, worker, branch, target);
    IntegrateOptions {
        branch: branch.to_string(),
        target: target.to_string(),
        strategy,
        message,
        author,
    }
}

/// Refuses a merge of other work than the approved, of stopped work along with it, or into
/// paths that another actor reserved.
pub(super) fn require_permitted(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    options: &IntegrateOptions,
    work: &Work<'_>,
) -> Result<()> {
    let (target, strategy) = (options.target.as_str(), options.strategy);
    let item = state.item(&item.uid).unwrap_or(item);
    no_finding::require(pm, state, item)?;
    checklist::require_complete(pm, state, item, Step::Merge)?;
    decided::require_pinned(pm, state, item, target)?;
    if is_by_gates(item) {
        human_paths::require_unguarded(pm, &state.shown_id(item), work.tip, target, work.touched)?;
    }
    approval_validity::require_approved(pm, state, item, work.tip, target, strategy)?;
    let onto = pm.store.repo().parse_id(work.onto);
    if let Some(owners) = onto.map_or(Ok(None), |onto| Owners::at(pm, onto))? {
        owners.require(pm, state, item, target, work.touched)?;
    }
    stacked_work::require_nothing_stopped_in(pm, state, item, work.tip, target)?;
    require_unreserved(pm, state, item, &options.branch, work.touched)
}

/// Refuses a merge into paths that another actor reserved.
pub(crate) fn require_unreserved(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    branch: &str,
    touched: &[String],
) -> Result<()> {
    // Those with which its author kept others off this very work do not stop it, nor those of who merges.
    let own = pm.requester();
    let author = state.doc(&item.uid).and_then(|doc| doc.text("finished_by"));
    let is_authors = |r: &Reservation| {
        let is_for_it = r.task.as_ref().and_then(|task| task.uid.as_ref()) == Some(&item.uid);
        let is_of_work = is_for_it || r.branch.as_deref() == Some(branch);
        author == Some(&r.actor) && is_of_work || own.holds(r)
    };
    let found = held_on_branch(pm, state, branch, touched, is_authors);
    let Some(first) = found.first() else {
        return Ok(());
    };
    let (holder, pattern) = (actor(&first.holder), first.pattern.clone());
    let steal = ["reserve", "steal", &pattern, "--reason", "TEXT"];
    let steal = Hint::run(steal, format!("takes it over; {holder} is notified"));
    let steal = ownership::of_human(pm, steal);
    let error = grant::refusal(pm.env(), found).hints_where(|_| false);
    let error = error.hint(Hint::run(["reserve", "list"], "shows all reservations"));
    Err(error.hint(steal).hint(format!(
        "or merge once the reservation has ended: `git pm msg send --to {} SUBJECT` asks for that",
        word(&holder)
    )))
}

/// Refuses to call work merged if its branch was moved back: the approved work has to be in the
/// target, or still be the branch's.
fn require_nothing_left_out(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    branch: &str,
    target: &str,
    strategy: Strategy,
) -> Result<()> {
    let git = &pm.store.repo().git().plain();
    if let Some(approved) = approval_validity::approved_commit(pm, item) {
        let onto = format!("refs/heads/{target}");
        let args = ["merge-base", "--is-ancestor", &approved, &onto];
        if git.run(&args)?.ok() {
            return Ok(());
        }
    }
    let tip = worktree::branch::require_tip(git, branch)?.commit;
    approval_validity::require_approved(pm, state, item, &tip, target, strategy)
}

/// Moves a branch of this clone forward to the commit that was submitted, and refuses one that
/// ends before it: the rest of the work would be missing from a task that is done. So is a branch
/// that others submitted apart from this one. Its approval decides on a branch that was rebased by
/// its author or has newer commits.
fn require_finished_work(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    branch: &str,
    name: &str,
) -> Result<()> {
    let repo = pm.store.repo();
    let doc = state.doc(&item.uid);
    let finished = doc.and_then(|d| d.text("finished_commit"));
    let (Some(finished), Some(tip)) = (
        finished.and_then(|hex| repo.parse_id(hex)),
        repo.ref_target(name)?,
    ) else {
        return Ok(());
    };
    if tip == finished {
        return Ok(());
    }
    let git = repo.git().plain();
    let id = state.shown_id(item);
    if name.starts_with("refs/heads/") {
        let reviewed = work_commit::reviewed(pm, state, item).unwrap_or(finished);
        require_of_work(pm, state, item, branch, (reviewed, tip))?;
    }
    let (tip, finished) = (tip.to_string(), finished.to_string());
    let short = short(&finished);
    let known = format!("{finished}^{{commit}}");
    if !git.run(&["cat-file", "-e", &known])?.ok() {
        let who = doc.and_then(|d| d.text("finished_by")).map(actor);
        let who = who.unwrap_or_else(|| "its owner".into());
        let branch = one_line(branch);
        return Err(Error::refused(format!(
            "{id} was submitted at commit {short}, which is not in this clone"
        ))
        .because(Reason::MergeWorkMissing)
        .about(&id)
        .hint(Hint::git(
            ["fetch"],
            format!("fetches it once {who} has pushed {branch}"),
        ))
        .hint(format!(
            "if the branch was rewritten: `git pm task start {id} --resume`, then finish the \
                 item again"
        )));
    }
    let lags = git.run(&["merge-base", "--is-ancestor", &tip, &finished])?;
    match lags.ok() && name.starts_with("refs/heads/") {
        // It was submitted again from another clone.
        true => fast_forward(&git, branch, &finished),
        false => Ok(()),
    }
}

/// Refuses a branch of this clone whose tip is not the reviewed work, but that of others.
fn require_of_work(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    branch: &str,
    (reviewed, tip): (Oid, Oid),
) -> Result<()> {
    let is_apart = work_commit::standing(pm, reviewed, tip) == BranchStanding::Diverged;
    if !is_apart || work_commit::is_work(pm, state, item, reviewed, tip) {
        return Ok(());
    }
    let id = state.shown_id(item);
    let (was, is) = (reviewed.to_string(), tip.to_string());
    let aside = aside(branch);
    Err(Error::refused(format!(
        "this clone's branch {} is at {}, which is not the approved work of {id}, {}",
        one_line(branch),
        short(&is),
        short(&was)
    ))
    .because(Reason::ApprovalOutdated)
    .about(&id)
    .hint(Hint::git(
        ["branch", "-m", branch, &aside],
        "sets those commits aside; then run the command again",
    )))
}

/// Refuses what a merge of approved work would be refused for before its branch is combined with the target:
/// findings, checklists, a branch of others under its name, other work than the approved, reservations.
pub(super) fn require_movable(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    (branch, target): (&str, &str),
    strategy: Strategy,
) -> Result<()> {
    let here = work_commit::branch_here(pm, branch)?;
    if let Some(ends) = work_commit::reviewed(pm, state, item).zip(here) {
        require_of_work(pm, state, item, branch, ends)?;
    }
    let tip = approval::work_of(pm, state, item)?;
    no_finding::require(pm, state, item)?;
    checklist::require_complete(pm, state, item, Step::Merge)?;
    approval_validity::require_approved(pm, state, item, &tip, target, strategy)?;
    // Commits may be missing here.
    let names = branch_work::changed_names(pm, target, &tip).unwrap_or_default();
    require_unreserved(pm, state, item, branch, &names)
}

/// An earlier move of the target by this merge. Not from before the approval: work that was
/// reverted and approved again is merged again.
pub(super) fn landed_before(
    git: &Git,
    item: &Item,
    options: &IntegrateOptions,
) -> Result<Option<Landed>> {
    let approved = item.approval.as_ref();
    match approved.and_then(|one| parse_rfc3339(&one.at)) {
        Some(approved_ms) => landed(git, options, approved_ms / 1000),
        None => Ok(None),
    }
}
