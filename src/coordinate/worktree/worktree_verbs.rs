//! The verbs on worktrees, and when one is removed or kept because it is in use.
//!
//! One with uncommitted work is removed only with `--force`, and the work is saved to a ref first;
//! one in which another process works only with `--force` too.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::branch_status::with_remedy;
use super::dirt::dirt_to_remove;
use super::moved::{Moved, made_for, moved};
use super::path::{same, shown, some_of};
use super::ports;
use super::remove::{ignored_to_save, is_ours, savable};
use super::save::{IGNORED, commands_back};
use super::{Safety, Worktree, dirt_in, list, removable, remove, size};
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::item::Item;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Worktrees;
use crate::pm::shared_views::Here;
use crate::process::working_in;
use crate::store::git::process::Git;
use crate::store::index::Scan;
use crate::store::state::State;

/// A worktree as `worktree list` shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WorktreeView {
    /// Absolute.
    pub path: String,
    /// Its branch.
    pub branch: Option<String>,
    /// The id of the item it belongs to.
    pub item: Option<String>,
    /// That item's status.
    pub status: Option<String>,
    /// Set if it has uncommitted work.
    pub dirty: Option<bool>,
    /// The reason why git is not run there, such as a link that was changed; or what it has checked
    /// out instead of its item's branch, with the command that brings it back.
    pub problem: Option<String>,
    /// In bytes, if requested.
    pub size: Option<u64>,
    /// Set for the main worktree.
    pub main: bool,
    /// The first of its own ports, as commands there get it in `GIT_PM_PORT`.
    pub port: Option<u16>,
}

/// The result of `worktree gc` for one worktree.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GcView {
    /// The absolute path of the worktree.
    pub path: String,
    /// The id of its item.
    pub item: Option<String>,
    /// Set if it was (or, in a dry run, would be) removed.
    pub removed: bool,
    /// The reason why, or why not.
    pub reason: String,
}

/// The reason why a worktree with an item's branch is kept.
const NOT_OURS: &str = "git pm did not create it in this clone; `git worktree remove` removes it";

/// As [`NOT_OURS`], of the repository's own folder.
const MAIN: &str = "it is the repository's own folder; `git switch` leaves the branch";

impl Worktrees<'_> {
    /// All worktrees of the repository with their items.
    ///
    /// # Errors
    /// When git cannot list them.
    pub fn list(&self, with_size: bool) -> Result<Vec<WorktreeView>> {
        let git = self.pm.store.repo().git();
        let state = self.pm.store.state()?;
        let mut out = Vec::new();
        let all = list(git)?;
        let common = self.pm.store.repo().common_dir();
        for w in all.iter().filter(|w| w.prunable.is_none()) {
            let item = item_of(self.pm, &state, w, &all);
            let made = made_for(&w.private_dir(common)).filter(|_| item.is_none());
            let lost = made.and_then(|branch| lost_work(self.pm, &state, &branch));
            let moved = item.map_or(Ok(None), |item| moved_from_item(self.pm, item, &w.path))?;
            let dirty = match w.bare {
                true => Ok(None),
                false => dirt_in(git, &w.path).map(|dirt| Some(!dirt.is_clean())),
            };
            let shown = item.or(lost.as_ref().map(|(item, _)| *item));
            out.push(WorktreeView {
                problem: match moved {
                    Some(moved) => Some(format!("{}; `{}`", moved.what(), moved.command())),
                    None => match (&dirty, &lost) {
                        (Err(error), _) => Some(with_remedy(error)),
                        (_, Some((_, command))) => Some(format!("its claim was lost; `{command}`")),
                        _ => None,
                    },
                },
                dirty: dirty.unwrap_or_default(),
                size: if with_size { size(&w.path).ok() } else { None },
                item: shown.map(|i| state.shown_id(i)),
                status: shown.map(|i| i.status.to_string()),
                path: w.path.display().to_string(),
                branch: w.branch.clone(),
                main: w.main,
                port: ports::recorded(&w.private_dir(common)).map(|ports| ports.start),
            });
        }
        Ok(out)
    }

    /// The absolute path of an item's worktree in this clone.
    ///
    /// # Errors
    /// When it has none in this clone.
    pub fn path(&self, id: &str) -> Result<String> {
        let state = self.pm.store.state()?;
        let item = state.find(id)?;
        let here = self.pm.here();
        item.branch
            .as_ref()
            .and_then(|b| here.worktrees.get(b).cloned())
            .ok_or_else(|| {
                let id = state.shown_id(item);
                let all = list(self.pm.store.repo().git()).unwrap_or_default();
                let gone = |w: &&Worktree| w.prunable.is_some() && w.branch == item.branch;
                let error = Error::not_found(format!("{id} has no worktree in this clone"));
                let error = match all.iter().find(gone) {
                    Some(gone) => error.hint(format!(
                        "if {} was moved: `git worktree repair NEW-PATH`",
                        shown(&gone.path)
                    )),
                    None => error,
                };
                error
                    .hint(Hint::run(
                        ["start", &id],
                        "creates one (add `--resume` if you hold the item)",
                    ))
                    .because(Reason::WorktreeMissing)
                    .about(id)
            })
    }

    /// Removes the worktrees of closed items whose work is integrated and clean; with `force` also
    /// those with uncommitted work, which is saved to a ref first.
    ///
    /// # Errors
    /// When git cannot list them.
    pub fn gc(&self, dry_run: bool, force: bool) -> Result<Vec<GcView>> {
        let git = self.pm.store.repo().git();
        let state = self.pm.store.state()?;
        let mut out = Vec::new();
        let all = list(git)?;
        let deleted = |w: &Worktree| {
            let branch = w.branch.as_ref().filter(|_| !w.main)?;
            let mut items = state.item_docs().values().filter_map(|l| l.item.as_ref());
            items.find(|i| i.deleted && i.branch.as_ref() == Some(branch))
        };
        for w in &all {
            let item = item_of(self.pm, &state, w, &all).or_else(|| deleted(w));
            // An interrupted removal leaves git's registration without a folder. If the parent
            // folder is gone too, it may be on a disk that is not mounted.
            let gone = w.prunable.is_some();
            let lost = gone && !w.path.parent().is_some_and(Path::is_dir);
            let Some(item) = item.filter(|_| !w.main && !lost) else {
                continue;
            };
            let (removed, reason) = collect(self.pm, &state, w, item, dry_run, force)?;
            out.push(GcView {
                path: w.path.display().to_string(),
                item: Some(state.shown_id(item)),
                removed,
                reason,
            });
        }
        Ok(out)
    }
}

