//! The effort of a task: stated by the author, or derived from its criteria.

use super::candidate::{Cause, TaskCandidate};
use super::draft_types::{Estimate, ItemType};
use super::similarity::words;
use super::task_criteria::Content;
use crate::plan::document::{LabelKind, Words, words};
use std::ops::Range;

/// Working hours per story point.
const HOURS_A_POINT: u32 = 2;

/// Hours, story points and the author's words for them.
type EffortHint = (u32, Option<u32>, String);

/// The estimate of a task.
#[derive(Clone, Debug)]
pub(super) struct Effort {
    pub estimate: Estimate,
    /// Working hours.
    pub hours: u32,
    /// Story points, if the author stated them.
    pub points: Option<u32>,
    /// The basis of the estimate.
    pub reason: String,
}

/// Names of other systems and services, whose integration costs effort.
pub(super) const EXTERNAL: Words = words!(
    "aws, azure, bluetooth, discord, docker, elasticsearch, email, firebase, gcp, github, gitlab, \
     gmail, google, grafana, jira, kafka, kubernetes, ldap, mailchimp, mqtt, mysql, oauth, openai, \
     paypal, postgres, postgresql, prometheus, rabbitmq, redis, s3, saml, salesforce, sendgrid, \
     sentry, slack, smtp, snowflake, sso, stripe, supabase, teams, telegram, terraform, twilio, \
     vault, webhook, webhooks, whatsapp, zapier, anthropic, linear, notion, webdav, caldav, ical",
);

/// Estimates the effort of a task.
pub(super) fn assess(
    candidate: &TaskCandidate,
    content: &Content,
    title: &str,
    item_type: ItemType,
) -> Effort {
    let labeled = content
        .tags
        .iter()
        .filter(|tag| tag.kind == LabelKind::Effort && !candidate.coarse)
        .find_map(|tag| explicit(&tag.line.text, &tag.name));
    let stated = labeled.or_else(|| bracketed(title));
    if let Some((hours, points, stated)) = stated {
        return Effort {
            estimate: Estimate::of_hours(hours),
            hours,
            points,
            reason: format!("the document says {stated}"),
        };
    }
    let count = content
        .acceptance
        .iter()
        .filter(|criterion| !criterion.derived)
        .count();
    let mut size = match count {
        0 | 1 => usize::from(matches!(
            item_type,
            ItemType::Feature | ItemType::Story | ItemType::Bug | ItemType::Spike
        )),
        2..=3 => 1,
        4..=6 => 2,
        7..=10 => 3,
        _ => 4,
    };
    let mut reason = match count {
        0 | 1 => "it has at most one criterion".to_owned(),
        count => format!("it has {count} criteria"),
    };
    let externals = externals(content.texts(&candidate.title));
    if externals.len() >= 2 && size < 4 {
        size += 1;
        reason = format!("{reason}; it depends on {}", externals.join(" and "));
    }
    if candidate.coarse {
        size = 3;
        reason = "an entire phase, not broken down".to_owned();
    }
    if matches!(candidate.cause, Cause::Verify) {
        size = size.min(2);
    }
    let estimate = [
        Estimate::XS,
        Estimate::S,
        Estimate::M,
        Estimate::L,
        Estimate::XL,
    ][size];
    Effort {
        estimate,
        hours: estimate.hours(),
        points: None,
        reason,
    }
}

/// The other systems named in texts, without duplicates.
pub(super) fn externals<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in texts.flat_map(words) {
        if EXTERNAL.contains(&word)
            && !found
                .iter()
                .any(|known| known.trim_end_matches('s') == word.trim_end_matches('s'))
        {
            found.push(word);
        }
    }
    found
}

/// The story points that the text of a label states.
pub(super) fn points(text: &str, name: &str) -> Option<u32> {
    let spoken = if super::similarity::words(text)
        .iter()
        .any(|word| word.starts_with("point"))
    {
        ""
    } else {
        name
    };
    explicit(text, spoken).and_then(|(_, points, _)| points)
}

/// The story points in brackets at the end of a title.
pub(super) fn bracketed_points(title: &str) -> Option<u32> {
    bracketed(title).and_then(|(_, points, _)| points)
}

/// The hours and points in a text such as `5 story points`, `2 days`, `M`.
fn explicit(text: &str, name: &str) -> Option<EffortHint> {
    let stated = text.trim().to_owned();
    let tokens: Vec<String> = split(text);
    let size = tokens.first().and_then(|word| size(word));
    let points_named = words(name).iter().any(|word| word.starts_with("point"));
    for (place, token) in tokens.iter().enumerate().take(12) {
        let Ok(mut value) = token.parse::<f64>() else {
            continue;
        };
        let mut next = place + 1;
        if let (Some(high), Some(unit)) = (
            tokens
                .get(place + 1)
                .and_then(|word| word.parse::<f64>().ok()),
            tokens.get(place + 2),
        ) && unit_hours(unit).is_some()
        {
            value = high;
            next = place + 2;
        }
        let unit = tokens.get(next).map_or("", String::as_str);
        if !(0.0..=10_000.0).contains(&value) {
            continue;
        }
        if unit.starts_with("point")
            || unit == "story"
            || unit == "pts"
            || unit == "sp"
            || unit == "pt"
            || (points_named && unit_hours(unit).is_none())
        {
            let points = value.round() as u32;
            return Some((points * HOURS_A_POINT, Some(points), stated));
        }
        if let Some(hours) = unit_hours(unit) {
            return Some(((value * hours).round().max(1.0) as u32, None, stated));
        }
    }
    size.map(|estimate| (estimate.hours(), None, stated))
}

