//! Which sentences of a paragraph no task says.
//!
//! A paragraph whose lines a task carries is covered only by the sentences that its criteria take.
//! For plans that a person or an agent wrote: what the planner takes from a document has the author's
//! own words.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation as _;

use super::approval_checks::{Check, Severity};
use super::coverage::take_up;
use super::document::tokens;
use super::draft::Accounted;
use super::plan_types::{Plan, Planned};
use crate::model::text::shorten;

/// The shortest word that counts, in characters, and what of a longer one is compared: its form can
/// be another.
const WORD: usize = 4;

/// The fewest such words of a sentence that says something by itself.
const WORDS: usize = 3;

/// Of its words, the share in a hundred that a task has to have for it to be said there. A criterion
/// is said in other words than a paragraph.
const SHARE: usize = 34;

/// The findings, one for each paragraph.
pub(super) fn findings(plan: &Plan, statements: &[Accounted]) -> Vec<Check> {
    statements
        .iter()
        .filter_map(|one| unsaid(plan, one))
        .collect()
}

fn unsaid(plan: &Plan, statement: &Accounted) -> Option<Check> {
    let sentences: Vec<&str> = statement.text.unicode_sentences().collect();
    if sentences.len() < 2 {
        return None;
    }
    let carriers = statement.tasks.iter().filter_map(|key| plan.task(key));
    let carriers: Vec<&Planned> = carriers.collect();
    let first = carriers.iter().find(|planned| planned.is_written())?;
    let said: BTreeSet<String> = carriers
        .iter()
        .flat_map(|planned| words_of(planned))
        .collect();
    let mut unsaid = sentences.iter().filter(|sentence| {
        let words = words(sentence);
        let known = words.iter().filter(|word| said.contains(*word)).count();
        words.len() >= WORDS && known * 100 < words.len() * SHARE
    });
    let shown = shorten(unsaid.next()?.trim(), 70).to_string();
    let more = match unsaid.count() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let line = statement.lines.start;
    let message = format!("no criterion of `{}` says: \"{shown}\"{more}", first.name);
    let add = take_up(plan, statement.lines, &format!("- L{line}: …"));
    let fix = match first.item.is_some() {
        true => add,
        false => format!("{add}, or say in its description (`> …`) why it is not work"),
    };
    let found = Check::of_task(first, "unsaid", Severity::Warning, message, &fix);
    Some(Check {
        lines: Some(statement.lines),
        fix: Some(fix),
        ..found
    })
}

/// True if a text of a document can be another form of what a task says.
pub(super) fn resembles(said: &[&str], text: &str) -> bool {
    let said: BTreeSet<String> = said.iter().flat_map(|text| words(text)).collect();
    let words = words(text);
    let known = words.iter().filter(|word| said.contains(*word)).count();
    known * 100 >= words.len() * SHARE
}

/// True if a text has the words of another one, in a row.
pub(super) fn says(text: &str, other: &str) -> bool {
    let words = |text: &str| format!(" {} ", tokens(text).join(" "));
    words(text).contains(&words(other))
}

/// The words of a task's title, criteria and own description.
fn words_of(planned: &Planned) -> BTreeSet<String> {
    let task = &planned.task;
    let own = planned.by_hand.contains_key("description");
    let description = own.then_some(task.description.as_str());
    let criteria = task.acceptance.iter().map(|one| one.text.as_str());
    let all = criteria.chain([task.title.as_str()]).chain(description);
    all.flat_map(words).collect()
}

fn words(text: &str) -> BTreeSet<String> {
    let long = |word: &String| word.chars().count() >= WORD || word.chars().all(char::is_numeric);
    let stem = |word: String| word.chars().take(WORD).collect();
    tokens(text).into_iter().filter(long).map(stem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_do_not_count_and_numbers_do() {
        let found = words("It is told in 3 days, to the Board");
        let wanted = ["3", "boar", "days", "told"];
        assert_eq!(found, wanted.iter().map(ToString::to_string).collect());
    }
}
