//! The table of verbs: a line for each, with its request, its group of tools and its result.

use super::keys::Keys;
use super::tool_group::ToolGroup;
use super::{
    Declaration, Verb, agent, artifact, checklist, clone, cost, dep, finding, github, history,
    insight, issue, issue_list, issue_parts, item, learn, list, msg, plan, plan_change, reserve,
    roles, show, state, status, view, work,
};
use crate::coordinate::message::{InboxOptions, SendRequest};
use crate::coordinate::reservation_verbs::{ReservationSelector, ReserveRequest};
use crate::coordinate::reserve::reservation_queries::CheckRequest;
use crate::model::id::ItemKind;

/// A line: the words of the command, the group of its tool, the request, and the result in the summary
/// of a batch, if it can be part of one; where a request serves several commands, what sets this one
/// apart.
macro_rules! verbs {
    ($($name:literal in $group:ident: $request:ty$(, $done:literal)?
       $(, alias of $other:literal)? $(, about $about:literal)? $(, |$made:ident| $set:expr)?;)*) => {
        /// All verbs.
        pub static VERBS: [Declaration; [$($name),*].len()] = [$(Declaration {
            name: $name,
            group: ToolGroup::$group,
            done: concat!($($done)?),
            effect: <$request as Verb>::EFFECT,
            is_staged: <$request as Verb>::STAGED,
            alias_of: {
                const NAMES: &[&str] = &[$($other)?];
                NAMES.first().copied()
            },
            about: [$($about)?].as_slice(),
            keys: Keys::of(
                |generator| generator.subschema_for::<$request>(),
                <$request as clap::Args>::augment_args,
                <$request as Verb>::ONLY_TYPED,
            ),
            read: |fields| {
                let request: $request = serde_json::from_value(fields.into())?;
                $(let request = {
                    let mut $made = request;
                    $set;
                    $made
                };)?
                Ok(Box::new(request))
            },
            arguments: <$request as clap::Args>::augment_args,
            only_typed: <$request as Verb>::ONLY_TYPED,
            brief: <$request as Verb>::BRIEF,
            request: |generator| generator.subschema_for::<$request>(),
            answer: |generator| generator.subschema_for::<<$request as Verb>::Answer>(),
        },)*];
    };
}

