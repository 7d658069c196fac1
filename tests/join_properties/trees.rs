//! The properties of the join on trees of a real repository, by tree id.

use git_pm::internals::store::git::repo::{Oid, Pending};

use crate::history::{play, steps};
use crate::repo::{Fixture, files, join_ids, tree_of};
use crate::runner;
use crate::state::State;

#[test]
fn trees_with_any_content_converge() {
    let fixture = Fixture::new();
    let strategy = (2usize..=5, steps(60));
    runner(2_000)
        .run(&strategy, |(replicas, steps)| {
            let history = play(replicas, &steps);
            let pending = fixture.repo.pending();
            let all: Vec<&State> = history.snapshots.iter().chain(&history.ends).collect();
            let trees: Vec<Oid> = all.iter().map(|s| tree_of(&fixture, &pending, s)).collect();
            for three in trees.windows(3) {
                let [a, b, c] = three else { continue };
                algebra(&pending, *a, *b, *c);
            }
            let ends = &trees[trees.len() - replicas..];
            let joined = every_order(&pending, ends);
            // Without files of others the tree is that of the joined documents.
            if all.iter().all(|s| s.extras.is_empty()) {
                let states = &all[all.len() - replicas..];
                let state = states.iter().fold(State::default(), |a, b| a.join(b));
                if state.redactions().is_empty() {
                    assert_eq!(joined, tree_of(&fixture, &pending, &state));
                }
            }
            Ok(())
        })
        .unwrap();
}

pub fn algebra(repo: &Pending, a: Oid, b: Oid, c: Oid) {
    let ab = join_ids(repo, a, b);
    same(repo, ab, join_ids(repo, b, a), "commutative");
    let left = join_ids(repo, ab, c);
    let right = join_ids(repo, a, join_ids(repo, b, c));
    same(repo, left, right, "associative");
    same(repo, join_ids(repo, a, a), a, "idempotent");
    same(repo, join_ids(repo, ab, ab), ab, "idempotent");
    same(repo, join_ids(repo, ab, b), ab, "absorbing");
}

fn every_order(repo: &Pending, ends: &[Oid]) -> Oid {
    let join = |a: Oid, b: &Oid| join_ids(repo, a, *b);
    let left = ends[1..].iter().fold(ends[0], join);
    let last = ends.len() - 1;
    let right = ends[..last].iter().rev().fold(ends[last], join);
    same(repo, left, right, "order");
    let pairs: Vec<Oid> = ends
        .chunks(2)
        .map(|pair| join_ids(repo, pair[0], pair[pair.len() - 1]))
        .collect();
    let paired = pairs[1..].iter().rev().fold(pairs[0], join);
    same(repo, left, paired, "grouping");
    left
}

/// Requires equal ids, and reports the files that differ.
pub fn same(repo: &Pending, a: Oid, b: Oid, what: &str) {
    if a == b {
        return;
    }
    let (left, right) = (files(repo, a), files(repo, b));
    for path in left.keys().chain(right.keys()) {
        let (x, y) = (left.get(path), right.get(path));
        if x != y {
            let show = |oid: Option<&Oid>| {
                let bytes = oid.and_then(|oid| repo.blob(*oid, 1 << 20).ok().flatten());
                bytes.map(|b| String::from_utf8_lossy(&b).into_owned())
            };
            println!("{path}:\n{:?}\n{:?}", show(x), show(y));
        }
    }
    panic!("not {what}: {a} and {b}");
}
