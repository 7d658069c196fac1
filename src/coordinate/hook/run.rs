//! `hook run`: what the guard refuses in a commit, push or ref update (`reserve/grant.rs` words a conflict).
//!
//! The shims call it. It decides from the local state and what git has fetched of the remote's, which
//! a push brings up to date first; a refusal names the holder, the expiry and the next command.
//!
//! A guard that fails refuses: if it crashes, is killed or cannot read its input or the state, git
//! stops, and the one command that goes past it is named. Only without a program does git continue,
//! with a warning; in a sandbox not even then. A pushed commit is judged by ancestry and by what
//! the remotes are known to have, never by a date, which its author chooses.

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::changes;
use crate::coordinate::claim::ownership;
use crate::coordinate::here;
use crate::coordinate::hook::claimed_branch;
use crate::coordinate::hook::guard_status;
use crate::coordinate::hook::merged_work;
use crate::coordinate::hook::taken_out::TakenOut;
use crate::coordinate::hook::trailer;
use crate::coordinate::message::{self, Notice};
use crate::coordinate::renew_claims;
use crate::coordinate::reserve::grant::line;
use crate::coordinate::reserve::guard::Guard;
use crate::coordinate::reserve::pattern_lists::Protected;
use crate::coordinate::reserve::queue::{self, Ranked};
use crate::coordinate::rules;
use crate::coordinate::rules::{target_branches, unauthorized_changes};
use crate::coordinate::sync::fetched;
use crate::error::{Error, Kind, ReservationConflict, Result};
use crate::model::id::word;
use crate::model::settings::PUSH;
use crate::model::text::{actor, is_same_name};
use crate::pm::Pm;
use crate::pm::handles::Hooks;
use crate::pm::requester::Requester;
use crate::store::index::Scan;
use crate::store::state::State;

/// The result of a hook run.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct HookOutcome {
    /// Set if git may continue.
    pub allowed: bool,
    /// The lines to print on standard error.
    pub lines: Vec<String>,
}

impl HookOutcome {
    fn allowed() -> Self {
        HookOutcome {
            allowed: true,
            lines: Vec::new(),
        }
    }
}

/// The maximum number of paths that a refusal lists.
const SHOWN: usize = 10;

impl Hooks<'_> {
    /// Runs one of git's hooks. The `Env` has its environment with `GIT_INDEX_FILE`.
    ///
    /// # Errors
    /// `Refused` or `Usage` when the caller's change cannot be checked. Other errors are the hook's
    /// own. Both stop git.
    pub fn run(&self, name: &str, args: &[String], stdin: &str) -> Result<HookOutcome> {
        match as_committer(self.pm)? {
            Some(committer) => {
                let outcome = guard(&committer, name, args, stdin);
                for notice in committer.take_notices() {
                    self.pm.notice(notice);
                }
                outcome
            }
            None => guard(self.pm, name, args, stdin),
        }
    }
}

/// The same repository for the committer, if different from the author: git passes the author
/// to its hooks, who may be someone else in an amended or cherry-picked commit.
fn as_committer(pm: &Pm) -> Result<Option<Pm>> {
    const AUTHOR: &str = "GIT_AUTHOR_NAME";
    let env = pm.store.env();
    let committer = env
        .text("GIT_COMMITTER_NAME")
        .or_else(|| pm.store.repo().config("user.name"));
    let (Some(author), Some(committer)) = (env.text(AUTHOR), committer) else {
        return Ok(None);
    };
    if author == committer {
        return Ok(None);
    }
    let mut env = env.clone();
    env.vars.insert(AUTHOR.into(), committer.into());
    Pm::open(env, pm.options.clone()).map(Some)
}

