//! Which findings of a tool are about this work, and which name what is not there.
//!
//! A path, a line or a text that the reviewed commit does not have was invented, and what is said about
//! lines that the work does not change was there before.

use std::ops::RangeInclusive;

use super::ReviewerReport;
use super::facts::Reviewed;
use crate::finding::diff::{File, Line};
use crate::finding::{Found, Place};
use crate::model::text::shorten;

/// The longest line that is quoted, in bytes.
const QUOTE: usize = 300;

/// The findings that are about this work; the others are counted.
pub(super) fn of_this_work(
    found: Vec<Found>,
    reviewed: &Reviewed,
    report: &mut ReviewerReport,
) -> Vec<Found> {
    let mut kept = Vec::new();
    for mut one in found {
        // A finding is known again by its text: one without would stand for every one of its rule.
        if one.quote.is_none()
            && let Some(place) = one.place.as_ref().filter(|place| !place.removed)
            && let (Some(text), Some(line)) = (reviewed.new.get(&place.path), place.line)
        {
            let line = text.lines().nth(line.saturating_sub(1) as usize);
            one.quote = line
                .map(|line| shorten(line.trim(), QUOTE))
                .filter(|line| !line.is_empty());
        }
        match one.place.as_ref().map(|place| fit(&one, place, reviewed)) {
            None | Some(Fit::Changed) => kept.push(one),
            Some(Fit::Elsewhere) => report.elsewhere += 1,
            Some(Fit::Missing) => report.invented += 1,
        }
    }
    kept
}

/// How a finding fits the reviewed work.
#[derive(PartialEq, Eq)]
enum Fit {
    /// It is about changed lines, or a changed file as a whole.
    Changed,
    /// It is about lines that the work does not change.
    Elsewhere,
    /// Its path, line or text is not there.
    Missing,
}

fn fit(one: &Found, place: &Place, reviewed: &Reviewed) -> Fit {
    let changed =
        |file: &&File| file.path == place.path || file.old_path.as_deref() == Some(&place.path);
    let Some(file) = reviewed.diff.files.iter().find(changed) else {
        return match reviewed.files.contains(&place.path) {
            true => Fit::Elsewhere,
            false => Fit::Missing,
        };
    };
    let texts = match place.removed {
        true => &reviewed.old,
        false => &reviewed.new,
    };
    let text = texts.get(&place.path);
    let other = match place.removed {
        true => reviewed.new.get(&file.path),
        false => reviewed
            .old
            .get(file.old_path.as_ref().unwrap_or(&file.path)),
    };
    if let Some(quote) = &one.quote
        && let Some(text) = text
        && !contains(text, quote)
        && !other.is_some_and(|other| contains(other, quote))
    {
        return Fit::Missing;
    }
    let Some(line) = place.line else {
        return Fit::Changed;
    };
    if text.is_some_and(|text| text.lines().count() < line as usize) {
        return Fit::Missing;
    }
    let last = place.end_line.unwrap_or(line).max(line);
    let is_meant = |changed: &Line| (line..=last).contains(&changed.number);
    let is_changed = match place.removed {
        true => file.removed().any(is_meant),
        false => file.added().any(is_meant) || beside_removed(file, line..=last),
    };
    // What git shows no lines of is changed as a whole.
    match file.hunks.is_empty() || is_changed {
        true => Fit::Changed,
        false => Fit::Elsewhere,
    }
}

/// True if new lines stand beside removed ones: what is missing is told by where it should stand.
fn beside_removed(file: &File, lines: RangeInclusive<u32>) -> bool {
    // The number that the first removed line of a hunk would have in the new file.
    let (mut added, mut removed) = (0, 0);
    file.hunks.iter().any(|hunk| {
        let at = hunk
            .removed
            .first()
            .map(|line| line.number + added - removed);
        added += u32::try_from(hunk.added.len()).unwrap_or(0);
        removed += u32::try_from(hunk.removed.len()).unwrap_or(0);
        let after = u32::try_from(hunk.added.len()).unwrap_or(0);
        at.is_some_and(|at| lines.contains(&at.saturating_sub(1)) || lines.contains(&(at + after)))
    })
}

/// True if a text has a quote, whatever white space is between its words. A redacted secret in the quote
/// stands for any text.
pub(super) fn contains(text: &str, quote: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = plain(text);
    let quote = plain(quote);
    let mut parts = quote.split("[redacted");
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.split_once(']').map_or(part, |(_, after)| after));
    // A quote that was shortened ends with a mark.
    let mut parts = std::iter::once(first)
        .chain(rest)
        .map(|part| part.trim_end_matches('…'));
    parts.all(|part| text.contains(part.trim()))
}

#[cfg(test)]
mod tests {
    use super::beside_removed;
    use crate::finding::diff::Diff;

    /// A defect of omission is reported at the lines around the gap.
    #[test]
    fn lines_beside_removed_ones_are_those_before_and_after() {
        let diff = Diff::parse(
            b"diff --git a/a b/a\nindex 1..2 100644\n--- a/a\n+++ b/a\n@@ -2,0 +3,2 @@\n+x\n+y\n\
              @@ -10,2 +11,0 @@\n-p\n-q\n@@ -20 +20 @@\n-r\n+s\n",
        );
        let beside: Vec<u32> = (1..30)
            .filter(|line| beside_removed(&diff.files[0], *line..=*line))
            .collect();
        assert_eq!(beside, [11, 12, 19, 21]);
    }
}
