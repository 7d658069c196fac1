//! The local write: stage on the tip, make the commit durable, swap the ref, again if it moved.

use std::time::Duration;

use super::lost_tips::with_tree;
use super::{Actor, Store};
use crate::error::{Error, Result};
use crate::git::repo::{Oid, Pending, Swap};
use crate::join::commit::SKIP_CI;
use crate::model::limits::WRITE_ATTEMPTS;
use crate::model::settings;
use crate::remote_names::Remote;
use crate::transaction::{Edit, Tx, person, value};
use crate::{fault, lock, migrate, repository};

/// The result of a write.
#[derive(Debug)]
pub struct Written<T> {
    /// The result of the closure.
    pub value: T,
    /// The commit that holds it; the unchanged tip if nothing changed.
    pub commit: Oid,
    /// True if a commit was made.
    pub changed: bool,
}

impl Store {
    /// Runs a mutation: `stage` reads and stages, the staged changes become one commit. It runs
    /// again if the ref moved meanwhile.
    ///
    /// # Errors
    /// The errors of `stage`, and when the commit cannot be written.
    pub fn write<T>(
        &self,
        actor: &Actor,
        stage: impl FnMut(&mut Tx<'_>) -> Result<T>,
    ) -> Result<Written<T>> {
        self.require_tip()?;
        self.require_writable_format()?;
        self.write_anyway(actor, stage)
    }

    /// As [`Store::write`], also if `pm.yaml` is damaged or of an unknown version: for repair and
    /// migration.
    pub fn write_anyway<T>(
        &self,
        actor: &Actor,
        mut stage: impl FnMut(&mut Tx<'_>) -> Result<T>,
    ) -> Result<Written<T>> {
        let mut last = None;
        let (commit, changed) = self.write_edit(actor, &mut |tx| {
            last = Some(stage(tx)?);
            Ok(())
        })?;
        Ok(Written {
            value: value(last),
            commit,
            changed,
        })
    }

    /// The commit that holds what `stage` staged, and whether it is a new one.
    fn write_edit(&self, actor: &Actor, stage: Edit<'_>) -> Result<(Oid, bool)> {
        self.require_tip()?;
        // Before the lock, so that no other writer waits for it: opening it takes as long as the
        // write itself.
        let _ = self.any_index();
        let mut lock = self.lock()?;
        for attempt in 0..WRITE_ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(lock::jitter(Duration::from_millis(u64::from(attempt))));
            }
            let seen = self
                .repo
                .ref_target(self.main)?
                .ok_or_else(|| self.not_initialized())?;
            let tip = self.readable(self.main, seen)?;
            let mut pending = self.repo.pending();
            let Some(commit) = self.stage(&pending, tip, actor, stage)? else {
                return Ok((tip, false));
            };
            let made = pending.commit(commit)?;
            let subject = made.message.lines().next().unwrap_or("write");
            let subject = with_tree(subject, made.tree);
            self.flush(&mut pending)?;
            fault::step("write-flushed")?;
            if self.swap_unindexed(&mut lock, self.main, Some(seen), commit, &subject)?
                == Swap::Done
            {
                // The written objects are still in memory.
                self.follow_to(&pending, commit);
                fault::step("write-swapped")?;
                return Ok((commit, true));
            }
        }
        Err(Error::conflict(format!(
            "{} was changed by another process during each of {WRITE_ATTEMPTS} attempts to write it",
            self.main
        ))
        .hint("run the command again"))
    }

    /// Stages a mutation as [`Store::write`] does, signed if commits are signed, checks that the
    /// ref could be moved, and discards all of it.
    pub fn rehearse(&self, actor: &Actor, stage: Edit<'_>) -> Result<()> {
        let tip = self.require_tip()?;
        self.require_writable_format()?;
        let staged = self.stage(&self.repo.pending(), tip, actor, stage);
        self.step.take();
        staged?;
        let mut lock = self.lock()?;
        self.locking(&mut lock, self.main, || self.repo.rehearse_swap(self.main))
    }

    /// Runs `stage` on top of a commit; the new commit is only in memory, and `None` if nothing was
    /// staged.
    pub fn stage(
        &self,
        pending: &Pending,
        base: Oid,
        actor: &Actor,
        stage: Edit<'_>,
    ) -> Result<Option<Oid>> {
        let state = self.state_at(pending, base)?;
        let clock = self.clock_on(pending, base)?;
        let mut tx = Tx::new(state, pending, clock, actor);
        let hold = tx.state.hold();
        stage(&mut tx)?;
        if !tx.is_dirty() {
            return Ok(None);
        }
        tx.require_open_operation()?;
        let raised = migrate::raise(&mut tx)?;
        self.note(raised);
        let (tree, step) = tx.write_tree(pending)?;
        self.step.replace(step);
        self.warn_of(std::mem::take(&mut tx.secrets));
        drop(hold);
        if pending.commit(base)?.tree == tree {
            return Ok(None);
        }
        let (_, email) = self.identity();
        let author = person(&actor.name, &email, self.env.now_ms());
        let mut message = tx.commit_message();
        // If the state is in a branch of the remote, a host would run a build for every push.
        let in_branch = |name: String| name.starts_with("refs/heads/");
        if self
            .repo
            .config(settings::REMOTE_REF.key)
            .is_some_and(in_branch)
        {
            message.push_str(SKIP_CI);
        }
        for lost in self.lost_tips().iter().filter(|lost| lost.used == base) {
            message.push_str(&format!("PM-Lost: {}\n", lost.id));
        }
        let commit = self.commit_signed(pending, tree, &[base], &author, &message)?;
        Ok(Some(commit))
    }

    /// Keeps warnings for the user, each once, however often a write is tried.
    pub(crate) fn warn_of(&self, secrets: Vec<String>) {
        let mut warnings = self.warnings.borrow_mut();
        for text in secrets {
            if !warnings.contains(&text) {
                warnings.push(text);
            }
        }
    }

    /// Keeps notices for the user, each once.
    pub(crate) fn note(&self, texts: impl IntoIterator<Item = String>) {
        let mut notes = self.notes.borrow_mut();
        for text in texts {
            if !notes.contains(&text) {
                notes.push(text);
            }
        }
    }

    /// Refuses to write into a state whose major format is newer than ours or unknown.
    pub(crate) fn require_writable_format(&self) -> Result<()> {
        let tree = self.repo.commit(self.require_tip()?)?.tree;
        let repository = repository::read(&self.repo, tree)?;
        migrate::require_writable(&repository)?;
        self.require_format_of_remote()
    }

    /// Refuses to write below the format of the confirming remote, as far as it is known here: a
    /// plain `git fetch` may have brought a later version.
    fn require_format_of_remote(&self) -> Result<()> {
        let Some(remote) = Remote::main(&self.repo) else {
            return Ok(());
        };
        let Some(tip) = self.repo.ref_target(&remote.tracking(&self.repo))? else {
            return Ok(());
        };
        let commit = self.repo.commit(tip);
        match commit.and_then(|commit| repository::read(&self.repo, commit.tree)) {
            Ok(found) => found.require_known(),
            // An unreadable state is fetched again; it must not stop work here.
            Err(_) => Ok(()),
        }
    }
}
