//! Reassigning a task.

use super::{holder, two_clones};
use crate::support::Scene;

// RC-22: a lead reassigns; the holder is notified and keeps the work.
#[test]
fn rc_22_reassign_ends_the_claim_and_notifies_both() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    b.pm(&["start", "T-0001"]).ok();
    let work = b.worktree("T-0001");
    work.write("half.txt", "half done\n");
    work.commit_all("Half");
    a.pm(&["sync"]).ok();
    let moved = a.data(&["task", "reassign", "T-0001", "--to", "agent-7"]);
    assert_eq!(moved["assignee"], "agent-7");
    assert_eq!(moved["status"], "queued");
    assert!(moved["claim"].is_null(), "{moved}");

    let report = b.data(&["sync"]);
    let told = &report["notices"][0];
    assert_eq!(told["topic"], "claim-ended");
    let subject = told["subject"].as_str().unwrap();
    assert!(
        subject.contains("Ana") && subject.contains("agent-7"),
        "{subject}"
    );
    assert_eq!(work.read("half.txt"), "half done\n");
    b.pm(&["finish", "T-0001"]).exits(3);
    // The new assignee sees it in any clone and can start.
    let agent = b.by("agent-7");
    assert_eq!(agent.data(&["status"])["notices"][0]["topic"], "assigned");
    assert_eq!(agent.data(&["next"])["id"], "T-0001");
    agent.pm(&["start", "T-0001", "--no-worktree"]).ok();
}

/// The end of a claim is said, and a name that nobody has so far.
#[test]
fn assign_tells_of_the_claim_that_it_ends_and_of_a_new_name() {
    let scene = Scene::new();
    let (_, a, _) = two_clones(&scene);
    a.pm(&["start", "T-0001"]).ok();
    let said = a.pm(&["assign", "T-0001", "Benn"]).ok().err;
    assert!(
        said.contains("the claim of Ana on T-0001 ended; its commits stay on task/T-0001"),
        "{said}"
    );
    assert!(
        said.contains("no item or message named Benn so far; known: Ana"),
        "{said}"
    );
    let said = a.pm(&["assign", "T-0001", "Ana"]).ok().err;
    assert!(
        !said.contains("so far") && !said.contains("ended"),
        "{said}"
    );
    for args in [
        &["task", "edit", "T-0001", "--assignee", "Annna"][..],
        &["task", "create", "Two", "--assignee", "Annnna"],
        &["issue", "update", "T-0001", "--assignee", "Annnnna"],
    ] {
        let said = a.pm(args).ok().err;
        assert!(said.contains("so far; known: A"), "{args:?}: {said}");
    }
    let said = a.pm(&["task", "edit", "T-0001", "--assignee", "Ana"]).ok();
    assert!(!said.err.contains("so far"), "{}", said.err);
}

// RC-22: ending another clone's claim works only online, and not for agents.
#[test]
fn reassign_of_another_clones_claim_needs_the_remote_and_a_human() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    b.pm(&["start", "T-0001", "--no-worktree"]).ok();
    a.pm(&["sync"]).ok();
    a.pm(&["--offline", "task", "reassign", "T-0001", "--to", "Cleo"])
        .exits(6);
    let away = hub.path.with_extension("away");
    std::fs::rename(&hub.path, &away).unwrap();
    a.pm(&["task", "reassign", "T-0001", "--to", "Cleo"])
        .exits(6);
    std::fs::rename(&away, &hub.path).unwrap();
    let agent = a.by("bot").with("CLAUDECODE", "1");
    agent
        .pm(&["task", "reassign", "T-0001", "--to", "bot"])
        .exits(1);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(holder(&a, "T-0001"), ("Ben".into(), true));
    assert_eq!(holder(&b, "T-0001"), ("Ben".into(), true));
}

