//! The verbs from a document to the tasks that a human approves.
//!
//! prd add, scope, plan new, show, write, approve, update; milestones, sprints, traces.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::{List, verb};
use super::{Effect, ShellInput, Verb};
use crate::error::Error;
use crate::model::text::excerpt;
use crate::plan::Source;
use crate::plan::approval_checks::Check;
use crate::plan::approve::{ApproveOptions, Approved};
use crate::plan::coverage::Coverage;
use crate::plan::document_changes::Update;
use crate::plan::drafting::{DraftOptions, PlanDiff, UpdateOptions};
use crate::plan::milestone::MilestoneLine;
use crate::plan::prd::Added;
use crate::plan::scope::ScopeView;
use crate::plan::single::Seeded;
use crate::plan::sources;
use crate::plan::sprint::{CAPACITY, SprintView};
use crate::plan::trace::TraceView;
use crate::plan::view::{PlanLine, PlanView};
use crate::plan::write::{Outline, WriteOptions, WriteReport};
use crate::pm::shared_views::ItemView;
use crate::review::debate::DebateReport;
use crate::run::{PlanDebate, PlannedDocument};

/// Add a file as a requirements document, byte for byte
///
/// The kind is detected from the text: a PRD, a technical specification or a debug
/// investigation; `--kind` overrides it. An unchanged file is not added twice.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm prd add docs/login.md
  git pm prd add notes/outage.md --kind debug-investigation")]
pub struct AddDocument {
    /// Markdown file.
    pub file: String,
    /// Kind of document: prd, tech-spec or debug-investigation.
    #[arg(long, value_parser = ["prd", "tech-spec", "debug-investigation"])]
    pub kind: Option<String>,
}

verb!(AddDocument: Added, Writes {
    run |self, pm| match sources::document(pm, &self.file)? {
        Source::File { path, bytes } => pm.plans().add_prd(&path, &bytes, self.kind.as_deref()),
        Source::Prd(name) => {
            let shown = excerpt(&name, 80);
            Err(Error::not_found(format!("the file `{shown}` does not exist")))
        }
    },
});

/// Estimate the scope of the work in a document
///
/// Recommends one agent, several agents, or decomposition first, with its confidence and reasons:
/// components, integration points, risks, effort. Writes nothing without `--override`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm scope docs/login.md
  git pm scope P-0001 --override multi-agent --reason \"two of us know the code\"")]
pub struct ScopeRequest {
    /// Markdown file or PRD ID.
    pub document: String,
    /// Record a different decision: single-agent, multi-agent or decomposition-required.
    #[arg(long = "override", value_name = "SCOPE", requires = "reason",
        value_parser = super::Words(&["single-agent", "multi-agent", "decomposition-required"]))]
    #[serde(rename = "override")]
    pub decided: Option<String>,
    /// Reason for the decision.
    #[arg(long, value_name = "R", requires = "decided")]
    pub reason: Option<String>,
}

verb!(ScopeRequest: ScopeView, Writes {
    run |self, pm| {
        let source = sources::document(pm, &self.document)?;
        match (&self.decided, &self.reason) {
            (Some(decided), Some(reason)) => pm.plans().override_scope(&source, decided, reason),
            (None, None) => pm.plans().scope(&source),
            _ => Err(super::keys::misused("`override` and `reason` require each other".into())),
        }
    },
});

/// Generate a plan from a document
///
/// A file is first added as a PRD, byte for byte. An existing plan is regenerated; fields that
/// were set by hand stay. `--with` lets an agent plan what the document leaves open: it reads the
/// outline, writes the plan, and gets back what is wrong with it, up to three times. It works in a
/// folder of its own, with the outline in OUTLINE.md, and leaves the plan in PLAN.md there. Each round
/// is recorded as part of a run, with its tokens and price. The plan still has to be approved.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm plan new docs/login.md
  git pm plan new P-0001 --json
  git pm plan new docs/login.md --with opencode
  git pm plan new fix-typo.md --fast    create one task directly if one is enough")]
