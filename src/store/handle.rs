//! The store of one repository: its ref, its tip, and the write that everything goes through.

mod durable;
pub(crate) mod lost_tips;
mod serve;
mod tips;

use std::cell::{Cell, OnceCell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::env::Env;
use super::git::repo::{Kept, Oid, Pending, Person, Repo, Swap};
use super::index::Index;
use super::join::commit::{SKIP_CI, tick};
use super::lock::{self, Lock};
use super::shared::Shared;
use super::transaction::{Tx, person};
use super::tree_edit::{Step, edit_tree};
use super::{fault, migrate, replica, repository};
use crate::error::{Error, Result};
use crate::model::codec::encode;
use crate::model::stamp::{Clock, ReplicaId};
use crate::store::layout::MAIN;
use durable::sync_file;

/// Refs that reach what is being written while a `git gc` is at work, and what is being pushed.
pub(crate) const WRITING: &str = "refs/pm-local/writing/";

/// A write of more objects than this makes a pack.
const PACK_FROM: usize = 256;

/// How often a write is tried again when the ref moved under it.
const ATTEMPTS: u32 = 40;

/// Who writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The bare name.
    pub name: String,
    /// Whether it counts as an agent.
    pub is_agent: bool,
    /// An agent's own name, under whatever name it speaks; none of a human.
    pub own: Option<String>,
    /// Whether nobody gave a name, so that it is that of the place: in a task's worktree its claimant's.
    pub stands_in: bool,
    /// The e-mail address of the git identity it acts for; may be empty.
    pub email: String,
    /// The name of the git identity it acts for.
    pub identity: String,
}

/// The store of a repository.
pub struct Store {
    repo: Repo,
    /// The ref that holds the state: [`MAIN`], or that of another one beside it.
    main: &'static str,
    env: Env,
    /// Refs that keep what is being written from a running `git gc`.
    guards: RefCell<Vec<(String, Oid)>>,
    /// The last tip that could be read.
    usable: Cell<Option<Oid>>,
    /// The index, once something asked for it; none where not even one in memory can be made.
    index: OnceCell<Option<Rc<Index>>>,
    /// What the states of the exchange that is on have in common.
    pub(super) shared: RefCell<Option<Rc<Shared>>>,
    /// What the last write that was staged changes.
    step: RefCell<Option<Step>>,
    /// What the user should know about what was written.
    warnings: RefCell<Vec<String>>,
    /// This clone's id, once it was read: it stays for as long as the store is open.
    replica: OnceCell<ReplicaId>,
    /// What was flushed and no ref reaches yet.
    unsettled: RefCell<Option<durable::Unsettled>>,
    /// Packs that no ref reaches yet.
    packs: RefCell<Vec<Kept>>,
    /// Until when the network may be waited for, beside the time-out of each command.
    pub(super) deadline: Cell<Option<Instant>>,
    /// Whether remotes are asked without what the environment says of git's configuration.
    pub(super) own_config: Cell<bool>,
    /// Whether the caller wants every commit signed.
    pub(crate) sign: Cell<bool>,
}

/// How a write ended.
#[derive(Debug)]
pub struct Written<T> {
    /// What the closure returned.
    pub value: T,
    /// The commit that holds it; the tip as it was when nothing changed.
    pub commit: Oid,
    /// Whether a commit was made.
    pub changed: bool,
}

impl Store {
    /// Opens the store of the repository at `env.cwd`, whether or not it was initialised.
    ///
    /// # Errors
    /// When there is no usable repository.
    pub fn open(env: Env) -> Result<Self> {
        Self::open_at(env, MAIN)
    }

    /// Opens the store whose state lies at a ref. Only that of [`MAIN`] has an index.
    pub(super) fn open_at(env: Env, main: &'static str) -> Result<Self> {
        let index = match main {
            MAIN => OnceCell::new(),
            _ => OnceCell::from(None),
        };
        Ok(Store {
            repo: Repo::open(&env)?,
            main,
            env,
            guards: RefCell::default(),
            usable: Cell::new(None),
            index,
            shared: RefCell::default(),
            step: RefCell::default(),
            warnings: RefCell::default(),
            replica: OnceCell::new(),
            unsettled: RefCell::default(),
            packs: RefCell::default(),
            deadline: Cell::default(),
            own_config: Cell::default(),
            sign: Cell::default(),
        })
    }