/// The item of a worktree: that of its branch, else of the one that git pm made it for, unless
/// another worktree has that one checked out.
pub(crate) fn item_of<'s>(
    pm: &Pm,
    state: &'s State<'_>,
    w: &Worktree,
    all: &[Worktree],
) -> Option<&'s Item> {
    let of = |branch: &str| state.scan(&Scan::Branch(branch), |_| true, 1).pop();
    w.branch.as_deref().and_then(of).or_else(|| {
        let made_for = made_for(&w.private_dir(pm.store.repo().common_dir()))?;
        let is_there = |other: &Worktree| other.branch.as_deref() == Some(&made_for);
        of(&made_for).filter(|_| !all.iter().any(is_there))
    })
}

/// The item that a branch of this clone was made for under a claim that was lost, and the command that takes
/// the work up again.
pub(crate) fn lost_work<'s>(
    pm: &Pm,
    state: &'s State<'_>,
    branch: &str,
) -> Option<(&'s Item, String)> {
    let found = lost_on(pm, state, &[branch.to_string()]).pop();
    found.map(|(item, _, command)| (item, command))
}

/// The branches for which git pm made the worktrees of this clone. Runs no git.
pub(crate) fn made_branches(pm: &Pm) -> impl Iterator<Item = String> {
    let places = std::fs::read_dir(pm.store.repo().common_dir().join("worktrees"));
    let places = places.into_iter().flatten().flatten();
    places.filter_map(|place| made_for(&place.path()))
}

/// What was begun in the worktrees of this clone under claims that were lost: a sentence and a command each.
pub(crate) fn all_lost_work(pm: &Pm, state: &State<'_>) -> Vec<(String, String)> {
    let made: Vec<String> = made_branches(pm).collect();
    let found = lost_on(pm, state, &made).into_iter();
    found
        .map(|(item, branch, command)| {
            let (id, branch) = (state.shown_id(item), one_line(&branch));
            (
                format!("the claim on {id} was lost; its work is on {branch}"),
                command,
            )
        })
        .collect()
}

/// The items for which some of these branches were made here under claims that were lost, each with its branch and the
/// command. All items are read, but only if a branch is here that no item has, not even a deleted one.
fn lost_on<'s>(
    pm: &Pm,
    state: &'s State<'_>,
    branches: &[String],
) -> Vec<(&'s Item, String, String)> {
    let is_of_none = |branch: &&String| {
        let is_free = |scan| state.scan(&scan, |_| true, 1).is_empty();
        let tip = pm.store.repo().ref_target(&format!("refs/heads/{branch}"));
        matches!(tip, Ok(Some(_)))
            && is_free(Scan::Branch(branch))
            && is_free(Scan::Deleted(branch))
    };
    let loose: Vec<&String> = branches.iter().filter(is_of_none).collect();
    let Some(replica) = pm.store.known_replica().filter(|_| !loose.is_empty()) else {
        return Vec::new();
    };
    let branch_of = |item: &Item| {
        let lost = item.lost_branch(replica.as_str())?;
        loose.iter().find(|loose| ***loose == lost).copied()
    };
    let found = state.scan(
        &Scan::All(None),
        |item| branch_of(item).is_some(),
        usize::MAX,
    );
    let found = found.into_iter().filter_map(|item| {
        let (id, kind) = (state.shown_id(item), item.kind);
        let command = match item.status.is_closed() {
            true => format!("git pm {kind} reopen {id}"),
            false => format!("git pm start {id}"),
        };
        Some((item, branch_of(item)?.clone(), command))
    });
    found.collect()
}