pub struct New {
    /// Markdown file or PRD ID.
    pub document: String,
    /// Accept a document over the size limits.
    #[arg(long)]
    #[serde(default)]
    pub force: bool,
    /// Create one task from the document directly, if the work clearly suits a single agent.
    #[arg(long, conflicts_with = "force")]
    #[serde(default)]
    pub fast: bool,
}

/// A plan, or the one task that is enough.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Planned {
    /// A plan.
    Plan(Box<PlanView>),
    /// The task.
    Task(Box<ItemView>),
    /// What an agent planned, with `--with`.
    ByAgent(Box<PlannedDocument>),
}

verb!(New: Planned, Writes {
    run |self, pm| {
        let source = sources::document(pm, &self.document)?;
        Ok(match self.fast {
            true => Planned::Task(Box::new(pm.plans().create_single(&source)?)),
            false => {
                let options = DraftOptions { force: self.force };
                Planned::Plan(Box::new(pm.plans().create(&source, &options)?))
            }
        })
    },
    // The agent of `--with` runs on the caller's machine, for minutes.
    only typed ["with", "model", "budget", "timeout"],
});

/// A plan, by its document.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Of {
    /// PRD or epic ID, or the PRD's file; not needed if there is only one plan.
    pub prd: Option<String>,
}

impl Of {
    /// The id.
    pub fn id(&self) -> Option<&str> {
        self.prd.as_deref()
    }
}

/// Declares the request of a verb on a plan, with the text of its help.
macro_rules! of_plan {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
        pub struct $name {
            /// The plan.
            #[command(flatten)]
            #[serde(flatten)]
            pub plan: Of,
        }
    };
}

/// Show a plan
///
/// Prints what can be started first, what each task waits for and unlocks, milestones, and the
/// findings of the checks. `-v` adds criteria and reasons; `--json` prints everything.
/// `--graph` instead prints each task below the last one that it waits for; `--coverage` prints
/// what became of each statement of the document. A plan whose document has changed since is shown
/// with the text that it was read from.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Show {
    /// The plan.
    #[command(flatten)]
    #[serde(flatten)]
    pub plan: Of,
    /// Show what became of each statement of the document.
    #[arg(long)]
    #[serde(default)]
    pub coverage: bool,
    /// Show the tasks as a graph.
    #[arg(long, conflicts_with = "coverage")]
    #[serde(skip)]
    pub graph: bool,
}

/// A plan, or what became of its document.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "ShownPlan")]
pub enum Shown {
    /// The plan.
    Plan(Box<PlanView>),
    /// What became of each statement.
    Coverage(Box<Coverage>),
}

verb!(Show: Shown, Reads {
    run |self, pm| Ok(match self.coverage {
        true => Shown::Coverage(Box::new(pm.plans().coverage(self.plan.id())?)),
        false => Shown::Plan(Box::new(pm.plans().show(self.plan.id())?)),
    }),
    only typed ["graph"],
});

/// List all plans
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ListPlans {}

verb!(ListPlans: List<PlanLine>, Reads {
    run |self, pm| Ok(pm.plans().list()?.into()),
});

of_plan! {
    /// Check a plan
    ///
    /// Finds cycles, missing fields and criteria, vague words, tasks of more than a day, protected
    /// paths, statements that are in no task and were not put aside, existing tasks that differ from
    /// the plan or are no longer in it, and inconsistencies in the document. Exits with 1 if an
    /// approval without options would be refused, or a task has no criterion.
    CheckPlan
}

verb!(CheckPlan: List<Check>, Reads {
    run |self, pm| Ok(pm.plans().check(self.plan.id())?.into()),
});

/// Print a document as numbered statements, with what became of each
///
/// All that has to be read to plan a document: its lines with their numbers, each statement with
/// a mark (`!` for one that no task carries and nothing puts aside). A file does not have to be known
/// yet, and nothing is written. `plan write` takes the plan.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm plan outline docs/login.md
  git pm plan outline P-0001")]
