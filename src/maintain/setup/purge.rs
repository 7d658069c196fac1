//! `uninstall --purge`: removes the data of git pm from this clone, and on request from the remote.
//!
//! Work that is saved nowhere else refuses it before anything is removed. The remote comes first: if it
//! cannot be reached, this clone still has everything.

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::init::{UninstallReport, require_guard};
use crate::coordinate::claim::end_claims::{end_all, release_item};
use crate::coordinate::merged_branches;
use crate::coordinate::reserve::release_record::end_reservation;
use crate::coordinate::rules::target_branches;
use crate::coordinate::sync;
use crate::coordinate::worktree::branch::holders;
use crate::coordinate::worktree::dirt::dirt_to_remove;
use crate::coordinate::worktree::followed_branch::{counted_against, is_behind};
use crate::coordinate::worktree::path::{resolved, shown};
use crate::coordinate::worktree::remove::{ignored_to_save, is_ours};
use crate::coordinate::worktree::worktree_verbs::{item_of, remove_worktree_from};
use crate::coordinate::worktree::{Safety, Worktree, integrated, list, removable, target};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::word;
use crate::model::item::Item;
use crate::model::settings::SyncMode;
use crate::model::text::{excerpt, first_of, one_line};
use crate::pm::Pm;
use crate::pm::changes::document_diff::ItemDiff;
use crate::pm::handles::StateHandle;
use crate::store::git::process::Git;
use crate::store::git::repo::Oid;
use crate::store::index::Scan;
use crate::store::remote_names::Remote;
use crate::store::state::State;
use crate::store::sync::fetch::Asked;
use crate::store::sync::push::Brought;

/// The refs of git pm.
const REFS: [&str; 3] = ["refs/pm/", "refs/pm-remotes/", "refs/pm-local/"];

/// The number of changes of the state that a refusal names, and the length of a title in them.
const NAMED: usize = 8;
const TITLE: usize = 60;

/// What `uninstall --purge` removed, or would remove.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Purged {
    /// Nothing was removed.
    pub dry_run: bool,
    /// Worktrees of items.
    pub worktrees: Vec<String>,
    /// Branches of items, which are merged or at a remote.
    pub branches: Vec<String>,
    /// Refs with the state, its copies and backups.
    pub refs: Vec<String>,
    /// Settings in this clone's git configuration.
    pub settings: Vec<String>,
    /// Refs and branches at the remote.
    pub remote: Vec<String>,
    /// Claims, with their actors, and reservations of this clone that are ended, which is pushed to the remote.
    pub given_back: Vec<String>,
    /// What is kept, with the reasons.
    pub left: Vec<String>,
    /// What of the state no remote has: changed items and learnings, and the numbers of other records.
    pub only_here: Vec<String>,
}

/// The options of `uninstall --purge`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PurgeOptions {
    /// Also delete the state and merged branches at the remote.
    pub remote: bool,
    /// Also remove changes of the state that no remote has, although there is a remote, and believe what was last
    /// fetched of a remote that cannot be asked.
    pub force: bool,
    /// Report without removing anything.
    pub dry_run: bool,
}

/// What there is to remove, and what forbids it.
#[derive(Default)]
struct Survey {
    worktrees: Vec<(PathBuf, Option<Item>)>,
    branches: Vec<(String, Oid)>,
    left: Vec<String>,
    unsaved: Vec<String>,
}

