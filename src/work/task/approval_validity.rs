//! Checks that a merge would bring just the work that was approved.
//!
//! The branch has to be at the approved commit, or bring the same patch. The hash of a patch is our
//! own (`store/git/patch_id.rs`), because `git patch-id` ignores white space; equal hunks can apply
//! in several places, so both commits must also give the target the same tree.

use super::integrate::Strategy;
use super::work_commit::{self, short};
use crate::coordinate::rules;
use crate::coordinate::rules::unauthorized_changes;
use crate::coordinate::worktree::branch;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::merge_tree;
use crate::coordinate::worktree::target;
use crate::coordinate::worktree::work_ends::is_ahead;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::approval::Approval;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::git::patch_id::patch_id;
use crate::store::git::repo::Oid;
use crate::store::state::State;
use crate::work::task::approval;
use crate::work::task::approval_provenance;
use crate::work::task::decided;
use crate::work::task::finish;

/// True if the item's approval allows a merge now.
pub(super) fn is_approved_now(pm: &Pm, uid: &Uid) -> Result<bool> {
    let state = pm.store.state()?;
    let ready = |item: &&Item| item.status == Status::ReadyForIntegration;
    let Some(item) = state.item(uid).filter(ready) else {
        return Ok(false);
    };
    if require_approval(pm, &state, item).is_err() {
        return Ok(false);
    }
    let target = target::target_of(pm, &state, item, None)?;
    let tip = approval::work_of(pm, &state, item)?;
    Ok(unapproved(pm, &state, item, &tip, &target)?.is_none())
}

/// The real branch of a name, which may be a symbolic ref.
pub(super) fn real_name(pm: &Pm, branch: &str) -> String {
    let named = pm
        .store
        .repo()
        .symbolic_target(&format!("refs/heads/{branch}"));
    let name = named
        .as_deref()
        .and_then(|full| full.strip_prefix("refs/heads/"));
    name.unwrap_or(branch).to_string()
}

/// The ref of a target that a merge would start from: it follows the remote first, so what the remote has
/// already is no change of the work.
fn onto(pm: &Pm, target: &str) -> Result<(String, Option<String>)> {
    let (repo, name) = (
        pm.store.repo(),
        followed_branch::counted_against(pm, target)?,
    );
    let commit = match name.starts_with("refs/heads/") {
        true => branch::tip(&repo.git().plain(), target)?.map(|tip| tip.commit),
        false => repo.ref_target(&name)?.map(|tip| tip.to_string()),
    };
    Ok((name, commit))
}

/// A hash of the changes that a commit would bring into a target; none where one of them is not
/// here. Commits of a target that is behind its remote here are not the work's.
pub(crate) fn patch_of(pm: &Pm, commit: &str, target: &str) -> Result<Option<String>> {
    let git = &pm.store.repo().git().plain();
    let here = pm.store.repo().resolve(commit).is_some();
    let (name, tip) = onto(pm, target)?;
    let Some(tip) = tip.filter(|_| here) else {
        return Ok(None);
    };
    let sides = followed_branch::sides(pm, target)?;
    let other = sides.get(1).map(ToString::to_string);
    let repo = pm.store.repo();
    let pair = repo.parse_id(&tip).zip(repo.parse_id(commit));
    let is_on_tip = pair.is_some_and(|(tip, commit)| is_ahead(repo, tip, commit));
    let mut base = match is_on_tip && other.is_none() {
        true => Some(tip),
        false => {
            let mut args = vec!["merge-base", commit, &tip];
            args.extend(other.as_deref());
            git.of_hashes(&args)?
        }
    };
    // What the remote merged meanwhile is still compared as it was.
    if base.as_deref() == Some(commit)
        && !name.starts_with("refs/heads/")
        && let Some(own) = branch::tip(git, target)?
    {
        base = branch::merge_base(git, &own.commit, commit)?;
    }
    match base {
        Some(base) => patch_id(git, &base, commit).map(Some),
        None => Ok(None),
    }
}

/// The commit that was approved. It may come from fetched state: only an id is accepted.
pub(super) fn approved_commit(pm: &Pm, item: &Item) -> Option<String> {
    let commit = &item.approval.as_ref()?.commit;
    Some(pm.store.repo().parse_id(commit)?.to_string())
}

/// Refuses to merge an item without an approval that counts here.
pub(super) fn require_approval(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    unauthorized_changes::hold_rules(pm)?;
    let id = state.shown_id(item);
    let why = match &item.approval {
        None => format!("{id} is {}, but it is not approved", item.status.word()),
        Some(_) if approved_commit(pm, item).is_none() => {
            format!("the approval of {id} does not name a commit")
        }
        Some(one) if rules::wants_terminal(pm) && one.how != "terminal" => {
            format!("{id} has an advisory approval, which does not count here (pm.approval=strict)")
        }
        Some(_) => return approval_provenance::require_vouched(pm, state, item),
    };
    Err(Error::refused(why)
        .because(Reason::ApprovalMissing)
        .about(&id)
        .hint(approval::approve_again(pm, &id, None)))
}

