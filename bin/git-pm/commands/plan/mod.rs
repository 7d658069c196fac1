//! `git pm plan`: from a document to tasks that people approve.

mod change;
mod edit;
pub mod progress;
mod with;

use git_pm::Pm;
use git_pm::plans::{ApproveOptions, Check, Doubt, DraftOptions, Severity, Source, WriteOptions};

use std::path::PathBuf;

use crate::arguments::stdin;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Turn a document into a plan, edit it and approve it
///
/// A plan is generated from a PRD, a technical specification or a debug investigation, without a
/// language model unless `--with` names an agent. It has tasks with acceptance criteria that refer to
/// lines of the document, dependencies with reasons, effort, risk, tests, streams, planned paths and
/// milestones. It is part of the state: several people can edit it, and it is merged like all other
/// data. Until it is approved its tasks are proposed items: `git pm list is:proposed` lists them, and
/// `task edit`, `task comment`, `task delete`, `dep` and `batch` take their names (`P-0001/3`). An
/// approval creates the epic and its tasks. `git pm plan FILE` is short for `git pm plan new FILE`.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum PlanCommand {
    /// Generate a plan from a document
    ///
    /// A file is first added as a PRD, byte for byte. An existing plan is regenerated; fields that
    /// were set by hand stay. `--with` lets an agent plan what the document leaves open: it reads the
    /// outline, writes the plan, and gets back what is wrong with it, up to three times. It works in a
    /// folder of its own, with the outline in OUTLINE.md, and leaves the plan in PLAN.md there. Each round
    /// is recorded as part of a run, with its tokens and price. The plan still has to be approved.
    #[command(after_help = "\
Examples:
  git pm plan new docs/login.md
  git pm plan new P-0001 --json
  git pm plan new docs/login.md --with opencode
  git pm plan new fix-typo.md --fast    create one task directly if one is enough")]
    New {
        /// Markdown file or PRD ID.
        #[arg(value_name = "FILE|PRD")]
        document: String,
        /// Accept a document over the size limits.
        #[arg(long)]
        force: bool,
        /// Create one task from the document directly, if the work clearly suits a single agent.
        #[arg(long, conflicts_with_all = ["force", "with"])]
        fast: bool,
        #[command(flatten)]
        agent: with::WithArgs,
    },
    /// Show a plan
    ///
    /// Prints what can be started first, what each task waits for and unlocks, milestones, and the
    /// findings of the checks. `-v` adds criteria and reasons; `--json` prints everything.
    /// `--graph` instead prints each task below the last one that it waits for; `--coverage` prints
    /// what became of each statement of the document.
    Show {
        #[command(flatten)]
        plan: PlanArgs,
        /// Show what became of each statement of the document.
        #[arg(long)]
        coverage: bool,
        /// Show the tasks as a graph.
        #[arg(long, conflicts_with = "coverage")]
        graph: bool,
    },
    /// List all plans
    List,
    /// Check a plan
    ///
    /// Finds cycles, missing fields and criteria, vague words, tasks of more than a day, protected
    /// paths, statements that are in no task and were not put aside, existing tasks that differ from the
    /// plan or are no longer in it, and inconsistencies in the document. Exits with 1 if the plan
    /// cannot be approved, or a task has no criterion.
    Check(PlanArgs),
    /// Print a document as numbered statements, with what became of each
    ///
    /// All that has to be read to plan a document: its lines with their numbers, each statement with
    /// a mark (`!` for one that no task carries and nothing puts aside). A file does not have to be known
    /// yet, and nothing is written. `plan write` takes the plan.
    #[command(after_help = "\
Examples:
  git pm plan outline docs/login.md
  git pm plan outline P-0001")]
    Outline {
        /// Markdown file, or PRD or epic ID.
        #[arg(value_name = "FILE|PRD")]
        document: String,
    },
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
    Write {
        /// Markdown file, or PRD or epic ID.
        #[arg(value_name = "FILE|PRD")]
        document: String,
        /// File with the text; `-` reads standard input.
        #[arg(value_name = "TEXT")]
        text: PathBuf,
        /// Write only the sections given; the other tasks stay.
        #[arg(long)]
        patch: bool,
    },
    /// Edit the whole plan as one Markdown text
    ///
    /// Opens git's editor with the text that `plan write` takes. If the saved text has errors, the
    /// editor opens again with your text and the errors at the top. `--print` prints the text.
    #[command(after_help = "\
