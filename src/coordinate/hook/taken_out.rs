//! Files that a commit takes out of its branch again: they are as at the commit where the branch began.
//!
//! Such a commit leaves nothing of the branch in a file that another actor has reserved since. Without it, the
//! work could not be changed as the reservation demands.

use std::cell::OnceCell;

use crate::coordinate::changes;
use crate::coordinate::worktree;
use crate::coordinate::worktree::followed_branch::newest_tip;
use crate::coordinate::worktree::target::target_of;
use crate::error::Result;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::index::Scan;
use crate::store::state::State;

/// The files of a branch as they were where it began; read when it is asked for the first time.
pub(super) struct TakenOut<'a> {
    pm: &'a Pm,
    state: &'a State<'a>,
    branch: Option<&'a str>,
    /// The newest commit of the branch.
    tip: Option<Oid>,
    base: OnceCell<Option<Oid>>,
}

impl<'a> TakenOut<'a> {
    pub(super) fn of(
        pm: &'a Pm,
        state: &'a State<'a>,
        branch: Option<&'a str>,
        tip: Option<Oid>,
    ) -> Self {
        TakenOut {
            pm,
            state,
            branch,
            tip,
            base: OnceCell::new(),
        }
    }

    /// As [`TakenOut::of`], for a ref and the id of its newest commit.
    pub(super) fn of_ref(
        pm: &'a Pm,
        state: &'a State<'a>,
        name: &'a str,
        tip: Option<&String>,
    ) -> Self {
        let tip = tip.and_then(|tip| Oid::from_hex(tip.as_bytes()).ok());
        TakenOut::of(pm, state, name.strip_prefix("refs/heads/"), tip)
    }

    /// The commit where the branch began; none if it cannot be found.
    fn base(&self) -> Option<Oid> {
        *self.base.get_or_init(|| self.find().ok().flatten())
    }

    fn find(&self) -> Result<Option<Oid>> {
        let (Some(branch), Some(tip)) = (self.branch, self.tip) else {
            return Ok(None);
        };
        let item = self.state.scan(&Scan::Branch(branch), |_| true, 1).pop();
        let Some(item) = item else { return Ok(None) };
        let target = target_of(self.pm, self.state, item, None)?;
        let Some(target) = newest_tip(self.pm, &target)? else {
            return Ok(None);
        };
        let git = self.pm.store.repo().git();
        let base = worktree::branch::merge_base(git, &tip.to_string(), &target.to_string())?;
        Ok(base.and_then(|base| Oid::from_hex(base.as_bytes()).ok()))
    }

    /// The paths without those that the index takes out. All of them in a merge, whose files come from two sides.
    pub(super) fn others(&self, paths: Vec<String>) -> Vec<String> {
        let repo = self.pm.store.repo();
        if !changes::merged_sides(repo).is_empty() {
            return paths;
        }
        let Some(base) = self.base() else {
            return paths;
        };
        let index = self.pm.store.env().var("GIT_INDEX_FILE");
        match changes::staged_against(repo, index, base) {
            Some(other) => paths
                .into_iter()
                .filter(|path| other.contains(path))
                .collect(),
            None => paths,
        }
    }

    /// True if a commit takes a file out.
    pub(super) fn by(&self, commit: &str, path: &str) -> bool {
        let repo = self.pm.store.repo();
        let entry = |commit: Oid| repo.entry_at(repo.commit(commit)?.tree, path);
        let (Some(base), Ok(commit)) = (self.base(), Oid::from_hex(commit.as_bytes())) else {
            return false;
        };
        matches!((entry(base), entry(commit)), (Ok(before), Ok(after)) if before == after)
    }
}
