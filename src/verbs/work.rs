//! The verbs of the work on an item: start, next, finish, drop, merge; why and blocked explain them.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::{List, verb};
use super::keys::misused;
use super::limits::READY_DEFAULT;
use super::{Effect, Limit, Verb, limits};
use crate::coordinate::idempotency;
use crate::error::{Error, Hint, Result};
use crate::forge::{PullRequest, PullRequestView};
use crate::plan::{asks_otherwise, gone_said};
use crate::pm::Pm;
use crate::pm::arguments::{term, term_schema};
use crate::pm::shared_views::ItemView;
use crate::work::insight::NextItem;
use crate::work::task::branch_work::WorkDiff;
use crate::work::task::deps::TreeNode;
use crate::work::task::finish::{FinishOptions, Finished};
use crate::work::task::hand_over::DropOptions;
use crate::work::task::integrate::Strategy;
use crate::work::task::merge::queue::report::QueueReport;
use crate::work::task::merge::queue::{BATCH_MAX, QueueOptions};
use crate::work::task::merge::{MergeOptions, MergedItem};
use crate::work::task::readiness::WhyView;
use crate::work::task::start::options::{StartOptions, Started};

/// The worktree and base of the work.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Place {
    /// Create no worktree: switch this folder to the branch.
    #[arg(long)]
    #[serde(default)]
    pub no_worktree: bool,
    /// Commit or branch to start from.
    ///
    /// By default the branch of the item's epic, else that of an open soft dependency if
    /// `pm.stacked` is set, else the default branch. From a branch that is no item's, the work is
    /// merged into that branch; from anything else, where it would be merged without this.
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
}

impl Place {
    /// The options of a start.
    pub fn options(&self, resume: bool) -> StartOptions {
        StartOptions {
            worktree: !self.no_worktree,
            base: self.base.clone(),
            resume,
            ..StartOptions::default()
        }
    }
}

/// Start a task: claim it, create its branch and worktree, reserve its paths
///
/// With a remote, the claim is pushed before anything is created, so two people never start the
/// same task. If a step fails, all steps are rolled back. If you already hold the task here, the command
/// says so, shows its worktree, and reserves those of its paths that are no longer reserved.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm start T-0001
  git pm start T-0001 --no-worktree     in this folder, which switches to the branch
  git pm start T-0001 --resume          resume a task that you started
  git pm start gh:12                    make an item of this issue and start it")]
pub struct Start {
    /// Item ID, or an issue of the linked repository: gh:12, or its address.
    pub id: String,
    /// Where.
    #[command(flatten)]
    #[serde(flatten)]
    pub place: Place,
    /// Resume an item that you started before.
    #[arg(long)]
    #[serde(default)]
    pub resume: bool,
}

verb!(Start: Started, Reaches {
    run |self, pm| {
        let started = pm.forges().start(&self.id, &self.place.options(self.resume))?;
        Ok(with_gone(pm, started))
    },
});

/// Tells what is to be known besides an answer.
pub(super) fn tell(pm: &Pm, said: Option<String>) {
    said.into_iter().for_each(|said| pm.notice(said));
}

/// With a warning if the document of what was started does not ask for it any more.
fn with_gone(pm: &Pm, mut started: Started) -> Started {
    started.warnings.extend(gone_said(pm, &started.item.item));
    started
}

/// Show the best item to start next, or start it
///
/// Exits with 1 if nothing is ready, even after waiting with --wait. Work whose holder's lease expired more than
/// two minutes ago, as clocks differ, can be taken over. A task and its test task are
/// one unit of work: among equally urgent items, the counterpart of your own work comes first, and
/// the counterpart of another actor's work comes last.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm next                   show it
  git pm next --claim           start it
  git pm next --claim --wait 600
                                wait up to ten minutes for a ready item")]
pub struct Next {
    /// Start the item: claim, branch, worktree, reservations.
    #[arg(long)]
    #[serde(default)]
    pub claim: bool,
    /// Seconds to wait for an item to become ready, here or on the remote.
    #[arg(long, value_name = "SECONDS", requires = "claim")]
    pub wait: Option<u32>,
    /// Where.
    #[command(flatten)]
    #[serde(flatten)]
    pub place: Place,
}

