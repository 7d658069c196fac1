//! `merge`: the only command that moves a target branch, and which items it refuses.
//!
//! Approved work is put on the target by compare-and-swap of its ref; then the task is done and its
//! clean worktree is removed.

mod ask_remote;
pub(crate) mod at_host;
mod commit_msg_hook;
pub(crate) mod contested;
pub(crate) mod gate_result;
pub(crate) mod lost_merges;
mod message;
pub(crate) mod move_target;
pub(crate) mod queue;
mod record;
pub(crate) mod remote_target;
pub(crate) mod reverts;
pub(crate) mod stacked_on;
pub(crate) mod through_pull;
pub(crate) mod unpushed_merges;
pub(crate) mod unpushed_target;
mod verify_objects;

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

pub use at_host::FoundMerge;
pub(crate) use gate_result::Gated;
pub use unpushed_target::UnpushedTarget;

use super::approval::{approval_hint, is_by_gates};
use super::criteria::added_later;
use super::deps::graph_around;
pub use super::integrate::MergeView;
use super::integrate::{Strategy, earlier};
use crate::coordinate::here;
use crate::coordinate::idempotency;
use crate::coordinate::merged_branches;
use crate::coordinate::rules::{target_branches, unauthorized_changes};
use crate::coordinate::sync;
use crate::coordinate::worktree;
use crate::coordinate::worktree::target;
use crate::coordinate::worktree::worktree_verbs;
use crate::coordinate::write;
use crate::error::{self, Error, Hint, Kind, Result};
use crate::graph::Reason;
use crate::model::item::Item;
use crate::model::limits::NAMES_SHOWN;
use crate::model::settings;
use crate::model::settings::SyncMode;
use crate::model::status::Status;
use crate::model::stop::Stop;
use crate::model::text::{actor, first_of, one_line};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::store::state::State;
use crate::store::{fault, human_stops};
use crate::work::task::approval_validity;
use crate::work::task::branch_work;
use crate::work::task::gates;
use crate::work::task::landed_commits;
use crate::work::task::remote_branch;
use crate::work::task::return_work;
use crate::work::task::work_commit;
use crate::work::{ending, nothing_to_start};

/// A merged item.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MergedItem {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// The merge.
    pub merged: MergeView,
}

/// Options of `merge`.
#[derive(Clone, Debug, Default)]
pub struct MergeOptions {
    /// The strategy; `pm.mergeStrategy`, else squash, by default.
    pub strategy: Option<Strategy>,
    /// The branch to move; otherwise the item's own target, the epic's or the default branch.
    pub target: Option<String>,
    /// Run the gates on the result before the target moves.
    pub gates: bool,
    /// Keep the branch, here and at the remote.
    pub keep_branch: bool,
}

impl Tasks<'_> {
    /// Merges an approved item's branch into its target and marks it done.
    ///
    /// # Errors
    /// Kind `Refused` when it is not approved, waits for other items, touches reserved paths, or a
    /// checkout of the target is dirty in the touched paths; `Conflict` when the branch does not
    /// merge, and was returned to its author, or the target was updated in the meantime.
    pub fn merge(&self, id: &str, options: &MergeOptions) -> Result<MergedItem> {
        let merged = merge_gated(self.pm, id, options, None);
        merged.map_err(|error| with_return(self.pm, id, options.target.as_deref(), error))
    }
}

/// The number of further attempts when others move the remote's target at the same time.
const ATTEMPTS: u32 = 5;

/// The gates on the result of a merge.
enum Gates<'g> {
    /// They are not requested, and recorded for the work.
    Skip,
    /// They have to pass before the target moves.
    Run,
    /// They passed on this tree.
    Passed(&'g Gated),
}

impl Gates<'_> {
    /// Those of the merge of an item: for work that only gates have approved, and for a gate that is not recorded
    /// for its commit, they run first, also if a human merges it.
    fn of(
        pm: &Pm,
        state: &State<'_>,
        item: &Item,
        target: &str,
        options: &MergeOptions,
    ) -> Result<Self> {
        let run =
            options.gates || is_by_gates(item) || gate_result::has_to_run(pm, state, item, target)?;
        Ok(if run { Gates::Run } else { Gates::Skip })
    }
}

