//! `doctor`: checks the state's surroundings and names the command that fixes each problem.
//!
//! It changes nothing.

mod approvals_and_rules;
pub(crate) mod credentials;
mod locks;
mod lost_merges;
mod machine;
mod merged_findings;
mod messages;
mod moved_paths;
pub(crate) mod remotes;
mod secrets;
mod untraced_work;

use std::collections::BTreeMap;

use crate::coordinate::claim::renumber;
use crate::coordinate::rules;
use crate::coordinate::worktree::{path, worktree_verbs};
use crate::pm::handles::StateHandle;
use crate::work::insight::silent_holders;
use crate::work::task::start::missing_work;
use crate::work::task::{branch_work, left_work};
use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::conflicts::conflicted_learnings;
use crate::coordinate::{hook, worktree};
use crate::error::{Error, Result};
use crate::graph::{Graph, Is, Light, Vertex};
use crate::maintain::Severity;
use crate::maintain::fsck::item_rules::{KEPT, kept_fix};
use crate::model::item::Item;
use crate::model::text::first_of;
use crate::pm::{Pm, who_acts};
use crate::store::index::Scan;
use crate::store::layout::MAIN;
use crate::store::lock;
use crate::store::sync::intent;

/// The result of one check.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The name of the check.
    pub check: String,
    /// `fault`, `note` or `ok`.
    pub level: Severity,
    /// The finding, as a sentence.
    pub message: String,
    /// The command or action that fixes it.
    pub fix: Option<String>,
}

/// The result of `doctor`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct DoctorReport {
    /// All findings, in order.
    pub findings: Vec<Finding>,
    /// Any finding is a fault: the exit code is 1.
    pub faulty: bool,
}

/// The oldest supported git: `merge-tree --merge-base` is from 2.40.
const GIT_MIN: (u32, u32) = (2, 40);

impl StateHandle<'_> {
    /// Checks hooks, refspecs, ref storage, state, remote, locks, disk, clock, worktrees,
    /// messages, secrets, old credentials and agent markers. Contacts the remote unless offline.
    ///
    /// # Errors
    /// Only when the repository itself cannot be read.
    pub fn doctor(&self) -> Result<DoctorReport> {
        let mut report = DoctorReport::default();
        check_git(self.pm, &mut report)?;
        check_refs(self.pm, &mut report)?;
        check_state(self.pm, &mut report);
        check_hooks(self.pm, &mut report);
        remotes::check_remotes(self.pm, &mut report)?;
        check_local(self.pm, &mut report)?;
        check_index(self.pm, &mut report);
        machine::check_space(self.pm, &mut report);
        machine::check_clock(self.pm, &mut report)?;
        check_worktrees(self.pm, &mut report);
        check_claims(self.pm, &mut report);
        messages::check_messages(self.pm, &mut report)?;
        lost_merges::check_lost_merges(self.pm, &mut report)?;
        merged_findings::check_merged_findings(self.pm, &mut report)?;
        untraced_work::check_untraced_work(self.pm, &mut report);
        moved_paths::check_moved_paths(self.pm, &mut report)?;
        secrets::check_secrets(self.pm, &mut report)?;
        credentials::check_credentials(self.pm, &mut report);
        check_actor(self.pm, &mut report);
        check_rules(self.pm, &mut report);
        approvals_and_rules::check_approvals(self.pm, &mut report);
        report.faulty = report.findings.iter().any(|f| f.level == Severity::Fault);
        Ok(report)
    }
}

fn check_git(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let text = pm.store.repo().git().require(&["version"])?.text();
    let version = text.trim_start_matches("git version ").to_string();
    let mut parts = version.split('.').filter_map(|p| p.parse::<u32>().ok());
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < GIT_MIN {
        let message =
            format!("git {version} is older than 2.40: worktrees and merge need a newer one");
        report.fault("git", message, "install git 2.40 or newer");
    } else {
        report.ok("git", format!("git {version}"));
    }
    Ok(())
}

fn check_refs(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    // A repository with another ref storage cannot be opened.
    report.ok("ref storage", "files".into());
    let repo = pm.store.repo();
    match repo.ref_target(MAIN)? {
        None => report.fault("state", format!("{MAIN} does not exist"), "git pm init"),
        Some(tip) if pm.store.tip().is_ok_and(|t| t == Some(tip)) => {
            report.ok("state", format!("{MAIN} is at {tip}"));
        }
        Some(tip) => {
            let message = format!(
                "{MAIN} is at {tip}, which is not a state or cannot be read; an earlier tip is used"
            );
            report.fault("state", message, "git pm fsck --repair");
        }
    }
    for lost in pm.store.lost_tips() {
        let message = format!(
            "{MAIN} was at {}, which cannot be read: its changes may be missing",
            lost.id
        );
        report.fault("lost", message, "git pm fsck --repair");
    }
    Ok(())
}

