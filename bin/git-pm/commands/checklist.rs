//! `git pm checklist`, `preflight` and `postflight`: what has to hold before and after the work on a task.

use git_pm::error::Kind;
use git_pm::tasks::ChecklistReport;
use git_pm::verbs::checklist::{Flight, ShowChecklists, TickItem};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

group! {
    /// What has to hold before and after the work on a task: show, tick
    ///
    /// An item is answered by a review, a gate, the acceptance criteria or a learning where it can be, and by a
    /// human otherwise.
    #[command(defer = true, disable_help_subcommand = true)]
    ChecklistCommand, run(context):
    Show(args: ShowChecklists) => {
        let is_asked = args.name.is_some();
        answer(context, &context.verb(args)?, is_asked)
    },
    Tick(args: TickItem) => answer(context, &context.verb(args)?, false),
}

/// The checklist before the work, or after it.
pub fn flight(context: &Context, args: Flight, after: bool) -> Outcome {
    answer(context, &context.verb(Flight { after, ..args })?, true)
}

fn answer(context: &Context, report: &ChecklistReport, is_asked: bool) -> Outcome {
    context.answer(report, render::checklist::report)?;
    Ok(Exit::of_if(is_asked && !report.complete, Kind::Refused))
}
