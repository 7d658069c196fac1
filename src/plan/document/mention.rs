//! Ids that a text mentions: the basis for dependencies, and for finding ids that are never
//! mentioned.

use std::collections::BTreeSet;

use super::author_id;

/// Every id in `text` in the form of [`super::canonical_id`]; `US-1 to US-3` and `US-1–3` also
/// mention the ids in between.
#[must_use]
pub fn mentioned_ids(text: &str) -> BTreeSet<String> {
    let mut into = BTreeSet::new();
    let mut last: Option<(String, u32)> = None;
    let mut range = false;
    for word in text.split(|c: char| c.is_whitespace() || "()[],;|/".contains(c)) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        for part in word.split(['–', '—', '…']) {
            let named = part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.contains(|c: char| c.is_ascii_digit());
            let found = named
                .then(|| author_id::split(part, author_id::ShortIds::Requirements))
                .flatten();
            if let Some((id, _)) = found {
                let form = author_id::canonical(&id);
                let number = form
                    .rsplit_once('-')
                    .and_then(|(prefix, number)| Some((prefix.to_owned(), number.parse().ok()?)));
                if let (true, Some((prefix, from)), Some((same, to))) = (range, &last, &number)
                    && prefix == same
                {
                    fill(prefix, *from, *to, &mut into);
                }
                into.insert(form);
                last = number;
                range = word.contains(['–', '—', '…']);
            } else if let (true, Some((prefix, from)), Ok(to)) = (range, &last, part.parse::<u32>())
            {
                fill(prefix, *from, to, &mut into);
                range = false;
            } else if matches!(part, "to" | "through" | "until" | "bis" | "a" | "à" | "") {
                range = last.is_some();
            } else {
                range = false;
            }
        }
    }
    into
}

fn fill(prefix: &str, from: u32, to: u32, into: &mut BTreeSet<String>) {
    if to > from && to - from <= 200 {
        into.extend((from..=to).map(|number| format!("{prefix}-{number}")));
    }
}

#[cfg(test)]
mod tests {
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
}
