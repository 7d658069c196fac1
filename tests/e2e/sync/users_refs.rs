//! What sync never does to the user's refs, tags and hooks.

use crate::support::Scene;

// WT-05: no force push anywhere, and exactly these flags.
#[test]
fn wt_05_nothing_is_ever_pushed_by_force() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let log = scene.dir.path().join("git.log");
    let record = format!(
        "printf '%s ' \"$@\" >>'{0}'; echo >>'{0}'\nexec \"$REAL\" \"$@\"",
        log.display()
    );
    let (wa, wb) = (
        a.wrapping_git("record-a", &record),
        b.wrapping_git("record-b", &record),
    );
    let backup = scene.bare("backup.git");
    a.git(&["remote", "add", "backup", backup.path.to_str().unwrap()])
        .ok();
    wa.pm(&["init"]).ok();
    wa.task("One", &["--path", "src/**"]);
    wb.task("Two", &[]);
    wa.pm(&["start", "T-0001"]).ok();
    let work = a.worktree("T-0001");
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work");
    wb.pm(&["sync"]).ok();
    wb.pm(&["--offline", "start", "T-0002"]).ok();
    wb.pm(&["sync"]).ok();
    wb.pm(&["reserve", "add", "docs/**"]).ok();
    wa.pm(&["sync", "origin", "backup"]).ok();
    wa.pm(&["finish", "T-0001", "--merge"]).ok();
    wb.pm(&["task", "drop", "T-0002", "--remove-worktree"]).ok();
    wa.pm(&["task", "reassign", "T-0002", "--to", "Cleo"]).ok();
    wa.pm(&["worktree", "gc"]).ok();
    // A rewound and a deleted remote ref are restored without force, too.
    hub.git(&["update-ref", "refs/pm/main", "refs/pm/main~1"])
        .ok();
    wa.pm(&["sync"]).ok();
    hub.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    wa.pm(&["sync"]).ok();

    let text = std::fs::read_to_string(&log).unwrap();
    let pushes: Vec<&str> = text.lines().filter(|l| l.starts_with("push ")).collect();
    assert!(pushes.len() >= 6, "{text}");
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let pushing = words[0] == "push";
        let forced = words.iter().any(|w| {
            (pushing && (*w == "-f" || w.starts_with("--force") || w.starts_with('+')))
                || *w == "--mirror"
                || *w == "--delete"
        });
        assert!(!forced, "pushed by force: git {line}");
    }
    for push in pushes {
        for flag in ["--no-verify", "--no-follow-tags", "--recurse-submodules=no"] {
            assert!(push.contains(flag), "{flag} is missing: git {push}");
        }
        assert!(
            push.trim_end().ends_with(":refs/pm/main"),
            "something else than the state was pushed: git {push}"
        );
    }
    for fetch in text.lines().filter(|l| l.starts_with("fetch ")) {
        for flag in [
            "--no-write-fetch-head",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
        ] {
            assert!(fetch.contains(flag), "{flag} is missing: git {fetch}");
        }
    }
}

// Tags are not pushed, and a failing pre-push hook of the user's is not run for the state.
#[test]
fn a_sync_pushes_no_tags_and_runs_no_pre_push_hook() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.git(&["config", "push.followTags", "true"]).ok();
    a.git(&["tag", "-a", "-m", "v1", "v1"]).ok();
    crate::support::script_file(&a.path.join(".git/hooks/pre-push"), "exit 1");
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    assert_eq!(hub.tip("refs/tags/v1"), "");
    assert!(!hub.tip("refs/pm/main").is_empty());
}

// git pm's pre-push hook ignores its own refs: pushing the state by hand is not checked as a
// commit.
#[test]
fn the_pre_push_hook_ignores_refs_of_the_state() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.pm(&["reserve", "add", "**", "--new"]).ok();
    b.pm(&["sync"]).ok();
    b.task("Of Ben", &[]);
    b.git(&["push", "-q", "origin", "refs/pm/main"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), b.tip("refs/pm/main"));
}
