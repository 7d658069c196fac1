//! Setting a repository up and taking git pm out again; settings, trust, doctor; and repositories
//! that are not the usual one.

use crate::support::{Repo, Scene};

/// What a user would notice if `init` touched it.
fn fingerprint(repo: &Repo) -> String {
    let mut all = String::new();
    for args in [
        &["status", "--porcelain=v2", "--branch"][..],
        &["branch", "-a"],
        &["rev-parse", "HEAD"],
        &["symbolic-ref", "HEAD"],
        &["ls-files", "-s"],
        &[
            "config",
            "--get-regexp",
            "^(remote\\..*\\.push|push\\.|branch\\.)",
        ],
        &["push", "--dry-run", "--porcelain"],
        &["for-each-ref", "refs/heads", "refs/tags", "refs/remotes"],
    ] {
        let ran = repo.git(args);
        all += &format!("{args:?} {}\n{}", ran.code, ran.out);
    }
    all += &format!(
        "FETCH_HEAD {:?}\n",
        std::fs::read(repo.path.join(".git/FETCH_HEAD")).ok()
    );
    all
}

// Must show 2: init leaves everything of the user's as it was; doing it again changes nothing.
#[test]
fn init_twice_does_no_harm() {
    let scene = Scene::new();
    let hub = scene.bare("hub.git");
    let repo = scene.repo("a");
    repo.git(&["remote", "add", "origin", "../hub.git"]).ok();
    repo.git(&["push", "-q", "-u", "origin", "main"]).ok();
    repo.write("src/main.rs", "fn main() { /* dirty */ }\n");
    repo.write("untracked.txt", "x\n");
    let before = fingerprint(&repo);
    let first = repo.data(&["init"]);
    assert_eq!(first["created"], true);
    assert_eq!(
        fingerprint(&repo),
        before,
        "init touched what is the user's"
    );
    let tip = repo.tip("refs/pm/main");
    let config = repo.read(".git/config");
    let hooks = tree_of(&repo.path.join(".git/hooks"));
    let second = repo.data(&["init"]);
    assert_eq!(second["created"], false);
    assert_eq!(second["refspecs"], serde_json::json!([]));
    assert_eq!(repo.tip("refs/pm/main"), tip);
    assert_eq!(repo.read(".git/config"), config);
    assert_eq!(tree_of(&repo.path.join(".git/hooks")), hooks);
    assert_eq!(fingerprint(&repo), before);
    repo.task("T", &[]);
    repo.pm(&["sync"]).ok();
    assert_eq!(
        fingerprint(&repo),
        before,
        "sync touched what is the user's"
    );
    // The state is readable with git alone.
    let path = crate::forge::path_of(&repo, "T-0001");
    let text = repo
        .git(&["show", &format!("refs/pm/main:{path}")])
        .ok()
        .out;
    assert!(
        text.starts_with("---\n") && text.contains("title: T\n"),
        "{text}"
    );
    // A clone has everything after `init`, and says so before it.
    let clone = scene.at("b");
    repo.git(&[
        "clone",
        "-q",
        hub.path.to_str().unwrap(),
        clone.path.to_str().unwrap(),
    ])
    .ok();
    let error = clone.pm(&["--json", "task", "list"]).exits(5).error();
    assert!(
        error["hints"].to_string().contains("git pm init"),
        "{error}"
    );
    let report = clone.data(&["init"]);
    assert_eq!(report["items"], 1);
    assert!(!report["adopted"].is_null());
    assert_eq!(clone.state_tree(), repo.state_tree());
}

fn tree_of(dir: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|e| e.path().is_file())
        .map(|e| {
            (
                e.file_name().to_string_lossy().into(),
                std::fs::read(e.path()).unwrap(),
            )
        })
        .collect();
    all.sort();
    all
}

