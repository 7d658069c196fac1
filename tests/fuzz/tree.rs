//! States of arbitrary trees: every query has an answer.

use std::time::Duration;

use git_pm::internals::model::id::ItemRef;
use git_pm::internals::store::repository;
use git_pm::internals::store::state::State;
use git_pm::values::ItemKind;

use crate::harness::{Target, Work, run};
use crate::trees::{self, World};

/// The time limit for reading a small tree, on a busy machine in a debug build.
const LIMIT: Duration = Duration::from_secs(8);

#[test]
fn states_of_any_tree_answer_every_query() {
    let target = Target {
        name: "tree",
        tokens: trees::TOKENS,
        seeds: Vec::new,
        make: Some(trees::make),
        rounds: 80,
    };
    run(target, World::new, probe);
}

fn probe(world: &mut World, input: &[u8]) -> String {
    let tree = world.tree(input);
    let begun = Work::begin();
    let kind = ask(world, tree).unwrap_or_else(|error| {
        assert!(!error.to_string().is_empty());
        format!("{:?} {}", error.kind(), words(error.message()))
    });
    let taken = begun.elapsed();
    assert!(taken < LIMIT, "it took {taken:?}");
    kind
}

fn ask(world: &World, tree: git_pm::internals::store::git::repo::Oid) -> git_pm::Result<String> {
    let found = repository::read(&world.repo, tree)?;
    let counts = (
        found.redactions().values.len(),
        found.raises().len(),
        found.is_present(),
    );
    let state = State::of_tree(&world.repo, None, tree)?;
    let items = state.items();
    let mut names = vec![
        String::new(),
        " ".into(),
        "T-0007".into(),
        "t-7".into(),
        "pm-".into(),
        "-".into(),
    ];
    for item in &items {
        let shown = state.shown_id(item);
        assert_eq!(
            state.find(&shown)?.uid,
            item.uid,
            "{shown} is shown and refers to another item"
        );
        assert!(state.item(&item.uid).is_some() && state.doc(&item.uid).is_some());
        state.shown_ref(&item.reference());
        for dependency in &item.depends_on {
            state.shown_ref(&dependency.target);
        }
        names.extend([item.alias(), item.born.clone(), item.uid.to_string()]);
    }
    for name in &names {
        let _ = state.find(name);
        state.shown_ref(&ItemRef::parse(name));
        for kind in ItemKind::ALL {
            let _ = state.find_kind(name, kind);
        }
    }
    for kind in [ItemKind::Prd, ItemKind::Epic, ItemKind::Task] {
        let next = state.next_number(kind);
        let taken = items
            .iter()
            .any(|item| item.id == git_pm::internals::model::id::sequential(kind, next));
        assert!(!taken || next == u32::MAX, "number {next} is in use");
    }
    let read = (
        state.item_docs().len(),
        state.comment_docs().len(),
        state.reservation_docs().len() + state.reservations().len(),
        state.message_docs().len(),
        state.key_docs().len(),
    );
    let mut reasons: Vec<String> = state
        .damaged()
        .iter()
        .map(|damaged| {
            assert!(
                !damaged.path.contains(char::is_control),
                "{:?}",
                damaged.path
            );
            assert!(
                !damaged.reason.contains(char::is_control),
                "{:?}",
                damaged.reason
            );
            words(&damaged.reason)
        })
        .collect();
    reasons.sort();
    reasons.dedup();
    Ok(format!("{counts:?} {read:?} {reasons:?}"))
}

/// A message without its quotations.
fn words(text: &str) -> String {
    let plain = |word: &&str| word.bytes().all(|b| b.is_ascii_lowercase());
    text.split(' ')
        .filter(plain)
        .take(6)
        .collect::<Vec<_>>()
        .join(" ")
}