/// A merge that is recorded, and whose worktree is still there.
struct Uncleared {
    report: MergedItem,
    /// The item as it was, and its branch, unless an earlier run did all.
    of: Option<(Item, String)>,
    keeps_branch: bool,
}

/// [`Tasks::merge`] of a result that may have passed the gates already.
///
/// # Errors
/// As there; reason `merge.branch_moved` if it would be another result.
pub(crate) fn merge_gated(
    pm: &Pm,
    id: &str,
    options: &MergeOptions,
    gated: Option<Gated>,
) -> Result<MergedItem> {
    let again = gated.is_none();
    let mut done = merge_keeping_worktree(pm, id, options, gated);
    for _ in 0..ATTEMPTS {
        match &done {
            Err(error) if again && error.reason() == error::Reason::MergeTargetMoved => {
                done = merge_keeping_worktree(pm, id, options, None);
            }
            _ => break,
        }
    }
    let done = done?;
    // The last step: the worktree may be the caller's current folder, from which nothing of
    // this repository can be read afterwards.
    Ok(with_cleared_worktree(pm, done))
}

/// Returns work that does not merge to its author, and says so in the error.
pub(crate) fn with_return(pm: &Pm, id: &str, target: Option<&str>, error: Error) -> Error {
    if error.reason() != error::Reason::MergeConflict {
        return error;
    }
    let returned = || -> Result<Option<String>> {
        let state = pm.store.state()?;
        let item = state.find(id)?;
        let target = target::target_of(pm, &state, item, target)?;
        let files = contested::conflicts_of(pm, &state, item, &target)?;
        let uid = item.uid.clone();
        drop(state);
        Ok(return_work::return_conflicting(
            pm, &uid, &target, &files, &error,
        ))
    };
    match returned() {
        Ok(Some(stops)) => error.hints_where(|_| false).hint(stops),
        Ok(None) | Err(_) => error,
    }
}

fn merge_keeping_worktree(
    pm: &Pm,
    id: &str,
    options: &MergeOptions,
    gated: Option<Gated>,
) -> Result<Uncleared> {
    crate::pm::who_acts::require_name(&pm.actor)?;
    let heard = ask_remote::join_remote_first(pm)?;
    unauthorized_changes::hold_rules(pm)?;
    let state = pm.store.state()?;
    if let Some(uid) = idempotency::repeated(pm, &state, "merge")? {
        let item = here::full_view(pm, &state, &uid)?;
        let merged = merged_before(pm, &state, &uid);
        let report = MergedItem { item, merged };
        return Ok(Uncleared {
            report,
            of: None,
            keeps_branch: true,
        });
    }
    let item = state.find(id)?.clone();
    write::require_version(pm, &state, &item)?;
    let id = state.shown_id(&item);
    if item.status == Status::Done && item.merged_commit.is_some() {
        // Found in its target by an approval or a sync; this clone may lack it.
        let mut merged = merged_before(pm, &state, &item.uid);
        remote_target::follow_remote(pm, &merged.target)?;
        require_here(pm, &state, &item, &merged)?;
        pm.notice(format!(
            "{id} was merged into {} already",
            one_line(&merged.target)
        ));
        if let Some(lost) = lost_merges::lost_of(pm, &state, &item)? {
            pm.notice(lost.message());
        }
        let view = here::full_view(pm, &state, &item.uid)?;
        // What was committed after the approval is on the branch alone.
        let left = branch_work::unmerged(pm, &state, &item)?;
        let of = item.branch.clone().filter(|_| left.is_none());
        let of = of.map(|branch| (item, branch));
        if let Some(left) = left {
            pm.notice(format!("not merged: {left}"));
            merged.worktree_kept = view.worktree.is_some().then(|| format!("it has {left}"));
        }
        let report = MergedItem { item: view, merged };
        return Ok(Uncleared {
            report,
            of,
            keeps_branch: options.keep_branch,
        });
    }
    let (branch, target, strategy) = ends_of_merge(pm, &state, &item, options)?;
    let landed = landed_commits::said(pm, &state, &item);
    landed.into_iter().for_each(|said| pm.notice(said));
    if options.keep_branch {
        merged_branches::keep(pm, &branch)?;
    }
    remote_target::require_no_pull(pm, &id, &target)?;
    let names = (branch.as_str(), target.as_str());
    remote_target::follow_remote(pm, &target)?;
    let gates = match &gated {
        Some(gated) => Gates::Passed(gated),
        None => Gates::of(pm, &state, &item, &target, options)?,
    };
    let moved = move_target::move_target(pm, &state, &item, names, strategy, heard, &gates);
    let merged = moved.map_err(|error| match error.kind() {
        Kind::Conflict => contested::with_contested(pm, &state, &item, &target, error),
        _ => error,
    })?;
    fault::step("merge-moved")?;
    record::record_merge(pm, &item.uid, &merged)?;
    fault::step("merge-marked")?;
    remote_target::notice_unpushed(pm, &target)?;
    record::notice_lacking(pm, &state, &merged)?;
    nothing_to_start::report_completed_epic(pm, &item.uid)?;
    if pm.sync_mode() != SyncMode::Manual {
        sync::try_sync(pm);
    }
    let view = here::full_view(pm, &pm.store.state()?, &item.uid)?;
    fault::step("merge-synced")?;
    Ok(Uncleared {
        report: MergedItem { item: view, merged },
        of: Some((item, branch)),
        keeps_branch: options.keep_branch,
    })
}

