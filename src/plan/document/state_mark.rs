//! What an author notes at a statement about its state: `Fax export (dropped)`, `[done] Login`, a box `- [-]` or `- [>]`.

use super::lexicon::list;
use super::node::State;

/// The longest note, in words.
const LONGEST: usize = 5;

/// The longest note after a dash, which may also begin a clause.
const SHORT: usize = 3;

/// The state that a text names in brackets at one of its ends, or after a dash at its end.
pub(super) fn state_mark(text: &str) -> Option<State> {
    let text = text.trim_matches([' ', '.', '*', '_']);
    notes(text).find_map(of_note)
}

/// The state that a mark in the place of a box names, as other tools write it, and the rest of the text:
/// `[-]` is cancelled, `[>]` moved to another list.
pub(super) fn of_box(text: &str) -> Option<(State, &str)> {
    let (mark, rest) = text.split_at_checked(4)?;
    let state = match mark {
        "[-] " => State::Refused,
        "[>] " => State::Later,
        _ => return None,
    };
    (!rest.trim().is_empty()).then_some((state, rest.trim_start()))
}

/// True for a ticked box, false for an open one, that a text begins with in a form that is none of Markdown's, and the
/// rest of the text: `[✓] Login`, `[] Login`, `[/] Login` (begun), `[ ]* Login` (optional); of headings also `[x] Login`.
pub(super) fn loose_box(text: &str) -> Option<(bool, &str)> {
    let (mark, rest) = text.trim_start().strip_prefix('[')?.split_once(']')?;
    let is_ticked = match mark.trim() {
        "" | "/" | "~" => false,
        "x" | "X" | "✓" | "✔" | "☑" | "√" | "✅" | "✔\u{fe0f}" | "☑\u{fe0f}" => true,
        _ => return None,
    };
    let rest = rest.strip_prefix('*').unwrap_or(rest);
    let is_box = rest.starts_with(char::is_whitespace) && !rest.trim().is_empty();
    is_box.then(|| (is_ticked, rest.trim_start()))
}

/// The state that a note names, such as the cell of a column for it.
pub(super) fn of_note(note: &str) -> Option<State> {
    let note = note.trim_matches([' ', '.', ':', '*', '_', '`']);
    if note.starts_with(['✅', '✔', '☑']) {
        return Some(State::Done);
    }
    if note.is_empty() || note.split_whitespace().count() > LONGEST {
        return None;
    }
    match () {
        () if list("refused").begins(note) => Some(State::Refused),
        () if list("later").begins(note) => Some(State::Later),
        // `complete the order` is what has to be done.
        () => {
            let note = note.trim_start_matches(|c: char| !c.is_alphanumeric());
            let is_order = |rest: &str| rest.starts_with(' ') && list("done-verbs").begins(note);
            let after = list("done").after(note).filter(|rest| !is_order(rest));
            after.map(|_| State::Done)
        }
    }
}

/// The state that a heading is called by, without another word: `Completed orders` are work.
pub(super) fn of_heading(title: &str) -> Option<State> {
    let title = title.trim_matches([' ', '.', ':', '*', '_', '`']);
    match list("done").is_written(title) {
        true => Some(State::Done),
        false => list("refused").is(title).then_some(State::Refused),
    }
}

/// The state that the first clause after a name is: `**Export**: COMPLETE — with all columns`.
pub(super) fn of_clause(text: &str) -> Option<State> {
    let text = text.trim_start_matches([' ', ':', '：', '*', '_']);
    let clause = text
        .split(['—', '–', '.', ';', ','])
        .next()
        .unwrap_or_default();
    let later = || list("later").is(clause).then_some(State::Later);
    of_heading(clause).or_else(later)
}

/// The state that the note at the end of a description of tests names, if it has no reservation.
pub(super) fn passed(text: &str) -> Option<State> {
    let short = |note: &&str| note.split_whitespace().count() <= 2;
    let found = notes(text).filter(short).find_map(of_note);
    found.filter(|state| *state == State::Done)
}

fn notes(text: &str) -> impl Iterator<Item = &str> {
    let closed = [('(', ')'), ('[', ']'), ('（', '）')];
    let last = closed.into_iter().find_map(|(open, close)| {
        let (before, note) = text.strip_suffix(close)?.rsplit_once(open)?;
        (!before.trim().is_empty()).then_some(note)
    });
    let first = closed.into_iter().find_map(|(open, close)| {
        let (note, after) = text.strip_prefix(open)?.split_once(close)?;
        (!after.trim().is_empty()).then_some(note)
    });
    let after = |dash: &str| Some(text.rsplit_once(dash)?.1);
    let dash = [" — ", " – ", " - "].into_iter().find_map(after);
    let dash = dash.filter(|note| note.split_whitespace().count() <= SHORT);
    last.into_iter().chain(first).chain(dash)
}
