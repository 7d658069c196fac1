//! Unusual repositories.

use crate::support::{Repo, Scene};

/// A whole journey in one repository.
fn journey(repo: &Repo) {
    repo.pm(&["init"]).ok();
    let id = repo.task("A journey", &["--accept", "done", "--path", "journey.txt"]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("journey.txt", "arrived\n");
    work.commit_all("Walk");
    work.pm(&["task", "accept", &id, "--all"]).ok();
    let done = work.data(&["finish", "--merge"]);
    assert_eq!(done["status"], "done");
    assert_eq!(
        repo.git(&["show", "HEAD:journey.txt"]).ok().out,
        "arrived\n",
        "the work is not on the branch"
    );
    repo.git(&["fsck", "--strict"]).ok();
    repo.pm(&["doctor"]).ok();
}

#[test]
fn the_whole_journey_works_in_a_sha_256_repository() {
    let scene = Scene::new();
    let repo = scene.at("a");
    std::fs::create_dir_all(&repo.path).unwrap();
    repo.git(&["init", "-q", "--object-format=sha256"]).ok();
    repo.write("README.md", "x\n");
    repo.commit_all("Begin");
    let hub = scene.at("hub.git");
    std::fs::create_dir_all(&hub.path).unwrap();
    hub.git(&["init", "-q", "--bare", "--object-format=sha256"])
        .ok();
    repo.git(&["remote", "add", "origin", "../hub.git"]).ok();
    repo.git(&["push", "-q", "-u", "origin", "main"]).ok();
    journey(&repo);
    assert_eq!(repo.tip("refs/pm/main").len(), 64);
    let b = scene.clone_of(&hub, "b", "Bea");
    repo.task("Mine", &[]);
    b.task("Hers", &[]);
    for place in [&repo, &b, &repo] {
        place.pm(&["sync"]).ok();
    }
    assert_eq!(repo.state_tree(), b.state_tree());
    assert_eq!(
        b.data(&["task", "list"])["items"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn a_reftable_repository_is_refused_before_anything_is_written() {
    let scene = Scene::new();
    let repo = scene.at("a");
    std::fs::create_dir_all(&repo.path).unwrap();
    let made = repo.git(&["init", "-q", "--ref-format=reftable"]);
    assert_eq!(
        made.code, 0,
        "this git cannot make a reftable repository: {}",
        made.err
    );
    repo.write("README.md", "x\n");
    repo.commit_all("Begin");
    for args in [&["init"][..], &["task", "create", "x"], &["status"]] {
        let mut all = vec!["--json"];
        all.extend(args);
        let error = repo.pm(&all).exits(5).error();
        assert!(
            error["message"].as_str().unwrap().contains("reftable"),
            "{error}"
        );
        assert!(
            error["hints"].to_string().contains("git refs migrate"),
            "{error}"
        );
    }
    assert!(
        !repo.path.join(".git/refs/pm").exists(),
        "a loose ref that git never sees"
    );
    assert!(!repo.path.join(".git/pm").exists());
}

#[test]
fn in_a_repository_without_commits_tasks_can_be_planned_but_not_started() {
    let scene = Scene::new();
    let repo = scene.at("a");
    std::fs::create_dir_all(&repo.path).unwrap();
    repo.git(&["init", "-q"]).ok();
    repo.pm(&["init"]).ok();
    repo.task("T", &[]);
    repo.pm(&["status"]).ok();
    let before = repo.tip("refs/pm/main");
    let error = repo.pm(&["--json", "start", "T-1"]).exits(5).error();
    assert!(error["hints"].to_string().contains("git commit"), "{error}");
    assert_eq!(repo.tip("refs/pm/main"), before, "a task is partly started");
    repo.git(&["commit", "-q", "--allow-empty", "-m", "Begin"])
        .ok();
    repo.pm(&["start", "T-1"]).ok();
}

#[test]
fn a_detached_head_is_not_moved() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.git(&["checkout", "-q", "--detach"]).ok();
    let head = repo.tip("HEAD");
    repo.pm(&["init"]).ok();
    let id = repo.task("T", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("x.txt", "x\n");
    work.commit_all("Work");
    work.pm(&["finish", "--merge"]).ok();
    assert_eq!(repo.tip("HEAD"), head);
    assert_eq!(
        repo.git(&["symbolic-ref", "-q", "HEAD"]).code,
        1,
        "HEAD was attached"
    );
    assert_eq!(repo.git(&["show", "main:x.txt"]).ok().out, "x\n");
}

#[test]
fn a_bare_repository_has_state_and_worktrees() {
    let scene = Scene::new();
    let source = scene.repo("source");
    let hub = scene.bare("hub.git");
    source
        .git(&["push", "-q", hub.path.to_str().unwrap(), "main"])
        .ok();
    hub.pm(&["init"]).ok();
    let id = hub.task("T", &[]);
    hub.pm(&["status"]).ok();
    hub.pm(&["start", &id]).ok();
    let work = hub.worktree(&id);
    work.write("x.txt", "x\n");
    work.commit_all("Work");
    work.pm(&["finish", "--merge"]).ok();
    assert_eq!(hub.git(&["show", "main:x.txt"]).ok().out, "x\n");
    hub.pm(&["doctor"]).ok();
}

#[test]
fn a_repository_without_identity_is_reported_and_not_written() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("T", &[]);
    std::fs::write(
        scene.dir.path().join("home/gitconfig"),
        "[user]\n\tuseConfigOnly = true\n",
    )
    .unwrap();
    let before = repo.tip("refs/pm/main");
    for args in [
        &["task", "create", "x"][..],
        &["task", "edit", "T-1", "--title", "x"],
        &["start", "T-1"],
        &["reserve", "add", "docs/**"],
    ] {
        let mut all = vec!["--json"];
        all.extend(args);
        let error = repo.pm(&all).exits(5).error();
        assert!(
            error["hints"].to_string().contains("git config user.name"),
            "{error}"
        );
    }
    assert_eq!(repo.tip("refs/pm/main"), before);
    assert_eq!(
        repo.git(&["branch", "--list", "task/*"]).out,
        "",
        "an unrequested branch exists"
    );
    // Reading needs no name, and a name can be given.
    repo.pm(&["task", "list"]).ok();
    repo.pm(&["status"]).ok();
    repo.pm(&["doctor"]).exits(1);
    repo.pm(&["--as", "bea", "task", "comment", "T-1", "x"])
        .ok();
    repo.with("GIT_AUTHOR_NAME", "Carl")
        .pm(&["task", "comment", "T-1", "x"])
        .ok();
}

#[test]
fn a_shallow_clone_has_the_whole_state() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    for n in 0..3 {
        a.write("README.md", &format!("{n}\n"));
        a.commit_all("More");
        a.task(&format!("T {n}"), &[]);
    }
    a.git(&["push", "-q"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.at("b");
    let url = format!("file://{}", hub.path.display());
    scene
        .at(".")
        .git(&[
            "clone",
            "-q",
            "--depth",
            "1",
            &url,
            b.path.to_str().unwrap(),
        ])
        .ok();
    assert_eq!(b.data(&["init"])["items"], 3);
    b.pm(&["--as", "bea", "start", "T-1"]).ok();
    b.task("From b", &[]);
    a.task("From a", &[]);
    for place in [&b, &a, &b] {
        place.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
    assert_eq!(
        b.git(&["rev-parse", "--is-shallow-repository"]).text(),
        "true"
    );
}

#[test]
fn a_partial_clone_has_all_blobs_of_the_state() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    hub.git(&["config", "uploadpack.allowFilter", "true"]).ok();
    a.task("T", &["--body", "text"]);
    a.pm(&["sync"]).ok();
    let b = scene.at("b");
    let url = format!("file://{}", hub.path.display());
    scene
        .at(".")
        .git(&[
            "clone",
            "-q",
            "--filter=blob:none",
            &url,
            b.path.to_str().unwrap(),
        ])
        .ok();
    assert_eq!(b.data(&["init"])["items"], 1);
    assert_eq!(b.data(&["show", "T-1"])["body"], "text\n".trim_end());
    a.task("Later", &["--body", "more"]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    // The remote may be unreachable: nothing of the state is fetched lazily.
    std::fs::rename(&hub.path, scene.dir.path().join("away.git")).unwrap();
    assert_eq!(b.data(&["show", "T-2"])["body"], "more");
    b.pm(&["--as", "bea", "task", "comment", "T-2", "x"]).ok();
    // Also after a plain fetch of the user's, which filters.
    std::fs::rename(scene.dir.path().join("away.git"), &hub.path).unwrap();
    a.task("Third", &["--body", "third text"]);
    a.pm(&["sync"]).ok();
    b.git(&["fetch", "-q"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(b.data(&["show", "T-3"])["body"], "third text");
    std::fs::rename(&hub.path, scene.dir.path().join("away.git")).unwrap();
    assert_eq!(
        b.data(&["task", "list"])["items"].as_array().unwrap().len(),
        3
    );
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let scene = Scene::new();
    let inner = scene.repo("inner");
    let outer = scene.repo("outer");
    outer
        .git(&[
            "submodule",
            "add",
            "-q",
            inner.path.to_str().unwrap(),
            "sub",
        ])
        .ok();
    outer.commit_all("Add it");
    let sub = outer.other("sub");
    journey(&sub);
    assert_eq!(
        outer.tip("refs/pm/main"),
        "",
        "the state was written to the outer repository"
    );
    assert_eq!(outer.git(&["diff", "--name-only"]).ok().out, "sub\n");
}

#[test]
fn a_linked_worktree_shares_the_state() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.git(&["worktree", "add", "-q", "../side", "-b", "side"])
        .ok();
    let side = repo.other("../side");
    side.pm(&["init"]).ok();
    side.task("T", &[]);
    assert_eq!(repo.data(&["show", "T-1"])["title"], "T");
    repo.pm(&["start", "T-1"]).ok();
    assert_eq!(side.data(&["show", "T-1"])["status"], "in_progress");
    assert!(repo.path.join(".git/pm").is_dir());
    let below = side.other("src");
    assert_eq!(
        below.data(&["show", "T-1"])["worktree"],
        side.data(&["show", "T-1"])["worktree"]
    );
}

#[test]
fn a_path_with_spaces_works() {
    let scene = Scene::new();
    let repo = scene.repo("with  two spaces and 'quotes\"");
    journey(&repo);
    let id = repo.task("More", &[]);
    repo.pm(&["start", &id]).ok();
    let list = repo.data(&["worktree", "list"]);
    let items = list["items"].as_array().unwrap();
    assert!(items.iter().any(|w| w["item"] == id.as_str()), "{list}");
}

// git itself cannot find the repository from a linked worktree in this case; everything else works.
#[test]
fn a_path_with_a_line_end_works_without_worktrees() {
    let scene = Scene::new();
    let repo = scene.set_up("with\nline end");
    let id = repo.task("T", &[]);
    let before = repo.tip("refs/pm/main");
    let error = repo.pm(&["--json", "start", &id]).exits(5).error();
    assert!(
        error["hints"].to_string().contains("--no-worktree"),
        "{error}"
    );
    assert_eq!(repo.tip("refs/pm/main"), before, "partly started");
    repo.pm(&["start", &id, "--no-worktree"]).ok();
    repo.git(&["switch", "-q", "task/T-0001-t"]).ok();
    repo.write("x.txt", "x\n");
    repo.commit_all("Work");
    repo.pm(&["finish", &id]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["merge", &id]).ok();
    repo.pm(&["doctor"]).ok();
}

#[test]
fn git_dir_names_the_repository() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("T", &[]);
    let other = scene.repo("b");
    let dir = repo.path.join(".git").display().to_string();
    assert_eq!(
        other.with("GIT_DIR", &dir).data(&["show", "T-1"])["title"],
        "T"
    );
    assert_eq!(
        other.with("GIT_DIR", "../a/.git").data(&["show", "T-1"])["title"],
        "T"
    );
    let by_flag = other.git(&[&format!("--git-dir={dir}"), "pm", "--json", "show", "T-1"]);
    assert_eq!(by_flag.ok().data()["title"], "T");
    let by_c = other.git(&["-C", "../a", "pm", "--json", "show", "T-1"]);
    assert_eq!(by_c.ok().data()["title"], "T");
    other
        .with("GIT_DIR", &dir)
        .pm(&["task", "comment", "T-1", "x"])
        .ok();
    assert_eq!(
        other.tip("refs/pm/main"),
        "",
        "the enclosing repository was changed"
    );
    // Inside git's own folder.
    assert_eq!(repo.other(".git").data(&["show", "T-1"])["title"], "T");
}

// A wrong clock must not break anything.
#[test]
fn a_clock_in_the_far_past_or_future_breaks_nothing() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.when("1970-01-01T00:00:00Z").pm(&["init"]).ok();
    for (n, now) in [
        "1970-01-01T00:00:00Z",
        "1999-12-31T23:59:59Z",
        "2026-01-31T12:00:00Z",
        "2099-12-31T23:59:59Z",
        "2100-06-01T00:00:00Z",
        "2500-01-01T00:00:00Z",
        "9999-01-01T00:00:00Z",
        "1970-01-01T00:00:01Z",
    ]
    .iter()
    .enumerate()
    {
        let then = repo.when(now);
        let id = then.task(&format!("At {now}"), &["--path", &format!("f{n}/x.txt")]);
        then.pm(&["start", &id, "--no-worktree"]).ok();
        then.pm(&["task", "comment", &id, "x"]).ok();
        then.pm(&["task", "edit", "T-0001", "--title", now]).ok();
        assert_eq!(
            then.data(&["show", "T-0001"])["title"],
            *now,
            "the last write was lost"
        );
        for args in [
            &["status"][..],
            &["task", "list"],
            &["log"],
            &["reserve", "list"],
            &["blocked"],
        ] {
            then.pm(args).ok();
        }
    }
    let list = repo.data(&["task", "list"]);
    assert_eq!(
        list["items"].as_array().unwrap().len(),
        8,
        "an item is damaged: {list}"
    );
    assert_eq!(repo.data(&["status"])["damaged"], serde_json::json!([]));
    repo.pm(&["doctor"]).ok();
    repo.git(&["fsck", "--strict"]).ok();
    repo.when("1969-12-31T23:59:59Z").pm(&["status"]).exits(2);
    repo.when("soon").pm(&["status"]).exits(2);
}
