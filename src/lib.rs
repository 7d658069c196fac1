//! git pm: the project manager that lives in your repository.
//!
//! Tasks, issues, plans, claims and file reservations are commits on `refs/pm/*` of a git
//! repository, and are exchanged with `git push` and `git fetch`. The library prints nothing; it reads
//! environment variables, the home directory and the clock only through the [`Env`] that the caller
//! passes.
//!
//! # Two layers
//!
//! - [`core`] is what others build on: a repository, its states, transactions, joins, the graph and
//!   queries, in about twenty types. It is the stable part.
//! - [`Pm`] has the verbs: what the command line does is a method of one of its handles, or a request
//!   of [`verbs`] that [runs](verbs::Verb::run) on it. It follows the command line, and grows with it.
//!
//! [`Repository::verbs`](crate::core::Repository::verbs) leads from the first to the second, `From<Pm>`
//! back.
//!
//! # Features
//!
//! The default features are those of the program `git-pm`. Another program that links the library
//! needs none of them: depend on it with `default-features = false`.
//!
//! | feature | what it adds |
//! |---|---|
//! | `cli` | what the command line needs; nothing to the library |
//! | `tui` | the live board in the terminal, and `cli`; nothing to the library |
//! | `mcp` | `mcp::serve`: the verbs for coding agents over the Model Context Protocol |
//! | `serve` | `Pm::server`: the verbs and a page over HTTP |
//! | `github` | the client of GitHub, for [`Pm::forges`] |
//! | `notify` | news over HTTP, for [`Pm::notifications`] |
//! | `models` | the coding agent of git pm itself, which calls the APIs of language models |
//! | `internals` | the modules of this crate, for its own tests; not covered by semantic versioning |
//!
//! Without them there is no network but git's own, and no async runtime; SQLite, which is compiled
//! with a C compiler, is always there.
//!
//! # Threads
//!
//! An open repository belongs to one thread: neither [`Pm`] nor [`Repository`](crate::core::Repository) is `Send`. Open
//! one per thread, actor or request, which takes about half a millisecond; from async code, within
//! what the runtime has for blocking calls. [`Env`], [`Options`], [`Error`] and all views are
//! `Send + Sync`.
//!
//! # Tour
//!
//! [`Pm::open`] opens the repository that contains a directory, for one actor. Its handles group the
//! operations:
//!
//! | handle | operations |
//! |---|---|
//! | [`Pm::state`] | initialize, [`sync`](state::StateHandle::sync), status, conflicts, doctor, backup |
//! | [`Pm::tasks`] | create, edit, depend, [`start`](tasks::Tasks::start), [`finish`](tasks::Tasks::finish), approve, merge |
//! | [`Pm::issues`] | issues that are compatible with beads: labels, gates, templates, bulk creation |
//! | [`Pm::items`] | items of every kind: [`list`](items::Items::list), search, queries, batches |
//! | [`Pm::insights`] | what to do next and why: triage, forecast, impact, health |
//! | [`Pm::plans`] | documents, plans drafted from them, approval, epics, milestones |
//! | [`Pm::messages`] | messages between actors: inbox, threads, requests to take an item, handoffs |
//! | [`Pm::agents`] | definitions of agents: duty, prompt, permissions |
//! | [`Pm::runs`] | coding agents that work through the graph of tasks |
//! | [`Pm::costs`] | usage and cost of agents; budgets |
//! | [`Pm::artifacts`] | files that items publish for others, in versions |
//! | [`Pm::reservations`] | paths that others must not change, and the check of a commit against them |
//! | [`Pm::worktrees`], [`Pm::hooks`] | the worktrees of items; the git hooks that check commits and pushes |
//! | [`Pm::memory`] | the project context; what an agent has to know now |
//! | [`Pm::integrations`] | instructions, hooks and slash commands for agents' command lines |
//! | [`Pm::forges`] | the repository at GitHub that the project is mirrored to |
//! | [`Pm::notifications`] | news that reach people outside of the repository |
//! | [`Pm::learnings`] | what was learned: patterns, gotchas, decisions; search, uses, votes |
//! | [`Pm::history`] | log, earlier versions, differences, [reports](log::History::report), undo |
//! | [`Pm::trackers`] | import from and export to other trackers and formats |
//! | [`Pm::settings`] | settings, shared rules, trust in the repository's commands |
//!
//! Most methods return a view that serializes to the JSON of `--json`. A failure is an [`Error`]: a
//! kind, which is the exit code, a stable [reason](error::Reason) such as `claim.held`, the object
//! that it is about, and hints with commands as data. Notices for the user that are not part of a
//! result (a lost claim, a renumbered item) are returned by [`Pm::take_notices`].
//!
//! `examples/` has a status line and a bot that claims, works and submits on this layer; a verb of
//! one's own and a reader of a mirror on `core`: twenty to forty lines each.
//!
//! # Example
//!
//! Two clones share one remote:
//!
//! ```
//! use std::collections::BTreeMap;
//! use git_pm::values::ItemKind;
//! use git_pm::state::InitOptions;
//! use git_pm::items::ListFilter;
//! use git_pm::tasks::{Fields, NewItem};
//! use git_pm::{Env, Options, Pm};
//!
//! # fn git(dir: &std::path::Path, args: &[&str]) {
//! #     let done = std::process::Command::new("git").args(args).current_dir(dir)
//! #         .env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null")
//! #         .stdout(std::process::Stdio::null()).status().unwrap();
//! #     assert!(done.success(), "git {args:?}");
//! # }
//! # fn main() -> git_pm::Result<()> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let dir = folder.path();
//! # git(dir, &["init", "-q", "--bare", "hub.git"]);
//! # for name in ["a", "b"] {
//! #     git(dir, &["init", "-q", name]);
//! #     git(&dir.join(name), &["remote", "add", "origin", "../hub.git"]);
//! # }
//! # let path = std::env::var_os("PATH").unwrap();
//! let open = |clone: &str, actor: &str| {
//!     let mut vars = BTreeMap::from([("GIT_CONFIG_NOSYSTEM".to_string(), "1".into())]);
//! #     vars.insert("PATH".to_string(), path.clone());
//! #     vars.insert("GIT_CONFIG_GLOBAL".to_string(), "/dev/null".into());
//!     vars.insert("GIT_AUTHOR_NAME".to_string(), actor.into());
//!     Pm::open(Env::new(dir.join(clone), vars), Options::default())
//! };
//!
//! let ana = open("a", "Ana")?;
//! ana.state().init(&InitOptions::default())?;
//! let task = ana.tasks().create(
//!     ItemKind::Task,
//!     &NewItem {
//!         title: "Fix flaky login test".into(),
//!         fields: Fields {
//!             acceptance: Some(vec!["passes 100 times".into()]),
//!             ..Fields::default()
//!         },
//!         ..NewItem::default()
//!     },
//! )?;
//! assert_eq!(task.id, "T-0001");
//! ana.state().sync(&[])?;
//!
//! let ben = open("b", "Ben")?;
//! ben.state().init(&InitOptions::default())?; // adopts what the remote has
//! let tasks = ben.items().list(&ListFilter::default())?;
//! assert_eq!(tasks[0].title, "Fix flaky login test");
//! assert!(ben.tasks().why("T-1")?.ready);
//! # Ok(())
//! # }
//! ```

