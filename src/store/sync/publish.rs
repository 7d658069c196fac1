//! Publishing: how a commit is settled with the remote before the local ref moves.
//!
//! It is joined, staged and pushed, and only an accepted one moves the ref. After a broken
//! connection, no claim is valid on one side only.

use std::fs::File;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::check_incoming::require_joined;
use super::intent::{self, Held, Intent, Orphan};
use super::network::timeout;
use super::published;
use super::push_advice::{denied, is_locked, outcome_open, refused, unknown, unsent};
use super::push_outcome::Pushed;
use crate::actor::Actor;
use crate::error::{Error, Result};
use crate::git::repo::{Oid, Pending};
use crate::handle::Store;
use crate::join::tree::Withheld;
use crate::model::id::word;
use crate::model::limits::{BROKEN_CONNECTIONS_MAX, PUSH_ATTEMPTS, PUSH_PAUSE, PUSH_TURN_TIME};
use crate::model::stamp::ReplicaId;
use crate::model::uid::Uid;
use crate::remote_names::Remote;
use crate::state::{State, former_ids};
use crate::transaction::{Edit, Tx};
use crate::{fault, lock, migrate};

/// What settles, on the joined states.
pub type Settle<'a, S> = &'a mut dyn FnMut(&mut Tx<'_>, &Facts<'_>) -> Result<S>;

/// What stages the caller's changes, on the settled state.
pub type Stage<'a> = &'a mut dyn FnMut(&mut Tx<'_>, &mut PendingSettlement) -> Result<()>;

/// The number of times, and the minimum time, that a lock at the remote is found at the same tip
/// before it counts as stale: a push holds it for milliseconds.
const LOCKED_MAX: (u32, Duration) = (5, Duration::from_secs(2));

/// The result of a publication.
#[derive(Debug)]
pub struct Published<S> {
    /// The state's commit, here and at the remote.
    pub commit: Oid,
    /// The remote's tip that it is based on.
    pub before: Option<Oid>,
    /// The local tip that it is based on.
    pub local: Oid,
    /// True if something was pushed.
    pub pushed: bool,
    /// The result of the settlement.
    pub report: S,
}

/// The result of a settlement, as far as the push needs it.
pub trait Settlement: Default {
    /// True if items got new ids, so that other pushes must be checked once more.
    fn renumbers(&self) -> bool;
}

/// The facts that a settlement needs in addition to the state.
pub struct Facts<'a> {
    /// The remote's state, if it has one.
    pub remote: Option<&'a State<'a>>,
    /// The commit of this clone's state before it was joined with the remote's.
    pub local: Oid,
    /// The id of this clone.
    pub replica: &'a str,
    /// The ids that were ever published.
    pub published: &'a published::Known<'a>,
    /// Intents that dead processes left.
    pub orphans: &'a [Intent],
    /// The wall time, milliseconds since the Unix epoch.
    pub now_ms: u64,
}

/// The staged claims and reservations that are valid only if the push arrives.
#[derive(Clone, Debug, Default)]
pub struct PendingSettlement {
    /// Claims: item and claim id.
    pub claims: Vec<(Uid, String)>,
    /// Reservations that are not confirmed.
    pub reservations: Vec<Uid>,
    /// The time when the last claim expires, milliseconds since the Unix epoch.
    pub until_ms: u64,
}

impl PendingSettlement {
    pub(super) fn is_empty(&self) -> bool {
        self.claims.is_empty() && self.reservations.is_empty()
    }
}

impl Store {
    /// Stages on top of the joined states, pushes, and swaps the local ref to what was pushed. With
    /// a remote that confirms, everything of this clone is settled in the same commit. `edit` is
    /// based on this clone's state alone, in a commit of its own before the join: its author has
    /// not seen the fetched changes, so it must not replace them.
    ///
    /// # Errors
    /// The errors of `stage`; kind `Remote` if the remote cannot be reached or the outcome of the
    /// push is unknown; kind `Conflict` if others were faster every time.
    pub fn publish<S: Settlement>(
        &self,
        actor: &Actor,
        remote: &Remote,
        edit: Option<Edit<'_>>,
        settle: Settle<'_, S>,
        stage: Stage<'_>,
    ) -> Result<Published<S>> {
        self.shared.replace(Some(Rc::default()));
        let run = || {
            self.repo().require_writable()?;
            let _turn = self.turn();
            let _exchange = lock::exchanging(self.repo().common_dir());
            let mut publication = Publication {
                store: self,
                actor,
                remote,
                edit,
                settle,
                stage,
                replica: self.replica()?,
                known: self.repo().ref_target(&remote.tracking(self.repo()))?,
                breaks: 0,
                locked: None,
            };
            publication.run()
        };
        let published = run();
        self.shared.take();
        self.drop_guards();
        published
    }

