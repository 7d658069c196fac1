//! Installs and uninstalls the hooks; `hook_location.rs` decides in which folder.
//!
//! There are two situations, depending on what git would run without us:
//!
//! - git's default folder: the shims are installed in it, and earlier hooks are kept beside them.
//!   Tools that write there later keep working: `pre-commit install` renames our shim to `.legacy`
//!   and runs it, git-lfs asks before it overwrites one.
//! - another folder (`core.hooksPath` of the machine, the user or the repository; husky): it
//!   belongs to another tool, and may be shared, tracked or generated, so nothing is written to it.
//!   Our own folder runs before it and runs its hooks as well.
//!
//! Installing is idempotent: it may be run at any time and ends with the same bytes.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::hook_location::Layout;
use super::lfs;
use super::previous_hooks::{Changes, Folder};
use super::shim;
use crate::error::{Error, Result};
use crate::store::fault;
use crate::store::git::process::Git;
use crate::store::shared_files;

/// The options of an installation.
#[derive(Clone, Debug)]
pub struct InstallOptions {
    /// The absolute path of the `git-pm` that the hooks run; the one in `PATH` is only the second
    /// choice, as a GUI may have a `PATH` without it.
    pub binary: PathBuf,
    /// Set to guard `reference-transaction` too, which `--no-verify` does not skip.
    pub strict: bool,
}

/// The result of an installation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InstallReport {
    /// The folder that git now runs hooks from.
    pub folder: PathBuf,
    /// The other folder that ours runs before; none if the shims are in git's default folder.
    pub in_front_of: Option<PathBuf>,
    /// Set if anything had to change.
    pub changed: bool,
    /// The hooks of others that run before ours, per hook.
    pub chained: Vec<PathBuf>,
    /// Notes for the user, a sentence each.
    pub notes: Vec<String>,
}

/// The result of removing the hooks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UninstallReport {
    /// Set if there was anything to remove.
    pub changed: bool,
    /// Notes for the user, a sentence each.
    pub notes: Vec<String>,
}

/// Our notes about an installation, in the common git directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct State {
    pub version: u32,
    pub binary: String,
    pub strict: bool,
    /// The other folder that ours runs before, as configured.
    pub in_front_of: Option<String>,
    /// Set if git's default folder did not exist (a template may leave it out).
    pub made_default_folder: bool,
}

impl State {
    /// The notes of this repository; none when nothing is installed or they cannot be read.
    pub fn load(layout: &Layout) -> Option<State> {
        serde_json::from_slice(&fs::read(layout.state_file()).ok()?).ok()
    }

    fn save(&self, layout: &Layout) -> Result<bool> {
        let file = layout.state_file();
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        if fs::read(&file).is_ok_and(|now| now == text) {
            return Ok(false);
        }
        fault::point("hook-state")
            .and_then(|()| fs::write(&file, text))
            .inspect(|()| shared_files::share(&file))
            .map_err(|e| Error::unwritten(format!("cannot write {}", file.display()), e))?;
        Ok(true)
    }
}

/// The program that the hooks of the repository with this common git directory run.
pub(crate) fn program(common: &Path) -> Option<PathBuf> {
    let state: State =
        serde_json::from_slice(&fs::read(common.join("pm/hooks.json")).ok()?).ok()?;
    Some(state.binary.into())
}

/// The hooks that are guarded.
pub(super) fn guarded(strict: bool) -> Vec<&'static str> {
    let mut names = shim::GUARDS.to_vec();
    if strict {
        names.push(shim::STRICT);
    }
    names
}

/// The hooks that only run those of the other folder.
pub(super) fn passed_on(layout: &Layout, behind: &Path, strict: bool) -> Vec<&'static str> {
    let behind = layout.top.join(behind);
    let guarded = guarded(strict);
    let there = shim::PASSED_ON_IF_THERE
        .iter()
        .filter(|name| shim::runnable(&behind.join(name)));
    shim::PASSED_ON
        .iter()
        .chain(there)
        .filter(|name| !guarded.contains(name))
        .copied()
        .collect()
}

