//! What the help, the palette and the last line say about keys; `key_actions.rs` decides what a key does.

use git_pm::tasks::Move;

use super::action::{Criteria, Verb};
use super::state::{Asked, Hit, Mode, Model, Tab};

/// The keys, as the help lists them.
pub const KEYS: &[(&str, &str)] = &[
    (
        "arrows h j k l",
        "move; PgUp PgDn Home End move in larger steps",
    ),
    (
        "Enter",
        "open the item; in a list, show the item on the board; Esc closes",
    ),
    (":", "command palette: type to find an action or an item"),
    ("d", "show the diff of the item's branch"),
    ("J K", "scroll the details"),
    ("Tab 1-5", "board, tree, order, runs, activity"),
    ("/", "filter with a query, as in git pm list"),
    ("v", "filter with a saved view"),
    ("g", "go to an item by typing part of its ID or title"),
    ("b", "change the columns"),
    ("w", "change the lanes"),
    ("n", "new task"),
    ("e", "edit title, priority, due date, epic, criteria, text"),
    ("m", "change the item's status"),
    ("s", "start the item"),
    ("f", "finish: submit it for review"),
    ("a", "approve it"),
    ("M", "merge it, once it is approved"),
    ("t", "tick off acceptance criteria"),
    ("A", "assign it"),
    ("c", "comment on it"),
    ("R", "reserve paths for it"),
    ("u", "undo your last operation"),
    ("r", "reload"),
    ("?", "this help"),
    ("q Ctrl-C", "quit"),
    ("Ctrl-Z", "suspend; `fg` in the shell continues"),
    ("mouse", "click selects, click again opens, wheel scrolls"),
];

/// The keys that stand for the item at the cursor of the board.
const OF_ITEM: &str = "demsfaMtAcR";

/// The keys of verbs that work only for some items.
const OF_STATUS: [(&str, Verb, &str); 5] = [
    ("s", Verb::Move(Move::Start), "start"),
    ("f", Verb::Move(Move::Finish), "finish"),
    ("a", Verb::Move(Move::Approve), "approve"),
    ("M", Verb::Move(Move::Merge), "merge"),
    ("t", Verb::Accept(Criteria::Open), "criteria"),
];

/// The actions of the command palette that would work now.
pub fn commands(model: &Model) -> Vec<Hit> {
    let (offered, target) = (model.offered(), model.target());
    let is_board = model.tab == Tab::Board;
    let works = |key: &str| {
        let status = OF_STATUS.iter().find(|(one, _, _)| *one == key);
        let is_possible = status.is_none_or(|(_, verb, _)| offered.contains(verb));
        let is_there = is_board && target.is_some();
        key != ":" && is_possible && (is_there || !OF_ITEM.contains(key))
    };
    let keys = KEYS.iter().filter_map(|(names, about)| {
        let key = names.split(' ').find(|_| *names != "J K")?;
        let letter = key.parse().ok()?;
        works(key).then_some(Hit::Key(letter, about))
    });
    let tabs = "12345".chars().zip(Tab::ALL);
    let tabs = tabs.map(|(key, tab)| Hit::Key(key, tab.name()));
    let others = offered.iter().filter(|verb| {
        let mut with_key = OF_STATUS.iter();
        is_board && !with_key.any(|(_, one, _)| one == *verb)
    });
    let others = others.filter_map(|verb| Some(Hit::Verb(*verb, target.clone()?)));
    keys.chain(others).chain(tabs).collect()
}

/// The keys for the last line, the most useful first.
pub fn now(model: &Model) -> Vec<(&'static str, &'static str)> {
    let card = model.card();
    match &model.mode {
        Mode::Help(_) => vec![("Esc", "close"), ("j k", "scroll")],
        Mode::Typing {
            asked: Asked::Filter(_),
            ..
        } => vec![("Enter", "keep"), ("Esc", "restore the last filter")],
        Mode::Typing { .. } => vec![("Enter", "do it"), ("Esc", "cancel")],
        Mode::Jump { .. } | Mode::Menu { .. } => {
            vec![("Enter", "do it"), ("Esc", "cancel"), ("↑ ↓", "choose")]
        }
        Mode::Confirm { .. } => vec![("y", "yes"), ("n", "no")],
        Mode::Browse if model.note.as_ref().is_some_and(|note| note.is_error) => {
            vec![("Esc", "close"), ("q", "quit")]
        }
        Mode::Browse if model.tab != Tab::Board => vec![
            ("Enter", "show on board"),
            ("Tab", "next view"),
            (":", "commands"),
            ("g", "go to"),
            ("r", "reload"),
            ("q", "quit"),
        ],
        Mode::Browse => {
            let mut keys = match (model.opened, card) {
                (true, _) => vec![("Esc", "back"), ("J K", "scroll")],
                (false, Some(_)) => vec![("Enter", "open")],
                (false, None) => Vec::new(),
            };
            if card.is_some() {
                let offered = model.offered();
                let able = OF_STATUS
                    .iter()
                    .filter(|(_, verb, _)| offered.contains(verb));
                keys.extend(able.map(|(key, _, does)| (*key, *does)));
                keys.extend([("m", "change"), ("d", "diff"), ("c", "comment")]);
            }
            keys.extend([
                ("n", "new"),
                ("/", "filter"),
                (":", "commands"),
                ("g", "go to"),
                ("Tab", "next view"),
                ("u", "undo"),
                ("q", "quit"),
            ]);
            keys
        }
    }
}
