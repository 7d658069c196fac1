//! Which parts of an operation an undo reverts, and which it keeps; `undo/mod.rs` refuses for those.
//!
//! In an open transaction: document by document, then the checks between documents (references to items
//! that the operation created, and cycles).

use std::collections::{BTreeSet, HashMap};

use super::revert::{By, Case, Obstacle, Trace, Why, revert};
use crate::coordinate::claim::ownership;
use crate::error::{Error, Hint, Reason, Result};
use crate::graph::Graph;
use crate::model::approval::{self, Approval};
use crate::model::doc::Doc;
use crate::model::id::{ItemRef, word};
use crate::model::item::Item;
use crate::model::register_diff::Place;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::changes::owning_item;
use crate::pm::who_acts::require_human;
use crate::store::git::repo::{Commit, Oid, Repo, short};
use crate::store::history::introduced;
use crate::store::history::trees::{Changed, Pair};
use crate::store::index::{PARENT, SOFT, edges};
use crate::store::join::commit::tick;
use crate::store::layout::Family;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::approval::approval_hint;

/// The result of undoing an operation.
#[derive(Default)]
pub(super) struct Undone {
    /// The items that were changed.
    pub items: Vec<Uid>,
    /// The parts that were not undone, each with the reason.
    pub kept: Vec<String>,
    /// Claims and reservations that stay ended.
    pub ended: Vec<String>,
    /// Effects outside the state, which remain.
    pub outside: Vec<String>,
    /// A claim or a reservation ended, or paths were reserved again.
    pub released: bool,
}

/// The uses, by others, of the items that an operation created.
#[derive(Default)]
struct Uses {
    /// The items that refer to each.
    referrers: HashMap<Uid, Vec<Uid>>,
    /// The authors of comments on each.
    commented_by: HashMap<Uid, Vec<String>>,
    /// The actors that reserved paths for each.
    reserved_by: HashMap<Uid, Vec<String>>,
}

/// The context of one undo.
pub(super) struct Undoer<'u> {
    pub pm: &'u Pm,
    pub repo: &'u Repo,
    pub replica: &'u str,
    /// The operation to undo.
    pub commit: &'u Commit,
    /// The documents that it changed.
    pub changed: &'u Changed,
}

