//! The facade: one open repository, one actor, every operation a method. The methods live with
//! their capability (`task/`, `reserve/`, …); here is what they share.

pub mod actor;
pub mod changes;
pub mod handles;
pub(crate) mod requester;
pub(crate) mod rules_in_force;
pub mod shared_views;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use crate::error::Result;
use crate::model::uid::Uid;
use crate::pm::rules_in_force::HeldAt;
use crate::store::env::Env;
use crate::store::git::repo::short;
use crate::store::handle::Actor;
use crate::store::handle::Store;
use crate::store::layout::MAIN;

/// What holds for every operation of one caller.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The actor's name as given with `--as`.
    pub actor: Option<String>,
    /// Never use the network.
    pub offline: bool,
    /// Makes a mutation happen once, however often it is asked for.
    pub idempotency_key: Option<String>,
    /// The version an edited item must still have.
    pub if_version: Option<String>,
    /// Sign the commits of the state.
    pub sign: bool,
    /// Work on this clone's ephemeral items, which are never exchanged.
    pub ephemeral: bool,
}

/// An open repository.
pub struct Pm {
    pub(crate) store: Store,
    pub(crate) actor: Actor,
    pub(crate) options: Options,
    notices: RefCell<Notices>,
    /// Claims that were renewed and not brought to the remote since: item and claim id.
    pub(crate) renewed: RefCell<Vec<(Uid, String)>>,
    /// What distinguishes the idempotency keys of an operation's steps.
    pub(crate) step: Cell<&'static str>,
    /// Rules of everybody that were loosened by what nobody vouches for, with the values that hold
    /// all the same; none before somebody looked.
    pub(crate) held: RefCell<HeldAt>,
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
        if options.sign {
            store.set_signing();
        }
        let actor = crate::pm::actor::resolve(&store, options.actor.as_deref())?;
        Ok(Pm {
            store,
            actor,
            options,
            notices: RefCell::default(),
            renewed: RefCell::default(),
            step: Cell::default(),
            held: RefCell::default(),
        })
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What happened besides the result and the user should know, in order; taking it clears it.
    pub fn take_notices(&self) -> Vec<String> {
        let mut notices = self.notices.take().list;
        notices.extend(told(self.store.take_warnings()));
        notices.extend(self.store.lost_tips().last().map(|lost| {
            format!(
                "{MAIN} was at {}, which cannot be read, and goes on from {}: writes are missing \
                 here; `git pm fsck --repair` brings back what of them is left",
                short(lost.id),
                short(lost.used)
            )
        }));
        notices
    }

    pub(crate) fn notice(&self, text: impl Into<String>) {
        let (mut notices, text) = (self.notices.borrow_mut(), text.into());
        // What is tried again and again has the same to say.
        if notices.known.insert(text.clone()) {
            notices.list.push(text);
        }
    }
}

/// What is to be told, each text once.
#[derive(Default)]
struct Notices {
    list: Vec<String>,
    known: HashSet<String>,
}

/// How many warnings of secrets are told one by one.
const SECRETS_TOLD: usize = 3;

/// Warnings of secrets, with the way to take them out; a count instead of many.
fn told(mut warnings: Vec<String>) -> Vec<String> {
    let all = warnings.len();
    if all > SECRETS_TOLD {
        warnings.truncate(SECRETS_TOLD);
        warnings.push(format!(
            "{} more places look like they hold a secret; `git pm doctor` names them",
            all - SECRETS_TOLD
        ));
    }
    if all > 0 {
        warnings.push(
            "revoke a secret where it was issued, then `git pm redact -` takes it out of the state \
             and its history"
                .into(),
        );
    }
    warnings
}