pub struct OutlineOf {
    /// Markdown file, or PRD or epic ID.
    pub document: String,
}

verb!(OutlineOf: Outline, Reads {
    run |self, pm| pm.plans().outline(&sources::document(pm, &self.document)?),
});

/// Write a plan as one text: tasks, their order, and what is not work
///
/// Each task is a section with a name, a title and the lines of the document that it carries; each
/// criterion names its lines, or is kept as invented. Tasks without a section are removed, unless
/// `--patch` is given, and what is not put aside any more is open again. The answer is the check: open
/// statements, sentences that no criterion says, lines in two tasks, and the like, each with the fix.
/// Nothing is written if the text cannot be read, names tasks or lines that do not exist, or tasks
/// would wait for each other.
///
/// Begin the text with the first line of `plan outline`: it names the version of the plan that you
/// read, so that what others changed since is kept. Without it, a text is refused if it would replace
/// the work of others.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
The text:
  # Title of the plan
  ## API                            a stream of work
  ### agents. API calls with models and limits
  lines: 65-71, 331                 the lines that it carries; further ones are criteria, too
  after: config, schemas (soft): needs the model names
  size: M   risk: medium   paths: pipeline/agents.py   validation: test-first
  > A description in place of the lines
  - L67                             a criterion in the author's words
  - L71: limits per stage           a criterion in your words
  - an unknown model fails          a criterion that the document does not state
  ## Not work                       also Deferred, Done, Not to be done, Questions, Risks,
                                    Constraints: lines, each with a reason; Open takes back
  - 11-47: repository layout

Examples:
  git pm plan outline docs/login.md
  git pm plan write docs/login.md plan.md
  git pm plan write P-0001 - --patch <sections.md")]
pub struct Write {
    /// Markdown file, or PRD or epic ID.
    pub document: String,
    /// The first line of plan_outline, `# Title`, `## group`, `### name. Title` with `lines: 65-71,
    /// 331`, `after: name, other (soft): reason`, `size: M   risk: high   paths: src/a.rs`, criteria
    /// `- L67`, `- L71: words`, `- invented`; then `## Not work`, `## Deferred`, `## Done`,
    /// `## Questions`, `## Risks`, `## Constraints` with `- 11-47: reason`
    #[arg(skip)]
    pub text: String,
    /// File with the text; `-` reads standard input.
    #[arg(value_name = "TEXT")]
    #[serde(skip)]
    pub from: PathBuf,
    /// Write only the sections given; the other tasks stay.
    #[arg(long)]
    #[serde(default)]
    pub patch: bool,
}

verb!(Write: WriteReport, Writes {
    run |self, pm| {
        let options = WriteOptions { patch: self.patch, ..WriteOptions::default() };
        pm.plans().write(&sources::document(pm, &self.document)?, &self.text, &options)
    },
    shell |request| ShellInput {
        file: Some(request.from.clone()),
        ..ShellInput::text(Some(&mut request.text))
    },
});

/// Show or continue the debate of a plan
///
/// A debate tries to refute a plan before it costs work. Its critic, `rex`, looks for what would make the
/// work fail or be done again: assessment, edge cases, security, scalability, feasibility, risk, alternatives,
/// verification. Its architect, `avery`, answers each finding and revises the plan. They take turns until
/// no finding of severity P0 or P1 is open, the checks of the plan find nothing, and both have answered for
/// the same text: then the plan is airtight. After three rounds, or when a defect returns, a human decides.
/// What is dropped, changed or dismissed, by whom and why, is kept. Nothing is approved, and no line of the
/// document that a task carries can be lost. Open findings of severity P0 and P1 stop `plan approve`.
///
/// Without `--with`, shows where the debate stands. With it, agents take turns in checkouts of their own; the
/// first one is the architect, the others are the critics, and one alone is both. `--gauntlet` asks five more
/// critics. A document that was not planned is planned first.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm plan debate docs/login.md --with claude codex --budget 2usd
  git pm plan debate P-0001 --with claude --gauntlet
  git pm plan debate