impl Undoer<'_> {
    /// Stages the changes that revert the operation, except the parts that cannot be reverted.
    ///
    /// # Errors
    /// If the undo is refused as a whole, or an object cannot be read.
    pub fn stage(&self, tx: &mut Tx<'_>) -> Result<Undone> {
        let mut out = Undone::default();
        let is_start = self.commit.op().ends_with(" start");
        let is_approval = self.commit.op() == "plan approve";
        let is_import = super::is_import(self.commit);
        let uses = self.uses(&tx.state);
        let redactions = tx.state.repository.redactions();
        let mut rewired = HashMap::new();
        let pairs = self.changed.pairs.values();
        let mut pairs = pairs.filter(|pair| matches!(pair.family, Family::Item(_)));
        let is_of_work = pairs.any(|pair| match (&pair.old, &pair.new) {
            (Some(old), Some(new)) => {
                !ended(old, new).is_empty() || old.text("status") != new.text("status")
            }
            _ => false,
        });
        for (uid, pair) in &self.changed.pairs {
            let Some(after) = &pair.new else { continue };
            if pair.family == Family::Message && pair.old.is_none() {
                let to: Vec<&str> = after.elements("to").collect();
                out.outside.push(format!(
                    "the message to {} was already sent and remains",
                    one_line(&to.join(", "))
                ));
            }
            // These are not in the index; they are found by their path.
            let by_path = match pair.family {
                Family::Plan | Family::Context => {
                    tx.state.found_by_path(pair.family, uid).is_some()
                }
                Family::Artifact => owner(pair).is_some_and(|item| {
                    let mut all = tx.state.artifacts_of(&item).into_iter();
                    all.any(|doc| doc.uid == *uid)
                }),
                Family::Finding => owner(pair).is_some_and(|item| {
                    let mut all = tx.state.findings_of(&item).into_iter();
                    all.any(|doc| doc.uid == *uid)
                }),
                _ => false,
            };
            let is_known = pair.family.is_indexed() && pair.family != Family::Message;
            if !is_known && !by_path {
                continue;
            }
            let Some(present) = tx.state.doc(uid).cloned() else {
                continue;
            };
            let clock = tx.clock().clone();
            let item = tx.state.item(uid);
            let is_restored = |trace: &Trace| {
                let writer = item.and_then(|item| self.writer(&tx.state, item, trace).ok()?);
                // A settlement writes its value again where a concurrent write overrode it.
                writer.is_some_and(|commit| [super::OP, "sync"].contains(&commit.op()))
            };
            let by = By {
                clock: &clock,
                actor: tx.actor(),
                replica: self.replica,
                redactions: &redactions,
                is_start,
                is_import,
                is_begun: is_approval && is_begun_since(item, after, &present),
                is_restored: &is_restored,
            };
            let case = Case {
                before: pair.old.as_ref(),
                after,
                present: &present,
            };
            let reverted = revert(&case, &by);
            if !existed(pair) && matches!(pair.family, Family::Item(_)) && reverted.changed {
                let used = self.used(&tx.state, uid, &uses, &mut out)?;
                if used {
                    continue;
                }
            }
            // Work that is started or in progress again reserves the paths of its task, too.
            if after.kind != "reservation" || after.text("task").is_none() || !is_of_work {
                out.ended.extend(reverted.ended);
            }
            for obstacle in &reverted.obstacles {
                out.kept.push(self.sentence(&tx.state, pair, obstacle)?);
            }
            if let Some(item) = tx.state.item(uid) {
                self.require_no_approval(&tx.state, item, &reverted.doc)?;
                if item.deleted && item.approval.is_some() && !is_gone(&reverted.doc) {
                    let id = tx.state.shown_id(item);
                    let note = format!("the approval of {id} is not restored");
                    out.outside.push(note);
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
            if by_path && pair.family == Family::Plan {
                self.require_no_plan_approval(&present, &reverted.doc)?;
            }
            if !reverted.changed {
                continue;
            }
            let ended = ended(&present, &reverted.doc);
            out.released |= !ended.is_empty();
            let made = |[actor, agent, replica]: &[&str; 3]| {
                let agent = (!agent.is_empty()).then_some(*agent);
                ownership::made(self.pm, actor, agent, replica)
            };
            if let Some([holder, ..]) = ended.iter().find(|one| !made(one)) {
                let what = format!("ending what {} holds", one_line(holder));
                require_human(&self.pm.actor, &what, "ask its holder to release it")?;
            }
            let staged = reverted.doc;
            let live = tx.state.item(uid).filter(|item| !item.deleted);
            let before = live.into_iter().flat_map(edges);
            let before: BTreeSet<Edge> = before.map(|(kind, to)| (kind, to.clone())).collect();
            tx.edit(uid, |doc, _| {
                *doc = staged;
                true
            })?;
            match pair.family {
                Family::Item(_) => {
                    out.items.push(uid.clone());
                    rewired.insert(uid.clone(), before);
                }
                Family::Comment | Family::Artifact | Family::Finding => {
                    out.items.extend(owner(pair))
                }
                _ => {}
            }
        }
        let mut seen = BTreeSet::new();
        out.items.retain(|uid| seen.insert(uid.clone()));
        // An undo of an undo restores what was, also a cycle that an import had brought.
        let restored = match (self.commit.op(), &self.commit.parents[..]) {
            (super::OP, [parent]) => Some(self.pm.store.state_at(self.repo, *parent)?),
            _ => None,
        };
        require_no_cycle(&tx.state, &rewired, restored.as_ref())?;
        Ok(out)
    }

    /// True if the operation created the document.
    fn created(&self, uid: &Uid) -> bool {
        let pair = self.changed.pairs.get(uid);
        pair.is_some_and(|pair| !existed(pair))
    }

    /// The uses of the items that the operation created. Read before anything is staged: later, each
    /// read would pass all staged documents.
    fn uses(&self, state: &State<'_>) -> Uses {
        let mut out = Uses::default();
        let is_item = |pair: &Pair| matches!(pair.family, Family::Item(_)) && !existed(pair);
        let pairs = self.changed.pairs.iter();
        let items: Vec<&Uid> = pairs.filter(|(_, p)| is_item(p)).map(|(u, _)| u).collect();
        if items.is_empty() {
            return out;
        }
        for reservation in state.reservations() {
            let task = reservation.task.as_ref().and_then(|task| task.uid.clone());
            if let Some(task) = task.filter(|_| reservation.ended.is_none())
                && !self.created(&reservation.uid)
            {
                let holders = out.reserved_by.entry(task).or_default();
                holders.push(reservation.actor);
            }
        }
        for uid in items {
            let comments = state.comments_on(uid).into_iter();
            // A proposed item can have some from before it was created.
            let since = tick(self.commit);
            let is_later = |doc: &&Doc| {
                (doc.birth.ms, doc.birth.counter) > (since.ms, since.counter) || since.ms == 0
            };
            let others = comments.filter(|doc| doc.is_live() && !self.created(&doc.uid));
            let others = others.filter(is_later);
            let authors = others.map(|doc| doc.text("author").unwrap_or_default().to_string());
            let authors: Vec<String> = authors.collect();
            if !authors.is_empty() {
                out.commented_by.insert(uid.clone(), authors);
            }
        }
        out.referrers = self.referrers(state);
        out
    }

    /// For each item that the operation created, the other items that refer to it.
    fn referrers(&self, state: &State<'_>) -> HashMap<Uid, Vec<Uid>> {
        let mut out: HashMap<Uid, Vec<Uid>> = HashMap::new();
        for other in state.items().into_iter().filter(|o| !self.created(&o.uid)) {
            let waits = other.depends_on.iter().map(|d| &d.target);
            let edges = other.edges.iter().map(|e| &e.target);
            for target in waits.chain(edges).chain(&other.epic) {
                if let Some(uid) = target.uid.as_ref().filter(|uid| self.created(uid)) {
                    let known = out.entry(uid.clone()).or_default();
                    if known.last() != Some(&other.uid) {
                        known.push(other.uid.clone());
                    }
                }
            }
        }
        out
    }

    /// True if other items, comments or reservations depend on an item that the operation created;
    /// adds them to the parts that are kept.
    fn used(&self, state: &State<'_>, uid: &Uid, uses: &Uses, out: &mut Undone) -> Result<bool> {
        let Some(item) = state.item(uid) else {
            return Ok(false);
        };
        let id = state.shown_id(item);
        let before = out.kept.len();
        let reference = item.reference().to_string();
        let others = uses.referrers.get(uid).into_iter().flatten();
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
                "{} was linked to {id}{}",
                state.shown_id(other),
                by_whom(who.as_ref())
            ));
        }
        for author in uses.commented_by.get(uid).into_iter().flatten() {
            out.kept.push(format!("{author} commented on {id}"));
        }
        for actor in uses.reserved_by.get(uid).into_iter().flatten() {
            out.kept.push(format!("{actor} reserved paths for {id}"));
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
            Why::Other(text) => format!("{what}: {text}"),
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

    /// The commit after the operation that wrote a trace.
    fn writer(&self, state: &State<'_>, item: &Item, trace: &Trace) -> Result<Option<Commit>> {
        let Some(tip) = state.commit else {
            return Ok(None);
        };
        let end: Option<Oid> = Some(self.commit.id);
        let name = (item.born.as_str(), &item.uid);
        introduced(self.repo, tip, end, name, |doc| trace.is_in(doc))
    }

    /// Refuses an agent's undo that restores the approval of a plan.
    fn require_no_plan_approval(&self, now: &Doc, next: &Doc) -> Result<()> {
        let fields = ["approved_by", "approved_document", "accepted_document"];
        let comes = |name: &str| next.text(name).is_some() && now.text(name) != next.text(name);
        if self.pm.actor.is_bound && fields.iter().any(|name| comes(name)) {
            return Err(Error::refused(
                "undoing this would approve a plan, which an agent cannot do",
            )
            .because(Reason::UndoWouldApprove)
            .hint("`git pm plan show` shows the plan; a human approves it"));
        }
        Ok(())
    }

    /// Refuses an undo that restores an approval, since an approval is given for the work as it is,
    /// and an agent's undo that makes approved work mergeable again.
    fn require_no_approval(&self, state: &State<'_>, present: &Item, next: &Doc) -> Result<()> {
        let is_ready = approval::is_ready(next);
        let becomes_ready = is_ready && present.status != Status::ReadyForIntegration;
        let earlier = Approval::of(next).filter(|one| present.approval.as_deref() != Some(one));
        let is_over = Status::parse(present.kind, next.text("status").unwrap_or_default())
            .is_some_and(|status| status.is_closed());
        if !(becomes_ready && (self.pm.actor.is_bound || present.approval.is_none()))
            && (earlier.is_none() || is_over)
        {
            return Ok(());
        }
        let id = state.shown_id(present);
        let who = match self.pm.actor.is_bound {
            true => ", which an agent cannot do",
            false => " without a review of its current work",
        };
        let error = Error::refused(format!("undoing this would approve {id}{who}"))
            .because(Reason::UndoWouldApprove)
            .about(&id);
        let replaced = earlier.filter(|_| present.approval.is_some() && !self.pm.actor.is_bound);
        let Some(earlier) = replaced else {
            return Err(error.hint(approval_hint(
                self.pm,
                state,
                present,
                self.pm.actor.is_bound,
            )));
        };
        let commit = self.repo.parse_id(&earlier.commit).map(short);
        let named = commit.as_deref().map(|commit| ["--commit", commit]);
        let aimed = earlier.target.as_deref().map(|name| ["--target", name]);
        let again = ["task", "approve", &id].into_iter();
        let again = again.chain(named.into_iter().chain(aimed).flatten());
        Err(error
            .hint(Hint::run(
                again,
                "gives the approval that was replaced again",
            ))
            .hint(Hint::run(
                ["task", "return", &id, "--note", "TEXT"],
                "withdraws both; the work goes back to its author",
            )))
    }
}

