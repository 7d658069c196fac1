//! Whether a commit is of what was approved: a `Task:` trailer alone says nothing.

use crate::error::Result;
use crate::model::approval::Approval;
use crate::model::item::Item;
use crate::pm::Pm;
use crate::store::git::patch::patch_id;
use crate::store::state::State;

/// How many commits of a branch are looked at for where it began.
const LOOKED_AT: &str = "--max-count=200";

impl Pm {
    /// Whether a commit is the one that was approved of an item, one that came with it, or what a
    /// merge made of them.
    ///
    /// # Errors
    /// When git cannot be run.
    pub(super) fn is_of_the_approved(
        &self,
        state: &State<'_>,
        item: &Item,
        commit: &str,
    ) -> Result<bool> {
        let Some(approval) = &item.approval else {
            return Ok(false);
        };
        let repo = self.store.repo();
        let here = |hex: &str| repo.parse_id(hex).filter(|id| repo.is_commit(*id));
        let approved = approval.commit.as_deref().and_then(here);
        let doc = state.doc(&item.uid);
        let merged = doc.and_then(|doc| here(doc.text("merged_commit")?));
        if here(commit).is_some_and(|id| approved == Some(id) || merged == Some(id)) {
            return Ok(true);
        }
        let Some(approved) = approved.map(|id| id.to_string()) else {
            return Ok(false);
        };
        // Where the target was: before the merge, or where it is now.
        let merged = merged.map(|id| id.to_string());
        let begun = match &merged {
            // A fast-forward: the commit before it is of the work, too.
            Some(merged) if *merged == approved => self.begin_of(approval, &approved)?,
            _ => None,
        };
        let onto = match (begun, &merged) {
            (Some(begun), _) => Some(begun),
            (None, Some(merged)) => self.parent_of(merged)?,
            (None, None) => {
                let name = approval.target.as_deref().unwrap_or_default();
                let target = repo.ref_target(&format!("refs/heads/{name}"))?;
                target.map(|id| id.to_string())
            }
        };
        if self.is_in(commit, &approved)? {
            return match onto {
                Some(onto) => Ok(!self.is_in(commit, &onto)?),
                None => Ok(true),
            };
        }
        // A rebase brings each approved commit as another one that changes the same.
        match merged {
            Some(merged) if self.is_in(commit, &merged)? => {
                let args = ["cherry", &approved, commit, &format!("{commit}^")];
                let out = repo.git().run(&args)?;
                Ok(out.ok() && out.lines().iter().any(|line| line.starts_with('-')))
            }
            _ => Ok(false),
        }
    }

    fn parent_of(&self, commit: &str) -> Result<Option<String>> {
        let repo = self.store.repo();
        let Some(id) = repo.parse_id(commit) else {
            return Ok(None);
        };
        let parents = repo.commit(id)?.parents;
        Ok(parents.first().map(|id| id.to_string()))
    }

    /// The commit that approved work begins after: what changed since then is what was approved.
    fn begin_of(&self, approval: &Approval, approved: &str) -> Result<Option<String>> {
        let Some(patch) = &approval.patch else {
            return Ok(None);
        };
        let git = self.store.repo().git().plain();
        let args = [
            "rev-list",
            "--first-parent",
            "--skip=1",
            LOOKED_AT,
            approved,
        ];
        for before in git.require(&args)?.lines() {
            if patch_id(&git, &before, approved)? == *patch {
                return Ok(Some(before));
            }
        }
        Ok(None)
    }

    fn is_in(&self, commit: &str, tip: &str) -> Result<bool> {
        let args = ["merge-base", "--is-ancestor", commit, tip];
        Ok(self.store.repo().git().run(&args)?.ok())
    }
}
