//! Merge commits: C10 and C11.

use git_pm::internals::store::git::repo::{Oid, Pending, Person};
use git_pm::internals::store::join::commit::{join_commits, tick};

use super::{clock, task};
use crate::repo::{Fixture, tree_of};
use crate::state::State;

/// A history of the state: a commit with the raises and redactions of `state`.
fn commit(fixture: &Fixture, repo: &Pending, state: &State, parents: &[Oid], clock: &str) -> Oid {
    let who = Person {
        name: "ana".into(),
        email: String::new(),
        seconds: 1_763_625_600,
    };
    let tree = tree_of(fixture, repo, state);
    let message = format!("write\n\nPM-Op: write\nPM-Clock: {clock}\n");
    repo.write_commit(tree, parents, [&who, &who], &message, None)
        .unwrap()
}

fn raised(state: &State, id: &str) -> State {
    let mut out = state.clone();
    let at = clock("a", 5).stamp(None);
    out.pm.add_entry("raises", id, at, &[]);
    out
}

/// C10: two concurrent generations as parents would keep the secret in history.
#[test]
fn c10_a_merge_of_generations_has_one_parent_or_none() {
    let fixture = Fixture::new();
    let repo = fixture.repo.pending();
    let base = State::default();
    let commit = |state: &State, clock| commit(&fixture, &repo, state, &[], clock);
    let old = commit(&base, "1.0");
    let (g1, g2) = (
        commit(&raised(&base, "g1"), "2.0"),
        commit(&raised(&base, "g2"), "3.0"),
    );
    let parents = |a, b| {
        let merged = join_commits(&repo, a, b).unwrap().commit;
        assert_eq!(merged, join_commits(&repo, b, a).unwrap().commit);
        repo.commit(merged).unwrap().parents
    };
    assert_eq!(parents(g1, g2), Vec::<Oid>::new());
    // One contains the other and the join adds nothing: the result is the greater side itself.
    assert_eq!(join_commits(&repo, old, g1).unwrap().commit, g1);
    let mut work = base.clone();
    work.docs.insert(task(1).uid, task(1));
    let late = commit(&work, "4.0");
    assert_eq!(parents(late, g1), [g1]);
    let (a, b) = (commit(&work, "5.0"), commit(&work, "6.0"));
    let mut both = [a, b];
    both.sort();
    assert_eq!(parents(a, b), both);
    // A raise cannot be reverted to bring the old history back.
    let mut forged = raised(&base, "g1");
    forged
        .pm
        .set_entry("raises", "g1", "removed", true, &clock("z", 99));
    let forged = commit(&forged, "7.0");
    assert_eq!(parents(forged, late), [forged]);
}

/// C11: the clock of a merge must not depend on the merging clone.
#[test]
fn c11_a_merge_is_the_same_for_every_clone() {
    let fixture = Fixture::new();
    let repo = fixture.repo.pending();
    let base = State::default();
    let mut work = base.clone();
    work.docs.insert(task(1).uid, task(1));
    let root = commit(&fixture, &repo, &base, &[], "0.0");
    let a = commit(&fixture, &repo, &work, &[root], "2000.7");
    // Far in the future: the limit of one day applies to readers, not to the merge.
    let b = commit(&fixture, &repo, &base, &[root], "9000000000000.1");
    let merged = join_commits(&repo, a, b).unwrap().commit;
    assert_eq!(merged, join_commits(&repo, b, a).unwrap().commit);
    let made = repo.commit(merged).unwrap();
    assert_eq!(tick(&made).to_string(), "9000000000000.1");
    assert_eq!(
        made.message,
        "merge: join two states\n\nPM-Op: merge\nPM-Clock: 9000000000000.1\nPM-CI: [skip ci]\n"
    );
    assert_eq!(join_commits(&repo, root, a).unwrap().commit, a);
    assert_eq!(join_commits(&repo, merged, b).unwrap().commit, merged);
}
