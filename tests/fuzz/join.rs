//! The join of arbitrary trees: the laws hold, or nobody can read what is missing.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use git_pm::model::uid::Uid;
use git_pm::store::git::repo::{Oid, Pending};
use git_pm::store::join::tree::join_trees;
use git_pm::store::state::State;

use crate::harness::{Target, run};
use crate::mutate::Rng;
use crate::trees::{self, World};

/// Small trees are joined no longer than this, on a busy machine in a debug build.
const LIMIT: Duration = Duration::from_secs(8);

#[test]
fn joins_of_any_trees_obey_the_laws() {
    let target = Target {
        name: "join",
        tokens: trees::TOKENS,
        seeds: Vec::new,
        make: Some(make),
        rounds: 40,
    };
    run(target, World::new, probe);
}

/// Three trees, of which the later ones are often edits of the first.
fn make(rng: &mut Rng) -> Vec<u8> {
    let first = trees::make(rng);
    let mut out = first.clone();
    for _ in 0..2 {
        out.extend_from_slice(b"\n===\n");
        match rng.one_in(3) {
            true => out.extend(trees::make(rng)),
            false => out.extend(crate::mutate::mutate(rng, &first, b"", trees::TOKENS)),
        }
    }
    out
}

fn probe(world: &mut World, input: &[u8]) -> String {
    let mut trees = Vec::new();
    let mut rest = input;
    while trees.len() < 3 {
        let mark = b"\n===\n";
        let end = rest.windows(mark.len()).position(|part| part == mark);
        trees.push(world.tree(&rest[..end.unwrap_or(rest.len())]));
        rest = end.map_or(b"", |end| &rest[end + mark.len()..]);
    }
    let begun = Instant::now();
    let kind = laws(&world.repo.pending(), &trees);
    let taken = begun.elapsed();
    assert!(taken < LIMIT, "it took {taken:?}");
    kind
}

fn laws(repo: &Pending, trees: &[Oid]) -> String {
    let join = |a: Oid, b: Oid| {
        join_trees(repo, a, b)
            .map(|joined| joined.tree)
            .map_err(|e| e.to_string())
    };
    let (a, b, c) = (trees[0], trees[1], trees[2]);
    let (ab, ba) = (join(a, b), join(b, a));
    assert_eq!(
        ab.is_ok(),
        ba.is_ok(),
        "one direction fails: {ab:?}, {ba:?}"
    );
    if let Ok(aa) = join(a, a) {
        assert_eq!(aa, a, "not idempotent");
    }
    let (Ok(ab), Ok(ba)) = (ab, ba) else {
        return "an error".to_string();
    };
    assert_eq!(ab, ba, "not commutative");
    assert_eq!(join(ab, ab), Ok(ab), "not idempotent");
    assert_eq!(join(ab, b), Ok(ab), "not absorbing");
    let (left, right) = (join(ab, c), join(b, c).and_then(|bc| join(a, bc)));
    if let (Ok(left), Ok(right)) = (&left, &right) {
        assert_eq!(left, right, "not associative");
    }
    // Whatever could be read before can be read afterwards.
    let mut counts = Vec::new();
    if let (Some(of_a), Some(of_b), Some(joined)) = (uids(repo, a), uids(repo, b), uids(repo, ab)) {
        let lost = of_a.union(&of_b).find(|uid| !joined.contains(*uid));
        assert_eq!(lost, None, "a document is lost");
        counts.extend([of_a.len(), of_b.len(), joined.len()]);
    }
    let entries = |tree: Oid| repo.tree(tree).map_or(0, |entries| entries.len());
    format!(
        "{} {} {} {} {} {counts:?}",
        a == b,
        ab == a,
        ab == b,
        left.is_ok() && right.is_ok(),
        entries(ab)
    )
}

/// The documents of a state, where it can be read at all.
fn uids(repo: &Pending, tree: Oid) -> Option<BTreeSet<Uid>> {
    let state = State::of_tree(repo, None, tree).ok()?;
    let mut all: BTreeSet<Uid> = BTreeSet::new();
    all.extend(state.item_docs().keys().cloned());
    all.extend(state.comment_docs().keys().cloned());
    all.extend(state.reservation_docs().keys().cloned());
    all.extend(state.message_docs().keys().cloned());
    all.extend(state.key_docs().keys().cloned());
    Some(all)
}
