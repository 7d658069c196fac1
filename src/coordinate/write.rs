//! The one way in which operations write: local, for others, unsent or settled.
//!
//! [`Pm::write`] begins a sentence that says what kind of write it is. The steps common to all are
//! taken here: the actor's name, the idempotency key, the compared version, and the renewal of the
//! caller's claim.

use crate::coordinate::claim::renumber::tell_former;
use crate::coordinate::claim::settle::{SettlementReport, settle};
use crate::coordinate::here;
use crate::coordinate::idempotency;
use crate::coordinate::renew_claims;
use crate::coordinate::sync;
use crate::coordinate::sync::cleanup;
use crate::coordinate::sync::first_push;
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::model::item::Item;
use crate::model::settings::{self, SyncMode};
use crate::model::uid::Uid;
use crate::pm::shared_views::ItemView;
use crate::pm::{Pm, UNCHANGED};
use crate::store::handle::Actor;
use crate::store::remote_names::{OFFLINE, Remote};
use crate::store::state::State;
use crate::store::sync::publish::{PendingSettlement, Published, Stage};
use crate::store::sync::push_advice::is_denial;
use crate::store::transaction::{Edit, Tx, value};

/// A write to be run, of a kind: [`Local`], [`ForOthers`], [`Unsent`] or [`Settled`]. Each kind has
/// only the steps that go with it.
///
/// ```ignore
/// pm.write("task block").view(|tx| status_verbs::block_in(pm, tx, id, reason))
/// pm.write("merge").settled().uncompared().run(|tx, settling| …)
/// ```
///
/// The closure that stages the changes runs again after each lost compare-and-swap, on another
/// state, so it must look up everything in its transaction and reset what it sets outside. If an
/// earlier call with the same idempotency key did the work, it does not run.
#[must_use = "nothing is written before it is run"]
pub(crate) struct Write<'w, K> {
    pm: &'w Pm,
    op: &'w str,
    compare: Compare,
    kind: K,
}

/// The compare-and-swap of this clone's ref decides it; then `pm.sync` says whether it is sent.
pub(crate) struct Local;

/// As [`Local`], but it is sent at once if allowed, as its readers are elsewhere.
pub(crate) struct ForOthers;

/// As [`Local`], but the caller sends it and then calls [`renew::notify_ended`].
pub(crate) struct Unsent;

/// The remote decides it, if there is one and it is reached: the push of the commit that contains
/// it settles it.
pub(crate) struct Settled<'w> {
    is_needed: bool,
    edit: Option<Edit<'w>>,
}

/// What is known about the remote's decision while a settled write is staged.
pub(crate) struct Settling<'p> {
    /// The remote confirms the changes by accepting the commit.
    pub(crate) confirmed: bool,
    /// No other clone can object afterwards: the remote confirms the changes, or there is none.
    /// Only then may claims of other clones end.
    pub(crate) is_final: bool,
    /// The claims and reservations that are staged.
    pub(crate) pending: &'p mut PendingSettlement,
}

/// Refuses documents that are not at the version that the caller gave, if it gave one.
type Compare = fn(&Pm, &Tx<'_>, &[Uid]) -> Result<()>;

/// The result of a write, as it is recorded with the caller's idempotency key.
pub(crate) trait Outcome: Sized {
    /// The documents that the write is about; if there are none, nothing is recorded.
    fn uids(&self) -> &[Uid] {
        &[]
    }

    /// The outcome of an earlier call with the same key; `None` to run again.
    fn recorded(_: Vec<Uid>) -> Option<Self> {
        None
    }
}

impl Outcome for () {}

impl Outcome for Uid {
    fn uids(&self) -> &[Uid] {
        std::slice::from_ref(self)
    }

    fn recorded(uids: Vec<Uid>) -> Option<Uid> {
        uids.into_iter().next()
    }
}

impl Outcome for Vec<Uid> {
    fn uids(&self) -> &[Uid] {
        self
    }

    fn recorded(uids: Vec<Uid>) -> Option<Vec<Uid>> {
        Some(uids)
    }
}

/// A kind of write that this clone alone decides.
pub(crate) trait Decided {
    /// The step after the write.
    const SEND: fn(&Pm);
}

impl Decided for Local {
    const SEND: fn(&Pm) = after_write;
}

impl Decided for ForOthers {
    const SEND: fn(&Pm) = sync::send;
}

impl Decided for Unsent {
    const SEND: fn(&Pm) = |_| ();
}

impl<'w> Write<'w, Local> {
    pub(crate) fn settled(self) -> Write<'w, Settled<'w>> {
        self.settled_if(true)
    }

    /// Settled if that `is_needed`, because another clone holds what is written; else local.
    pub(crate) fn settled_if(self, is_needed: bool) -> Write<'w, Settled<'w>> {
        let edit = None;
        self.of_kind(Settled { is_needed, edit })
    }

    pub(crate) fn for_others(self) -> Write<'w, ForOthers> {
        self.of_kind(ForOthers)
    }

    pub(crate) fn unsent(self) -> Write<'w, Unsent> {
        self.of_kind(Unsent)
    }
}

