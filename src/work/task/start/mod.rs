//! `start`: who may start or take over an item, and for how long its claim holds.
//!
//! A start makes the claim, reservations, branch and worktree, or none of them.

mod alone;
pub(crate) mod decisions;
mod held;
pub(crate) mod missing_work;
pub(crate) mod new_checkout;
pub(crate) mod obstacle;
pub mod options;
pub(crate) mod planned_paths;

use std::path::{Path, PathBuf};

use super::create::shown;
use super::deps::graph_around;
use super::transition::{move_to, not_allowed, require_item, set_status};
use crate::coordinate::claim::end_claims::{
    Ending, Reserved, end_and_notify, end_claim, release_item, release_of_claim,
};
use crate::coordinate::claim::ownership;
use crate::coordinate::gate::checklist_rule::Step;
use crate::coordinate::hand_off;
use crate::coordinate::here;
use crate::coordinate::hook::guard_status;
use crate::coordinate::message::{self, Notice, read_marks};
use crate::coordinate::renew_claims;
use crate::coordinate::reserve::grant;
use crate::coordinate::worktree::target::{self, TARGET};
use crate::coordinate::worktree::{self, followed_branch};
use crate::coordinate::write;
use crate::coordinate::write::{Outcome, Settling};
use crate::error::{Error, Hint, Reason, Result};
use crate::graph;
use crate::learn::for_item;
use crate::model::claim::LEASE_OVER;
use crate::model::id::{ItemKind, branch_word};
use crate::model::item::{Claim, Item};
use crate::model::lease;
use crate::model::reservation::with_place;
use crate::model::settings;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::{excerpt, one_line};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::artifact_view::artifacts_near;
use crate::pm::handles::Tasks;
use crate::store::fault;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::moved_file::{Moves, new_paths};
use crate::work::task::checklist;
use crate::work::task::finish;
use crate::work::task::landed_commits;
use crate::work::task::left_work;
use crate::work::task::remote_branch;
use crate::work::task::start::obstacle::{Obstacle, Obstacles};
use crate::work::task::start::options::{StartOptions, Started};
use crate::work::task::start::planned_paths::OfClaim;

/// The number of reasons named when an item cannot be started.
const REASONS: usize = 5;

/// The possible lengths of an agent's lease, in minutes.
const LEASES: std::ops::RangeInclusive<u64> = 1..=24 * 60;

/// The decisions of `start` before anything is written.
struct StartDecisions {
    uid: Uid,
    branch: String,
    base: Option<String>,
    /// The value of the item's target, if the base decides it.
    target: Option<Value>,
    reuse: bool,
    place: Option<PathBuf>,
    /// Its planned paths that git renamed.
    moves: Moves,
}

/// The result of the claim's transaction, for the steps after it.
enum Claimed {
    New(Uid, NewClaim),
    Resumed(Uid),
    /// An earlier call with the same idempotency key made the claim.
    Repeated(Uid),
}

struct NewClaim {
    id: String,
    /// The previous values of the fields that the start writes.
    before: Vec<(&'static str, Value)>,
}

impl Claimed {
    fn uid(&self) -> &Uid {
        let (Claimed::New(uid, _) | Claimed::Resumed(uid) | Claimed::Repeated(uid)) = self;
        uid
    }
}

impl Outcome for Claimed {
    fn uids(&self) -> &[Uid] {
        match self {
            Claimed::New(uid, _) => std::slice::from_ref(uid),
            _ => &[],
        }
    }