// Items that only the tests of this crate use are exposed through `internals`; they need no
// documentation that would only repeat their names.
#![cfg_attr(feature = "internals", allow(missing_docs))]

mod agent;
mod bridge;
mod coordinate;
pub mod core;
mod forge;
mod history;
mod learn;
mod maintain;
#[cfg(feature = "mcp")]
pub mod mcp;
mod memory;
#[cfg(any(feature = "github", feature = "models", feature = "notify"))]
mod net;
mod notify;
mod plan;
mod pm;
mod review;
mod run;
#[cfg(feature = "serve")]
mod serve;
pub mod verbs;
mod work;

use git_pm_finding as finding;
use git_pm_graph as graph;
use git_pm_model as model;
#[doc(inline)]
pub use git_pm_model::error;
use git_pm_process as process;
use git_pm_query as query;
use git_pm_secret as secret;
use git_pm_store as store;

pub use agent::sandbox::confine;
#[doc(inline)]
pub use error::{Error, Result};
pub use pm::interrupt::Interrupt;
pub use pm::{Caller, Confined, Options, Pm};
#[doc(inline)]
pub use process::{DETACHED, detached};
#[cfg(target_os = "linux")]
#[doc(inline)]
pub use process::{KEEPER, keep as keep_processes};
#[doc(inline)]
pub use store::env::Env;

