//! Which words are ids of an author.

use super::*;

fn plain(text: &str) -> Option<(String, &str)> {
    split(text, ShortIds::Plain)
}

#[test]
fn ids_are_read_at_the_beginning() {
    for (text, id, rest) in [
        ("FR-3.1 Login", "FR-3.1", "Login"),
        ("FR-3.1: Login", "FR-3.1", "Login"),
        ("FR3 — Login", "FR3", "Login"),
        ("fr-7. Login", "FR-7", "Login"),
        ("[REQ-7] Login", "REQ-7", "Login"),
        ("(AC-2) Login", "AC-2", "Login"),
        ("US-2", "US-2", ""),
        ("NFR-1 | Login", "NFR-1", "Login"),
        ("FR-AUTH-01: Login", "FR-AUTH-01", "Login"),
        ("AUTH-12: Login", "AUTH-12", "Login"),
        ("FR 4: Login", "FR-4", "Login"),
        ("Story 3: Login", "US-3", "Login"),
        ("User Story 1.2 - Login", "US-1.2", "Login"),
        ("FR-3a: Login", "FR-3A", "Login"),
    ] {
        assert_eq!(plain(text), Some((id.to_owned(), rest)), "{text}");
    }
}

#[test]
fn texts_that_only_look_like_ids_are_not_ids() {
    for text in [
        "UTF-8 support",
        "SHA-256 sums",
        "R12 is late",
        "M2 Beta",
        "3 tasks",
        "Story 3 is late",
        "FRAME-rate",
        "us-east-1 outage",
        "FR-",
        "Phase 2: x",
        "GPT-4 prompts",
        "AUTH-12 is late",
        "",
        "-1",
        "US2/US3 merge",
    ] {
        assert_eq!(plain(text), None, "{text}");
    }
}

#[test]
fn short_ids_are_recognized_in_sections_of_requirements() {
    assert_eq!(
        split("R12 Login", ShortIds::Requirements),
        Some(("R12".to_owned(), "Login"))
    );
    assert_eq!(
        split("R-3: Late", ShortIds::Numbered),
        Some(("R-3".to_owned(), "Late"))
    );
    assert_eq!(
        split("R3a: Login", ShortIds::Requirements),
        Some(("R3A".to_owned(), "Login"))
    );
    assert_eq!(split("r12 Login", ShortIds::Requirements), None);
    assert_eq!(split("P2P: Login", ShortIds::Requirements), None);
}

#[test]
fn spellings_of_one_id_are_the_same() {
    for id in ["FR3", "FR-3", "fr-03", "FR_3"] {
        assert_eq!(canonical(id), "FR-3", "{id}");
    }
    assert_ne!(canonical("FR-3.1"), canonical("FR-31"));
}
