//! Views: plain values with the names that JSON output uses. Commands render them; other programs
//! read them.

use serde::Serialize;

use crate::graph::is_offered;
use crate::model::approval::Approval;
use crate::model::doc::Doc;
use crate::model::id::{ItemKind, ItemRef};
use crate::model::issue_fields::IssueFields;
use crate::model::item::{Claim, Item};
use crate::model::stamp::rfc3339;
use crate::model::text;
use crate::model::uid::Uid;
use crate::store::state::State;

/// One acceptance criterion of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CriterionView {
    /// From 1, for `task accept`.
    pub number: usize,
    /// Permanent.
    pub id: String,
    /// The text.
    pub text: String,
    /// Set if it was ticked.
    pub done: bool,
    /// The evidence that it is met.
    pub evidence: Option<String>,
}

/// A typed edge of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EdgeView {
    /// The edge's type (`parent-child`, `related`, …; `blocks` for dependencies).
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of the other end.
    pub target: String,
    /// `hard` or `soft`.
    pub class: String,
    /// Of a `waits-for` edge with a gate: `all-children` or `any-children`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
    /// The other end's title; only for a single item, if the other end exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The other end's status, as for the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// Another item, for one line of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkView {
    /// The id.
    pub id: String,
    /// One line.
    pub title: String,
    /// Its state.
    pub status: String,
}

/// A claim of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimView {
    /// The claimant.
    pub actor: String,
    /// The own name of the agent that made it, under any actor name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Set if it is settled: confirmed by `pm.remote`, or there is no remote.
    pub confirmed: bool,
    /// The end of its lease, RFC 3339.
    pub lease_until: String,
    /// The holder's last sign of life, RFC 3339: a commit or a command that writes in its worktree,
    /// as far as this clone knows. Null if a longer lease than usual was requested.
    pub last_sign: Option<String>,
    /// Set if it was made in this clone.
    pub here: bool,
}

impl ItemView {
    /// True if the item by itself can be offered as work: not one that only groups or blocks
    /// others, is pinned, ephemeral or a template.
    pub fn is_offered(&self) -> bool {
        let kept = self.issue.pinned || self.issue.template || self.issue.ephemeral;
        let kind = ItemKind::parse(&self.kind);
        !kept && kind.is_some_and(|kind| is_offered(kind, &self.item_type))
    }
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommentView {
    /// Its own name.
    pub uid: String,
    /// The author.
    pub author: String,
    /// The own name of the agent that wrote it; none for a human.
    pub agent: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// Markdown.
    pub body: String,
}

/// An item for commands and JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ItemView {
    /// With the end of the uid if two items share it.
    pub id: String,
    /// Permanent.
    pub uid: String,
    /// A name that always finds it, even after its id changed.
    pub alias: String,
    /// prd, epic, task or issue.
    pub kind: String,
    /// One line.
    pub title: String,
    /// feature, bug, …
    #[serde(rename = "type")]
    pub item_type: String,
    /// The state.
    pub status: String,
    /// 0 (highest) to 4.
    pub priority: u8,
    /// The claim's holder, else the assignee.
    pub owner: Option<String>,
    /// The planned actor.
    pub assignee: Option<String>,
    /// XS to XL.
    pub estimate: Option<String>,
    /// low, medium, high.
    pub risk: Option<String>,
    /// test-first, test-after, test-parallel, none.
    pub validation: Option<String>,
    /// Stream of work.
    pub stream: Option<String>,
    /// The id of the epic that owns it.
    pub epic: Option<String>,
    /// Labels, sorted.
    pub labels: Vec<String>,
    /// The ids of its dependencies.
    pub depends_on: Vec<String>,
    /// All typed edges, dependencies included.
    pub edges: Vec<EdgeView>,
    /// Acceptance criteria.
    pub acceptance: Vec<CriterionView>,
    /// Globs it expects to touch.
    pub paths: Vec<String>,
    /// External references.
    pub external_refs: Vec<String>,
    /// The last step that an agent may take without being asked.
    pub auto_policy: String,
    /// Its branch, once started.
    pub branch: Option<String>,
    /// The absolute path of its worktree in this clone; null elsewhere.
    pub worktree: Option<String>,
    /// The claim of its holder.
    pub claim: Option<ClaimView>,
    /// Set if its texts have concurrent versions, see `git pm conflicts`.
    pub conflicted: bool,
    /// Set if it was closed by force, without evidence.
    pub forced: bool,
    /// The reason why it was blocked, deferred, cancelled or closed.
    pub reason: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// The creator.
    pub created_by: Option<String>,
    /// RFC 3339.
    pub updated_at: String,
    /// RFC 3339.
    pub started_at: Option<String>,
    /// RFC 3339.
    pub finished_at: Option<String>,
    /// RFC 3339.
    pub approved_at: Option<String>,
    /// The approver.
    pub approved_by: Option<String>,
    /// The complete approval: who, how, when, of which commit.
    pub approval: Option<Approval>,
    /// RFC 3339.
    pub closed_at: Option<String>,
    /// Further fields of beads' records; each is left out if it is not set.
    #[serde(flatten)]
    pub issue: IssueView,
    /// The greatest stamp in it, for `--if-version`.
    pub version: String,
    /// The state of its work; only for a single item in review, approved or merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work: Option<WorkView>,
    /// Its parts; only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children: Option<Vec<LinkView>>,
    /// The items that wait for it; only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dependents: Option<Vec<LinkView>>,
    /// Markdown; only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Oldest first; only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<Vec<CommentView>>,
}

