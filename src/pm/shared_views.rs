//! Views: plain values with the names that JSON output uses, for commands and other programs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::{is_blocking, is_offered};
use crate::model::criterion::{self, Shown};
use crate::model::doc::Doc;
use crate::model::edge_type::{EdgeClass, EdgeType, reading};
use crate::model::id::ItemRef;
use crate::model::issue_fields::Gate;
use crate::model::item::{Claim, Item};
use crate::model::message::Handoff;
use crate::model::reservation::with_place;
use crate::model::returned::{Remark, Returned, remarks};
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text;
use crate::model::uid::Uid;
use crate::pm::artifact_view::ArtifactView;
use crate::pm::item_findings::ItemFindings;
use crate::pm::lost_merge::LostMerge;
use crate::store::env::Env;
use crate::store::state::State;

/// Lets the fields of what a view has be read from the view.
macro_rules! reads_through {
    ($view:ty, $field:tt: $of:ty) => {
        impl std::ops::Deref for $view {
            type Target = $of;

            fn deref(&self) -> &$of {
                &self.$field
            }
        }
    };
}
pub(crate) use reads_through;

/// A typed edge of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EdgeView {
    /// The edge's type (`parent-child`, `related`, …; `blocks` for dependencies).
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of the other end.
    pub target: String,
    /// Hard or soft.
    pub class: EdgeClass,
    /// Of a `waits-for` edge with a gate: `all-children` or `any-children`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<&'static str>,
    /// The other end's title; only for a single item, if the other end exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The other end's status, as for the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

impl EdgeView {
    /// The edge in words, from the item to the other end: `waits for`, `part of`, `related`, …
    /// (the stored type `blocks` is that of an item that waits).
    pub fn words(&self) -> String {
        match EdgeType::parse(&self.kind) {
            Some(EdgeType::Blocks | EdgeType::WaitsFor) => "waits for".into(),
            Some(EdgeType::ConditionalBlocks) => "waits for the failure of".into(),
            Some(EdgeType::ParentChild) => "part of".into(),
            _ => reading(&self.kind).replace('-', " "),
        }
    }
}

/// The status of the other end of an edge, which may be deleted.
pub(crate) fn shown_status(item: &Item, now_ms: u64) -> Status {
    match item.deleted {
        true => Status::Other("deleted".into()),
        false => item.status_at(now_ms).clone(),
    }
}

/// Another item, for one line of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LinkView {
    /// The id.
    pub id: String,
    /// One line.
    pub title: String,
    /// Its status.
    pub status: Status,
}

impl LinkView {
    /// An item at a moment.
    pub(crate) fn of(state: &State<'_>, item: &Item, now_ms: u64) -> LinkView {
        LinkView {
            id: state.shown_id(item),
            title: item.title.clone(),
            status: item.status_at(now_ms).clone(),
        }
    }
}

/// A claim of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClaimView {
    /// The claimant.
    pub actor: String,
    /// The own name of the agent that made it, whatever the actor name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Set if it is settled: confirmed by `pm.remote`, or there is no remote.
    pub confirmed: bool,
    /// The end of its lease, RFC 3339.
    pub lease_until: String,
    /// The holder's last activity, RFC 3339: a commit or a command that writes in its worktree,
    /// as far as this clone knows. Null if a longer lease than usual was requested.
    pub last_sign: Option<String>,
    /// Set if it was made in this clone.
    pub here: bool,
}

