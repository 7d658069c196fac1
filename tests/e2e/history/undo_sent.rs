//! An undo reaches whom its operation has reached, and takes notice of what they did since.

use serde_json::{Value, json};

use crate::support::{Repo, Scene, agent, ids, set_up};

fn status(repo: &Repo, id: &str) -> Value {
    repo.data(&["show", id])["status"].clone()
}

/// A task that Ana has submitted, and the clone of Tom, who knows of it.
fn submitted(scene: &Scene) -> (Repo, Repo, String) {
    let (hub, a) = scene.with_hub();
    let id = a.task("One", &[]);
    a.pm(&["start", &id]).ok();
    let work = a.worktree(&id);
    work.write("new.txt", "new\n");
    work.commit_all("Work");
    work.pm(&["finish"]).ok();
    let b = scene.clone_of(&hub, "b", "Tom");
    b.pm(&["sync"]).ok();
    (a, b, id)
}

#[test]
fn the_undo_of_an_approval_or_a_submission_is_sent_as_they_were() {
    let scene = Scene::new();
    let (a, b, id) = submitted(&scene);
    b.pm(&["task", "approve", &id]).ok();
    let undone = b.data(&["undo"]);
    a.pm(&["sync"]).ok();
    assert_eq!(status(&a, &id), "in_review", "the approval is withdrawn");
    a.pm(&["merge", &id]).exits(1);
    // What was undone is done again, and so is that.
    b.pm(&["task", "approve", &id]).ok();
    b.pm(&["undo"]).ok();
    b.pm(&["undo", undone["commit"].as_str().unwrap()]).exits(1);
    let undone = a.data(&["undo"]);
    b.pm(&["sync"]).ok();
    assert_ne!(status(&b, &id), "in_review", "the submission is withdrawn");
    b.pm(&["task", "approve", &id]).exits(1);
    a.pm(&["undo", undone["commit"].as_str().unwrap()]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(status(&b, &id), "in_review");
}

#[test]
fn an_undo_that_cannot_be_sent_says_so() {
    let scene = Scene::new();
    let (a, b, id) = submitted(&scene);
    b.pm(&["task", "approve", &id]).ok();
    let said = b.pm(&["--offline", "undo"]).ok().err;
    assert!(said.contains("git pm sync"), "{said}");
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(status(&a, &id), "in_review");
    b.pm(&["task", "approve", &id]).ok();
    let hub = scene.dir.path().join("hub.git");
    let away = scene.dir.path().join("away.git");
    std::fs::rename(&hub, &away).unwrap();
    let said = b.pm(&["undo"]).ok().err;
    assert!(
        said.contains("in this clone only") && said.contains("git pm sync"),
        "{said}"
    );
    std::fs::rename(&away, &hub).unwrap();
    // What no other clone has yet needs no word.
    let local = b.task("Mine", &[]);
    assert_eq!(b.pm(&["undo"]).ok().err, "");
    b.pm(&["show", &local]).exits(4);
}

#[test]
fn the_undo_of_a_creation_sees_that_another_clone_has_started_the_task() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bob");
    b.pm(&["start", &id]).ok();
    let refused = a.pm(&["undo"]).exits(1).err;
    assert!(refused.contains("Bob"), "{refused}");
    assert_eq!(status(&a, &id), "in_progress");
    b.pm(&["sync"]).ok();
    assert_eq!(status(&b, &id), "in_progress");
}

#[test]
fn an_undo_of_what_was_replaced_leads_to_the_operations_before_it() {
    let scene = Scene::new();
    let (a, b, id) = submitted(&scene);
    b.pm(&["approve", &id]).ok();
    a.pm(&["sync"]).ok();
    let work = a.worktree(&id);
    work.write("new.txt", "newer\n");
    work.commit_all("More");
    work.pm(&["finish"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(status(&b, &id), "in_review");
    let said = b.pm(&["undo"]).exits(1).err;
    assert!(
        said.contains("`git pm log` lists earlier operations"),
        "{said}"
    );
}

/// No claim comes back with an undo, and what was submitted stays its author's all the same.
#[test]
fn an_undo_of_a_return_or_a_closing_restores_whose_submission_it_is() {
    for ending in [
        &["task", "return", "T-1", "-m", "wrong"][..],
        &["task", "cancel", "T-1", "--reason", "not needed"],
    ] {
        let (_scene, repo) = set_up();
        repo.task("One", &[]);
        let [first, second] = ["bot1", "bot2"].map(|name| agent(&repo).by(name));
        first.pm(&["start", "T-1"]).ok();
        let work = repo.worktree("T-1");
        work.write("new.txt", "new\n");
        work.commit_all("Work");
        agent(&work).by("bot1").pm(&["finish"]).ok();
        let refused = |actor: &Repo| {
            let refused = actor.pm(&["--json", "start", "T-1", "--resume"]).exits(3);
            assert_eq!(refused.error()["reason"], "claim.held", "{ending:?}");
        };
        refused(&second);
        repo.pm(ending).ok();
        let undone = repo.data(&["undo"]);
        let told =
            "the claim of bot1 on T-0001 has ended; what was submitted stays the work of bot1";
        assert_eq!(undone["outside"][0], told, "{ending:?}: {undone}");
        assert_eq!(status(&repo, "T-1"), "in_review", "{ending:?}");
        let shown = repo.data(&["show", "T-1"]);
        assert_eq!(
            (&shown["claim"], &shown["owner"]),
            (&Value::Null, &json!("bot1"))
        );
        let mine = first.data(&["list", "is:mine"]);
        assert_eq!(ids(&mine["items"]), ["T-0001"]);
        refused(&second);
        second.pm(&["task", "cancel", "T-1"]).exits(3);
        assert_eq!(status(&repo, "T-1"), "in_review", "{ending:?}");
        first.pm(&["start", "T-1", "--resume"]).ok();
        assert_eq!(status(&repo, "T-1"), "in_progress", "{ending:?}");
    }
}
