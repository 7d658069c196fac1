//! A merge made offline whose claim another clone had won: once it is pushed, nobody builds it a second time unknowingly.

use crate::support::{Ran, Repo, Scene};

/// Requires that a command says which commit of the task its target has.
#[track_caller]
fn tells(ran: &Ran, said: &str) {
    let told = format!("{}{}", ran.out, ran.err);
    assert!(told.contains(said), "{said}: {ran:?}");
}

/// Requires that each step of a review says something of the task.
#[track_caller]
fn reviews_tell(repo: &Repo, id: &str, said: &str) {
    for args in [
        &["show", id][..],
        &["why", id],
        &["status"],
        &["approve", id],
        &["merge", id],
    ] {
        tells(&repo.pm(args).ok(), said);
    }
}

/// The worktree of a task that was started, with a commit that was submitted.
fn submitted(repo: &Repo, id: &str) -> Repo {
    repo.pm(&["start", id]).ok();
    let place = repo.worktree(id);
    place.write("a.txt", "1\n");
    place.commit_all("Price");
    place.pm(&["finish"]).ok();
    place
}

#[test]
fn work_that_was_merged_under_a_lost_claim_is_named_to_those_who_start_it_again() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Price", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    a.by("bot3").pm(&["start", &id]).ok();
    b.pm(&["--offline", "start", &id]).ok();
    let place = b.worktree(&id);
    place.write("price.txt", "1\n");
    place.commit_all("Price");
    place.pm(&["--offline", "finish"]).ok();
    b.pm(&["--offline", "task", "approve", &id]).ok();
    b.pm(&["--offline", "merge", &id]).ok();
    let merged = b.tip("main")[..10].to_string();
    tells(&b.pm(&["sync"]).ok(), &format!("lost {id}"));

    let status = b.pm(&["status"]).ok();
    let held = format!("it has work of {id} (bot3), so agree with them first");
    tells(&status, &held);
    assert!(!status.out.contains("others do not have"), "{status:?}");

    let unpushed =
        format!("main has a commit of {id} already, in this clone only: `git show {merged}`");
    let pushed = format!("main has a commit of {id} already: `git show {merged}`");
    for said in [&unpushed, &pushed] {
        for args in [&["show", &id][..], &["why", &id], &["status"]] {
            tells(&b.pm(args).ok(), said);
        }
        b.git(&["push", "-q", "origin", "main"]).ok();
    }

    a.pm(&["sync"]).ok();
    a.git(&["pull", "-q"]).ok();
    a.by("bot3").pm(&["drop", &id]).ok();
    for args in [&["show", &id][..], &["why", &id]] {
        tells(&a.pm(args).ok(), &pushed);
    }
    for (who, args) in [
        ("bot4", &["start", &id][..]),
        ("bot5", &["next", "--claim"]),
    ] {
        let other = a.by(who);
        tells(&other.pm(args).ok(), &pushed);
        other.pm(&["drop", &id]).ok();
    }
}

/// The same of work that was submitted meanwhile: its review, approval and merge name the commit that main has.
#[test]
fn work_that_was_merged_under_a_lost_claim_is_named_to_those_who_review_the_other_one() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Price", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    for (repo, file) in [(&a, "a.txt"), (&b, "b.txt")] {
        repo.pm(&["--offline", "start", &id]).ok();
        let place = repo.worktree(&id);
        place.write(file, "1\n");
        place.commit_all("Price");
        place.pm(&["--offline", "finish"]).ok();
    }
    b.pm(&["sync"]).ok();
    a.pm(&["--offline", "approve", &id]).ok();
    a.pm(&["--offline", "merge", &id]).ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
    a.pm(&["sync"]).ok();
    let merged = a.tip("main")[..10].to_string();
    let said = format!("main has a commit of {id} already: `git show {merged}`");
    b.pm(&["sync"]).ok();
    b.git(&["pull", "-q", "origin", "main"]).ok();
    reviews_tell(&b, &id, &said);
}

