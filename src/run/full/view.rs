//! The progress from a document to merged work, as users and other programs see it.

use schemars::JsonSchema;
use serde::Serialize;

use super::FullOptions;
use crate::memory::draft::Drafted;
use crate::model::vocabulary::terms;
use crate::plan::approval_checks::Check;
use crate::review::ReviewReport;
use crate::review::debate::DebateTurn;
use crate::run::control::RunPlan;
use crate::run::options::RunEvent;
use crate::run::record::RunStatus;
use crate::run::view::RunView;
use crate::work::cost::UsageView;

terms! {
    /// A step from a document to merged work.
    FullStep in "step" {
        /// The document becomes a plan.
        Plan = "plan",
        /// The plan is checked.
        Check = "check",
        /// Agents try to refute the plan, and answer for it.
        Debate = "debate",
        /// A human approves the plan.
        Approve = "approve",
        /// Approved work is merged, and agents work on the tasks of the plan.
        Work = "work",
        /// Work that waits for a human is listed.
        Review = "review",
        /// Learnings are drafted from the tasks that are done.
        Learn = "learn",
    }
}

terms! {
    /// The outcome of a step.
    FullStepStatus in "step status" {
        /// It was performed.
        Done = "done",
        /// There was nothing to do.
        Nothing = "nothing",
        /// It waits for a human.
        Waits = "waits",
        /// It failed.
        Failed = "failed",
        /// It was ended on request, or because a budget is spent.
        Stopped = "stopped",
        /// It would be performed (in a dry run).
        Planned = "planned",
        /// An earlier step kept it from starting.
        NotReached = "not-reached",
    }
}

/// A step with its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FullStepView {
    /// The step.
    pub step: FullStep,
    /// `done`, `nothing`, `waits`, `failed`, `stopped`, `planned` or `not-reached`.
    pub status: FullStepStatus,
    /// A description of what was done, or why not; null if it was not reached.
    pub text: Option<String>,
}

/// The progress of one document toward merged work.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct FullView {
    /// The id of the PRD; null in a dry run if the document has no PRD yet.
    pub prd: Option<String>,
    /// The title of the plan; null if `prd` is.
    pub title: Option<String>,
    /// The epic that the approval of the plan created.
    pub epic: Option<String>,
    /// `completed` if all tasks are done, `failed` if an agent gave one up, `stopped` after an
    /// interruption or if a budget is spent, otherwise `blocked` (it waits for a human). `queued`
    /// in a dry run.
    pub status: RunStatus,
    /// True if it was stopped because a budget is spent.
    pub budget_spent: bool,
    /// True if nothing was done: the steps are those that would be performed.
    pub dry_run: bool,
    /// The steps, in order.
    pub steps: Vec<FullStepView>,
    /// The findings in the plan, most severe first.
    pub findings: Vec<Check>,
    /// The titles of new tasks; in a dry run, those that the plan would get.
    pub new_tasks: Vec<String>,
    /// The ids of the tasks created by this command's approval of the plan.
    pub created: Vec<String>,
    /// The ids of the approved items it merged.
    pub merged: Vec<String>,
    /// The runs it started or continued.
    pub runs: Vec<RunView>,
    /// The run that would be started: in a dry run, or with the reasons if no task can be started.
    pub schedule: Option<RunPlan>,
    /// The tasks of the plan, in its order.
    pub tasks: Vec<FullTask>,
    /// What agents used for the plan and its tasks, in all runs.
    pub spent: UsageView,
    /// The work that waits for a human.
    pub review: Vec<FullReview>,
    /// The drafted learnings, by item.
    pub drafts: Vec<Drafted>,
    /// The commands for a human to run next.
    pub next: Vec<String>,
}

/// A task of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FullTask {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its status.
    pub status: String,
    /// The agents that worked on it.
    pub agents: Vec<String>,
    /// What agents used for it, in all runs.
    pub used: UsageView,
    /// The commit that merged it.
    pub merged_commit: Option<String>,
}

/// Work that waits for a human.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FullReview {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The reason.
    pub reason: String,
    /// The command to continue with.
    pub command: String,
}

/// A progress event.
#[derive(Clone, Debug)]
pub enum FullEvent {
    /// A step begins.
    Begun(FullStep),
    /// A step has ended.
    Ended(FullStepView),
    /// A transition of a run.
    Run(RunEvent),
    /// Agents with these names are asked, in the run with this id.
    Asked(String, Vec<String>),
    /// A turn of the debate of the plan.
    Turn(DebateTurn),
    /// A round of a review.
    Review(ReviewReport),
}

impl FullView {
    pub(super) fn new(options: &FullOptions, dry_run: bool) -> FullView {
        let step = |step| FullStepView {
            step,
            status: FullStepStatus::NotReached,
            text: None,
        };
        FullView {
            status: match dry_run {
                true => RunStatus::Queued,
                false => RunStatus::Blocked,
            },
            dry_run,
            steps: (FullStep::ALL.into_iter())
                .filter(|step| *step != FullStep::Debate || !options.critics.is_empty())
                .map(step)
                .collect(),
            ..FullView::default()
        }
    }
}