impl Next {
    /// Starts the next item, or shows it. `wait` is in seconds.
    ///
    /// # Errors
    /// Kind `Refused` when nothing is ready.
    pub fn within(&self, pm: &Pm, wait: u32) -> Result<NextOrStarted> {
        let _asking = idempotency::asking(pm, self);
        if self.claim {
            let limit = Duration::from_secs(wait.into());
            let options = self.place.options(false);
            let started = pm.tasks().claim_next_within(&options, limit, &|| false)?;
            let started = with_gone(pm, started);
            return Ok(NextOrStarted::Started(Box::new(started)));
        }
        if self.place.no_worktree || self.place.base.is_some() || self.wait.is_some() {
            return Err(
                misused("`--no-worktree`, `--base` and `--wait` require `--claim`".into())
                    .hint("`git pm next --claim`"),
            );
        }
        let next = pm.insights().next()?;
        tell(pm, gone_said(pm, &next.item.item));
        Ok(NextOrStarted::Next(Box::new(next)))
    }
}

/// The best item, or what was started.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum NextOrStarted {
    /// The best item.
    Next(Box<NextItem>),
    /// The started item.
    Started(Box<Started>),
}

verb!(Next: NextOrStarted, Reaches {
    run |self, pm| self.within(pm, self.wait.unwrap_or(0).min(limits::NEXT_WAIT_SECONDS_MAX)),
});

/// Finish a task: check it and submit it for review, or merge it
///
/// Checks that the worktree is clean, that there are commits, that all gates (commands such as
/// tests) succeed and that all criteria are accepted; then moves the task to review and ends its
/// reservations. Gates come from `git pm config pm.gate`, .pm.toml in the worktree, and .pm.toml on
/// the target branch, which is fetched first. A branch with a secret is not pushed. At a terminal,
/// asks about criteria that are not accepted; otherwise they are an error.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[command(after_help = "\
Examples:
  git pm finish                 submit the task of this worktree for review
  git pm finish --accept 1 --accept 2 --evidence 'cargo test: 214 passed'
  git pm finish --pr            and open the pull request at GitHub
  git pm finish T-0001 --merge  approve and merge at once, when working alone")]
pub struct Finish {
    /// Task ID; the task of this worktree by default.
    pub id: Option<String>,
    /// Number of a criterion that is met (repeatable).
    #[arg(long, value_name = "N")]
    #[schemars(inner(range(min = 1)))]
    pub accept: Vec<usize>,
    /// Evidence that these criteria are met: a command's output, a link, a commit.
    #[arg(long, value_name = "TEXT", requires = "accept")]
    pub evidence: Option<String>,
    /// Open the pull request at GitHub, or bring it up to date.
    #[arg(long, conflicts_with = "merge")]
    pub pr: bool,
    /// How.
    #[command(flatten)]
    #[serde(flatten)]
    pub options: FinishOptions,
}

/// What was submitted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FinishedTask {
    /// The item, and what became of its work.
    #[serde(flatten)]
    pub finished: Finished,
    /// Its pull request, with `--pr`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<PullRequestView>,
}

verb!(Finish: FinishedTask, Sends {
    run |self, pm| {
        let (id, evidence) = (self.id.as_deref(), self.evidence.as_deref());
        if !self.accept.is_empty() {
            pm.tasks().accept(id, &self.accept, false, evidence)?;
        } else if evidence.is_some() {
            return Err(misused("`evidence` requires `accept`: the numbers of the criteria".into()));
        }
        if self.pr {
            pm.forges().require_confirmed_link()?;
        }
        let finished = pm.tasks().finish(id, &self.options)?;
        tell(pm, asks_otherwise(pm, &finished.item.item));
        let shown = finished.item.id.clone();
        let unopened = |error: Error| {
            let what = format!("opens the pull request; {shown} itself is submitted");
            error.hint(Hint::run(["github", "pr", &shown], what))
        };
        let request = PullRequest {
            id: Some(finished.item.uid.to_string()),
            ..PullRequest::default()
        };
        Ok(FinishedTask {
            pull_request: match self.pr {
                true => Some(pm.forges().pull_request(&request).map_err(unopened)?),
                false => None,
            },
            finished,
        })
    },
});