/// Work on items: create, edit, start, finish, approve, merge, close.
pub mod tasks {
    pub use crate::coordinate::gate::checklist_rule::Step;
    pub use crate::coordinate::worktree::MergeEvidence;
    #[doc(inline)]
    pub use crate::graph::{Blocker, Reason, Relation};
    #[doc(inline)]
    pub use crate::model::issue_fields::Gate;
    pub use crate::pm::handles::Tasks;
    pub use crate::work::moves::Move;
    pub use crate::work::new_item::{Fields, ItemEdit, NewEdge, NewGate, NewItem, comma_separated};
    pub use crate::work::task::branch_work::{BranchWork, ChangedFile, WorkCommit, WorkDiff};
    pub use crate::work::task::checklist::{
        Answered, Checklist, ChecklistAnswer, ChecklistItem, ChecklistReport,
    };
    pub use crate::work::task::deps::{DepLink, DepView, TreeNode};
    pub use crate::work::task::finish::{FinishOptions, Finished};
    pub use crate::work::task::hand_over::DropOptions;
    pub use crate::work::task::integrate::Strategy as MergeStrategy;
    pub use crate::work::task::merge::queue::report::{
        LeftOut, MergeRisk, QueueMerge, QueueReport, QueuedItem, Replan,
    };
    pub use crate::work::task::merge::queue::{BATCH_MAX as QUEUE_BATCH_MAX, QueueOptions};
    pub use crate::work::task::merge::{
        FoundMerge, MergeOptions, MergeView, MergedItem, UnpushedTarget,
    };
    pub use crate::work::task::readiness::{ChainLink, WhyView};
    pub use crate::work::task::start::options::{StartOptions, Started};
}

/// Issues that are compatible with beads.
pub mod issues {
    pub use crate::pm::handles::Issues;
    pub use crate::work::issue::beads_json::{Field, Record};
    pub use crate::work::issue::delete::DeleteOptions;
    pub use crate::work::issue::{
        GateCheck, GateOutcome, LabelCount, Part, Tally, Update, edge_word, reading,
    };
}

/// Items of every kind: views, lists, queries, search, batches.
pub mod items {
    pub use crate::coordinate::here::UnsettledIds;
    #[doc(inline)]
    pub use crate::model::id::UNSETTLED;
    #[doc(inline)]
    pub use crate::model::{
        edge_type::EdgeClass,
        issue_fields::IssueFields,
        item::{Claim, Criterion, Dependency, Edge, Item},
    };
    pub use crate::pm::handles::Items;
    pub use crate::pm::lost_merge::LostMerge;
    pub use crate::pm::shared_views::{
        BranchStanding, ClaimView, CommentView, EdgeView, ItemView, LinkView, ReturnView, Texts,
        WorkView,
    };
    #[doc(inline)]
    pub use crate::query::{
        Expr, Field, Mark, Op, Pattern, QueryError, SortKey, Test, When, Words, columns, sort_keys,
    };
    pub use crate::verbs::{BatchOptions, BatchReport, SkippedLine};
    pub use crate::work::board::{
        BoardCard, BoardCell, BoardColumn, BoardField, BoardLane, BoardOptions, BoardState,
        BoardView, CARDS,
    };
    pub use crate::work::list::{ListFilter, SavedView};
    pub use crate::work::search::{SEARCH_HITS_DEFAULT, SearchHit, SearchOptions};
}

