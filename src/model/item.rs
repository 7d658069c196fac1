//! The typed view of an item document, as commands and graphs read it.
//!
//! It is read-only; changes are made to the document.

use super::approval::Approval;
use super::change_plan::ChangePlan;
use super::claim;
pub use super::claim::Claim;
use super::codec::Damage;
use super::criterion;
pub use super::criterion::Criterion;
use super::doc::Doc;
use super::edge_type::{EdgeClass, EdgeType};
use super::id::{self, ItemKind, ItemRef};
use super::imported::imported_from;
use super::issue_fields::{Gate, IssueFields, WAITS_FOR};
use super::item_type::ItemType;
use super::limits::DUE_SOON_MS;
use super::priority::Priority;
use super::returned::Returned;
use super::stamp::{Stamp, parse_rfc3339, rfc3339};
use super::status::{Status, TOMBSTONE};
use super::text;
use super::uid::Uid;
use super::value::Value;
use super::vocabulary::{AutoPolicy, Estimate, HOURS_A_POINT};

/// The registers that say that checks were passed over by force, and which.
pub const FORCED: [&str; 2] = ["forced", "forced_past"];

/// The type of the edge from a child to its parent.
pub const PARENT_CHILD: &str = EdgeType::ParentChild.as_str();

/// An edge to another item, other than a plain hard dependency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Edge {
    /// The type, such as `related`; other trackers have types of their own.
    pub kind: String,
    /// The other end.
    pub target: ItemRef,
    /// For a `waits-for` edge that waits for the children of the other end: for all or any of them.
    pub gate: Option<Gate>,
}

/// A dependency: the item waits for `target`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Dependency {
    /// The item that has to be closed first.
    pub target: ItemRef,
    /// Set if the dependency only warns; otherwise it blocks.
    pub soft: bool,
}

/// A PRD, epic, task or issue.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Item {
    /// The permanent name.
    pub uid: Uid,
    /// The current id.
    pub id: String,
    /// The birth id, which its alias and references keep.
    pub born: String,
    /// PRD, epic, task or issue.
    pub kind: ItemKind,
    /// One line of text.
    pub title: String,
    /// The type (feature, bug, …); an unknown one is kept verbatim.
    pub item_type: String,
    /// The status.
    pub status: Status,
    /// From 0 (highest) to 4.
    pub priority: u8,
    /// The actor who was chosen to do it, as stored: whose it is, see [`Item::owner`].
    pub assignee: Option<String>,
    /// XS to XL.
    pub estimate: Option<String>,
    /// Its story points.
    pub points: Option<i64>,
    /// low, medium or high.
    pub risk: Option<String>,
    /// test-first, test-after, test-parallel or none.
    pub validation: Option<String>,
    /// The stream of work it belongs to.
    pub stream: Option<String>,
    /// The epic that owns it: that of its field, else its parent, if that is an epic.
    pub epic: Option<ItemRef>,
    /// Labels, sorted.
    pub labels: Vec<String>,
    /// The items that it waits for.
    pub depends_on: Vec<Dependency>,
    /// All other typed edges.
    pub edges: Vec<Edge>,
    /// The acceptance criteria, in order.
    pub acceptance: Vec<Criterion>,
    /// Globs of the paths that it is expected to change.
    pub paths: Vec<String>,
    /// True for the record of another tracker.
    pub is_imported: bool,
    /// External references, verbatim.
    pub external_refs: Vec<String>,
    /// The furthest step that an agent may take without being asked: none, plan, develop or review.
    pub auto_policy: String,
    /// Set if `auto_policy` has not been decided; it is then `none`.
    pub auto_policy_is_open: bool,
    /// The PRD whose plan created it.
    pub planned_from: Option<Uid>,
    /// Its branch, once started.
    pub branch: Option<String>,
    /// All claims that were ever made, in holder order.
    pub claims: Vec<Claim>,
    /// Markdown. Not serialized: a caller that needs it reads the document.
    #[serde(skip)]
    pub body: String,
    /// Set while concurrent versions of the body are unresolved.
    pub conflicted: bool,
    /// Set if it was deleted.
    pub deleted: bool,
    /// The time of its creation, RFC 3339.
    pub created_at: String,
    /// A sort key from the oldest to the youngest item: the time of creation, then the birth stamp.
    pub age: u128,
    /// The actor who created it.
    pub created_by: Option<String>,
    /// The time of its last change, RFC 3339.
    pub updated_at: String,
    /// The time of its start, RFC 3339.
    pub started_at: Option<String>,
    /// The time it was finished, RFC 3339.
    pub finished_at: Option<String>,
    /// The approval that counts for it.
    #[serde(with = "super::row_text")]
    pub approval: Option<Box<Approval>>,
    /// The return of its work to its author, until it is submitted again.
    #[serde(with = "super::row_text")]
    pub returned: Option<Box<Returned>>,
    /// What its agent meant to change, written before it changed anything.
    pub change_plan: Option<Box<ChangePlan>>,
    /// The commit with which its work came into its target.
    pub merged_commit: Option<String>,
    /// The time it was closed, RFC 3339.
    pub closed_at: Option<String>,
    /// Set if it was submitted or closed by force.
    pub forced: bool,
    /// What was passed over by that force.
    pub forced_past: Option<String>,
    /// The reason why it was blocked, deferred, cancelled or closed, or the evidence that it is done.
    pub reason: Option<String>,
    /// The additional fields of beads' records.
    pub issue: IssueFields,
    /// Set if an actor said that it taught nothing worth keeping.
    pub nothing_learned: bool,
    /// The greatest stamp in it, which `--if-version` compares.
    pub version: String,
}

