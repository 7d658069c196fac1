//! What the words of a debate say: a critic's findings and what it read, an architect's plan and replies.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::prompt::DUTIES;
use crate::finding::{Found, Place};
use crate::model::finding::{FindingStatus, Severity};
use crate::model::limits::FINDING_TEXT_MAX;
use crate::model::text::{one_line, shorten};
use crate::plan::debated::DebatedPlan;
use crate::review::panel::answers;
use crate::review::verify::contains;

/// What a critic said about a plan.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// What it finds; the path of a place is the name of a task.
    pub found: Vec<Found>,
    /// Its answers to earlier findings, by their ids in lower case.
    pub answers: BTreeMap<String, FindingStatus>,
    /// The tasks that it says it has read.
    pub read: BTreeSet<String>,
    /// The number of elements about what is not there.
    pub invented: usize,
}

/// Beside what a finding about code has.
#[derive(Deserialize)]
struct Extra {
    read: Option<String>,
    task: Option<String>,
}

/// Reads a critic's words. `file` has the text of a file of the reviewed commit.
///
/// # Errors
/// Why they are no answer.
pub(super) fn heard(
    words: &str,
    critic: &str,
    plan: &DebatedPlan,
    file: &dyn Fn(&str) -> Option<String>,
) -> Result<Heard, String> {
    let tasks: BTreeSet<String> = sections(&plan.text).into_keys().collect();
    let lines = plan.source.lines().count();
    let mut heard = Heard::default();
    for value in answers::list::<Value>(words)? {
        let Ok(extra) = serde_json::from_value::<Extra>(value.clone()) else {
            heard.invented += 1;
            continue;
        };
        if let Some(name) = extra.read {
            heard.read.insert(name.trim().to_string());
            continue;
        }
        let said = answers::of_values(vec![value], critic);
        heard.invented += said.malformed;
        heard.answers.extend(said.answers);
        for mut one in said.found {
            let place = one.place.take().unwrap_or_default();
            let task = extra
                .task
                .as_deref()
                .map(str::trim)
                .filter(|task| !task.is_empty());
            let is_there = |quote: &String| {
                let code = (!place.path.is_empty())
                    .then(|| file(&place.path))
                    .flatten();
                contains(&plan.text, quote)
                    || contains(&plan.source, quote)
                    || code.is_some_and(|text| contains(&text, quote))
            };
            let fits = task.is_none_or(|task| tasks.contains(task))
                && place
                    .line
                    .is_none_or(|line| line as usize <= lines || !place.path.is_empty())
                && one.quote.as_ref().is_none_or(is_there);
            if !fits {
                heard.invented += 1;
                continue;
            }
            // With a path the line is one of the code.
            let line = place.line.filter(|_| place.path.is_empty());
            let task = task.unwrap_or_default().to_string();
            one.place = (!task.is_empty() || line.is_some()).then(|| Place {
                path: task,
                line,
                ..Place::default()
            });
            if one.severity <= Severity::P1 && one.outcome.is_none() {
                one.severity = Severity::P2;
            }
            if !DUTIES.contains(&one.category.as_str()) {
                one.category = DUTIES[0].into();
            }
            heard.found.push(one);
        }
    }
    Ok(heard)
}

/// An architect's reply to a finding.
#[derive(Deserialize)]
struct Element {
    id: String,
    answer: String,
    #[serde(default)]
    reason: String,
}

/// What an architect said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Revised {
    /// The text of the plan, if there is a new one.
    pub text: Option<String>,
    /// Of each finding, by its id in lower case, whether something was changed for it, and the reason.
    pub replies: BTreeMap<String, (bool, String)>,
}

/// Reads an architect's words, and the file that it may have written.
///
/// # Errors
/// Why they are no answer.
pub(super) fn revised(words: &str, file: Option<String>) -> Result<Revised, String> {
    let is_plan = |text: &str| text.lines().any(|line| line.starts_with("### "));
    let list = answers::list_at::<Value>(words);
    let before = list.as_ref().map_or(words, |(_, at)| &words[..*at]);
    let text = file.filter(|text| is_plan(text));
    let text = text.or_else(|| is_plan(before).then(|| without_fence(before)));
    let replies = match (list, &text) {
        (Ok((list, _)), _) => list,
        (Err(_), Some(_)) => Vec::new(),
        (Err(why), None) => return Err(why),
    };
    let replies = replies.into_iter().filter_map(|value| {
        let one = serde_json::from_value::<Element>(value).ok()?;
        let changed = one.answer.trim().eq_ignore_ascii_case("changed");
        let reason = shorten(&one_line(one.reason.trim()), FINDING_TEXT_MAX);
        Some((one.id.trim().to_ascii_lowercase(), (changed, reason)))
    });
    Ok(Revised {
        replies: replies.collect(),
        text,
    })
}

/// A text without the lines of a code fence around it, and what was said before it.
fn without_fence(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("```"));
    let begins = |line: &&str| !line.starts_with('#');
    lines.skip_while(begins).collect::<Vec<_>>().join("\n")
}

/// The sections of the tasks of a plan's text, by their names.
pub(super) fn sections(text: &str) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    let mut name: Option<String> = None;
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            name = Some(
                heading
                    .split('.')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_string(),
            );
        } else if line.starts_with("## ") {
            name = None;
        }
        if let Some(name) = &name {
            *all.entry(name.clone()).or_default() += &format!("{line}\n");
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_and_replies_stand_in_words_or_in_a_file() {
        let list = "[{\"id\":\"F-A\",\"answer\":\"changed\",\"reason\":\"split\"}]";
        let plan = "# T\n## s\n### a. A\nlines: 1";
        let said = revised(&format!("Here:\n```\n{plan}\n```\n{list}"), None).unwrap();
        assert_eq!(said.text.as_deref(), Some(plan));
        assert_eq!(said.replies["f-a"], (true, "split".to_string()));
        let said = revised("[]", Some(plan.into())).unwrap();
        assert_eq!(said.text.as_deref(), Some(plan));
        assert_eq!(revised("[]", None).unwrap().text, None);
        for none in ["", "I agree", "[{\"id\":\"F-A\""] {
            assert!(revised(none, None).is_err(), "{none}");
        }
    }

    #[test]
    fn sections_are_those_of_tasks() {
        let all = sections("# T\n## s\n### a. A\n- x\n### b. B\n## Not work\n- 1: y\n");
        assert_eq!(all["a"], "### a. A\n- x\n");
        assert_eq!(all.len(), 2);
    }
}