fn check_state(pm: &Pm, report: &mut DoctorReport) {
    let state = match pm.store.state() {
        Ok(state) => state,
        Err(error) => {
            // That there is none is reported already.
            if let Ok(Some(_)) = pm.store.tip() {
                report.error("files", &error);
            }
            return;
        }
    };
    for damaged in state.damaged() {
        let message = format!("{} is damaged: {}", damaged.path, damaged.reason);
        report.fault("files", message, "git pm fsck --repair");
    }
    // Of a million items only what graphs need is in memory.
    let (_, items) = state.vertices(|_: &mut (), _| {});
    if state.damaged().is_empty() {
        let n = items.len();
        report.ok("files", format!("all items can be read ({n})"));
    }
    let conflicted = items.iter().filter(|item| item.is(Is::Conflicted)).count();
    let conflicted = conflicted + conflicted_learnings(&state).len();
    if conflicted > 0 {
        let message =
            format!("items and learnings with conflicting versions of their text: {conflicted}");
        report.note("conflicts", message, Some("git pm conflicts"));
    }
    let items: Vec<&Light> = items.iter().collect();
    for cycle in Graph::new(&items, pm.now_ms()).cycles() {
        let ids: Vec<String> = cycle
            .iter()
            .filter_map(|uid| state.item(uid).map(|i| state.shown_id(i)))
            .collect();
        let message = format!("items block each other in a cycle: {}", ids.join(", "));
        report.note("cycles", message, Some("git pm dep rm ID ON"));
    }
    let lasting = renumber::lasting_duplicates(pm, &state).unwrap_or_default();
    for id in state.shared_ids() {
        let shown = state.bearers(&id);
        let shown: Vec<String> = shown.iter().map(|item| state.shown_id(item)).collect();
        let message = format!("{} items have the id {id}", shown.len());
        match lasting.contains(&id) {
            true => report.note(
                "ids",
                message + KEPT,
                Some(&kept_fix(shown.first().unwrap_or(&id))),
            ),
            false => {
                let shown = first_of(&shown, 5);
                let message = format!("{message}; they are shown with a suffix: {shown}");
                report.note("ids", message, Some("git pm sync"));
            }
        }
    }
}

/// Reports claims whose holders have shown no sign of life for long.
fn check_claims(pm: &Pm, report: &mut DoctorReport) {
    let Ok(state) = pm.store.state() else {
        return;
    };
    let silent = silent_holders::silent_claims(pm, &state);
    for one in &silent {
        report.note("claims", one.message.clone(), Some(&one.command));
    }
    for (_, what, push) in left_work::all_left_here(pm, &state).unwrap_or_default() {
        report.note("work", what, Some(&push));
    }
    // As an import brings them: they are not offered to others.
    let name = &pm.actor.name;
    let is_unclaimed = |item: &Item| item.worked_on_by_other(name).is_some();
    let unclaimed = state.scan(&Scan::Active, is_unclaimed, usize::MAX);
    if let Some(first) = unclaimed.first() {
        let ids: Vec<String> = unclaimed.iter().map(|item| state.shown_id(item)).collect();
        let message = format!(
            "in progress, but only assigned, not claimed, so others are not offered them: {}",
            first_of(&ids, 5)
        );
        let fix = format!("git pm task reassign {} --to ACTOR", state.shown_id(first));
        report.note("claims", message, Some(&fix));
    }
    if silent.is_empty() && unclaimed.is_empty() {
        report.ok("claims", "all holders are active".into());
    }
}

fn check_hooks(pm: &Pm, report: &mut DoctorReport) {
    if !pm.store.repo().has_worktree() {
        report.ok(
            "hooks",
            "not needed in a bare repository without worktrees".into(),
        );
        return;
    }
    match hook::status(pm.store.repo().git()) {
        Ok(status) if status.active && !status.reasons.is_empty() => {
            report.note("hooks", status.reasons.join("; "), status.fix.as_deref());
        }
        Ok(status) if status.active => report.ok(
            "hooks",
            format!(
                "installed in {}{}",
                status.folder.display(),
                if status.strict { ", strict" } else { "" }
            ),
        ),
        Ok(status) => {
            let fix = status.fix.unwrap_or_else(|| "git pm hook install".into());
            let why = if status.reasons.is_empty() {
                "they are not installed".to_string()
            } else {
                status.reasons.join("; ")
            };
            let message = format!("the hooks are not active: {why}");
            if status.installed {
                report.fault("hooks", message, &fix);
            } else {
                report.note("hooks", message, Some(&fix));
            }
        }
        Err(error) => report.fault("hooks", error.message().to_string(), "git pm hook install"),
    }
}