impl<'w, K> Write<'w, K> {
    /// Compares with `compare` what else the caller's version is of than the item that is written.
    pub(crate) fn comparing(mut self, compare: Compare) -> Self {
        self.compare = compare;
        self
    }

    /// Compares no version: the operation takes none, or compares it itself.
    pub(crate) fn uncompared(self) -> Self {
        self.comparing(|_, _, _| Ok(()))
    }

    fn of_kind<L>(self, kind: L) -> Write<'w, L> {
        Write {
            pm: self.pm,
            op: self.op,
            compare: self.compare,
            kind,
        }
    }

    fn recorded<T: Outcome>(&self, tx: &Tx<'_>) -> Result<Option<T>> {
        let recorded = idempotency::repeated_all(self.pm, &tx.state, self.op)?;
        Ok(recorded.and_then(T::recorded))
    }

    /// The steps after the changes are staged.
    fn conclude(&self, tx: &mut Tx<'_>, uids: &[Uid]) -> Result<()> {
        (self.compare)(self.pm, tx, uids)?;
        match uids {
            [] => Ok(()),
            uids => idempotency::record_key(self.pm, tx, self.op, uids),
        }
    }
}

impl<K: Decided> Write<'_, K> {
    /// Writes what `stage` stages.
    ///
    /// # Errors
    /// The errors of `stage`; kind `Conflict` when the item is not at the caller's version.
    pub(crate) fn run<T: Outcome>(
        self,
        mut stage: impl FnMut(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let (pm, mut had_effect) = (self.pm, true);
        let written = pm.store.write(&pm.named_writer(self.op)?, |tx| {
            had_effect = true;
            if let Some(done) = self.recorded(tx)? {
                return Ok(done);
            }
            let before = tx.changes();
            let done = stage(tx)?;
            had_effect = tx.changes() > before;
            self.conclude(tx, done.uids())?;
            renew_claims::renew_here(pm, tx)?;
            Ok(done)
        })?;
        after_local(pm, self.op, had_effect, K::SEND);
        Ok(written.value)
    }

    /// As [`Write::run`]; returns the item's view.
    pub(crate) fn view(self, stage: impl FnMut(&mut Tx<'_>) -> Result<Uid>) -> Result<ItemView> {
        let pm = self.pm;
        here::view_of(pm, &self.run(stage)?)
    }
}

impl<'w> Write<'w, Settled<'w>> {
    /// Makes `edit` first, on this clone's state before the join: its texts and fields are joined
    /// with what others wrote in the meantime, instead of replacing it unseen.
    pub(crate) fn after(mut self, edit: Edit<'w>) -> Self {
        self.kind.edit = Some(edit);
        self
    }

    /// Writes what `stage` stages, in this clone alone if there is no remote to ask.
    ///
    /// # Errors
    /// The errors of `stage`; kind `Conflict` when the item is not at the caller's version;
    /// `Remote` when the remote cannot be reached and `pm.offline` does not allow to go on.
    pub(crate) fn run<T: Outcome>(
        mut self,
        mut stage: impl FnMut(&mut Tx<'_>, &mut Settling<'_>) -> Result<T>,
    ) -> Result<T> {
        let (pm, mut edit) = (self.pm, self.kind.edit.take());
        let remote = pm.main_remote();
        let is_alone = remote.is_none();
        let mut stage = |tx: &mut Tx<'_>, pending: &mut PendingSettlement, confirmed: bool| {
            let mut settling = Settling {
                confirmed,
                is_final: confirmed || is_alone,
                pending,
            };
            stage(tx, &mut settling)
        };
        if !self.kind.is_needed {
            return self.of_kind(Local).run(|tx| {
                edit.as_mut().map_or(Ok(()), |edit| edit(tx))?;
                stage(tx, &mut PendingSettlement::default(), false)
            });
        }
        let mut last = None;
        let mut stage = |tx: &mut Tx<'_>, pending: &mut PendingSettlement, confirmed: bool| {
            last = self.recorded(tx)?;
            if last.is_none() {
                let done = stage(tx, pending, confirmed)?;
                self.conclude(tx, done.uids())?;
                last = Some(done);
            }
            Ok(())
        };
        settle_or_write(pm, self.op, remote, edit, &mut stage)?;
        Ok(value(last))
    }
}

