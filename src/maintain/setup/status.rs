//! `status`: an overview of the actor's work, of ready work and of problems.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::left_dirty;
use crate::coordinate::claim::ownership;
use crate::coordinate::conflicts::conflicted_learnings;
use crate::coordinate::here;
use crate::coordinate::message::NoticeView;
use crate::coordinate::message::inbox;
use crate::coordinate::message::notice;
use crate::coordinate::message::read_marks;
use crate::coordinate::reserve::reservation_queries;
use crate::coordinate::reserve::reservation_queries::ReservationView;
use crate::coordinate::rules;
use crate::coordinate::sync::known_tip;
use crate::coordinate::worktree;
use crate::coordinate::worktree::branch_status;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::target;
use crate::coordinate::worktree::worktree_verbs;
use crate::error::{Details, Error, Reason, Result};
use crate::model::item::Item;
use crate::model::stamp::DAY_MS;
#[cfg(feature = "serve")]
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::pm::Pm;
use crate::pm::handles::StateHandle;
use crate::pm::lost_merge::LostMerge;
use crate::pm::shared_views::{ItemView, item_view};
use crate::pm::who_acts;
use crate::store::git::repo::{Oid, short};
use crate::store::history;
use crate::store::index::Scan;
use crate::store::state::State;
#[cfg(feature = "serve")]
use crate::store::sync::fetch::ASKED;
use crate::work::cost;
use crate::work::cost::budget;
use crate::work::cost::{BudgetView, UsageView};
use crate::work::ending;
use crate::work::insight::awaited_items;
use crate::work::insight::silent_holders;
use crate::work::plan_notices;
use crate::work::task::absent_work;
use crate::work::task::approval;
use crate::work::task::finish;
use crate::work::task::gates;
use crate::work::task::landed_commits;
use crate::work::task::left_work;
use crate::work::task::merge;
use crate::work::task::merge::UnpushedTarget;
use crate::work::task::merge::gate_result;
use crate::work::task::merge::lost_merges;
use crate::work::task::merge::unpushed_merges;
use crate::work::task::merge::unpushed_target;
use crate::work::task::show;
use crate::work::task::start::missing_work;
use crate::work::task::start::obstacle::{Obstacle, Obstacles};
use crate::work::task::work_commit;

/// The branch of a task, compared with its target.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct BranchView {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its status.
    pub status: String,
    /// The holder of its claim, else the assignee.
    pub owner: Option<String>,
    /// The branch.
    pub branch: String,
    /// The branch it would be merged into.
    pub target: String,
    /// Number of commits that the target lacks.
    pub ahead: u32,
    /// Number of commits of the target that it lacks.
    pub behind: u32,
    /// Files that would conflict.
    pub conflicts: Vec<String>,
    /// The remote branch, `origin/task/T-0001-…`, if only that is here; null if the branch is in
    /// this clone or not here at all.
    pub found_at: Option<String>,
    /// Its tip; for a branch that is not here, the submitted commit.
    pub commit: Option<String>,
    /// That commit is not in this clone, so it was not compared.
    pub is_missing: bool,
    /// Its worktree has uncommitted changes; none without a worktree.
    pub dirty: Option<bool>,
    /// Its worktree in this clone.
    pub worktree: Option<String>,
    /// Number of ticked acceptance criteria, and of all.
    pub accepted: (usize, usize),
    /// `ready to merge`, or the reason that it is not.
    pub readiness: String,
    /// The step that it is ready for, or the reason that it is not, for programs.
    pub step: BranchStep,
    /// The command that removes what stops it, as one that repairs its worktree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mends: Option<String>,
}

/// The next step of a branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BranchStep {
    /// Something else stops it.
    #[default]
    Stopped,
    /// Its item has open parts.
    OpenParts,
    /// It has uncommitted work, or no commits yet.
    Commit,
    /// It can be submitted.
    Finish,
    /// It waits for an approval.
    Approve,
    /// It can be merged.
    Merge,
}

