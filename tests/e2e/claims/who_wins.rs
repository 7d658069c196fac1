//! When several processes or clones start one task, one wins and the others are told which.

use super::{NOON, holder, two_clones};
use crate::support::{Ran, Repo, Scene, rounds, wait_all};

/// Requires that one of several simultaneous starts won and the others were told so.
#[track_caller]
fn one_won(ran: &[Ran], what: &str) -> usize {
    let winners: Vec<usize> = (0..ran.len()).filter(|n| ran[*n].code == 0).collect();
    assert_eq!(
        winners.len(),
        1,
        "{what}: not exactly one process holds the task: {ran:#?}"
    );
    for (n, loser) in ran.iter().enumerate().filter(|(n, _)| *n != winners[0]) {
        assert_eq!(loser.code, 3, "{what}: process {n}: {loser:?}");
    }
    winners[0]
}

// TM-10: of any number of simultaneous claims one wins.
#[test]
fn one_of_eight_processes_that_start_the_same_task_wins() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init", "--no-hooks"]).ok();
    for round in 0..rounds(50) {
        let id = repo.task(&format!("Round {round}"), &[]);
        let children = (0..8)
            .map(|n| {
                repo.by(&format!("p{n}"))
                    .spawn(&["start", &id, "--no-worktree"])
            })
            .collect();
        let ran = wait_all(children);
        let winner = one_won(&ran, &id);
        let name = format!("p{winner}");
        assert_eq!(holder(&repo, &id), (name.clone(), true));
        for loser in ran.iter().filter(|r| r.code != 0) {
            assert!(
                loser.err.contains(&name),
                "{id}: the loser is not told that {name} won: {}",
                loser.err
            );
        }
        let claims = repo.git(&["show", "refs/pm/main"]).ok().out;
        assert!(!claims.is_empty());
    }
}

// The same with one actor's name in all processes, and with worktrees: the others are told that they hold it.
#[test]
fn one_of_eight_processes_of_one_actor_wins_and_keeps_its_worktree() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init", "--no-hooks"]).ok();
    let id = repo.task("One worktree", &[]);
    let ran = wait_all((0..8).map(|_| repo.spawn(&["start", &id])).collect());
    let is_first = |ran: &&Ran| ran.out.starts_with("Started ");
    assert_eq!(ran.iter().filter(is_first).count(), 1, "{ran:#?}");
    for again in ran.iter().filter(|ran| !is_first(ran)) {
        assert_eq!(again.code, 0, "{again:?}");
        assert!(again.err.contains("you already hold"), "{again:?}");
    }
    assert_eq!(
        repo.data(&["log", "--op", "task start"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let work = repo.worktree(&id);
    assert_eq!(
        work.git(&["branch", "--show-current"]).text(),
        "task/T-0001-one-worktree",
        "a loser's clean-up removed the winner's worktree"
    );
    assert_eq!(repo.git(&["worktree", "list"]).ok().out.lines().count(), 2);
}

// Two clones, one remote, online.
#[test]
fn a_claim_is_lost_when_another_clone_pushed_first_and_the_winner_is_named() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let (a, b) = (a.by("Ana"), b.by("Ben"));
    for round in 0..rounds(50) {
        let id = a.task(&format!("Round {round}"), &[]);
        a.pm(&["sync"]).ok();
        b.pm(&["sync"]).ok();
        let start = ["start", &id, "--no-worktree"];
        let ran = wait_all(vec![a.spawn(&start), b.spawn(&start)]);
        let winner = one_won(&ran, &id);
        let name = ["Ana", "Ben"][winner];
        let loser = &ran[1 - winner];
        assert!(
            loser.err.contains(&format!("held by {name}")),
            "{id}: {}",
            loser.err
        );
        a.pm(&["sync"]).ok();
        b.pm(&["sync"]).ok();
        for clone in [&a, &b] {
            assert_eq!(holder(clone, &id), (name.to_string(), true), "{id}");
        }
    }
    assert_eq!(a.state_tree(), b.state_tree());
}

// 4.3: online losing is known at once, so the loser's clone must not offer the task again.
#[test]
fn the_loser_of_an_online_start_sees_the_winner_without_another_sync() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    let lost = b.pm(&["start", "T-0001", "--no-worktree"]).exits(3);
    assert!(lost.err.contains("held by Ana"), "{}", lost.err);
    assert_eq!(holder(&b, "T-0001"), ("Ana".into(), true));
    assert!(
        b.data(&["ready"])["items"].as_array().unwrap().is_empty(),
        "`ready` still offers what the same clone was just refused"
    );
    assert_eq!(
        b.git(&["branch", "--list", "task/*"]).text(),
        "",
        "the loser has a branch for a claim it never had"
    );
}

