//! Remotes that refuse, rewind, lose or replace the state.

use crate::support::{Scene, as_nobody, chmod};

// A denied push is remembered for some minutes: automatic pushes are not tried again, and what was
// not sent is always reported.
#[test]
fn after_a_denied_push_only_an_explicit_sync_pushes_again() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Mine", &[]);
    let count = hub.path.join("tries");
    hub.hook(
        "pre-receive",
        &format!(
            "echo try >>'{}'\necho 'permission denied: you may only read' >&2\nexit 1",
            count.display()
        ),
    );
    let tries = || std::fs::read_to_string(&count).map_or(0, |t| t.lines().count());
    let first = a.pm(&["sync"]).exits(6);
    let said = format!("{}{}", first.out, first.err);
    assert!(said.contains("you may only read"), "{said}");
    assert!(said.contains("2 not pushed"), "{said}");
    assert!(said.contains("refs/heads/pm/main"), "{said}");
    assert_eq!(tries(), 1);
    // A claim cannot be confirmed there; this is reported without another push.
    let refused = a.pm(&["start", "T-0001", "--no-worktree"]).exits(6);
    assert!(refused.err.contains("--offline"), "{}", refused.err);
    assert!(refused.err.contains("git pm sync"), "{}", refused.err);
    assert_eq!(tries(), 1, "it was tried again without a request");
    a.pm(&["--offline", "start", "T-0001", "--no-worktree"])
        .ok();
    // A command that would push its result reports that it did not.
    let dropped = a.pm(&["task", "drop", "T-0001"]).ok();
    assert!(
        dropped.err.contains("saved locally, but not synced"),
        "{}",
        dropped.err
    );
    assert_eq!(tries(), 1, "it was tried again without a request");
    // Some minutes later it is tried again.
    let later = git_pm::internals::model::stamp::rfc3339(
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_millis() as u64
            + 11 * 60_000,
    );
    a.task("Other", &[]);
    a.when(&later)
        .pm(&["start", "T-0002", "--no-worktree"])
        .exits(6);
    assert_eq!(tries(), 2);
    // An explicit sync tries it; and once pushes are allowed, everything works as usual.
    a.pm(&["sync"]).exits(6);
    assert_eq!(tries(), 3);
    hub.remove_hook("pre-receive");
    a.pm(&["sync"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
    // A clone that only reads has nothing to push and gets no warning.
    let b = scene.clone_of(&hub, "b", "Bob");
    hub.hook("pre-receive", "echo 'permission denied' >&2; exit 1");
    b.pm(&["sync"]).ok();
}

// A host that accepts branches only: a clear message, and the fallback that it names works.
#[test]
fn a_host_that_refuses_custom_refs_gets_a_working_fallback() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    hub.hook(
        "update",
        "case \"$1\" in refs/heads/*|refs/tags/*) ;; *) echo 'only branches and tags' >&2; exit 1;; esac",
    );
    a.task("Mine", &[]);
    let refused = a.pm(&["start", "T-0001", "--no-worktree"]).exits(6);
    assert!(
        refused.err.contains("pm.remoteRef refs/heads/pm/main"),
        "{}",
        refused.err
    );
    assert!(refused.err.contains("branch rules"), "{}", refused.err);

    a.pm(&["config", "pm.remoteRef", "refs/heads/pm/main"]).ok();
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    assert_eq!(hub.tip("refs/heads/pm/main"), a.tip("refs/pm/main"));
    let message = a.git(&["log", "-1", "--format=%B", "refs/pm/main"]).text();
    assert!(
        message.contains("[skip ci]"),
        "the message lacks `[skip ci]`: {message}"
    );
    assert_eq!(hub.tip("refs/pm/main"), "");
    assert!(
        !a.git(&["branch"]).ok().out.contains("pm/main"),
        "no local branch"
    );
    let b = scene.at("b");
    scene.at(".").git(&["clone", "-q", "hub.git", "b"]).ok();
    b.git(&["config", "user.name", "Ben"]).ok();
    b.git(&["config", "pm.remoteRef", "refs/heads/pm/main"])
        .ok();
    b.pm(&["init"]).ok();
    let lost = b.pm(&["start", "T-0001", "--no-worktree"]).exits(3);
    assert!(lost.err.contains("Ana"), "{}", lost.err);
    b.task("Of Ben", &[]);
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
    assert_eq!(a.data(&["show", "T-0002"])["title"], "Of Ben");
}