/// Work that a host merged and its target reverted before this clone saw it is not merged again unknowingly, and that of
/// a closed item is not called merged alone.
#[test]
fn work_that_its_target_had_and_reverted_is_named_to_those_who_review_or_merge_it() {
    for (how, is_seen) in [("--squash", false), ("--no-ff", true)] {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        let id = a.task("Price", &[]);
        let next = a.task("Total", &["--depends-on", &id]);
        submitted(&a, &id);
        a.pm(&["sync"]).ok();
        let b = scene.clone_of(&hub, "b", "Ben");
        let branch = format!("origin/task/{id}-price");
        b.git(&["merge", "-q", how, &branch]).ok();
        let parent: &[&str] = match how {
            "--squash" => {
                b.git(&["commit", "-q", "-m", "Price (#1)"]).ok();
                &[]
            }
            _ => &["-m", "1"],
        };
        let merged = b.tip("main")[..10].to_string();
        if is_seen {
            b.git(&["push", "-q", "origin", "main"]).ok();
            a.pm(&["sync"]).ok();
        }
        b.git(
            &["revert", "--no-edit", "HEAD"]
                .iter()
                .chain(parent)
                .copied()
                .collect::<Vec<_>>(),
        )
        .ok();
        let reverted = b.tip("main")[..10].to_string();
        b.git(&["push", "-q", "origin", "main"]).ok();
        a.git(&["pull", "-q", "origin", "main"]).ok();
        if is_seen {
            let said =
                format!("{id} was merged into main at {merged}, and {reverted} reverted that");
            let args = [
                &["show", &id][..],
                &["status"],
                &["merge", &id],
                &["why", &next],
            ];
            for args in args {
                tells(&a.pm(args).ok(), &said);
            }
            continue;
        }
        let said = format!("main had the work of {id} at {merged}, and {reverted} reverted that");
        reviews_tell(&a, &id, &said);
    }
}

/// Commits that are in the history of a target which took their changes back are not merged, whatever the revert says.
#[test]
fn work_that_was_merged_and_reverted_before_a_sync_is_not_done() {
    for message in [
        None,
        Some("Revert \"Price\" (#2)\n\nReverts acme/shop#1"),
        Some("Take it back"),
    ] {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        let id = a.task("Price", &[]);
        let next = a.task("Total", &["--depends-on", &id]);
        submitted(&a, &id);
        a.pm(&["sync"]).ok();
        let b = scene.clone_of(&hub, "b", "Ben");
        let branch = format!("origin/task/{id}-price");
        let merge = "Merge pull request #1 from acme/price";
        b.git(&["merge", "-q", "--no-ff", "-m", merge, &branch])
            .ok();
        match message {
            None => _ = b.git(&["revert", "--no-edit", "-m", "1", "HEAD"]).ok(),
            Some(message) => {
                b.git(&["revert", "-n", "-m", "1", "HEAD"]).ok();
                b.git(&["commit", "-q", "-m", message]).ok();
            }
        }
        let by = b.tip("main");
        b.git(&["push", "-q", "origin", "main"]).ok();
        let said = b.pm(&["sync"]).ok();
        assert!(
            !format!("{}{}", said.out, said.err).contains("is done"),
            "{said:?}"
        );
        assert_eq!(b.data(&["show", &id])["status"], "in_review", "{message:?}");
        assert!(!b.pm(&["ready"]).ok().out.contains(&next), "{message:?}");
        b.pm(&["approve", &id]).ok();
        let refused = b.pm(&["merge", &id]);
        let back = format!("`git revert {}` there brings it back", &by[..10]);
        assert!(
            refused.code == 1 && refused.err.contains(&back),
            "{refused:?}"
        );
        b.git(&["revert", "--no-edit", "HEAD"]).ok();
        b.git(&["push", "-q", "origin", "main"]).ok();
        b.pm(&["sync"]).ok();
        assert_eq!(b.data(&["show", &id])["status"], "done", "{message:?}");
    }
}