impl Item {
    /// The time of its birth stamp, in milliseconds since the Unix epoch.
    pub fn born_ms(&self) -> u64 {
        ((self.age >> 32) as u64) & AGE_MS
    }

    /// Reads the typed view.
    ///
    /// # Errors
    /// When the document is not an item, or a field has an invalid value.
    pub fn from_doc(doc: &Doc) -> Result<Item, Damage> {
        let kind = ItemKind::parse(&doc.kind).ok_or_else(|| {
            Damage::field("kind", format!("`{}` is not a kind of item", doc.kind))
        })?;
        let text = |name: &str| doc.text(name).map(str::to_string);
        let actor = |name: &str| doc.text(name).map(text::actor);
        // Of an item whose deletion was undone, a record's word for it means nothing.
        let is_live = !doc.value("deleted").is_true();
        let told = doc.text("status");
        let told = told.filter(|word| *word != TOMBSTONE || !is_live);
        let status_text = told.unwrap_or(match kind {
            ItemKind::Task => "queued",
            _ => "open",
        });
        let status = Status::parse(kind, status_text).ok_or_else(|| {
            Damage::field("status", format!("`{status_text}` is not a valid status"))
        })?;
        let priority = Priority::of(doc.value("priority"))
            .ok_or_else(|| Damage::field("priority", "must be 0 to 4"))?;
        let attributes = doc.records.get("edge_attributes");
        let mut edges: Vec<Edge> = doc
            .elements("edges")
            .filter_map(|edge| Some((edge, edge.split_once(' ')?)))
            .map(|(edge, (kind, target))| Edge {
                kind: kind.to_string(),
                target: ItemRef::parse(target),
                gate: attributes
                    .filter(|_| kind == WAITS_FOR)
                    .and_then(|all| all.get(edge)?.text("metadata"))
                    .and_then(Gate::of_metadata),
            })
            .collect();
        edges.sort();
        let depends_on = doc
            .elements("depends_on")
            .map(|target| Dependency {
                target: ItemRef::parse(target),
                soft: attributes
                    .and_then(|all| all.get(&format!("blocks {target}")))
                    .and_then(|e| EdgeClass::parse(e.text("class")?))
                    == Some(EdgeClass::Soft),
            })
            .collect();
        let latest = doc.latest();
        let claims = claim::all(doc);
        let own_epic = doc.text("epic").map(ItemRef::parse);
        Ok(Item {
            uid: doc.uid.clone(),
            id: doc.shown_id().to_string(),
            born: doc.born.clone(),
            kind,
            title: match doc.value("title") {
                Value::Redacted(_) => "[redacted]".into(),
                other => other.as_str().unwrap_or_default().to_string(),
            },
            item_type: text("type").unwrap_or_else(|| ItemType::default_of(kind).to_string()),
            reason: text("reason")
                .filter(|_| status.is_closed() || !is_of_closing(doc))
                .or_else(|| text("evidence").filter(|_| status == Status::Done)),
            closed_at: text("closed_at").filter(|_| status.is_closed()),
            status,
            priority: priority.number(),
            assignee: actor("assignee"),
            estimate: text("estimate"),
            points: doc.value("points").as_int(),
            risk: text("risk"),
            validation: text("validation"),
            stream: text("stream"),
            epic: own_epic.or_else(|| epic_above(kind, &edges)),
            labels: doc.elements("labels").map(str::to_string).collect(),
            depends_on,
            edges,
            acceptance: criterion::all(doc, &claims),
            paths: doc.elements("paths").map(str::to_string).collect(),
            is_imported: imported_from(doc).is_some(),
            external_refs: doc.elements("external_refs").map(str::to_string).collect(),
            auto_policy: text("auto_policy").unwrap_or_else(|| AutoPolicy::None.to_string()),
            auto_policy_is_open: doc.text("auto_policy").is_none(),
            planned_from: doc.text("planned_from").and_then(Uid::new),
            branch: text("branch").filter(|name| is_branch_name(name)),
            claims,
            body: doc.body.shown().to_string(),
            conflicted: doc.body.is_conflicted() || super::long_texts::is_conflicted(doc),
            deleted: !doc.is_live(),
            age: age(doc),
            created_at: text("created_at").unwrap_or_else(|| rfc3339(doc.birth.ms)),
            created_by: actor("created_by"),
            updated_at: time_of(text("created_at").as_deref(), latest),
            started_at: text("started_at"),
            finished_at: text("finished_at"),
            approval: Approval::of(doc).map(Box::new),
            returned: Returned::of(doc).map(Box::new),
            change_plan: ChangePlan::of(doc).map(Box::new),
            merged_commit: text("merged_commit"),
            forced: doc.value(FORCED[0]).is_true(),
            forced_past: text(FORCED[1]).filter(|_| doc.value(FORCED[0]).is_true()),
            issue: IssueFields::from_doc(doc),
            nothing_learned: matches!(doc.value("nothing_learned"), Value::Json(_)),
            version: latest.to_string(),
        })
    }