/// Metrics and analyses of the project.
pub mod insights {
    pub use crate::pm::handles::Insights;
    pub use crate::work::insight::{
        AgentWork, Alert, BlockerToClear, Breakdown, Commands, Counts, Dates, DuplicateHint,
        ForecastView, GraphEdge, GraphNode, GraphView, Health, Idle, ImpactItem, ImpactView,
        ItemLine, LIST_LENGTH_DEFAULT, NextCommands, NextItem, OrderedItem, Part, Percentiles,
        Pick, QuickRef, QuickWin, Recommendation, Severity, SilentClaim, Stale, Staleness,
        TriageView, Velocity,
    };
}

/// Documents, plans, epics and milestones.
pub mod plans {
    pub use crate::plan::LeftTask;
    pub use crate::plan::approval_checks::{Check, Severity};
    pub use crate::plan::approve::{ApproveOptions, Approved, Doubt};
    pub use crate::plan::change::{Change, NewTask};
    pub use crate::plan::coverage::{Coverage, StatementView};
    pub use crate::plan::deepen::{DeepenRequest, Deepened, DeepenedTask, ResearchNote};
    #[doc(inline)]
    pub use crate::plan::document::{Requirement, Statement};
    pub use crate::plan::document_changes::{AsideTask, ChangedLines, DoneTask, Update};
    #[doc(inline)]
    pub use crate::plan::draft::{
        Accounted, Confidence, Criterion, Disposition, Edge, EdgeClass, Milestone, Note, Stream,
        Task,
    };
    pub use crate::plan::drafting::{DraftOptions, HandEdit, PlanDiff, UpdateOptions};
    pub use crate::plan::gone_tasks::GoneTask;
    pub use crate::plan::interview::QUESTIONS;
    pub use crate::plan::milestone::{EpicView, MilestoneLine, Outcome};
    pub use crate::plan::prd::{Added, PrdView};
    pub use crate::plan::scope::{Accuracy, Override, ScopeView};
    pub use crate::plan::single::Seeded;
    pub use crate::plan::sprint::{CAPACITY, SprintTask, SprintView};
    pub use crate::plan::stats::PlanStats;
    pub use crate::plan::task_changes::{FieldChange, TaskChange, TaskChanges};
    pub use crate::plan::trace::{
        NamingCommit, Place, TraceView, TracedCommit, TracedCriterion, TracedTask,
    };
    pub use crate::plan::view::{
        AsideView, CriterionView, PlanLine, PlanView, SourceView, StatementCounts, SuggestionView,
        TaskView,
    };
    pub use crate::plan::waves::WaveTask;
    pub use crate::plan::write::{
        Outline, PlanText, Problem, WriteOptions, WriteReport, Written, with_problems,
    };
    pub use crate::plan::{PlanStatus, Source};
    pub use crate::pm::handles::Plans;
    pub use crate::review::debate::{
        DebateConcerns, DebateDuty, DebateOptions, DebateReport, DebateSpend, DebateTurn,
    };
    pub use crate::work::plan_notices::PlanNotice;
    pub use crate::work::task::definition_of_ready::Unready;
}

/// Messages between actors, requests to take an item, handoffs.
pub mod messages {
    pub use crate::coordinate::hand_off::HandoffRequest;
    pub use crate::coordinate::message::{
        AckView, AnswerRequest, DelegateRequest, IMPORTANCE, Inbox, InboxOptions, MessageView,
        ReplyRequest, RequestView, SendRequest, ThreadEvent, ThreadView,
    };
    #[doc(inline)]
    pub use crate::model::message::Handoff;
    pub use crate::pm::handles::Messages;
    pub use crate::pm::shared_views::HandoffView;
}

/// Reservations of paths.
pub mod reservations {
    pub use crate::coordinate::reservation_verbs::{ReservationSelector, ReserveRequest};
    pub use crate::coordinate::reserve::reservation_queries::{
        CheckReport, CheckRequest, ReservationView,
    };
    pub use crate::pm::handles::Reservations;
}