/// The result of `status`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct StatusView {
    /// The name of the current actor.
    pub actor: String,
    /// The actor is treated as an agent.
    pub agent: bool,
    /// How to mark the actor as an agent, if they count as a human and have the name of one.
    pub mark: Option<String>,
    /// The task of the current worktree.
    pub here: Option<String>,
    /// Number of tasks and issues in each status.
    pub counts: std::collections::BTreeMap<String, usize>,
    /// Items that the actor holds here or is assigned to.
    pub mine: Vec<ItemView>,
    /// Items with the actor's name that another worktree or clone holds.
    pub elsewhere: Vec<ElsewhereView>,
    /// The first items that can be started, best first.
    pub ready: Vec<ItemView>,
    /// The number of all of these that are not started.
    pub ready_count: usize,
    /// The number of the others: in progress, where the actor can take them over.
    pub takeovers: usize,
    /// Items that wait for review or integration.
    pub reviews: Vec<ItemView>,
    /// Claims whose holders have been inactive for a long time.
    pub silent: Vec<crate::work::insight::SilentClaim>,
    /// If nothing is ready: the items that block others, with their holders.
    #[serde(flatten)]
    pub waiting: crate::error::RootBlockers,
    /// Plans that wait for an approval, or whose document has changed or is gone.
    pub plans: Vec<crate::work::plan_notices::PlanNotice>,
    /// Number of tasks and issues that wait for others, or were stopped by hand.
    pub blocked: usize,
    /// Those of them that others can start, or other clones.
    pub kept: usize,
    /// Number of tasks and issues that cannot be started, since their parts are open.
    pub containers: usize,
    /// Branches of started tasks.
    pub branches: Vec<BranchView>,
    /// Merged work that its target has lost lately, as by a forced push.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost_merges: Vec<LostMerge>,
    /// Live reservations.
    pub reservations: Vec<ReservationView>,
    /// Notices to the actor.
    pub notices: Vec<NoticeView>,
    /// The number of unread messages, without notices.
    pub unread_messages: usize,
    /// The state compared with its remote.
    pub remote: RemoteView,
    /// Unreadable files of the state.
    pub damaged: Vec<crate::store::read_document::Damaged>,
    /// Ids of items and learnings with concurrent versions of their text.
    pub conflicted: Vec<String>,
    /// The commit hooks are active.
    pub hooks_active: bool,
    /// Rules that are looser here than the shared ones, and shared rules loosened in the last week.
    pub rules: Vec<String>,
    /// The usage of agents in runs today (UTC); null if no agent was at work.
    pub used_today: Option<UsageView>,
    /// The budgets of epics and of each day, with the amounts spent of them.
    pub budgets: Vec<BudgetView>,
}

/// An open item that has the actor's name on it and is not theirs here.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ElsewhereView {
    /// The id of the item.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who works on it, or that it is the actor's, in another clone.
    pub who: String,
}

/// The state compared with its remote, as of the last exchange.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct RemoteView {
    /// `pm.remote` or its default.
    pub name: Option<String>,
    /// Number of commits of the state that are not pushed yet.
    pub unpushed: usize,
    /// Number of fetched commits that are not joined yet.
    pub unmerged: usize,
    /// Ids of items whose claim by this clone is not confirmed.
    pub tentative: Vec<String>,
    /// The commits of the branches that work is merged into which their remotes lack: work that is merged here only.
    pub targets: Vec<UnpushedTarget>,
}

/// The greatest number of ready items to show.
const READY_SHOWN: usize = 5;

/// The greatest number of commits to count.
const COUNT_MAX: usize = 10_000;

