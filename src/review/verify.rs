//! Which findings of a tool are about this work, and which name what is not there.
//!
//! A path, a line or a text that the reviewed commit does not have was invented, and what is said about
//! lines that the work does not change was there before.

use super::ReviewerReport;
use super::facts::Reviewed;
use crate::finding::diff::{File, Line};
use crate::finding::{Found, Place};
use crate::model::text::shorten;

/// The longest line that is quoted, in bytes.
const QUOTE: usize = 300;

/// The findings that are about this work; the others are counted.
pub(super) fn of_this_work(
    found: Vec<Found>,
    reviewed: &Reviewed,
    report: &mut ReviewerReport,
) -> Vec<Found> {
    let mut kept = Vec::new();
    for mut one in found {
        // A finding is known again by its text: one without would stand for every one of its rule.
        if one.quote.is_none()
            && let Some(place) = one.place.as_ref().filter(|place| !place.removed)
            && let (Some(text), Some(line)) = (reviewed.new.get(&place.path), place.line)
        {
            let line = text.lines().nth(line.saturating_sub(1) as usize);
            one.quote = line
                .map(|line| shorten(line.trim(), QUOTE))
                .filter(|line| !line.is_empty());
        }
        match one.place.as_ref().map(|place| fit(&one, place, reviewed)) {
            None | Some(Fit::Changed) => kept.push(one),
            Some(Fit::Elsewhere) => report.elsewhere += 1,
            Some(Fit::Missing) => report.invented += 1,
        }
    }
    kept
}

/// How a finding fits the reviewed work.
#[derive(PartialEq, Eq)]
enum Fit {
    /// It is about changed lines, or a changed file as a whole.
    Changed,
    /// It is about lines that the work does not change.
    Elsewhere,
    /// Its path, line or text is not there.
    Missing,
}

fn fit(one: &Found, place: &Place, reviewed: &Reviewed) -> Fit {
    let changed =
        |file: &&File| file.path == place.path || file.old_path.as_deref() == Some(&place.path);
    let Some(file) = reviewed.diff.files.iter().find(changed) else {
        return match reviewed.files.contains(&place.path) {
            true => Fit::Elsewhere,
            false => Fit::Missing,
        };
    };
    let texts = match place.removed {
        true => &reviewed.old,
        false => &reviewed.new,
    };
    let text = texts.get(&place.path);
    let other = match place.removed {
        true => reviewed.new.get(&file.path),
        false => reviewed
            .old
            .get(file.old_path.as_ref().unwrap_or(&file.path)),
    };
    if let Some(quote) = &one.quote
        && let Some(text) = text
        && !contains(text, quote)
        && !other.is_some_and(|other| contains(other, quote))
    {
        return Fit::Missing;
    }
    let Some(line) = place.line else {
        return Fit::Changed;
    };
    if text.is_some_and(|text| text.lines().count() < line as usize) {
        return Fit::Missing;
    }
    let last = place.end_line.unwrap_or(line).max(line);
    let is_meant = |changed: &Line| (line..=last).contains(&changed.number);
    let is_changed = match place.removed {
        true => file.removed().any(is_meant),
        false => file.added().any(is_meant),
    };
    // What git shows no lines of is changed as a whole.
    match file.hunks.is_empty() || is_changed {
        true => Fit::Changed,
        false => Fit::Elsewhere,
    }
}

/// True if a text has a quote, whatever white space is between its words. A redacted secret in the quote
/// stands for any text.
pub(super) fn contains(text: &str, quote: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = plain(text);
    let quote = plain(quote);
    let mut parts = quote.split("[redacted");
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.split_once(']').map_or(part, |(_, after)| after));
    // A quote that was shortened ends with a mark.
    let mut parts = std::iter::once(first)
        .chain(rest)
        .map(|part| part.trim_end_matches('…'));
    parts.all(|part| text.contains(part.trim()))
}
