//! `git pm backup`: a file that restores the state in any repository, is joined with the local
//! state, and is trusted no more than a remote.

use crate::support::{Repo, Scene, forge};

fn set_up() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init", "--no-hooks"]).ok();
    repo.task("one", &["--body", "text"]);
    repo.pm(&["task", "comment", "T-1", "-m", "hello"]).ok();
    (scene, repo)
}

#[test]
fn a_backup_can_be_loaded_into_a_fresh_repository() {
    let (scene, repo) = set_up();
    let made = repo.data(&["backup", "create", "../state.bundle"]);
    assert_eq!(made["items"], 1);
    assert_eq!(made["commit"], repo.tip("refs/pm/main").as_str());
    repo.git(&["bundle", "verify", "-q", "../state.bundle"])
        .ok();
    let fresh = scene.at("fresh dir\nwith a line");
    std::fs::create_dir_all(&fresh.path).unwrap();
    fresh.git(&["init", "-q"]).ok();
    let loaded = fresh.data(&["backup", "load", "../state.bundle"]);
    assert_eq!((&loaded["items"], &loaded["added"]), (&1.into(), &1.into()));
    assert_eq!(fresh.tip("refs/pm/main"), repo.tip("refs/pm/main"));
    assert_eq!(fresh.data(&["show", "T-1"])["body"], "text");
    fresh.pm(&["init", "--no-hooks"]).ok();
    fresh.pm(&["fsck"]).ok();
    assert_eq!(fresh.task("two", &[]), "T-0002");
    let left = fresh.git(&["for-each-ref", "refs/pm-local/fetch"]).text();
    assert_eq!(left, "", "a temporary ref stayed");
    // Nothing of the user's was changed.
    assert_eq!(fresh.git(&["status", "--porcelain"]).text(), "");
    assert!(!fresh.path.join(".git/FETCH_HEAD").exists());
}

#[test]
fn loading_a_backup_joins_and_never_rewinds() {
    let (_scene, repo) = set_up();
    repo.pm(&["backup", "create", "../old.bundle"]).ok();
    repo.pm(&["task", "edit", "T-1", "--title", "newer"]).ok();
    repo.task("two", &[]);
    let tip = repo.tip("refs/pm/main");
    let loaded = repo.data(&["backup", "load", "../old.bundle"]);
    assert_eq!(loaded["changed"], false);
    assert_eq!(
        repo.tip("refs/pm/main"),
        tip,
        "an old backup rewound the state"
    );
    // A state that diverged since then gets the missing items.
    let other = repo.other("../other");
    std::fs::create_dir_all(&other.path).unwrap();
    other.git(&["init", "-q"]).ok();
    other.pm(&["backup", "load", "../old.bundle"]).ok();
    other
        .pm(&["task", "comment", "T-1", "-m", "from elsewhere"])
        .ok();
    other.pm(&["backup", "create", "../other.bundle"]).ok();
    let loaded = repo.data(&["backup", "load", "../other.bundle"]);
    assert_eq!(loaded["changed"], true);
    let item = repo.data(&["show", "T-1"]);
    assert_eq!(item["title"], "newer");
    assert_eq!(item["comments"].as_array().unwrap().len(), 2);
    assert_eq!(repo.data(&["show", "T-2"])["title"], "two");
}

#[test]
fn a_backup_does_not_overwrite_a_file_without_force() {
    let (_scene, repo) = set_up();
    repo.write("keep.bundle", "mine");
    let error = repo
        .pm(&["--json", "backup", "create", "keep.bundle"])
        .exits(2)
        .error();
    assert!(error["hints"].to_string().contains("--force"), "{error}");
    assert_eq!(repo.read("keep.bundle"), "mine");
    repo.pm(&["backup", "create", "keep.bundle", "--force"])
        .ok();
    repo.git(&["bundle", "verify", "-q", "keep.bundle"]).ok();
    repo.pm(&["backup", "create", "no/such/folder.bundle"])
        .exits(5);
    // Without a file name a new one is chosen; no other file is left.
    let made = repo.data(&["backup", "create"]);
    let name = made["file"].as_str().unwrap();
    assert!(name.ends_with(".bundle"), "{name}");
    let hidden = std::fs::read_dir(&repo.path).unwrap().flatten();
    let tmp = hidden.filter(|e| e.file_name().to_string_lossy().ends_with(".tmp"));
    assert_eq!(tmp.count(), 0);
}