#[test]
fn uninstall_leaves_the_refs() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.task("T", &[]);
    repo.pm(&["sync"]).ok();
    let refs = repo.git(&["for-each-ref", "refs/pm", "refs/pm-local"]).out;
    let report = repo.data(&["uninstall"]);
    assert!(
        report["kept"].to_string().contains("refs/pm/main"),
        "{report}"
    );
    assert_eq!(
        repo.git(&["for-each-ref", "refs/pm", "refs/pm-local"]).out,
        refs
    );
    assert_eq!(
        repo.git(&["config", "--get-all", "remote.origin.fetch"])
            .out
            .lines()
            .count(),
        1
    );
    for (name, bytes) in tree_of(&repo.path.join(".git/hooks")) {
        let live = !name.ends_with(".sample");
        let ours = String::from_utf8_lossy(&bytes).contains("git-pm");
        assert!(!(live && ours), "{name} still calls git pm");
    }
    repo.write("README.md", "x\n");
    repo.commit_all("A commit without hooks");
    // It can come back, with everything.
    repo.pm(&["init"]).ok();
    assert_eq!(repo.data(&["show", "T-1"])["title"], "T");
    repo.pm(&["uninstall"]).ok();
    repo.pm(&["uninstall"]).ok();
}

#[test]
fn config_sets_and_unsets() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    let all = repo.data(&["config"]);
    assert!(all["items"].as_array().unwrap().len() > 10);
    let one = repo.data(&["config", "pm.mergeStrategy"]);
    assert_eq!(one["value"], "squash");
    assert_eq!(one["source"], "default");
    let one = repo.data(&["config", "pm.mergeStrategy", "rebase"]);
    assert_eq!(one["value"], "rebase");
    assert_eq!(one["source"], "git config");
    assert_eq!(repo.git(&["config", "pm.mergeStrategy"]).text(), "rebase");
    let one = repo.data(&["config", "mergestrategy", "--unset"]);
    assert_eq!(one["value"], "squash");
    repo.pm(&["config", "pm.mergeStrategy", "--unset"]).ok();
    let error = repo
        .pm(&["--json", "config", "pm.colour", "x"])
        .exits(4)
        .error();
    assert!(
        error["hints"].to_string().contains("git pm config"),
        "{error}"
    );
    assert_eq!(repo.git(&["config", "pm.colour"]).code, 1);
}

/// A started task with one commit, ready to be finished.
fn worked(repo: &Repo) -> Repo {
    let id = repo.task("T", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("x.txt", "x\n");
    work.commit_all("Work");
    work
}

// DESIGN 7: commands come only from this clone's config, or from a checked-in file whose content
// the user trusted.
#[test]
fn trust_is_by_content() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    let canary = scene.dir.path().join("canary");
    let gates = |command: &str| format!("[gates]\ntest = \"{command}\"\n");
    repo.write(
        ".pm.toml",
        &gates(&format!("echo ran >> '{}'", canary.display())),
    );
    repo.commit_all("Gates");
    repo.pm(&["init"]).ok();
    let work = worked(&repo);
    // Not trusted: nothing runs, and the way out is named.
    let error = work.pm(&["--json", "finish"]).exits(1).error();
    assert!(
        error["hints"].to_string().contains("git pm trust"),
        "{error}"
    );
    assert!(!canary.exists(), "an untrusted command ran");
    let report = repo.data(&["trust"]);
    assert_eq!(report["trusted"], false);
    assert!(
        report["commands"].to_string().contains("echo ran"),
        "{report}"
    );
    assert!(!canary.exists());
    // An agent cannot trust, under any name.
    repo.with("CLAUDECODE", "1")
        .pm(&["--as", "Ana", "trust", "--yes"])
        .exits(1);
    assert_eq!(repo.data(&["trust"])["trusted"], false);
    repo.pm(&["trust", "--yes"]).ok();
    // Changed content is untrusted again: also in the worktree, which is what `finish` looks at.
    work.write(
        ".pm.toml",
        &gates(&format!("echo evil >> '{}'", canary.display())),
    );
    work.commit_all("Change the gates");
    work.pm(&["finish"]).exits(1);
    assert!(!canary.exists(), "a changed command ran without trust");
    work.git(&["revert", "--no-edit", "HEAD"]).ok();
    work.pm(&["finish"]).ok();
    assert_eq!(std::fs::read_to_string(&canary).unwrap(), "ran\n");
    // Taken back.
    repo.pm(&["trust", "--revoke"]).ok();
    assert_eq!(repo.data(&["trust"])["trusted"], false);
    // Trust is this clone's own: nothing of it is in the state.
    assert!(
        !repo
            .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
            .out
            .contains("trust")
    );
}

