//! Renders a forecast.

use git_pm::insights::{ForecastView, Percentiles};

use super::format::counted;
use super::page::Page;
use super::style::Label;

/// A forecast.
pub fn forecast(page: &mut Page, view: &ForecastView) {
    match (&view.id, &view.title) {
        (Some(id), Some(title)) => page.put(Label::Id, id).text("  ").line(title),
        _ => page.line("All open items"),
    };
    page.field(
        "to finish",
        Label::Text,
        &format!(
            "{}, at least {}h",
            counted(view.remaining, "item"),
            view.critical_path_hours
        ),
    );
    match &view.days {
        Some(points) => page.field("finished in", Label::Good, &days(points)),
        None if view.confidence == "none" => page.field(
            "finished in",
            Label::Waiting,
            "unknown: too few finished items",
        ),
        None => page.field(
            "finished in",
            Label::Bad,
            "more than ten years at the current speed",
        ),
    };
    if let Some(dates) = &view.dates {
        let day = |text: &str| text.get(..10).unwrap_or(text).to_string();
        let text = format!(
            "{}, {}, {}",
            day(&dates.p50),
            day(&dates.p80),
            day(&dates.p95)
        );
        page.field("dates", Label::Text, &text);
    }
    let sure = format!(
        "{} ({} finished in {})",
        view.confidence,
        counted(view.samples, "item"),
        counted(view.window_days, "day")
    );
    page.field("confidence", Label::Text, &sure);
    if let Some(taken) = &view.once_begun {
        let what = taken
            .estimate
            .as_ref()
            .map_or_else(|| "all".into(), |e| format!("size {e}"));
        let text = format!("{} ({} of {what})", days(&taken.days), taken.samples);
        page.field("after start", Label::Text, &text);
    }
    page.field("assumes", Label::Dim, &view.assumptions.join("; "));
}

fn days(points: &Percentiles) -> String {
    format!(
        "{} with 50% probability, {} with 80%, {} with 95%",
        counted(points.p50, "day"),
        points.p80,
        points.p95
    )
}
