//! What operations report besides items.

use serde::{Deserialize, Serialize};

use crate::pm::view::{ItemView, NoticeView, ReservationView};
use crate::store::generation::search::Place;

/// What `init` did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct InitReport {
    /// Whether the state was begun now.
    pub created: bool,
    /// The remote whose state was adopted.
    pub adopted: Option<String>,
    /// How many items the state has.
    pub items: usize,
    /// Remotes whose fetch refspec was set now.
    pub refspecs: Vec<String>,
    /// Hooks that were installed.
    pub hooks: Vec<String>,
    /// The commands that take over what other trackers keep in the worktree, while there are no items.
    pub imports: Vec<String>,
}

/// What `uninstall` did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UninstallReport {
    /// Hooks that were taken out.
    pub hooks: Vec<String>,
    /// Remotes whose fetch refspec was taken out.
    pub refspecs: Vec<String>,
    /// Files that were derived from the state and are removed.
    pub removed: Vec<String>,
    /// Refs that stay.
    pub kept: Vec<String>,
}

/// What a batch did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BatchReport {
    /// The commit; `None` when nothing changed.
    pub commit: Option<String>,
    /// How many operations it has.
    pub applied: usize,
    /// The ids of the items they are about, each once, in the order of the lines.
    pub items: Vec<String>,
    /// What was left out.
    pub skipped: Vec<SkippedLine>,
    /// How many operations did what: `7,000 created, 3,000 cancelled`.
    #[serde(skip)]
    pub summary: String,
}

/// A line of a batch that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedLine {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub error: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// Wrong: the exit code is 1.
    Fault,
}

/// One thing that `doctor` looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: String,
    /// How bad it is.
    pub level: Level,
    /// What was found.
    pub message: String,
    /// The command that mends it.
    pub fix: Option<String>,
}

/// What `doctor` found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DoctorReport {
    /// All findings, in order.
    pub findings: Vec<Finding>,
    /// Whether any is a fault.
    pub faulty: bool,
    /// How large the state is; none before `init`.
    pub size: Option<StateSize>,
}

/// How large the state is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StateSize {
    /// Commits that can be reached.
    pub commits: usize,
    /// Objects that can be reached.
    pub objects: usize,
    /// Those of them that are loose.
    pub loose: usize,
    /// Documents at the tip, by folder.
    pub documents: std::collections::BTreeMap<String, usize>,
    /// Bytes of all files at the tip.
    pub bytes: u64,
    /// The largest documents, largest first.
    pub largest: Vec<LargeDocument>,
}

/// A large document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LargeDocument {
    /// Its path in the state.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

/// What `doctor --restore-remote` did.
#[derive(Clone, Debug, Serialize)]
pub struct RestoreReport {
    /// The remote.
    pub remote: String,
    /// How its state was found: `deleted`, `rewound`, `intact` or `empty`; `replaced` where it could
    /// not be taken.
    pub found: String,
    /// What it was at before, if anything.
    pub before: Option<String>,
    /// The commit that it has now.
    pub commit: String,
    /// Refs and reflogs of this clone that held what the state's ref here did not.
    pub sources: Vec<String>,
    /// How many items the state has.
    pub items: usize,
    /// Whether anything had to be pushed.
    pub pushed: bool,
}

/// What `backup create` wrote.
#[derive(Clone, Debug, Serialize)]
pub struct BackupReport {
    /// The file.
    pub file: String,
    /// The commit that it holds.
    pub commit: String,
    /// How many items that is.
    pub items: usize,
    /// Its size.
    pub bytes: u64,
}

/// What `backup load` did.
#[derive(Clone, Debug, Serialize)]
pub struct LoadReport {
    /// The file.
    pub file: String,
    /// The commit that it holds.
    pub backup: String,
    /// The state's commit now.
    pub commit: String,
    /// How many items the state has.
    pub items: usize,
    /// How many of them were not here before.
    pub added: usize,
    /// Whether the state was changed.
    pub changed: bool,
    /// What the state's ref pointed at, where none of it could be read.
    pub replaced: Option<String>,
}

