//! The typed view of an item document: what commands and graphs read. It borrows nothing and
//! writes nothing; changes go through the document.

use super::approval::Approval;
use super::codec::Damage;
use super::doc::{Doc, Entry};
use super::id::{self, ItemKind, ItemRef};
use super::issue::{Gate, IssueFields, WAITS_FOR};
use super::stamp::{Stamp, parse_rfc3339, rfc3339};
use super::status::Status;
use super::text;
use super::uid::Uid;
use super::until;
use super::value::Value;

/// The type of the edge from a child to its parent.
pub(crate) const PARENT_CHILD: &str = "parent-child";

/// One acceptance criterion.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Criterion {
    /// The id of its record entry.
    pub id: String,
    /// What has to hold.
    pub text: String,
    /// Whether somebody ticked it.
    pub done: bool,
    /// What shows that it holds.
    pub evidence: Option<String>,
}

/// One claim on an item: somebody in some clone works on it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Claim {
    /// The claim's own id.
    pub id: String,
    /// Who claims.
    pub actor: String,
    /// The own name of the agent that made it; none where a human did.
    #[serde(default)]
    pub agent: Option<String>,
    /// The clone in which it was made: the same actor in another clone is another claimant.
    pub replica: String,
    /// When it was made.
    pub at: Stamp,
    /// The branch that it was made with, if with one.
    pub branch: Option<String>,
    /// Until when it holds without renewal, in milliseconds since the Unix epoch.
    pub lease_ms: u64,
    /// Whether `pm.remote` accepted it.
    pub confirmed: bool,
    /// Why it ended, once it did.
    pub ended: Option<String>,
}

/// An edge to another item, other than a plain hard dependency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Edge {
    /// The edge's type, in beads' words.
    pub kind: String,
    /// The other end.
    pub target: ItemRef,
    /// Of a `waits-for` edge: for which children of the other end it waits, if for them.
    pub gate: Option<Gate>,
}

/// A dependency: the item waits for `target`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Dependency {
    /// What it waits for.
    pub target: ItemRef,
    /// A soft dependency warns and lets start; a hard one blocks.
    pub soft: bool,
}

/// An item.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Item {
    /// The name that never changes.
    pub uid: Uid,
    /// The id people use.
    pub id: String,
    /// The id it was born with; its alias and references keep it.
    pub born: String,
    /// What it is.
    pub kind: ItemKind,
    /// One line of text.
    pub title: String,
    /// The type (feature, bug, …); kept verbatim where unknown.
    pub item_type: String,
    /// The state.
    pub status: Status,
    /// 0 (highest) to 4.
    pub priority: u8,
    /// Who is planned to do it.
    pub assignee: Option<String>,
    /// XS to XL.
    pub estimate: Option<String>,
    /// low, medium or high.
    pub risk: Option<String>,
    /// test-first, test-after, test-parallel or none.
    pub validation: Option<String>,
    /// The stream of work it belongs to.
    pub stream: Option<String>,
    /// The epic that owns it.
    pub epic: Option<ItemRef>,
    /// Labels, sorted.
    pub labels: Vec<String>,
    /// What it waits for.
    pub depends_on: Vec<Dependency>,
    /// All other typed edges.
    pub edges: Vec<Edge>,
    /// What must hold for it to be done, in order.
    pub acceptance: Vec<Criterion>,
    /// Globs it expects to touch.
    pub paths: Vec<String>,
    /// References outside, verbatim.
    pub external_refs: Vec<String>,
    /// The furthest step an agent may take unasked: none, plan, develop or review.
    pub auto_policy: String,
    /// Its branch, once started.
    pub branch: Option<String>,
    /// Every claim there ever was, in holder order.
    pub claims: Vec<Claim>,
    /// Markdown. Not part of the serialised form: whoever wants it reads the document.
    #[serde(skip)]
    pub body: String,
    /// Whether concurrent versions of the body wait for somebody to resolve them.
    pub conflicted: bool,
    /// Whether it was deleted.
    pub deleted: bool,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// Its place from the oldest to the youngest: when it was made, and of what was made within one
    /// second the stamp of its birth.
    pub age: u128,
    /// Who made it.
    pub created_by: Option<String>,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
    /// When it was started, RFC 3339.
    pub started_at: Option<String>,
    /// When it was finished, RFC 3339.
    pub finished_at: Option<String>,
    /// The approval that stands on it.
    pub approval: Option<Box<Approval>>,
    /// When it was closed, RFC 3339.
    pub closed_at: Option<String>,
    /// Whether it was closed by force, without evidence.
    pub forced: bool,
    /// Why it was blocked, deferred, cancelled or closed.
    pub reason: Option<String>,
    /// What beads' records have beyond that.
    pub issue: IssueFields,
    /// The greatest stamp in it: what `--if-version` compares.
    pub version: String,
}