/// Drop a started task
///
/// Releases the claim and the reservations. The branch is kept, and so is the worktree unless
/// --remove-worktree is given. To drop another actor's task, --reason or --force is required,
/// and the holder is notified; an agent can drop only its own tasks.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct DropTask {
    /// Task ID; the task of this worktree by default.
    pub id: Option<String>,
    /// How.
    #[command(flatten)]
    #[serde(flatten)]
    pub options: DropOptions,
}

verb!(DropTask: ItemView, Writes {
    run |self, pm| pm.tasks().release(self.id.as_deref(), &self.options),
});

/// Merge the branch of an approved task, or of all approved tasks
///
/// Updates the target branch atomically, marks the task done, removes its worktree if it
/// is clean and no other process works in it, and deletes its branch, unless `--keep-branch` or
/// `pm.keepBranch` keeps it: here at once, at the remote when the target there has the merge. The
/// branch must match the approval; a rebase that keeps its changes is allowed. Fails without any
/// effect if files conflict or have uncommitted changes in the target's checkout.
///
/// The approval is first checked against the remote; a warning says so if this check is disabled or
/// fails to reach the remote. For an agent, it is always checked, even with `--offline` or
/// `pm.sync manual`, and items that a human blocked, deferred, cancelled or deleted are not merged.
///
/// Required gates that are not recorded for the work's commit, and all gates if the queue left that commit
/// out because of one, run on the result first, as with `--gates`.
///
/// With `--queue`, all approved items are merged, after the same checks: first those that others
/// depend on or are stacked on, then by critical path, priority and ID. Each is built on top of the
/// target and the items before it, and the gates run on the result (with `--batch`, on the last one
/// of a batch). An item that conflicts or fails the gates is left out, as is what depends on it;
/// the reason is kept as a comment, and the owner is notified. The exit code is 1 if an item was
/// left out, including one that only awaits approval. To complete a queue that was stopped, run it
/// again.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[command(after_help = "\
Examples:
  git pm merge T-0001
  git pm merge T-0001 --strategy rebase --target release-1.2
  git pm merge --queue --plan     the order, and where conflicts are expected
  git pm merge --queue --batch 8  the gates run once for eight items")]
pub struct Merge {
    /// ID of a task, issue or epic; the task of this worktree by default.
    pub id: Option<String>,
    /// Merge strategy; `pm.mergeStrategy` by default, else squash.
    #[arg(long, value_name = "HOW", value_parser = term::<Strategy>())]
    #[schemars(schema_with = "term_schema::<Strategy>")]
    pub strategy: Option<Strategy>,
    /// Target branch; if omitted, the one at which the work began or for which it was approved, the
    /// epic's branch, else the default branch.
    #[arg(long, value_name = "BRANCH", conflicts_with = "queue")]
    pub target: Option<String>,
    /// Run the gates on the result before the target moves; `--queue` always does.
    #[arg(long, conflicts_with = "queue")]
    pub gates: bool,
    /// Keep the branch, here and at the remote.
    #[arg(long)]
    pub keep_branch: bool,
    /// Merge its pull request at GitHub: for targets that move only in that way.
    #[arg(long, conflicts_with_all = ["queue", "target"])]
    pub pr: bool,
    /// Merge all approved items, in dependency order.
    #[arg(long, conflicts_with = "id")]
    pub queue: bool,
    /// Show the order of the queue with the risk of conflicts; change nothing.
    #[arg(long, requires = "queue", conflicts_with = "id")]
    pub plan: bool,
    /// Number of items that are built on top of each other and tested together, 1 by default. If
    /// the gates fail, bisection finds the first item that makes them fail.
    #[arg(long, value_name = "N", requires = "queue", conflicts_with = "id",
        value_parser = clap::value_parser!(u64).range(1..=BATCH_MAX as u64))]
    pub batch: Option<u64>,
}

