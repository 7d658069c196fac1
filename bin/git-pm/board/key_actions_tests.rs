//! Tests of key and mouse handling, without a terminal and without a repository.

use git_pm::items::{BoardField, BoardOptions, BoardState, BoardView};
use git_pm::tasks::Move;
use ratatui_crossterm::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use super::action::{Action, Question, Verb};
use super::key_actions::{Effect, update};
use super::key_help::KEYS;
use super::state::{About, Mode, Model, Place, Tab};
use super::view::{Hits, draw};
use crate::render::tests::board_fixtures::{card, with_cards};

/// Two items waiting to be started, and one in each other state but the last.
pub fn board() -> BoardView {
    with_cards(vec![
        card("T-0001", "Log in with a password", BoardState::Queued),
        card(
            "T-0002",
            "修复登录时的竞争条件并添加测试",
            BoardState::Queued,
        ),
        card("T-0003", "Draw the page", BoardState::InProgress),
        card(
            "T-0004",
            "Lock the account after five failures",
            BoardState::InReview,
        ),
        card(
            "T-0005",
            "Wait for the page that somebody else draws",
            BoardState::Blocked,
        ),
        card("T-0006", "Begin", BoardState::Done),
    ])
}

/// A model with this board.
pub fn loaded(view: BoardView) -> Model {
    let mut model = Model::new(BoardOptions::default(), "ana");
    model.loaded(Ok(view));
    model
}

fn press(model: &mut Model, code: KeyCode) -> Effect {
    let key = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    update(model, &key, &Hits::default())
}

/// Presses keys and returns the effect of the last one.
pub fn keys(model: &mut Model, text: &str) -> Effect {
    let mut effect = Effect::Nothing;
    for c in text.chars() {
        let code = match c {
            '⏎' => KeyCode::Enter,
            '⎋' => KeyCode::Esc,
            '↓' => KeyCode::Down,
            c => KeyCode::Char(c),
        };
        effect = press(model, code);
    }
    effect
}

/// The id of the item at the cursor.
pub fn id(model: &Model) -> &str {
    model.card().map_or("", |card| &card.id)
}

