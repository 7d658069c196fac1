//! Taking an operation back in an open transaction: documents one by one, then what only shows
//! between them (whoever depends on what the operation made, and cycles).

use std::collections::{BTreeSet, HashMap};

use super::revert::{By, Case, Obstacle, Trace, Why, revert};
use crate::error::{Error, Result};
use crate::graph::{Graph, is_blocking};
use crate::model::approval::{self, Approval};
use crate::model::doc::Doc;
use crate::model::id::{ItemRef, word};
use crate::model::item::{Item, PARENT_CHILD};
use crate::model::register_diff::Place;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::store::git::repo::{Commit, Oid, Repo, short};
use crate::store::history::introduced;
use crate::store::history::trees::{Changed, Pair};
use crate::store::layout::Family;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::approval::approval_hint;

/// What undoing an operation comes to.
#[derive(Default)]
pub(super) struct Undone {
    /// The items it is about.
    pub items: Vec<Uid>,
    /// What is left as it is, each with the reason.
    pub kept: Vec<String>,
    /// What lies outside the state.
    pub outside: Vec<String>,
    /// Whether a claim or a reservation ended.
    pub released: bool,
}

/// Who undoes.
pub(super) struct Undoer<'u> {
    /// The repository, for its history.
    pub repo: &'u Repo,
    /// This clone's id.
    pub replica: &'u str,
    /// Whether an agent acts.
    pub is_agent: bool,
    /// The operation.
    pub commit: &'u Commit,
    /// What it changed.
    pub changed: &'u Changed,
}

