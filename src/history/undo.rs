//! `undo`: takes an operation back by writing what was there before with new stamps, in a new
//! commit. The history keeps both, so an undoing can be undone; two clones that undo the same
//! operation apart write the same values and meet in one state.

mod revert;
mod target;
mod undo_plan;

use serde::Serialize;

use self::undo_plan::{Undoer, Undone};
use super::log::log_entry;
use crate::error::{Error, Result};
use crate::history::log::LogEntry;
use crate::model::id_run;
use crate::model::settings::SyncMode;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::actor::{require_human, require_name};
use crate::pm::changes::document_diff::{ItemDiff, ReservationDiff};
use crate::pm::changes::{Texts, meaning};
use crate::pm::handles::History;
use crate::store::git::repo::{Commit, Oid, Repo, short};
use crate::store::history::trees::{Changed, changed};
use crate::store::history::{Tracked, walk};
use crate::store::layout;
use crate::store::transaction::Tx;

/// How to undo an operation.
#[derive(Clone, Debug, Default)]
pub struct UndoOptions {
    /// Undo the rest where later work depends on a part, and leave that part as it is.
    pub force: bool,
    /// Only say what would change.
    pub dry_run: bool,
}

/// What `undo` did, or would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UndoReport {
    /// The operation that was undone.
    pub undone: LogEntry,
    /// The commit that undid it; none for a dry run.
    pub commit: Option<String>,
    /// What the undoing changed.
    pub items: Vec<ItemDiff>,
    /// Reservations that the undoing ended.
    pub reservations: Vec<ReservationDiff>,
    /// What was left as it is, each with the reason: later work (only with `--force`).
    pub kept: Vec<String>,
    /// What lies outside the state and stays, each with what deals with it.
    pub outside: Vec<String>,
}

/// The operation's words, in commits and idempotency records.
const OP: &str = "undo";

/// What the transaction found.
enum Staged {
    /// It is staged.
    Done(Undone),
    /// It was done before under the same idempotency key.
    Repeated,
}

impl History<'_> {
    /// Takes an operation back: `op` is its commit, as `log` shows it; without one it is the
    /// actor's last operation that stands. Where later work depends on a part of it, nothing is
    /// done, unless `force` leaves that part and undoes the rest.
    ///
    /// # Errors
    /// Kind `Refused` with the reasons when later work stands in the way, when nothing of the
    /// operation is left to undo, or when it is none that can be undone; kind `NotFound` when there
    /// is no such commit in the state's history.
    pub fn undo(&self, op: Option<&str>, options: &UndoOptions) -> Result<UndoReport> {
        require_name(&self.pm.actor)?;
        if let Some(done) = self.pm.undone_before()? {
            return Ok(done);
        }
        let past = self.pm.past()?;
        let actor = self.pm.writer(OP);
        let commit = target::find(&past, op, &actor.name)?;
        let own = self.pm.actor.own.as_deref();
        if own.is_some() && commit.trailer("PM-Agent") != own {
            let next = format!("ask a human to run `git pm undo {}`", short(commit.id));
            require_human(&self.pm.actor, "undoing what others did", &next)?;
        }
        let parent = target::parent(&past, &commit)?;
        let did = changed(&past.repo, Some(parent.tree), Some(commit.tree))?;
        // Settings that an import brought along stay: an item may have been made by them since.
        if did.repository && !is_import(&commit) {
            return Err(refused(&commit, "it changed settings of the whole state"));
        }
        let replica = self.pm.store.replica()?.to_string();
        let mut stage = |tx: &mut Tx<'_>| {
            if self.pm.repeated_all(&tx.state, OP)?.is_some() {
                return Ok(Staged::Repeated);
            }
            self.pm
                .stage_undo(tx, &commit, &did, &replica, options.force)
                .map(Staged::Done)
        };
        if options.dry_run {
            let tip = past.tip();
            let (staged, made) = self.pm.store.stage(&past.repo, tip, &actor, &mut stage)?;
            return undo_report(&past.repo, &commit, staged, made.unwrap_or(tip), false);
        }
        let written = self.pm.store.write(&actor, stage)?;
        let released = match &written.value {
            Staged::Repeated => {
                let done = self.pm.undone_before()?;
                return done.ok_or_else(|| Error::conflict("the operation was undone already"));
            }
            Staged::Done(undone) => undone.released,
        };
        if released && self.pm.sync_mode() == SyncMode::Claim {
            self.pm.try_sync();
        } else {
            self.pm.after_write();
        }
        let repo = self.pm.store.repo();
        undo_report(repo, &commit, written.value, written.commit, true)
    }
}