/// What the worktree of an item has checked out instead of the item's branch.
///
/// # Errors
/// When git cannot compare the two.
pub(crate) fn moved_from_item(pm: &Pm, item: &Item, place: &Path) -> Result<Option<Moved>> {
    let found = moved(pm.store.repo().git(), place)?;
    Ok(found.filter(|moved| item.branch.as_ref() == Some(&moved.branch)))
}

/// As [`moved_from_item`], of the worktree that the item has in this clone.
///
/// # Errors
/// As there.
pub(crate) fn moved_of(pm: &Pm, item: &Item) -> Result<Option<Moved>> {
    moved_among(pm, item, &pm.here())
}

/// As [`moved_of`], where the worktrees are known.
///
/// # Errors
/// As there.
pub(crate) fn moved_among(pm: &Pm, item: &Item, here: &Here) -> Result<Option<Moved>> {
    let branch = item.branch.as_ref();
    let place = branch.and_then(|on| here.worktrees.get(on));
    place.map_or(Ok(None), |place| moved_from_item(pm, item, place.as_ref()))
}

/// Refuses to remove a worktree that has a branch of the user's checked out, or commits of a
/// detached HEAD, or in which other processes work. A human who runs the command there has asked
/// for it; an agent's session would be left without a folder. With `force` they are named.
fn require_left(pm: &Pm, place: &Path, id: &str, force: bool) -> Result<()> {
    if !place.exists() {
        return Ok(());
    }
    let at_work = at_work(pm, place);
    let in_use = at_work.map(|at_work| format!("{} is in use by {at_work}", shown(place)));
    if force {
        in_use.into_iter().for_each(|in_use| pm.notice(in_use));
        return Ok(());
    }
    let state = pm.store.state()?;
    let of = |branch: &str| state.scan(&Scan::Branch(branch), |_| true, 1).pop();
    let moved = moved(pm.store.repo().git(), place)?.filter(|m| of(&m.branch).is_some());
    if let Some(moved) = moved.filter(|m| m.on.is_some() || m.has_work()) {
        return Err(moved.refusal(id));
    }
    in_use.map_or(Ok(()), |in_use| {
        Err(Error::refused(in_use)
            .hint("end what runs there, or leave the folder; `git pm worktree gc` removes it then")
            .because(Reason::WorktreeInUse)
            .about(shown(place)))
    })
}

/// The processes that would be left without a folder if a worktree were removed.
fn at_work(pm: &Pm, place: &Path) -> Option<String> {
    let folder = super::path::resolved(place);
    let is_asked = super::path::resolved(&pm.store.env().cwd).starts_with(&folder);
    let found = working_in(&folder, pm.actor.is_agent || !is_asked);
    let named = found.iter().map(|p| format!("{} ({})", p.name, p.pid));
    let named: Vec<String> = named.collect();
    (!named.is_empty()).then(|| some_of(&named))
}

/// Removes the worktree of an item if it is no longer needed. Returns whether it did (or, in a
/// dry run, would), and why or why not.
pub(crate) fn collect(
    pm: &Pm,
    state: &State<'_>,
    w: &Worktree,
    item: &Item,
    dry_run: bool,
    force: bool,
) -> Result<(bool, String)> {
    let (git, id) = (pm.store.repo().git(), state.shown_id(item));
    if !is_ours(w, pm.store.repo().common_dir()) {
        return Ok((false, if w.main { MAIN } else { NOT_OURS }.into()));
    }
    if !item.status.is_closed() && !item.deleted {
        return Ok((false, format!("{id} is {}", item.status.word())));
    }
    let target = target::target_of(pm, state, item, None)?;
    // Hosts merge at the remote, to which the target here may be behind.
    let newest = followed_branch::counted_against(pm, &target)?;
    let newest = newest.strip_prefix("refs/heads/").unwrap_or(&newest);
    let safety = removable(git, w, newest)?;
    let kept = matches!(safety, Safety::Kept(_));
    if kept || (!safety.is_safe() && !force) {
        return Ok((false, safety.to_string()));
    }
    let gone = w.prunable.is_some();
    let home = pm.store.repo().git_at_home();
    let look = |git: Git| match dry_run {
        true => ignored_to_save(&git, home.dir()).and_then(|_| dirt_to_remove(&git)),
        // The removal looks at ignored files itself.
        false => dirt_to_remove(&git),
    };
    let clean = match git.in_worktree(&w.path).and_then(look) {
        _ if gone => true,
        Ok(dirt) => dirt.loses_nothing(),
        Err(error) => return Ok((false, error.message().to_string())),
    };
    let reason = match (clean, force) {
        (true, _) => safety.to_string(),
        (false, false) => return Ok((false, "it has uncommitted work".into())),
        (false, true) => format!("{safety}; its uncommitted work is saved to a ref first"),
    };
    let removed = match dry_run {
        true => require_left(pm, &w.path, &id, force),
        false => remove_worktree(pm, &w.path, force, item),
    };
    if let Err(error) = removed {
        return Ok((false, error.message().to_string()));
    }
    Ok((true, reason))
}