impl StateHandle<'_> {
    /// As [`StateHandle::uninstall`], and removes the state, merged branches and clean worktrees of
    /// items, settings and all files of git pm from this clone.
    ///
    /// # Errors
    /// Kind `Refused`, with nothing removed, for an agent, and when a worktree or branch of an item, or the
    /// state in a clone with a remote, has work that is saved nowhere else; `Remote` when the remote is to be
    /// cleared and is not reached.
    pub fn purge(&self, options: &PurgeOptions) -> Result<UninstallReport> {
        let (pm, command) = (self.pm, "git pm uninstall --purge");
        require_guard(pm, "removing the data of git pm", command)?;
        let repo = pm.store.repo();
        if !options.dry_run {
            repo.require_writable()?;
            repo.git().require_unlocked_configuration()?;
        }
        let (survey, only_here) = match pm.store.tip()? {
            Some(_) => (survey(pm, options.force)?, only_here(pm)?),
            None => (Survey::default(), Vec::new()),
        };
        if !survey.unsaved.is_empty() {
            return Err(unsaved(&survey.unsaved));
        }
        // A clone without a remote has nothing elsewhere, and with `remote` it goes there too.
        let is_given_up = options.remote || options.force || pm.main_remote().is_none();
        if !only_here.is_empty() && !is_given_up {
            return Err(unpushed(&only_here));
        }
        let mut done = Purged {
            dry_run: options.dry_run,
            left: survey.left.clone(),
            only_here,
            ..Purged::default()
        };
        let there = survey.worktrees.iter().filter(|(path, _)| path.exists());
        done.worktrees = there.map(|(path, _)| shown(path)).collect();
        done.branches = survey
            .branches
            .iter()
            .map(|(name, _)| one_line(name))
            .collect();
        done.left.extend(states_elsewhere(pm, options.remote)?);
        if pm.store.tip()?.is_some() && !options.remote {
            give_back(pm, &mut done)?;
        }
        let names = settings_set(&repo.git_at_home())?;
        done.settings = names.iter().cloned().collect();
        if options.remote {
            done.remote = clear_remote(pm, options.dry_run)?;
        }
        if options.dry_run {
            for prefix in REFS {
                done.refs.extend(repo.refs_under(prefix)?.into_keys());
            }
            return Ok(UninstallReport {
                purged: Some(done),
                kept: Vec::new(),
                ..self.uninstall(true)?
            });
        }
        let home = repo.git_at_home();
        for (place, item) in &survey.worktrees {
            remove_worktree_from(pm, &home, place, false, item.as_ref())?;
        }
        // Their folders, also that of those which were removed before, unless there is something else.
        let main = list(&home)?.into_iter().find(|w| w.main);
        let usual = main.map(|w| PathBuf::from(format!("{}.worktrees/one", w.path.display())));
        for place in survey.worktrees.iter().map(|(path, _)| path).chain(&usual) {
            let parent = place.parent().filter(|parent| {
                let name = parent.file_name().unwrap_or_default().to_string_lossy();
                name.ends_with(".worktrees")
            });
            let _ = parent.map(std::fs::remove_dir);
        }
        let git = home.with_config("core.hooksPath", "/dev/null")?;
        delete_refs(&git, survey.branches)?;
        let mut report = self.uninstall(false)?;
        let mut refs = Vec::new();
        for prefix in REFS {
            refs.extend(repo.refs_under(prefix)?);
        }
        done.refs = refs.iter().map(|(name, _)| name.clone()).collect();
        delete_refs(&git, refs)?;
        for name in &names {
            let unset = ["config", "--local", "--unset-all", name];
            pm.store.configuring(|| git.require(&unset))?;
        }
        report.kept.clear();
        let folder = pm.store.folder();
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(
                    Error::io(format!("cannot remove {}", shown(&folder)), error)
                        .hint("run the command again"),
                );
            }
            _ => report.removed.push(shown(&folder)),
        }
        report.purged = Some(done);
        Ok(report)
    }
}

fn unsaved(found: &[String]) -> Error {
    let list: String = found.iter().map(|one| format!("\n  {one}")).collect();
    Error::refused(format!(
        "nothing was removed, as there is work that is saved nowhere else:{list}"
    ))
    .hint("commit and merge or push it, or remove these worktrees, branches and refs with git")
    .because(Reason::UninstallUnsaved)
}

fn unpushed(found: &[String]) -> Error {
    Error::refused(format!(
        "nothing was removed, as there are changes of the state that no remote has: {}",
        first_of(found, NAMED)
    ))
    .because(Reason::UninstallUnsaved)
    .hint(Hint::run(["sync"], "pushes them"))
    .hint(Hint::run(["diff"], "shows them"))
    .hint("`git pm backup create FILE` keeps a copy; `--force` gives them up")
}

/// What of the state was never fetched or pushed.
fn only_here(pm: &Pm) -> Result<Vec<String>> {
    let found = pm.history().diff(None)?;
    let items = found.items.iter().chain(&found.learnings);
    let named = |one: &ItemDiff| format!("{} {}", one.id, excerpt(&one.title, TITLE));
    let mut all: Vec<String> = items.map(named).collect();
    let reserved = found.reservations.len();
    let records = [(reserved, "reservations"), (found.messages, "messages")];
    let records = records.into_iter().filter(|(count, _)| *count > 0);
    all.extend(records.map(|(count, what)| format!("{what}: {count}")));
    Ok(all)
}

