//! Branch and worktree of a claimed item, with its set-up; removed together when a step fails.

use super::StartDecisions;
use crate::coordinate::gate::trust;
use crate::coordinate::worktree::branch::holders;
use crate::coordinate::worktree::branch_status;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::target;
use crate::coordinate::worktree::{self, AddOptions, Worktree};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::item::Item;
use crate::model::settings;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::fault;
use crate::store::git::irregular;
use crate::store::git::repo::short;
use crate::store::git::verify_objects::each_true;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::task::approved_by_gates;
use crate::work::task::gates;
use crate::work::task::integrate::fast_forward;
use crate::work::task::merge::remote_target;
use crate::work::task::remote_branch;
use crate::work::task::run_command::{port_of, run_command};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Creates branch and worktree, or goes on with those that are there; `is_new` is set unless a claim is continued.
pub(super) fn check_out(
    pm: &Pm,
    start: &StartDecisions,
    is_new: bool,
    warnings: &mut Vec<String>,
) -> Result<()> {
    let git = pm.store.repo().git();
    if start.reuse {
        let state = pm.store.state()?;
        if let Some(item) = state.item(&start.uid) {
            remote_branch::bring_forward(pm, &state, item, &start.branch)?;
            if is_new {
                follow_target(pm, &state, item, start)?;
            }
        }
    }
    let Some(place) = &start.place else {
        if start.reuse {
            return switch_here(pm, &start.branch);
        }
        let base = start.base.as_deref().unwrap_or("HEAD");
        worktree::name_template::check_branch(&start.branch)?;
        let base = match pm.store.repo().resolve(base) {
            Some(id) => id.to_string(),
            None => worktree::branch::require_commit(git, base)?,
        };
        worktree::create_branch(git, &start.branch, &base, &|name, id, make| {
            pm.store.making_ref(name, id, make)
        })?;
        return switch_here(pm, &start.branch).inspect_err(|_| {
            let name = format!("refs/heads/{}", start.branch);
            let _ = git.run(&["update-ref", "-d", &name, &base]);
        });
    };
    let here = |w: &Worktree| w.path == *place && w.prunable.is_none();
    // A branch that does not exist yet is checked out nowhere.
    if start.reuse {
        let worktrees = worktree::list(git)?;
        let common = pm.store.repo().common_dir();
        if holders(common, &worktrees, &start.branch).iter().any(here) {
            return Ok(());
        }
        // HEAD is there, at the commit of the branch.
        if worktrees.iter().any(|w| here(w) && w.detached) {
            return switch(pm, place, &start.branch);
        }
    }
    let mut add = AddOptions::new(
        place.clone(),
        start.branch.clone(),
        start.base.clone().unwrap_or_else(|| start.branch.clone()),
    );
    add.new_branch = !start.reuse;
    let repo = pm.store.repo();
    add.lfs_smudge = repo.is_on(&settings::LFS_SMUDGE);
    add.copy_ignored = repo.config_all(settings::COPY_IGNORED.key);
    add.copy = trust::worktree(pm)?.copy;
    // A new worktree is as sparse as the one that it is made from.
    add.widens = !repo.is_on(&settings::SPARSE);
    if !add.widens || repo.config_bool("core.sparseCheckout") == Some(true) {
        let base = if start.reuse { &add.branch } else { &add.base };
        add.sparse = cone_of(pm, &start.uid, base)?;
    }
    let git = match is_familiar(pm, start, &add.base)? {
        true => git,
        false => &git.among_others(),
    };
    let added = worktree::add_with(git, &add, &|name, id, make| {
        pm.store.making_ref(name, id, make)
    })?;
    warnings.extend(added.warning.clone());
    for skipped in &added.skipped {
        warnings.push(format!(
            "{} was not copied: {}",
            skipped.name, skipped.reason
        ));
    }
    port_of(pm, &added.path);
    let set_up = fault::step("start-added")
        .and_then(|()| set_up(pm, &added.path, &|| is_known_content(pm, start)))
        .and_then(|()| fault::step("start-set-up"));
    if let Err(error) = set_up {
        let undone = match worktree::undo(git, &added) {
            Ok(undone) => undone,
            Err(also) => {
                let place = worktree::path::shown(&added.path);
                let kept = format!("{place} and {} are kept: {also}", added.branch);
                return Err(error.hint(kept));
            }
        };
        if let Some(saved) = undone.saved {
            pm.notice(format!(
                "the files that the setup commands created are saved in {saved}"
            ));
        }
        return Err(error);
    }
    warnings.extend(empty_submodules(pm, &added.path));
    warnings.extend(missing_packages(pm, &added.path));
    warnings.extend(missing_lfs(pm, &added.path));
    Ok(())
}

