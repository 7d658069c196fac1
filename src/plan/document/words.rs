//! Words of a text: split into tokens, counted, folded. The base of everything that compares texts.

use unicode_normalization::UnicodeNormalization;

/// True if `c` belongs to a script without spaces between words.
pub fn is_dense(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF
        | 0x20000..=0x2FA1F)
}

/// True for a character of a script in which words are not separated from each other or from
/// particles.
pub fn is_glued(c: char) -> bool {
    is_dense(c) || matches!(u32::from(c), 0xAC00..=0xD7A3)
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

/// The words of `text` in lower case, without punctuation, apostrophes and accents, which many
/// authors leave out.
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    let is_mark = |c: char| matches!(u32::from(c), 0x0300..=0x036F | 0x064B..=0x065F | 0x0900..=0x0903 | 0x093A..=0x094F);
    for c in text.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if c.is_alphanumeric() || is_mark(c) {
            word.extend(c.to_lowercase());
        } else if !matches!(c, '\'' | '’' | '\u{200d}' | '\u{200c}') && !word.is_empty() {
            if !word.is_ascii() {
                let letters = word
                    .nfd()
                    .filter(|c| !matches!(u32::from(*c), 0x0300..=0x036F));
                word = letters.nfc().collect();
            }
            tokens.push(std::mem::take(&mut word));
        }
    }
    tokens
}

/// The words of a text in lower case and nothing else, for comparing titles.
pub fn normalize(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The position of a phrase as whole words; scripts without spaces have none.
pub fn whole(text: &str, phrase: &str) -> Option<usize> {
    let joined = phrase.chars().any(is_glued);
    text.match_indices(phrase).map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        let apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        joined || apart(before) && apart(after)
    })
}
