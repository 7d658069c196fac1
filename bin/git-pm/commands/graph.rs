//! `git pm order`, `graph` and `tracks`: how the open work hangs together.

use clap::ValueEnum;
use serde_json::json;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// List open work in an order in which it can be done
///
/// What waits comes after what it waits for. Among what could be next, the critical path comes
/// first: the item from which the longest chain of work hangs, by estimate.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm order                  everything open
  git pm order E-0001           what is below an epic
  git pm order --limit 5")]
pub struct OrderArgs {
    /// Lists only what is below this item.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Shows at most N; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::parse::limit)]
    pub limit: Option<usize>,
}

/// Lists the order.
///
/// # Errors
/// When there is no such item.
pub fn order(context: &Context, args: &OrderArgs) -> Outcome {
    let mut items = context.pm()?.order(args.id.as_deref())?;
    items.truncate(args.limit.unwrap_or(usize::MAX));
    context.paged_list(&items, render::drawing::order)
}

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
    let view = context.pm()?.graph(args.id.as_deref(), args.depth)?;
    let (format, text) = match args.format {
        Format::Text => return context.paged(&view, render::drawing::graph),
        Format::Json => return context.json(&view),
        Format::Dot => ("dot", view.dot()),
        Format::Mermaid => ("mermaid", view.mermaid()),
    };
    let drawn = json!({ "format": format, "text": text });
    context.answer(&drawn, |page, _| {
        page.prose("", &text);
    })
}

/// List lanes of open work that can go on side by side
///
/// Nothing in a lane waits for anything in another one, so that as many people as there are lanes
/// can work without waiting for each other.
#[derive(clap::Args, Debug)]
pub struct TracksArgs {
    /// Shows at most N lanes; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::parse::limit)]
    pub limit: Option<usize>,
}

/// Lists the lanes.
///
/// # Errors
/// When the state cannot be read.
pub fn tracks(context: &Context, args: &TracksArgs) -> Outcome {
    let view = context.pm()?.tracks(args.limit)?;
    context.paged(&view, render::drawing::tracks)
}