/// An estimate in brackets at the end of a title or of its first clause (`Log in (3 points): with a
/// key`).
fn bracketed(title: &str) -> Option<EffortHint> {
    let title = title.trim().trim_end_matches(['.', ':']);
    let open = match title.chars().next_back() {
        Some(')') => title.rfind('('),
        Some(']') => title.rfind('['),
        _ => None,
    };
    open.and_then(|open| inside(&title[open + 1..title.len() - 1]))
        .or_else(|| named(title).map(|(_, stated)| stated))
}

/// A title without the estimate after its first clause; `None` if there is none.
pub(super) fn without_estimate(title: &str) -> Option<String> {
    let (place, _) = named(title)?;
    Some(format!(
        "{}{}",
        title[..place.start].trim_end(),
        &title[place.end..]
    ))
}

/// The estimate in brackets between the first clause and the mark at its end, with its position.
fn named(title: &str) -> Option<(Range<usize>, EffortHint)> {
    let cut = (0..=160).rev().find(|at| title.is_char_boundary(*at));
    let head = &title[..cut.unwrap_or(0)];
    for (open, _) in head.match_indices(['(', '[']).take(8) {
        let close = if head[open..].starts_with('(') {
            ')'
        } else {
            ']'
        };
        let end = open + head[open..].find(close)? + 1;
        let marked = head[end..].trim_start().starts_with([':', '–', '—', '：'])
            || head[end..].starts_with(" - ");
        if let (true, true, Some(stated)) = (marked, open > 0, inside(&head[open + 1..end - 1])) {
            return Some((open..end, stated));
        }
    }
    None
}

/// The estimate in a text between brackets.
fn inside(text: &str) -> Option<EffortHint> {
    let words = split(text);
    let number = text.starts_with(|c: char| c.is_ascii_digit());
    let sized = words.len() == 1 && size(&words[0]).is_some();
    if words.len() > 5 || (words.len() == 1 && !sized && !number) {
        return None;
    }
    explicit(text, "")
}

/// Splits a text into words and numbers; `3h` becomes two.
fn split(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut token = String::new();
    let mut digits = false;
    for c in text.chars().take(200) {
        let digit = c.is_ascii_digit() || (c == '.' && digits);
        if (!(c.is_alphanumeric() || digit) || (digit != digits && !token.is_empty()))
            && !token.is_empty()
        {
            tokens.push(std::mem::take(&mut token).trim_end_matches('.').to_owned());
        }
        if c.is_alphanumeric() || digit {
            token.extend(c.to_lowercase());
        }
        digits = digit;
    }
    if !token.is_empty() {
        tokens.push(token.trim_end_matches('.').to_owned());
    }
    tokens
}

fn unit_hours(unit: &str) -> Option<f64> {
    match unit.trim_end_matches('s') {
        "h" | "hr" | "hour" | "stunde" | "stunden" | "heure" | "hora" => Some(1.0),
        "min" | "minute" => Some(1.0 / 60.0),
        "d" | "day" | "tag" | "tage" | "jour" | "día" | "dia" => Some(8.0),
        "w" | "wk" | "week" | "woche" | "wochen" | "semaine" | "semana" => Some(40.0),
        "month" | "monat" | "monate" | "moi" | "me" => Some(160.0),
        _ => None,
    }
}

fn size(word: &str) -> Option<Estimate> {
    match word {
        "xs" | "tiny" | "trivial" => Some(Estimate::XS),
        "s" | "small" => Some(Estimate::S),
        "m" | "medium" => Some(Estimate::M),
        "l" | "large" => Some(Estimate::L),
        "xl" | "xxl" | "huge" => Some(Estimate::XL),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efforts_are_read_as_their_author_wrote_them() {
        for (text, name, hours, points) in [
            ("5 story points", "Effort", 10, Some(5)),
            ("3", "Points", 6, Some(3)),
            ("2-3 days", "Effort", 24, None),
            ("4h", "Estimate", 4, None),
            ("1.5 days", "Estimate", 12, None),
            ("M", "Size", 4, None),
        ] {
            let (found, of, _) = explicit(text, name).unwrap();
            assert_eq!((found, of), (hours, points), "{text}");
        }
        assert!(explicit("unclear", "Effort").is_none());
        assert_eq!(bracketed("Add login (3 points)").unwrap().1, Some(3));
        assert!(bracketed("Add login (OAuth 2)").is_none());
    }

    #[test]
    fn an_estimate_after_a_name_is_read_and_removed() {
        for (text, points, hours, title) in [
            (
                "Match trips (8 points): which bus",
                Some(8),
                16,
                "Match trips: which bus",
            ),
            (
                "Watch [3 pts] — for 90 s (or more)",
                Some(3),
                6,
                "Watch — for 90 s (or more)",
            ),
            ("Log in (4h) - with a key", None, 4, "Log in - with a key"),
        ] {
            let (found, of, _) = bracketed(text).unwrap();
            assert_eq!((found, of), (hours, points), "{text}");
            assert_eq!(without_estimate(text).as_deref(), Some(title));
        }
        for text in [
            "Match trips (all of them): which bus",
            "Keep (8 points) of them",
            "(8 points): which bus",
            "Keep (",
        ] {
            assert!(bracketed(text).is_none(), "{text}");
            assert!(without_estimate(text).is_none(), "{text}");
        }
    }
}
