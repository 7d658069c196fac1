//! What a process that works on a run recovers at its start.
//!
//! What an earlier process left when it ended or was killed is recovered from the items and
//! worktrees.

use std::collections::BTreeMap;
use std::path::Path;

use super::ask_agents::ASKED;
use super::candidates::may_merge_by_gates;
use super::live;
use super::options::{RunEvent, RunOptions};
use super::record::{self, Job, MergeRule, Run, RunStatus, Step};
use super::{task_git, worker};
use crate::coordinate::worktree;
use crate::coordinate::worktree::links::WorktreeLinks;
use crate::coordinate::worktree::worktree_verbs;
use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::model::short_id::{RUN, short_id};
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::process;
use crate::run::lock;
use crate::run::logs::log_ref;
use crate::run::private_folder;
use crate::run::task_commands;
use crate::run::write_record;
use crate::store::beneath;
use crate::store::git::irregular;

/// The note for an agent that continues interrupted work.
const INTERRUPTED: &str =
    "The last attempt was interrupted. Look at `git status` and `git log` before you continue.";

/// Ends what earlier processes of a run left running, and records each task's status.
pub(super) fn reconcile(
    pm: &Pm,
    run: &Uid,
    options: &RunOptions,
    tell: &mut dyn FnMut(RunEvent),
) -> Result<BTreeMap<Uid, Job>> {
    let known = {
        let state = pm.store.state()?;
        record::jobs(&state, run)
    };
    if known.is_empty() {
        write_record::write_run(pm, run, RunStatus::Running, None)?;
        return Ok(BTreeMap::new());
    }
    live::remove_left(&lock::run_folder(pm, run));
    let ended = process::end_all(&short_id(RUN, run), None, options.grace()).ended;
    if !ended.is_empty() {
        tell(RunEvent::notice(format!(
            "ended processes that were left running by an earlier process of this run: {}",
            ended.len()
        )));
    }
    let mut jobs = BTreeMap::new();
    for job in known {
        clean_up(pm, run, &job.item)?;
        let now = standing(pm, job.clone(), options)?;
        if now != job {
            write_record::write_job(pm, run, &now)?;
        }
        jobs.insert(now.item.clone(), now);
    }
    write_record::write_run(pm, run, RunStatus::Running, None)?;
    Ok(jobs)
}

/// A job with its status updated from its item.
fn standing(pm: &Pm, mut job: Job, options: &RunOptions) -> Result<Job> {
    let state = pm.store.state()?;
    let Some(item) = state.item(&job.item) else {
        (job.status, job.step) = (RunStatus::Skipped, None);
        return Ok(job);
    };
    let was_working = job.status == RunStatus::Running;
    let begun = was_working && job.step == Some(Step::Start);
    match &item.status {
        status if status.is_closed() => {
            (job.status, job.step, job.reason) = (RunStatus::Completed, None, None);
        }
        Status::InReview | Status::ReadyForIntegration => {
            let by_gates = options.merge == MergeRule::Gates && may_merge_by_gates(item);
            let left = matches!(
                job.status,
                RunStatus::Running | RunStatus::Paused | RunStatus::Stopped
            );
            // The obstacle to an earlier merge may be gone.
            let left = left || (by_gates && job.status == RunStatus::Completed);
            // A queued job failed a gate, and goes back to its agent.
            if by_gates && left {
                (job.status, job.step) = (RunStatus::Running, Some(Step::Review));
            } else if left {
                (job.status, job.step) = (RunStatus::Completed, Some(Step::Review));
            }
        }
        _ if matches!(
            job.status,
            RunStatus::Running
                | RunStatus::Paused
                | RunStatus::Stopped
                | RunStatus::Completed
                | RunStatus::Blocked
        ) =>
        {
            // An agent that had finished is not restarted before its work has been checked.
            let check = job.step.filter(|step| was_working && *step == Step::Check);
            (job.status, job.step, job.reason) = (RunStatus::Queued, check, None);
            if was_working && job.attempt > 0 {
                job.note.get_or_insert_with(|| INTERRUPTED.to_string());
            }
        }
        _ => {}
    }
    // A merge may have failed after the item was done, but before its worktree was removed.
    let is_looked_at = was_working || item.status.is_closed();
    let place = item.branch.as_ref().filter(|_| is_looked_at);
    let place = place.and_then(|branch| Some((branch, pm.here().worktrees.remove(branch)?)));
    if let Some((branch, place)) = place {
        let place = Path::new(&place);
        unlock_worktree(pm, place, branch);
        if begun {
            adopt_worktree(pm, place, branch)?;
        }
        if job.status == RunStatus::Completed && item.status.is_closed() {
            // The last step of a merge. A worktree with uncommitted work is kept.
            let home = pm.store.repo().git_at_home();
            if let Err(error) =
                worktree_verbs::remove_worktree_from(pm, &home, place, false, Some(item))
            {
                pm.notice(error.message());
            }
        }
    }
    Ok(job)
}

/// Ends what is left of runs whose process was killed, and releases what they held.
pub(super) fn close_dead_runs(pm: &Pm) -> Result<()> {
    for run in open_runs_here(pm)? {
        close_dead_run(pm, &run)?;
    }
    Ok(())
}

