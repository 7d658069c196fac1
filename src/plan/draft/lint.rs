//! Inconsistencies in a document, found without knowing its subject: announced numbers against
//! lists, ids, stories that are not mentioned. Each finding has its lines; no finding is certain, so
//! none blocks an approval. The planner checks points, non-goals and open questions itself.

mod counts;
mod ids;

use crate::plan::document::{Document, Extract, Lines};

/// An inconsistency in a document.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lint {
    /// The rule that found it: `count`, `duplicate-id`, `id-gap`, `unmapped-story`.
    pub rule: &'static str,
    /// The lines it concerns.
    pub lines: Lines,
    /// The inconsistency, in a sentence.
    pub message: String,
}

impl Lint {
    fn new(rule: &'static str, lines: Lines, message: String) -> Self {
        Self {
            rule,
            lines,
            message,
        }
    }
}

/// The inconsistencies of a document with these contents, in the order of their lines.
#[must_use]
pub fn lints(document: &Document, extract: &Extract) -> Vec<Lint> {
    let mut found = counts::find(document);
    found.extend(ids::find(document, extract));
    found.sort_by(|one, other| {
        (one.lines, one.rule, &one.message).cmp(&(other.lines, other.rule, &other.message))
    });
    found.dedup();
    found
}

fn short(text: &str) -> String {
    let head: String = text.chars().take(60).collect();
    if head.len() < text.len() {
        format!("{}…", head.trim_end())
    } else {
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::draft::contents;

    /// The rules and first lines of the findings.
    fn found(text: &str) -> Vec<(String, u32)> {
        let document = Document::parse(text.as_bytes()).unwrap();
        let found = lints(&document, &contents(&document));
        found
            .into_iter()
            .map(|lint| (lint.rule.to_owned(), lint.lines.start))
            .collect()
    }

    fn one(rule: &str, line: u32) -> Vec<(String, u32)> {
        vec![(rule.to_owned(), line)]
    }

    #[test]
    fn a_stated_number_is_compared_with_the_list() {
        assert_eq!(
            found("# A\n\n## Commands (5 commands)\n\n- a\n- b\n"),
            one("count", 3)
        );
        assert_eq!(
            found("# A\n\nWe ship three commands:\n\n- a\n- b\n"),
            one("count", 3)
        );
        assert_eq!(
            found("# A\n\n## 4 commands\n\n### one\n\n### two\n\n### three\n"),
            one("count", 3)
        );
        assert_eq!(
            found("# A\n\nWe ship three commands:\n\n- a\n- b\n- c\n"),
            []
        );
    }

    #[test]
    fn a_number_that_counts_something_else_is_ignored() {
        for text in [
            "# A\n\n## Answer within 5 seconds\n\n- a\n- b\n",
            "# A\n\n## Phase 2\n\n- a\n- b\n- c\n",
            "# A\n\nWithin 2 weeks the team delivers:\n\n- a\n- b\n- c\n",
            "# A\n\nAt least 2 commands:\n\n- a\n- b\n- c\n",
            "# A\n\nFor 10,000 users we need:\n\n- a\n- b\n",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn duplicate_and_skipped_ids_are_found() {
        assert_eq!(
            found("# A\n\n### FR-1: x\n\n### FR-3: y\n\n### FR-3: z\n"),
            [("id-gap".to_owned(), 5), ("duplicate-id".to_owned(), 7)]
        );
        let twice = "# A\n\n## Requirements\n\n- FR-1: x\n\n## Details\n\n### FR-1: x\n\nmore\n";
        assert_eq!(found(twice), []);
    }

    #[test]
    fn an_unmentioned_story_is_found_if_others_are_mentioned() {
        let text = "# A\n\n## User stories\n\n### US-1: x\n\n### US-2: y\n\n## Requirements\n\n- FR-1: do it (US-1)\n";
        assert_eq!(found(text), one("unmapped-story", 7));
        assert_eq!(found(&text.replace(" (US-1)", "")), []);
    }
}