fn guard(pm: &Pm, name: &str, args: &[String], stdin: &str) -> Result<HookOutcome> {
    pm.store.falls_back.set(true);
    if pm.store.tip()?.is_none() {
        return Ok(HookOutcome::allowed());
    }
    // Restores a hook that another tool's hook has just moved aside before it ran us.
    if matches!(name, "pre-commit" | "pre-push") {
        guard_status::notice_unguarded(pm);
    }
    // A push talks to a remote anyway.
    if name == "pre-push" && !stdin.trim().is_empty() {
        renew_claims::pull_first(pm);
    }
    // Not in a transaction of refs: its refs are locked, and ours may be among them.
    if matches!(name, "pre-commit" | "pre-merge-commit" | "pre-push") {
        fetched::merge(pm);
    }
    if pm.actor.is_agent && name.starts_with("pre-") {
        // Rules that were loosened without authority still hold.
        unauthorized_changes::held_rules(pm).map_err(unjudged)?;
    }
    let first = args.first().map_or("", String::as_str);
    match name {
        "pre-commit" | "pre-merge-commit" => return guard_commit(pm),
        "pre-push" => return guard_push(pm, first, stdin),
        "reference-transaction" => return guard_transaction(pm, first, stdin),
        "prepare-commit-msg" => trailer::add_trailer(pm, args, false)?,
        "commit-msg" => trailer::add_trailer(pm, args, true)?,
        _ => {}
    }
    Ok(HookOutcome::allowed())
}

fn guard_commit(pm: &Pm) -> Result<HookOutcome> {
    let repo = pm.store.repo();
    let index = pm.store.env().var("GIT_INDEX_FILE");
    let paths = changes::staged_in(repo, index).map_err(unjudged)?;
    let requester = pm.requester();
    let mut refusal = Refusal::default();
    if let Some(branch) = &requester.branch {
        guard_branch(pm, branch, "commit to", &mut refusal);
    }
    guard_protected(binding(pm).as_ref(), &paths, &mut refusal);
    guard_identity(pm, &mut refusal);
    let (held, advice, is_due, taken) = {
        let state = pm.store.snapshot()?;
        let taken_out = TakenOut::of(pm, &state, requester.branch.as_deref(), repo.head_commit());
        let ranked = queue::ranked_near(&state, pm.now_ms(), here::case(pm), &paths);
        let guard = Guard::new(&state, &ranked, here::case(pm));
        let (mut held, advice) = (
            guard.held(&paths, &requester),
            guard.advised(&paths, &requester),
        );
        if !held.is_empty() {
            held = guard.held(&taken_out.others(paths), &requester);
        }
        (
            held,
            advice,
            renew_claims::is_renewal_due(pm, &state, &requester),
            match here::deleted_here(pm, &state) {
                Some(gone) => Some(format!("git pm: warning: {}", gone.message())),
                None => taken_over(pm, &state, requester.branch.as_deref()),
            },
        )
    };
    let mut held = held;
    held.extend(merged_work::held_in_merge(pm, &requester).map_err(unjudged)?);
    // Both may write, and a renewal may contact the remote.
    let mut outcome = decide(pm, refusal, held, &advice, "commit")?;
    outcome.lines.extend(taken);
    if outcome.allowed && is_due {
        renew_quietly(pm);
    }
    Ok(outcome)
}

/// A warning for a commit to the branch of a task that another actor has taken over.
fn taken_over(pm: &Pm, state: &State<'_>, branch: Option<&str>) -> Option<String> {
    let item = state.scan(&Scan::Branch(branch?), |_| true, 1).pop()?;
    let name = actor(ownership::taken_over_by(pm, item)?);
    let id = state.shown_id(item);
    // Only a human may.
    let back = ["take it back:", "ask a human to run"][usize::from(pm.actor.is_agent)];
    Some(format!(
        "git pm: warning: {name} has taken over {id}, and `finish` will refuse this work; tell {name} of the \
         branch with `git pm task comment {id} TEXT`, or {back} `git pm task reassign {id} --to {}`",
        word(&pm.actor.name)
    ))
}

