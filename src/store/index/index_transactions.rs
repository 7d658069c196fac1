//! Queries and changes of the open index: each is one transaction.

use rusqlite::Connection;

use super::index_file::{Index, state_of, wait_as_writer};
use super::index_lock::{Fingerprint, Lock, is_sound};
use super::{Fault, Result, schema};
use crate::fault::point;

/// Keeps the file unchanged during several queries, which saves each of them the locking. The
/// holder must neither wait for others nor start anything slow: no writer of the index can continue
/// meanwhile.
pub struct Hold(std::rc::Rc<Index>);

impl Hold {
    /// Starts to hold.
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
    /// Changes the file while no process trusts it, and notes its new fingerprint. A failed change
    /// was rolled back.
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
        self.release();
        wait_as_writer(&mut self.db.borrow_mut(), true)?;
        let done = self.transact_now(run);
        wait_as_writer(&mut self.db.borrow_mut(), false)?;
        done
    }

    fn transact_now<T>(&self, run: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
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

    /// Runs a query if the index is still at the same state.
    ///
    /// # Errors
    /// When another process has advanced it, or it cannot be read.
    pub(super) fn ask<T>(&self, run: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let asked = self.begin_asking(run);
        self.rest();
        asked
    }

    /// As [`Index::ask`], for the first of several queries: the file stays unchanged until the next
    /// one is answered, or the last hold ends.
    pub(super) fn begin_asking<T>(&self, run: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.begin()?;
        run(&self.db.borrow())
    }

    fn begin(&self) -> Result<()> {
        if self.reading.get() {
            return Ok(());
        }
        let db = self.db.borrow();
        db.execute_batch("BEGIN")?;
        self.reading.set(true);
        let here = state_of(&db).and_then(|at| {
            if at.tree != self.tree() {
                return Err(Fault::Doubt("the index has moved on"));
            }
            match &self.file {
                Some(path) if !is_sound(path, self.inode.get()) => {
                    Err(Fault::Doubt("another program wrote into the index"))
                }
                _ => Ok(()),
            }
        });
        if here.is_err() {
            drop(db);
            self.release();
        }
        here
    }

    /// Lets other processes change the index unless it is held.
    pub fn rest(&self) {
        if self.holds.get() == 0 {
            self.release();
        }
    }

    /// Lets other processes change the index, even while it is held: called before waiting.
    pub fn release(&self) {
        if self.reading.replace(false) {
            let _ = self.db.borrow().execute_batch("COMMIT");
        }
    }

    /// Frees the memory of data read from the file.
    pub fn shrink(&self) {
        let _ = self.db.borrow().execute_batch("PRAGMA shrink_memory");
    }
}
