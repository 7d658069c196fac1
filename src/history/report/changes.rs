//! The changes by the commits of a period: items that were created, started, finished, and so on.
//! Each change is counted once, however many clones made it.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::commits::{Counted, Standpoint};
use super::facts::{self, Facts, ItemFact, Scope};
use super::view::{ChangeKind, HistoryStart, Imported, OpenCount, ReportChange};
use crate::error::Result;
use crate::history::past_state::Past;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::stamp::{parse_rfc3339, rfc3339};
use crate::model::statistics::{days, rounded, working_hours};
use crate::model::status::Status;
use crate::model::text;
use crate::model::uid::Uid;
use crate::store::git::repo::Oid;
use crate::store::history::trees::item_doc;
use crate::store::state::State;
use crate::work::insight::is_work;

/// The phase of an item's life. A blocked or deferred item stays in its phase before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    Waiting,
    Active,
    Review,
    Finished,
    Cancelled,
    Deleted,
}

impl Phase {
    fn of(doc: &Doc, item: &Item) -> Phase {
        if item.deleted {
            return Phase::Deleted;
        }
        match &item.status {
            Status::Blocked | Status::Deferred => {
                let before = doc.text("status_before");
                let before = before.and_then(|word| Status::parse(item.kind, word));
                before.map_or(Phase::Waiting, |status| Phase::of_status(&status))
            }
            status => Phase::of_status(status),
        }
    }

    pub(super) fn of_status(status: &Status) -> Phase {
        match status {
            Status::InProgress => Phase::Active,
            Status::InReview | Status::ReadyForIntegration => Phase::Review,
            status if status.is_finished() => Phase::Finished,
            Status::Cancelled => Phase::Cancelled,
            Status::Other(word) => match word.as_str() {
                "hooked" => Phase::Active,
                "tombstone" => Phase::Cancelled,
                _ => Phase::Waiting,
            },
            _ => Phase::Waiting,
        }
    }

    pub(super) fn is_open(self) -> bool {
        matches!(self, Phase::Waiting | Phase::Active | Phase::Review)
    }

    pub(super) fn is_begun(self) -> bool {
        matches!(self, Phase::Active | Phase::Review)
    }
}

/// The changes of the commits of a period.
#[derive(Default)]
pub(super) struct Replay {
    pub changes: Vec<ReportChange>,
    /// The commits with which a history begins: their content was written before.
    pub starts: Vec<HistoryStart>,
    /// The commits whose created items are only counted.
    pub imports: Vec<Imported>,
    /// The number of items that came closed before the period, with commits that created very many.
    pub closed_before: usize,
    /// The number of merges of two histories, whose changes are those of both sides.
    pub merges: usize,
    /// By commit: its first parent, and the open work that its state has more.
    pub steps: HashMap<Oid, (Oid, OpenCount)>,
    /// By item: its phase after the changes so far.
    phases: HashMap<Uid, Phase>,
    /// By item: the scope that it last got.
    scopes: HashMap<Uid, Scope>,
    /// The newest commits so far.
    heads: BTreeSet<Oid>,
    /// The trees of the commits of `imports`.
    imported: Vec<Oid>,
    /// Of what came from another tracker: from when until it came there was so much more open work.
    pub stated: Vec<(u64, u64, i64)>,
}

/// One version of an item.
pub(super) struct Version<'d> {
    pub doc: &'d Doc,
    pub item: Item,
    pub phase: Phase,
}

impl<'d> Version<'d> {
    /// None for anything that is not work: epics, documents, gates, templates, damaged items.
    pub(super) fn of(doc: &'d Doc) -> Option<Version<'d>> {
        let item = Item::from_doc(doc).ok()?;
        is_work(&item).then(|| Version {
            phase: Phase::of(doc, &item),
            doc,
            item,
        })
    }

    pub(super) fn scope(&self) -> Scope {
        let criteria = self.item.acceptance.iter();
        (
            criteria.map(|c| (c.id.clone(), c.text.clone())).collect(),
            self.item.estimate.clone(),
            self.item.issue.estimated_minutes,
        )
    }
}

impl Replay {
    /// The changes of commits in order, as far as they matter to a period that begins at `since`, which is
    /// not later than the commits.
    pub fn of(
        past: &Past<'_>,
        before: Option<&Standpoint>,
        commits: &[Counted],
        since: u64,
    ) -> Result<Replay> {
        let mut replay = Replay {
            heads: before.into_iter().flat_map(|b| &b.heads).copied().collect(),
            ..Replay::default()
        };
        let facts = facts::of_all(past, commits, since)?;
        // What an undo took back, by commit and item, unless a later one undid that undo.
        let mut undone: HashSet<(String, String)> = HashSet::new();
        let undos = commits.iter().zip(&facts).rev();
        for (undo, facts) in undos.filter(|(one, _)| one.op == "undo") {
            let commit = &undo.commit;
            // By force it keeps what was changed again.
            for fact in facts.items.iter().filter(|one| one.was != Some(one.to)) {
                let uid = fact.uid.to_string();
                if !undone.contains(&(commit.id.to_string(), uid.clone())) {
                    let reverted = commit.trailer("PM-Reverts");
                    undone.extend(reverted.map(|of| (of.to_string(), uid)));
                }
            }
        }
        for (counted, facts) in commits.iter().zip(facts) {
            replay.take(past, before, counted, facts)?;
        }
        let is_back = |kind| matches!(kind, ChangeKind::SentBack | ChangeKind::Reopened);
        let is_undone =
            |one: &ReportChange| undone.contains(&(one.commit.clone(), one.uid.clone()));
        (replay.changes).retain(|one| !is_back(one.kind) || !is_undone(one));
        Ok(replay)
    }

