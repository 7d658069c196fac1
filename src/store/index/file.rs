//! The index as a file: opened, believed, brought up to date, replaced.

use std::cell::{Cell, RefCell};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::{Fault, Result, fill, meta, schema, set_meta, update};
use crate::store::git::repo::{Oid, Repo};

/// How long one process waits for another that builds the index, before it makes one in memory.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a writer waits for readers, in milliseconds.
const BUSY_MS: u64 = 10_000;

/// The index of a repository, standing at one tree.
pub struct Index {
    pub(super) db: RefCell<Connection>,
    tree: Cell<Oid>,
    file: Option<PathBuf>,
    /// The inode of the file the connection has open.
    inode: Cell<u64>,
}

impl Index {
    /// Opens the index in `folder` and brings it to a tree. `tip` says again which tree that is,
    /// once nobody else can change the index any more.
    ///
    /// # Errors
    /// Only when not even an index in memory can be made.
    pub fn open(repo: &Repo, folder: &Path, tree: Oid, tip: impl Fn() -> Oid) -> Result<Index> {
        let path = folder.join("index.sqlite");
        if let Ok(index) = Self::of_file(&path)
            && index.believed(tree)
        {
            return Ok(index);
        }
        match Self::brought(repo, &path, &tip) {
            Ok(index) => Ok(index),
            Err(_) => Self::in_memory(repo, tree),
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
        let db = Connection::open_with_flags(path, flags)?;
        db.busy_timeout(Duration::from_millis(BUSY_MS))?;
        db.set_prepared_statement_cache_capacity(64);
        let version: Option<i64> = meta(&db, "version")?;
        let program: Option<String> = meta(&db, "program")?;
        if version != Some(schema::VERSION) || program.as_deref() != Some(env!("CARGO_PKG_VERSION"))
        {
            return Err(Fault::Doubt("the index is of another version"));
        }
        let tree = stand(&db)?;
        Ok(Index {
            db: RefCell::new(db),
            tree: Cell::new(tree),
            file: Some(path.to_path_buf()),
            inode: Cell::new(inode),
        })
    }

    /// Whether it stands at a tree.
    pub fn believed(&self, tree: Oid) -> bool {
        self.tree.get() == tree
    }

    /// The tree it stands at.
    pub fn tree(&self) -> Oid {
        self.tree.get()
    }

    /// Opens the file under the lock, catches up or builds it anew.
    fn brought(repo: &Repo, path: &Path, tip: &impl Fn() -> Oid) -> Result<Index> {
        let mut lock = Lock::acquire(path)?;
        if let Ok(index) = Self::of_file(path)
            && index.catch_up(repo, &mut lock, tip()).is_ok()
        {
            return Ok(index);
        }
        Self::rebuilt(repo, path, &mut lock, tip())
    }

    /// Builds the index beside the old one and puts it in its place.
    fn rebuilt(repo: &Repo, path: &Path, lock: &mut Lock, tree: Oid) -> Result<Index> {
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let journal = |path: &Path| {
            let mut name = path.as_os_str().to_os_string();
            name.push("-journal");
            PathBuf::from(name)
        };
        let made = Self::make(repo, &temporary, tree);
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

    fn make(repo: &Repo, path: &Path, tree: Oid) -> Result<()> {
        let _ = std::fs::remove_file(path);
        let db = Connection::open(path)?;
        // Nobody sees the file before it is complete.
        db.execute_batch(
            "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
             PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000;",
        )?;
        fill(&db, repo, tree)
    }

    fn in_memory(repo: &Repo, tree: Oid) -> Result<Index> {
        let db = Connection::open_in_memory()?;
        db.set_prepared_statement_cache_capacity(64);
        db.execute_batch("PRAGMA journal_mode=OFF; PRAGMA temp_store=MEMORY;")?;
        fill(&db, repo, tree)?;
        Ok(Index {
            db: RefCell::new(db),
            tree: Cell::new(tree),
            file: None,
            inode: Cell::new(0),
        })
    }

    /// Brings the index to where the state is now. Whoever finds it in other hands leaves it: the
    /// next reader catches up.
    ///
    /// # Errors
    /// When it could be neither brought nor built; it stands where it stood then.
    pub fn bring(&self, repo: &Repo, tip: impl Fn() -> Oid) -> Result<()> {
        let Some(path) = &self.file else {
            return self.change(repo, tip());
        };
        let mut lock = Lock::acquire(path)?;
        let sound = Seal::of(path).is_ok_and(|seal| {
            seal.inode == self.inode.get() && lock.noted().as_deref() == Some(&seal.to_string())
        });
        if sound && self.catch_up(repo, &mut lock, tip()).is_ok() {
            return Ok(());
        }
        let new = match Self::of_file(path) {
            Ok(index) if index.catch_up(repo, &mut lock, tip()).is_ok() => index,
            _ => Self::rebuilt(repo, path, &mut lock, tip())?,
        };
        self.db.swap(&new.db);
        self.tree.set(new.tree.get());
        self.inode.set(new.inode.get());
        Ok(())
    }

    /// Catches up under the lock and notes what the file is now.
    fn catch_up(&self, repo: &Repo, lock: &mut Lock, tree: Oid) -> Result<()> {
        let before = stand(&self.db.borrow())?;
        self.change(repo, tree)?;
        if before != tree
            && let Some(path) = &self.file
        {
            lock.note(&Seal::of(path)?)?;
        }
        Ok(())
    }

    fn change(&self, repo: &Repo, tree: Oid) -> Result<()> {
        self.transact(|db| {
            let from = stand(db)?;
            if from == tree {
                return Ok(());
            }
            if meta(db, "odd")?.unwrap_or(true) {
                return Err(Fault::Doubt("the state holds two files of one document"));
            }
            update::catch_up(db, repo, from, tree)?;
            set_meta(db, "tree", tree.as_bytes())
        })?;
        self.tree.set(tree);
        Ok(())
    }

    /// Runs a change as one transaction of the file.
    pub(super) fn transact<T>(&self, run: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
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
        let db = self.db.borrow();
        let asked = (|| {
            db.execute_batch("BEGIN")?;
            if stand(&db)? != self.tree.get() {
                return Err(Fault::Doubt("the index has moved on"));
            }
            run(&db)
        })();
        let _ = db.execute_batch("COMMIT");
        asked
    }
}

/// The tree a database stands at.
pub(super) fn stand(db: &Connection) -> Result<Oid> {
    let bytes: Option<Vec<u8>> = meta(db, "tree")?;
    let bytes = bytes.ok_or(Fault::Doubt("the index says not where it stands"))?;
    Oid::try_from(bytes.as_slice()).map_err(|_| Fault::Doubt("the index says not where it stands"))
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
