//! An open repository: for reading, or for an actor who writes.

use std::fmt;

use serde::Serialize;

use super::state::State;
use super::time::Timestamp;
use super::transaction::Transaction;
use crate::coordinate::write;
use crate::error::{Error, Reason, Result};
use crate::history::events::{self, EventChange, EventFilter};
use crate::model::text::excerpt;
use crate::pm::shared_views::reads_through;
use crate::pm::{Options, Pm};
use crate::store::env::Env;
use crate::store::git::repo::{Oid, Pending};
use crate::store::handle::Store;
use crate::store::join::commit::join_commits;

/// The name of a commit of the state, in hexadecimal as a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(pub(super) Oid);

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommitId({})", self.0)
    }
}

/// A repository that is open for reading.
///
/// It can be bare, belong to another user, or be on a read-only disk: nothing is written into it, not
/// even an index. Git need not be installed, unless the repository belongs to another user: then git
/// decides whether it is trusted (`safe.directory`). Without an index each state reads the documents that it is asked
/// for; a [`Repository`] answers faster.
pub struct Reader {
    pm: Pm,
}

impl Reader {
    /// Opens the repository that contains `env.cwd`.
    ///
    /// # Errors
    /// Kind `State` with the reason `repository.missing`, `repository.not_owned` or
    /// `repository.unreadable`.
    pub fn open(env: Env) -> Result<Reader> {
        let store = Store::open(env)?.without_index();
        let pm = Pm::of_store(store, Options::default())?;
        Ok(Reader { pm })
    }

    /// The newest state.
    ///
    /// # Errors
    /// Reason `repository.not_set_up` if there is none; when it cannot be read.
    pub fn state(&self) -> Result<State<'_>> {
        Ok(State::committed(&self.pm, self.pm.store.state()?))
    }

    /// The state at a commit.
    ///
    /// # Errors
    /// When it is not in this repository, or is not a state.
    pub fn state_at(&self, commit: CommitId) -> Result<State<'_>> {
        let state = self.pm.store.state_at(self.pm.store.repo(), commit.0)?;
        if !state.repository.is_present() {
            return Err(
                Error::not_found(format!("commit {commit} is not a state of git pm"))
                    .hint("a state is a commit of `refs/pm/main`; one of the code is none"),
            );
        }
        Ok(State::committed(&self.pm, state))
    }

    /// The commit of the newest state; `None` in a repository that has none.
    ///
    /// # Errors
    /// When the ref cannot be read.
    pub fn tip(&self) -> Result<Option<CommitId>> {
        Ok(self.pm.store.tip()?.map(CommitId))
    }

    /// Reads the name of a commit: all digits of it, as git prints it.
    ///
    /// # Errors
    /// When the text has another form. Whether the commit exists is seen when it is used.
    pub fn commit(&self, hex: &str) -> Result<CommitId> {
        let id = self.pm.store.repo().parse_id(hex);
        id.map(CommitId).ok_or_else(|| {
            Error::usage(format!(
                "`{}` is not the name of a commit",
                excerpt(hex, 80)
            ))
            .because(Reason::ArgumentsInvalid)
        })
    }

    /// Joins the states of two commits: neither loses a change, and every clone gets the same result.
    /// It stays in memory.
    ///
    /// # Errors
    /// When one of them is not in this repository, or is not a state.
    pub fn join(&self, a: CommitId, b: CommitId) -> Result<Joined<'_>> {
        let objects = self.pm.store.repo().pending();
        let commit = join_commits(&objects, a.0, b.0)?.commit;
        let pm = &self.pm;
        Ok(Joined {
            pm,
            objects,
            commit,
        })
    }

    /// At most `limit` changes of the state after a cursor, oldest first; without one, from the
    /// beginning of the history. Ask again with [`Events::cursor`].
    ///
    /// # Errors
    /// Reason `events.invalid_cursor`; when the history cannot be read.
    pub fn events(&self, cursor: Option<&str>, limit: usize) -> Result<Events> {
        let mut stream = self.pm.history().events(&EventFilter {
            since: cursor.map(str::to_string),
            limit: Some(limit),
            ..EventFilter::default()
        })?;
        let (mut list, mut was_lost) = (Vec::new(), false);
        let walked = stream.each(|event| {
            list.push(Event(event));
            Ok(true)
        });
        match walked {
            Err(error) if error.reason() == Reason::EventsCursorLost && list.is_empty() => {
                list.push(Event(stream.restart()?));
                was_lost = true;
            }
            walked => walked?,
        }
        Ok(Events {
            list,
            cursor: stream.cursor(),
            has_more: stream.is_full(),
            was_lost,
        })
    }

    /// The present time by the clock of the [`Env`].
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.pm.now_ms())
    }

    /// Notices for the user since the last call: files that cannot be read, texts that seem to contain
    /// a secret, a state that was moved or lost.
    pub fn take_notices(&self) -> Vec<String> {
        self.pm.take_notices()
    }
}

/// A repository that is open for an actor, who may write.
pub struct Repository(Reader);

reads_through!(Repository, 0: Reader);

/// The same open repository, with the actor and options of the verbs. Idempotency key and compared
/// version do not apply to [`Repository::write`].
impl From<Pm> for Repository {
    fn from(pm: Pm) -> Repository {
        Repository(Reader { pm })
    }
}

