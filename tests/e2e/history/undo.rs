//! Undo of operations: what is restored, what is refused and why, and that nothing is lost.

use serde_json::{Value, json};

use crate::support::{Repo, Scene, without_hooks};

/// All data of all items except stamps and times of the last write.
fn all(repo: &Repo) -> Vec<Value> {
    let list = repo.data(&["task", "list", "--all"]);
    let mut items = list["items"].as_array().unwrap().clone();
    for item in &mut items {
        for field in ["version", "updated_at"] {
            item.as_object_mut().unwrap().remove(field);
        }
    }
    // Nothing was synced, so this is the whole state, with texts and comments.
    let diff = repo.data(&["diff"]);
    for item in diff["items"].as_array().unwrap() {
        items.push(json!([item["id"], item["body"], item["comments"]]));
    }
    items
}

fn tip(repo: &Repo) -> String {
    repo.tip("refs/pm/main")
}

/// The error of a refused undo.
fn refused(repo: &Repo, args: &[&str]) -> String {
    let before = tip(repo);
    let mut words = vec!["--json", "undo"];
    words.extend(args);
    let error = repo.pm(&words).exits(1).error();
    assert_eq!(error["code"], "refused");
    assert_eq!(tip(repo), before, "a refused undo changed the state");
    format!("{} {}", error["message"], error["hints"])
}

#[test]
fn every_kind_of_change_and_every_undo_can_be_undone() {
    let (_scene, repo) = without_hooks();
    repo.task(
        "One",
        &["--accept", "it holds", "--label", "old", "--path", "src/**"],
    );
    repo.task("Two", &["--body", "first text\n"]);
    repo.pm(&["task", "comment", "T-1", "hm"]).ok();
    repo.pm(&["epic", "create", "Big"]).ok();
    let changes: &[&[&str]] = &[
        &[
            "task",
            "edit",
            "T-1",
            "--title",
            "Uno",
            "--priority",
            "0",
            "--epic",
            "E-1",
        ],
        &[
            "task",
            "edit",
            "T-1",
            "--add-label",
            "new",
            "--remove-label",
            "old",
        ],
        &[
            "task", "edit", "T-1", "--accept", "another", "--path", "docs/**",
        ],
        &["task", "edit", "T-1", "--body", "a text\n"],
        &["task", "edit", "T-2", "--body", "second text\n"],
        &["task", "accept", "T-1", "1", "--evidence", "seen"],
        &["task", "comment", "T-2", "well"],
        &["dep", "add", "T-1", "T-2"],
        &["dep", "add", "T-1", "E-1", "--type", "related"],
        &["task", "block", "T-1", "waiting"],
        &["task", "defer", "T-2"],
        &["task", "cancel", "T-2", "--reason", "no"],
        &["task", "done", "T-1", "--force"],
        &[
            "task",
            "create",
            "Three",
            "--depends-on",
            "T-1",
            "--accept",
            "x",
        ],
    ];
    let before = all(&repo);
    for change in changes {
        repo.pm(change).ok();
        let after = all(&repo);
        assert_ne!(before, after, "{change:?} changed nothing");
        let undone = repo.data(&["undo"]);
        assert_eq!(
            all(&repo),
            before,
            "undoing {change:?} did not restore everything"
        );
        // Undoing the undo by its commit restores everything.
        let redone = repo.data(&["undo", undone["commit"].as_str().unwrap()]);
        assert_eq!(
            all(&repo),
            after,
            "undoing the undo of {change:?} lost something"
        );
        // Undone once more, so that the next change starts from the same state.
        repo.data(&["undo", redone["commit"].as_str().unwrap()]);
    }
    assert_eq!(all(&repo), before);
    // The history keeps the change and every undo.
    let count = repo.git(&["rev-list", "--count", "refs/pm/main"]).text();
    assert_eq!(count, (5 + 4 * changes.len()).to_string());
    let subject = repo
        .git(&["log", "-1", "--format=%s", "refs/pm/main"])
        .text();
    assert!(
        subject.starts_with("undo undo T-0003: reverts "),
        "{subject}"
    );
    let body = repo
        .git(&["log", "-1", "--format=%B", "refs/pm/main"])
        .text();
    assert!(
        body.contains("PM-Op: undo\n") && body.contains("PM-Reverts: "),
        "{body}"
    );
}