fn guard_push(pm: &Pm, remote: &str, stdin: &str) -> Result<HookOutcome> {
    // What is sent are the objects themselves.
    let git = &pm
        .store
        .repo()
        .git()
        .with_env("GIT_NO_REPLACE_OBJECTS", "1");
    let mut refusal = Refusal::default();
    let mut held = Vec::new();
    let state = pm.store.snapshot()?;
    let ranked = queue::ranked(&state, pm.now_ms(), here::case(pm));
    let guard = Guard::new(&state, &ranked, here::case(pm));
    let protected = binding(pm);
    for name in changes::pushed_to(stdin) {
        if let Some(branch) = name.strip_prefix("refs/heads/") {
            guard_branch(pm, branch, "push to", &mut refusal);
            if let Some((line, hint)) = claimed_branch::objection(pm, &state, branch) {
                refusal.firm.push(line);
                refusal.hints.push(hint);
            }
        }
    }
    let main = pm.main_remote().map(|remote| remote.name);
    // Commits at the main remote were checked when they were pushed there.
    let remotes: Vec<&str> = [remote].into_iter().chain(main.as_deref()).collect();
    for pushed in changes::pushed(git, stdin, &remotes).map_err(unjudged)? {
        if ranked.is_empty() && !pm.actor.is_agent {
            continue;
        }
        let requester = requester_on(pm, &pushed.local_ref);
        let commits = changes::in_range(git, &pushed.include, &pushed.exclude);
        let commits = commits.map_err(unjudged)?;
        // A forced push takes back what the remote has and the new commits lack.
        let lost = match protected.is_some() {
            true => changes::in_range(git, &pushed.replaced, &pushed.include),
            false => Ok(Vec::new()),
        };
        for commit in commits.iter().chain(&lost.map_err(unjudged)?) {
            guard_protected(protected.as_ref(), &commit.paths, &mut refusal);
        }
        let tip = pushed.include.first();
        let taken_out = TakenOut::of_ref(pm, &state, &pushed.local_ref, tip);
        let found = guard.held_commits(git, &commits, &requester, |commit, path, _| {
            taken_out.by(&commit.commit, path)
        });
        held.extend(found.map_err(unjudged)?);
    }
    state.release();
    decide(pm, refusal, held, &[], "push")
}

/// The first reservation of others that would stop a push of a local branch to the main remote.
pub(crate) fn stops_push(
    pm: &Pm,
    state: &State<'_>,
    branch: &str,
    tip: &str,
) -> Result<Option<ReservationConflict>> {
    let repo = pm.store.repo();
    let remote = pm.main_remote().map(|remote| remote.name);
    let Some(remote) = remote.filter(|_| repo.text_of(&PUSH) != "never") else {
        return Ok(None);
    };
    let ranked = queue::ranked(state, pm.now_ms(), here::case(pm));
    if ranked.is_empty() || !guard_status::is_active(repo) {
        return Ok(None);
    }
    let guard = Guard::new(state, &ranked, here::case(pm));
    let name = format!("refs/heads/{branch}");
    let line = format!("{name} {tip} {name} {}", repo.null_id());
    let requester = requester_on(pm, &name);
    for pushed in changes::pushed(repo.git(), &line, &[&remote])? {
        let commits = changes::in_range(repo.git(), &pushed.include, &pushed.exclude)?;
        let taken_out = TakenOut::of_ref(pm, state, &name, pushed.include.first());
        let held = guard.held_commits(repo.git(), &commits, &requester, |commit, path, _| {
            taken_out.by(&commit.commit, path)
        })?;
        if !held.is_empty() {
            return Ok(held.into_iter().next());
        }
    }
    Ok(None)
}

fn guard_transaction(pm: &Pm, phase: &str, stdin: &str) -> Result<HookOutcome> {
    if phase != "prepared" {
        return Ok(HookOutcome::allowed());
    }
    let git = pm.store.repo().git();
    let state = pm.store.snapshot()?;
    let ranked: Vec<Ranked> = queue::ranked(&state, pm.now_ms(), here::case(pm));
    if ranked.is_empty() {
        return Ok(HookOutcome::allowed());
    }
    let guard = Guard::new(&state, &ranked, here::case(pm));
    let mut held = Vec::new();
    for (name, commits) in changes::transaction_commits(git, stdin).map_err(unjudged)? {
        let requester = requester_on(pm, &name);
        let newest = commits.first().map(|newest| &newest.commit);
        let taken_out = TakenOut::of_ref(pm, &state, &name, newest);
        let found = guard.held_commits(git, &commits, &requester, |commit, path, _| {
            taken_out.by(&commit.commit, path)
        });
        held.extend(found.map_err(unjudged)?);
    }
    state.release();
    decide(pm, Refusal::default(), held, &[], "ref update")
}

