//! The state that each item is in, and the shape of a board.

use std::collections::BTreeMap;

use super::{BoardCard, BoardField, BoardOptions, BoardView, GROUPS_MAX};
use crate::model::id::ItemKind;
use crate::query::Expr;
use crate::work::list::ListFilter;
use crate::work::new_item::{Fields, NewItem};
use crate::{Env, Options, Pm};

fn opened(dir: &std::path::Path) -> Pm {
    let vars = BTreeMap::from([
        ("PATH".to_string(), std::env::var_os("PATH").unwrap()),
        ("GIT_CONFIG_NOSYSTEM".to_string(), "1".into()),
        ("GIT_CONFIG_GLOBAL".to_string(), "/dev/null".into()),
        ("GIT_AUTHOR_NAME".to_string(), "Ana".into()),
        ("GIT_AUTHOR_EMAIL".to_string(), "ana@example.org".into()),
        ("GIT_COMMITTER_NAME".to_string(), "Ana".into()),
        ("GIT_COMMITTER_EMAIL".to_string(), "ana@example.org".into()),
    ]);
    for args in [
        &["init", "-q"][..],
        &["commit", "-q", "--allow-empty", "-m", "begin"],
    ] {
        let made = std::process::Command::new("git")
            .args(args)
            .current_dir(dir)
            .envs(&vars)
            .status();
        assert!(made.unwrap().success());
    }
    let pm = Pm::open(Env::new(dir, vars), Options::default()).unwrap();
    pm.state().init(&Default::default()).unwrap();
    pm
}

fn task(pm: &Pm, title: &str, change: impl FnOnce(&mut NewItem)) -> String {
    let mut new = NewItem {
        title: title.into(),
        ..NewItem::default()
    };
    change(&mut new);
    pm.tasks().create(ItemKind::Task, &new).unwrap().id
}

/// The cards with the value of their column.
fn placed(view: &BoardView) -> BTreeMap<&str, Option<&str>> {
    let mut found = BTreeMap::new();
    for lane in &view.lanes {
        for (column, cell) in view.columns.iter().zip(&lane.cells) {
            for card in &cell.cards {
                found.insert(card.title.as_str(), column.value.as_deref());
            }
        }
    }
    found
}

fn cards(view: &BoardView) -> impl Iterator<Item = &BoardCard> {
    let cells = view.lanes.iter().flat_map(|lane| &lane.cells);
    cells.flat_map(|cell| &cell.cards)
}

#[test]
fn ob_02_every_item_is_in_the_column_of_its_state() {
    let dir = tempfile::tempdir().unwrap();
    let pm = opened(dir.path());
    let epic = NewItem {
        title: "Epic".into(),
        ..NewItem::default()
    };
    pm.tasks().create(ItemKind::Epic, &epic).unwrap();
    let ready = task(&pm, "ready", |_| {});
    task(&pm, "waits", |new| {
        new.fields.depends_on = Some(vec![ready.clone()])
    });
    let started = task(&pm, "started", |_| {});
    pm.tasks().start(&started, &Default::default()).unwrap();
    let stopped = task(&pm, "stopped", |_| {});
    pm.tasks().block(&stopped, "no key").unwrap();
    let cancelled = task(&pm, "cancelled", |_| {});
    pm.tasks().cancel(&cancelled, None).unwrap();
    let closed = NewItem {
        title: "closed".into(),
        ..NewItem::default()
    };
    let closed = pm.tasks().create(ItemKind::Issue, &closed).unwrap().id;
    pm.issues().close(&[closed], None, false).unwrap();
    let view = pm.items().board(&BoardOptions::default()).unwrap();
    assert_eq!(
        placed(&view),
        BTreeMap::from([
            ("ready", Some("queued")),
            ("waits", Some("blocked")),
            ("started", Some("in_progress")),
            ("stopped", Some("blocked")),
            ("cancelled", Some("cancelled")),
            ("closed", Some("done")),
        ])
    );
    assert_eq!(view.total, 6, "an epic is not work itself");
    let columns: Vec<&str> = view.columns.iter().map(|c| c.title.as_str()).collect();
    assert_eq!(
        columns,
        [
            "queued",
            "in progress",
            "in review",
            "blocked or deferred",
            "done",
            "cancelled"
        ]
    );
    let running = cards(&view).find(|card| card.title == "started").unwrap();
    assert_eq!(running.owner.as_deref(), Some("Ana"));
    assert!(running.lease_until.is_some() && !running.lease_ended);
    assert!(cards(&view).all(|card| card.ready == (card.title == "ready")));
    for card in cards(&view) {
        let waits_for = (card.title == "waits").then_some(ready.as_str());
        assert_eq!(card.waits_for.as_deref(), waits_for, "{}", card.title);
    }

    let query = |text: &str| BoardOptions {
        filter: ListFilter {
            query: Some(Expr::parse(text).unwrap()),
            ..ListFilter::default()
        },
        ..BoardOptions::default()
    };
    let only = |text: &str| pm.items().board(&query(text)).unwrap().total;
    assert_eq!(only("kind:epic"), 1);
    assert_eq!(only("is:open"), 4);
    assert_eq!(only("is:closed"), 2);
    assert_eq!(only("waits"), 1);
}

