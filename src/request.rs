//! What callers ask for: one plain struct for each operation that takes more than a name.

use serde::Deserialize;

/// The fields of a new item. Deserialized from the keys of a batch, which are the command's flags.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct NewItem {
    /// One line; required.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// The fields that can also be edited later.
    #[serde(flatten)]
    pub fields: Fields,
    /// The text of each acceptance criterion.
    #[serde(rename = "accept")]
    pub acceptance: Vec<String>,
    /// Globs it expects to touch.
    #[serde(rename = "path")]
    pub paths: Vec<String>,
    /// Ids it waits for.
    pub depends_on: Vec<String>,
    /// Labels.
    #[serde(rename = "label")]
    pub labels: Vec<String>,
    /// The id of its parent, for a sub-task.
    pub parent: Option<String>,
    /// References outside.
    #[serde(rename = "external-ref")]
    pub external_refs: Vec<String>,
    /// Typed edges to other items: type and id.
    #[serde(skip)]
    pub edges: Vec<(String, String)>,
    /// A gate's condition.
    #[serde(skip)]
    pub gate: Option<NewGate>,
}

/// What a new gate waits for.
#[derive(Clone, Debug, Default)]
pub struct NewGate {
    /// timer, human, bead, mail, `gh:run` or `gh:pr`.
    pub await_type: String,
    /// Which of these.
    pub await_id: Option<String>,
    /// For how long, in milliseconds.
    pub timeout_ms: Option<u64>,
}

/// Single-valued fields; `None` leaves a field as it is, an empty text clears it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Fields {
    /// feature, bug, chore, docs, test, spike, story.
    #[serde(rename = "type")]
    pub item_type: Option<String>,
    /// Whether an issue may have a type that is neither known nor used here.
    #[serde(skip)]
    pub own_type: bool,
    /// 0 (highest) to 4.
    pub priority: Option<u8>,
    /// Who is planned to do it.
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
    /// none, plan, develop, review.
    pub auto_policy: Option<String>,
    /// How it is to be built, in Markdown.
    pub design: Option<String>,
    /// When it is accepted, as one text.
    #[serde(rename = "acceptance")]
    pub acceptance_criteria: Option<String>,
    /// Notes, in Markdown.
    pub notes: Option<String>,
    /// The specification it belongs to.
    pub spec_id: Option<String>,
    /// How much work it is, in minutes.
    #[serde(rename = "minutes")]
    pub estimated_minutes: Option<u32>,
    /// When it has to be done: a time to come, as [`crate::model::due`] reads it.
    pub due: Option<String>,
    /// Until when it is put off: a time to come.
    pub defer: Option<String>,
    /// A JSON object, kept as it is.
    pub metadata: Option<String>,
    /// Whether it stays open for ever, as something to know.
    #[serde(skip)]
    pub pinned: Option<bool>,
    /// Whether it is only a pattern to make others from.
    #[serde(skip)]
    pub template: Option<bool>,
}

/// A change of an item's fields. Lists given here replace what the item has.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct ItemEdit {
    /// A new title.
    pub title: Option<String>,
    /// A new body.
    pub body: Option<String>,
    /// Single-valued fields.
    #[serde(flatten)]
    pub fields: Fields,
    /// New acceptance criteria; ones with the same text keep their tick.
    #[serde(rename = "accept")]
    pub acceptance: Option<Vec<String>>,
    /// New planned paths.
    #[serde(rename = "path")]
    pub paths: Option<Vec<String>>,
    /// New dependencies.
    pub depends_on: Option<Vec<String>>,
    /// New labels.
    #[serde(rename = "label")]
    pub labels: Option<Vec<String>>,
    /// Labels to add.
    #[serde(rename = "add-label")]
    pub add_labels: Vec<String>,
    /// Labels to take out.
    #[serde(rename = "remove-label")]
    pub remove_labels: Vec<String>,
    /// The id of a new parent; empty for none.
    pub parent: Option<String>,
    /// New references outside.
    #[serde(rename = "external-ref")]
    pub external_refs: Option<Vec<String>>,
}

/// How to close items that are no tasks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CloseOptions {
    /// Why, or what came of it.
    pub reason: Option<String>,
    /// Even with open children, or while it waits for something.
    pub force: bool,
}

/// How to delete items.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeleteOptions {
    /// Why.
    pub reason: Option<String>,
    /// Even where others depend on it.
    pub force: bool,
    /// With everything below it.
    pub cascade: bool,
}

/// How to apply a batch.
#[derive(Clone, Debug, Default)]
pub struct BatchOptions {
    /// Leave out what cannot be applied, and apply the rest.
    pub skip_invalid: bool,
}

