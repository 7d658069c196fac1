//! Push first, then believe: a commit that has to be settled with the remote is joined, staged and
//! pushed, and only an accepted one moves the local ref. A broken connection leaves no claim that
//! only one side believes in.

use std::fs::File;
use std::io::Write;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::fit::require_joined;
use super::intent::{self, Held, Intent, Orphan};
use super::published;
use super::remote::{NO_REPLACING, Pushed};
use crate::error::{Error, Result};
use crate::model::stamp::ReplicaId;
use crate::model::uid::Uid;
use crate::store::git::repo::{Oid, Pending, Swap};
use crate::store::handle::lost_tips::with_tree;
use crate::store::handle::{Actor, Store};
use crate::store::join::commit::join_commits;
use crate::store::join::tree::Withheld;
use crate::store::layout::MAIN;
use crate::store::remote_names::Remote;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::store::{fault, lock, migrate};

/// How often a push that lost a race is tried again.
const ATTEMPTS: u32 = 24;

/// How many broken connections one exchange without claims puts up with.
const BREAKS: u32 = 3;

/// What an author stages who has seen this clone's state and nothing else.
pub type Edit<'a> = &'a mut dyn FnMut(&mut Tx<'_>) -> Result<()>;

/// How often, and for how long at least, a lock at the remote is met at one and the same tip before
/// it counts as one that nobody holds any more: a push holds it for milliseconds.
const LOCKED_MAX: (u32, Duration) = (5, Duration::from_secs(2));

/// What a publication did.
#[derive(Debug)]
pub struct Published<T, S> {
    /// What the closure returned.
    pub value: T,
    /// The state's commit, here and at the remote.
    pub commit: Oid,
    /// The remote's tip before.
    pub before: Option<Oid>,
    /// The local tip before.
    pub local: Oid,
    /// Whether anything was pushed.
    pub pushed: bool,
    /// What was settled.
    pub settled: S,
}

/// What the settling of a push did, as far as the push itself has to know.
pub trait Settlement: Default {
    /// Whether items got new ids, so that others must be looked at once more.
    fn renumbers(&self) -> bool;
}

/// What settling needs to know besides the state.
pub struct Facts<'a> {
    /// The state as the remote has it.
    pub remote: Option<&'a State<'a>>,
    /// This clone.
    pub replica: &'a str,
    /// The published items.
    pub published: &'a published::Known<'a>,
    /// Intents that the dead left.
    pub orphans: &'a [Intent],
    /// The wall time, milliseconds since the Unix epoch.
    pub now_ms: u64,
}

/// What a closure stages that must stand or fall with the push.
#[derive(Clone, Debug, Default)]
pub struct PendingSettlement {
    /// Claims: item and claim id.
    pub claims: Vec<(Uid, String)>,
    /// Reservations.
    pub reservations: Vec<Uid>,
    /// When the last claim ends by itself, milliseconds since the Unix epoch.
    pub until_ms: u64,
}

impl PendingSettlement {
    fn is_empty(&self) -> bool {
        self.claims.is_empty() && self.reservations.is_empty()
    }
}

impl Store {
    /// Fetches the remote's state and joins it with the local one, without pushing. Returns the
    /// remote's tip and the joined commit.
    ///
    /// # Errors
    /// When the remote cannot be reached or its state cannot be read.
    pub fn pull(&self, remote: &Remote) -> Result<(Option<Oid>, Oid)> {
        let _exchange = lock::exchanging(self.repo().common_dir());
        let fetched = self.fetch_state(remote)?;
        let Some(theirs) = fetched else {
            return Ok((None, self.require_tip()?));
        };
        let commit = self.join_local(theirs)?;
        Ok((fetched, commit))
    }

    /// Fetches the remote's tip, checks that it is a state we can read, and remembers it.
    ///
    /// # Errors
    /// When the remote cannot be reached or its state cannot be read.
    pub fn fetch_state(&self, remote: &Remote) -> Result<Option<Oid>> {
        let Some((tip, unfit)) = self.look_at_state(remote)? else {
            return Ok(None);
        };
        if let Some(unfit) = unfit {
            let known = remote.tracking(self.repo());
            return Err(unfit.hint(format!(
                "if it should not be there: a human replaces it by what this clone has with \
                 `git pm doctor --restore-remote --replace` (`git log {known}..{tip}` shows whose \
                 it is)"
            )));
        }
        self.note_fetched(tip)?;
        published::note(self, &remote.tracking(self.repo()), tip)?;
        Ok(Some(tip))
    }

