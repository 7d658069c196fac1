//! Creates a worktree with its branch, completely or not at all, and undoes it.

use std::path::{Component, Path, PathBuf};

use super::copy_ignored::{self, Skipped};
use super::list::{Worktree, list};
use super::{branch, dirt, name_template, path, remove};
use crate::error::{Error, Hint, Reason, Result};
use crate::store::git::process::{Git, Output};

/// The entry in the log of a branch that git pm created.
pub(crate) const MADE: &str = "branch: created by git pm";

/// The worktree to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddOptions {
    /// The folder, relative to the folder that git runs in.
    pub path: PathBuf,
    pub branch: String,
    /// The commit at which a new branch starts, by any name. Ignored for an existing branch.
    pub base: String,
    /// Create the branch; else it must exist.
    pub new_branch: bool,
    /// Check out these folders only (a sparse cone); none: everything.
    pub sparse: Vec<String>,
    /// Check them out in addition to what the repository's own sparse checkout has.
    pub widens: bool,
    /// Fetch the content of git-lfs files now.
    pub lfs_smudge: bool,
    /// Ignored folders to copy from the main work tree (for a bare repository: from the worktree
    /// git runs in), by reflink only.
    pub copy_ignored: Vec<String>,
    /// Ignored folders and files to copy from there in any case.
    pub copy: Vec<String>,
}

impl AddOptions {
    /// A full checkout of a new branch.
    pub fn new(
        path: impl Into<PathBuf>,
        branch: impl Into<String>,
        base: impl Into<String>,
    ) -> Self {
        AddOptions {
            path: path.into(),
            branch: branch.into(),
            base: base.into(),
            new_branch: true,
            sparse: Vec::new(),
            widens: false,
            lfs_smudge: true,
            copy_ignored: Vec::new(),
            copy: Vec::new(),
        }
    }
}

/// The created worktree, with what is needed to undo it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Added {
    /// The folder, absolute.
    pub path: PathBuf,
    /// The branch.
    pub branch: String,
    /// The commit that was checked out.
    pub base: String,
    /// Set if the branch was created too.
    pub created_branch: bool,
    /// Created parent folders, innermost first.
    pub created_parents: Vec<PathBuf>,
    /// The ignored folders that were copied.
    pub copied: Vec<String>,
    /// Those that were not, with the reason.
    pub skipped: Vec<Skipped>,
    /// A warning for the user, such as a failing post-checkout hook.
    pub warning: Option<String>,
}

/// The parts that undoing keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Undone {
    /// The ref that saves the work done in the worktree meanwhile.
    pub saved: Option<String>,
    /// Set if the branch was created by `add` but has commits of its own.
    pub kept_branch: bool,
}

/// Creates a worktree. If a step fails, the earlier ones are rolled back.
///
/// # Errors
/// Usage for invalid names; not found for a missing base or branch; refused when the folder or the
/// branch is in use, naming what uses it.
#[cfg(any(test, feature = "internals"))]
pub fn add(git: &Git, options: &AddOptions) -> Result<Added> {
    add_with(git, options, &|_, _, make| make())
}

/// Runs the creation of a ref, given its name and commit, so that its lock can be announced.
pub type Making<'a> = &'a dyn Fn(&str, &str, &mut dyn FnMut() -> Result<()>) -> Result<()>;

