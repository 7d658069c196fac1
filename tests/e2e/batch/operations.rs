//! A batch does the same as its commands one by one, as one commit and one pack.

use serde_json::{Value, json};

use super::{batch, counted, lines, many, sound};
use crate::support::{Repo, Scene, binary, commits, set_up, thorough};

#[test]
fn many_operations_are_one_commit_and_one_pack() {
    let (_scene, repo) = set_up();
    let n = if thorough() { 10_000 } else { 300 };
    let (before, loose) = (commits(&repo), counted(&repo, "count"));
    let report = batch(&repo, &[], &many(n)).ok().data();
    assert_eq!(report["commit"], repo.tip("refs/pm/main"));
    assert_eq!(report["applied"], n + n.div_ceil(3));
    let items = report["items"].as_array().unwrap();
    assert_eq!(
        items.len(),
        n,
        "an item changed several times is not named once"
    );
    assert_eq!(items[0], "T-0001");
    assert_eq!(items[n - 1], format!("T-{n:04}"));
    assert_eq!(report["skipped"], json!([]));

    assert_eq!(commits(&repo), before + 1);
    assert_eq!(counted(&repo, "packs"), 1);
    assert_eq!(counted(&repo, "count"), loose, "nothing was written loose");
    assert_eq!(counted(&repo, "garbage"), 0, "temporary files were left");
    let packs = repo.path.join(".git/objects/pack");
    for file in std::fs::read_dir(packs).unwrap() {
        let path = file.unwrap().path();
        let kind = path.extension().unwrap().to_str().unwrap().to_string();
        assert!(kind != "keep", "the pack is never collected by `git gc`");
        if kind == "idx" {
            repo.git(&["verify-pack", path.to_str().unwrap()]).ok();
        }
    }
    sound(&repo);

    let all = repo.data(&["task", "list", "--all", "--limit", "1000000"]);
    assert_eq!(all["items"].as_array().unwrap().len(), n);
    let cancelled = repo.data(&["show", "T-0001"]);
    assert_eq!(cancelled["status"], "cancelled");
    let last = repo.data(&["show", &format!("T-{n:04}")]);
    assert_eq!(last["depends_on"].as_array().unwrap().len(), 2);

    let message = repo
        .git(&["log", "-1", "--format=%B", "refs/pm/main"])
        .text();
    let subject = message.lines().next().unwrap();
    let wanted = if thorough() {
        "batch: 13,334 operations: 10,000 created, 3,334 cancelled"
    } else {
        "batch: 400 operations: 300 created, 100 cancelled"
    };
    assert_eq!(subject, wanted);
    assert!(
        message.contains(&format!("PM-Item: T-0001..T-{n:04}\n")),
        "{message}"
    );
    assert!(message.lines().count() < 10, "one line for each of the ids");
    let log = repo.data(&["log", "T-0123"]);
    assert_eq!(
        log["items"][0]["op"], "batch",
        "its creation is not in its log"
    );
}

#[test]
fn a_large_batch_is_one_pack_in_a_sha256_repository_too() {
    let scene = Scene::new();
    let repo = scene.at("a");
    std::fs::create_dir_all(&repo.path).unwrap();
    repo.git(&["init", "-q", "--object-format=sha256"]).ok();
    repo.pm(&["init"]).ok();
    batch(&repo, &[], &many(260)).ok();
    assert_eq!(counted(&repo, "packs"), 1);
    sound(&repo);
    repo.git(&["gc", "-q", "--prune=now"]).ok();
    assert_eq!(repo.data(&["show", "T-0260"])["title"], "Task 260");
}

#[test]
fn a_few_operations_make_no_pack() {
    let (_scene, repo) = set_up();
    batch(&repo, &[], &many(3)).ok();
    assert_eq!(counted(&repo, "packs"), 0);
}