#[test]
fn undo_without_arguments_undoes_the_actors_own_last_operation_in_force() {
    let (_scene, repo) = without_hooks();
    let (ana, bob) = (repo.by("ana"), repo.by("bob"));
    ana.task("One", &[]);
    ana.pm(&["task", "edit", "T-1", "--priority", "0"]).ok();
    ana.pm(&["task", "edit", "T-1", "--title", "Uno"]).ok();
    bob.pm(&["task", "comment", "T-1", "mine"]).ok();
    let title = ana.data(&["undo"]);
    assert_eq!(title["undone"]["message"], "task edit T-0001: title");
    assert_eq!(title["items"][0]["fields"][0]["new"], "One");
    // Each further undo goes one operation back.
    let priority = ana.data(&["undo"]);
    assert_eq!(
        priority["undone"]["message"],
        "task edit T-0001: priority 2 -> 0"
    );
    // An operation whose undo was undone is in force again, so it is the next one to undo, also by
    // its commit.
    let op = priority["undone"]["commit"].as_str().unwrap();
    for words in [&["undo"][..], &["undo", op], &["undo"]] {
        let last = tip(&ana);
        ana.pm(&["undo", &last]).ok();
        assert_eq!(ana.data(&["show", "T-1"])["priority"], 0);
        ana.pm(words).ok();
        assert_eq!(ana.data(&["show", "T-1"])["priority"], 2);
    }
    let why = refused(&ana, &[op]);
    assert!(why.contains("it was already undone by ana in"), "{why}");
    // Only the creation is left, and bob's comment builds on it.
    let why = refused(&ana, &[]);
    assert!(why.contains("bob commented on"), "{why}");
    bob.pm(&["undo"]).ok();
    ana.pm(&["undo"]).ok();
    assert!(refused(&ana, &[]).contains("ana has no operation to undo"));
    assert!(refused(&repo.by("cyd"), &[]).contains("cyd has no operation"));
}

#[test]
fn an_undo_refused_because_of_later_work_names_its_actor_and_commit() {
    let (_scene, repo) = without_hooks();
    let (ana, bob) = (repo.by("ana"), repo.by("bob"));
    ana.task("One", &["--accept", "it holds"]);
    ana.pm(&[
        "task",
        "edit",
        "T-1",
        "--title",
        "Uno",
        "--priority",
        "0",
        "--body",
        "one\n",
    ])
    .ok();
    let op = tip(&repo);
    bob.pm(&["task", "edit", "T-1", "--title", "Eins"]).ok();
    let by_bob = tip(&repo);
    bob.pm(&["task", "edit", "T-1", "--body", "two\n"]).ok();
    let body_by_bob = tip(&repo);
    ana.pm(&["task", "edit", "T-1", "--add-label", "x"]).ok();
    let why = refused(&ana, &[&op]);
    for part in [
        format!("T-0001 title was changed again by bob in {}", &by_bob[..10]),
        format!(
            "T-0001 text was changed again by bob in {}",
            &body_by_bob[..10]
        ),
        format!("git pm undo {} --force", &op[..10]),
    ] {
        assert!(why.contains(&part), "no `{part}` in {why}");
    }
    assert!(refused(&ana, &[&op, "--dry-run"]).contains("by bob"));
    // With `--force`, unchanged values are restored and bob's work is kept.
    let report = ana.data(&["undo", &op, "--force"]);
    assert_eq!(report["kept"].as_array().unwrap().len(), 2, "{report}");
    let shown = ana.data(&["show", "T-1"]);
    assert_eq!(
        (&shown["title"], &shown["priority"]),
        (&json!("Eins"), &json!(2))
    );
    assert_eq!(shown["body"], "two\n");
    // Nothing of the operation is left, so `--force` is refused, too.
    assert!(refused(&ana, &[&op, "--force"]).contains("changed again by bob"));
}