/// The commit of a remote-tracking ref, after the remote was asked: since it was fetched, others may have deleted or
/// rewound the branch, of which it is then the only copy. With `force` it counts if the remote cannot be asked.
fn tip_there(pm: &Pm, tracking: &str, force: bool) -> Result<Option<Oid>> {
    let repo = pm.store.repo();
    let place = tracking.strip_prefix("refs/remotes/").unwrap_or(tracking);
    let branch_at = |name: &String| place.strip_prefix(name)?.strip_prefix('/');
    let mut remotes = repo.remotes().into_iter();
    let Some((name, branch)) = remotes.find_map(|name| Some((name.clone(), branch_at(&name)?)))
    else {
        return Ok(None);
    };
    let asked = match pm.options.offline {
        true => Asked::Failed("offline".into()),
        false => Remote::named(repo, &name)?.fetch_branch(&pm.store, branch)?,
    };
    match asked {
        Asked::Failed(why) if !force => pm.notice(format!(
            "whether {} is still there cannot be asked ({why}); `--force` believes what was last fetched",
            one_line(place)
        )),
        Asked::Failed(_) | Asked::Fetched => return repo.ref_target(tracking),
        Asked::Absent => {}
    }
    Ok(None)
}

/// The states that stay at remotes, each with the command that deletes it there: ours cannot run any more.
fn states_elsewhere(pm: &Pm, is_cleared: bool) -> Result<Vec<String>> {
    let repo = pm.store.repo();
    let known = repo.refs_under("refs/pm-remotes/")?;
    let main = pm.main_remote();
    let named = repo
        .remotes()
        .into_iter()
        .filter_map(|name| Remote::named(repo, &name).ok());
    let others = named.filter(|remote| main.as_ref().is_none_or(|main| main.name != remote.name));
    let all = others.chain(main.clone().filter(|_| !is_cleared));
    let of = |remote: Remote| {
        let tracking = remote.tracking(repo);
        let folder = tracking.trim_end_matches("main");
        let there = known
            .keys()
            .filter_map(|name| match name.strip_prefix(folder)? {
                "main" => Some(word(&remote.state_ref)),
                name => Some(word(&format!("refs/pm/{name}"))),
            });
        let (at, refs) = (remote.shown(), Vec::from_iter(there).join(" "));
        let push = format!("git push {} --delete {refs}", word(&at));
        (!refs.is_empty()).then(|| format!("the state at {at}: `{push}` deletes it there"))
    };
    Ok(all.filter_map(of).collect())
}

/// Ends what this clone has claimed and reserved, whoever did, which would keep others out until its leases end.
/// What it cannot end at the remote is left.
fn give_back(pm: &Pm, done: &mut Purged) -> Result<()> {
    let (state, replica) = (pm.store.state()?, pm.store.replica()?.to_string());
    let is_own = |item: &Item| item.open_claims().any(|claim| claim.replica == replica);
    let held = state.scan(&Scan::Held, is_own, usize::MAX);
    let held: Vec<Item> = held.into_iter().cloned().collect();
    let mut reserved = state.open_reservations(pm.now_ms());
    reserved.retain(|one| one.replica == replica);
    let ids: Vec<String> = held.iter().map(|item| state.shown_id(item)).collect();
    let patterns = reserved.iter().flat_map(|one| &one.patterns);
    let of = |(item, id): (&Item, &String)| format!("{id} of {}", item.owner().unwrap_or_default());
    let claims = held.iter().zip(&ids).map(of);
    let names: Vec<String> = claims.chain(patterns.cloned()).collect();
    drop(state);
    let there = pm.main_remote().filter(|_| !names.is_empty());
    let is_there = |remote: &Remote| sync::known_tip(pm, remote).is_ok_and(|tip| tip.is_some());
    let Some(remote) = there.filter(is_there) else {
        return Ok(());
    };
    // What is given up here is not pushed for it.
    let is_sent = pm.sync_mode() != SyncMode::Manual && !pm.options.offline;
    let is_sent = is_sent && only_here(pm)?.is_empty();
    if is_sent && !done.dry_run {
        let why = "git pm was uninstalled; ended";
        pm.write("task drop").run(|tx| {
            for item in &held {
                let own = item.open_claims().filter(|claim| claim.replica == replica);
                end_all(tx, &item.uid, own.map(|claim| claim.id.as_str()), why)?;
                release_item(tx, &item.uid)?;
            }
            for one in &reserved {
                end_reservation(tx, &one.uid, why, None)?;
            }
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            tx.describe("task drop", &ids, &first_of(&names, NAMED));
            Ok(())
        })?;
        sync::try_sync(pm);
    }
    if is_sent && only_here(pm)?.is_empty() {
        done.given_back = names;
    } else {
        done.left.push(format!(
            "claims and reservations at {}, until their leases end: {}",
            remote.shown(),
            first_of(&names, NAMED)
        ));
    }
    Ok(())
}

