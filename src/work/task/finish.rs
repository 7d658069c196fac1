//! `finish`: checks that the work is clean, gated and accepted, and submits it for review.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::criteria::{self, open_criteria};
use super::edit;
use super::gates::GATES_PASSED;
use super::gone_branch;
use super::status_verbs;
use super::transition::{borrowed, move_to, require_item, set_status};
use crate::coordinate::claim::end_claims::release_of_claim;
use crate::coordinate::claim::ownership;
use crate::coordinate::gate::checklist_rule::Step;
use crate::coordinate::gate::gates_to_run;
use crate::coordinate::here;
use crate::coordinate::hook;
use crate::coordinate::idempotency;
use crate::coordinate::message;
use crate::coordinate::renew_claims;
use crate::coordinate::reserve::grant::{line, refusal};
use crate::coordinate::reserve::reservation_queries::held_on_branch;
use crate::coordinate::rules;
use crate::coordinate::rules::unauthorized_changes;
use crate::coordinate::sync;
use crate::coordinate::worktree;
use crate::coordinate::worktree::dirt::Dirt;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::moved::Moved;
use crate::coordinate::worktree::target;
use crate::coordinate::worktree::worktree_verbs;
use crate::error::{Details, Error, Hint, Reason, Result};
use crate::model::item::{FORCED, Item};
use crate::model::settings::SyncMode;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::pm::who_acts::require_human;
use crate::store::fault;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::ending;
use crate::work::task::approval;
use crate::work::task::approval_validity;
use crate::work::task::branch_work;
use crate::work::task::checklist;
use crate::work::task::finish_gates;
use crate::work::task::gates;
use crate::work::task::human_paths;
use crate::work::task::merge;
use crate::work::task::merge::remote_target;
use crate::work::task::merge::{MergeOptions, MergeView, MergedItem};
use crate::work::task::remote_branch;
use crate::work::task::return_work;
use crate::work::task::secrets_in_work;
use crate::work::task::start::missing_work;

/// What is recorded of work that was submitted by force without any.
const NO_COMMITS: &str = "no commits";

/// The report of `finish`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Finished {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// The remote that the branch was pushed to.
    pub pushed_to: Option<String>,
    /// The merge, with `--merge`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<MergeView>,
}

/// Options of `finish`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
pub struct FinishOptions {
    /// Approve and merge at once, when working alone.
    #[arg(long)]
    pub merge: bool,
    /// With `merge`, keep the branch, here and at the remote.
    #[arg(long, requires = "merge")]
    pub keep_branch: bool,
    /// As a human, finish even if criteria are not accepted, a gate fails or parts are open; this is recorded.
    #[arg(long)]
    pub force: bool,
    /// Accept all open criteria, as confirmed at the terminal.
    #[arg(skip)]
    #[serde(skip)]
    pub accept_all: bool,
    /// Accept all open criteria if a gate was passed, which is the evidence: for an agent that has
    /// no tool to accept them.
    #[arg(skip)]
    #[serde(skip)]
    pub accept_gated: bool,
    /// With `force`, also for an agent: what git pm has made itself is judged by those who review it.
    #[arg(skip)]
    #[serde(skip)]
    pub scaffolded: bool,
}

