//! Where work stands that was handed in, approved or merged: the commit, and whether its branch is
//! there.

use crate::error::{Error, Result};
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::{one_line, shorten};
use crate::pm::Pm;
use crate::pm::shared_views::WorkView;
use crate::store::git::repo::Oid;
use crate::store::state::State;

/// How few digits name a commit.
const DIGITS_MIN: usize = 7;

/// How many digits of a commit are shown.
const SHORT: usize = 10;

/// A commit in few digits.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..SHORT).unwrap_or(commit)
}

impl Pm {
    /// Where an item's work stands, if it was handed in, approved or merged. Only refs are read: its
    /// branch here, or else the remotes' of that name; git is not started.
    pub(super) fn work_standing(&self, state: &State<'_>, item: &Item) -> Result<Option<WorkView>> {
        let approved = item.approval.as_ref();
        let doc = state.doc(&item.uid);
        let text = |name: &str| doc.and_then(|doc| doc.text(name));
        let merged = text("merged_commit");
        let in_review = item.status == Status::InReview;
        if !in_review && approved.is_none() && merged.is_none() {
            return Ok(None);
        }
        let repo = self.store.repo();
        let commit = match approved {
            Some(one) => one.commit.as_deref(),
            None => text("finished_commit").filter(|_| in_review),
        };
        let commit = commit.and_then(|hex| repo.parse_id(hex));
        let branch = match &item.branch {
            Some(name) if !item.status.is_closed() => self.branch_now(name)?,
            _ => None,
        };
        let elsewhere = branch.filter(|tip| commit.is_some_and(|commit| commit != *tip));
        Ok(Some(WorkView {
            commit: commit.or(branch).map(|id| id.to_string()),
            branch_at: elsewhere.map(|id| id.to_string()),
            merged: merged.is_some(),
            merged_commit: merged.map(one_line),
            merged_into: text("merged_into").map(one_line),
        }))
    }

    /// Where a branch is, here or else at a remote.
    fn branch_now(&self, name: &str) -> Result<Option<Oid>> {
        let repo = self.store.repo();
        if let Some(here) = repo.ref_target(&format!("refs/heads/{name}"))? {
            return Ok(Some(here));
        }
        match self.remote_branch(name) {
            Some(remote) => repo.ref_target(&remote),
            None => Ok(None),
        }
    }
}

/// Refuses where an approver means another commit than the one at which the work is.
pub(super) fn require_meant(id: &str, at: &str, meant: Option<&str>) -> Result<()> {
    let Some(meant) = meant else {
        return Ok(());
    };
    let meant = meant.to_ascii_lowercase();
    if meant.len() < DIGITS_MIN || !meant.bytes().all(|b| b.is_ascii_hexdigit()) {
        let shown = shorten(&one_line(&meant), 60);
        return Err(
            Error::usage(format!("`{shown}` is no commit's id")).hint(format!(
                "name it by at least {DIGITS_MIN} of its digits, as `git pm show {id}` does"
            )),
        );
    }
    if at.starts_with(&meant) {
        return Ok(());
    }
    let now = short(at);
    Err(Error::refused(format!(
        "the work of {id} is at {now} and not at {meant}: nothing is approved"
    ))
    .hint(format!("`git diff {meant} {now}` shows what changed")))
}
