//! States for reading, and the index that serves them.

use std::path::PathBuf;
use std::rc::Rc;

use super::Store;
use crate::error::Result;
use crate::store::git::repo::{Oid, Repo};
use crate::store::index::{self, At, Index};
use crate::store::repository::{self, Repository};
use crate::store::state::State;
use crate::store::tree_edit::Step;

/// How often the state is looked for again when others are faster than the look.
const TRIES: u32 = 8;

impl Store {
    /// The state now.
    ///
    /// # Errors
    /// When the repository was not initialised or the state cannot be read.
    pub fn state(&self) -> Result<State<'_>> {
        for _ in 0..TRIES {
            let Some(seen) = self.repo.ref_target(self.main)? else {
                break;
            };
            let Some(index) = self.index(seen) else { break };
            let Some((tree, repository)) = known(&index, seen) else {
                // Somebody moved the state or the index on in between: look again.
                continue;
            };
            let commit = self.repo.commit(seen);
            if commit.is_ok_and(|commit| commit.tree == tree) {
                self.usable.set(Some(seen));
                repository.require_readable()?;
                let state = State::with_settings(&self.repo, Some(seen), tree, repository);
                return Ok(state.served_by(Some(index)));
            }
            break;
        }
        let state = State::at(&self.repo, self.require_tip()?)?;
        Ok(state.served_by(self.any_index()))
    }

    /// The state at some commit, served by the index as far as that goes.
    ///
    /// # Errors
    /// When the commit is no state that can be read.
    pub fn state_at<'r>(&self, repo: &'r Repo, commit: Oid) -> Result<State<'r>> {
        let index = self.any_index();
        if let Some(index) = &index
            && index.look_again(commit)
            && let Some((tree, repository)) = known(index, commit)
        {
            repository.require_readable()?;
            return Ok(State::with_settings(repo, Some(commit), tree, repository)
                .served_by(Some(index.clone())));
        }
        let state = State::at(repo, commit)?.sharing(self.shared.borrow().clone());
        Ok(state.served_by(index))
    }

    /// The index, brought to the tip, which was seen at a commit.
    fn index(&self, seen: Oid) -> Option<Rc<Index>> {
        let index = self.opened(seen)?;
        if index.at().commit != seen {
            // Where that fails, the state reads what is different, or everything.
            let _ = index.bring(&self.repo, || self.at_tip(), None);
        }
        Some(index)
    }

    /// The index wherever it stands.
    pub(super) fn any_index(&self) -> Option<Rc<Index>> {
        if let Some(index) = self.index.get() {
            return index.clone();
        }
        let index = self.opened(self.repo.ref_target(self.main).ok()??)?;
        index.rest();
        Some(index)
    }

    fn opened(&self, seen: Oid) -> Option<Rc<Index>> {
        let opened = self.index.get_or_init(|| {
            let index = Index::open(&self.repo, &self.folder(), seen, || self.at_tip());
            index.ok().map(Rc::new)
        });
        opened.clone()
    }

    /// Where the state is now.
    fn at_tip(&self) -> index::Result<At> {
        let tip = self.tip().ok().flatten();
        let commit = tip.and_then(|tip| self.repo.commit(tip).ok());
        let commit = commit.ok_or(index::Fault::Doubt("the tip cannot be read"))?;
        Ok(At {
            commit: commit.id,
            tree: commit.tree,
        })
    }

    /// Brings the index to the tip after a write, if it was ever asked for.
    pub(crate) fn follow(&self) {
        if let Some(Some(index)) = self.index.get() {
            let _ = index.bring(&self.repo, || self.at_tip(), None);
        }
    }

    /// As [`Store::follow`], to the commit that was just written; `repo` may still have it in memory.
    /// After a large write the index is made anew, by whoever asks next: what was written should not
    /// lie in memory beside it.
    pub(super) fn follow_to(&self, repo: &Repo, commit: Oid) {
        let is_large = |step: &Step| step.changes.len() > index::MANY;
        if self.step.borrow().as_ref().is_some_and(is_large) {
            self.step.take();
            return;
        }
        if let Some(Some(index)) = self.index.get() {
            let at = || {
                let commit = repo.commit(commit);
                let commit = commit.map_err(|_| index::Fault::Doubt("the tip cannot be read"))?;
                Ok(At {
                    commit: commit.id,
                    tree: commit.tree,
                })
            };
            let step = self.step.take();
            let _ = index.bring(repo, at, step.as_ref());
        }
    }

    /// How the index stands that answers now; none where the state is read without.
    pub fn index_now(&self) -> Option<Rc<Index>> {
        let index = self.index(self.repo.ref_target(self.main).ok()??)?;
        index.rest();
        Some(index)
    }

    /// Removes the index; the next question makes it anew. Returns the files that were there.
    ///
    /// # Errors
    /// When another process holds it for long, or the folder cannot be written.
    pub fn discard_index(&self) -> index::Result<Vec<PathBuf>> {
        let gone = index::discard(&self.folder())?;
        if let Some(Some(index)) = self.index.get() {
            index.distrust();
        }
        Ok(gone)
    }
}

/// What the index knows of a commit: its tree and settings.
fn known(index: &Index, commit: Oid) -> Option<(Oid, Repository)> {
    let at = index.at();
    if at.commit != commit {
        return None;
    }
    let bytes = index.repository().ok()?;
    Some((at.tree, repository::of_bytes(bytes.as_deref())))
}
