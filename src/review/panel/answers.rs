//! What a reviewer's answer says, and the JSON array in the words of any agent.
//!
//! An answer that is not in the form is no answer: nothing is read from prose or from half a list.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::finding::{Found, Place};
use crate::model::finding::{FindingStatus, Severity};
use crate::model::limits::{FINDING_LINE_MAX, FINDING_TEXT_MAX, FINDINGS_MAX};
use crate::model::text::{one_line, shorten};

/// The longest answer that is read, in bytes.
const ANSWER_MAX: usize = 256 << 10;

/// What a reviewer says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// What it finds.
    pub found: Vec<Found>,
    /// Its answers to earlier findings, by their ids in lower case; the last of each counts.
    pub answers: BTreeMap<String, FindingStatus>,
    /// The names of tests that show a claim, by its text.
    pub proofs: BTreeMap<String, String>,
    /// The number of elements that are neither.
    pub malformed: usize,
}

/// An element of the list of a reviewer.
#[derive(Deserialize)]
struct Element {
    id: Option<String>,
    answer: Option<String>,
    severity: Option<String>,
    #[serde(default)]
    category: String,
    #[serde(default)]
    claim: String,
    path: Option<String>,
    line: Option<Value>,
    quote: Option<String>,
    outcome: Option<String>,
    suggestion: Option<String>,
    proof: Option<String>,
}

/// A validator's verdict on a finding.
#[derive(Deserialize)]
struct Verdict {
    id: Value,
    real: bool,
    caused_by_change: bool,
    handled_elsewhere: bool,
}

/// Reads a reviewer's words.
///
/// # Errors
/// Why they are no answer.
pub(crate) fn read(words: &str, reviewer: &str) -> Result<Said, String> {
    Ok(of_values(list::<Value>(words)?, reviewer))
}

/// What the elements of a list say.
pub(crate) fn of_values(values: Vec<Value>, reviewer: &str) -> Said {
    let mut said = Said::default();
    for value in values {
        let Ok(element) = serde_json::from_value::<Element>(value) else {
            said.malformed += 1;
            continue;
        };
        match (&element.answer, &element.id) {
            (Some(answer), Some(id)) => match answer_of(answer) {
                Some(status) => {
                    said.answers.insert(id.trim().to_ascii_lowercase(), status);
                }
                None => said.malformed += 1,
            },
            (None, _) if !element.claim.trim().is_empty() => {
                let proof = element.proof.clone();
                let found = element.found(reviewer);
                if let Some(proof) = proof {
                    said.proofs
                        .insert(found.claim.clone(), proof.trim().to_string());
                }
                said.found.push(found);
            }
            _ => said.malformed += 1,
        }
    }
    said
}

/// Reads a validator's words: of each finding that it judged, by its number, if it is true.
///
/// # Errors
/// Why they are no answer.
pub(super) fn verdicts(words: &str) -> Result<BTreeMap<usize, bool>, String> {
    let all = list::<Verdict>(words)?.into_iter().filter_map(|one| {
        let id = match &one.id {
            Value::String(text) => text.trim().parse().ok()?,
            other => usize::try_from(other.as_u64()?).ok()?,
        };
        Some((
            id,
            one.real && one.caused_by_change && !one.handled_elsewhere,
        ))
    });
    Ok(all.collect())
}

/// The list in an answer, which may stand in a fence or after words.
pub(crate) fn list<T: DeserializeOwned>(words: &str) -> Result<Vec<T>, String> {
    list_at(words).map(|(list, _)| list)
}

/// The list in an answer, and where it begins.
pub(crate) fn list_at<T: DeserializeOwned>(words: &str) -> Result<(Vec<T>, usize), String> {
    if words.len() > ANSWER_MAX {
        return Err(format!("its answer has more than {} KB", ANSWER_MAX >> 10));
    }
    let text = words.trim_end();
    let parse = |text: &str| serde_json::from_str::<Vec<T>>(text);
    let lines = text.match_indices('\n').map(|(at, _)| at + 1);
    // The list is the last thing that it says.
    let end = text.rfind(']').map_or(text.len(), |at| at + 1);
    let begins = std::iter::once(text.len() - text.trim_start().len()).chain(lines);
    let begins = begins.filter(|at| text[*at..end.max(*at)].starts_with('['));
    let begins: Vec<usize> = begins.collect();
    let found = begins
        .iter()
        .find_map(|at| Some((parse(&text[*at..end]).ok()?, *at)));
    let (list, at) = found.ok_or("its answer is no JSON array in the form that was asked for")?;
    // Who says something and then something else was perhaps told the last by what it read.
    let mut before = begins.iter().filter(|begin| **begin < at);
    if before.any(|at| begins_with_elements(&text[*at..])) {
        return Err("its answer has several lists".into());
    }
    match list.len() > FINDINGS_MAX {
        true => Err(format!("its answer has more than {FINDINGS_MAX} elements")),
        false => Ok((list, at)),
    }
}

