//! Submitted work that is neither in this clone nor at its remote.
//!
//! Says who has to push it, and that it is not approved unseen.

use std::collections::BTreeSet;
use std::fs;

use super::work_commit::short;
use crate::coordinate::worktree::followed_branch;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::word;
use crate::model::item::Item;
use crate::model::text::actor;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::shared_files;
use crate::store::state::State;

/// The file of this clone with the submitted commits that its remote was found to lack, one a line.
const FILE: &str = "absent-work";

/// The most commits that are remembered: everybody who can push names them.
const MOST: usize = 200;

/// Remembers that the remote was asked for submitted commits, and lacks them. Without that, `status` says less.
pub(super) fn remember(pm: &Pm, commits: impl IntoIterator<Item = Oid>) {
    let known = known(pm);
    let new = commits.into_iter().filter(|one| !known.contains(one));
    let mut all: BTreeSet<Oid> = new.take(MOST).collect();
    if all.is_empty() {
        return;
    }
    let left = MOST - all.len();
    let is_absent = |one: &Oid| !pm.store.repo().is_commit(*one);
    all.extend(known.iter().copied().filter(is_absent).take(left));
    let lines: String = all.iter().map(|one| format!("{one}\n")).collect();
    let path = pm.folder().join(FILE);
    if shared_files::create_dir_all(&pm.folder()).is_ok() && fs::write(&path, lines).is_ok() {
        shared_files::share(&path);
    }
}

/// The commits that the remote lacked when it was asked last.
fn known(pm: &Pm) -> BTreeSet<Oid> {
    let text = fs::read_to_string(pm.folder().join(FILE)).unwrap_or_default();
    let ids = text.lines().take(MOST);
    let ids = ids.filter_map(|hex| pm.store.repo().parse_id(hex));
    ids.collect()
}

/// True if a commit is not here, and the remote was found to lack it.
pub(crate) fn is_absent(pm: &Pm, commit: Oid) -> bool {
    !pm.store.repo().is_commit(commit) && known(pm).contains(&commit)
}

/// The one who submitted an item, in whose clone its work is.
pub(super) fn author(state: &State<'_>, item: &Item) -> String {
    let doc = state.doc(&item.uid);
    let who = doc.and_then(|doc| doc.text("finished_by")).map(actor);
    who.unwrap_or_else(|| "its owner".into())
}

/// Says who has to push absent work.
pub(crate) fn has_to_push(state: &State<'_>, item: &Item) -> String {
    format!(
        "{} (its clone) has to push it, or to run `git pm sync` if it was merged and its branch deleted",
        author(state, item)
    )
}

/// The hint that says who has to push absent work, and how.
pub(super) fn push_hint(pm: &Pm, state: &State<'_>, item: &Item, commit: &str) -> String {
    let who = has_to_push(state, item);
    let remote = followed_branch::branch_remote(pm);
    let Some((remote, branch)) = remote.zip(item.branch.as_deref()) else {
        return who;
    };
    let place = word(&remote.shown());
    let from = word(&format!("{}:refs/heads/{branch}", short(commit)));
    format!("{who}; `git push {place} {from}` pushes it")
}

/// Refuses to approve a commit that is not in this clone: its approver cannot have seen it here.
pub(super) fn require_here(pm: &Pm, state: &State<'_>, item: &Item, commit: &str) -> Result<()> {
    let repo = pm.store.repo();
    let id = repo.parse_id(commit);
    if id.is_none_or(|id| repo.is_commit(id)) {
        return Ok(());
    }
    let (id, at) = (state.shown_id(item), short(commit));
    let what = format!(
        "the work of {id}, commit {at}, is not in this clone, so it cannot be checked: nothing was approved"
    );
    Err(Error::refused(what)
        .because(Reason::ApprovalNotHere)
        .about(&id)
        .hint(push_hint(pm, state, item, commit))
        .hint(Hint::run(
            ["task", "approve", &id, "--commit", at],
            "approves that commit all the same",
        )))
}