Exits with 1 if the plan is not airtight.")]
#[schemars(rename = "DebatePlan")]
pub struct Debate {
    /// Markdown file, or PRD or epic ID; not needed if there is only one plan.
    pub document: Option<String>,
}

/// Where a debate stands.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Debated {
    /// What the record says.
    Standing(Box<DebateReport>),
    /// After turns of agents, which only the command line starts.
    ByAgents(Box<PlanDebate>),
}

impl Debated {
    /// The report.
    pub fn report(&self) -> &DebateReport {
        match self {
            Debated::Standing(report) => report,
            Debated::ByAgents(debated) => &debated.report,
        }
    }
}

verb!(Debate: Debated, Reads {
    run |self, pm| {
        let source = self.document.as_deref().map(|name| sources::document(pm, name));
        let id = match source.transpose()? {
            Some(Source::Prd(id)) => Some(id),
            Some(file) => Some(pm.plans().prd_of(&file)?),
            None => None,
        };
        Ok(Debated::Standing(Box::new(pm.plans().debate(id.as_deref())?)))
    },
    // The agents of `--with` run on the caller's machine, for minutes.
    only typed ["with", "model", "budget", "timeout", "gauntlet", "rounds"],
});

/// Approve a plan: create its epic, milestones and tasks
///
/// Creates all of them in one commit. An agent cannot approve. Without a terminal, the approval
/// is recorded as advisory, which `pm.approval strict` rejects.
///
/// After a change to the plan, tasks that have not been started get its new values; fields that
/// a human has changed, and tasks that were started or are done, stay as they are and are
/// listed, as are tasks that are no longer in the plan. Approving twice has no effect.
///
/// What a changed document asks for beyond finished work is a new task, which follows that work. With
/// `--already-met TASK` you say that the finished work meets it: the task is not made.
///
/// Others may change the plan while you read it. With `--expect VERSION` only what you saw is
/// approved: tasks that were changed since, and those that wait for them, are left and listed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm plan approve
  git pm plan approve P-0001 --expect 5f0c3a91d2b7
  git pm plan approve P-0001 --confirm-large
  git pm plan approve P-0001 --already-met 4
  git pm plan approve P-0001 --overwrite T-0003")]
#[schemars(rename = "ApprovePlan")]
pub struct Approve {
    /// PRD ID; not needed if there is only one plan.
    pub prd: Option<String>,
    /// Answer yes to all questions about the size of the plan.
    #[arg(short, long)]
    #[serde(default)]
    pub yes: bool,
    /// What is confirmed.
    #[command(flatten)]
    #[serde(flatten)]
    pub options: ApproveOptions,
}

impl Approve {
    /// What is confirmed.
    pub fn confirmed(&self) -> ApproveOptions {
        let mut options = self.options.clone();
        options.confirm_large |= self.yes;
        options.settings_meant |= self.yes;
        options
    }
}

verb!(Approve: Approved, Approves {
    run |self, pm| pm.plans().approve(self.prd.as_deref(), &self.confirmed()),
});

of_plan! {
    /// Show the differences between a plan and its document
    ///
    /// Prints the changes that regenerating would make, the fields that were set by hand, and the
    /// existing tasks that differ from the plan.
    Diff
}

verb!(Diff: PlanDiff, Reads {
    run |self, pm| pm.plans().diff(self.plan.id()),
});

/// Show the effect of a changed document on its plan
///
/// Adds at most five new tasks at a time. With `--write`, the PRD gets the new text and the
/// plan gets the new parts; an approval turns the parts into tasks. A file with a text that the
/// document had before, as in a clone that did not pull the newer one, is not written.
///
/// With the ID of a PRD, the changed file that it was planned from is compared, if this worktree has
/// it, else the stored text. Such a file is only written if it is named.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm plan update P-0001
  git pm plan update docs/login.md
  git pm plan update docs/login.md --write")]