#[test]
fn a_merge_of_many_changes_is_one_pack() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    batch(&a, &[], &many(258)).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let edits = |field: &str| -> String {
        let ids = (1..=258).map(|i| format!("T-{i:04}"));
        ids.map(|id| format!("{}\n", json!({"op": "task.edit", "id": id, field: field})))
            .collect()
    };
    batch(&a, &[], &edits("assignee")).ok();
    batch(&b, &[], &edits("stream")).ok();
    a.pm(&["sync"]).ok();
    let (loose, packs) = (counted(&b, "count"), counted(&b, "packs"));
    b.pm(&["sync"]).ok();
    assert_eq!(counted(&b, "packs"), packs + 2, "one fetched, one merged");
    assert!(
        counted(&b, "count") < loose + 20,
        "the merge was written loose"
    );
    let item = b.data(&["show", "T-0200"]);
    assert_eq!(
        (&item["owner"], &item["stream"]),
        (&json!("assignee"), &json!("stream"))
    );
    sound(&b);
}

/// Every operation once, in an order in which all are possible.
fn script() -> Vec<(Value, Vec<&'static str>)> {
    let op = |line: Value, args: &[&'static str]| (line, args.to_vec());
    vec![
        op(
            json!({"op": "epic.create", "title": "Login"}),
            &["epic", "create", "Login"],
        ),
        op(
            json!({
                "op": "task.create", "title": "One", "body": "Text\n\n- [ ] x\n", "type": "bug",
                "priority": 0, "accept": ["holds", "stands"], "path": "src/auth/**",
                "epic": "E-0001", "label": ["a", "b"], "estimate": "XL", "risk": "high",
                "validation": "test-first", "assignee": "ben", "stream": "s",
                "auto-policy": "plan",
            }),
            &[
                "task",
                "create",
                "One",
                "--body",
                "Text\n\n- [ ] x\n",
                "--type",
                "bug",
                "-p",
                "0",
                "--accept",
                "holds",
                "--accept",
                "stands",
                "--path",
                "src/auth/**",
                "--epic",
                "E-0001",
                "--label",
                "a",
                "--label",
                "b",
                "--estimate",
                "XL",
                "--risk",
                "high",
                "--validation",
                "test-first",
                "--assignee",
                "ben",
                "--stream",
                "s",
                "--auto-policy",
                "plan",
            ],
        ),
        op(
            json!({"op": "task.create", "title": "Two", "depends-on": ["T-0001"], "label": "c"}),
            &[
                "task",
                "create",
                "Two",
                "--depends-on",
                "T-0001",
                "--label",
                "c",
            ],
        ),
        op(
            json!({"op": "task.create", "title": "Three", "parent": "T-2"}),
            &["task", "create", "Three", "--parent", "T-2"],
        ),
        op(
            json!({
                "op": "task.edit", "id": "T-0001", "title": "One more", "label": [],
                "add-label": "d", "path": "", "priority": 4,
            }),
            &[
                "task",
                "edit",
                "T-0001",
                "--title",
                "One more",
                "--label",
                "",
                "--add-label",
                "d",
                "--path",
                "",
                "-p",
                "4",
            ],
        ),
        op(
            json!({"op": "task.comment", "id": "T-0001", "text": "Said"}),
            &["task", "comment", "T-0001", "Said"],
        ),
        op(
            json!({"op": "task.comment", "id": "T-0002", "text": "Said too"}),
            &["task", "comment", "T-0002", "-m", "Said too"],
        ),
        op(
            json!({"op": "task.accept", "id": "T-0001", "n": [2], "evidence": "run 1"}),
            &["task", "accept", "T-0001", "2", "--evidence", "run 1"],
        ),
        op(
            json!({"op": "task.accept", "id": "T-0001", "all": true}),
            &["task", "accept", "T-0001", "--all"],
        ),
        op(
            json!({"op": "task.block", "id": "T-0002", "reason": "no key"}),
            &["task", "block", "T-0002", "no key"],
        ),
        op(
            json!({"op": "task.unblock", "id": "T-0002"}),
            &["task", "unblock", "T-0002"],
        ),
        op(
            json!({"op": "task.defer", "id": "T-0003", "reason": "later"}),
            &["task", "defer", "T-0003", "--reason", "later"],
        ),
        op(
            json!({"op": "task.undefer", "id": "T-0003"}),
            &["task", "undefer", "T-0003"],
        ),
        op(
            json!({"op": "task.done", "id": "T-0001", "evidence": "seen", "force": true}),
            &["task", "done", "T-0001", "--evidence", "seen", "--force"],
        ),
        op(
            json!({"op": "task.reopen", "id": "T-0001", "reason": "not yet"}),
            &["task", "reopen", "T-0001", "--reason", "not yet"],
        ),
        op(
            json!({"op": "task.reassign", "id": "T-0001", "to": "eva"}),
            &["task", "reassign", "T-0001", "--to", "eva"],
        ),
        op(
            json!({"op": "dep.add", "id": "T-0003", "on": "T-0001", "soft": true}),
            &["dep", "add", "T-0003", "T-0001", "--soft"],
        ),
        op(
            json!({"op": "dep.add", "id": "T-0003", "on": "T-0001", "type": "related"}),
            &["dep", "add", "T-0003", "T-0001", "--type", "related"],
        ),
        op(
            json!({"op": "dep.rm", "id": "T-0002", "on": "T-0001"}),
            &["dep", "rm", "T-0002", "T-0001"],
        ),
        op(
            json!({"op": "task.done", "id": "T-0002", "force": true}),
            &["task", "done", "T-0002", "--force"],
        ),
        op(
            json!({"op": "task.cancel", "id": "T-0003", "reason": null}),
            &["task", "cancel", "T-0003"],
        ),
    ]
}

/// An item without random values and the counters of stamps.
fn plain(repo: &Repo, id: &str) -> Value {
    let mut item = repo.data(&["show", id]);
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                // The id of a criterion is random, too.
                let criterion = map.contains_key("number");
                map.retain(|key, _| !(criterion && key == "id"));
                map.retain(|key, _| !matches!(key.as_str(), "uid" | "version" | "alias"));
                map.values_mut().for_each(strip);
            }
            Value::Array(list) => list.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut item);
    item
}