    fn recorded(uids: Vec<Uid>) -> Option<Claimed> {
        uids.into_iter().next().map(Claimed::Repeated)
    }
}

/// The fields that starting an item writes into it, in addition to its claim.
const WRITTEN: [&str; 5] = ["status", "branch", TARGET, "started_at", "started_by"];

impl Tasks<'_> {
    /// Claims an item, reserves its planned paths, creates its branch and worktree. A step that
    /// fails rolls back the ones before it.
    ///
    /// # Errors
    /// Kind `Conflict` when another actor holds it (or the caller, without `resume`); `Refused`
    /// when it is not ready or a path is reserved; `Remote` when the remote cannot be reached.
    pub fn start(&self, id: &str, options: &StartOptions) -> Result<Started> {
        let mut warnings = Vec::new();
        let alone = match options.worktree {
            true => alone::alone(self.pm, id)?,
            false => None,
        };
        let start = decisions::decide_start(self.pm, id, options, &mut warnings)?;
        warnings.extend(clock_behind(self.pm)?);
        // The claim compares the version before it changes anything.
        let write = self.pm.write("task start").settled().uncompared();
        let claimed = write
            .run(|tx, settling| claim(self.pm, tx, settling, options, &start, alone.is_some()))?;
        let uid = claimed.uid();
        let is_claimed = matches!(claimed, Claimed::New(..));
        if !matches!(claimed, Claimed::Repeated(_))
            && options.branch
            && let Err(error) = fault::step("start-claimed")
                .and_then(|()| new_checkout::check_out(self.pm, &start, is_claimed, &mut warnings))
        {
            roll_back(self.pm, &claimed);
            return Err(error);
        }
        if options.branch {
            warnings.extend(guard_status::missing_hooks_warning(self.pm));
        }
        let state = self.pm.store.state()?;
        if let Some(epic) = state
            .item(uid)
            .filter(|item| item.kind == ItemKind::Epic && options.branch)
        {
            warnings.push(collected_on(self.pm, &state, epic, &start.branch));
        }
        let before = taken_over(self.pm, &state, &claimed);
        let is_new = is_claimed && options.branch && !start.reuse;
        let merged = || missing_work::merged_before(self.pm, &state, uid);
        let merged = is_new.then(merged).flatten();
        let is_begun = is_new && merged.is_none();
        let begun = || missing_work::begun_elsewhere(self.pm, &state, uid);
        warnings.extend(before.or_else(|| is_begun.then(begun).flatten()));
        let claimed_now = state.item(uid).filter(|_| is_claimed);
        let landed = || landed_commits::said(self.pm, &state, claimed_now?);
        warnings.extend(merged.or_else(landed));
        // What was committed while it was only claimed.
        let made = matches!(claimed, Claimed::Resumed(_)) && options.branch && !start.reuse;
        let here = made.then(|| finish::commits_here(self.pm)).flatten();
        warnings.extend(here.filter(|_| options.base.is_none()).map(|here| {
            let (name, word) = (one_line(&here), branch_word(&here));
            format!(
                "if the commits of {name} are part of it, run `git merge {word}` in its worktree"
            )
        }));
        let item = state.item(uid);
        let of_branch = item.filter(|_| options.branch);
        warnings.extend(of_branch.and_then(|item| target::own_target_said(&state, item)));
        let lacked = || remote_branch::require_forward(self.pm, &start.branch);
        if let Some(Err(error)) = options.branch.then(lacked) {
            let hint = error.hints().last().map(ToString::to_string);
            warnings.push(format!("{}; {}", error.message(), hint.unwrap_or_default()));
        }
        let reserved = planned_paths::reserved(self.pm, &state, uid);
        warnings.extend(of_branch.map_or_else(Vec::new, |item| {
            missing_work::missing_work(self.pm, &state, item)
        }));
        let of_other = item.filter(|item| !self.pm.may_take(item));
        if let Some(other) = of_other.and_then(|item| item.assignee.as_deref()) {
            warnings.push(format!("it is assigned to {}", excerpt(other, 80)));
        }
        item.map(|item| left_work::tell_saved(self.pm, &state, item))
            .transpose()?;
        let learnings = item.map(|item| for_item::learnings_near(self.pm, &state, item));
        let mut item = here::full_view(self.pm, &state, uid)?;
        item.handoff = hand_off::newest_handoff(&state, uid);
        item.artifacts = Some(artifacts_near(&state, &item.item));
        if item.claim.as_ref().is_some_and(|claim| !claim.confirmed) {
            warnings.push(format!(
                "the claim on {} is tentative until `git pm sync` settles it",
                item.id
            ));
        }
        let told = read_marks::told_to_start(self.pm, &state, uid);
        drop(state);
        read_marks::try_mark_read(self.pm, told.iter().map(Uid::as_str));
        Ok(Started {
            item,
            again: false,
            reserved,
            warnings,
            learnings: learnings.unwrap_or_default(),
        })
    }
}