    /// The processes of a clone push in turn: at once they would only lose races to each other, and what
    /// one of them wrote here goes along with the push before its own. `None` if it took too long, and
    /// where there are no locks.
    fn turn(&self) -> Option<File> {
        self.release_index();
        let patience = timeout(self).min(PUSH_TURN_TIME);
        lock::turn(self.repo().common_dir(), patience)
    }

    /// The old tip, where the remote's history has to be replaced because a generation was raised.
    pub(super) fn lease(&self, before: Option<Oid>, commit: Oid) -> Result<Option<Oid>> {
        match before {
            Some(before) if !self.repo().is_ancestor(before, commit)? => Ok(Some(before)),
            _ => Ok(None),
        }
    }
}

/// A series of publications whose attempts count together until one of them lands: each begins where the
/// one before ended.
pub struct Series<'s>(&'s Store);

impl Store {
    /// Begins a series, which ends when the result is dropped.
    pub fn series(&self) -> Series<'_> {
        self.attempts.set(Some(0));
        Series(self)
    }
}

impl Series<'_> {
    /// True if no attempt is left.
    pub fn is_over(&self) -> bool {
        self.0.attempts.get() >= Some(PUSH_ATTEMPTS)
    }
}

impl Drop for Series<'_> {
    fn drop(&mut self) {
        self.0.attempts.set(None);
    }
}

/// One publication: its parts, and the results of its attempts so far.
struct Publication<'p, 'e, 'w, S> {
    store: &'p Store,
    actor: &'p Actor,
    remote: &'p Remote,
    edit: Option<Edit<'e>>,
    settle: Settle<'w, S>,
    stage: Stage<'w>,
    replica: ReplicaId,
    /// The remote's tip at the exchange before.
    known: Option<Oid>,
    /// The number of connections that broke.
    breaks: u32,
    /// The tip at which a lock was found, the number of times, and the first time.
    locked: Option<(Option<Oid>, u32, Instant)>,
}

/// A commit to be pushed, in memory, and its sources.
struct Prepared<'p, S> {
    objects: Pending,
    commit: Oid,
    /// The remote's tip that it is based on.
    before: Option<Oid>,
    /// The local tip that it is based on.
    local: Oid,
    report: S,
    pending: PendingSettlement,
    withheld: Vec<Withheld>,
    published: published::Known<'p>,
    orphans: Vec<Orphan>,
}

impl<'p, S: Settlement> Publication<'p, '_, '_, S> {
    fn run(&mut self) -> Result<Published<S>> {
        let mut took = Duration::ZERO;
        let series = &self.store.attempts;
        for attempt in series.get().unwrap_or(0)..PUSH_ATTEMPTS {
            if attempt > 0 {
                self.back_off(attempt, took);
            }
            series.set(series.get().map(|_| attempt + 1));
            let began = Instant::now();
            let mut prepared = self.prepare()?;
            if Some(prepared.commit) == prepared.before {
                self.store.flush(&mut prepared.objects)?;
                return self.land(prepared, None);
            }
            if let Some(held) = self.push(&mut prepared)? {
                return self.land(prepared, Some(held));
            }
            took = began.elapsed();
        }
        let name = self.remote.shown();
        if let Some(to) = self.remote.pushes_elsewhere(self.store) {
            return Err(Error::conflict(format!(
                "{name} is fetched from another address than it is pushed to ({to}), which has \
                 newer commits"
            ))
            .hint("run the command again")
            .hint(format!(
                "if the first address lags behind for good: `git pm config pm.remote {}` keeps the \
                 state at the second",
                word(&to)
            )));
        }
        Err(Error::conflict(format!(
            "others pushed to {name} before each of {PUSH_ATTEMPTS} attempts"
        ))
        .hint("run the command again"))
    }

    fn back_off(&self, attempt: u32, took: Duration) {
        self.store.drop_guards();
        let (least, more) = pause(attempt, took);
        std::thread::sleep((least + lock::jitter(more)).min(timeout(self.store)));
    }

