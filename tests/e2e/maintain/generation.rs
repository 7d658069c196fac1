//! Cutting the history off, and garbage collection in a clone.

use crate::support::{Repo, Scene};

fn commits(repo: &Repo) -> usize {
    repo.git(&["rev-list", "--count", "refs/pm/main"])
        .text()
        .parse()
        .unwrap()
}

#[test]
fn gc_prunes_expired_data_and_reports_the_saved_space() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    for n in 0..5 {
        a.task(&format!("Task {n}"), &[]);
    }
    let old = |name: &str| {
        let old = a
            .with("GIT_AUTHOR_DATE", "2020-01-01T00:00:00Z")
            .with("GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z");
        let commit = old.git(&["commit-tree", "HEAD^{tree}", "-m", name]).text();
        a.git(&["update-ref", name, &commit]).ok();
    };
    old("refs/pm-local/runs/r1");
    old("refs/pm-local/backup/main/1");
    a.git(&["update-ref", "refs/pm-local/runs/r2", "HEAD"]).ok();
    let shown = a.data(&["gc", "--dry-run"]);
    assert_eq!(shown["refs"].as_array().unwrap().len(), 2, "{shown}");
    assert_eq!(shown["size_before"], shown["size_after"]);
    a.git(&["rev-parse", "--verify", "-q", "refs/pm-local/runs/r1"])
        .ok();
    a.git(&["config", "pm.gc.backups", "never"]).ok();
    let done = a.data(&["gc"]);
    assert_eq!(done["refs"], serde_json::json!(["refs/pm-local/runs/r1"]));
    assert!(done["packed"].as_u64().unwrap() > 10, "{done}");
    let size = |key: &str| done[key].as_u64().unwrap();
    assert!(size("size_after") < size("size_before"), "{done}");
    a.git(&["rev-parse", "--verify", "-q", "refs/pm-local/runs/r2"])
        .ok();
    a.git(&["rev-parse", "--verify", "-q", "refs/pm-local/backup/main/1"])
        .ok();
    assert_eq!(commits(&a), 6, "a plain gc keeps the history");
    a.git(&["config", "pm.gc.runs", "soon"]).ok();
    let refused = a.pm(&["gc"]).exits(2);
    assert!(refused.err.contains("pm.gc.runs"), "{}", refused.err);
}

#[test]
fn old_tombstones_keep_only_their_identity_and_stay_deleted() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let a = a.when("2026-01-01T00:00:00Z");
    a.task("Deleted long ago", &["--body", "A long text"]);
    a.task("Other", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    // Deleted through its register, as by an import or another program.
    let path = a
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "tasks/"])
        .text();
    let path = path.lines().next().unwrap().to_string();
    let text = a.git(&["show", &format!("refs/pm/main:{path}")]).ok().out;
    let text = text.replacen("\nbirth:", "\ndeleted: true\nbirth:", 1);
    write_file(&a, &path, &text);
    let later = a.when("2026-12-01T00:00:00Z");
    assert_eq!(later.data(&["gc", "--dry-run"])["tombstones"][0], "T-0001");
    later.pm(&["gc"]).ok();
    let text = a.git(&["show", &format!("refs/pm/main:{path}")]).ok().out;
    assert!(
        text.contains("purged: true") && !text.contains("A long text"),
        "{text}"
    );
    assert_eq!(later.data(&["gc"])["tombstones"], serde_json::json!([]));
    // A clone that has not seen the deletion edits the item: it stays deleted.
    b.pm(&["task", "edit", "T-0001", "--title", "Still here?"])
        .ok();
    later.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let items = b.data(&["task", "list"]).to_string();
    assert!(
        !items.contains("Still here?") && items.contains("Other"),
        "{items}"
    );
}

/// Replaces one file of the state with plain git.
fn write_file(repo: &Repo, path: &str, text: &str) {
    let index = repo.with("GIT_INDEX_FILE", ".git/other-index");
    index.git(&["read-tree", "refs/pm/main"]).ok();
    let blob = repo
        .feed("git", &["hash-object", "-w", "--stdin"], text)
        .text();
    index
        .git(&[
            "update-index",
            "--cacheinfo",
            &format!("100644,{blob},{path}"),
        ])
        .ok();
    let tree = index.git(&["write-tree"]).text();
    let message = "delete\n\nPM-Op: delete\nPM-Clock: 1767225600000.9";
    let commit = repo
        .git(&["commit-tree", &tree, "-p", "refs/pm/main", "-m", message])
        .text();
    repo.git(&["update-ref", "refs/pm/main", &commit]).ok();
}

