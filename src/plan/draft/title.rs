//! Titles of tasks: one line, imperative if possible, at most 80 characters.

use super::id_mentions;
use super::imperative::{demand, story};
use super::similarity::first_sentence;
use crate::plan::document::words;

/// The longest title, in characters.
const MAX_CHARS: usize = 80;

/// The title of a task from a heading or list entry.
pub(super) fn title(text: &str) -> String {
    let plain = without_questions(&text.replace(['`', '*'], ""));
    let plain = super::effort::without_estimate(&plain).unwrap_or(plain);
    let bare = untag(&plain);
    let sentence = first_sentence(bare).trim();
    let imperative = story(sentence).or_else(|| demand(sentence));
    let title = finish(imperative.as_deref().unwrap_or(sentence));
    // A name in code keeps its case.
    let code = untag(text).strip_prefix('`');
    match code.and_then(|code| code.get(..title.len().min(code.find('`').unwrap_or(0)))) {
        Some(name)
            if !name.is_empty() && title.to_lowercase().starts_with(&name.to_lowercase()) =>
        {
            format!("{name}{}", &title[name.len()..])
        }
        _ => title,
    }
}

/// A text without questions in brackets (`[NEEDS CLARIFICATION: …]`, `[TBD]`).
fn without_questions(text: &str) -> String {
    let mut rest = text.to_owned();
    for _ in 0..4 {
        let Some(start) = ["[NEEDS", "[TBD", "[TODO", "[OPEN", "[CLARIFY"]
            .iter()
            .filter_map(|mark| rest.find(mark))
            .min()
        else {
            break;
        };
        let end = rest[start..]
            .find(']')
            .map_or(rest.len(), |end| start + end + 1);
        rest.replace_range(start..end, "");
    }
    let short = rest.trim().trim_end_matches([':', ',']).trim_end();
    for word in [
        " by", " via", " with", " using", " for", " to", " of", " in",
    ] {
        if let (true, Some(head)) = (short.len() < text.len() / 2, short.strip_suffix(word)) {
            return head.to_owned();
        }
    }
    rest
}

/// A text without ids, tags and estimates at its ends.
pub(super) fn untag(text: &str) -> &str {
    let mut rest = text.trim();
    for _ in 0..6 {
        let before = rest;
        if let Some((_, after)) = id_mentions::leading(rest)
            && !after.is_empty()
        {
            rest = after;
        }
        if rest.starts_with(['[', '(']) {
            let close = if rest.starts_with('[') { ']' } else { ')' };
            if let Some(end) = rest.find(close) {
                let after = rest[end + 1..]
                    .trim_start_matches([':', '-', ' '])
                    .trim_start();
                if (end <= 8 || (rest.starts_with('[') && end <= 40)) && !after.is_empty() {
                    rest = after;
                }
            }
        }
        for word in [
            "TODO",
            "FIXME",
            "Task",
            "Story",
            "User Story",
            "Requirement",
            "Epic",
            "Feature",
            "Step",
            "RFC",
            "ADR",
        ] {
            if let Some(after) = rest
                .get(..word.len())
                .filter(|head| head.eq_ignore_ascii_case(word))
                .map(|_| &rest[word.len()..])
            {
                let number = after
                    .trim_start()
                    .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
                let numbered = number.len() < after.trim_start().len();
                let text = number
                    .trim_start()
                    .trim_start_matches([':', '-', '–', '—', '.', ')'])
                    .trim_start();
                let marked = text.len() < number.trim_start().len();
                if (marked || (numbered && after.starts_with(' '))) && !text.is_empty() {
                    rest = text;
                }
            }
        }
        rest = rest.trim_end_matches(['.', ',', ';', ':', '-', '–', '—', ' ']);
        if rest.ends_with([')', ']']) {
            let open = if rest.ends_with(')') { '(' } else { '[' };
            if let Some(start) = rest.rfind(open) {
                let inside = rest[start + 1..rest.len() - 1].to_lowercase();
                let tag = inside.bytes().any(|b| b.is_ascii_digit())
                    && inside.split_whitespace().count() <= 3
                    || words!(
            "priority, optional, must, should, could, required, high, medium, low, mvp, new, s, m, \
             l, xl, xs",
        )
                    .iter()
                    .any(|word| inside.split(|c: char| !c.is_alphanumeric()).next() == Some(word));
                if tag && start > 0 && inside.len() < 30 {
                    rest = rest[..start].trim_end();
                }
            }
        }
        if rest == before {
            break;
        }
    }
    rest
}