impl StateHandle<'_> {
    /// An overview of the current worktree, the actor's work, ready work and problems.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn status(&self) -> Result<StatusView> {
        let state = self.pm.store.snapshot()?;
        let here = self.pm.here();
        let mailbox = read_marks::mailbox(self.pm);
        let unread = read_marks::unread(&state, &mailbox);
        let obstacles = Obstacles::new(self.pm, &state);
        let (ready, startable, takeovers) = obstacles.startable(|_| true, READY_SHOWN);
        let ready = ready.into_iter();
        let ready = ready.map(|item| item_view(&state, item, &here)).collect();
        let kept = obstacles.kept(self.pm.now_ms());
        tell_file(self.pm, kept.iter().map(|(_, obstacle)| obstacle));
        let kept = kept.len();
        for (_, what, push) in left_work::all_left_here(self.pm, &state)? {
            self.pm.notice(format!("{what}: `{push}`"));
        }
        let targets = unpushed_merges::targets(self.pm, &state)?;
        let mut view = StatusView {
            actor: self.pm.actor.name.clone(),
            agent: self.pm.actor.is_agent,
            mark: who_acts::unmarked_agent(&self.pm.actor).map(|hint| hint.to_string()),
            remote: remote_view(self.pm, &state, &targets)?,
            blocked: state.count_blocked(self.pm.now_ms()) + kept,
            kept,
            containers: state.count_containers(self.pm.now_ms()),
            ready,
            ready_count: startable.saturating_sub(takeovers),
            takeovers,
            reservations: reservation_queries::views(self.pm, &state, false),
            notices: notice::notices_among(self.pm, &state, &unread),
            unread_messages: inbox::unread_count(self.pm, &state, mailbox, unread),
            damaged: state.damaged(),
            hooks_active: crate::coordinate::hook::is_active(self.pm.store.repo()),
            rules: rules::looser_here(self.pm, &state.repository.doc),
            used_today: cost::used_today(self.pm, &state),
            // A damaged file is reported below.
            budgets: budget::budget_views(self.pm, &state).unwrap_or_default(),
            ..StatusView::default()
        };
        let week_ago = self.pm.now_ms().saturating_sub(7 * DAY_MS);
        view.rules
            .extend(rules::loosened(&state.repository.doc, week_ago));
        let all = |which: &Scan<'_>| state.scan(which, |_| true, usize::MAX);
        view.counts = state.counts(self.pm.now_ms());
        let conflicted = all(&Scan::Conflicted).into_iter();
        let conflicted = conflicted.map(|item| state.shown_id(item));
        view.conflicted = conflicted.chain(conflicted_learnings(&state)).collect();
        if let Some(branch) = here::branch_here(self.pm, &state) {
            let found = all(&Scan::Branch(&branch));
            view.here = found.last().map(|item| state.shown_id(item));
        }
        if let Some(gone) = here::deleted_here(self.pm, &state) {
            self.pm.notice(gone.message());
        }
        for item in all(&Scan::Owner(&self.pm.actor.name)) {
            match ownership::held_under_own_name(self.pm, item) {
                None => view.mine.push(item_view(&state, item, &here)),
                Some(who) => view.elsewhere.push(ElsewhereView {
                    id: state.shown_id(item),
                    title: item.title.clone(),
                    who,
                }),
            }
        }
        view.silent = silent_holders::silent_claims(self.pm, &state);
        if view.ready.is_empty() && view.blocked > 0 {
            view.waiting = awaited_items::waited_for(self.pm, &state);
        }
        for (lost, command) in worktree_verbs::all_lost_work(self.pm, &state) {
            self.pm
                .notice(format!("{lost}; `{command}` takes it up again"));
        }
        let branched = all(&Scan::Branched);
        let left = left_dirty::left(self.pm, &state, &here);
        // Behind the damaged files: once a family was read, they are looked for in all.
        let (plans, gone) = plan_notices::plan_notices(self.pm, &state);
        view.plans = [plans, gone].concat();
        // Before git examines the branches, which would keep writers waiting.
        state.release();
        view.lost_merges = lost_merges::lost_lately(self.pm, &state, &targets)?;
        for said in missing_work::not_here_lately(self.pm, &state) {
            self.pm.notice(said);
        }
        for item in branched {
            view.branches
                .extend(branch_view(self.pm, &state, item, &here)?);
        }
        left_dirty::tell_dirty(self.pm, &left);
        left_dirty::tell_unmerged(self.pm, &state, &left);
        view.reviews = show::in_review(&state)
            .into_iter()
            .map(|item| item_view(&state, item, &here))
            .collect();
        Ok(view)
    }
}

