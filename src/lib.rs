//! git pm: the project manager that lives in your repository.
//!
//! Everything the command line does is a method of [`Pm`]; the binary only parses arguments and
//! renders. The library prints nothing and is told about the world by [`store::env::Env`].
//!
//! # Example
//!
//! Two clones that never met share one remote:
//!
//! ```
//! use std::collections::BTreeMap;
//! use git_pm::values::ItemKind;
//! use git_pm::state::InitOptions;
//! use git_pm::items::ListFilter;
//! use git_pm::tasks::NewItem;
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
//!         acceptance: vec!["passes 100 times".into()],
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

// Parts that only the tests of this crate use are reached through `internals`.
#![cfg_attr(not(feature = "internals"), allow(dead_code, unused_imports))]

mod bridge;
mod coordinate;
pub mod error;
mod graph;
mod history;
mod maintain;
mod model;
mod plan;
mod pm;
mod query;
mod secret;
mod store;
mod work;

pub use error::{Error, Result};
pub use pm::{Options, Pm};
pub use store::env::Env;

/// Work on items: create, edit, start, finish, approve, merge, close.
pub mod tasks {
    pub use crate::graph::Blocker;
    pub use crate::graph::Link;
    pub use crate::graph::Reason;
    pub use crate::model::issue_fields::Gate;
    pub use crate::pm::handles::Tasks;
    pub use crate::work::new_item::Fields;
    pub use crate::work::new_item::ItemEdit;
    pub use crate::work::new_item::NewGate;
    pub use crate::work::new_item::NewItem;
    pub use crate::work::task::deps::DepLink;
    pub use crate::work::task::deps::DepView;
    pub use crate::work::task::deps::TreeNode;
    pub use crate::work::task::finish::FinishOptions;
    pub use crate::work::task::finish::Finished;
    pub use crate::work::task::merge::MergeOptions;
    pub use crate::work::task::merge::MergeView;
    pub use crate::work::task::merge::MergedItem;
    pub use crate::work::task::readiness::ChainLink;
    pub use crate::work::task::readiness::WhyView;
    pub use crate::work::task::start::options::StartOptions;
    pub use crate::work::task::start::options::Started;
    pub use crate::work::task::status_verbs::DoneOptions;
    pub use crate::work::task::status_verbs::DropOptions;
}

/// Issues in the manner of beads.
pub mod issues {
    pub use crate::pm::handles::Issues;
    pub use crate::work::issue::GateCheck;
    pub use crate::work::issue::GateOutcome;
    pub use crate::work::issue::Group;
    pub use crate::work::issue::IssueFilter;
    pub use crate::work::issue::IssueKeys;
    pub use crate::work::issue::LabelCount;
    pub use crate::work::issue::LintFinding;
    pub use crate::work::issue::Orphan;
    pub use crate::work::issue::Part;
    pub use crate::work::issue::Tally;
    pub use crate::work::issue::Update;
    pub use crate::work::issue::beads_json::Field;
    pub use crate::work::issue::beads_json::Record;
    pub use crate::work::issue::close::CloseOptions;
    pub use crate::work::issue::delete::DeleteOptions;
    pub use crate::work::issue::edge_word;
}

/// Items of every kind: views, lists, queries, search, batches.
pub mod items {
    pub use crate::pm::handles::Items;
    pub use crate::pm::shared_views::ClaimView;
    pub use crate::pm::shared_views::CommentView;
    pub use crate::pm::shared_views::CriterionView;
    pub use crate::pm::shared_views::EdgeView;
    pub use crate::pm::shared_views::IssueView;
    pub use crate::pm::shared_views::ItemView;
    pub use crate::pm::shared_views::LinkView;
    pub use crate::pm::shared_views::WorkView;
    pub use crate::query::Expr;
    pub use crate::query::Field;
    pub use crate::query::Mark;
    pub use crate::query::Op;
    pub use crate::query::Pattern;
    pub use crate::query::QueryError;
    pub use crate::query::SortKey;
    pub use crate::query::Test;
    pub use crate::query::When;
    pub use crate::query::Words;
    pub use crate::query::columns;
    pub use crate::query::sort_keys;
    pub use crate::work::batch::BatchOptions;
    pub use crate::work::batch::BatchReport;
    pub use crate::work::batch::Key;
    pub use crate::work::batch::Shape;
    pub use crate::work::batch::SkippedLine;
    pub use crate::work::batch::VERBS;
    pub use crate::work::batch::Verb;
    pub use crate::work::list::ListFilter;
    pub use crate::work::list::SavedView;
    pub use crate::work::search::LIMIT;
    pub use crate::work::search::SearchHit;
    pub use crate::work::search::SearchOptions;
}

