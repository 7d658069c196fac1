//! `git pm standup`, `git pm retro` and `git pm report`: what was done in a period, in three lengths.

use git_pm::reports::Report;
use git_pm::verbs::history::{ReportPeriod, Retro, Standup};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::stdout;
use crate::render::outline::{self, Section};
use crate::render::report_sections as sections;

/// The commands, in the order of the help.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum ReportCommand {
    Standup(Standup),
    Retro(Retro),
    Report(ReportPeriod),
}

/// Runs a command of the group.
pub fn run(context: &Context, command: ReportCommand) -> Outcome {
    let (md, report, of): (_, _, fn(&Report) -> Vec<Section>) = match command {
        ReportCommand::Standup(args) => (args.period.md, context.verb(args)?, sections::standup),
        ReportCommand::Retro(args) => (args.period.md, context.verb(args)?, sections::retro),
        ReportCommand::Report(args) => (args.period.md, context.verb(args)?, sections::report),
    };
    if md {
        let mut page = context.page();
        let report = sections::in_zone(&page, &report);
        outline::markdown(&mut page, &of(&report));
        stdout::write_raw(page.finish())?;
        return Ok(Exit::DONE);
    }
    context.paged(&report, |page, report| {
        outline::text(page, &of(&sections::in_zone(page, report)));
    })
}