impl Tasks<'_> {
    /// Submits a task: clean tree, commits present, gates passed, criteria accepted. Its
    /// reservations are released at the branch's commit.
    ///
    /// # Errors
    /// Kind `Refused` for anything that is missing; kind `Conflict` when another actor holds it.
    pub fn finish(&self, id: Option<&str>, options: &FinishOptions) -> Result<Finished> {
        let state = self.pm.store.state()?;
        let before = if options.merge {
            idempotency::step(self.pm, " merge", || {
                idempotency::repeated(self.pm, &state, "merge")
            })?
        } else {
            idempotency::repeated(self.pm, &state, "task finish")?
        };
        if let Some(uid) = before {
            return Ok(Finished {
                item: here::full_view(self.pm, &state, &uid)?,
                pushed_to: None,
                merged: options
                    .merge
                    .then(|| merge::merged_before(self.pm, &state, &uid)),
            });
        }
        let uid = here::named_or_held(self.pm, &state, id)?;
        let heard = renew_claims::pull_first(self.pm);
        let state = match heard {
            true => self.pm.store.state()?,
            false => state,
        };
        let item = require_item(&state, &uid)?;
        if heard && let Ok(target) = target::target_of(self.pm, &state, &item, None) {
            // Its gates may have changed since the work began.
            remote_target::fetch_followed(self.pm, &target)?;
        }
        if let Some(branch) = item.branch.as_deref().filter(|_| item.is_epic()) {
            remote_branch::fetch_branch_of(self.pm, &item)?;
            remote_branch::bring_forward(self.pm, &state, &item, branch)?;
        }
        let shown = state.shown_id(&item);
        ownership::require_not_taken_over(self.pm, &state, &item)?;
        if options.merge {
            // The state just fetched may have loosened a rule.
            unauthorized_changes::hold_rules(self.pm)?;
            require_solo(self.pm, &shown)?;
            // The approval is the claimant's own, even of work submitted before.
            ownership::require_own(self.pm, &state, &item)?;
        }
        // Approved work that moved on is submitted again: what is merged has passed the gates.
        let submitted = item.status == Status::InReview
            || item.status == Status::ReadyForIntegration
                && submitted(self.pm, &state, &item)
                    == Some(approval::work_of(self.pm, &state, &item)?);
        let repeated = idempotency::repeated(self.pm, &state, "task finish")?.is_some();
        let mut pushed_to = None;
        if !(repeated || options.merge && submitted) {
            pushed_to = submit(self.pm, &state, &item, options)?;
        }
        if options.merge {
            let done = approve_and_merge(self.pm, &uid, options).inspect_err(|_| {
                let state = self.pm.store.state();
                let status = state.map(|state| state.item(&uid).map(|item| item.status.clone()));
                if !submitted && matches!(status, Ok(Some(Status::InReview))) {
                    let what = format!("{shown} was submitted, and waits for approval");
                    self.pm.notice(what);
                }
            })?;
            return Ok(Finished {
                item: done.item,
                pushed_to: None,
                merged: Some(done.merged),
            });
        }
        if self.pm.sync_mode() != SyncMode::Manual {
            sync::try_sync(self.pm);
        }
        renew_claims::notify_ended(self.pm);
        Ok(Finished {
            item: here::view_of(self.pm, &uid)?,
            pushed_to,
            merged: None,
        })
    }
}

/// The steps of `finish --merge` after the submission.
fn approve_and_merge(pm: &Pm, uid: &Uid, options: &FinishOptions) -> Result<MergedItem> {
    if !approval_validity::is_approved_now(pm, uid)? {
        require_unguarded_work(pm, uid)?;
        idempotency::step(pm, " approve", || {
            let note = Some("by its claimant, with finish --merge");
            pm.tasks().approve(uid.as_str(), None, note)
        })?;
    }
    let how = MergeOptions {
        keep_branch: options.keep_branch,
        ..MergeOptions::default()
    };
    idempotency::step(pm, " merge", || pm.tasks().merge(uid.as_str(), &how))
}

fn require_solo(pm: &Pm, id: &str) -> Result<()> {
    require_human(
        &pm.actor,
        "merging your own work",
        format!("`git pm task finish {id}` submits it for review"),
    )?;
    if !rules::may_merge_own(pm) {
        return Err(
            Error::refused("merging your own work is disabled (pm.soloMerge)")
                .hint(Hint::run(["task", "finish", id], "submits it for review")),
        );
    }
    approval::require_approval_here(pm, &format!("git pm finish {id} --merge"))?;
    Ok(())
}

