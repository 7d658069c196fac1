//! The sizes of boards, graphs and charts, and the escaping of their texts.

use super::super::board::{BoardPage, Choice, bound};
use super::super::charts::Plot;
use super::super::frame::Frame;
use super::super::graph::{Diagram, GraphPage};
use super::super::limits::{BOARD_CARDS_MAX, GRAPH_ITEMS_MAX};
use super::{HOSTILE, check};
use crate::work::board::{
    BoardCard, BoardCell, BoardColumn, BoardField, BoardLane, BoardState, BoardView,
};
use crate::work::insight::{ItemLine, OrderedItem};

/// A board with this many columns, lanes and cards per cell, all with this title.
fn board_of(columns: usize, lanes: usize, cards: usize, title: &str) -> BoardView {
    let card = |n: usize| BoardCard {
        uid: format!("01jd00000000000000000{n:05}"),
        id: format!("T-{n:04}~k3f9"),
        kind: "task".into(),
        item_type: "feature".into(),
        title: title.into(),
        status: "queued".into(),
        state: BoardState::Queued,
        priority: 1,
        owner: Some(title.into()),
        agent: None,
        lease_until: None,
        lease_ended: true,
        given_up: false,
        lost: false,
        returned: false,
        ready: false,
        moves: Vec::new(),
        accepts: false,
        blocked: true,
        epic: None,
        stream: None,
        labels: Vec::new(),
        due_at: None,
        defer_until: None,
        waits_for: None,
        criteria: 10,
        criteria_met: 3,
        findings: 0,
        blocking_findings: 0,
        updated_at: String::new(),
    };
    let cell = || BoardCell {
        count: 10_000,
        cards: (0..cards).map(card).collect(),
        left_out: 10_000 - cards,
    };
    let column = |n: usize| BoardColumn {
        value: Some(format!("column {n} {title}")),
        title: title.into(),
        count: 10_000,
    };
    let lane = |n: usize| BoardLane {
        value: (lanes > 1).then(|| n.to_string()),
        title: title.into(),
        count: 10_000,
        cells: (0..columns).map(|_| cell()).collect(),
    };
    BoardView {
        by: BoardField::State,
        lanes_by: (lanes > 1).then_some(BoardField::Owner),
        total: 10_000,
        columns: (0..columns).map(column).collect(),
        lanes: (0..lanes).map(lane).collect(),
        left_out: 0,
    }
}

fn rendered(mut board: BoardView) -> String {
    bound(&mut board, BOARD_CARDS_MAX);
    let frame = Frame {
        title: "Board".into(),
        may_write: true,
        may_approve: true,
        ..Frame::default()
    };
    let page = BoardPage {
        frame,
        choice: Choice::default(),
        problem: None,
        advice: Vec::new(),
        fields: BoardField::ALL,
        views: Vec::new(),
        menus: Vec::new(),
        board,
        now_ms: 0,
        only: None,
    };
    askama::Template::render(&page).unwrap()
}

/// Issue 15: a board of 10,000 items is a page of less than 350 KB, with its style and scripts.
#[test]
fn ob_02_a_board_is_bounded() {
    let usual = rendered(board_of(
        6,
        1,
        20,
        "A title of a usual length, with some words",
    ));
    assert_eq!(usual.matches("<li class=\"card").count(), 120);
    assert!(usual.len() < 250_000, "{} bytes", usual.len());
    let longest = HOSTILE.repeat(100);
    let many = rendered(board_of(6, 5, 20, &longest));
    let cards = many.matches("<li class=\"card").count();
    assert!((90..=BOARD_CARDS_MAX).contains(&cards), "{cards} cards");
    let assets = [
        "page.css",
        "page.js",
        "keys.js",
        "select.js",
        "inline.js",
        "filter.js",
    ]
    .map(|name| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve/page/assets");
        std::fs::read(folder.join(name)).unwrap().len()
    });
    let assets: usize = assets.iter().sum();
    assert!(
        usual.len() + assets < 350_000,
        "{} bytes and {assets}",
        usual.len()
    );
    assert!(many.len() < 350_000, "{} bytes", many.len());
    let wide = rendered(board_of(50, 50, 1, &longest));
    assert!(wide.contains("480000 items are in columns or lanes"));
    assert!(wide.len() < 350_000, "{} bytes", wide.len());
}

#[test]
fn ob_02_cells_keep_the_same_number_of_cards() {
    let mut board = board_of(3, 1, 20, "x");
    board.lanes[0].cells[1].cards.truncate(1);
    bound(&mut board, 11);
    let sizes: Vec<usize> = board.lanes[0]
        .cells
        .iter()
        .map(|cell| cell.cards.len())
        .collect();
    assert_eq!(sizes, [5, 1, 5]);
    assert_eq!(board.lanes[0].cells[0].left_out, 9_980 + 15);
}

#[test]
fn a_picture_has_titles_as_text_and_a_bounded_number_of_boxes() {
    let item = |n: usize| OrderedItem {
        position: n,
        item: ItemLine {
            id: format!("T-{n}"),
            kind: "task".into(),
            title: HOSTILE.into(),
            item_type: "feature".into(),
            status: "queued".into(),
            priority: 1,
            owner: None,
        },
        hours: 4,
        estimated: false,
        slack: u64::from(!n.is_multiple_of(2)),
        ready: n == 0,
        waits_for: if n == 0 {
            Vec::new()
        } else {
            vec![format!("T-{}", (n - 1) / 2)]
        },
    };
    let mut order: Vec<OrderedItem> = (0..GRAPH_ITEMS_MAX + 7).map(item).collect();
    order.push(OrderedItem {
        waits_for: Vec::new(),
        ..item(9_999)
    });
    let diagram = Diagram::of(order, "/items/");
    assert_eq!(
        (diagram.nodes.len(), diagram.left_out, diagram.alone),
        (GRAPH_ITEMS_MAX, 7, 1)
    );
    for arrow in &diagram.arrows {
        assert!(arrow.from.0 < arrow.to.0, "an arrow leads to the right");
    }
    let page = GraphPage {
        frame: Frame::default(),
        diagram,
        under: None,
        epics: Vec::new(),
    };
    let html = askama::Template::render(&page).unwrap();
    check(&html, "graph");
    assert!(html.contains("class=\"arrow critical\"") && html.contains("T-9</a>"));
    assert!(
        !html.contains("T-9999"),
        "what has no dependency is only counted"
    );
    let bars = [
        (HOSTILE.to_string(), vec![1.0, f64::NAN]),
        ("b".into(), vec![-1.0, 3.0]),
    ];
    let plot = Plot::new(HOSTILE, "Day", &["in", "out"], &bars, 1).to_string();
    assert!(
        !plot.contains("<script") && plot.contains("&#60;script&#62;"),
        "{plot}"
    );
    assert!(
        plot.contains("height=\"140\"") && !plot.contains("height=\"-"),
        "{plot}"
    );
    assert!(!plot.contains("=\"NaN\""), "{plot}");
}
