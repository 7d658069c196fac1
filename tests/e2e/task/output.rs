//! Log, status, flags, exit codes.

use crate::support::{Repo, Scene, forge, set_up};

#[test]
fn log_lists_all_operations_on_a_task() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    repo.task("Other", &[]);
    repo.by("bea").pm(&["start", "T-1", "--no-worktree"]).ok();
    repo.pm(&["task", "comment", "T-1", "hm"]).ok();
    let log = repo.data(&["log", "T-1"]);
    let ops: Vec<(&str, &str)> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["op"].as_str().unwrap(), e["actor"].as_str().unwrap()))
        .collect();
    assert_eq!(
        ops,
        [
            ("task comment", "Ana"),
            ("task start", "bea"),
            ("task create", "Ana")
        ]
    );
    assert_eq!(
        repo.data(&["log", "--limit", "2"])["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let text = repo.pm(&["log", "T-0001"]).ok().out;
    assert!(
        text.contains("claimed by bea") && !text.contains("Other"),
        "{text}"
    );
    // Plain git can show it without git pm.
    let path = forge::path_of(&repo, "T-0001");
    let subjects = repo
        .git(&["log", "--format=%s", "refs/pm/main", "--", &path])
        .ok()
        .out;
    assert!(
        subjects.contains("task start T-0001: claimed by bea"),
        "{subjects}"
    );
    repo.pm(&["log", "T-0099"]).exits(4);
}

#[test]
fn flags_before_and_after_the_verb_mean_the_same() {
    let (scene, repo) = set_up();
    repo.task("T", &[]);
    let outside = scene.at(".");
    for args in [
        &[
            "-C", "a", "--json", "--as", "bea", "task", "comment", "T-1", "x",
        ][..],
        &[
            "task", "comment", "T-1", "x", "-C", "a", "--json", "--as", "bea",
        ],
        &[
            "task", "-C", "a", "comment", "--as", "bea", "T-1", "x", "--json",
        ],
        &[
            "-C", "a/src", "-C", "..", "task", "comment", "T-1", "--json", "x", "--as=bea",
        ],
    ] {
        let data = outside.pm(args).ok().data();
        assert_eq!(
            data["comments"].as_array().unwrap().last().unwrap()["author"],
            "bea",
            "{args:?}"
        );
    }
    outside.pm(&["-C", "nowhere", "status"]).exits(4);
}

// Always one document on standard output, with the matching exit code.
#[test]
fn every_exit_code_comes_with_one_json_document() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.task("T", &["--accept", "a"]);
    std::fs::create_dir(scene.dir.path().join("plain")).unwrap();
    let plain = scene.at("plain").with(
        "GIT_CEILING_DIRECTORIES",
        scene.dir.path().to_str().unwrap(),
    );
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    repo.task("Lonely", &[]);
    repo.git(&["remote", "set-url", "origin", "../gone.git"])
        .ok();
    let cases: Vec<(&Repo, i32, &[&str])> = vec![
        (&repo, 0, &["task", "list"]),
        (&repo, 1, &["task", "done", "T-1"]),
        (&repo, 2, &["task", "create"]),
        (&repo, 2, &["task", "crate", "x"]),
        (&repo, 2, &["task", "create", "x", "--estimate", "Q"]),
        (&repo, 2, &["--as", "", "task", "list"]),
        (&repo, 2, &["task", "create", "x", "--as", "a<b"]),
        (&repo, 4, &["show", "T-77"]),
        (&plain, 5, &["status"]),
        (&repo, 6, &["start", "T-2"]),
        (&repo, 6, &["sync"]),
    ];
    for (place, code, args) in cases {
        let mut all = args.to_vec();
        all.push("--json");
        let ran = place.pm(&all).exits(code);
        assert_eq!(ran.out.lines().count(), 1, "{args:?}: {}", ran.out);
        let json = ran.json();
        assert_eq!(json["schema_version"], 1, "{args:?}");
        if code == 0 {
            assert!(json["error"].is_null());
        } else {
            let error = ran.error();
            assert!(!error["message"].as_str().unwrap().is_empty(), "{error}");
            assert!(
                error["hints"].as_array().is_some_and(|h| !h.is_empty()),
                "{args:?} names no next command: {error}"
            );
        }
    }
    // 3: another actor holds it.
    repo.git(&["remote", "set-url", "origin", "../hub.git"])
        .ok();
    let error = repo
        .by("bea")
        .pm(&["--json", "start", "T-1"])
        .exits(3)
        .error();
    assert!(
        error["message"].as_str().unwrap().contains("Ana"),
        "{error}"
    );
}