// C1: the clone that syncs first holds it, although the other claimed it earlier.
#[test]
fn c1_the_first_synced_of_two_offline_claims_holds_in_all_clones() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    let c = scene.clone_of(&hub, "c", "Cleo");
    let early = a.when("2026-03-02T12:00:00Z");
    let late = b.when("2026-03-02T13:00:00Z");
    early.pm(&["--offline", "start", "T-0001"]).ok();
    let started = late.data(&["--offline", "start", "T-0001"]);
    assert_eq!(started["claim"]["confirmed"], false, "tentative offline");
    let work = a.worktree("T-0001");
    work.write("mine.txt", "an hour of work\n");
    work.commit_all("An hour of work");
    let branch = "refs/heads/task/T-0001-shared-work";
    let tip = a.tip(branch);

    let after = "2026-03-02T14:00:00Z";
    let report = b.when(after).data(&["sync"]);
    assert_eq!(report["confirmed"][0], "T-0001");
    let report = a.when(after).data(&["sync"]);
    let lost = &report["lost"][0];
    assert_eq!(lost["id"], "T-0001");
    assert_eq!(lost["holder"], "Ben");
    assert_eq!(lost["branch"], "task/T-0001-shared-work");
    assert_eq!(report["notices"][0]["topic"], "claim-lost");
    assert!(
        report["notices"][0]["subject"]
            .as_str()
            .unwrap()
            .contains("Ben"),
        "{report}"
    );
    // `status` keeps showing it.
    let status = a.when(after).data(&["status"]);
    assert_eq!(status["notices"][0]["topic"], "claim-lost", "{status}");
    let said = a.when(after).pm(&["status"]).ok().out;
    assert!(said.contains("Ben holds T-0001"), "{said}");

    assert_eq!(a.tip(branch), tip, "the loser's branch was moved");
    assert_eq!(work.read("mine.txt"), "an hour of work\n");
    b.when(after).pm(&["sync"]).ok();
    c.when(after).pm(&["sync"]).ok();
    for clone in [&a, &b, &c] {
        assert_eq!(holder(clone, "T-0001"), ("Ben".into(), true));
    }
    assert_eq!(a.state_tree(), c.state_tree());
    assert_eq!(b.state_tree(), c.state_tree());

    // C1: a lost claim is not restored by the winner's release.
    b.when(after).pm(&["task", "drop", "T-0001"]).ok();
    a.when(after).pm(&["sync"]).ok();
    assert_eq!(holder(&a, "T-0001"), (String::new(), false));
    assert_eq!(a.data(&["show", "T-0001"])["status"], "queued");
}

