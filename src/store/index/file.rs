//! The index as a file: opened, believed, brought up to date, replaced.

use std::cell::{Cell, RefCell};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::{Fault, Result, fill, meta, schema, update};
use crate::store::costs;
use crate::store::git::repo::{Oid, Repo};

/// How long one process waits for another that builds the index, before it makes one in memory.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a writer waits for readers, in milliseconds.
const BUSY_MS: u64 = 3_000;

/// The state that an index stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// A commit of that tree.
    pub commit: Oid,
    /// The tree: all that the answers depend on.
    pub tree: Oid,
}

/// The index of a repository, standing at one state.
pub struct Index {
    pub(super) db: RefCell<Connection>,
    at: Cell<At>,
    file: Option<PathBuf>,
    /// The inode of the file the connection has open.
    inode: Cell<u64>,
    /// How many ask for the file to stay as it is.
    holds: Cell<u32>,
    /// Whether a transaction for reading is open for them.
    reading: Cell<bool>,
}

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
        if self.0.holds.get() == 0 {
            self.0.let_go();
        }
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        costs::index_rows(self.db.borrow().total_changes());
    }
}

/// Counts what the connection does, where counts are wanted.
fn counted(mut db: Connection) -> Result<Connection> {
    if costs::are_counted() {
        let goes_on = || {
            costs::index_step();
            false
        };
        db.progress_handler(1, Some(goes_on))?;
    }
    Ok(db)
}

impl Index {
    /// Opens the index in `folder`, brought to the state that `tip` names unless it stands at the
    /// commit `seen` already.
    ///
    /// # Errors
    /// Only when not even an index in memory can be made.
    pub fn open(
        repo: &Repo,
        folder: &Path,
        seen: Oid,
        tip: impl Fn() -> Result<At>,
    ) -> Result<Index> {
        let path = folder.join("index.sqlite");
        if let Ok(index) = Self::of_file(&path)
            && index.at().commit == seen
        {
            return Ok(index);
        }
        match Self::brought(repo, &path, &tip) {
            Ok(index) => Ok(index),
            Err(_) => Self::in_memory(repo, tip()?),
        }
    }

    /// The file as it is, if it is as its writer left it.
    fn of_file(path: &Path) -> Result<Index> {
        let seal = Seal::of(path)?;
        let noted = std::fs::read_to_string(lock_path(path))?;
        if noted != seal.to_string() {
            return Err(Fault::Doubt("somebody else wrote into the index"));
        }
        Self::connect(path, seal.inode)
    }