    /// Fetches the remote's tip, and says why it cannot be taken, if it cannot.
    ///
    /// # Errors
    /// When the remote cannot be reached, or something here stands in the way: neither says anything
    /// about the remote's state.
    pub(crate) fn look_at_state(&self, remote: &Remote) -> Result<Option<(Oid, Option<Error>)>> {
        self.repo().clear_dead_packs();
        self.clear_dead_guards()?;
        self.mend_refs()?;
        let Some(tip) = remote.fetch(self)? else {
            return Ok(None);
        };
        let what = format!("{} of the remote {}", remote.state_ref, remote.shown());
        Ok(Some((tip, self.unfit(&what, tip)?)))
    }

    /// Joins a commit into the local state.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub fn join_local(&self, theirs: Oid) -> Result<Oid> {
        let mut lock = self.lock()?;
        loop {
            let ours = self.repo().ref_target(MAIN)?;
            let mut pending = self.repo().pending();
            let (commit, withheld) = match ours {
                None => (theirs, Vec::new()),
                Some(ours) => {
                    let merged = join_commits(&pending, self.tip()?.unwrap_or(ours), theirs)?;
                    (merged.commit, merged.withheld)
                }
            };
            if ours == Some(commit) {
                return Ok(commit);
            }
            // What came in was weighed as it came, and together with what is here.
            if commit != theirs {
                require_joined(&pending, commit)?;
            }
            self.flush(&mut pending)?;
            let subject = with_tree("sync: joined", self.repo().commit(commit)?.tree);
            if self.swap(&mut lock, ours, commit, &subject)? == Swap::Done {
                self.keep_drafts(&withheld)?;
                return Ok(commit);
            }
        }
    }

    /// Stages on top of the joined states, pushes, and swaps the local ref to what was pushed.
    /// With a remote that confirms, everything of this clone is settled in the same commit. What
    /// `write` stages rests on this clone's state alone, in a commit of its own before the join: its
    /// author has not seen what comes in, so it must not replace it.
    ///
    /// # Errors
    /// What `stage` returns; kind `Remote` when the remote cannot be reached or the outcome of the
    /// push is unknown; kind `Conflict` when others were faster every time.
    pub fn publish<T, S: Settlement>(
        &self,
        actor: &Actor,
        remote: &Remote,
        write: Option<Edit<'_>>,
        settle: impl FnMut(&mut Tx<'_>, &Facts<'_>) -> Result<S>,
        stage: impl FnMut(&mut Tx<'_>, &mut PendingSettlement) -> Result<T>,
    ) -> Result<Published<T, S>> {
        self.shared.replace(Some(Rc::default()));
        let published = Publication::new(self, actor, remote, write, settle, stage)
            .and_then(|mut publication| publication.run());
        self.shared.take();
        self.drop_guards();
        published
    }

    /// A push elsewhere carries what `pm.remote` is known to have, so that the other remote never
    /// confirms an older view.
    fn known_tip_of_main(&self, remote: &Remote) -> Result<Option<Oid>> {
        let Some(main) = Remote::main(self.repo()).filter(|main| main != remote) else {
            return Ok(None);
        };
        let tracking = main.tracking(self.repo());
        let known = self.repo().ref_target(&tracking)?;
        Ok(known.and_then(|tip| self.readable(&tracking, tip).ok()))
    }

    /// The old tip, where the remote's history has to be replaced because a generation was raised.
    fn lease(&self, before: Option<Oid>, commit: Oid) -> Result<Option<Oid>> {
        let Some(before) = before else {
            return Ok(None);
        };
        if self.repo().is_ancestor(before, commit)? {
            return Ok(None);
        }
        Ok(Some(before))
    }

    /// Whether the outcome of a push to the main remote is unknown.
    fn is_main_unknown(&self, living: &[Intent], orphans: &[Orphan]) -> bool {
        let main = Remote::main(self.repo()).map(|main| main.name);
        living
            .iter()
            .chain(orphans.iter().map(|o| &o.intent))
            .any(|intent| intent.remote.is_empty() || Some(&intent.remote) == main.as_ref())
    }

    fn intent_of(
        &self,
        remote: &Remote,
        before: Option<Oid>,
        commit: Oid,
        unsettled: &PendingSettlement,
    ) -> Result<Intent> {
        let published = published::items(self, "")?;
        let state = self.state_at(self.repo(), commit)?;
        let text = |uid: &Uid| uid.to_string();
        Ok(Intent {
            remote: remote.name.clone(),
            before: before.map(|tip| tip.to_string()),
            claims: unsettled
                .claims
                .iter()
                .map(|(item, claim)| (text(item), claim.clone()))
                .collect(),
            reservations: unsettled.reservations.iter().map(text).collect(),
            items: published.missing_of(&state).iter().map(text).collect(),
            until_ms: unsettled.until_ms,
        })
    }

    /// After an unknown outcome: whether the remote has what was pushed. Claims are looked for by
    /// their ids, not by ancestry: somebody may have joined them into another commit.
    fn arrived(&self, remote: &Remote, commit: Oid, unsettled: &PendingSettlement) -> bool {
        let Ok(Some(tip)) = self.fetch_state(remote) else {
            return false;
        };
        let Ok(state) = self.state_at(self.repo(), tip) else {
            return false;
        };
        let has_claims = unsettled.claims.iter().all(|(item, claim)| {
            state
                .item(item)
                .is_some_and(|i| i.claims.iter().any(|c| c.id == *claim && c.ended.is_none()))
        });
        let has_reservations = unsettled
            .reservations
            .iter()
            .all(|uid| state.doc(uid).is_some());
        if unsettled.is_empty() {
            return self.repo().is_ancestor(commit, tip).unwrap_or(false);
        }
        if !(has_claims && has_reservations) {
            return false;
        }
        self.join_local(tip).is_ok()
    }

    /// Intents of the dead are done once the remote has ended what they were about, or can take it
    /// no more, or what they were about has ended by itself.
    fn clear_orphans(&self, remote: &Remote, commit: Oid, orphans: &[Orphan]) -> Result<()> {
        if !remote.confirms || orphans.is_empty() {
            return Ok(());
        }
        let state = self.state_at(self.repo(), commit)?;
        let now = self.env().now_ms();
        for orphan in orphans {
            let intent = &orphan.intent;
            let ended = |item: &str, claim: &str| {
                let item = Uid::new(item).and_then(|uid| state.item(&uid))?;
                let claim = item.claims.iter().find(|c| c.id == claim)?;
                Some(claim.ended.is_some())
            };
            let arrived = |uid: &str| Uid::new(uid).is_some_and(|uid| state.doc(&uid).is_some());
            let claims: Vec<Option<bool>> =
                intent.claims.iter().map(|(i, c)| ended(i, c)).collect();
            let settled = claims.iter().all(|c| *c == Some(true))
                && intent.reservations.iter().all(|r| arrived(r));
            let absent = claims.iter().all(Option::is_none)
                && !intent.reservations.iter().any(|r| arrived(r));
            let passed = intent.remote == remote.name
                && intent.before.as_deref() != Some(commit.to_string().as_str());
            if settled || (absent && passed) || intent.until_ms < now {
                orphan.remove();
            }
        }
        Ok(())
    }

    /// Texts withheld by a redaction are kept where only their author's clone has them.
    pub(crate) fn keep_drafts(&self, withheld: &[Withheld]) -> Result<()> {
        let own = self.known_replica();
        let drafts: Vec<&Withheld> = withheld
            .iter()
            .filter(|w| Some(&w.version.stamp.replica) == own.as_ref())
            .collect();
        if drafts.is_empty() {
            return Ok(());
        }
        let folder = self.folder().join("drafts");
        let fail =
            |e: std::io::Error| Error::io(format!("cannot write in {}", folder.display()), e);
        std::fs::create_dir_all(&folder).map_err(fail)?;
        let mut private = std::fs::OpenOptions::new();
        private.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut private, 0o600);
        for draft in drafts {
            let name = format!("{}-{}.md", draft.uid, draft.version.hash);
            fault::point("draft-write")
                .and_then(|()| private.open(folder.join(name)))
                .and_then(|mut file| file.write_all(draft.text.as_bytes()))
                .map_err(fail)?;
        }
        Ok(())
    }
}