#[test]
fn a_batch_does_the_same_as_its_commands_one_by_one() {
    let scene = Scene::new();
    let now = "2026-03-01T12:00:00Z";
    let (one, many) = (scene.repo("one").when(now), scene.repo("many").when(now));
    for repo in [&one, &many] {
        repo.pm(&["init"]).ok();
    }
    let script = script();
    for (_, args) in &script {
        one.pm(args).ok();
    }
    let all: Vec<Value> = script.iter().map(|(line, _)| line.clone()).collect();
    let report = batch(&many, &[], &lines(&all)).ok().data();
    assert_eq!(report["applied"], script.len());
    assert_eq!(
        report["items"],
        json!(["E-0001", "T-0001", "T-0002", "T-0003"])
    );
    for id in ["E-0001", "T-0001", "T-0002", "T-0003"] {
        assert_eq!(plain(&one, id), plain(&many, id), "{id} differs");
        assert_eq!(
            one.data(&["dep", "list", id]),
            many.data(&["dep", "list", id]),
            "edges of {id} differ"
        );
    }
    let told = |repo: &Repo| repo.by("eva").data(&["status"])["notices"].clone();
    assert_eq!(
        told(&one).as_array().map(Vec::len),
        told(&many).as_array().map(Vec::len),
        "the assignee was not notified"
    );
}

#[test]
fn a_batch_can_contain_an_approval_by_a_human_but_not_by_an_agent() {
    let (_scene, repo) = set_up();
    let id = repo.task("Reviewed", &[]);
    repo.pm(&["start", &id]).ok();
    let tree = repo.worktree(&id);
    tree.write("src/new.rs", "// new\n");
    tree.commit_all("Work");
    tree.pm(&["finish"]).ok();
    let line = lines(&[json!({"op": "task.approve", "id": id, "note": "fine"})]);
    let refused = batch(&repo.with("CLAUDECODE", "1"), &[], &line)
        .exits(1)
        .error();
    let said = refused["message"].as_str().unwrap();
    assert!(
        said.starts_with("line 1: task.approve: approving requires a human"),
        "{said}"
    );
    batch(&repo, &[], &line).ok();
    assert_eq!(repo.data(&["show", &id])["status"], "ready_for_integration");
}

