//! Words of a text: white space folded, counted, split into tokens. Used by the lexicons and the
//! lints.

use unicode_normalization::UnicodeNormalization;

/// True if `c` belongs to a script without spaces between words.
pub(super) fn is_dense(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF
        | 0x20000..=0x2FA1F)
}

/// The number of words in `text`; two characters of a script without spaces count as one.
pub(super) fn count(text: &str) -> usize {
    let mut words = 0;
    for word in text.split_whitespace() {
        let dense = word.chars().filter(|c| is_dense(*c)).count();
        let other = word.chars().any(|c| c.is_alphanumeric() && !is_dense(c));
        words += dense.div_ceil(2) + usize::from(other);
    }
    words
}

/// The words of `text` in lower case, without apostrophes and punctuation.
pub(in crate::plan) fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || is_mark(c) {
            word.extend(c.to_lowercase());
        } else if !matches!(c, '\'' | '’' | '\u{200d}' | '\u{200c}') && !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        tokens.push(word);
    }
    tokens
}

/// The words of `text` as in [`tokens`], without accents, which many authors leave out.
pub(super) fn unaccented(text: &str) -> Vec<String> {
    let mut tokens = tokens(text);
    for token in tokens.iter_mut().filter(|token| !token.is_ascii()) {
        *token = token.nfd().filter(|c| !is_accent(*c)).nfc().collect();
    }
    tokens
}

fn is_accent(c: char) -> bool {
    matches!(u32::from(c), 0x0300..=0x036F)
}

/// True for a combining mark, which belongs to the word of its letter.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x0300..=0x036F | 0x064B..=0x065F | 0x0900..=0x0903 | 0x093A..=0x094F)
}

/// The position of a phrase as whole words; scripts without spaces have none.
pub(in crate::plan) fn whole(text: &str, phrase: &str) -> Option<usize> {
    let joined = phrase.chars().any(is_dense);
    text.match_indices(phrase).map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        let apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        joined || apart(before) && apart(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_scripts_with_and_without_spaces() {
        assert_eq!(count("two words — and `three`"), 4);
        assert_eq!(count("功能需求"), 2);
    }

    #[test]
    fn tokens_have_no_apostrophes_and_no_punctuation() {
        assert_eq!(tokens("Won’t-have: (Größe)"), ["wont", "have", "größe"]);
        assert_eq!(
            unaccented("Critérios de aceitação: критерии"),
            ["criterios", "de", "aceitacao", "критерии"]
        );
    }
}