    /// Whether the state is the one that is exchanged, and not one beside it.
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

    /// The caller's world.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// The folder of git pm's own files: `<common git directory>/pm`.
    pub fn folder(&self) -> PathBuf {
        lock::folder(self.repo.common_dir())
    }

    /// This clone's id, made now if there is none.
    ///
    /// # Errors
    /// When it cannot be stored.
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

    /// Waits for the writers' lock. The index is let go meanwhile, for whoever has the lock may
    /// have to change it.
    pub(crate) fn lock(&self) -> Result<Lock> {
        if let Some(Some(index)) = self.index.get() {
            index.let_go();
        }
        let mut lock = lock::acquire(self.repo.common_dir())?;
        lock::clear_stale_ref_lock(&mut lock, self.repo.common_dir());
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

    /// The committer of state commits and the name in reflogs.
    pub(crate) fn committer(&self) -> Person {
        let (name, email) = self.identity();
        let name = if name.is_empty() { "git pm" } else { &name };
        person(name, &email, self.env.now_ms())
    }

    /// The clock for a write on top of a commit.
    pub(crate) fn clock_on(&self, repo: &Repo, tip: Oid) -> Result<Clock> {
        let seen = tick(&repo.commit(tip)?);
        Ok(Clock::new(self.replica()?, self.env.now_ms(), seen))
    }

    /// Makes the first commit of the state, the same in every clone. Does nothing when there is
    /// one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn initialise(&self) -> Result<Oid> {
        self.replica()?;
        loop {
            if let Some(tip) = self.tip()? {
                return Ok(tip);
            }
            let mut lock = self.lock()?;
            let mut pending = self.repo.pending();
            let commit = initial_commit(&pending)?;
            self.flush(&mut pending)?;
            if self.swap(&mut lock, None, commit, "init")? == Swap::Done {
                return Ok(commit);
            }
        }
    }

    /// Swaps the state's ref, announcing it so that a crash in between leaves no lock behind.
    pub(crate) fn swap(
        &self,
        lock: &mut Lock,
        old: Option<Oid>,
        new: Oid,
        message: &str,
    ) -> Result<Swap> {
        self.swap_named(lock, self.main, old, new, message)
    }

    /// Swaps any ref of ours under the writers' lock.
    pub(crate) fn swap_named(
        &self,
        lock: &mut Lock,
        name: &str,
        old: Option<Oid>,
        new: Oid,
        message: &str,
    ) -> Result<Swap> {
        let swapped = self.swap_alone(lock, name, old, new, message)?;
        if name == self.main && swapped == Swap::Done {
            self.follow();
        }
        Ok(swapped)
    }

    /// Swaps a ref of ours and leaves the index where it stands.
    fn swap_alone(
        &self,
        lock: &mut Lock,
        name: &str,
        old: Option<Oid>,
        new: Oid,
        message: &str,
    ) -> Result<Swap> {
        lock::clear_stale_ref_lock(lock, self.repo.common_dir());
        lock.announce(&format!("{name} {new}"));
        let message = crate::model::text::one_line(message);
        let entry = (&self.committer(), message.as_ref());
        let swapped = (self.repo).swap_ref(name, old, new, entry, &|| self.settle());
        lock.announce("");
        let settled = self.settled();
        self.packs.take();
        self.drop_guards();
        let swapped = settled.and(swapped);
        if swapped.is_ok() && self.fsync() {
            sync_file(&self.repo.common_dir().join(name));
        }
        swapped
    }

    /// Deletes any ref of ours under the writers' lock.
    pub(crate) fn delete_named(&self, lock: &mut Lock, name: &str, old: Oid) -> Result<Swap> {
        self.locking(lock, name, || self.repo.delete_ref(name, old))
    }