/// Refuses to merge work again whose merge is not here: another clone has not pushed its target.
fn require_here(pm: &Pm, state: &State<'_>, item: &Item, merged: &MergeView) -> Result<()> {
    let repo = pm.store.repo();
    let tip = repo.resolve(&format!("refs/heads/{}", merged.target));
    let has = |tip| match repo.resolve(&merged.new) {
        Some(commit) => repo.is_ancestor(commit, tip),
        None => Ok(false),
    };
    if tip.map_or(Ok(true), has)? {
        return Ok(());
    }
    let (id, target) = (state.shown_id(item), one_line(&merged.target));
    let by = state.doc(&item.uid).and_then(|doc| doc.text("closed_by"));
    let by = by.map_or("another clone".to_owned(), actor);
    let commit = one_line(work_commit::short(&merged.new));
    let said =
        format!("{by} merged {id} into {target} at {commit}, which {target} here does not have");
    Err(Error::refused(said).about(&id).hint(Hint::git(
        ["pull"],
        format!("in a checkout of {target} fetches it, once it was pushed"),
    )))
}

/// The branch of an item that can be merged, fetched if need be, its target, and the strategy.
fn ends_of_merge(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    options: &MergeOptions,
) -> Result<(String, String, Strategy)> {
    let target = target::target_of(pm, state, item, options.target.as_deref())?;
    require_mergeable(pm, state, item, &target, &[])?;
    notice_stops(pm, state, item);
    remote_branch::fetch_work(pm, state, item)?;
    let id = state.shown_id(item);
    let branch = item.branch.clone().ok_or_else(|| {
        Error::refused(format!("{id} has no branch to merge")).hint(Hint::run(
            ["task", "done", &id, "--evidence", "TEXT"],
            "closes it by hand",
        ))
    })?;
    let target = target::require_target_of(pm, state, item, options.target.as_deref())?;
    Ok((branch, target, strategy(pm, options.strategy)?))
}

/// Removes the worktree of an item that was merged, and its branch.
fn with_cleared_worktree(pm: &Pm, done: Uncleared) -> MergedItem {
    let mut report = done.report;
    if let Some((item, branch)) = &done.of {
        let home = merged_branches::at_home(pm);
        clear_worktree(pm, item, branch, &mut report.merged);
        if !done.keeps_branch {
            let home = home.unwrap_or_else(|error| {
                pm.notice(error.message().to_string());
                None
            });
            let deleted = merged_branches::delete_of(home.as_ref().unwrap_or(pm), item);
            if let Some(home) = home {
                home.take_notices()
                    .into_iter()
                    .for_each(|one| pm.notice(one));
            }
            report.merged.branch_deleted = deleted.here;
            report.merged.remote_branch_deleted = deleted.at;
        }
    }
    if report.merged.worktree_removed {
        report.item.worktree = None;
    }
    report
}

