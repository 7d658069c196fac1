//! States for reading, and the index that answers for them.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;

use super::Store;
use crate::error::Result;
use crate::git::repo::{Oid, Repo};
use crate::index::{self, At, Index};
use crate::model::limits::{EARLIER_STATE_COMMITS_MAX, STATE_READ_ATTEMPTS};
use crate::repository::{self, Repository};
use crate::state::{Snapshot, State};
use crate::tree_edit::Step;

impl Store {
    /// The state now. A hook gets the last one that it can read, see `Store::falls_back`.
    pub fn state(&self) -> Result<State<'_>> {
        let now = self.state_now();
        if !self.falls_back.get() {
            return now;
        }
        // Without its settings a state has no rules.
        let unknown = match now.map(|state| (state.repository.require_whole(), state)) {
            Ok((Ok(()), state)) => return Ok(state),
            Ok((Err(error), _)) | Err(error) => error,
        };
        let Some(tip) = self.tip()? else {
            return Err(unknown);
        };
        let (mut open, mut seen) = (VecDeque::from([tip]), BTreeSet::from([tip]));
        while let Some(id) = open.pop_front() {
            let commit = self.repo.commit(id)?;
            let found = repository::read(&self.repo, commit.tree)?;
            if found.is_present() && found.damaged.is_none() && found.require_known().is_ok() {
                let hints = unknown.hints().iter().map(ToString::to_string);
                self.note([format!(
                    "{unknown}; so the state of {} is used, the last that can be read",
                    &id.to_string()[..12]
                )]);
                self.note(hints);
                return State::at(&self.repo, id);
            }
            if seen.len() > EARLIER_STATE_COMMITS_MAX {
                break;
            }
            open.extend(commit.parents.into_iter().filter(|id| seen.insert(*id)));
        }
        Err(unknown)
    }

    fn state_now(&self) -> Result<State<'_>> {
        for _ in 0..STATE_READ_ATTEMPTS {
            let Some(seen) = self.repo.ref_target(self.main)? else {
                break;
            };
            let Some(index) = self.index(seen) else { break };
            let Some((tree, repository)) = known(&index, seen) else {
                // Another process moved the state or the index in between: try again.
                continue;
            };
            let commit = self.repo.commit(seen);
            if commit.is_ok_and(|commit| commit.tree == tree) {
                self.usable.set(Some(seen));
                repository.require_known()?;
                let state = State::with_settings(&self.repo, Some(seen), tree, repository);
                return Ok(self.naming(state).served_by(Some(index)));
            }
            break;
        }
        let state = State::at(&self.repo, self.require_tip()?)?;
        state.repository.require_known()?;
        let state = self.naming(state);
        Ok(state.served_by(self.any_index()))
    }

    /// As [`Store::state`], for several queries in a row.
    pub fn snapshot(&self) -> Result<Snapshot<'_>> {
        self.state().map(Snapshot::from)
    }

    /// The state at a commit, answered by the index as far as possible.
    pub fn state_at<'r>(&self, repo: &'r Repo, commit: Oid) -> Result<State<'r>> {
        let index = self.any_index();
        if let Some(index) = &index
            && index.look_again(commit)
            && let Some((tree, repository)) = known(index, commit)
        {
            repository.require_readable()?;
            let state = State::with_settings(repo, Some(commit), tree, repository);
            let state = self.naming(state);
            return Ok(state.served_by(Some(index.clone())));
        }
        let state = State::at(repo, commit)?.sharing(self.shared.borrow().clone());
        Ok(self.naming(state).served_by(index))
    }

    /// A state that knows what was named here, to write to it or not, and, for people, when.
    fn naming<'r>(&self, state: State<'r>) -> State<'r> {
        let state = state.naming(&self.named_plans, &self.notes, &self.written_ms);
        match self.for_people.get() {
            true => state.for_people_at(self.env().now_ms()),
            false => state,
        }
    }

    /// The index, brought to the tip, which was seen at `seen`.
    fn index(&self, seen: Oid) -> Option<Rc<Index>> {
        let index = self.opened(seen)?;
        if index.at().commit != seen {
            // If that fails, the state reads the differences, or everything.
            let _ = index.bring(&self.repo, || self.at_tip(), None);
        }
        Some(index)
    }

    /// The index, at whatever commit it is.
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

    /// The current commit and tree of the state.
    fn at_tip(&self) -> index::Result<At> {
        at(&self.repo, self.tip().ok().flatten())
    }

    /// Brings the index to the tip after a write, if it was ever used.
    pub fn follow(&self) {
        if let Some(Some(index)) = self.index.get() {
            let _ = index.bring(&self.repo, || self.at_tip(), None);
        }
    }

    /// As [`Store::follow`], to the commit that was just written; `repo` may still have it in
    /// memory. After a large write the next reader rebuilds the index: the written objects should
    /// not be in memory at the same time.
    pub(super) fn follow_to(&self, repo: &Repo, commit: Oid) {
        let is_large = |step: &Step| step.changes.is_none();
        if self.step.borrow().as_ref().is_some_and(is_large) {
            self.step.take();
            return;
        }
        if let Some(Some(index)) = self.index.get() {
            let step = self.step.take();
            let _ = index.bring(repo, || at(repo, Some(commit)), step.as_ref());
        }
    }

    /// The index that answers now; `None` if the state is read without one.
    pub fn index_now(&self) -> Option<Rc<Index>> {
        let index = self.index(self.repo.ref_target(self.main).ok()??)?;
        index.rest();
        Some(index)
    }

    /// Removes the index; the next query rebuilds it. Returns the files that were there.
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

fn at(repo: &Repo, tip: Option<Oid>) -> index::Result<At> {
    let commit = tip.and_then(|tip| repo.commit(tip).ok());
    let commit = commit.ok_or(index::Fault::Doubt("the tip cannot be read"))?;
    Ok(At {
        commit: commit.id,
        tree: commit.tree,
    })
}

/// The tree and settings that the index has for a commit.
fn known(index: &Index, commit: Oid) -> Option<(Oid, Repository)> {
    let at = index.at();
    if at.commit != commit {
        return None;
    }
    let bytes = index.repository().ok()?;
    Some((at.tree, repository::of_bytes(bytes.as_deref())))
}
