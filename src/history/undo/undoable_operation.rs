//! Finds the operation to undo, and refuses those that cannot be undone.

use std::collections::{HashMap, HashSet};

use super::cannot_undo;
use crate::error::{Error, Hint, Reason, Result};
use crate::history::past_state::Past;
use crate::store::git::repo::{Commit, Oid, Repo};
use crate::store::history;
use crate::store::history::trees::changed;
use crate::store::layout::Family;

/// Operations that `undo` without a commit passes over: the tool runs them on its own.
const AUTOMATIC: &[&str] = &["init", "sync", "hook", "task gates"];

/// The commit that a text names, or the actor's last operation; where that was undone and redone,
/// the commit that redid it, which wrote the current values.
pub(super) fn find(past: &Past<'_>, op: Option<&str>, actor: &str) -> Result<Commit> {
    let named = match op {
        Some(op) => Some(past.commit(op.trim())?.commits.swap_remove(0)),
        None => None,
    };
    let mut undone: HashSet<Oid> = HashSet::new();
    // The undos in effect, each with the operation that it undid.
    let mut effective: HashMap<Oid, Oid> = HashMap::new();
    let mut all: HashMap<Oid, Oid> = HashMap::new();
    let mut found = None;
    history::walk(&past.repo, past.tip(), |commit| {
        let in_effect = !undone.contains(&commit.id);
        if let Some(id) = reverts(&past.repo, commit) {
            all.insert(commit.id, id);
            if in_effect {
                undone.insert(id);
                effective.insert(commit.id, id);
            }
        }
        let wanted = match &named {
            Some(named) => named.id == commit.id,
            // After the undo of an own operation, the next step back is the operation before that.
            None if !in_effect || !is_own(commit, actor) => false,
            None => match reverts(&past.repo, commit) {
                Some(of) => {
                    let undone = past.repo.commit(of);
                    undone.is_ok_and(|undone| undone.trailer("PM-Actor") != Some(actor))
                }
                None => !is_bookkeeping(&past.repo, commit)?,
            },
        };
        if wanted {
            found = Some(commit.clone());
        }
        Ok(found.is_none())
    })?;
    let Some(mut commit) = found.or(named) else {
        let message = format!("{actor} has no operation to undo");
        return Err(Error::refused(message)
            .because(Reason::UndoEmpty)
            .hint("`git pm log` lists the operations; `git pm undo COMMIT` undoes one of them"));
    };
    let redone = |id: Oid| {
        let again = |by: &Oid| all.get(by) == Some(&id);
        effective
            .iter()
            .find(|(_, undoing)| again(undoing))
            .map(|(by, _)| *by)
    };
    while let Some(by) = redone(commit.id) {
        commit = past.repo.commit(by)?;
    }
    Ok(commit)
}

/// True if the actor ran the operation.
fn is_own(commit: &Commit, actor: &str) -> bool {
    commit.parents.len() == 1
        && commit.trailer("PM-Actor") == Some(actor)
        && [first_word(commit), commit.op()]
            .iter()
            .all(|op| !AUTOMATIC.contains(op))
}

/// True for an operation that only noted its key, such as an import of what was known: `undo` passes over it.
fn is_bookkeeping(repo: &Repo, commit: &Commit) -> Result<bool> {
    let [parent] = commit.parents[..] else {
        return Ok(false);
    };
    let before = repo.commit(parent)?.tree;
    let did = changed(repo, Some(before), Some(commit.tree))?;
    let mut pairs = did.pairs.values();
    let is_of_keys = !did.pairs.is_empty() && pairs.all(|pair| pair.family == Family::Key);
    Ok(is_of_keys && !did.repository)
}

/// The commit that an undo reverted.
pub(super) fn reverts(repo: &Repo, commit: &Commit) -> Option<Oid> {
    (commit.op() == "undo")
        .then(|| repo.parse_id(commit.trailer("PM-Reverts")?))
        .flatten()
}

/// The undo of an operation, in the history of a tip, that was not undone itself.
pub(super) fn undone_by(repo: &Repo, tip: Oid, operation: Oid) -> Result<Option<Commit>> {
    let mut undone: HashSet<Oid> = HashSet::new();
    let mut found = None;
    history::walk(repo, tip, |commit| {
        if let Some(id) = reverts(repo, commit).filter(|_| !undone.contains(&commit.id)) {
            undone.insert(id);
            found = (id == operation).then(|| commit.clone());
        }
        Ok(found.is_none() && commit.id != operation)
    })?;
    Ok(found)
}

fn first_word(commit: &Commit) -> &str {
    commit.op().split(' ').next().unwrap_or_default()
}

/// True if operations of this name can be undone, as far as the name tells.
#[cfg(feature = "serve")]
pub(super) fn is_undoable(op: &str) -> bool {
    let first = op.split(' ').next().unwrap_or_default();
    !matches!(
        first,
        "init"
            | "merge"
            | "sync"
            | "hook"
            | "gc"
            | "redact"
            | "migrate"
            | "fsck"
            | "backup"
            | "msg"
            | "run"
    )
}

/// The state before an operation.
///
/// # Errors
/// If the operation cannot be undone.
pub(super) fn parent(past: &Past<'_>, commit: &Commit) -> Result<Commit> {
    let refuse = |why: &str| cannot_undo(commit, why).because(Reason::UndoUnsupported);
    let [parent] = commit.parents[..] else {
        return Err(match commit.parents.len() {
            0 => refuse("it is the first commit of the history"),
            _ => refuse("it merges the operations of several clones"),
        }
        .hint(Hint::run(
            ["log"],
            "lists the operations; each can be undone separately",
        )));
    };
    let item = commit.trailer("PM-Item").unwrap_or("ID");
    match first_word(commit) {
        "merge" if commit.trailer("PM-Actor").is_some() => {
            let point = past.commit(&commit.id.to_string())?;
            let state = past.state(&point)?;
            let merged = state.find(item).ok();
            let merged = merged.and_then(|item| item.merged_commit.as_deref()?.get(..10));
            return Err(refuse("it moved a branch, which is not part of the state")
                .hint(Hint::git(
                    ["revert", merged.unwrap_or("COMMIT")],
                    "reverts the work on the branch",
                ))
                .hint(Hint::run(["task", "reopen", item], "then reopens the task")));
        }
        "init" | "merge" => return Err(refuse("it initialized the state")),
        "sync" => {
            return Err(refuse("it settled claims and ids with the remote")
                .hint(Hint::run(["task", "drop", "ID"], "releases a claim")));
        }
        "hook" => return Err(refuse("it was recorded by a hook")),
        "gc" | "redact" | "migrate" | "fsck" | "backup" => {
            return Err(refuse("it is a maintenance operation on the whole state"));
        }
        _ => {}
    }
    past.repo.commit(parent)
}
