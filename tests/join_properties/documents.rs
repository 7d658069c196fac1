//! The properties of the join on documents: associative, commutative, idempotent, and without loss.

use std::collections::{BTreeMap, BTreeSet};

use git_pm::internals::model::prose::VersionId;
use git_pm::internals::model::value::Value;
use git_pm::values::Uid;

use crate::history::{History, Step, Wrote, play, steps};
use crate::runner;
use crate::state::{State, check_round_trip};

#[test]
fn random_histories_converge_and_lose_nothing() {
    let strategy = (2usize..=5, steps(80));
    runner(2_000)
        .run(&strategy, |(replicas, steps)| {
            let history = play(replicas, &steps);
            algebra(&history);
            let joined = every_order(&history, &steps);
            for doc in joined.docs.values() {
                check_round_trip(doc);
            }
            nothing_lost(&history, &joined);
            Ok(())
        })
        .unwrap();
}

/// The join is commutative, associative and idempotent on any three states of the history.
fn algebra(history: &History) {
    let states: Vec<&State> = history.snapshots.iter().chain(&history.ends).collect();
    for three in states.windows(3) {
        let [a, b, c] = three else { continue };
        assert_eq!(a.join(b).bytes(), b.join(a).bytes(), "commutative");
        assert_eq!(
            a.join(b).join(c).bytes(),
            a.join(&b.join(c)).bytes(),
            "associative"
        );
        let ab = a.join(b);
        assert_eq!(ab.join(&ab).bytes(), ab.bytes(), "idempotent");
        assert_eq!(ab.join(b).bytes(), ab.bytes(), "absorbing");
    }
}

/// Joins all ends in several orders and groupings.
fn every_order(history: &History, steps: &[Step]) -> State {
    let ends = &history.ends;
    let left = ends.iter().skip(1).fold(ends[0].clone(), |a, b| a.join(b));
    let right = ends.iter().rev().fold(State::default(), |a, b| b.join(&a));
    assert_eq!(left.bytes(), right.bytes(), "order");
    for step in steps.iter().take(3) {
        let mut pool = ends.clone();
        let mut turn = usize::from(step.2) * 256 + usize::from(step.3);
        while pool.len() > 1 {
            let a = pool.remove(turn % pool.len());
            let b = pool.remove((turn / 5) % pool.len());
            pool.push(b.join(&a));
            turn = turn / 3 + 1;
        }
        assert_eq!(pool[0].bytes(), left.bytes(), "grouping");
    }
    left
}

/// Requires that every document, every criterion and every version that was not replaced exists.
fn nothing_lost(history: &History, joined: &State) {
    let redactions = joined.redactions();
    let mut replaced: BTreeMap<&Uid, BTreeSet<&VersionId>> = BTreeMap::new();
    for wrote in &history.wrote {
        if let Wrote::Body { uid, replaces, .. } = wrote {
            replaced.entry(uid).or_default().extend(replaces);
        }
    }
    for wrote in &history.wrote {
        match wrote {
            Wrote::Doc { uid, born } => {
                assert_eq!(&joined.docs[uid].born, born);
            }
            Wrote::Criterion { uid, entry } => {
                let doc = &joined.docs[uid];
                let text = doc.entry("acceptance", entry).map(|e| e.value("text"));
                let kept = matches!(text, Some(Value::Str(_) | Value::Redacted(_)));
                assert!(doc.purged || kept, "criterion {entry} is lost");
            }
            Wrote::Body { uid, id, text, .. } => {
                let doc = &joined.docs[uid];
                if doc.purged || replaced[uid].contains(id) {
                    assert!(!doc.body.versions.contains_key(id), "a version is back");
                    continue;
                }
                let version = doc.body.versions.get(id).expect("a version is lost");
                let hidden = redactions.versions.contains(id)
                    || version.quotes().any(|r| redactions.versions.contains(r));
                let expected = (!hidden).then_some(text);
                assert_eq!(version.text.as_ref(), expected, "a text is lost");
            }
        }
    }
}
