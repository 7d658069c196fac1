//! Which words of a criterion are vague.

use super::*;

/// PL-28 vague acceptance criteria are reported with their words.
#[test]
fn vague_words_are_found_as_whole_words() {
    assert_eq!(vague("UI should be responsive"), ["responsive"]);
    assert_eq!(
        vague("User-friendly errors, logs etc."),
        ["user-friendly", "etc"]
    );
    assert_eq!(vague("Retry as needed."), ["as needed"]);
    assert!(vague("Breakfast is a fast-forward of robustness").is_empty());
}

#[test]
fn a_number_makes_speed_checkable() {
    assert!(vague("Fast: answers within 200 ms").is_empty());
    assert_eq!(vague("Intuitive in 3 clicks"), ["intuitive"]);
}

#[test]
fn vague_words_in_code_and_paths_are_ignored() {
    for text in [
        "They are in `../../etc/passwd`",
        "They are in `/etc/shadow`",
        "They are in /etc/shadow and ../../etc/passwd",
        "They are in C:\\etc\\hosts",
        "`is_fast` and is_fast are set",
        "A line as `x` needed",
    ] {
        assert!(vague(text).is_empty(), "{text}");
    }
    assert_eq!(vague("Logs, `x`, etc."), ["etc"]);
    assert_eq!(vague("Logs etc"), ["etc"]);
    assert_eq!(vague("A ` is a fast tick"), ["fast"]);
    assert_eq!(vague("`x`, robust"), ["robust"]);
}
