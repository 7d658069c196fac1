//! Tasks of an epic are merged into its branch.

use serde_json::json;

use super::alone;
use crate::support::{Repo, Scene, set_up};

#[test]
fn the_branch_of_an_epic_is_the_target_of_its_tasks() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.pm(&["epic", "create", "Single sign on"]).ok();
    repo.pm(&["epic", "start", "E-0001"]).ok();
    let id = repo.task("Redirect", &["--epic", "E-0001"]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("redirect.txt", "redirect\n");
    place.commit_all("Redirect");
    let main = repo.tip("main");
    let done = repo.data(&["finish", &id, "--merge"]);
    assert_eq!(done["merged"]["target"], "epic/single-sign-on");
    assert_eq!(repo.tip("main"), main, "an epic's task moved main");
    let epic = repo.worktree("E-0001");
    assert_eq!(
        epic.read("redirect.txt"),
        "redirect\n",
        "its checkout follows"
    );
    // Then the epic itself is merged into main.
    let done = repo.data(&["finish", "E-0001", "--merge"]);
    assert_eq!(done["merged"]["target"], "main");
    assert_eq!(repo.read("redirect.txt"), "redirect\n");
    assert_eq!(done["status"], "closed");
}

// Work merged into the branch of a closed epic would never reach main.
#[test]
fn tasks_of_a_closed_epic_are_merged_into_the_epics_target() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.pm(&["epic", "create", "Epic"]).ok();
    repo.pm(&["epic", "start", "E-0001"]).ok();
    let late = repo.task("Late", &["--epic", "E-0001"]);
    let later = repo.task("Later", &["--epic", "E-0001"]);
    repo.pm(&["start", &late]).ok();
    let epic = repo.worktree("E-0001");
    epic.write("epic.txt", "epic\n");
    epic.commit_all("Epic");
    repo.pm(&["finish", "E-0001", "--merge", "--force"]).ok();
    let place = repo.worktree(&late);
    place.write("late.txt", "late\n");
    place.commit_all("Late");
    let done = repo.data(&["finish", &late, "--merge"]);
    assert_eq!(done["merged"]["target"], "main");
    assert_eq!(repo.read("late.txt"), "late\n", "done, but not in main");
    repo.pm(&["start", &later]).ok();
    assert_eq!(repo.worktree(&later).tip("HEAD"), repo.tip("main"));
}

/// Creates an epic with two tasks and starts it. Returns the hub, the clone and what the start printed.
fn started(scene: &Scene, push: &str) -> (Repo, Repo, String) {
    let (hub, ana) = scene.with_hub();
    ana.git(&["config", "pm.push", push]).ok();
    ana.pm(&["epic", "create", "Login"]).ok();
    for title in ["One", "Two"] {
        ana.task(title, &["--epic", "E-0001"]);
    }
    let said = ana.pm(&["start", "E-0001"]).ok();
    ana.pm(&["sync"]).ok();
    (hub, ana, format!("{}{}", said.out, said.err))
}

/// Starts a task, commits a file and merges it.
fn merged(repo: &Repo, id: &str, file: &str) -> serde_json::Value {
    repo.pm(&["start", id]).ok();
    let place = repo.worktree(id);
    place.write(file, "1\n");
    place.commit_all(file);
    repo.data(&["finish", id, "--merge"])["merged"].clone()
}

/// A clone that has the branch of an epic only as that of the remote counts against that one.
#[test]
fn the_branch_of_an_epic_at_the_remote_is_what_its_tasks_are_compared_with() {
    let scene = Scene::new();
    let (hub, ana, _) = started(&scene, "finish");
    ana.pm(&["start", "T-0001"]).ok();
    let place = ana.worktree("T-0001");
    place.write("one.txt", "1\n");
    place.commit_all("one");
    ana.pm(&["finish", "T-0001"]).ok();
    ana.pm(&["approve", "T-0001"]).ok();
    ana.pm(&["sync"]).ok();
    let ben = scene.clone_of(&hub, "b", "Ben");
    ben.pm(&["sync"]).ok();
    ben.git(&["fetch", "-q"]).ok();
    assert!(
        ben.git(&["rev-parse", "-q", "--verify", "refs/heads/epic/login"])
            .code
            != 0
    );
    let status = ben.pm(&["status"]).ok().out;
    let is_counted = status.contains("1 ahead of epic/login");
    assert!(is_counted && !status.contains("failed"), "{status}");
}