/// Measures of the project.
pub mod insights {
    pub use crate::graph::Schedule;
    pub use crate::graph::Slot;
    pub use crate::pm::handles::Insights;
    pub use crate::work::insight::Alert;
    pub use crate::work::insight::BlockerToClear;
    pub use crate::work::insight::Breakdown;
    pub use crate::work::insight::BrokenEdge;
    pub use crate::work::insight::Commands;
    pub use crate::work::insight::Cored;
    pub use crate::work::insight::CountFilter;
    pub use crate::work::insight::CountView;
    pub use crate::work::insight::Counts;
    pub use crate::work::insight::Dates;
    pub use crate::work::insight::Degree;
    pub use crate::work::insight::Done;
    pub use crate::work::insight::DuplicateHint;
    pub use crate::work::insight::EdgeHint;
    pub use crate::work::insight::Field;
    pub use crate::work::insight::ForecastView;
    pub use crate::work::insight::GraphEdge;
    pub use crate::work::insight::GraphNode;
    pub use crate::work::insight::GraphView;
    pub use crate::work::insight::Group;
    pub use crate::work::insight::Health;
    pub use crate::work::insight::Highlight;
    pub use crate::work::insight::Idle;
    pub use crate::work::insight::ImpactItem;
    pub use crate::work::insight::ImpactView;
    pub use crate::work::insight::InsightView;
    pub use crate::work::insight::ItemLine;
    pub use crate::work::insight::LIMIT;
    pub use crate::work::insight::LabelHint;
    pub use crate::work::insight::Measure;
    pub use crate::work::insight::Meta;
    pub use crate::work::insight::Metric;
    pub use crate::work::insight::NextCommands;
    pub use crate::work::insight::NextItem;
    pub use crate::work::insight::OrderedItem;
    pub use crate::work::insight::Part;
    pub use crate::work::insight::Percentiles;
    pub use crate::work::insight::Pick;
    pub use crate::work::insight::QuickRef;
    pub use crate::work::insight::QuickWin;
    pub use crate::work::insight::Recommendation;
    pub use crate::work::insight::RelatedItem;
    pub use crate::work::insight::Scored;
    pub use crate::work::insight::Severity;
    pub use crate::work::insight::Shape;
    pub use crate::work::insight::SilentClaim;
    pub use crate::work::insight::Slotted;
    pub use crate::work::insight::Stale;
    pub use crate::work::insight::SuggestView;
    pub use crate::work::insight::Taken;
    pub use crate::work::insight::Track;
    pub use crate::work::insight::TrackItem;
    pub use crate::work::insight::TracksView;
    pub use crate::work::insight::TriageView;
    pub use crate::work::insight::Velocity;
    pub use crate::work::insight::Week;
}

/// Documents, plans, epics and milestones.
pub mod plans {
    pub use crate::plan::PlanStatus;
    pub use crate::plan::Source;
    pub use crate::plan::Written;
    pub use crate::plan::approval_checks::Check;
    pub use crate::plan::approval_checks::Severity;
    pub use crate::plan::approve::ApproveOptions;
    pub use crate::plan::approve::Approved;
    pub use crate::plan::approve::Doubt;
    pub use crate::plan::change::Change;
    pub use crate::plan::change::NewTask;
    pub use crate::plan::document::Requirement;
    pub use crate::plan::document::Statement;
    pub use crate::plan::dor::Unready;
    pub use crate::plan::draft::EdgeClass;
    pub use crate::plan::drafting::HandEdit;
    pub use crate::plan::drafting::PlanDiff;
    pub use crate::plan::drafting::{DraftOptions, Update};
    pub use crate::plan::interview::QUESTIONS;
    pub use crate::plan::milestone::EpicView;
    pub use crate::plan::milestone::MilestoneLine;
    pub use crate::plan::milestone::Outcome;
    pub use crate::plan::prd::Added;
    pub use crate::plan::prd::PrdView;
    pub use crate::plan::scope::Accuracy;
    pub use crate::plan::scope::Override;
    pub use crate::plan::scope::ScopeView;
    pub use crate::plan::single::Seeded;
    pub use crate::plan::sprint::CAPACITY;
    pub use crate::plan::sprint::SprintTask;
    pub use crate::plan::sprint::SprintView;
    pub use crate::plan::stats::PlanStats;
    pub use crate::plan::text::Problem;
    pub use crate::plan::text::with_problems;
    pub use crate::plan::trace::Link;
    pub use crate::plan::trace::NamingCommit;
    pub use crate::plan::trace::Place;
    pub use crate::plan::trace::TraceView;
    pub use crate::plan::trace::TracedCommit;
    pub use crate::plan::trace::TracedCriterion;
    pub use crate::plan::trace::TracedTask;
    pub use crate::plan::view::CriterionView;
    pub use crate::plan::view::EdgeView;
    pub use crate::plan::view::MergeView;
    pub use crate::plan::view::MilestoneView;
    pub use crate::plan::view::NoteView;
    pub use crate::plan::view::PlanLine;
    pub use crate::plan::view::PlanView;
    pub use crate::plan::view::SourceView;
    pub use crate::plan::view::StreamView;
    pub use crate::plan::view::SuggestionView;
    pub use crate::plan::view::TaskView;
    pub use crate::pm::handles::Plans;
}