/// Says what the branch of an epic is for, and pushes it, as other clones merge into it, too.
fn collected_on(pm: &Pm, state: &State<'_>, epic: &Item, branch: &str) -> String {
    if followed_branch::at_remote(pm, branch).is_none() {
        remote_branch::share_epic(pm, branch);
    }
    let (id, branch) = (state.shown_id(epic), one_line(branch));
    format!(
        "until {id} is merged, all work on its tasks is merged into {branch}: as long as none is on it, \
         `git pm drop {id}` gives that up; `git pm issue claim {id}` would only mark it as in progress"
    )
}

/// The length of the lease of claims that agents make here, in milliseconds.
pub(crate) fn agent_lease(pm: &Pm) -> u64 {
    let minutes = pm.store.repo().text_of(&settings::AGENT_LEASE).parse();
    let minutes = minutes.ok().filter(|minutes| LEASES.contains(minutes));
    minutes.map_or(lease::length(true), |minutes: u64| minutes * 60_000)
}

/// The length of the lease of the actor's claims, in milliseconds.
fn lease_length(pm: &Pm) -> u64 {
    match pm.actor.own.is_some() {
        true => agent_lease(pm),
        false => lease::length(false),
    }
}

/// Warns if the clock here is so far behind the state that the lease is over for other clones.
fn clock_behind(pm: &Pm) -> Result<Option<String>> {
    let tip = pm.store.repo().commit(pm.store.require_tip()?)?;
    let (state, now) = (crate::store::join::commit::tick(&tip).ms, pm.now_ms());
    let length = lease_length(pm);
    Ok((state > now.saturating_add(length)).then(|| {
        format!(
            "the clock of this machine says {}, but the state was written at {}: for other clones \
                 the lease of this claim has already expired; correct the clock",
            pm.env().local_time(now),
            pm.env().local_time(state)
        )
    }))
}

/// The claim's transaction: checks that the item is free and ready, and stages the claim, its
/// reservation and the new status.
fn claim(
    pm: &Pm,
    tx: &mut Tx<'_>,
    settling: &mut Settling<'_>,
    options: &StartOptions,
    start: &StartDecisions,
    is_alone: bool,
) -> Result<Claimed> {
    // By uid: joining the remote's state may give the id to another actor's item.
    let item = tx.state.find(start.uid.as_str())?.clone();
    write::require_version(pm, &tx.state, &item)?;
    let replica = pm.store.replica()?.to_string();
    let shown_id = tx.state.shown_id(&item);
    if let Some(holder) = item.holder().cloned() {
        // An agent that gives the holder's name must be the one that made the claim.
        let own = ownership::holds(pm, &item, &holder);
        if own && item.status == Status::Blocked {
            return Err(not_allowed(
                &tx.state,
                &item,
                tx.agent().is_some(),
                "be started or resumed",
            ));
        }
        // `claim` made no worktree, nor did a start that was killed before that.
        let is_placed = |branch: &String| pm.here().worktrees.contains_key(branch);
        let lacks_worktree = is_alone
            && item.status == Status::InProgress
            && !item.branch.as_ref().is_some_and(is_placed);
        if own && (options.resume || lacks_worktree) {
            return resume(pm, tx, settling, &item, &holder, start);
        }
        take_over(pm, tx, &item, &holder, own, settling.is_final)?;
    }
    let item = require_item(&tx.state, &item.uid)?;
    require_startable(pm, tx, &item, options)?;
    if !options.branch
        && let Some(Obstacle::Reserved(one)) = Obstacles::new(pm, &tx.state).of(&item)
    {
        return Err(grant::refusal(pm.env(), vec![one]));
    }
    let length = lease_length(pm);
    let until = pm.now_ms() + length;
    let at = tx.fresh_stamp();
    let claim = tx.new_uid()?.to_string();
    // The status that the claim rests on: the settlement can see whether the item changed
    // meanwhile.
    let saw = tx
        .state
        .doc(&item.uid)
        .and_then(|d| d.regs.get("status"))
        .map(|r| r.stamp.to_string());
    let confirmed = settling.confirmed;
    let fields = [
        ("saw", Value::from(saw)),
        ("actor", Value::from(tx.actor())),
        ("agent", Value::from(tx.agent())),
        ("replica", replica.as_str().into()),
        (
            "branch",
            Value::from(options.branch.then_some(start.branch.as_str())),
        ),
        (
            "lease",
            Value::Int(i64::try_from(until).unwrap_or(i64::MAX)),
        ),
        (
            "length",
            match length == lease::length(tx.agent().is_some()) {
                true => Value::Null,
                false => Value::Int(i64::try_from(length).unwrap_or(i64::MAX)),
            },
        ),
        (
            "confirmed",
            if confirmed { true.into() } else { Value::Null },
        ),
    ];
    let branch = options.branch.then(|| start.branch.clone());
    let before = tx.state.doc(&item.uid).map(|doc| {
        let was = |field| (field, doc.value(field).clone());
        WRITTEN.map(was).to_vec()
    });
    tx.edit(&item.uid, |doc, clock| {
        doc.add_entry("claims", &claim, at, &fields);
        if let Some(branch) = branch {
            doc.set("branch", branch, clock);
        }
        if let Some(target) = &start.target {
            doc.set(TARGET, target.clone(), clock);
        }
        true
    })?;
    let began: [(&str, Value); 2] = [
        ("started_at", rfc3339(pm.now_ms()).into()),
        ("started_by", tx.actor().into()),
    ];
    // Returned work goes on; and what is in progress unclaimed, as an import brings it, was started before.
    let was_started = item.started_at.is_some();
    let is_unclaimed = item.status == Status::InProgress && item.claims.is_empty();
    let written = match () {
        () if was_started && item.returned.is_some() => &began[..0],
        () if was_started && is_unclaimed => &began[1..],
        () => &began[..],
    };
    set_status(tx, &item, &Status::InProgress, written)?;
    if options.branch {
        reserve_planned(pm, tx, settling, &item, &claim, start, until)?;
    }
    message::tell_owners(tx, &item, false, &format!("started {shown_id}"))?;
    settling
        .pending
        .claims
        .push((item.uid.clone(), claim.clone()));
    settling.pending.until_ms = until;
    let op = format!("{} start", item.kind);
    let text = format!("{shown_id}: claimed by {}", tx.actor());
    tx.describe(&op, &[&shown_id], &text);
    let before = before.unwrap_or_default();
    Ok(Claimed::New(item.uid, NewClaim { id: claim, before }))
}