/// Says that a file of this clone, and nothing of the items, keeps ready work from being started.
fn tell_file<'o>(pm: &Pm, kept: impl Iterator<Item = &'o Obstacle<'o>>) {
    for obstacle in kept {
        if let Obstacle::Refused(error) = obstacle
            && matches!(
                error.reason(),
                Reason::TrustInvalidFile | Reason::TrustRequired
            )
        {
            let hints: Vec<String> = error.hints().iter().map(ToString::to_string).collect();
            let (why, hints) = (error.message(), hints.join("; "));
            pm.notice(format!("ready work cannot be started here: {why}; {hints}"));
        }
    }
}

/// Compares the branch of a started item with its target.
fn branch_view(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    here: &crate::pm::shared_views::Here,
) -> Result<Option<BranchView>> {
    let Some(branch) = item.branch.clone() else {
        return Ok(None);
    };
    let Ok(target) = target::target_of(pm, state, item, None) else {
        return Ok(None);
    };
    let place = here.worktrees.get(&branch);
    let git = pm.store.repo().git();
    let against = followed_branch::counted_against(pm, &target)?;
    let dirt = branch_status::dirt_at(git, place.map(Path::new));
    let mut found = branch_status::branch_state_with(git, &branch, &against, dirt.as_ref())?;
    let repo = pm.store.repo();
    let (mut found_at, mut commit) = (None, repo.ref_target(&format!("refs/heads/{branch}"))?);
    let work = work_commit::end_of_work(pm, state, item)?;
    // A branch here that is not the submitted work says nothing about it.
    let other = commit.filter(|tip| found.exists && work != Some(*tip));
    let is_own = other.is_some_and(|tip| !work_commit::is_left(pm, &branch, tip));
    let dirty_there = found.dirty;
    if other.is_some() || !found.exists {
        found = match work.filter(|work| repo.has_object(*work)) {
            Some(work) => worktree::commit_state(git, &work.to_string(), &against)?,
            None => Default::default(),
        };
        let there = followed_branch::at_remote(pm, &branch);
        let is_at = |name: &String| repo.ref_target(name).ok().flatten() == work;
        let there = there.filter(|name| work.is_some() && is_at(name));
        found_at = there.and_then(|name| Some(name.strip_prefix("refs/remotes/")?.to_string()));
        commit = work;
    }
    if found.ahead > 0
        && let Some(commit) = commit
        && followed_branch::is_in(pm, commit, &followed_branch::sides(pm, &target)?)
    {
        found.ahead = 0;
    }
    let id = state.shown_id(item);
    let done = item.acceptance.iter().filter(|c| c.done).count();
    let total = item.acceptance.len();
    let elsewhere = item
        .holder()
        .filter(|c| here.replica.as_deref() != Some(c.replica.as_str()));
    let submitted = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
    let since = match item.status {
        Status::ReadyForIntegration => "its approval",
        _ => "it was submitted",
    };
    let reviewed = work_commit::reviewed(pm, state, item);
    let has_moved = reviewed.is_some() && reviewed != commit;
    let is_approved = item.status == Status::ReadyForIntegration;
    let obstacle = is_approved.then(|| merge::require_merge(pm, state, item));
    let moved = worktree_verbs::moved_among(pm, item, here)?;
    // What is under way here is judged as `finish` does.
    let is_begun = item.status == Status::InProgress
        && found.exists
        && ownership::require_own(pm, state, item).is_ok();
    let is_clean = found.dirty != Some(true);
    let dirt = dirt.as_ref().and_then(|dirt| dirt.as_ref().ok());
    let judged = || finish::require_ready(pm, state, item, dirt);
    let refused = is_begun.then(judged).and_then(Result::err);
    let is_told = |error: &&Error| match error.reason() {
        Reason::StartNotReached | Reason::WorktreeMoved => true,
        _ => !is_clean && matches!(error.details(), Details::Reservations(_)),
    };
    let told = refused.as_ref().filter(is_told);
    let is_stopped = is_clean || told.is_some();
    let mut step = [BranchStep::Commit, BranchStep::Stopped][usize::from(is_stopped)];
    found.mends = told.and_then(helps).or(found.mends);
    let readiness = if let Some(holder) = elsewhere
        && item.status == Status::InProgress
    {
        let heard = holder.last_activity_text(here.now_ms);
        format!(
            "{} is working on it in another clone, {heard}",
            holder.actor
        )
    } else if let Some(moved) = moved {
        step = BranchStep::Stopped;
        found.mends = Some(moved.command());
        format!("{}; `{}`", moved.what(), moved.command())
    } else if !found.exists {
        match commit {
            Some(commit) if absent_work::is_absent(pm, commit) => format!(
                "submitted at commit {}, which the remote lacks: {}",
                short(commit),
                absent_work::has_to_push(state, item)
            ),
            Some(commit) => format!(
                "submitted at commit {}, not fetched yet: `git pm show {id}` fetches it",
                short(commit)
            ),
            None => "its branch is not in this clone".to_string(),
        }
    } else if let Some(why) = found.merged.filter(|_| submitted) {
        let next = match item.status {
            Status::InReview => "task approve",
            _ => "merge",
        };
        match approval::require_nothing_open(pm, state, item) {
            Ok(()) => format!("already merged into {target} ({why}): `git pm {next} {id}`"),
            Err(open) => format!(
                "already merged into {target} ({why}), but {}",
                open.message()
            ),
        }
    } else if !found.conflicts.is_empty() {
        format!("conflicts with {target} (files: {})", found.conflicts.len())
    } else if let Some(problem) = found.problem {
        problem
    } else if let Some(error) = told {
        error.message().into()
    } else if found.dirty == Some(true) {
        "uncommitted work".into()
    } else if found.ahead == 0 {
        step = BranchStep::Commit;
        "no commits yet".into()
    } else if has_moved && obstacle.as_ref().is_none_or(Result::is_err) {
        format!("its branch moved on since {since}")
    } else if done < total {
        format!("acceptance criteria not accepted yet: {}", total - done)
    } else {
        let (obstacle, next, words) = match item.status {
            Status::InReview => (
                approval::require_nothing_open(pm, state, item),
                BranchStep::Approve,
                "waits for approval",
            ),
            _ => match obstacle {
                Some(obstacle) => (obstacle, BranchStep::Merge, "ready to merge"),
                None => (
                    match is_begun {
                        true => refused.map_or(Ok(()), Err),
                        false => ending::require_parts_closed(pm, state, item, &[]),
                    },
                    BranchStep::Finish,
                    "ready to finish",
                ),
            },
        };
        found.mends = obstacle.as_ref().err().filter(|_| is_begun).and_then(helps);
        step = match &obstacle {
            Ok(()) => next,
            Err(error) if error.reason() == Reason::CloseNotReady => BranchStep::OpenParts,
            Err(_) => BranchStep::Stopped,
        };
        obstacle.map_or_else(|error| error.message().into(), |()| words.into())
    };
    let readiness = match (&found_at, commit) {
        (Some(place), Some(commit)) => format!("{readiness}; {place}, {}", short(commit)),
        _ => readiness,
    };
    let readiness = match other.filter(|_| is_own) {
        Some(tip) => format!(
            "{readiness}; this clone's branch is at {}, which is not the submitted work",
            short(tip)
        ),
        None => readiness,
    };
    // Of what can be merged, that is what stops it.
    let failed = gate_result::failed_gate(pm, state, item);
    let failed = failed.filter(|failed| !readiness.contains(failed.as_str()));
    let landed = landed_commits::said(pm, state, item);
    let readiness = [Some(readiness), gates::told_forced(item), failed, landed].into_iter();
    let readiness = readiness.flatten().collect::<Vec<_>>().join("; ");
    Ok(Some(BranchView {
        id,
        title: item.title.clone(),
        status: item.status.to_string(),
        owner: item.owner().map(str::to_string),
        branch,
        target,
        ahead: found.ahead,
        behind: found.behind,
        conflicts: found.conflicts,
        found_at,
        commit: commit.map(|commit| commit.to_string()),
        is_missing: !found.exists,
        dirty: found.dirty.or(dirty_there),
        worktree: place.cloned(),
        accepted: (done, total),
        readiness,
        step,
        mends: found.mends,
    }))
}

