//! Recommendations and statistics.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::super::brief;
use super::super::session::Session;
use super::super::tool::{Effect::Reads, Shown, Tool};
use super::super::views::{List, list};
use super::{Limit, Nothing};
use crate::error::Result;
use crate::work::insight::{
    DuplicateHint, ForecastView, GraphView, Health, ImpactView, LIMIT, OrderedItem, TriageView,
};

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::shown("triage", Reads, "What to do next, and why", triage),
        Tool::new(
            "order",
            Reads,
            "An order in which all open items can be done",
            order,
        ),
        Tool::new("graph", Reads, "Open items and their dependencies", graph),
        Tool::new("impact", Reads, "Items that touch given paths", impact),
        Tool::new(
            "forecast",
            Reads,
            "When items are likely to be done",
            forecast,
        ),
        Tool::new("suggest", Reads, "Items that may be duplicates", suggest),
        Tool::new("stats", Reads, "Project statistics", stats),
    ]
}

/// The limit of a list, with its default.
fn limit(input: &Limit) -> Option<usize> {
    Some(input.limit.unwrap_or(LIMIT))
}

fn triage(session: &Session, input: Limit) -> Result<TriageView> {
    session.pm()?.insights().triage(limit(&input))
}

impl Shown for TriageView {
    /// What has to be done; other tools have the figures.
    fn text(&self) -> String {
        brief::of(&json!({
            "alerts": self.alerts,
            "recommendations": self.recommendations,
            "blockers_to_clear": self.blockers_to_clear,
            "idle": self.idle,
        }))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Below {
    /// Default: all items
    id: Option<String>,
}

fn order(session: &Session, input: Below) -> Result<List<OrderedItem>> {
    Ok(list(session.pm()?.insights().order(input.id.as_deref())?))
}

/// The maximum distance from an item in its graph.
const DEPTH: usize = 2;

fn graph(session: &Session, input: Below) -> Result<GraphView> {
    session.pm()?.insights().graph(input.id.as_deref(), DEPTH)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Paths {
    paths: Vec<String>,
}

fn impact(session: &Session, input: Paths) -> Result<List<ImpactView>> {
    Ok(list(session.pm()?.insights().impact(&input.paths)?))
}

fn forecast(session: &Session, input: Below) -> Result<ForecastView> {
    session.pm()?.insights().forecast(input.id.as_deref())
}

fn suggest(session: &Session, input: Limit) -> Result<List<DuplicateHint>> {
    Ok(list(session.pm()?.insights().suggest(limit(&input))?))
}

fn stats(session: &Session, _: Nothing) -> Result<Health> {
    session.pm()?.insights().stats()
}
