//! `git pm graph`.

use clap::ValueEnum;
use serde_json::json;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Draw the dependency graph
///
/// Draws all open items; with an epic or another container, its descendants; with any other item,
/// what can be reached from it in either direction.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm graph                  all open items
  git pm graph E-0001           items below an epic
  git pm graph T-0012 --depth 1 direct neighbors of T-0012
  git pm graph --format dot | dot -Tsvg > graph.svg")]
pub struct GraphArgs {
    /// Item to draw.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Maximum number of edges from an item that is not a container.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub depth: usize,
    /// Output format.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// The output format of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A tree with dependents below each item
    Text,
    /// Graphviz
    Dot,
    /// Mermaid
    Mermaid,
    /// Nodes and edges, as with --json
    Json,
}

/// Draws a graph.
pub fn graph(context: &Context, args: &GraphArgs) -> Outcome {
    let view = context
        .pm()?
        .insights()
        .graph(args.id.as_deref(), args.depth)?;
    let (format, text) = match args.format {
        Format::Text => return context.paged(&view, render::graph::graph),
        Format::Json => return context.json(&view),
        Format::Dot => ("dot", view.dot()),
        Format::Mermaid => ("mermaid", view.mermaid()),
    };
    let drawn = json!({ "format": format, "text": text });
    context.answer(&drawn, |page, _| {
        page.prose("", &text);
    })
}
