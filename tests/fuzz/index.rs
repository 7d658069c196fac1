//! The index over arbitrary trees, built from scratch and updated from one tree to the next: its
//! answers are those of the files.

use std::time::Duration;

use git_pm::internals::model::id::ItemRef;
use git_pm::internals::store::handle::Store;
use git_pm::internals::store::state::State;
use git_pm::values::ItemKind;

use crate::harness::{Target, Work, run};
use crate::trees::{self, World};

/// The time limit for queries of small states, on a busy machine in a debug build.
const LIMIT: Duration = Duration::from_secs(10);

#[test]
fn the_index_of_any_trees_gives_the_answers_of_the_files() {
    let target = Target {
        name: "index",
        tokens: trees::TOKENS,
        seeds: Vec::new,
        make: Some(trees::make_three),
        rounds: 12,
    };
    run(target, World::new, probe);
}

fn probe(world: &mut World, input: &[u8]) -> String {
    let trees = world.trees(input);
    let _ = std::fs::remove_dir_all(world.repo.common_dir().join("pm"));
    let begun = Work::begin();
    let store = Store::open(world.env()).unwrap();
    let mut kinds = Vec::new();
    for tree in trees {
        let commit = world.commit(tree);
        let plain = State::at(&world.repo, commit).map(|state| answers(&state));
        // As successive processes, and as successive queries of one process.
        let another = Store::open(world.env()).unwrap();
        for store in [&store, &another] {
            let served = store.state().map(|state| answers(&state));
            match (&plain, &served) {
                (Ok(plain), Ok(served)) => {
                    let differ = plain
                        .iter()
                        .zip(served)
                        .find(|(plain, served)| plain != served);
                    assert_eq!(differ, None, "left the files, right the index");
                    let rest = plain.len().min(served.len());
                    assert_eq!(
                        plain[rest..],
                        served[rest..],
                        "left the files, right the index"
                    );
                }
                // A tip that is not a state is replaced by another one, or refused.
                (Err(_), _) => {}
                (Ok(_), Err(error)) => panic!("{error}"),
            }
        }
        kinds.push(plain.map_or(0, |answers| answers.len()));
    }
    let taken = begun.elapsed();
    assert!(taken < LIMIT, "it took {taken:?}");
    format!("{kinds:?}")
}

/// The answers of a state, in the order of the queries of commands: lists before files.
fn answers(state: &State<'_>) -> Vec<String> {
    let mut out = Vec::new();
    let items = state.items();
    let mut names = vec![
        "T-0007".into(),
        "t-7".into(),
        "T-0007-k3f9".into(),
        "pm-".into(),
        String::new(),
    ];
    for item in &items {
        let mut shown = (*item).clone();
        // The body is read from the document.
        shown.body = String::new();
        out.push(format!("{} {shown:?}", state.shown_id(item)));
        names.extend([item.id.clone(), item.alias(), item.uid.to_string()]);
    }
    for name in &names {
        let found = state
            .find(name)
            .map(|item| item.uid.clone())
            .map_err(|e| e.to_string());
        out.push(format!(
            "{name:?} is {found:?}, {}",
            state.shown_ref(&ItemRef::parse(name))
        ));
    }
    for kind in ItemKind::ALL {
        out.push(format!("the next {kind} is {}", state.next_number(kind)));
    }
    let mut reservations: Vec<String> = state
        .reservations()
        .iter()
        .map(|r| format!("{r:?}"))
        .collect();
    reservations.sort();
    out.extend(reservations);
    for item in &items {
        out.push(format!("{:?}", state.doc(&item.uid)));
    }
    for docs in [
        state.item_docs(),
        state.comment_docs(),
        state.message_docs(),
        state.reservation_docs(),
        state.key_docs(),
    ] {
        out.extend(
            docs.iter()
                .map(|(uid, loaded)| format!("{uid} at {}", loaded.path)),
        );
    }
    // The index may know more of a folder at several paths, as it reads it later.
    let mut damaged: Vec<String> = state
        .damaged()
        .iter()
        .map(|d| format!("{}: {}", d.path, d.reason))
        .collect();
    damaged.sort();
    damaged.dedup();
    if !damaged
        .iter()
        .any(|line| line.ends_with("copy of another folder"))
    {
        out.extend(damaged);
    }
    out
}