/// A change that is to be made: its verb, item and text.
pub fn change(effect: Effect) -> (Verb, String, String) {
    match effect {
        Effect::Do(Action::Change(verb, target, text)) => (verb, target.id, text),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_cursor_moves_over_cards_and_columns_and_stays_inside() {
    let mut model = loaded(board());
    assert_eq!(id(&model), "T-0001");
    keys(&mut model, "jjj");
    assert_eq!(id(&model), "T-0002");
    keys(&mut model, "l");
    assert_eq!(id(&model), "T-0003");
    keys(&mut model, "lllllllll");
    assert_eq!(id(&model), "T-0006", "the last column that has cards");
    keys(&mut model, "hhhhhhhhhhkk");
    assert_eq!(id(&model), "T-0001");
    press(&mut model, KeyCode::End);
    assert_eq!(id(&model), "T-0002");
    press(&mut model, KeyCode::Home);
    assert_eq!(id(&model), "T-0001");
}

#[test]
fn the_cursor_stays_at_its_item_when_the_board_changes() {
    let mut model = loaded(board());
    keys(&mut model, "j");
    let mut changed = board();
    changed.lanes[0].cells[0].cards.swap(0, 1);
    model.loaded(Ok(changed));
    assert_eq!((id(&model), model.place.row), ("T-0002", 0));
    model.loaded(Ok(with_cards(vec![card(
        "T-0009",
        "New",
        BoardState::Cancelled,
    )])));
    assert_eq!(id(&model), "T-0009", "the item is gone");
    model.loaded(Ok(with_cards(Vec::new())));
    assert_eq!(model.card(), None);
    for code in [
        KeyCode::Down,
        KeyCode::Right,
        KeyCode::Enter,
        KeyCode::Char('m'),
    ] {
        press(&mut model, code);
    }
    assert_eq!(keys(&mut model, "s"), Effect::Nothing);
}

/// Another process changes the board while something is open on it.
#[test]
fn what_is_open_stays_about_its_item_when_the_board_changes() {
    let without_first = || {
        let mut changed = board();
        changed.lanes[0].cells[0].cards.remove(0);
        Ok(changed)
    };
    let mut model = loaded(board());
    keys(&mut model, "m");
    model.loaded(without_first());
    assert_eq!(id(&model), "T-0002");
    assert_eq!(
        change(keys(&mut model, "⏎")),
        (Verb::Move(Move::Start), "T-0001".into(), String::new()),
        "the menu was opened for it"
    );

    let mut model = loaded(board());
    keys(&mut model, "gpage↓");
    model.loaded(without_first());
    keys(&mut model, "⏎");
    assert_eq!(id(&model), "T-0005", "the second of two");

    let mut model = loaded(board());
    keys(&mut model, "⏎");
    model.loaded(Ok(board()));
    assert!(model.opened && model.note.is_none());
    model.loaded(without_first());
    assert!(!model.opened, "the keys are about another one now");
    assert!(model.note.is_some());
}

#[test]
fn lanes_are_walked_through_from_one_to_the_next() {
    let mut view = board();
    let other = view.lanes[0].clone();
    view.lanes.push(other);
    view.lanes_by = Some(BoardField::Epic);
    let mut model = loaded(view);
    keys(&mut model, "jj");
    assert_eq!(
        model.place,
        Place {
            lane: 1,
            column: 0,
            row: 0
        }
    );
    keys(&mut model, "k");
    assert_eq!(
        model.place,
        Place {
            lane: 0,
            column: 0,
            row: 1
        }
    );
}

#[test]
fn a_query_is_applied_while_it_is_typed_and_an_error_keeps_the_last_result() {
    let mut model = loaded(board());
    assert_eq!(keys(&mut model, "/"), Effect::Nothing);
    assert_eq!(keys(&mut model, "is:ready"), Effect::Board);
    assert_eq!(model.filter, "is:ready");
    assert_eq!(keys(&mut model, " ("), Effect::Nothing);
    assert_eq!(model.filter, "is:ready");
    assert!(model.filter_error.is_some());
    assert_eq!(keys(&mut model, "⏎"), Effect::Nothing);
    assert!(model.is_filtering(), "an error cannot be confirmed");
    press(&mut model, KeyCode::Backspace);
    press(&mut model, KeyCode::Backspace);
    model.loaded(Ok(board()));
    assert_eq!(
        (keys(&mut model, "⏎"), &model.mode),
        (Effect::Nothing, &Mode::Browse)
    );
    assert_eq!(keys(&mut model, "/x⎋"), Effect::Board);
    assert_eq!(model.filter, "is:ready", "Esc restores the previous query");
    // Errors that only the library finds are shown with the line, too.
    keys(&mut model, "/");
    model.loaded(Err(git_pm::Error::usage("`moon` is not a status")));
    assert_eq!(
        model.filter_error.as_deref(),
        Some("`moon` is not a status")
    );
    assert_eq!(model.view, board());
}

#[test]
fn letters_of_an_id_or_a_title_lead_to_an_item() {
    let mut model = loaded(board());
    keys(&mut model, "g");
    keys(&mut model, "lck");
    let Mode::Jump { hits, .. } = &model.mode else {
        panic!("{:?}", model.mode);
    };
    assert_eq!(hits.len(), 1);
    keys(&mut model, "⏎");
    assert_eq!(id(&model), "T-0004");
    keys(&mut model, "gt3⏎");
    assert_eq!(id(&model), "T-0003");
    keys(&mut model, "gnothing like it⏎");
    assert_eq!(id(&model), "T-0003");
}

#[test]
fn actions_are_about_the_item_at_the_cursor_and_ask_where_they_should() {
    let mut model = loaded(board());
    let none = String::new();
    assert_eq!(
        change(keys(&mut model, "s")),
        (Verb::Move(Move::Start), "T-0001".into(), none.clone())
    );
    assert_eq!(
        change(keys(&mut model, "f")),
        (Verb::Move(Move::Finish), "T-0001".into(), none.clone())
    );
    assert_eq!(
        change(keys(&mut model, "e")),
        (Verb::Edit, "T-0001".into(), none.clone())
    );
    assert_eq!(
        change(keys(&mut model, "Aben⏎")),
        (Verb::Assign, "T-0001".into(), "ben".into())
    );
    assert_eq!(
        change(keys(&mut model, "cit fails⏎")),
        (Verb::Comment, "T-0001".into(), "it fails".into())
    );
    assert_eq!(keys(&mut model, "c⏎"), Effect::Nothing, "no empty comment");
    // Without paths, the item's planned paths are meant.
    for paths in ["src/a.rs docs/**", ""] {
        assert_eq!(
            change(keys(&mut model, &format!("R{paths}⏎"))),
            (Verb::Reserve, "T-0001".into(), paths.into())
        );
    }
    assert_eq!(
        keys(&mut model, "nNew one⏎"),
        Effect::Do(Action::Create("New one".into()))
    );
    assert_eq!(keys(&mut model, "n  ⏎"), Effect::Nothing);
    // Approval affects others, and undo is destructive: both prompts name their subject.
    let target = model.target().expect("an item");
    assert_eq!(
        keys(&mut model, "a"),
        Effect::Ask(Question::Work(Move::Approve, target.clone()))
    );
    assert_eq!(keys(&mut model, "u"), Effect::Ask(Question::Undo));
    let commit = "0123456789".to_string();
    for action in [
        Action::Undo(commit.clone()),
        Action::Approve(target, Some(commit)),
    ] {
        let asked = Mode::Confirm {
            question: "Sure?".into(),
            action: action.clone(),
        };
        model.mode = asked.clone();
        assert_eq!(keys(&mut model, "x"), Effect::Nothing);
        assert_eq!(keys(&mut model, "n"), Effect::Nothing);
        assert_eq!(model.mode, Mode::Browse);
        model.mode = asked;
        assert_eq!(keys(&mut model, "y"), Effect::Do(action));
    }
}

#[test]
fn a_menu_offers_the_moves_of_the_card() {
    let mut model = loaded(board());
    keys(&mut model, "m↓⏎");
    assert_eq!(
        change(keys(&mut model, "no key⏎")),
        (Verb::Move(Move::Block), "T-0001".into(), "no key".into())
    );
    // The last one cancels: its reason may be empty, and it is confirmed.
    keys(&mut model, "m↓↓↓↓↓⏎");
    assert_eq!(keys(&mut model, "⏎"), Effect::Nothing);
    assert_eq!(change(keys(&mut model, "y")).0, Verb::Move(Move::Cancel));
    assert_eq!(keys(&mut model, "m⎋"), Effect::Nothing);
    assert_eq!(model.mode, Mode::Browse);
}

#[test]
fn columns_and_lanes_change_and_are_never_the_same() {
    let mut model = loaded(board());
    for _ in 0..30 {
        assert_eq!(keys(&mut model, "w"), Effect::Board);
        assert_eq!(keys(&mut model, "b"), Effect::Board);
        assert_ne!(Some(model.by), model.lanes);
    }
}

#[test]
fn the_mouse_selects_opens_and_changes_tabs() {
    let mut model = loaded(board());
    let mut buffer =
        ratatui_core::buffer::Buffer::empty(ratatui_core::layout::Rect::new(0, 0, 120, 30));
    let hits = draw(&mut buffer, &model, false);
    let click = |model: &mut Model, column: u16, row: u16| {
        let event = MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row,
            modifiers: KeyModifiers::NONE,
        };
        update(model, &Event::Mouse(event), &hits)
    };
    assert_eq!(click(&mut model, 26, 4), Effect::Nothing);
    assert_eq!((id(&model), model.opened), ("T-0003", false));
    click(&mut model, 26, 4);
    assert!(model.opened);
    assert_eq!(click(&mut model, 119, 29), Effect::Nothing);
    assert_eq!(click(&mut model, 12, 0), Effect::Rows);
    assert_eq!(model.tab, Tab::Tree);
}

#[test]
fn a_board_with_more_cards_than_the_first_frame_takes_is_partial() {
    let mut model = loaded(board());
    assert!(!model.is_partial());
    model.view.lanes[0].cells[1].left_out = 1;
    assert!(model.is_partial());
    let first = model.options().unwrap().cards;
    assert!((50..1_000).contains(&first), "{first}");
}

#[test]
fn details_and_difference_take_turns_and_the_same_key_closes_them() {
    let mut model = loaded(board());
    let uid = |model: &Model| model.card().unwrap().uid.clone();
    assert_eq!(model.wanted(), None);
    for (key, about) in [("⏎", About::Item), ("d", About::Diff), ("⏎", About::Item)] {
        keys(&mut model, key);
        assert_eq!(model.wanted(), Some((uid(&model), about)));
    }
    keys(&mut model, "j");
    assert_eq!(id(&model), "T-0002");
    let next = Some((uid(&model), About::Item));
    assert_eq!(model.wanted(), next, "the next item's");
    keys(&mut model, "⏎");
    assert_eq!(model.wanted(), None);
    model.wide = true;
    assert_eq!(model.wanted(), next, "always beside the board");
    keys(&mut model, "dd");
    assert_eq!(model.wanted(), next);
    keys(&mut model, "2");
    assert_eq!(model.wanted(), None);
}

#[test]
fn every_key_of_the_help_does_something() {
    for (names, _) in KEYS {
        for name in names.split(' ').filter(|name| name.chars().count() == 1) {
            let mut model = loaded(board());
            // A position with room on all sides.
            keys(&mut model, "jl");
            model.details_top = 1;
            keys(&mut model, "h");
            if matches!(name, "j" | "l") {
                keys(&mut model, "k");
            }
            if name == "k" {
                keys(&mut model, "j");
            }
            if name == "h" {
                keys(&mut model, "l");
            }
            let before = format!("{model:?}");
            let effect = keys(&mut model, name);
            assert!(
                effect != Effect::Nothing || format!("{model:?}") != before,
                "{name} does nothing"
            );
        }
    }
    let mut model = loaded(board());
    let stop = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(
        update(&mut model, &Event::Key(stop), &Hits::default()),
        Effect::Quit
    );
}

#[test]
fn ctrl_z_suspends_and_other_letters_with_ctrl_do_nothing() {
    let mut model = loaded(board());
    let mut with_control = |c| {
        let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
        update(&mut model, &Event::Key(key), &Hits::default())
    };
    assert_eq!(with_control('z'), Effect::Suspend);
    for letter in "sfaucrnq".chars() {
        assert_eq!(
            with_control(letter),
            if letter == 'c' {
                Effect::Quit
            } else {
                Effect::Nothing
            }
        );
    }
}
