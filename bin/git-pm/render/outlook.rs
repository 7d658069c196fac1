//! How impact, relations, forecasts and suggestions read.

use git_pm::work::insight::{ForecastView, ImpactView, Percentiles, RelatedItem, SuggestView};

use super::page::Page;
use super::style::{self, Label};
use super::table::Table;

/// The items of each path.
pub fn impact(page: &mut Page, views: &[ImpactView]) {
    for view in views {
        page.gap();
        page.put(Label::Path, &view.path).end();
        if view.items.is_empty() {
            page.line("  no item has to do with it");
        }
        let mut table = Table::new(2);
        for item in &view.items {
            let commits = match item.commits {
                0 => String::new(),
                1 => "1 commit".into(),
                n => format!("{n} commits"),
            };
            let last = item.last_commit_at.as_deref().map(|at| page.when(at));
            let plans = match item.planned.is_empty() {
                true => String::new(),
                false => format!("plans {}", item.planned.join(", ")),
            };
            table.row([
                (Label::Id, item.item.id.as_str()),
                (style::status(&item.item.status), &item.item.status),
                (Label::Text, &item.item.title),
                (Label::Dim, &commits),
                (Label::Dim, last.as_deref().unwrap_or("")),
                (Label::Path, &plans),
            ]);
        }
        page.table("  ", &table);
    }
}

/// What has to do with an item.
pub fn related(page: &mut Page, items: &[RelatedItem]) {
    if items.is_empty() {
        page.line("Nothing has to do with it.");
    }
    let mut table = Table::new(2);
    for item in items {
        table.row([
            (Label::Id, item.item.id.as_str()),
            (style::status(&item.item.status), &item.item.status),
            (Label::Text, &item.item.title),
            (Label::Dim, &item.reasons.join("; ")),
        ]);
    }
    page.table("", &table);
}

/// A number with its word, in the plural where that is due.
fn counted(number: impl std::fmt::Display, word: &str) -> String {
    let number = number.to_string();
    let s = if number == "1" { "" } else { "s" };
    format!("{number} {word}{s}")
}

fn days(points: &Percentiles) -> String {
    format!(
        "{} as likely as not, {} in 4 of 5 cases, {} in 19 of 20",
        counted(points.p50, "day"),
        points.p80,
        points.p95
    )
}

/// A forecast.
pub fn forecast(page: &mut Page, view: &ForecastView) {
    match (&view.id, &view.title) {
        (Some(id), Some(title)) => page.put(Label::Id, id).text("  ").line(title),
        _ => page.line("Everything open"),
    };
    page.field(
        "to finish",
        Label::Text,
        &format!(
            "{}, {}h at least",
            counted(view.remaining, "item"),
            view.critical_path_hours
        ),
    );
    match &view.days {
        Some(points) => page.field("finished in", Label::Good, &days(points)),
        None if view.confidence == "none" => page.field(
            "finished in",
            Label::Waiting,
            "too little was finished to tell",
        ),
        None => page.field(
            "finished in",
            Label::Bad,
            "more than ten years at this speed",
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
        page.field("that is", Label::Text, &text);
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
        page.field("once begun", Label::Text, &text);
    }
    page.field("if", Label::Dim, &view.assumptions.join("; "));
}

/// What may be missing.
pub fn suggest(page: &mut Page, view: &SuggestView) {
    let found = [
        view.silent.len(),
        view.duplicates.len(),
        view.edges.len(),
        view.labels.len(),
    ];
    if found == [0; 4] {
        page.line("Nothing to suggest.");
    }
    if !view.silent.is_empty() {
        page.heading("silent holders");
        let mut table = Table::new(1);
        for one in &view.silent {
            table.row([
                (Label::Id, one.id.as_str()),
                (Label::Text, &one.message),
                (Label::Command, &one.command),
            ]);
        }
        page.table("  ", &table);
    }
    if !view.duplicates.is_empty() {
        page.heading("may be the same");
        let mut table = Table::new(1);
        for hint in &view.duplicates {
            table.row([
                (Label::Id, format!("{} = {}", hint.id, hint.of).as_str()),
                (Label::Text, &hint.title),
                (Label::Dim, &format!("{:.0} %", hint.similarity * 100.0)),
                (Label::Command, &hint.command),
            ]);
        }
        page.table("  ", &table);
    }
    if !view.edges.is_empty() {
        page.heading("dependencies that texts speak of");
        let mut table = Table::new(1);
        for hint in &view.edges {
            table.row([
                (Label::Id, hint.id.as_str()),
                (Label::Text, &hint.reason),
                (Label::Command, &hint.command),
            ]);
        }
        page.table("  ", &table);
    }
    if !view.labels.is_empty() {
        page.heading("labels");
        let mut table = Table::new(1);
        for hint in &view.labels {
            table.row([
                (Label::Id, hint.id.as_str()),
                (Label::Text, &hint.title),
                (Label::Dim, &hint.reason),
                (Label::Command, &hint.command),
            ]);
        }
        page.table("  ", &table);
    }
}
