//! The places that a caller may name for a file.
//!
//! For an agent none where it may run later, and for no caller one to which a link of a work tree leads.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use super::hook::{hook_folders, runnable};
use super::worktree::path::resolved;
use crate::coordinate::gate::gates_to_run;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::authority::{is_harmless, runs_later};
use crate::model::text::excerpt;
use crate::pm::who_acts::markers;
use crate::pm::{Options, Pm};
use crate::process;
use crate::store::env::Env;
use crate::store::git::repo::Repo;
use crate::store::{named_file, whole_file};

/// The worktree of this repository that a path lies in, and its root with links resolved,
/// whatever the environment says.
pub(crate) fn repo_around(pm: &Pm, real: &Path) -> Option<(Repo, PathBuf)> {
    let mut env = Env {
        cwd: real.ancestors().find(|one| one.is_dir())?.to_path_buf(),
        ..pm.store.env().clone()
    };
    env.vars.retain(|name, _| !name.starts_with("GIT_"));
    let there = Repo::open(&env).ok()?;
    let is_own = there.common_dir() == pm.store.repo().common_dir();
    let root = there.workdir().filter(|_| is_own)?.canonicalize().ok()?;
    real.starts_with(&root).then_some((there, root))
}

/// True for a path in a folder of git's hooks. Links in it are resolved, as in the root.
pub(crate) fn is_hook(pm: &Pm, real: &Path, root: &Path) -> Result<bool> {
    let mut folders = hook_folders(pm.store.repo().git(), root)?.into_iter();
    Ok(folders.any(|folder| {
        let folder = resolved(&folder);
        real.parent() == Some(&folder) || folder != root && real.starts_with(folder)
    }))
}

/// The absolute path of a file to write, unless it is refused or a folder; `words` are those of
/// a command that writes a file in one.
///
/// # Errors
/// As [`require_harmless`]; kind `Usage` for a folder.
pub(crate) fn place_of_file(
    pm: &Pm,
    path: &Path,
    our_form: bool,
    words: [&str; 3],
) -> Result<PathBuf> {
    require_harmless(pm, path, our_form)?;
    let path = pm.store.env().cwd.join(path);
    if path.is_dir() || path.file_name().is_none() {
        let shown = path.display().to_string();
        let message = format!("cannot write to {shown}: it is a folder");
        return Err(Error::usage(message)
            .about(shown)
            .hint(Hint::run(words, "writes a file in it")));
    }
    Ok(path)
}

/// Writes a file that the caller names; what is there is replaced when `write` has given all. A device, a
/// pipe or an open file of this process is written as it is. Returns the path.
///
/// # Errors
/// As [`place_of_file`]; when `write` fails, or the file cannot be written.
pub(crate) fn write_file<T>(
    pm: &Pm,
    path: &Path,
    our_form: bool,
    words: [&str; 3],
    write: impl FnOnce(&mut dyn Write) -> Result<T>,
) -> Result<(PathBuf, T)> {
    let path = place_of_file(pm, path, our_form, words)?;
    let written = match named_file::is_stream(&path) {
        true => whole_file::overwrite(&path, write),
        false => whole_file::replace(&path, None, write),
    };
    Ok((path, written?))
}

/// Refuses to let an agent write a file of ours to a place where it may run later, or
/// instruct a program. Only the part of the path that this worktree does not share counts. A
/// program is not replaced, nor, unless it has `our_form`, a file that git tracks. For a human
/// this holds where a link of a work tree leads, and none leads out of it.
///
/// # Errors
/// When the place is one of them.
pub(crate) fn require_harmless(pm: &Pm, path: &Path, our_form: bool) -> Result<()> {
    let cwd = &pm.store.env().cwd;
    let real = resolved(&cwd.join(path));
    match led_to(&cwd.join(path), &real) {
        Some(false) => return Err(led_out(path, &real)),
        None if !pm.actor.is_bound => return Ok(()),
        _ => {}
    }
    // A link of that name may lead anywhere.
    let asked = match path.is_relative() {
        true => path,
        false => path.strip_prefix(cwd).unwrap_or(Path::new("")),
    };
    let repo = pm.store.repo();
    let around = repo_around(pm, &real);
    let own = || repo.workdir()?.canonicalize().ok();
    let root = around.as_ref().map(|(_, root)| root.clone()).or_else(own);
    let root = root.unwrap_or_default();
    let mut shared = root.components();
    let below: PathBuf = real
        .components()
        .skip_while(|part| shared.next() == Some(*part))
        .collect();
    let is_gits = real.starts_with(repo.common_dir()) || real.ancestors().any(is_git_dir);
    let name: Vec<_> = below.iter().map(OsStr::to_string_lossy).collect();
    let name = name.join("/");
    let is_run = || {
        gates_to_run::named_commands(pm)
            .iter()
            .any(|gate| gate.may_run(&name))
    };
    let is_replaced = || -> Result<bool> {
        Ok(match &around {
            Some((there, root)) if !our_form && real.is_file() && !is_harmless(&below) => {
                let tracked = format!(":(top,literal){name}");
                let git = there.git().in_worktree(root)?;
                let found = git.require(&["ls-files", "-z", "--", &tracked])?;
                !found.stdout.is_empty()
            }
            _ => false,
        })
    };
    if !(is_gits
        || runs_later(&below)
        || runs_later(asked)
        || runnable(&real)
        || is_hook(pm, &real, &root)?
        || is_run()
        || pm.actor.is_bound && is_replaced()?)
    {
        return Ok(());
    }
    if !pm.actor.is_bound {
        return Err(led_out(path, &real));
    }
    Err(pm.actor.refusal(&what_is_refused(path)).hint(ELSEWHERE))
}