#[test]
fn a_new_generation_is_adopted_by_all_clones_and_the_old_history_stays_away() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    for n in 0..4 {
        a.task(&format!("Task {n}"), &[]);
    }
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let c = scene.clone_of(&hub, "c", "Cleo");
    let old = a.tip("refs/pm/main");
    let tree = a.git(&["ls-tree", "refs/pm/main", "tasks"]).out;
    let agent = a.with("CLAUDECODE", "1").by("claude");
    agent.pm(&["gc", "--new-generation"]).exits(1);
    // What would go, and no size that was not computed.
    let would = agent.pm(&["gc", "--new-generation", "--dry-run"]).ok().out;
    let count = format!(
        "The history would be removed: {} commits since 20",
        commits(&a)
    );
    assert!(
        would.contains(&count) && !would.contains("after"),
        "{would}"
    );
    assert_eq!(a.tip("refs/pm/main"), old);
    c.task("Made by Cleo meanwhile", &[]);
    c.pm(&["task", "edit", "T-0001", "--title", "Cleo's title"])
        .ok();
    let done = a.data(&["gc", "--new-generation"]);
    assert!(done["objects"].as_u64().unwrap() > 5, "{done}");
    assert_eq!(commits(&a), 1);
    assert_eq!(a.git(&["ls-tree", "refs/pm/main", "tasks"]).out, tree);
    a.pm(&["sync"]).ok();
    assert_eq!(
        a.git(&["cat-file", "-e", &old]).code,
        1,
        "the old history is still here"
    );
    let notice = b.pm(&["sync"]).ok();
    assert!(
        notice
            .err
            .contains("the history of the state was removed on"),
        "{}",
        notice.err
    );
    assert!(!notice.err.contains("rewound"), "{}", notice.err);
    assert_eq!(commits(&b), 1);
    c.pm(&["sync"]).ok();
    for clone in [&a, &b, &c] {
        clone.pm(&["sync"]).ok();
        assert_eq!(clone.git(&["cat-file", "-e", &old]).code, 1);
        clone.git(&["fsck", "--full", "--strict"]).ok();
        assert_eq!(clone.data(&["show", "T-0001"])["title"], "Cleo's title");
        assert_eq!(
            clone.data(&["show", "T-0005"])["title"],
            "Made by Cleo meanwhile"
        );
        assert_eq!(clone.state_tree(), c.state_tree());
    }
    let hub_has = hub.git(&["merge-base", "--is-ancestor", &old, "refs/pm/main"]);
    assert_eq!(
        hub_has.code, 1,
        "the remote's state reaches the old history"
    );
    // Numbers once published are still known as published.
    assert_eq!(a.task("The next", &[]), "T-0006");
}

#[test]
fn concurrent_cuts_in_two_clones_converge() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("First", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.pm(&["gc", "--new-generation"]).ok();
    a.task("After A's cut", &[]);
    b.pm(&["redact", "T-0001", "--field", "title"]).ok();
    b.pm(&["task", "edit", "T-0001", "--title", "Better"]).ok();
    for _ in 0..2 {
        a.pm(&["sync"]).ok();
        b.pm(&["sync"]).ok();
    }
    assert_eq!(a.tip("refs/pm/main"), b.tip("refs/pm/main"));
    assert_eq!(a.tip("refs/pm/main"), hub.tip("refs/pm/main"));
    for clone in [&a, &b] {
        assert_eq!(clone.data(&["show", "T-0001"])["title"], "Better");
        assert_eq!(clone.data(&["show", "T-0002"])["title"], "After A's cut");
        let log = clone.git(&["log", "--format=%s", "refs/pm/main"]).out;
        assert!(!log.contains("First"), "{log}");
        clone.git(&["fsck", "--full", "--strict"]).ok();
    }
}