/// The commit of work that was merged by hand is that which brought it, not the tip of the target then.
#[test]
fn a_merge_of_work_that_is_in_its_target_records_the_commit_that_brought_it() {
    let scene = Scene::new();
    let repo = scene.with_hub().1;
    let id = repo.task("Price", &[]);
    submitted(&repo, &id);
    repo.pm(&["approve", &id]).ok();
    repo.git(&["merge", "-q", "--squash", &format!("task/{id}-price")])
        .ok();
    repo.git(&["commit", "-q", "-m", "Price (#1)"]).ok();
    let brought = repo.tip("main");
    repo.write("b.txt", "1\n");
    repo.commit_all("Other");
    repo.pm(&["merge", &id]).ok();
    assert_eq!(repo.data(&["show", &id])["work"]["merged_commit"], brought);
}

/// An approval from before the revert is none to merge the work again.
#[test]
fn work_that_was_reverted_after_its_approval_is_approved_again_before_it_is_merged() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Price", &[]);
    submitted(&a, &id);
    a.pm(&["approve", &id]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.git(&[
        "merge",
        "-q",
        "--squash",
        &format!("origin/task/{id}-price"),
    ])
    .ok();
    b.git(&["commit", "-q", "-m", "Price (#1)"]).ok();
    let later = b.with("GIT_AUTHOR_DATE", "2090-01-01T00:00:00Z");
    later.git(&["revert", "--no-edit", "HEAD"]).ok();
    b.git(&["push", "-q", "origin", "main"]).ok();
    a.pm(&["sync"]).ok();
    a.git(&["pull", "-q", "origin", "main"]).ok();
    let refused = a.pm(&["merge", &id]);
    let said = format!(
        "reverted that: `git show {}`, after its approval",
        &b.tip("main")[..10]
    );
    assert!(
        refused.code == 1 && refused.err.contains(&said),
        "{refused:?}"
    );
    for args in [&["ready"][..], &["status"], &["merge", "--queue", "--plan"]] {
        let ran = a.pm(args);
        assert!(
            !ran.out.contains(&format!("git pm merge {id}")),
            "{args:?}: {ran:?}"
        );
        assert!(
            !ran.err.contains(&format!("git pm merge {id}")),
            "{args:?}: {ran:?}"
        );
    }
}

/// The holder of work that another clone found merged keeps what was committed since, and is told.
#[test]
fn the_holder_of_merged_work_is_told_of_commits_that_were_not_merged() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Price", &[]);
    let place = submitted(&a, &id);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.git(&[
        "merge",
        "-q",
        "--squash",
        &format!("origin/task/{id}-price"),
    ])
    .ok();
    b.git(&["commit", "-q", "-m", "Price (#1)"]).ok();
    b.git(&["push", "-q", "origin", "main"]).ok();
    place.write("b.txt", "1\n");
    place.commit_all("More");
    tells(
        &b.pm(&["sync"]).ok(),
        &format!("{id} is done: its work is in main"),
    );
    let news = a.pm(&["sync"]).ok();
    tells(&news, &format!("Ben found your work on {id} in its target"));
    tells(
        &a.pm(&["status"]).ok(),
        &format!("{id} is done, but its worktree has 2 commits of"),
    );
    tells(&a.pm(&["show", &id]).ok(), "not merged: 2 commits of");
}

/// A revert counts before it is pushed, too: git here has it.
#[test]
fn work_whose_revert_was_not_pushed_is_named() {
    let scene = Scene::new();
    let repo = scene.with_hub().1;
    let id = repo.task("Price", &[]);
    let next = repo.task("Total", &["--depends-on", &id]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("a.txt", "1\n");
    place.commit_all("Price");
    place.pm(&["finish", "--merge"]).ok();
    repo.git(&["push", "-q", "origin", "main"]).ok();
    let merged = repo.tip("main")[..10].to_string();
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    let said = format!("{id} was merged into main at {merged}, and ");
    for args in [
        &["show", &id][..],
        &["status"],
        &["doctor"],
        &["why", &next],
        &["start", &next],
    ] {
        tells(&repo.pm(args).ok(), &said);
    }
}

/// Work that another clone merged and did not push is not in the target here, although it is done.
#[test]
fn work_that_another_clone_merged_and_did_not_push_is_named() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Price", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["start", &id]).ok();
    let place = b.worktree(&id);
    place.write("a.txt", "1\n");
    place.commit_all("Price");
    place.pm(&["finish", "--merge"]).ok();
    let merged = b.tip("main")[..10].to_string();
    a.pm(&["sync"]).ok();
    let said = format!("Ben merged {id} into main at {merged}, which this clone does not have");
    for args in [&["show", &id][..], &["status"], &["doctor"]] {
        tells(&a.pm(args).ok(), &said);
    }
    b.git(&["push", "-q", "origin", "main"]).ok();
    let other = b.task("Other", &[]);
    b.pm(&["sync"]).ok();
    assert!(a.pm(&["sync"]).ok().out.contains(&other));
    for args in [&["show", &id][..], &["status"], &["doctor"]] {
        let ran = a.pm(args).ok();
        let told = format!("{}{}", ran.out, ran.err);
        assert!(!told.contains("does not have"), "{args:?}: {ran:?}");
    }
}

