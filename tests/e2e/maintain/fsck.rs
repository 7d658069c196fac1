//! `git pm fsck`: each kind of damage is reported with its own code, and `--repair` repairs what it
//! can in one commit, without inventing data and without making clones diverge.

use serde_json::{Value, json};

use crate::support::{Repo, Scene, forge, without_hooks};

/// The report, for any exit code.
#[track_caller]
pub fn fsck(repo: &Repo, args: &[&str]) -> Value {
    let mut all = vec!["--json", "fsck"];
    all.extend(args);
    let ran = repo.pm(&all);
    assert!(ran.code == 0 || ran.code == 5, "{ran:?}");
    let data = ran.data();
    assert_eq!(ran.code == 5, data["faults"] != 0, "{ran:?}");
    data
}

pub fn codes(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let code = |f: &Value| f["code"].as_str().unwrap().to_string();
    let mut codes: Vec<String> = findings.iter().map(code).collect();
    codes.retain(|code| !matches!(code.as_str(), "commit-foreign" | "reflog-behind"));
    codes
}

/// Replaces a text in an item's file.
#[track_caller]
fn alter(repo: &Repo, id: &str, from: &str, to: &str) -> String {
    let path = forge::path_of(repo, id);
    let text = forge::read(repo, &path);
    assert!(text.contains(from), "{from:?} is not in {text}");
    forge::put(repo, &path, text.replacen(from, to, 1).as_bytes());
    path
}

/// Adds a field to an item's file at its canonical position, before the creation time.
#[track_caller]
fn add(repo: &Repo, id: &str, field: &str) {
    alter(repo, id, "created_at:", &format!("{field}created_at:"));
}

pub fn uid_of(repo: &Repo, id: &str) -> String {
    repo.data(&["show", id])["uid"]
        .as_str()
        .unwrap()
        .to_string()
}