/// True if a text begins with an array that has an object.
fn begins_with_elements(text: &str) -> bool {
    let from = serde_json::Deserializer::from_str(text);
    let first = from.into_iter::<Vec<Value>>().next();
    first.is_some_and(|list| list.is_ok_and(|list| list.iter().any(Value::is_object)))
}

/// The statuses with which a reviewer can answer an earlier finding.
pub(crate) const ANSWERS: [FindingStatus; 3] = [
    FindingStatus::Fixed,
    FindingStatus::NotFixed,
    FindingStatus::Withdrawn,
];

fn answer_of(text: &str) -> Option<FindingStatus> {
    let plain = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    ANSWERS.into_iter().find(|one| one.as_str() == plain)
}

impl Element {
    fn found(self, reviewer: &str) -> Found {
        let long = |text: String| shorten(text.trim(), FINDING_TEXT_MAX);
        let maybe = |text: Option<String>| text.map(long).filter(|text| !text.is_empty());
        let line = self.line.as_ref().and_then(|line| match line {
            Value::String(text) => text.trim().parse().ok(),
            other => u32::try_from(other.as_u64()?).ok(),
        });
        let line = line.filter(|line| *line > 0);
        let path = self
            .path
            .map(|path| path.trim().trim_start_matches("./").to_string());
        let path = path.unwrap_or_default();
        // What is unreadable must not be less than it was meant to be.
        let severity = self
            .severity
            .unwrap_or_default()
            .trim()
            .to_ascii_uppercase();
        Found {
            reviewer: reviewer.to_string(),
            rule: None,
            severity: Severity::parse(&severity).unwrap_or(Severity::P1),
            category: shorten(&one_line(self.category.trim()), FINDING_LINE_MAX)
                .to_ascii_lowercase(),
            claim: long(self.claim),
            place: (!path.is_empty() || line.is_some()).then(|| Place {
                path,
                line,
                ..Place::default()
            }),
            quote: maybe(self.quote),
            outcome: maybe(self.outcome),
            suggestion: maybe(self.suggestion),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::definition::Output;

    /// Each word that the form offers is read.
    #[test]
    fn what_is_offered_is_read() {
        for severity in ["P0", "P1", "P2", "P3"] {
            assert!(Output::Findings.form().contains(severity));
            let said = read(
                &format!("[{{\"severity\":\"{severity}\",\"claim\":\"a\"}}]"),
                "r",
            );
            assert_eq!(said.unwrap().found[0].severity.as_str(), severity);
        }
        for status in ANSWERS {
            let said = read(
                &format!("[{{\"id\":\"F-a\",\"answer\":\"{status}\"}}]"),
                "r",
            )
            .unwrap();
            assert_eq!(said.answers["f-a"], status);
        }
        let hyphen = read("[{\"id\":\"F-a\",\"answer\":\"Not-Fixed\"}]", "r").unwrap();
        assert_eq!(hyphen.answers["f-a"], FindingStatus::NotFixed);
    }

    #[test]
    fn a_list_may_stand_in_a_fence_or_after_words() {
        for words in [
            "[]",
            "```json\n[]\n```",
            "I looked at [all] of it.\n\n[]\n",
            "Text:\n```\n[ ]\n```\nDone.",
        ] {
            assert_eq!(read(words, "r"), Ok(Said::default()), "{words}");
        }
    }

    #[test]
    fn prose_half_a_list_and_too_much_are_no_answer() {
        let large = format!("[{}]", " ".repeat(ANSWER_MAX));
        let many = format!("[{}{{}}]", "{},".repeat(FINDINGS_MAX));
        for words in [
            "",
            "LGTM",
            "[{\"claim\": \"a\"",
            "{\"claim\": \"a\"}",
            &large,
            &many,
        ] {
            assert!(
                read(words, "r").is_err(),
                "{}",
                &words[..words.len().min(40)]
            );
        }
    }

    #[test]
    fn what_is_neither_is_counted() {
        let said = read(
            "[1, {}, {\"answer\":\"fixed\"}, {\"id\":\"x\",\"answer\":\"maybe\"}]",
            "r",
        );
        assert_eq!(said.unwrap().malformed, 4);
        let said = read(
            "[{\"claim\":\"a\",\"severity\":\"terrible\",\"line\":\"7\"}]",
            "r",
        )
        .unwrap();
        assert_eq!(said.found[0].severity, Severity::P1);
        assert_eq!(said.found[0].place.as_ref().unwrap().line, Some(7));
    }

    #[test]
    fn doubt_is_no_confirmation() {
        let words =
            "[{\"id\":1,\"real\":true,\"caused_by_change\":true,\"handled_elsewhere\":false},
            {\"id\":\"2\",\"real\":true,\"caused_by_change\":true,\"handled_elsewhere\":true}]";
        assert_eq!(verdicts(words), Ok(BTreeMap::from([(1, true), (2, false)])));
        assert!(verdicts("[{\"id\":1,\"real\":\"maybe\"}]").is_err());
    }
}