/// A branch that was merged by hand before it was submitted has its work in the target, and is told so.
#[test]
fn work_that_was_merged_by_hand_before_its_end_is_closed_by_hand() {
    let scene = Scene::new();
    let repo = scene.with_hub().1;
    let id = repo.task("Price", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    let empty = place.pm(&["finish"]);
    assert!(empty.err.contains("commit the work first"), "{empty:?}");
    place.write("a.txt", "1\n");
    place.commit_all("Price");
    repo.git(&["merge", "-q", "--ff-only", &format!("task/{id}-price")])
        .ok();
    let merged = repo.tip("main")[..10].to_string();
    let ran = place.pm(&["finish"]);
    let said = format!("has no commits that main lacks: it has {merged} already");
    assert!(ran.code != 0 && ran.err.contains(&said), "{ran:?}");
    assert!(!ran.err.contains("commit the work first"), "{ran:?}");
    place
        .pm(&["task", "done", &id, "--evidence", "merged by hand"])
        .ok();
}

/// Work that was merged, reopened and submitted again is not told of its own first merge.
#[test]
fn the_next_round_of_reopened_work_is_not_told_of_its_first_merge() {
    let scene = Scene::new();
    let repo = scene.with_hub().1;
    let id = repo.task("Price", &[]);
    for round in 0..2 {
        repo.pm(&["start", &id]).ok();
        let place = repo.worktree(&id);
        place.write("a.txt", &format!("{round}\n"));
        place.commit_all("Price");
        place.pm(&["finish"]).ok();
        for args in [
            &["show", &id][..],
            &["status"],
            &["approve", &id],
            &["merge", &id],
        ] {
            let ran = repo.pm(args).ok();
            let told = format!("{}{}", ran.out, ran.err);
            assert!(
                !told.contains("has a commit of"),
                "{round} {args:?}: {ran:?}"
            );
        }
        repo.git(&["push", "-q", "origin", "main"]).ok();
        repo.pm(&["task", "reopen", &id]).ok();
    }
}

/// A task that was only dropped has no commit to be told of.
#[test]
fn a_dropped_task_of_which_main_has_nothing_is_started_without_a_word() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    let id = a.task("Price", &[]);
    a.pm(&["start", &id]).ok();
    a.pm(&["drop", &id]).ok();
    let said = a.pm(&["why", &id]).ok();
    assert!(!said.out.contains("has a commit of"), "{said:?}");
}

/// The trailers of another tracker name none of our items, and are not looked for among all of them.
#[test]
fn trailers_of_other_trackers_name_no_item() {
    let scene = Scene::new();
    let repo = scene.with_hub().1;
    let id = repo.task("Price", &[]);
    repo.pm(&["start", &id]).ok();
    repo.pm(&["drop", &id]).ok();
    for name in ["PROJ-17", "1", "#1", "T1", "Price"] {
        let message = format!("Other\n\nTask: {name}");
        repo.git(&["commit", "-q", "--allow-empty", "-m", &message])
            .ok();
    }
    for args in [&["show", &id][..], &["why", &id], &["status"]] {
        let ran = repo.pm(args).ok();
        assert!(!ran.err.contains("already"), "{args:?}: {ran:?}");
        assert!(!ran.out.contains("has a commit"), "{args:?}: {ran:?}");
    }
}
