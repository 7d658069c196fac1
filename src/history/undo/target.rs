//! Which operation is meant, and whether it can be undone at all.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, Result};
use crate::history::point::Past;
use crate::store::git::repo::{Commit, Oid, short};
use crate::store::history;

/// Operations that are never meant by `undo` alone: what the tool does by itself.
const BY_ITSELF: &[&str] = &["undo", "init", "sync", "hook"];

/// The commit that a text names, or the actor's last operation; where that was undone and taken up
/// again, the commit that took it up, for what stands now was written by that one.
pub(super) fn find(past: &Past<'_>, op: Option<&str>, actor: &str) -> Result<Commit> {
    let named = match op {
        Some(op) => Some(past.commit(op.trim())?.commits.swap_remove(0)),
        None => None,
    };
    let mut undone: HashSet<Oid> = HashSet::new();
    // What stands of the undoings, with what each took back.
    let mut standing: HashMap<Oid, Oid> = HashMap::new();
    let mut all: HashMap<Oid, Oid> = HashMap::new();
    let mut found = None;
    history::walk(&past.repo, past.tip(), |commit| {
        let stands = !undone.contains(&commit.id);
        if let Some(id) = reverts(past, commit) {
            all.insert(commit.id, id);
            if stands {
                undone.insert(id);
                standing.insert(commit.id, id);
            }
        }
        let wanted = match &named {
            Some(named) => named.id == commit.id,
            None => stands && is_own(commit, actor),
        };
        if wanted {
            found = Some(commit.clone());
        }
        Ok(found.is_none())
    })?;
    let Some(mut commit) = found.or(named) else {
        return Err(
            Error::refused(format!("there is nothing of {actor}'s to undo"))
                .hint("`git pm log` lists the operations; `git pm undo COMMIT` undoes any of them"),
        );
    };
    let taken_up = |id: Oid| {
        let again = |by: &Oid| all.get(by) == Some(&id);
        standing
            .iter()
            .find(|(_, undoing)| again(undoing))
            .map(|(by, _)| *by)
    };
    while let Some(by) = taken_up(commit.id) {
        commit = past.repo.commit(by)?;
    }
    Ok(commit)
}

/// Whether a commit is an operation that the actor did on purpose.
fn is_own(commit: &Commit, actor: &str) -> bool {
    commit.parents.len() == 1
        && commit.trailer("PM-Actor") == Some(actor)
        && !BY_ITSELF.contains(&first_word(commit))
}

/// The commit that an undoing took back.
pub(super) fn reverts(past: &Past<'_>, commit: &Commit) -> Option<Oid> {
    (commit.op() == "undo")
        .then(|| past.repo.parse_id(commit.trailer("PM-Reverts")?))
        .flatten()
}

fn first_word(commit: &Commit) -> &str {
    commit.op().split(' ').next().unwrap_or_default()
}

/// The state before an operation.
///
/// # Errors
/// When it is none that could be taken back.
pub(super) fn parent(past: &Past<'_>, commit: &Commit) -> Result<Commit> {
    let refuse = |why: &str| {
        Error::refused(format!(
            "{} ({}) cannot be undone: {why}",
            short(commit.id),
            commit.subject()
        ))
    };
    let [parent] = commit.parents[..] else {
        return Err(match commit.parents.len() {
            0 => refuse("it is where the history begins"),
            _ => refuse("it joins what several clones did, and each of them stands"),
        }
        .hint("`git pm log` lists the operations; each can be undone on its own"));
    };
    let item = commit.trailer("PM-Item").unwrap_or("ID");
    match first_word(commit) {
        "merge" if commit.trailer("PM-Actor").is_some() => {
            return Err(refuse("it moved a branch, which is not part of the state")
                .hint("`git revert` takes the commits back on the branch")
                .hint(format!(
                    "then `git pm task reopen {item}` opens the task again"
                )));
        }
        "init" | "merge" => return Err(refuse("it is how the state came to be")),
        "sync" => {
            return Err(refuse("it settled claims and numbers with the remote")
                .hint("`git pm task drop ID` gives a claim back"));
        }
        "hook" => return Err(refuse("it only records what a hook saw")),
        "gc" | "redact" | "migrate" | "fsck" | "backup" => {
            return Err(refuse("it is maintenance of the whole state"));
        }
        _ => {}
    }
    past.repo.commit(parent)
}
