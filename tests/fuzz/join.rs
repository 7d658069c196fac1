//! The join of arbitrary trees: it is the same in every order, or the missing data cannot be read
//! by any clone.

use std::collections::BTreeSet;
use std::time::Duration;

use git_pm::internals::model::codec::decode;
use git_pm::internals::model::limits::DOCUMENT_MAX;
use git_pm::internals::store::git::repo::{Oid, Pending};
use git_pm::internals::store::join::tree::join_trees;
use git_pm::internals::store::state::State;
use git_pm::internals::store::{layout, tree_diff};
use git_pm::values::Uid;

use crate::harness::{Target, Work, run};
use crate::trees::{self, World};

/// The time limit for a join of small trees, on a busy machine in a debug build.
const LIMIT: Duration = Duration::from_secs(8);

#[test]
fn joins_of_any_trees_are_equal_in_every_order() {
    let target = Target {
        name: "join",
        tokens: trees::TOKENS,
        seeds: Vec::new,
        make: Some(trees::make_three),
        rounds: 40,
    };
    run(target, World::new, probe);
}

fn probe(world: &mut World, input: &[u8]) -> String {
    let trees = world.trees(input);
    let begun = Work::begin();
    let kind = algebra(&world.repo.pending(), &trees);
    let taken = begun.elapsed();
    assert!(taken < LIMIT, "it took {taken:?}");
    kind
}

fn algebra(repo: &Pending, trees: &[Oid]) -> String {
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
    // All that could be read before can be read afterwards.
    let mut counts = Vec::new();
    if let (Some(of_a), Some(of_b), Some(joined)) = (uids(repo, a), uids(repo, b), uids(repo, ab)) {
        let mut lost = of_a.union(&of_b).filter(|uid| !joined.contains(*uid));
        assert_eq!(lost.next(), None, "a document is lost");
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

/// The documents of a state, if it can be read. Includes items whose state or priority does not
/// exist, although they are shown as damaged.
fn uids(repo: &Pending, tree: Oid) -> Option<BTreeSet<Uid>> {
    State::of_tree(repo, None, tree).ok()?;
    let mut all = BTreeSet::new();
    for file in tree_diff::files(repo, tree).ok()?.files {
        let bytes = repo.blob(file.oid, DOCUMENT_MAX).ok().flatten();
        if let Some(doc) = bytes.and_then(|bytes| decode(&bytes).ok())
            && doc.kind == file.family.kind()
            && layout::check_place(&doc, &file.path).is_ok()
        {
            all.insert(doc.uid);
        }
    }
    Some(all)
}