    /// What its submission or closing passed over by force, if anything.
    pub fn forced_words(&self) -> Option<&str> {
        let otherwise = match (&self.closed_at, &self.merged_commit) {
            (Some(_), None) => "closed without evidence",
            _ => "submitted although a check failed",
        };
        let known = self.forced_past.as_deref();
        self.forced.then(|| known.unwrap_or(otherwise))
    }

    /// The return that keeps it for another actor than the one of this name.
    pub fn kept_from(&self, name: &str, now_ms: u64) -> Option<&Returned> {
        let returned = self.returned.as_deref();
        returned.filter(|one| !text::is_same_name(&one.to, name) && one.is_kept_for_author(now_ms))
    }

    /// The actor, other than the one of this name, who works on it without a claim: it is in progress,
    /// assigned to them, and has no holder.
    pub fn worked_on_by_other(&self, name: &str) -> Option<&str> {
        let is_unclaimed = self.status.is_in_progress() && self.holder().is_none();
        let assignee = self.assignee.as_deref().filter(|_| is_unclaimed);
        assignee.filter(|assignee| !text::is_same_name(assignee, name))
    }

    /// True if its work was returned to the actor of this name.
    pub fn is_returned_to(&self, name: &str) -> bool {
        let to = self.returned.as_ref().map(|one| &one.to);
        to.is_some_and(|to| text::is_same_name(to, name))
    }

    /// True if it is an open gate that only a human can open.
    pub fn waits_for_a_human(&self) -> bool {
        let awaits = self.issue.await_type.as_deref().unwrap_or_default();
        let human = awaits
            .strip_prefix("human")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
        self.item_type == "gate" && human && self.is_open()
    }

    /// The status that people read at a time, in milliseconds since the Unix epoch: what could be
    /// started, but is put off until later, is deferred.
    pub fn status_at(&self, now_ms: u64) -> &Status {
        match self.status.is_startable() && self.issue.is_deferred_at(now_ms) {
            true => &Status::Deferred,
            false => &self.status,
        }
    }

