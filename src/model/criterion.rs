//! The acceptance criteria of an item: the boxes in the text that it has for them, then its own list.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::claim::{self, Claim};
use super::doc::{Doc, Entry};
use super::id::ItemKind;
use super::status::Status;
use super::text;

/// One acceptance criterion.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub struct Criterion {
    /// The id of its record entry; of a box in the text `#` and its position among the boxes, from 1.
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
    /// Set if it was ticked for other work on the item than that which counts: of another actor, or given up.
    #[serde(default)]
    pub elsewhere: bool,
}

impl Criterion {
    /// The position among the boxes of the text, from 1; none for one of the list.
    #[doc(hidden)]
    pub fn nth_box(&self) -> Option<usize> {
        self.id.strip_prefix('#')?.parse().ok()
    }
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

/// True if the work was submitted or is over, also if it was stopped since.
fn is_submitted(doc: &Doc) -> bool {
    let status = |field: &str| Status::parse(ItemKind::parse(&doc.kind)?, doc.text(field)?);
    let now = match status("status") {
        Some(Status::Blocked | Status::Deferred) => status("status_before"),
        now => now,
    };
    now.is_some_and(|now| match now {
        Status::InReview | Status::ReadyForIntegration => true,
        now => now.is_closed(),
    })
}

/// The criteria in order, see [`joined`]. One that was ticked under the claim of another claimant than the one whose
/// work counts is not done, nor one that was ticked under any claim while no work counts.
pub(super) fn all(doc: &Doc, claims: &[Claim]) -> Vec<Criterion> {
    let counts = claim::worker(claims);
    let is_submitted = is_submitted(doc);
    let is_of_other = |entry: &Entry| {
        let made = ticked_under(doc, claims, entry);
        made.is_some_and(|made| match counts {
            Some(counts) => !made.is_of_same_claimant(counts),
            None => !is_submitted,
        })
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
    let own = all.into_iter().map(|(_, criterion)| criterion).collect();
    joined(doc.text(TEXT).unwrap_or_default(), own)
}

/// The boxes of a text, then a list. A box with the text of one in the list is that one.
#[doc(hidden)]
pub fn joined(text: &str, own: Vec<Criterion>) -> Vec<Criterion> {
    let known: HashSet<&str> = own.iter().map(|one| one.text.as_str()).collect();
    let is_new = |one: &Criterion| !known.contains(one.text.as_str());
    let mut all: Vec<Criterion> = written(text).filter(is_new).collect();
    all.extend(own);
    all
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

/// Everything that an item is accepted by: the text with its boxes, then the list.
#[doc(hidden)]
pub fn shown(all: &[Criterion], text: Option<&str>) -> Vec<Shown> {
    let numbered = |(one, n): (&Criterion, usize)| Shown {
        number: Some(n),
        criterion: one.clone(),
    };
    let is_box = |one: &Criterion| one.nth_box().is_some();
    // In the order of the text, but for those that are in the list.
    let mut of_text = all
        .iter()
        .zip(1..)
        .filter(|(one, _)| is_box(one))
        .peekable();
    let (mut out, mut nth) = (Vec::<Shown>::new(), 0);
    for line in text.unwrap_or_default().lines() {
        if boxes(line).next().is_some() {
            nth += 1;
            let is_it = |(one, _): &(&Criterion, usize)| one.nth_box() == Some(nth);
            out.extend(of_text.next_if(is_it).map(numbered));
        } else if let Some(last) = out.last_mut().filter(|last| last.number.is_none()) {
            last.criterion.text.push('\n');
            last.criterion.text.push_str(line);
        } else if !line.trim().is_empty() {
            out.push(Shown {
                number: None,
                criterion: unticked(String::new(), line, false),
            });
        }
    }
    let own = all.iter().zip(1..).filter(|(one, _)| !is_box(one));
    out.extend(own.map(numbered));
    out
}

/// All criteria as one text, as beads has them: the text, then the list as boxes.
#[doc(hidden)]
pub fn as_text(all: &[Criterion], text: Option<&str>) -> String {
    let own: Vec<&Criterion> = all.iter().filter(|one| one.nth_box().is_none()).collect();
    let known: HashSet<&str> = own.iter().map(|one| one.text.as_str()).collect();
    let mut out = keeping(text.unwrap_or_default(), |text| !known.contains(text));
    for one in &own {
        let gap = if out.is_empty() { "" } else { "\n" };
        let mark = if one.done { 'x' } else { ' ' };
        out += &format!("{gap}- [{mark}] {}", one.text);
    }
    out
}

/// A text without the boxes that are not kept, by their texts, and without the lines that continue these.
#[doc(hidden)]
pub fn keeping(text: &str, is_kept: impl Fn(&str) -> bool) -> String {
    let gone = written(text).filter(|one| !is_kept(&one.text));
    without(text, &gone.filter_map(|one| one.nth_box()).collect())
}

/// A text without some boxes, by their positions from 1, and without the lines that continue these.
#[doc(hidden)]
pub fn without(text: &str, gone: &BTreeSet<usize>) -> String {
    if gone.is_empty() {
        return text.to_string();
    }
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (mut below, mut nth) = (None::<usize>, 0);
    let left = text.split_inclusive('\n').filter(|line| {
        let is_box = boxes(line).next().is_some();
        nth += usize::from(is_box);
        let goes_on =
            !is_box && below.is_some_and(|at| !line.trim().is_empty() && indent(line) > at);
        if !goes_on {
            below = (is_box && gone.contains(&nth)).then(|| indent(line));
        }
        below.is_none()
    });
    left.collect::<String>().trim_end().to_string()
}

/// A text that two sides changed, if one of them has only set or removed marks: with the other side's words, and the
/// marks of both.
#[doc(hidden)]
pub fn merged(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let unmarked = |text: &str| marked(text, |_, _| false);
    let was = unmarked(base);
    let words = match () {
        () if unmarked(ours) == was => theirs,
        () if unmarked(theirs) == was => ours,
        () => return None,
    };
    // Of equal boxes each has its own mark.
    let marks = [base, ours, theirs].map(|text| -> HashMap<(String, usize), bool> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let all = written(text).map(|one| {
            let nth = counts.entry(one.text.clone()).or_default();
            *nth += 1;
            ((one.text, *nth), one.done)
        });
        all.collect()
    });
    let mut counts: HashMap<String, usize> = HashMap::new();
    Some(marked(words, |text, done| {
        let nth = counts.entry(text.to_string()).or_default();
        *nth += 1;
        let key = (text.to_string(), *nth);
        match [0, 1, 2].map(|n| marks[n].get(&key).copied()) {
            [Some(was), Some(ours), Some(theirs)] if ours == was => theirs,
            [Some(_), Some(ours), Some(_)] => ours,
            _ => done,
        }
    }))
}

/// A text with each of its boxes marked as `mark` says, which gets its text and whether it is marked.
fn marked(text: &str, mut mark: impl FnMut(&str, bool) -> bool) -> String {
    let mut out = text.to_string();
    for ((at, done), one) in boxes(text).zip(written(text)) {
        let is_marked = mark(&one.text, done);
        if is_marked != done {
            out.replace_range(at..=at, if is_marked { "x" } else { " " });
        }
    }
    out
}

/// The criteria that are boxes in a text.
#[doc(hidden)]
pub fn written(text: &str) -> impl Iterator<Item = Criterion> {
    boxes(text).zip(1..).map(move |((at, done), n)| {
        let line = text[at + 2..].lines().next().unwrap_or_default();
        unticked(format!("#{n}"), line.trim(), done)
    })
}

/// A criterion of which nobody is known to have ticked it.
fn unticked(id: String, text: &str, done: bool) -> Criterion {
    Criterion {
        id,
        text: text.to_string(),
        done,
        evidence: None,
        by: None,
        elsewhere: false,
    }
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
    use super::{as_text, boxes, joined, keeping, shown, unticked, without};

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
        let text = "Done when\n\n- [ ] a\n* [x] b\r\n  or c\n";
        let found = shown(&joined(text, Vec::new()), Some(text));
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

    #[test]
    fn boxes_and_the_list_are_one_list() {
        let text = "When\n- [x] a\n- [ ] b\n";
        let own = ["b", "c"].map(|text| unticked(text.to_string(), text, text == "b"));
        let all = joined(text, own.to_vec());
        let found: Vec<_> = all.iter().map(|one| (&*one.text, one.done)).collect();
        assert_eq!(found, [("a", true), ("b", true), ("c", false)]);
        let numbers: Vec<_> = shown(&all, Some(text))
            .iter()
            .map(|one| one.number)
            .collect();
        assert_eq!(numbers, [None, Some(1), Some(2), Some(3)]);
        let whole = "When\n- [x] a\n- [x] b\n- [ ] c";
        assert_eq!(as_text(&all, Some(text)), whole);
        assert_eq!(as_text(&joined(text, Vec::new()), Some(text)), text);
        assert_eq!(keeping(text, |one| one == "b"), "When\n- [ ] b");
        assert_eq!(keeping(text, |_| true), text);
        let more = "- [ ] a\n- [ ] b\n  but never c\n\n  - [ ] d\n";
        assert_eq!(keeping(more, |one| one != "b"), "- [ ] a\n\n  - [ ] d");
        let equal = "- [ ] a\n- [x] a\n";
        assert_eq!(without(equal, &[1].into()), "- [x] a");
    }
}