// MS-11: holding a task, its state and its reservations have one owner each.
#[test]
fn ms_11_the_owner_is_the_claim_holder_or_else_the_assignee() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Plan", &["--assignee", "Cleo", "--path", "docs/**"]);
    let item = repo.data(&["show", &id]);
    assert_eq!(item["owner"], "Cleo");
    assert!(item["claim"].is_null());
    let started = repo.by("Dan").data(&["start", &id]);
    assert_eq!(started["owner"], "Dan");
    assert_eq!(
        started["assignee"], "Dan",
        "another is named than who does it"
    );
    let text = repo
        .git(&[
            "grep",
            "-h",
            "-E",
            "^(owner|holder|worktree):",
            "refs/pm/main",
        ])
        .out;
    assert_eq!(text, "", "derived facts are stored a second time");
    repo.by("Dan").pm(&["task", "drop", &id]).ok();
    let dropped = repo.data(&["show", &id]);
    assert_eq!(dropped["owner"], "Cleo");
    assert!(
        repo.data(&["reserve", "list"])["items"]
            .as_array()
            .unwrap()
            .is_empty(),
        "a dropped task's reservation keeps stopping others"
    );
    // A comment changes nothing of status, claim or reservations.
    let before = repo.data(&["show", &id]);
    repo.pm(&["task", "comment", &id, "hello"]).ok();
    let after = repo.data(&["show", &id]);
    for field in ["status", "owner", "claim", "title", "priority", "version"] {
        assert_eq!(before[field], after[field], "{field}");
    }
}

// TM-06: `approve` refuses an agent, whatever identifies it as one.
#[test]
fn tm_06_approve_refuses_agents() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("Work", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let work = repo.worktree("T-0001");
    work.write("x.txt", "x\n");
    work.commit_all("X");
    repo.pm(&["finish", "T-0001"]).ok();
    repo.git(&["config", "--add", "pm.agent", "robot"]).ok();
    let agents = [
        repo.with("CLAUDECODE", "1"),
        repo.with("CODEX_SANDBOX", "seatbelt"),
        repo.with("AGENT_NAME", "bot"),
        repo.by("robot"),
        // Another name does not make the agent a human.
        repo.with("CLAUDECODE", "1").by("Ana"),
    ];
    for agent in agents {
        agent.pm(&["task", "approve", "T-0001"]).exits(1);
    }
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "in_review");
    let approved = repo.data(&["task", "approve", "T-0001"]);
    assert_eq!(approved["status"], "ready_for_integration");
    assert_eq!(approved["approved_by"], "Ana");
}

// RC-22: who has lost a task hears it with the next commit, and `finish` says it first.
#[test]
fn rc_22_work_on_a_task_that_was_taken_over_is_warned_of() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    b.pm(&["start", "T-0001"]).ok();
    let work = b.worktree("T-0001");
    let commit = |text: &str| {
        work.write("half.txt", text);
        work.git(&["add", "-A"]).ok();
        work.git(&["commit", "-m", "Half"]).ok().err
    };
    assert!(!commit("one").contains("has taken over"));
    a.pm(&["sync"]).ok();
    a.pm(&["task", "reassign", "T-0001", "--to", "Ana"]).ok();
    b.pm(&["sync"]).ok();
    // Assigned only, then begun.
    for text in ["two", "three"] {
        let said = commit(text);
        assert!(said.contains("Ana has taken over T-0001"), "{said}");
        assert!(
            said.contains("git pm task reassign T-0001 --to Ben"),
            "{said}"
        );
        let refused = work.pm(&["finish"]).exits(3).err;
        let first = refused.lines().next().unwrap();
        assert!(first.contains("Ana"), "{refused}");
        // To ask or to take it back comes first, not to act under another's name.
        assert!(
            refused.contains("git pm task reassign T-0001 --to Ben"),
            "{refused}"
        );
        let hint = refused.lines().find(|line| line.starts_with("hint: "));
        assert!(!hint.unwrap().contains("--as"), "{refused}");
        if text == "two" {
            a.pm(&["start", "T-0001", "--no-worktree"]).ok();
            b.pm(&["sync"]).ok();
            let held = b.pm(&["start", "T-0001"]).exits(3).err;
            assert!(
                held.contains("git pm task reassign T-0001 --to Ben"),
                "{held}"
            );
            assert!(!held.contains("--as"), "Ana is in another clone: {held}");
        }
    }
    // In other places, and for the new holder, nothing is said.
    b.write("other.txt", "1\n");
    b.git(&["add", "-A"]).ok();
    let said = b.git(&["commit", "-m", "Other"]).ok().err;
    assert!(!said.contains("has taken over"), "{said}");
    a.write("half.txt", "of ana\n");
    a.git(&["add", "-A"]).ok();
    let said = a.git(&["commit", "-m", "Of Ana"]).ok().err;
    assert!(!said.contains("has taken over"), "{said}");
}

#[test]
fn nobody_is_told_what_they_did_and_alarms_come_with_one_sync() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    b.pm(&["start", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    a.pm(&["task", "reassign", "T-0001", "--to", "Ana"]).ok();
    let own = a.data(&["sync"])["notices"].clone();
    assert_eq!(own.as_array().unwrap().len(), 0, "{own}");
    assert!(
        !a.pm(&["msg", "inbox", "--all"])
            .ok()
            .out
            .contains("assigned")
    );
    let first = b.pm(&["sync"]).ok().out;
    assert!(first.contains("  ! "), "{first}");
    let second = b.pm(&["sync"]).ok().out;
    assert!(!second.contains("  ! "), "told with each sync: {second}");
    // It stays where one looks, until it is read.
    for _ in 0..2 {
        assert_eq!(b.data(&["status"])["notices"][0]["alarm"], true);
    }
    b.pm(&["status", "--ack"]).ok();
    assert_eq!(b.data(&["status"])["notices"].as_array().unwrap().len(), 0);
}

// Who was taken over and has not synced since is told by the remote, before anything is submitted.
#[test]
fn rc_22_work_that_was_taken_over_is_not_submitted_before_the_next_sync() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let a = a.by("Ana");
    a.task("Fix", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.pm(&["start", "T-0001"]).ok();
    let work = a.worktree("T-0001");
    work.write("fix.txt", "1\n");
    work.commit_all("Fix");
    b.pm(&["sync"]).ok();
    b.pm(&["task", "reassign", "T-0001", "--to", "Ben"]).ok();
    b.pm(&["start", "T-0001"]).ok();
    for more in [&["--merge"][..], &[]] {
        let all: Vec<&str> = ["finish", "T-0001"].iter().chain(more).copied().collect();
        let refused = a.pm(&all).exits(3).err;
        assert!(refused.contains("Ben"), "{refused}");
    }
    b.pm(&["sync"]).ok();
    let item = b.data(&["show", "T-0001"]);
    assert_eq!(item["status"], "in_progress", "{item}");
    assert!(item["approval"].is_null(), "{item}");
    assert_eq!(a.git(&["log", "--format=%s", "-1", "main"]).text(), "Begin");
}

/// One's own claim of another clone, as of a second computer or of a restored backup, is taken over.
#[test]
fn own_work_in_another_clone_is_taken_over_and_finished_here() {
    let scene = Scene::new();
    let (hub, a, _) = two_clones(&scene);
    let desk = scene.clone_of(&hub, "desk", "Ana");
    a.pm(&["start", "T-0001"]).ok();
    let work = a.worktree("T-0001");
    work.write("half.txt", "half done\n");
    work.commit_all("Half");
    let branch = work.git(&["branch", "--show-current"]).text();
    a.git(&["push", "-q", "origin", &branch]).ok();
    desk.pm(&["sync"]).ok();
    let refused = desk.pm(&["start", "T-0001"]).exits(3).err;
    let way = "git pm task reassign T-0001 --to Ana";
    assert!(
        refused.contains(way) && refused.contains("ends your claim of the other clone"),
        "{refused}"
    );
    assert!(!refused.contains("--as"), "{refused}");
    let moved = desk.data(&["task", "reassign", "T-0001", "--to", "Ana"]);
    assert!(moved["claim"].is_null(), "{moved}");
    desk.pm(&["start", "T-0001"]).ok();
    assert_eq!(holder(&desk, "T-0001"), ("Ana".into(), true));
    let here = desk.worktree("T-0001");
    assert_eq!(here.read("half.txt"), "half done\n");
    here.pm(&["finish"]).ok();
    a.pm(&["sync"]).ok();
    work.pm(&["finish"]).exits(3);
}

/// The branch of an item is that of its holder: whoever lost the claim pushes elsewhere.
#[test]
fn the_loser_of_a_claim_does_not_push_to_the_branch_of_the_winner() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    a.pm(&["start", "T-0001"]).ok();
    b.pm(&["start", "T-0001", "--offline"]).ok();
    let work = b.worktree("T-0001");
    let branch = work.git(&["branch", "--show-current"]).text();
    work.write("b.txt", "b\n");
    work.commit_all("Of Ben");
    for _ in 0..2 {
        let refused = work.git(&["push", "origin", "HEAD"]);
        assert_ne!(refused.code, 0, "{refused:?}");
        assert!(
            refused.err.contains("Ana holds T-0001 in another clone"),
            "{refused:?}"
        );
        b.pm(&["sync"]).ok();
    }
    assert_eq!(hub.tip(&branch), "");
    work.git(&["push", "-q", "origin", &format!("HEAD:{branch}-Ben")])
        .ok();
    let winner = a.worktree("T-0001");
    winner.write("a.txt", "a\n");
    winner.commit_all("Of Ana");
    winner.pm(&["finish"]).ok();
}

/// Who continues work that was given up has its commits, or is told that they are missing.
#[test]
fn work_that_is_left_to_others_reaches_them() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let begun = |title: &str| {
        let id = a.task(title, &[]);
        a.pm(&["start", &id]).ok();
        let place = a.worktree(&id);
        place.write("half.txt", title);
        place.commit_all(title);
        (id, place)
    };
    let (dropped, _) = begun("Dropped");
    a.pm(&["task", "drop", &dropped]).ok();
    let (moved, _) = begun("Moved");
    a.pm(&["task", "reassign", &moved, "--to", "Ben"]).ok();
    b.pm(&["sync"]).ok();
    for (id, half) in [(&dropped, "Dropped"), (&moved, "Moved")] {
        b.pm(&["start", id]).ok();
        assert_eq!(b.worktree(id).read("half.txt"), half);
    }
    let (_, place) = begun("Handed");
    place.pm(&["handoff", "--next", "the rest"]).ok();
    assert_eq!(hub.tip("task/T-0003-handed"), place.tip("HEAD"));

    a.pm(&["config", "pm.push", "never"]).ok();
    let (kept, _) = begun("Kept");
    for args in [&["task", "drop", &kept][..], &["status"], &["doctor"]] {
        let ran = a.pm(args);
        let push = "git push origin task/T-0004-kept";
        assert!((ran.out + &ran.err).contains(push), "{args:?}");
    }
    a.pm(&["sync"]).ok();
    let started = b.pm(&["start", &kept]).ok().out;
    assert!(
        started.contains("neither this clone nor its remote"),
        "{started}"
    );
}
