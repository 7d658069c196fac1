//! An acceptance of criteria counts for the work of the claim under which it was made.

use serde_json::{Value, json};

use crate::support::{Repo, Scene, agent};

/// A clone of Ana, one of Tom, and a task with two criteria that both know.
fn two_clones() -> (Scene, Repo, Repo, String) {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Flaky", &["--accept", "passes", "--accept", "is fast"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Tom");
    (scene, a, b, id)
}

/// Whether each criterion is accepted, and who accepted it for other work.
fn accepted(repo: &Repo, id: &str) -> Value {
    let all = repo.data(&["show", id])["acceptance"].clone();
    let all = all.as_array().unwrap().iter();
    all.map(|one| match one["elsewhere"] == true {
        true => one["by"].clone(),
        false => one["done"].clone(),
    })
    .collect()
}

fn work(repo: &Repo, id: &str) -> Repo {
    let place = repo.worktree(id);
    place.write("new.txt", &format!("by {}\n", repo.path.display()));
    place.commit_all("Work");
    place
}

#[test]
fn what_the_loser_of_a_double_start_accepted_does_not_count_for_the_winner() {
    let (_scene, a, b, id) = two_clones();
    a.pm(&["start", &id]).ok();
    a.pm(&["task", "accept", &id, "2", "--evidence", "timed it"])
        .ok();
    a.pm(&["sync"]).ok();
    b.pm(&["--offline", "start", &id]).ok();
    let evidence = "ran 100 times on my branch";
    b.pm(&["task", "accept", &id, "--all", "--evidence", evidence])
        .ok();
    assert_eq!(accepted(&b, &id), json!([true, true]), "it counts for Tom");
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    for clone in [&a, &b] {
        assert_eq!(accepted(clone, &id), json!(["Tom", true]));
        let shown = clone.pm(&["show", &id]).ok().out;
        assert!(
            shown.contains("accepted by Tom for another branch"),
            "{shown}"
        );
        assert!(
            !shown.contains(evidence) && shown.contains("timed it"),
            "{shown}"
        );
    }
    let place = work(&a, &id);
    let refused = place.pm(&["finish"]).exits(1).err;
    assert!(refused.contains("not accepted yet: 1 of 2"), "{refused}");
    place.pm(&["task", "accept", "--all"]).ok();
    let one = a.data(&["show", &id])["acceptance"][0].clone();
    assert_eq!(
        [&one["done"], &one["by"], &one["evidence"]],
        [&json!(true), &json!("Ana"), &Value::Null]
    );
    place.pm(&["finish"]).ok();
}

#[test]
fn what_was_accepted_before_a_drop_counts_for_the_same_actor_only() {
    let (_scene, a, b, id) = two_clones();
    b.pm(&["start", &id]).ok();
    b.pm(&["task", "accept", &id, "1"]).ok();
    b.pm(&["task", "drop", &id]).ok();
    b.pm(&["start", &id]).ok();
    assert_eq!(accepted(&b, &id), json!([true, false]));
    b.pm(&["task", "drop", &id]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["start", &id]).ok();
    assert_eq!(accepted(&a, &id), json!(["Tom", false]));
    a.pm(&["task", "accept", &id, "--all"]).ok();
    let place = work(&a, &id);
    place.pm(&["finish", "--merge"]).ok();
    assert_eq!(accepted(&a, &id), json!([true, true]), "after the end, too");
}

/// The criteria met as the board counts them, and all.
fn counted(repo: &Repo, id: &str) -> [Value; 2] {
    let board = repo.data(&["board"]);
    let cells = board["lanes"][0]["cells"].as_array().unwrap().iter();
    let mut cards = cells.flat_map(|one| one["cards"].as_array().unwrap());
    let card = cards.find(|card| card["id"] == *id).unwrap();
    [card["criteria_met"].clone(), card["criteria"].clone()]
}

#[test]
fn what_was_accepted_under_a_lost_or_dropped_claim_does_not_count_while_nobody_holds_it_either() {
    let (_scene, a, b, id) = two_clones();
    b.pm(&["--offline", "start", &id]).ok();
    work(&b, &id);
    b.pm(&["--offline", "task", "accept", &id, "--all"]).ok();
    let bot = agent(&a).by("bot1");
    bot.pm(&["start", &id]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(accepted(&a, &id), json!(["Tom", "Tom"]));
    bot.pm(&["task", "accept", &id, "2"]).ok();
    assert_eq!(accepted(&a, &id), json!(["Tom", true]));
    bot.pm(&["drop", &id]).ok();
    assert_eq!(accepted(&a, &id), json!(["Tom", "bot1"]));
    assert_eq!(counted(&a, &id), [json!(0), json!(2)]);
    let shown = a.pm(&["show", &id]).ok().out;
    assert!(
        shown.contains("accepted by Tom under a claim that ended"),
        "{shown}"
    );
    bot.pm(&["start", &id]).ok();
    assert_eq!(
        accepted(&a, &id),
        json!(["Tom", true]),
        "it is bot1's again"
    );
    // What was submitted stays accepted, also once it is over.
    bot.pm(&["task", "accept", &id, "--all"]).ok();
    let place = work(&a, &id);
    agent(&place).by("bot1").pm(&["finish"]).ok();
    assert_eq!(accepted(&a, &id), json!([true, true]));
    a.pm(&["task", "return", &id, "--note", "Longer names"])
        .ok();
    assert_eq!(accepted(&a, &id), json!([true, true]));
}

#[test]
fn a_task_that_is_closed_keeps_what_was_accepted_before_it_was_dropped() {
    let (_scene, a, _b, id) = two_clones();
    a.pm(&["start", &id]).ok();
    a.pm(&["task", "accept", &id, "--all"]).ok();
    a.pm(&["drop", &id]).ok();
    assert_eq!(accepted(&a, &id), json!(["Ana", "Ana"]));
    let done = ["task", "done", &id, "--force", "--evidence", "by hand"];
    a.pm(&done).ok();
    assert_eq!(accepted(&a, &id), json!([true, true]));
}

#[test]
fn a_human_without_a_claim_accepts_whatever_work_there_is() {
    let (_scene, a, b, id) = two_clones();
    b.pm(&["task", "accept", &id, "1"]).ok();
    b.pm(&["sync"]).ok();
    let bot = agent(&a).by("bot");
    bot.pm(&["start", &id]).ok();
    assert_eq!(accepted(&a, &id), json!([true, false]));
    b.pm(&["sync"]).ok();
    b.pm(&["task", "accept", &id, "2"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(accepted(&a, &id), json!([true, true]));
}