/// What stages, with a settlement, and whether the remote confirms it.
type StageEither<'a> = &'a mut dyn FnMut(&mut Tx<'_>, &mut PendingSettlement, bool) -> Result<()>;

/// Writes by the remote's decision, or in this clone alone where there is no remote to ask.
fn settle_or_write(
    pm: &Pm,
    op: &str,
    remote: Option<Remote>,
    edit: Option<Edit<'_>>,
    stage: StageEither<'_>,
) -> Result<()> {
    let actor = pm.named_writer(op)?;
    let mut edit = edit.map(|edit| {
        |tx: &mut Tx<'_>| match idempotency::repeated_all(pm, &tx.state, op)? {
            Some(_) => Ok(()),
            None => edit(tx),
        }
    });
    if let Some(remote) = remote.filter(|_| pm.is_online()) {
        let edit = edit.as_mut().map(|edit| edit as Edit<'_>);
        let confirmed = confirmed(pm, &actor, &remote, edit, &mut |tx, pending| {
            stage(tx, pending, true)
        })?;
        if confirmed {
            return Ok(());
        }
    }
    pm.store.write(&actor, |tx| {
        if let Some(edit) = edit.as_mut() {
            edit(tx)?;
        }
        stage(tx, &mut PendingSettlement::default(), false)
    })?;
    Ok(())
}

/// The steps after a local write.
fn after_local(pm: &Pm, op: &str, had_effect: bool, send: fn(&Pm)) {
    if !had_effect && is_edit(op) {
        pm.notice(UNCHANGED);
    }
    if let Some(remote) = pm.main_remote() {
        sync::warn_of_mirror(pm, &remote);
    }
    send(pm);
}

impl Pm {
    /// Begins a write by the operation `op`: local, unless another kind is chosen.
    pub(crate) fn write<'w>(&'w self, op: &'w str) -> Write<'w, Local> {
        Write {
            pm: self,
            op,
            compare: compare_items,
            kind: Local,
        }
    }
}

/// True for an operation that gives fields or texts the values that its caller names, which they may have already.
fn is_edit(op: &str) -> bool {
    let of_a_kind = [" edit", " set"].iter().any(|verb| op.ends_with(verb));
    of_a_kind || ["label", "update"].contains(&op)
}

/// The step after a local write: an exchange if `pm.sync` is `always`, or reservations changed; else at
/// most the push of a renewed claim.
pub(crate) fn after_write(pm: &Pm) {
    if pm.unsent.take() {
        sync::send(pm);
    } else if pm.sync_mode() == SyncMode::Always {
        sync::try_sync(pm);
        renew_claims::notify_ended(pm);
    } else {
        renew_claims::share_renewal(pm);
    }
}

/// Pushes the state, and settles everything pending in this clone in the same commit.
pub(crate) fn publish(pm: &Pm, remote: &Remote) -> Result<Published<SettlementReport>> {
    published(pm, &pm.writer("sync"), remote, None, &mut |_, _| Ok(()))
}

fn published(
    pm: &Pm,
    actor: &Actor,
    remote: &Remote,
    edit: Option<Edit<'_>>,
    stage: Stage<'_>,
) -> Result<Published<SettlementReport>> {
    let known = sync::known_tip(pm, remote)?;
    if known.is_none() {
        first_push::require_may_push(pm, remote)?;
    }
    let mut published = pm.store.publish(actor, remote, edit, &mut settle, stage)?;
    let exchange = [published.local, published.commit];
    tell_former(pm, &mut published.report.renumbered, exchange)?;
    if known.is_none() && published.pushed && published.before.is_none() {
        first_push::announce_first_push(pm, remote);
    }
    if let Some(exchanges) = pm.exchanges.borrow_mut().as_mut() {
        exchanges.push((remote.shown(), sync::counts(pm, &published)?));
    }
    sync::notice_vanished(pm, remote, [Some(published.local), known], published.before)?;
    Ok(published)
}

/// True if it was published; false to go on in this clone because the remote cannot be reached and
/// `pm.offline` allows it.
fn confirmed(
    pm: &Pm,
    actor: &Actor,
    remote: &Remote,
    edit: Option<Edit<'_>>,
    stage: Stage<'_>,
) -> Result<bool> {
    let published = if sync::is_read_only(pm, remote) {
        Err(Error::remote(format!(
            "the remote {} denied your push a few minutes ago, so it cannot confirm claims",
            remote.shown()
        ))
        .hint(OFFLINE)
        .hint(Hint::run(
            ["config", settings::REMOTE.key, "NAME-OR-URL"],
            "selects a remote that you may push to",
        ))
        .hint(Hint::run(["sync"], "tries this one again"))
        .because(Reason::RemoteReadOnly)
        .about(remote.shown()))
    } else {
        let published = published(pm, actor, remote, edit, stage);
        cleanup::tidy_up(pm);
        published
    };
    match published {
        Ok(published) => {
            notify_settlement(pm, &published.report);
            Ok(true)
        }
        Err(error) => {
            if is_denial(remote, &error) {
                sync::set_read_only(pm, remote, true);
            }
            let allowed = pm.store.repo().text_of(&settings::OFFLINE) == "allow";
            if error.kind() != Kind::Remote || !allowed {
                return Err(error);
            }
            pm.notice(format!("{}; continuing offline", error.message()));
            Ok(false)
        }
    }
}

/// Compares the version that the one item of a write had before it: the item is known only
/// afterwards.
fn compare_items(pm: &Pm, tx: &Tx<'_>, uids: &[Uid]) -> Result<()> {
    let (Some(wanted), Some(base)) = (&pm.options.if_version, tx.state.commit) else {
        return Ok(());
    };
    let [uid] = uids else {
        return Err(Error::usage("`--if-version` needs exactly one item")
            .hint(Hint::run(["batch"], "accepts a version on each line")));
    };
    let before = pm.store.state_at(tx.state.repo(), base)?;
    before
        .item(uid)
        .map_or(Ok(()), |item| require_this_version(&tx.state, item, wanted))
}

/// Refuses a version for an operation that does not change one document.
pub(crate) fn require_no_version(pm: &Pm, op: &str) -> Result<()> {
    match pm.options.if_version {
        None => Ok(()),
        Some(_) => Err(Error::usage(format!(
            "{op} does not change an item, so `--if-version` does not apply"
        ))
        .because(Reason::VersionNotApplicable)
        .hint("run it without `--if-version`")),
    }
}

/// Refuses to change an item that is not at the version that the caller gave.
pub(crate) fn require_version(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    match &pm.options.if_version {
        Some(wanted) => require_this_version(state, item, wanted),
        None => Ok(()),
    }
}

/// Reports the results of a settlement that users of this clone need to know.
pub(crate) fn notify_settlement(pm: &Pm, report: &SettlementReport) {
    for lost in &report.lost {
        pm.notice(format!(
            "{} lost {} to {}; the work stays {}",
            lost.actor,
            lost.id,
            lost.winner(),
            lost.place()
        ));
    }
    for moved in &report.renumbered {
        pm.notice(format!(
            "{} is now {} (another clone had used the id); `{}` still finds it{}",
            moved.old,
            moved.new,
            moved.alias,
            moved.successor()
        ));
    }
    for text in report.notes() {
        pm.notice(text);
    }
}

/// Refuses to change an item that is not at a version.
pub(crate) fn require_this_version(state: &State<'_>, item: &Item, wanted: &str) -> Result<()> {
    if item.version == wanted {
        return Ok(());
    }
    let id = state.shown_id(item);
    Err(Error::conflict(format!(
        "{id} was changed in the meantime; its version is now {}",
        item.version
    ))
    .hint(Hint::run(["show", &id], "shows it"))
    .because(Reason::ItemChanged)
    .about(&id))
}