impl Item {
    /// Reads the typed view.
    ///
    /// # Errors
    /// When the document is no item, or a field holds what it cannot hold.
    pub fn from_doc(doc: &Doc) -> Result<Item, Damage> {
        let kind = ItemKind::parse(&doc.kind)
            .ok_or_else(|| Damage::field("kind", format!("`{}` is no item", doc.kind)))?;
        let text = |name: &str| doc.text(name).map(str::to_string);
        let actor = |name: &str| doc.text(name).map(text::actor);
        let status_text = doc.text("status").unwrap_or(match kind {
            ItemKind::Task => "queued",
            _ => "open",
        });
        let status = Status::parse(kind, status_text)
            .ok_or_else(|| Damage::field("status", format!("`{status_text}` is no state")))?;
        let priority = match doc.value("priority").as_int() {
            None => 2,
            Some(p) => u8::try_from(p)
                .ok()
                .filter(|p| *p <= 4)
                .ok_or_else(|| Damage::field("priority", "must be 0 to 4"))?,
        };
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
                    .and_then(|e| e.text("class"))
                    == Some("soft"),
            })
            .collect();
        let latest = doc.latest();
        Ok(Item {
            uid: doc.uid.clone(),
            id: doc.shown_id().to_string(),
            born: doc.born.clone(),
            kind,
            title: match doc.value("title") {
                Value::Redacted(_) => "[redacted]".into(),
                other => other.as_str().unwrap_or_default().to_string(),
            },
            item_type: text("type").unwrap_or_else(|| {
                match kind {
                    ItemKind::Task | ItemKind::Issue => "feature",
                    ItemKind::Epic => "epic",
                    ItemKind::Prd => "prd",
                }
                .to_string()
            }),
            status,
            priority,
            assignee: actor("assignee"),
            estimate: text("estimate"),
            risk: text("risk"),
            validation: text("validation"),
            stream: text("stream"),
            epic: doc.text("epic").map(ItemRef::parse),
            labels: doc.elements("labels").map(str::to_string).collect(),
            depends_on,
            edges,
            acceptance: acceptance(doc),
            paths: doc.elements("paths").map(str::to_string).collect(),
            external_refs: doc.elements("external_refs").map(str::to_string).collect(),
            auto_policy: text("auto_policy").unwrap_or_else(|| "none".into()),
            branch: text("branch").filter(|name| is_branch_name(name)),
            claims: claims(doc),
            body: doc.body.shown().to_string(),
            conflicted: doc.body.is_conflicted() || super::long_texts::is_conflicted(doc),
            deleted: doc.purged || doc.value("deleted").is_true(),
            age: age(doc),
            created_at: text("created_at").unwrap_or_else(|| rfc3339(doc.birth.ms)),
            created_by: actor("created_by"),
            updated_at: match text("created_at").filter(|_| latest.ms == 0) {
                // What follows from a document alone has no time of its own.
                Some(created) => created,
                None => rfc3339(latest.ms),
            },
            started_at: text("started_at"),
            finished_at: text("finished_at"),
            approval: Approval::of(doc).map(Box::new),
            closed_at: text("closed_at"),
            forced: doc.value("forced").is_true(),
            reason: text("reason"),
            issue: IssueFields::from_doc(doc),
            version: latest.to_string(),
        })
    }

    /// Whether somebody may take it up as far as its assignment goes: it has none, or to them.
    pub fn is_free_for(&self, name: &str) -> bool {
        self.assignee.as_deref().is_none_or(|one| one == name)
    }

    /// Whether it is an open gate that only a human opens.
    pub fn waits_for_a_human(&self) -> bool {
        let awaits = self.issue.await_type.as_deref().unwrap_or_default();
        let human = awaits
            .strip_prefix("human")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
        self.item_type == "gate" && human && self.is_open()
    }

    /// Whether it can hold others up at all: it is not over, and neither pinned nor a template.
    pub fn is_open(&self) -> bool {
        let pinned = matches!(&self.status, Status::Other(word) if word == "pinned");
        let kept = self.issue.pinned || self.issue.template || pinned;
        !self.deleted && !self.status.is_closed() && !kept
    }

    /// The alias that always names this item: `T-0001-k3f9`.
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

    /// The claim that holds the item: the first without an ending.
    pub fn holder(&self) -> Option<&Claim> {
        self.open_claims().next()
    }

    /// The claims without an ending, in holder order.
    pub fn open_claims(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|c| c.ended.is_none())
    }

    /// The first open claim of another clone.
    pub fn held_elsewhere(&self, replica: &str) -> Option<&Claim> {
        self.open_claims().find(|c| c.replica != replica)
    }

    /// Who is on it: the holder, else the assignee.
    pub fn owner(&self) -> Option<&str> {
        self.holder()
            .map(|c| c.actor.as_str())
            .or(self.assignee.as_deref())
    }
}