verbs! {
    "task create" in Tasks: item::Create, "created";
    "epic create" in Plan: item::Create, "created", about "Create an epic", |new| new.kind = ItemKind::Epic;
    "prd create" in Plan: item::Create, "created", about "Create a requirements document", |new| new.kind = ItemKind::Prd;
    "task edit" in Tasks: item::Edit, "changed";
    "epic edit" in Plan: item::Edit, "changed";
    "prd edit" in Plan: item::Edit, "changed";
    "issue edit" in Issues: item::Edit, "changed";
    "task comment" in Tasks: item::Comment, "commented on";
    "epic comment" in Plan: item::Comment, "commented on";
    "prd comment" in Plan: item::Comment, "commented on";
    "issue comment" in Issues: item::Comment, "commented on";
    "task accept" in Tasks: item::Accept, "accepted";
    "task approve" in Tasks: item::Approve, "approved";
    "task return" in Tasks: item::Return, "returned";
    "task done" in Tasks: status::Done, "done";
    "task cancel" in Tasks: status::Cancel, "cancelled";
    "task defer" in Tasks: status::Defer, "deferred";
    "task undefer" in Tasks: issue::Undefer, "no longer deferred";
    "task block" in Tasks: status::Block, "blocked";
    "task unblock" in Tasks: status::Unblock, "unblocked";
    "task reassign" in Tasks: status::Reassign, "reassigned";
    "task reopen" in Tasks: status::Reopen, "reopened";
    "epic reopen" in Plan: status::Reopen, "reopened";
    "prd reopen" in Plan: status::Reopen, "reopened";
    "issue reopen" in Issues: status::Reopen, "reopened";
    "epic close" in Plan: status::Close, "closed";
    "prd close" in Plan: status::Close, "closed";
    "task delete" in Tasks: status::Delete, "deleted";
    "epic delete" in Plan: status::Delete, "deleted";
    "prd delete" in Plan: status::Delete, "deleted";
    "issue delete" in Issues: status::Delete, "deleted";
    "issue create" in Issues: issue::Create, "created";
    "issue update" in Issues: issue::UpdateIssues, "changed";
    "issue claim" in Issues: issue::Claim;
    "issue close" in Issues: issue::Close, "closed";
    "issue defer" in Issues: issue::Defer, "deferred";
    "issue undefer" in Issues: issue::Undefer, "no longer deferred";
    "dep add" in Tasks: dep::Add, "linked";
    "dep rm" in Tasks: dep::Rm, "unlinked";
    "dep list" in Tasks: dep::ListOf;
    "msg send" in Messages: SendRequest;
    "msg inbox" in Messages: InboxOptions;
    "msg read" in Messages: msg::Read;
    "msg reply" in Messages: msg::Reply;
    "msg ack" in Messages: msg::Acknowledge;
    "msg thread" in Messages: msg::Thread;
    "msg search" in Messages: msg::Search;
    "msg delegate" in Messages: msg::Delegate;
    "msg accept" in Messages: msg::AcceptRequest;
    "msg decline" in Messages: msg::Decline;
    "handoff" in Tasks: msg::HandOff;
    "start" in Tasks: work::Start;
    "task start" in Tasks: work::Start, alias of "start";
    "epic start" in Plan: work::Start, alias of "start", about "Start an epic: claim it and create its branch and worktree";
    "next" in Tasks: work::Next;
    "finish" in Tasks: work::Finish;
    "task finish" in Tasks: work::Finish, alias of "finish";
    "task drop" in Tasks: work::DropTask;
    "task diff" in Tasks: work::Diff;
    "task tree" in Tasks: work::Tree;
    "merge" in Tasks: work::Merge;
    "why" in Tasks: work::Why;
    "blocked" in Tasks: work::Blocked;
    "sync" in Sync: clone::Sync;
    "push" in Tasks: clone::Sync, alias of "sync", about "Push the state to the remote";
    "pull" in Sync: clone::Pull;
    "undo" in History: clone::Undo;
    "show" in Tasks: show::Show;
    "task show" in Tasks: show::Show, alias of "show";
    "epic show" in Plan: show::ShowEpic;
    "prd show" in Plan: show::ShowDocument;
    "prd add" in Plan: plan::AddDocument;
    "scope" in Plan: plan::ScopeRequest;
    "plan new" in Plan: plan::New;
    "plan show" in Plan: plan::Show;
    "plan list" in Plan: plan::ListPlans;
    "plan check" in Plan: plan::CheckPlan;
    "plan outline" in Plan: plan::OutlineOf;
    "plan write" in Plan: plan::Write;
    "plan debate" in Plan: plan::Debate;
    "plan add" in Plan: plan_change::AddTask;
    "plan set" in Plan: plan_change::Set;
    "plan rm" in Plan: plan_change::RemoveTask;
    "plan dep" in Plan: plan_change::Dependency;
    "plan order" in Plan: plan_change::Order;
    "plan merge" in Plan: plan_change::Merge;
    "plan deepen" in Plan: plan_change::Deepen;
    "plan approve" in Plan: plan::Approve;
    "plan diff" in Plan: plan::Diff;
    "plan update" in Plan: plan::UpdateDocument;
    "plan regenerate" in Plan: plan::Regenerate;
    "plan keep" in Plan: plan::Keep;
    "plan seed" in Plan: plan::Seed;
    "plan decompose" in Plan: plan::Decompose;
    "milestone list" in Plan: plan::Milestones;
    "sprint plan" in Plan: plan::Sprint;
    "trace" in Plan: plan::Trace;
    "worktree list" in Worktrees: clone::ListWorktrees;
    "worktree path" in Worktrees: clone::WorktreePath;
    "worktree gc" in Worktrees: clone::WorktreeGc;
    "reserve add" in Reserve: ReserveRequest;
    "reserve list" in Reserve: reserve::ListReservations;
    "reserve check" in Reserve: CheckRequest;
    "reserve renew" in Reserve: reserve::Renew;
    "reserve release" in Reserve: ReservationSelector;
    "reserve steal" in Reserve: reserve::Steal;
    "prime" in Tasks: state::Prime;
    "status" in Sync: state::Status;
    "conflicts" in Sync: state::Conflicts;
    "doctor" in Sync: state::Doctor;
    "context show" in Sync: state::ShowContext;
    "context list" in Sync: state::ListContext;
    "context set" in Sync: state::SetSection;
    "context remove" in Sync: state::RemoveSection;
    "list" in Tasks: list::ListItems;
    "task list" in Tasks: list::ListKind, alias of "list", about "List tasks";
    "epic list" in Plan: list::ListKind, alias of "list", about "List epics", |list| list.kind = ItemKind::Epic;
    "prd list" in Plan: list::ListKind, alias of "list", about "List requirements documents", |list| list.kind = ItemKind::Prd;
    "search" in Tasks: list::SearchItems;
    "ready" in Tasks: list::Ready;
    "board" in Insight: list::Board;
    "view save" in Sync: view::SaveView;
    "view list" in Sync: view::ListViews;
    "view show" in Sync: view::ShowView;
    "view rm" in Sync: view::RemoveView;
    "issue list" in Issues: issue_list::ListIssues;
    "issue show" in Issues: issue_list::ShowIssues;
    "issue ready" in Issues: issue_list::ReadyIssues;
    "issue blocked" in Issues: issue_list::BlockedIssues;
    "issue children" in Issues: issue_list::Children;
    "issue search" in Issues: list::SearchItems, about "Search titles, texts, comments and labels of issues", |search| search.kind = Some(ItemKind::Issue);
    "issue count" in Issues: issue_list::CountIssues;
    "issue label add" in Issues: issue_parts::AddLabel;
    "issue label remove" in Issues: issue_parts::RemoveLabel;
    "issue label list" in Issues: issue_parts::LabelsOf;
    "issue label list-all" in Issues: issue_parts::AllLabels;
    "issue comments" in Issues: issue_parts::Comments;
    "issue epic status" in Issues: issue_parts::EpicProgress;
    "issue epic close-eligible" in Issues: issue_parts::CloseEligible;
    "issue gate create" in Issues: issue_parts::CreateGate;
    "issue gate list" in Issues: issue_parts::ListGates;
    "issue gate show" in Issues: issue_parts::ShowGate;
    "issue gate check" in Issues: issue_parts::CheckGates;
    "issue gate resolve" in Issues: issue_parts::ResolveGates;
    "review" in Review: finding::ReviewWork;
    "deep-review" in Review: finding::ReviewWork, alias of "review", about "Review all work of an epic";
    "preflight" in Review: checklist::Flight;
    "postflight" in Review: checklist::Flight, about "Check whether the work on a task may be merged", |flight| flight.after = true;
    "checklist show" in Review: checklist::ShowChecklists;
    "checklist tick" in Review: checklist::TickItem;
    "check" in Review: finding::CheckBranch;
    "finding list" in Review: finding::ListFindings;
    "finding show" in Review: finding::ShowFinding;
    "finding dismiss" in Review: finding::DismissFinding;
    "finding reopen" in Review: finding::ReopenFinding;
    "finding fix" in Review: finding::FixFinding;
    "finding keep" in Review: finding::KeepFinding;
    "finding share" in Review: finding::ShareFinding;
    "finding import" in Review: finding::ImportFindings;
    "finding export" in Review: finding::ExportFindings;
    "finding to-issue" in Review: finding::ToIssue;
    "finding comment" in Review: finding::CommentReview;
    "github link" in Github: crate::forge::LinkRequest;
    "github status" in Github: github::GithubStatus;
    "github sync" in Github: crate::forge::SyncRequest;
    "github pull" in Github: github::GithubPull;
    "github resolve" in Github: github::GithubResolve;
    "github pr" in Github: crate::forge::PullRequest;
    "github comment" in Github: github::GithubComment;
    "planner" in Plan: roles::Planner;
    "taskmaster" in Plan: roles::Taskmaster;
    "develop" in Github: roles::Develop;
    "reviewer" in Github: roles::Reviewer;
    "learn add" in Learn: learn::AddLearning;
    "learn edit" in Learn: learn::EditLearning;
    "learn list" in Learn: learn::ListLearnings;
    "learn search" in Learn: learn::SearchLearnings;
    "learn show" in Learn: learn::ShowLearning;
    "learn use" in Learn: learn::UseLearning;
    "learn vote" in Learn: learn::VoteOnLearning;
    "learn accept" in Learn: learn::AcceptDraft;
    "learn delete" in Learn: learn::DeleteLearning;
    "learn draft" in Learn: learn::DraftLearnings;
    "compound" in Learn: learn::DraftLearnings, alias of "learn draft";
    "learn none" in Learn: learn::NothingLearned;
    "learn stats" in Learn: learn::LearnStats;
    "artifact put" in Artifacts: artifact::PutArtifact;
    "artifact get" in Artifacts: artifact::GetArtifact;
    "artifact list" in Artifacts: artifact::ListArtifacts;
    "artifact remove" in Artifacts: artifact::RemoveArtifact;
    "triage" in Insight: insight::Triage;
    "order" in Insight: insight::Order;
    "graph" in Insight: insight::Graph;
    "impact" in Insight: insight::Impact;
    "forecast" in Insight: insight::Forecast;
    "suggest" in Insight: insight::Suggest;
    "predict" in Learn: insight::Predict;
    "stats" in Insight: insight::Stats;
    "log" in History: history::Log;
    "diff" in History: history::DiffStates;
    "events" in History: history::Events;
    "standup" in History: history::Standup;
    "retro" in History: history::Retro;
    "report" in History: history::ReportPeriod;
    "cost" in Insight: cost::Cost;
    "budget set" in Insight: cost::SetBudget;
    "budget show" in Insight: cost::ShowBudgets;
    "budget rm" in Insight: cost::RemoveBudget;
    "route show" in Insight: cost::ShowRoutes;
    "route explain" in Insight: cost::ExplainRoute;
    "agent list" in Insight: agent::ListAgents;
    "agent show" in Insight: agent::ShowAgent;
    "agent validate" in Insight: agent::ValidateAgents;
}
