//! The acceptance criteria of an item: its own list, else the boxes in the text that an issue has for them.

use super::claim::{self, Claim};
use super::doc::{Doc, Entry};
use super::text;

/// One acceptance criterion.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub struct Criterion {
    /// The id of its record entry.
    pub id: String,
    /// The condition, in one line.
    pub text: String,
    /// Set once it was ticked for the work that counts.
    pub done: bool,
    /// The evidence that it is met.
    pub evidence: Option<String>,
    /// The actor who ticked it.
    #[serde(default)]
    pub by: Option<String>,
    /// Set if it was ticked for another actor's work on the item, which does not count.
    #[serde(default)]
    pub elsewhere: bool,
}

/// The claim under which a criterion was ticked: the one that its actor had in that clone then.
fn ticked_under<'c>(doc: &Doc, claims: &'c [Claim], entry: &Entry) -> Option<&'c Claim> {
    let (at, by) = (&entry.regs.get("done")?.stamp, entry.text("by")?);
    claims.iter().find(|claim| {
        let made = doc.entry("claims", &claim.id);
        let end = made.and_then(|made| made.regs.get("ended"));
        text::is_same_name(&claim.actor, &text::actor(by))
            && claim.replica == at.replica.as_str()
            && claim.at <= *at
            && end.is_none_or(|end| end.value.is_null() || *at < end.stamp)
    })
}

/// The criteria in order. One that was ticked under the claim of another claimant than the one whose
/// work counts is not done.
pub(super) fn all(doc: &Doc, claims: &[Claim]) -> Vec<Criterion> {
    let counts = claim::worker(claims);
    let is_of_other = |entry: &Entry| {
        let made = ticked_under(doc, claims, entry);
        made.zip(counts)
            .is_some_and(|(made, counts)| !made.is_of_same_claimant(counts))
    };
    let mut all: Vec<(i64, Criterion)> = doc
        .entries("acceptance")
        .map(|(id, entry)| {
            let ticked = entry.value("done").is_true();
            let elsewhere = ticked && is_of_other(entry);
            let evidence = entry.text("evidence").filter(|_| !elsewhere);
            let criterion = Criterion {
                id: id.to_string(),
                text: entry.text("text").unwrap_or_default().to_string(),
                done: ticked && !elsewhere,
                evidence: evidence.map(str::to_string),
                by: entry.text("by").filter(|_| ticked).map(text::actor),
                elsewhere,
            };
            (entry.value("order").as_int().unwrap_or(i64::MAX), criterion)
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    all.into_iter().map(|(_, criterion)| criterion).collect()
}

/// The register of that text.
pub const TEXT: &str = "acceptance_criteria";

/// A criterion as everybody is shown it, or text about the criteria.
#[doc(hidden)]
#[derive(Debug)]
pub struct Shown {
    /// The number, from 1, that `task accept` takes; none for text, which cannot be accepted.
    pub number: Option<usize>,
    /// Of a box and of text only its text, of several lines for text, and whether it is ticked.
    pub criterion: Criterion,
}

impl Shown {
    fn of_text(number: Option<usize>, text: &str, done: bool) -> Shown {
        let criterion = Criterion {
            id: String::new(),
            text: text.to_string(),
            done,
            evidence: None,
            by: None,
            elsewhere: false,
        };
        Shown { number, criterion }
    }
}

/// Everything that an item is accepted by: its own list and the text. The boxes of the text count where there
/// is no list.
#[doc(hidden)]
pub fn shown(own: &[Criterion], text: Option<&str>) -> Vec<Shown> {
    let listed = own.iter().cloned().zip(1..).map(|(criterion, n)| Shown {
        number: Some(n),
        criterion,
    });
    let mut all: Vec<Shown> = listed.collect();
    let mut count = 0;
    for line in text.unwrap_or_default().lines() {
        let found = boxes(line).next().filter(|_| own.is_empty());
        if let Some((at, done)) = found {
            count += 1;
            all.push(Shown::of_text(Some(count), line[at + 2..].trim(), done));
        } else if let Some(last) = all.last_mut().filter(|last| last.number.is_none()) {
            last.criterion.text.push('\n');
            last.criterion.text.push_str(line);
        } else if !line.trim().is_empty() {
            all.push(Shown::of_text(None, line, false));
        }
    }
    all
}

/// The boxes of a text, lines such as `- [ ] it holds`: where the mark is, in bytes, and whether it is set.
pub fn boxes(text: &str) -> impl Iterator<Item = (usize, bool)> {
    let lines = text.split_inclusive('\n').scan(0, |at, line| {
        let begin = *at;
        *at += line.len();
        Some((begin, line))
    });
    lines.filter_map(|(begin, line)| {
        let words = line.trim_start();
        let mark = words.strip_prefix(['-', '*', '+'])?.trim_start();
        let mark = mark.strip_prefix('[')?;
        let done = match mark.get(..2)? {
            " ]" => false,
            "x]" | "X]" => true,
            _ => return None,
        };
        Some((begin + line.len() - mark.len(), done))
    })
}

#[cfg(test)]
mod tests {
    use super::{boxes, shown};

    #[test]
    fn boxes_are_found_in_lists_alone() {
        let text = "Done when:\n- [ ] é works\n  * [x] and this\n- [link] no\n[ ] no\n+ [X] yes";
        let found: Vec<(usize, bool)> = boxes(text).collect();
        assert_eq!(
            found.iter().map(|one| one.1).collect::<Vec<_>>(),
            [false, true, true]
        );
        assert!(found.iter().all(|(at, _)| " xX".contains(&text[*at..=*at])));
    }

    #[test]
    fn text_between_the_boxes_is_shown_without_a_number() {
        let found = shown(&[], Some("Done when\n\n- [ ] a\n* [x] b\r\n  or c\n"));
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.number, one.criterion.done, one.criterion.text.as_str()))
            .collect();
        let expected = [
            (None, false, "Done when\n"),
            (Some(1), false, "a"),
            (Some(2), true, "b"),
            (None, false, "  or c"),
        ];
        assert_eq!(found, expected);
        let plain = shown(&[], Some("All totals exact"));
        assert_eq!(plain.len(), 1);
        assert_eq!(plain[0].number, None);
        assert!(shown(&[], None).is_empty());
    }
}
