//! Settlement of claims, reservations and ids, in the commit of each push to `pm.remote`.
//!
//! This clone's tentative claims and reservations are confirmed or ended, claims of a dead process
//! are ended, and this clone's unpublished items are renumbered where two items share an id.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::double_claims::end_over;
use super::end_claims::{
    Ending, REPORTED_MAX, Reserved, end_and_notify, end_claim, kept, release_item,
};
use super::renumber::renumber;
use super::restore_stops::stop_again;
use super::restore_words::keep_words;
use crate::coordinate::message::{self, Notice};
use crate::coordinate::reserve::queue;
use crate::coordinate::reserve::release_record::end_reservation;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::item::{Claim, Item};
use crate::model::stamp::Stamp;
use crate::model::stop::STOPPED_BY;
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::model::{approval, id};
use crate::store::git::repo::short;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::store::sync::publish::{Facts, Settlement};
use crate::store::transaction::Tx;

/// A claim that another actor won.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LostClaim {
    /// The item.
    pub id: String,
    /// The actor who lost it.
    pub actor: String,
    /// The actor who holds it, or who changed its status at the remote first.
    pub holder: String,
    /// False if nobody holds it: its status was changed first.
    pub is_held: bool,
    /// The branch with the loser's work.
    pub branch: Option<String>,
    /// The commit as which the loser merged the work, in that clone only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<String>,
    /// An agent made it, of which there can be several with one name.
    #[serde(skip)]
    pub is_agents: bool,
}

impl LostClaim {
    pub(super) fn of(id: &str, claim: &Claim, (holder, is_held): (&str, bool)) -> Self {
        LostClaim {
            is_held,
            id: id.to_string(),
            actor: claim.actor.clone(),
            holder: holder.to_string(),
            branch: claim.branch.clone(),
            merged: None,
            is_agents: claim.agent.is_some(),
        }
    }

    /// The holder, as its loser is told: the same person can have claimed it in two clones.
    pub fn winner(&self) -> String {
        winner(&self.actor, &self.holder, self.is_agents)
    }

    /// Where the loser's work stays.
    pub fn place(&self) -> String {
        match (&self.merged, &self.branch) {
            (Some(commit), _) => format!("merged in this clone only, at {commit}"),
            (None, branch) => format!("on {}", branch.as_deref().unwrap_or("its branch")),
        }
    }
}

/// The holder, as the actor who lost to them is told.
pub(crate) fn winner(actor: &str, holder: &str, is_agents: bool) -> String {
    match (crate::model::text::is_same_name(actor, holder), is_agents) {
        (false, _) => holder.to_string(),
        (true, true) => format!("{holder} in another clone"),
        (true, false) => "your other clone".to_string(),
    }
}

/// An item that got another id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Renumbered {
    /// Its old id.
    pub old: String,
    /// Its new id.
    pub new: String,
    /// The alias that still finds it.
    pub alias: String,
    /// Its title.
    pub title: String,
    /// The title of the item that has the old id now.
    pub taken_by: Option<String>,
}

impl Renumbered {
    pub(super) fn of(item: &Item, old: String, new: String) -> Self {
        Renumbered {
            old,
            new,
            alias: item.alias(),
            title: item.title.clone(),
            taken_by: None,
        }
    }

    /// What has the old id now, as the end of a sentence.
    pub fn successor(&self) -> String {
        let title = self.taken_by.iter();
        let said = title.map(|title| format!("; {} is \"{}\" now", self.old, excerpt(title, 60)));
        said.collect()
    }
}

/// The result of a settlement.
#[derive(Clone, Debug, Default)]
pub struct SettlementReport {
    /// Claims that the remote confirmed, as item ids.
    pub confirmed: Vec<String>,
    /// Claims of this clone that other actors won.
    pub lost: Vec<LostClaim>,
    /// Items with a new id.
    pub renumbered: Vec<Renumbered>,
    /// Reservations of this clone that conflicted with earlier ones, as sentences.
    pub reservations_lost: Vec<String>,
    /// Work that keeps the words that it was begun with, as sentences.
    pub words_kept: Vec<String>,
}

impl SettlementReport {
    /// What a person has to be told of it beside ids and claims.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        let lost = self.reservations_lost.iter();
        let lost = lost.map(|text| format!("a reservation was lost: {text}"));
        lost.chain(self.words_kept.iter().cloned())
    }
}

impl Settlement for SettlementReport {
    fn renumbers(&self) -> bool {
        !self.renumbered.is_empty()
    }
}

