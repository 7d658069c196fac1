//! The kinds of events.

use crate::error::{Error, Reason, Result};
use crate::model::text::one_line;

/// What events are about, and what happens to it: `item.created`.
const KINDS: &[(&str, &[&str])] = &[
    (
        "item",
        &["created", "changed", "deleted", "restored", "missing"],
    ),
    ("status", &["changed"]),
    ("claim", &["taken", "confirmed", "released", "missing"]),
    ("comment", &["added", "changed", "removed"]),
    ("reservation", &["granted", "changed", "ended", "missing"]),
    ("message", &["sent", "changed", "removed", "restored"]),
    ("artifact", &["put", "removed", "restored"]),
    ("finding", CHANGES),
    ("learning", CHANGES),
    ("plan", CHANGES),
    ("context", CHANGES),
    ("agent", CHANGES),
    ("run", CHANGES),
    ("settings", &["changed"]),
    ("file", &["unreadable"]),
    ("state", &["merged"]),
    ("history", &["began", "replaced", "lost"]),
];

/// The changes of a document as a whole.
const CHANGES: &[&str] = &["added", "changed", "removed", "restored"];

/// True for a kind of event, and for what several kinds are about.
pub(super) fn is_known(kind: &str) -> bool {
    let (subject, change) = match kind.split_once('.') {
        Some((subject, change)) => (subject, Some(change)),
        None => (kind, None),
    };
    let mut known = KINDS.iter().filter(|(known, _)| *known == subject);
    known.any(|(_, changes)| change.is_none_or(|change| changes.contains(&change)))
}

/// Refuses words that are no kinds of events: no event would ever match.
///
/// # Errors
/// Kind `Usage`, with the kinds.
pub(crate) fn require_known(kinds: &[String]) -> Result<()> {
    let Some(unknown) = kinds.iter().find(|kind| !is_known(kind)) else {
        return Ok(());
    };
    let subject = unknown.split('.').next().unwrap_or_default();
    let error = Error::usage(format!("`{}` is not a kind of event", one_line(unknown)))
        .because(Reason::EventsInvalidKind);
    if let Some((_, changes)) = KINDS.iter().find(|(known, _)| *known == subject) {
        let of = changes.iter().map(|change| format!("{subject}.{change}"));
        let of: Vec<String> = of.collect();
        return Err(error.hint(format!("use {subject} for all of {}", of.join(", "))));
    }
    let all = KINDS.iter().map(|(subject, changes)| match changes {
        [one] => format!("{subject}.{one}"),
        several => format!("{subject}.({})", several.join("|")),
    });
    let all: Vec<String> = all.collect();
    Err(error
        .hint(format!("the kinds are {}", all.join(", ")))
        .hint("`claim` stands for all kinds that begin with `claim.`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_in_full_and_by_what_it_is_about() {
        for known in ["claim", "claim.taken", "settings.changed", "history"] {
            assert!(is_known(known), "{known}");
        }
        for unknown in [
            "",
            "claims",
            "claim.",
            "claim.take",
            "claim.taken.",
            "taken",
        ] {
            assert!(!is_known(unknown), "{unknown}");
        }
        for (unknown, named) in [("claim.lost", "claim.confirmed"), ("clam", "claim.(taken|")] {
            let error = require_known(&[unknown.to_string()]).unwrap_err();
            let hint = &error.hints()[0].text;
            assert!(hint.contains(named), "{unknown}: {hint}");
        }
    }
}