/// Notes the runs whose process was killed.
pub(crate) fn check_runs(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    for run in open_runs_here(pm)? {
        if lock::is_alive(pm, &run.uid)? {
            continue;
        }
        let id = run.id();
        let verb = match lock::kept::<RunOptions>(pm, &run) {
            Ok(_) => "resume",
            Err(_) => "stop",
        };
        let message = format!("{id} is {}, but its process has ended", run.status);
        let fix = format!("git pm run {verb} --run {id}");
        report.note("runs", message, Some(&fix));
    }
    Ok(())
}

/// The runs of this clone that have not ended according to their records.
pub(super) fn open_runs_here(pm: &Pm) -> Result<Vec<Run>> {
    let here = pm.here().replica;
    let state = pm.store.state()?;
    let runs = state.runs().into_iter();
    let own = runs
        .filter_map(|uid| record::run(&state, &uid))
        .filter(|run| Some(&run.replica) == here.as_ref())
        .filter(|run| matches!(run.status, RunStatus::Running | RunStatus::Paused));
    Ok(own.collect())
}

/// As [`close_dead_runs`], for one run.
pub(super) fn close_dead_run(pm: &Pm, run: &Run) -> Result<()> {
    let reason = "its process had ended";
    process::end_all(&run.id(), None, RunOptions::default().grace());
    private_folder::clear(&run.uid);
    // What cannot be removed only costs space.
    let _ = beneath::remove(&lock::run_folder(pm, &run.uid).join(ASKED));
    let jobs = {
        let state = pm.store.state()?;
        record::jobs(&state, &run.uid)
    };
    for mut job in jobs {
        clean_up(pm, &run.uid, &job.item)?;
        match job.status {
            RunStatus::Running | RunStatus::Paused => {
                job.status = RunStatus::Stopped;
                job.reason = Some(reason.into());
                write_record::write_job(pm, &run.uid, &job)?;
            }
            // It may wait for its agent, which has the claim, to be started again.
            RunStatus::Queued => {}
            _ => continue,
        }
        if let Some(agent) = &job.agent {
            worker::give_back(pm, &job.item, agent)?;
        }
    }
    write_record::write_run(pm, &run.uid, RunStatus::Stopped, Some(reason))?;
    live::remove_left(&lock::run_folder(pm, &run.uid));
    log_ref::keep_logs(pm, &run.uid)?;
    task_commands::remove_private_folders(pm, &run.uid)
}

/// Removes the checkout in which a killed process asked for a change plan, and restores the files that
/// link the task's worktree to this repository. Called before git is run there.
fn clean_up(pm: &Pm, run: &Uid, item: &Uid) -> Result<()> {
    private_folder::clear(&record::job_uid(run, item));
    let saved = worker::saved_links(&lock::run_folder(pm, run), item);
    let changed = WorktreeLinks::restore_saved(&saved)?;
    if !changed.is_empty() {
        pm.notice(format!(
            "an agent of {} changed {} in its worktree; git pm restored it",
            short_id(RUN, run),
            changed.join(", ")
        ));
    }
    if let Err(error) = task_git::take_over_saved(pm, &lock::run_folder(pm, run), item) {
        pm.notice(error.message());
    }
    Ok(())
}

/// Removes the locks that a killed git leaves in a worktree: those of its index, its `HEAD` and
/// its branch. Called when no process of the worktree's agent is left.
pub(super) fn unlock_worktree(pm: &Pm, place: &Path, branch: &str) {
    let Ok(git) = pm.store.repo().git().in_worktree(place) else {
        return;
    };
    let (Ok(own), Ok(common)) = (git.git_dir(), git.common_dir()) else {
        return;
    };
    let reference = common.join(format!("refs/heads/{branch}.lock"));
    for lock in [own.join("index.lock"), own.join("HEAD.lock"), reference] {
        let _ = std::fs::remove_file(lock);
    }
    // `git worktree add` keeps a worktree locked like this until it is complete.
    let locked = own.join("locked");
    if irregular::read(&locked).is_some_and(|why| why.trim() == "initializing") {
        let _ = std::fs::remove_file(locked);
    }
}

/// Marks a worktree as made by git pm if the process was killed before it could. The reflog of
/// its branch, which only this clone writes, shows this.
fn adopt_worktree(pm: &Pm, place: &Path, branch: &str) -> Result<()> {
    let git = pm.store.repo().git().in_worktree(place)?;
    let name = format!("refs/heads/{branch}");
    let log = git.run(&["log", "-g", "--format=%gs", &name, "--"])?;
    if log.ok() && log.text().lines().last() == Some(worktree::MADE) {
        worktree::mark(&git, branch)?;
    }
    Ok(())
}

/// Marks as done the requests to the run as a whole that were made while no process worked on
/// it: they predate the request to continue it.
pub(super) fn drop_old_requests(pm: &Pm, run: &Run) -> Result<()> {
    let old = run.requests.iter();
    for request in old.filter(|request| !request.done && request.item.is_none()) {
        write_record::write_obeyed(pm, &run.uid, request)?;
    }
    Ok(())
}
