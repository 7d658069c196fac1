//! Renderings of the board in several sizes.

use git_pm::items::{BoardField, BoardState};
use ratatui_core::backend::TestBackend;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::terminal::Terminal;

use super::super::key_actions_tests::{board, loaded};
use super::super::state::{About, Asked, Details, Hit, Mode, Model, Note, Row, Tab};
use super::super::text_field::Input;
use super::draw;
use crate::render::style::Label;
use crate::render::tests::board_fixtures::{card, with_cards};

fn frame(model: &Model, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| {
            draw(frame.buffer_mut(), model, false);
        })
        .unwrap();
    terminal.backend().to_string()
}

fn with_details() -> Model {
    let mut model = loaded(board());
    let mut rows = vec![
        Row::of(Label::Id, "T-0001"),
        Row::of(Label::Heading, "Log in with a password"),
        Row::default(),
        Row::of(
            Label::Text,
            "A text that is much longer than the pane is wide. ".repeat(6),
        ),
    ];
    rows.extend((0..40).map(|n| Row::of(Label::Text, format!("line {n}"))));
    model.details = Some(Details {
        uid: "0".into(),
        about: About::Item,
        rows,
    });
    model
}

#[test]
fn the_board_is_drawn_in_five_sizes() {
    for (width, height) in [(80, 24), (40, 10), (120, 30), (200, 50), (20, 5)] {
        let model = loaded(board());
        insta::assert_snapshot!(format!("{width}x{height}"), frame(&model, width, height));
    }
}

#[test]
fn what_lies_over_the_board_is_drawn() {
    let mut lanes = board();
    let other = lanes.lanes[0].clone();
    lanes.lanes.push(other);
    lanes.lanes_by = Some(BoardField::Epic);
    lanes.lanes[0].title = "E-0001 Logging in".into();
    lanes.lanes[1].title = "no epic".into();
    insta::assert_snapshot!("lanes", frame(&loaded(lanes), 100, 40));

    insta::assert_snapshot!("details_beside", frame(&with_details(), 120, 24));
    let mut alone = with_details();
    alone.opened = true;
    insta::assert_snapshot!("details_alone", frame(&alone, 80, 24));

    let mut model = loaded(board());
    model.mode = Mode::Help(0);
    insta::assert_snapshot!("help", frame(&model, 80, 24));
    model.mode = Mode::Help(9);
    insta::assert_snapshot!("help_scrolled", frame(&model, 80, 12));

    model.mode = Mode::Typing {
        asked: Asked::Filter(String::new()),
        input: Input::of("status:open ("),
    };
    model.filter_error = Some("the query ends at column 14, where a condition is missing".into());
    insta::assert_snapshot!("filter", frame(&model, 80, 24));

    let mut model = loaded(board());
    let error = git_pm::Error::refused("the work is not committed")
        .hint("commit it in the worktree")
        .hint("`git pm finish --force` submits it all the same");
    model.note = Some(Note::failed(&error));
    insta::assert_snapshot!("error", frame(&model, 80, 24));

    model.note = None;
    model.tab = Tab::Activity;
    model.rows = vec![
        Row::of(Label::Text, "Create T-0001"),
        Row::of(Label::Text, "Begin"),
    ];
    insta::assert_snapshot!("list", frame(&model, 60, 12));
}

/// A card with everything that a card can say.
fn full(id: &str) -> git_pm::items::BoardCard {
    let mut one = card(
        id,
        "Wait for the page that somebody else draws",
        BoardState::Blocked,
    );
    one.item_type = "bug".into();
    one.labels = vec!["gui".into(), "slow".into()];
    one.epic = Some("E-0001".into());
    one.due_at = Some("2026-12-24T00:00:00Z".into());
    one.waits_for = Some("T-0001".into());
    one
}

#[test]
fn ob_10_a_card_says_what_it_waits_for_first_and_drops_the_least_important() {
    let screen = |count: usize, width| {
        let cards = (10..10 + count).map(|n| full(&format!("T-00{n}")));
        frame(&loaded(with_cards(cards.collect())), width, 24)
    };
    let few = screen(2, 100);
    for fact in [
        "after T-0001",
        "due 2026-12-24",
        "bug",
        "E-0001",
        "#gui",
        "criteria 0/2",
    ] {
        assert!(few.contains(fact), "{fact}\n{few}");
    }
    // Each of many cards has one line, with its whole id.
    let many = screen(18, 40);
    for n in 10..28 {
        let line = many
            .lines()
            .find(|line| line.contains(&format!("T-00{n} ")));
        let line = line.unwrap_or_else(|| panic!("no T-00{n}\n{many}"));
        assert!(line.contains("Wait for the page"), "{line}");
    }
    let many = screen(18, 70);
    assert_eq!(many.matches("after T-0001").count(), 18, "{many}");
    assert!(!many.contains("#slow"), "{many}");
}