/// Installs the hooks of the repository `git` runs in, or brings them up to date.
///
/// # Errors
/// When the repository's git directory cannot be written, or there is a folder at a hook's path.
pub fn install(git: &Git, options: &InstallOptions) -> Result<InstallReport> {
    let binary = options
        .binary
        .to_str()
        .filter(|_| options.binary.is_absolute());
    let Some(binary) = binary else {
        return Err(Error::usage(format!(
            "the hooks need an absolute UTF-8 path to git-pm, not {}",
            options.binary.display()
        )));
    };
    let layout = Layout::of(git)?;
    let own_parent = layout.common.join("pm");
    shared_files::create_dir_all(&own_parent)
        .map_err(|e| Error::unwritten(format!("cannot create {}", own_parent.display()), e))?;
    let before = State::load(&layout);
    let default = layout.default_folder();
    let mut state = State {
        version: 1,
        binary: binary.to_string(),
        strict: options.strict,
        in_front_of: None,
        made_default_folder: before
            .as_ref()
            .map_or(!default.exists(), |s| s.made_default_folder),
    };
    let mut changes = Changes::default();
    if before.is_some_and(|before| before.strict) && !options.strict {
        let note = "strict mode is off; `git pm hook install --strict` turns it on again";
        changes.notes.push(note.into());
    }
    let behind = layout.in_front_of();
    let folder = if let Some(behind) = &behind {
        state.in_front_of = Some(behind.to_string_lossy().into_owned());
        // Hooks that git would not run without us are left unchanged.
        if !default.is_symlink() {
            let made = state.made_default_folder;
            clear(&Folder::new(default), &[], made, &mut changes)?;
        }
        stand_before(git, &layout, behind, options, &mut changes)?;
        layout.own_folder()
    } else {
        changes.any |= layout.stop_pointing(git, true)?;
        clear(&Folder::new(layout.own_folder()), &[], true, &mut changes)?;
        let names = guarded(options.strict);
        let folder = Folder::new(default.clone());
        clear(&folder, &names, false, &mut changes)?;
        changes.any |= lfs::install_first(git, &folder);
        for name in &names {
            let content = shim::text(name, Some(&options.binary), None);
            folder.put(name, &content, &mut changes)?;
        }
        folder.link_helpers(&names, &mut changes)?;
        default
    };
    changes.any |= state.save(&layout)?;

    let layout = Layout::of(git)?;
    if layout.effective_folder() != folder {
        let by = layout.effective.as_ref();
        let by = by.map_or("", |found| found.origin.as_str());
        changes.notes.push(format!(
            "git still runs the hooks in {} (core.hooksPath is set in {by}), so git pm's hooks are \
             not active",
            layout.effective_folder().display()
        ));
    }
    let placed = Folder::new(folder.clone());
    let chained = chained(&layout, &placed, &state, options.strict);
    Ok(InstallReport {
        folder,
        in_front_of: behind.map(PathBuf::from),
        changed: changes.any,
        chained: chained.into_iter().flat_map(|(_, hooks)| hooks).collect(),
        notes: changes.notes,
    })
}

/// Installs our own folder, which runs before `behind`.
fn stand_before(
    git: &Git,
    layout: &Layout,
    behind: &OsString,
    options: &InstallOptions,
    changes: &mut Changes,
) -> Result<()> {
    let folder = Folder::new(layout.own_folder());
    let guarded = guarded(options.strict);
    let passed = passed_on(layout, Path::new(behind), options.strict);
    let all: Vec<&str> = guarded.iter().chain(&passed).copied().collect();
    clear(&folder, &all, false, changes)?;
    for name in &all {
        let binary = guarded.contains(name).then_some(options.binary.as_path());
        folder.put(name, &shim::text(name, binary, Some(behind)), changes)?;
    }
    changes.any |= layout.point_at_own_folder(git)?;
    Ok(())
}

/// Removes all shims of a folder but `keep`.
fn clear(folder: &Folder, keep: &[&str], made: bool, changes: &mut Changes) -> Result<()> {
    for name in folder.shims() {
        if !keep.contains(&name.as_str()) {
            folder.take(&name, changes)?;
        }
    }
    if keep.is_empty() {
        folder.tidy(made)?;
    }
    Ok(())
}

/// The other hooks that run with each guarded hook.
pub(super) fn chained(
    layout: &Layout,
    folder: &Folder,
    state: &State,
    strict: bool,
) -> Vec<(&'static str, Vec<PathBuf>)> {
    let behind = state
        .in_front_of
        .as_ref()
        .map(|behind| layout.top.join(behind));
    guarded(strict)
        .into_iter()
        .map(|name| {
            let mut hooks = Vec::new();
            if folder.place(name) != folder.hook(name) {
                hooks.push(folder.hook(name));
            }
            hooks.push(folder.before(name));
            hooks.extend(behind.as_ref().map(|behind| behind.join(name)));
            hooks.retain(|hook| shim::runnable(hook));
            (name, hooks)
        })
        .collect()
}

/// Removes the hooks from the repository that `git` runs in and restores the earlier files, modes,
/// folders and configuration.
pub fn uninstall(git: &Git) -> Result<UninstallReport> {
    git.require_unlocked_configuration()?;
    let layout = Layout::of(git)?;
    let state = State::load(&layout);
    let made = state.is_some_and(|state| state.made_default_folder);
    let mut changes = Changes::default();
    changes.any |= layout.stop_pointing(git, true)?;
    let default = layout.default_folder();
    if !default.is_symlink() {
        clear(&Folder::new(default), &[], made, &mut changes)?;
    }
    clear(&Folder::new(layout.own_folder()), &[], true, &mut changes)?;
    if fs::remove_file(layout.state_file()).is_ok() {
        changes.any = true;
    }
    // Other modules keep their files there; only an empty folder is removed.
    let _ = fs::remove_dir(layout.common.join("pm"));
    Ok(UninstallReport {
        changed: changes.any,
        notes: changes.notes,
    })
}