/// What was merged.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Merged {
    /// One item.
    Item(Box<MergedItem>),
    /// The queue.
    Queue(Box<QueueReport>),
}

verb!(Merge: Merged, Reaches {
    run |self, pm| match self.item(pm)?.as_deref() {
        Some(id) => {
            let options = MergeOptions {
                strategy: self.strategy,
                target: self.target.clone(),
                gates: self.gates,
                keep_branch: self.keep_branch,
            };
            let merged = match self.pr {
                true => pm.forges().merge_pull(id, &options)?,
                false => pm.tasks().merge(id, &options)?,
            };
            Ok(Merged::Item(Box::new(merged)))
        }
        None => {
            let default = QueueOptions::default();
            let batch = self.batch.and_then(|batch| usize::try_from(batch).ok());
            let options = QueueOptions {
                plan: self.plan,
                batch: batch.unwrap_or(default.batch).clamp(1, BATCH_MAX),
                strategy: self.strategy,
                keep_branch: self.keep_branch,
                ..default
            };
            Ok(Merged::Queue(Box::new(pm.tasks().merge_queue(&options)?)))
        }
    },
});

impl Merge {
    /// The item to merge; none for the queue.
    ///
    /// # Errors
    /// When none is named, and no task is checked out here.
    pub fn item(&self, pm: &Pm) -> Result<Option<String>> {
        match (&self.id, self.queue) {
            (Some(id), _) => Ok(Some(id.clone())),
            (None, true) => Ok(None),
            (None, false) => match pm.tasks().here()? {
                Some(id) => Ok(Some(id)),
                None => Err(misused(
                    "no task is checked out here: name one (`git pm merge ID`), or merge all approved \
                     work (`git pm merge --queue`)"
                        .into(),
                )),
            },
        }
    }
}

/// Show what the work on a task changes
///
/// Compares the submitted commit, or else the tip of the task's branch, with the commit at which the
/// branch left its target. The work is fetched if it is not in this clone.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm task diff T-0001
  git pm task diff T-0001 --stat
  git pm task diff T-0001 src/login tests/login.rs")]
pub struct Diff {
    /// Item ID.
    pub id: String,
    /// Only these files and folders, relative to the current folder, as for git; where there is none, to the top
    /// of the repository.
    #[arg(value_name = "PATH")]
    #[serde(default)]
    pub path: Vec<String>,
    /// Only the names of the files, with the numbers of changed lines.
    #[arg(long)]
    #[serde(default)]
    pub stat: bool,
}

verb!(Diff: WorkDiff, Reads {
    run |self, pm| {
        let mut diff = pm.tasks().diff(&self.id, &self.path)?;
        if self.stat {
            diff.diff = None;
        }
        Ok(diff)
    },
});

/// Explain why an item can or cannot be started
///
/// Prints the chain from the item down to the root blocker.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Why {
    /// Item ID.
    pub id: String,
}

verb!(Why: WhyView, Reads {
    run |self, pm| {
        let why = pm.tasks().why(&self.id)?;
        tell(pm, gone_said(pm, &why.item.item));
        Ok(why)
    },
});

/// List blocked and waiting items, with the reasons
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Blocked {
    /// Maximum number of items; 0 for all.
    #[arg(short = 'n', long, value_name = "N", default_value_t)]
    #[serde(default)]
    pub limit: Limit<READY_DEFAULT>,
}

verb!(Blocked: List<WhyView>, Reads {
    run |self, pm| List::limited(self.limit.0, |most| pm.tasks().blocked(most)),
});

/// Show items as a tree: epics, tasks and their children
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Tree {
    /// Root item; all items by default.
    pub id: Option<String>,
}

verb!(Tree: List<TreeNode>, Reads {
    run |self, pm| Ok(pm.items().tree(self.id.as_deref())?.into()),
});