#[test]
fn an_undo_does_not_delete_an_item_that_others_depend_on() {
    let (_scene, repo) = without_hooks();
    let (ana, bob) = (repo.by("ana"), repo.by("bob"));
    ana.task("One", &[]);
    let one = tip(&repo);
    bob.task("Two", &["--depends-on", "T-1"]);
    let two = tip(&repo);
    let why = refused(&ana, &[&one]);
    let wanted = format!("T-0002 was linked to T-0001 by bob in {}", &two[..10]);
    assert!(why.contains(&wanted), "{why}");
    bob.pm(&["dep", "rm", "T-2", "T-1"]).ok();
    bob.pm(&["task", "edit", "T-1", "--risk", "high"]).ok();
    let why = refused(&ana, &[&one, "--force"]);
    assert!(
        why.contains("T-0001 risk was changed again by bob"),
        "{why}"
    );
    bob.pm(&["task", "edit", "T-1", "--risk", ""]).ok();
    ana.pm(&["undo", &one]).ok();
    ana.pm(&["show", "T-1"]).exits(4);
    // Its history is kept, and its number is not reused.
    assert_eq!(ana.data(&["log", "T-1"])["items"][0]["op"], "undo");
    assert_eq!(ana.task("Next", &[]), "T-0003");
}

#[test]
fn undoing_a_start_releases_the_claim_and_keeps_branch_and_worktree() {
    let (_scene, repo) = without_hooks();
    repo.task("One", &["--path", "src/**"]);
    repo.pm(&["start", "T-1"]).ok();
    let held = repo.data(&["reserve", "list"]);
    assert_eq!(held["items"].as_array().unwrap().len(), 1, "{held}");
    let report = repo.data(&["undo"]);
    assert_eq!(
        report["items"][0]["claims"][0]["change"], "ended",
        "{report}"
    );
    assert_eq!(report["reservations"][0]["change"], "ended");
    let outside = report["outside"].to_string();
    assert!(
        outside.contains("git worktree remove") && outside.contains("task/T-0001-one"),
        "{outside}"
    );
    let shown = repo.data(&["show", "T-1"]);
    assert_eq!(
        (&shown["status"], &shown["claim"]),
        (&json!("queued"), &Value::Null)
    );
    assert_eq!(repo.data(&["reserve", "list"])["items"], json!([]));
    assert!(
        !repo.tip("refs/heads/task/T-0001-one").is_empty(),
        "work was removed"
    );
    assert_eq!(repo.data(&["ready"])["items"][0]["id"], "T-0001");
    // An ended claim is not silently restored.
    let commit = report["commit"].as_str().unwrap();
    let again = repo.data(&["undo", commit]);
    let outside = again["outside"].to_string();
    assert!(
        outside.contains("claim of Ana") && outside.contains("git pm start T-0001"),
        "{outside}"
    );
    assert_eq!(repo.data(&["show", "T-1"])["status"], "queued");
    repo.pm(&["start", "T-1"]).ok();
    assert_eq!(repo.data(&["show", "T-1"])["status"], "in_progress");
    let held = repo.data(&["reserve", "list"]);
    assert_eq!(held["items"].as_array().unwrap().len(), 1, "{held}");
}

/// Every operation that ends a claim can be undone, except for the claim: the item is free, which is
/// said, and can be started.
#[test]
fn an_undo_of_what_ended_a_claim_frees_the_item() {
    for (operation, status) in [
        (&["task", "done", "T-1", "--evidence", "oops"][..], "done"),
        (&["task", "cancel", "T-1"], "cancelled"),
        (&["task", "delete", "T-1"], ""),
        (&["epic", "delete", "E-1", "--cascade"], ""),
    ] {
        let (_scene, repo) = without_hooks();
        repo.pm(&["epic", "create", "All"]).ok();
        repo.task("One", &["--epic", "E-1", "--path", "src/**"]);
        repo.pm(&["start", "T-1", "--no-worktree"]).ok();
        repo.pm(operation).ok();
        let shown = |repo: &Repo| repo.data(&["show", "T-1"]);
        if !status.is_empty() {
            assert_eq!(shown(&repo)["status"], status);
        }
        let dry = repo.data(&["undo", "--dry-run"]);
        let report = repo.data(&["undo"]);
        assert_eq!(report["outside"], dry["outside"]);
        assert_eq!(report["kept"], json!([]), "{operation:?}: {report}");
        assert_eq!(
            report["outside"],
            json!(["the claim of Ana on T-0001 has ended: `git pm start T-0001` claims it again"]),
            "{operation:?}"
        );
        let now = shown(&repo);
        assert_eq!(
            (&now["status"], &now["claim"]),
            (&json!("queued"), &Value::Null),
            "{operation:?}: an item in progress has no holder"
        );
        // The undo can be undone, and that, too; nobody holds the item at any time.
        repo.pm(&["undo", &tip(&repo)]).ok();
        repo.pm(&["undo", &tip(&repo)]).ok();
        assert_eq!(shown(&repo)["status"], "queued", "{operation:?}");
        repo.pm(&["start", "T-1", "--no-worktree"]).ok();
        assert_eq!(shown(&repo)["status"], "in_progress", "{operation:?}");
    }
}

