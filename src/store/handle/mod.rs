//! The store of one repository, opened: its ref, tip, clone id, locks and identity.
//!
//! The write that all changes use is in `handle/write_state.rs`.

mod flush_objects;
mod indexed_state;
pub mod lost_tips;
mod reflog_recovery;
mod swap_refs;
mod write_state;

use std::cell::{Cell, OnceCell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

pub use super::actor::Actor;
use super::document_cache::Shared;
use super::env::Env;
use super::git::repo::{Kept, Oid, Person, Repo};
use super::index::Index;
use super::join::commit::tick;
use super::lock::{self, Lock};
use super::replica;
use super::stale_locks::clear_stale_ref_lock;
use super::state::{NamedPlans, Notes, WrittenMs};
use super::transaction::person;
use super::tree_edit::Step;
use crate::error::Result;
use crate::layout::MAIN;
use crate::model::settings;
use crate::model::stamp::{Clock, ReplicaId};
use crate::state::former_ids::LostIds;
pub use write_state::Written;

/// Refs that reach objects being written while a `git gc` is running, and objects being pushed.
pub(crate) const WRITING: &str = "refs/pm-local/writing/";

/// A write of more objects than this makes a pack.
const PACK_FROM: usize = 256;

/// The store of a repository.
pub struct Store {
    repo: Repo,
    /// The ref that holds the state: [`MAIN`], or another one.
    main: &'static str,
    env: Env,
    /// Refs that protect objects being written from a running `git gc`.
    guards: RefCell<Vec<(String, Oid)>>,
    /// The last readable tip.
    usable: Cell<Option<Oid>>,
    /// A commit that is not a state, to which something moved the ref, and the state used instead.
    pub moved: Cell<Option<(Oid, Oid)>>,
    /// The index, once it was needed; `None` if not even one in memory can be made.
    index: OnceCell<Option<Rc<Index>>>,
    /// The plans whose proposed items were named.
    named_plans: NamedPlans,
    /// The documents that the states of the current exchange share.
    pub(super) shared: RefCell<Option<Rc<Shared>>>,
    /// The two commits of the last [`Store::lost_between`], and its answer.
    pub(super) lost: RefCell<Option<([Oid; 2], LostIds)>>,
    /// The changes of the last staged write.
    step: RefCell<Option<Step>>,
    /// Warnings for the user about what was written.
    pub warnings: RefCell<Vec<String>>,
    /// Notices about the version of the format, and about names.
    pub notes: Notes,
    /// The time of the change that is made now.
    pub written_ms: WrittenMs,
    /// Set if people of this clone read what its states say.
    pub for_people: Cell<bool>,
    /// This clone's id, once it was read: it stays the same while the store is open.
    replica: OnceCell<ReplicaId>,
    /// The objects that were flushed and that no ref reaches yet.
    unsettled: RefCell<Option<flush_objects::Unsettled>>,
    /// Packs that no ref reaches yet.
    packs: RefCell<Vec<Kept>>,
    /// The deadline for network commands, in addition to the time-out of each.
    pub(super) deadline: Cell<Option<Instant>>,
    /// The attempts of a series of pushes that count together, so far.
    pub(super) attempts: Cell<Option<u32>>,
    /// True if remotes are contacted without the git configuration of the environment.
    pub(super) own_config: Cell<bool>,
    /// True if a state of a version that this program does not know, or with a damaged `pm.yaml`, is
    /// replaced by the nearest earlier one that it can read, with a warning: a hook that checks
    /// nothing would be worse.
    pub falls_back: Cell<bool>,
    /// True if the caller wants every commit signed.
    pub sign: Cell<bool>,
}

impl Store {
    /// Opens the store of the repository at `env.cwd`, initialized or not.
    pub fn open(env: Env) -> Result<Self> {
        Self::open_at(env, MAIN)
    }

    /// Opens the store whose state is at a ref. Only that of [`MAIN`] has an index.
    pub(super) fn open_at(env: Env, main: &'static str) -> Result<Self> {
        let index = match main {
            MAIN => OnceCell::new(),
            _ => OnceCell::from(None),
        };
        let repo = Repo::open(&env)?;
        let zone = repo.config(settings::TIMEZONE.key);
        let env = Env {
            zone: zone.filter(|zone| settings::TIMEZONE.rejects(zone).is_none()),
            ..env
        };
        Ok(Store {
            repo,
            main,
            env,
            guards: RefCell::default(),
            usable: Cell::new(None),
            moved: Cell::new(None),
            index,
            named_plans: Default::default(),
            shared: RefCell::default(),
            lost: RefCell::default(),
            step: RefCell::default(),
            warnings: RefCell::default(),
            notes: Notes::default(),
            written_ms: WrittenMs::default(),
            for_people: Cell::default(),
            replica: OnceCell::new(),
            unsettled: RefCell::default(),
            packs: RefCell::default(),
            deadline: Cell::default(),
            attempts: Cell::default(),
            own_config: Cell::default(),
            falls_back: Cell::default(),
            sign: Cell::default(),
        })
    }

    /// The same store without an index: nothing is written to answer.
    pub fn without_index(mut self) -> Self {
        self.index = OnceCell::from(None);
        self
    }

    /// True if the state is the one that is exchanged.
    pub fn is_main(&self) -> bool {
        self.main == MAIN
    }

    /// The ref that holds its state.
    pub fn main_ref(&self) -> &'static str {
        self.main
    }

    /// The repository.
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// The caller's environment.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// The folder of git pm's own files: `<common git directory>/pm`.
    pub fn folder(&self) -> PathBuf {
        lock::folder(self.repo.common_dir())
    }

    /// This clone's id, created if there is none.
    pub fn replica(&self) -> Result<ReplicaId> {
        if let Some(known) = self.replica.get() {
            return Ok(known.clone());
        }
        let replica = replica::ensure(self.repo.common_dir())?;
        Ok(self.replica.get_or_init(|| replica).clone())
    }

    /// This clone's id, if it has one; never writes.
    pub fn known_replica(&self) -> Option<ReplicaId> {
        if self.replica.get().is_none()
            && let Some(known) = replica::known(self.repo.common_dir())
        {
            let _ = self.replica.set(known);
        }
        self.replica.get().cloned()
    }

    /// Lets other processes change the index: called before anything slow. A writer that waits for
    /// a reader keeps new readers out, so a program that is started here and reads the index, such
    /// as a hook, would otherwise wait for us, and we for it.
    pub fn release_index(&self) {
        if let Some(Some(index)) = self.index.get() {
            index.release();
        }
    }

    /// As [`Store::release_index`], before a wait of minutes: what was read from the index is not
    /// kept in memory.
    pub fn rest_index(&self) {
        self.release_index();
        if let Some(Some(index)) = self.index.get() {
            index.shrink();
        }
    }

    /// Waits for the writers' lock. The index is released meanwhile, since the holder of the lock
    /// may have to change it.
    pub fn lock(&self) -> Result<Lock> {
        self.repo.require_writable()?;
        self.release_index();
        let mut lock = lock::acquire(self.repo.common_dir())?;
        clear_stale_ref_lock(&mut lock, self.repo.common_dir());
        Ok(lock)
    }

    /// The git identity: name and e-mail address. The name is empty when none is configured.
    pub fn identity(&self) -> (String, String) {
        let from = |variable: &str, key: &str| {
            self.env
                .text(variable)
                .or_else(|| self.repo.config(key))
                .unwrap_or_default()
        };
        (
            from("GIT_AUTHOR_NAME", "user.name"),
            from("GIT_AUTHOR_EMAIL", "user.email"),
        )
    }

    /// The committer of state commits and the name in reflogs: `committer.name` and
    /// `committer.email` as in git, else the user.
    pub fn committer(&self) -> Person {
        let (name, email) = self.identity();
        let name = self.repo.config("committer.name").unwrap_or(name);
        let email = self.repo.config("committer.email").unwrap_or(email);
        let name = if name.is_empty() { "git pm" } else { &name };
        person(name, &email, self.env.now_ms())
    }

    /// The clock for a write on top of a commit.
    pub(crate) fn clock_on(&self, repo: &Repo, tip: Oid) -> Result<Clock> {
        let seen = tick(&repo.commit(tip)?);
        Ok(Clock::new(self.replica()?, self.env.now_ms(), seen))
    }
}