impl Undoer<'_> {
    /// Stages what takes the operation back, as far as nothing stands in the way.
    ///
    /// # Errors
    /// When it must not be done at all, or an object cannot be read.
    pub fn stage(&self, tx: &mut Tx<'_>) -> Result<Undone> {
        let mut out = Undone::default();
        let is_start = self.commit.op().ends_with(" start");
        let is_import = super::is_import(self.commit);
        let referrers = self.referrers(&tx.state);
        let redactions = tx.state.repository.redactions();
        let mut rewired = Vec::new();
        for (uid, pair) in &self.changed.pairs {
            let Some(after) = &pair.new else { continue };
            if pair.family == Family::Message && pair.old.is_none() {
                let to: Vec<&str> = after.elements("to").collect();
                out.outside.push(format!(
                    "the message to {} was sent and stays",
                    to.join(", ")
                ));
            }
            // A plan is found by its path alone, which is enough here.
            let is_plan =
                pair.family == Family::Plan && tx.state.found_by_path(Family::Plan, uid).is_some();
            let is_known = pair.family.is_indexed() && pair.family != Family::Message;
            if !is_known && !is_plan {
                continue;
            }
            let Some(present) = tx.state.doc(uid).cloned() else {
                continue;
            };
            let clock = tx.clock().clone();
            let item = tx.state.item(uid);
            let is_undoing = |trace: &Trace| {
                let writer = item.and_then(|item| self.writer(&tx.state, item, trace).ok()?);
                // A settlement writes again what somebody had written over who had not heard of it.
                writer.is_some_and(|commit| [super::OP, "sync"].contains(&commit.op()))
            };
            let by = By {
                clock: &clock,
                actor: tx.actor(),
                replica: self.replica,
                redactions: &redactions,
                is_start,
                is_import,
                is_undoing: &is_undoing,
            };
            let case = Case {
                before: pair.old.as_ref(),
                after,
                present: &present,
            };
            let reverted = revert(&case, &by);
            if !was_there(pair) && matches!(pair.family, Family::Item(_)) && reverted.changed {
                let used = self.used(&tx.state, uid, &referrers, &mut out)?;
                if used {
                    continue;
                }
            }
            for obstacle in &reverted.obstacles {
                out.kept.push(self.sentence(&tx.state, pair, obstacle)?);
            }
            if let Some(item) = tx.state.item(uid) {
                self.require_no_approval(&tx.state, item, &reverted.doc)?;
                if item.deleted && item.approval.is_some() && !is_gone(&reverted.doc) {
                    let id = tx.state.shown_id(item);
                    let said = format!("the approval of {id} does not come back");
                    out.outside.push(said);
                }
                if is_start
                    && pair
                        .old
                        .as_ref()
                        .is_some_and(|d| d.value("branch").is_null())
                {
                    out.outside.extend(branch_stays(item));
                }
            }
            if is_plan {
                self.require_no_plan_approval(&present, &reverted.doc)?;
            }
            if !reverted.changed {
                continue;
            }
            out.released |= ends_something(&present, &reverted.doc);
            let staged = reverted.doc;
            tx.edit(uid, |doc, _| {
                *doc = staged;
                true
            })?;
            match pair.family {
                Family::Item(_) => {
                    out.items.push(uid.clone());
                    rewired.push(uid.clone());
                }
                Family::Comment => out.items.extend(commented(pair)),
                _ => {}
            }
        }
        let mut seen = BTreeSet::new();
        out.items.retain(|uid| seen.insert(uid.clone()));
        require_no_cycle(&tx.state, &rewired)?;
        Ok(out)
    }

    /// Whether the operation made a document.
    fn made(&self, uid: &Uid) -> bool {
        let pair = self.changed.pairs.get(uid);
        pair.is_some_and(|pair| !was_there(pair))
    }

    /// Who refers to the items that the operation made, of all that it did not make.
    fn referrers(&self, state: &State<'_>) -> HashMap<Uid, Vec<Uid>> {
        let mut out: HashMap<Uid, Vec<Uid>> = HashMap::new();
        let is_item = |pair: &Pair| matches!(pair.family, Family::Item(_)) && !was_there(pair);
        if !self.changed.pairs.values().any(is_item) {
            return out;
        }
        for other in state.items().into_iter().filter(|o| !self.made(&o.uid)) {
            let waits = other.depends_on.iter().map(|d| &d.target);
            let edges = other.edges.iter().map(|e| &e.target);
            for target in waits.chain(edges).chain(&other.epic) {
                if let Some(uid) = target.uid.as_ref().filter(|uid| self.made(uid)) {
                    let known = out.entry(uid.clone()).or_default();
                    if known.last() != Some(&other.uid) {
                        known.push(other.uid.clone());
                    }
                }
            }
        }
        out
    }

    /// Whether others build on an item that the operation made; says who.
    fn used(
        &self,
        state: &State<'_>,
        uid: &Uid,
        referrers: &HashMap<Uid, Vec<Uid>>,
        out: &mut Undone,
    ) -> Result<bool> {
        let Some(item) = state.item(uid) else {
            return Ok(false);
        };
        let id = state.shown_id(item);
        let before = out.kept.len();
        let made = |other: &Uid| self.made(other);
        let reference = item.reference().to_string();
        let others = referrers.get(uid).into_iter().flatten();
        for other in others.filter_map(|other| state.item(other)) {
            let Some(place) = refers(state, other, uid, &reference) else {
                continue;
            };
            let stamp = state.doc(&other.uid).and_then(|d| place.get(d));
            let trace = stamp.map(|reg| Trace::Register(place.clone(), reg.stamp.clone()));
            let who = match &trace {
                Some(trace) => self.writer(state, other, trace)?,
                None => None,
            };
            out.kept.push(format!(
                "{} refers to {id}{}",
                state.shown_id(other),
                by_whom(who.as_ref())
            ));
        }
        for doc in state.comments_on(uid) {
            let live = !doc.purged && !doc.value("deleted").is_true();
            if live && !made(&doc.uid) {
                let author = doc.text("author").unwrap_or_default();
                out.kept.push(format!("{id} was commented on by {author}"));
            }
        }
        for r in state.reservations() {
            let meant = r.task.as_ref().and_then(|t| t.uid.as_ref()) == Some(uid);
            if meant && r.ended.is_none() && !made(&r.uid) {
                out.kept
                    .push(format!("{} reserved paths for {id}", r.actor));
            }
        }
        Ok(out.kept.len() > before)
    }

    /// An obstacle as one sentence.
    fn sentence(&self, state: &State<'_>, pair: &Pair, obstacle: &Obstacle) -> Result<String> {
        let doc = pair.either();
        let item = doc.and_then(|doc| state.item(&doc.uid));
        let id = item.map(|item| format!("{} ", state.shown_id(item)));
        let what = format!("{}{}", id.unwrap_or_default(), obstacle.what);
        Ok(match &obstacle.why {
            Why::Said(text) => format!("{what}: {text}"),
            Why::Later(trace) => {
                let who = match item {
                    Some(item) => self.writer(state, item, trace)?,
                    None => None,
                };
                let verb = match trace {
                    Trace::Entry(_) => "was added",
                    _ => "was changed again",
                };
                format!("{what} {verb}{}", by_whom(who.as_ref()))
            }
        })
    }

    /// The commit after the operation that left a trace.
    fn writer(&self, state: &State<'_>, item: &Item, trace: &Trace) -> Result<Option<Commit>> {
        let Some(tip) = state.commit else {
            return Ok(None);
        };
        let end: Option<Oid> = Some(self.commit.id);
        let name = (item.born.as_str(), &item.uid);
        introduced(self.repo, tip, end, name, |doc| trace.is_in(doc))
    }

    /// An agent brings no approval of a plan back, nor that it stands.
    fn require_no_plan_approval(&self, now: &Doc, next: &Doc) -> Result<()> {
        let words = ["approved_by", "approved_document", "accepted_document"];
        let comes = |name: &str| next.text(name).is_some() && now.text(name) != next.text(name);
        if self.is_agent && words.iter().any(|name| comes(name)) {
            return Err(Error::refused(
                "undoing this would approve a plan, which an agent cannot do",
            )
            .hint("a human approves a plan; `git pm plan show` shows it"));
        }
        Ok(())
    }

    /// An approval is given for the work as it is, so it does not come back by undoing what took it
    /// back; and an agent lifts nothing that stops approved work.
    fn require_no_approval(&self, state: &State<'_>, present: &Item, next: &Doc) -> Result<()> {
        let is_ready = approval::is_ready(next);
        let becomes_ready = is_ready && present.status != Status::ReadyForIntegration;
        let comes_back =
            Approval::of(next).is_some_and(|one| present.approval.as_deref() != Some(&one));
        let is_over = Status::parse(present.kind, next.text("status").unwrap_or_default())
            .is_some_and(|status| status.is_closed());
        if !(becomes_ready && (self.is_agent || present.approval.is_none()))
            && (!comes_back || is_over)
        {
            return Ok(());
        }
        let id = state.shown_id(present);
        let who = match self.is_agent {
            true => ", which an agent cannot do",
            false => " without a look at what it is now",
        };
        Err(
            Error::refused(format!("undoing this would approve {id}{who}"))
                .hint(approval_hint(&id, self.is_agent)),
        )
    }
}