fn survey(pm: &Pm, force: bool) -> Result<Survey> {
    let (repo, git) = (pm.store.repo(), pm.store.repo().git_at_home());
    let state = pm.store.state()?;
    let all = list(&git)?;
    let mut found = Survey::default();
    for w in all.iter().filter(|w| is_ours(w, repo.common_dir())) {
        found.unsaved.extend(unsaved_in(pm, &git, w)?);
        found.left.extend(moved_folder(w, &all));
        let item = item_of(pm, &state, w, &all).cloned();
        found.worktrees.push((w.path.clone(), item));
    }
    for (full, tip) in repo.refs_under("refs/heads/")? {
        let name = full.strip_prefix("refs/heads/").unwrap_or(&full);
        // The work of a deleted item is work as well.
        let of = |scan| state.scan(&scan, |_| true, 1).pop();
        let item = of(Scan::Branch(name)).or_else(|| of(Scan::Deleted(name)));
        let Some(item) = item.filter(|_| !target_branches::is_target(pm, name)) else {
            continue;
        };
        let elsewhere = holders(repo.common_dir(), &all, name).into_iter();
        let mut elsewhere = elsewhere.filter(|w| !is_ours(w, repo.common_dir()));
        let lacking = lacking(pm, &git, &state, item, tip, force)?;
        let saved = match &lacking {
            Some(_) => saved_at(pm, &git, tip, force)?,
            None => None,
        };
        if let Some(there) = &saved {
            let name = one_line(name);
            found
                .left
                .push(format!("the commits of {name}, at {there}"));
        }
        if let Some(target) = lacking.filter(|_| saved.is_none()) {
            found.unsaved.push(format!(
                "{} has commits that {} lacks",
                one_line(name),
                one_line(&target)
            ));
        } else if let Some(w) = elsewhere.next() {
            let (name, place) = (one_line(name), shown(&w.path));
            found.left.push(format!("{name} is checked out in {place}"));
        } else {
            found.branches.push((full, tip));
        }
    }
    for name in repo.refs_under("refs/pm-local/saved/")?.into_keys() {
        let (before, saved) = (word(&format!("{name}^")), word(&name));
        found.unsaved.push(format!(
            "{} has saved work: `git diff {before} {saved}` shows it, `git update-ref -d {saved}` removes it",
            one_line(&name)
        ));
    }
    Ok(found)
}

/// The folder of a worktree that was moved together with the repository: git knows the old place.
fn moved_folder(w: &Worktree, all: &[Worktree]) -> Option<String> {
    let main = all.iter().find(|w| w.main)?;
    let folder = PathBuf::from(format!("{}.worktrees", main.path.display()));
    let there = folder.join(w.path.file_name()?);
    let is_moved = !w.path.exists() && there.exists();
    let (from, to) = (shown(&w.path), shown(&there));
    is_moved.then(|| format!("{to}, which was moved from {from}: remove that folder yourself"))
}

/// What would be lost with a worktree, apart from the commits of its branch.
fn unsaved_in(pm: &Pm, git: &Git, w: &Worktree) -> Result<Option<String>> {
    if w.prunable.is_some() {
        return Ok(None);
    }
    let name = shown(&w.path);
    if resolved(&pm.store.env().cwd).starts_with(resolved(&w.path)) {
        return Ok(Some(format!("{name} is the current directory")));
    }
    if w.locked.is_some() {
        return Ok(Some(format!("{name} is locked")));
    }
    let there = git.in_worktree(&w.path);
    match there.and_then(|there| Ok((dirt_to_remove(&there)?, ignored_to_save(&there, git.dir())?)))
    {
        Err(error) => return Ok(Some(error.message().to_string())),
        Ok((dirt, _)) if !dirt.loses_nothing() => {
            return Ok(Some(format!("{name} has {}", dirt.summary())));
        }
        // What is saved is purged as well.
        Ok((_, ignored)) if !ignored.is_empty() => {
            let what = "ignored files that the main worktree lacks or has otherwise";
            return Ok(Some(format!("{name} has {what}")));
        }
        Ok(_) => {}
    }
    if w.branch.is_some() {
        return Ok(None);
    }
    Ok(match removable(git, w, &target::default_target(pm)?)? {
        Safety::Integrated(_) => None,
        why => Some(format!("{name}: {why}")),
    })
}