/// One publication: its parts, and what its attempts met so far.
struct Publication<'p, 'w, Settle, Stage> {
    store: &'p Store,
    actor: &'p Actor,
    remote: &'p Remote,
    write: Option<Edit<'w>>,
    settle: Settle,
    stage: Stage,
    replica: ReplicaId,
    /// Connections that broke.
    breaks: u32,
    /// The tip at which a lock was met, how often, and since when.
    locked: Option<(Option<Oid>, u32, Instant)>,
    _exchange: Option<File>,
}

/// A commit to be pushed, in memory, and what it was made from.
struct Prepared<'p, T, S> {
    pending: Pending,
    value: T,
    commit: Oid,
    /// The remote's tip that it rests on.
    before: Option<Oid>,
    /// The local tip that it rests on.
    local: Oid,
    settled: S,
    unsettled: PendingSettlement,
    withheld: Vec<Withheld>,
    published: published::Known<'p>,
    orphans: Vec<Orphan>,
}

impl<'p, 'w, Settle, Stage> Publication<'p, 'w, Settle, Stage> {
    fn new(
        store: &'p Store,
        actor: &'p Actor,
        remote: &'p Remote,
        write: Option<Edit<'w>>,
        settle: Settle,
        stage: Stage,
    ) -> Result<Self> {
        let exchange = lock::exchanging(store.repo().common_dir());
        Ok(Publication {
            store,
            actor,
            remote,
            write,
            settle,
            stage,
            replica: store.replica()?,
            breaks: 0,
            locked: None,
            _exchange: exchange,
        })
    }