/// Settles all pending claims, reservations and ids of this clone in the joined state.
pub fn settle(tx: &mut Tx<'_>, facts: &Facts<'_>) -> Result<SettlementReport> {
    let mut report = SettlementReport::default();
    end_orphans(tx, facts)?;
    // First, so that all texts below name the final ids.
    renumber(tx, facts, &mut report)?;
    let reserved = Reserved::default();
    claims(tx, &reserved, facts, &mut report)?;
    let stopped = stop_again(tx, facts)?;
    end_over(tx, &reserved, facts, &mut report)?;
    let kept = keep_words(tx, facts)?;
    reservations(tx, facts, &mut report)?;
    describe(tx, &report, &stopped, &kept);
    report.words_kept = kept.into_iter().map(|(_, said)| said).collect();
    Ok(report)
}

/// Describes the commit of a settlement.
fn describe(
    tx: &mut Tx<'_>,
    report: &SettlementReport,
    stopped: &[(String, &'static str)],
    kept: &[(String, String)],
) {
    let (confirmed, renumbered) = (&report.confirmed, &report.renumbered);
    let lost: Vec<&str> = report.lost.iter().map(|lost| lost.id.as_str()).collect();
    let moved = renumbered.iter();
    let moved: Vec<String> = moved
        .map(|item| format!("{} is now {}", item.old, item.new))
        .collect();
    let mut words = Vec::new();
    if !confirmed.is_empty() {
        words.push(format!("confirmed {}", confirmed.join(", ")));
    }
    if !lost.is_empty() {
        words.push(format!("lost {}", lost.join(", ")));
    }
    words.extend(stopped.iter().map(|(id, how)| format!("{id} stays {how}")));
    words.extend(kept.iter().map(|(id, _)| format!("{id} keeps its words")));
    if !moved.is_empty() {
        words.push(moved.join(", "));
    }
    if words.is_empty() {
        words.push("settled the pending claims and ids of this clone".into());
    }
    let mut items: Vec<&str> = confirmed.iter().map(String::as_str).collect();
    items.extend(lost);
    items.extend(stopped.iter().map(|(id, _)| id.as_str()));
    items.extend(kept.iter().map(|(id, _)| id.as_str()));
    items.extend(renumbered.iter().map(|item| item.new.as_str()));
    tx.describe("sync", &items, &words.join("; "));
}

/// Ends the claims and reservations of a process that died before it reported their push.
fn end_orphans(tx: &mut Tx<'_>, facts: &Facts<'_>) -> Result<()> {
    for intent in facts.orphans {
        for (item, claim) in &intent.claims {
            if let Some(uid) = Uid::new(item)
                && tx.state.item(&uid).is_some()
                && end_claim(tx, &uid, claim, "abandoned: its process died; ended")?
            {
                release_item(tx, &uid)?;
            }
        }
        for uid in intent.reservations.iter().filter_map(|u| Uid::new(u)) {
            if tx.state.doc(&uid).is_some() {
                end_reservation(tx, &uid, "abandoned: its process died", None)?;
            }
        }
    }
    Ok(())
}

/// Settles the claims that this clone made and the remote does not know yet.
fn claims(
    tx: &mut Tx<'_>,
    reserved: &Reserved,
    facts: &Facts<'_>,
    report: &mut SettlementReport,
) -> Result<()> {
    let own = |item: &Item| {
        let mut claims = item.claims.iter();
        claims.any(|c| c.replica == facts.replica && !c.confirmed)
    };
    // A claim that has ended, and that the remote knows, is settled.
    let held = tx.state.scan(&Scan::Held, own, usize::MAX).into_iter();
    let mut candidates: BTreeSet<Uid> = held.map(|item| item.uid.clone()).collect();
    if let Some(remote) = facts.remote {
        let unlike = tx.state.items_unlike(remote.tree).into_iter();
        candidates.extend(unlike.filter(|uid| {
            let item = tx.state.item(uid);
            item.is_some_and(|item| !item.deleted && own(item))
        }));
    }
    let mut own: Vec<Uid> = candidates.into_iter().collect();
    own.sort_by_cached_key(|uid| {
        let item = tx.state.item(uid);
        item.map(|item| (item.kind, id::rank(&item.id), item.uid.clone()))
    });
    for uid in own {
        let contested = contest(tx, facts, &uid);
        if contested.is_some() {
            restore(tx, facts, &uid)?;
        }
        let Some(item) = tx.state.item(&uid).cloned() else {
            continue;
        };
        let open = item
            .claims
            .iter()
            .filter(|c| c.replica == facts.replica && !c.confirmed && c.ended.is_none());
        // What this clone closed meanwhile was lost all the same.
        if let Some(by) = &contested
            && let Some((claim, merged)) = closed_in_vain(tx, facts, &item)?
        {
            lose(tx, reserved, &item, &[claim], by, merged.as_deref(), report)?;
        }
        // Of what is closed by now, too: the claim was lost to the actor who closed it.
        let Some(holder) = item.open_claims().next() else {
            continue;
        };
        let (first, later): (Vec<&Claim>, Vec<&Claim>) = open.partition(|c| c.id == holder.id);
        match (first.first(), &contested) {
            (Some(claim), None) => {
                tx.edit(&uid, |doc, clock| confirm(doc, &claim.id, clock))?;
                report.confirmed.push(tx.state.shown_id(&item));
            }
            (_, Some(by)) => lose(tx, reserved, &item, &first, by, None, report)?,
            (None, None) => {}
        }
        lose(tx, reserved, &item, &later, &holder.actor, None, report)?;
    }
    Ok(())
}

/// The actor who worked on an item at the remote while this clone had claimed it offline: the
/// holder there, or the last one to change its status. The first claim that the remote lacks
/// recorded the stamp of the status it saw.
fn contest(tx: &Tx<'_>, facts: &Facts<'_>, uid: &Uid) -> Option<String> {
    let remote = facts.remote?;
    let theirs = remote.item(uid)?;
    let ours = tx.state.item(uid)?;
    let known = |id: &str| theirs.claims.iter().any(|c| c.id == id);
    let mut new: Vec<_> = ours
        .claims
        .iter()
        .filter(|c| c.replica == facts.replica && !known(&c.id))
        .collect();
    new.sort_by(|a, b| (&a.at, &a.id).cmp(&(&b.at, &b.id)));
    let first = new.first()?;
    // A claim that has ended here does not hold.
    let is_over = |claim: &Claim| {
        let here = ours.claims.iter().find(|c| c.id == claim.id);
        here.is_some_and(|here| here.ended.is_some())
    };
    if let Some(holder) = theirs.open_claims().find(|claim| !is_over(claim)) {
        return Some(holder.actor.clone());
    }
    let saw = tx
        .state
        .doc(uid)?
        .entry("claims", &first.id)?
        .text("saw")
        .map(str::to_string);
    let status = &remote.doc(uid)?.regs.get("status")?.stamp;
    // A write of this clone before the claim has a greater stamp than what it had seen.
    let saw: Option<Stamp> = saw.and_then(|saw| saw.parse().ok());
    if saw.is_none_or(|saw| saw >= *status) {
        return None;
    }
    let last = theirs.claims.iter().rfind(|c| c.replica != facts.replica);
    let last = last.map(|claim| claim.actor.clone());
    let closed = || remote.doc(uid)?.text("closed_by").map(str::to_string);
    Some(
        last.or_else(closed)
            .unwrap_or_else(|| "another clone".into()),
    )
}

/// The claim with which this clone closed an item that another actor had won, and the commit as which it
/// merged the work.
fn closed_in_vain<'i>(
    tx: &Tx<'_>,
    facts: &Facts<'_>,
    item: &'i Item,
) -> Result<Option<(&'i Claim, Option<String>)>> {
    let mut claims = item.claims.iter();
    let claim = claims.rfind(|c| c.replica == facts.replica && !c.confirmed);
    let Some(claim) = claim.filter(|claim| claim.ended.is_some()) else {
        return Ok(None);
    };
    let here = State::at(tx.state.repo(), facts.local)?;
    let is_closed = here.item(&item.uid).is_some_and(|i| i.status.is_closed());
    let merged = |state: &State<'_>| {
        let commit = state.doc(&item.uid)?.text("merged_commit")?.to_string();
        tx.state.repo().parse_id(&commit)
    };
    let theirs = facts.remote.and_then(merged);
    let own = merged(&here).filter(|own| theirs != Some(*own));
    Ok(is_closed.then(|| (claim, own.map(short))))
}

