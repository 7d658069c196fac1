//! Reading and changing the open index: a question is one transaction, and so is a change.

use rusqlite::Connection;

use super::fingerprint::{Fingerprint, Lock, is_sound};
use super::index_file::{Index, stand};
use super::{Fault, Result, schema};
use crate::store::fault::point;

/// Keeps the file as it is while several questions are asked, which spares each of them the
/// locking. Whoever holds it neither waits for others nor starts anything that takes long: no
/// writer of the index gets on meanwhile.
pub struct Hold(std::rc::Rc<Index>);

impl Hold {
    /// Begins to hold.
    pub fn new(index: &std::rc::Rc<Index>) -> Hold {
        index.holds.set(index.holds.get() + 1);
        Hold(index.clone())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.holds.set(self.0.holds.get().saturating_sub(1));
        self.0.rest();
    }
}

impl Index {
    /// Changes the file while nobody believes it, and notes what it is then. A change that failed
    /// was taken back.
    pub(super) fn sealed<T>(
        &self,
        lock: &mut Lock,
        change: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let Some(path) = &self.file else {
            return change();
        };
        lock.forget()?;
        let done = change();
        if done.is_ok() || self.db.borrow().is_autocommit() {
            lock.note(&Fingerprint::of(path)?)?;
        }
        done
    }

    /// Runs a change as one transaction of the file.
    pub(super) fn transact<T>(&self, run: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.let_go();
        let db = self.db.borrow();
        if self.file.is_some() {
            db.execute_batch(schema::PRAGMAS)?;
        }
        point("index-begin")?;
        db.execute_batch("BEGIN IMMEDIATE")?;
        let done = run(&db).and_then(|value| {
            point("index-commit")?;
            db.execute_batch("COMMIT")?;
            point("index-committed")?;
            Ok(value)
        });
        if done.is_err() {
            let _ = db.execute_batch("ROLLBACK");
        }
        done
    }

    /// Makes a change that does not depend on the tree, under the lock.
    pub(super) fn amend<T>(&self, run: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let Some(path) = &self.file else {
            return self.transact(run);
        };
        let mut lock = Lock::acquire(path)?;
        self.sealed(&mut lock, || self.transact(run))
    }

    /// Runs a question, as long as the index stands where it stood.
    ///
    /// # Errors
    /// When somebody else has moved it on, or it cannot be read.
    pub(super) fn ask<T>(&self, run: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let asked = self.begin_asking(run);
        self.rest();
        asked
    }

    /// As [`Index::ask`], for the first of several questions: the file stays as it is until the next
    /// one is answered, or the last hold ends.
    ///
    /// # Errors
    /// As for [`Index::ask`].
    pub(super) fn begin_asking<T>(&self, run: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        if !self.reading.get() {
            let db = self.db.borrow();
            db.execute_batch("BEGIN")?;
            self.reading.set(true);
            let here = stand(&db).and_then(|at| {
                if at.tree != self.tree() {
                    return Err(Fault::Doubt("the index has moved on"));
                }
                match &self.file {
                    Some(path) if !is_sound(path, self.inode.get()) => {
                        Err(Fault::Doubt("somebody else wrote into the index"))
                    }
                    _ => Ok(()),
                }
            });
            if let Err(fault) = here {
                drop(db);
                self.let_go();
                return Err(fault);
            }
        }
        run(&self.db.borrow())
    }

    /// Lets others change the index unless somebody holds it.
    pub fn rest(&self) {
        if self.holds.get() == 0 {
            self.let_go();
        }
    }

    /// Lets others change the index, also while it is held: whoever is about to wait calls this.
    pub fn let_go(&self) {
        if self.reading.replace(false) {
            let _ = self.db.borrow().execute_batch("COMMIT");
        }
    }
}