    fn run<T, S: Settlement>(&mut self) -> Result<Published<T, S>>
    where
        Settle: FnMut(&mut Tx<'_>, &Facts<'_>) -> Result<S>,
        Stage: FnMut(&mut Tx<'_>, &mut PendingSettlement) -> Result<T>,
    {
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                self.back_off(attempt);
            }
            let mut prepared = self.prepare()?;
            if Some(prepared.commit) == prepared.before {
                self.store.flush(&mut prepared.pending)?;
                return self.land(prepared, None);
            }
            if let Some(held) = self.push(&mut prepared)? {
                return self.land(prepared, Some(held));
            }
        }
        Err(Error::conflict(format!(
            "others pushed to {} before each of {ATTEMPTS} attempts",
            self.remote.shown()
        ))
        .hint("run the command again"))
    }

    fn back_off(&self, attempt: u32) {
        self.store.drop_guards();
        let base = 15 * u64::from(attempt.min(10));
        std::thread::sleep(
            Duration::from_millis(base) + lock::jitter(Duration::from_millis(4 * base)),
        );
    }

    /// Fetches the remote's state, joins it with the local one, settles and stages on top.
    fn prepare<T, S: Settlement>(&mut self) -> Result<Prepared<'p, T, S>>
    where
        Settle: FnMut(&mut Tx<'_>, &Facts<'_>) -> Result<S>,
        Stage: FnMut(&mut Tx<'_>, &mut PendingSettlement) -> Result<T>,
    {
        let (store, remote) = (self.store, self.remote);
        let before = store.fetch_state(remote)?;
        fault::step("publish-fetched")?;
        let local = store.require_tip()?;
        let pending = store.repo().pending();
        let (base, withheld) = self.join(&pending, local, before)?;
        fault::step("publish-joined")?;
        let published = published::items(store, &remote.name)?;
        let (living, orphans) = intent::read_all(store.repo().common_dir());
        self.require_known_outcome(&living, &orphans)?;
        let orphaned: Vec<Intent> = orphans.iter().map(|o| o.intent.clone()).collect();
        let theirs = match before {
            Some(before) => Some(store.state_at(&pending, before)?),
            None => None,
        };
        let mut unsettled = PendingSettlement::default();
        let mut settled = S::default();
        let staged = store.stage(&pending, base, self.actor, &mut |tx: &mut Tx<'_>| {
            unsettled = PendingSettlement::default();
            if remote.confirms {
                let facts = Facts {
                    remote: theirs.as_ref(),
                    replica: self.replica.as_str(),
                    published: &published,
                    orphans: &orphaned,
                    now_ms: store.env().now_ms(),
                };
                settled = (self.settle)(tx, &facts)?;
            }
            let value = (self.stage)(tx, &mut unsettled)?;
            if tx.is_dirty() {
                migrate::require_writable(&tx.state.repository)?;
            }
            Ok(value)
        });
        drop(theirs);
        // The remote's state may be the reason. Keep it, so that the next command sees it too.
        if let (Err(_), Some(before)) = (&staged, before) {
            let _ = store.join_local(before);
        }
        let (value, commit) = staged?;
        fault::step("publish-staged")?;
        Ok(Prepared {
            pending,
            value,
            commit: commit.unwrap_or(base),
            before,
            local,
            settled,
            unsettled,
            withheld,
            published,
            orphans,
        })
    }

    /// Joins the local state, with what the caller writes into it, and the states of the remotes.
    fn join(
        &mut self,
        pending: &Pending,
        local: Oid,
        before: Option<Oid>,
    ) -> Result<(Oid, Vec<Withheld>)> {
        let mut base = local;
        if let Some(write) = self.write.as_mut() {
            let (_, written) = self.store.stage(pending, local, self.actor, write)?;
            base = written.unwrap_or(local);
        }
        let mut withheld = Vec::new();
        let elsewhere = self.store.known_tip_of_main(self.remote)?;
        for other in [before, elsewhere].into_iter().flatten() {
            let merged = join_commits(pending, base, other)?;
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
    fn push<T, S: Settlement>(
        &mut self,
        prepared: &mut Prepared<'p, T, S>,
    ) -> Result<Option<Held>> {
        let (store, remote, commit) = (self.store, self.remote, prepared.commit);
        // What was fetched was weighed together with what is here; what is staged on top, or known
        // of another remote, was not. Who pushes more than others take keeps all of them out.
        require_joined(&prepared.pending, commit)?;
        store.flush_for_push(&mut prepared.pending, commit)?;
        fault::step("publish-flushed")?;
        let intent = store.intent_of(remote, prepared.before, commit, &prepared.unsettled)?;
        let held = intent::write(store.repo().common_dir(), &intent)?;
        // Looked at again now that the others can see ours: of two pushes that begin at once,
        // one to `pm.remote` that renumbers and one elsewhere, at least one notices.
        let (living, orphans) = intent::read_others(store.repo().common_dir(), &held);
        if let Err(open) = self.require_known_outcome(&living, &orphans) {
            held.done();
            return Err(open);
        }
        if prepared.settled.renumbers() {
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
        let pushed = remote.push(store, commit, lease)?;
        self.outcome(pushed, prepared, held)
    }

    /// The intent, if the push arrived; `None` if it may be tried again.
    fn outcome<T, S>(
        &mut self,
        pushed: Pushed,
        prepared: &Prepared<'p, T, S>,
        held: Held,
    ) -> Result<Option<Held>> {
        let remote = self.remote;
        match pushed {
            Pushed::Done => Ok(Some(held)),
            Pushed::Lost => {
                held.done();
                Ok(None)
            }
            Pushed::Locked(reason, file) => {
                held.done();
                if self.is_locked_for_long(prepared.before) {
                    return Err(is_locked(remote, &reason, file.as_deref()));
                }
                Ok(None)
            }
            Pushed::Denied(reason) => {
                held.done();
                Err(denied(remote, &reason))
            }
            Pushed::Refused(reason) => {
                held.done();
                Err(refused(remote, &reason))
            }
            Pushed::Unknown(reason) => {
                let unsettled = &prepared.unsettled;
                if self.store.arrived(remote, prepared.commit, unsettled) {
                    return Ok(Some(held));
                }
                held.leave();
                // Without a claim at stake it is as good as lost: should it arrive after all, the
                // next one loses against it.
                let at_stake = !unsettled.is_empty();
                self.breaks += 1;
                if !at_stake && remote.confirms && self.breaks < BREAKS {
                    return Ok(None);
                }
                Err(unknown(remote, &reason, at_stake))
            }
        }
    }

    /// Notes a lock at the remote's tip. True if it was met there too often to be a living push's.
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
    fn land<T, S>(
        &self,
        prepared: Prepared<'p, T, S>,
        held: Option<Held>,
    ) -> Result<Published<T, S>> {
        let (store, remote, commit) = (self.store, self.remote, prepared.commit);
        let pushed = held.is_some();
        if pushed {
            fault::step("publish-pushed")?;
            published::note(store, &remote.tracking(store.repo()), commit)?;
            fault::step("publish-noted")?;
        }
        store.join_local(commit)?;
        if let Some(held) = held {
            fault::step("publish-swapped")?;
            held.done();
        }
        store.keep_drafts(&prepared.withheld)?;
        store.clear_orphans(remote, commit, &prepared.orphans)?;
        Ok(Published {
            value: prepared.value,
            commit,
            before: prepared.before,
            local: prepared.local,
            pushed,
            settled: prepared.settled,
        })
    }
}

fn refused(remote: &Remote, reason: &str) -> Error {
    if reason == NO_REPLACING {
        return Error::remote(format!(
            "the history of the state was cut, and the remote {} lets no history be replaced",
            remote.shown()
        ))
        .hint(format!(
            "there, once: `git config receive.denyNonFastForwards false`, or `git update-ref -d {}`",
            remote.state_ref
        ))
        .hint("then `git pm sync` again; nothing is lost meanwhile");
    }
    with_branch_hint(
        Error::remote(format!("{}: {reason}", refusal(remote)))
            .hint("`git pm sync` tries again; until then the state is in this clone only"),
        remote,
    )
}

/// This user may not write there; [`is_denial`] knows it again.
fn denied(remote: &Remote, reason: &str) -> Error {
    with_branch_hint(
        Error::remote(format!("{}: {reason}", denial(remote)))
            .hint("check that you may push there; `git pm pull` works without"),
        remote,
    )
}

/// Whether an error says that the remote answered and did not take what was pushed.
pub(crate) fn is_refusal(remote: &Remote, error: &Error) -> bool {
    let words = [denial(remote), refusal(remote), standing_lock(remote)];
    words.iter().any(|begin| error.message().starts_with(begin))
}

fn refusal(remote: &Remote) -> String {
    format!("the remote {} did not take the state", remote.shown())
}

fn standing_lock(remote: &Remote) -> String {
    format!("the state's ref is locked at {}", remote.shown())
}

fn denial(remote: &Remote) -> String {
    format!("the remote {} lets you push nothing", remote.shown())
}

/// Whether an error says that this user may not write to the remote.
pub(crate) fn is_denial(remote: &Remote, error: &Error) -> bool {
    error.message().starts_with(&denial(remote))
}

fn with_branch_hint(error: Error, remote: &Remote) -> Error {
    error.hint(match remote.state_ref.starts_with("refs/heads/") {
        true => "the state lives in a branch there: see that branch's rules",
        false => {
            "a host that accepts branches only takes `git pm config pm.remoteRef refs/heads/pm/main` \
             (its branch rules must let that branch be pushed)"
        }
    })
}

fn is_locked(remote: &Remote, reason: &str, file: Option<&str>) -> Error {
    let error = Error::remote(format!("{}: {reason}", standing_lock(remote)));
    match file {
        Some(file) => error.hint(format!(
            "a push that was killed left that lock: if no git is at work there, remove {file}"
        )),
        None => error.hint(format!(
            "a push that was killed left that lock: an administrator of that repository has to remove {}.lock there",
            remote.state_ref
        )),
    }
    .hint("nothing was pushed; run the command again then")
}

fn outcome_open() -> Error {
    Error::remote("the outcome of an earlier push to the main remote is still unknown")
        .hint("run `git pm sync` first")
}

fn unknown(remote: &Remote, reason: &str, at_stake: bool) -> Error {
    let nothing = if at_stake { "nothing is claimed; " } else { "" };
    Error::remote(format!(
        "the connection to {} broke and it is unknown whether the push arrived: {reason}",
        remote.shown()
    ))
    .hint(format!(
        "{nothing}run the command again when the remote can be reached"
    ))
}
