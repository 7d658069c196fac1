//! `git pm graph`.

use clap::ValueEnum;
use serde_json::json;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Draw what waits for what
///
/// Everything open; with an epic or another container all that is below it; with any other item
/// what can be reached from it, whichever way the edges go.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm graph                  everything open
  git pm graph E-0001           what is below an epic
  git pm graph T-0012 --depth 1 what T-0012 touches directly
  git pm graph --format dot | dot -Tsvg > graph.svg")]
pub struct GraphArgs {
    /// The item to draw.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// How many edges away from an item that contains nothing.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub depth: usize,
    /// How it is drawn.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// How a graph is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A tree: below each item what waits for it
    Text,
    /// For Graphviz
    Dot,
    /// For Mermaid
    Mermaid,
    /// Nodes and edges, as with --json
    Json,
}

/// Draws a graph.
///
/// # Errors
/// When there is no such item.
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