/// Reserves an item's planned paths for as long as a claim on it lasts.
fn reserve_planned(
    pm: &Pm,
    tx: &mut Tx<'_>,
    settling: &mut Settling<'_>,
    item: &Item,
    claim: &str,
    start: &StartDecisions,
    until: u64,
) -> Result<()> {
    let claim = OfClaim {
        id: claim,
        branch: &start.branch,
        began: decisions::commit_of(pm, start),
        until,
        confirmed: settling.confirmed,
    };
    let held = planned_paths::reserve(pm, tx, item, &item.paths, &claim)?;
    settling.pending.reservations.extend(held);
    for (to, said) in new_paths(&start.moves, &tx.state.shown_id(item), &item.paths) {
        pm.notice(said);
        // One that another has reserved stops no start: the item was offered by its planned paths alone.
        if let Ok(held) = planned_paths::reserve(pm, tx, item, &[to], &claim) {
            settling.pending.reservations.extend(held);
        }
    }
    Ok(())
}

/// The claimant resumes its own work. Reservations that were released when it was submitted are
/// made again.
fn resume(
    pm: &Pm,
    tx: &mut Tx<'_>,
    settling: &mut Settling<'_>,
    item: &Item,
    holder: &Claim,
    start: &StartDecisions,
) -> Result<Claimed> {
    let id = tx.state.shown_id(item);
    if item.status != Status::InProgress {
        move_to(tx, &item.uid, &Status::InProgress, &[])?;
        tx.describe(
            "task start",
            &[&id],
            &format!("{id}: resumed by {}", tx.actor()),
        );
    }
    let lacking = Item {
        paths: planned_paths::lacking(pm, &tx.state, item),
        ..item.clone()
    };
    let until = holder.lease_ms.max(pm.now_ms() + holder.length() / 2);
    reserve_planned(pm, tx, settling, &lacking, &holder.id, start, until)?;
    if item.branch.as_deref() != Some(&start.branch) {
        tx.edit(&item.uid, |doc, clock| {
            if let Some(target) = &start.target {
                doc.set(TARGET, target.clone(), clock);
            }
            doc.set("branch", start.branch.as_str(), clock)
        })?;
    }
    renew_claims::renew(pm, tx, [(item.uid.clone(), holder)])?;
    Ok(Claimed::Resumed(item.uid.clone()))
}