    /// Fetches the remote's state, joins it with the local one, settles and stages on top.
    fn prepare(&mut self) -> Result<Prepared<'p, S>> {
        let (store, remote) = (self.store, self.remote);
        let before = store.fetch_state(remote)?;
        fault::step("publish-fetched")?;
        let local = store.require_tip()?;
        let objects = store.repo().pending();
        let (base, withheld) = self.join(&objects, local, before)?;
        // What is staged on it looks names up.
        let lost = store.lost_between(&objects, [local, base]);
        former_ids::note(&objects, lost, store.env().now_ms());
        fault::step("publish-joined")?;
        let published = published::items(store, &remote.name)?;
        let (living, orphans) = intent::read_all(store.repo().common_dir());
        self.require_known_outcome(&living, &orphans)?;
        let orphaned: Vec<Intent> = orphans.iter().map(|o| o.intent.clone()).collect();
        let theirs = match before {
            Some(before) => Some(store.state_at(&objects, before)?),
            None => None,
        };
        let mut pending = PendingSettlement::default();
        let mut report = S::default();
        let staged = store.stage(&objects, base, self.actor, &mut |tx: &mut Tx<'_>| {
            pending = PendingSettlement::default();
            if remote.confirms {
                let facts = Facts {
                    remote: theirs.as_ref(),
                    local,
                    replica: self.replica.as_str(),
                    published: &published,
                    orphans: &orphaned,
                    now_ms: store.env().now_ms(),
                };
                report = (self.settle)(tx, &facts)?;
            }
            (self.stage)(tx, &mut pending)?;
            if tx.is_dirty() {
                migrate::require_writable(&tx.state.repository)?;
            }
            Ok(())
        });
        drop(theirs);
        // The remote's state may be the reason. Keep it, so that the next command sees it too.
        if let (Err(_), Some(before)) = (&staged, before) {
            let _ = store.join_fetched(before, self.known);
        }
        let commit = staged?;
        fault::step("publish-staged")?;
        Ok(Prepared {
            objects,
            commit: commit.unwrap_or(base),
            before,
            local,
            report,
            pending,
            withheld,
            published,
            orphans,
        })
    }

    /// Joins the local state, with what the caller writes into it, and the states of the remotes.
    fn join(
        &mut self,
        objects: &Pending,
        local: Oid,
        before: Option<Oid>,
    ) -> Result<(Oid, Vec<Withheld>)> {
        let mut base = local;
        if let Some(edit) = self.edit.as_mut() {
            let written = self.store.stage(objects, local, self.actor, edit)?;
            base = written.unwrap_or(local);
        }
        let mut withheld = Vec::new();
        let elsewhere = self.store.known_tip_of_main(self.remote)?;
        for (other, known) in [(before, self.known), (elsewhere, None)] {
            let Some(other) = other else { continue };
            let merged = self.store.adopt(objects, base, other, known)?;
            base = merged.commit;
            withheld.extend(merged.withheld);
        }
        Ok((base, withheld))
    }

    /// Refuses to push elsewhere while the outcome of a push to the main remote is unknown.
    fn require_known_outcome(&self, living: &[Intent], orphans: &[Orphan]) -> Result<()> {
        if !self.remote.confirms && self.store.is_main_unknown(living, orphans) {
            return Err(outcome_open());
        }
        Ok(())
    }

    /// Pushes, under an intent that the caller holds until the commit has landed. `None` if another
    /// push was first, so that everything has to be prepared again.
    fn push(&mut self, prepared: &mut Prepared<'p, S>) -> Result<Option<Held>> {
        let (store, remote, commit) = (self.store, self.remote, prepared.commit);
        // The fetched state was checked together with the local one; staged changes, and those
        // known from another remote, were not. A state beyond the size limit would lock everyone
        // else out.
        require_joined(&prepared.objects, commit)?;
        store.flush_for(&mut prepared.objects, Some(commit))?;
        fault::step("publish-flushed")?;
        let intent = store.intent_of(remote, prepared.before, commit, &prepared.pending)?;
        let held = intent::write(store.repo().common_dir(), &intent)?;
        // Read again now that the others can see ours: of two pushes that begin at once, one to
        // `pm.remote` that renumbers and one elsewhere, at least one notices.
        let (living, orphans) = intent::read_others(store.repo().common_dir(), &held);
        if let Err(open) = self.require_known_outcome(&living, &orphans) {
            held.done();
            return Err(open);
        }
        if prepared.report.renumbers() {
            let mut now = published::fetched(store)?;
            let elsewhere = living.into_iter().filter(|i| i.remote != remote.name);
            now.extend(elsewhere.flat_map(|i| i.items));
            if !prepared.published.has_all_of(&now) {
                held.done();
                return Ok(None);
            }
        }
        fault::step("publish-intended")?;
        let lease = store.lease(prepared.before, commit)?;
        let pushed = remote.push(store, commit, lease, None)?;
        self.outcome(pushed, prepared, held)
    }

    /// The intent, if the push arrived; `None` if it may be tried again.
    fn outcome(
        &mut self,
        pushed: Pushed,
        prepared: &Prepared<'p, S>,
        held: Held,
    ) -> Result<Option<Held>> {
        let remote = self.remote;
        let error = match pushed {
            Pushed::Done => return Ok(Some(held)),
            Pushed::Lost => None,
            Pushed::Locked(reason, file) => self
                .is_locked_for_long(prepared.before)
                .then(|| is_locked(remote, &reason, file.as_deref())),
            Pushed::Denied(reason) => Some(denied(remote, &reason)),
            Pushed::Refused(reason) => Some(refused(remote, &reason)),
            Pushed::Unsent(reason) => Some(unsent(remote, &reason)),
            Pushed::Unknown(reason) => {
                let pending = &prepared.pending;
                if self
                    .store
                    .arrived(remote, prepared.commit, pending, self.known)
                {
                    return Ok(Some(held));
                }
                held.leave(self.store.repo().common_dir());
                // Without a pending claim it is as good as lost: if it arrives after all, the next
                // one loses against it.
                let at_stake = !pending.is_empty();
                self.breaks += 1;
                if !at_stake && remote.confirms && self.breaks < BROKEN_CONNECTIONS_MAX {
                    return Ok(None);
                }
                return Err(unknown(remote, &reason, at_stake));
            }
        };
        held.done();
        error.map_or(Ok(None), Err)
    }

    /// Notes a lock at the remote's tip. True if it was found there too often to be a living
    /// push's.
    fn is_locked_for_long(&mut self, before: Option<Oid>) -> bool {
        let (tip, met, since) = self.locked.take().unwrap_or((before, 0, Instant::now()));
        if tip != before {
            return false;
        }
        let (most, least) = LOCKED_MAX;
        self.locked = Some((tip, met + 1, since));
        met >= most && since.elapsed() >= least
    }

    /// Takes the commit into this clone and clears up. `held` is the intent of a push that arrived;
    /// `None` if there was nothing to push.
    fn land(&self, prepared: Prepared<'p, S>, held: Option<Held>) -> Result<Published<S>> {
        let (store, remote, commit) = (self.store, self.remote, prepared.commit);
        let pushed = held.is_some();
        if pushed {
            fault::step("publish-pushed")?;
            published::note(store, &remote.tracking(store.repo()), commit)?;
            fault::step("publish-noted")?;
        }
        store.join_fetched(commit, self.known)?;
        if let Some(held) = held {
            fault::step("publish-swapped")?;
            held.done();
        }
        store.keep_drafts(&prepared.withheld)?;
        store.clear_orphans(remote, commit, &prepared.orphans)?;
        store.note(remote.push_to_others(store, commit)?);
        store.attempts.set(store.attempts.get().map(|_| 0));
        Ok(Published {
            commit,
            before: prepared.before,
            local: prepared.local,
            pushed,
            report: prepared.report,
        })
    }
}

/// The least pause after a lost race, and what chance may add to it: more each time, and more where an
/// attempt takes longer, since with pauses that are short beside it most pushes would be in vain.
fn pause(attempt: u32, took: Duration) -> (Duration, Duration) {
    let least = Duration::from_millis(15 * u64::from(attempt.min(10)));
    (least, (took * (1 << attempt.min(4))).min(PUSH_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_lost_races_and_with_the_time_of_an_attempt() {
        let ms = Duration::from_millis;
        assert_eq!(pause(1, ms(50)), (ms(15), ms(100)));
        assert_eq!(pause(1, ms(500)), (ms(15), ms(1_000)));
        assert_eq!(pause(3, ms(500)), (ms(45), ms(4_000)));
        assert_eq!(pause(PUSH_ATTEMPTS, ms(500)), (ms(150), ms(8_000)));
        assert_eq!(pause(9, ms(60_000)), (ms(135), PUSH_PAUSE));
    }
}
