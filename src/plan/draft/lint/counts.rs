//! Numbers in headings and in sentences that introduce a list, against the items listed.

use super::Lint;
use crate::plan::document::{Block, Document, Lines, tokens};

/// Units of measure and people in general, which are not listed items.
const MEASURES: &str = "second|seconds|sec|secs|s|ms|minute|minutes|min|hour|hours|h|day|days|week|weeks|month|\
    months|year|years|quarter|quarters|percent|point|points|pt|pts|byte|bytes|kb|mb|gb|tb|px|user|users|people|person|\
    customer|customers|request|requests|time|times|x|k|m|euro|euros|dollar|dollars|usd|eur|line|lines|word|words|\
    character|characters|char|chars|digit|digits|sprint|sprints|level|levels|version|versions|of|and|or|to|in|factor|\
    core|cores|node|nodes|retries|attempts|concurrent|records|rows|items|entries|am|pm|returns|rps|qps|fps|hrs|hr";

/// Words that make a number a bound, a name or a position.
const BEFORE: &str = "least|most|than|within|under|over|after|before|every|per|phase|sprint|week|weeks|step|version|v|\
    level|tier|milestone|iteration|release|story|section|chapter|table|figure|day|part|option|stage|month|year|quarter|\
    about|around|approximately|up|python|node|top|first|last|next|by|for|in|on|at|max|maximum|min|minimum|article|rfc|\
    epic|feature|task|case|scenario|line|lines|page|issue|pr|layer|http|id|no|number|requirement";

/// Words that end the noun phrase after a number.
const JOINTS: &str = "the|a|an|and|or|of|in|for|with|is|are|get|gets|has|have|to|on|by|per|as|from";

/// Announced numbers that differ from the items listed.
pub(super) fn find(document: &Document) -> Vec<Lint> {
    let mut found = Vec::new();
    introductions(&document.preamble, &mut found);
    for (at, section) in document.sections.iter().enumerate() {
        introductions(&section.blocks, &mut found);
        let Some((expected, noun)) = announced(&section.title) else {
            continue;
        };
        let children = children(document, at);
        let listed = lists(&section.blocks);
        let fits = |count: usize| count == expected;
        if listed.iter().any(|count| fits(*count)) || fits(children) || fits(listed.iter().sum()) {
            continue;
        }
        // If a section has both, it is not clear which of them was counted.
        let counted = match (children, listed.as_slice()) {
            (0, [one]) => *one,
            (children, []) if children > 1 => children,
            _ => continue,
        };
        let lines = Lines::at(section.line);
        found.push(lint(lines, expected, &noun, counted));
    }
    found
}

fn lint(lines: Lines, expected: usize, noun: &str, counted: usize) -> Lint {
    Lint::new(
        "count",
        lines,
        format!("the text mentions {expected} {noun}, but lists {counted}"),
    )
}

/// The number of sections directly below.
fn children(document: &Document, at: usize) -> usize {
    let end = document.sections[at].lines.end;
    document.sections[at + 1..]
        .iter()
        .take_while(|section| section.line <= end)
        .filter(|section| section.parent == Some(at))
        .count()
}

fn lists(blocks: &[Block]) -> Vec<usize> {
    let mut counts = Vec::new();
    for block in blocks {
        match block {
            Block::List { entries, .. } => counts.push(entries.len()),
            Block::Table { rows, .. } => counts.push(rows.len()),
            Block::Label { blocks, .. } => counts.extend(lists(blocks)),
            _ => {}
        }
    }
    counts
}

/// Paragraphs and labels directly before a list.
fn introductions(blocks: &[Block], found: &mut Vec<Lint>) {
    for (place, block) in blocks.iter().enumerate() {
        let counted = match blocks.get(place + 1) {
            Some(Block::List { entries, .. }) => Some(entries.len()),
            Some(Block::Table { rows, .. }) => Some(rows.len()),
            _ => None,
        };
        match block {
            Block::Paragraph { text, lines } if text.plain.ends_with([':', '：']) => {
                let last = text
                    .plain
                    .rsplit(['.', '!', '?'])
                    .next()
                    .unwrap_or_default();
                check(last, counted, *lines, found);
            }
            Block::Label {
                name,
                text,
                blocks,
                lines,
                ..
            } => {
                let counted = match blocks.as_slice() {
                    [Block::List { entries, .. }] => Some(entries.len()),
                    [Block::Table { rows, .. }] => Some(rows.len()),
                    _ => None,
                };
                let head = Lines::at(lines.start);
                check(&format!("{name} {}", text.plain), counted, head, found);
                introductions(blocks, found);
            }
            Block::List { entries, .. } => {
                for entry in entries {
                    if entry.text.plain.ends_with([':', '：'])
                        && let [
                            Block::List {
                                entries: nested, ..
                            },
                        ] = entry.blocks.as_slice()
                    {
                        let head = Lines::at(entry.lines.start);
                        check(&entry.text.plain, Some(nested.len()), head, found);
                    }
                    introductions(&entry.blocks, found);
                }
            }
            _ => {}
        }
    }
}

fn check(text: &str, counted: Option<usize>, lines: Lines, found: &mut Vec<Lint>) {
    if let (Some(counted), Some((expected, noun))) = (counted, announced(text))
        && counted != expected
    {
        found.push(lint(lines, expected, &noun, counted));
    }
}

/// The number of items that `text` announces: `13 commands`, `three new endpoints`. `None` if it
/// names two numbers, a bound or a measure.
fn announced(text: &str) -> Option<(usize, String)> {
    if text.chars().count() > 300
        || text.contains(['<', '>', '≤', '≥', '%', '~', '≈', '$', '€', '+', '/'])
    {
        return None;
    }
    let tokens: Vec<String> = tokens(text);
    let mut expected = None;
    for (at, token) in tokens.iter().enumerate() {
        let Some(number) = number(token) else {
            // `10k`, `v2` and `3rd` are not counts.
            if token.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            continue;
        };
        if expected.is_some() {
            return None;
        }
        if at > 0 && is_one(&tokens[at - 1], BEFORE) {
            return None;
        }
        let nouns = &tokens[at + 1..(at + 4).min(tokens.len())];
        if nouns.first().is_none_or(|noun| is_one(noun, MEASURES)) {
            return None;
        }
        let noun = nouns.iter().position(|noun| {
            noun.len() > 3 && noun.ends_with('s') && !noun.ends_with("ss") && !noun.ends_with("us")
        })?;
        let joined = nouns[..noun].iter().any(|word| is_one(word, JOINTS));
        if joined || is_one(&nouns[noun], MEASURES) {
            return None;
        }
        expected = Some((number, nouns[..=noun].join(" ")));
    }
    expected.filter(|(number, _)| (2..=500).contains(number))
}

fn is_one(token: &str, list: &str) -> bool {
    list.split('|').any(|word| word == token)
}

fn number(token: &str) -> Option<usize> {
    const WORDS: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    // `one` is an article as often as a number.
    let word = WORDS
        .iter()
        .position(|word| *word == token)
        .filter(|number| *number > 1);
    word.or_else(|| (token.len() <= 4).then(|| token.parse().ok()).flatten())
}
