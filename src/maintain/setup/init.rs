//! `init` and `uninstall`: what is set up in a repository, and what is removed again.
//!
//! Neither changes the working tree, HEAD, branches or the effect of a plain `git push`; `init` can
//! be repeated at any time, and `uninstall` keeps the state's refs.

use schemars::JsonSchema;
use serde::Serialize;

use super::config::{configure, not_configured};
use super::purge::Purged;
use super::scaffold::Scaffold;
use crate::bridge;
use crate::coordinate::hook;
use crate::coordinate::sync::cleanup;
use crate::coordinate::worktree::target;
use crate::error::Result;
use crate::model::id::word;
use crate::model::settings::{REMOTE, REMOTE_REF};
use crate::pm::Pm;
use crate::pm::handles::{Hooks, StateHandle};
use crate::store::git::repo::Oid;
use crate::store::join::commit::join_commits;
use crate::store::layout::MAIN;
use crate::store::layout::PUBLISHED;
use crate::store::remote_names::Remote;

/// The ref of the state on hosts that accept only branches and tags, as the refused push suggests.
const BRANCH_ONLY: &str = "refs/heads/pm/main";

/// The result of `init`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct InitReport {
    /// The state was initialized.
    pub created: bool,
    /// The remote whose state was adopted.
    pub adopted: Option<String>,
    /// Number of items in the state.
    pub items: usize,
    /// Remotes whose fetch refspec was set.
    pub refspecs: Vec<String>,
    /// Hooks that were installed.
    pub hooks: Vec<String>,
    /// While there are no items: the commands that import the data of other trackers in the
    /// worktree.
    pub imports: Vec<String>,
    /// The files of a new project, if they were asked for. In a dry run nothing else was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaffold: Option<Scaffold>,
}

/// The result of `uninstall`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct UninstallReport {
    /// Nothing was removed.
    pub dry_run: bool,
    /// Hooks that were removed.
    pub hooks: Vec<String>,
    /// Remotes whose fetch refspec was removed.
    pub refspecs: Vec<String>,
    /// Derived files that were removed.
    pub removed: Vec<String>,
    /// Refs that were kept.
    pub kept: Vec<String>,
    /// The data that was removed, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purged: Option<Purged>,
}

/// The options of `init`.
#[derive(Clone, Debug, Default)]
pub struct InitOptions {
    /// Install the hooks.
    pub hooks: bool,
    /// With the strict `reference-transaction` hook.
    pub strict: bool,
    /// The binary that the hooks call.
    pub binary: Option<std::path::PathBuf>,
}

/// The fetch refspec for a remote's state: not to `refs/remotes/`, where `git branch -r` would list
/// it, and never to `refs/pm/`, where it would overwrite local changes.
fn refspec(remote: &str) -> String {
    format!("+refs/pm/*:refs/pm-remotes/{remote}/*")
}

/// The maximum number of remotes in which a state is looked for.
const REMOTES_MAX: usize = 8;

/// Sets `pm.remote` to the remote that has a state if the one that is used otherwise has none:
/// in a clone of a fork, the state is at the repository that was forked.
fn choose_remote(pm: &Pm) -> Result<()> {
    let repo = pm.store.repo();
    let main = pm.main_remote();
    if repo.config(REMOTE.key).is_some() || repo.remotes().len() < 2 {
        return Ok(());
    }
    let has_state = |remote: &Remote| pm.store.fetch_state(remote).is_ok_and(|tip| tip.is_some());
    if main.as_ref().is_some_and(has_state) {
        return Ok(());
    }
    let others = repo.remotes().into_iter().take(REMOTES_MAX);
    let others = others.filter(|name| main.as_ref().is_none_or(|main| main.name != *name));
    let mut others = others.filter_map(|name| Remote::named(repo, &name).ok());
    let Some(found) = others.find(has_state) else {
        return Ok(());
    };
    configure(pm, REMOTE.key, &[REMOTE.key, &found.name])?;
    pm.notice(format!(
        "the state is at {}, to which pm.remote is now set",
        found.shown()
    ));
    Ok(())
}

/// Records the default branch of `origin`, as newer versions of git do with each fetch, if it is
/// not known and another one would be used: `main` may exist, and be the branch of releases.
fn learn_default_branch(pm: &Pm) -> Result<()> {
    let repo = pm.store.repo();
    let is_known = repo.symbolic_target("refs/remotes/origin/HEAD").is_some();
    let remote = pm.main_remote().filter(|remote| remote.name == "origin");
    let Some(remote) = remote.filter(|_| !is_known) else {
        return Ok(());
    };
    let Some(head) = remote.head(&pm.store)? else {
        return Ok(());
    };
    let there = format!("refs/remotes/origin/{head}");
    if target::default_target(pm).is_ok_and(|other| other == head) {
        return Ok(());
    }
    if repo.ref_target(&there)?.is_some() {
        // Without it the default is looked for otherwise.
        repo.git().run(&["remote", "set-head", "origin", &head])?;
    }
    Ok(())
}