    /// The time at which it is due, if that is past or near; such work comes before other work of
    /// the same priority.
    pub fn due_soon(&self, now_ms: u64) -> Option<u64> {
        let due = self.issue.due_at.as_deref().and_then(parse_rfc3339)?;
        (due <= now_ms.saturating_add(DUE_SOON_MS)).then_some(due)
    }

    /// True if it is open and its due time is over.
    pub fn is_overdue(&self, now_ms: u64) -> bool {
        let due = self.due_soon(now_ms).filter(|_| !self.status.is_closed());
        due.is_some_and(|due| due < now_ms)
    }

    /// True if it can block others: it is not closed, and neither pinned nor a template.
    pub fn is_open(&self) -> bool {
        let pinned = matches!(&self.status, Status::Other(word) if word == "pinned");
        let exempt = self.issue.pinned || self.issue.template || pinned;
        !self.deleted && !self.status.is_closed() && !exempt
    }

    /// The permanent alias of this item: `T-0001-k3f9`.
    pub fn alias(&self) -> String {
        id::alias(&self.born, &self.uid)
    }

    /// A reference to this item, as other documents store it.
    pub fn reference(&self) -> ItemRef {
        ItemRef::to(&self.born, &self.uid)
    }

    /// The parent by a parent-child edge.
    pub fn parent(&self) -> Option<&ItemRef> {
        self.edges
            .iter()
            .find(|e| e.kind == PARENT_CHILD)
            .map(|e| &e.target)
    }

    /// Its epic, unless that is its parent as well.
    pub fn epic_apart(&self) -> Option<&ItemRef> {
        let epic = self.epic.as_ref();
        epic.filter(|epic| self.parent() != Some(epic))
    }

    /// The time of a write of it.
    pub fn time_of(&self, stamp: &Stamp) -> String {
        time_of(Some(&self.created_at), stamp)
    }

    /// The estimated work in minutes: its own estimate, else by its size, else by its points.
    pub fn estimated_minutes(&self) -> Option<u64> {
        let exact = self.issue.estimated_minutes.filter(|minutes| *minutes > 0);
        let exact = exact.and_then(|minutes| u64::try_from(minutes).ok());
        let size = self.estimate.as_deref().and_then(Estimate::parse);
        let points = self.points.and_then(|points| u64::try_from(points).ok());
        let pointed = points.filter(|points| *points > 0);
        let pointed = pointed.map(|points| points.saturating_mul(u64::from(HOURS_A_POINT)));
        let hours = size.map(|size| u64::from(size.hours())).or(pointed);
        exact.or_else(|| hours.map(|hours| hours.saturating_mul(60)))
    }

    /// True if it groups others: an item of kind epic, or an issue of that type, as in beads.
    pub fn is_epic(&self) -> bool {
        self.kind == ItemKind::Epic || (self.kind == ItemKind::Issue && self.item_type == "epic")
    }

    /// True if the work was never begun: an approval of its plan may still change it.
    pub fn is_untouched(&self) -> bool {
        let is_stopped = matches!(self.status, Status::Blocked | Status::Deferred);
        (self.status.is_startable() || is_stopped) && self.claims.is_empty()
    }

    /// What the task or issue is a part of: the epic of its field, else its parent, which may not be
    /// an epic.
    pub fn whole(&self) -> Option<&ItemRef> {
        let is_work = matches!(self.kind, ItemKind::Task | ItemKind::Issue);
        let parent = || self.parent().filter(|_| is_work);
        self.epic.as_ref().or_else(parent)
    }

    /// The time at which its work was finished: of an item that came closed, as far as its source
    /// states it. Reports, statistics, forecasts and queries count by it.
    pub fn completed_at(&self) -> Option<&str> {
        let closed = self.closed_at.as_deref();
        closed.filter(|_| self.status.is_finished())
    }

    /// The claim that holds the item: the first open one. None is in force on what is closed.
    pub fn holder(&self) -> Option<&Claim> {
        self.open_claims()
            .next()
            .filter(|_| !self.status.is_closed())
    }

    /// The claim under which its work is or was done: that of the holder, else the last one that did
    /// not end without work.
    pub fn worker(&self) -> Option<&Claim> {
        claim::worker(&self.claims)
    }

