//! The verbs that change a plan: `add`, `set`, `rm`, `dep`, `order`, `merge`, `deepen`.

use git_pm::plans::PlanView;
use git_pm::verbs::Verb;
use git_pm::verbs::plan_change::{AddTask, Deepen, Dependency, Merge, Order, RemoveTask, Set};

use crate::arguments::stdin::text_or_stdin;
use crate::commands::with_agents::ResearchArgs;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

// Its texts are those of the request.
#[derive(clap::Args, Debug)]
pub struct DeepenArgs {
    #[command(flatten)]
    request: Deepen,
    #[command(flatten)]
    agents: ResearchArgs,
}

/// The verbs, in the order of the help.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum ChangeCommand {
    Add(AddTask),
    Set(Set),
    Rm(RemoveTask),
    Dep(Dependency),
    Order(Order),
    Merge(Merge),
    Deepen(DeepenArgs),
}

/// Changes a plan.
pub fn run(context: &Context, command: ChangeCommand) -> Outcome {
    match command {
        ChangeCommand::Add(mut request) => {
            from_stdin(&mut request.set)?;
            apply(context, request)
        }
        ChangeCommand::Set(mut request) => {
            from_stdin(&mut request.words)?;
            apply(context, request)
        }
        ChangeCommand::Rm(request) => apply(context, request),
        ChangeCommand::Dep(request) => apply(context, request),
        ChangeCommand::Order(request) => apply(context, request),
        ChangeCommand::Merge(request) => apply(context, request),
        ChangeCommand::Deepen(args) => deepen(context, args),
    }
}

fn deepen(context: &Context, args: DeepenArgs) -> Outcome {
    let request = args.request;
    if !args.agents.is_given() {
        return context.shown(request, render::plan::deepened);
    }
    if request.text.is_some() || request.rm.is_some() {
        let error = git_pm::Error::usage("a note is given, or agents research: not both");
        return Err(error.into());
    }
    args.agents.research(
        context,
        &args.agents.asked(context)?,
        |runs, research| runs.research_plan(&request.request(), research),
        render::plan::deepened,
    )
}

fn apply<V: Verb<Answer = PlanView>>(context: &Context, request: V) -> Outcome {
    context.shown(request, render::plan::plan)
}

/// Replaces the value `-` of a field with what standard input has.
fn from_stdin(words: &mut [String]) -> git_pm::Result<()> {
    for word in words {
        if let Some((name, "-")) = word.split_once('=') {
            *word = format!("{name}={}", text_or_stdin("-")?);
        }
    }
    Ok(())
}
