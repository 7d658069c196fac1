//! The index as a file: opened, trusted, brought up to date, replaced.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::index_lock::{Fingerprint, Lock, file_in, files, is_sound, is_temporary, remove};
use super::{Fault, Result, catch_up, fill, meta, schema};
use crate::fault::point;
use crate::git::repo::{Oid, Repo};
use crate::io_counts;
use crate::model::limits::{INDEX_READ_TRIES, INDEX_WRITE_PAUSE, INDEX_WRITE_TRIES};
use crate::shared_files;
use crate::tree_edit::Step;

thread_local! {
    /// The end of the last wait of a writer that was in vain.
    static WAITED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Waits for a writer, which usually takes less than a millisecond.
fn patience(tries: i32) -> bool {
    let step = 100 << tries.clamp(0, 5);
    std::thread::sleep(Duration::from_micros(step.min(2_000)));
    tries < INDEX_READ_TRIES
}

/// Waits for readers. One that was stopped, or that prints into a full pipe, may read for hours; the
/// next reader brings the index up to date instead.
fn writers_patience(tries: i32) -> bool {
    if WAITED
        .get()
        .is_some_and(|end| end.elapsed() < INDEX_WRITE_PAUSE)
    {
        return false;
    }
    if tries >= INDEX_WRITE_TRIES {
        WAITED.set(Some(Instant::now()));
        return false;
    }
    patience(tries)
}

/// Sets how long a change of the index waits for readers.
pub(super) fn wait_as_writer(db: &mut Connection, writes: bool) -> Result<()> {
    let handler = if writes { writers_patience } else { patience };
    Ok(db.busy_handler(Some(handler))?)
}

/// The name and the temporary files of an index that must not need a disk.
const IN_MEMORY: [&str; 2] = [":memory:", "MEMORY"];

/// The same of one that may be too large for memory.
pub(super) const IN_FILE: [&str; 2] = ["", "FILE"];

/// The state of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// A commit of that tree.
    pub commit: Oid,
    /// The tree, on which all answers depend.
    pub tree: Oid,
}

/// The index of a repository, at one state.
pub struct Index {
    pub(super) db: RefCell<Connection>,
    at: Cell<At>,
    pub(super) file: Option<PathBuf>,
    /// The inode of the file the connection has open.
    pub(super) inode: Cell<u64>,
    /// The reason why it is in memory, from SQLite or the system.
    pub why: Option<String>,
    /// The number of holds, which keep the file unchanged.
    pub(super) holds: Cell<u32>,
    /// Set while a read transaction is open for them.
    pub(super) reading: Cell<bool>,
}

impl Drop for Index {
    fn drop(&mut self) {
        io_counts::index_rows(self.db.borrow().total_changes());
    }
}

/// The settings of every connection. With QPSG the planner looks at no bound value; otherwise
/// SQLite prepares each statement with a bound limit twice. Steps are counted if requested.
fn ready(mut db: Connection) -> Result<Connection> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(64);
    if io_counts::are_counted() {
        let goes_on = || {
            io_counts::index_step();
            false
        };
        db.progress_handler(1, Some(goes_on))?;
    }
    Ok(db)
}

impl Index {
    /// Opens the index in `folder`, brought to the state that `tip` names unless it is already at
    /// the commit `seen`.
    ///
    /// # Errors
    /// Only if not even an index in memory can be made.
    pub fn open(
        repo: &Repo,
        folder: &Path,
        seen: Oid,
        tip: impl Fn() -> Result<At>,
    ) -> Result<Index> {
        let path = file_in(folder);
        if let Ok(index) = Self::of_file(&path)
            && index.at().commit == seen
        {
            return Ok(index);
        }
        match Self::opened_under_lock(repo, &path, &tip) {
            Ok(index) => Ok(index),
            Err(fault) => {
                let mut index = Self::apart(repo, tip()?, IN_MEMORY)?;
                index.why = Some(fault.to_string());
                Ok(index)
            }
        }
    }

    /// The file in `folder` as it is, if a reader would trust it.
    pub(super) fn trusted_file(folder: &Path) -> Result<Index> {
        let index = Self::of_file(&file_in(folder))?;
        index.release();
        Ok(index)
    }

