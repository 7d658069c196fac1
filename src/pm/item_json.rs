//! The JSON of an item: its keys, in their order.
//!
//! One type, from which both the output and its schema are derived.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::artifact_view::ArtifactView;
use super::item_findings::ItemFindings;
use super::shared_views::{
    ClaimView, CommentView, EdgeView, HandoffView, ItemView, LinkView, ReturnView, WorkView,
};
use crate::model::approval::Approval;
use crate::model::change_plan::ChangePlan;
use crate::model::id::ItemKind;
use crate::model::item::Criterion;
use crate::model::status::{Status, common_status};
use crate::model::uid::Uid;

/// An acceptance criterion with its number, from 1, for `task accept`.
#[derive(Serialize, JsonSchema)]
struct Numbered<'i> {
    /// The number, from 1.
    number: usize,
    #[serde(flatten)]
    criterion: &'i Criterion,
}

fn numbered(criteria: &[Criterion]) -> Vec<Numbered<'_>> {
    let all = criteria.iter().zip(1..);
    all.map(|(criterion, number)| Numbered { number, criterion })
        .collect()
}

/// Declares the JSON of an item, with the value of each key; an `optional` one is left out if it is
/// none.
macro_rules! item_json {
    ($view:ident: $({
        $($(#[$meta:meta])* $name:ident: $type:ty = $value:expr;)*
    } optional {
        $($(#[$of_rare:meta])* $rare:ident: $rare_type:ty = $rare_value:expr;)*
    })*) => {
        /// A PRD, epic, task or issue.
        #[derive(Serialize, JsonSchema)]
        #[schemars(rename = "Item")]
        pub(crate) struct ItemJson<'i> {
            $(
                $($(#[$meta])* $name: $type,)*
                $($(#[$of_rare])* #[serde(skip_serializing_if = "Option::is_none")] $rare: $rare_type,)*
            )*
        }

        impl<'i> ItemJson<'i> {
            fn of($view: &'i ItemView) -> ItemJson<'i> {
                ItemJson {
                    $($($name: $value,)* $($rare: $rare_value,)*)*
                }
            }
        }
    };
}

item_json! {
    view: {
        /// The current id.
        id: &'i str = &view.id;
        /// The permanent name.
        uid: &'i Uid = &view.item.uid;
        /// The first id with the permanent name, as other documents refer to it.
        alias: String = view.item.alias();
        /// prd, epic, task or issue.
        kind: ItemKind = view.item.kind;
        /// One line.
        title: &'i str = &view.item.title;
        /// feature, bug, chore, …
        #[serde(rename = "type")]
        item_type: &'i str = &view.item.item_type;
        /// The status, as it is stored.
        status: &'i Status = &view.item.status;
        /// The same in the words of tasks, for all kinds of items: `queued` for `open`, `in_progress` for `hooked`,
        /// `done` for `closed`, `deleted` for `tombstone`.
        common_status: &'i str = common_status(view.item.status.as_str());
        /// From 0 (highest) to 4.
        priority: u8 = view.item.priority;
        /// The claim's holder, else the author to whom it was returned, else the assignee.
        owner: Option<&'i str> = view.owner();
        /// The same, as other tools name it.
        assignee: Option<&'i str> = view.item.owner();
        /// XS to XL.
        estimate: Option<&'i str> = view.item.estimate.as_deref();
        /// low, medium or high.
        risk: Option<&'i str> = view.item.risk.as_deref();
        /// test-first, test-after, test-parallel or none.
        validation: Option<&'i str> = view.item.validation.as_deref();
        /// The stream of work.
        stream: Option<&'i str> = view.item.stream.as_deref();
        /// The id of the epic that owns it.
        epic: Option<&'i str> = view.epic.as_deref();
        /// The labels.
        labels: &'i [String] = &view.item.labels;
        /// The ids of the items it waits for.
        depends_on: &'i [String] = &view.depends_on;
        /// All typed edges, dependencies included.
        edges: &'i [EdgeView] = &view.edges;
        /// The acceptance criteria.
        acceptance: Vec<Numbered<'i>> = numbered(&view.item.acceptance);
        /// The paths that it is expected to change, as patterns.
        paths: &'i [String] = &view.item.paths;
        /// References to other trackers.
        external_refs: &'i [String] = &view.item.external_refs;
        /// The furthest step that an agent may take without being asked.
        auto_policy: &'i str = &view.item.auto_policy;
        /// The branch.
        branch: Option<&'i str> = view.item.branch.as_deref();
        /// The absolute path of its worktree in this clone.
        worktree: Option<&'i str> = view.worktree.as_deref();
        /// The claim of its holder.
        claim: Option<&'i ClaimView> = view.claim.as_ref();
        /// Set while concurrent versions of the text are unresolved.
        conflicted: bool = view.item.conflicted;
        /// Set if it was submitted or closed by force.
        forced: bool = view.item.forced;
        /// What was passed over by that force.
        forced_past: Option<&'i str> = view.item.forced_past.as_deref();
        /// The reason for its status.
        reason: Option<&'i str> = view.item.reason.as_deref();
        /// RFC 3339, like all times.
        created_at: &'i str = &view.item.created_at;
        /// The actor.
        created_by: Option<&'i str> = view.item.created_by.as_deref();
        /// The last change.
        updated_at: &'i str = &view.item.updated_at;
        /// The first start.
        started_at: Option<&'i str> = view.item.started_at.as_deref();
        /// The last submission for review.
        finished_at: Option<&'i str> = view.item.finished_at.as_deref();
        /// The time of the approval.
        approved_at: Option<&'i str> = view.item.approval.as_deref().map(|one| one.at.as_str());
        /// The human who approved it.
        approved_by: Option<&'i str> = view.item.approval.as_deref().map(|one| one.by.as_str());
        /// The approval.
        approval: Option<&'i Approval> = view.item.approval.as_deref();
        /// The time at which it was done, closed or cancelled.
        closed_at: Option<&'i str> = view.item.closed_at.as_deref();
    } optional {
        /// True while its number may change with the first sync.
        provisional: Option<bool> = view.provisional.then_some(true);
        /// The items that had this number before it was settled.
        renumbered: Option<&'i [LinkView]> = (!view.renumbered.is_empty()).then_some(&view.renumbered[..]);
        /// The items that it replaces.
        supersedes: Option<&'i [LinkView]> = (!view.supersedes.is_empty()).then_some(&view.supersedes[..]);
        // The fields of beads' records, which tasks rarely have, and what only a single item has.
        /// The due time.
        due_at: Option<&'i str> = view.item.issue.due_at.as_deref();
        /// The end of its deferral.
        defer_until: Option<&'i str> = view.item.issue.defer_until.as_deref();
        /// The story points.
        points: Option<i64> = view.item.points;
        /// The estimated effort.
        estimated_minutes: Option<i64> = view.item.issue.estimated_minutes;
        /// The specification it belongs to.
        spec_id: Option<&'i str> = view.item.issue.spec_id.as_deref();
        /// The e-mail address of the person responsible.
        owner_email: Option<&'i str> = view.item.issue.owner_email.as_deref();
        /// The system it came from.
        source_system: Option<&'i str> = view.item.issue.source_system.as_deref();
        /// Set if it stays open permanently.
        pinned: Option<bool> = view.item.issue.pinned.then_some(true);
        /// Set if it is never exchanged.
        ephemeral: Option<bool> = view.item.issue.ephemeral.then_some(true);
        /// Set if it is only a template for other items.
        template: Option<bool> = view.item.issue.template.then_some(true);
        /// The event that a gate waits for.
        await_type: Option<&'i str> = view.item.issue.await_type.as_deref();
        /// The id of that event.
        await_id: Option<&'i str> = view.item.issue.await_id.as_deref();
        /// The time limit of a gate, in nanoseconds.
        timeout_ns: Option<i64> = view.item.issue.timeout_ns;
        /// The actors to notify when a gate opens.
        waiters: Option<&'i [String]> = (!view.item.issue.waiters.is_empty()).then_some(view.item.issue.waiters.as_slice());
        /// The design, in Markdown.
        design: Option<&'i str> = view.texts.design.as_deref();
        /// The acceptance criteria, as one text.
        acceptance_criteria: Option<&'i str> = view.texts.acceptance_criteria.as_deref();
        /// Notes, in Markdown.
        notes: Option<&'i str> = view.texts.notes.as_deref();
        /// A JSON object, as text.
        metadata: Option<&'i str> = view.texts.metadata.as_deref();
        /// Set if it was recorded that nothing was learned from it.
        nothing_learned: Option<bool> = view.item.nothing_learned.then_some(true);
    } {
        /// The version, for `--if-version`.
        version: &'i str = &view.item.version;
    } optional {
        /// The state of its work; only for a single item in review, approved or merged.
        work: Option<&'i WorkView> = view.work.as_ref();
        /// The return of its work to its author, until it is submitted again.
        returned: Option<&'i ReturnView> = view.returned.as_ref();
        /// What its agent meant to change, written before it changed anything.
        change_plan: Option<&'i ChangePlan> = view.item.change_plan.as_deref();
        /// The newest handoff; only for a single item that is shown or resumed.
        handoff: Option<&'i HandoffView> = view.handoff.as_ref();
        /// Its parts; only for a single item.
        children: Option<&'i [LinkView]> = view.children.as_deref();
        /// The items that wait for it; only for a single item.
        dependents: Option<&'i [LinkView]> = view.dependents.as_deref();
        /// Markdown; only for a single item.
        body: Option<&'i str> = view.body.as_deref();
        /// Oldest first; only for a single item.
        comments: Option<&'i [CommentView]> = view.comments.as_deref();
        /// The current artifacts of the item and those it depends on; only if one item is shown or
        /// started.
        artifacts: Option<&'i [ArtifactView]> = view.artifacts.as_deref();
        /// The open findings of reviewers and the last review; only for a single item that has any.
        findings: Option<&'i ItemFindings> = view.findings.as_ref();
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