// C1: also of two that merged it: the record is the winner's, and the loser is told.
#[test]
fn c1_the_first_synced_of_two_offline_merges_is_on_record() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    let away = hub.path.with_extension("away");
    std::fs::rename(&hub.path, &away).unwrap();
    for clone in [&a, &b] {
        clone.pm(&["--offline", "start", "T-0001"]).ok();
        let work = clone.worktree("T-0001");
        work.write("mine.txt", &clone.path.display().to_string());
        work.commit_all("Mine");
        work.pm(&["finish", "--merge"]).ok();
    }
    std::fs::rename(&away, &hub.path).unwrap();
    let (won, lost) = (a.tip("main"), b.tip("main"));
    let record = |clone: &Repo| {
        let item = clone.data(&["show", "T-0001"]);
        let fields = ["status", "assignee", "approval", "finished_at", "work"];
        fields.map(|name| match name {
            "work" => item["work"]["merged_commit"].clone(),
            _ => item[name].clone(),
        })
    };
    let before = record(&a);
    assert_eq!(before[4], won.as_str());
    assert_eq!(a.data(&["sync"])["lost"], serde_json::json!([]));

    let report = b.data(&["sync"]);
    assert_eq!(report["lost"][0]["id"], "T-0001");
    assert_eq!(report["lost"][0]["holder"], "Ana");
    assert_eq!(report["lost"][0]["merged"], &lost[..10]);
    let inbox = b.data(&["msg", "inbox"])["items"].to_string();
    assert!(
        inbox.contains("Ana had already changed T-0001 to done"),
        "{inbox}"
    );
    assert_eq!(b.tip("main"), lost, "the loser's merge was moved");
    a.pm(&["sync"]).ok();
    for clone in [&a, &b] {
        assert_eq!(record(clone), before);
    }
    assert_eq!(a.state_tree(), b.state_tree());
    // It is told once.
    assert_eq!(b.data(&["sync"])["lost"], serde_json::json!([]));
}

// The text that a sync prints for the loser.
#[test]
fn sync_tells_the_loser_who_holds_the_task_and_where_the_work_is() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    a.pm(&["--offline", "start", "T-0001"]).ok();
    b.pm(&["--offline", "start", "T-0001"]).ok();
    b.pm(&["sync"]).ok();
    let said = a.pm(&["sync"]).ok().out;
    assert!(said.contains("lost T-0001: Ben holds it now"), "{said}");
    assert!(said.contains("task/T-0001-shared-work"), "{said}");
    // The loser cannot resume, but keeps the branch.
    a.pm(&["start", "T-0001", "--resume"]).exits(3);
    assert!(!a.tip("refs/heads/task/T-0001-shared-work").is_empty());
}

// A start and a drop, both offline, do not affect another clone's claim.
#[test]
fn an_offline_start_and_drop_does_not_end_a_confirmed_claim() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    // B's claim is earlier than A's, which is confirmed.
    b.when(NOON).pm(&["--offline", "start", "T-0001"]).ok();
    b.when(NOON)
        .pm(&["--offline", "task", "drop", "T-0001"])
        .ok();
    a.when("2026-03-02T12:30:00Z").pm(&["start", "T-0001"]).ok();
    let later = "2026-03-02T13:00:00Z";
    b.when(later).pm(&["sync"]).ok();
    a.when(later).pm(&["sync"]).ok();
    for clone in [&a, &b] {
        assert_eq!(
            holder(&clone.when(later), "T-0001"),
            ("Ana".into(), true),
            "a drop in another clone ended a confirmed claim"
        );
        assert_eq!(clone.data(&["show", "T-0001"])["status"], "in_progress");
    }
    // Nor does a start made after the confirmation was seen.
    b.pm(&["--offline", "start", "T-0001"]).exits(3);
    b.pm(&["--offline", "task", "drop", "T-0001"]).exits(3);
    assert_eq!(holder(&b, "T-0001"), ("Ana".into(), true));
}

// A clone's own earlier changes of the task do not cost it the claim.
#[test]
fn an_offline_claim_holds_after_other_offline_changes_of_the_same_task() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    for step in [
        &["task", "block", "T-0001", "waits"][..],
        &["task", "unblock", "T-0001"],
        &["start", "T-0001", "--no-worktree"],
    ] {
        let mut args = vec!["--offline"];
        args.extend(step);
        b.pm(&args).ok();
    }
    a.pm(&["task", "comment", "T-0001", "meanwhile"]).ok();
    a.pm(&["sync"]).ok();
    let report = b.data(&["sync"]);
    assert_eq!(
        report["confirmed"][0], "T-0001",
        "the claim is lost without a competing one: {report}"
    );
    assert_eq!(b.data(&["show", "T-0001"])["status"], "in_progress");
}