/// What `migrate` did.
#[derive(Clone, Debug, Serialize)]
pub struct MigrateReport {
    /// The version that was found.
    pub from: String,
    /// The version now.
    pub to: String,
    /// What was changed, or would be, in order.
    pub steps: Vec<String>,
    /// The commit, if there was anything to do.
    pub commit: Option<String>,
}

/// A setting.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// The git config key, `pm.…`.
    pub key: String,
    /// The value in force.
    pub value: Option<String>,
    /// The default.
    pub default: Option<String>,
    /// `git config`, `state`, both with a comma between them, or `default`.
    pub source: String,
    /// What it does.
    pub help: String,
}

/// What is trusted.
#[derive(Clone, Debug, Serialize)]
pub struct TrustReport {
    /// The checked-in file, if there is one.
    pub path: Option<String>,
    /// SHA-256 of its content.
    pub hash: Option<String>,
    /// Whether that content is trusted in this clone.
    pub trusted: bool,
    /// The commands that it would run, one line each: with quotes and escapes where one has several.
    pub commands: Vec<String>,
}

/// The branch of a task, compared with its target.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BranchView {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its state.
    pub status: String,
    /// Who is on it.
    pub owner: Option<String>,
    /// The branch.
    pub branch: String,
    /// The branch it would be merged into.
    pub target: String,
    /// Commits that the target lacks.
    pub ahead: u32,
    /// Commits that it lacks.
    pub behind: u32,
    /// Files that would conflict.
    pub conflicts: Vec<String>,
    /// Where the branch was found: null in this clone, else `origin/task/T-0001-…` as it was last
    /// fetched; null too where it is not here at all.
    pub found_at: Option<String>,
    /// The commit it ends at, or the one at which it was handed in where that is not here.
    pub commit: Option<String>,
    /// Whether its worktree has uncommitted work; none without a worktree here.
    pub dirty: Option<bool>,
    /// Its worktree in this clone.
    pub worktree: Option<String>,
    /// Acceptance criteria ticked and in all.
    pub accepted: (usize, usize),
    /// `ready to merge`, or what is missing.
    pub readiness: String,
}

/// What `git pm status` shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StatusView {
    /// Who asks.
    pub actor: String,
    /// Whether the actor counts as an agent.
    pub agent: bool,
    /// The task of the worktree the caller stands in.
    pub here: Option<String>,
    /// Number of items in each state, tasks and issues.
    pub counts: std::collections::BTreeMap<String, usize>,
    /// What the actor holds or is assigned to.
    pub mine: Vec<ItemView>,
    /// What could be started next, best first.
    pub ready: Vec<ItemView>,
    /// What waits for review or integration.
    pub reviews: Vec<ItemView>,
    /// Claims whose holders may have died.
    pub silent: Vec<crate::work::insight::SilentClaim>,
    /// Where nothing is ready: what is waited for, and who holds it.
    #[serde(flatten)]
    pub waiting: crate::error::Waiting,
    /// How many items are blocked.
    pub blocked: usize,
    /// Branches of started tasks.
    pub branches: Vec<BranchView>,
    /// Live reservations.
    pub reservations: Vec<ReservationView>,
    /// Notices to the actor.
    pub notices: Vec<NoticeView>,
    /// How the state stands to the remote.
    pub remote: RemoteView,
    /// Files of the state that cannot be read.
    pub damaged: Vec<crate::store::state::Damaged>,
    /// Ids of items whose body has concurrent versions.
    pub conflicted: Vec<String>,
    /// Whether commits are guarded by hooks here.
    pub hooks_active: bool,
    /// Rules that are looser here than for everybody, and those loosened for everybody this week.
    pub rules: Vec<String>,
}