/// Moves a branch without commits of its own forward to its target, as a new one would begin there, if nothing is
/// uncommitted on it. An obstacle becomes a notice.
fn follow_target(pm: &Pm, state: &State<'_>, item: &Item, start: &StartDecisions) -> Result<()> {
    let (repo, branch) = (pm.store.repo(), &start.branch);
    let target = target::target_of(pm, state, item, None)?;
    let Some(own) = repo.ref_target(&format!("refs/heads/{branch}"))? else {
        return Ok(());
    };
    let sides = followed_branch::sides(pm, &target)?;
    if *branch == target || !followed_branch::is_in(pm, own, &sides) {
        return Ok(());
    }
    remote_target::fetch_followed(pm, &target)?;
    let newer = followed_branch::newest_tip(pm, &target)?
        .filter(|tip| *tip != own && followed_branch::is_behind(pm, own, *tip));
    let Some(newer) = newer else {
        return Ok(());
    };
    let checked_out = pm.here().worktrees.get(branch).cloned();
    let place = start.place.clone().or(checked_out.map(PathBuf::from));
    let [name, onto] = [branch.as_str(), target.as_str()].map(one_line);
    let moved = match branch_status::dirt_at(repo.git(), place.as_deref()) {
        Some(Ok(dirt)) if !dirt.is_clean() => {
            Err(format!("not committed there: {}", dirt.summary()))
        }
        Some(Err(error)) => Err(error.message().to_string()),
        _ => fast_forward(&repo.git().plain(), branch, &newer.to_string())
            .map_err(|error| error.message().to_string()),
    };
    pm.notice(match moved {
        Ok(()) => format!(
            "{name} had no commits of its own: it was moved forward to {onto}, from {} to {}",
            short(own),
            short(newer)
        ),
        Err(why) => format!("{name} is behind {onto}: {why}"),
    });
    Ok(())
}

/// Checks a branch out in the worktree in which the command was given, unless it is checked out already.
fn switch_here(pm: &Pm, branch: &str) -> Result<()> {
    let repo = pm.store.repo();
    let Some(here) = repo.workdir() else {
        return Ok(());
    };
    let held = holders(repo.common_dir(), &worktree::list(repo.git())?, branch);
    if held.iter().any(|w| w.prunable.is_none()) {
        return Ok(());
    }
    // As `git switch` does, it takes along what is not committed.
    let (state, from) = (pm.store.state()?, repo.current_branch().unwrap_or_default());
    let item = state.scan(&Scan::Branch(&from), |_| true, 1).pop();
    let id = item.map(|item| state.shown_id(item));
    drop(state);
    let carried = id.and_then(|id| Some((id, worktree::dirt_in(repo.git(), here).ok()?)));
    switch(pm, here, branch).map_err(|error| error.hint("or leave out `--no-worktree`"))?;
    if let Some((id, dirt)) = carried.filter(|(_, dirt)| !dirt.is_clean()) {
        let (dirt, to) = (dirt.summary(), one_line(branch));
        pm.notice(format!(
            "uncommitted work of {id}, {dirt}, came along to {to}"
        ));
    }
    Ok(())
}

fn switch(pm: &Pm, place: &Path, branch: &str) -> Result<()> {
    let git = pm.store.repo().git().in_worktree(place)?;
    let out = git.run_unlocked(&["switch", "--quiet", branch])?;
    if out.ok() {
        return Ok(());
    }
    let (place, why) = (worktree::path::shown(place), out.reason());
    let error = Error::refused(format!("cannot switch {place} to {branch}: {why}"));
    let helps = "commit or stash the changes there";
    Err(error.because(Reason::WorktreeNotSwitched).hint(helps))
}

/// What to do about the submodules of a new worktree, which git leaves empty.
pub(crate) fn empty_submodules(pm: &Pm, place: &Path) -> Option<String> {
    let is_set_up = trust::set_up(pm).is_ok_and(|all| !all.is_empty())
        || trust::worktree(pm).is_ok_and(|rule| rule.submodules);
    (!is_set_up && place.join(".gitmodules").is_file()).then(|| {
        format!(
            "submodules are empty in new worktrees: `git submodule update --init` fills them, \
                 `git pm config {} \"git submodule update --init\"` does so in every new one",
            settings::SETUP.key
        )
    })
}