impl ClaimView {
    /// The claimant, with the worktree of an agent that has no name of its own.
    pub fn holder(&self) -> &str {
        with_place(&self.actor, self.agent.as_deref())
    }
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommentView {
    /// The permanent id.
    pub uid: String,
    /// The author.
    pub author: String,
    /// The agent's own name; none if a human wrote it.
    pub agent: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// Markdown.
    pub body: String,
}

/// An item for commands and JSON: its own fields, and the names of others as users see them.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemView {
    /// The id, with the end of the uid if two items share the id.
    pub id: String,
    /// True while its number may change with the first sync, since another clone may have used it;
    /// only for a single item.
    pub provisional: bool,
    /// The items that had this number before it was settled; only for a single item that is shown.
    pub renumbered: Vec<LinkView>,
    /// The items that it replaces, by edges of theirs; only for a single item that is shown.
    pub supersedes: Vec<LinkView>,
    /// The item. Its fields can be read from the view, except those that the view itself has.
    pub item: Item,
    /// The id of the epic that owns it.
    pub epic: Option<String>,
    /// The ids of its dependencies.
    pub depends_on: Vec<String>,
    /// All typed edges, dependencies included.
    pub edges: Vec<EdgeView>,
    /// The absolute path of its worktree in this clone; null elsewhere.
    pub worktree: Option<String>,
    /// The claim of its holder.
    pub claim: Option<ClaimView>,
    /// Further texts; only for a single item.
    pub texts: Texts,
    /// The state of its work; only for a single item in review, approved or merged.
    pub work: Option<WorkView>,
    /// The return of its work to its author, until it is submitted again.
    pub returned: Option<ReturnView>,
    /// The newest handoff; only for a single item that is shown or resumed.
    pub handoff: Option<HandoffView>,
    /// Its parts; only for a single item.
    pub children: Option<Vec<LinkView>>,
    /// The items that wait for it; only for a single item.
    pub dependents: Option<Vec<LinkView>>,
    /// Markdown; only for a single item.
    pub body: Option<String>,
    /// Oldest first; only for a single item.
    pub comments: Option<Vec<CommentView>>,
    /// The current artifacts of the item and those it depends on; only if one item is shown or
    /// started.
    pub artifacts: Option<Vec<ArtifactView>>,
    /// The open findings of reviewers and the last review; only if one item is shown and has any.
    pub findings: Option<ItemFindings>,
}

reads_through!(ItemView, item: Item);

/// Texts of an item besides its body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts {
    /// The design, in Markdown.
    pub design: Option<String>,
    /// The acceptance criteria, as one text.
    pub acceptance_criteria: Option<String>,
    /// Notes, in Markdown.
    pub notes: Option<String>,
    /// A JSON object.
    pub metadata: Option<String>,
}

/// The return of submitted work to its author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReturnView {
    /// The actor who returned it.
    pub by: String,
    /// The author, who is asked first.
    pub to: String,
    /// RFC 3339.
    pub at: String,
    /// The time from which anybody may take it, RFC 3339.
    pub until: String,
    /// The commit that was submitted.
    pub commit: Option<String>,
    /// What to change, in Markdown; only for a single item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The parts of the note that are about a line of a file; only for a single item.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

impl ReturnView {
    fn of(returned: &Returned) -> ReturnView {
        ReturnView {
            by: returned.by.clone(),
            to: returned.to.clone(),
            at: returned.at.clone(),
            until: returned.until.clone(),
            commit: returned.commit.clone(),
            note: None,
            remarks: Vec::new(),
        }
    }
}

/// How the tip of a branch stands to the commit that was submitted or approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BranchStanding {
    /// It is that commit.
    Same,
    /// It is another one with the same changes, such as after a rebase: the approval covers it.
    Covered,
    /// It has that commit, and more.
    Ahead,
    /// That commit has it, and more.
    Behind,
    /// Each has commits that the other lacks.
    Diverged,
    /// That commit is not in this clone.
    Unknown,
}

/// The state of work in review, approved or merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WorkView {
    /// The commit that is in review or was approved; null if there is none in this clone.
    pub commit: Option<String>,
    /// A submission in another clone that was not known at the approval, which does not cover it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newer_submission: Option<String>,
    /// The newer submission, or the tip of its branch here, or else at a remote, if it is another commit.
    pub branch_at: Option<String>,
    /// The remote's branch that has that tip, `origin/task/T-0001-…`, if the branch is not in this clone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch_found_at: Option<String>,
    /// How that tip stands to the commit: one that is ahead and not covered has moved on from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch_stands: Option<BranchStanding>,
    /// What was said of the gate that it failed on its merge, until the work changes or passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate_failed: Option<String>,
    /// Set if its work is in the target: `git pm merge` or the host merged it.
    pub merged: bool,
    /// The commit with which the work came into the target; the target's tip where the host rebased it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_commit: Option<String>,
    /// The branch that it was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<String>,
    /// Set if that branch was moved back lately and has lost the work; only for a single item that is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<LostMerge>,
}