    fn connect(path: &Path, inode: u64) -> Result<Index> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = counted(Connection::open_with_flags(path, flags)?)?;
        db.busy_timeout(Duration::from_millis(BUSY_MS))?;
        db.set_prepared_statement_cache_capacity(64);
        let head = Head::read(&db)?;
        if head.version != Some(schema::VERSION)
            || head.program.as_deref() != Some(env!("CARGO_PKG_VERSION"))
        {
            return Err(Fault::Doubt("the index is of another version"));
        }
        Ok(Index::new(db, head.at()?, Some(path.to_path_buf()), inode))
    }

    fn new(db: Connection, at: At, file: Option<PathBuf>, inode: u64) -> Index {
        Index {
            db: RefCell::new(db),
            at: Cell::new(at),
            file,
            inode: Cell::new(inode),
            holds: Cell::new(0),
            reading: Cell::new(false),
        }
    }

    /// The state it stands at.
    pub fn at(&self) -> At {
        self.at.get()
    }

    /// The tree it stands at.
    pub fn tree(&self) -> Oid {
        self.at.get().tree
    }

    /// The bytes of `pm.yaml`; `None` where there is none.
    ///
    /// # Errors
    /// As for every question.
    pub fn repository(&self) -> Result<Option<Vec<u8>>> {
        self.ask(|db| meta(db, "repository"))
    }

    /// Opens the file under the lock, catches up or builds it anew.
    fn brought(repo: &Repo, path: &Path, tip: &impl Fn() -> Result<At>) -> Result<Index> {
        let mut lock = Lock::acquire(path)?;
        if let Ok(index) = Self::of_file(path)
            && index.catch_up(repo, &mut lock, tip()?).is_ok()
        {
            return Ok(index);
        }
        Self::rebuilt(repo, path, &mut lock, tip()?)
    }

    /// Builds the index beside the old one and puts it in its place.
    fn rebuilt(repo: &Repo, path: &Path, lock: &mut Lock, to: At) -> Result<Index> {
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let journal = |path: &Path| {
            let mut name = path.as_os_str().to_os_string();
            name.push("-journal");
            PathBuf::from(name)
        };
        let made = Self::make(repo, &temporary, to);
        if let Err(fault) = made {
            let _ = std::fs::remove_file(&temporary);
            let _ = std::fs::remove_file(journal(&temporary));
            return Err(fault);
        }
        // A journal of the old file must never be played back into the new one.
        let _ = std::fs::remove_file(journal(path));
        crate::store::fault::point("index-rename")?;
        std::fs::rename(&temporary, path)?;
        let seal = Seal::of(path)?;
        lock.note(&seal)?;
        sweep(path);
        Self::connect(path, seal.inode)
    }

    fn make(repo: &Repo, path: &Path, to: At) -> Result<()> {
        let _ = std::fs::remove_file(path);
        let db = counted(Connection::open(path)?)?;
        // Nobody sees the file before it is complete.
        db.execute_batch(
            "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
             PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000;",
        )?;
        fill(&db, repo, to)?;
        costs::index_rows(db.total_changes());
        Ok(())
    }

    fn in_memory(repo: &Repo, to: At) -> Result<Index> {
        let db = counted(Connection::open_in_memory()?)?;
        db.set_prepared_statement_cache_capacity(64);
        db.execute_batch("PRAGMA journal_mode=OFF; PRAGMA temp_store=MEMORY;")?;
        fill(&db, repo, to)?;
        Ok(Index::new(db, to, None, 0))
    }

    /// Brings the index to where the state is now. Whoever finds it in other hands leaves it: the
    /// next reader catches up.
    ///
    /// # Errors
    /// When it could be neither brought nor built; it stands where it stood then.
    pub fn bring(&self, repo: &Repo, tip: impl Fn() -> Result<At>) -> Result<()> {
        self.let_go();
        let Some(path) = &self.file else {
            return self.change(repo, tip()?);
        };
        let mut lock = Lock::acquire(path)?;
        let sound = Seal::of(path).is_ok_and(|seal| {
            seal.inode == self.inode.get() && lock.noted().as_deref() == Some(&seal.to_string())
        });
        if sound {
            match self.catch_up(repo, &mut lock, tip()?) {
                Ok(()) => return Ok(()),
                Err(fault) if fault.is_busy() => return Err(fault),
                Err(_) => {}
            }
        }
        let new = match Self::of_file(path) {
            Ok(index) if index.catch_up(repo, &mut lock, tip()?).is_ok() => index,
            _ => Self::rebuilt(repo, path, &mut lock, tip()?)?,
        };
        self.db.swap(&new.db);
        self.at.set(new.at.get());
        self.inode.set(new.inode.get());
        Ok(())
    }

    /// Catches up under the lock and notes what the file is now.
    fn catch_up(&self, repo: &Repo, lock: &mut Lock, to: At) -> Result<()> {
        let before = stand(&self.db.borrow())?;
        if before == to {
            self.at.set(to);
            return Ok(());
        }
        self.change(repo, to)?;
        if let Some(path) = &self.file {
            lock.note(&Seal::of(path)?)?;
        }
        Ok(())
    }

    fn change(&self, repo: &Repo, to: At) -> Result<()> {
        self.transact(|db| {
            let from = stand(db)?;
            if from.tree != to.tree {
                if meta(db, "odd")?.unwrap_or(true) {
                    return Err(Fault::Doubt("the state holds two files of one document"));
                }
                update::catch_up(db, repo, from.tree, to.tree)?;
            }
            super::set_stand(db, repo, to, Some(from))
        })?;
        self.at.set(to);
        Ok(())
    }

    /// Runs a change as one transaction of the file.
    pub(super) fn transact<T>(&self, run: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.let_go();
        let db = self.db.borrow();
        if self.file.is_some() {
            db.execute_batch(schema::PRAGMAS)?;
        }
        db.execute_batch("BEGIN IMMEDIATE")?;
        let done = run(&db).and_then(|value| {
            crate::store::fault::point("index-commit")?;
            db.execute_batch("COMMIT")?;
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
        let done = self.transact(run)?;
        lock.note(&Seal::of(path)?)?;
        Ok(done)
    }

    /// Runs a question, as long as the index stands where it stood.
    ///
    /// # Errors
    /// When somebody else has moved it on, or it cannot be read.
    pub(super) fn ask<T>(&self, run: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        if !self.reading.get() {
            let db = self.db.borrow();
            db.execute_batch("BEGIN")?;
            self.reading.set(true);
            let here = stand(&db).and_then(|at| {
                let moved = at.tree != self.tree();
                if moved {
                    return Err(Fault::Doubt("the index has moved on"));
                }
                Ok(())
            });
            if let Err(fault) = here {
                drop(db);
                self.let_go();
                return Err(fault);
            }
        }
        let asked = run(&self.db.borrow());
        if self.holds.get() == 0 {
            self.let_go();
        }
        asked
    }

    /// Lets others change the index, also while it is held: whoever is about to wait calls this.
    pub fn let_go(&self) {
        if self.reading.replace(false) {
            let _ = self.db.borrow().execute_batch("COMMIT");
        }
    }
}

/// What an index says of itself.
#[derive(Default)]
struct Head {
    version: Option<i64>,
    program: Option<String>,
    commit: Option<Vec<u8>>,
    tree: Option<Vec<u8>>,
}

impl Head {
    fn read(db: &Connection) -> Result<Head> {
        let mut head = Head::default();
        let mut all = db.prepare_cached(
            "SELECT key, value FROM meta WHERE key IN ('version','program','commit','tree')",
        )?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            match row.get_ref(0)?.as_str()? {
                "version" => head.version = row.get(1)?,
                "program" => head.program = row.get(1)?,
                "commit" => head.commit = row.get(1)?,
                _ => head.tree = row.get(1)?,
            }
        }
        Ok(head)
    }

    fn at(&self) -> Result<At> {
        let id = |bytes: &Option<Vec<u8>>| {
            let id = bytes.as_deref().and_then(|bytes| Oid::try_from(bytes).ok());
            id.ok_or(Fault::Doubt("the index says not where it stands"))
        };
        Ok(At {
            commit: id(&self.commit)?,
            tree: id(&self.tree)?,
        })
    }
}