/// Artifacts: files that items publish for others.
pub mod artifacts {
    pub use crate::coordinate::artifact::{ArtifactContent, NewArtifact};
    pub use crate::pm::artifact_view::ArtifactView;
    pub use crate::pm::handles::Artifacts;
}

/// Definitions of agents: the duty, the prompt and the permissions of each.
pub mod agents {
    pub use crate::agent::definition::edit::{AgentDraft, WrittenAgent};
    pub use crate::agent::definition::{
        AgentDefinition, AgentFault, AgentSource, AgentView, Category, CheckedAgents, FullAgent,
        Output, Permissions,
    };
    pub use crate::pm::handles::Agents;
}

/// Runs: agents that work through the graph of tasks.
pub mod runs {
    pub use crate::agent::headless::With;
    pub use crate::agent::provider::ModelName;
    pub use crate::agent::route::{Profile, Role, Source, Specialty, Trust};
    #[doc(inline)]
    pub use crate::model::run_status::{RunStatus, Verb};
    pub use crate::pm::handles::Runs;
    pub use crate::review::research::Researcher;
    #[doc(hidden)]
    pub use crate::run::hand_over::{Answer, Request, hand_over};
    pub use crate::run::roles::{RoleReport, RoleStep};
    pub use crate::run::{
        AttemptUsedView, Checkpoint, DebateStep, ExcludedAgent, FullEvent, FullOptions, FullReview,
        FullStep, FullStepStatus, FullStepView, FullTask, FullView, JobView, LogLine, LogOptions,
        MergeRule, PanelReview, PlanDebate, PlanRound, PlanStep, PlannedDocument, PlannedTask,
        PublishedLogs, Research, Researched, ReviewStep, RoleRow, RouteAgent, RouteTable,
        RouteView, RunAgent, RunEvent, RunOptions, RunPlan, RunSummary, RunView, SWARM_MAX,
        SpecialtyRow, SpentView, Step,
    };
    #[doc(hidden)]
    #[doc(inline)]
    pub use crate::store::env::HANDED;
}

/// The usage and cost of agents, and the budgets that limit them.
pub mod costs {
    #[doc(inline)]
    pub use crate::model::money::micro_usd;
    pub use crate::pm::handles::Costs;
    pub use crate::work::cost::{
        Baseline, BudgetScope, BudgetState, BudgetView, Comparison, CostGroup, CostLine,
        CostOptions, CostReport, Grouping, Phase, UsageView,
    };
}

/// Worktrees that belong to items.
pub mod worktrees {
    pub use crate::coordinate::worktree::worktree_verbs::{GcView, WorktreeView};
    pub use crate::pm::handles::Worktrees;
}

/// The git hooks that guard commits and pushes.
pub mod hooks {
    pub use crate::coordinate::hook::edit_guard::files_by_worktree;
    pub use crate::coordinate::hook::run::HookOutcome;
    pub use crate::coordinate::hook::{HookEntry, HookState, HookStatus};
    pub use crate::pm::handles::Hooks;
}

/// Findings: what reviews say is wrong with work, and what became of it.
pub mod findings {
    pub use crate::coordinate::finding::lookup::FindingFilter;
    pub use crate::coordinate::finding::view::FindingView;
    #[doc(inline)]
    pub use crate::finding::{Found, Place};
    #[doc(inline)]
    pub use crate::model::finding::{Agreement, Answer, Finding, FindingStatus, Severity};
    pub use crate::pm::handles::Findings;
    pub use crate::pm::item_findings::{FindingLine, ItemFindings, KeptFindings, LastReview};
    pub use crate::review::check::{BranchCheck, CheckKind, CheckProblem};
    pub use crate::review::comment::ReviewComment;
    pub use crate::review::issues::FindingIssue;
    pub use crate::review::panel::PanelOptions;
    pub use crate::review::range::RangeReview;
    pub use crate::review::report_files::ReportFormat;
    pub use crate::review::stats::{ReviewStats, ReviewerStats};
    pub use crate::review::{ReviewReport, ReviewerReport};
}