#[test]
fn a_state_written_only_by_git_pm_has_no_findings() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("one", &["--body", "text", "--accept", "works"]);
    a.task("two", &["--depends-on", "T-1"]);
    a.pm(&["task", "comment", "T-1", "-m", "hello"]).ok();
    a.pm(&["--idempotency-key", "k", "task", "create", "three"])
        .ok();
    a.pm(&["start", "T-1"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    b.pm(&["--offline", "start", "T-3"]).ok();
    a.pm(&["start", "T-3"]).ok();
    b.pm(&["sync"]).ok();
    for place in [&a, &b] {
        let report = fsck(place, &[]);
        assert_eq!(codes(&report), Vec::<String>::new(), "{report:#}");
        let tip = place.tip("refs/pm/main");
        let repaired = fsck(place, &["--repair"]);
        assert!(repaired["commit"].is_null(), "{repaired:#}");
        assert_eq!(
            place.tip("refs/pm/main"),
            tip,
            "a repair without findings changed the state"
        );
    }
}

#[test]
fn every_kind_of_damage_is_found_and_repaired_once() {
    let (_scene, repo) = without_hooks();
    for title in [
        "unreadable",
        "by hand",
        "moved",
        "itself",
        "nowhere",
        "state",
        "gone",
        "late",
    ] {
        repo.task(title, &["--body", "kept"]);
    }
    repo.pm(&["task", "edit", "T-1", "--title", "Last words"])
        .ok();
    // Each damage, and the code with which it is reported.
    let unreadable = forge::path_of(&repo, "T-0001");
    forge::put(&repo, &unreadable, b"no document\n");
    alter(&repo, "T-0002", "kind: task\n", "kind: \"task\"\n");
    let right = forge::path_of(&repo, "T-0003");
    let text = forge::read(&repo, &right);
    forge::put(&repo, "tasks/77/T-0003-zzzz.md", text.as_bytes());
    let uid = uid_of(&repo, "T-4");
    add(&repo, "T-0004", &format!("depends_on: [T-0004-{uid}]\n"));
    add(
        &repo,
        "T-0005",
        "depends_on: [T-0099-01jd4qz0r0000000000000k3f9]\n",
    );
    alter(&repo, "T-0006", "status: queued", "status: sideways");
    let late = alter(&repo, "T-0008", "birth: \"1", "birth: \"9");
    let gone = forge::path_of(&repo, "T-0007");
    let (folder, name) = gone.rsplit_once('/').unwrap();
    let under = repo.tip(&format!("refs/pm/main:{folder}"));
    let mut rest = forge::entries(&repo, &under);
    rest.retain(|(_, n, _)| n != name.as_bytes());
    let rest = forge::tree(&repo, &rest);
    let names: Vec<&[u8]> = folder.split('/').map(str::as_bytes).collect();
    let root = forge::with(&repo, Some(&repo.state_tree()), &names, "40000", &rest);
    forge::commit(&repo, &root);

    let found = fsck(&repo, &[]);
    let mut wanted = vec![
        // An item that depends on itself is a cycle.
        "cycle",
        "document-vanished",
        "edge-missing",
        "edge-self",
        "file-damaged",
        "file-misplaced",
        "file-not-canonical",
        "item-unreadable",
        "stamp-beyond-2100",
    ];
    let mut told = codes(&found);
    told.sort_unstable();
    // The file at a wrong path is a copy, the edge to a missing item a warning; nothing else.
    wanted.sort_unstable();
    assert_eq!(told, wanted, "{found:#}");
    for finding in found["findings"].as_array().unwrap() {
        let code = finding["code"].as_str().unwrap();
        if wanted.contains(&code) && code != "cycle" {
            assert_eq!(finding["repairable"], true, "{finding}");
            assert_eq!(finding["fix"], "git pm fsck --repair", "{finding}");
        }
    }
    assert_eq!(repo.pm(&["fsck"]).code, 5);

    let before = repo.git(&["rev-list", "--count", "refs/pm/main"]).text();
    let report = fsck(&repo, &["--repair"]);
    assert_eq!(codes(&report), Vec::<String>::new(), "{report:#}");
    assert_eq!(
        report["repaired"].as_array().unwrap().len(),
        8,
        "{report:#}"
    );
    let after = repo.git(&["rev-list", "--count", "refs/pm/main"]).text();
    assert_eq!(
        after.parse::<u32>().unwrap(),
        before.parse::<u32>().unwrap() + 1,
        "a repair is one commit"
    );
    let message = repo
        .git(&["log", "-1", "--format=%B", "refs/pm/main"])
        .text();
    assert!(
        message.starts_with("fsck repaired 8 findings: "),
        "{message}"
    );
    assert!(message.contains("PM-Op: fsck\n"), "{message}");
    // The data that users would have lost.
    assert_eq!(repo.data(&["show", "T-1"])["title"], "Last words");
    assert_eq!(repo.data(&["show", "T-1"])["body"], "kept");
    for id in ["T-2", "T-3", "T-4", "T-5", "T-6", "T-7", "T-8"] {
        let item = repo.data(&["show", id]);
        assert_eq!(item["body"], "kept", "{id} lost its text");
        assert_eq!(item["depends_on"].as_array().unwrap().len(), 0, "{id}");
        assert_eq!(item["status"], "queued", "{id}");
    }
    assert_eq!(forge::oid(&repo, "tasks/77/T-0003-zzzz.md"), "");
    assert!(!forge::oid(&repo, &late).is_empty());

    let tip = repo.tip("refs/pm/main");
    let again = fsck(&repo, &["--repair"]);
    assert!(again["commit"].is_null() && again["repaired"].as_array().unwrap().is_empty());
    assert_eq!(
        repo.tip("refs/pm/main"),
        tip,
        "the second repair found something to do"
    );
    repo.pm(&["doctor"]).ok();
}

#[test]
fn repair_ends_invalid_claims() {
    let (_scene, repo) = without_hooks();
    for n in 0..4 {
        repo.task(&format!("task {n}"), &[]);
    }
    let claim = |fields: &str| format!("claims:\n  \"01jd4r00\":\n{fields}");
    let whole =
        "    actor: Bea\n    confirmed: true\n    lease: 4000000000000\n    replica: bea0\n";
    // In progress without a holder; a claim on a closed task; one without a lease; two holders.
    alter(&repo, "T-0001", "status: queued", "status: in_progress");
    alter(&repo, "T-0002", "status: queued", "status: done");
    add(&repo, "T-0002", &claim(whole));
    add(
        &repo,
        "T-0003",
        &claim("    actor: Bea\n    replica: bea0\n"),
    );
    let second = whole.replace("Bea", "Cem");
    alter(&repo, "T-0004", "status: queued", "status: in_progress");
    add(
        &repo,
        "T-0004",
        &format!("{}  \"01jd4s00\":\n{second}", claim(whole)),
    );

    let told = codes(&fsck(&repo, &[]));
    for code in [
        "claim-missing",
        "claim-on-closed",
        "claim-malformed",
        "claim-two-holders",
    ] {
        assert!(told.iter().any(|c| c == code), "{code} is not in {told:?}");
    }
    let report = fsck(&repo, &["--repair"]);
    // A user must decide who continues the task without a claim.
    assert_eq!(codes(&report), ["claim-missing"], "{report:#}");
    assert_eq!(
        repo.data(&["show", "T-4"])["owner"],
        "Bea",
        "the first holder lost the task"
    );
    assert_eq!(repo.data(&["show", "T-2"])["status"], "done");
    assert_eq!(codes(&fsck(&repo, &["--repair"])), ["claim-missing"]);
}

#[test]
fn damage_that_needs_a_decision_is_reported_and_not_repaired() {
    let (_scene, repo) = without_hooks();
    repo.task("one", &[]);
    repo.task("two", &["--depends-on", "T-1"]);
    repo.pm(&["task", "comment", "T-1", "-m", "hello"]).ok();
    // A cycle as made by a merge, two items with one id, a comment without its item, a stamp from
    // next month, a link, a file of a later version.
    let uid = uid_of(&repo, "T-2");
    add(&repo, "T-0001", &format!("depends_on: [T-0002-{uid}]\n"));
    let path = forge::path_of(&repo, "T-0002");
    let text = forge::read(&repo, &path);
    let twin = text
        .replace(&uid, "01jd4qz0r0000000000000k3f9")
        .replace("title: two", "title: twin");
    forge::put(&repo, "tasks/00/00/T-0002-k3f9.md", twin.as_bytes());
    let comment = "---\nuid: \"01jd4qz0r0000000000000c0c0\"\nkind: comment\n\
                   item: T-0050-01jd4qz0r0000000000000x5x5\nauthor: bob\n\
                   birth: \"1763625600000.0.ana0\"\n---\nhello\n";
    let place = "comments/x5/01jd4qz0r0000000000000x5x5/01jd4qz0r0000000000000c0c0.md";
    forge::put(&repo, place, comment.as_bytes());
    let now = std::time::SystemTime::now();
    let now = now
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis();
    let later = now + 30 * 86_400_000;
    let future = format!(
        "---\nid: T-0060\nuid: \"01jd4qz0r0000000000000f6f6\"\nkind: task\ntitle: later\n\
         birth: \"{later}.0.ana0\"\n---\n"
    );
    forge::put(&repo, "tasks/00/00/T-0060-f6f6.md", future.as_bytes());
    let link = forge::blob(&repo, b"/etc/passwd");
    let root = forge::with(
        &repo,
        Some(&repo.state_tree()),
        &[b"tasks", b"link"],
        "120000",
        &link,
    );
    forge::commit(&repo, &root);
    forge::put(&repo, "later/file.txt", b"from a later version\n");

    let report = fsck(&repo, &[]);
    let told = codes(&report);
    for code in [
        "cycle",
        "id-duplicate",
        "comment-orphaned",
        "stamp-future",
        "entry-link",
        "file-unknown",
    ] {
        assert!(told.iter().any(|c| c == code), "{code} is not in {told:?}");
    }
    assert_eq!(report["faults"], 0, "{report:#}");
    repo.pm(&["fsck"]).ok();
    let repaired = fsck(&repo, &["--repair"]);
    assert_eq!(
        codes(&repaired),
        told,
        "a repair made a decision that needs a user"
    );
    assert!(!forge::oid(&repo, place).is_empty(), "the comment is lost");
}

#[test]
fn an_unknown_file_is_reported_and_kept() {
    let (_scene, repo) = without_hooks();
    repo.task("one", &[]);
    let oid = forge::put(&repo, "tasks/00/00/T-0009-zzzz.md", b"no document\n");
    let report = fsck(&repo, &["--repair"]);
    assert_eq!(codes(&report), ["file-damaged"]);
    let fix = report["findings"][0]["fix"].as_str().unwrap();
    assert!(
        fix.contains("git pm sync") && fix.contains("git log"),
        "{fix}"
    );
    assert_eq!(forge::oid(&repo, "tasks/00/00/T-0009-zzzz.md"), oid);
    assert_ne!(
        repo.task("two", &[]),
        "T-0009",
        "its number was assigned again"
    );
}

#[test]
fn repairs_in_one_clone_or_in_both_converge() {
    for both in [false, true] {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        for title in ["one", "two", "three"] {
            a.task(title, &["--body", "kept"]);
        }
        let text = forge::read(&a, &forge::path_of(&a, "T-0003"));
        forge::put(&a, &forge::path_of(&a, "T-0001"), b"no document\n");
        alter(&a, "T-0002", "kind: task\n", "kind: \"task\"\n");
        forge::put(&a, "tasks/77/T-0003-zzzz.md", text.as_bytes());
        a.pm(&["sync"]).ok();
        let b = scene.clone_of(&hub, "b", "Bea");
        // Meanwhile B continues to work on the damaged state.
        b.pm(&["task", "edit", "T-3", "--title", "three of b"]).ok();
        b.task("four", &[]);
        assert_eq!(codes(&fsck(&a, &["--repair"])), Vec::<String>::new());
        if both {
            assert_eq!(codes(&fsck(&b, &["--repair"])), Vec::<String>::new());
        }
        for place in [&a, &b, &a, &b] {
            place.pm(&["sync"]).ok();
        }
        // A clone that had the misplaced file may restore it; it contains nothing unknown.
        fsck(&a, &["--repair"]);
        for place in [&a, &b] {
            place.pm(&["sync"]).ok();
        }
        assert_eq!(a.tip("refs/pm/main"), b.tip("refs/pm/main"), "both: {both}");
        for place in [&a, &b] {
            assert_eq!(
                codes(&fsck(place, &[])),
                Vec::<String>::new(),
                "both: {both}"
            );
            assert_eq!(place.data(&["show", "T-1"])["title"], "one");
            assert_eq!(place.data(&["show", "T-3"])["title"], "three of b");
            assert_eq!(place.data(&["show", "T-4"])["title"], "four");
        }
    }
}

#[test]
fn a_damaged_pm_yaml_is_restored_with_its_redactions() {
    let (_scene, repo) = without_hooks();
    repo.task("one", &[]);
    let text = forge::read(&repo, "pm.yaml");
    let more = text.replace(
        "birth:",
        "redacted_values: [\"4ddbb67bf993867e13253c146a339ed3b33ea5b895543569278e99d5b3c2b7d5\"]\nbirth:",
    );
    forge::put(&repo, "pm.yaml", more.as_bytes());
    forge::put(&repo, "pm.yaml", b"---\nbroken: [\n---\n");
    let refused = repo
        .pm(&["--json", "task", "create", "two"])
        .exits(5)
        .error();
    assert!(
        refused["hints"]
            .to_string()
            .contains("git pm fsck --repair"),
        "{refused}"
    );
    let report = fsck(&repo, &["--repair"]);
    assert_eq!(codes(&report), Vec::<String>::new(), "{report:#}");
    assert_eq!(forge::read(&repo, "pm.yaml"), more, "redactions were lost");
    repo.task("two", &[]);
}

#[test]
fn broken_history_is_reported_for_each_commit() {
    let (_scene, repo) = without_hooks();
    repo.task("one", &[]);
    repo.task("two", &[]);
    // A clock that was set back.
    let tree = repo.state_tree();
    let tip = repo.tip("refs/pm/main");
    let message = "write\n\nPM-Op: write\nPM-Clock: 5.0\n";
    let commit = repo
        .feed("git", &["commit-tree", &tree, "-p", &tip], message)
        .ok()
        .text();
    repo.git(&["update-ref", "refs/pm/main", &commit]).ok();
    let told = codes(&fsck(&repo, &[]));
    assert_eq!(told, ["clock-behind"]);
    // A missing object of the history.
    let lost = repo.tip("refs/pm/main~2");
    let file = format!(".git/objects/{}/{}", &lost[..2], &lost[2..]);
    std::fs::remove_file(repo.path.join(file)).unwrap();
    let report = fsck(&repo, &[]);
    assert_eq!(codes(&report)[0], "commit-unreadable", "{report:#}");
    assert_eq!(report["findings"][0]["object"], lost.as_str());
    repo.pm(&["fsck"]).exits(5);
}

#[test]
fn files_left_by_killed_processes_are_reported() {
    let (_scene, repo) = without_hooks();
    repo.task("one", &[]);
    repo.write(".git/refs/pm/main.lock", "");
    repo.write(".git/pm/replica.1.tmp", "x");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(7_200);
    let file = std::fs::File::options()
        .write(true)
        .open(repo.path.join(".git/pm/replica.1.tmp"))
        .unwrap();
    file.set_modified(old).unwrap();
    let told = codes(&fsck(&repo, &[]));
    assert_eq!(told, ["ref-locked", "temporary-left"]);
}

#[test]
fn many_damaged_files_are_looked_up_without_a_process_for_each() {
    let (scene, repo) = without_hooks();
    let count = 250;
    let lines: String = (1..=count)
        .map(|n| {
            format!(
                "{}\n",
                json!({"op": "task.create", "title": format!("task {n}")})
            )
        })
        .collect();
    repo.feed(crate::support::binary(), &["batch"], &lines).ok();
    let root = repo.state_tree();
    let bad = forge::blob(&repo, b"no document\n");
    let tasks = repo.tip(&format!("{root}:tasks"));
    let tasks = forge::each_in(&repo, &tasks, |group| {
        forge::each_in(&repo, group, |part| {
            forge::each_in(&repo, part, |_| bad.clone())
        })
    });
    let damaged = forge::with(&repo, Some(&root), &[b"tasks"], "40000", &tasks);
    forge::commit(&repo, &damaged);
    let costs = scene.dir.path().join("costs");
    let counted = repo.with("GIT_PM_COSTS", costs.to_str().unwrap());
    let programs = || {
        let said = std::fs::read_to_string(&costs).unwrap();
        let said: Value = serde_json::from_str(said.trim()).unwrap();
        std::fs::remove_file(&costs).unwrap();
        said["programs"].as_u64().unwrap()
    };
    let report = fsck(&counted, &[]);
    let findings = report["findings"].as_array().unwrap().iter();
    let mendable = findings.filter(|f| f["code"] == "file-damaged" && f["repairable"] == true);
    assert_eq!(mendable.count(), count);
    assert!(programs() < 20, "a process for each file");
    fsck(&counted, &["--repair"]);
    assert!(programs() < 40, "a process for each file");
    assert_eq!(repo.data(&["show", "T-250"])["title"], "task 250");
    assert_eq!(codes(&fsck(&repo, &[])), Vec::<String>::new());
}
