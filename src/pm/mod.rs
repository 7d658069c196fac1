//! A repository opened by an actor: options, the place of the caller, notices, warnings of secrets.
//!
//! The views that several operations return are in `shared_views.rs`. The operations are functions of
//! the modules that they belong to, and take the open repository first.

pub(crate) mod arguments;
pub mod artifact_view;
pub(crate) mod asked;
pub mod changes;
pub mod handles;
pub mod interrupt;
pub mod item_findings;
mod item_json;
pub mod lost_merge;
pub mod overridden;
pub(crate) mod pins;
pub(crate) mod requester;
pub(crate) mod rules_in_force;
pub mod shared_views;
pub mod who_acts;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsString;
use std::rc::Rc;
use std::sync::Arc;

use crate::error::Result;
use crate::model::uid::Uid;
use crate::model::usage::Recorded;
use crate::pm::asked::Asked;
use crate::pm::interrupt::Interrupt;
use crate::pm::pins::Pins;
use crate::pm::rules_in_force::HeldAt;
use crate::process::{Control, Sandbox};
use crate::store::env::{Env, HANDED};
use crate::store::git::repo::{Oid, short};
use crate::store::handle::Actor;
use crate::store::handle::Store;
use crate::store::layout::MAIN;

/// The attempts of a run, and the git tree that they were read from.
type FoundAttempts = (Oid, Rc<[Recorded]>);

/// The options for all operations of one caller.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The actor's name, as given with `--as`.
    pub actor: Option<String>,
    /// The own name of the requesting agent. The actor then counts as an agent, and has this name
    /// unless another is given: as `actor`, by the environment, or by the claim of the worktree.
    pub agent: Option<String>,
    /// Never use the network.
    pub offline: bool,
    /// Makes a repeated mutation happen only once.
    pub idempotency_key: Option<String>,
    /// The version that an edited item must still have.
    pub if_version: Option<String>,
    /// Sign the commits of the state.
    pub sign: bool,
    /// Work on this clone's ephemeral items, which are never exchanged.
    pub ephemeral: bool,
    /// People read the answers, and type what they read: for a day after a renumbering, an item with a number that
    /// one of this clone had is named so that a write means it alone. Else it has the id that it has in every clone.
    pub for_people: bool,
    /// Where the caller is.
    pub caller: Caller,
    /// Called before a user's command runs, such as a gate; returns the flags with which the caller
    /// can end it. Without it, a command runs until it ends or reaches its time limit.
    pub interrupt: Option<fn() -> Result<Interrupt>>,
    /// Provides the sandbox of set-up commands and gates on work that others have made, an agent or
    /// another clone ([`confine`](crate::confine)). Without it, they run without one.
    pub confine: Option<Confine>,
}

/// Where a caller is, which decides what its requests may refer to: the text of a document becomes
/// part of the state, which is pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// In a worktree, at a shell or as a program: it may name any file as a document.
    #[default]
    Here,
    /// A client that may have been misled: it may name files in a worktree of the repository.
    Client,
    /// Elsewhere: it may name no file, and has no worktree whose task it means.
    Away,
}

/// Provides the sandbox of a user's command; `None` runs it without one.
pub type Confine = fn(&Pm) -> Result<Option<Confined>>;

/// An exchange with a remote: its name, and the numbers of commits fetched and pushed.
type Exchanged = (String, [usize; 2]);

/// An open repository.
///
/// It is neither `Send` nor `Sync`: its index and caches are in `Rc` and cells, because one command
/// runs on one thread. Another thread opens its own with [`Pm::open`], which is cheap; writes are
/// ordered by the lock and the swap of the ref, as between processes.
///
/// ```compile_fail,E0277
/// fn shared<T: Sync>() {}
/// shared::<git_pm::Pm>();
/// ```
///
/// ```compile_fail,E0277
/// fn sent<T: Send>() {}
/// sent::<git_pm::Pm>();
/// ```
pub struct Pm {
    pub(crate) store: Store,
    pub(crate) actor: Actor,
    pub(crate) options: Options,
    notices: RefCell<Notices>,
    /// Renewed claims that are not pushed yet: item and claim id.
    pub(crate) renewed: RefCell<Vec<(Uid, String)>>,
    /// While exchanges with remotes are counted: those so far.
    pub(crate) exchanges: RefCell<Option<Vec<Exchanged>>>,
    /// Set once reservations were changed that others have to hear of, and were not sent yet.
    pub(crate) unsent: Cell<bool>,
    /// The suffix of idempotency keys for the current step of an operation.
    pub(crate) step: Cell<&'static str>,
    /// What is asked under the idempotency key.
    pub(crate) asked: RefCell<Option<Asked>>,
    /// Shared rules that were loosened without authority, with the values that stay in force; none
    /// before the first check.
    pub(crate) held: RefCell<HeldAt>,
    /// The attempts of the runs that were read, as a cache.
    pub(crate) attempts: RefCell<HashMap<Uid, FoundAttempts>>,
    /// The budgets' values whose writers are known, with the reason to doubt them.
    pub(crate) budget_verdicts: RefCell<HashMap<String, Option<String>>>,
    /// The commands that git's configuration names, as it was at the first question.
    pub(crate) commands_of_git: OnceCell<Vec<String>>,
    /// Set if the operations are those of a run.
    pub(crate) of_run: Option<RunCommands>,
    /// What decides the merges of the run that it works on.
    pub(crate) pinned: RefCell<Option<Arc<Pins>>>,
}

