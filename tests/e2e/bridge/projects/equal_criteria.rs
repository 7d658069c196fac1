//! Criteria with equal texts, in exports that come back: they are matched one to one.

use serde_json::{Value, json};

use crate::support::{Repo, Scene, set_up};

const EXPORTED: &str = "[ ] same; [x] same; [ ] same";

/// A task with three equal criteria, of which the second is accepted, and its export.
fn exported() -> (Scene, Repo, String) {
    let (scene, repo) = set_up();
    let id = repo.task(
        "Equal",
        &["--accept", "same", "--accept", "same", "--accept", "same"],
    );
    repo.pm(&["task", "accept", &id, "2"]).ok();
    repo.pm(&["export", "csv", "x.csv"]).ok();
    (scene, repo, id)
}

/// Which criteria are accepted.
fn done(repo: &Repo, id: &str) -> Vec<Value> {
    let shown = repo.data(&["show", id]);
    let all = shown["acceptance"].as_array().unwrap().iter();
    all.map(|one| one["done"].clone()).collect()
}

/// Imports the export with other criteria.
fn import(repo: &Repo, criteria: &str) -> Value {
    let text = repo.read("x.csv");
    assert!(text.contains(EXPORTED), "{text}");
    repo.write("edited.csv", &text.replace(EXPORTED, criteria));
    repo.data(&["import", "csv", "edited.csv"])
}

#[test]
fn each_tick_of_a_file_is_one() {
    let (_scene, repo, id) = exported();
    let report = import(&repo, "[x] same; [x] same; [x] same");
    assert_eq!(report["updated"], 1, "{report}");
    assert_eq!(done(&repo, &id), [true, true, true]);
    let again = repo.data(&["import", "csv", "edited.csv"]);
    let counts = (&again["updated"], &again["unchanged"], &again["commit"]);
    assert_eq!(counts, (&json!(0), &json!(1), &Value::Null));
}

#[test]
fn a_tick_that_only_moved_among_equal_ones_changes_nothing() {
    let (_scene, repo, id) = exported();
    let report = import(&repo, "[x] same; [ ] same; [ ] same");
    assert_eq!(
        (&report["updated"], &report["unchanged"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(done(&repo, &id), [false, true, false]);
}

#[test]
fn one_more_or_fewer_of_equal_ones_leaves_the_accepted_one() {
    let (_scene, repo, id) = exported();
    import(&repo, "[x] same; [ ] same");
    let mut left = done(&repo, &id);
    left.sort_by_key(Value::to_string);
    assert_eq!(left, [false, true]);
    let (_scene, repo, id) = exported();
    import(&repo, "[x] same; [x] same; [ ] same; [ ] same");
    let all = done(&repo, &id);
    assert_eq!(all.len(), 4, "{all:?}");
    assert_eq!(all.iter().filter(|one| **one == true).count(), 2, "{all:?}");
}

#[test]
fn an_edit_keeps_what_was_accepted_of_equal_criteria() {
    let (_scene, repo, id) = exported();
    repo.pm(&["edit", &id, "--accept", "same"]).ok();
    assert_eq!(done(&repo, &id), [false, true, false]);
    for left in [vec![true, false], vec![true]] {
        repo.pm(&["edit", &id, "--remove-accept", "same"]).ok();
        assert_eq!(done(&repo, &id), left);
    }
}
