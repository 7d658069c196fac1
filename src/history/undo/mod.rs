//! `undo`: reverts an operation in a new commit; refuses where later work depends on a part of it.
//!
//! The earlier values are written with new stamps. The history keeps both, so an undo can be undone;
//! two clones that undo the same operation independently write the same values.
//!
//! A register written since is an obstacle; `--force` leaves that part alone. What others may have
//! relied on does not come back: an ended claim or reservation (the rest of its operation does; work that
//! is in progress again reserves its paths again), an approval, a moved target branch (`git revert` and
//! `reopen` are named instead). A text is replaced beside what other clones wrote meanwhile. Without a name the operation is the actor's last one that
//! `PM-Reverts` does not list; an undo of their own operation is passed over, so `undo` twice goes two
//! steps back.
//!
//! What the remote has of the operation, others may act on: the undo of such an operation first joins what
//! they did since, and is sent at once.

mod part_names;
mod revert;
mod revert_creation;
mod undo_plan;
mod undoable_operation;

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::undo_plan::{Undoer, Undone, by_whom};
use super::log::log_entry;
use crate::coordinate::rules::shared_changes;
use crate::coordinate::{idempotency, renew_claims, sync, write};
use crate::error::{Error, Hint, Reason, Result};
use crate::history::log::LogEntry;
use crate::history::past_state;
use crate::model::id_run;
use crate::model::item::Item;
use crate::model::settings::SyncMode;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::changes::document_diff::{ItemDiff, ReservationDiff};
use crate::pm::changes::{Texts, meaning};
use crate::pm::handles::History;
use crate::pm::who_acts::{require_human, require_name};
use crate::store::git::repo::{Commit, Oid, Repo, short};
use crate::store::history::trees::{Changed, changed};
use crate::store::history::{Tracked, walk};
use crate::store::index::Scan;
use crate::store::transaction::{Tx, value};
use crate::store::{layout, repository};
use crate::work::task::start::planned_paths;

/// The options of `undo`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
pub struct UndoOptions {
    /// Undo everything except what later work depends on.
    #[arg(long)]
    pub force: bool,
    /// Show what would change.
    #[arg(long)]
    pub dry_run: bool,
}

/// The result of `undo`, or of its dry run.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct UndoReport {
    /// The operation that was undone.
    pub undone: LogEntry,
    /// The new commit; none for a dry run.
    pub commit: Option<String>,
    /// The changes of items.
    pub items: Vec<ItemDiff>,
    /// Reservations that were ended.
    pub reservations: Vec<ReservationDiff>,
    /// Parts that were not undone because of later work, each with the reason (only with `force`).
    pub kept: Vec<String>,
    /// What remains or stays ended, each with the command for it: effects outside the state, claims
    /// and reservations.
    pub outside: Vec<String>,
}

/// The operation's name in commits and idempotency records.
const OP: &str = "undo";

/// What the log is good for after a refusal.
const EARLIER: &str = "lists earlier operations; `git pm undo COMMIT` undoes one of them";

/// The result of the transaction.
enum Staged {
    Done(Undone),
    /// Already done under the same idempotency key.
    Repeated,
}

