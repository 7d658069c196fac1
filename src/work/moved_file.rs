//! Where git has the file of a document by now, or the planned paths of an item, if they were renamed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::comparison_budget::Effort;
use crate::error::{Error, Result};
use crate::model::id::word;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::git::process::Git;

/// The most renames in a row that are followed.
const RENAMES: usize = 8;

/// Passes over the newest commits, in which renames of planned paths are looked for.
const COMMITS: &str = "--skip=2000";

/// The most paths of items that are looked for at once.
const MISSING: usize = 1_000;

/// The most renamed paths of items that are named.
const LOOKUPS: usize = 20;

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
pub(crate) fn last_with(git: &Git, tip: &str, path: &str) -> Result<Option<String>> {
    let literal = format!(":(top,literal){path}");
    let last = git.run(&["rev-list", "-1", tip, "--", &literal])?.text();
    Ok(Some(last).filter(|last| !last.is_empty()))
}

/// What a difference renames a file or folder to.
fn renamed_in(git: &Git, diff: [&str; 3], path: &str) -> Result<Option<String>> {
    Ok(renamed_to(&renames(git, diff)?, path))
}

/// The renames of a difference: for each a status, the old and the new name.
fn renames(git: &Git, [diff, from, to]: [&str; 3]) -> Result<Vec<String>> {
    let form = "--name-status";
    let args = [diff, "-M", "-r", "-z", "--diff-filter=R", form, from, to];
    Ok(git.run(&args)?.names())
}

fn renamed_to(renames: &[String], path: &str) -> Option<String> {
    renames.chunks_exact(3).find_map(|one| {
        let below = one[1].strip_prefix(path)?;
        let is_whole = below.is_empty() || below.starts_with('/');
        let to = one[2].strip_suffix(below).filter(|_| is_whole)?;
        Some(to.to_string())
    })
}

/// What planned paths of one file or folder each were renamed to, and in which commit.
pub(crate) type Moves = BTreeMap<String, (String, String)>;

/// What became of the paths, of one file or folder each, that a commit lacks because one of the last commits before it
/// renamed them; a path that never was there is a new file's. All are looked up in one walk.
///
/// # Errors
/// When git cannot be run.
pub(crate) fn moved_paths(pm: &Pm, at: &str, paths: &[String]) -> Result<Moves> {
    let (repo, mut moves) = (pm.store.repo(), Moves::new());
    let Some(tip) = repo.resolve(at) else {
        return Ok(moves);
    };
    let tree = repo.commit(tip)?.tree;
    let is_missing = |path: &String| !repo.has_path(tree, path).unwrap_or(true);
    let read = |path: &String| Pattern::parse_within(path, &Effort::default()).ok();
    let literal = paths.iter().filter_map(|path| read(path)?.literal_path());
    let mut missing: BTreeSet<String> = literal.filter(is_missing).take(MISSING).collect();
    if missing.is_empty() {
        return Ok(moves);
    }
    let (git, tip) = (repo.git().plain(), tip.to_string());
    let before = git.run(&["rev-list", "--max-count=1", COMMITS, &tip])?;
    let before = before.lines().into_iter().map(|id| format!("^{id}"));
    // No path of git's begins with a slash.
    let log = "log --no-show-signature --no-follow --no-renames --diff-filter=D --name-only -z";
    let mut args: Vec<String> = log.split(' ').map(String::from).collect();
    args.extend(["--format=//%H".into(), tip]);
    args.extend(before.chain(["--".to_string()]));
    args.extend(missing.iter().map(|path| format!(":(top,literal){path}")));
    // The renames of the commit, once a path asks for them.
    let (mut commit, mut found) = (String::new(), None);
    for part in git.run(&args)?.names::<Vec<String>>() {
        let part = part.trim_start_matches('\n');
        if let Some(next) = part.strip_prefix("//") {
            (commit, found) = (next.to_string(), None);
        }
        let before = format!("{commit}^");
        for path in Path::new(part).ancestors().filter_map(Path::to_str) {
            // The newest commit that deleted it decides.
            if moves.len() >= LOOKUPS || !missing.remove(path) {
                continue;
            }
            let all = match found.take() {
                Some(all) => all,
                None => renames(&git, ["diff-tree", &before, &commit])?,
            };
            if let Some(to) = renamed_to(found.insert(all), path) {
                moves.insert(path.to_string(), (to, commit.clone()));
            }
        }
    }
    Ok(moves)
}

/// The new paths of an item with these planned ones, each with a sentence and the command that corrects the plan.
pub(crate) fn new_paths(moves: &Moves, id: &str, paths: &[String]) -> Vec<(String, String)> {
    let planned = Pattern::all_within(paths, &Effort::default());
    let moved = planned.iter().filter_map(|pattern| {
        let (to, commit) = moves.get(&pattern.literal_path()?)?;
        let (from, now) = (one_line(pattern.text()), one_line(to));
        let (old, new, by) = (word(pattern.text()), word(to), commit.get(..10)?);
        let edit = format!("git pm edit {id} --path {new} --remove-path {old}");
        let said = format!("`{from}` is {now} since {by}: `{edit}`");
        Some((to.clone(), said))
    });
    moved.collect()
}