/// Refuses to merge other work than the approved.
pub(super) fn require_approved(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    tip: &str,
    target: &str,
    strategy: Strategy,
) -> Result<()> {
    let id = state.shown_id(item);
    let why = match unapproved(pm, state, item, tip, target)? {
        Some(why) => why,
        None if brings_approved_commits(pm, item, tip, target, strategy)? => return Ok(()),
        None => format!(
            "the changes of {id} are approved, but its individual commits differ from the \
                 approved ones, and the strategy {strategy} would add them to {target}"
        ),
    };
    let mut error = Error::refused(why)
        .because(Reason::ApprovalOutdated)
        .about(&id);
    let is_here = |commit: &String| commit != tip && pm.store.repo().resolve(commit).is_some();
    if let Some(approved) = approved_commit(pm, item).filter(is_here)
        && !has_same_files(pm, &approved, tip)?
    {
        let (was, is) = (short(&approved), short(tip));
        error = error.hint(Hint::git(["diff", was, is], "shows what changed"));
    }
    let submitted = finish::submitted(pm, state, item);
    let is_newer = work_commit::newer_submission(pm, state, item).is_some();
    let named = Some(tip).filter(|_| is_newer || submitted.as_deref() != Some(tip));
    let own = target::target_of(pm, state, item, None)?;
    let other = Some(target).filter(|target| own != *target);
    if let Some(other) = other {
        let range = format!("{other}...{}", short(tip));
        error = error.hint(Hint::git(["diff", &range], "shows what it would bring"));
    }
    let again = approval::approve_again_for(pm, &id, named, other);
    Err(error.hint(again))
}

/// A submission of an item that its approver did not know, and that the approval does not cover.
pub(crate) fn unapproved_submission(pm: &Pm, state: &State<'_>, item: &Item) -> Option<Oid> {
    work_commit::newer_submission(pm, state, item).filter(|tip| !covers(pm, state, item, *tip))
}

/// Says that the shown work of an item is a newer submission than the approved one.
pub(crate) fn notice_newer(pm: &Pm, state: &State<'_>, item: &Item) {
    if let Some(newer) = unapproved_submission(pm, state, item) {
        pm.notice(newer_than_approved(pm, state, item, &newer.to_string()));
    }
}

pub(super) fn newer_than_approved(pm: &Pm, state: &State<'_>, item: &Item, newer: &str) -> String {
    let approved = approved_commit(pm, item).unwrap_or_default();
    format!(
        "{} was approved at commit {}; a newer submission, {}, waits for approval",
        state.shown_id(item),
        short(&approved),
        short(newer)
    )
}

/// True if the approval of an item covers a commit, which need not be the approved one.
pub(crate) fn covers(pm: &Pm, state: &State<'_>, item: &Item, tip: Oid) -> bool {
    let is_covered = || -> Result<bool> {
        let target = target::target_of(pm, state, item, None)?;
        Ok(unapproved(pm, state, item, &tip.to_string(), &target)?.is_none())
    };
    item.status == Status::ReadyForIntegration && is_covered().unwrap_or(false)
}

/// The reason why an item's approval does not cover a commit and its target, if it does not:
/// the approval is of this very commit for this target, or of one with the same changes.
pub(super) fn unapproved(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    tip: &str,
    target: &str,
) -> Result<Option<String>> {
    let id = state.shown_id(item);
    let approval = item.approval.as_ref();
    let Some((approval, approved)) = approval.zip(approved_commit(pm, item)) else {
        return Ok(Some(format!("no commit of {id} is approved")));
    };
    let approved = approved.as_str();
    let newer = work_commit::newer_submission(pm, state, item).map(|id| id.to_string());
    if let Some(newer) = newer.filter(|newer| newer != tip)
        && unapproved(pm, state, item, &newer, target)?.is_some()
    {
        return Ok(Some(newer_than_approved(pm, state, item, &newer)));
    }
    let same = approved == tip;
    let meant = approval.target == Some(real_name(pm, target));
    // Only a human may change the target of approved work, by naming another.
    if !meant && (pm.actor.is_agent || target::target_of(pm, state, item, None)? == target) {
        return Ok(Some(other_target(&id, approval, target)));
    }
    if let Some(what) = decided::changed_since_approval(pm, state, item, target)? {
        return Ok(Some(what));
    }
    if same && meant {
        return Ok(None);
    }
    // Equal hunks can be at several places: only the approved commit shows if these are the
    // approved ones, and an agent can choose if it is still here.
    if pm.actor.is_agent && !same && pm.store.repo().resolve(approved).is_none() {
        return Ok(Some(format!(
            "{id} was approved at commit {}, which is no longer in this clone and so cannot be \
                 compared with {}, the current commit of the branch",
            short(approved),
            short(tip)
        )));
    }
    if approval.patch.is_some()
        && approval.patch == patch_of(pm, tip, target)?
        && (same || gives_the_same(pm, approved, tip, target)?)
    {
        return Ok(None);
    }
    // The approver may have compared them with another commit of the target.
    let has_same_files = !same && meant && has_same_files(pm, approved, tip)?;
    if has_same_files && gives_the_same(pm, approved, tip, target)? {
        return Ok(None);
    }
    if same {
        let was = one_line(approval.target.as_deref().unwrap_or("another branch"));
        return Ok(Some(format!(
            "{id} was approved for {was}; merging it into {target} would bring in different \
                 changes"
        )));
    }
    let at = format!("{id} was approved at commit {}", short(approved));
    let now = short(tip);
    Ok(Some(match apart(pm, approved, tip)? {
        Some((0, more)) => {
            let commits = if more == 1 { "commit" } else { "commits" };
            format!("{at}, but its branch has moved on to {now} ({more} more {commits})")
        }
        Some((_, 0)) => format!("{at}, but its branch is behind that commit, at {now}"),
        _ if has_same_files => format!(
            "{at}, but its branch was rewritten to {now}: it has the same files, and brings other \
             changes to {}",
            one_line(target)
        ),
        _ => format!("{at}, but its branch is now at {now}, with different changes"),
    }))
}

