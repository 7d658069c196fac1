//! Sentences of a document that say the same of a quantity, with different numbers.
//!
//! Two sentences are compared only if they are the same but for one number, its unit, and words such as
//! "at most". Looser rules found conditions, targets of several phases and equal names of other things.

use std::collections::BTreeMap;

use super::draft_types::Severity;
use super::lint::Lint;
use git_pm_document::{Document, Form, Lines, Node, SectionKind, list};

/// The factors of units to the smallest one of their kind.
const UNITS: &[(&str, &str, f64)] = &[
    ("time", "ms millisecond milliseconds", 1.0),
    ("time", "s sec secs second seconds", 1e3),
    ("time", "min mins minute minutes", 6e4),
    ("time", "h hr hrs hour hours", 3.6e6),
    ("time", "d day days", 8.64e7),
    ("time", "week weeks", 6.048e8),
    ("size", "kb", 1.0),
    ("size", "mb", 1e3),
    ("size", "gb", 1e6),
    ("share", "% percent", 1.0),
];

/// A sentence without its number: its words in order of the alphabet, and the kind of the unit.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    words: Vec<String>,
    unit: &'static str,
    is_least: bool,
    /// The statement above, if the words name only a property that many things have.
    below: Option<usize>,
}

/// Pairs of sentences with different numbers, in the order of the document.
pub(super) fn lints(document: &Document) -> Vec<Lint> {
    let mut first: BTreeMap<Said, (f64, u32, String)> = BTreeMap::new();
    let mut found = Vec::new();
    let nodes = document.nodes.iter();
    for node in nodes.filter(|node| is_demand(node)) {
        let cells = node.cells.iter().filter(|cell| !cell.text.is_empty());
        let row = cells.map(|cell| cell.text.as_str()).collect::<Vec<_>>();
        let text = match (node.form, &node.lead) {
            (Form::Row, _) => row.join(" "),
            (Form::Label, Some(lead)) => format!("{lead} {}", node.text),
            _ => node.text.clone(),
        };
        for sentence in text.split(". ") {
            let Some((said, value, shown)) = said(sentence, node.parent) else {
                continue;
            };
            let line = node.lines.start;
            let words = said.words.join(" ");
            let (before, at, as_said) = first.entry(said).or_insert((value, line, shown.clone()));
            if (*before - value).abs() > f64::EPSILON && *at != line {
                found.push(Lint {
                    rule: "numbers-differ",
                    severity: Severity::Warning,
                    lines: Lines::at(line),
                    message: format!("it says {shown}, but line {at} says {as_said} ({words})"),
                });
            }
        }
    }
    found
}

/// True for what the document asks for now.
fn is_demand(node: &Node) -> bool {
    use SectionKind::{Appendix, Future, NonGoal, Question};
    let is_aside = matches!(node.kind, Appendix | Future | NonGoal | Question);
    !is_aside && node.state.is_none() && !matches!(node.form, Form::Code | Form::Layout)
}

/// A sentence with exactly one number, the number in the smallest unit, and as it is written.
fn said(sentence: &str, parent: Option<usize>) -> Option<(Said, f64, String)> {
    let mut number: Option<(f64, String)> = None;
    let (mut words, mut unit, mut is_identifier) = (Vec::new(), "", false);
    let is_end = |c: char| c.is_whitespace() || "*`\"'()[],;:=|".contains(c);
    let mut is_least = sentence.contains(['>', '≥']);
    for word in sentence.split(is_end) {
        let word = word.trim_matches(|c: char| "<>≤≥~≈.-–—+".contains(c));
        let digits = word.trim_end_matches(|c: char| c.is_alphabetic() || "%-".contains(c));
        let rest = word.get(digits.len()..)?.trim_matches('-');
        if word.is_empty() {
            continue;
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            let value = digits.replace('_', "").parse().ok()?;
            if number.replace((value, word.to_owned())).is_some() {
                return None;
            }
        }
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        let name = if is_number { rest } else { word };
        let lower = name.to_lowercase();
        let known = UNITS
            .iter()
            .find(|(_, names, _)| names.split(' ').any(|one| one == lower));
        match (known, &mut number) {
            (Some((kind, _, factor)), Some((value, shown))) if unit.is_empty() => {
                (*value, unit) = (*value * factor, kind);
                if !is_number {
                    shown.push_str(&format!(" {word}"));
                }
            }
            _ if lower.is_empty() => {}
            _ if list("at-least").is(&lower) => is_least = true,
            _ if list("at-most").is(&lower) => {}
            _ if list("conditions").is(&lower) => return None,
            _ => {
                let is_camel = name.starts_with(char::is_lowercase) && *lower != *name;
                is_identifier |= is_camel || name.contains('_');
                words.push(lower);
            }
        }
    }
    let (value, shown) = number?;
    let generic = words
        .iter()
        .filter(|word| list("quantities").is(word))
        .count();
    // Without the name of a quantity, a number can count anything.
    let is_named = match unit {
        // `Step 1` is a name.
        "" => is_identifier || generic == words.len() && generic > 0,
        _ => is_identifier || generic > 0,
    };
    let is_own = is_identifier || words.len() > generic && words.len() > 1;
    words.sort();
    let said = Said {
        words,
        unit,
        is_least,
        below: parent.filter(|_| !is_own),
    };
    is_named.then_some((said, value, shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(u32, String)> {
        let document = Document::parse(text.as_bytes()).unwrap();
        let found = lints(&document).into_iter();
        found.map(|lint| (lint.lines.start, lint.message)).collect()
    }

    #[test]
    fn one_quantity_with_two_numbers_is_found() {
        let said = |line: u32, one: &str, other: &str, words: &str| {
            vec![(
                5,
                format!("it says {one}, but line {line} says {other} ({words})"),
            )]
        };
        assert_eq!(
            found("# A\n\n- The request timeout is 30 seconds.\n\n- Request timeout: 60 s\n"),
            said(3, "60 s", "30 seconds", "request timeout")
        );
        assert_eq!(
            found("# A\n\n- `max_retries` defaults to 5\n\n- `max_retries`: at most 3\n"),
            said(3, "3", "5", "max_retries")
        );
        assert_eq!(
            found("# A\n\n- At most 5 retries\n- more\n- 3 retries\n"),
            said(3, "3", "5", "retries")
        );
    }

    #[test]
    fn equal_values_and_other_quantities_are_not() {
        for text in [
            "# A\n\n- Request timeout: 60 s\n- The request timeout is 1 minute\n",
            "# A\n\n- Request timeout: 60 s\n- The connect timeout is 5 s\n",
            "# A\n\n## Login\n\n- Timeout: 60 s\n\n## Upload\n\n- Timeout: 90 s\n",
            "# A\n\n- Request timeout: 60 s\n- If it is slow, request timeout 90 s\n",
            "# A\n\n- Page size at least 10\n- Page size at most 50\n",
            "# A\n\n- Step 1: request timeout\n- Step 2: request timeout\n",
            "# A\n\n- Latency p95 200 ms\n- Latency p99 500 ms\n",
            "# A\n\n- Request timeout: 60 s\n\n## Future work\n\n- Request timeout: 5 s\n",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
