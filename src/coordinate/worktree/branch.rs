//! Queries about branches: existence, tip, the worktrees that have one checked out, the default branch.

use std::io::ErrorKind;
use std::path::Path;

use super::list::{Worktree, list};

use crate::error::{Error, Hint, Reason, Result};
use crate::store::git::irregular;
use crate::store::git::process::Git;
use crate::store::git::repo::Repo;

/// A local branch: the ref that holds it and the commit it points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tip {
    /// The full ref name, with symbolic branches followed to what they name.
    pub(crate) full: String,
    pub(crate) commit: String,
}

/// The local branch called `name`, if it exists.
pub(crate) fn tip(git: &Git, name: &str) -> Result<Option<Tip>> {
    super::name_template::check_branch(name)?;
    if let Some(tip) = tip_here(git, name) {
        return Ok(tip);
    }
    let full = format!("refs/heads/{name}");
    let format = "--format=%(refname)%00%(objectname)%00%(symref)";
    let out = git.require(&["for-each-ref", format, &full])?;
    for line in out.lines() {
        let mut parts = line.split('\0');
        let (name, commit, symref) = (parts.next(), parts.next(), parts.next());
        // The pattern also matches everything below it as a folder.
        if name != Some(full.as_str()) {
            continue;
        }
        let named = symref.filter(|s| !s.is_empty()).unwrap_or(&full);
        return Ok(Some(Tip {
            full: named.to_string(),
            commit: commit.unwrap_or_default().to_string(),
        }));
    }
    Ok(None)
}

/// As [`tip`], by the files alone; `None` if only git can tell.
pub(super) fn tip_here(git: &Git, name: &str) -> Option<Option<Tip>> {
    super::name_template::check_branch(name).ok()?;
    let full = format!("refs/heads/{name}");
    if let Some(commit) = loose(git, &full) {
        return Some(Some(Tip { full, commit }));
    }
    let packed = packed(git, &full)?;
    Some(packed.map(|commit| Tip { full, commit }))
}

/// The hash in a ref's own file, which counts before a packed one. `None` if it is symbolic, packed or in
/// another format.
fn loose(git: &Git, full: &str) -> Option<String> {
    let text = irregular::read(&git.home()?.common_dir.join(full))?;
    let hex = text.strip_suffix('\n')?;
    (is_hash(hex) && hex.bytes().any(|b| b != b'0')).then(|| hex.to_string())
}

/// The hash of a ref that has no file of its own, if it is packed. `None` if only git can tell.
fn packed(git: &Git, full: &str) -> Option<Option<String>> {
    let common = &git.home()?.common_dir;
    let is_missing = |file: &Path| {
        let found = file.symlink_metadata();
        found.is_err_and(|error| error.kind() == ErrorKind::NotFound)
    };
    let (own, all) = (common.join(full), common.join("packed-refs"));
    let found = match is_missing(&all) {
        true => None,
        false => {
            let text = irregular::read(&all)?;
            let mut lines = text.lines().filter_map(|line| line.split_once(' '));
            let hex = lines.find_map(|(hex, name)| (name == full).then_some(hex));
            hex.map(str::to_string)
        }
    };
    // Its own file is looked at last: it can be packed and removed meanwhile, but also be new.
    (is_missing(&own) && found.as_deref().is_none_or(is_hash)).then_some(found)
}

