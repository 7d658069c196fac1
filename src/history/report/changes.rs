//! The changes by the commits of a period: items that were created, started, finished, and so on.
//! Each change is counted once, however many clones made it.

use std::collections::HashMap;

use super::commits::{Counted, Standpoint};
use super::view::{ChangeKind, HistoryStart, ReportChange};
use crate::error::Result;
use crate::history::past_state::Past;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::stamp::{parse_rfc3339, rfc3339};
use crate::model::statistics::{days, rounded, working_hours};
use crate::model::status::Status;
use crate::model::text::{self, excerpt};
use crate::model::uid::Uid;
use crate::store::git::repo::Commit;
use crate::store::history::trees::{changed, item_doc};
use crate::store::layout::Family;
use crate::work::insight::is_work;

/// The longest title in a change, in characters.
const TITLE: usize = 200;

/// The phase of an item's life. A blocked or deferred item stays in its phase before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    fn of_status(status: &Status) -> Phase {
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

    fn is_open(self) -> bool {
        matches!(self, Phase::Waiting | Phase::Active | Phase::Review)
    }

    fn is_begun(self) -> bool {
        matches!(self, Phase::Active | Phase::Review)
    }
}

/// The changes of the commits of a period.
#[derive(Default)]
pub(super) struct Replay {
    pub changes: Vec<ReportChange>,
    /// The commits with which a history begins: their content was written before.
    pub starts: Vec<HistoryStart>,
    /// The number of merges of two histories, whose changes are those of both sides.
    pub merges: usize,
    /// By item: its phase after the changes so far.
    phases: HashMap<Uid, Phase>,
    /// By item: the scope that it last got.
    scopes: HashMap<Uid, Scope>,
}

/// The scope of an item, as far as its fields define it.
type Scope = (Vec<(String, String)>, Option<String>, Option<i64>);

/// One version of an item.
struct Version<'d> {
    doc: &'d Doc,
    item: Item,
    phase: Phase,
}

impl<'d> Version<'d> {
    /// None for anything that is not work: epics, documents, gates, templates, damaged items.
    fn of(doc: &'d Doc) -> Option<Version<'d>> {
        let item = Item::from_doc(doc).ok()?;
        is_work(&item).then(|| Version {
            phase: Phase::of(doc, &item),
            doc,
            item,
        })
    }

    fn scope(&self) -> Scope {
        let criteria = self.item.acceptance.iter();
        (
            criteria.map(|c| (c.id.clone(), c.text.clone())).collect(),
            self.item.estimate.clone(),
            self.item.issue.estimated_minutes,
        )
    }
}

impl Replay {
    /// The changes of commits in order.
    pub fn of(past: &Past<'_>, before: Option<&Standpoint>, commits: &[Counted]) -> Result<Replay> {
        let mut replay = Replay::default();
        for counted in commits {
            replay.take(past, before, counted)?;
        }
        Ok(replay)
    }