    fn take(
        &mut self,
        past: &Past<'_>,
        before: Option<&Standpoint>,
        counted: &Counted,
        mut facts: Facts,
    ) -> Result<()> {
        let commit = &counted.commit;
        // Everything so far is in the parent's state.
        let is_next = self.heads.iter().all(|head| commit.parents == [*head]);
        for parent in &commit.parents {
            self.heads.remove(parent);
        }
        self.heads.insert(commit.id);
        if let (Some(more), [first, ..]) = (facts.open, &commit.parents[..]) {
            self.steps.insert(commit.id, (*first, more));
        }
        if commit.parents.len() > 1 {
            self.merges += 1;
            return Ok(());
        }
        if facts.open.is_none() {
            self.start(counted);
            return Ok(());
        }
        if facts.counted.is_some() && !is_next {
            // Another clone may have created some of them before.
            facts = facts::of(past, commit, false)?.0;
        }
        for fact in &facts.items {
            let known = match self.phases.get(&fact.uid) {
                Some(phase) => Some(*phase),
                None if is_next => fact.was,
                None => self.earlier(past, before, fact)?,
            };
            self.moved(counted, known, fact);
            self.rescoped(counted, fact);
        }
        if let Some([created, started, closed]) = facts.counted {
            self.imported.push(commit.tree);
            self.closed_before += facts.apart;
            self.imports.push(Imported {
                commit: commit.id.to_string(),
                at: rfc3339(counted.ms),
                created,
                started,
                closed,
                ms: counted.ms,
            });
        }
        Ok(())
    }

    /// The phase of an item before the period, or when it was imported by another clone.
    fn earlier(
        &self,
        past: &Past<'_>,
        before: Option<&Standpoint>,
        fact: &ItemFact,
    ) -> Result<Option<Phase>> {
        let trees = before.into_iter().map(|before| before.point.tree);
        for tree in trees.chain(self.imported.iter().copied()) {
            let doc = item_doc(&past.repo, tree, &fact.born, &fact.uid)?;
            if let Some(version) = doc.as_ref().and_then(Version::of) {
                return Ok(Some(version.phase));
            }
        }
        Ok(None)
    }

    fn start(&mut self, counted: &Counted) {
        self.starts.push(HistoryStart {
            commit: counted.commit.id.to_string(),
            at: rfc3339(counted.ms),
        });
    }

    /// Counts the change of an item's phase in a commit, unless another clone made it before.
    fn moved(&mut self, counted: &Counted, known: Option<Phase>, fact: &ItemFact) {
        let (uid, was, to) = (&fact.uid, fact.was, fact.to);
        if known.is_none() && was.is_none() {
            if to == Phase::Deleted {
                self.phases.insert(uid.clone(), to);
                return;
            }
            self.push(counted, ChangeKind::Created, fact);
        }
        let was_open = was.is_none_or(Phase::is_open);
        // What two clones closed is closed twice until the last state says which of these it has.
        let is_again = was_open && matches!(to, Phase::Finished | Phase::Cancelled);
        if was == Some(to) || known == Some(to) && !is_again {
            self.phases.insert(uid.clone(), known.unwrap_or(to));
            return;
        }
        let from = known.or(was);
        // A change of open work that another clone had closed already, without knowing it: the
        // merge decides which one holds.
        if from.is_some_and(|from| !from.is_open()) && was_open && to.is_open() {
            return;
        }
        self.phases.insert(uid.clone(), to);
        let kind = match (from, to) {
            (_, Phase::Deleted) => ChangeKind::Deleted,
            (Some(Phase::Deleted), _) => ChangeKind::Restored,
            (_, Phase::Finished) => ChangeKind::Finished,
            (_, Phase::Cancelled) => ChangeKind::Cancelled,
            (Some(Phase::Finished | Phase::Cancelled), _) => ChangeKind::Reopened,
            (Some(Phase::Review), Phase::Active | Phase::Waiting) => ChangeKind::SentBack,
            (_, Phase::Active) => ChangeKind::Started,
            (_, Phase::Review) => ChangeKind::Submitted,
            (Some(_), Phase::Waiting) => ChangeKind::Released,
            (None, Phase::Waiting) => return,
        };
        // Nobody sent it back, or opened it again, if its author goes on with it or an undo took that back.
        let is_returned = matches!(kind, ChangeKind::SentBack | ChangeKind::Reopened);
        let is_resumed = kind == ChangeKind::SentBack && counted.op == "task start";
        if is_returned && counted.op == "undo" || is_resumed {
            return;
        }
        self.push(counted, kind, fact);
        // What an import brings again may have been closed there since.
        if kind == ChangeKind::Restored && is_import(counted) && !to.is_open() {
            self.moved(counted, Some(Phase::Waiting), fact);
        }
    }

