//! Where git has the file of a document by now, or the planned paths of an item, if they were renamed.

use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::comparison_budget::Effort;
use crate::error::{Error, Result};
use crate::model::id::word;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::git::process::Git;

/// The most renames in a row that are followed.
const RENAMES: usize = 8;

/// The most paths of items that are looked up at once: each takes a walk through the history.
pub(crate) const LOOKUPS: usize = 20;

/// What is said of a file that is nowhere.
pub(crate) const GONE: &str = "is gone, and git did not rename it";

/// The path that a file has after git renamed it, whatever was edited in it since; none if it is where it
/// was, or never was in the history.
///
/// # Errors
/// If it is gone, and was not renamed.
pub(crate) fn renamed(pm: &Pm, file: &str) -> Result<Option<String>> {
    let Some(root) = pm.store.repo().workdir() else {
        return Ok(None);
    };
    let mut path = file.to_string();
    for _ in 0..RENAMES {
        if root.join(&path).is_file() {
            return Ok((path != file).then_some(path));
        }
        let git = pm.store.repo().git().plain();
        let Some(last) = last_with(&git, "HEAD", &path)? else {
            return Ok(None);
        };
        let before = format!("{last}^");
        // In the last commit that had it, or in the index alone.
        let mut next = renamed_in(&git, ["diff-tree", &before, &last], &path)?;
        if next.is_none() {
            next = renamed_in(&git, ["diff-index", "--cached", "HEAD"], &path)?;
        }
        let Some(to) = next else { break };
        path = to;
    }
    let file = one_line(file);
    Err(Error::not_found(format!("{file} {GONE}"))
        .hint("name the file that it is now: `git pm plan update FILE`"))
}

/// The newest commit of a history that changed a path.
fn last_with(git: &Git, tip: &str, path: &str) -> Result<Option<String>> {
    let literal = format!(":(top,literal){path}");
    let last = git.run(&["rev-list", "-1", tip, "--", &literal])?.text();
    Ok(Some(last).filter(|last| !last.is_empty()))
}

/// What a difference renames a file or folder to.
fn renamed_in(git: &Git, [diff, from, to]: [&str; 3], path: &str) -> Result<Option<String>> {
    let form = "--name-status";
    let args = [diff, "-M", "-r", "-z", "--diff-filter=R", form, from, to];
    let names: Vec<String> = git.run(&args)?.names();
    Ok(names.chunks_exact(3).find_map(|one| {
        let below = one[1].strip_prefix(path)?;
        let is_whole = below.is_empty() || below.starts_with('/');
        let to = one[2].strip_suffix(below).filter(|_| is_whole)?;
        Some(to.to_string())
    }))
}

/// The planned paths of an item, of one file or folder each, that a commit lacks because they were renamed before it:
/// what each is there, and the sentence with the command. Only for what it lacks git is asked, as often as is left of
/// `lookups`; a path that never was there is a new file's.
///
/// # Errors
/// When git cannot be run.
pub(crate) fn moved_paths(
    pm: &Pm,
    id: &str,
    at: &str,
    paths: &[String],
    lookups: &mut usize,
) -> Result<Vec<(String, String)>> {
    let (repo, mut found) = (pm.store.repo(), Vec::new());
    let Some(tip) = repo.resolve(at) else {
        return Ok(found);
    };
    let tree = repo.commit(tip)?.tree;
    for pattern in Pattern::all_within(paths, &Effort::default()) {
        let path = pattern.literal_path().filter(|_| *lookups > 0);
        let Some(path) = path.filter(|path| !repo.has_path(tree, path).unwrap_or(true)) else {
            continue;
        };
        *lookups -= 1;
        let Some(last) = last_with(repo.git(), &tip.to_string(), &path)? else {
            continue;
        };
        let before = format!("{last}^");
        if let Some(to) = renamed_in(repo.git(), ["diff-tree", &before, &last], &path)? {
            let (from, now) = (one_line(pattern.text()), one_line(&to));
            let (old, new, by) = (word(pattern.text()), word(&to), &last[..10]);
            let edit = format!("git pm edit {id} --path {new} --remove-path {old}");
            let said = format!("`{from}` is {now} since {by}: `{edit}`");
            found.push((to, said));
        }
    }
    Ok(found)
}