impl Pm {
    /// Stages what takes a commit back.
    fn stage_undo(
        &self,
        tx: &mut Tx<'_>,
        commit: &Commit,
        did: &Changed,
        replica: &str,
        force: bool,
    ) -> Result<Undone> {
        let undoer = Undoer {
            repo: self.store.repo(),
            replica,
            is_agent: self.actor.is_agent,
            commit,
            changed: did,
        };
        let undone = undoer.stage(tx)?;
        let named = short(commit.id);
        if !undone.kept.is_empty() && !force {
            let error = refused(commit, &undone.kept.join("; "));
            return Err(if tx.is_dirty() {
                error.hint(format!(
                    "`git pm undo {named} --force` undoes the rest and leaves that as it is"
                ))
            } else {
                error
            }
            .hint("`git pm diff` and `git pm log ID` show what changed since"));
        }
        if !tx.is_dirty() {
            let why = match undone.kept.is_empty() {
                true => "nothing of it is left to undo".to_string(),
                false => undone.kept.join("; "),
            };
            return Err(refused(commit, &why)
                .hint("`git pm log --op undo` lists what was undone; undo that to have it again"));
        }
        let names: Vec<String> = undone
            .items
            .iter()
            .filter_map(|uid| tx.state.item(uid))
            .map(|item| tx.state.shown_id(item))
            .collect();
        let ids: Vec<&str> = names.iter().map(String::as_str).collect();
        let about = match &ids[..] {
            [] => String::new(),
            few if few.len() <= 3 => format!(" {}", few.join(", ")),
            many => format!(" {} and {} more", many[0], many.len() - 1),
        };
        let op = match commit.op() {
            "" => "commit",
            op => op,
        };
        let runs = id_run::shorten(&names);
        let runs: Vec<&str> = runs.iter().map(String::as_str).collect();
        tx.describe(OP, &runs, &format!("{op}{about}: reverts {named}"));
        tx.reverts(commit.id);
        self.record_key_all(tx, OP, &undone.items)?;
        self.renew_here(tx)?;
        Ok(undone)
    }

    /// What an earlier run with the same idempotency key did.
    fn undone_before(&self) -> Result<Option<UndoReport>> {
        let Some(key) = self.key() else {
            return Ok(None);
        };
        let state = self.store.state()?;
        if self.repeated_all(&state, OP)?.is_none() {
            return Ok(None);
        }
        let uid = Uid::derived(&["key", &key]);
        let path = layout::by_end(layout::Family::Key, &uid);
        let repo = self.store.repo();
        let mut tracked = Tracked::new(repo, &[path]);
        let mut found = None;
        walk(repo, self.store.require_tip()?, |commit| {
            if tracked.is_touched(commit)? {
                found = Some(commit.clone());
            }
            Ok(found.is_none())
        })?;
        let past = self.past()?;
        let reverted = found
            .as_ref()
            .and_then(|commit| target::reverts(&past, commit));
        match (found, reverted) {
            (Some(made), Some(op)) => {
                let op = past.repo.commit(op)?;
                let staged = Staged::Done(Undone::default());
                undo_report(repo, &op, staged, made.id, true).map(Some)
            }
            _ => Err(Error::conflict(
                "this key's operation was done; the history does not tell any more what it was",
            )
            .hint("`git pm log --op undo` lists what was undone")),
        }
    }
}

/// What the commit that undoes changed, told like any other difference.
fn undo_report(
    repo: &Repo,
    undone: &Commit,
    staged: Staged,
    made: Oid,
    written: bool,
) -> Result<UndoReport> {
    let commit = repo.commit(made)?;
    let before = match commit.parents.first() {
        Some(parent) => Some(repo.commit(*parent)?.tree),
        None => None,
    };
    let found = meaning(repo, before, commit.tree, Texts::Compared)?;
    let (kept, outside) = match staged {
        Staged::Done(undone) => (undone.kept, undone.outside),
        Staged::Repeated => (Vec::new(), Vec::new()),
    };
    Ok(UndoReport {
        undone: log_entry(undone),
        commit: written.then(|| made.to_string()),
        items: found.items,
        reservations: found.reservations,
        kept,
        outside,
    })
}

/// Whether an operation brought records of another tracker.
fn is_import(commit: &Commit) -> bool {
    commit.op().split(' ').next() == Some("import")
}

fn refused(commit: &Commit, why: &str) -> Error {
    Error::refused(format!(
        "{} ({}) cannot be undone: {why}",
        short(commit.id),
        commit.subject()
    ))
}