/// The command that an error hints at first.
fn helps(error: &Error) -> Option<String> {
    let mut commands = error.hints().iter();
    commands.find_map(|hint| Some(hint.command.as_ref()?.to_string()))
}

/// What a page tells of the exchange with the remote. It is counted for each, so it has no items.
#[cfg(feature = "serve")]
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// Number of commits of the state that are not pushed yet; none if it never was.
    pub unpushed: Option<usize>,
    /// When the remote was last asked, RFC 3339.
    pub asked_at: Option<String>,
}

/// The exchange with the remote that confirms claims, if there is one.
///
/// # Errors
/// When a ref cannot be read.
#[cfg(feature = "serve")]
pub(crate) fn exchange(pm: &Pm) -> Result<Option<Exchange>> {
    let Some(remote) = pm.main_remote() else {
        return Ok(None);
    };
    let (tip, known) = (pm.store.require_tip()?, known_tip(pm, &remote)?);
    let asked = remote.marked(&pm.store, ASKED);
    Ok(Some(Exchange {
        unpushed: known.map(|known| count(pm, tip, Some(known))),
        asked_at: asked.map(rfc3339),
    }))
}

/// The number of commits that one tip has and another, which may be none, lacks.
fn count(pm: &Pm, tip: Oid, other: Option<Oid>) -> usize {
    match Some(tip) == other {
        true => 0,
        false => {
            history::count(pm.store.repo(), tip, other.as_slice(), COUNT_MAX).unwrap_or_default()
        }
    }
}

/// Compares the state with the remote as of the last exchange.
fn remote_view(pm: &Pm, state: &State<'_>, targets: &[String]) -> Result<RemoteView> {
    let Some(remote) = pm.main_remote() else {
        return Ok(RemoteView::default());
    };
    let (tip, known) = (pm.store.require_tip()?, known_tip(pm, &remote)?);
    let targets = targets.iter();
    let unpushed =
        targets.filter_map(|name| unpushed_target::unpushed(pm, name).unwrap_or_default());
    let targets = unpushed.collect();
    let replica = pm.store.known_replica();
    let tentative = state
        .scan(&Scan::Held, |_| true, usize::MAX)
        .into_iter()
        .filter(|item| {
            item.claims.iter().any(|c| {
                c.ended.is_none()
                    && !c.confirmed
                    && replica.as_ref().is_some_and(|r| r.as_str() == c.replica)
            })
        })
        .map(|item| state.shown_id(item))
        .collect();
    Ok(RemoteView {
        name: Some(remote.shown()),
        unpushed: count(pm, tip, known),
        unmerged: known.map_or(0, |known| count(pm, known, Some(tip))),
        tentative,
        targets,
    })
}
