//! Tests of the command palette: it has what would work, and all of it.

use git_pm::items::BoardState;
use git_pm::tasks::Move;

use super::action::{Criteria, Question, Verb};
use super::key_actions::Effect;
use super::key_actions_tests::{board, change, id, keys, loaded};
use super::state::{Choice, Hit, Mode, Model};
use crate::render::tests::board_fixtures::{card, with_cards};

#[test]
fn the_palette_finds_actions_that_would_work_and_items() {
    let mut model = loaded(board());
    let found = |model: &Model| {
        let Mode::Jump { hits, .. } = &model.mode else {
            panic!("{:?}", model.mode);
        };
        let all: Vec<String> = hits.iter().map(|hit| model.hit_text(hit)).collect();
        all.join("\n")
    };
    keys(&mut model, ":");
    let all = found(&model);
    assert!(all.contains("start the item (s)"), "{all}");
    assert!(all.contains("T-0001: block it, with a reason"), "{all}");
    assert!(!all.contains("approve it"), "{all}");
    keys(&mut model, "start the");
    assert_eq!(
        change(keys(&mut model, "⏎")),
        (Verb::Move(Move::Start), "T-0001".into(), String::new())
    );
    keys(&mut model, ":T-0004⏎");
    assert_eq!(id(&model), "T-0004");
    keys(&mut model, ":approve it");
    let target = model.target().expect("an item");
    assert_eq!(
        keys(&mut model, "⏎"),
        Effect::Ask(Question::Work(Move::Approve, target))
    );
    // An actor's own item can be submitted; what is not ready cannot be started.
    keys(&mut model, ":T-0003⏎:");
    assert!(found(&model).contains("finish: submit it"));
    keys(&mut model, "⎋:T-0005⏎:");
    assert!(!found(&model).contains("start the item"));
    // A list has no item at the cursor of the board.
    keys(&mut model, "⎋2:");
    assert!(!found(&model).contains("comment on it"));
    let Mode::Jump { hits, .. } = &model.mode else {
        panic!("{:?}", model.mode);
    };
    assert!(hits.contains(&Hit::Key('3', "order")));
}

#[test]
fn the_palette_has_whatever_the_item_offers() {
    let mut view = with_cards(vec![card("T-0001", "Log in", BoardState::InReview)]);
    let card = &mut view.lanes[0].cells[2].cards[0];
    card.moves = Move::ALL.to_vec();
    card.accepts = true;
    let mut model = loaded(view);
    let target = model.target().expect("an item");
    let offered = model.offered();
    assert_eq!(offered.len(), Move::ALL.len() + 1);
    // Each is found by its words, and does what it does in the menu.
    for verb in offered {
        keys(&mut model, ":");
        let Mode::Jump { hits, .. } = &model.mode else {
            panic!("{:?}", model.mode);
        };
        let is_it = |hit: &Hit| match hit {
            Hit::Verb(one, of) => *one == verb && *of == target,
            Hit::Key(key, _) => key_of(verb) == Some(*key),
            Hit::Item(_) => false,
        };
        assert!(hits.iter().any(is_it), "{verb:?}: {hits:?}");
        assert!(!verb.name().is_empty() && verb.done() != "Changed");
        keys(&mut model, "⎋");
    }
    assert_eq!(
        keys(&mut model, ":merge it⏎"),
        Effect::Ask(Question::Work(Move::Merge, target.clone()))
    );
    assert_eq!(keys(&mut model, ":tick⏎"), Effect::Criteria(target.clone()));
    let choice = |which| Choice::Criteria(which, "it is clean".into(), target.clone());
    model.mode = Mode::Menu {
        title: "accept".into(),
        choices: vec![choice(Criteria::One(2)), choice(Criteria::All)],
        at: 0,
    };
    // The evidence may be empty.
    assert_eq!(
        change(keys(&mut model, "⏎seen⏎")),
        (
            Verb::Accept(Criteria::One(2)),
            "T-0001".into(),
            "seen".into()
        )
    );
    keys(&mut model, "t");
    model.mode = Mode::Menu {
        title: "accept".into(),
        choices: vec![choice(Criteria::All)],
        at: 0,
    };
    assert_eq!(
        change(keys(&mut model, "⏎⏎")).0,
        Verb::Accept(Criteria::All)
    );
    // What it does not offer is not there.
    let mut model = loaded(board());
    keys(&mut model, ":merge it");
    let Mode::Jump { hits, .. } = &model.mode else {
        panic!("{:?}", model.mode);
    };
    assert!(!hits.iter().any(|hit| matches!(hit, Hit::Key('M', _))));
}

/// The key of a verb that has one.
fn key_of(verb: Verb) -> Option<char> {
    match verb {
        Verb::Move(Move::Start) => Some('s'),
        Verb::Move(Move::Finish) => Some('f'),
        Verb::Move(Move::Approve) => Some('a'),
        Verb::Move(Move::Merge) => Some('M'),
        Verb::Accept(_) => Some('t'),
        _ => None,
    }
}