/// The target of an epic's tasks does not depend on the clone that merges them.
#[test]
fn the_tasks_of_an_epic_have_one_target_in_all_clones() {
    let scene = Scene::new();
    let (hub, ana, said) = started(&scene, "finish");
    for told in ["merged into epic/login", "git pm issue claim E-0001"] {
        assert!(said.contains(told), "{said}");
    }
    let ben = scene.clone_of(&hub, "b", "Ben");
    assert_eq!(merged(&ben, "T-0002", "two.txt")["target"], "epic/login");
    let status = ben.pm(&["status"]).ok().out;
    assert!(
        status.contains("epic/login is 1 commit ahead of origin/epic/login"),
        "{status}"
    );
    ben.git(&["push", "-q", "origin", "epic/login"]).ok();
    assert_eq!(merged(&ana, "T-0001", "one.txt")["target"], "epic/login");
    assert_eq!(ana.worktree("E-0001").read("two.txt"), "1\n");
    assert_eq!(ana.tip("main"), ben.tip("main"));
}

/// The branch of a task goes from the remote once the branch of its epic has the work there, or, as that
/// ends with the epic, the epic's target has it.
#[test]
fn the_branches_of_an_epics_tasks_are_deleted_at_the_remote_with_the_epic() {
    let scene = Scene::new();
    let (hub, ana, _) = started(&scene, "finish");
    ana.git(&["config", "pm.pushTarget", "never"]).ok();
    for (id, file) in [("T-0001", "one.txt"), ("T-0002", "two.txt")] {
        ana.pm(&["start", id]).ok();
        let place = ana.worktree(id);
        place.write(file, "1\n");
        place.commit_all(file);
        place.pm(&["finish"]).ok();
        ana.pm(&["approve", id]).ok();
        ana.pm(&["merge", id]).ok();
    }
    let branches = || hub.git(&["branch", "--format=%(refname:short)"]).text();
    assert!(branches().contains("task/T-0001"), "{}", branches());
    ana.pm(&["finish", "E-0001", "--merge"]).ok();
    ana.pm(&["sync"]).ok();
    // Nobody else has the work yet.
    assert!(branches().contains("task/T-0002"), "{}", branches());
    ana.git(&["push", "-q", "origin", "main"]).ok();
    ana.pm(&["sync"]).ok();
    assert_eq!(branches().trim(), "main");
}

/// Nothing goes elsewhere because a clone lacks the branch of an epic.
#[test]
fn a_task_waits_for_the_branch_of_its_epic() {
    let scene = Scene::new();
    let (hub, ana, _) = started(&scene, "never");
    let status = ana.pm(&["status"]).ok().out;
    assert!(status.contains("epic/login is not at origin"), "{status}");
    let ben = scene.clone_of(&hub, "b", "Ben");
    let refused = ben.pm(&["start", "T-0002"]).exits(1).err;
    assert!(
        refused.contains("neither in this clone nor at origin"),
        "{refused}"
    );
    assert!(refused.contains("git branch epic/login main"), "{refused}");
    ana.git(&["push", "-q", "origin", "epic/login"]).ok();
    assert_eq!(merged(&ben, "T-0002", "two.txt")["target"], "epic/login");
}

/// A start by mistake is given up with its branch, on which nothing is.
#[test]
fn a_dropped_epic_without_work_is_no_target() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.pm(&["epic", "create", "Login"]).ok();
    let id = repo.task("One", &["--epic", "E-0001"]);
    repo.pm(&["start", "E-0001"]).ok();
    repo.pm(&["drop", "E-0001"]).ok();
    assert_eq!(merged(&repo, &id, "one.txt")["target"], "main");
}

/// An epic ends in the same way by every command: after its tasks, or by force.
#[test]
fn an_epic_with_open_tasks_is_not_submitted_approved_or_merged() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.pm(&["epic", "create", "Login"]).ok();
    repo.task("One", &["--epic", "E-0001"]);
    let started = repo.pm(&["epic", "start", "E-0001"]).ok().out;
    assert!(!started.contains("git pm finish"), "{started}");
    merged(&repo, "T-0001", "one.txt");
    let open = |title: &str| repo.task(title, &["--epic", "E-0001"]);
    let two = open("Two");
    let status = repo.pm(&["status"]).ok().out;
    assert!(
        status.contains("has open children: T-0002") && !status.contains("ready to finish"),
        "{status}"
    );
    let cancel = |id: &str| repo.pm(&["task", "cancel", id]).ok();
    let refused = |words: &[&str]| {
        let refused = repo.pm(&[&["--json"][..], words].concat()).exits(1).error();
        assert_eq!(refused["reason"], "close.not_ready", "{refused}");
    };
    for words in [
        &["epic", "close", "E-0001"][..],
        &["finish", "E-0001"],
        &["finish", "E-0001", "--merge"],
    ] {
        refused(words);
    }
    cancel(&two);
    repo.pm(&["finish", "E-0001"]).ok();
    let three = open("Three");
    refused(&["approve", "E-0001"]);
    cancel(&three);
    repo.pm(&["approve", "E-0001"]).ok();
    let four = open("Four");
    refused(&["merge", "E-0001"]);
    let shown = repo.pm(&["show", "E-0001"]).ok().out;
    assert!(!shown.contains("git pm merge"), "{shown}");
    // A human insists.
    repo.pm(&["finish", "E-0001", "--force"]).ok();
    repo.pm(&["approve", "E-0001"]).ok();
    repo.pm(&["merge", "E-0001"]).ok();
    assert_eq!(repo.data(&["show", "E-0001"])["forced"], true);
    assert_eq!(repo.data(&["show", &four])["status"], "queued");
}

