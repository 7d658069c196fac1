//! Deleted items: what others say that depend on them, how they are got back, and what no longer counts them.

use crate::support::{Scene, set_up};

#[test]
fn every_view_calls_a_deleted_prerequisite_deleted() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    repo.task("Two", &["--depends-on", "1"]);
    repo.pm(&["task", "delete", "1", "--force"]).ok();
    for (view, said) in [
        (&["show", "2"][..], "T-0001  One (deleted)"),
        (&["dep", "list", "2"], "T-0001  deleted  One"),
        (&["why", "2"], "it refers to T-0001, which was deleted"),
        (&["triage"], "an edge to a missing or deleted item"),
    ] {
        let out = repo.pm(view).ok().out;
        assert!(out.contains(said), "{view:?} does not say `{said}`: {out}");
    }
    // By each of its names, and with the way back.
    for name in ["1", "T-1", "T-0001", "#1"] {
        let said = repo.pm(&["show", name]).exits(4).err;
        assert!(said.contains("T-0001 was deleted"), "{name}: {said}");
        assert!(said.contains("git pm undo"), "{name}: {said}");
    }
    let log = repo.data(&["log", "T-0001"]);
    let commit = log["items"][0]["commit"].as_str().unwrap().to_string();
    repo.pm(&["undo", &commit]).ok();
    assert_eq!(repo.data(&["show", "1"])["title"], "One");
    assert!(
        repo.pm(&["show", "9"])
            .exits(4)
            .err
            .contains("there is no item")
    );
}

#[test]
fn init_does_not_count_deleted_items() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    for title in ["One", "Two", "Three"] {
        a.task(title, &[]);
    }
    a.pm(&["task", "delete", "1", "2"]).ok();
    assert!(a.pm(&["init"]).ok().out.contains("exists: 1 item."));
    a.pm(&["sync"]).ok();
    let b = scene.dir.path().join("b");
    a.git(&[
        "clone",
        "-q",
        hub.path.to_str().unwrap(),
        b.to_str().unwrap(),
    ])
    .ok();
    let said = a.pm(&["-C", b.to_str().unwrap(), "init"]).ok().out;
    assert!(said.contains("origin: 1 item."), "{said}");
}

#[test]
fn a_verb_without_an_id_never_means_the_task_of_another_place() {
    let (_scene, repo) = set_up();
    let [one, two] = ["One", "Two"].map(|title| {
        let id = repo.task(title, &[]);
        repo.pm(&["start", &id]).ok();
        let place = repo.worktree(&id);
        place.write("work.txt", title);
        (id, place)
    });
    one.1.commit_all("Not ready");
    repo.pm(&["task", "delete", &two.0]).ok();
    let place = two.1;
    let said = place.pm(&["finish"]).exits(4).err;
    assert!(
        said.contains("worktree of a deleted item: T-0002"),
        "{said}"
    );
    let said = place.pm(&[]).ok().err;
    assert!(said.contains("worktree of a deleted item"), "{said}");
    place.git(&["add", "-A"]).ok();
    let said = place.git(&["commit", "-m", "More"]).ok().err;
    assert!(said.contains("worktree of a deleted item"), "{said}");
    // On a branch of one's own, too; on the target branch the only one is meant.
    repo.git(&["checkout", "-q", "-b", "feature/mine"]).ok();
    for verb in ["finish", "drop"] {
        let said = repo.pm(&[verb]).exits(2).err;
        assert!(said.contains("you hold T-0001"), "{verb}: {said}");
    }
    assert_eq!(repo.data(&["show", "1"])["status"], "in_progress");
    repo.git(&["checkout", "-q", "main"]).ok();
    repo.pm(&["drop"]).ok();
}
