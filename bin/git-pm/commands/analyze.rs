//! The commands that analyze the open work.

use clap::ValueEnum;
use git_pm::insights::LIMIT;
use git_pm::reports::Step;
use serde_json::json;

use super::report;
use crate::arguments::values::{Words, limit};
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// The commands, in the order of the help.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum AnalyzeCommand {
    /// Recommend what to do next, with reasons and commands
    ///
    /// Prints the best picks; open work, ranked by priority, dependents, the longest chain of work
    /// behind it and age; quick wins; blockers; project health; and alerts. A pick is never blocked,
    /// claimed, or assigned to another actor.
    #[command(after_help = "\
Examples:
  git pm triage
  git pm triage --limit 3 --json
  git pm --as claude-2 triage   recommend for claude-2")]
    Triage {
        /// Maximum number of items in each list; 0 for all.
        #[arg(long, value_name = "N", value_parser = limit, default_value_t = LIMIT)]
        limit: usize,
    },
    /// List open work in dependency order
    ///
    /// Items come after the items that they wait for. Among the next candidates, the one that
    /// starts the longest chain of work by estimate (the critical path) comes first.
    #[command(after_help = "\
Examples:
  git pm order                  all open items
  git pm order E-0001           items below an epic
  git pm order --limit 5")]
    Order {
        /// Item whose descendants are listed.
        id: Option<String>,
        /// Maximum number of items; 0 for all.
        #[arg(long, value_name = "N", value_parser = limit)]
        limit: Option<usize>,
    },
    /// Draw the dependency graph
    ///
    /// Draws all open items; with an epic or another container, its descendants; with any other
    /// item, what can be reached from it in either direction.
    #[command(after_help = "\
Examples:
  git pm graph                   all open items
  git pm graph E-0001            items below an epic
  git pm graph T-0012 --depth 1  direct neighbors of T-0012
  git pm graph --format mermaid  as a Mermaid flowchart")]
    Graph {
        /// Item to draw.
        id: Option<String>,
        /// Maximum distance in edges from the item; ignored for containers.
        #[arg(long, value_name = "N", default_value_t = 2)]
        depth: usize,
        /// Output format.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Find the items that change the given files
    ///
    /// Matches the `Task:` trailers of commits that changed the files, on local branches and HEAD,
    /// and the planned paths of items.
    #[command(after_help = "\
Examples:
  git pm impact src/auth.rs
  git pm impact 'src/**/*.rs' docs")]
    Impact {
        /// Files, folders or globs, relative to the repository root; `./x` is relative to the
        /// current directory.
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<String>,
    },
    /// Forecast when work is likely to be finished
    ///
    /// Simulates the remaining work 2,000 times, each time at the pace of days drawn at random from
    /// the last twelve weeks. The result includes its confidence and the number of finished items
    /// that it is based on. The same state at the same time gives the same result.
    #[command(after_help = "\
Examples:
  git pm forecast               all open items
  git pm forecast E-0001        an epic, with its descendants and their dependencies
  git pm forecast T-0012")]
    Forecast {
        /// Item or epic; all open items by default.
        id: Option<String>,
    },
    /// Suggest items that may be duplicates
    ///
    /// Compares the titles of open items. No language model is used and nothing is changed: each
    /// suggestion includes the command that marks the duplicate.
    Suggest {
        /// Maximum number of suggestions; 0 for all.
        #[arg(long, value_name = "N", value_parser = limit, default_value_t = LIMIT)]
        limit: usize,
    },
    /// Show project statistics: counts, velocity, age
    ///
    /// Velocity counts finished items, not cancelled ones. These figures describe the items as they
    /// are now.
    ///
    /// With `--since`, the figures for a period come from the history instead, as in
    /// `git pm report`, so items that were reopened or deleted later still count in the period in
    /// which they were finished.
    ///
    /// `git pm stats plan` reports on planning: how often plans are approved with few edits, the
    /// time until the first start, and how accurate recommendations and estimates were.
    #[command(after_help = "\
Examples:
  git pm stats
  git pm stats --since 2026-11-01 --until 2026-11-30
  git pm stats --since 12w --json   burndown and velocity by week")]
    Stats {
        /// Topic; the whole project by default.
        #[arg(value_parser = ["plan"], conflicts_with_all = ["since", "until", "step"])]
        what: Option<String>,
        /// Start of a period: 2026-11-20, today, 2w; with another option 8w by default.
        #[arg(long, value_name = "WHEN")]
        since: Option<String>,
        /// End of the period; now by default.
        #[arg(long, value_name = "WHEN")]
        until: Option<String>,
        /// Interval; by default a day for periods of up to a month, otherwise a week.
        #[arg(long, value_name = "STEP", value_parser = Words(Step::VOCABULARY.words))]
        step: Option<String>,
    },
}

/// The output format of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A tree with dependents below each item
    Text,
    /// Mermaid
    Mermaid,
    /// Nodes and edges, as with --json
    Json,
}

/// Runs a command of the group.
pub fn run(context: &Context, command: AnalyzeCommand) -> Outcome {
    let pm = context.pm()?;
    let insights = pm.insights();
    match command {
        AnalyzeCommand::Triage { limit } => {
            context.paged(&insights.triage(Some(limit))?, render::analyze::triage)
        }
        AnalyzeCommand::Order { id, limit } => {
            let mut items = insights.order(id.as_deref())?;
            items.truncate(limit.unwrap_or(usize::MAX));
            context.paged_list(&items, render::graph::order)
        }
        AnalyzeCommand::Graph { id, depth, format } => {
            let view = insights.graph(id.as_deref(), depth)?;
            let text = match format {
                Format::Text => return context.paged(&view, render::graph::graph),
                Format::Json => return context.json(&view),
                Format::Mermaid => view.mermaid(),
            };
            let drawn = json!({ "format": "mermaid", "text": text });
            context.answer(&drawn, |page, _| {
                page.prose("", &text);
            })
        }
        AnalyzeCommand::Impact { paths } => {
            context.list(&insights.impact(&paths)?, render::analyze::impact)
        }
        AnalyzeCommand::Forecast { id } => {
            let view = insights.forecast(id.as_deref())?;
            context.answer(&view, render::analyze::forecast)
        }
        AnalyzeCommand::Suggest { limit } => {
            context.list(&insights.suggest(Some(limit))?, render::analyze::suggest)
        }
        AnalyzeCommand::Stats { what: Some(_), .. } => {
            context.answer(&pm.plans().stats()?, render::stats::plan)
        }
        AnalyzeCommand::Stats {
            since, until, step, ..
        } if since.is_some() || until.is_some() || step.is_some() => {
            report::figures(context, since, until, step)
        }
        AnalyzeCommand::Stats { .. } => context.answer(&insights.stats()?, render::stats::health),
    }
}