    /// Runs what locks a ref without a new value for it, announcing it as [`Store::swap`] does.
    pub(crate) fn locking<T>(
        &self,
        lock: &mut Lock,
        name: &str,
        run: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        lock::clear_stale_ref_lock(lock, self.repo.common_dir());
        lock.announce(&format!("{name} -"));
        let done = run();
        lock.announce("");
        done
    }

    /// Runs a git that makes a ref, announcing the lock it takes as [`Store::swap`] does: a kill of
    /// both leaves one that the next writer knows to be ours.
    pub(crate) fn making_ref(
        &self,
        name: &str,
        id: &str,
        make: &mut dyn FnMut() -> Result<()>,
    ) -> Result<()> {
        let mut lock = self.lock()?;
        lock.announce(&format!("{name} {id}"));
        let made = make();
        lock.announce("");
        made
    }

    /// Runs a git that writes the repository's configuration, announcing its lock in the same way.
    pub(crate) fn configuring<T>(&self, run: impl FnOnce() -> Result<T>) -> Result<T> {
        // Where nothing can be written, git says so in its own words.
        let mut lock = self.lock().ok();
        if let Some(lock) = lock.as_mut() {
            lock.announce(lock::CONFIG);
        }
        let done = run();
        if let Some(lock) = lock.as_mut() {
            lock.announce("");
        }
        done
    }