fn check_local(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let common = pm.store.repo().common_dir();
    let mut held = None;
    if pm.store.repo().ref_target(MAIN)?.is_some() {
        match lock::acquire(common) {
            Ok(lock) if lock.is_held() => {
                report.ok("lock", "free".into());
                held = Some(lock);
            }
            Ok(_) => {
                let message = "another process has held the writers' lock for a long time".into();
                report.note("lock", message, None);
            }
            // Read-only or full: the other checks still run.
            Err(error) => {
                let message = format!("the git directory is not writable: {}", error.message());
                report.note(
                    "lock",
                    message,
                    error.hints().first().map(ToString::to_string).as_deref(),
                );
            }
        }
    }
    locks::check_locks(pm, held.as_mut(), report);
    drop(held);
    let (_, orphans) = intent::read_all(common);
    if !orphans.is_empty() {
        let message = format!("pushes with an unknown outcome: {}", orphans.len());
        report.note("intents", message, Some("git pm sync"));
    }
    match pm.store.known_replica() {
        Some(replica) => report.ok("clone", format!("this clone is {replica}")),
        None => report.note(
            "clone",
            "this clone has no replica id yet (it is new, copied or restored)".into(),
            Some("git pm init"),
        ),
    }
    Ok(())
}

/// Reports an index that is missing or behind the state; `fsck` checks its content.
fn check_index(pm: &Pm, report: &mut DoctorReport) {
    let Ok(Some(tip)) = pm.store.tip() else {
        return;
    };
    let fix = Some("check permissions and free disk space of the git directory");
    let Some(index) = pm.store.index_now() else {
        let message = "missing: every command reads the whole state";
        return report.note("index", message.into(), fix);
    };
    let Some(file) = index.file() else {
        let why = index.why.as_deref().unwrap_or("it cannot be written");
        let message = format!(
            "built in memory by every command, since its file cannot be used: {}",
            crate::model::text::one_line(why)
        );
        return report.note("index", message, fix);
    };
    let size = std::fs::metadata(file).map_or(0, |found| found.len());
    let size = crate::model::text::bytes(size);
    let tree = pm.store.repo().commit(tip).map(|commit| commit.tree);
    if tree.is_ok_and(|tree| index.tree() == tree) {
        report.ok("index", format!("{size}, up to date"));
    } else {
        let message = format!(
            "{size}, out of date because it cannot be written; commands read the newer changes \
                 from the state"
        );
        report.note("index", message, fix);
    }
}

fn check_worktrees(pm: &Pm, report: &mut DoctorReport) {
    let Ok(all) = worktree::list(pm.store.repo().git()) else {
        return;
    };
    let repo = pm.store.repo();
    for w in all.iter().filter(|w| w.prunable.is_some()) {
        let message = format!("there is no worktree at {}", w.path.display());
        let is_here = path::same(&w.private_dir(repo.common_dir()), repo.git_dir());
        let fix = match repo.workdir().filter(|_| is_here) {
            Some(here) => format!("git worktree repair {}", path::word(here)),
            None => {
                "if it was moved: git worktree repair NEW-PATH; else: git worktree prune".into()
            }
        };
        report.note("worktrees", message, Some(&fix));
    }
    let linked = || all.iter().filter(|w| !w.main && w.prunable.is_none());
    let broken = linked().filter_map(|w| repo.git().in_worktree(&w.path).err());
    let broken: Vec<Error> = broken.collect();
    for error in &broken {
        let fix = error.hints().first().map(ToString::to_string);
        report.note("worktrees", error.message().into(), fix.as_deref());
    }
    if broken.is_empty() && all.iter().all(|w| w.prunable.is_none()) {
        report.ok("worktrees", format!("{} in use", all.len()));
    }
    let Ok(state) = pm.store.state() else {
        return;
    };
    for (lost, command) in worktree_verbs::all_lost_work(pm, &state) {
        report.note("worktrees", lost, Some(&command));
    }
    let is_used = |branch: &String| linked().any(|w| w.branch.as_ref() == Some(branch));
    let over = |item: &Item| {
        let is_over = item.deleted || item.status.is_closed();
        (is_over && item.branch.as_ref().is_some_and(is_used)).then(|| Box::new(item.clone()))
    };
    let mut over: Vec<_> = state.of_every_item(over).into_iter().flatten().collect();
    over.sort_by(|a, b| a.uid.cmp(&b.uid));
    let over: BTreeMap<&str, &Item> = (over.iter())
        .filter_map(|item| Some((item.branch.as_deref()?, &**item)))
        .collect();
    for w in linked() {
        if let Some(item) = worktree_verbs::item_of(pm, &state, w, &all)
            && let Ok(Some(moved)) = worktree_verbs::moved_from_item(pm, item, &w.path)
        {
            let message = moved.sentence(&state.shown_id(item));
            report.note("worktrees", message, Some(&moved.command()));
        }
        if let Some(item) = w.branch.as_deref().and_then(|b| over.get(b)) {
            let status = match item.deleted {
                true => "deleted".to_string(),
                false => item.status.word().into_owned(),
            };
            let (id, mut fix) = (state.shown_id(item), Some("git pm worktree gc".to_string()));
            let mut message = format!(
                "{id} is {status}, but its worktree {} still exists",
                w.path.display()
            );
            let gc = |force| worktree_verbs::collect(pm, &state, w, item, true, force);
            if let Ok((false, why)) = gc(false) {
                let is_unmerged = matches!(branch_work::unmerged(pm, &state, item), Ok(Some(_)));
                let tip = w.head.as_deref().and_then(|hex| repo.parse_id(hex));
                let tip = tip.filter(|_| is_unmerged && !item.deleted);
                let delivered = tip.and_then(|tip| missing_work::landed(pm, &state, item, tip));
                let said = delivered.as_ref().map_or(&why, |(said, _)| said);
                message.push_str(&format!(": {said}"));
                let is_clean = worktree::dirt_in(repo.git(), &w.path).is_ok_and(|d| d.is_clean());
                fix = match is_unmerged && !item.deleted {
                    _ if matches!(delivered, Some((_, false))) => None,
                    true if delivered.is_none() => Some(format!("git pm task reopen {id}")),
                    false if is_clean && !is_unmerged => None,
                    _ => gc(true)
                        .is_ok_and(|done| done.0)
                        .then(|| "git pm worktree gc --force".into()),
                };
            }
            report.note("worktrees", message, fix.as_deref());
        }
    }
}

