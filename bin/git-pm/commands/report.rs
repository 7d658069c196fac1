//! `git pm standup`, `git pm retro` and `git pm report`: what was done in a period, in three lengths.
//! `git pm stats --since` shows the figures alone.

use git_pm::reports::{LISTED, Report, ReportOptions, Step};

use crate::arguments::values::{Words, limit};
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::stdout;
use crate::render::outline::{self, Section};
use crate::render::plot::Canvas;
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
    /// items behind these figures. `git pm report --json` explains how they are computed.
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
    /// --json, `changes` lists every counted change with its commit, and `rules` how each figure is
    /// computed.
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

/// The figures of `git pm stats` over a period.
#[derive(Debug)]
pub struct Figures {
    pub since: Option<String>,
    pub until: Option<String>,
    pub step: Option<String>,
    pub plot: bool,
    pub ascii: bool,
}

/// The period that is plotted by default.
const PLOTTED: &str = "8w";

/// The width of a plot that is not printed to a terminal, in columns.
const WIDTH: usize = 80;

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

/// Shows the figures of a period, perhaps drawn.
pub fn figures(context: &Context, figures: Figures) -> Outcome {
    let options = ReportOptions {
        since: figures.since.unwrap_or_else(|| PLOTTED.into()),
        until: figures.until,
        step: figures.step.map(|step| step.parse()).transpose()?,
        ..ReportOptions::default()
    };
    let report = context.pm()?.history().report(&options)?;
    let canvas = Canvas {
        width: stdout::width(&context.env).unwrap_or(WIDTH),
        blocks: !figures.ascii && has_unicode(context),
    };
    context.answer(&report, |page, report| {
        outline::text(page, &sections::figures_alone(report));
        if figures.plot {
            canvas.series(page, report);
        }
    })
}

/// True if the locale's encoding can show block characters.
fn has_unicode(context: &Context) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
    let locale = set
        .filter_map(|name| context.env.text(name))
        .find(|value| !value.is_empty());
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
