//! `init` and `uninstall`. Neither touches working tree, HEAD, branches or what a plain `git push`
//! does; `init` may be run again at any time, and `uninstall` leaves the state's refs where they
//! are.

use serde::Serialize;

use super::config::not_configured;
use crate::coordinate::hook;
use crate::error::Result;
use crate::pm::Pm;
use crate::pm::handles::{Hooks, StateHandle};
use crate::store::join::commit::join_commits;
use crate::store::layout::MAIN;
use crate::store::layout::PUBLISHED;

/// What `init` did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct InitReport {
    /// Whether the state was begun now.
    pub created: bool,
    /// The remote whose state was adopted.
    pub adopted: Option<String>,
    /// How many items the state has.
    pub items: usize,
    /// Remotes whose fetch refspec was set now.
    pub refspecs: Vec<String>,
    /// Hooks that were installed.
    pub hooks: Vec<String>,
    /// The commands that take over what other trackers keep in the worktree, while there are no items.
    pub imports: Vec<String>,
}

/// What `uninstall` did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UninstallReport {
    /// Hooks that were taken out.
    pub hooks: Vec<String>,
    /// Remotes whose fetch refspec was taken out.
    pub refspecs: Vec<String>,
    /// Files that were derived from the state and are removed.
    pub removed: Vec<String>,
    /// Refs that stay.
    pub kept: Vec<String>,
}

/// How to set up a repository.
#[derive(Clone, Debug, Default)]
pub struct InitOptions {
    /// Install the hooks.
    pub hooks: bool,
    /// With the strict `reference-transaction` hook.
    pub strict: bool,
    /// The binary that the hooks call.
    pub binary: Option<std::path::PathBuf>,
}

/// Where a remote's state refs are kept: not under `refs/remotes/`, so that `git branch -r` stays
/// clean, and never onto `refs/pm/`, which would overwrite local work.
fn refspec(remote: &str) -> String {
    format!("+refs/pm/*:refs/pm-remotes/{remote}/*")
}

impl StateHandle<'_> {
    /// Sets the repository up: adopts the state that a remote has or begins one, sets the fetch
    /// refspecs, installs the hooks.
    ///
    /// # Errors
    /// When the repository cannot be written.
    pub fn init(&self, options: &InitOptions) -> Result<InitReport> {
        let repo = self.pm.store.repo();
        if !options.hooks && !hook::is_active(repo) {
            self.pm.require_guard(
                "setting up without the guard of commits",
                "git pm init --no-hooks",
            )?;
        }
        let mut report = InitReport::default();
        let before = self.pm.store.tip()?;
        self.pm.store.replica()?;
        report.refspecs = self.pm.set_refspecs()?;
        if let Some(remote) = self.pm.main_remote()
            && !self.pm.options.offline
        {
            match self.pm.store.fetch_state(&remote) {
                Ok(Some(tip)) => {
                    self.pm.store.join_local(tip)?;
                    if before.is_none() {
                        report.adopted = Some(remote.shown());
                    }
                    // A local `git clone` copies what nothing reaches at the other place, too.
                    self.pm.tidy_up();
                }
                Ok(None) => {}
                Err(error) if error.kind() == crate::error::Kind::Remote => {
                    self.pm.notice(format!(
                        "{}; set up without its state, `git pm sync` joins it later",
                        error.message()
                    ));
                }
                Err(error) => return Err(error),
            }
        }
        // A plain `git fetch` may have brought the state before `init` was ever run.
        if self.pm.store.tip()?.is_none() {
            let mut fetched = repo.refs_under("refs/pm-remotes/")?;
            fetched.retain(|name, _| name.ends_with("/main"));
            // Or the state's ref was deleted: what was ever synced is here all the same.
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
            self.pm.store.initialise()?;
            report.created = true;
        } else {
            self.pm.join_first_commit()?;
        }
        if options.hooks
            && let Some(binary) = &options.binary
        {
            if repo.has_worktree() {
                report.hooks = self.pm.hooks().install(binary, options.strict)?;
            } else {
                self.pm.notice(
                    "no hooks were installed, as nothing is committed in a bare repository: once it \
                     has a worktree, run `git pm init` again",
                );
            }
        }
        let state = self.pm.store.state()?;
        report.items = state.count();
        if report.items == 0 {
            report.imports = self.pm.importable();
        }
        Ok(report)
    }

    /// Takes hooks and refspecs out again, and what was derived from the state. The state's refs
    /// stay: they are the data.
    ///
    /// # Errors
    /// When the repository cannot be written.
    pub fn uninstall(&self) -> Result<UninstallReport> {
        self.pm
            .require_guard("taking git pm out of a clone", "git pm uninstall")?;
        let repo = self.pm.store.repo();
        let mut report = UninstallReport {
            hooks: self.pm.hooks().uninstall()?,
            ..UninstallReport::default()
        };
        for remote in repo.remotes() {
            let key = format!("remote.{remote}.fetch");
            let wanted = refspec(&remote);
            let present = repo.git().run(&["config", "--get-all", &key])?.lines();
            if present.contains(&wanted) {
                let unset = ["config", "--fixed-value", "--unset-all", &key, &wanted];
                self.pm.store.configuring(|| repo.git().require(&unset))?;
                report.refspecs.push(remote);
            }
        }
        match self.pm.store.discard_index() {
            Ok(files) => {
                let name = |file: &std::path::PathBuf| {
                    Some(file.file_name()?.to_string_lossy().into_owned())
                };
                report.removed.extend(files.iter().filter_map(name));
                let _ = std::fs::remove_file(self.pm.store.folder().join("index.lock"));
            }
            Err(fault) => self.pm.notice(format!("the index is still there: {fault}")),
        }
        for prefix in [MAIN, "refs/pm-remotes/", "refs/pm-local/"] {
            report.kept.extend(repo.refs_under(prefix)?.into_keys());
        }
        Ok(report)
    }
}

