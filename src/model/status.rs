//! The status of an item: its words and what they mean.
//!
//! Tasks have git pm's own statuses, issues those of beads and custom ones; epics and PRDs are open
//! or closed. `transitions` says which may follow which.

use std::borrow::Cow;
use std::str::FromStr;

use super::id::ItemKind;
use super::vocabulary::folded;
use crate::error::Error;

/// The status of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Not started.
    Queued,
    /// Started.
    InProgress,
    /// Submitted, waits for a human's approval.
    InReview,
    /// Approved, waits to be merged.
    ReadyForIntegration,
    /// Merged, or closed by hand with evidence.
    Done,
    /// Stopped by hand.
    Blocked,
    /// Postponed by hand.
    Deferred,
    /// Abandoned.
    Cancelled,
    /// A task of a plan that is not approved. Never stored: such a task is in its plan's document.
    Proposed,
    /// A status of an issue, epic or PRD, verbatim (`open`, `closed`, `tombstone`, …).
    Other(String),
}

use Status::{
    Blocked, Cancelled, Deferred, Done, InProgress, InReview, Proposed, Queued, ReadyForIntegration,
};

impl Status {
    /// The statuses of a task, in the order of its life cycle.
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

    /// The word in files, flags and JSON.
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
            Proposed => "proposed",
            Status::Other(text) => text,
        }
    }

    /// The word that people read, the same for all kinds of items: see [`status_word`].
    pub fn word(&self) -> Cow<'_, str> {
        status_word(self.as_str())
    }

    /// Reads the stored status of an item of a kind; a task has only those in [`Status::TASK`].
    pub fn parse(kind: ItemKind, text: &str) -> Option<Status> {
        let status = Status::stored(text)?;
        (kind != ItemKind::Task || !matches!(status, Status::Other(_))).then_some(status)
    }

    /// Reads a stored status of any kind of item.
    fn stored(text: &str) -> Option<Status> {
        let known = Status::TASK.into_iter().find(|s| s.as_str() == text);
        known.or_else(|| (!text.is_empty()).then(|| Status::Other(text.to_string())))
    }

    /// The status, of tasks or beads, that a user's word means, ignoring case, hyphens, spaces and
    /// underscores. Unambiguous synonyms are accepted, too.
    pub fn meant(word: &str) -> Option<&'static str> {
        let plain = folded(word);
        let all = KNOWN.iter().copied();
        let mut words = all.map(|known| (known, known)).chain(SYNONYMS);
        let found = words.find(|(synonym, _)| folded(synonym) == plain);
        found.map(|(_, known)| known)
    }

    /// True if no more work is expected.
    pub fn is_closed(&self) -> bool {
        match self {
            Done | Cancelled => true,
            Status::Other(text) => matches!(text.as_str(), "closed" | TOMBSTONE),
            _ => false,
        }
    }

    /// True if the work was done: closed, and not cancelled.
    pub fn is_finished(&self) -> bool {
        match self {
            Status::Other(text) => text == "closed",
            status => *status == Done,
        }
    }

    /// True if work goes on: in progress, which beads calls hooked, too.
    pub fn is_in_progress(&self) -> bool {
        matches!(self.as_str(), "in_progress" | "hooked")
    }

    /// True if it is in progress, or submitted and not yet merged.
    pub fn is_active(&self) -> bool {
        matches!(self, InProgress | InReview | ReadyForIntegration)
    }

    /// True if work can be started in this status.
    pub fn is_startable(&self) -> bool {
        match self {
            Queued => true,
            Status::Other(text) => text == "open",
            _ => false,
        }
    }
}

/// The status in beads of an item that is deleted.
pub const TOMBSTONE: &str = "tombstone";

/// The known statuses: those of tasks, then those that only beads has.
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
    TOMBSTONE,
];

/// Unambiguous synonyms of known statuses.
const SYNONYMS: [(&str, &str); 7] = [
    ("approved", "ready_for_integration"),
    ("canceled", "cancelled"),
    ("doing", "in_progress"),
    ("wip", "in_progress"),
    ("postponed", "deferred"),
    ("review", "in_review"),
    ("running", "in_progress"),
];

