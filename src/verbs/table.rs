//! The table of verbs: a line for each.

use super::keys::Keys;
use super::{
    Declaration, Verb, artifact, clone, cost, dep, history, insight, issue, issue_list,
    issue_parts, item, learn, list, msg, plan, plan_change, reserve, show, state, status, view,
    work,
};
use crate::coordinate::message::{InboxOptions, SendRequest};
use crate::coordinate::reservation_verbs::{ReservationSelector, ReserveRequest};
use crate::coordinate::reserve::reservation_queries::CheckRequest;
use crate::model::id::ItemKind;

/// A line: the words of the command, the request, and the result in the summary of a batch, if it can
/// be part of one; where a request serves several commands, what sets this one apart.
macro_rules! verbs {
    ($($name:literal: $request:ty$(, $done:literal)?
       $(, alias of $other:literal)? $(, about $about:literal)? $(, |$made:ident| $set:expr)?;)*) => {
        /// All verbs.
        pub static VERBS: [Declaration; [$($name),*].len()] = [$(Declaration {
            name: $name,
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
    "task create": item::Create, "created";
    "epic create": item::Create, "created", about "Create an epic", |new| new.kind = ItemKind::Epic;
    "prd create": item::Create, "created", about "Create a requirements document", |new| new.kind = ItemKind::Prd;
    "task edit": item::Edit, "changed";
    "epic edit": item::Edit, "changed";
    "prd edit": item::Edit, "changed";
    "issue edit": item::Edit, "changed";
    "task comment": item::Comment, "commented on";
    "epic comment": item::Comment, "commented on";
    "prd comment": item::Comment, "commented on";
    "issue comment": item::Comment, "commented on";
    "task accept": item::Accept, "accepted";
    "task approve": item::Approve, "approved";
    "task return": item::Return, "returned";
    "task done": status::Done, "done";
    "task cancel": status::Cancel, "cancelled";
    "task defer": status::Defer, "deferred";
    "task undefer": status::Undefer, "no longer deferred";
    "task block": status::Block, "blocked";
    "task unblock": status::Unblock, "unblocked";
    "task reassign": status::Reassign, "reassigned";
    "task reopen": status::Reopen, "reopened";
    "epic reopen": status::Reopen, "reopened";
    "prd reopen": status::Reopen, "reopened";
    "issue reopen": status::Reopen, "reopened";
    "epic close": status::Close, "closed";
    "prd close": status::Close, "closed";
    "task delete": status::Delete, "deleted";
    "epic delete": status::Delete, "deleted";
    "prd delete": status::Delete, "deleted";
    "issue delete": status::Delete, "deleted";
    "issue create": issue::Create, "created";
    "issue update": issue::UpdateIssues, "changed";
    "issue claim": issue::Claim;
    "issue close": issue::Close, "closed";
    "issue defer": issue::Defer, "deferred";
    "issue undefer": issue::Undefer, "no longer deferred";
    "dep add": dep::Add, "linked";
    "dep rm": dep::Rm, "unlinked";
    "dep list": dep::ListOf;
    "msg send": SendRequest;
    "msg inbox": InboxOptions;
    "msg read": msg::Read;
    "msg reply": msg::Reply;
    "msg ack": msg::Acknowledge;
    "msg thread": msg::Thread;
    "msg search": msg::Search;
    "msg delegate": msg::Delegate;
    "msg accept": msg::AcceptRequest;
    "msg decline": msg::Decline;
    "handoff": msg::HandOff;
    "start": work::Start;
    "task start": work::Start, alias of "start";
    "epic start": work::Start, alias of "start", about "Start an epic: claim it and create its branch and worktree";
    "next": work::Next;
    "finish": work::Finish;
    "task finish": work::Finish, alias of "finish";
    "task drop": work::DropTask;
    "task diff": work::Diff;
    "task tree": work::Tree;
    "merge": work::Merge;
    "why": work::Why;
    "blocked": work::Blocked;
    "sync": clone::Sync;
    "push": clone::Sync, alias of "sync", about "Push the state to the remote";
    "pull": clone::Pull;
    "undo": clone::Undo;
    "show": show::Show;
    "task show": show::Show, alias of "show";
    "epic show": show::ShowEpic;
    "prd show": show::ShowDocument;
    "prd add": plan::AddDocument;
    "scope": plan::ScopeRequest;
    "plan new": plan::New;
    "plan show": plan::Show;
    "plan list": plan::ListPlans;
    "plan check": plan::CheckPlan;
    "plan outline": plan::OutlineOf;
    "plan write": plan::Write;
    "plan add": plan_change::AddTask;
    "plan set": plan_change::Set;
    "plan rm": plan_change::RemoveTask;
    "plan dep": plan_change::Dependency;
    "plan order": plan_change::Order;
    "plan merge": plan_change::Merge;
    "plan split": plan_change::Split;
    "plan deepen": plan_change::Deepen;
    "plan approve": plan::Approve;
    "plan diff": plan::Diff;
    "plan update": plan::UpdateDocument;
    "plan regenerate": plan::Regenerate;
    "plan keep": plan::Keep;
    "plan seed": plan::Seed;
    "plan decompose": plan::Decompose;
    "milestone list": plan::Milestones;
    "sprint plan": plan::Sprint;
    "trace": plan::Trace;
    "worktree list": clone::ListWorktrees;
    "worktree path": clone::WorktreePath;
    "worktree gc": clone::WorktreeGc;
    "reserve add": ReserveRequest;
    "reserve list": reserve::ListReservations;
    "reserve check": CheckRequest;
    "reserve renew": reserve::Renew;
    "reserve release": ReservationSelector;
    "reserve steal": reserve::Steal;
    "prime": state::Prime;
    "status": state::Status;
    "conflicts": state::Conflicts;
    "doctor": state::Doctor;
    "context show": state::ShowContext;
    "context list": state::ListContext;
    "context set": state::SetSection;
    "context remove": state::RemoveSection;
    "list": list::ListItems;
    "task list": list::ListKind, alias of "list", about "List tasks";
    "epic list": list::ListKind, alias of "list", about "List epics", |list| list.kind = ItemKind::Epic;
    "prd list": list::ListKind, alias of "list", about "List requirements documents", |list| list.kind = ItemKind::Prd;
    "search": list::SearchItems;
    "ready": list::Ready;
    "board": list::Board;
    "view save": view::SaveView;
    "view list": view::ListViews;
    "view show": view::ShowView;
    "view rm": view::RemoveView;
    "issue list": issue_list::ListIssues;
    "issue show": issue_list::ShowIssues;
    "issue ready": issue_list::ReadyIssues;
    "issue blocked": issue_list::BlockedIssues;
    "issue children": issue_list::Children;
    "issue search": issue_list::SearchIssues;
    "issue count": issue_list::CountIssues;
    "issue label add": issue_parts::AddLabel;
    "issue label remove": issue_parts::RemoveLabel;
    "issue label list": issue_parts::LabelsOf;
    "issue label list-all": issue_parts::AllLabels;
    "issue comments": issue_parts::Comments;
    "issue epic status": issue_parts::EpicProgress;
    "issue epic close-eligible": issue_parts::CloseEligible;
    "issue gate create": issue_parts::CreateGate;
    "issue gate list": issue_parts::ListGates;
    "issue gate show": issue_parts::ShowGate;
    "issue gate check": issue_parts::CheckGates;
    "issue gate resolve": issue_parts::ResolveGates;
    "learn add": learn::AddLearning;
    "learn edit": learn::EditLearning;
    "learn list": learn::ListLearnings;
    "learn search": learn::SearchLearnings;
    "learn show": learn::ShowLearning;
    "learn use": learn::UseLearning;
    "learn vote": learn::VoteOnLearning;
    "learn accept": learn::AcceptDraft;
    "learn delete": learn::DeleteLearning;
    "learn draft": learn::DraftLearnings;
    "learn check": learn::CheckDocumented;
    "learn none": learn::NothingLearned;
    "learn stats": learn::LearnStats;
    "artifact put": artifact::PutArtifact;
    "artifact get": artifact::GetArtifact;
    "artifact list": artifact::ListArtifacts;
    "artifact remove": artifact::RemoveArtifact;
    "triage": insight::Triage;
    "order": insight::Order;
    "graph": insight::Graph;
    "impact": insight::Impact;
    "forecast": insight::Forecast;
    "suggest": insight::Suggest;
    "predict": insight::Predict;
    "stats": insight::Stats;
    "log": history::Log;
    "diff": history::DiffStates;
    "events": history::Events;
    "standup": history::Standup;
    "retro": history::Retro;
    "report": history::ReportPeriod;
    "cost": cost::Cost;
    "budget set": cost::SetBudget;
    "budget show": cost::ShowBudgets;
    "budget rm": cost::RemoveBudget;
    "route show": cost::ShowRoutes;
    "route explain": cost::ExplainRoute;
}