impl Repository {
    /// Opens the repository that contains `env.cwd`, for the actor that the environment names:
    /// `GIT_PM_ACTOR`, else the agent whose shell it is, else git's user. That of another one is made
    /// from a [`Pm`].
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn open(env: Env) -> Result<Repository> {
        Pm::open(env, Options::default()).map(Repository::from)
    }

    /// The name of the actor; empty if nobody gave one, and then nothing can be written.
    pub fn actor(&self) -> &str {
        &self.pm.actor.name
    }

    /// The verbs of git pm on this repository.
    pub fn verbs(&self) -> &Pm {
        &self.pm
    }

    /// Writes one commit. `stage` reads the state and stages changes in memory; they are committed if
    /// nobody else wrote meanwhile, and otherwise `stage` runs again on the new state. So its checks
    /// hold for what is written, and it must have no other effects. If it fails or stages nothing,
    /// nothing is written.
    ///
    /// `verb` names the operation in the history, with your own prefix: `acme/snooze`. What is done
    /// under such a name is for humans: an agent is refused, as with every operation that git pm does
    /// not know to be safe.
    ///
    /// The commit is local. It is exchanged by the next `sync`, or at once with `pm.sync=always`.
    ///
    /// # Errors
    /// The errors of `stage`; reason `arguments.invalid` for another form of `verb`,
    /// `actor.not_human` for an agent, `actor.unnamed` without a name, `repository.not_set_up`; when
    /// the commit cannot be written.
    pub fn write<T>(
        &self,
        verb: &str,
        mut stage: impl FnMut(&mut Transaction<'_, '_>) -> Result<T>,
    ) -> Result<Written<T>> {
        require_prefixed(verb, '/', "the name of a verb", "acme/snooze")?;
        let pm = &self.0.pm;
        let written = pm.store.write(&pm.named_writer(verb)?, |tx| {
            let mut transaction = Transaction::new(pm, tx);
            let value = stage(&mut transaction)?;
            transaction.finish(verb)?;
            Ok(value)
        })?;
        write::after_write(pm);
        Ok(Written {
            value: written.value,
            commit: CommitId(written.commit),
            has_changed: written.changed,
        })
    }
}

/// Requires a name of the form `<prefix><separator><name>`, which git pm never gives itself.
pub(super) fn require_prefixed(name: &str, separator: char, what: &str, like: &str) -> Result<()> {
    let plain = |part: &str| {
        let mut chars = part.chars();
        chars.next().is_some_and(|c| c.is_ascii_lowercase())
            && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c))
    };
    let parts = name.split_once(separator);
    if name.len() <= 100 && parts.is_some_and(|(prefix, rest)| plain(prefix) && plain(rest)) {
        return Ok(());
    }
    Err(
        Error::usage(format!("`{}` cannot be {what}", excerpt(name, 80)))
            .because(Reason::ArgumentsInvalid)
            .hint(format!(
                "use lower-case words with a prefix of your own, such as `{like}`"
            )),
    )
}

/// The result of a write.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Written<T> {
    /// What the closure returned.
    pub value: T,
    /// The commit that has the changes; the present one if there were none.
    pub commit: CommitId,
    /// True if a commit was made.
    pub has_changed: bool,
}

/// The join of two states, in memory.
pub struct Joined<'r> {
    pm: &'r Pm,
    objects: Pending,
    commit: Oid,
}

impl Joined<'_> {
    /// The joined commit: one of the two if it contains the other, else one that is in no repository.
    pub fn commit(&self) -> CommitId {
        CommitId(self.commit)
    }

    /// The joined state.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn state(&self) -> Result<State<'_>> {
        let state = self.pm.store.state_at(&self.objects, self.commit)?;
        Ok(State::committed(self.pm, state))
    }
}

/// Changes of the state after a cursor.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Events {
    /// The changes, oldest first.
    pub list: Vec<Event>,
    /// The position after them.
    pub cursor: String,
    /// True if the limit was reached, so that there may be more.
    pub has_more: bool,
    /// True if the history of the cursor is gone: the only event says so, and the next ones are those
    /// after the present state. Read that anew.
    pub was_lost: bool,
}

/// One change of the state; it serializes to the JSON of `git pm events`.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Event(events::Event);

impl Event {
    /// The subject and its change, such as `status.changed`; later versions may have more of them.
    pub fn kind(&self) -> &str {
        &self.0.kind
    }

    /// The time of the commit.
    pub fn at(&self) -> Option<Timestamp> {
        Timestamp::stored(Some(&self.0.at))
    }

    /// The id of the item that it is about.
    pub fn item(&self) -> Option<&str> {
        self.0.item.as_deref()
    }

    /// The actor; `None` if no single one did it, as for a merge.
    pub fn actor(&self) -> Option<&str> {
        self.0.actor.as_deref()
    }

    /// The permanent id of the document that changed.
    pub fn uid(&self) -> Option<&str> {
        self.0.uid.as_deref()
    }

    /// The commit of the state that it is in, as hexadecimal digits.
    pub fn commit(&self) -> &str {
        &self.0.commit
    }

    /// The changed fields; long texts and lists are cut.
    pub fn changes(&self) -> &[EventChange] {
        &self.0.changes
    }

    /// The position after it: pass it on as it is, its form may change.
    pub fn cursor(&self) -> &str {
        &self.0.cursor
    }
}