    fn take(
        &mut self,
        past: &Past<'_>,
        before: Option<&Standpoint>,
        counted: &Counted,
    ) -> Result<()> {
        let commit = &counted.commit;
        let parent = match commit.parents[..] {
            [parent] => parent,
            [] => {
                self.start(counted);
                return Ok(());
            }
            _ => {
                self.merges += 1;
                return Ok(());
            }
        };
        let parent = match past.repo.commit(parent) {
            Ok(parent) => parent,
            Err(_) if past.repo.is_shallow() => {
                self.start(counted);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let found = changed(&past.repo, Some(parent.tree), Some(commit.tree))?;
        for (uid, pair) in &found.pairs {
            if !matches!(pair.family, Family::Item(_)) {
                continue;
            }
            let Some(new) = pair.new.as_ref().and_then(Version::of) else {
                continue;
            };
            let old = pair.old.as_ref().and_then(Version::of);
            let known = match self.phases.get(uid) {
                Some(phase) => Some(*phase),
                None => match before {
                    Some(before) => item_doc(&past.repo, before.point.tree, &new.item.born, uid)?
                        .as_ref()
                        .and_then(Version::of)
                        .map(|version| version.phase),
                    None => None,
                },
            };
            self.moved(counted, uid, known, old.as_ref(), &new);
            self.rescoped(counted, uid, old.as_ref(), &new);
        }
        Ok(())
    }

    fn start(&mut self, counted: &Counted) {
        self.starts.push(HistoryStart {
            commit: counted.commit.id.to_string(),
            at: rfc3339(counted.ms),
        });
    }

    /// Counts the change of an item's phase in a commit, unless another clone made it before.
    fn moved(
        &mut self,
        counted: &Counted,
        uid: &Uid,
        known: Option<Phase>,
        old: Option<&Version<'_>>,
        new: &Version<'_>,
    ) {
        let was = old.map(|old| old.phase);
        let to = new.phase;
        if known.is_none() && was.is_none() {
            if to == Phase::Deleted {
                self.phases.insert(uid.clone(), to);
                return;
            }
            self.push(counted, ChangeKind::Created, old, new);
        }
        if was == Some(to) || known == Some(to) {
            self.phases.insert(uid.clone(), known.unwrap_or(to));
            return;
        }
        let from = known.or(was);
        // A change of open work that another clone had closed already, without knowing it: the
        // merge decides which one holds.
        let was_open = was.is_none_or(Phase::is_open);
        if from.is_some_and(|from| !from.is_open()) && was_open && to.is_open() {
            return;
        }
        self.phases.insert(uid.clone(), to);
        let kind = match (from, to) {
            (_, Phase::Deleted) => ChangeKind::Deleted,
            (Some(Phase::Deleted), _) => ChangeKind::Restored,
            // An item that is closed when it arrives was closed elsewhere; in a merge, by another
            // clone.
            (None, Phase::Finished | Phase::Cancelled) if !is_merge(&counted.commit) => return,
            (_, Phase::Finished) => ChangeKind::Finished,
            (_, Phase::Cancelled) => ChangeKind::Cancelled,
            (Some(Phase::Finished | Phase::Cancelled), _) => ChangeKind::Reopened,
            (Some(Phase::Review), Phase::Active | Phase::Waiting) => ChangeKind::SentBack,
            (_, Phase::Active) => ChangeKind::Started,
            (_, Phase::Review) => ChangeKind::Submitted,
            (Some(_), Phase::Waiting) => ChangeKind::Released,
            (None, Phase::Waiting) => return,
        };
        // Nobody sent it back if its submission was undone.
        if kind == ChangeKind::SentBack && counted.commit.op() == "undo" {
            return;
        }
        self.push(counted, kind, old, new);
    }

    /// Counts a change of the scope of work in progress.
    fn rescoped(
        &mut self,
        counted: &Counted,
        uid: &Uid,
        old: Option<&Version<'_>>,
        new: &Version<'_>,
    ) {
        let Some(old) = old.filter(|old| old.phase.is_begun()) else {
            return;
        };
        let scope = new.scope();
        if old.scope() == scope || self.scopes.get(uid) == Some(&scope) {
            return;
        }
        self.scopes.insert(uid.clone(), scope);
        self.push(counted, ChangeKind::Rescoped, Some(old), new);
    }

    fn push(
        &mut self,
        counted: &Counted,
        kind: ChangeKind,
        old: Option<&Version<'_>>,
        new: &Version<'_>,
    ) {
        let (commit, item) = (&counted.commit, &new.item);
        let (mut actor, mut by_agent) = (
            text::actor(commit.actor()),
            commit.trailer("PM-Agent").is_some(),
        );
        if kind == ChangeKind::Finished {
            // The work is that of its holder, whoever merged it.
            let holder = old.and_then(|old| old.item.holder());
            let last = item.claims.iter().max_by(|a, b| a.at.cmp(&b.at));
            if let Some(claim) = holder.or(last) {
                (actor, by_agent) = (claim.actor.clone(), claim.agent.is_some());
            } else if let Some(by) = new.doc.text("closed_by") {
                actor = text::actor(by);
            }
        }
        let finished = kind == ChangeKind::Finished;
        let created = parse_rfc3339(&item.created_at);
        let started = item.started_at.as_deref().and_then(parse_rfc3339);
        let started = started.filter(|started| *started <= counted.ms);
        let since = |from: Option<u64>| from.filter(|_| finished);
        let estimated = item
            .estimated_minutes()
            .map(|minutes| minutes as f64 / 60.0);
        self.changes.push(ReportChange {
            commit: commit.id.to_string(),
            at: rfc3339(counted.ms),
            op: text::shorten(commit.op(), 80),
            kind,
            uid: item.uid.to_string(),
            id: item.id.clone(),
            title: excerpt(&item.title, TITLE),
            item_type: item.item_type.clone(),
            is_refactoring: is_refactoring(item),
            actor,
            by_agent,
            lead_days: since(created).map(|from| rounded(days(from, counted.ms))),
            cycle_days: since(started).map(|from| rounded(days(from, counted.ms))),
            actual_hours: since(started).map(|from| rounded(working_hours(from, counted.ms))),
            estimated_hours: estimated.map(rounded),
            ms: counted.ms,
        });
    }
}

/// True for a commit that git pm made to join two states.
fn is_merge(commit: &Commit) -> bool {
    commit.op() == "merge"
}

/// True for refactoring work: of the type chore or refactor, or with such a label.
fn is_refactoring(item: &Item) -> bool {
    let named = |word: &str| {
        let word = word.to_lowercase();
        matches!(word.as_str(), "refactor" | "refactoring")
    };
    item.item_type == "chore" || named(&item.item_type) || item.labels.iter().any(|l| named(l))
}