/// What was cancelled is neither done nor to be done, wherever an epic's progress is told.
#[test]
fn the_progress_of_an_epic_is_told_alike() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.pm(&["epic", "create", "Login"]).ok();
    for title in ["One", "Two", "Three"] {
        repo.task(title, &["--epic", "E-0001"]);
    }
    repo.pm(&["task", "cancel", "T-0002"]).ok();
    let told = "0 of 2 done, 1 cancelled";
    for words in [
        &["epic", "list"][..],
        &["epic", "show", "E-0001"],
        &["issue", "epic", "status"],
    ] {
        let said = repo.pm(words).ok().out;
        assert!(said.contains(told), "{words:?}: {said}");
    }
    let shown = repo.data(&["epic", "show", "E-0001"]);
    assert_eq!(
        (&shown["done"], &shown["cancelled"], &shown["total"]),
        (&json!(0), &json!(1), &json!(3))
    );
    let server = crate::serve::Server::start(&repo, &[]);
    let page = server.get("/items/E-0001").body;
    assert!(page.contains(told), "{page}");
}

/// The epics below an epic are parts of it as its tasks are, wherever its progress is told.
#[test]
fn the_progress_of_an_epic_counts_the_epics_below_it_and_lists_them() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "Login"]).ok();
    repo.pm(&["epic", "create", "Keys", "--parent", "E-0001"])
        .ok();
    repo.task("One", &["--epic", "E-0001"]);
    repo.task("Of keys", &["--epic", "E-0002"]);
    repo.pm(&["task", "done", "T-0001", "--evidence", "seen"])
        .ok();
    for words in [
        &["epic", "list"][..],
        &["epic", "show", "E-0001"],
        &["issue", "epic", "status"],
    ] {
        let said = repo.pm(words).ok().out;
        assert!(said.contains("1 of 2 done"), "{words:?}: {said}");
    }
    let said = repo.pm(&["epic", "show", "E-0001"]).ok().out;
    assert!(
        said.contains("Parts, 1 of 2 done") && said.contains("Keys"),
        "{said}"
    );
    let shown = repo.data(&["epic", "show", "E-0001"]);
    assert_eq!(
        (&shown["done"], &shown["total"]),
        (&json!(1), &json!(2)),
        "{shown}"
    );
    assert_eq!(shown["epics"][0]["id"], "E-0002");
    assert_eq!(shown["tasks"][0]["id"], "T-0001");
    let said = repo.pm(&["epic", "show", "E-0002"]).ok().out;
    assert!(said.contains("Tasks, 0 of 1 done"), "{said}");
}

/// A host that merges the branch of an epic knows nothing of its tasks.
#[test]
fn an_epic_whose_branch_was_merged_elsewhere_is_not_done_before_its_tasks() {
    let scene = Scene::new();
    let (hub, ana, _) = started(&scene, "finish");
    merged(&ana, "T-0001", "one.txt");
    ana.pm(&["task", "cancel", "T-0002"]).ok();
    ana.pm(&["finish", "E-0001"]).ok();
    let late = ana.task("Late", &["--epic", "E-0001"]);
    ana.pm(&["sync"]).ok();
    let host = scene.clone_of(&hub, "host", "Host");
    host.git(&["fetch", "-q", "origin"]).ok();
    host.git(&["merge", "-q", "--no-ff", "-m", "Merge", "origin/epic/login"])
        .ok();
    host.git(&["push", "-q", "origin", "main"]).ok();
    let said = ana.pm(&["sync"]).ok().err;
    let open = format!("the work of E-0001 is in main, but E-0001 has open children: {late}");
    assert!(said.contains(&open), "{said}");
    assert_eq!(ana.data(&["show", "E-0001"])["status"], "in_review");
    ana.pm(&["task", "cancel", &late]).ok();
    let said = ana.pm(&["sync"]).ok().err;
    assert!(said.contains("E-0001 is done"), "{said}");
}