/// As [`add`], with `making` around the creation of the branch.
pub fn add_with(git: &Git, options: &AddOptions, making: Making<'_>) -> Result<Added> {
    name_template::check_branch(&options.branch)?;
    let cone = cone(&options.sparse)?;
    let folder = git.dir().join(&options.path);
    let common = git.common_dir()?;
    // A worktree and the repository name each other in text files.
    if common.to_str().is_none() {
        return Err(Error::state(format!(
            "the path {} is not UTF-8, and a worktree cannot name it",
            path::shown(&common)
        ))
        .hint("move the repository to a UTF-8 path, or use `--no-worktree`"));
    }
    // Worktrees inside a bare repository's folder are a common layout.
    let hidden = common.file_name().is_some_and(|n| n == ".git");
    let private = if hidden {
        common.clone()
    } else {
        common.join("worktrees")
    };
    if path::resolved(&folder).starts_with(path::resolved(&private)) {
        return Err(Error::usage(format!(
            "{} is inside the git directory",
            path::shown(&folder)
        ))
        .hint("choose a folder outside of it")
        .because(Reason::WorktreeInsideGitDir));
    }
    let existing = branch::tip(git, &options.branch)?;
    let worktrees = list(git)?;
    let base = match (&existing, options.new_branch) {
        (Some(_), true) => {
            return Err(
                Error::refused(format!("the branch `{}` already exists", options.branch))
                    .hint("continue on it, or choose another name")
                    .because(Reason::BranchExists)
                    .about(&options.branch),
            );
        }
        (None, false) => return Err(branch::missing(&options.branch)),
        (Some(tip), false) => tip.commit.clone(),
        (None, true) => branch::require_commit(git, &options.base)?,
    };
    free_branch(git, &common, &worktrees, &options.branch)?;
    free_folder(git, &worktrees, &folder)?;
    let main = worktrees.iter().find(|w| w.main && !w.bare);
    if let Some(main) = main.filter(|main| main.present()) {
        ignore_inside(git, &common, &main.path, &folder)?;
    }

    let mut added = Added {
        created_parents: missing_parents(&folder),
        path: folder,
        branch: options.branch.clone(),
        base,
        created_branch: options.new_branch,
        copied: Vec::new(),
        skipped: Vec::new(),
        warning: None,
    };
    if options.new_branch {
        create_branch(git, &added.branch, &added.base, making)?;
    }
    if let Err(error) = fill(git, options, &cone, &mut added) {
        // It holds no work yet. The first error is the one to report.
        return Err(match roll_back(git, &added) {
            Ok(_) => error,
            Err(also) => error.hint(format!(
                "the incomplete worktree could not be removed ({}): see `git worktree list`",
                also.message()
            )),
        });
    }
    let source = match main {
        Some(main) => main.path.clone(),
        None => dirt::at_top(git).map_or_else(|_| git.dir().into(), |g| g.dir().into()),
    };
    let plainly = options.copy.iter().map(|name| (name, true));
    let by_reflink = options.copy_ignored.iter().map(|name| (name, false));
    let by_reflink = by_reflink.filter(|(name, _)| !options.copy.contains(name));
    for (name, plainly) in plainly.chain(by_reflink) {
        match copy_ignored::copy(git, &source, &added.path, name, plainly) {
            Ok(()) => added.copied.push(name.clone()),
            Err(reason) => added.skipped.push(Skipped {
                name: name.clone(),
                reason,
            }),
        }
    }
    Ok(added)
}

/// Has git ignore worktrees inside the main one (`info/exclude`): they would be untracked files of it.
/// The parent folder is ignored if it is new, or else only the worktree.
fn ignore_inside(git: &Git, common: &Path, main: &Path, folder: &Path) -> Result<()> {
    let place = path::resolved(folder);
    let Ok(inside) = place.strip_prefix(path::resolved(main)) else {
        return Ok(());
    };
    let asked = ["check-ignore".as_ref(), "--quiet".as_ref(), "--".as_ref()];
    let asked = [&asked[..], &[inside.as_os_str()]].concat();
    if git.in_worktree(main)?.run(&asked)?.ok() {
        return Ok(());
    }
    let parent = inside.parent().filter(|p| !p.as_os_str().is_empty());
    let ignored = match parent {
        Some(parent) if !main.join(parent).exists() => parent,
        _ => inside,
    };
    let mut line = String::from("\n/");
    for c in ignored.to_string_lossy().chars() {
        if "\\*?[".contains(c) {
            line.push('\\');
        }
        line.push(c);
    }
    line.push_str("/\n");
    let file = common.join("info/exclude");
    let written = std::fs::create_dir_all(common.join("info")).and_then(|()| {
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&file)?;
        std::io::Write::write_all(&mut file, line.as_bytes())
    });
    written.map_err(|error| Error::io(path::shown(&file), error))
}

/// Creates the branch, which must not exist: compared and swapped, so that two processes cannot
/// both create it. Not `git worktree add -b`, which would also make it track a remote base.
pub(crate) fn create_branch(git: &Git, branch: &str, base: &str, making: Making<'_>) -> Result<()> {
    let full = format!("refs/heads/{branch}");
    making(&full, base, &mut || {
        let args = ["update-ref", "-m", MADE, &full, base, ""];
        let out = match git.run(&args) {
            Ok(out) => out,
            Err(error) => {
                // The result is unknown; if the branch was created, its reflog shows by whom.
                let log = git.run(&["reflog", "show", "--format=%gs", &full, "--"]);
                if log.is_ok_and(|log| log.text() == MADE) {
                    let _ = git.run(&["update-ref", "-d", &full, base]);
                }
                return Err(error);
            }
        };
        if out.ok() {
            return Ok(());
        }
        let error = Error::refused(format!(
            "cannot create the branch `{branch}`: {}",
            out.reason()
        ));
        Err(match out.lock_hint() {
            Some(hint) => error.hint(hint),
            None => error.hint(Hint::git(
                ["branch", "--list"],
                "lists the names that may conflict",
            )),
        })
    })
}

