//! `git pm review`: by rules and tools, and with `--with` by agents.

use git_pm::Result;
use git_pm::error::{Hint, Kind};
use git_pm::findings::{PanelOptions, ReviewReport};
use git_pm::runs::ReviewStep;
use git_pm::verbs::finding::{ReviewWork, Reviewed};

use crate::commands::with_agents::WithAgents;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

// The item, and the agents; the text of the command is that of the request.
#[derive(clap::Args, Debug)]
pub struct ReviewArgs {
    #[command(flatten)]
    request: ReviewWork,
    #[command(flatten)]
    agents: ReviewerArgs,
}

// The agents that review, and their limits.
#[derive(clap::Args, Debug)]
pub struct ReviewerArgs {
    #[command(flatten)]
    with: WithAgents,
    /// Ask five reviewers of whom three have to agree, instead of three and two.
    #[arg(long, requires = "with")]
    deep: bool,
    /// Ask these instead of those that fit the change: see `git pm agent list`.
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "with")]
    agents: Vec<String>,
    /// Number of rounds after which a human decides; only a human may ask for more than 3.
    #[arg(long, value_name = "N", requires = "with", value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: Option<u32>,
    /// Give what blocks back to the agent that works on the task, and review again.
    #[arg(long, requires = "with")]
    fix: bool,
    /// Leave out `security-sentinel`, for this reason, which is recorded; for humans only.
    #[arg(long, value_name = "REASON", requires = "with")]
    without_security: Option<String>,
}

impl ReviewArgs {
    /// The same with as many reviewers as for an epic.
    pub fn deep(mut self) -> ReviewArgs {
        self.agents.deep = true;
        self
    }
}

/// Runs a review.
pub fn run(context: &Context, args: ReviewArgs) -> Outcome {
    if args.agents.with.with.is_empty() {
        return match context.verb(args.request)? {
            Reviewed::ByRules(report) => reviewed(context, &report),
            Reviewed::ByAgents(review) => reviewed(context, &review.report),
            Reviewed::OfRange(review) => {
                context.answer(&review, |page, review| render::finding::range(page, review))?;
                Ok(Exit::of_if(!review.passed, Kind::Refused))
            }
        };
    }
    let reviewers = args.agents;
    let (withs, options) = reviewers.with.asked(context)?;
    let panel = PanelOptions {
        deep: reviewers.deep,
        agents: reviewers.agents,
        rounds: reviewers.rounds,
        without_security: reviewers.without_security,
    };
    let mut tell = |step: ReviewStep<'_>| {
        context.tell(|page| match step {
            ReviewStep::Asked(run, roles) => {
                page.dim(format!("{run}: {}", roles.join(", ")));
            }
            ReviewStep::Round(report) => render::finding::round(page, report),
            ReviewStep::Fix(event) => render::runs::event(page, &event),
        });
    };
    let pm = context.pm()?;
    let named = &args.request.id;
    let id = &pm.findings().item_to_review(named)?.ok_or_else(|| {
        git_pm::Error::usage("agents review the work of an item, and a range has none").hint(
            format!("`git pm review {named}` reviews it by rules and tools"),
        )
    })?;
    let runs = pm.runs();
    let review = runs.review(id, (&panel, reviewers.fix), (&withs, &options), &mut tell)?;
    context.answer(&review, |page, review| {
        render::finding::report(page, &review.report, &next(context, &review.report));
    })?;
    let is_spent = review.run.as_ref().is_some_and(|run| run.budget_spent);
    match is_spent {
        true => Ok(Exit::of(Kind::Budget)),
        false => Ok(Exit::of_if(!review.report.passed, Kind::Refused)),
    }
}

/// Prints what a review found; exits with 1 if it has not passed.
pub fn reviewed(context: &Context, report: &ReviewReport) -> Outcome {
    context.answer(report, |page, report| {
        render::finding::report(page, report, &next(context, report));
    })?;
    Ok(Exit::of_if(!report.passed, Kind::Refused))
}

/// What is next after a review: what settles the first finding that blocks, or brings the work on.
fn next(context: &Context, report: &ReviewReport) -> Result<Option<Hint>> {
    let pm = context.pm()?;
    let blocking = report.open.iter().find(|one| one.blocks);
    match blocking {
        _ if report.passed => pm.tasks().onward(&report.id),
        Some(one) => pm.findings().answered_by(one.uid.as_str()).map(Some),
        None => Ok(Some(Hint::run(["review", &report.id], ""))),
    }
}