/// Which option named the epic changes nothing.
#[test]
fn the_parent_of_a_task_that_is_an_epic_is_its_epic() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.pm(&["epic", "create", "Login"]).ok();
    let id = repo.task("One", &["--parent", "E-0001"]);
    repo.pm(&["epic", "start", "E-0001"]).ok();
    assert_eq!(repo.data(&["show", &id])["epic"], "E-0001");
    let listed = repo.data(&["list", "-q", "epic:E-0001"]);
    assert!(listed.to_string().contains(&id), "{listed}");
    assert_eq!(merged(&repo, &id, "one.txt")["target"], "epic/login");
    assert_eq!(repo.data(&["epic", "show", "E-0001"])["total"], 1);
    repo.pm(&["fsck"]).ok();
}

/// The state says that a part was merged where this clone does not see it: the branch of the epic looks as if
/// nothing had been done.
#[test]
fn an_epic_is_not_ended_without_the_parts_that_others_merged() {
    let scene = Scene::new();
    let (hub, ana, _) = started(&scene, "finish");
    let ben = scene.clone_of(&hub, "b", "Ben");
    assert_eq!(merged(&ben, "T-0001", "one.txt")["target"], "epic/login");
    ben.pm(&["task", "cancel", "T-0002"]).ok();
    ben.pm(&["sync"]).ok();
    ana.pm(&["sync"]).ok();
    for words in [
        &["finish", "E-0001"][..],
        &["task", "done", "E-0001", "--evidence", "all parts"],
        &["epic", "close", "E-0001"],
    ] {
        let refused = ana.pm(words).exits(1).err;
        assert!(
            refused.contains("Ben merged T-0001 into epic/login"),
            "{words:?}: {refused}"
        );
        assert!(refused.contains("ask Ben to push epic/login"), "{refused}");
    }
    let status = ana.pm(&["status"]).ok().out;
    assert!(
        status.contains("E-0001 is not whole here") && !status.contains("no commits yet"),
        "{status}"
    );
    ben.git(&["push", "-q", "origin", "epic/login"]).ok();
    ana.pm(&["finish", "E-0001", "--merge"]).ok();
    assert_eq!(ana.read("one.txt"), "1\n", "done, but not in main");
}

/// Work that is on the branch of an epic reaches the target only with the epic.
#[test]
fn a_dropped_epic_with_work_says_that_it_stays_the_target() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.pm(&["epic", "create", "Login"]).ok();
    repo.task("One", &["--epic", "E-0001"]);
    repo.task("Two", &["--epic", "E-0001"]);
    let started = repo.pm(&["start", "E-0001"]).ok();
    let said = started.out + &started.err;
    assert!(said.contains("as long as none is on it"), "{said}");
    merged(&repo, "T-0001", "one.txt");
    let said = repo.pm(&["drop", "E-0001"]).ok().err;
    assert!(
        said.contains("still merged into epic/login, as that has work which its target lacks"),
        "{said}"
    );
    assert_eq!(merged(&repo, "T-0002", "two.txt")["target"], "epic/login");
}

/// The work of a task went to main with its epic, as one commit.
#[test]
fn the_worktree_of_a_part_is_not_to_be_reopened_after_its_epic_was_squashed() {
    let scene = Scene::new();
    let (hub, ana, _) = started(&scene, "finish");
    let ben = scene.clone_of(&hub, "b", "Ben");
    ana.pm(&["task", "cancel", "T-0002"]).ok();
    ben.pm(&["start", "T-0001"]).ok();
    let place = ben.worktree("T-0001");
    place.write("one.txt", "1\n");
    place.commit_all("One");
    place.pm(&["finish"]).ok();
    ana.pm(&["sync"]).ok();
    ana.pm(&["approve", "T-0001"]).ok();
    ana.pm(&["merge", "T-0001"]).ok();
    let epic = ana.worktree("E-0001");
    epic.write("one.txt", "another\n");
    epic.commit_all("More");
    epic.pm(&["finish"]).ok();
    ana.pm(&["approve", "E-0001"]).ok();
    ana.pm(&["merge", "E-0001", "--strategy", "squash"]).ok();
    ana.git(&["push", "-q", "origin", "main"]).ok();
    ana.pm(&["sync"]).ok();
    ben.git(&["pull", "-q", "origin", "main"]).ok();
    ben.pm(&["sync"]).ok();
    let told = ben.pm(&["doctor"]).out;
    assert!(!told.contains("task reopen"), "{told}");
    assert!(!told.contains("not in this clone yet"), "{told}");
}
