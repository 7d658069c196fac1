//! Words that cannot be checked (`fast`, `user-friendly`), found as whole words of prose; code and
//! paths are skipped.

use crate::plan::document::{Words, words};

/// Single words; a hyphen is part of the word, so that `fast-forward` is not `fast`.
const WORDS: Words = words!(
    "acceptable, adequate, adequately, appealing, appropriate, appropriately, beautiful, clean, \
     comfortable, convenient, easier, easily, easy, easy-to-use, effective, effectively, efficient, \
     efficiently, elegant, etc, fast, faster, flexible, friendly, gracefully, high-quality, \
     intuitive, intuitively, lightweight, maintainable, minimal, modern, nice, nicely, optimal, \
     optimally, optimized, performant, polished, professional, properly, quick, quickly, rapid, \
     rapidly, reasonable, reasonably, reliable, reliably, responsive, robust, scalable, seamless, \
     seamlessly, simple, sleek, slick, smooth, smoothly, snappy, sufficient, sufficiently, \
     suitable, timely, user-friendly, various, well-designed, amigable, angemessen, ansprechend, \
     benutzerfreundlich, benutzerfreundliche, convivial, einfach, einfache, facile, fácil, \
     intuitif, intuitiv, intuitive, intuitivo, performante, rapide, rápido, schnell, schnelle, \
     übersichtlich",
);

/// Phrases of several words.
const PHRASES: Words = words!(
    "and more, and so on, as applicable, as appropriate, as needed, as required, \
     as soon as possible, at a minimum, best practices, easy to use, if appropriate, if necessary, \
     if needed, if possible, not limited to, state of the art, user friendly, when necessary, \
     where appropriate, where possible",
);

/// Words about speed, which a number makes checkable.
const SPEED: Words = words!(
    "fast, faster, quick, quickly, rapid, rapidly, responsive, performant, efficient, efficiently, \
     snappy, timely, schnell, schnelle, rapide, rápido, minimal, reasonable, acceptable, \
     lightweight",
);

/// The vague words and phrases of a text in lower case, in order, without duplicates.
pub fn vague(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let measured = text.bytes().any(|b| b.is_ascii_digit());
    let mut found: Vec<String> = Vec::new();
    for at in 0..tokens.len() {
        let phrase = PHRASES.iter().find(|phrase| {
            let mut rest = tokens[at..].iter();
            phrase
                .split(' ')
                .all(|word| rest.next().is_some_and(|token| token == word))
        });
        let hit = match phrase {
            Some(phrase) => phrase,
            None => match WORDS.iter().find(|word| tokens[at] == *word) {
                Some(word) if measured && SPEED.contains(word) => continue,
                Some(word) => word,
                None => continue,
            },
        };
        if !found
            .iter()
            .any(|known| known == hit || known.contains(hit))
        {
            found.push(hit.to_owned());
        }
    }
    found
}

/// The words of a text in lower case. A code span or path is one empty word, so that its neighbors
/// do not form a phrase.
fn tokens(text: &str) -> Vec<String> {
    let prose = without_codes(text);
    let mut tokens = Vec::new();
    for word in prose.split_whitespace() {
        if word.contains(['/', '\\', '_', CODE]) {
            tokens.push(String::new());
            continue;
        }
        let parts = word.split(|c: char| !(c.is_alphanumeric() || c == '-'));
        tokens.extend(
            parts
                .map(|part| part.trim_matches('-').to_lowercase())
                .filter(|part| !part.is_empty()),
        );
    }
    tokens
}

/// The placeholder for a code span.
const CODE: char = '`';

/// A text in which each code span is replaced by a back-tick between spaces.
fn without_codes(text: &str) -> String {
    let mut prose = String::with_capacity(text.len());
    let mut rest = text;
    let mut unpaired = [false; 8];
    while let Some(open) = rest.find('`') {
        prose.push_str(&rest[..open]);
        let ticks = rest[open..].bytes().take_while(|b| *b == b'`').count();
        let inside = &rest[open + ticks..];
        // If a run has no match here, a later one has none either.
        let known = unpaired.get(ticks - 1).copied().unwrap_or(true);
        let close = if known { None } else { closing(inside, ticks) };
        if close.is_none()
            && let Some(known) = unpaired.get_mut(ticks - 1)
        {
            *known = true;
        }
        prose.push(' ');
        if let Some(close) = close {
            prose.push(CODE);
            prose.push(' ');
            rest = &inside[close + ticks..];
        } else {
            rest = inside;
        }
    }
    prose.push_str(rest);
    prose
}

/// The position of the next run of exactly `ticks` back-ticks.
fn closing(text: &str, ticks: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'`' {
            at += 1;
            continue;
        }
        let run = bytes[at..].iter().take_while(|b| **b == b'`').count();
        if run == ticks {
            return Some(at);
        }
        at += run;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PL-28 vague acceptance criteria are reported with their words.
    #[test]
    fn vague_words_are_found_as_whole_words() {
        assert_eq!(vague("UI should be responsive"), ["responsive"]);
        assert_eq!(
            vague("User-friendly errors, logs etc."),
            ["user-friendly", "etc"]
        );
        assert_eq!(vague("Retry as needed."), ["as needed"]);
        assert!(vague("Breakfast is a fast-forward of robustness").is_empty());
    }

    #[test]
    fn a_number_makes_speed_checkable() {
        assert!(vague("Fast: answers within 200 ms").is_empty());
        assert_eq!(vague("Intuitive in 3 clicks"), ["intuitive"]);
    }

    #[test]
    fn vague_words_in_code_and_paths_are_ignored() {
        for text in [
            "They are in `../../etc/passwd`",
            "They are in `/etc/shadow`",
            "They are in /etc/shadow and ../../etc/passwd",
            "They are in C:\\etc\\hosts",
            "Take `` a ` fast `` way",
            "`is_fast` and is_fast are set",
            "A line as `x` needed",
        ] {
            assert!(vague(text).is_empty(), "{text}");
        }
        assert_eq!(vague("Logs, `x`, etc."), ["etc"]);
        assert_eq!(vague("Logs etc"), ["etc"]);
        assert_eq!(vague("A ` is a fast tick"), ["fast"]);
        assert_eq!(vague("`x`, robust"), ["robust"]);
    }
}
