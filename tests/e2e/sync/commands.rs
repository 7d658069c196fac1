//! `sync`, `push`, `pull`: when they run and what they say.

use crate::support::{Scene, rounds, wait_all};

// Many processes sync at once, in two clones; every item arrives once.
#[test]
fn many_processes_sync_at_once() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let mut made = 0;
    for _ in 0..rounds(20) {
        let mut children = Vec::new();
        for clone in [&a, &b] {
            for n in 0..3 {
                children.push(clone.spawn(&["task", "create", &format!("Task {n}")]));
                children.push(clone.spawn(&["sync"]));
                made += 1;
            }
        }
        for ran in wait_all(children) {
            ran.ok();
        }
    }
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
    assert_eq!(a.state_tree(), hub.state_tree());
    let list = a.data(&["task", "list"])["items"].clone();
    let mut ids: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), made);
    ids.dedup();
    assert_eq!(ids.len(), made, "two tasks share an id: {ids:?}");
    for clone in [&a, &b] {
        let left = clone.git(&["for-each-ref", "refs/pm-local/fetch"]).text();
        assert_eq!(left, "", "temporary refs are left");
        let intents =
            std::fs::read_dir(clone.path.join(".git/pm/intents")).map_or(0, Iterator::count);
        assert_eq!(intents, 0, "intents are left");
    }
    hub.git(&["fsck", "--strict"]).ok();
    a.git(&["fsck", "--strict"]).ok();
}

// `push` and `pull` are the two halves of `sync`.
#[test]
fn pull_joins_without_settling_and_push_settles() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Two", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["--offline", "start", "T-0001", "--no-worktree"])
        .ok();
    let tip = hub.tip("refs/pm/main");
    b.pm(&["pull"]).ok();
    assert_eq!(b.data(&["show", "T-0002"])["title"], "Two");
    assert_eq!(hub.tip("refs/pm/main"), tip, "a pull changed the remote");
    assert_eq!(b.data(&["show", "T-0001"])["claim"]["confirmed"], false);
    b.pm(&["push"]).ok();
    assert_eq!(b.data(&["show", "T-0001"])["claim"]["confirmed"], true);
    b.pm(&["--offline", "sync"]).exits(2);
}

// When git pm uses the network by itself.
#[test]
fn pm_sync_sets_when_the_network_is_used() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let tip = || hub.tip("refs/pm/main");
    let before = tip();
    a.task("Batched", &[]);
    assert_eq!(tip(), before, "by default a create is not pushed");
    a.git(&["config", "pm.sync", "always"]).ok();
    a.task("At once", &[]);
    assert_eq!(tip(), a.tip("refs/pm/main"));
    a.pm(&["msg", "send", "--to", "all", "Hello"]).ok();
    assert_eq!(tip(), a.tip("refs/pm/main"), "a message waited");
    a.git(&["config", "pm.sync", "manual"]).ok();
    let before = tip();
    let started = a.data(&["start", "T-0001", "--no-worktree"]);
    assert_eq!(started["claim"]["confirmed"], false);
    assert_eq!(tip(), before, "`manual` used the network");
    a.pm(&["sync"]).ok();
    assert_eq!(a.data(&["show", "T-0001"])["claim"]["confirmed"], true);
}

// No remote, several without `origin`, and the name of a remote that does not exist.
#[test]
fn sync_without_a_remote_tells_how_to_set_one() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    let refused = a.pm(&["sync"]).exits(2);
    assert!(refused.err.contains("pm.remote"), "{}", refused.err);
    for name in ["one", "two"] {
        a.git(&["remote", "add", name, &format!("../{name}.git")])
            .ok();
        scene.bare(&format!("{name}.git"));
    }
    let refused = a.pm(&["sync"]).exits(2);
    assert!(refused.err.contains("pm.remote"), "{}", refused.err);
    a.pm(&["sync", "two"]).ok();
    a.pm(&["sync", "nobody"]).exits(6);
    a.pm(&["sync", "--", "--upload-pack=touch"]).exits(2);
}

// SE-10: git pm uses the user's own git access, with the same credentials.
#[test]
fn se_10_a_password_in_the_url_is_not_printed() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    a.git(&[
        "config",
        "pm.remote",
        "https://ana:hunter2@127.0.0.1:1/x.git",
    ])
    .ok();
    for args in [
        &["sync"][..],
        &["status"],
        &["doctor"],
        &["start", "T-0001"],
    ] {
        let ran = a.pm(args);
        assert!(
            !format!("{}{}", ran.out, ran.err).contains("hunter2"),
            "{args:?} prints a password: {}{}",
            ran.out,
            ran.err
        );
    }
}

// An exact id of a live item always wins over an alias; zeros do not matter, and the number alone is
// enough; prefixes are only for hash ids.
#[test]
fn an_exact_id_wins_over_an_alias_and_leading_zeros_do_not_matter() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    let item = a.data(&["task", "create", "One"]);
    for name in ["T-0001", "T-1", "t-1", "T-000001", "1"] {
        assert_eq!(a.data(&["show", name])["uid"], item["uid"], "{name}");
    }
    let alias = item["alias"].as_str().unwrap();
    assert_eq!(a.data(&["show", alias])["uid"], item["uid"]);
    assert_eq!(
        a.data(&["task", "edit", alias, "--title", "By alias"])["title"],
        "By alias"
    );
    for name in ["T-00", "T-", "T-0002", "T-0001-zzzz", "2"] {
        a.pm(&["task", "edit", name, "--title", "x"]).exits(4);
    }
}

#[test]
fn news_of_returned_work_say_where_it_stands_now() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Fix", &[]);
    a.pm(&["start", &id]).ok();
    let place = a.worktree(&id);
    place.write("a.txt", "1\n");
    place.commit_all("Fix");
    a.pm(&["finish", &id]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    let c = scene.clone_of(&hub, "c", "Cat");
    c.pm(&["sync"]).ok();
    a.pm(&["task", "return", &id, "--note", "more"]).ok();
    let told = b.pm(&["sync"]).ok().out;
    assert!(told.contains("returned by Ana"), "{told}");
    a.pm(&["finish", &id, "--merge"]).ok();
    let told = c.pm(&["sync"]).ok().out;
    assert!(told.contains("done by Ana"), "{told}");
    assert!(!told.contains("returned"), "{told}");
}