/// What is submitted.
struct Work {
    branch: String,
    /// The commit at its tip.
    tip: String,
    /// The worktree of the branch.
    place: Option<String>,
    /// The branch that it is merged into.
    target: String,
    /// What is missing, and passed over by force.
    passed_over: Vec<String>,
    /// Set if it was submitted at this commit already.
    is_again: bool,
}

/// True if an item's work would be submitted, unless a gate fails.
pub(crate) fn is_submittable(pm: &Pm, state: &State<'_>, item: &Item) -> bool {
    open_criteria(item).is_empty() && require_ready(pm, state, item, None).is_ok()
}

/// Refuses work that `finish` would refuse, as far as that is known without its gates, its open criteria and
/// asking the remote. Uncommitted work is looked for unless it is known.
pub(crate) fn require_ready(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    dirt: Option<&Dirt>,
) -> Result<()> {
    let work = work_to_submit(pm, state, item, &FinishOptions::default(), dirt)?;
    gates_to_run::gates(pm, &work.target)?;
    let held = hook::stops_push(pm, state, &work.branch, &work.tip)?;
    held.map_or(Ok(()), |held| Err(refusal(pm.env(), vec![held])))?;
    remote_branch::require_forward(pm, &work.branch)
}

/// The work of an item: clean, and with commits.
fn work_to_submit(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    options: &FinishOptions,
    known: Option<&Dirt>,
) -> Result<Work> {
    let id = state.shown_id(item);
    // A human who insists submits it again.
    let is_approved = !options.force && is_approved_as_submitted(pm, state, item);
    let again = item.status == Status::InReview || is_approved;
    if !again {
        let to = &Status::InReview;
        super::transition::require_allowed(state, item, pm.actor.is_agent, to)?;
    }
    ownership::require_own(pm, state, item)?;
    let branch = item.branch.clone().ok_or_else(|| {
        let error = Error::refused(format!("{id} has no branch, so there is nothing to submit"));
        if again {
            return super::transition::hints_without_branch(error, &id);
        }
        error
            .hint(match commits_here(pm) {
                Some(here) => Hint::run(
                    ["start", &id, "--base", &here],
                    format!("creates one, with the commits of {}", one_line(&here)),
                ),
                None => Hint::run(["start", &id], "creates one"),
            })
            .hint(Hint::run(
                ["task", "done", &id, "--evidence", "TEXT"],
                "closes it by hand",
            ))
    })?;
    let git = pm.store.repo().git();
    let repo = pm.store.repo();
    // Read once: what follows is about this commit, and recorded with it.
    let tip = repo.ref_target(&format!("refs/heads/{branch}"))?;
    let tip = tip.map(|tip| tip.to_string()).unwrap_or_default();
    let is_again = again
        && submitted(pm, state, item).as_ref() == Some(&tip)
        && match options.force {
            true => ending::require_whole(pm, state, item, &[]).is_ok(),
            // What it passed over may be met since.
            false => is_approved || !item.forced,
        };
    let place = pm.here().worktrees.get(&branch).cloned();
    if let Some(place) = place.as_ref().filter(|_| !is_again) {
        if let Some(goes_on) = worktree::moved::goes_on(git, Path::new(place)) {
            let what = format!("a rebase of {} is in progress", one_line(&branch));
            let error = Error::refused(what).because(Reason::WorktreeMoved);
            return Err(error.about(&id).hint(goes_on));
        }
        let moved = worktree_verbs::moved_from_item(pm, item, Path::new(place))?;
        if let Some(moved) = moved.filter(Moved::has_work) {
            return Err(moved.refusal(&id));
        }
        let look = || worktree::dirt_in(git, Path::new(place));
        let dirt = known.map_or_else(look, |known| Ok(known.clone()))?;
        if !dirt.is_clean() {
            return Err(uncommitted(pm, state, (&id, &branch, place), &dirt));
        }
    }
    let target = target::require_target_of(pm, state, item, None)?;
    let mut work = Work {
        branch,
        tip,
        place,
        target,
        passed_over: Vec::new(),
        is_again,
    };
    if is_again {
        return Ok(work);
    }
    let whole = ending::require_parts_closed(pm, state, item, &[]);
    work.passed_over.extend(forced_past(pm, whole, options)?);
    let (branch, target) = (&work.branch, &work.target);
    if work.tip.is_empty() {
        return Err(gone_branch::not_here(pm, state, item, branch));
    }
    let parts = missing_work::require_parts(pm, state, item);
    work.passed_over.extend(forced_past(pm, parts, options)?);
    let ends = (target.as_str(), work.tip.as_str());
    let has_commits = branch_work::require_commits(pm, state, item, ends, false);
    let is_empty = forced_past(pm, has_commits, options)?.is_some();
    work.passed_over
        .extend(is_empty.then(|| NO_COMMITS.to_string()));
    let resolved = return_work::require_resolved(pm, state, item, ends);
    work.passed_over.extend(forced_past(pm, resolved, options)?);
    let checked = checklist::require_complete(pm, state, item, Step::Finish);
    work.passed_over.extend(forced_past(pm, checked, options)?);
    Ok(work)
}

