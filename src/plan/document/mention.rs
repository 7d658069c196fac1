//! Ids that a text mentions: the basis for dependencies, and for finding ids that are never mentioned.

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
            let split = || author_id::split(part, author_id::ShortIds::Requirements);
            if let Some((id, _)) = named.then(split).flatten() {
                let form = author_id::canonical(&id);
                let number = form.rsplit_once('-');
                let number =
                    number.and_then(|(prefix, n)| Some((prefix.to_owned(), n.parse().ok()?)));
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