pub struct UpdateDocument {
    /// Changed file, or ID of a PRD whose file or text has changed.
    pub document: String,
    /// Write the changes.
    #[arg(long)]
    #[serde(default)]
    pub write: bool,
    /// Write them even if the document had this text before (humans only).
    #[arg(long, requires = "write")]
    #[serde(default)]
    pub force: bool,
}

verb!(UpdateDocument: Update, Writes {
    run |self, pm| {
        let options = UpdateOptions {
            write: self.write,
            force: self.force,
        };
        pm.plans().update(&sources::document_from_root(pm, &self.document)?, options)
    },
});

of_plan! {
    /// Regenerate a plan from its document
    ///
    /// Fields that were set by hand stay, and removed tasks stay removed.
    Regenerate
}

verb!(Regenerate: PlanView, Writes {
    run |self, pm| pm.plans().regenerate(self.plan.id()),
});

of_plan! {
    /// Keep a plan even though its document has changed
    ///
    /// Tasks of an approved plan cannot be started once its document has changed, until the plan is
    /// regenerated or kept.
    Keep
}

verb!(Keep: PlanView, Approves {
    run |self, pm| pm.plans().keep(self.plan.id()),
});

/// Create a first task if none is queued
///
/// Creates the first task of the document's plan; without a document, a task that sets up
/// continuous integration.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Seed {
    /// Markdown file or PRD ID.
    pub document: Option<String>,
}

verb!(Seed: Seeded, Writes {
    run |self, pm| {
        let source = self.document.as_deref().map(|name| sources::document(pm, name));
        pm.plans().seed(source.transpose()?.as_ref())
    },
});

/// Break an epic down: generate a plan from its text
///
/// The text becomes a PRD above the epic; an approval adds the tasks to the existing epic.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Decompose {
    /// Epic ID.
    pub epic: String,
}

verb!(Decompose: PlanView, Writes {
    run |self, pm| pm.plans().decompose(&self.epic),
});

/// List milestones with progress, predecessors and acceptance criteria
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Milestones {
    /// Filter by epic.
    #[arg(long)]
    pub epic: Option<String>,
}

verb!(Milestones: List<MilestoneLine>, Reads {
    run |self, pm| Ok(pm.plans().milestones(self.epic.as_deref())?.into()),
});

/// Sum the story points of tasks and check whether they fit into a sprint
///
/// Without tasks, selects the most urgent ones that fit, in the order of `git pm ready`: those that can
/// be started, and those that wait only for others of the sprint. A task without points counts by its
/// estimate: XS 1, S 2, M 3, L 5, XL 8; without an estimate, 3.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm sprint plan
  git pm sprint plan T-0001 T-0004 T-0007 --capacity 13
  git pm sprint plan label:sprint-7")]
pub struct Sprint {
    /// Task IDs, or a query as of `git pm list`.
    #[arg(value_name = "ID")]
    #[serde(default)]
    pub id: Vec<String>,
    /// Points that fit into the sprint.
    #[arg(long, value_name = "POINTS", default_value_t = CAPACITY)]
    #[serde(default = "capacity")]
    pub capacity: u32,
}

fn capacity() -> u32 {
    CAPACITY
}

verb!(Sprint: SprintView, Reads {
    run |self, pm| pm.plans().sprint(&self.id, self.capacity),
    shell |request| ShellInput::ids(&mut request.id),
});

/// Trace from a document to commits, or back
///
/// Starts from a PRD, epic, task, requirement (FR-3), line of a document (docs/login.md:54) or
/// commit. Prints the document, its epic, and the tasks with their source lines, criteria,
/// branches, commits (by their `Task:` trailers) and approvals.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm trace T-0003
  git pm trace FR-3
  git pm trace docs/login.md:54
  git pm trace HEAD")]
pub struct Trace {
    /// Starting point: an ID, FILE:LINE or a commit.
    pub what: String,
}

verb!(Trace: TraceView, Reads {
    run |self, pm| pm.plans().trace(&self.what),
});
