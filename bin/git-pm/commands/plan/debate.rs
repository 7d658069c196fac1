//! `git pm plan debate`: where the debate of a plan stands, and with `--with` its next turns.

use git_pm::error::Kind;
use git_pm::plans::{DebateOptions, DebateReport, Source};
use git_pm::runs::DebateStep;
use git_pm::verbs::plan::Debate;

use crate::commands::with_agents::WithAgents;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

// Its texts are those of the request.
#[derive(clap::Args, Debug)]
pub struct DebateArgs {
    #[command(flatten)]
    request: Debate,
    #[command(flatten)]
    agents: WithAgents,
    /// Ask five critics beside the first one; what two of them say counts.
    #[arg(long, requires = "with")]
    gauntlet: bool,
    /// Number of rounds after which a human decides; only a human may ask for more than 3.
    #[arg(long, value_name = "N", requires = "with", value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: Option<u32>,
}

/// Shows a debate, or continues it.
pub fn run(context: &Context, args: DebateArgs) -> Outcome {
    if args.agents.with.is_empty() {
        let answer = context.verb(args.request)?;
        context.paged(answer.report(), render::debate::report)?;
        return Ok(exit(answer.report()));
    }
    let document = args.request.document.unwrap_or_default();
    let source = match document.as_str() {
        "" => context.pm()?.plans().document_of(None)?,
        name => Source::named(&context.env.cwd, name)?,
    };
    let (withs, options) = args.agents.asked(context)?;
    let debate = DebateOptions {
        gauntlet: args.gauntlet,
        rounds: args.rounds,
    };
    let mut tell = |step: DebateStep<'_>| {
        context.tell(|page| match step {
            DebateStep::Asked(run, roles) => {
                page.dim(format!("{run}: {}", roles.join(", ")));
            }
            DebateStep::Turn(turn) => render::debate::turn(page, turn),
        });
    };
    let runs = context.pm()?.runs();
    let debated = runs.debate(&source, &debate, (&withs, &options), &mut tell)?;
    context.answer(&debated, |page, debated| {
        render::debate::report(page, &debated.report)
    })?;
    let is_spent = debated.run.as_ref().is_some_and(|run| run.budget_spent);
    match is_spent && !debated.report.airtight {
        true => Ok(Exit::of(Kind::Budget)),
        false => Ok(exit(&debated.report)),
    }
}

fn exit(report: &DebateReport) -> Exit {
    Exit::of_if(!report.airtight, Kind::Refused)
}