/// What only ended a claim leaves nothing to take back; the command that is named claims it again.
#[test]
fn an_undo_of_a_drop_names_the_command_that_claims_the_item_again() {
    let (_scene, repo) = without_hooks();
    repo.task("One", &["--path", "src/**"]);
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    repo.pm(&["task", "drop", "T-1"]).ok();
    let why = refused(&repo, &[]);
    assert!(
        why.contains("the claim of Ana on T-0001 has ended: `git pm start T-0001` claims it again"),
        "{why}"
    );
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    assert_eq!(repo.data(&["show", "T-1"])["status"], "in_progress");
}

/// An undo of a colleague's operation is an own operation; an undo of an own one is passed over.
#[test]
fn an_undo_of_anothers_operation_is_the_next_one_to_undo() {
    let (_scene, repo) = without_hooks();
    let (ana, bob) = (repo.by("ana"), repo.by("bob"));
    ana.task("One", &[]);
    ana.task("Two", &[]);
    ana.pm(&["task", "edit", "T-2", "--title", "Zwei"]).ok();
    bob.pm(&["task", "delete", "T-1"]).ok();
    ana.pm(&["undo", &tip(&ana)]).ok();
    assert_eq!(ana.data(&["show", "T-1"])["status"], "queued");
    let last = ana.data(&["undo"]);
    assert!(
        last["undone"]["message"]
            .as_str()
            .unwrap()
            .starts_with("undo task delete T-0001"),
        "{last}"
    );
    ana.pm(&["show", "T-1"]).exits(4);
    let before = ana.data(&["undo"]);
    assert_eq!(before["undone"]["message"], "task edit T-0002: title");
    ana.pm(&["show", "T-2"]).ok();
}