/// The state of work in review, approved or merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkView {
    /// The commit that is in review or was approved; null if there is none in this clone.
    pub commit: Option<String>,
    /// The tip of its branch, if it is another commit.
    pub branch_at: Option<String>,
    /// Set if `git pm merge` merged it.
    pub merged: bool,
    /// The resulting commit of `git pm merge`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_commit: Option<String>,
    /// The branch that it was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<String>,
}

/// The fields of a beads record that tasks rarely have; each is left out if it is not set.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct IssueView {
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defer_until: Option<String>,
    /// The estimate, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_minutes: Option<i64>,
    /// The specification it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec_id: Option<String>,
    /// The e-mail address of the responsible person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_email: Option<String>,
    /// The system it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_system: Option<String>,
    /// Set if it stays open permanently, for reference.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// Set if it is temporary.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ephemeral: bool,
    /// Set if it is a template for others.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub template: bool,
    /// The condition of a gate: timer, human, bead, mail, `gh:run` or `gh:pr`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub await_type: Option<String>,
    /// The id of the awaited object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub await_id: Option<String>,
    /// The longest wait of a gate, in nanoseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ns: Option<i64>,
    /// The actors to notify when a gate opens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiters: Vec<String>,
    /// Only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub design: Option<String>,
    /// As one text; only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceptance_criteria: Option<String>,
    /// Only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// A JSON object; only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
}

impl ItemView {
    /// Adds the items that this one references, and those that reference it.
    pub(crate) fn name_others(&mut self, state: &State<'_>, item: &Item) {
        let targets = item.depends_on.iter().map(|d| &d.target);
        let targets = targets.chain(item.edges.iter().map(|e| &e.target));
        for (edge, target) in self.edges.iter_mut().zip(targets) {
            let other = target.uid.as_ref().and_then(|uid| state.item(uid));
            edge.title = other.map(|other| other.title.clone());
            edge.status = other.map(|other| other.status.to_string());
        }
        let links = |items: Vec<&Item>| {
            let link = |other: &Item| LinkView {
                id: state.shown_id(other),
                title: other.title.clone(),
                status: other.status.to_string(),
            };
            items.into_iter().map(link).collect()
        };
        self.children = Some(links(state.children(&item.uid)));
        self.dependents = Some(links(state.dependents(&item.uid)));
    }
}

impl IssueView {
    fn of(issue: &IssueFields) -> IssueView {
        let issue = issue.clone();
        IssueView {
            due_at: issue.due_at,
            defer_until: issue.defer_until,
            estimated_minutes: issue.estimated_minutes,
            spec_id: issue.spec_id,
            owner_email: issue.owner_email,
            source_system: issue.source_system,
            pinned: issue.pinned,
            ephemeral: issue.ephemeral,
            template: issue.template,
            await_type: issue.await_type,
            await_id: issue.await_id,
            timeout_ns: issue.timeout_ns,
            waiters: issue.waiters,
            ..IssueView::default()
        }
    }

    /// Adds the texts from the document.
    pub(crate) fn read_texts(&mut self, doc: &Doc) {
        let text = |name: &str| doc.text(name).map(str::to_string);
        self.design = text("design");
        self.acceptance_criteria = text("acceptance_criteria");
        self.notes = text("notes");
        self.metadata = text("metadata");
    }
}

/// The facts about this clone that a view needs beside the state.
#[derive(Clone, Debug, Default)]
pub struct Here {
    /// This clone's replica id.
    pub replica: Option<String>,
    /// Set if there is a remote that confirms claims.
    pub has_remote: bool,
    /// The time, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// Branch (short name) to the absolute path of the worktree that has it checked out.
    pub worktrees: std::collections::BTreeMap<String, String>,
}