#[test]
fn columns_and_lanes_can_be_other_fields() {
    let dir = tempfile::tempdir().unwrap();
    let pm = opened(dir.path());
    let epic = NewItem {
        title: "Logging in".into(),
        ..NewItem::default()
    };
    let epic = pm.tasks().create(ItemKind::Epic, &epic).unwrap().id;
    let priority = |priority: u8, assignee: &str| Fields {
        priority: Some(priority),
        assignee: (!assignee.is_empty()).then(|| assignee.to_string()),
        ..Fields::default()
    };
    task(&pm, "one", |new| {
        new.fields = Fields {
            epic: Some(epic.clone()),
            ..priority(3, "ben")
        }
    });
    task(&pm, "two", |new| new.fields = priority(0, "ben"));
    task(&pm, "three", |new| new.fields = priority(1, ""));
    let view = pm
        .items()
        .board(&BoardOptions {
            by: BoardField::Owner,
            lanes: Some(BoardField::Epic),
            ..BoardOptions::default()
        })
        .unwrap();
    let titles = |list: Vec<&String>| -> Vec<String> { list.into_iter().cloned().collect() };
    assert_eq!(
        titles(view.columns.iter().map(|c| &c.title).collect()),
        ["ben", "no owner"]
    );
    assert_eq!(
        titles(view.lanes.iter().map(|l| &l.title).collect()),
        ["E-0001 Logging in", "no epic"]
    );
    assert_eq!(view.lanes[0].value.as_deref(), Some("E-0001"));
    let counts: Vec<usize> = view.columns.iter().map(|c| c.count).collect();
    assert_eq!(counts, [2, 1]);
    assert_eq!(view.lanes[1].cells[0].cards[0].title, "two");
    let same = BoardOptions {
        lanes: Some(BoardField::State),
        ..BoardOptions::default()
    };
    assert!(pm.items().board(&same).is_err());
}

#[test]
fn a_board_is_bounded_and_counts_what_it_leaves_out() {
    let dir = tempfile::tempdir().unwrap();
    let pm = opened(dir.path());
    for n in 0..GROUPS_MAX + 3 {
        task(&pm, &format!("task {n}"), |new| {
            new.fields = Fields {
                priority: Some(if n == 40 { 0 } else { 2 }),
                stream: Some(format!("stream-{n:02}")),
                ..Fields::default()
            };
        });
    }
    let board = |by, cards| {
        let options = BoardOptions {
            by,
            cards,
            ..BoardOptions::default()
        };
        pm.items().board(&options).unwrap()
    };
    let view = board(BoardField::State, 5);
    let queued = &view.lanes[0].cells[0];
    assert_eq!((queued.cards.len(), queued.count), (5, GROUPS_MAX + 3));
    assert_eq!(queued.left_out, GROUPS_MAX - 2);
    assert_eq!(
        queued.cards[0].title, "task 40",
        "the most urgent comes first"
    );
    let view = board(BoardField::Stream, 5);
    assert_eq!((view.columns.len(), view.left_out), (GROUPS_MAX, 3));
    assert_eq!(view.total, GROUPS_MAX + 3);
}