/// The state at a remote, which is fetched: where it is configured to be, else at the branch for
/// hosts that accept only branches, which is then configured.
fn find_state(pm: &Pm, remote: &Remote) -> Result<Option<Oid>> {
    let found = pm.store.fetch_state(remote)?;
    let repo = pm.store.repo();
    if found.is_some() || repo.config(REMOTE_REF.key).is_some() {
        return Ok(found);
    }
    let branch = Remote {
        state_ref: BRANCH_ONLY.to_string(),
        ..remote.clone()
    };
    let found = pm.store.fetch_state(&branch)?;
    if found.is_some() {
        configure(pm, REMOTE_REF.key, &[REMOTE_REF.key, BRANCH_ONLY])?;
        pm.notice(format!(
            "the state is at {BRANCH_ONLY}, to which pm.remoteRef is now set"
        ));
        name_newer(pm, remote, found)?;
    }
    Ok(found)
}

/// Says which other remote has a newer state than the one that was found: a fork copies branches
/// once.
fn name_newer(pm: &Pm, remote: &Remote, found: Option<Oid>) -> Result<()> {
    let repo = pm.store.repo();
    let branch = BRANCH_ONLY.trim_start_matches("refs/heads/");
    for other in repo.remotes() {
        let tip = repo.ref_target(&format!("refs/remotes/{other}/{branch}"))?;
        let (Some(tip), Some(found)) = (tip.filter(|_| other != remote.name), found) else {
            continue;
        };
        if tip != found && repo.is_ancestor(found, tip).unwrap_or(false) {
            let name = word(&other);
            pm.notice(format!(
                "{name} has a newer state: `git pm config {} {name}` uses that one",
                REMOTE.key
            ));
        }
    }
    Ok(())
}

impl StateHandle<'_> {
    /// Sets the repository up: adopts a remote's state or initializes one, sets the fetch refspecs
    /// and installs the hooks.
    ///
    /// # Errors
    /// When the repository cannot be written.
    pub fn init(&self, options: &InitOptions) -> Result<InitReport> {
        let repo = self.pm.store.repo();
        if !options.hooks && !hook::is_active(repo) {
            require_guard(
                self.pm,
                "setting up without commit hooks",
                "git pm init --no-hooks",
            )?;
        }
        let mut report = InitReport::default();
        let before = self.pm.store.tip()?;
        self.pm.store.replica()?;
        report.refspecs = set_refspecs(self.pm)?;
        if before.is_none() && !self.pm.options.offline {
            choose_remote(self.pm)?;
            learn_default_branch(self.pm)?;
        }
        if let Some(remote) = self.pm.main_remote()
            && !self.pm.options.offline
        {
            match find_state(self.pm, &remote) {
                Ok(Some(tip)) => {
                    self.pm.store.join_local(tip)?;
                    if before.is_none() {
                        report.adopted = Some(remote.shown());
                    }
                    // A local `git clone` also copies unreachable objects.
                    cleanup::tidy_up(self.pm);
                }
                Ok(None) => {}
                Err(error) if error.kind() == crate::error::Kind::Remote => {
                    self.pm.notice(format!(
                        "{}; git pm was set up without the remote's state, which `git pm sync` \
                         will merge later",
                        error.message()
                    ));
                }
                Err(error) => return Err(error),
            }
        }
        // A plain `git fetch` may have fetched the state before the first `init`.
        if self.pm.store.tip()?.is_none() {
            let mut fetched = repo.refs_under("refs/pm-remotes/")?;
            fetched.retain(|name, _| name.ends_with("/main"));
            // Or the state's ref was deleted, and the synced state is still here.
            if let Some(known) = repo.ref_target(PUBLISHED)? {
                fetched.insert(PUBLISHED.to_string(), known);
            }
            for (name, tip) in &fetched {
                if repo.commit(*tip).is_ok() {
                    self.pm.store.require_state(name, *tip)?;
                    self.pm.store.join_local(*tip)?;
                    report.adopted = Some(name.clone());
                }
            }
        }
        if self.pm.store.tip()?.is_none() {
            self.pm.store.initialize()?;
            report.created = true;
        } else {
            join_first_commit(self.pm)?;
        }
        if options.hooks
            && let Some(binary) = &options.binary
        {
            if repo.has_worktree() {
                report.hooks = self.pm.hooks().install(binary, options.strict)?;
            } else {
                self.pm.notice(
                    "no hooks were installed in this bare repository: when it has a worktree, run \
                    `git pm init` again",
                );
            }
        }
        let state = self.pm.store.state()?;
        report.items = state.count();
        if report.items == 0 {
            report.imports = bridge::importable(self.pm);
        }
        Ok(report)
    }

    /// Removes hooks, refspecs and files derived from the state, or only says which. The state's
    /// refs, which are the data, are kept.
    ///
    /// # Errors
    /// When the repository cannot be written.
    pub fn uninstall(&self, dry_run: bool) -> Result<UninstallReport> {
        require_guard(self.pm, "uninstalling git pm", "git pm uninstall")?;
        let repo = self.pm.store.repo();
        let hooks = self.pm.hooks();
        let mut report = UninstallReport {
            dry_run,
            hooks: match dry_run {
                true => hooks.named(|hook| hook.state != hook::HookState::Missing)?,
                false => hooks.uninstall()?,
            },
            ..UninstallReport::default()
        };
        for remote in repo.remotes() {
            let key = format!("remote.{remote}.fetch");
            let wanted = refspec(&remote);
            let present = repo.git().run(&["config", "--get-all", &key])?.lines();
            if present.contains(&wanted) {
                if !dry_run {
                    let unset = ["config", "--fixed-value", "--unset-all", &key, &wanted];
                    self.pm.store.configuring(|| repo.git().require(&unset))?;
                }
                report.refspecs.push(remote);
            }
        }
        let folder = self.pm.store.folder();
        let discarded = match dry_run {
            true => Ok(vec![folder.join("index.sqlite")]),
            false => self.pm.store.discard_index(),
        };
        match discarded {
            Ok(files) => {
                let name = |file: &std::path::PathBuf| {
                    Some(file.file_name()?.to_string_lossy().into_owned())
                };
                let is_meant = |file: &&std::path::PathBuf| !dry_run || file.exists();
                let files = files.iter().filter(is_meant);
                report.removed.extend(files.filter_map(name));
                if !dry_run {
                    let _ = std::fs::remove_file(folder.join("index.lock"));
                }
            }
            Err(fault) => self.pm.notice(format!(
                "git pm's query index could not be removed: {fault}"
            )),
        }
        for prefix in [MAIN, "refs/pm-remotes/", "refs/pm-local/"] {
            report.kept.extend(repo.refs_under(prefix)?.into_keys());
        }
        Ok(report)
    }
}