/// Restores the remote's values of the fields that an offline start and later steps changed, since
/// its claim did not hold.
fn restore(tx: &mut Tx<'_>, facts: &Facts<'_>, uid: &Uid) -> Result<()> {
    let Some(theirs) = facts.remote.and_then(|r| r.doc(uid)) else {
        return Ok(());
    };
    let fields = [
        "status",
        "status_before",
        STOPPED_BY,
        "branch",
        "target",
        "started_at",
        "started_by",
        "assignee",
        "finished_at",
        "finished_by",
        "finished_commit",
        "gates_passed",
        "forced",
        "forced_past",
        "evidence",
        "returned",
        "merged_commit",
        "merged_into",
        "closed_at",
        "closed_by",
        "reason",
    ];
    // A merge is recorded in any case, unless it was of work that the others have in hand or merged.
    let is_theirs = facts.remote.and_then(|remote| remote.item(uid));
    let is_theirs = is_theirs
        .is_some_and(|item| item.merged_commit.is_some() || item.open_claims().next().is_some());
    let is_restored = |field: &&&str| is_theirs || !field.starts_with("merged_");
    tx.edit_settled(uid, |doc, clock| {
        let mut changed = false;
        let fields = fields.iter().chain(&approval::FIELDS);
        for field in fields.filter(is_restored) {
            changed |= doc.set(field, theirs.value(field).clone(), clock);
        }
        // What the others accepted is theirs, even if another actor ticked it here later.
        let ticked = theirs.entries("acceptance");
        for (id, entry) in ticked.filter(|(_, entry)| entry.value("done").is_true()) {
            for name in ["done", "by", "evidence"] {
                let value = entry.value(name).clone();
                changed |= doc.set_entry("acceptance", id, name, value, clock);
            }
        }
        changed
    })?;
    Ok(())
}