/// Ends a claim whose lease is over; any other claim is a conflict.
fn take_over(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    holder: &Claim,
    own: bool,
    is_final: bool,
) -> Result<()> {
    let id = tx.state.shown_id(item);
    let replica = pm.store.replica()?;
    let here = holder.replica == replica.as_str();
    let over = holder.may_be_taken_over(pm.now_ms());
    if over && (is_final || here) {
        let open: Vec<&Claim> = item.open_claims().collect();
        let (who, why) = (tx.actor().to_string(), format!("{LEASE_OVER}; taken over"));
        let ending = Ending {
            claim: &why,
            reservation: "the claim's lease had expired",
            commit: None,
        };
        // An actor whose lease ended may still be working.
        let notification = |claim: &Claim| {
            (claim.actor != who || claim.replica != replica.as_str()).then(|| Notice {
                topic: "claim-ended",
                subject: format!("{who} took over {id}, because your lease had expired"),
                body: format!(
                    "{who} started {id} after the lease of {} had expired at {}. The branch \
                         and its work are kept.\n",
                    claim.actor,
                    rfc3339(claim.lease_ms)
                ),
            })
        };
        end_and_notify(tx, &Reserved::default(), item, &open, &ending, notification)?;
        return release_item(tx, &item.uid);
    }
    if own && item.status != Status::InProgress {
        return Err(Error::refused(format!("{id} is {}", item.status.word()))
            .because(Reason::ClaimOwn)
            .about(&id)
            .hint(Hint::run(
                ["start", &id, "--resume"],
                "resumes it for changes",
            )));
    }
    if own {
        return Err(Error::conflict(format!("you already hold {id}"))
            .because(Reason::ClaimOwn)
            .about(&id)
            .hint(Hint::run(["start", &id, "--resume"], "resumes it"))
            .hint(Hint::run(
                ["worktree", "path", &id],
                "shows the path of its worktree",
            )));
    }
    let where_ = if here { "" } else { " in another clone" };
    let time = |ms| pm.env().local_time(ms);
    let until = match holder.lease_ms < pm.now_ms() {
        true => format!(
            "the lease ended at {}, and others may take it over after {}",
            time(holder.lease_ms),
            time(holder.kept_until())
        ),
        false => format!("the lease ends at {}", time(holder.lease_ms)),
    };
    let heard = holder.last_activity_text(pm.now_ms());
    let error = Error::conflict(format!(
        "{id} is held by {}{where_}, {heard}; {until}",
        with_place(&holder.actor, holder.agent.as_deref())
    ))
    .because(Reason::ClaimHeld)
    .about(&id)
    .hint(Hint::run(["next"], "suggests another item"))
    .hint(Hint::run(["show", &id], "shows who works on it"));
    Err(match pm.actor.is_agent {
        true => error,
        false => error.hint(ownership::take_over(pm, &id, holder)),
    })
}

fn require_startable(pm: &Pm, tx: &Tx<'_>, item: &Item, options: &StartOptions) -> Result<()> {
    let state = &tx.state;
    let id = state.shown_id(item);
    ownership::require_not_submitted_by_other(pm, state, item)?;
    // Work without a holder is resumed where it is; work in review only on request.
    let submitted = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
    let in_hand =
        (item.status.is_in_progress() || (options.resume && submitted)) && item.holder().is_none();
    if options.resume && !in_hand && item.status != Status::Queued {
        return Err(Error::conflict(format!(
            "you do not hold {id}, so there is nothing to resume"
        ))
        .hint(Hint::run(["show", &id], "shows its state")));
    }
    if !in_hand && submitted {
        return Err(
            Error::refused(format!("{id} is {}", item.status.word())).hint(Hint::run(
                ["start", &id, "--resume"],
                "resumes it for changes",
            )),
        );
    }
    if !in_hand && !item.status.is_startable() {
        return super::transition::require_allowed(
            state,
            item,
            tx.agent().is_some(),
            &Status::InProgress,
        )
        .and(Err(Error::refused(format!(
            "{id} is {}",
            item.status.word()
        ))
        .hint(Hint::run(["show", &id], "shows its status"))));
    }
    ownership::require_not_of_assignee(pm, state, item)?;
    if !in_hand {
        obstacle::require_not_kept(pm, state, item)?;
    }
    if item.kind == ItemKind::Epic || in_hand {
        return Ok(());
    }
    checklist::require_complete(pm, state, item, Step::Start)?;
    let reasons = graph_around(state, &item.uid, pm.now_ms()).reasons(&item.uid);
    let stops: Vec<_> = reasons.iter().filter(|r| r.stops_start()).collect();
    if stops.is_empty() {
        return Ok(());
    }
    let here = pm.here();
    let is_group = (stops.iter()).any(|reason| matches!(reason, graph::Reason::Type(_)));
    let reasons = stops.iter().take(REASONS);
    let reasons = reasons.map(|reason| super::readiness::sentence(state, &here, item, reason));
    let mut why: Vec<String> = reasons.collect();
    if stops.len() > REASONS {
        why.push(format!("and {} more reasons", stops.len() - REASONS));
    }
    let mut error = Error::refused(format!("{id} cannot be started: {}", why.join("; ")))
        .because(Reason::StartNotReady)
        .about(&id);
    if is_group {
        let parts = "lists its parts, each of which is started by itself";
        error = error.hint(Hint::run(["issue", "children", &id], parts));
    }
    Err(error
        .hint(Hint::run(["why", &id], "shows the chain of blockers"))
        .hint(Hint::run(["ready"], "lists what can be started")))
}