/// The report of a merge by an earlier run, as far as the state has it.
pub(crate) fn merged_before(pm: &Pm, state: &State<'_>, uid: &Uid) -> MergeView {
    let text = |name: &str| {
        state
            .doc(uid)
            .and_then(|d| d.text(name))
            .unwrap_or_default()
    };
    let strategy = strategy(pm, None);
    let strategy = strategy.unwrap_or(Strategy::Squash);
    earlier(strategy, text("merged_into"), text("merged_commit"))
}

fn strategy(pm: &Pm, asked: Option<Strategy>) -> Result<Strategy> {
    let configured = pm.store.repo().config(settings::MERGE_STRATEGY.key);
    match (asked, configured) {
        (Some(strategy), _) => Ok(strategy),
        (None, Some(text)) => text.parse(),
        (None, None) => Ok(Strategy::Squash),
    }
}

/// Refuses an item that cannot be merged into a target now, or not after those that are merged `before` it.
fn require_mergeable(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    target: &str,
    before: &[Uid],
) -> Result<()> {
    let id = state.shown_id(item);
    let doc = state.doc(&item.uid).filter(|_| pm.actor.is_agent);
    if let Some(stop) = doc.and_then(|doc| Stop::of(doc, item, pm.now_ms())) {
        return Err(stop.refusal(&id));
    }
    if pm.actor.is_agent {
        human_stops::require_way(state, item, &pm.actor, pm.now_ms())?;
    }
    if item.status != Status::ReadyForIntegration {
        let next = match item.status {
            Status::InReview => approval_hint(pm, state, item, pm.actor.is_agent),
            Status::InProgress => Hint::run(["task", "finish", &id], "submits it first"),
            _ => Hint::run(["show", &id], "shows its status"),
        };
        return Err(Error::refused(format!(
            "{id} is {}; only approved items can be merged",
            item.status.word()
        ))
        .because(error::Reason::MergeNotReady)
        .about(&id)
        .hint(next));
    }
    if let Some(why) = target_branches::forbidden_to_agents(pm, target, "merge into") {
        return Err(Error::refused(why)
            .because(error::Reason::ActorNotHuman)
            .about(&id)
            .hint(format!("ask a human to merge it: `git pm merge {id}`")));
    }
    approval_validity::require_approval(pm, state, item)?;
    require_no_later_criteria(state, item)?;
    if let Some((said, may_be_again)) = landed_commits::reverted_since_approval(pm, state, item) {
        let error = Error::refused(said)
            .because(error::Reason::MergeNotReady)
            .about(&id);
        let error = match may_be_again {
            true => error.hint(Hint::run(["approve", &id], "approves it again as it is")),
            false => error,
        };
        let back = ["task", "return", &id, "--note", "TEXT"];
        return Err(error.hint(Hint::run(back, "has it reworked")));
    }
    ending::require_whole(pm, state, item, before)?;
    let waits: Vec<String> = graph_around(state, &item.uid, pm.now_ms())
        .reasons(&item.uid)
        .into_iter()
        .filter_map(|reason| match reason {
            Reason::BlockedBy(blocker) if before.contains(&blocker.uid) => None,
            Reason::BlockedBy(blocker) => state.item(&blocker.uid).map(|i| state.shown_id(i)),
            _ => None,
        })
        .collect();
    if !waits.is_empty() {
        let names = first_of(&waits, NAMES_SHOWN);
        return Err(
            Error::refused(format!("{id} cannot be merged before {names}"))
                .because(error::Reason::MergeWaits)
                .about(&id)
                .hint(Hint::run(["merge", &waits[0]], "merges it")),
        );
    }
    Ok(())
}