#[test]
fn an_idempotency_key_makes_a_batch_happen_once() {
    let (_scene, repo) = set_up();
    let input = many(5) + "no json\n";
    let args = ["--skip-invalid", "--idempotency-key", "load-1"];
    let first = batch(&repo, &args, &input).exits(8).data();
    let tip = repo.tip("refs/pm/main");
    let again = batch(&repo, &args, &input).exits(8).data();
    assert_eq!(repo.tip("refs/pm/main"), tip, "it happened twice");
    assert_eq!(again["commit"], Value::Null);
    for what in ["applied", "items", "skipped"] {
        assert_eq!(first[what], again[what], "{what}");
    }
    let other = batch(&repo, &args, &many(1)).exits(2).error();
    let said = other["message"].to_string();
    assert!(said.contains("already used for another `batch`"), "{said}");
    let other = repo.pm(&["task", "create", "x", "--idempotency-key", "load-1"]);
    assert!(other.exits(2).err.contains("was already used for `batch`"));
}

#[test]
fn if_version_is_checked_for_each_line() {
    let (_scene, repo) = set_up();
    let id = repo.task("Seen", &[]);
    let version = repo.data(&["show", &id])["version"].clone();
    let edit =
        |title: &str| json!({"op": "task.edit", "id": id, "title": title, "if-version": version});
    batch(&repo, &["--if-version", "x"], "").exits(2);
    batch(&repo, &[], &lines(&[edit("Changed")])).ok();
    let error = batch(&repo, &[], &lines(&[edit("Again")])).exits(3).error();
    assert!(
        error["message"]
            .to_string()
            .contains("T-0001 was changed in the meantime"),
        "{error}"
    );
    assert_eq!(repo.data(&["show", &id])["title"], "Changed");
}

#[test]
fn a_claim_of_another_clone_is_not_ended_by_a_batch() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Held", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["start", &id, "--no-worktree"]).ok();
    a.pm(&["pull"]).ok();
    let issue = a.pm(&["issue", "q", "Held, too"]).ok().text();
    a.pm(&["sync"]).ok();
    b.pm(&["pull"]).ok();
    b.pm(&["issue", "claim", &issue]).ok();
    a.pm(&["pull"]).ok();
    // What the command itself would refuse is refused as there.
    for (refused, way) in [
        (json!({"op": "task.cancel", "id": id}), "--reason TEXT"),
        (json!({"op": "issue.defer", "id": issue}), "--force"),
    ] {
        let said = batch(&a, &[], &lines(&[refused])).exits(3).error();
        assert!(said["hints"].to_string().contains(way), "{said}");
    }
    for (line, command) in [
        (
            json!({"op": "task.cancel", "id": id, "reason": "no need"}),
            format!("git pm task cancel {id} …"),
        ),
        (
            json!({"op": "issue.update", "id": issue, "status": "closed", "force": true}),
            format!("git pm issue update {issue} …"),
        ),
    ] {
        let said = batch(&a, &[], &lines(&[line])).exits(6).error().to_string();
        assert!(said.contains("in another clone"), "{said}");
        assert!(said.contains(&command), "{said}");
    }
    a.pm(&["task", "cancel", &id, "--reason", "no need"]).ok();
}

#[test]
fn an_empty_batch_succeeds_and_reports_that_it_was_empty() {
    let (_scene, repo) = set_up();
    let before = repo.tip("refs/pm/main");
    let report = batch(&repo, &[], "\n  \n").ok().data();
    assert_eq!(
        report,
        json!({"commit": null, "applied": 0, "items": [], "skipped": []})
    );
    assert_eq!(repo.tip("refs/pm/main"), before);
    let one = repo.feed(binary(), &["batch"], r#"{"op":"task.create","title":"x"}"#);
    assert_eq!(one.ok().text(), "Applied as one commit: 1 created.");
    let subject = repo
        .git(&["log", "-1", "--format=%s", "refs/pm/main"])
        .text();
    assert_eq!(subject, "batch: 1 operation: 1 created");
}
