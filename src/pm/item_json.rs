//! The JSON of an item: its keys, in their order, as one type from which both the output and its
//! schema are derived.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::artifact_view::ArtifactView;
use super::shared_views::{
    ClaimView, CommentView, EdgeView, HandoffView, ItemView, LinkView, ReturnView, WorkView,
};
use crate::model::approval::Approval;
use crate::model::id::ItemKind;
use crate::model::item::Criterion;
use crate::model::status::Status;
use crate::model::uid::Uid;

/// An acceptance criterion with its number, from 1, for `task accept`.
#[derive(Serialize, JsonSchema)]
struct Numbered<'i> {
    /// The number, from 1.
    number: usize,
    #[serde(flatten)]
    criterion: &'i Criterion,
}

/// A PRD, epic, task or issue.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Item")]
pub(crate) struct ItemJson<'i> {
    /// The current id.
    id: &'i str,
    /// The permanent name.
    uid: &'i Uid,
    /// The first id with the permanent name, as other documents refer to it.
    alias: String,
    /// prd, epic, task or issue.
    kind: ItemKind,
    /// One line.
    title: &'i str,
    /// feature, bug, chore, …
    #[serde(rename = "type")]
    item_type: &'i str,
    /// The status.
    status: &'i Status,
    /// From 0 (highest) to 4.
    priority: u8,
    /// The claim's holder, else the author to whom it was returned, else the assignee.
    owner: Option<&'i str>,
    /// The actor who is planned to do it.
    assignee: Option<&'i str>,
    /// XS to XL.
    estimate: Option<&'i str>,
    /// low, medium or high.
    risk: Option<&'i str>,
    /// test-first, test-after, test-parallel or none.
    validation: Option<&'i str>,
    /// The stream of work.
    stream: Option<&'i str>,
    /// The id of the epic that owns it.
    epic: Option<&'i str>,
    /// The labels.
    labels: &'i [String],
    /// The ids of the items it waits for.
    depends_on: &'i [String],
    /// All typed edges, dependencies included.
    edges: &'i [EdgeView],
    /// The acceptance criteria.
    acceptance: Vec<Numbered<'i>>,
    /// The paths that it is expected to change, as patterns.
    paths: &'i [String],
    /// References to other trackers.
    external_refs: &'i [String],
    /// The furthest step that an agent may take without being asked.
    auto_policy: &'i str,
    /// The branch.
    branch: Option<&'i str>,
    /// The absolute path of its worktree in this clone.
    worktree: Option<&'i str>,
    /// The claim of its holder.
    claim: Option<&'i ClaimView>,
    /// Set while concurrent versions of the text are unresolved.
    conflicted: bool,
    /// Set if it was closed by force, without evidence.
    forced: bool,
    /// The reason for its status.
    reason: Option<&'i str>,
    /// RFC 3339, like all times.
    created_at: &'i str,
    /// The actor.
    created_by: Option<&'i str>,
    /// The last change.
    updated_at: &'i str,
    /// The first start.
    started_at: Option<&'i str>,
    /// The last submission for review.
    finished_at: Option<&'i str>,
    /// The time of the approval.
    approved_at: Option<&'i str>,
    /// The human who approved it.
    approved_by: Option<&'i str>,
    /// The approval.
    approval: Option<&'i Approval>,
    /// The time at which it was done, closed or cancelled.
    closed_at: Option<&'i str>,
    // The fields of beads' records, which tasks rarely have.
    /// The due time.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<&'i str>,
    /// The end of its deferral.
    #[serde(skip_serializing_if = "Option::is_none")]
    defer_until: Option<&'i str>,
    /// The estimated effort.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_minutes: Option<i64>,
    /// The specification it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    spec_id: Option<&'i str>,
    /// The e-mail address of the person responsible.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_email: Option<&'i str>,
    /// The system it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_system: Option<&'i str>,
    /// Set if it stays open permanently.
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<bool>,
    /// Set if it is never exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    ephemeral: Option<bool>,
    /// Set if it is only a template for other items.
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<bool>,
    /// The event that a gate waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    await_type: Option<&'i str>,
    /// The id of that event.
    #[serde(skip_serializing_if = "Option::is_none")]
    await_id: Option<&'i str>,
    /// The time limit of a gate, in nanoseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ns: Option<i64>,
    /// The actors to notify when a gate opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiters: Option<&'i [String]>,
    /// The design, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    design: Option<&'i str>,
    /// The acceptance criteria, as one text.
    #[serde(skip_serializing_if = "Option::is_none")]
    acceptance_criteria: Option<&'i str>,
    /// Notes, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<&'i str>,
    /// A JSON object, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'i str>,
    /// Set if it was recorded that nothing was learned from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    nothing_learned: Option<bool>,
    /// The version, for `--if-version`.
    version: &'i str,
    /// The state of its work; only for a single item in review, approved or merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<&'i WorkView>,
    /// The return of its work to its author, until it is submitted again.
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<&'i ReturnView>,
    /// The newest handoff; only for a single item that is shown or resumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    handoff: Option<&'i HandoffView>,
    /// Its parts; only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    children: Option<&'i [LinkView]>,
    /// The items that wait for it; only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    dependents: Option<&'i [LinkView]>,
    /// Markdown; only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'i str>,
    /// Oldest first; only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<&'i [CommentView]>,
    /// The current artifacts of the item and those it depends on; only if one item is shown or
    /// started.
    #[serde(skip_serializing_if = "Option::is_none")]
    artifacts: Option<&'i [ArtifactView]>,
}

