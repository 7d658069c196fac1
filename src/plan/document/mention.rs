//! Ids that a text mentions: the basis for dependencies, and for references to what is not there.

use std::collections::BTreeSet;

use super::author_id;

/// Every id in `text` in the form of [`super::canonical_id`]; `US-1 to US-3` and `US-1–3` also
/// mention the ids in between.
#[must_use]
pub fn mentioned_ids(text: &str) -> BTreeSet<String> {
    ids(text, true)
}

/// The ids that a text writes out: those between the ends of a range may not exist.
#[must_use]
pub fn written_ids(text: &str) -> BTreeSet<String> {
    ids(text, false)
}

fn ids(text: &str, with_ranges: bool) -> BTreeSet<String> {
    let mut into = BTreeSet::new();
    let mut last: Option<(String, u32)> = None;
    let mut range = false;
    for word in text.split(|c: char| c.is_whitespace() || "()[],;|/".contains(c)) {
        // `US-1, US-9` and `US-1 & US-9` are two ids, `US-1 – US-9` is a range.
        let is_dash = !word.is_empty() && word.chars().all(|c| "-–—…".contains(c)) || word == "...";
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        if word.is_empty() && !is_dash {
            continue;
        }
        for part in word.split(['–', '—', '…']) {
            let named = part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.contains(|c: char| c.is_ascii_digit());
            let split = || author_id::split(part, author_id::ShortIds::Requirements);
            if let Some((id, _)) = named.then(split).flatten() {
                let form = author_id::canonical(&id);
                let number = form.rsplit_once('-');
                let number =
                    number.and_then(|(prefix, n)| Some((prefix.to_owned(), n.parse().ok()?)));
                let is_range = range && with_ranges;
                if let (true, Some((prefix, from)), Some((same, to))) = (is_range, &last, &number)
                    && prefix == same
                {
                    fill(prefix, *from, *to, &mut into);
                }
                into.insert(form);
                last = number;
                range = word.contains(['–', '—', '…']);
            } else if let (true, Some((prefix, from)), Ok(to)) = (range, &last, part.parse::<u32>())
            {
                match with_ranges {
                    true => fill(prefix, *from, to, &mut into),
                    false => drop(into.insert(format!("{prefix}-{to}"))),
                }
                range = false;
            } else {
                let to = matches!(part, "to" | "through" | "until" | "bis" | "a" | "à" | "");
                range = to && last.is_some();
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
#[path = "mention_tests.rs"]
mod tests;