#[test]
fn a_broken_pm_toml_stops_finish_with_its_reason() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    let work = worked(&repo);
    for bad in [
        "[gates\n",
        "gates = 3\n",
        "[gates]\ntest = 3\n",
        "setup = \"x\"\n",
    ] {
        work.write(".pm.toml", bad);
        work.commit_all("Broken");
        let error = work.pm(&["--json", "finish"]).exits(2).error();
        assert!(
            error["message"].as_str().unwrap().contains(".pm.toml"),
            "{error}"
        );
    }
    std::fs::remove_file(work.path.join(".pm.toml")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", work.path.join(".pm.toml")).unwrap();
    work.commit_all("A link");
    work.pm(&["finish"]).exits(2);
}

// Gates of git's config run without more ado; one that fails stops finish and shows why.
#[test]
fn a_failing_gate_stops_finish() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    let work = worked(&repo);
    let marker = scene.dir.path().join("order");
    repo.git(&[
        "config",
        "--add",
        "pm.gate",
        &format!("lint=pwd > '{}'", marker.display()),
    ])
    .ok();
    repo.git(&[
        "config",
        "--add",
        "pm.gate",
        "test=echo it broke; printf '\\033[31mred'; exit 3",
    ])
    .ok();
    let ran = work.pm(&["finish"]).exits(1);
    assert!(
        ran.err.contains("it broke") && ran.err.contains("test"),
        "{}",
        ran.err
    );
    assert!(
        !ran.err.contains('\u{1b}'),
        "a gate's output steers the terminal"
    );
    assert_eq!(repo.data(&["show", "T-1"])["status"], "in_progress");
    let place = std::fs::read_to_string(&marker).unwrap();
    assert_eq!(
        std::fs::canonicalize(place.trim()).unwrap(),
        std::fs::canonicalize(&work.path).unwrap(),
        "gates run in the task's worktree"
    );
    repo.git(&["config", "--unset-all", "pm.gate"]).ok();
    repo.git(&["config", "--add", "pm.gate", "test=true"]).ok();
    work.pm(&["finish"]).ok();
    let text = crate::forge::read(&repo, &crate::forge::path_of(&repo, "T-0001"));
    assert!(
        text.contains("gates_passed: test"),
        "the passed gate is no evidence:\n{text}"
    );
}