/// Whether a document was there before the operation, and not as a tombstone.
fn was_there(pair: &Pair) -> bool {
    let old = pair.old.as_ref();
    old.is_some_and(|doc| !is_gone(doc))
}

fn is_gone(doc: &Doc) -> bool {
    doc.value("deleted").is_true()
}

/// ` by bob in abc1234567`, or ` since`.
fn by_whom(commit: Option<&Commit>) -> String {
    commit.map_or_else(
        || " since".to_string(),
        |c| format!(" by {} in {}", c.actor(), short(c.id)),
    )
}

/// The place by which an item refers to another one.
fn refers(state: &State<'_>, item: &Item, target: &Uid, reference: &str) -> Option<Place> {
    let is = |r: &ItemRef| r.uid.as_ref() == Some(target);
    if item.depends_on.iter().any(|d| is(&d.target)) {
        return Some(Place::Element("depends_on".into(), reference.to_string()));
    }
    if let Some(edge) = item.edges.iter().find(|e| is(&e.target)) {
        let element = format!("{} {}", edge.kind, edge.target);
        return Some(Place::Element("edges".into(), element));
    }
    let epic = item.epic.as_ref().is_some_and(is);
    (epic && state.doc(&item.uid).is_some()).then(|| Place::Field("epic".into()))
}

/// The item that a comment is on.
fn commented(pair: &Pair) -> Option<Uid> {
    ItemRef::parse(pair.either()?.text("item")?).uid
}

/// Whether a claim or reservation ended between two copies.
fn ends_something(old: &crate::model::doc::Doc, new: &crate::model::doc::Doc) -> bool {
    let open = |doc: &crate::model::doc::Doc| {
        let claims = doc
            .entries("claims")
            .filter(|(_, e)| e.value("ended").is_null());
        claims.count() + usize::from(doc.kind == "reservation" && doc.value("ended").is_null())
    };
    open(new) < open(old)
}

/// What a start leaves behind.
fn branch_stays(item: &Item) -> Option<String> {
    let branch = item.branch.as_deref()?;
    Some(format!(
        "the branch {} and its worktree stay, with all work: `git pm worktree list` shows \
         them, `git worktree remove PATH` and `git branch -d {}` take them away",
        one_line(branch),
        word(branch)
    ))
}

/// Refuses an undoing that closes a cycle, as adding the edge anew would be.
fn require_no_cycle(state: &State<'_>, rewired: &[Uid]) -> Result<()> {
    if rewired.is_empty() {
        return Ok(());
    }
    let items = state.items();
    let graph = Graph::new(&items, 0);
    for item in items.iter().filter(|item| rewired.contains(&item.uid)) {
        let hard = item
            .depends_on
            .iter()
            .filter(|d| !d.soft)
            .map(|d| &d.target);
        let edges = item
            .edges
            .iter()
            .filter(|e| is_blocking(&e.kind) && e.kind != PARENT_CHILD);
        let targets = hard.chain(edges.map(|e| &e.target));
        let waits = targets
            .filter_map(|t| t.uid.as_ref())
            .find_map(|to| graph.would_cycle(&item.uid, to));
        let nests = item
            .parent()
            .and_then(|p| p.uid.as_ref())
            .and_then(|to| graph.would_nest(&item.uid, to));
        if let Some(path) = waits.or(nests) {
            let ids: Vec<String> = path
                .iter()
                .filter_map(|uid| state.item(uid))
                .map(|i| state.shown_id(i))
                .collect();
            let id = state.shown_id(item);
            return Err(Error::refused(format!(
                "undoing this would close a cycle: {}",
                ids.join(" -> ")
            ))
            .hint(format!("`git pm dep list {id}` shows the edges")));
        }
    }
    Ok(())
}