/// Words of other tools for the end of work that was not done, as statuses, resolutions or reasons.
const GIVEN_UP: [&str; 9] = [
    "cancelled",
    "canceled",
    "duplicate",
    "invalid",
    "notplanned",
    "obsolete",
    "rejected",
    "wontdo",
    "wontfix",
];

/// True if a word of another tool, such as gh's `not planned`, says that the work was not done. Case,
/// hyphens, spaces, underscores and apostrophes do not matter.
pub fn is_given_up(word: &str) -> bool {
    GIVEN_UP.contains(&folded(word).replace(['\'', '’'], "").as_str())
}

/// The status of an item whose record has this word: an import cannot approve work.
pub fn imported_status(word: &str) -> &str {
    match word {
        "ready_for_integration" => "in_review",
        _ => word,
    }
}

/// The word that people read for a stored status of any kind of item. The words of beads that mean
/// the same as one of tasks (`open`, `hooked`, `closed`) become that one; files, exports and JSON
/// keep the stored word.
pub fn status_word(stored: &str) -> Cow<'_, str> {
    match common_status(stored) {
        "ready_for_integration" => "approved".into(),
        word if word.contains('_') => word.replace('_', " ").into(),
        word => word.into(),
    }
}

/// The word of tasks for a stored status of any kind of item; another word stays as it is.
pub fn common_status(stored: &str) -> &str {
    match stored {
        "open" => "queued",
        "hooked" => "in_progress",
        "closed" => "done",
        TOMBSTONE => "deleted",
        _ => stored,
    }
}

/// The stored statuses that a requested one means in addition to itself: a task that is done or
/// cancelled is `closed`, and the words of tasks and of beads for the same state mean each other.
pub fn also_means(stored: &str) -> &'static [&'static str] {
    match stored {
        "open" => &["queued"],
        "queued" => &["open"],
        "closed" => &["done", "cancelled"],
        "done" => &["closed"],
        "in_progress" => &["hooked"],
        _ => &[],
    }
}

/// Reads a stored status of any kind of item.
impl FromStr for Status {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Status::stored(text).ok_or_else(|| Error::usage("the status is empty"))
    }
}

super::text::text_form!(Status, "a status", Status::stored);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_states_are_read_leniently_but_never_guessed() {
        for (typed, meant) in [
            ("in-progress", Some("in_progress")),
            ("InProgress", Some("in_progress")),
            ("IN PROGRESS", Some("in_progress")),
            ("Done", Some("done")),
            ("CLOSED", Some("closed")),
            ("canceled", Some("cancelled")),
            ("wip", Some("in_progress")),
            ("in review", Some("in_review")),
            ("approved", Some("ready_for_integration")),
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
    fn what_people_read_can_be_typed() {
        for status in KNOWN.into_iter().filter(|word| *word != "tombstone") {
            let typed = Status::meant(&status_word(status)).unwrap();
            assert!(
                typed == status || also_means(typed).contains(&status),
                "{status} reads {}, which means {typed}",
                status_word(status)
            );
        }
    }

    #[test]
    fn a_status_of_beads_has_a_word_of_tasks() {
        for (stored, common, read) in [
            ("open", "queued", "queued"),
            ("hooked", "in_progress", "in progress"),
            ("closed", "done", "done"),
            ("tombstone", "deleted", "deleted"),
            ("in_review", "in_review", "in review"),
            ("ready_for_integration", "ready_for_integration", "approved"),
            ("on_hold", "on_hold", "on hold"),
        ] {
            assert_eq!(
                (common_status(stored), &*status_word(stored)),
                (common, read)
            );
        }
    }

    #[test]
    fn every_status_reads_back() {
        for word in KNOWN.into_iter().chain(["custom"]) {
            let status: Status = word.parse().unwrap();
            assert_eq!(status.to_string(), word);
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(json, format!("\"{word}\""));
            assert_eq!(serde_json::from_str::<Status>(&json).unwrap(), status);
        }
        assert!("".parse::<Status>().is_err());
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