/// The target that lacks the work of a branch; none if it is merged.
fn lacking(
    pm: &Pm,
    git: &Git,
    state: &State<'_>,
    item: &Item,
    tip: Oid,
    force: bool,
) -> Result<Option<String>> {
    let own = target::target_of(pm, state, item, None)?;
    let into = state.doc(&item.uid).and_then(|doc| doc.text("merged_into"));
    for target in [Some(own.as_str()), into].into_iter().flatten() {
        for name in [format!("refs/heads/{target}"), counted_against(pm, target)?] {
            let found = match name.starts_with("refs/remotes/") {
                true => tip_there(pm, &name, force)?,
                false => pm.store.repo().ref_target(&name)?,
            };
            let Some(target) = found else { continue };
            if integrated(git, &tip.to_string(), &target.to_string())?.is_some() {
                return Ok(None);
            }
        }
    }
    Ok(Some(own))
}

/// A branch of a remote that has a commit.
fn saved_at(pm: &Pm, git: &Git, tip: Oid, force: bool) -> Result<Option<String>> {
    let contains = format!("--contains={tip}");
    let form = "--format=%(refname)";
    let found = git.require(&["for-each-ref", form, &contains, "refs/remotes/"])?;
    for name in found.lines() {
        let there = tip_there(pm, &name, force)?;
        if there.is_some_and(|there| is_behind(pm, tip, there)) {
            let name = name.strip_prefix("refs/remotes/").unwrap_or(&name);
            return Ok(Some(one_line(name)));
        }
    }
    Ok(None)
}

/// Deletes refs at their commits: all or none.
fn delete_refs(git: &Git, refs: Vec<(String, Oid)>) -> Result<()> {
    if refs.is_empty() {
        return Ok(());
    }
    let lines = refs
        .iter()
        .map(|(name, tip)| format!("delete {name}\0{tip}\0"));
    let lines: String = lines.collect();
    let args = ["update-ref", "--no-deref", "--stdin", "-z"];
    let out = git.run_with(&args, Some(lines.as_bytes()), None)?;
    out.checked("cannot delete the refs").map(|_| ())
}

/// The settings of git pm in this clone's configuration, by key.
fn settings_set(git: &Git) -> Result<BTreeSet<String>> {
    let keys = r"^(pm\.|branch\..*\.pmkeep$)";
    let listed = git.run(&["config", "--local", "--name-only", "--get-regexp", keys])?;
    Ok(listed.lines().into_iter().collect())
}

/// Deletes the state and merged branches at the remote; returns their names.
fn clear_remote(pm: &Pm, dry_run: bool) -> Result<Vec<String>> {
    let remote = pm.main_remote().ok_or_else(|| {
        Error::usage("no remote is configured for the state").because(Reason::RemoteMissing)
    })?;
    if pm.options.offline {
        return Err(Error::usage(
            "`--offline` cannot be combined with `--remote`",
        ));
    }
    let refs = remote.own_refs(&pm.store)?;
    let mut names = merged_branches::delete_everywhere(pm, dry_run)?;
    for (name, tip) in refs {
        names.push(one_line(&name));
        if dry_run {
            continue;
        }
        let why = match remote.delete_ref(&pm.store, &name, tip)? {
            Brought::Done => continue,
            Brought::Apart => "it was changed meanwhile".to_string(),
            Brought::Refused(why) | Brought::Failed(why) => why,
        };
        let (name, at) = (one_line(&name), remote.shown());
        return Err(
            Error::remote(format!("{name} was not deleted at {at}: {why}"))
                .hint(Hint::run(
                    ["uninstall", "--purge"],
                    "removes what is in this clone only",
                ))
                .hint("this clone is unchanged; run the command again"),
        );
    }
    Ok(names)
}
