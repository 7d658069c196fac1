//! `git pm standup`, `git pm retro` and `git pm report`: what was done in a period, in three lengths.
//! `git pm stats --since` shows the figures alone.

use git_pm::reports::{LISTED, Report, ReportOptions, Step};

use crate::arguments::values::{Words, limit};
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::stdout;
use crate::render::outline::{self, Section};
use crate::render::report_sections as sections;

/// The commands, in the order of the help.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum ReportCommand {
    /// Report what each actor did, is doing, and is waiting for
    ///
    /// Lists, for humans and agents alike, the items finished in the period and, at its end, those
    /// in progress, those blocked (with the reasons) and those assigned that can be started.
    ///
    /// A finished item counts for its last holder, whoever merged it.
    #[command(after_help = "\
Examples:
  git pm standup
  git pm standup --since \"3 days ago\" --by claude-2
  git pm standup --since 2026-11-20 --until 2026-11-20 --md")]
    Standup {
        #[command(flatten)]
        period: Period,
        /// Start of the period: 2026-11-20, today, 2w, "3 days ago".
        #[arg(long, value_name = "WHEN", default_value = "1d")]
        since: String,
        /// Only this actor.
        #[arg(long, value_name = "ACTOR")]
        by: Option<String>,
    },
    /// Report how work has gone in recent weeks
    ///
    /// Reports velocity, lead time and cycle time, rework (items sent back from review, reopened,
    /// or re-scoped after they were started), refactoring, estimates, agents and cost, with the
    /// items behind these figures. `git pm schema retro` explains how they are computed.
    #[command(after_help = "\
Examples:
  git pm retro
  git pm retro --since 4w --md >retro.md")]
    Retro {
        #[command(flatten)]
        period: Period,
        /// Start of the period: 2026-11-20, today, 2w, "3 days ago".
        #[arg(long, value_name = "WHEN", default_value = "2w")]
        since: String,
    },
    /// Report everything about a period
    ///
    /// Reports what is done, in progress, blocked and next, and the figures of `git pm retro`, day
    /// by day or week by week (in UTC; weeks start on Monday).
    ///
    /// Figures come from the commits of the state: those that are in the state at the end of the
    /// period but not in the state before it started. So a report about the past stays the same,
    /// whatever happens to its items later. A commit counts at the time recorded in it. With
    /// --json, `changes` lists every counted change with its commit; `git pm schema report` explains
    /// how each figure is computed.
    #[command(after_help = "\
Examples:
  git pm report --since 2026-11-01 --until 2026-11-30 --md
  git pm report --since 12w --step week --json")]
    Report {
        #[command(flatten)]
        period: Period,
        /// Start of the period: 2026-11-20, today, 2w, "3 days ago".
        #[arg(long, value_name = "WHEN")]
        since: String,
        /// Interval; by default a day for periods of up to a month, otherwise a week.
        #[arg(long, value_name = "STEP", value_parser = Words(Step::VOCABULARY.words))]
        step: Option<String>,
    },
}

/// The options that the commands share.
#[derive(clap::Args, Debug)]
pub struct Period {
    /// End of the period; now by default. A day ends at midnight UTC.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// Print Markdown.
    #[arg(long, conflicts_with = "json")]
    md: bool,
    /// Maximum number of items in the lists of blocked and next items; 0 for all.
    #[arg(long, value_name = "N", value_parser = limit, default_value_t = LISTED)]
    limit: usize,
}

/// Runs a command of the group.
pub fn run(context: &Context, command: ReportCommand) -> Outcome {
    match command {
        ReportCommand::Standup { period, since, by } => {
            let options = ReportOptions {
                actor: by,
                ..period.options(since, None)?
            };
            show(context, &options, period.md, sections::standup)
        }
        ReportCommand::Retro { period, since } => {
            let options = period.options(since, None)?;
            show(context, &options, period.md, sections::retro)
        }
        ReportCommand::Report {
            period,
            since,
            step,
        } => {
            let options = period.options(since, step)?;
            show(context, &options, period.md, sections::report)
        }
    }
}

impl Period {
    fn options(&self, since: String, step: Option<String>) -> git_pm::Result<ReportOptions> {
        Ok(ReportOptions {
            since,
            until: self.until.clone(),
            step: step.map(|step| step.parse()).transpose()?,
            limit: self.limit,
            actor: None,
        })
    }
}

fn show(
    context: &Context,
    options: &ReportOptions,
    md: bool,
    sections: fn(&Report) -> Vec<Section>,
) -> Outcome {
    let report = context.pm()?.history().report(options)?;
    if md {
        let mut page = context.page();
        outline::markdown(&mut page, &sections(&report));
        stdout::write_raw(page.finish())?;
        return Ok(Exit::DONE);
    }
    context.paged(&report, |page, report| {
        outline::text(page, &sections(report));
    })
}

/// The default start of a period of figures.
const SINCE: &str = "8w";

/// Shows the figures of a period.
pub fn figures(
    context: &Context,
    since: Option<String>,
    until: Option<String>,
    step: Option<String>,
) -> Outcome {
    let options = ReportOptions {
        since: since.unwrap_or_else(|| SINCE.into()),
        until,
        step: step.map(|step| step.parse()).transpose()?,
        ..ReportOptions::default()
    };
    let report = context.pm()?.history().report(&options)?;
    context.answer(&report, |page, report| {
        outline::text(page, &sections::figures_alone(report));
    })
}