/// The control, variables and sandbox of the user's commands that the operations of a run start.
#[derive(Debug)]
pub(crate) struct RunCommands {
    /// The handle that ends them from another thread.
    pub control: Control,
    /// Further variables.
    pub vars: Vec<(String, OsString)>,
    /// The names of variables that are withheld from them.
    pub withheld: BTreeSet<String>,
    /// The sandbox that they run in.
    pub confined: Option<Confined>,
}

/// A sandbox for a user's command, to which its folder is added.
#[derive(Clone, Debug)]
pub struct Confined {
    pub(crate) sandbox: Sandbox,
    /// The variables that name its own folders.
    pub(crate) vars: Vec<(String, OsString)>,
}

impl Pm {
    /// Opens the repository at `env.cwd` for one actor.
    ///
    /// # Errors
    /// When there is no usable repository.
    pub fn open(env: Env, options: Options) -> Result<Pm> {
        let store = match options.ephemeral {
            true => Store::open_ephemeral(env)?,
            false => Store::open(env)?,
        };
        Pm::of_store(store, options)
    }

    /// As [`Pm::open`], of a store that is open.
    pub(crate) fn of_store(store: Store, mut options: Options) -> Result<Pm> {
        // A run exchanges what its agents hand over.
        options.offline |= store.env().var(HANDED).is_some();
        if options.sign {
            store.set_signing();
        }
        store.for_people.set(options.for_people);
        let actor = crate::pm::who_acts::resolve(&store, &options)?;
        Ok(Pm {
            store,
            actor,
            options,
            notices: RefCell::default(),
            renewed: RefCell::default(),
            exchanges: RefCell::default(),
            unsent: Cell::default(),
            step: Cell::default(),
            asked: RefCell::default(),
            held: RefCell::default(),
            attempts: RefCell::default(),
            budget_verdicts: RefCell::default(),
            commands_of_git: OnceCell::new(),
            of_run: None,
            pinned: RefCell::default(),
        })
    }

    /// The same repository for the operations of a run. It is set once, as it decides which
    /// sandbox the commands run in.
    pub(crate) fn of_run(self, commands: RunCommands) -> Pm {
        let of_run = Some(commands);
        Pm { of_run, ..self }
    }

    /// The store.
    #[cfg(any(test, feature = "internals"))]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The directory of git pm's own files in this clone, below the git directory.
    pub fn folder(&self) -> std::path::PathBuf {
        self.store.folder()
    }

    /// The caller's environment, with the zone of its days.
    pub fn env(&self) -> &Env {
        self.store.env()
    }

    /// The actor.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The notices for the user since the last call, in order.
    pub fn take_notices(&self) -> Vec<String> {
        let mut notices = self.notices.take().list;
        notices.extend(secret_warnings(self.store.warnings.take()));
        notices.extend(self.store.notes.take());
        notices.extend(self.store.moved.take().map(|(tip, used)| {
            format!(
                "{MAIN} was moved to {}, which is not a state of git pm; git pm continues from {}, \
                 and the next write moves it back",
                short(tip),
                short(used)
            )
        }));
        notices.extend(self.store.lost_tips().last().map(|lost| {
            format!(
                "{MAIN} was at {}, which cannot be read, so git pm continues from {}: writes made \
                 after that are missing; `git pm fsck --repair` restores what can be recovered",
                short(lost.id),
                short(lost.used)
            )
        }));
        notices
    }

    /// Takes the notice that the last edit changed nothing; false if there is none.
    pub fn take_unchanged(&self) -> bool {
        let mut notices = self.notices.borrow_mut();
        let before = notices.list.len();
        notices.list.retain(|text| text != UNCHANGED);
        notices.list.len() < before
    }

    /// Looks names up to write to what they name, until the value is dropped.
    pub(crate) fn writing(&self) -> Writing<'_> {
        Writing(self, self.store.written_ms.replace(Some(self.now_ms())))
    }

    /// True in a process that does what a sandboxed agent has handed over.
    pub(crate) fn is_handed(&self) -> bool {
        self.store.env().var(HANDED).is_some()
    }

    pub(crate) fn notice(&self, text: impl Into<String>) {
        let (mut notices, text) = (self.notices.borrow_mut(), text.into());
        // A repeated attempt has the same notice.
        if notices.known.insert(text.clone()) {
            notices.list.push(text);
        }
    }
}

/// While it lives, names are looked up to write to what they name; the time of the write before.
#[must_use]
pub(crate) struct Writing<'p>(&'p Pm, Option<u64>);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.store.written_ms.set(self.1);
    }
}

/// What is said of an edit that gave fields the values that they had.
pub(crate) const UNCHANGED: &str = "nothing was changed: what was given is so already";

/// Notices, each text once.
#[derive(Default)]
struct Notices {
    list: Vec<String>,
    known: HashSet<String>,
}

/// The maximum number of warnings about secrets that are listed.
const SECRETS_TOLD: usize = 3;

/// Warnings about secrets, with the way to remove them; a count for those beyond the maximum.
fn secret_warnings(mut warnings: Vec<String>) -> Vec<String> {
    let all = warnings.len();
    if all > SECRETS_TOLD {
        warnings.truncate(SECRETS_TOLD);
        warnings.push(format!(
            "other places that seem to contain a secret: {}; `git pm doctor` lists them",
            all - SECRETS_TOLD
        ));
    }
    if all > 0 {
        warnings.push(
            "revoke each secret where it was issued, then remove it from the state and its history \
             with `git pm redact -`"
                .into(),
        );
    }
    warnings
}