    /// Counts a change of the scope of work in progress.
    fn rescoped(&mut self, counted: &Counted, fact: &ItemFact) {
        let Some(scope) = &fact.scope else {
            return;
        };
        if self.scopes.get(&fact.uid) == Some(scope) {
            return;
        }
        self.scopes.insert(fact.uid.clone(), scope.clone());
        self.push(counted, ChangeKind::Rescoped, fact);
    }

    fn push(&mut self, counted: &Counted, kind: ChangeKind, fact: &ItemFact) {
        let Some(shown) = &fact.shown else { return };
        let commit = &counted.commit;
        let (mut actor, mut by_agent) = counted.actor.clone();
        let finished = kind == ChangeKind::Finished;
        let is_closing = matches!(kind, ChangeKind::Finished | ChangeKind::Cancelled);
        let or_before = |at: u64| match at / 1000 < counted.ms / 1000 {
            true => at,
            false => counted.ms,
        };
        // What came closed was closed when its source says so; in a merge, by another clone.
        let stated = || parse_rfc3339(shown.closed.0.as_ref()?);
        let ms = match kind {
            _ if is_merge(counted) => counted.ms,
            ChangeKind::Created => created_ms(shown.created, counted.ms),
            _ if is_closing => stated().map_or(0, or_before),
            _ => counted.ms,
        };
        // The work is that of its holder, whoever merged it.
        let came_ms = is_import(counted).then_some(counted.ms);
        if let Some((worker, is_agent)) = shown.worker.as_ref().filter(|_| finished) {
            actor.clone_from(worker);
            by_agent = is_agent.unwrap_or(by_agent && came_ms.is_none());
        } else if finished && came_ms.is_some() {
            (actor, by_agent) = (String::new(), false);
        }
        let mut change = ReportChange {
            commit: commit.id.to_string(),
            at: String::new(),
            op: text::shorten(&counted.op, 80),
            kind,
            uid: fact.uid.to_string(),
            id: shown.id.clone(),
            title: shown.title.clone(),
            item_type: shown.item_type.clone(),
            is_refactoring: shown.is_refactoring,
            actor,
            by_agent,
            lead_days: None,
            cycle_days: None,
            actual_hours: None,
            estimated_hours: shown.estimated.map(rounded),
            ms,
            closed: shown.closed.clone(),
            came_ms,
        };
        change.measure(shown.created, shown.started);
        self.changes.push(change);
    }
}

impl ReportChange {
    /// Fills in what follows from its time and those of its item.
    fn measure(&mut self, created: Option<u64>, started: Option<u64>) {
        let is_finished = self.kind == ChangeKind::Finished;
        let created = created.filter(|_| is_finished);
        let started = started.filter(|from| is_finished && *from <= self.ms);
        self.at = rfc3339(self.ms);
        self.lead_days = created.map(|from| rounded(days(from, self.ms)));
        self.cycle_days = started.map(|from| rounded(days(from, self.ms)));
        self.actual_hours = started.map(|from| rounded(working_hours(from, self.ms)));
    }
}

/// Gives changes the times that their items state at the end, by which statistics and queries count: a later
/// import may have corrected them.
pub(super) fn restate(state: &State<'_>, changes: &mut [ReportChange], until: u64) {
    for one in changes {
        let Some(item) = Uid::new(&one.uid).and_then(|uid| state.item(&uid)) else {
            continue;
        };
        let time = |text: &Option<String>| parse_rfc3339(text.as_deref()?);
        let created = parse_rfc3339(&item.created_at);
        let is_corrected = one.closed.0 != item.closed_at && item.status.is_closed();
        one.ms = match (one.kind, one.came_ms) {
            (ChangeKind::Created, Some(came)) => created_ms(created, came),
            (ChangeKind::Finished | ChangeKind::Cancelled, _) if is_corrected => {
                time(&item.closed_at).map_or(0, |at| at.min(until))
            }
            (ChangeKind::Finished, Some(_)) => one.ms,
            _ => continue,
        };
        one.measure(created, time(&item.started_at));
    }
}

/// What was created so shortly before its commit was created with it, in milliseconds.
pub(super) const AT_ONCE_MS: u64 = 60_000;

/// When an item of a commit was created: at the time that its source states, if that is well before the commit.
fn created_ms(stated: Option<u64>, commit_ms: u64) -> u64 {
    let is_earlier = |at: &u64| at.saturating_add(AT_ONCE_MS) < commit_ms;
    stated.filter(is_earlier).unwrap_or(commit_ms)
}

/// True for a commit with what another tracker had.
pub(super) fn is_import(commit: &Counted) -> bool {
    commit.op.starts_with("import ") || commit.op.starts_with("github ")
}

/// True for a commit that git pm made to join two states.
fn is_merge(commit: &Counted) -> bool {
    commit.op == "merge"
}
