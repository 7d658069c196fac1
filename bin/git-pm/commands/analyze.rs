//! The commands that analyze the open work.
//!
//! `git pm triage`, `order`, `graph`, `impact`, `forecast`, `suggest` and `stats`.

use clap::ValueEnum;
use git_pm::verbs::insight::{Forecast, Graph, Impact, Order, Statistics, Stats, Suggest, Triage};
use serde_json::json;

use crate::render;
use crate::render::{outline, report_sections};

group! {
    /// The commands, in the order of the help.
    #[command(defer = true)]
    AnalyzeCommand, run(context):
    Triage(args: Triage) => context.shown_paged(args, render::analyze::triage),
    Order(args: Order) => context.listed_paged(args, render::graph::order),
    Graph(args: GraphArgs) => {
        let GraphArgs { graph, format } = args;
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
    },
    Impact(args: Impact) => context.listed(args, render::analyze::impact),
    Forecast(args: Forecast) => context.shown(args, render::analyze::forecast),
    Suggest(args: Suggest) => context.listed(args, render::analyze::suggest),
    Stats(args: Stats) => match context.verb(args)? {
        Statistics::Plan(stats) => context.answer(&*stats, render::stats::plan),
        Statistics::Review(stats) => context.answer(&*stats, render::stats::review),
        Statistics::Now(stats) => context.answer(&*stats, render::stats::health),
        Statistics::Period(report) => context.answer(&*report, |page, report| {
            let report = report_sections::in_zone(page, report);
            outline::text(page, &report_sections::figures_alone(&report));
        }),
    },
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