#[test]
fn ob_02_wide_and_right_to_left_titles_keep_the_columns_in_line() {
    let titles = [
        "שלום עולם כותרת ארוכה מאוד",
        "修复登录时的竞争条件并添加测试修复登录时的竞争条件",
        "e\u{301}toile",
    ];
    for width in [40, 80, 119] {
        let cards = titles.iter().enumerate().flat_map(|(n, title)| {
            let queued = card(&format!("T-000{n}"), title, BoardState::Queued);
            [
                queued,
                card(&format!("T-001{n}"), "Right", BoardState::InProgress),
            ]
        });
        let model = loaded(with_cards(cards.collect()));
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, 24));
        let hits = draw(&mut buffer, &model, false);
        let right = hits.cards.iter().filter(|(_, place)| place.column == 1);
        let right: Vec<Rect> = right.map(|(area, _)| *area).collect();
        assert_eq!(right.len(), 3);
        for area in right {
            let id: String = (area.x..area.x + 4)
                .map(|x| buffer[(x, area.y)].symbol())
                .collect();
            assert_eq!(id, "T-00", "{width}");
        }
    }
}

#[test]
fn the_keys_are_in_the_last_line_at_any_width() {
    let mut model = loaded(board());
    for width in [40, 80, 160] {
        let last = |model: &Model| {
            let screen = frame(model, width, 12);
            screen.lines().last().unwrap_or_default().to_string()
        };
        assert!(last(&model).contains("Enter open"), "{}", last(&model));
        assert!(last(&model).contains("? help"), "{}", last(&model));
        model.note = Some(Note::done("Created T-0001"));
        assert!(last(&model).contains("? help"), "{}", last(&model));
        assert!(frame(&model, width, 12).contains("Created T-0001"));
        model.note = None;
        model.mode = Mode::Confirm {
            question: "Sure?".into(),
            action: crate::board::action::Action::Create("x".into()),
        };
        assert!(last(&model).contains("y yes  n no"), "{}", last(&model));
        model.mode = Mode::Browse;
    }
}

#[test]
fn any_size_and_any_text_can_be_drawn() {
    let evil = "\u{1b}[2J\u{9b}31m修复\u{202e}e\u{301}👩‍👩‍👧".repeat(1_000);
    let mut one = card("T-0001", &evil, BoardState::InProgress);
    one.owner = Some(evil.clone());
    let mut view = with_cards(vec![one]);
    view.columns[1].title = evil.clone();
    view.lanes[0].title = evil.clone();
    view.lanes_by = Some(BoardField::Stream);
    let mut model = loaded(view);
    model.filter = evil.clone();
    model.actor = evil.clone();
    model.rows = vec![Row::of(Label::Text, evil.clone())];
    let details = Details {
        uid: "0".into(),
        about: About::Item,
        rows: vec![Row::of(Label::Text, evil.clone())],
    };
    let typing = Mode::Typing {
        asked: Asked::Title,
        input: Input::of("修复登录".repeat(50).as_str()),
    };
    let jump = Mode::Jump {
        is_palette: true,
        input: Input::of("x"),
        hits: model.places().map(Hit::Item).collect(),
        at: 0,
    };
    for mode in [Mode::Browse, Mode::Help(30), typing, jump] {
        model.mode = mode;
        for details in [None, Some(details.clone())] {
            model.details = details;
            model.opened = model.details.is_some();
            for tab in Tab::ALL {
                model.tab = tab;
                for width in [1, 2, 39, 40, 41, 79, 100, 101, 300] {
                    for height in [1, 5, 10, 11, 24, 90] {
                        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
                        draw(&mut buffer, &model, true);
                        let drawn = buffer.content.iter().flat_map(|cell| cell.symbol().chars());
                        assert!(!drawn.clone().any(git_pm::text::steers));
                    }
                }
            }
        }
    }
}

#[test]
fn without_colors_only_weight_and_reversal_are_used() {
    let model = with_details();
    for colored in [true, false] {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 30));
        draw(&mut buffer, &model, colored);
        let plain = |cell: &ratatui_core::buffer::Cell| {
            let reset = ratatui_core::style::Color::Reset;
            cell.fg == reset && cell.bg == reset
        };
        assert_eq!(buffer.content.iter().all(plain), !colored);
        let reversed = ratatui_core::style::Modifier::REVERSED;
        assert!(
            buffer
                .content
                .iter()
                .any(|cell| cell.modifier.contains(reversed))
        );
    }
}

#[test]
fn ten_thousand_cards_are_drawn_and_the_cursor_is_always_visible() {
    let cards = (0..10_000).map(|n| card(&format!("T-{n:05}"), "A title", BoardState::Queued));
    let mut model = loaded(with_cards(cards.collect()));
    let begun = std::time::Instant::now();
    for row in (0..10_000).step_by(37) {
        model.place.row = row;
        let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
        let hits = draw(&mut buffer, &model, false);
        let shown = hits.cards.iter().any(|(_, place)| *place == model.place);
        assert!(shown, "row {row}");
    }
    let each = begun.elapsed() / (10_000 / 37);
    // A bound for a debug build that runs in parallel with other tests.
    assert!(each.as_millis() < 100, "{each:?} per frame");
}