/// Reports rules that are looser in this clone than the shared rule or the default, and shared
/// rules that were loosened: a plain `git config` checks no permission.
fn check_rules(pm: &Pm, report: &mut DoctorReport) {
    let Ok(state) = pm.store.state() else {
        return;
    };
    let doc = &state.repository.doc;
    let own = rules::looser_here(pm, doc)
        .into_iter()
        .chain(rules::looser_than_default(pm));
    let own = own.map(|found| (found, Some("git pm config")));
    let all = rules::loosened(doc, 0)
        .into_iter()
        .map(|found| (found, Some("git pm log --op config")));
    let mut any = approvals_and_rules::check_held_rules(pm, report);
    for (message, fix) in own.chain(all) {
        any = true;
        report.note("rules", message, fix);
    }
    if !any {
        report.ok(
            "rules",
            "no rule is looser in this clone than the shared rule or the default".into(),
        );
    }
}

fn check_actor(pm: &Pm, report: &mut DoctorReport) {
    let markers = who_acts::markers(pm.store.env());
    let name = if pm.actor.name.is_empty() {
        "the unnamed user"
    } else {
        &pm.actor.name
    };
    if pm.actor.is_agent {
        let why = if markers.is_empty() {
            "registered in pm.agent".to_string()
        } else {
            format!("{} is set", markers.join(", "))
        };
        report.note(
            "actor",
            format!("{name} is treated as an agent: {why}"),
            None,
        );
    } else {
        report.ok("actor", format!("{name} is treated as a human"));
        if let Some(hint) = who_acts::unmarked_agent(&pm.actor) {
            let fix = hint.command.as_ref().map(ToString::to_string);
            report.note(
                "actor",
                format!("{name} has the name of an agent: {hint}"),
                fix.as_deref(),
            );
        }
    }
    if pm.actor.name.is_empty() {
        report.fault(
            "actor",
            "git has no user name configured".into(),
            "git config user.name NAME",
        );
    }
}

impl DoctorReport {
    fn push(&mut self, check: &str, level: Severity, message: String, fix: Option<&str>) {
        self.findings.push(Finding {
            check: check.into(),
            level,
            message,
            fix: fix.map(str::to_string),
        });
    }

    fn ok(&mut self, check: &str, message: String) {
        self.push(check, Severity::Ok, message, None);
    }

    pub(crate) fn note(&mut self, check: &str, message: String, fix: Option<&str>) {
        self.push(check, Severity::Note, message, fix);
    }

    /// What cannot be checked, and why.
    fn error(&mut self, check: &str, error: &Error) {
        let hint = error.hints().first().map(ToString::to_string);
        let fix = hint.as_deref().unwrap_or("git pm fsck");
        self.fault(check, error.message().to_string(), fix);
    }

    fn fault(&mut self, check: &str, message: String, fix: &str) {
        self.push(check, Severity::Fault, message, Some(fix));
    }
}