/// Rolls back a claim whose branch or worktree could not be created.
fn roll_back(pm: &Pm, claimed: &Claimed) {
    let Claimed::New(uid, claim) = claimed else {
        return;
    };
    let end = |tx: &mut Tx<'_>| {
        let why = "undone: its worktree could not be created; ended";
        end_claim(tx, uid, &claim.id, why)?;
        let why = "the start was undone";
        release_of_claim(tx, uid, &claim.id, why, None)?;
        let is_idle = |item: &Item| item.holder().is_none() && item.status == Status::InProgress;
        // An item that another actor holds by now keeps that actor's values.
        if tx.state.item(uid).is_some_and(is_idle) {
            // Settled: an agent restores, too, what it could only write with its claim.
            tx.edit_settled(uid, |doc, clock| {
                let mut changed = false;
                for (field, was) in &claim.before {
                    changed |= doc.set(field, was.clone(), clock);
                }
                changed
            })?;
        }
        Ok(())
    };
    let undo = pm.write("task start").settled().uncompared();
    let undone = undo.run(|tx, _| {
        end(tx)?;
        let id = shown(tx, uid);
        tx.describe("task start", &[&id], &format!("{id}: undone"));
        Ok(())
    });
    // The remote became unreachable: this clone's own claim may be ended locally too.
    if undone.is_err() {
        let _ = pm.store.write(&pm.writer("task start"), end);
    }
}

/// The sentence that names the previous holder where a start took over a claim.
fn taken_over(pm: &Pm, state: &State<'_>, claimed: &Claimed) -> Option<String> {
    let Claimed::New(uid, claim) = claimed else {
        return None;
    };
    let (item, doc) = (state.item(uid)?, state.doc(uid)?);
    let ours = doc.entry("claims", &claim.id)?;
    let before = item.claims.iter().find(|claim| {
        let ended = doc
            .entry("claims", &claim.id)
            .and_then(|e| e.regs.get("ended"));
        ended.is_some_and(|reg| {
            (reg.stamp.ms, &reg.stamp.replica) == (ours.at.ms, &ours.at.replica)
                && reg
                    .value
                    .as_str()
                    .is_some_and(|why| why.starts_with(LEASE_OVER))
        })
    })?;
    let is_here = ownership::is_here(pm, &before.replica);
    let on = item.branch.as_ref().filter(|_| is_here);
    let place = on.and_then(|on| pm.here().worktrees.remove(on));
    let dirt = place.and_then(|place| {
        let dirt = worktree::dirt_in(pm.store.repo().git(), Path::new(&place)).ok()?;
        (!dirt.is_clean()).then(|| format!(", and not committed in {place}: {}", dirt.summary()))
    });
    let elsewhere = (!is_here).then(|| missing_work::begun_elsewhere(pm, state, uid));
    let on_branch = || format!("their work is on their branch{}", dirt.unwrap_or_default());
    Some(format!(
        "{} was taken over from {}, whose lease expired at {}: ask them what is done; {}",
        state.shown_id(item),
        before.actor,
        pm.env().local_time(before.lease_ms),
        elsewhere.flatten().unwrap_or_else(on_branch)
    ))
}