/// Ends claims that did not hold and notifies their owners.
fn lose(
    tx: &mut Tx<'_>,
    reserved: &Reserved,
    item: &Item,
    claims: &[&Claim],
    holder: &str,
    merged: Option<&str>,
    report: &mut SettlementReport,
) -> Result<()> {
    let id = tx.state.shown_id(item);
    let why = format!("lost to {holder}; settled");
    let is_held = |claim: &Claim| item.holder().is_some_and(|held| held.id != claim.id);
    let told = |claim: &Claim| {
        let actor = &claim.actor;
        let kept = match merged {
            Some(commit) => format!(" Your merge {commit} is in your clone only."),
            None => kept(claim.branch.as_ref()),
        };
        let holder = winner(actor, holder, claim.agent.is_some());
        let (subject, body) = if is_held(claim) {
            (
                format!("{holder} holds {id}; your claim came later"),
                format!(
                    "{actor} claimed {id} offline; {holder} had claimed it before the sync.{kept}\n"
                ),
            )
        } else {
            (
                format!(
                    "{holder} had already changed {id} to {}; your claim came later",
                    item.status
                ),
                format!(
                    "{actor} claimed {id} offline; in the meantime it became {} on the \
                     remote.{kept}\n",
                    item.status
                ),
            )
        };
        Notice {
            topic: "claim-lost",
            subject,
            body,
        }
    };
    let ending = Ending::lost(&why);
    let notice = |claim: &Claim| Some(told(claim));
    end_and_notify(tx, reserved, item, claims, &ending, notice)?;
    for claim in claims.iter().filter(|claim| claim.ended.is_some()) {
        let replica = Some(claim.replica.as_str());
        message::notify(tx, &claim.actor, replica, Some(item), told(claim))?;
    }
    let lost = claims.iter().take(REPORTED_MAX);
    report.lost.extend(lost.map(|claim| LostClaim {
        merged: merged.map(str::to_string),
        ..LostClaim::of(&id, claim, (holder, is_held(claim)))
    }));
    Ok(())
}

fn confirm(doc: &mut Doc, claim: &str, clock: &crate::model::stamp::Clock) -> bool {
    let branch = doc
        .entry("claims", claim)
        .and_then(|e| e.text("branch"))
        .map(str::to_string);
    if let Some(branch) = branch {
        // A loser's later start may have written its own branch over the holder's.
        doc.set("branch", branch, clock);
    }
    doc.set_entry("claims", claim, "confirmed", true, clock)
}

fn reservations(tx: &mut Tx<'_>, facts: &Facts<'_>, report: &mut SettlementReport) -> Result<()> {
    let ranked = queue::ranked(&tx.state, facts.now_ms, queue::Case::Sensitive);
    for standing in ranked {
        let r = &standing.reservation;
        if r.replica != facts.replica || r.confirmed {
            continue;
        }
        match &standing.behind {
            None => {
                tx.edit(&r.uid, |doc, clock| doc.set("confirmed", true, clock))?;
            }
            Some(first) => {
                end_reservation(
                    tx,
                    &r.uid,
                    &format!("{} had reserved first", first.actor),
                    None,
                )?;
                let patterns = r.patterns.join(" ");
                let text = format!(
                    "{} had already reserved paths that match `{patterns}`",
                    first.actor
                );
                let notice = Notice {
                    topic: "reservation-lost",
                    subject: text.clone(),
                    body: format!("{text}; your reservation was ended by the sync.\n"),
                };
                message::notify(tx, &r.actor, Some(facts.replica), None, notice)?;
                report.reservations_lost.push(text);
            }
        }
    }
    Ok(())
}