/// The repository at GitHub that the project is mirrored to.
pub mod forges {
    pub use crate::forge::{
        Attended, ForgeConflict, ForgeHint, ForgeLink, ForgeNote, ForgeReport, ForgeStatus,
        LeftOutField, LinkRequest, MirrorView, PullAction, PullCheck, PullCheckState, PullComment,
        PullRequest, PullRequestView, PullView, Side, SyncRequest,
    };
    pub use crate::pm::handles::Forges;
}

/// News that reach people outside of the repository.
pub mod notifications {
    pub use crate::notify::{
        Channel, Delivery, DeliveryStatus, NewRule, NewsLine, NotifyRule, NotifyRules, Want,
    };
    pub use crate::pm::handles::Notifications;
}

/// Learnings: patterns, gotchas and decisions.
pub mod learnings {
    pub use crate::learn::for_item::LearningNote;
    pub use crate::learn::lookup::LearningFilter;
    pub use crate::learn::search::{LearningHit, LearningSearch};
    pub use crate::learn::staleness::Stale;
    pub use crate::learn::view::{FullLearning, LearningView, UseView};
    pub use crate::learn::write::LearningFields;
    pub use crate::memory::draft::{Drafted, DraftedLearning};
    pub use crate::memory::learning_stats::{KindStats, LearningStats};
    #[doc(inline)]
    pub use crate::model::learning::{LearningFacts, LearningKind, LearningStatus};
    pub use crate::pm::handles::Learnings;
}

/// The history of the state.
pub mod log {
    pub use crate::history::diff::DiffReport;
    pub use crate::history::events::{Event, EventChange, EventFilter, EventStream};
    pub use crate::history::log::{LogEntry, LogFilter};
    pub use crate::history::past_state::PointView;
    pub use crate::history::show_at::{ItemAt, ListAt};
    pub use crate::history::undo::{UndoOptions, UndoReport};
    pub use crate::pm::changes::document_diff::{
        ArtifactDiff, ClaimDiff, CommentDiff, CriterionDiff, Fate, FieldDiff, ItemDiff, ListDiff,
        ReservationDiff,
    };
    #[doc(inline)]
    pub use crate::pm::changes::words;
    pub use crate::pm::handles::History;
    pub use crate::pm::overridden::Overridden;
    #[doc(inline)]
    pub use crate::store::git::sign::{Signature, SignatureStatus};
}

/// Reports: what was done in a period, how fast, and which operations the figures come from.
pub mod reports {
    pub use crate::history::report::{
        ActorReport, AgentFigures, BlockedLine, ChangeKind, Completion, DoneLine, EstimateFigures,
        Estimated, HistoryStart, Imported, LISTED, OpenCount, PeriodVelocity, Refactoring, Report,
        ReportChange, ReportOptions, Rework, SeriesPoint, Spread, Standing, Step,
    };
}

/// The project context, the briefing of an agent, and predictions from past work.
pub mod context {
    pub use crate::memory::TroubleKind;
    pub use crate::memory::context::Section;
    pub use crate::memory::predict::{Evidence, LikelyTrouble, Prediction};
    pub use crate::memory::prime::{BUDGET, BUDGETS, Briefing, BriefingPart, PrimeOptions, tokens};
    pub use crate::pm::handles::Memory;
}

/// Integrations for agents: instructions, hooks, slash commands, a program called bd.
pub mod integrations {
    pub use crate::maintain::install::{
        FileChange, InstallReport, InstallRequest, InstallTarget, Tool,
    };
    pub use crate::pm::handles::Integrations;
}

/// Import from and export to other trackers and formats.
pub mod trackers {
    pub use crate::bridge::export::{FileReport, FolderReport, Layout, NoteLayout};
    pub use crate::bridge::{
        ExportReport, ImportFrom, ImportOptions, ImportReport, Overruled, Remarked, Skipped,
        Tracker,
    };
    pub use crate::pm::handles::Trackers;
}

/// The page and its API over HTTP.
#[cfg(feature = "serve")]
pub mod server {
    pub use crate::pm::handles::Server;
    pub use crate::serve::{
        ActionLine, NewToken, Scope, ServeOptions, Serving, TlsFiles, TokenView, openapi,
    };
}