// The next sync restores a rewound remote, and nothing is lost here.
#[test]
fn the_next_sync_restores_a_rewound_remote() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let old = hub.tip("refs/pm/main");
    a.task("Two", &[]);
    a.pm(&["start", "T-0002", "--no-worktree"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    hub.git(&["update-ref", "refs/pm/main", &old]).ok();
    b.task("Three", &[]);
    let synced = b.pm(&["--json", "sync"]).ok();
    let told = synced.json()["notices"].to_string();
    assert!(told.contains("has been rewound"), "{told}");
    let report = synced.data();
    assert!(report["renumbered"].as_array().unwrap().is_empty());
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
    let item = a.data(&["show", "T-0002"]);
    assert_eq!(item["claim"]["actor"], "Ana");
    assert_eq!(item["claim"]["confirmed"], true);
}

// What no sync can take is a fault of the remote, whether its objects are here or not.
#[test]
fn doctor_reports_a_remote_ref_that_is_not_a_state() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    a.pm(&["doctor"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.write("x.txt", "x\n");
    b.commit_all("Not a state");
    for from in [&a, &b] {
        from.git(&["push", "-qf", "origin", "HEAD:refs/pm/main"])
            .ok();
        a.pm(&["sync"]).exits(5);
        let report = a.pm(&["doctor"]).exits(1).out;
        assert!(report.contains("is not a git pm state"), "{report}");
        assert!(report.contains("--restore-remote --replace"), "{report}");
    }
    a.pm(&["doctor", "--restore-remote", "--replace"]).ok();
    a.pm(&["doctor"]).ok();
}

// The next sync restores a deleted remote ref.
#[test]
fn the_next_sync_restores_a_deleted_remote_ref() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    hub.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    // A user's pruning fetch does not take the state away either.
    a.git(&["fetch", "-q", "--prune"]).ok();
    assert_eq!(a.data(&["show", "T-0001"])["title"], "One");
    a.pm(&["sync"]).ok();
    // Without a pruning fetch in between it is reported, too.
    hub.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    let healed = a.pm(&["sync"]).ok();
    assert!(healed.err.contains("had lost the state"), "{}", healed.err);
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
}

// A fetched ref that is not a state changes nothing here.
#[test]
fn a_fetched_ref_that_is_not_a_state_is_refused_and_changes_nothing() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let good = hub.tip("refs/pm/main");
    hub.git(&["tag", "-a", "-m", "t", "t", &good]).ok();
    let blob = hub
        .feed("git", &["hash-object", "-w", "--stdin"], "garbage\n")
        .text();
    let tree = hub
        .feed(
            "git",
            &["mktree"],
            &format!("100644 blob {blob}\tpm.yaml\n"),
        )
        .text();
    let bad_yaml = hub.git(&["commit-tree", "-m", "bad yaml", &tree]).text();
    let newer = hub
        .feed("git", &["hash-object", "-w", "--stdin"], "format: 99.0\n")
        .text();
    let newer = hub
        .feed(
            "git",
            &["mktree"],
            &format!("100644 blob {newer}\tpm.yaml\n"),
        )
        .text();
    let newer = hub.git(&["commit-tree", "-m", "newer", &newer]).text();
    let garbage = [
        ("a commit that is no state", hub.tip("refs/heads/main")),
        ("a tag", hub.tip("refs/tags/t")),
        ("a blob", blob),
        ("a tree", tree),
        ("a broken pm.yaml", bad_yaml),
        ("a newer format", newer),
    ];
    a.task("Two", &[]);
    let refs = || a.git(&["for-each-ref"]).ok().out;
    let before = refs();
    for (what, id) in garbage {
        std::fs::write(hub.path.join("refs/pm/main"), format!("{id}\n")).unwrap();
        for args in [
            &["sync"][..],
            &["pull"],
            &["push"],
            &["init"],
            &["start", "T-0001", "--no-worktree"],
        ] {
            let refused = a.pm(args);
            assert_eq!(refused.code, 5, "{what}: {refused:?}");
            assert!(
                refused.err.contains("refs/pm/main"),
                "{what}: {}",
                refused.err
            );
            assert!(!refused.err.contains("panicked"), "{what}: {}", refused.err);
        }
        assert_eq!(refs(), before, "{what}: refs changed");
        let there = std::fs::read_to_string(hub.path.join("refs/pm/main")).unwrap();
        assert_eq!(there.trim(), id, "{what}: it was overwritten");
    }
    assert_eq!(
        a.data(&["task", "list"])["items"].as_array().unwrap().len(),
        2
    );
    std::fs::write(hub.path.join("refs/pm/main"), format!("{good}\n")).unwrap();
    a.pm(&["sync"]).ok();
}

// Without the configuration of the repository there would be no remote, and a claim would be settled
// in this clone alone.
#[test]
fn a_clone_of_another_user_that_git_trusts_has_its_remote() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("One", &[]);
    a.pm(&["sync"]).ok();
    chmod(&a, "a+rwX");
    // The other side of a fetch takes no configuration from the environment. Only root can give a
    // folder away, and only then another user is asked.
    a.run("chown", &["-R", "65534", hub.path.to_str().unwrap()]);
    as_nobody(&a, &["start", &id, "--no-worktree"]).ok();
    let synced = as_nobody(&a, &["sync"]).ok();
    assert!(
        synced.out.contains("origin"),
        "{}{}",
        synced.out,
        synced.err
    );
}