impl<'i> ItemJson<'i> {
    fn of(view: &'i ItemView) -> ItemJson<'i> {
        let (item, texts, issue) = (&view.item, &view.texts, &view.item.issue);
        let approval = item.approval.as_deref();
        let criteria = item.acceptance.iter().enumerate();
        let criteria = criteria.map(|(n, criterion)| Numbered {
            number: n + 1,
            criterion,
        });
        ItemJson {
            id: &view.id,
            uid: &item.uid,
            alias: item.alias(),
            kind: item.kind,
            title: &item.title,
            item_type: &item.item_type,
            status: &item.status,
            priority: item.priority,
            owner: view.owner(),
            assignee: item.assignee.as_deref(),
            estimate: item.estimate.as_deref(),
            risk: item.risk.as_deref(),
            validation: item.validation.as_deref(),
            stream: item.stream.as_deref(),
            epic: view.epic.as_deref(),
            labels: &item.labels,
            depends_on: &view.depends_on,
            edges: &view.edges,
            acceptance: criteria.collect(),
            paths: &item.paths,
            external_refs: &item.external_refs,
            auto_policy: &item.auto_policy,
            branch: item.branch.as_deref(),
            worktree: view.worktree.as_deref(),
            claim: view.claim.as_ref(),
            conflicted: item.conflicted,
            forced: item.forced,
            reason: item.reason.as_deref(),
            created_at: &item.created_at,
            created_by: item.created_by.as_deref(),
            updated_at: &item.updated_at,
            started_at: item.started_at.as_deref(),
            finished_at: item.finished_at.as_deref(),
            approved_at: approval.map(|one| one.at.as_str()),
            approved_by: approval.map(|one| one.by.as_str()),
            approval,
            closed_at: item.closed_at.as_deref(),
            due_at: issue.due_at.as_deref(),
            defer_until: issue.defer_until.as_deref(),
            estimated_minutes: issue.estimated_minutes,
            spec_id: issue.spec_id.as_deref(),
            owner_email: issue.owner_email.as_deref(),
            source_system: issue.source_system.as_deref(),
            pinned: issue.pinned.then_some(true),
            ephemeral: issue.ephemeral.then_some(true),
            template: issue.template.then_some(true),
            await_type: issue.await_type.as_deref(),
            await_id: issue.await_id.as_deref(),
            timeout_ns: issue.timeout_ns,
            waiters: (!issue.waiters.is_empty()).then_some(issue.waiters.as_slice()),
            design: texts.design.as_deref(),
            acceptance_criteria: texts.acceptance_criteria.as_deref(),
            notes: texts.notes.as_deref(),
            metadata: texts.metadata.as_deref(),
            nothing_learned: item.nothing_learned.then_some(true),
            version: &item.version,
            work: view.work.as_ref(),
            returned: view.returned.as_ref(),
            handoff: view.handoff.as_ref(),
            children: view.children.as_deref(),
            dependents: view.dependents.as_deref(),
            body: view.body.as_deref(),
            comments: view.comments.as_deref(),
            artifacts: view.artifacts.as_deref(),
        }
    }
}

impl Serialize for ItemView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ItemJson::of(self).serialize(serializer)
    }
}

impl schemars::JsonSchema for ItemView {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        ItemJson::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        ItemJson::json_schema(generator)
    }
}