/// Shortens a title at a clause or a word, and removes punctuation from its ends.
pub(super) fn finish(text: &str) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut title = trim(&folded).to_owned();
    if title.chars().count() > MAX_CHARS {
        let limit = title
            .char_indices()
            .nth(MAX_CHARS)
            .map_or(title.len(), |(at, _)| at);
        let head = &title[..limit];
        let clause = [
            "; ",
            " so that ",
            ", ",
            " – ",
            " — ",
            " - ",
            " (",
            " and ",
            ": ",
            "。",
            "、",
        ]
        .iter()
        .filter_map(|mark| head.rfind(mark))
        .filter(|at| *at >= 24)
        .max();
        let word = head.rfind(char::is_whitespace).filter(|at| *at >= 24);
        let cut = clause.or(word).unwrap_or(limit);
        title = dangling(trim(&title[..cut])).to_owned();
    }
    while title.matches('(').count() > title.matches(')').count()
        && let Some(at) = title.rfind('(').filter(|at| *at > 12)
    {
        title = trim(&title[..at]).to_owned();
    }
    let first_word = title.split_whitespace().next().unwrap_or("");
    let plain_word = first_word.chars().all(|c| c.is_alphabetic() || c == '-')
        && !first_word.chars().skip(1).any(char::is_uppercase);
    if let Some(first) = title.chars().next().filter(|_| plain_word) {
        title = first.to_uppercase().collect::<String>() + &title[first.len_utf8()..];
    }
    if title.chars().count() > MAX_CHARS {
        title = title.chars().take(MAX_CHARS).collect::<String>();
        title = trim(&title).to_owned();
    }
    title
}

/// A text without connecting words that shortening left at its end.
fn dangling(text: &str) -> &str {
    let mut rest = text;
    for _ in 0..3 {
        match rest.rsplit_once(' ') {
            Some((head, last))
                if words!(
            "+, &, /, a, an, and, as, at, be, by, for, from, in, into, is, must, of, on, or, \
             shall, should, so, that, the, to, use, via, when, which, with",
        )
                .contains(last.to_ascii_lowercase().as_str()) =>
            {
                rest = trim(head);
            }
            _ => break,
        }
    }
    rest
}

/// A text without punctuation at its ends.
fn trim(text: &str) -> &str {
    text.trim_start_matches([
        ' ', ':', '-', '–', '—', '.', ',', ';', '•', '*', '#', '_', '>',
    ])
    .trim_end_matches([
        ' ', '.', ',', ';', ':', '!', '?', '…', '-', '–', '—', '。', '、', '*', '_', '，', '：',
        '；', '！', '？',
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_about_the_system_become_imperative() {
        for (text, want) in [
            ("The system must show all orders.", "Show all orders"),
            ("System MUST NOT log passwords", "Do not log passwords"),
            (
                "Users must be able to reset passwords",
                "Let users reset passwords",
            ),
            (
                "As a buyer, I want to pay by card so that it is quick",
                "Let a buyer pay by card",
            ),
            ("As an API user I need a token", "Give an API user a token"),
            ("FR-003: [P] Export", "Export"),
            ("[US2] Add search (3 points)", "Add search"),
            ("Story 2: Set up the shop", "Set up the shop"),
            (
                "Match trips (8 points): which bus drives",
                "Match trips: which bus drives",
            ),
            ("Dark mode", "Dark mode"),
            ("`gt stage` as alias", "gt stage as alias"),
            ("Passwords must be hashed", "Passwords must be hashed"),
        ] {
            assert_eq!(title(text), want);
        }
    }

    #[test]
    fn a_long_title_is_cut_at_a_clause_or_word() {
        let long = "Import the catalogue of every supplier from their own spreadsheets, including those that have merged cells";
        assert_eq!(
            title(long),
            "Import the catalogue of every supplier from their own spreadsheets"
        );
        let title = title(&"wort ".repeat(60));
        assert!(title.chars().count() <= 80 && !title.ends_with(' '));
    }
}
