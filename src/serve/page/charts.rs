//! Bar charts, each with its numbers as a table.
//!
//! The template writes the SVG, so that all text in it is escaped.

use askama::Template;

use super::filters;
use super::limits;

/// The width of one group of bars and the height of the chart, in SVG units.
const GROUP: f64 = 76.0;
const HEIGHT: f64 = 140.0;

/// A bar chart of several series of numbers over the same groups.
#[derive(Template)]
#[template(path = "../src/serve/page/templates/plot.html")]
pub(super) struct Plot {
    pub title: String,
    /// The heading of the first column of the table.
    pub places: &'static str,
    /// The name of each number in a group.
    pub names: Vec<&'static str>,
    /// The label of each group, and its numbers, formatted.
    pub rows: Vec<(String, Vec<String>)>,
    bars: Vec<Bar>,
    labels: Vec<(f64, String)>,
    width: f64,
    most: String,
}

/// It is itself a template, which escapes its content.
impl askama::filters::HtmlSafe for Plot {}

/// A bar of the chart.
struct Bar {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    /// Its position in the group, from 1.
    series: usize,
    about: String,
}

impl Plot {
    /// A chart of groups of numbers, formatted with `digits` decimal places. If there are too many
    /// groups, the last ones are shown.
    pub fn new(
        title: impl Into<String>,
        places: &'static str,
        names: &[&'static str],
        groups: &[(String, Vec<f64>)],
        digits: usize,
    ) -> Plot {
        let groups = &groups[groups.len().saturating_sub(limits::CHART_GROUPS_MAX)..];
        let numbers = groups.iter().flat_map(|(_, numbers)| numbers);
        let most = numbers
            .copied()
            .filter(|n| n.is_finite())
            .fold(0.0, f64::max);
        let scale = if most > 0.0 { HEIGHT / most } else { 0.0 };
        let (mut bars, mut labels) = (Vec::new(), Vec::new());
        let written = |n: f64| format!("{n:.digits$}");
        let width = (GROUP - 12.0) / names.len().max(1) as f64;
        for (n, (label, numbers)) in groups.iter().enumerate() {
            let left = n as f64 * GROUP + 6.0;
            labels.push((left + GROUP / 2.0 - 6.0, label.clone()));
            for (series, number) in numbers.iter().enumerate() {
                let height = if number.is_finite() {
                    (number * scale).max(0.0)
                } else {
                    0.0
                };
                let name = names.get(series).copied().unwrap_or_default();
                bars.push(Bar {
                    x: left + series as f64 * width,
                    y: HEIGHT - height,
                    width: width - 2.0,
                    height,
                    series: series + 1,
                    about: format!("{label}: {} {name}", written(*number)),
                });
            }
        }
        let rows = groups
            .iter()
            .map(|(label, numbers)| (label.clone(), numbers.iter().map(|n| written(*n)).collect()));
        Plot {
            title: title.into(),
            places,
            names: names.to_vec(),
            rows: rows.collect(),
            width: groups.len().max(1) as f64 * GROUP,
            most: written(most),
            bars,
            labels,
        }
    }
}
