//! Local writes, and writes that are settled with the remote that confirms claims, with the steps
//! common to every mutation: the actor's name, the idempotency key, the compared version, and the
//! renewal of the caller's claim.

use crate::coordinate::claim::settle::{Settled, settle};
use crate::error::{Error, Hint, Kind, Result};
use crate::model::item::Item;
use crate::model::settings::{self, SyncMode};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::shared_views::ItemView;
use crate::store::handle::Actor;
use crate::store::remote_names::{OFFLINE, Remote};
use crate::store::state::State;
use crate::store::sync::publish::{Edit, PendingSettlement, Published};
use crate::store::sync::push_advice::is_denial;
use crate::store::transaction::Tx;

impl Pm {
    /// A local mutation of one item; returns its view.
    pub(crate) fn mutate(
        &self,
        op: &str,
        stage: impl FnMut(&mut Tx<'_>) -> Result<Uid>,
    ) -> Result<ItemView> {
        self.mutate_comparing(op, stage, |tx, uid| self.compare_before(tx, uid))
    }

    /// As [`Pm::mutate`], for a version that is not the item's own.
    pub(crate) fn mutate_comparing(
        &self,
        op: &str,
        stage: impl FnMut(&mut Tx<'_>) -> Result<Uid>,
        compare: impl Fn(&Tx<'_>, &Uid) -> Result<()>,
    ) -> Result<ItemView> {
        let uid = self.mutate_unsent(op, stage, compare)?;
        self.after_write();
        let state = self.store.snapshot()?;
        self.full_view(&state, &uid)
    }

    /// As [`Pm::mutate_comparing`], for a caller that pushes the change and then calls
    /// [`Pm::notify_ended`].
    pub(crate) fn mutate_unsent(
        &self,
        op: &str,
        mut stage: impl FnMut(&mut Tx<'_>) -> Result<Uid>,
        compare: impl Fn(&Tx<'_>, &Uid) -> Result<()>,
    ) -> Result<Uid> {
        let written = self.store.write(&self.named_writer(op)?, |tx| {
            if let Some(done) = self.repeated(&tx.state, op)? {
                return Ok(done);
            }
            let uid = stage(tx)?;
            compare(tx, &uid)?;
            self.record_key(tx, op, std::slice::from_ref(&uid))?;
            self.renew_here(tx)?;
            Ok(uid)
        })?;
        if let Some(remote) = self.main_remote() {
            self.warn_of_mirror(&remote);
        }
        Ok(written.value)
    }

    /// The step after a local write: an exchange if `pm.sync` is `always`; else at most the push of
    /// a renewed claim.
    pub(crate) fn after_write(&self) {
        if self.sync_mode() == SyncMode::Always {
            self.try_sync();
            self.notify_ended();
        } else {
            self.share_renewal();
        }
    }

    /// The step after a local write that is meant for others: it is pushed to the remote if that is
    /// allowed; a reason for keeping it here is reported.
    pub(crate) fn share_at_once(&self) -> Result<()> {
        if self.sync_mode() == SyncMode::Always {
            self.try_sync();
        }
        self.send()?;
        self.notify_ended();
        Ok(())
    }

    /// Pushes the state, and settles everything pending in this clone in the same commit.
    pub(crate) fn publish(&self, remote: &Remote) -> Result<Published<(), Settled>> {
        self.publish_as(&self.writer("sync"), remote, None, |_, _| Ok(()))
    }

    fn publish_as<T>(
        &self,
        actor: &Actor,
        remote: &Remote,
        write: Option<Edit<'_>>,
        stage: impl FnMut(&mut Tx<'_>, &mut PendingSettlement) -> Result<T>,
    ) -> Result<Published<T, Settled>> {
        let known = self.known_tip(remote)?;
        let published = self.store.publish(actor, remote, write, settle, stage)?;
        self.notice_vanished(remote, [Some(published.local), known], published.before)?;
        Ok(published)
    }

    /// A mutation that is settled with the remote if there is one. The last argument of `stage` is
    /// set if the change will be confirmed. Returns the value, and true if it is settled.
    pub(crate) fn coordinated<T>(
        &self,
        op: &str,
        stage: impl FnMut(&mut Tx<'_>, &mut PendingSettlement, bool) -> Result<T>,
    ) -> Result<(T, bool)> {
        self.coordinated_after(op, None, stage)
    }

    /// As [`Pm::coordinated`], after a `write` to this clone's state before the join: its texts and
    /// fields are joined with what others wrote in the meantime, instead of replacing it unseen.
    pub(crate) fn coordinated_after<T>(
        &self,
        op: &str,
        mut write: Option<Edit<'_>>,
        mut stage: impl FnMut(&mut Tx<'_>, &mut PendingSettlement, bool) -> Result<T>,
    ) -> Result<(T, bool)> {
        let actor = self.named_writer(op)?;
        let remote = self.main_remote();
        let Some(remote) = remote else {
            return Ok((self.locally(&actor, write, &mut stage)?, true));
        };
        if !self.is_online() {
            return Ok((self.locally(&actor, write, &mut stage)?, false));
        }
        let published = if self.is_read_only(&remote) {
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
            .because("remote.read_only")
            .about(remote.shown()))
        } else {
            self.announce_first_push(&remote)?;
            let before = write.as_mut().map(|write| &mut **write as Edit<'_>);
            let publish =
                |tx: &mut Tx<'_>, unsettled: &mut PendingSettlement| stage(tx, unsettled, true);
            let published = self.publish_as(&actor, &remote, before, publish);
            self.tidy_up();
            published
        };
        if let Err(error) = &published
            && is_denial(&remote, error)
        {
            self.set_read_only(&remote, true);
        }
        match published {
            Ok(published) => {
                self.notify_settled(&published.settled);
                Ok((published.value, true))
            }
            Err(error)
                if error.kind() == Kind::Remote
                    && self.store.repo().text_of(&settings::OFFLINE) == "allow" =>
            {
                self.notice(format!("{}; continuing offline", error.message()));
                Ok((self.locally(&actor, write, &mut stage)?, false))
            }
            Err(error) => Err(error),
        }
    }

    /// A mutation that only the local compare-and-swap decides, for now.
    fn locally<T>(
        &self,
        actor: &Actor,
        mut write: Option<Edit<'_>>,
        stage: &mut impl FnMut(&mut Tx<'_>, &mut PendingSettlement, bool) -> Result<T>,
    ) -> Result<T> {
        let written = self.store.write(actor, |tx| {
            if let Some(write) = write.as_mut() {
                write(tx)?;
            }
            stage(tx, &mut PendingSettlement::default(), false)
        })?;
        Ok(written.value)
    }

    /// Compares the version that an item had before a mutation, if the caller gave one: the item is
    /// known only afterwards.
    pub(crate) fn compare_before(&self, tx: &Tx<'_>, uid: &Uid) -> Result<()> {
        let Some(base) = tx
            .state
            .commit
            .filter(|_| self.options.if_version.is_some())
        else {
            return Ok(());
        };
        let before = self.store.state_at(tx.state.repo(), base)?;
        match before.item(uid) {
            Some(item) => self.require_version(&tx.state, item),
            None => Ok(()),
        }
    }

    /// Refuses a version for an operation that does not change one document.
    pub(crate) fn require_no_version(&self, op: &str) -> Result<()> {
        match self.options.if_version {
            None => Ok(()),
            Some(_) => Err(Error::usage(format!(
                "{op} does not change an item, so `--if-version` does not apply"
            ))
            .because("version.not_applicable")
            .hint("run it without `--if-version`")),
        }
    }

    /// Refuses to change an item that is not at the version that the caller gave.
    pub(crate) fn require_version(&self, state: &State<'_>, item: &Item) -> Result<()> {
        match &self.options.if_version {
            Some(wanted) => require_this_version(state, item, wanted),
            None => Ok(()),
        }
    }

    /// Reports the results of a settlement that users of this clone need to know.
    pub(crate) fn notify_settled(&self, settled: &Settled) {
        for lost in &settled.lost {
            self.notice(format!(
                "{} lost {} to {}; the work stays on {}",
                lost.actor,
                lost.id,
                lost.holder,
                lost.branch.as_deref().unwrap_or("its branch")
            ));
        }
        for moved in &settled.renumbered {
            self.notice(format!(
                "{} is now {} (another clone had used the id); `{}` still finds it",
                moved.old, moved.new, moved.alias
            ));
        }
        for text in &settled.reservations_lost {
            self.notice(format!("a reservation was lost: {text}"));
        }
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
    .because("item.changed")
    .about(&id))
}
