//! The closed lists of words that fields accept.

use crate::error::{Error, Result};

/// A field whose values form a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    /// The field's name in files, flags and JSON.
    pub field: &'static str,
    /// The words, as they are written.
    pub words: &'static [&'static str],
}

/// What a task is about.
pub const TYPE: Vocabulary = Vocabulary {
    field: "type",
    words: &["feature", "bug", "chore", "docs", "test", "spike", "story"],
};

/// How much work it is.
pub const ESTIMATE: Vocabulary = Vocabulary {
    field: "estimate",
    words: &["XS", "S", "M", "L", "XL"],
};

/// How likely it goes wrong.
pub const RISK: Vocabulary = Vocabulary {
    field: "risk",
    words: &["low", "medium", "high"],
};

/// When its tests are written.
pub const VALIDATION: Vocabulary = Vocabulary {
    field: "validation",
    words: &["test-first", "test-after", "test-parallel", "none"],
};

/// The furthest step an agent may take unasked.
pub const AUTO_POLICY: Vocabulary = Vocabulary {
    field: "auto_policy",
    words: &["none", "plan", "develop", "review"],
};

impl Vocabulary {
    /// The word as it is written, found without regard to case.
    ///
    /// # Errors
    /// A usage error that lists the words.
    pub fn check(&self, text: &str) -> Result<String> {
        self.words
            .iter()
            .find(|w| w.eq_ignore_ascii_case(text))
            .map(|w| (*w).to_string())
            .ok_or_else(|| {
                Error::usage(format!(
                    "`{}` is no {}",
                    super::text::one_line(text),
                    self.field
                ))
                .hint(format!("use one of: {}", self.words.join(", ")))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // TM-07, TM-08: the enumerations reject what they do not know.
    #[test]
    fn tm_07_unknown_words_are_rejected() {
        assert_eq!(ESTIMATE.check("xl").unwrap(), "XL");
        assert_eq!(TYPE.check("story").unwrap(), "story");
        for list in [TYPE, ESTIMATE, RISK, VALIDATION, AUTO_POLICY] {
            let error = list.check("enormous").unwrap_err();
            assert!(error.hints()[0].text.contains(list.words[0]));
        }
    }
}