// WT-08: branch status and merge readiness of each task.
#[test]
fn wt_08_status_shows_ahead_behind_conflicts_and_missing_steps() {
    let (_scene, repo) = set_up();
    repo.task("T", &["--accept", "a"]);
    repo.pm(&["start", "T-1"]).ok();
    let work = repo.worktree("T-1");
    work.write("src/auth.rs", "pub fn login() { 1 }\n");
    work.commit_all("One");
    work.write("new.txt", "uncommitted\n");
    repo.write("src/auth.rs", "pub fn login() { 2 }\n");
    repo.commit_all("Meanwhile");
    repo.write("README.md", "# Changed\n");
    repo.commit_all("Meanwhile 2");
    let branch = |repo: &Repo| repo.data(&["status"])["branches"][0].clone();
    let b = branch(&repo);
    assert_eq!(b["id"], "T-0001");
    assert_eq!(b["branch"], "task/T-0001-t");
    assert_eq!(b["target"], "main");
    assert_eq!(b["ahead"], 1);
    assert_eq!(b["behind"], 2);
    assert_eq!(b["conflicts"], serde_json::json!(["src/auth.rs"]));
    assert_eq!(b["dirty"], true);
    assert_eq!(b["accepted"], serde_json::json!([0, 1]));
    assert!(
        !b["readiness"].as_str().unwrap().contains("ready to merge"),
        "{b}"
    );
    // All problems fixed.
    std::fs::remove_file(work.path.join("new.txt")).unwrap();
    work.git(&["merge", "-q", "-X", "ours", "main"]).ok();
    repo.pm(&["task", "accept", "T-1", "--all"]).ok();
    repo.pm(&["finish", "T-1"]).ok();
    repo.pm(&["task", "approve", "T-1"]).ok();
    let b = branch(&repo);
    assert_eq!(b["behind"], 0);
    assert_eq!(b["conflicts"], serde_json::json!([]));
    assert_eq!(b["dirty"], false);
    assert!(
        b["readiness"].as_str().unwrap().contains("ready to merge"),
        "{b}"
    );
    let text = repo.pm(&["status"]).ok().out;
    assert!(
        text.contains("T-0001") && text.contains("ready to merge"),
        "{text}"
    );
}

/// A path means what it means to `git diff` in the same folder.
#[test]
fn the_diff_of_work_takes_paths_as_git_does() {
    let (_scene, repo) = set_up();
    repo.task("Work", &[]);
    repo.pm(&["start", "T-1"]).ok();
    let place = repo.worktree("T-1");
    place.write("src/a.txt", "a\n");
    place.write("a.txt", "a\n");
    place.commit_all("Work");
    let below = place.other("src");
    let absolute = format!("{}/a.txt", place.path.display());
    for (path, wanted) in [
        ("a.txt", &["src/a.txt"][..]),
        ("./a.txt", &["src/a.txt"]),
        ("../a.txt", &["a.txt"]),
        (":/a.txt", &["a.txt"]),
        (absolute.as_str(), &["a.txt"]),
        (".", &["src/a.txt"]),
        ("..", &["a.txt", "src/a.txt"]),
        ("src", &[]),
    ] {
        let work = below.data(&["task", "diff", "T-1", path])["work"].clone();
        let files = work["files"].as_array().unwrap().iter();
        let names: Vec<&str> = files.map(|file| file["path"].as_str().unwrap()).collect();
        assert_eq!(names, wanted, "{path}");
    }
    below.pm(&["task", "diff", "T-1", "../../x"]).exits(2);
}