/// The requester as holder of a branch: the branch that is pushed or moved, not the one checked
/// out.
fn requester_on(pm: &Pm, name: &str) -> Requester {
    let requester = pm.requester();
    match name.strip_prefix("refs/heads/") {
        Some(branch) => {
            let here = requester.branch.as_deref() == Some(branch);
            // A push of a task's branch counts as the claimant's, from any worktree.
            Requester {
                worktree: requester.worktree.filter(|_| here),
                branch: Some(branch.to_string()),
                ..requester
            }
        }
        None => requester,
    }
}

fn guard_branch(pm: &Pm, branch: &str, what: &str, refusal: &mut Refusal) {
    if let Some(why) = target_branches::forbidden_to_agents(pm, branch, what) {
        refusal.firm.push(why);
        refusal
            .hints
            .push("work on a task branch: `git pm start ID`; a human merges it".into());
    }
}

/// The paths that the actor may not commit.
fn binding(pm: &Pm) -> Option<Protected> {
    pm.actor.is_agent.then(|| rules::protected(pm))
}

fn guard_protected(protected: Option<&Protected>, paths: &[String], refusal: &mut Refusal) {
    let hits = protected.and_then(|all| all.among(paths));
    if let Some(hits) = hits {
        let named = hits.named();
        let line = match hits.is_sure() {
            true => format!("agents may not change protected paths: {named}"),
            false => format!(
                "agents may not change protected paths, and there are too many patterns to \
                     determine whether {named} is protected"
            ),
        };
        // A push may have many commits that change the same path.
        if refusal.firm.len() < SHOWN && !refusal.firm.contains(&line) {
            refusal.firm.push(line);
        }
        refusal
            .hints
            .push("ask a human to review the change and commit it".into());
    }
}

fn guard_identity(pm: &Pm, refusal: &mut Refusal) {
    if pm.actor.is_agent && pm.actor.name.is_empty() {
        refusal.firm.push(
            "this agent has no name, so its reservations cannot be told apart from those of \
                 others"
                .into(),
        );
        refusal
            .hints
            .push("set one: `export AGENT_NAME=NAME`".into());
    }
}

fn decide(
    pm: &Pm,
    refusal: Refusal,
    held: Vec<ReservationConflict>,
    advice: &[ReservationConflict],
    what: &str,
) -> Result<HookOutcome> {
    let mut lines: Vec<String> = Vec::new();
    for c in advice.iter().take(SHOWN) {
        lines.push(format!("git pm: note: {} (advisory)", line(pm.env(), c)));
    }
    let bypass = pm.store.env().text("GIT_PM_BYPASS");
    let mut firm = refusal.firm;
    let mut hints = refusal.hints;
    if !held.is_empty() {
        if let Some(reason) = bypass.filter(|r| !r.trim().is_empty()) {
            record_bypass(pm, &held, &reason, what)
                .map_err(|e| as_refusal(e, "the bypass cannot be recorded"))?;
            lines.push(format!(
                "git pm: reservation bypassed; recorded with the reason: {reason}"
            ));
        } else {
            let mut seen = Vec::new();
            for c in &held {
                let text = line(pm.env(), c);
                if !seen.contains(&text) {
                    seen.push(text);
                }
            }
            let more = seen.len().saturating_sub(SHOWN);
            firm.extend(seen.into_iter().take(SHOWN));
            if more > 0 {
                firm.push(format!("… and {more} more"));
            }
            hints.push(remedy(pm, &held[0]));
            if what == "push" {
                hints.push(
                    "commits made before the reservation are accepted once the remote has them \
                         or the reservation is released; commit dates are not trusted"
                        .into(),
                );
            }
            hints.push("`git pm reserve list` shows all reservations".into());
            // An agent is not shown the way past the person who holds them.
            if !pm.actor.is_agent {
                hints.push(
                    "in an emergency: `GIT_PM_BYPASS=reason git …`, which is recorded".into(),
                );
            }
        }
    }
    let allowed = firm.is_empty();
    if !allowed {
        lines.push(format!("git pm: {what} rejected"));
        lines.extend(firm.iter().map(|l| format!("  {l}")));
        hints.dedup();
        lines.extend(hints.iter().map(|h| format!("hint: {h}")));
    }
    Ok(HookOutcome { allowed, lines })
}