/// True if just the submitted commit is approved: submitting that again takes nothing back.
fn is_approved_as_submitted(pm: &Pm, state: &State<'_>, item: &Item) -> bool {
    item.status == Status::ReadyForIntegration
        && approval_validity::approved_commit(pm, item)
            .is_some_and(|approved| submitted(pm, state, item) == Some(approved))
}

/// The branch that is checked out, if it has commits that the default target lacks.
pub(crate) fn commits_here(pm: &Pm) -> Option<String> {
    let here = pm.store.repo().current_branch()?;
    let target = target::default_target(pm).ok()?;
    let sides = followed_branch::sides(pm, &target).ok()?;
    let tip = pm.store.repo().ref_target(&format!("refs/heads/{here}"));
    let has_own = |tip: &_| !sides.is_empty() && !followed_branch::is_in(pm, *tip, &sides);
    tip.ok().flatten().filter(has_own).map(|_| here)
}

/// The refusal of uncommitted work, which names the reservation that keeps it from being committed.
fn uncommitted(
    pm: &Pm,
    state: &State<'_>,
    (id, branch, place): (&str, &str, &str),
    dirt: &Dirt,
) -> Error {
    let changed = [&dirt.staged, &dirt.modified, &dirt.untracked];
    let changed: Vec<String> = changed.into_iter().flatten().cloned().collect();
    let held = held_on_branch(pm, state, branch, &changed, |_| false);
    let what = format!(
        "the worktree of {id} has uncommitted work: {}",
        dirt.summary()
    );
    let error = match held.first() {
        Some(first) => Error::refused(format!("{what}; {}", line(pm.env(), first)))
            .hint(Hint::run(["reserve", "list"], "shows all reservations"))
            .hint(format!(
                "once the reservation has ended, commit it in {place}, then finish again"
            ))
            .with(Details::Reservations(held)),
        None => {
            let files = match dirt.untracked.is_empty() {
                true => "",
                false => ", or leave it out (`.gitignore`, `.git/info/exclude`)",
            };
            let hint = format!("commit it in {place}{files}, then finish again");
            Error::refused(what).hint(hint)
        }
    };
    error.because(Reason::FinishUncommitted).about(id)
}