/// The state that a database stands at.
pub(super) fn stand(db: &Connection) -> Result<At> {
    Head::read(db)?.at()
}

/// What a file is recognised by after its last change.
struct Seal {
    length: u64,
    modified: u128,
    inode: u64,
}

impl Seal {
    fn of(path: &Path) -> Result<Seal> {
        let found = std::fs::metadata(path)?;
        let since = found
            .modified()?
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&found);
        #[cfg(not(unix))]
        let inode = 0;
        Ok(Seal {
            length: found.len(),
            modified: since.as_nanos(),
            inode,
        })
    }
}

impl std::fmt::Display for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.length, self.modified, self.inode)
    }
}

fn lock_path(path: &Path) -> PathBuf {
    path.with_extension("lock")
}

/// The right to change the index. The kernel takes it back when its owner dies.
struct Lock {
    file: File,
}

impl Lock {
    fn acquire(path: &Path) -> Result<Lock> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(lock_path(path))?;
        let end = Instant::now() + PATIENCE;
        let mut wait = Duration::from_micros(100);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { file }),
                Err(TryLockError::WouldBlock) if Instant::now() < end => {
                    std::thread::sleep(wait);
                    wait = (wait * 2).min(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Fault::Doubt("another process holds the index"));
                }
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
    }

    fn note(&mut self, seal: &Seal) -> Result<()> {
        let text = seal.to_string();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(text.as_bytes())?;
        self.file.set_len(text.len() as u64)?;
        Ok(())
    }

    fn noted(&mut self) -> Option<String> {
        let mut text = String::new();
        self.file.seek(SeekFrom::Start(0)).ok()?;
        self.file.read_to_string(&mut text).ok()?;
        Some(text)
    }
}

/// Removes what builders that were killed left beside the index.
fn sweep(path: &Path) {
    let Some(folder) = path.parent() else { return };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("index.") && (name.ends_with(".tmp") || name.ends_with(".tmp-journal"))
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