impl Here {
    /// The holder of a claim with its last activity, for the end of a sentence:
    /// `ana (last active 12m ago)`.
    pub(crate) fn holder(&self, claim: &Claim) -> String {
        let here = self.replica.as_deref() == Some(claim.replica.as_str());
        let heard = if here { "" } else { ", as of the last sync" };
        format!("{} ({}{heard})", claim.actor, claim.heard(self.now_ms))
    }
}

/// The view of a claim.
pub fn claim_view(claim: &Claim, here: &Here) -> ClaimView {
    ClaimView {
        actor: claim.actor.clone(),
        agent: claim.agent.clone(),
        confirmed: claim.confirmed || !here.has_remote,
        lease_until: rfc3339(claim.lease_ms),
        last_sign: claim.last_sign(here.now_ms).map(rfc3339),
        here: here.replica.as_deref() == Some(claim.replica.as_str()),
    }
}

/// The view of an item, without body and comments.
pub fn item_view(state: &State<'_>, item: &Item, here: &Here) -> ItemView {
    view_with(
        state.shown_id(item),
        |target| state.shown_ref(target),
        item,
        here,
    )
}

/// The view of an item, given its shown id and a function for those of its references.
pub(crate) fn view_with(
    id: String,
    shown_ref: impl Fn(&ItemRef) -> String,
    item: &Item,
    here: &Here,
) -> ItemView {
    let mut edges: Vec<EdgeView> = item
        .depends_on
        .iter()
        .map(|d| EdgeView {
            kind: "blocks".into(),
            target: shown_ref(&d.target),
            class: if d.soft { "soft" } else { "hard" }.into(),
            gate: None,
            title: None,
            status: None,
        })
        .collect();
    edges.extend(item.edges.iter().map(|e| {
        EdgeView {
            kind: e.kind.clone(),
            target: shown_ref(&e.target),
            class: if crate::graph::is_blocking(&e.kind) {
                "hard"
            } else {
                "soft"
            }
            .into(),
            gate: e.gate.map(|gate| gate.as_str().to_string()),
            title: None,
            status: None,
        }
    }));
    ItemView {
        id,
        uid: item.uid.to_string(),
        alias: item.alias(),
        kind: item.kind.to_string(),
        title: item.title.clone(),
        item_type: item.item_type.clone(),
        status: item.status.to_string(),
        priority: item.priority,
        owner: item.owner().map(str::to_string),
        assignee: item.assignee.clone(),
        estimate: item.estimate.clone(),
        risk: item.risk.clone(),
        validation: item.validation.clone(),
        stream: item.stream.clone(),
        epic: item.epic.as_ref().map(&shown_ref),
        labels: item.labels.clone(),
        depends_on: item
            .depends_on
            .iter()
            .map(|d| shown_ref(&d.target))
            .collect(),
        edges,
        acceptance: item
            .acceptance
            .iter()
            .enumerate()
            .map(|(n, c)| CriterionView {
                number: n + 1,
                id: c.id.clone(),
                text: c.text.clone(),
                done: c.done,
                evidence: c.evidence.clone(),
            })
            .collect(),
        paths: item.paths.clone(),
        external_refs: item.external_refs.clone(),
        auto_policy: item.auto_policy.clone(),
        branch: item.branch.clone(),
        worktree: item
            .branch
            .as_ref()
            .and_then(|b| here.worktrees.get(b).cloned()),
        claim: item.holder().map(|c| claim_view(c, here)),
        conflicted: item.conflicted,
        forced: item.forced,
        reason: item.reason.clone(),
        created_at: item.created_at.clone(),
        created_by: item.created_by.clone(),
        updated_at: item.updated_at.clone(),
        started_at: item.started_at.clone(),
        finished_at: item.finished_at.clone(),
        approved_at: item.approval.as_ref().map(|one| one.at.clone()),
        approved_by: item.approval.as_ref().map(|one| one.by.clone()),
        approval: item.approval.as_deref().cloned(),
        closed_at: item.closed_at.clone(),
        issue: IssueView::of(&item.issue),
        version: item.version.clone(),
        work: None,
        children: None,
        dependents: None,
        body: None,
        comments: None,
    }
}

/// The comments on an item, oldest first.
pub fn comments(state: &State<'_>, item: &Uid) -> Vec<CommentView> {
    let mut found: Vec<_> = state
        .comments_on(item)
        .into_iter()
        .filter(|doc| !doc.value("deleted").is_true())
        .collect();
    found.sort_by_key(|doc| (doc.birth.clone(), doc.uid.clone()));
    found
        .into_iter()
        .map(|doc| CommentView {
            uid: doc.uid.to_string(),
            author: doc.text("author").map(text::actor).unwrap_or_default(),
            agent: doc.text("agent").map(text::actor),
            created_at: doc.text("created_at").unwrap_or_default().to_string(),
            body: doc.body.shown().to_string(),
        })
        .collect()
}