impl History<'_> {
    /// True if undoing an operation would work now. That costs about as much as the undo, so only as
    /// many are tried as are `left`.
    #[cfg(feature = "serve")]
    pub(crate) fn can_undo(&self, entry: &LogEntry, left: &mut usize) -> bool {
        if *left == 0 || !undoable_operation::is_undoable(&entry.op) {
            return false;
        }
        *left -= 1;
        let options = UndoOptions {
            dry_run: true,
            ..UndoOptions::default()
        };
        self.undo(Some(&entry.commit), &options).is_ok()
    }

    /// Undoes an operation: `op` is its commit, as `log` shows it, by default the actor's last
    /// operation that is not undone yet. Where later work depends on a part of it, nothing is
    /// undone, or with `force` all but that part.
    ///
    /// # Errors
    /// Kind `Refused`: later work prevents it (`undo.blocked`), nothing is left to undo
    /// (`undo.empty`), or operations of this kind cannot be undone (`undo.unsupported`); kind
    /// `NotFound`: the state's history has no such commit.
    pub fn undo(&self, op: Option<&str>, options: &UndoOptions) -> Result<UndoReport> {
        require_name(&self.pm.actor)?;
        if let Some(done) = undone_before(self.pm)? {
            return Ok(done);
        }
        let actor = self.pm.writer(OP);
        let mut past = past_state::past(self.pm)?;
        let mut commit = undoable_operation::find(&past, op, &actor.name)
            .map_err(|error| naming_item(self.pm, op, error))?;
        let own = self.pm.actor.own.as_deref();
        let is_own = commit.trailer("PM-Agent") == own
            && (own.is_some() || commit.trailer("PM-Actor") == Some(&actor.name));
        if !is_own {
            let next = format!("ask a human to run `git pm undo {}`", short(commit.id));
            require_human(&self.pm.actor, "undoing operations of others", &next)?;
        }
        let shared = match options.dry_run {
            true => Shared::No,
            false => ask_for_later_work(self.pm, &commit)?,
        };
        if shared == Shared::Joined {
            past = past_state::past(self.pm)?;
            commit = undoable_operation::find(&past, Some(&commit.id.to_string()), &actor.name)?;
        }
        let parent = undoable_operation::parent(&past, &commit)?;
        let did = changed(&past.repo, Some(parent.tree), Some(commit.tree))?;
        // Settings from an import stay: an item may have been created by them since.
        if did.repository && !is_import(&commit) {
            let settings = |tree| repository::read(&past.repo, tree).map(|read| read.doc);
            let changes = shared_changes(&settings(parent.tree)?, &settings(commit.tree)?);
            return Err(changed_settings(&commit, &changes, self.pm.actor.is_agent));
        }
        let replica = self.pm.store.replica()?.to_string();
        let stage = |tx: &mut Tx<'_>| {
            if idempotency::repeated_all(self.pm, &tx.state, OP)?.is_some() {
                return Ok(Staged::Repeated);
            }
            stage_undo(self.pm, tx, &commit, &did, &replica, options.force).map(Staged::Done)
        };
        if options.dry_run {
            let tip = past.tip();
            let mut last = None;
            let made = self.pm.store.stage(&past.repo, tip, &actor, &mut |tx| {
                last = Some(stage(tx)?);
                Ok(())
            })?;
            let made = made.unwrap_or(tip);
            return undo_report(&past.repo, &commit, value(last), made, false);
        }
        let written = self.pm.store.write(&actor, stage)?;
        let released = match &written.value {
            Staged::Repeated => {
                let done = undone_before(self.pm)?;
                return done
                    .ok_or_else(|| Error::conflict("the operation has already been undone"));
            }
            Staged::Done(undone) => undone.released,
        };
        match shared {
            Shared::Unreached(why) => self.pm.notice(format!(
                "undone in this clone only: {why}; `git pm sync` sends it"
            )),
            Shared::Joined | Shared::Unasked => sync::send(self.pm),
            Shared::No if released && self.pm.sync_mode() == SyncMode::Claim => {
                sync::try_sync(self.pm);
            }
            Shared::No => write::after_write(self.pm),
        }
        let repo = self.pm.store.repo();
        undo_report(repo, &commit, written.value, written.commit, true)
    }
}

/// Whether the remote has an operation, and what is known of what others did since.
#[derive(PartialEq)]
enum Shared {
    /// It is in this clone alone, as far as is known.
    No,
    /// The remote has it, and what it had besides is joined.
    Joined,
    /// The remote has it, and is not asked in this mode.
    Unasked,
    /// The remote has it, and could not be asked, for a reason.
    Unreached(String),
}

/// Joins the remote's state if it has an operation that is to be undone: others may have acted on it.
fn ask_for_later_work(pm: &Pm, commit: &Commit) -> Result<Shared> {
    let Some(remote) = pm.main_remote() else {
        return Ok(Shared::No);
    };
    let repo = pm.store.repo();
    let known = sync::known_tip(pm, &remote)?.filter(|known| repo.is_commit(*known));
    match known {
        Some(known) if repo.is_ancestor(commit.id, known)? => {}
        _ => return Ok(Shared::No),
    }
    if !pm.is_online() {
        return Ok(Shared::Unasked);
    }
    Ok(match sync::pull_from(pm, &remote) {
        Ok(_) => Shared::Joined,
        Err(error) => Shared::Unreached(error.message().to_string()),
    })
}