/// The worktree of an item, if it can be removed.
pub(crate) fn removable_worktree(pm: &Pm, uid: &Uid, force: bool) -> Result<Option<PathBuf>> {
    let state = pm.store.state()?;
    let branch = state.item(uid).and_then(|i| i.branch.clone());
    let Some(place) = branch.and_then(|b| pm.here().worktrees.get(&b).cloned()) else {
        return Ok(None);
    };
    let place = PathBuf::from(place);
    if !made_here(pm, &place)? {
        let is_main = pm.store.repo().git_at_home().dir() == place;
        let why = if is_main { MAIN } else { NOT_OURS };
        pm.notice(format!("{} is kept: {why}", shown(&place)));
        return Ok(None);
    }
    let id = state.item(uid).map(|item| state.shown_id(item));
    if let Some(id) = id.filter(|_| !force) {
        require_left(pm, &place, &id, force)?;
    }
    let there = pm.store.repo().git().in_worktree(&place)?;
    savable(&there, force)?;
    ignored_to_save(&there, pm.store.repo().git_at_home().dir())?;
    Ok(Some(place))
}

/// True if git pm made a worktree in this clone.
fn made_here(pm: &Pm, place: &Path) -> Result<bool> {
    let repo = pm.store.repo();
    let ours = |w: &Worktree| same(&w.path, place) && is_ours(w, repo.common_dir());
    Ok(list(&repo.git_at_home())?.iter().any(ours))
}

/// Removes the worktree of an item; with `force` uncommitted work is saved first, without it is refused.
pub(crate) fn remove_worktree(pm: &Pm, place: &Path, force: bool, of: &Item) -> Result<()> {
    remove_worktree_from(pm, pm.store.repo().git(), place, force, Some(of))
}

/// The name of a new ref, with a number if the name is in use: an interrupted removal may have
/// used it in the same second.
fn unused(pm: &Pm, name: String) -> Result<String> {
    let (mut free, mut n) = (name.clone(), 1);
    let is_used = |name: &str| -> Result<bool> { Ok(pm.store.repo().ref_target(name)?.is_some()) };
    while is_used(&free)? || is_used(&format!("{free}{IGNORED}"))? {
        n += 1;
        free = format!("{name}-{n}");
    }
    Ok(free)
}

/// As [`remove_worktree`], with a runner: one that runs elsewhere may remove the caller's
/// current folder. Of a worktree without an item its folder is named.
pub(crate) fn remove_worktree_from(
    pm: &Pm,
    git: &Git,
    place: &Path,
    force: bool,
    of: Option<&Item>,
) -> Result<()> {
    if !made_here(pm, place)? {
        return Err(
            Error::refused(format!("{} is kept: {NOT_OURS}", shown(place)))
                .because(Reason::WorktreeForeign)
                .about(shown(place)),
        );
    }
    // Its number may have changed since the caller read it.
    let state = pm.store.state()?;
    let now = of.map(|item| state.shown_id(state.item(&item.uid).unwrap_or(item)));
    drop(state);
    let folder = || {
        place
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into()
    };
    let id = now.unwrap_or_else(folder);
    require_left(pm, place, &id, force)?;
    let name = crate::model::text::slug(&id, 60).to_uppercase();
    let save = format!("refs/pm-local/saved/{name}/{}", pm.now_ms() / 1000);
    let save = unused(pm, save)?;
    let save_as = (save.as_str(), of.map_or("", |item| item.uid.as_str()));
    if let Some(saved) = remove(git, place, force, Some(save_as))? {
        pm.notice(format!("the uncommitted work of {id} is saved in {saved}"));
    }
    let ignored = format!("{save}{IGNORED}");
    if pm.store.repo().ref_target(&ignored)?.is_some() {
        let back = commands_back(&pm.store.repo().git_at_home(), &ignored, &id)?;
        pm.notice(format!(
            "ignored files of {id} that the main worktree lacks or has otherwise are saved: {back}"
        ));
    }
    Ok(())
}