/// Refuses an agent that merges approved work into another branch than the approved one, even
/// where that branch has the work already: it would be done without being where it should.
pub(super) fn require_approved_target(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    target: &str,
) -> Result<()> {
    let meant = Some(real_name(pm, target));
    match &item.approval {
        Some(approval) if pm.actor.is_agent && approval.target != meant => {
            let id = state.shown_id(item);
            let why = other_target(&id, approval, target);
            Err(Error::refused(why)
                .because(Reason::ApprovalOutdated)
                .about(&id))
        }
        _ => Ok(()),
    }
}

/// True if two commits are here and have the same files.
fn has_same_files(pm: &Pm, one: &str, other: &str) -> Result<bool> {
    let repo = pm.store.repo();
    let commit = |hex: &str| repo.parse_id(hex).filter(|id| repo.is_commit(*id));
    match (commit(one), commit(other)) {
        (Some(one), Some(other)) => Ok(repo.commit(one)?.tree == repo.commit(other)?.tree),
        _ => Ok(false),
    }
}

/// True if two commits give the target the same files: equal patches can fit more than one
/// place. If the first is not here any more, the patches decide.
fn gives_the_same(pm: &Pm, approved: &str, tip: &str, target: &str) -> Result<bool> {
    let repo = pm.store.repo();
    if repo.resolve(approved).is_none() {
        return Ok(true);
    }
    let onto = onto(pm, target)?.1;
    let onto = onto.ok_or_else(|| branch::missing(target))?;
    let one = merge_tree::merge(repo.git(), None, &onto, approved)?;
    Ok(one == merge_tree::merge(repo.git(), None, &onto, tip)?)
}

/// True if the merge brings no commit that did not exist at the approval. A squash makes one of
/// all; with the other strategies, a change and its reversal would both stay in the target's
/// history.
fn brings_approved_commits(
    pm: &Pm,
    item: &Item,
    tip: &str,
    target: &str,
    strategy: Strategy,
) -> Result<bool> {
    let Some(approved) = approved_commit(pm, item).filter(|commit| commit != tip) else {
        return Ok(true);
    };
    if strategy == Strategy::Squash {
        return Ok(true);
    }
    let git = &pm.store.repo().git().plain();
    let onto = onto(pm, target)?.0;
    let out = git.run(&["cherry", &approved, tip, &onto])?;
    if !out.ok() || out.lines().iter().any(|line| line.starts_with('+')) {
        return Ok(false);
    }
    // `git cherry` leaves merges out. A merge that git makes alike from its parents brings
    // nothing else.
    let not = [format!("^{approved}"), format!("^{onto}")];
    let args = ["rev-list", "--merges", "--parents", tip, &not[0], &not[1]];
    let merges = git.require(&args)?;
    for line in merges.lines() {
        let commits: Vec<&str> = line.split_whitespace().collect();
        let [merge, ours, theirs] = commits[..] else {
            return Ok(false);
        };
        let tree = git.require(&["rev-parse", "--verify", &format!("{merge}^{{tree}}")])?;
        let remade = merge_tree::merge(git, None, ours, theirs)?;
        if remade != merge_tree::Merged::Clean(tree.text().trim().to_string()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The numbers of commits that each of two has and the other lacks; none where one is not here.
fn apart(pm: &Pm, one: &str, other: &str) -> Result<Option<(usize, usize)>> {
    let range = format!("{one}...{other}");
    let args = ["rev-list", "--left-right", "--count", &range];
    let out = pm.store.repo().git().plain().run(&args)?;
    let text = out.text();
    let counts = text.split_once('\t').filter(|_| out.ok());
    Ok(counts.and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?))))
}

/// The reason to refuse a merge into another branch than the approved one.
fn other_target(id: &str, approval: &Approval, target: &str) -> String {
    let was = one_line(approval.target.as_deref().unwrap_or("no branch"));
    format!("{id} was approved for {was}, not for {target}")
}