/// Settings and trust.
pub mod settings {
    pub use crate::coordinate::gate::trust::{TrustReport, TrustedAgent};
    pub use crate::maintain::setup::config::Setting;
    pub use crate::maintain::setup::llm_team::{ImportedSetting, ImportedSettings};
    pub use crate::model::settings::{SERVE_ADDRESS_DEFAULT, SERVE_RATE_DEFAULT};
    pub use crate::pm::handles::Settings;
}

/// The state as a whole.
pub mod state {
    pub use crate::coordinate::claim::settle::{LostClaim, Renumbered};
    pub use crate::coordinate::conflicts::{ConflictView, Resolution, VersionView};
    pub use crate::coordinate::message::NoticeView;
    pub use crate::coordinate::sync::incoming::Arrival;
    pub use crate::coordinate::sync::lost_changes::LostChange;
    pub use crate::coordinate::sync::sync_report::{RemoteReport, SyncReport};
    pub use crate::maintain::backup::{BackupReport, LoadReport};
    pub use crate::maintain::doctor::{DoctorReport, Finding};
    pub use crate::maintain::fsck::{
        Checked, Finding as FsckFinding, FsckReport, Repaired, set_irregular_aside,
    };
    pub use crate::maintain::gc::{GcOptions, GcReport};
    pub use crate::maintain::redact::{RedactReport, Redaction};
    pub use crate::maintain::restore_remote::RestoreReport;
    pub use crate::maintain::setup::init::{InitOptions, InitReport, UninstallReport};
    pub use crate::maintain::setup::migrate::MigrateReport;
    pub use crate::maintain::setup::purge::{PurgeOptions, Purged};
    pub use crate::maintain::setup::scaffold::{Scaffold, ScaffoldFile};
    pub use crate::maintain::setup::status::{
        BranchStep, BranchView, ElsewhereView, RemoteView, StatusView,
    };
    pub use crate::maintain::severity::Severity;
    pub use crate::pm::handles::StateHandle;
    #[doc(inline)]
    pub use crate::store::generation::history_search::Place;
    #[doc(inline)]
    pub use crate::store::read_document::Damaged;
}

/// Typed values of items.
pub mod values {
    #[doc(inline)]
    pub use crate::model::{
        approval::Approval,
        id::ItemKind,
        item_type::ItemType,
        priority::Priority,
        reservation::Mode as ReservationMode,
        returned::{Remark, Returned},
        stamp::{parse_rfc3339, span, span_left},
        status::{Status, status_word},
        uid::Uid,
        vocabulary::{AutoPolicy, Estimate, Risk, Validation, Vocabulary},
    };
    #[doc(inline)]
    pub use crate::store::handle::Actor;
}

/// Escaping and shortening of text for display.
pub mod text {
    #[doc(inline)]
    pub use crate::model::id_run::shorten as shorten_ids;
    #[doc(inline)]
    pub use crate::model::text::{
        block, bytes, done_of, escape_controls, escape_json, excerpt, first_of, is_same_name,
        one_line, shorten, similar_names, spelled, steers,
    };
}

/// Files that a caller names.
pub mod files {
    pub use crate::coordinate::harmless_place::write_all;
    #[doc(inline)]
    pub use crate::store::named_file::read_text;
}

/// The environment that a caller passes in.
pub mod env {
    pub use crate::pm::who_acts::AGENT_MARKERS;
    #[doc(inline)]
    pub use crate::store::env::{Env, WallClock};
    #[doc(inline)]
    pub use crate::store::io_counts;
}

/// The modules of this crate, for its benches, fuzz targets and tests. Not covered by semantic
/// versioning.
#[cfg(feature = "internals")]
pub mod internals {
    macro_rules! open {
        ($($module:ident)*) => {
            $(pub mod $module {
                pub use crate::$module::*;
            })*
        };
    }
    open! {
        bridge coordinate graph history learn maintain memory model plan pm query secret store work
    }
}