Examples:
  git pm plan edit
  git pm plan edit --print > plan.md
  git pm plan write P-0001 plan.md")]
    Edit {
        #[command(flatten)]
        plan: PlanArgs,
        /// Print the text to edit; its first line names the document and the plan's version.
        #[arg(long)]
        print: bool,
    },
    #[command(flatten)]
    Change(change::ChangeCommand),
    /// Approve a plan: create its epic, milestones and tasks
    ///
    /// Creates all of them in one commit. An agent cannot approve. Without a terminal, the approval
    /// is recorded as advisory, which `pm.approval strict` rejects.
    ///
    /// After a change to the plan, tasks that have not been started get its new values; fields that
    /// a human has changed, and tasks that were started or are done, stay as they are and are
    /// listed, as are tasks that are no longer in the plan. Approving twice has no effect.
    ///
    /// Others may change the plan while you read it. With `--expect VERSION` only what you saw is
    /// approved: tasks that were changed since, and those that wait for them, are left and listed.
    #[command(after_help = "\
Examples:
  git pm plan approve
  git pm plan approve P-0001 --expect 5f0c3a91d2b7
  git pm plan approve P-0001 --confirm-large
  git pm plan approve P-0001 --overwrite T-0003")]
    Approve {
        /// PRD ID; not needed if there is only one plan.
        prd: Option<String>,
        /// Approve a plan with more tasks than its document justifies.
        #[arg(long)]
        confirm_large: bool,
        /// Accept statements of the document that are in no task and were not put aside, and tasks
        /// whose lines were changed after they were written.
        #[arg(long)]
        accept_uncovered: bool,
        /// Approve what this version of the plan has (`plan show` prints it), and leave what was
        /// changed since.
        #[arg(long, value_name = "VERSION")]
        expect: Option<String>,
        /// Also give this task the plan's values, even if it was started or a human has changed it
        /// (repeatable).
        #[arg(long, value_name = "TASK")]
        overwrite: Vec<String>,
        /// Answer yes to all questions about the size of the plan.
        #[arg(short, long)]
        yes: bool,
    },
    /// Show the differences between a plan and its document
    ///
    /// Prints the changes that regenerating would make, the fields that were set by hand, and the
    /// existing tasks that differ from the plan.
    Diff(PlanArgs),
    /// Show the effect of a changed document on its plan
    ///
    /// Adds at most five new tasks at a time. With `--write`, the PRD gets the new text and the
    /// plan gets the new parts; an approval turns the parts into tasks.
    #[command(after_help = "\
Examples:
  git pm plan update docs/login.md
  git pm plan update docs/login.md --write")]
    Update {
        /// Changed file, or ID of an edited PRD.
        #[arg(value_name = "FILE|PRD")]
        document: String,
        /// Write the changes.
        #[arg(long)]
        write: bool,
    },
    /// Regenerate a plan from its document
    ///
    /// Fields that were set by hand stay, and removed tasks stay removed.
    Regenerate(PlanArgs),
    /// Keep a plan even though its document has changed
    ///
    /// Tasks of an approved plan cannot be started once its document has changed, until the plan is
    /// regenerated or kept.
    Keep(PlanArgs),
    /// Create a first task if none is queued
    ///
    /// Creates the first task of the document's plan; without a document, a task that sets up
    /// continuous integration.
    Seed {
        /// Markdown file or PRD ID.
        #[arg(value_name = "FILE|PRD")]
        document: Option<String>,
    },
    /// Break an epic down: generate a plan from its text
    ///
    /// The text becomes a PRD above the epic; an approval adds the tasks to the existing epic.
    Decompose {
        /// Epic ID.
        epic: String,
    },
}