    /// The path of the file; `None` for an index in memory.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Stops it from answering queries: its file is gone.
    pub fn distrust(&self) {
        self.release();
        let null = |id: Oid| Oid::null(id.kind());
        let At { commit, tree } = self.at.get();
        self.at.set(At {
            commit: null(commit),
            tree: null(tree),
        });
    }

    /// The file as it is, if it is unchanged since its last writer.
    fn of_file(path: &Path) -> Result<Index> {
        let inode = Fingerprint::of(path)?.inode;
        Self::connect(path, inode)
    }

    fn connect(path: &Path, inode: u64) -> Result<Index> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = ready(Connection::open_with_flags(path, flags)?)?;
        wait_as_writer(&mut db, false)?;
        // While this transaction reads, no process writes: a sound file stays sound until its end.
        db.execute_batch("BEGIN")?;
        let head = Head::read(&db);
        if !is_sound(path, inode) {
            return Err(Fault::Doubt("another program wrote into the index"));
        }
        let head = head?;
        if head.version != Some(schema::VERSION)
            || head.program.as_deref() != Some(env!("CARGO_PKG_VERSION"))
        {
            return Err(Fault::Doubt("the index was written by a different version"));
        }
        let index = Index::new(db, head.at()?, Some(path.to_path_buf()), inode);
        // The next query uses this transaction.
        index.reading.set(true);
        Ok(index)
    }

    fn new(db: Connection, at: At, file: Option<PathBuf>, inode: u64) -> Index {
        Index {
            db: RefCell::new(db),
            at: Cell::new(at),
            file,
            inode: Cell::new(inode),
            why: None,
            holds: Cell::new(0),
            reading: Cell::new(false),
        }
    }

    /// Its state.
    pub fn at(&self) -> At {
        self.at.get()
    }

    /// True if it is at a commit; checks whether another process brought it there.
    pub(crate) fn look_again(&self, commit: Oid) -> bool {
        if self.at().commit != commit && self.holds.get() == 0 {
            // The next query decides if it can be trusted there.
            let _ = self.look();
        }
        self.at().commit == commit
    }

    /// The tree to which it was brought by now, by any process. The next query decides if it can be
    /// trusted there.
    fn look(&self) -> Result<Oid> {
        self.release();
        let now = state_of(&self.db.borrow())?;
        self.at.set(now);
        Ok(now.tree)
    }

    /// As [`Index::look`], once no other process is changing it.
    pub(crate) fn look_after_change(&self) -> Result<Oid> {
        self.release();
        if let Some(path) = &self.file {
            Lock::acquire(path)?;
        }
        self.look()
    }

    /// Its tree.
    pub fn tree(&self) -> Oid {
        self.at.get().tree
    }

    /// The bytes of `pm.yaml`; `None` if there is none. The file stays unchanged until the next
    /// query is answered.
    pub fn repository(&self) -> Result<Option<Vec<u8>>> {
        self.begin_asking(|db| meta(db, "repository"))
    }

    /// True if the state has artifacts; `None` if that was not noted.
    pub(crate) fn has_artifacts(&self) -> Result<Option<bool>> {
        self.ask(|db| meta(db, super::ARTIFACTS))
    }

    /// Opens the file under the lock, and catches up or rebuilds it.
    fn opened_under_lock(repo: &Repo, path: &Path, tip: &impl Fn() -> Result<At>) -> Result<Index> {
        let mut lock = Lock::acquire(path)?;
        Self::current(repo, path, &mut lock, tip)
    }

    /// The file, brought up to date or rebuilt. If readers prevent that, it is used as it is: the
    /// state corrects it by the files that differ.
    fn current(
        repo: &Repo,
        path: &Path,
        lock: &mut Lock,
        tip: &impl Fn() -> Result<At>,
    ) -> Result<Index> {
        let Ok(index) = Self::of_file(path) else {
            return Self::rebuilt(repo, path, lock, tip()?);
        };
        match index.catch_up(repo, lock, tip()?, None) {
            Err(fault) if !fault.is_busy() => Self::rebuilt(repo, path, lock, tip()?),
            _ => Ok(index),
        }
    }

    /// Builds the index beside the old one and replaces that.
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
        shared_files::share(&temporary);
        point("index-rename")?;
        std::fs::rename(&temporary, path)?;
        point("index-renamed")?;
        let fingerprint = Fingerprint::of(path)?;
        lock.note(&fingerprint)?;
        // The lock is held, so no other process uses one of these.
        if let Some(folder) = path.parent() {
            let _ = remove(files(folder, is_temporary));
        }
        Self::connect(path, fingerprint.inode)
    }

    fn make(repo: &Repo, path: &Path, to: At) -> Result<()> {
        point("index-make")?;
        let _ = std::fs::remove_file(path);
        let db = ready(Connection::open(path)?)?;
        // No process sees the file before it is complete. What has to be sorted goes into a file once it
        // is larger than the cache.
        db.execute_batch(
            "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
             PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=FILE; PRAGMA cache_size=-16000;",
        )?;
        fill(&db, repo, to)?;
        io_counts::index_rows(db.total_changes());
        Ok(())
    }

    /// An index for this process, in memory or in a file that SQLite removes.
    pub(super) fn apart(repo: &Repo, to: At, [name, store]: [&str; 2]) -> Result<Index> {
        let db = ready(Connection::open(name)?)?;
        let store = format!("PRAGMA temp_store={store}; PRAGMA cache_size=-16000;");
        db.execute_batch(&format!("PRAGMA journal_mode=OFF; {store}"))?;
        fill(&db, repo, to)?;
        Ok(Index::new(db, to, None, 0))
    }

    /// Brings the index to a state.
    ///
    /// # Errors
    /// When it could be neither updated nor rebuilt; it stays at its state then.
    #[cfg(feature = "internals")]
    pub fn catch_up_to(&self, repo: &Repo, to: At) -> Result<()> {
        self.bring(repo, || Ok(to), None)
    }

    /// Brings the index to the current state; `step` has the last changes, if they are known. If
    /// another process holds it, it is left: the next reader catches up.
    ///
    /// # Errors
    /// When it could be neither updated nor rebuilt; it stays at its state then.
    pub fn bring(
        &self,
        repo: &Repo,
        tip: impl Fn() -> Result<At>,
        step: Option<&Step>,
    ) -> Result<()> {
        self.release();
        let Some(path) = &self.file else {
            return self.change(repo, tip()?, step);
        };
        let mut lock = Lock::acquire(path)?;
        let sound = Fingerprint::of(path).is_ok_and(|fingerprint| {
            fingerprint.inode == self.inode.get()
                && lock.noted().as_deref() == Some(&fingerprint.to_string())
        });
        if sound {
            match self.catch_up(repo, &mut lock, tip()?, step) {
                Ok(()) => return Ok(()),
                Err(fault) if fault.is_busy() => return Err(fault),
                Err(_) => {}
            }
        }
        let new = Self::current(repo, path, &mut lock, &tip)?;
        new.release();
        self.db.swap(&new.db);
        self.at.set(new.at.get());
        self.inode.set(new.inode.get());
        Ok(())
    }

    /// Catches up under the lock and notes the new fingerprint.
    fn catch_up(&self, repo: &Repo, lock: &mut Lock, to: At, step: Option<&Step>) -> Result<()> {
        let before = state_of(&self.db.borrow())?;
        if before == to {
            self.at.set(to);
            return Ok(());
        }
        self.sealed(lock, || self.change(repo, to, step))
    }

    fn change(&self, repo: &Repo, to: At, step: Option<&Step>) -> Result<()> {
        self.transact(|db| {
            let from = state_of(db)?;
            if from.tree != to.tree {
                if meta(db, "odd")?.unwrap_or(true) {
                    return Err(Fault::Doubt("the state holds two files of one document"));
                }
                let step = step.filter(|step| (step.from, step.to) == (from.tree, to.tree));
                catch_up::catch_up(db, repo, from.tree, to.tree, step)?;
            }
            super::set_state(db, repo, to, Some(from))
        })?;
        self.at.set(to);
        Ok(())
    }
}

/// The metadata of an index.
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
            id.ok_or(Fault::Doubt("the index does not name its state"))
        };
        Ok(At {
            commit: id(&self.commit)?,
            tree: id(&self.tree)?,
        })
    }
}

/// The state of a database.
pub(super) fn state_of(db: &Connection) -> Result<At> {
    Head::read(db)?.at()
}
