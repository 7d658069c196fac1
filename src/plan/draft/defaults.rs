//! What a task has if its author says nothing: effort, risk, validation strategy, type and stream.
//!
//! There is one visible formula for each.

use super::draft_types::{Estimate, ItemType, Risk, Validation};
use super::facts::Facts;
use crate::model::vocabulary::HOURS_A_POINT;
use git_pm_document::{LabelKind, list, tokens};

/// The most hours that are read from a text.
const MOST_HOURS: u32 = 100_000;

/// The stream of tasks below no heading of their own.
pub(super) const STREAM: &str = "main";

/// The hours of a task, its points and the reason: what the author states, else a size by the number
/// of criteria.
pub(super) fn effort(facts: &Facts, task: usize, criteria: usize) -> (u32, Option<u32>, String) {
    let bracket = facts.nodes()[task].name().rsplit_once(['(', '[']);
    let bracket = bracket.map(|(_, mark)| ("", mark.trim_end_matches([')', ']', ' '])));
    let mut stated = facts.stated(task, LabelKind::Effort).chain(bracket);
    let found = stated.find_map(|(name, text)| Some((stated_hours(name, text)?, text)));
    if let Some(((hours, points), text)) = found {
        let reason = format!("stated: {}", super::title::cut(text));
        return (hours, points, reason);
    }
    let size = size_for(criteria);
    (size.hours(), None, format!("default: criteria: {criteria}"))
}

/// The size of a task with so many criteria.
pub fn size_for(criteria: usize) -> Estimate {
    match criteria {
        0..=1 => Estimate::XS,
        2..=3 => Estimate::S,
        4..=6 => Estimate::M,
        7..=10 => Estimate::L,
        _ => Estimate::XL,
    }
}

/// Hours and points in a text such as `5 story points`, `2-3 days`, `M`. A number without a unit has that
/// of its name, such as `Estimate (h)`; below a name that only announces an estimate, it counts points.
pub(super) fn stated_hours(name: &str, text: &str) -> Option<(u32, Option<u32>)> {
    let words = tokens(text);
    let first = words.first()?.as_str();
    let sizes = [("xs", 1), ("s", 2), ("m", 4), ("l", 8), ("xl", 16)];
    let sizes = sizes.into_iter();
    let sizes = sizes.chain([("small", 2), ("medium", 4), ("large", 8)]);
    let mut sizes = sizes.filter(|(size, _)| words.len() == 1 && *size == first);
    if let Some((_, hours)) = sizes.next() {
        return Some((hours, None));
    }
    // `2-3 days`, `8h`, `5 story points`
    let digits = first.len() - first.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, glued) = first.split_at(digits);
    let rest = [glued].into_iter().filter(|glued| !glued.is_empty());
    let mut rest = rest
        .chain(words.iter().skip(1).map(String::as_str))
        .peekable();
    let upper = rest.peek().and_then(|word| word.parse::<u32>().ok());
    let number = number.parse::<u32>().ok()?.max(upper.unwrap_or(0));
    let units = [
        ("hours", 1),
        ("days", 8),
        ("weeks", 40),
        ("points", HOURS_A_POINT),
    ];
    let of = |word: &str| units.into_iter().find(|(unit, _)| list(unit).is(word));
    let own = rest.find(|word| *word != "story" && word.parse::<u32>().is_err());
    let names = tokens(name);
    let (unit, each) = match own {
        Some(word) => of(word),
        None => names.iter().find_map(|word| of(word)).or_else(|| {
            let announced = names.iter().any(|word| list("estimates").is(word));
            announced.then_some(("points", HOURS_A_POINT))
        }),
    }?;
    let hours = number.saturating_mul(each).min(MOST_HOURS);
    Some((hours, (unit == "points").then_some(number)))
}

/// High where a mistake is costly, medium where other systems or contested files take part.
pub(super) fn risk(texts: &[&str], is_contested: bool) -> (Risk, String) {
    // A name in code, such as `auth.rs`, says nothing about the risk of the work.
    let prose: Vec<String> = texts.iter().map(|text| without_code(text)).collect();
    let names = |name: &str| prose.iter().find_map(|text| list(name).first(text));
    match (names("risky"), names("systems")) {
        (Some(word), _) => (Risk::High, format!("default: it names \"{word}\"")),
        (_, Some(word)) => (Risk::Medium, format!("default: it depends on {word}")),
        _ if is_contested => {
            let reason = "default: changes of its files have conflicted";
            (Risk::Medium, reason.to_owned())
        }
        _ => (Risk::Low, "default: no word of risk".to_owned()),
    }
}

/// A text without what stands in back-ticks.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// Tests first where the risk is high or a criterion is vague, none for texts, tests and
/// investigations.
pub(super) fn validation(item_type: ItemType, risk: Risk, vague: &[&str]) -> (Validation, String) {
    let (validation, reason) = match (item_type, risk) {
        (ItemType::Docs | ItemType::Test | ItemType::Spike, _) => {
            (Validation::None, "nothing to test".to_owned())
        }
        (_, Risk::High) => (Validation::TestFirst, "high risk".to_owned()),
        _ if !vague.is_empty() => {
            let reason = format!("a vague criterion ({})", vague.join(", "));
            (Validation::TestFirst, reason)
        }
        _ => (Validation::TestAfter, "not of high risk".to_owned()),
    };
    (validation, format!("default: {reason}"))
}

/// The type that the words of a title name.
pub(super) fn item_type(title: &str, is_story: bool) -> ItemType {
    let begins = |name: &str| list(name).begins(title);
    let about_tests = list("test").has(title) && (begins("verbs") || begins("test"));
    match () {
        () if begins("spike") => ItemType::Spike,
        () if begins("bug") => ItemType::Bug,
        () if about_tests => ItemType::Test,
        () if list("docs").has(title) => ItemType::Docs,
        () if begins("chore") => ItemType::Chore,
        () if is_story => ItemType::Story,
        () => ItemType::Feature,
    }
}
