//! The closed lists of words of estimate, risk, validation, automation and strategy; any other word is refused.

use crate::error::{Error, Result};

/// A field whose values form a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    /// The field's name in files, flags and JSON.
    pub field: &'static str,
    /// The words, as they are written.
    pub words: &'static [&'static str],
}

impl Vocabulary {
    /// The word as it is written, found ignoring case.
    ///
    /// # Errors
    /// A usage error that lists the words.
    pub fn check(&self, text: &str) -> Result<String> {
        self.find(text).map(|n| self.words[n].to_string())
    }

    /// The position of a word, found ignoring case.
    #[doc(hidden)]
    pub fn find(&self, text: &str) -> Result<usize> {
        let found = self.words.iter().position(|w| w.eq_ignore_ascii_case(text));
        found.ok_or_else(|| {
            let shown = super::text::one_line(text);
            Error::usage(format!("`{shown}` is not a valid {}", self.field))
                .hint(format!("use one of: {}", self.words.join(", ")))
        })
    }
}

/// A word of a closed list.
pub trait Term: Copy + std::str::FromStr<Err = Error> + Send + Sync + 'static {
    /// The list.
    const VOCABULARY: Vocabulary;

    /// The word, as it is written.
    fn word(self) -> &'static str;
}

/// A word for comparison: without case, hyphens, spaces and underscores.
pub fn folded(word: &str) -> String {
    let letters = word.chars().filter(|c| !matches!(c, '-' | '_' | ' '));
    letters.flat_map(char::to_lowercase).collect()
}

/// Defines an enum whose variants are the words of a field. `parse` and serde read the stored form
/// only; `FromStr` reads what a user typed, ignoring case, with an error that lists the words.
#[macro_export]
macro_rules! terms {
    (
        $(#[$meta:meta])*
        $name:ident in $field:literal {
            $( $(#[$doc:meta])* $variant:ident = $word:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[$doc])* $variant, )+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: [$name; [$($word),+].len()] = [$($name::$variant),+];

            /// Their words, in the same order.
            pub const VOCABULARY: $crate::vocabulary::Vocabulary =
                $crate::vocabulary::Vocabulary { field: $field, words: &[$($word),+] };

            /// The word in files, flags and JSON.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( $name::$variant => $word, )+
                }
            }

            /// Reads the word as it is stored.
            pub fn parse(text: &str) -> Option<$name> {
                match text {
                    $( $word => Some($name::$variant), )+
                    _ => None,
                }
            }
        }

        $crate::text_form!($name, $field, $name::parse);

        impl $crate::vocabulary::Term for $name {
            const VOCABULARY: $crate::vocabulary::Vocabulary = $name::VOCABULARY;

            fn word(self) -> &'static str {
                self.as_str()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::error::Error;

            fn from_str(text: &str) -> $crate::error::Result<$name> {
                Ok($name::ALL[$name::VOCABULARY.find(text)?])
            }
        }
    };
}
pub use crate::terms;

terms! {
    /// The effort that a task takes, by size.
    Estimate in "estimate" {
        /// Up to an hour.
        XS = "XS",
        /// Up to two hours.
        S = "S",
        /// Up to half a day.
        M = "M",
        /// Up to a day.
        L = "L",
        /// More than a day: should be split.
        XL = "XL",
    }
}

/// The working hours that a story point is counted as, where nothing else is estimated.
pub const HOURS_A_POINT: u32 = 2;

impl Estimate {
    /// The working hours that this size is counted as.
    pub fn hours(self) -> u32 {
        match self {
            Estimate::XS => 1,
            Estimate::S => 2,
            Estimate::M => 4,
            Estimate::L => 8,
            Estimate::XL => 16,
        }
    }

    /// The smallest size that holds a number of working hours.
    pub fn of_hours(hours: u32) -> Estimate {
        match hours {
            0..=1 => Estimate::XS,
            2 => Estimate::S,
            3..=4 => Estimate::M,
            5..=8 => Estimate::L,
            _ => Estimate::XL,
        }
    }
}

terms! {
    /// The risk that a task goes wrong, or does harm if it does.
    Risk in "risk" {
        /// Nothing suggests a problem.
        Low = "low",
        /// It touches other systems.
        Medium = "medium",
        /// Safety, data or concurrency are at stake, or the document says so.
        High = "high",
    }
}

terms! {
    /// The time at which the tests of a task are written.
    Validation in "validation" {
        /// A test task blocks the task.
        TestFirst = "test-first",
        /// The task blocks a test task.
        TestAfter = "test-after",
        /// A test task in the same stream, without an edge.
        TestParallel = "test-parallel",
        /// No test task.
        None = "none",
    }
}

terms! {
    /// The last step that an agent may take without asking.
    AutoPolicy in "auto_policy" {
        /// No step.
        None = "none",
        /// To plan.
        Plan = "plan",
        /// To change files.
        Develop = "develop",
        /// To ask for a review.
        Review = "review",
    }
}

terms! {
    /// The shape of a document that a plan's tasks were read from.
    Strategy in "strategy" {
        /// Requirements with ids (`FR-3`): a task for each.
        Requirements = "requirements",
        /// Phases, sprints, weeks or releases: tasks inside each.
        Milestones = "milestones",
        /// User stories: a task for each, or for each of their tasks.
        Stories = "stories",
        /// Lists of items to tick or to do.
        Checklists = "checklists",
        /// Headings and lists of no known kind.
        Outline = "outline",
        /// No shape was recognized: one task from the title.
        Single = "single",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_words_are_read_without_case_and_stored_ones_as_they_are() {
        assert_eq!("xl".parse::<Estimate>().unwrap(), Estimate::XL);
        assert_eq!(
            "Test-First".parse::<Validation>().unwrap(),
            Validation::TestFirst
        );
        assert_eq!(Estimate::parse("xl"), None);
        assert_eq!(Risk::parse("high"), Some(Risk::High));
        assert!(serde_json::from_str::<Risk>("\"High\"").is_err());
        let error = "huge".parse::<Risk>().unwrap_err();
        assert_eq!(error.to_string(), "`huge` is not a valid risk");
        assert_eq!(error.hints()[0].text, "use one of: low, medium, high");
    }

    #[test]
    fn every_word_reads_back() {
        for strategy in Strategy::ALL {
            assert_eq!(Strategy::parse(strategy.as_str()), Some(strategy));
            let json = serde_json::to_string(&strategy).unwrap();
            assert_eq!(json, format!("\"{strategy}\""));
            assert_eq!(serde_json::from_str::<Strategy>(&json).unwrap(), strategy);
        }
        for estimate in Estimate::ALL {
            assert_eq!(Estimate::of_hours(estimate.hours()), estimate);
        }
        assert!(AutoPolicy::Plan < AutoPolicy::Review);
    }
}