/// Registers the worktree and checks its files out.
fn fill(git: &Git, options: &AddOptions, cone: &str, added: &mut Added) -> Result<()> {
    let git = if options.lfs_smudge {
        git.clone()
    } else {
        git.with_env("GIT_LFS_SKIP_SMUDGE", "1")
    };
    let mut args: Vec<&std::ffi::OsStr> = vec!["worktree".as_ref(), "add".as_ref()];
    args.push("--quiet".as_ref());
    if !cone.is_empty() && !options.widens {
        args.push("--no-checkout".as_ref());
    }
    args.extend(["--".as_ref(), added.path.as_os_str(), added.branch.as_ref()]);
    let out = git.run(&args)?;
    let inside = match git.in_worktree(&added.path) {
        Err(_) if !out.ok() => return Err(unfilled(&added.path, &out)),
        inside => inside?,
    };
    if !out.ok() {
        added.warning = Some(unless_whole(&git, &inside, &out)?);
    }
    if !cone.is_empty() && options.widens {
        let folders = path::some_of(&options.sparse);
        inside
            .feed(&["sparse-checkout", "add", "--stdin"], cone)?
            .checked(format!("cannot add {folders} to the sparse checkout"))?;
    } else if !cone.is_empty() {
        let set = ["sparse-checkout", "set", "--cone", "--stdin"];
        let folders = path::some_of(&options.sparse);
        inside
            .feed(&set, cone)?
            .checked(format!("cannot limit the checkout to {folders}"))?;
        let out = inside.run(&["checkout", "--quiet"])?;
        if !out.ok() {
            added.warning = Some(unless_whole(&git, &inside, &out)?);
        }
    }
    remove::mark(&inside, &added.branch)?;
    Ok(())
}

fn unfilled(place: &Path, out: &Output) -> Error {
    let (place, said) = (path::shown(place), out.last_lines());
    let error = Error::state(format!("cannot create the worktree {place}: {said}"));
    match said.contains(" filter ") || said.contains("hung up") {
        true => error.hint(Hint::git(
            ["config", "--get-regexp", "^filter"],
            "shows the programs that convert files at a checkout: install a missing one",
        )),
        false => error,
    }
}

/// Returns a warning if the checkout is complete and only the user's post-checkout hook failed.
fn unless_whole(git: &Git, inside: &Git, out: &Output) -> Result<String> {
    let failed = || unfilled(inside.dir(), out);
    if path::same(&inside.git_dir()?, &git.common_dir()?) {
        return Err(failed());
    }
    let clean = inside.run(&["diff-index", "--quiet", "--cached", "HEAD", "--"])?;
    let files = inside.run(&["diff-files", "--quiet", "--ignore-submodules=dirty"])?;
    if clean.ok() && files.ok() {
        Ok(format!(
            "a hook failed after the checkout: {}",
            out.last_lines()
        ))
    } else {
        Err(failed())
    }
}

/// The lines for `git sparse-checkout set --stdin`.
fn cone(folders: &[String]) -> Result<String> {
    let mut lines = String::new();
    for folder in folders {
        let mut parts = Path::new(folder).components();
        let plain = parts.all(|c| matches!(c, Component::Normal(_)));
        if folder.is_empty() || !plain || folder.contains(['\n', '\r', '\0']) {
            return Err(Error::usage(format!(
                "`{}` is not a folder below the repository's root",
                crate::model::text::one_line(folder)
            ))
            .hint("specify folders such as `src/parser`"));
        }
        // A line that begins with a quote is read as a C string.
        if folder.starts_with('"') {
            let escaped = folder.replace('\\', "\\\\").replace('"', "\\\"");
            lines.push_str(&format!("\"{escaped}\"\n"));
        } else {
            lines.push_str(&format!("{folder}\n"));
        }
    }
    Ok(lines)
}