/// How the state stands to its remote, as far as known without asking it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RemoteView {
    /// `pm.remote` or its default.
    pub name: Option<String>,
    /// Commits of the state not pushed yet.
    pub unpushed: usize,
    /// Commits fetched and not joined yet.
    pub unmerged: usize,
    /// Claims of this clone that the remote has not settled.
    pub tentative: Vec<String>,
}

/// What a sync with one remote did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RemoteReport {
    /// The remote.
    pub remote: String,
    /// State commits that came in.
    pub fetched: usize,
    /// State commits that went out.
    pub pushed: usize,
    /// Why nothing could be pushed, if so.
    pub refused: Option<String>,
    /// State commits that the remote does not have, because it refused them.
    pub unsent: usize,
    /// Whether it lets this user push nothing.
    pub read_only: bool,
}

/// What came in about an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// Its id.
    pub id: String,
    /// The name that never changes.
    pub uid: String,
    /// prd, epic, task or issue.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// What happened: `done by Lea`, `created by Ben`, `commented by agent-2`.
    pub what: String,
}

/// What `sync`, `push` or `pull` did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SyncReport {
    /// Each remote.
    pub remotes: Vec<RemoteReport>,
    /// The state's commit afterwards.
    pub commit: String,
    /// What came in, item by item; empty where that is too much to look into.
    pub changes: Vec<Arrival>,
    /// The command that shows all that came in; null when nothing did.
    pub changes_command: Option<String>,
    /// Claims confirmed by this sync, as item ids.
    pub confirmed: Vec<String>,
    /// Claims of this clone that this sync lost, as item ids, with the holder.
    pub lost: Vec<LostClaim>,
    /// Items that got another id: old and new.
    pub renumbered: Vec<Renumbered>,
    /// Items whose body now has concurrent versions.
    pub conflicted: Vec<String>,
    /// Files with texts of this clone that a redaction withheld.
    pub drafts: Vec<String>,
    /// Notices to the actor.
    pub notices: Vec<NoticeView>,
}

/// What `redact` did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RedactReport {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// How many values go.
    pub values: usize,
    /// How many versions of texts go.
    pub texts: usize,
    /// How many commits name it in their message; they go with the history.
    pub messages: usize,
    /// Where it was found.
    pub places: Vec<Place>,
    /// Where it stands and cannot be redacted.
    pub beyond: Vec<String>,
    /// The commit that begins the new generation.
    pub commit: Option<String>,
    /// How many objects of the old history went from this clone.
    pub objects: usize,
    /// What of the old history is still here, and why.
    pub left: Vec<String>,
    /// The remote that has the old history until the next sync.
    pub remote: Option<String>,
}

/// What `gc` did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GcReport {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// Refs of run logs, backups and saved work that were past their time.
    pub refs: Vec<String>,
    /// Files with withheld texts that were past their time.
    pub drafts: Vec<String>,
    /// Temporary files of processes that died.
    pub temporary: Vec<String>,
    /// Ids of deleted items, and how many other documents, of which only the identity stays.
    pub tombstones: Vec<String>,
    /// Ids of ephemeral items that were forgotten.
    pub ephemeral: Vec<String>,
    /// The commit that begins the new generation.
    pub commit: Option<String>,
    /// How many objects of an old history went from this clone.
    pub objects: usize,
    /// How many loose objects were packed.
    pub packed: usize,
    /// Bytes of the object store before.
    pub size_before: u64,
    /// Bytes of the object store after.
    pub size_after: u64,
    /// What could not be cleaned up, and why.
    pub left: Vec<String>,
    /// The remote that has the old history until the next sync, after a cut.
    pub remote: Option<String>,
}

/// A claim that went to somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LostClaim {
    /// The item.
    pub id: String,
    /// Who lost it.
    pub actor: String,
    /// Who holds it.
    pub holder: String,
    /// The branch with the loser's work.
    pub branch: Option<String>,
}

/// An item that got another id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Renumbered {
    /// The id it had.
    pub old: String,
    /// The id it has.
    pub new: String,
    /// The alias that keeps finding it.
    pub alias: String,
    /// Its title.
    pub title: String,
}