/// What ends a conflict with a reservation.
pub(crate) fn remedy(pm: &Pm, held: &ReservationConflict) -> String {
    match own_place(pm, held) {
        Some(place) => format!("it is reserved by you{place}"),
        None => format!(
            "`git pm sync` tells whether it was released since; otherwise ask {} to release it (`git pm \
             reserve release` in the worktree that holds it; `git pm msg send --to {}` asks), or wait until it \
             expires",
            held.shown_holder(),
            word(&held.holder)
        ),
    }
}

/// The other worktree in which the caller has reserved a path, for its item, or else its branch, with what helps.
fn own_place(pm: &Pm, held: &ReservationConflict) -> Option<String> {
    let state = pm.store.snapshot().ok()?;
    let item = state.find(held.task.as_deref()?).ok()?;
    let holder = item.holder()?;
    let is_own = is_same_name(&held.holder, &holder.actor) && ownership::holds(pm, item, holder);
    let branch = item.branch.as_ref().filter(|_| is_own)?;
    let (id, to) = (state.shown_id(item), word(branch));
    Some(match pm.here().worktrees.get(branch) {
        Some(place) => format!(", in {place}: commit or `git pm reserve release` it there"),
        None => format!(" for {id}: `git switch {to}` goes where to commit it"),
    })
}

/// Records a bypass in the state and notifies the holders.
fn record_bypass(pm: &Pm, held: &[ReservationConflict], reason: &str, what: &str) -> Result<()> {
    let mut actor = pm.writer("hook bypass");
    if actor.name.is_empty() {
        actor.name = "an unnamed committer".to_string();
    }
    let who = actor.name.clone();
    pm.store.write(&actor, |tx| {
        let mut notices: Vec<&str> = Vec::new();
        for c in held {
            if notices.contains(&c.holder.as_str()) {
                continue;
            }
            notices.push(&c.holder);
            let paths: Vec<&str> = held
                .iter()
                .filter(|x| x.holder == c.holder)
                .map(|x| x.path.as_str())
                .take(SHOWN)
                .collect();
            let paths = paths.join(", ");
            let item = c
                .task
                .as_deref()
                .and_then(|id| tx.state.find(id).ok())
                .cloned();
            let notice = Notice {
                topic: "bypass",
                subject: format!("{who} bypassed your reservation of {paths}"),
                body: format!("{who}'s {what} changes {paths}: {reason}\n"),
            };
            message::notify(tx, &c.holder, None, item.as_ref(), notice)?;
        }
        tx.describe("hook bypass", &[], &format!("by {who}: {reason}"));
        Ok(())
    })?;
    Ok(())
}

/// Renews the claim of the worktree: a commit counts as activity. The guard works even if that
/// fails.
fn renew_quietly(pm: &Pm) {
    let renewed = pm.store.write(&pm.writer("hook renew"), |tx| {
        renew_claims::renew_here(pm, tx)?;
        tx.describe("hook renew", &[], "the claim of this worktree");
        Ok(())
    });
    if renewed.is_ok() {
        renew_claims::share_renewal(pm);
    }
}

/// The error for a caller's change that cannot be read, which nothing that the guard offers goes
/// past.
fn unjudged(error: Error) -> Error {
    as_refusal(error, "the change cannot be checked")
}

fn as_refusal(error: Error, what: &str) -> Error {
    let message = format!("{what}: {}", error.message());
    error.of_kind(Kind::Refused).reworded(message)
}

/// The reasons other than reservations that stop a commit; they cannot be bypassed.
#[derive(Default)]
struct Refusal {
    firm: Vec<String>,
    hints: Vec<String>,
}