// C2: the same actor in another clone is another claimant.
#[test]
fn c2_one_name_in_two_clones_is_two_claimants() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let (a, b) = (a.by("bot"), b.by("bot"));
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    let refused = b.pm(&["start", "T-0001", "--no-worktree"]).exits(3);
    assert!(refused.err.contains("in another clone"), "{}", refused.err);
    b.pm(&["start", "T-0001", "--resume", "--no-worktree"])
        .exits(3);
    b.pm(&["task", "drop", "T-0001"]).exits(3);
    b.pm(&["finish", "T-0001"]).exits(3);
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    let item = a.data(&["show", "T-0001"]);
    assert_eq!(item["claim"]["confirmed"], true);
    assert_eq!(item["claim"]["here"], true);
    assert_eq!(b.data(&["show", "T-0001"])["claim"]["here"], false);
}

// C2: a release ends its own claim only; the winner of the same name keeps it.
#[test]
fn c2_a_release_ends_only_the_claim_of_its_clone() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let (a, b) = (a.by("bot"), b.by("bot"));
    b.when(NOON)
        .pm(&["--offline", "start", "T-0001", "--no-worktree"])
        .ok();
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    b.pm(&["pull"]).ok();
    b.pm(&["task", "drop", "T-0001"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    for clone in [&a, &b] {
        let item = clone.data(&["show", "T-0001"]);
        assert_eq!(
            item["claim"]["actor"], "bot",
            "the confirmed claim was released by a namesake: {item}"
        );
        assert_eq!(item["claim"]["confirmed"], true);
        assert_eq!(item["status"], "in_progress");
    }
}

#[test]
fn a_repeated_start_by_the_claimant_changes_nothing() {
    let scene = Scene::new();
    let (_, a, _) = two_clones(&scene);
    a.pm(&["start", "T-0001"]).ok();
    let commit = a.tip("refs/pm/main");
    for claim in [
        &["start", "T-0001"][..],
        &["issue", "claim", "T-0001"],
        &["issue", "update", "T-0001", "--claim"],
    ] {
        let again = a.pm(claim).ok();
        assert!(
            again.err.contains("you already hold T-0001"),
            "{}",
            again.err
        );
    }
    assert_eq!(a.tip("refs/pm/main"), commit, "a repeated claim wrote");
    // What is submitted is not taken up again by the way.
    let other = a.task("Other", &[]);
    a.pm(&["start", &other]).ok();
    let work = a.worktree(&other);
    work.write("new.txt", "new\n");
    work.commit_all("Work");
    work.pm(&["finish"]).ok();
    let refused = a.pm(&["start", &other]).exits(1).err;
    assert!(refused.contains("--resume"), "{refused}");
    let commit = a.tip("refs/pm/main");
    let resumed = a.data(&["start", "T-0001", "--resume"]);
    assert_eq!(resumed["claim"]["actor"], "Ana");
    assert_eq!(a.tip("refs/pm/main"), commit, "resuming made a new claim");
}

// At once they would only lose races to each other.
#[test]
fn the_processes_of_a_clone_push_one_after_another() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let turn = std::fs::File::create(a.path.join(".git/pm/push.lock")).unwrap();
    turn.lock().unwrap();
    let mut waiting = a.spawn(&["start", "T-0001", "--no-worktree"]);
    std::thread::sleep(std::time::Duration::from_secs(1));
    b.pm(&["comment", "T-0001", "other clones do not wait"])
        .ok();
    assert!(waiting.try_wait().unwrap().is_none(), "it did not wait");
    drop(turn);
    wait_all(vec![waiting]).remove(0).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(holder(&b, "T-0001"), ("Ana".to_string(), true));
}

#[test]
fn every_claim_without_the_remote_says_that_it_is_tentative() {
    let scene = Scene::new();
    let (_, a, _) = two_clones(&scene);
    let make = || a.pm(&["issue", "q", "Fix it"]).ok().text();
    let (first, second, _) = (make(), make(), make());
    a.pm(&["sync"]).ok();
    for claim in [
        &["--offline", "issue", "update", &first, "--claim"][..],
        &["--offline", "issue", "claim", &second],
        &["--offline", "issue", "ready", "--claim"],
    ] {
        let said = a.pm(claim).ok();
        let said = format!("{}{}", said.out, said.err);
        assert!(said.contains("is tentative until `git pm sync`"), "{said}");
    }
}