/// The way out for an agent.
const ELSEWHERE: &str = "write to another path, and ask a human to move the file";

fn what_is_refused(path: &Path) -> String {
    let shown = excerpt(&path.display().to_string(), 80);
    format!("writing `{shown}`, which programs run or obey,")
}

/// Writes files in a form of ours, where there may be no repository; folders are created. With `is_named` the
/// caller chose the folders, and for an agent none may be where something runs later.
///
/// # Errors
/// As for an export, by the repository here, or else that of the place; when a file cannot be written.
pub fn write_all(
    env: &Env,
    options: &Options,
    files: &[(PathBuf, String)],
    is_named: bool,
) -> Result<()> {
    let fail = |path: &Path, e| Error::unwritten(format!("cannot write {}", path.display()), e);
    let folders: BTreeSet<&Path> = files.iter().filter_map(|(path, _)| path.parent()).collect();
    for folder in folders {
        if is_named || led_to(folder, &resolved(folder)).is_some() {
            require_anywhere(env, options, folder)?;
        }
        std::fs::create_dir_all(folder).map_err(|e| fail(folder, e))?;
    }
    for (path, text) in files {
        if path.is_symlink() {
            require_anywhere(env, options, path)?;
        }
        let path = resolved(path);
        whole_file::replace(&path, None, |out| {
            out.write_all(text.as_bytes()).map_err(|e| fail(&path, e))
        })?;
    }
    Ok(())
}

/// As [`require_harmless`] for a file in a form of ours, of a caller who may be in no repository.
fn require_anywhere(env: &Env, options: &Options, path: &Path) -> Result<()> {
    let place = env.cwd.join(path);
    let near = place.ancestors().find(|one| one.is_dir());
    let there = Env {
        cwd: near.unwrap_or(&env.cwd).to_path_buf(),
        ..env.clone()
    };
    let opened = Pm::open(env.clone(), options.clone());
    if let Ok(pm) = opened.or_else(|_| Pm::open(there, options.clone())) {
        return require_harmless(&pm, &place, true);
    }
    let real = resolved(&place);
    if led_to(&place, &real) == Some(false) {
        return Err(led_out(path, &real));
    }
    let is_agent = process::is_inside() || !markers(env).is_empty();
    if !is_agent || !(real.ancestors().any(is_git_dir) || runs_later(&real)) {
        return Ok(());
    }
    let what = what_is_refused(path);
    let message = format!("{what} requires a human, but the environment is an agent's");
    Err(Error::refused(message)
        .because(Reason::ActorNotHuman)
        .hint(ELSEWHERE))
}

/// If a link of a work tree leads from a path in it to another place, whether that is in it too.
fn led_to(path: &Path, real: &Path) -> Option<bool> {
    let is_root = |one: &&Path| one.join(".git").symlink_metadata().is_ok();
    let root = path.ancestors().skip(1).find(is_root)?;
    let below = path.strip_prefix(root).ok()?;
    let root = root.canonicalize().ok()?;
    // A path that leaves by its own names is the caller's choice.
    let stays = below.components().all(|part| part != Component::ParentDir);
    (stays && root.join(below) != real).then(|| real.starts_with(&root))
}

fn led_out(path: &Path, real: &Path) -> Error {
    let [path, real] = [path, real].map(|one| excerpt(&one.display().to_string(), 80));
    Error::refused(format!(
        "a link in the work tree leads from `{path}` to `{real}`"
    ))
    .because(Reason::PathLink)
    .about(path)
    .hint("remove the link, or name the other place itself")
}

/// True if git takes a folder for a git directory.
fn is_git_dir(folder: &Path) -> bool {
    folder.join("HEAD").is_file()
        && ["objects", "refs"]
            .iter()
            .all(|one| folder.join(one).is_dir())
}
