//! Whether the guard would run, for `doctor` and `task start`; if not, why and what to do.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::hook_location::Layout;
use super::install::{InstallOptions, State, chained, guarded, install, passed_on};
use super::lfs;
use super::previous_hooks::Folder;
use super::shim::{self, Owner};
use crate::error::Result;
use crate::pm::Pm;
use crate::store::git::process::Git;
use crate::store::git::repo::Repo;

/// The command that repairs the hooks.
const FIX: &str = "git pm init";

/// The state of one hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HookState {
    /// It runs.
    Installed,
    /// There is no shim.
    Missing,
    /// Another tool's hook is in its place and does not run ours.
    Foreign,
    /// The shim exists, but git would not run it, or it has nothing to run.
    SwitchedOff,
}

impl HookState {
    /// The name shown to users.
    pub fn as_str(self) -> &'static str {
        match self {
            HookState::Installed => "installed",
            HookState::Missing => "missing",
            HookState::Foreign => "foreign",
            HookState::SwitchedOff => "switched off",
        }
    }
}

/// One hook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HookEntry {
    /// Its name, as git knows it.
    pub name: String,
    /// The state.
    pub state: HookState,
    /// The other hooks that run with it.
    pub chained: Vec<PathBuf>,
}

/// The hooks of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HookStatus {
    /// Set if every guarded hook runs.
    pub active: bool,
    /// Set if hooks were ever installed here.
    pub installed: bool,
    /// Set in strict mode.
    pub strict: bool,
    /// The folder that git runs hooks from.
    pub folder: PathBuf,
    /// The guarded hooks.
    pub hooks: Vec<HookEntry>,
    /// The problems, a sentence each.
    pub reasons: Vec<String>,
    /// The command that fixes the problems.
    pub fix: Option<String>,
}

/// The state of the hooks of the repository `git` runs in.
pub fn status(git: &Git) -> Result<HookStatus> {
    let mut status = of_layout(&Layout::of(git)?, true);
    let push = status.hooks.iter().find(|hook| hook.name == "pre-push");
    if status.active && push.is_some_and(|push| !lfs::is_among(&push.chained)) && lfs::in_use(git) {
        status.reasons.push(
            "the repository uses git-lfs, but the git-lfs hooks are not installed; until they are, \
             git pm's pre-push hook uploads LFS content"
                .into(),
        );
        status.fix.get_or_insert_with(|| FIX.into());
    }
    Ok(status)
}

/// True if every guarded hook is ours and runs. Starts no process unless it has to.
pub fn is_active(repo: &Repo) -> bool {
    match Layout::seen_by(repo) {
        Some(layout) => of_layout(&layout, false).active,
        None => status(repo.git()).is_ok_and(|status| status.active),
    }
}

/// The reason why the guard is off, and the command that turns it on, for other commands: as cheap
/// as [`is_active`]. If another tool only moved our hooks aside in a shared folder, they are
/// restored first.
pub fn look(repo: &Repo) -> Option<String> {
    let layout = match Layout::seen_by(repo) {
        Some(layout) => layout,
        None => Layout::of(repo.git()).ok()?,
    };
    let status = of_layout(&layout, false);
    if status.active {
        return None;
    }
    if put_back(repo, &layout, &status).is_some() {
        return None;
    }
    let reason = status
        .reasons
        .first()
        .map_or("the hooks are off", String::as_str);
    let fix = match status.fix.as_deref() {
        Some(fix) if fix != FIX => fix,
        _ if status.strict => "git pm hook install --strict",
        _ => "git pm hook install",
    };
    Some(format!("{reason}; `{fix}` enables the hooks"))
}

/// True if the guard was installed here, or the repository is bare: `init` could not install it
/// then, and worktrees may have been added later.
pub fn was_installed(repo: &Repo) -> bool {
    let noted = Layout::seen_by(repo).and_then(|layout| State::load(&layout));
    noted.is_some() || repo.config_bool("core.bare") == Some(true)
}

/// Restores our hooks if each one that does not run was moved aside by the one in its place, or is
/// no longer executable.
fn put_back(repo: &Repo, layout: &Layout, status: &HookStatus) -> Option<()> {
    let state = State::load(layout)?;
    let folder = Folder::new(layout.default_folder());
    let runs = shim::runnable(Path::new(&state.binary));
    let moved = |hook: &HookEntry| {
        hook.state == HookState::Installed
            || (hook.state == HookState::SwitchedOff && runs)
            || (hook.state == HookState::Foreign
                && shim::owner(&folder.aside(&hook.name)) == Owner::Us)
    };
    if layout.effective_folder() != layout.default_folder() || !status.hooks.iter().all(moved) {
        return None;
    }
    let options = InstallOptions {
        binary: state.binary.into(),
        strict: state.strict,
    };
    install(repo.git(), &options).ok().map(|_| ())
}