pub(super) fn is_hash(hex: &str) -> bool {
    matches!(hex.len(), 40 | 64) && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The local branch called `name`.
pub(crate) fn require_tip(git: &Git, name: &str) -> Result<Tip> {
    tip(git, name)?.ok_or_else(|| missing(name))
}

/// The error for a missing branch.
pub(crate) fn missing(name: &str) -> Error {
    Error::not_found(format!("there is no branch `{name}`"))
        .hint(Hint::git(["branch"], "lists the branches"))
        .because(Reason::BranchUnknown)
        .about(name)
}

/// The commit of a name, a hash or an expression.
pub(crate) fn require_commit(git: &Git, name: &str) -> Result<String> {
    let missing = || {
        Error::not_found(format!(
            "`{}` is not a commit of this repository",
            crate::model::text::one_line(name)
        ))
        .hint(Hint::git(["fetch"], "fetches new commits"))
        .hint(Hint::git(["branch", "--all"], "lists the branches"))
    };
    // A text that git could read as an option is not the name of a commit.
    if name.is_empty() || name.starts_with('-') {
        return Err(missing());
    }
    if let Some(local) = name.strip_prefix("refs/heads/")
        && let Ok(Some(tip)) = tip(git, local)
    {
        return Ok(tip.commit);
    }
    let wanted = format!("{name}^{{commit}}");
    let out = git.run(&["rev-parse", "--verify", "--quiet", &wanted])?;
    if out.ok() {
        Ok(out.text())
    } else {
        Err(missing())
    }
}

/// The tree of a commit.
pub(crate) fn tree_of(git: &Git, commit: &str) -> Result<String> {
    let wanted = format!("{commit}^{{tree}}");
    let tree = git.of_hashes(&["rev-parse", "--verify", &wanted])?;
    tree.ok_or_else(|| Error::state(format!("{commit} has no tree")))
}

/// As [`tree_of`], of a commit by its hash, in process.
pub(crate) fn tree_here(repo: &Repo, commit: &str) -> Result<String> {
    let no_tree = || Error::state(format!("{commit} has no tree"));
    let id = repo.parse_id(commit).ok_or_else(no_tree)?;
    Ok(repo.commit(id)?.tree.to_string())
}

/// A merge base of two commits; none if their histories share nothing.
pub(crate) fn merge_base(git: &Git, a: &str, b: &str) -> Result<Option<String>> {
    match a == b && is_hash(a) {
        true => Ok(Some(a.to_string())),
        false => git.of_hashes(&["merge-base", a, b]),
    }
}

/// The branch that the `HEAD` in a git directory names.
pub(crate) fn head_of(dir: &Path) -> Option<String> {
    let text = irregular::read(&dir.join("HEAD"))?;
    let branch = text.trim().strip_prefix("ref: refs/heads/")?;
    Some(branch.to_string())
}

/// True if the history here was cut off by a shallow clone.
pub(crate) fn is_shallow(git: &Git) -> Result<bool> {
    let asked = git.require(&["rev-parse", "--is-shallow-repository"])?;
    Ok(asked.text() == "true")
}

/// The branch that a rebase in this private git directory will move when it ends: HEAD is
/// detached until then, so the list of worktrees does not show it.
pub(crate) fn rebasing(private_dir: &Path) -> Option<String> {
    ["rebase-merge", "rebase-apply"].iter().find_map(|dir| {
        let name = irregular::read(&private_dir.join(dir).join("head-name"))?;
        name.trim_end()
            .strip_prefix("refs/heads/")
            .map(str::to_string)
    })
}

/// The worktrees that have the branch checked out or are rebasing it.
pub(crate) fn holders(common: &Path, worktrees: &[Worktree], name: &str) -> Vec<Worktree> {
    let holds = |w: &&Worktree| {
        !w.bare
            && (w.branch.as_deref() == Some(name)
                || rebasing(&w.private_dir(common)).as_deref() == Some(name))
    };
    worktrees.iter().filter(holds).cloned().collect()
}

/// The branch that work starts from and is merged into by default: the default of the remote
/// `origin` (it may not exist locally yet), else `main` or `master`, else the one checked out in
/// the main work tree, else the only branch. None in a repository without commits.
/// `init.defaultBranch` is not used: it is for new repositories.
pub fn default_branch(repo: &Repo) -> Result<Option<String>> {
    // A symbolic ref may name one that does not exist.
    let there = |name: &str| -> Result<bool> {
        let real = repo.symbolic_target(name);
        let found = repo.ref_target(real.as_deref().unwrap_or(name))?;
        Ok(found.is_some())
    };
    let of_origin = repo.symbolic_target("refs/remotes/origin/HEAD");
    if let Some(full) = of_origin
        && let Some(name) = full.strip_prefix("refs/remotes/origin/")
        && there(&full)?
    {
        return Ok(Some(name.to_string()));
    }
    for name in ["main", "master"] {
        if there(&format!("refs/heads/{name}"))? {
            return Ok(Some(name.to_string()));
        }
    }
    let git = repo.git();
    let main = list(git)?.into_iter().find(|w| w.main);
    let branch = match main {
        // The entry of a bare repository does not say what HEAD names.
        Some(w) if w.bare => super::list::current_branch(&git.in_common_dir()?)?,
        Some(w) => w.branch,
        None => None,
    };
    if let Some(name) = branch
        && tip(git, &name)?.is_some()
    {
        return Ok(Some(name));
    }
    // A checkout of one commit, as in CI, may have no branches.
    for name in ["main", "master"] {
        if there(&format!("refs/remotes/origin/{name}"))? {
            return Ok(Some(name.to_string()));
        }
    }
    let all = git.require(&[
        "for-each-ref",
        "--count=2",
        "--format=%(refname)",
        "refs/heads",
    ])?;
    match all.lines().as_slice() {
        [only] => Ok(only.strip_prefix("refs/heads/").map(str::to_string)),
        _ => Ok(None),
    }
}