    /// Runs a mutation: `stage` reads and stages, what it staged becomes one commit. It is run
    /// again when the ref moved meanwhile.
    ///
    /// # Errors
    /// What `stage` returns, and when the commit cannot be written.
    pub fn write<T>(
        &self,
        actor: &Actor,
        stage: impl FnMut(&mut Tx<'_>) -> Result<T>,
    ) -> Result<Written<T>> {
        self.require_tip()?;
        self.require_writable_format()?;
        self.write_anyway(actor, stage)
    }

    /// As [`Store::write`], also where `pm.yaml` is damaged or of an older major version: for what
    /// repairs and migrates.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub(crate) fn write_anyway<T>(
        &self,
        actor: &Actor,
        mut stage: impl FnMut(&mut Tx<'_>) -> Result<T>,
    ) -> Result<Written<T>> {
        self.require_tip()?;
        // Opening it takes as long as the write itself: nobody waits for that.
        let _ = self.any_index();
        let mut lock = self.lock()?;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(lock::jitter(Duration::from_millis(u64::from(attempt))));
            }
            let seen = self
                .repo
                .ref_target(self.main)?
                .ok_or_else(|| self.not_initialised())?;
            let tip = self.readable(self.main, seen)?;
            let mut pending = self.repo.pending();
            let (value, commit) = self.stage(&pending, tip, actor, &mut stage)?;
            let Some(commit) = commit else {
                return Ok(Written {
                    value,
                    commit: tip,
                    changed: false,
                });
            };
            let made = pending.commit(commit)?;
            let subject = made.message.lines().next().unwrap_or("write");
            let subject = lost_tips::with_tree(subject, made.tree);
            self.flush(&mut pending)?;
            fault::step("write-flushed")?;
            if self.swap_alone(&mut lock, self.main, Some(seen), commit, &subject)? == Swap::Done {
                // What was just written still lies in memory.
                self.follow_to(&pending, commit);
                fault::step("write-swapped")?;
                return Ok(Written {
                    value,
                    commit,
                    changed: true,
                });
            }
        }
        Err(Error::conflict(format!(
            "{} moved under {ATTEMPTS} attempts to write",
            self.main
        ))
        .hint("run the command again"))
    }

    /// Stages a mutation as [`Store::write`] does, signed where commits are, and makes sure that the
    /// ref could be moved; then it forgets all of it.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub(crate) fn rehearse<T>(
        &self,
        actor: &Actor,
        mut stage: impl FnMut(&mut Tx<'_>) -> Result<T>,
    ) -> Result<()> {
        let tip = self.require_tip()?;
        self.require_writable_format()?;
        let staged = self.stage(&self.repo.pending(), tip, actor, &mut stage);
        self.step.take();
        staged?;
        let mut lock = self.lock()?;
        self.locking(&mut lock, self.main, || self.repo.rehearse_swap(self.main))
    }

    /// Runs `stage` on top of a commit; the new commit is in memory only. `None` in the second
    /// place when nothing was staged.
    pub(crate) fn stage<T>(
        &self,
        pending: &Pending,
        base: Oid,
        actor: &Actor,
        stage: &mut impl FnMut(&mut Tx<'_>) -> Result<T>,
    ) -> Result<(T, Option<Oid>)> {
        let state = self.state_at(pending, base)?;
        let clock = self.clock_on(pending, base)?;
        let mut tx = Tx::new(state, pending, clock, actor);
        let hold = tx.state.hold();
        let value = stage(&mut tx)?;
        if !tx.is_dirty() {
            return Ok((value, None));
        }
        let (tree, step) = tx.write_tree(pending)?;
        self.step.replace(step);
        self.warn_of(std::mem::take(&mut tx.secrets));
        drop(hold);
        if pending.commit(base)?.tree == tree {
            return Ok((value, None));
        }
        let (_, email) = self.identity();
        let author = person(&actor.name, &email, self.env.now_ms());
        let mut message = tx.commit_message();
        // Where the state lives in a branch of the remote, a host would build every push of it.
        let in_branch = |name: String| name.starts_with("refs/heads/");
        if self.repo.config("pm.remoteRef").is_some_and(in_branch) {
            message.push_str(SKIP_CI);
        }
        for lost in self.lost_tips().iter().filter(|lost| lost.used == base) {
            message.push_str(&format!("PM-Lost: {}\n", lost.id));
        }
        let commit = self.commit_signed(pending, tree, &[base], &author, &message)?;
        Ok((value, Some(commit)))
    }

    /// Keeps warnings for [`Store::take_warnings`], each once, however often a write is tried.
    fn warn_of(&self, secrets: Vec<String>) {
        let mut warnings = self.warnings.borrow_mut();
        for text in secrets {
            if !warnings.contains(&text) {
                warnings.push(text);
            }
        }
    }

    /// Warnings about what was written; taking them clears them.
    pub(crate) fn take_warnings(&self) -> Vec<String> {
        self.warnings.take()
    }

    /// Refuses to write into a state whose major format is older or newer than ours.
    pub(crate) fn require_writable_format(&self) -> Result<()> {
        let tree = self.repo.commit(self.require_tip()?)?.tree;
        let repository = repository::read(&self.repo, tree)?;
        migrate::require_writable(&repository)?;
        self.require_format_of_remote()
    }

    /// Refuses to write below the format of the remote that confirms, as far as it is known here:
    /// what a plain `git fetch` brought may be of a version to come.
    fn require_format_of_remote(&self) -> Result<()> {
        let Some(remote) = super::remote_names::Remote::main(&self.repo) else {
            return Ok(());
        };
        let Some(tip) = self.repo.ref_target(&remote.tracking(&self.repo))? else {
            return Ok(());
        };
        let commit = self.repo.commit(tip);
        match commit.and_then(|commit| repository::read(&self.repo, commit.tree)) {
            Ok(found) => found.require_readable(),
            // What cannot be read is fetched anew; it must not stop work here.
            Err(_) => Ok(()),
        }
    }
}

/// The first commit of every store: no author but git pm, no time but the epoch, so that clones
/// that initialise on their own begin with the same commit.
pub(crate) fn initial_commit(pending: &Pending) -> Result<Oid> {
    let blob = pending.write_blob(encode(&repository::initial()).as_bytes())?;
    let changes = [(super::layout::REPOSITORY.to_string(), Some(blob))].into();
    let tree = edit_tree(pending, None, &changes)?;
    let who = Person {
        name: "git pm".into(),
        email: "git-pm@localhost".into(),
        seconds: 0,
    };
    let message = "init: begin the state\n\nPM-Op: init\nPM-Clock: 0.0\n";
    pending.write_commit(tree, &[], &who, &who, message)
}