impl WorkView {
    /// Where its branch is, if that is not the submitted or approved commit.
    pub fn branch_told(&self, approved: bool) -> Option<String> {
        let at = self.branch_at.as_deref()?;
        let now = at.get(..10).unwrap_or(at);
        if self.newer_submission.is_some() {
            return Some(format!("a newer submission, {now}, is not approved"));
        }
        let work = if approved { "approved" } else { "submitted" };
        Some(match self.branch_stands {
            Some(BranchStanding::Covered) => {
                format!("the branch is at {now}, with the same changes")
            }
            Some(BranchStanding::Ahead) => {
                format!("the branch has moved to {now}, which is not {work}")
            }
            _ => {
                let there = self.branch_found_at.as_deref().map(text::one_line);
                let whose = there.unwrap_or_else(|| "this clone's branch".into());
                format!("{whose} is at {now}, which is not the {work} work")
            }
        })
    }

    /// True if its branch is at a commit that a merge would refuse or leave out.
    pub fn is_elsewhere(&self) -> bool {
        self.branch_at.is_some() && self.branch_stands != Some(BranchStanding::Covered)
    }
}

impl ItemView {
    /// The claim's holder, else whose the item is.
    pub fn owner(&self) -> Option<&str> {
        let holder = self.claim.as_ref().map(|claim| claim.actor.as_str());
        holder.or_else(|| self.item.owner())
    }

    /// True if the item itself can be offered as work. False for items that only group or block
    /// others, and for pinned, ephemeral and template items.
    pub fn is_offered(&self) -> bool {
        let issue = &self.item.issue;
        let kept = issue.pinned || issue.template || issue.ephemeral;
        !kept && is_offered(self.item.kind, &self.item.item_type)
    }

    /// Adds the note to the return of its work, from its comments.
    pub(crate) fn explain_return(&mut self) {
        let uid = self.item.returned.as_ref().map(|one| one.note.as_str());
        let comments = self.comments.iter().flatten();
        let note = comments
            .into_iter()
            .find(|one| Some(one.uid.as_str()) == uid);
        if let (Some(returned), Some(note)) = (&mut self.returned, note) {
            returned.remarks = remarks(&note.body);
            returned.note = Some(note.body.clone());
        }
    }

    /// Adds the items that this one references, and those that reference it.
    pub(crate) fn name_others(&mut self, state: &State<'_>, item: &Item, now_ms: u64) {
        let targets = item.depends_on.iter().map(|d| &d.target);
        let targets = targets.chain(item.edges.iter().map(|e| &e.target));
        for (edge, target) in self.edges.iter_mut().zip(targets) {
            let other = target.uid.as_ref().and_then(|uid| state.item(uid));
            edge.title = other.map(|other| other.title.clone());
            edge.status = other.map(|other| shown_status(other, now_ms));
        }
        let links = |items: Vec<&Item>| {
            let link = |other: &Item| LinkView::of(state, other, now_ms);
            items.into_iter().map(link).collect()
        };
        let named = state.named(&item.id).into_iter();
        let moved = named.filter(|one| one.id != item.id && !one.deleted);
        self.renumbered = links(moved.collect());
        self.supersedes = links(state.superseded_by(&item.uid));
        self.children = Some(links(state.children(&item.uid)));
        self.dependents = Some(links(state.dependents(&item.uid)));
    }
}

impl ItemView {
    /// What it is accepted by, of an item that is shown by itself.
    #[doc(hidden)]
    pub fn criteria(&self) -> Vec<Shown> {
        criterion::shown(&self.acceptance, self.texts.acceptance_criteria.as_deref())
    }