impl Hooks<'_> {
    /// Installs the hooks; returns the names of all installed hooks.
    ///
    /// # Errors
    /// When a hook file cannot be written.
    pub fn install(&self, binary: &std::path::Path, strict: bool) -> Result<Vec<String>> {
        // An agent cannot leave the strict mode by installing again.
        let kept = self.pm.actor.is_agent && hook::status(self.pm.store.repo().git())?.strict;
        let options = hook::InstallOptions {
            binary: binary.to_path_buf(),
            strict: strict || kept,
        };
        let git = self.pm.store.repo().git();
        let done = self.pm.store.configuring(|| hook::install(git, &options))?;
        done.notes.into_iter().for_each(|note| self.pm.notice(note));
        self.named(|hook| hook.state == hook::HookState::Installed)
    }

    /// Removes the hooks; returns their names.
    ///
    /// # Errors
    /// When a hook file cannot be restored.
    pub fn uninstall(&self) -> Result<Vec<String>> {
        require_guard(
            self.pm,
            "removing the commit hooks",
            "git pm hook uninstall",
        )?;
        let before = self.named(|hook| hook.state != hook::HookState::Missing)?;
        let git = self.pm.store.repo().git();
        let done = self.pm.store.configuring(|| hook::uninstall(git))?;
        done.notes.into_iter().for_each(|note| self.pm.notice(note));
        Ok(before)
    }

    fn named(&self, fits: impl Fn(&hook::HookEntry) -> bool) -> Result<Vec<String>> {
        let hooks = self.status()?.hooks.into_iter();
        Ok(hooks.filter(fits).map(|hook| hook.name).collect())
    }

    /// The status of the hooks.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn status(&self) -> Result<hook::HookStatus> {
        hook::status(self.pm.store.repo().git())
    }
}

/// Adds `pm.yaml` to a state that lacks it.
pub(crate) fn join_first_commit(pm: &Pm) -> Result<()> {
    let tip = pm.store.require_tip()?;
    let state = pm.store.state()?;
    if state.repository.is_present() {
        return Ok(());
    }
    let mut pending = pm.store.repo().pending();
    let first = crate::store::first_commit::initial_commit(&pending)?;
    join_commits(&pending, tip, first)?;
    pm.store.flush(&mut pending)?;
    pm.store.join_local(first)?;
    Ok(())
}

/// Sets the fetch refspec of every remote that lacks it or has it several times; returns their names.
fn set_refspecs(pm: &Pm) -> Result<Vec<String>> {
    let repo = pm.store.repo();
    let mut set = Vec::new();
    for remote in repo.remotes() {
        let wanted = refspec(&remote);
        let key = format!("remote.{remote}.fetch");
        let present = repo.git().run(&["config", "--get-all", &key])?.lines();
        if present.iter().filter(|one| **one == wanted).count() == 1 {
            continue;
        }
        // Under the lock of git's configuration, so that of several at once one adds it.
        let set_once = [
            "config",
            "--fixed-value",
            "--replace-all",
            &key,
            &wanted,
            &wanted,
        ];
        let output = pm.store.configuring(|| repo.git().run(&set_once))?;
        if !output.ok() {
            let what = format!("cannot set the fetch refspec of {remote}");
            return Err(not_configured(&what, &output));
        }
        set.push(remote);
    }
    Ok(set)
}

/// Refuses to let an agent disable the hooks.
pub(super) fn require_guard(pm: &Pm, what: &str, command: &str) -> Result<()> {
    let next = format!("ask a human to run `{command}`");
    crate::pm::who_acts::require_human(&pm.actor, what, &next)
}