#[test]
fn a_damaged_or_foreign_file_is_refused_and_changes_nothing() {
    let (scene, repo) = set_up();
    repo.pm(&["backup", "create", "../good.bundle"]).ok();
    let good = std::fs::read(scene.dir.path().join("good.bundle")).unwrap();
    let put =
        |name: &str, bytes: &[u8]| std::fs::write(scene.dir.path().join(name), bytes).unwrap();
    put("cut.bundle", &good[..good.len() / 2]);
    let mut noise = good.clone();
    let middle = noise.len() - 60;
    noise[middle] ^= 0xff;
    put("noise.bundle", &noise);
    put("text.bundle", b"hello\n");
    put("empty.bundle", b"");
    repo.git(&["bundle", "create", "-q", "../foreign.bundle", "main"])
        .ok();
    // A ref of the right name that is not a state.
    let plain = scene.repo("plain");
    plain.git(&["update-ref", "refs/pm/main", "HEAD"]).ok();
    plain
        .git(&["bundle", "create", "-q", "../plain.bundle", "refs/pm/main"])
        .ok();
    // A state of a later version.
    let later = scene.repo("later");
    later.pm(&["init", "--no-hooks"]).ok();
    let text = forge::of_format(&forge::read(&later, "pm.yaml"), "9.0");
    forge::put(&later, "pm.yaml", text.as_bytes());
    later
        .git(&["bundle", "create", "-q", "../later.bundle", "refs/pm/main"])
        .ok();
    let fresh = scene.at("fresh");
    std::fs::create_dir_all(&fresh.path).unwrap();
    fresh.git(&["init", "-q"]).ok();
    let tip = repo.tip("refs/pm/main");
    for name in ["cut", "noise", "text", "empty", "foreign", "plain", "later"] {
        let file = format!("../{name}.bundle");
        for place in [&repo, &fresh] {
            // The clone that has all objects may not need the damaged part.
            let ran = place.pm(&["--json", "backup", "load", &file]);
            if place.path == repo.path && (name == "noise" || name == "cut") && ran.code == 0 {
                continue;
            }
            let error = ran.exits(5).error();
            assert!(
                !error["hints"].as_array().unwrap().is_empty(),
                "{name}: {error}"
            );
        }
        assert_eq!(repo.tip("refs/pm/main"), tip, "{name} changed the state");
        assert_eq!(fresh.tip("refs/pm/main"), "", "{name} created a state");
    }
    repo.pm(&["backup", "load", "../nothing.bundle"]).exits(4);
    assert_eq!(fresh.git(&["for-each-ref"]).text(), "");
}

#[test]
fn a_backup_restores_a_state_that_cannot_be_read() {
    let (_scene, repo) = set_up();
    repo.pm(&["backup", "create", "../state.bundle"]).ok();
    // All objects of the state are missing, as after a disk failure.
    let objects = repo.git(&["rev-list", "--objects", "--no-object-names", "refs/pm/main"]);
    for id in objects.ok().out.lines() {
        let file = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
        std::fs::remove_file(repo.path.join(file)).unwrap();
    }
    repo.pm(&["task", "list"]).exits(5);
    let loaded = repo.data(&["backup", "load", "../state.bundle"]);
    assert!(!loaded["replaced"].is_null(), "{loaded}");
    assert_eq!(repo.data(&["show", "T-1"])["body"], "text");
    repo.task("two", &[]);
}

#[test]
fn ids_published_before_a_backup_stay_published_after_loading_it() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    a.task("published", &[]);
    a.pm(&["sync"]).ok();
    a.pm(&["backup", "create", "../state.bundle"]).ok();
    let fresh = scene.at("fresh");
    std::fs::create_dir_all(&fresh.path).unwrap();
    fresh.git(&["init", "-q"]).ok();
    fresh.pm(&["backup", "load", "../state.bundle"]).ok();
    assert_eq!(
        fresh.tip("refs/pm-local/published"),
        a.tip("refs/pm-local/published"),
        "a published id could be given a new number"
    );
}

#[test]
fn a_backup_of_a_shallow_clone_is_refused() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("one", &[]);
    a.task("two", &[]);
    a.pm(&["sync"]).ok();
    let url = format!("file://{}", hub.path.display());
    let clone = scene.at("s");
    scene
        .at(".")
        .git(&[
            "clone",
            "-q",
            "--depth",
            "1",
            &url,
            clone.path.to_str().unwrap(),
        ])
        .ok();
    clone
        .git(&[
            "fetch",
            "-q",
            "--depth",
            "1",
            "origin",
            "refs/pm/main:refs/pm/main",
        ])
        .ok();
    let error = clone.pm(&["--json", "backup", "create"]).exits(5).error();
    assert!(error["hints"].to_string().contains("unshallow"), "{error}");
}
