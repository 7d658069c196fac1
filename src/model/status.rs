//! States and the transitions between them. Tasks have the states of this product, issues those
//! of beads with custom ones kept, epics and PRDs are open or closed.

use std::fmt;

use super::id::ItemKind;

/// A state of an item.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Status {
    /// Waits to be started.
    Queued,
    /// Somebody works on it.
    InProgress,
    /// Finished by its developer, waits for a human's approval.
    InReview,
    /// Approved, waits to be merged.
    ReadyForIntegration,
    /// Merged, or done by hand with evidence.
    Done,
    /// Stopped by hand.
    Blocked,
    /// Put off by hand.
    Deferred,
    /// Given up.
    Cancelled,
    /// A state of an issue, epic or PRD, verbatim (`open`, `closed`, `tombstone`, …).
    Other(String),
}

use Status::{
    Blocked, Cancelled, Deferred, Done, InProgress, InReview, Queued, ReadyForIntegration,
};

impl Status {
    /// The states of a task, in the order of its life.
    pub const TASK: [Status; 8] = [
        Queued,
        InProgress,
        InReview,
        ReadyForIntegration,
        Done,
        Blocked,
        Deferred,
        Cancelled,
    ];

    /// The word for it in files, flags and JSON.
    pub fn as_str(&self) -> &str {
        match self {
            Queued => "queued",
            InProgress => "in_progress",
            InReview => "in_review",
            ReadyForIntegration => "ready_for_integration",
            Done => "done",
            Blocked => "blocked",
            Deferred => "deferred",
            Cancelled => "cancelled",
            Status::Other(text) => text,
        }
    }

    /// The state of that name for a kind; tasks know only their own.
    pub fn parse(kind: ItemKind, text: &str) -> Option<Status> {
        let known = Status::TASK.into_iter().find(|s| s.as_str() == text);
        match kind {
            ItemKind::Task => known,
            _ => known.or_else(|| (!text.is_empty()).then(|| Status::Other(text.to_string()))),
        }
    }

    /// The state that a typed word means: without regard to case, hyphens, spaces and underscores,
    /// and for words that mean the same everywhere. States of tasks and those that beads knows.
    pub fn meant(word: &str) -> Option<&'static str> {
        let plain = folded(word);
        let all = KNOWN.iter().copied();
        let mut words = all.map(|known| (known, known)).chain(SYNONYMS);
        let found = words.find(|(said, _)| folded(said) == plain);
        found.map(|(_, known)| known)
    }

    /// Whether work on it is over, one way or another.
    pub fn is_closed(&self) -> bool {
        match self {
            Done | Cancelled => true,
            Status::Other(text) => matches!(text.as_str(), "closed" | "tombstone"),
            _ => false,
        }
    }

    /// Whether it is being worked on, or handed in and not merged yet.
    pub fn is_active(&self) -> bool {
        matches!(self, InProgress | InReview | ReadyForIntegration)
    }

    /// Whether it can be offered for work as far as its own state goes.
    pub fn is_startable(&self) -> bool {
        match self {
            Queued => true,
            Status::Other(text) => text == "open",
            _ => false,
        }
    }

    /// The states a task may go to from here. `before` is the state in which it was blocked or
    /// deferred.
    pub fn allowed(&self, before: Option<&Status>) -> Vec<Status> {
        match self {
            Queued => vec![InProgress, Blocked, Deferred, Cancelled],
            InProgress => vec![InReview, Queued, Blocked, Deferred, Cancelled, Done],
            InReview => vec![ReadyForIntegration, InProgress, Blocked, Cancelled],
            ReadyForIntegration => vec![Done, InProgress, InReview, Blocked, Cancelled],
            Blocked | Deferred => vec![before.cloned().unwrap_or(Queued)],
            Done | Cancelled => vec![Queued],
            Status::Other(_) => Vec::new(),
        }
    }
}

/// The states that words are read as: those of tasks, then those that only beads has.
const KNOWN: [&str; 13] = [
    "queued",
    "in_progress",
    "in_review",
    "ready_for_integration",
    "done",
    "blocked",
    "deferred",
    "cancelled",
    "open",
    "closed",
    "pinned",
    "hooked",
    "tombstone",
];

/// Other words for them that can mean nothing else.
const SYNONYMS: [(&str, &str); 4] = [
    ("canceled", "cancelled"),
    ("doing", "in_progress"),
    ("wip", "in_progress"),
    ("postponed", "deferred"),
];

/// A word of a state for comparing: without case, hyphens, spaces and underscores.
pub fn folded(word: &str) -> String {
    let kept = word.chars().filter(|c| !matches!(c, '-' | '_' | ' '));
    kept.flat_map(char::to_lowercase).collect()
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // TM-02, TM-04: the table of DESIGN, all pairs.
    #[test]
    fn tm_04_all_pairs() {
        let legal = [
            (Queued, vec![InProgress, Blocked, Deferred, Cancelled]),
            (
                InProgress,
                vec![InReview, Queued, Blocked, Deferred, Cancelled, Done],
            ),
            (
                InReview,
                vec![ReadyForIntegration, InProgress, Blocked, Cancelled],
            ),
            (
                ReadyForIntegration,
                vec![Done, InProgress, InReview, Blocked, Cancelled],
            ),
            (Blocked, vec![InReview]),
            (Deferred, vec![InReview]),
            (Done, vec![Queued]),
            (Cancelled, vec![Queued]),
        ];
        for (from, to) in legal {
            for state in Status::TASK {
                assert_eq!(
                    from.allowed(Some(&InReview)).contains(&state),
                    to.contains(&state),
                    "{from} -> {state}"
                );
            }
        }
        assert_eq!(Blocked.allowed(None), vec![Queued]);
    }

    #[test]
    fn typed_words_are_read_with_forgiveness_and_never_guessed() {
        for (typed, meant) in [
            ("in-progress", Some("in_progress")),
            ("InProgress", Some("in_progress")),
            ("IN PROGRESS", Some("in_progress")),
            ("Done", Some("done")),
            ("CLOSED", Some("closed")),
            ("canceled", Some("cancelled")),
            ("wip", Some("in_progress")),
            ("completed", None),
            ("resolved", None),
            ("bogus", None),
            ("", None),
        ] {
            assert_eq!(Status::meant(typed), meant, "{typed}");
        }
        for word in KNOWN {
            assert_eq!(Status::meant(word), Some(word));
        }
    }

    #[test]
    fn words() {
        for status in Status::TASK {
            assert_eq!(Status::parse(ItemKind::Task, status.as_str()), Some(status));
        }
        assert_eq!(Status::parse(ItemKind::Task, "open"), None);
        assert_eq!(
            Status::parse(ItemKind::Issue, "hooked"),
            Some(Status::Other("hooked".into()))
        );
    }
}