/// The plan.
#[derive(clap::Args, Debug)]
pub struct PlanArgs {
    /// PRD or epic ID; not needed if there is only one plan.
    pub prd: Option<String>,
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: PlanCommand) -> Outcome {
    // Opened when needed: wrong arguments are reported even without a repository.
    let plans = || context.pm().map(Pm::plans);
    let document = |name: &str| Source::named(&context.env.cwd, name);
    match command {
        PlanCommand::New {
            document: name,
            fast: true,
            ..
        } => {
            let item = plans()?.create_single(&document(&name)?)?;
            context.answer(&item, |page, item| {
                render::item::summary(page, "Created", item);
                page.next(&[format!("git pm start {}", item.id)]);
            })
        }
        PlanCommand::New {
            document: name,
            force,
            agent,
            ..
        } if agent.with.is_some() => with::run(context, &document(&name)?, force, &agent),
        PlanCommand::New {
            document: name,
            force,
            ..
        } => {
            let plan = plans()?.create(&document(&name)?, &DraftOptions { force })?;
            context.answer(&plan, render::plan::plan)
        }
        PlanCommand::Show {
            plan,
            coverage: true,
            ..
        } => {
            let coverage = plans()?.coverage(plan.prd.as_deref())?;
            context.paged(&coverage, render::plan::coverage)
        }
        PlanCommand::Show { plan, graph, .. } => {
            let plan = plans()?.show(plan.prd.as_deref())?;
            context.paged(
                &plan,
                match graph {
                    true => render::plan::graph,
                    false => render::plan::plan,
                },
            )
        }
        PlanCommand::List => context.paged_list(&plans()?.list()?, render::plan::list),
        PlanCommand::Check(args) => {
            let checks = plans()?.check(args.prd.as_deref())?;
            context.list(&checks, render::plan::checks)?;
            let fails = |check: &Check| {
                check.severity == Severity::Error || check.rule == "missing-acceptance"
            };
            let failed = checks.iter().any(fails);
            Ok(Exit::of_if(failed, git_pm::error::Kind::Refused))
        }
        PlanCommand::Edit {
            plan, print: true, ..
        } => {
            let text = plans()?.text(plan.prd.as_deref())?;
            context.answer(&text, |page, text| {
                page.prose("", &text.text);
            })
        }
        PlanCommand::Outline { document: name } => {
            let outline = plans()?.outline(&document(&name)?)?;
            context.answer(&outline, |page, outline| {
                page.prose("", &outline.text);
            })
        }
        PlanCommand::Write {
            document: name,
            text,
            patch,
        } => {
            let text = stdin::file_or_stdin(&text)?;
            let options = WriteOptions { patch };
            let report = plans()?.write(&document(&name)?, &text, &options)?;
            context.answer(&report, render::plan_report::report)
        }
        PlanCommand::Edit { plan, .. } => edit::edit(context, plan.prd.as_deref()),
        PlanCommand::Change(command) => change::run(context, command),
        PlanCommand::Approve {
            prd,
            confirm_large,
            accept_uncovered,
            expect,
            overwrite,
            yes,
        } => {
            let options = ApproveOptions {
                confirm_large: confirm_large || yes,
                accept_uncovered,
                settings_meant: yes,
                expect,
                overwrite,
            };
            approve(context, prd.as_deref(), options)
        }
        PlanCommand::Diff(args) => {
            let diff = plans()?.diff(args.prd.as_deref())?;
            context.answer(&diff, render::plan_changes::diff)
        }
        PlanCommand::Update {
            document: name,
            write,
        } => {
            let source = document(&name)?;
            let update = plans()?.update(&source, write)?;
            context.answer(&update, render::plan_changes::update)
        }
        PlanCommand::Regenerate(args) => {
            let plan = plans()?.regenerate(args.prd.as_deref())?;
            context.answer(&plan, render::plan::plan)
        }
        PlanCommand::Keep(args) => {
            let plan = plans()?.keep(args.prd.as_deref())?;
            context.answer(&plan, |page, plan| {
                page.line(format!("Kept the plan of {} unchanged.", plan.prd));
            })
        }
        PlanCommand::Seed { document: name } => {
            let source = name.as_deref().map(document).transpose()?;
            let seeded = plans()?.seed(source.as_ref())?;
            context.answer(&seeded, |page, seeded| match &seeded.task {
                Some(item) => render::item::summary(page, "Created", item),
                None => {
                    page.line("There are already queued tasks; nothing was created.");
                }
            })
        }
        PlanCommand::Decompose { epic } => {
            context.answer(&plans()?.decompose(&epic)?, render::plan::plan)
        }
    }
}

fn approve(context: &Context, prd: Option<&str>, mut options: ApproveOptions) -> Outcome {
    let plans = context.pm()?.plans();
    while let Some((question, asks)) = plans.doubt(prd, &options)? {
        if !context.confirm(&question) {
            break;
        }
        match asks {
            Doubt::Settings => options.settings_meant = true,
            Doubt::Size => options.confirm_large = true,
            Doubt::Uncovered => options.accept_uncovered = true,
        }
    }
    context.answer(
        &plans.approve(prd, &options)?,
        render::plan_changes::approved,
    )
}