/// What to do about packages that the main worktree has installed, and hooks and gates may need.
fn missing_packages(pm: &Pm, place: &Path) -> Option<String> {
    let (name, home) = ("node_modules", pm.store.repo().git_at_home());
    let is_set_up = trust::set_up(pm).is_ok_and(|all| !all.is_empty());
    let is_missing = home.dir().join(name).is_dir() && !place.join(name).exists();
    (is_missing && !is_set_up && place.join("package.json").is_file()).then(|| {
        format!(
            "{name} is not in new worktrees: `git pm config {} \"npm ci\"` installs it in every \
                 new one, `git pm config {} {name}` copies it where the file system can",
            settings::SETUP.key,
            settings::COPY_IGNORED.key
        )
    })
}

/// What to do about files of git-lfs if nothing here replaces the pointers to them.
fn missing_lfs(pm: &Pm, place: &Path) -> Option<String> {
    let repo = pm.store.repo();
    let attributes = irregular::read(&place.join(".gitattributes"))?;
    if !attributes.contains("filter=lfs") || !repo.is_on(&settings::LFS_SMUDGE) {
        return None;
    }
    let set = |key: &str| !repo.config_all(key).is_empty();
    let is_set = set("filter.lfs.process") || set("filter.lfs.smudge");
    let is_there = is_set && repo.git().run(&["lfs", "version"]).is_ok_and(|v| v.ok());
    (!is_there).then(|| {
        "files of git-lfs are only pointers in the new worktree: install git-lfs, run `git lfs \
         install`, and `git lfs pull` there"
            .to_string()
    })
}

/// The folders that a sparse checkout of a task needs: those at the start of its planned paths.
/// None, which means everything, when a path can be anywhere.
pub(super) fn cone_of(pm: &Pm, uid: &Uid, base: &str) -> Result<Vec<String>> {
    let state = pm.store.state()?;
    let paths = state
        .item(uid)
        .map(|item| item.paths.clone())
        .unwrap_or_default();
    let mut folders = Vec::new();
    for pattern in &paths {
        let pattern = pattern.trim_end_matches('/');
        let literal = pattern
            .split(['*', '?', '[', '{', '\\'])
            .next()
            .unwrap_or_default();
        if literal == pattern && is_folder(pm, base, literal)? {
            folders.push(literal.to_string());
        } else if let Some((folder, _)) = literal.rsplit_once('/') {
            folders.push(folder.to_string());
        } else if literal != pattern {
            return Ok(Vec::new());
        }
        // Anything left is a file at the root, which every cone has.
    }
    folders.sort();
    folders.dedup();
    Ok(folders)
}

pub(super) fn is_folder(pm: &Pm, commit: &str, path: &str) -> Result<bool> {
    let name = format!("{commit}:{path}");
    let found = pm.store.repo().git().run(&["cat-file", "-t", &name])?;
    Ok(found.ok() && found.text() == "tree")
}

/// Runs the set-up command that this clone's user configured or trusted: in a sandbox, unless
/// the content of the worktree is known.
pub(crate) fn set_up(pm: &Pm, place: &Path, is_known: &dyn Fn() -> Result<bool>) -> Result<()> {
    let (commands, rule) = (trust::set_up(pm)?, trust::worktree(pm)?);
    if rule.submodules {
        fill_submodules(pm, place);
    }
    if commands.is_empty() {
        return Ok(());
    }
    let is_known = is_known();
    let confined = match &is_known {
        Ok(true) => None,
        _ => gates::confined(pm, false)?,
    };
    if confined.is_none() {
        is_known?;
    }
    let what = "the setup command";
    for command in commands {
        run_command(pm, place, what, &command, None, confined.as_ref())?;
    }
    Ok(())
}

