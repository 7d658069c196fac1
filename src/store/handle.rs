//! The store of one repository: its ref, its tip, and the write that everything goes through.

use std::cell::{Cell, OnceCell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use super::env::Env;
use super::fault;
use super::git::repo::{Kept, Oid, Pending, Person, Repo, Swap};
use super::index::{self, At, Index};
use super::join::commit::{SKIP_CI, tick};
use super::lock::{self, Lock};
use super::migrate;
use super::replica;
use super::repository::{self, Repository};
use super::state::State;
use super::transaction::{Tx, edit_tree, person};
use crate::error::{Error, Result};
use crate::model::codec::encode;
use crate::model::stamp::{Clock, ReplicaId};

/// The ref that holds the state.
pub const MAIN: &str = "refs/pm/main";

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
    /// The e-mail address of the git identity it acts for; may be empty.
    pub email: String,
    /// The name of the git identity it acts for.
    pub identity: String,
}

/// The store of a repository.
pub struct Store {
    repo: Repo,
    env: Env,
    /// Refs that keep what is being written from a running `git gc`.
    guards: RefCell<Vec<(String, Oid)>>,
    /// The last tip that could be read.
    usable: Cell<Option<Oid>>,
    /// The index, once something asked for it; none where not even one in memory can be made.
    index: OnceCell<Option<Rc<Index>>>,
    /// Packs that no ref reaches yet.
    packs: RefCell<Vec<Kept>>,
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
        Ok(Store {
            repo: Repo::open(&env)?,
            env,
            guards: RefCell::default(),
            usable: Cell::new(None),
            index: OnceCell::new(),
            packs: RefCell::default(),
            sign: Cell::default(),
        })
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
        replica::ensure(self.repo.common_dir())
    }

    /// This clone's id, if it has one; never writes.
    pub fn known_replica(&self) -> Option<ReplicaId> {
        replica::known(self.repo.common_dir())
    }

    /// The tip of the state; `None` before `init`. A tip that cannot be read is replaced by the
    /// newest one in the reflog that can.
    ///
    /// # Errors
    /// When the ref cannot be read, or no tip in the reflog can.
    pub fn tip(&self) -> Result<Option<Oid>> {
        let Some(tip) = self.repo.ref_target(MAIN)? else {
            return Ok(None);
        };
        self.readable(MAIN, tip).map(Some)
    }

    /// `tip` if it is a state that can be read, else the newest one in the ref's reflog that is.
    pub(crate) fn readable(&self, name: &str, tip: Oid) -> Result<Oid> {
        if self.usable.get() == Some(tip) {
            return Ok(tip);
        }
        let usable = |id: Oid| {
            self.repo
                .commit(id)
                .and_then(|commit| repository::read(&self.repo, commit.tree))
                .is_ok()
        };
        if usable(tip) {
            self.usable.set(Some(tip));
            return Ok(tip);
        }
        let log = self.repo.common_dir().join("logs").join(name);
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        text.lines()
            .rev()
            .filter_map(|line| line.split(' ').nth(1))
            .filter_map(|hex| self.repo.parse_id(hex))
            .find(|id| usable(*id))
            .ok_or_else(|| {
                Error::state(format!(
                    "{name} is at {tip}, which cannot be read, and no earlier state in its reflog can"
                ))
                .hint("`git fsck` shows what is missing; `git pm pull` fetches the remote's state")
            })
    }

    /// Moves every ref of ours that points at something unreadable, as a power failure leaves it,
    /// to the newest readable state in its reflog, or away: git refuses to fetch as long as one
    /// does. A torn object is set aside, for git would take it for one that it need not fetch.
    ///
    /// # Errors
    /// When a ref cannot be read or written.
    pub(crate) fn mend_refs(&self) -> Result<()> {
        let mut names: Vec<String> = self
            .repo
            .refs_under("refs/pm-remotes/")?
            .into_keys()
            .collect();
        names.retain(|name| name.ends_with("/main"));
        names.extend([
            MAIN.to_string(),
            super::sync::published::PUBLISHED.to_string(),
        ]);
        for name in names {
            let Some(tip) = self.repo.ref_target(&name)? else {
                continue;
            };
            let usable = self.readable(&name, tip);
            if usable.as_ref().is_ok_and(|usable| *usable == tip) {
                continue;
            }
            let mut lock = self.lock()?;
            match usable {
                Ok(usable) => {
                    self.swap_named(&mut lock, &name, Some(tip), usable, "pm: recovered")?;
                }
                // The state itself is never given up; what a remote had is fetched again.
                Err(error) if name == MAIN => return Err(error),
                Err(_) => {
                    self.repo.delete_ref(&name, tip)?;
                }
            }
            self.repo
                .set_aside_torn(tip, &self.folder().join(super::fsck::local::TORN))?;
        }
        Ok(())
    }

    /// Waits for the writers' lock. The index is let go meanwhile, for whoever has the lock may
    /// have to change it.
    pub(crate) fn lock(&self) -> Result<Lock> {
        if let Some(Some(index)) = self.index.get() {
            index.let_go();
        }
        lock::acquire(self.repo.common_dir())
    }

    /// The tip, required.
    ///
    /// # Errors
    /// As [`Store::tip`], and when the repository was not initialised.
    pub fn require_tip(&self) -> Result<Oid> {
        self.tip()?.ok_or_else(|| self.not_initialised())
    }

    fn not_initialised(&self) -> Error {
        // This clone was set up once: what it ever fetched or pushed is still there.
        let was_here = self.repo.ref_target(super::sync::published::PUBLISHED);
        if was_here.is_ok_and(|known| known.is_some()) {
            return Error::state(format!("{MAIN}, which holds the state, was deleted"))
                .hint("`git pm init` brings back what was ever synced")
                .hint(format!(
                    "what was not is in a commit that `git fsck --no-reflogs` lists as dangling: \
                     `git update-ref {MAIN} COMMIT`"
                ));
        }
        let error = Error::state("git pm is not set up in this repository");
        let fetched = self
            .repo
            .refs_under("refs/pm-remotes/")
            .is_ok_and(|refs| !refs.is_empty());
        if fetched || !self.repo.remotes().is_empty() {
            error.hint("run `git pm init`: it also adopts the state that the remote has")
        } else {
            error.hint("run `git pm init`")
        }
    }

    /// The state now.
    ///
    /// # Errors
    /// When the repository was not initialised or the state cannot be read.
    pub fn state(&self) -> Result<State<'_>> {
        let seen = self.repo.ref_target(MAIN)?;
        if let Some(seen) = seen
            && let Some(index) = self.index(seen)
            && let Some((tree, repository)) = known(&index, seen)
            && self
                .repo
                .commit(seen)
                .is_ok_and(|commit| commit.tree == tree)
        {
            self.usable.set(Some(seen));
            repository.require_readable()?;
            let state = State::with_settings(&self.repo, Some(seen), tree, repository);
            return Ok(state.served_by(Some(index)));
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
            && let Some((tree, repository)) = known(index, commit)
        {
            repository.require_readable()?;
            return Ok(State::with_settings(repo, Some(commit), tree, repository)
                .served_by(Some(index.clone())));
        }
        Ok(State::at(repo, commit)?.served_by(index))
    }

    /// The index, brought to the tip, which was seen at a commit.
    fn index(&self, seen: Oid) -> Option<Rc<Index>> {
        let index = self.opened(seen)?;
        if index.at().commit != seen {
            // Where that fails, the state reads what is different, or everything.
            let _ = index.bring(&self.repo, || self.at_tip());
        }
        Some(index)
    }

    /// The index wherever it stands.
    fn any_index(&self) -> Option<Rc<Index>> {
        if let Some(index) = self.index.get() {
            return index.clone();
        }
        self.opened(self.repo.ref_target(MAIN).ok()??)
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
    fn follow(&self) {
        if let Some(Some(index)) = self.index.get() {
            let _ = index.bring(&self.repo, || self.at_tip());
        }
    }

    /// How the index stands that answers now; none where the state is read without.
    pub fn index_now(&self) -> Option<Rc<Index>> {
        self.index(self.repo.ref_target(MAIN).ok()??)
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
            pending.flush()?;
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
        self.swap_named(lock, MAIN, old, new, message)
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
        lock::clear_stale_ref_lock(lock, self.repo.common_dir());
        lock.announce(&format!("{name} {new}"));
        let message = crate::model::text::one_line(message);
        let swapped = self
            .repo
            .swap_ref(name, old, new, &self.committer(), &message);
        lock.announce("");
        self.packs.take();
        self.drop_guards();
        if name == MAIN && matches!(swapped, Ok(Swap::Done)) {
            self.follow();
        }
        if swapped.is_ok() && self.fsync() {
            sync_file(&self.repo.common_dir().join(name));
        }
        swapped
    }

    pub(crate) fn fsync(&self) -> bool {
        self.repo.config_bool("pm.fsync").unwrap_or(false)
    }

    /// Makes a transaction's objects durable in the object store, also against power loss where
    /// `pm.fsync` asks for it.
    pub(crate) fn flush(&self, pending: &mut Pending) -> Result<()> {
        self.flush_for(pending, None)
    }

    /// As [`Store::flush`], for a commit that no ref of this clone reaches before the remote has it:
    /// a `git gc --prune=now` that begins meanwhile would take it away under the push.
    /// [`Store::drop_guards`], or the next swap, ends that.
    pub(crate) fn flush_for_push(&self, pending: &mut Pending, commit: Oid) -> Result<()> {
        self.flush_for(pending, Some(commit))
    }

    fn flush_for(&self, pending: &mut Pending, pushed: Option<Oid>) -> Result<()> {
        if pending.count() > PACK_FROM {
            let kept = pending.flush_as_pack(self.fsync())?;
            self.packs.borrow_mut().push(kept);
            return Ok(());
        }
        let written = pending.flush_until(|written| {
            if let Some(pushed) = pushed {
                self.guard(pushed)?;
            }
            let gc = !written.is_empty() && self.repo.common_dir().join("gc.pid").exists();
            if !gc {
                return Ok(true);
            }
            self.guard_from_gc(written)?;
            self.keep_from_gc(written)
        })?;
        if self.fsync() {
            let objects = self.repo.common_dir().join("objects");
            for id in written {
                let hex = id.to_string();
                sync_file(&objects.join(&hex[..2]).join(&hex[2..]));
            }
        }
        Ok(())
    }

    /// Lets a ref reach what is being written until it is swapped in: a `git gc` that begins only
    /// after [`Store::keep_from_gc`] made its pack would drop that pack as unreachable.
    fn guard_from_gc(&self, written: &[Oid]) -> Result<()> {
        for id in written.iter().filter(|id| self.repo.is_commit(**id)) {
            self.guard(*id)?;
        }
        Ok(())
    }

    fn guard(&self, id: Oid) -> Result<()> {
        let mut random = [0u8; 8];
        getrandom::fill(&mut random)
            .map_err(|e| Error::state(format!("no randomness from the system: {e}")))?;
        // Two clones, or two processes of one, can make the same commit.
        let name = format!("{id}-{:x}", u64::from_ne_bytes(random));
        let temporary = self.folder().join(format!("guard-{name}.tmp"));
        let name = format!("{WRITING}{name}");
        self.repo.place_ref(&name, id, &temporary)?;
        self.guards.borrow_mut().push((name, id));
        Ok(())
    }

    /// Lets go of what was guarded: a ref of its own reaches it by now, or nobody wants it.
    pub(crate) fn drop_guards(&self) {
        for (guard, id) in self.guards.take() {
            let _ = self.repo.discard_ref(&guard, id);
        }
    }

    /// Removes the guards that a killed process left a day ago or earlier.
    pub(crate) fn clear_dead_guards(&self) -> Result<()> {
        let now = self.env.now_ms();
        for (name, id) in self.repo.refs_under(WRITING)? {
            let young = |ms| ms + crate::model::stamp::DAY_MS >= now;
            if !self.repo.commit(id).is_ok_and(|commit| young(commit.ms())) {
                let _ = self.repo.discard_ref(&name, id);
            }
        }
        Ok(())
    }

    /// `git gc --prune=now` deletes every loose object that no ref reached when it looked, also one
    /// that a ref reaches since. It never deletes a pack that was made after it began.
    /// False when it had taken one of them already.
    fn keep_from_gc(&self, written: &[Oid]) -> Result<bool> {
        let ids: String = written.iter().map(|id| format!("{id}\n")).collect();
        let pack = self.repo.common_dir().join("objects/pack/pack");
        let args = [
            "pack-objects".as_ref(),
            "--quiet".as_ref(),
            pack.as_os_str(),
        ];
        let output = self
            .repo
            .git()
            .run_with(&args, Some(ids.as_bytes()), None)?;
        Ok(output.ok())
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
        let mut lock = self.lock()?;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(lock::jitter(Duration::from_millis(u64::from(attempt))));
            }
            let seen = self
                .repo
                .ref_target(MAIN)?
                .ok_or_else(|| self.not_initialised())?;
            let tip = self.readable(MAIN, seen)?;
            let mut pending = self.repo.pending();
            let (value, commit) = self.stage(&pending, tip, actor, &mut stage)?;
            let Some(commit) = commit else {
                return Ok(Written {
                    value,
                    commit: tip,
                    changed: false,
                });
            };
            let subject = pending.commit(commit)?.message;
            let subject = subject.lines().next().unwrap_or("write").to_string();
            self.flush(&mut pending)?;
            fault::step("write-flushed")?;
            if self.swap(&mut lock, Some(seen), commit, &subject)? == Swap::Done {
                fault::step("write-swapped")?;
                return Ok(Written {
                    value,
                    commit,
                    changed: true,
                });
            }
        }
        Err(
            Error::conflict(format!("{MAIN} moved under {ATTEMPTS} attempts to write"))
                .hint("run the command again"),
        )
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
        let mut tx = Tx::new(state, clock, &actor.name);
        let hold = tx.state.hold();
        let value = stage(&mut tx)?;
        if !tx.is_dirty() {
            return Ok((value, None));
        }
        let tree = tx.write_tree(pending)?;
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
        let commit = self.commit_signed(pending, tree, &[base], &author, &message)?;
        Ok((value, Some(commit)))
    }

    /// Refuses to write into a state whose major format is older or newer than ours.
    pub(crate) fn require_writable_format(&self) -> Result<()> {
        let tree = self.repo.commit(self.require_tip()?)?.tree;
        let repository = repository::read(&self.repo, tree)?;
        repository.require_readable()?;
        if let Some(damaged) = &repository.damaged {
            return Err(Error::state(format!(
                "{} in the state cannot be read: {}",
                damaged.path, damaged.reason
            ))
            .hint("`git pm fsck --repair` restores the last one that could be read"));
        }
        migrate::require_present(repository.format())?;
        self.require_format_of_remote()
    }

    /// Refuses to write below the format of the remote that confirms, as far as it is known here:
    /// what a plain `git fetch` brought may be of a version to come.
    fn require_format_of_remote(&self) -> Result<()> {
        let Some(remote) = super::sync::remote::Remote::main(&self.repo) else {
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

/// What the index knows of a commit: its tree and settings.
fn known(index: &Index, commit: Oid) -> Option<(Oid, Repository)> {
    let at = index.at();
    if at.commit != commit {
        return None;
    }
    let bytes = index.repository().ok()?;
    Some((at.tree, repository::of_bytes(bytes.as_deref())))
}

/// The first commit of every store: no author but git pm, no time but the epoch, so that clones
/// that initialise on their own begin with the same commit.
pub(crate) fn initial_commit(pending: &Pending) -> Result<Oid> {
    let blob = pending.write_blob(encode(&repository::initial()).as_bytes())?;
    let changes = [(super::layout::REPOSITORY.to_string(), Some(blob))].into();
    let tree = match edit_tree(pending, None, &changes)? {
        Some(tree) => tree,
        None => pending.write_tree(&[])?,
    };
    let who = Person {
        name: "git pm".into(),
        email: "git-pm@localhost".into(),
        seconds: 0,
    };
    let message = "init: begin the state\n\nPM-Op: init\nPM-Clock: 0.0\n";
    pending.write_commit(tree, &[], &who, &who, message)
}

/// Best effort: what cannot be synced was still written.
fn sync_file(path: &std::path::Path) {
    if let Ok(file) = std::fs::File::open(path) {
        let _ = file.sync_all();
    }
    if let Some(Ok(folder)) = path.parent().map(std::fs::File::open) {
        let _ = folder.sync_all();
    }
}