    /// What criteria were accepted for that do not count.
    #[doc(hidden)]
    pub fn other_work(&self) -> &'static str {
        match self.claim {
            Some(_) => "for another branch",
            None => "under a claim that ended",
        }
    }
}

impl Texts {
    /// The texts of a document.
    pub(crate) fn of(doc: &Doc) -> Texts {
        let text = |name: &str| doc.text(name).map(str::to_string);
        Texts {
            design: text("design"),
            acceptance_criteria: text("acceptance_criteria"),
            notes: text("notes"),
            metadata: text("metadata"),
        }
    }
}

/// The state of an item's work as its last holder left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HandoffView {
    /// The id of the message.
    pub id: String,
    /// The actor who wrote it.
    pub by: String,
    /// The writer's own name, if it is an agent.
    pub agent: Option<String>,
    /// RFC 3339.
    pub at: String,
    /// Finished parts, next steps, decisions, files, open questions.
    #[serde(flatten)]
    pub lists: Handoff,
    /// Markdown.
    pub text: String,
}

/// The facts about this clone that a view needs in addition to the state.
#[derive(Clone, Debug, Default)]
pub struct Here {
    /// This clone's replica id.
    pub replica: Option<String>,
    /// Set if there is a remote that confirms claims.
    pub has_remote: bool,
    /// The time, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// The environment, which has the zone of the times in sentences.
    pub env: Option<Env>,
    /// Branch (short name) to the absolute path of the worktree that has it checked out, else of the
    /// one that was made for it.
    pub worktrees: std::collections::BTreeMap<String, String>,
}

impl Here {
    /// A stored time as people read it.
    pub(crate) fn time(&self, rfc3339: &str) -> String {
        let env = self.env.as_ref();
        env.map_or_else(|| rfc3339.to_string(), |env| env.shown_time(rfc3339))
    }

    /// The holder of a claim with its last activity, for the end of a sentence:
    /// `ana (last active 12m ago)`.
    pub(crate) fn holder(&self, claim: &Claim) -> String {
        let here = self.replica.as_deref() == Some(claim.replica.as_str());
        let heard = if here { "" } else { ", as of the last sync" };
        format!(
            "{} ({}{heard})",
            with_place(&claim.actor, claim.agent.as_deref()),
            claim.last_activity_text(self.now_ms)
        )
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
    let shown = |target: &ItemRef| state.shown_ref(target);
    view_with(state.shown_id(item), shown, item.clone(), here)
}

/// The view of an item, given its shown id and a function for those of its references.
pub(crate) fn view_with(
    id: String,
    shown_ref: impl Fn(&ItemRef) -> String,
    mut item: Item,
    here: &Here,
) -> ItemView {
    // The view has the text in a field of its own, and only if it was requested.
    item.body = String::new();
    let edge = |kind: &str, target: &ItemRef, is_hard: bool, gate: Option<Gate>| EdgeView {
        kind: kind.to_string(),
        target: shown_ref(target),
        class: EdgeClass::of(is_hard),
        gate: gate.map(Gate::as_str),
        title: None,
        status: None,
    };
    let waits = item.depends_on.iter();
    let waits = waits.map(|d| edge("blocks", &d.target, !d.soft, None));
    let typed = item.edges.iter();
    let typed = typed.map(|e| edge(&e.kind, &e.target, is_blocking(&e.kind), e.gate));
    let branch = item.branch.as_ref();
    ItemView {
        id,
        provisional: false,
        renumbered: Vec::new(),
        supersedes: Vec::new(),
        epic: item.epic.as_ref().map(&shown_ref),
        depends_on: item
            .depends_on
            .iter()
            .map(|d| shown_ref(&d.target))
            .collect(),
        edges: waits.chain(typed).collect(),
        worktree: branch.and_then(|branch| here.worktrees.get(branch).cloned()),
        claim: item.holder().map(|claim| claim_view(claim, here)),
        returned: item.returned.as_deref().map(ReturnView::of),
        item,
        texts: Texts::default(),
        work: None,
        handoff: None,
        children: None,
        dependents: None,
        body: None,
        comments: None,
        artifacts: None,
        findings: None,
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
