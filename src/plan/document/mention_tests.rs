//! Which ids a text mentions.

use super::*;

fn ids(text: &str) -> Vec<String> {
    mentioned_ids(text).into_iter().collect()
}

#[test]
fn ids_are_found_in_sentences_lists_and_ranges() {
    assert_eq!(
        ids("Depends on FR-1, FR-2.1 and `US3`."),
        ["FR-1", "FR-2.1", "US-3"]
    );
    assert_eq!(
        ids("covers US-1 to US-3 (and R7)"),
        ["R-7", "US-1", "US-2", "US-3"]
    );
    assert_eq!(ids("FR-1–3"), ["FR-1", "FR-2", "FR-3"]);
}

#[test]
fn names_of_standards_and_numbers_are_not_ids() {
    assert_eq!(
        ids("UTF-8, 3 of 4, ISO-8601 and phase 2 to 5"),
        Vec::<String>::new()
    );
}

#[test]
fn only_a_dash_or_a_word_between_two_ids_makes_a_range() {
    for apart in [
        "US-1, US-4",
        "US-1 & US-4",
        "US-1 + US-4",
        "US-1; US-4",
        "US-1 , US-4",
    ] {
        assert_eq!(ids(apart), ["US-1", "US-4"], "{apart}");
    }
    for range in ["US-1 – US-3", "US-1 - US-3", "US-1 … US-3", "US-1 ... US-3"] {
        assert_eq!(ids(range), ["US-1", "US-2", "US-3"], "{range}");
    }
}

#[test]
fn a_range_writes_out_its_ends() {
    let written = |text: &str| written_ids(text).into_iter().collect::<Vec<_>>();
    assert_eq!(written("US-1 to US-4 and FR-7"), ["FR-7", "US-1", "US-4"]);
    assert_eq!(written("FR-1–3"), ["FR-1", "FR-3"]);
}
