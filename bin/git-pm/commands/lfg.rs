//! `git pm lfg` and `git pm slfg`: from a document to merged work.

use git_pm::plans::Source;
use git_pm::runs::{FullEvent, FullOptions, RunOptions};

use super::run::{self, AgentArgs, LimitArgs};
use super::with_agents;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Go from a document to merged work in one command
///
/// Plans the document, checks the plan and, once a human has approved it, lets an agent work on its
/// tasks; then lists what is waiting for a human, and drafts learnings. It stops where a human
/// has to decide, and prints the command for it; run it again to continue from there, even after an
/// interruption or a `kill -9`. Nothing is done twice. A file that has changed is planned again.
/// Work that a human has approved is merged, as `git pm merge --queue` does.
///
/// With `--critics`, agents debate the plan before its approval, as `git pm plan debate` does with the
/// agent that works as its architect, and review each task, as `git pm review --fix` does; what stops
/// a plan or a merge waits for a human. The answer is a receipt: what was done, by whom, what it cost, and
/// what was not.
///
/// With `--yolo`, which only a human may use, it does not stop for approvals: the plan is approved
/// in your name, and work is merged once it has passed all gates. An unusually large plan
/// still has to be confirmed.
///
/// Exit codes: 0 all tasks are done, 1 some failed or wait for a human, 7 the budget is spent.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm lfg docs/login.md
  git pm lfg docs/login.md --dry-run
  git pm lfg P-0001 --with codex --critics claude --budget 5usd
  git pm lfg docs/login.md --with auto --yolo")]
pub struct LfgArgs {
    #[command(flatten)]
    pub full: FullArgs,
    /// Maximum number of agents at the same time.
    #[arg(long, value_name = "N", default_value_t = RunOptions::default().agents)]
    pub agents: usize,
}

/// Go from a document to merged work with several agents
///
/// Like `git pm lfg`, but with as many agents at the same time as the plan can use, at most 8.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm slfg docs/login.md
  git pm slfg docs/login.md --agents 3 --yolo")]
pub struct SlfgArgs {
    #[command(flatten)]
    pub full: FullArgs,
    /// Maximum number of agents at the same time.
    #[arg(long, value_name = "N")]
    pub agents: Option<usize>,
}

/// The document, the agent and the limits.
#[derive(clap::Args, Debug)]
pub struct FullArgs {
    /// Markdown file, or ID of a PRD or an epic.
    #[arg(value_name = "FILE|PRD")]
    pub document: String,
    #[command(flatten)]
    pub agent: AgentArgs,
    /// Approve the plan, and merge what passes all gates; for humans only.
    #[arg(long)]
    pub yolo: bool,
    /// Have these agents debate the plan before its approval and review work before it is merged
    /// (repeatable).
    #[arg(long, value_name = "AGENT")]
    pub critics: Vec<String>,
    /// Accept a document over the size limits.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// Goes with one agent by default.
pub fn lfg(context: &Context, args: &LfgArgs) -> Outcome {
    go(context, &args.full, Some(args.agents))
}

/// Goes with several agents.
pub fn slfg(context: &Context, args: &SlfgArgs) -> Outcome {
    go(context, &args.full, args.agents)
}

fn go(context: &Context, args: &FullArgs, agents: Option<usize>) -> Outcome {
    let mut options = FullOptions {
        source: Source::named(&context.env.cwd, &args.document)?,
        run: run::options(context, &args.agent, &args.limits)?,
        swarm: agents.is_none(),
        yolo: args.yolo,
        force: args.force,
        critics: with_agents::parsed(context, &args.critics)?,
    };
    options.run.agents = agents.unwrap_or(options.run.agents);
    let runs = context.pm()?.runs();
    if args.limits.dry_run {
        return context.answer(&runs.full_plan(&options)?, render::lfg::full);
    }
    let mut tell = |event: FullEvent| {
        context.tell(|page| match &event {
            FullEvent::Run(event) => render::runs::event(page, event),
            event => render::lfg::event(page, event),
        });
    };
    let view = runs.full(&options, &mut tell)?;
    context.answer(&view, render::lfg::full)?;
    Ok(run::exit_of(view.status, view.budget_spent))
}
