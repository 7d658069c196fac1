//! The regular expression of a redaction by text.

use std::ops::Deref;

use regex::Regex;

use crate::error::{Error, Result};
use crate::model::limits::SECRET_MIN;
use crate::model::text::one_line;

/// A regular expression that finds parts of texts, and matches whole values.
#[derive(Clone, Debug)]
pub struct Expression {
    within: Regex,
    /// The same, anchored at both ends. The first of several alternatives wins, so the length of a
    /// match inside a text does not show if the expression matches all of it.
    whole: Regex,
}

impl Deref for Expression {
    type Target = Regex;

    fn deref(&self) -> &Regex {
        &self.within
    }
}

impl Expression {
    /// An expression that finds exactly this text.
    ///
    /// # Errors
    /// When it is too short to be redacted everywhere.
    pub fn literal(text: &str) -> Result<Self> {
        if text.len() < SECRET_MIN {
            return Err(
                Error::usage("a text of fewer than four characters cannot be redacted").hint(
                    "specify a longer text, or redact a field of the item: `git pm redact ID \
                     --field title`",
                ),
            );
        }
        Self::new(&regex::escape(text))
    }

    /// A regular expression from the user.
    ///
    /// # Errors
    /// When it is not valid, or matches the empty text.
    pub fn new(text: &str) -> Result<Self> {
        let within = Regex::new(text).map_err(|e| not_one(&e))?;
        if within.is_match("") {
            return Err(Error::usage("the expression matches every text")
                .hint("write one that matches at least one character"));
        }
        // With `(?x)`, it may end with a comment that extends to the end of its line.
        let whole = Regex::new(&format!(r"\A(?:{text})\z"))
            .or_else(|_| Regex::new(&format!("\\A(?:{text}\n)\\z")))
            .map_err(|e| not_one(&e))?;
        Ok(Self { within, whole })
    }

    /// True if it matches all of a text.
    pub fn is_all_of(&self, text: &str) -> bool {
        self.whole.is_match(text)
    }
}

fn not_one(error: &regex::Error) -> Error {
    let reason = error.to_string();
    let last = reason.lines().last().unwrap_or_default();
    Error::usage(format!(
        "not a valid regular expression: {}",
        one_line(last)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_of_the_whole_value_is_found_for_any_order_of_alternatives() {
        for text in [
            "123456",
            "123|123456",
            "1+?",
            r"(?m)^\d+$",
            "(?x) \\d+ # all",
        ] {
            let expression = Expression::new(text).unwrap();
            let number = if text == "1+?" { "111" } else { "123456" };
            assert!(expression.is_all_of(number), "{text}");
            assert!(!expression.is_all_of(&format!("{number}x")), "{text}");
            assert!(!expression.is_all_of(&format!("{number}\n")), "{text}");
        }
    }
}
