//! Which words cannot be checked (`fast`, `user-friendly`).
//!
//! They are found as whole words of prose; code and paths are skipped.

use git_pm_document::list;

/// The vague words and phrases of a text in lower case, in order, without duplicates.
pub fn vague(text: &str) -> Vec<String> {
    let tokens = words(text);
    let measured = text.bytes().any(|b| b.is_ascii_digit());
    let mut found: Vec<String> = Vec::new();
    for at in 0..tokens.len() {
        let begins = |phrase: &&String| {
            let mut rest = tokens[at..].iter();
            let mut found = phrase.split(' ');
            found.all(|word| rest.next().is_some_and(|token| token == word))
        };
        let phrase = list("vague-phrases").plain.iter().find(begins);
        let word = list("vague").plain.iter().find(|word| tokens[at] == **word);
        let quick = |word: &&String| measured && list("speed").plain.contains(word);
        if let Some(hit) = phrase.or(word.filter(|word| !quick(word)))
            && !found.iter().any(|known| known.contains(hit.as_str()))
        {
            found.push(hit.clone());
        }
    }
    found
}

/// The words of a text in lower case, with their hyphens. A code span or path is one empty word, so
/// that its neighbors do not form a phrase.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    // Between two back-ticks stands code; a last one without a partner is a mark.
    let pieces: Vec<&str> = text.split('`').filter(|piece| !piece.is_empty()).collect();
    let paired = text.matches('`').count() > 1;
    let first_is_code = paired && text.starts_with('`');
    for (at, piece) in pieces.iter().enumerate() {
        let is_code = paired && (at % 2 == 1) != first_is_code;
        for word in piece.split_whitespace() {
            if is_code || word.contains(['/', '\\', '_']) {
                words.push(String::new());
                continue;
            }
            let parts = word.split(|c: char| !(c.is_alphanumeric() || c == '-'));
            let parts = parts.map(|part| part.trim_matches('-').to_lowercase());
            words.extend(parts.filter(|part| !part.is_empty()));
        }
    }
    words
}

#[cfg(test)]
#[path = "vague_tests.rs"]
mod tests;
