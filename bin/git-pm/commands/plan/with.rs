//! `git pm plan new --with`: a plan by an agent.

use git_pm::plans::{DraftOptions, Source};
use git_pm::runs::{PlanStep, RunAgent, RunOptions};
use git_pm::verbs::plan::New;

use crate::arguments::values::{Millis, micro_usd};
use crate::commands::run::{exit_of, on_signals};
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

// The agent that plans a document, and its limits; the text of the command is that of the request.
#[derive(clap::Args, Debug)]
pub struct WithArgs {
    /// Agent that plans the document: as for `git pm run`, but not auto.
    #[arg(long, value_name = "AGENT", conflicts_with = "fast")]
    pub with: Option<String>,
    /// Model, as the agent names it; not with model:PROVIDER/NAME.
    #[arg(long, value_name = "NAME", requires = "with")]
    model: Option<String>,
    /// Start no further round once the agent has spent this much: `1usd`.
    #[arg(long, value_name = "USD", requires = "with", value_parser = micro_usd)]
    budget: Option<u64>,
    /// Maximum time of one round.
    #[arg(long, value_name = "TIME", requires = "with", default_value = "30m")]
    timeout: Millis,
}

/// Lets the agent plan a document, and prints each step.
pub fn run(context: &Context, request: &New, args: &WithArgs) -> Outcome {
    let source = Source::named(&context.env.cwd, &request.document)?;
    let force = request.force;
    let with = args.with.as_deref().unwrap_or_default();
    let with = with.parse::<RunAgent>()?;
    let options = RunOptions {
        with: with.at(&context.env.cwd),
        model: args.model.clone(),
        budget_micro_usd: args.budget,
        deadline_seconds: args.timeout.0 / 1_000,
        interrupt: Some(on_signals()?),
        ..RunOptions::default()
    };
    let mut tell = |step: &PlanStep<'_>| {
        context.tell(|page| match step {
            PlanStep::Begun(run) => {
                page.dim(format!("{run}: `git pm logs --follow` shows the agent"));
            }
            PlanStep::Round(round) => render::plan_report::round(page, round),
        });
    };
    let runs = context.pm()?.runs();
    let planned = runs.plan_document(&source, &DraftOptions { force }, &options, &mut tell)?;
    context.answer(&planned, render::plan_report::planned)?;
    Ok(exit_of(planned.run.status, planned.run.budget_spent))
}
