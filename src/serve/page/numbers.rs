//! The figures of the project: how much there is, how fast it is finished, when it may be done, and
//! what agents cost.

use askama::Template;

use super::super::request::{Answer, Call};
use super::super::route::Route;
use super::filters;
use super::frame::{Frame, html};
use super::plot::Plot;
use crate::error::Result;
use crate::work::cost::{CostOptions, CostReport, Grouping};
use crate::work::insight::{ForecastView, Health};

/// The lines of a table of costs.
const LINES: usize = 20;

pub(super) fn routes() -> Vec<Route> {
    vec![super::page(
        "/numbers",
        "Figures of the project",
        &[],
        numbers,
    )]
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/numbers.html")]
struct NumbersPage {
    frame: Frame,
    health: Health,
    forecast: ForecastView,
    costs: CostReport,
    plots: Vec<Plot>,
    cost_plot: Option<Plot>,
    lines: usize,
}

fn numbers(call: &Call) -> Result<Answer> {
    let pm = call.pm()?;
    let health = pm.insights().stats()?;
    let forecast = pm.insights().forecast(None)?;
    let costs = pm.costs().report(&CostOptions {
        by: vec![Grouping::Day, Grouping::Model, Grouping::Phase],
        ..CostOptions::default()
    })?;
    html(&NumbersPage {
        frame: Frame::of(call, "Numbers", "/numbers"),
        plots: plots(&health),
        cost_plot: cost_plot(&costs),
        lines: LINES,
        health,
        forecast,
        costs,
    })
}

/// The plots of items: each is a list of groups of numbers.
fn plots(health: &Health) -> Vec<Plot> {
    let weeks = health.velocity.weekly.iter().map(|week| {
        let day: String = week.from.chars().take(10).collect();
        (day, vec![week.closed as f64, week.created as f64])
    });
    let weeks: Vec<(String, Vec<f64>)> = weeks.collect();
    let statuses = health.counts.by_status.iter();
    let statuses = statuses.map(|(name, count)| (name.replace('_', " "), vec![*count as f64]));
    let statuses: Vec<(String, Vec<f64>)> = statuses.collect();
    vec![
        Plot::new(
            "Velocity: items by week",
            "Week from",
            &["finished", "created"],
            &weeks,
            0,
        ),
        Plot::new("Items by status", "Status", &["items"], &statuses, 0),
    ]
}

/// The cost by day, if agents were at work.
fn cost_plot(costs: &CostReport) -> Option<Plot> {
    let days = costs
        .groups
        .iter()
        .find(|group| group.by == Grouping::Day)?;
    let days: Vec<(String, Vec<f64>)> = days
        .lines
        .iter()
        .map(|line| (line.name.clone(), vec![line.used.cost_usd.unwrap_or(0.0)]))
        .collect();
    (!days.is_empty()).then(|| Plot::new("Cost by day, in US dollars", "Day", &["USD"], &days, 2))
}
