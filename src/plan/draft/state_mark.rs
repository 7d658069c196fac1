//! What an author notes at an entry about its state: `Fax export (dropped)`, `[done] Login`.

use crate::plan::document::{Words, words};

/// The state that a note names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StateMark {
    /// It exists already.
    Done,
    /// It will not be done.
    Refused,
    /// It may be done after this plan.
    Later,
}

/// The words that a note begins with.
const WORDS: &[(StateMark, Words)] = &[
    (
        StateMark::Done,
        words!(
            "done, complete, completed, finished, shipped, released, delivered, implemented, \
             merged, already, erledigt, fertig, umgesetzt, terminé, hecho, concluído, готово, 已完成, \
             完了, 完成",
        ),
    ),
    (
        StateMark::Refused,
        words!(
            "dropped, rejected, cancelled, canceled, abandoned, descoped, removed, obsolete, \
             superseded, wontfix, won't, won’t, wont, verworfen, gestrichen, abandonné, descartado, \
             отменено, 已取消, 廃止",
        ),
    ),
    (
        StateMark::Later,
        words!(
            "later, maybe, someday, future, deferred, postponed, backlog, stretch, später, \
             vielleicht, plus tard, más tarde, depois, позже, 以后, 後で",
        ),
    ),
];

/// Notes that need all of their words.
const PHRASES: &[(StateMark, Words)] = &[
    (
        StateMark::Refused,
        words!("out of scope, not planned, will not, no longer"),
    ),
    (
        StateMark::Later,
        words!("nice to have, not now, not yet, post mvp, post-mvp, after mvp"),
    ),
];

/// The longest note, in words.
const LONGEST: usize = 5;

/// The state that a text names in brackets at one of its ends, or after a dash at its end.
pub(super) fn state_mark(text: &str) -> Option<StateMark> {
    let text = text.trim_matches([' ', '.', '*', '_']);
    notes(text).find_map(of_note)
}

/// The state that a note names, such as the cell of a column for it.
pub(super) fn of_note(note: &str) -> Option<StateMark> {
    let note = note.trim_matches([' ', '.', ':', '*', '_']).to_lowercase();
    if note.is_empty() || note.split_whitespace().count() > LONGEST {
        return None;
    }
    let begins = |word: &str| {
        let rest = note.strip_prefix(word);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-'))
    };
    let all = PHRASES.iter().chain(WORDS);
    all.filter(|(_, words)| words.iter().any(begins))
        .map(|(mark, _)| *mark)
        .next()
}

fn notes(text: &str) -> impl Iterator<Item = &str> {
    let closed = [('(', ')'), ('[', ']'), ('（', '）')];
    let last = closed.into_iter().find_map(|(open, close)| {
        let inside = text.strip_suffix(close)?;
        let (before, note) = inside.rsplit_once(open)?;
        (!before.trim().is_empty()).then_some(note)
    });
    let first = closed.into_iter().find_map(|(open, close)| {
        let (note, after) = text.strip_prefix(open)?.split_once(close)?;
        (!after.trim().is_empty()).then_some(note)
    });
    let dash = [" — ", " – ", " - "].into_iter();
    let after = dash
        .filter_map(|dash| Some(text.rsplit_once(dash)?.1))
        .next();
    last.into_iter().chain(first).chain(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_at_an_end_names_the_state() {
        for (text, mark) in [
            ("Login (released in 1.2)", Some(StateMark::Done)),
            ("[done] Login", Some(StateMark::Done)),
            ("Fax export — dropped", Some(StateMark::Refused)),
            ("Dark mode (maybe)", Some(StateMark::Later)),
            ("Tip jar (nice to have).", Some(StateMark::Later)),
            ("Billing (out of scope)", Some(StateMark::Refused)),
            ("Search (3 points)", None),
            (
                "Retry (later attempts wait longer than the first one)",
                None,
            ),
            ("Done list", None),
            ("Mark an order as done", None),
            ("Removed items stay visible", None),
        ] {
            assert_eq!(state_mark(text), mark, "{text}");
        }
    }
}