/// Reservations of paths.
pub mod reservations {
    pub use crate::coordinate::reserve::reservation_queries::CheckReport;
    pub use crate::coordinate::reserve::reservation_queries::CheckRequest;
    pub use crate::coordinate::reserve::reservation_queries::ReservationView;
    pub use crate::coordinate::reserve::reservation_verbs::ReservationSelector;
    pub use crate::coordinate::reserve::reservation_verbs::ReserveRequest;
    pub use crate::pm::handles::Reservations;
}

/// Worktrees that belong to items.
pub mod worktrees {
    pub use crate::coordinate::worktree::worktree_verbs::GcView;
    pub use crate::coordinate::worktree::worktree_verbs::WorktreeView;
    pub use crate::pm::handles::Worktrees;
}

/// The git hooks that guard commits and pushes.
pub mod hooks {
    pub use crate::coordinate::hook::HookEntry;
    pub use crate::coordinate::hook::HookState;
    pub use crate::coordinate::hook::HookStatus;
    pub use crate::coordinate::hook::run::HookOutcome;
    pub use crate::pm::handles::Hooks;
}

/// The history of the state.
pub mod log {
    pub use crate::history::diff::DiffReport;
    pub use crate::history::log::LogEntry;
    pub use crate::history::log::LogFilter;
    pub use crate::history::log::Overridden;
    pub use crate::history::past_state::PointView;
    pub use crate::history::show_at::ItemAt;
    pub use crate::history::show_at::ListAt;
    pub use crate::history::undo::UndoOptions;
    pub use crate::history::undo::UndoReport;
    pub use crate::pm::changes::document_diff::ClaimDiff;
    pub use crate::pm::changes::document_diff::CommentDiff;
    pub use crate::pm::changes::document_diff::CriterionDiff;
    pub use crate::pm::changes::document_diff::Fate;
    pub use crate::pm::changes::document_diff::FieldDiff;
    pub use crate::pm::changes::document_diff::ItemDiff;
    pub use crate::pm::changes::document_diff::ListDiff;
    pub use crate::pm::changes::document_diff::ReservationDiff;
    pub use crate::pm::handles::History;
    pub use crate::store::git::sign::Signature;
    pub use crate::store::git::sign::SignatureStatus;
}

/// Import from and export to other trackers and formats.
pub mod trackers {
    pub use crate::bridge::ExportReport;
    pub use crate::bridge::ImportOptions;
    pub use crate::bridge::ImportReport;
    pub use crate::bridge::Overruled;
    pub use crate::bridge::Remarked;
    pub use crate::bridge::Skipped;
    pub use crate::bridge::export::FileReport;
    pub use crate::bridge::export::FolderReport;
    pub use crate::bridge::export::Layout;
    pub use crate::pm::handles::Bridge;
}

/// Settings and trust.
pub mod settings {
    pub use crate::maintain::setup::config::Setting;
    pub use crate::maintain::setup::trust::TrustReport;
    pub use crate::pm::handles::Settings;
}

