//! The gates that `finish` runs, and the notice about work that changes them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::coordinate::gate::Gate;
use crate::coordinate::gate::checklist_rule::ChecklistRule;
use crate::coordinate::gate::trust;
use crate::coordinate::gate::trust::{Checked, FILE, FILE_MAX, is_word};
use crate::coordinate::hook::hook_folders;
use crate::coordinate::rules;
use crate::coordinate::worktree::branch::merge_base;
use crate::coordinate::worktree::followed_branch::{newest_tip, tip_of};
use crate::error::{Error, Reason, Result};
use crate::model::settings;
use crate::model::text::{one_line, spelled};
use crate::model::uid::sha256_hex;
use crate::pm::Pm;
use crate::pm::pins::{Deciding, PM_TOML};
use crate::store::git::repo::Oid;

/// The gates to run on work for a target, by name, in order: this clone's, those of the file on
/// the target, as far as it was fetched, and those that the file here adds. So the work itself cannot remove a gate.
///
/// # Errors
/// When a checked-in file has gates and is not trusted.
pub(crate) fn gates(pm: &Pm, target: &str) -> Result<Vec<Gate>> {
    let mut gates = own_gates(pm);
    gates.extend(checked_in(pm, target, |checked| checked.gates, name_of)?);
    Ok(gates)
}

/// The commands that report about work for a target, as [`gates`].
///
/// # Errors
/// When a checked-in file has some and is not trusted.
pub(crate) fn reviewers(pm: &Pm, target: &str) -> Result<Vec<Gate>> {
    checked_in(pm, target, |checked| checked.reviewers, name_of)
}

/// The commands that run a test by its name, as [`gates`].
///
/// # Errors
/// When a checked-in file has some and is not trusted.
pub(crate) fn proofs(pm: &Pm, target: &str) -> Result<Vec<Gate>> {
    checked_in(pm, target, |checked| checked.proofs, name_of)
}

/// What is said about checklists for a target, as [`gates`].
///
/// # Errors
/// When a checked-in file has some and is not trusted.
pub(crate) fn checklists(pm: &Pm, target: &str) -> Result<Vec<ChecklistRule>> {
    checked_in(pm, target, |checked| checked.checklists, |one| &one.name)
}

fn name_of(gate: &Gate) -> &str {
    &gate.name
}

/// What the file on the target has of a kind, and what the file here adds.
fn checked_in<T>(
    pm: &Pm,
    target: &str,
    of: fn(Checked) -> Vec<T>,
    name: fn(&T) -> &str,
) -> Result<Vec<T>> {
    let mut here = Vec::new();
    if let Some(checked) = trust::checked_in(pm)? {
        let is_trusted = trust::require_trusted(pm, &checked);
        here = of(checked);
        if !here.is_empty() {
            is_trusted?;
        }
    }
    let mut all: Vec<T> = Vec::new();
    if let Some(onto) = newest_tip(pm, target)?
        && let Some(checked) = trust::checked_at(pm, onto)?
    {
        let is_trusted = trust::is_trusted(pm, &checked);
        all = of(checked);
        if !all.is_empty() && !is_trusted {
            let is_behind = tip_of(pm, target)? != Some(onto);
            let target = one_line(target);
            let first = match is_behind {
                true => {
                    format!("{target} is behind its remote here: `git pull` in a checkout of it; ")
                }
                false => String::new(),
            };
            return Err(Error::refused(format!(
                "{FILE} on {target} has commands or checklists, and its content is not trusted here"
            ))
            .because(Reason::TrustRequired)
            .about(FILE)
            .hint(format!(
                "{first}`git pm trust`, run where {target} is checked out, shows and trusts them"
            )));
        }
    }
    for one in here {
        if all.iter().all(|known| name(known) != name(&one)) {
            all.push(one);
        }
    }
    Ok(all)
}

/// The names of the gates that this clone and the files of some commits require of work that changes
/// these paths. The files need not be trusted: nothing is run.
///
/// # Errors
/// When one of the files is not valid.
pub(crate) fn required_of(
    pm: &Pm,
    commits: [Oid; 2],
    changed: &[String],
) -> Result<BTreeSet<String>> {
    let mut gates = own_gates(pm);
    for commit in commits {
        gates.extend(trust::checked_at(pm, commit)?.unwrap_or_default().gates);
    }
    gates.retain(|gate| gate.required && gate.applies_to(changed));
    Ok(gates.into_iter().map(|gate| gate.name).collect())
}

/// The gates of this clone's configuration.
fn own_gates(pm: &Pm) -> Vec<Gate> {
    let configured = pm.store.repo().config_all(settings::GATE.key);
    let gate = |text: &String| match text.split_once('=') {
        Some((name, command)) if is_word(name) => Gate::new(name, command),
        _ => Gate::new(text, text),
    };
    configured.iter().map(gate).collect()
}