/// What `start` did.
#[derive(Clone, Debug, Serialize)]
pub struct Started {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// What the user should know: soft dependencies open, reservations of others.
    pub warnings: Vec<String>,
}

/// What `finish` did.
#[derive(Clone, Debug, Serialize)]
pub struct Finished {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// The remote that has its branch now, where it was brought to one.
    pub pushed_to: Option<String>,
    /// What was merged, with `--merge`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<MergeView>,
}

/// What `merge` did.
#[derive(Clone, Debug, Serialize)]
pub struct MergeView {
    /// squash, merge or rebase.
    pub strategy: String,
    /// The branch that was moved.
    pub target: String,
    /// Its commit before.
    pub old: String,
    /// Its commit now.
    pub new: String,
    /// The files that changed.
    pub touched: Vec<String>,
    /// Whether the task's worktree was removed.
    pub worktree_removed: bool,
    /// Why it was not.
    pub worktree_kept: Option<String>,
    /// The ref that keeps the branch as it was.
    pub backup: Option<String>,
}

/// A merged item.
#[derive(Clone, Debug, Serialize)]
pub struct MergedItem {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// The merge.
    pub merged: MergeView,
}

/// A worktree as `worktree list` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct WorktreeView {
    /// The absolute path.
    pub path: String,
    /// Its branch.
    pub branch: Option<String>,
    /// The item it belongs to.
    pub item: Option<String>,
    /// That item's state.
    pub status: Option<String>,
    /// Whether it has uncommitted work.
    pub dirty: Option<bool>,
    /// Bytes on disk, where asked for.
    pub size: Option<u64>,
    /// Whether it is the main one.
    pub main: bool,
}

/// What `worktree gc` did with one worktree.
#[derive(Clone, Debug, Serialize)]
pub struct GcView {
    /// The worktree.
    pub path: String,
    /// Its item.
    pub item: Option<String>,
    /// Whether it was (or, in a dry run, would be) removed.
    pub removed: bool,
    /// Why, or why not.
    pub reason: String,
}

/// The dependencies of an item, both ways.
#[derive(Clone, Debug, Serialize)]
pub struct DepView {
    /// The item.
    pub id: String,
    /// What it waits for.
    pub depends_on: Vec<DepLink>,
    /// What waits for it.
    pub dependents: Vec<DepLink>,
}

/// One dependency.
#[derive(Clone, Debug, Serialize)]
pub struct DepLink {
    /// The other item.
    pub id: String,
    /// Its title; empty when it is missing.
    pub title: String,
    /// Its state; `missing` when it is not here.
    pub status: String,
    /// The edge's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// `hard` or `soft`.
    pub class: String,
}

/// One node of a tree of items.
#[derive(Clone, Debug, Serialize)]
pub struct TreeNode {
    /// How deep it lies.
    pub depth: usize,
    /// Whether it was asked for, where a query did: false for what only leads to such an item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fits: Option<bool>,
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
}

/// The versions of a conflicted text.
#[derive(Clone, Debug, Serialize)]
pub struct ConflictView {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where: `body`, or `comment <uid>`.
    pub field: String,
    /// The versions, the one shown first.
    pub versions: Vec<VersionView>,
    /// A text that holds both sides' changes, where they do not touch the same lines.
    pub merged: Option<String>,
}

/// One version of a text.
#[derive(Clone, Debug, Serialize)]
pub struct VersionView {
    /// Counted from 1.
    pub number: usize,
    /// When it was written, RFC 3339.
    pub written_at: String,
    /// The clone that wrote it, or the source that it was imported from.
    pub replica: String,
    /// The text.
    pub text: String,
}

/// What a hook run said.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HookOutcome {
    /// Whether git may go on.
    pub allowed: bool,
    /// What to print on standard error, line by line.
    pub lines: Vec<String>,
}
