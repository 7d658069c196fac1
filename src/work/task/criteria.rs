//! Acceptance criteria: an item's own list, else the boxes in the text that an issue has for them.
//!
//! It says which are open, and accepts them.

use crate::model::doc::Doc;
use crate::model::item::{Criterion, Item};
use crate::model::stamp::Clock;
use crate::model::text::first_of;
use crate::model::value::Value;
use crate::store::state::State;

/// The register of that text.
pub(super) const TEXT: &str = "acceptance_criteria";

/// The number of criteria that are named.
const NAMED: usize = 5;

/// The numbers, from 1, of the criteria that are not accepted.
pub(crate) fn open_criteria(state: &State<'_>, item: &Item) -> Vec<usize> {
    let numbered = done(state, item).into_iter().zip(1..);
    numbered
        .filter_map(|(done, n)| (!done).then_some(n))
        .collect()
}

/// Says which criteria are not accepted, by their texts.
pub(super) fn open_names(state: &State<'_>, item: &Item) -> String {
    let own = item.acceptance.iter().filter(|one| !one.done);
    let mut names: Vec<&str> = own.map(|one| one.text.as_str()).collect();
    if item.acceptance.is_empty() {
        let text = text(state, item).unwrap_or_default();
        let open = boxes(text).filter(|one| !one.1);
        names.extend(open.filter_map(|(at, _)| Some(text.get(at + 2..)?.lines().next()?.trim())));
    }
    format!("not accepted: {}", first_of(&names, NAMED))
}

/// The number of criteria.
pub(crate) fn count(state: &State<'_>, item: &Item) -> usize {
    done(state, item).len()
}

/// Whether each criterion is accepted.
fn done(state: &State<'_>, item: &Item) -> Vec<bool> {
    let boxes = || boxes(text(state, item).unwrap_or_default());
    match item.acceptance.is_empty() {
        false => item.acceptance.iter().map(|one| one.done).collect(),
        true => boxes().map(|one| one.1).collect(),
    }
}

/// Accepts a criterion of an item's own list. Returns whether that changed anything.
pub(super) fn accept(
    doc: &mut Doc,
    criterion: &Criterion,
    by: &str,
    evidence: Option<&str>,
    clock: &Clock,
) -> bool {
    let mut set =
        |name: &str, value: Value| doc.set_entry("acceptance", &criterion.id, name, value, clock);
    if criterion.elsewhere {
        // The tick is written anew: its time and clone say for which work it counts.
        set("done", false.into());
        set("evidence", Value::Null);
    }
    let ticked = set("done", true.into());
    if ticked {
        set("by", by.into());
    }
    let shown = evidence.is_some_and(|text| set("evidence", text.into()));
    ticked || shown
}

/// The text with the criteria of an item that has no list of its own.
pub(super) fn text<'s>(state: &'s State<'_>, item: &Item) -> Option<&'s str> {
    state.doc(&item.uid)?.text(TEXT)
}

/// The boxes of a text, lines such as `- [ ] it holds`: where the mark is, in bytes, and whether it is set.
pub(super) fn boxes(text: &str) -> impl Iterator<Item = (usize, bool)> {
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
    use super::boxes;

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
}
