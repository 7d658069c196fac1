//! The fields of a task: their names, alternative names and permitted values.

use crate::model::priority::Priority;
use crate::plan::draft::{AutoPolicy, Estimate, ItemType, Risk, Validation};

/// A line `key: value` of a task, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Type,
    Estimate,
    Points,
    Priority,
    Risk,
    Validation,
    Waits,
    Tests,
    Milestone,
    Paths,
    AutoPolicy,
}

/// All names of each field, first the one that is shown.
const NAMES: &[(&str, Field)] = &[
    ("type", Field::Type),
    ("estimate", Field::Estimate),
    ("points", Field::Points),
    ("priority", Field::Priority),
    ("risk", Field::Risk),
    ("validation", Field::Validation),
    ("strategy", Field::Validation),
    ("waits for", Field::Waits),
    ("waits on", Field::Waits),
    ("waits", Field::Waits),
    ("depends on", Field::Waits),
    ("depends", Field::Waits),
    ("tests", Field::Tests),
    ("milestone", Field::Milestone),
    ("paths", Field::Paths),
    ("auto_policy", Field::AutoPolicy),
    ("auto policy", Field::AutoPolicy),
];

/// The names of the fields as shown, for messages.
pub(super) const FIELDS: &str =
    "type, estimate, points, priority, risk, validation, waits for, milestone, paths, auto_policy";

impl Field {
    /// The field with this name.
    pub(super) fn named(name: &str) -> Option<Field> {
        let plain = super::canonical_line::one_line(&name.replace(['-', '_'], " "));
        let is_it = |known: &&(&str, Field)| plain.eq_ignore_ascii_case(&known.0.replace('_', " "));
        NAMES.iter().find(is_it).map(|(_, field)| *field)
    }

    /// Its name as shown.
    pub(super) fn name(self) -> &'static str {
        let is_it = |known: &&(&'static str, Field)| known.1 == self;
        NAMES.iter().find(is_it).map_or("", |(name, _)| name)
    }

    /// Its permitted values; empty if any are.
    pub(super) fn words(self) -> &'static [&'static str] {
        match self {
            Field::Type => crate::model::item_type::ItemType::TASK_VOCABULARY.words,
            Field::Estimate => Estimate::VOCABULARY.words,
            Field::Priority => &Priority::WORDS,
            Field::Risk => Risk::VOCABULARY.words,
            Field::Validation => Validation::VOCABULARY.words,
            Field::AutoPolicy => AutoPolicy::VOCABULARY.words,
            Field::Points | Field::Waits | Field::Tests | Field::Milestone | Field::Paths => &[],
        }
    }

    /// The permitted value equal to `text`, ignoring case.
    pub(super) fn word(self, text: &str) -> Option<&'static str> {
        let text = match self {
            Field::Priority => text.strip_prefix(['p', 'P']).unwrap_or(text),
            _ => text,
        };
        let words = self.words().iter().copied();
        words.into_iter().find(|w| w.eq_ignore_ascii_case(text))
    }
}

pub(super) fn of_type(value: ItemType) -> &'static str {
    match value {
        ItemType::Feature => "feature",
        ItemType::Bug => "bug",
        ItemType::Chore => "chore",
        ItemType::Docs => "docs",
        ItemType::Test => "test",
        ItemType::Spike => "spike",
        ItemType::Story => "story",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_each_of_its_names_in_any_spelling() {
        for name in [
            "waits for",
            "Waits-For",
            "waits_for",
            "depends on",
            "DEPENDS  ON",
        ] {
            assert_eq!(Field::named(name), Some(Field::Waits), "{name}");
        }
        assert_eq!(Field::named("auto-policy"), Some(Field::AutoPolicy));
        assert_eq!(Field::named("strategy"), Some(Field::Validation));
        assert_eq!(Field::named("owner"), None);
    }

    #[test]
    fn a_word_is_found_without_regard_to_case() {
        assert_eq!(Field::Estimate.word("xl"), Some("XL"));
        assert_eq!(Field::Validation.word("Test-First"), Some("test-first"));
        assert_eq!(Field::Risk.word("huge"), None);
    }
}
