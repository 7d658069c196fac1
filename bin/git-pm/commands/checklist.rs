//! `git pm checklist`, `preflight` and `postflight`: what has to hold before and after the work on a task.

use git_pm::error::Kind;
use git_pm::tasks::ChecklistReport;
use git_pm::verbs::checklist::{Flight, ShowChecklists, TickItem};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// What has to hold before and after the work on a task: show, tick
///
/// An item is answered by a review, a gate, the acceptance criteria or a learning where it can be, and by a
/// human otherwise.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum ChecklistCommand {
    Show(ShowChecklists),
    Tick(TickItem),
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: ChecklistCommand) -> Outcome {
    match command {
        ChecklistCommand::Show(args) => {
            let is_asked = args.name.is_some();
            answer(context, &context.verb(args)?, is_asked)
        }
        ChecklistCommand::Tick(args) => answer(context, &context.verb(args)?, false),
    }
}

/// The checklist before the work, or after it.
pub fn flight(context: &Context, args: Flight, after: bool) -> Outcome {
    answer(context, &context.verb(Flight { after, ..args })?, true)
}

fn answer(context: &Context, report: &ChecklistReport, is_asked: bool) -> Outcome {
    context.answer(report, render::checklist::report)?;
    Ok(Exit::of_if(is_asked && !report.complete, Kind::Refused))
}