/// Fills the submodules of a worktree. One that cannot be filled is named: the work may not need it.
fn fill_submodules(pm: &Pm, place: &Path) {
    if !place.join(".gitmodules").is_file() {
        return;
    }
    let git = pm.store.repo().git().in_worktree(place);
    // A server may never answer.
    let seconds = pm.store.repo().number_of(&settings::COMMAND_TIMEOUT);
    let timeout = (seconds > 0).then(|| Duration::from_secs(seconds));
    let args = ["submodule", "--quiet", "update", "--init", "--recursive"];
    let filled = git
        .and_then(|git| git.run_with(&args, None, timeout))
        .and_then(|out| out.checked("cannot fill the submodules of the new worktree".to_string()));
    if let Err(error) = filled {
        pm.notice(error.message().to_string());
    }
}

/// True if a new worktree contains only what the default target has and persons have approved,
/// or a person's own work in this clone. Anything else could be made by an agent, by another clone,
/// or by a program that writes into the object store.
///
/// # Errors
/// Kind `State` if a file of the target has another content than its name says.
fn is_known_content(pm: &Pm, start: &StartDecisions) -> Result<bool> {
    let repo = pm.store.repo();
    let tip = repo.ref_target(&format!("refs/heads/{}", start.branch))?;
    let target = followed_branch::tip_of(pm, &target::default_target(pm)?)?;
    let (Some(tip), Some(target)) = (tip, target) else {
        return Ok(false);
    };
    if !repo.is_ancestor(tip, target)? {
        return is_own_branch(pm, start);
    }
    if approved_by_gates::has_unseen(pm, tip)? {
        return Ok(false);
    }
    let git = repo.git().plain();
    let tree = format!("{tip}^{{tree}}");
    let listed = git.require(&["ls-tree", "-r", "-t", "-l", "-z", &tree])?;
    // A forged commit in between could name any other as its parent.
    let between = git.require(&["rev-list", &format!("{tip}..{target}")])?;
    let mut ids: Vec<String> = between.text().lines().map(str::to_string).collect();
    ids.extend([tip.to_string(), git.require(&["rev-parse", &tree])?.text()]);
    let mut bytes = 0u64;
    for line in listed.names::<Vec<String>>() {
        if let [_, "tree" | "blob", id, size, ..] =
            line.split_ascii_whitespace().collect::<Vec<_>>()[..]
        {
            bytes = bytes.saturating_add(size.parse().unwrap_or(0));
            ids.push(id.to_string());
        }
    }
    if bytes > VERIFIED_BYTES || ids.len() > VERIFIED_OBJECTS {
        return Ok(false);
    }
    each_true(repo, &git, &ids, |_, _| {}).map(|()| true)
}

/// True if a new worktree begins with the target's commits, or is a person's own, so that git
/// runs hooks there. Unlike for set-up, nothing is verified.
fn is_familiar(pm: &Pm, start: &StartDecisions, base: &str) -> Result<bool> {
    let repo = pm.store.repo();
    let target = target::default_target(pm).and_then(|name| followed_branch::tip_of(pm, &name));
    match (repo.resolve(base).filter(|_| !start.reuse), target) {
        (Some(base), Ok(Some(target))) if repo.is_ancestor(base, target)? => {
            Ok(!approved_by_gates::has_unseen(pm, base)?)
        }
        _ => is_own_branch(pm, start),
    }
}

/// True if only a person at this clone has worked on the item, before now as well.
fn is_own_branch(pm: &Pm, start: &StartDecisions) -> Result<bool> {
    if !start.reuse || pm.actor.is_agent || pm.of_run.is_some() {
        return Ok(false);
    }
    let state = pm.store.state()?;
    let item = state.item(&start.uid).filter(|item| item.claims.len() > 1);
    item.map_or(Ok(false), |item| gates::is_own_work(pm, item))
}

/// The objects of a worktree that are verified, and their bytes. With more, set-up commands run in
/// the sandbox.
const VERIFIED_OBJECTS: usize = 200_000;
const VERIFIED_BYTES: u64 = 1 << 30;

/// A linked worktree names its repository in one line of a file, so git cannot find a repository
/// whose path contains line breaks.
pub(super) fn require_linkable(common_dir: &Path, id: &str) -> Result<()> {
    if !common_dir.to_string_lossy().contains(['\n', '\r']) {
        return Ok(());
    }
    let shown = crate::model::text::one_line(&common_dir.to_string_lossy());
    Err(Error::state(format!(
        "git cannot link a worktree to {shown}: its path contains a line break"
    ))
    .hint(Hint::run(
        ["start", id, "--no-worktree"],
        "starts it without one",
    ))
    .hint("or move the repository to a path without line breaks"))
}
