//! The commands that analyze the open work.
//!
//! `git pm triage`, `order`, `graph`, `impact`, `forecast`, `suggest` and `stats`.

use clap::ValueEnum;
use git_pm::verbs::insight::{Forecast, Graph, Impact, Order, Statistics, Stats, Suggest, Triage};
use serde_json::json;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use crate::render::{outline, report_sections};

/// The commands, in the order of the help.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum AnalyzeCommand {
    Triage(Triage),
    Order(Order),
    Graph(GraphArgs),
    Impact(Impact),
    Forecast(Forecast),
    Suggest(Suggest),
    Stats(Stats),
}

// Without a text of its own, which would be the help.
#[derive(clap::Args, Debug)]
pub struct GraphArgs {
    #[command(flatten)]
    pub graph: Graph,
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
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
    match command {
        AnalyzeCommand::Triage(args) => context.shown_paged(args, render::analyze::triage),
        AnalyzeCommand::Order(args) => context.listed_paged(args, render::graph::order),
        AnalyzeCommand::Graph(GraphArgs { graph, format }) => {
            context.leaves.set(format == Format::Json);
            let view = context.verb(graph)?;
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
        AnalyzeCommand::Impact(args) => context.listed(args, render::analyze::impact),
        AnalyzeCommand::Forecast(args) => context.shown(args, render::analyze::forecast),
        AnalyzeCommand::Suggest(args) => context.listed(args, render::analyze::suggest),
        AnalyzeCommand::Stats(args) => match context.verb(args)? {
            Statistics::Plan(stats) => context.answer(&*stats, render::stats::plan),
            Statistics::Review(stats) => context.answer(&*stats, render::stats::review),
            Statistics::Now(stats) => context.answer(&*stats, render::stats::health),
            Statistics::Period(report) => context.answer(&*report, |page, report| {
                let report = report_sections::in_zone(page, report);
                outline::text(page, &report_sections::figures_alone(&report));
            }),
        },
    }
}