/// Whether a text from the state can name a branch at all (`git check-ref-format`). Anything else
/// is treated as no branch: it must never reach git as an option or an expression.
fn is_branch_name(name: &str) -> bool {
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

/// The time that is told of a document in milliseconds, before the milliseconds and the counter of its
/// birth: a time that is told may be of a second, and of many documents.
fn age(doc: &Doc) -> u128 {
    let told = doc.text("created_at").and_then(parse_rfc3339);
    let told = told.unwrap_or(doc.birth.ms).min(AGE_MS);
    let born = doc.birth.ms.min(AGE_MS);
    u128::from(told) << 80 | u128::from(born) << 32 | u128::from(doc.birth.counter)
}

/// The most milliseconds that an age has room for.
const AGE_MS: u64 = (1 << 48) - 1;

fn acceptance(doc: &Doc) -> Vec<Criterion> {
    let mut all: Vec<(i64, Criterion)> = doc
        .entries("acceptance")
        .map(|(id, entry)| {
            let criterion = Criterion {
                id: id.to_string(),
                text: entry.text("text").unwrap_or_default().to_string(),
                done: entry.value("done").is_true(),
                evidence: entry.text("evidence").map(str::to_string),
            };
            (entry.value("order").as_int().unwrap_or(i64::MAX), criterion)
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    all.into_iter().map(|(_, criterion)| criterion).collect()
}

/// The claims in the order in which they hold: confirmed ones first, then the earliest.
fn claims(doc: &Doc) -> Vec<Claim> {
    let mut all: Vec<Claim> = doc
        .entries("claims")
        .map(|(id, entry)| claim(id, entry))
        .collect();
    all.sort_by(|a, b| (!a.confirmed, &a.at, &a.id).cmp(&(!b.confirmed, &b.at, &b.id)));
    all
}

fn claim(id: &str, entry: &Entry) -> Claim {
    let text = |name: &str| entry.text(name).unwrap_or_default().to_string();
    Claim {
        id: id.to_string(),
        actor: text::actor(&text("actor")),
        agent: entry.text("agent").map(text::actor),
        replica: text("replica"),
        at: entry.at.clone(),
        branch: (entry.text("branch").map(str::to_string)).filter(|name| is_branch_name(name)),
        lease_ms: until::end(entry.regs.get("lease")),
        confirmed: entry.value("confirmed").is_true(),
        ended: entry.text("ended").map(str::to_string),
    }
}
