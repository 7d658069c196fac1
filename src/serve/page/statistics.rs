//! Project statistics: the amount of work, its speed, a forecast, and the costs of agents.

use std::collections::BTreeMap;

use askama::Template;

use super::super::request::{Answer, Call};
use super::super::route::Route;
use super::charts::Plot;
use super::filters;
use super::frame::{Frame, html};
use super::limits;
use crate::error::Result;
use crate::history::report::{Report, ReportOptions, SeriesPoint, Step};
use crate::model::status::status_word;
use crate::work::cost::{CostOptions, CostReport, Grouping};
use crate::work::insight::{ForecastView, Health};

/// The period that the series cover.
const SINCE: &str = "8w";

pub(super) fn routes() -> Vec<Route> {
    vec![super::page("/numbers", "Project statistics", numbers)]
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/numbers.html")]
struct NumbersPage {
    frame: Frame,
    health: Health,
    report: Report,
    forecast: ForecastView,
    costs: CostReport,
    plots: Vec<Plot>,
    cost_plot: Option<Plot>,
    lines: usize,
}

fn numbers(call: &Call) -> Result<Answer> {
    let pm = call.pm()?;
    let (health, forecast) = pm.insights().stats_and_forecast()?;
    let report = pm.history().report(&ReportOptions {
        since: SINCE.into(),
        step: Some(Step::Week),
        ..ReportOptions::default()
    })?;
    let costs = pm.costs().report(&CostOptions {
        by: vec![Grouping::Day, Grouping::Model, Grouping::Phase],
        ..CostOptions::default()
    })?;
    html(&NumbersPage {
        frame: Frame::of(call, "Numbers", "/numbers"),
        plots: plots(&health, &report),
        cost_plot: cost_plot(&costs),
        lines: limits::COST_LINES_MAX,
        health,
        report,
        forecast,
        costs,
    })
}

/// The plots of items: each is a list of groups of numbers.
fn plots(health: &Health, report: &Report) -> Vec<Plot> {
    let by_week = |title, names: &[&'static str], numbers: &dyn Fn(&SeriesPoint) -> Vec<f64>| {
        let weeks = report.series.iter().map(|point| {
            let day: String = point.from.chars().take(10).collect();
            (day, numbers(point))
        });
        let weeks: Vec<(String, Vec<f64>)> = weeks.collect();
        Plot::new(
            title,
            "Week from",
            names,
            &weeks,
            usize::from(names[0] == "cycle time"),
        )
    };
    let mut by_word: BTreeMap<String, f64> = BTreeMap::new();
    for (stored, count) in &health.counts.by_status {
        *by_word.entry(status_word(stored).into_owned()).or_default() += *count as f64;
    }
    let statuses = by_word.into_iter().map(|(word, count)| (word, vec![count]));
    let statuses: Vec<(String, Vec<f64>)> = statuses.collect();
    vec![
        by_week(
            "Burndown: open items at the end of each week",
            &["open"],
            &|point| vec![point.end.open as f64],
        ),
        by_week(
            "Velocity: items by week",
            &["finished", "created"],
            &|point| vec![point.finished as f64, point.created as f64],
        ),
        by_week(
            "Median days of the items finished each week",
            &["cycle time", "lead time"],
            &|point| {
                vec![
                    point.cycle_days.unwrap_or(0.0),
                    point.lead_days.unwrap_or(0.0),
                ]
            },
        ),
        Plot::new("Items by status", "Status", &["items"], &statuses, 0),
    ]
}

/// The cost by day, if agents have worked.
fn cost_plot(costs: &CostReport) -> Option<Plot> {
    let days = costs
        .groups
        .iter()
        .find(|group| group.by == Grouping::Day)?;
    let days: Vec<(String, Vec<f64>)> = days
        .lines
        .iter()
        .filter_map(|line| Some((line.name.clone(), vec![line.used.cost_usd?])))
        .collect();
    (!days.is_empty()).then(|| Plot::new("Cost by day, in US dollars", "Day", &["USD"], &days, 2))
}