/// All commands that this clone or the file here names, whether they are trusted or not; those
/// that git's configuration names too, and each file of its hooks.
pub(crate) fn named_commands(pm: &Pm) -> Vec<Gate> {
    let mut others = pm.store.repo().config_all(settings::SETUP.key);
    let mut gates = own_gates(pm);
    if let Ok(Some(here)) = trust::checked_in(pm) {
        gates.extend(here.gates);
        gates.extend(here.reviewers);
        gates.extend(here.proofs);
        others.extend(here.setup);
    }
    let of_git = pm.commands_of_git.get_or_init(|| commands_of_git(pm));
    others.extend(of_git.iter().cloned());
    gates.extend(others.iter().map(|run| Gate::new("", run)));
    gates
}

/// The values of git's configuration that name a program, and a pattern for each folder of hooks.
fn commands_of_git(pm: &Pm) -> Vec<String> {
    const RUN: &str = "fsmonitor sshcommand gitproxy editor pager askpass command program external
            textconv clean smudge process driver helper cmd packobjectshook";
    let git = pm.store.repo().git();
    let listed = git
        .require(&["config", "--list", "-z"])
        .map(|out| out.stdout);
    let listed = String::from_utf8_lossy(&listed.unwrap_or_default()).into_owned();
    let pairs = listed.split('\0').filter_map(|one| one.split_once('\n'));
    let root = pm
        .store
        .repo()
        .workdir()
        .unwrap_or(Path::new(""))
        .to_path_buf();
    let hooks = hook_folders(git, &root).unwrap_or_default().into_iter();
    let hooks = hooks.filter_map(|folder| Some(folder.strip_prefix(&root).ok()?.to_path_buf()));
    let mut found: Vec<String> = hooks
        .map(|below| format!("sh {}/**", below.display()))
        .collect();
    for (key, value) in pairs {
        let name = key.rsplit('.').next().unwrap_or_default();
        if RUN.split_whitespace().any(|one| one == name) || key.starts_with("alias.") {
            found.push(value.trim_start_matches('!').to_string());
        }
    }
    found
}

/// What decides the merges into a target: this clone's gates and protected paths, and the
/// checked-in file on it, by its hash. It need not be trusted.
///
/// # Errors
/// When the target cannot be read.
pub(crate) fn decided_by_target(pm: &Pm, target: &str) -> Result<Deciding> {
    let repo = pm.store.repo();
    let most = usize::try_from(FILE_MAX).unwrap_or(usize::MAX);
    let file = match newest_tip(pm, target)? {
        Some(onto) => repo.read_file(repo.commit(onto)?.tree, FILE, most)?,
        None => None,
    };
    let hash = file.map(|bytes| sha256_hex(&bytes)).unwrap_or_default();
    let mut decided = Deciding::default().with(PM_TOML, &hash).with(
        settings::GATE.key,
        &repo.config_all(settings::GATE.key).join("; "),
    );
    for rule in [&settings::PROTECTED_PATHS, &settings::APPROVAL_PATHS] {
        decided = decided.with(rule.key, &rules::in_force(pm, rule.key));
    }
    Ok(decided)
}

/// Adds a notice if work changes the gates in the checked-in file.
pub(crate) fn notice_gate_changes(pm: &Pm, id: &str, commit: &str, target: &str) -> Result<()> {
    let repo = pm.store.repo();
    let work = repo.parse_id(commit).filter(|work| repo.is_commit(*work));
    let (Some(work), Some(onto)) = (work, newest_tip(pm, target)?) else {
        return Ok(());
    };
    let file = |commit| repo.file_at(repo.commit(commit)?.tree, FILE);
    if file(work)? == file(onto)? {
        return Ok(());
    }
    let base = merge_base(&repo.git().plain(), &onto.to_string(), commit)?;
    let Some(base) = base.and_then(|base| repo.parse_id(&base)) else {
        return Ok(());
    };
    // An unreadable file runs nothing.
    let gates = |commit| {
        trust::checked_at(pm, commit)
            .ok()
            .flatten()
            .unwrap_or_default()
            .gates
    };
    let (before, after) = (gates(base), gates(work));
    let of = |all: &[Gate], name: &str| {
        let mut all = all.iter();
        all.find(|gate| gate.name == name).map(Gate::to_string)
    };
    let names = before.iter().chain(&after).map(|gate| gate.name.as_str());
    let mut changes = Vec::new();
    for name in names.collect::<BTreeSet<_>>() {
        let what = match (of(&before, name), of(&after, name)) {
            (Some(_), None) => "removes",
            (None, Some(_)) => "adds",
            (was, is) if was != is => "changes",
            _ => continue,
        };
        changes.push(format!("{what} {}", spelled(name)));
    }
    if !changes.is_empty() {
        pm.notice(format!(
            "{id} changes the gates in {FILE}: it {}",
            changes.join(", ")
        ));
    }
    Ok(())
}