/// The state as a whole.
pub mod state {
    pub use crate::coordinate::claim::settle::LostClaim;
    pub use crate::coordinate::claim::settle::Renumbered;
    pub use crate::coordinate::conflicts::ConflictView;
    pub use crate::coordinate::conflicts::Resolution;
    pub use crate::coordinate::conflicts::VersionView;
    pub use crate::coordinate::message::NoticeView;
    pub use crate::coordinate::sync::incoming::Arrival;
    pub use crate::coordinate::sync::sync_report::RemoteReport;
    pub use crate::coordinate::sync::sync_report::SyncReport;
    pub use crate::maintain::backup::BackupReport;
    pub use crate::maintain::backup::LoadReport;
    pub use crate::maintain::doctor::DoctorReport;
    pub use crate::maintain::doctor::Finding;
    pub use crate::maintain::doctor::size::LargeDocument;
    pub use crate::maintain::doctor::size::StateSize;
    pub use crate::maintain::fsck::Checked;
    pub use crate::maintain::fsck::Repaired;
    pub use crate::maintain::fsck::{Finding as FsckFinding, FsckReport};
    pub use crate::maintain::gc::GcOptions;
    pub use crate::maintain::gc::GcReport;
    pub use crate::maintain::redact::RedactReport;
    pub use crate::maintain::redact::Redaction;
    pub use crate::maintain::restore::RestoreReport;
    pub use crate::maintain::setup::init::InitOptions;
    pub use crate::maintain::setup::init::InitReport;
    pub use crate::maintain::setup::init::UninstallReport;
    pub use crate::maintain::setup::migrate::MigrateReport;
    pub use crate::maintain::setup::status::BranchView;
    pub use crate::maintain::setup::status::RemoteView;
    pub use crate::maintain::setup::status::StatusView;
    pub use crate::maintain::severity::Severity;
    pub use crate::pm::handles::StateHandle;
    pub use crate::store::generation::history_search::Place;
    pub use crate::store::read_document::Damaged;
}

/// Typed values of items.
pub mod values {
    pub use crate::model::approval::Approval;
    pub use crate::model::id::ItemKind;
    pub use crate::model::stamp::{parse_rfc3339, span};
    pub use crate::model::status::Status;
    pub use crate::model::uid::Uid;
    pub use crate::model::vocabulary::AUTO_POLICY;
    pub use crate::model::vocabulary::ESTIMATE;
    pub use crate::model::vocabulary::RISK;
    pub use crate::model::vocabulary::TYPE;
    pub use crate::model::vocabulary::VALIDATION;
    pub use crate::model::vocabulary::Vocabulary;
    pub use crate::store::handle::Actor;
}

/// Safe and short renderings of texts.
pub mod text {
    pub use crate::model::id_run::shorten as shorten_ids;
    pub use crate::model::text::block;
    pub use crate::model::text::bytes;
    pub use crate::model::text::escape_controls;
    pub use crate::model::text::first_of;
    pub use crate::model::text::one_line;
    pub use crate::model::text::shorten;
    pub use crate::model::text::spelled;
    pub use crate::model::text::steers;
}

/// The world that a caller hands in.
pub mod env {
    pub use crate::pm::actor::AGENT_MARKERS;
    pub use crate::store::costs;
    pub use crate::store::env::Env;
    pub use crate::store::env::WallClock;
}

/// Everything below the surface, for benches, fuzz targets and tests of this crate. Unstable: no
/// version number speaks of it.
#[cfg(feature = "internals")]
pub mod internals {
    #[allow(missing_docs)]
    pub mod bridge {
        pub use crate::bridge::*;
    }
    #[allow(missing_docs)]
    pub mod coordinate {
        pub use crate::coordinate::*;
    }
    #[allow(missing_docs)]
    pub mod graph {
        pub use crate::graph::*;
    }
    #[allow(missing_docs)]
    pub mod history {
        pub use crate::history::*;
    }
    #[allow(missing_docs)]
    pub mod maintain {
        pub use crate::maintain::*;
    }
    #[allow(missing_docs)]
    pub mod model {
        pub use crate::model::*;
    }
    #[allow(missing_docs)]
    pub mod plan {
        pub use crate::plan::*;
    }
    #[allow(missing_docs)]
    pub mod pm {
        pub use crate::pm::*;
    }
    #[allow(missing_docs)]
    pub mod query {
        pub use crate::query::*;
    }
    #[allow(missing_docs)]
    pub mod secret {
        pub use crate::secret::*;
    }
    #[allow(missing_docs)]
    pub mod store {
        pub use crate::store::*;
    }
    #[allow(missing_docs)]
    pub mod work {
        pub use crate::work::*;
    }
}