/// Refuses when the branch is checked out (or being rebased) elsewhere; a registration whose
/// folder is gone is dropped, that one only.
fn free_branch(git: &Git, common: &Path, worktrees: &[Worktree], name: &str) -> Result<()> {
    for holder in branch::holders(common, worktrees, name) {
        if stale(&holder) {
            remove::discard(git, &holder.path)?;
            continue;
        }
        let shown = path::shown(&holder.path);
        let place = path::word(&holder.path);
        let error = Error::refused(format!("the branch `{name}` is checked out in {shown}"))
            .hint(format!("work there: `cd {place}`"))
            .because(Reason::BranchCheckedOut)
            .about(name);
        // Git never removes the main one, and other work is not to be lost.
        let is_idle =
            !holder.main && dirt::dirt_in(git, &holder.path).is_ok_and(|dirt| dirt.loses_nothing());
        let removes = Hint::git(["worktree", "remove", &shown], "removes that worktree");
        let removes = is_idle.then_some(removes).into_iter();
        return Err(removes.fold(error, Error::hint));
    }
    Ok(())
}

/// True if only the registration is left. A locked one may be on a drive that is not mounted.
fn stale(worktree: &Worktree) -> bool {
    !worktree.main
        && worktree.locked.is_none()
        && !worktree.present()
        && !remove::has_content(&worktree.path)
}

/// Refuses when the folder is in use; a registration for a folder that is gone is dropped, that one
/// only.
fn free_folder(git: &Git, worktrees: &[Worktree], folder: &Path) -> Result<()> {
    let shown = path::shown(folder);
    let registered = worktrees.iter().find(|w| path::same(&w.path, folder));
    if let Some(worktree) = registered.filter(|w| !stale(w)) {
        let of = match (&worktree.branch, &worktree.locked) {
            (_, Some(_)) => "it is locked".to_string(),
            (Some(branch), None) => format!("it has `{branch}` checked out"),
            (None, None) => "it has no branch checked out".to_string(),
        };
        return Err(
            Error::refused(format!("{shown} is already a worktree: {of}"))
                .hint("choose another folder")
                .hint(Hint::git(["worktree", "list"], "lists all worktrees"))
                .because(Reason::WorktreeExists)
                .about(&shown),
        );
    }
    if remove::has_content(folder) {
        return Err(
            Error::refused(format!("{shown} already exists and is not an empty folder"))
                .hint("move or remove it, or choose another folder")
                .because(Reason::WorktreeFolderInUse)
                .about(&shown),
        );
    }
    // It may have been dropped already as the branch's stale registration.
    if let Some(worktree) = registered
        && list(git)?.iter().any(|w| w.path == worktree.path)
    {
        remove::discard(git, &worktree.path)?;
    }
    Ok(())
}

fn missing_parents(folder: &Path) -> Vec<PathBuf> {
    let parents = folder.ancestors().skip(1);
    parents
        .take_while(|p| p.symlink_metadata().is_err())
        .map(Path::to_path_buf)
        .collect()
}

/// Undoes exactly what [`add`] created: the folder, its empty new parent folders, and the branch if
/// it was created and has no new commits. Work done there meanwhile is saved to a ref first.
///
/// # Errors
/// When git or the file system fails; completed steps stay done.
pub fn undo(git: &Git, added: &Added) -> Result<Undone> {
    let worktrees = list(&git.in_common_dir()?)?;
    let found = worktrees.iter().find(|w| path::same(&w.path, &added.path));
    let mut saved = None;
    if let Some(worktree) = found.filter(|w| w.present()) {
        // Only HEAD holds commits made on no branch; `secure` saves those too.
        saved = remove::secure(&git.in_worktree(&worktree.path)?, worktree, true, None, &[])?;
    }
    let kept_branch = roll_back(git, added)?;
    Ok(Undone { saved, kept_branch })
}

/// Removes folder, registration, parents and branch; true if the branch had to stay.
fn roll_back(git: &Git, added: &Added) -> Result<bool> {
    let git = &git.in_common_dir()?;
    let worktrees = list(git)?;
    if let Some(worktree) = worktrees.iter().find(|w| path::same(&w.path, &added.path)) {
        remove::discard(git, &worktree.path)?;
    }
    for parent in &added.created_parents {
        // Another worktree may be in it by now: only an empty one is removed.
        if std::fs::remove_dir(parent).is_err() {
            break;
        }
    }
    if !added.created_branch {
        return Ok(false);
    }
    let full = format!("refs/heads/{}", added.branch);
    let out = git.run(&["update-ref", "-d", &full, &added.base])?;
    Ok(!out.ok() && branch::tip(git, &added.branch)?.is_some())
}