/// Refuses work that got criteria after its approval which are not accepted.
fn require_no_later_criteria(state: &State<'_>, item: &Item) -> Result<()> {
    let later = added_later(state, item);
    if later.is_empty() {
        return Ok(());
    }
    let id = state.shown_id(item);
    let said = format!(
        "criteria of {id} came after its approval and are not accepted: {}",
        first_of(&later, NAMES_SHOWN)
    );
    Err(Error::refused(said)
        .because(error::Reason::MergeNotReady)
        .about(&id)
        .hint(Hint::run(["task", "accept", &id, "--all"], "accepts them"))
        .hint(Hint::run(
            ["approve", &id],
            "approves the work without them",
        )))
}

/// Says what the submission passed over by force, and tells a human which stops of others a merge passes over.
fn notice_stops(pm: &Pm, state: &State<'_>, item: &Item) {
    gates::notice_forced(pm, state, item);
    if !pm.actor.is_agent {
        let stops = human_stops::in_the_way(state, item, pm.now_ms());
        stops.into_iter().for_each(|what| pm.notice(what));
    }
}

/// True if an item would be merged, unless its gates, a hook, the remote or uncommitted changes stop
/// it, which only the merge itself finds out.
pub(crate) fn is_mergeable(pm: &Pm, state: &State<'_>, item: &Item) -> bool {
    require_merge(pm, state, item).is_ok()
}

/// Refuses what the merge of an item would be refused for, but for what only the merge itself finds out. A gate that
/// failed on it in the queue counts until the work changes.
pub(crate) fn require_merge(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    crate::pm::who_acts::require_name(&pm.actor)?;
    let target = target::target_of(pm, state, item, None)?;
    require_mergeable(pm, state, item, &target, &[])?;
    let id = state.shown_id(item);
    let Some(branch) = &item.branch else {
        return Err(Error::refused(format!("{id} has no branch")).about(&id));
    };
    let strategy = strategy(pm, None)?;
    approval_validity::require_approved_target(pm, state, item, &target)?;
    move_target::require_movable(pm, state, item, (branch, &target), strategy)?;
    remote_target::require_no_pull(pm, &id, &target)?;
    let files = contested::conflicts_of(pm, state, item, &target)?;
    match files.is_empty() {
        true => gate_result::require_passed(pm, state, item),
        false => Err(Error::conflict(format!(
            "{} conflicts with {} in {}: `git pm merge {id}` returns it to its author",
            one_line(branch),
            one_line(&target),
            one_line(&files.join(", "))
        ))
        .about(&id)),
    }
}

/// Leaves a merged branch for its target in the repository's own folder, if the command was given
/// there: `start --no-worktree` had switched it. git refuses where changes would be lost, or the
/// target is checked out elsewhere.
fn switched_to_target(pm: &Pm, place: &Path, target: &str) -> bool {
    let repo = pm.store.repo();
    let switch = || -> Result<bool> {
        let git = repo.git().in_worktree(place)?;
        Ok(git.run(&["switch", "--quiet", target])?.ok())
    };
    repo.workdir() == Some(place) && switch().unwrap_or(false)
}

fn clear_worktree(pm: &Pm, item: &Item, branch: &str, merged: &mut MergeView) {
    let Some(place) = pm.here().worktrees.get(branch).cloned() else {
        return;
    };
    let place = Path::new(&place);
    let home = pm.store.repo().git_at_home();
    if place == home.dir() && switched_to_target(pm, place, &merged.target) {
        pm.notice(format!("this folder is on {} again", merged.target));
        return;
    }
    match worktree_verbs::remove_worktree_from(pm, &home, place, false, Some(item)) {
        Ok(()) => {
            merged.worktree_removed = true;
            if !pm.store.env().cwd.exists() {
                pm.notice(format!(
                    "the current directory was removed: `cd {}`",
                    worktree::path::word(home.dir())
                ));
            }
        }
        Err(error) => merged.worktree_kept = Some(error.message().to_string()),
    }
}