/// Stages the changes that revert a commit; refuses if later work keeps a part, or nothing is left.
fn stage_undo(
    pm: &Pm,
    tx: &mut Tx<'_>,
    commit: &Commit,
    did: &Changed,
    replica: &str,
    force: bool,
) -> Result<Undone> {
    let undoer = Undoer {
        pm,
        repo: pm.store.repo(),
        replica,
        commit,
        changed: did,
    };
    let held = tx.state.scan(&Scan::Held, |_| true, usize::MAX);
    let held: Vec<Item> = held.into_iter().cloned().collect();
    let mut undone = undoer.stage(tx)?;
    for uid in &undone.items {
        let before = held.iter().find(|item| item.uid == *uid);
        undone.released |= planned_paths::adjust(pm, tx, uid, before)?.is_some();
    }
    // The parts of a criterion or a claim, and the comments of one author, have one sentence.
    let mut told = HashSet::new();
    undone.kept.retain(|text| told.insert(text.clone()));
    let named = short(commit.id);
    if !undone.kept.is_empty() && !force {
        let mut error = cannot_undo(commit, &undone.kept.join("; ")).because(Reason::UndoBlocked);
        if tx.is_dirty() {
            let force = ["undo", &named, "--force"];
            let what = "undoes the rest and leaves these parts as they are";
            error = error.hint(Hint::run(force, what));
        }
        return Err(error.hint("`git pm diff` and `git pm log ID` show what changed since"));
    }
    let is_done = undone.kept.is_empty() && !tx.is_dirty();
    let earlier = match tx.state.commit.filter(|_| is_done) {
        Some(tip) => undoable_operation::undone_by(pm.store.repo(), tip, commit.id)?,
        None => None,
    };
    if let Some(by) = earlier {
        let why = format!("it was already undone{}", by_whom(Some(&by)));
        let hint = Hint::run(["undo", &short(by.id)], "undoes that");
        return Err(cannot_undo(commit, &why)
            .because(Reason::UndoEmpty)
            .hint(hint));
    }
    if !tx.is_dirty() {
        let only_ended = undone.kept.is_empty() && !undone.ended.is_empty();
        let left = [undone.kept, undone.ended].concat();
        let is_replaced = left.is_empty();
        let (why, reason) = match is_replaced {
            true => ("nothing is left to undo".into(), Reason::UndoEmpty),
            false => (left.join("; "), Reason::UndoBlocked),
        };
        let hint = match only_ended || is_replaced {
            true => Hint::run(["log"], EARLIER),
            false => Hint::run(
                ["log", "--op", "undo"],
                "lists earlier undos, which can be undone too",
            ),
        };
        return Err(cannot_undo(commit, &why).because(reason).hint(hint));
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
    idempotency::record_key(pm, tx, OP, &undone.items)?;
    renew_claims::renew_here(pm, tx)?;
    Ok(undone)
}

/// Names the command that lists the commits of an item that was typed for one of them.
fn naming_item(pm: &Pm, op: Option<&str>, error: Error) -> Error {
    let state = pm.store.state().ok();
    let named = op.zip(state.as_ref());
    let named = named.and_then(|(op, state)| Some(state.shown_id(state.find(op.trim()).ok()?)));
    match named.filter(|_| error.reason() == Reason::HistoryCommitUnknown) {
        Some(id) => error.hints_where(|_| false).hint(Hint::run(
            ["log", &id],
            "lists the commits that changed it; `git pm undo COMMIT` undoes one",
        )),
        None => error,
    }
}

/// The result of an earlier run with the same idempotency key.
fn undone_before(pm: &Pm) -> Result<Option<UndoReport>> {
    let Some(key) = idempotency::key(pm) else {
        return Ok(None);
    };
    let state = pm.store.state()?;
    if idempotency::repeated_all(pm, &state, OP)?.is_none() {
        return Ok(None);
    }
    let uid = Uid::derived(&["key", &key]);
    let path = layout::by_end(layout::Family::Key, &uid);
    let repo = pm.store.repo();
    let mut tracked = Tracked::new(repo, &[path]);
    let mut found = None;
    walk(repo, pm.store.require_tip()?, |commit| {
        if tracked.is_touched(commit)? {
            found = Some(commit.clone());
        }
        Ok(found.is_none())
    })?;
    let past = past_state::past(pm)?;
    let reverted = found
        .as_ref()
        .and_then(|commit| undoable_operation::reverts(repo, commit));
    match (found, reverted) {
            (Some(made), Some(op)) => {
                let op = past.repo.commit(op)?;
                let staged = Staged::Done(Undone::default());
                undo_report(repo, &op, staged, made.id, true).map(Some)
            }
            _ => Err(Error::conflict(
            "the undo with this idempotency key is done, but its commit is no longer in the history",
            )
            .hint(Hint::run(["log", "--op", "undo"], "lists earlier undos"))),
        }
}

/// The report on the commit that undoes an operation.
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
    let (mut items, learnings) = (found.items, found.learnings);
    items.extend(learnings);
    let (kept, outside) = match staged {
        Staged::Done(undone) => (undone.kept, [undone.ended, undone.outside].concat()),
        Staged::Repeated => (Vec::new(), Vec::new()),
    };
    Ok(UndoReport {
        undone: log_entry(undone),
        commit: written.then(|| made.to_string()),
        items,
        reservations: found.reservations,
        kept,
        outside,
    })
}

/// True for the import of another tracker's records.
fn is_import(commit: &Commit) -> bool {
    commit.op().split(' ').next() == Some("import")
}

/// The error about an operation that changed shared settings, each with its earlier value.
fn changed_settings(
    commit: &Commit,
    changes: &[(&'static str, Option<String>)],
    is_agent: bool,
) -> Error {
    let why = "it changed shared settings, which undo does not restore";
    let mut error = cannot_undo(commit, why).because(Reason::UndoUnsupported);
    // Only a human changes them.
    for (key, old) in changes.iter().filter(|_| !is_agent) {
        error = error.hint(match old {
            Some(old) => Hint::run(["config", "--shared", *key, old], "sets the earlier value"),
            None => Hint::run(["config", "--shared", "--unset", *key], "removes the value"),
        });
    }
    error.hint(Hint::run(["log"], EARLIER))
}

/// The error about an operation that cannot be undone.
fn cannot_undo(commit: &Commit, why: &str) -> Error {
    Error::refused(format!(
        "{} ({}) cannot be undone: {why}",
        short(commit.id),
        commit.subject()
    ))
    .about(commit.id.to_string())
}
