//! Branch and worktree of a claimed item, with its set-up; removed together when a step fails.

use super::{Claimed, Plan};
use crate::coordinate::worktree::{self, AddOptions};
use crate::error::{Error, Hint, Result};
use crate::model::settings;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::fault;
use std::path::Path;

impl Pm {
    /// Creates branch and worktree.
    pub(super) fn check_out(
        &self,
        plan: &Plan,
        claimed: &Claimed,
        warnings: &mut Vec<String>,
    ) -> Result<()> {
        let git = self.store.repo().git();
        let Some(place) = &plan.place else {
            if plan.reuse {
                return Ok(());
            }
            let base = plan.base.as_deref().unwrap_or("HEAD");
            worktree::name_template::check_branch(&plan.branch)?;
            let base = match self.store.repo().resolve(base) {
                Some(id) => id.to_string(),
                None => worktree::branch::require_commit(git, base)?,
            };
            return worktree::create_branch(git, &plan.branch, &base, &|name, id, make| {
                self.store.making_ref(name, id, make)
            });
        };
        let here = |w: &worktree::Worktree| {
            w.path == *place && w.branch.as_deref() == Some(&plan.branch) && w.prunable.is_none()
        };
        // A branch that does not exist yet is checked out nowhere.
        if plan.reuse && worktree::list(git)?.iter().any(here) {
            return Ok(());
        }
        let mut add = AddOptions::new(
            place.clone(),
            plan.branch.clone(),
            plan.base.clone().unwrap_or_else(|| plan.branch.clone()),
        );
        add.new_branch = !plan.reuse;
        let repo = self.store.repo();
        add.lfs_smudge = repo.is_on(&settings::LFS_SMUDGE);
        add.copy_ignored = repo.config_all(settings::COPY_IGNORED.key);
        if repo.is_on(&settings::SPARSE) {
            let base = if plan.reuse { &add.branch } else { &add.base };
            add.sparse = self.cone_of(&claimed.uid, base)?;
        }
        let added = worktree::add_with(git, &add, &|name, id, make| {
            self.store.making_ref(name, id, make)
        })?;
        warnings.extend(added.warning.clone());
        for skipped in &added.skipped {
            warnings.push(format!(
                "{} was not copied: {}",
                skipped.name, skipped.reason
            ));
        }
        let set_up = fault::step("start-added")
            .and_then(|()| self.set_up(&added.path))
            .and_then(|()| fault::step("start-set-up"));
        if let Err(error) = set_up {
            let undone = worktree::undo(git, &added)?;
            if let Some(saved) = undone.saved {
                self.notice(format!(
                    "the files that the setup commands created are saved in {saved}"
                ));
            }
            return Err(error);
        }
        Ok(())
    }

    /// The folders that a sparse checkout of a task needs: those at the start of its planned paths.
    /// None, which means everything, when a path can be anywhere.
    pub(super) fn cone_of(&self, uid: &Uid, base: &str) -> Result<Vec<String>> {
        let state = self.store.state()?;
        let paths = state
            .item(uid)
            .map(|item| item.paths.clone())
            .unwrap_or_default();
        let mut folders = Vec::new();
        for pattern in &paths {
            let pattern = pattern.trim_end_matches('/');
            let literal = pattern
                .split(['*', '?', '[', '{', '\\'])
                .next()
                .unwrap_or_default();
            if literal == pattern && self.is_folder(base, literal)? {
                folders.push(literal.to_string());
            } else if let Some((folder, _)) = literal.rsplit_once('/') {
                folders.push(folder.to_string());
            } else if literal != pattern {
                return Ok(Vec::new());
            }
            // Anything left is a file at the root, which every cone has.
        }
        folders.sort();
        folders.dedup();
        Ok(folders)
    }

    pub(super) fn is_folder(&self, commit: &str, path: &str) -> Result<bool> {
        let name = format!("{commit}:{path}");
        let found = self.store.repo().git().run(&["cat-file", "-t", &name])?;
        Ok(found.ok() && found.text() == "tree")
    }

    /// Runs the set-up command that this clone's user configured or trusted.
    pub(crate) fn set_up(&self, place: &Path) -> Result<()> {
        for command in self.commands("setup")? {
            crate::work::task::run_command::run_command(
                self,
                place,
                "the setup command",
                &command,
                None,
            )?;
        }
        Ok(())
    }
}

/// A linked worktree names its repository in one line of a file, so git cannot find a repository
/// whose path contains line breaks.
pub(super) fn require_linkable(common_dir: &Path, id: &str) -> Result<()> {
    if !common_dir.to_string_lossy().contains(['\n', '\r']) {
        return Ok(());
    }
    let shown = crate::model::text::one_line(&common_dir.to_string_lossy());
    Err(Error::state(format!(
        "git cannot link a worktree to {shown}: its path contains a line break"
    ))
    .hint(Hint::run(
        ["start", id, "--no-worktree"],
        "starts it without one",
    ))
    .hint("or move the repository to a path without line breaks"))
}