/// Which items to list.
#[derive(Clone, Debug, Default)]
pub struct ListFilter {
    /// Of this kind only.
    pub kind: Option<crate::model::id::ItemKind>,
    /// In one of these states only.
    pub status: Vec<String>,
    /// With all of these labels.
    pub labels: Vec<String>,
    /// Owned by (held by or assigned to) this actor.
    pub owner: Option<String>,
    /// Of this epic.
    pub epic: Option<String>,
    /// Of one of these types.
    pub item_type: Vec<String>,
    /// What they have to be besides; see [`crate::query`].
    pub query: Option<crate::query::Expr>,
    /// Closed ones too. A query that speaks of them needs none.
    pub all: bool,
    /// In this order; by kind and id without one.
    pub sort: Vec<crate::query::SortKey>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// How to start a task or an epic.
#[derive(Clone, Debug)]
pub struct StartOptions {
    /// Whether to make a worktree.
    pub worktree: bool,
    /// Whether to make a branch and reserve the planned paths for it; without, it is only claimed.
    pub branch: bool,
    /// The commit or branch to begin from; the default branch, the epic's or the stacked parent's
    /// otherwise.
    pub base: Option<String>,
    /// Take up again what this claimant started.
    pub resume: bool,
}

impl Default for StartOptions {
    fn default() -> Self {
        StartOptions {
            worktree: true,
            branch: true,
            base: None,
            resume: false,
        }
    }
}

/// How to finish a task.
#[derive(Clone, Debug, Default)]
pub struct FinishOptions {
    /// Approve and merge at once: for a person alone.
    pub merge: bool,
    /// Finish although acceptance is open or a gate fails; recorded.
    pub force: bool,
    /// Tick all open acceptance: somebody at the terminal said so.
    pub accept_all: bool,
}

/// How to merge a task's branch.
#[derive(Clone, Debug, Default)]
pub struct MergeOptions {
    /// squash, merge or rebase; `pm.mergeStrategy`, else squash, by default.
    pub strategy: Option<String>,
    /// The branch to move; the epic's or the default branch otherwise.
    pub target: Option<String>,
}

/// How to close a task by hand.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DoneOptions {
    /// What shows that it is done.
    pub evidence: Option<String>,
    /// Close without evidence; recorded and shown.
    pub force: bool,
}

/// How to give a task back.
#[derive(Clone, Debug, Default)]
pub struct DropOptions {
    /// Why.
    pub reason: Option<String>,
    /// Remove the worktree too.
    pub remove_worktree: bool,
    /// Even with uncommitted work, which is saved to a ref first.
    pub force: bool,
}

/// A wish to reserve paths.
#[derive(Clone, Debug)]
pub struct ReserveRequest {
    /// Patterns, relative to where the caller stands when they begin with `./` or `../`, else from
    /// the repository root.
    pub patterns: Vec<String>,
    /// The task they are for.
    pub task: Option<String>,
    /// How long, in milliseconds; an hour by default.
    pub ttl_ms: Option<u64>,
    /// Together with other shared ones.
    pub shared: bool,
    /// `commit` or `edit`.
    pub mode: String,
    /// Only warn, and grant whatever stands in the way.
    pub advisory: bool,
    /// Accept patterns that match nothing yet and do not look like paths.
    pub new: bool,
    /// Free text.
    pub reason: Option<String>,
}

/// What to check against the reservations.
#[derive(Clone, Debug)]
pub enum CheckRequest {
    /// Paths or patterns.
    Paths(Vec<String>),
    /// The commits of a range `A..B`, as in CI or a server's pre-receive hook.
    Range(String),
}

/// Which reservations to release, renew or steal.
#[derive(Clone, Debug, Default)]
pub struct ReservationSelector {
    /// Uids (or unique ends of them), patterns as they were given, or empty for all of the
    /// caller's own in this worktree.
    pub names: Vec<String>,
    /// All for this task.
    pub task: Option<String>,
}

/// Which commits of the state to show: those that fit all that is given.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// About this item only, whatever its id was at the time.
    pub item: Option<String>,
    /// By this actor only.
    pub actor: Option<String>,
    /// Only operations whose words begin with these: `task` means all of `task create`, `task
    /// edit` and so on.
    pub op: Option<String>,
    /// Not made before this time (see [`Moment`](crate::model::moment::Moment)).
    pub since: Option<String>,
    /// Not made after this time.
    pub until: Option<String>,
    /// At most so many.
    pub limit: Option<usize>,
    /// With what git says of their signatures.
    pub signatures: bool,
}

/// What to redact.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// An item's id, a text, or a regular expression.
    pub target: String,
    /// The target is a regular expression.
    pub regex: bool,
    /// The target is a text, even if an item has that id.
    pub text: bool,
    /// Only this field of the item.
    pub field: Option<String>,
    /// Why, for the state.
    pub reason: Option<String>,
    /// Only say what would go.
    pub dry_run: bool,
}

/// How to clean up.
#[derive(Clone, Debug, Default)]
pub struct GcOptions {
    /// Only say what would go.
    pub dry_run: bool,
    /// Cut the history off.
    pub new_generation: bool,
}

/// How to undo an operation.
#[derive(Clone, Debug, Default)]
pub struct UndoOptions {
    /// Undo the rest where later work depends on a part, and leave that part as it is.
    pub force: bool,
    /// Only say what would change.
    pub dry_run: bool,
}

/// How to set up a repository.
#[derive(Clone, Debug, Default)]
pub struct InitOptions {
    /// Install the hooks.
    pub hooks: bool,
    /// With the strict `reference-transaction` hook.
    pub strict: bool,
    /// The binary that the hooks call.
    pub binary: Option<std::path::PathBuf>,
}

/// How to resolve a conflicted text.
#[derive(Clone, Debug)]
pub enum Resolution {
    /// Keep the version with this number, as `conflicts` lists it from 1 (the one shown).
    Keep(usize),
    /// Take the merged text that `conflicts` offers.
    Merged,
    /// Replace all versions by this text.
    Text(String),
}