#[test]
fn undo_refuses_joins_first_commits_and_moved_branches_and_names_the_right_command() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bob");
    a.pm(&["task", "edit", "T-1", "--title", "Uno"]).ok();
    b.pm(&["task", "edit", "T-1", "--risk", "low"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let join = b
        .git(&["rev-list", "--merges", "-1", "refs/pm/main"])
        .text();
    assert!(refused(&b, &[&join]).contains("merges the operations of several clones"));
    let first = b
        .git(&["rev-list", "--max-parents=0", "refs/pm/main"])
        .text();
    assert!(refused(&b, &[&first]).contains("the first commit of the history"));
    // A moved branch is undone with git.
    b.pm(&["start", "T-1"]).ok();
    let work = b.worktree("T-1");
    work.write("new.txt", "new\n");
    work.commit_all("Work");
    work.pm(&["finish", "--merge"]).ok();
    let merged = b
        .git(&[
            "log",
            "-1",
            "--grep=PM-Op: merge",
            "--grep=PM-Actor",
            "--all-match",
            "--format=%H",
            "refs/pm/main",
        ])
        .text();
    let why = refused(&b, &[&merged, "--force"]);
    assert!(
        why.contains("git revert") && why.contains("git pm task reopen T-0001"),
        "{why}"
    );
    b.pm(&["undo", "HEAD"]).exits(4);
    b.pm(&["undo", "nonsense"]).exits(4);
}

#[test]
fn two_clones_that_undo_the_same_operation_converge() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &["--body", "first\n"]);
    a.pm(&[
        "task",
        "edit",
        "T-1",
        "--title",
        "Uno",
        "--body",
        "second\n",
        "--add-label",
        "x",
    ])
    .ok();
    let op = tip(&a);
    a.pm(&["task", "comment", "T-1", "hm"]).ok();
    let comment = tip(&a);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bob");
    for clone in [&a, &b] {
        clone.pm(&["--offline", "undo", &op]).ok();
        clone.pm(&["--offline", "undo", &comment]).ok();
    }
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree(), "the clones do not converge");
    let shown = a.data(&["show", "T-1"]);
    assert_eq!(
        (&shown["title"], &shown["body"]),
        (&json!("One"), &json!("first\n"))
    );
    assert_eq!(
        (&shown["labels"], &shown["comments"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(shown["conflicted"], false, "one text twice is no conflict");
    assert_eq!(a.data(&["conflicts"])["items"], json!([]));
}

#[test]
fn an_undo_keeps_a_concurrent_text_of_another_clone() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &["--body", "first\n"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bob");
    a.pm(&["task", "edit", "T-1", "--body", "by a\n"]).ok();
    let op = tip(&a);
    b.pm(&["task", "edit", "T-1", "--body", "by b\n"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    a.pm(&["undo", &op]).ok();
    let texts = a.data(&["conflicts"])["items"][0]["versions"].to_string();
    assert!(texts.contains("by b"), "b's text is lost: {texts}");
    assert!(
        texts.contains("first") && !texts.contains("by a"),
        "{texts}"
    );
    // A conflict resolution can be undone: both texts are in conflict again.
    a.pm(&["conflicts", "T-1", "--text", "decided\n"]).ok();
    a.pm(&["undo"]).ok();
    let again = a.data(&["conflicts"])["items"][0]["versions"].to_string();
    assert!(again.contains("by b") && again.contains("first"), "{again}");
}

#[test]
fn an_undo_does_not_end_a_claim_of_another_clone() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["start", "T-1", "--no-worktree"]).ok();
    let op = tip(&a);
    let b = scene.clone_of(&hub, "b", "Bob");
    let why = refused(&b, &[&op]);
    assert!(
        why.contains("claim of Ana") && why.contains("task reassign T-0001"),
        "{why}"
    );
    // The claim's own clone may undo it, and the remote gets the change.
    a.pm(&["undo"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(b.data(&["show", "T-1"])["claim"], Value::Null);
}

#[test]
fn an_undo_does_not_restore_an_edge_that_would_close_a_cycle() {
    let (_scene, repo) = without_hooks();
    repo.task("One", &[]);
    repo.task("Two", &[]);
    repo.pm(&["dep", "add", "T-1", "T-2"]).ok();
    repo.pm(&["dep", "rm", "T-1", "T-2"]).ok();
    let op = tip(&repo);
    repo.pm(&["dep", "add", "T-2", "T-1"]).ok();
    assert!(refused(&repo, &[&op]).contains("cycle"));
    repo.pm(&["undo"]).ok();
    repo.pm(&["undo", &op]).ok();
    assert_eq!(repo.data(&["show", "T-1"])["depends_on"], json!(["T-0002"]));
}

#[test]
fn an_undo_by_an_agent_cannot_restore_an_approval() {
    let (_scene, repo) = without_hooks();
    repo.task("One", &[]);
    repo.pm(&["start", "T-1"]).ok();
    let work = repo.worktree("T-1");
    work.write("new.txt", "new\n");
    work.commit_all("Work");
    work.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", "T-1"]).ok();
    let report = repo.data(&["undo"]);
    assert_eq!(repo.data(&["show", "T-1"])["status"], "in_review");
    let commit = report["commit"].as_str().unwrap();
    let agent = repo.by("claude-1").with("CLAUDECODE", "1");
    for force in [&[commit][..], &[commit, "--force"]] {
        let why = refused(&agent, force);
        assert!(why.contains("claude-1 is treated as an agent"), "{why}");
    }
    // An undo by a human does not restore an approval either.
    assert!(refused(&repo, &[commit]).contains("task approve T-0001"));
    assert_eq!(repo.data(&["show", "T-1"])["status"], "in_review");
}

// It is given for the work as it is, so it does not come back by itself.
#[test]
fn the_undo_of_a_replaced_approval_says_how_the_earlier_one_is_given_again() {
    let (_scene, repo) = without_hooks();
    repo.git(&["branch", "release/1.0"]).ok();
    repo.task("One", &[]);
    repo.pm(&["start", "T-1"]).ok();
    let work = repo.worktree("T-1");
    work.write("new.txt", "new\n");
    work.commit_all("Work");
    work.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", "T-1"]).ok();
    repo.pm(&["task", "approve", "T-1", "--target", "release/1.0"])
        .ok();
    let why = refused(&repo, &[]);
    let commit = &work.tip("HEAD")[..10];
    let again = [
        "task", "approve", "T-0001", "--commit", commit, "--target", "main",
    ];
    assert!(
        why.contains(&format!("git pm {}", again.join(" "))),
        "{why}"
    );
    assert!(why.contains("git pm task return T-0001"), "{why}");
    repo.pm(&again).ok();
    assert_eq!(repo.data(&["merge", "T-1"])["merged"]["target"], "main");
}

#[test]
fn a_dry_run_of_undo_reports_the_same_and_writes_nothing() {
    let (_scene, repo) = without_hooks();
    repo.task("One", &[]);
    repo.pm(&["task", "edit", "T-1", "--title", "Uno"]).ok();
    let before = (tip(&repo), repo.git(&["count-objects", "-v"]).out);
    let dry = repo.data(&["undo", "--dry-run"]);
    let after = (tip(&repo), repo.git(&["count-objects", "-v"]).out);
    assert_eq!(before, after, "a dry run changed something");
    assert_eq!(dry["commit"], Value::Null);
    let text = repo.pm(&["undo", "--dry-run"]).ok().out;
    assert!(
        text.contains("Would undo") && text.contains("Uno -> One"),
        "{text}"
    );
    let done = repo.data(&["undo"]);
    assert_eq!(done["items"], dry["items"]);
    assert_ne!(done["commit"], Value::Null);
}

#[test]
fn an_idempotency_key_makes_an_undo_happen_once() {
    let (_scene, repo) = without_hooks();
    repo.task("One", &[]);
    repo.pm(&["task", "edit", "T-1", "--priority", "0"]).ok();
    repo.pm(&["task", "edit", "T-1", "--title", "Uno"]).ok();
    let once = repo.data(&["undo", "--idempotency-key", "k1"]);
    let stands = tip(&repo);
    let again = repo.data(&["undo", "--idempotency-key", "k1"]);
    assert_eq!(tip(&repo), stands, "the second call undid something else");
    for field in ["undone", "commit", "items"] {
        assert_eq!(once[field], again[field], "{field}");
    }
    assert_eq!(repo.data(&["show", "T-1"])["priority"], 0);
    repo.pm(&["task", "comment", "T-1", "x", "--idempotency-key", "k1"])
        .exits(2);
}

#[test]
fn many_operations_of_one_commit_are_undone_as_one() {
    let (_scene, repo) = without_hooks();
    repo.task("Old", &[]);
    let before = all(&repo);
    let input = [
        json!({ "op": "task.create", "title": "New" }),
        json!({ "op": "task.create", "title": "Newer", "depends-on": ["T-2"] }),
        json!({ "op": "task.edit", "id": "T-1", "title": "Changed" }),
        json!({ "op": "task.create", "title": "Newest" }),
    ];
    let lines: Vec<String> = input.iter().map(Value::to_string).collect();
    repo.feed("git-pm", &["batch"], &(lines.join("\n") + "\n"))
        .ok();
    let after = all(&repo);
    assert_eq!(after.len(), 8, "{after:?}");
    // References between the items of the commit do not count as later work.
    let report = repo.data(&["undo"]);
    assert_eq!(all(&repo), before);
    // It names the items in one line, and the history of each contains the undo.
    assert_eq!(report["items"].as_array().unwrap().len(), 4);
    let log = repo.data(&["log", "T-3", "--limit", "1"]);
    assert_eq!(log["items"][0]["items"], json!(["T-0001..T-0004"]));
    repo.pm(&["undo", report["commit"].as_str().unwrap()]).ok();
    assert_eq!(all(&repo), after);
}

#[test]
fn undoing_hundreds_of_operations_is_reported_in_a_few_lines() {
    let (_scene, repo) = without_hooks();
    let create = |n: usize| json!({ "op": "task.create", "title": format!("n{n}") }).to_string();
    let mut lines: Vec<String> = (1..=120).map(create).collect();
    repo.feed("git-pm", &["batch"], &(lines.join("\n") + "\n"))
        .ok();
    lines = (11..=110)
        .map(|n| json!({ "op": "task.edit", "id": format!("T-{n}"), "priority": 0 }).to_string())
        .collect();
    repo.feed("git-pm", &["batch"], &(lines.join("\n") + "\n"))
        .ok();
    let told = repo.pm(&["undo"]).ok().out;
    assert!(told.lines().count() < 8, "{told}");
    assert!(
        told.contains("T-0011..T-0110  priority 0 -> 2"),
        "the undone operation is not reported: {told}"
    );
    let whole = repo.pm(&["undo", "-v", "--dry-run"]).ok().out;
    assert!(whole.lines().count() > 100, "{whole}");
    repo.pm(&["undo"]).ok();
    repo.pm(&["undo", "HEAD~2"]).exits(4);
}