/// Submits the work, after its branch has reached the remote: what is in review can be seen.
/// Returns the remote.
fn submit(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    options: &FinishOptions,
) -> Result<Option<String>> {
    let id = state.shown_id(item);
    let Work {
        branch,
        tip,
        place,
        target,
        mut passed_over,
        is_again,
    } = work_to_submit(pm, state, item, options, None)?;
    if let Some(said) = target::own_target_said(state, item) {
        pm.notice(said);
    }
    if is_again {
        let approved = match item.status {
            Status::ReadyForIntegration => ", and is approved",
            _ => "",
        };
        pm.notice(format!(
            "{id} was submitted at this commit already{approved}"
        ));
        let place = remote_branch::own_place(pm, item)?;
        return remote_branch::share_branch(pm, &branch, place.as_deref());
    }
    if !options.merge {
        let secrets = secrets_in_work::require_none(pm, state, item, (&branch, &tip));
        passed_over.extend(forced_past(pm, secrets, options)?);
    }
    let gates = gates::gates_for(pm, &target, &tip)?;
    gates_to_run::notice_gate_changes(pm, &id, &tip, &target)?;
    let mut passed: Vec<String> = Vec::new();
    // The agent that hands this over is alive, and could show them other files.
    let later = !gates.is_empty() && pm.is_handed();
    if !gates.is_empty() && !later {
        let place = place.clone().ok_or_else(|| {
            Error::refused(format!(
                "the gates of {id} need its worktree, which is not in this clone"
            ))
            .hint(Hint::run(["start", &id, "--resume"], "creates it"))
        })?;
        finish_gates::require_at(pm, &id, &branch, &place, &tip)?;
        let confined = gates::confined(pm, gates::is_own_work(pm, item)?)?;
        let confined = confined.as_ref();
        for gate in &gates {
            match finish_gates::pass_gate(
                pm,
                &id,
                gate,
                Path::new(&place),
                (&target, &tip),
                confined,
            ) {
                Ok(result) => passed.extend(result),
                Err(error) => {
                    let error = finish_gates::with_newer_target(pm, error, &target, &tip)?;
                    passed_over.extend(forced_past(pm, Err(error), options)?);
                }
            }
        }
        finish_gates::require_at(pm, &id, &branch, &place, &tip)?;
    }
    let open = open_criteria(item);
    let by_gates = options.accept_gated && !passed.is_empty();
    if !open.is_empty() && !options.accept_all && !by_gates {
        let numbers: Vec<String> = open.iter().map(ToString::to_string).collect();
        let accept = ["task", "accept", &id].into_iter();
        let accept = accept.chain(numbers.iter().map(String::as_str));
        let error = Error::refused(criteria::open_count(&id, item))
            .because(Reason::FinishNotAccepted)
            .about(&id)
            .hint(Hint::run(accept, "accepts them; `--all` accepts all"))
            .hint(Hint::run(["show", &id], "lists them"));
        require_may_force(pm, error, options)?;
    }
    if later {
        pm.notice(format!("{id} is submitted once its agent has ended"));
        return Ok(None);
    }
    if !gates.is_empty() {
        // The gates may have taken longer than the lease.
        renew_claims::catch_up(pm, std::slice::from_ref(item));
    }
    fault::step("finish-gated")?;
    if !passed_over.is_empty() {
        passed.clear();
    }
    // With `--merge` only the result is for others.
    let pushed_to = match options.merge {
        true => None,
        false => {
            let state = pm.store.state()?;
            ownership::require_own(pm, &state, &require_item(&state, &item.uid)?)?;
            remote_branch::share_branch(
                pm,
                &branch,
                remote_branch::own_place(pm, item)?.as_deref(),
            )?
        }
    };
    fault::step("finish-pushed")?;
    write_finished(pm, &item.uid, &tip, &passed, &passed_over, options)?;
    for what in passed_over.iter().filter(|what| *what != NO_COMMITS) {
        pm.notice(format!("finished anyway because of `--force`: {what}"));
    }
    Ok(pushed_to)
}

/// What a check finds that fails, if it is passed over by force.
fn forced_past(pm: &Pm, checked: Result<()>, options: &FinishOptions) -> Result<Option<String>> {
    let Err(error) = checked else {
        return Ok(None);
    };
    let what = error.message().to_string();
    require_may_force(pm, error, options)?;
    Ok(Some(what))
}

