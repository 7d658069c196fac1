//! Marks the ids whose number may still change with a question mark, wherever a person reads them.

use std::borrow::Cow;
use std::rc::Rc;

use git_pm::Pm;
use git_pm::items::{BoardView, UNSETTLED, UnsettledIds};

/// The ids whose number the first sync may still change.
#[derive(Clone, Debug, Default)]
pub struct Unsettled(Rc<UnsettledIds>);

impl Unsettled {
    /// Those of the present state. Where it cannot be read, the command itself says so.
    pub fn of(pm: &Pm) -> Unsettled {
        Unsettled(Rc::new(pm.items().unsettled_ids().unwrap_or_default()))
    }

    /// True if no number may change.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text with the mark behind each of these ids that it has, unless it is there.
    pub fn mark<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.is_empty() {
            return text.into();
        }
        let is_of_id = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_');
        let (mut out, mut rest) = (String::new(), text);
        while let Some(from) = rest.find(is_of_id) {
            let word = &rest[from..];
            let word = &word[..word.find(|c: char| !is_of_id(c)).unwrap_or(word.len())];
            // A sentence may end with an id.
            let id = word.trim_end_matches('.');
            let to = from + id.len();
            out += &rest[..to];
            if self.0.contains(id) && !rest[to..].starts_with(UNSETTLED) {
                out.push(UNSETTLED);
            }
            out += &word[id.len()..];
            rest = &rest[from + word.len()..];
        }
        Cow::Owned(out + rest)
    }

    /// A board whose cards have the marks.
    pub fn on_board(&self, mut view: BoardView) -> BoardView {
        let cells = view.lanes.iter_mut().flat_map(|lane| &mut lane.cells);
        for card in cells.flat_map(|cell| &mut cell.cards) {
            let more = [&mut card.epic, &mut card.waits_for];
            let ids = more.into_iter().filter_map(Option::as_mut);
            for id in ids.chain([&mut card.id]) {
                *id = self.mark(id).into_owned();
            }
        }
        view
    }
}

/// An id as it is without the mark.
#[cfg(feature = "tui")]
pub fn plain(id: &str) -> &str {
    id.trim_end_matches(UNSETTLED)
}

#[cfg(test)]
impl Unsettled {
    /// These ids.
    pub fn ids(ids: &[&str]) -> Unsettled {
        Unsettled(Rc::new(ids.iter().map(|id| (*id).to_string()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_that_may_change_is_marked_once() {
        let unsettled = Unsettled::ids(&["T-0001", "pm-a3f8.1"]);
        for (text, marked) in [
            ("T-0001", "T-0001?"),
            ("T-0001?", "T-0001?"),
            ("  T-0001  ", "  T-0001?  "),
            ("T-0002, T-0001", "T-0002, T-0001?"),
            ("after T-0001.", "after T-0001?."),
            ("T-00010 XT-0001 T-0001-k3f9", "T-00010 XT-0001 T-0001-k3f9"),
            ("(pm-a3f8.1) pm-a3f8", "(pm-a3f8.1?) pm-a3f8"),
            ("修复 T-0001", "修复 T-0001?"),
            ("", ""),
        ] {
            assert_eq!(unsettled.mark(text), marked);
            assert_eq!(Unsettled::default().mark(text), text);
        }
    }
}