impl Hooks<'_> {
    /// Installs the hooks; returns what was changed, as names or paths.
    ///
    /// # Errors
    /// When a hook file cannot be written.
    pub fn install(&self, binary: &std::path::Path, strict: bool) -> Result<Vec<String>> {
        // An agent does not go back from the strict mode by installing anew.
        let kept = self.pm.actor.is_agent && hook::status(self.pm.store.repo().git())?.strict;
        let options = hook::InstallOptions {
            binary: binary.to_path_buf(),
            strict: strict || kept,
        };
        let git = self.pm.store.repo().git();
        let done = self.pm.store.configuring(|| hook::install(git, &options))?;
        for note in done.notes {
            self.pm.notice(note);
        }
        let status = hook::status(self.pm.store.repo().git())?;
        Ok(status
            .hooks
            .into_iter()
            .filter(|h| h.state == hook::HookState::Installed)
            .map(|h| h.name)
            .collect())
    }

    /// Takes the hooks out; returns the names of those that were there.
    ///
    /// # Errors
    /// When a hook file cannot be restored.
    pub fn uninstall(&self) -> Result<Vec<String>> {
        self.pm
            .require_guard("taking the guard of commits out", "git pm hook uninstall")?;
        let before = hook::status(self.pm.store.repo().git())?;
        let git = self.pm.store.repo().git();
        let done = self.pm.store.configuring(|| hook::uninstall(git))?;
        for note in done.notes {
            self.pm.notice(note);
        }
        Ok(before
            .hooks
            .into_iter()
            .filter(|h| h.state != hook::HookState::Missing)
            .map(|h| h.name)
            .collect())
    }

    /// How the hooks stand.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn status(&self) -> Result<hook::HookStatus> {
        hook::status(self.pm.store.repo().git())
    }
}

impl Pm {
    /// A state that was begun by other means still gets `pm.yaml`.
    pub(crate) fn join_first_commit(&self) -> Result<()> {
        let tip = self.store.require_tip()?;
        let state = self.store.state()?;
        if state.repository.is_present() {
            return Ok(());
        }
        let mut pending = self.store.repo().pending();
        let first = crate::store::handle::initial_commit(&pending)?;
        join_commits(&pending, tip, first)?;
        self.store.flush(&mut pending)?;
        self.store.join_local(first)?;
        Ok(())
    }

    /// Sets the fetch refspec of every remote that lacks it; returns their names.
    fn set_refspecs(&self) -> Result<Vec<String>> {
        let repo = self.store.repo();
        let mut set = Vec::new();
        for remote in repo.remotes() {
            let wanted = refspec(&remote);
            let key = format!("remote.{remote}.fetch");
            let present = repo.git().run(&["config", "--get-all", &key])?.lines();
            if present.contains(&wanted) {
                continue;
            }
            let add = ["config", "--add", &key, &wanted];
            let output = self.store.configuring(|| repo.git().run(&add))?;
            if !output.ok() {
                let what = format!("cannot set the fetch refspec of {remote}");
                return Err(not_configured(&what, &output));
            }
            set.push(remote);
        }
        Ok(set)
    }

    /// Refuses an agent what leaves commits unguarded.
    fn require_guard(&self, what: &str, command: &str) -> Result<()> {
        let next = format!("ask a human to run `{command}`");
        crate::pm::actor::require_human(&self.actor, what, &next)
    }

    /// That commits are not guarded here, why, and what mends it; what another tool only moved aside
    /// is put back first.
    pub(crate) fn unguarded(&self) -> Option<String> {
        let why = hook::look(self.store.repo())?;
        Some(format!("commits are not guarded here: {why}"))
    }

    /// Says so, where the guard was on before: a tool that came later took its place.
    pub(crate) fn notice_unguarded(&self) {
        if hook::was_installed(self.store.repo())
            && let Some(text) = self.unguarded()
        {
            self.notice(text);
        }
    }
}