#[test]
fn doctor_exits_1_for_faults_only() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    let report = repo.data(&["doctor"]);
    assert_eq!(report["faulty"], false, "{report}");
    // Notes do not count: an agent, no hooks, a plain fetch without the state.
    repo.pm(&["hook", "uninstall"]).ok();
    repo.git(&["config", "--unset-all", "remote.origin.fetch"])
        .ok();
    let report = repo.with("CLAUDECODE", "1").data(&["doctor"]);
    assert!(report["findings"].to_string().contains("agent"), "{report}");
    assert_eq!(report["faulty"], false);
    // Faults do, each with what mends it.
    repo.git(&[
        "config",
        "--add",
        "remote.origin.fetch",
        "+refs/pm/*:refs/pm/*",
    ])
    .ok();
    let ran = repo.pm(&["--json", "doctor"]).exits(1);
    let faults: Vec<serde_json::Value> = ran.data()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["level"] == "fault")
        .cloned()
        .collect();
    assert_eq!(faults.len(), 1, "{faults:?}");
    let fix = faults[0]["fix"].as_str().unwrap();
    assert_eq!(
        repo.run("sh", &["-c", fix]).code,
        0,
        "the named command does not work: {fix}"
    );
    repo.pm(&["doctor"]).ok();
    repo.git(&["config", "remote.origin.mirror", "true"]).ok();
    repo.pm(&["doctor"]).exits(1);
    repo.git(&["config", "--unset", "remote.origin.mirror"])
        .ok();
    // Hooks that somebody switched off behind our back.
    repo.pm(&["init"]).ok();
    repo.git(&["config", "core.hooksPath", "/dev/null"]).ok();
    let ran = repo.pm(&["doctor"]);
    assert!(ran.out.contains("hooks"), "{}", ran.out);
    // Before init: a fault that names it.
    let bare = scene.repo("fresh");
    let ran = bare.pm(&["doctor"]).exits(1);
    assert!(ran.out.contains("git pm init"), "{}", ran.out);
}

#[test]
fn a_bare_git_pm_is_the_status_and_names_what_to_do() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    repo.task("T", &[]);
    let (short, long) = (repo.pm(&[]).ok().out, repo.pm(&["status"]).ok().out);
    assert_eq!(short, long);
    assert!(short.contains("T-0001"), "{short}");
    assert_eq!(repo.data(&[])["actor"], "Ana");
    // As git runs it.
    assert_eq!(repo.git(&["pm", "status"]).ok().out, long);
    assert!(repo.git(&["pm", "-h"]).ok().out.contains("task"));
}

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
fn a_sha_256_repository_takes_the_whole_journey() {
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
fn a_repository_without_commits_plans_but_does_not_start() {
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
    assert_eq!(repo.tip("refs/pm/main"), before, "a half-started task");
    repo.git(&["commit", "-q", "--allow-empty", "-m", "Begin"])
        .ok();
    repo.pm(&["start", "T-1"]).ok();
}

#[test]
fn a_detached_head_is_left_alone() {
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
fn a_repository_without_identity_says_so_and_writes_nothing() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
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
        "a branch nobody asked for"
    );
    // Reading needs no name, and one can be given.
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
    // The remote may be gone: nothing of the state is fetched lazily.
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
        "the state went into the outer repository"
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

// git itself cannot find the repository from a linked worktree then; everything else works.
#[test]
fn a_path_with_a_line_end_works_without_worktrees() {
    let scene = Scene::new();
    let repo = scene.repo("with\nline end");
    repo.pm(&["init"]).ok();
    let id = repo.task("T", &[]);
    let before = repo.tip("refs/pm/main");
    let error = repo.pm(&["--json", "start", &id]).exits(5).error();
    assert!(
        error["hints"].to_string().contains("--no-worktree"),
        "{error}"
    );
    assert_eq!(repo.tip("refs/pm/main"), before, "half started");
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
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
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
        "it wrote into the repository around it"
    );
    // Inside git's own folder.
    assert_eq!(repo.other(".git").data(&["show", "T-1"])["title"], "T");
}

// Time: a wrong clock must not break anything.
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
            "the last writer lost"
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

#[test]
fn completions_and_man_need_no_repository() {
    let scene = Scene::new();
    std::fs::create_dir(scene.dir.path().join("empty")).unwrap();
    let place = scene.at("empty");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.pm(&["completions", shell]).ok().out;
        assert!(script.contains("reserve"), "{shell}");
    }
    place.pm(&["completions", "tcsh"]).exits(2);
    assert!(
        place.pm(&["man"]).ok().out.starts_with(".ie")
            || place.pm(&["man"]).ok().out.contains(".TH")
    );
    let written = place.data(&["man", "--install", "pages"]);
    assert!(written["items"].as_array().unwrap().len() > 5);
    assert!(place.path.join("pages/git-pm.1").is_file());
}