/// Refuses what a check finds, unless a human passes over it by force: what others check is not loosened by whom
/// they check.
fn require_may_force(pm: &Pm, error: Error, options: &FinishOptions) -> Result<()> {
    match options.force {
        true if !pm.actor.is_agent || options.scaffolded => Ok(()),
        true => Err(error.hint(
            "only a human passes over it: ask one; `git pm task block ID TEXT` says why the work waits",
        )),
        false => Err(error),
    }
}

/// The commit at which an item was submitted.
pub(crate) fn submitted(pm: &Pm, state: &State<'_>, item: &Item) -> Option<String> {
    let hex = state.doc(&item.uid)?.text("finished_commit")?;
    Some(pm.store.repo().parse_id(hex)?.to_string())
}

/// Refuses to approve work on the way to its merge that only a human lets pass who looks at it.
fn require_unguarded_work(pm: &Pm, uid: &Uid) -> Result<()> {
    let state = pm.store.state()?;
    let item = require_item(&state, uid)?;
    let target = target::target_of(pm, &state, &item, None)?;
    let tip = approval::work_of(pm, &state, &item)?;
    let names = branch_work::changed_names(pm, &target, &tip)?;
    human_paths::require_unguarded(pm, &state.shown_id(&item), &tip, &target, &names)
}

fn write_finished(
    pm: &Pm,
    uid: &Uid,
    commit: &str,
    passed: &[String],
    passed_over: &[String],
    options: &FinishOptions,
) -> Result<()> {
    let write = |tx: &mut Tx<'_>| {
        let item = require_item(&tx.state, uid)?;
        ownership::require_own(pm, &tx.state, &item)?;
        let id = tx.state.shown_id(&item);
        let by_gates = options.accept_gated && !passed.is_empty();
        if options.accept_all || by_gates {
            let passed = by_gates.then(|| format!("gates passed: {}", passed.join(", ")));
            edit::tick(tx, &item, |_, one| !one.done, passed.as_deref())?;
        }
        let mut forced = passed_over.to_vec();
        let is_ticked = options.accept_all || by_gates;
        let open = options.force && !is_ticked && !open_criteria(&item).is_empty();
        forced.extend(open.then(|| criteria::open_names(&item)));
        let is_forced = !forced.is_empty();
        let mut extra: Vec<(String, Value)> = vec![
            ("finished_at".into(), rfc3339(pm.now_ms()).into()),
            ("finished_by".into(), tx.actor().into()),
            ("finished_commit".into(), commit.into()),
        ];
        let doc = tx.state.doc(uid);
        if !passed.is_empty() {
            extra.push((GATES_PASSED.into(), passed.join(", ").into()));
        } else if doc.is_some_and(|doc| doc.text(GATES_PASSED).is_some()) {
            extra.push((GATES_PASSED.into(), Value::Null));
        }
        let before = doc.is_some_and(|doc| doc.value("forced").is_true());
        if is_forced {
            extra.extend(status_verbs::forced_past(&forced));
        } else if before {
            extra.extend(FORCED.map(|name| (name.to_string(), Value::Null)));
        }
        if item.status == Status::InReview {
            // A newer stamp, so that this wins over a concurrent return of the earlier commit.
            set_status(tx, &item, &Status::InProgress, &[])?;
        }
        move_to(tx, uid, &Status::InReview, &borrowed(&extra))?;
        if let Some(claim) = item.holder() {
            // The time of the submission is shown beside the last sign of life.
            renew_claims::extend(pm, tx, uid.clone(), claim)?;
            release_of_claim(tx, uid, &claim.id, "finished", Some(commit))?;
        }
        message::tell_owners(tx, &item, false, &format!("submitted {id}"))?;
        let how = if is_forced { " (forced)" } else { "" };
        tx.describe("task finish", &[&id], &format!("{id}: in review{how}"));
        Ok(uid.clone())
    };
    pm.write("task finish").unsent().run(write)?;
    fault::step("finish-written")
}