    /// The branch of the work that a clone began under a claim which it lost, while the item has no branch.
    pub fn lost_branch(&self, replica: &str) -> Option<&str> {
        let is_lost = |why: &str| why.starts_with("lost");
        let own = self.claims.iter().filter(|claim| claim.replica == replica);
        let lost = own.filter(|claim| claim.ended.as_deref().is_some_and(is_lost));
        let last = lost.max_by(|a, b| a.at.cmp(&b.at))?;
        last.branch.as_deref().filter(|_| self.branch.is_none())
    }

    /// The open claims, in holder order.
    pub fn open_claims(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|c| c.ended.is_none())
    }

    /// The first open claim of another clone.
    pub fn held_elsewhere(&self, replica: &str) -> Option<&Claim> {
        self.open_claims().find(|c| c.replica != replica)
    }

    /// Whose it is, which every list, query and export calls the assignee: the actor of the holding claim,
    /// else the one to whom the work was returned, else the stored assignee, which is the last holder once
    /// it is done, else the one who submitted it.
    pub fn owner(&self) -> Option<&str> {
        let holder = self.holder().map(|claim| claim.actor.as_str());
        let author = self.returned.as_ref().map(|one| one.to.as_str());
        let assignee = author.or(self.assignee.as_deref());
        let submitter = || self.submitter().map(|claim| claim.actor.as_str());
        holder.or(assignee).or_else(submitter)
    }

    /// The ended claim under which work was submitted that waits for its approval or merge again, as after the undo of
    /// a return or a closing: no claim comes back, and the work stays its claimant's until it is given to another.
    pub fn submitter(&self) -> Option<&Claim> {
        let is_submitted = matches!(self.status, Status::InReview | Status::ReadyForIntegration);
        let worker = self.worker().filter(|_| is_submitted)?;
        let ended = worker.ended.as_deref()?;
        let assignee = self.assignee.as_deref();
        let is_own = assignee.is_none_or(|name| text::is_same_name(name, &worker.actor));
        (is_own && !ended.starts_with("reassigned")).then_some(worker)
    }
}

/// The epic of a task or issue whose epic is only its parent, as birth ids tell: where its work is merged does not
/// depend on which of the two a caller named.
fn epic_above(kind: ItemKind, edges: &[Edge]) -> Option<ItemRef> {
    let is_work = matches!(kind, ItemKind::Task | ItemKind::Issue);
    let parent = edges
        .iter()
        .find(|e| e.kind == PARENT_CHILD)?
        .target
        .clone();
    let above = id::parse_sequential(&parent.born).filter(|_| is_work);
    matches!(above, Some((ItemKind::Epic, _))).then_some(parent)
}

/// True if the reason was given with the last closing or before it. Where another status won over that
/// of the closing, it is no reason for that one.
fn is_of_closing(doc: &Doc) -> bool {
    let closed = doc.regs.get("closed_at").filter(|reg| !reg.value.is_null());
    let both = closed.zip(doc.regs.get("reason"));
    both.is_some_and(|(closed, reason)| reason.stamp <= closed.stamp)
}

/// The time of a write; a value that follows from a document alone has that of the creation.
fn time_of(created_at: Option<&str>, stamp: &Stamp) -> String {
    match created_at.filter(|_| stamp.is_derived()) {
        Some(created) => created.to_string(),
        None => rfc3339(stamp.ms),
    }
}

/// True if a text from the state can name a branch (`git check-ref-format`). Any other text is
/// ignored: it must never reach git as an option or an expression.
pub(super) fn is_branch_name(name: &str) -> bool {
    let bad =
        |c: char| c.is_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    let components = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.ends_with(".lock")
    };
    !name.starts_with('-')
        && name.len() <= 500
        && name != "HEAD"
        && !name.contains("..")
        && !name.contains("@{")
        && !name.chars().any(bad)
        && name.split('/').all(components)
}

/// The stated time of creation in milliseconds, then the milliseconds and the counter of the birth:
/// stated times are often whole seconds, which many documents share.
fn age(doc: &Doc) -> u128 {
    let created = doc.text("created_at").and_then(parse_rfc3339);
    let created = created.unwrap_or(doc.birth.ms).min(AGE_MS);
    let born = doc.birth.ms.min(AGE_MS);
    u128::from(created) << 80 | u128::from(born) << 32 | u128::from(doc.birth.counter)
}

/// The largest time that fits into an age, in milliseconds.
const AGE_MS: u64 = (1 << 48) - 1;