/// True if the document existed before the operation, and not as a tombstone.
fn existed(pair: &Pair) -> bool {
    let old = pair.old.as_ref();
    old.is_some_and(|doc| !is_gone(doc))
}

fn is_gone(doc: &Doc) -> bool {
    doc.value("deleted").is_true()
}

/// ` by bob in abc1234567`; ` since` if the commit is unknown.
pub(super) fn by_whom(commit: Option<&Commit>) -> String {
    commit.map_or_else(
        || " since then".to_string(),
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

/// The uid of the item that a comment or an artifact belongs to.
fn owner(pair: &Pair) -> Option<Uid> {
    owning_item(pair)?.uid
}

/// The claims and reservations that ended between two versions of a document: for each the actor,
/// the agent and the clone.
fn ended<'d>(old: &'d Doc, new: &Doc) -> Vec<[&'d str; 3]> {
    let keys = ["actor", "agent", "replica"];
    let is_open = |doc: &Doc, id: &str| {
        let claim = doc.entry("claims", id);
        claim.is_some_and(|claim| claim.value("ended").is_null())
    };
    let claims = old.entries("claims");
    let claims = claims.filter(|(id, _)| is_open(old, id) && !is_open(new, id));
    let claims = claims.map(|(_, claim)| keys.map(|key| claim.text(key).unwrap_or_default()));
    let is_held = |doc: &Doc| doc.kind == "reservation" && doc.value("ended").is_null();
    let reservation = (is_held(old) && !is_held(new)).then_some(old);
    let reservation = reservation.map(|doc| keys.map(|key| doc.text(key).unwrap_or_default()));
    claims.chain(reservation).collect()
}

/// The notice about the branch that a start left.
fn branch_stays(item: &Item) -> Option<String> {
    let branch = item.branch.as_deref()?;
    Some(format!(
        "the branch {} and its worktree remain, with all work: `git pm worktree list` shows them, \
         `git worktree remove PATH` and `git branch -d {}` remove them",
        one_line(branch),
        word(branch)
    ))
}

/// An edge of the graph: its kind and its target.
type Edge = (i64, Uid);

/// Refuses an undo that closes a cycle; `rewired` has the changed items with their edges before it,
/// since a cycle that was there stays, as does one of the state that is restored.
fn require_no_cycle(
    state: &State<'_>,
    rewired: &HashMap<Uid, BTreeSet<Edge>>,
    restored: Option<&State<'_>>,
) -> Result<()> {
    if rewired.is_empty() {
        return Ok(());
    }
    let items = state.items();
    let mut new: Vec<(&Item, i64, &Uid)> = Vec::new();
    for item in items.iter().copied() {
        let Some(before) = rewired.get(&item.uid) else {
            continue;
        };
        let is_new = |(kind, to): &(i64, &Uid)| !before.contains(&(*kind, (*to).clone()));
        new.extend(
            edges(item)
                .filter(is_new)
                .map(|(kind, to)| (item, kind, to)),
        );
    }
    if new.is_empty() {
        return Ok(());
    }
    let then = restored.map(|state| state.items()).unwrap_or_default();
    let (graph, before) = (Graph::new(&items, 0), Graph::new(&then, 0));
    for (item, kind, to) in new {
        let cycle = |graph: &Graph<'_>| match kind {
            SOFT => None,
            PARENT => graph.would_nest(&item.uid, to),
            _ => graph.would_cycle(&item.uid, to),
        };
        if let Some(path) = cycle(&graph)
            && cycle(&before).is_none()
        {
            let ids: Vec<String> = path
                .iter()
                .filter_map(|uid| state.item(uid))
                .map(|i| state.shown_id(i))
                .collect();
            let id = state.shown_id(item);
            return Err(Error::refused(format!(
                "undoing this would create a cycle: {}",
                ids.join(" -> ")
            ))
            .because(Reason::UndoWouldCloseCycle)
            .hint(Hint::run(["dep", "list", &id], "shows the edges"))
            .about(id));
        }
    }
    Ok(())
}

/// True if an item was begun or closed after it had a document.
fn is_begun_since(item: Option<&Item>, then: &Doc, now: &Doc) -> bool {
    let is_same = then.text("status") == now.text("status")
        && then.entries("claims").count() == now.entries("claims").count();
    item.is_some_and(|item| !item.is_untouched()) && !is_same
}