/// `thorough` also compares the installed hooks with those that would be installed now.
fn of_layout(layout: &Layout, thorough: bool) -> HookStatus {
    let stored = State::load(layout);
    let installed = stored.is_some();
    let state = stored.unwrap_or_default();
    let ours = if state.in_front_of.is_some() {
        layout.own_folder()
    } else {
        layout.default_folder()
    };
    let mut reasons = Vec::new();
    let mut fix = None;
    if !installed {
        reasons.push("git pm's hooks are not installed".to_string());
        fix = Some(FIX.to_string());
    }

    let mut off = false;
    if installed && layout.effective_folder() != ours {
        off = true;
        reasons.push(switched_off(layout));
        fix = Some(match &layout.effective {
            Some(found) if found.transient => "unset GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS".into(),
            _ => FIX.into(),
        });
    }
    let binary = Path::new(&state.binary);
    if installed
        && !(shim::runnable(binary) && std::fs::metadata(binary).is_ok_and(|m| m.len() > 0))
    {
        off = true;
        reasons.push(format!(
            "the hooks run {}, which no longer exists",
            state.binary
        ));
        fix.get_or_insert_with(|| FIX.into());
    }

    let folder = Folder::new(ours.clone());
    let mut hooks = Vec::new();
    for (name, chained) in chained(layout, &folder, &state, state.strict) {
        let place = folder.place(name);
        let (found, reason) = match shim::owner(&place) {
            Owner::Us if !shim::runnable(&place) => (
                HookState::SwitchedOff,
                Some(format!("{} is not executable", place.display())),
            ),
            Owner::Us if off => (HookState::SwitchedOff, None),
            Owner::Us => (HookState::Installed, None),
            Owner::Free => (
                HookState::Missing,
                Some(format!("the hook {name} is missing")),
            ),
            Owner::Other | Owner::PreCommit => (
                HookState::Foreign,
                Some(format!(
                    "another tool's hook is at {}, so git pm's hook is not run",
                    place.display()
                )),
            ),
        };
        if installed && let Some(reason) = reason {
            reasons.push(reason);
            fix.get_or_insert_with(|| FIX.into());
        }
        hooks.push(HookEntry {
            name: name.to_string(),
            state: found,
            chained,
        });
    }
    let active = installed && hooks.iter().all(|hook| hook.state == HookState::Installed);
    if thorough
        && active
        && let Some(reason) = out_of_date(layout, &folder, &state)
    {
        reasons.push(reason);
        fix = Some(FIX.into());
    }
    HookStatus {
        active,
        installed,
        strict: state.strict,
        folder: layout.effective_folder(),
        hooks,
        reasons,
        fix,
    }
}

fn switched_off(layout: &Layout) -> String {
    match &layout.effective {
        Some(found) => {
            let by = match (found.transient, found.origin.as_str()) {
                (true, _) => " (set in the environment or on the command line)".into(),
                (false, "") => String::new(),
                (false, origin) => format!(" (set in {origin})"),
            };
            format!(
                "the hooks are switched off: core.hooksPath is {}{by}",
                found.value.display()
            )
        }
        None => "the hooks are switched off: the repository was moved, or its configuration was \
                 rewritten"
            .into(),
    }
}

/// The first hook that should run with the guard and does not.
fn out_of_date(layout: &Layout, folder: &Folder, state: &State) -> Option<String> {
    let behind = layout.in_front_of();
    if behind.as_ref().map(|b| b.to_string_lossy().into_owned()) != state.in_front_of {
        return Some(match behind {
            Some(now) => format!(
                "core.hooksPath now points to {}, whose hooks are not run",
                now.display()
            ),
            None => "core.hooksPath has changed since the hooks were installed".into(),
        });
    }
    let binary = Path::new(&state.binary);
    for name in guarded(state.strict) {
        let expected = shim::text(name, Some(binary), behind.as_deref());
        if std::fs::read(folder.place(name)).ok() != Some(expected) {
            return Some(format!(
                "the hook {name} is not the one that this version of git pm installs"
            ));
        }
    }
    let behind = behind?;
    let missing = passed_on(layout, Path::new(&behind), state.strict)
        .into_iter()
        .find(|name| shim::owner(&folder.hook(name)) != Owner::Us)?;
    Some(format!(
        "the hook {missing} of {} is not run",
        behind.display()
    ))
}

/// A message with reason and fix if commits are not guarded. Hooks that another tool moved
/// aside are restored first.
pub(crate) fn missing_hooks_warning(pm: &Pm) -> Option<String> {
    let why = look(pm.store.repo())?;
    Some(format!("the hooks are not active here: {why}"))
}

/// Adds a notice if the hooks were installed and are not active: another tool replaced them.
pub(crate) fn notice_unguarded(pm: &Pm) {
    if was_installed(pm.store.repo())
        && let Some(text) = missing_hooks_warning(pm)
    {
        pm.notice(text);
    }
}
