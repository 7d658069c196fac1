//! The words of a search, their expressions from strict to loose, and the words that say nothing (`about`).
//!
//! The words are data; none of them reaches the index as an operator.

/// One word or phrase of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The typed text, without quotes, stars and dashes.
    pub text: String,
    /// True for a phrase in quotes.
    pub quoted: bool,
    /// True if only the beginning of the last word is given.
    pub prefix: bool,
    /// True if hits must not have it.
    pub without: bool,
}

/// Reads a query: `"two words"` is a phrase, `begin*` a prefix, `-word` is excluded.
pub fn terms(query: &str) -> Vec<Term> {
    let mut out = Vec::new();
    let mut rest = query.trim_start();
    while !rest.is_empty() {
        let without = rest.len() > 1 && rest.starts_with('-');
        let body = if without { &rest[1..] } else { rest };
        let quoted = body.strip_prefix('"');
        let (text, after) = match quoted {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => {
                let end = body.find(char::is_whitespace).unwrap_or(body.len());
                body.split_at(end)
            }
        };
        let (after, starred) = match after.strip_prefix('*') {
            Some(after) => (after, true),
            None => (after, text.ends_with('*')),
        };
        let text = text.trim_end_matches('*');
        // A text without letters and digits is not a word in the index either.
        if text.chars().any(char::is_alphanumeric) {
            out.push(Term {
                text: text.to_string(),
                quoted: quoted.is_some(),
                prefix: starred,
                without,
            });
        }
        rest = after.trim_start();
    }
    out
}

/// A phrase or prefix as an expression.
pub fn phrase(text: &str, prefix: bool) -> String {
    let star = if prefix { " *" } else { "" };
    format!("\"{}\"{star}", text.replace('"', "\"\"").replace('\0', " "))
}

impl Term {
    /// The expression of the word or phrase itself.
    pub fn exact(&self) -> String {
        phrase(&self.text, self.prefix)
    }

    /// Like [`Term::exact`], and words with this prefix or another ending.
    fn loose(&self) -> String {
        match self.quoted {
            true => self.exact(),
            false => phrase(self.stem(), true),
        }
    }

    /// The word without an English ending: `crashes` finds `crash`.
    pub fn stem(&self) -> &str {
        let text = self.text.as_str();
        if self.quoted || self.prefix {
            return text;
        }
        stem(text, 4)
    }
}

/// Words that say nothing about the subject of a text.
const STOP: &[&str] = &[
    "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at",
    "be", "because", "been", "before", "being", "both", "but", "by", "can", "cannot", "could",
    "did", "do", "does", "doing", "don", "down", "during", "each", "even", "every", "for", "from",
    "get", "gets", "got", "had", "has", "have", "he", "her", "here", "his", "how", "i", "if", "in",
    "into", "is", "it", "its", "just", "like", "me", "more", "most", "my", "no", "not", "now",
    "of", "off", "on", "once", "only", "or", "other", "our", "out", "over", "own", "same", "she",
    "should", "so", "some", "still", "such", "t", "than", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "those", "through", "to", "too", "under", "until", "up",
    "us", "very", "was", "we", "were", "what", "when", "where", "which", "while", "who", "why",
    "will", "with", "would", "you", "your",
];

/// The words of a text, without those that say nothing about its subject.
pub fn telling_words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty() && !STOP.contains(&word.to_lowercase().as_str()))
}

/// A word without an English ending, if at least `least` characters are left: `crashes` becomes
/// `crash`.
pub fn stem(word: &str, least: usize) -> &str {
    let endings = ["ing", "ed", "es", "s"];
    let cut = endings.iter().find_map(|ending| word.strip_suffix(ending));
    cut.filter(|stem| stem.chars().count() >= least)
        .unwrap_or(word)
}

/// The expressions of FTS5 (<https://www.sqlite.org/fts5.html>, section 3) that need all the words,
/// the strictest first; none if the query has no required word. Every text is a string of an
/// expression, so nothing in a text is syntax.
pub fn all_words(terms: &[Term]) -> Vec<String> {
    let with: Vec<&Term> = terms.iter().filter(|t| !t.without).collect();
    if with.is_empty() {
        return Vec::new();
    }
    let joined = |word: fn(&Term) -> String| {
        let words: Vec<String> = with.iter().map(|t| word(t)).collect();
        words.join(" AND ")
    };
    let mut out = vec![joined(Term::exact), joined(Term::loose)];
    out.dedup();
    out
}

/// The expression that needs all words inside the words of a title: `lock` in `deadlock`. None if
/// one is too short for that or is quoted.
pub fn inside(terms: &[Term]) -> Option<String> {
    let fits = |t: &Term| !t.quoted && t.stem().chars().count() >= 3;
    let with: Vec<&Term> = terms.iter().filter(|t| !t.without).collect();
    if !with.iter().all(|t| fits(t)) {
        return None;
    }
    let words: Vec<String> = with.iter().map(|t| phrase(t.stem(), false)).collect();
    Some(words.join(" AND "))
}

/// The expression that needs one of the words, if there are several.
pub fn any_word(terms: &[Term]) -> Option<String> {
    let words = terms.iter().filter(|t| !t.without).map(Term::loose);
    let words: Vec<String> = words.collect();
    (words.len() > 1).then(|| words.join(" OR "))
}

/// The expression of the excluded words, if there are any.
pub fn without(terms: &[Term]) -> Option<String> {
    let away: Vec<String> = terms
        .iter()
        .filter(|t| t.without)
        .map(Term::exact)
        .collect();
    (!away.is_empty()).then(|| away.join(" OR "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_typed_word_is_an_operator_of_the_search() {
        let made = |query: &str| all_words(&terms(query)).into_iter().next();
        assert_eq!(
            made("login race").as_deref(),
            Some("\"login\" AND \"race\"")
        );
        assert_eq!(
            made("\"log in\" OR").as_deref(),
            Some("\"log in\" AND \"OR\"")
        );
        assert_eq!(made("auth* -old").as_deref(), Some("\"auth\" *"));
        let away = without(&terms("auth* -old -\"a b\""));
        assert_eq!(away.as_deref(), Some("\"old\" OR \"a b\""));
        assert_eq!(made("title:x").as_deref(), Some("\"title:x\""));
        assert_eq!(made("a\"b").as_deref(), Some("\"a\"\"b\""));
        assert_eq!(made("-only"), None);
        assert_eq!(made(" ( ) * "), None);
    }

    #[test]
    fn looser_expressions_come_after_stricter_ones() {
        let read = terms("crashes \"log in\" -old");
        assert_eq!(all_words(&read)[1], "\"crash\" * AND \"log in\"");
        let any = any_word(&terms("one two -three"));
        assert_eq!(any.as_deref(), Some("\"one\" * OR \"two\" *"));
        assert_eq!(any_word(&terms("one")), None);
    }
}
