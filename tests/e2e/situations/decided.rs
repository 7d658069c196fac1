//! Situations in which what is right is a matter of choice, as docs/repositories.md decides them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::support::{Scene, binary};

#[test]
fn work_on_an_orphan_branch_is_merged_where_the_target_is_set() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.git(&["switch", "-q", "--orphan", "gh-pages"]).ok();
    repo.write("index.html", "<p>\n");
    repo.commit_all("Pages");
    repo.task("Page", &[]);
    // A branch would be the target.
    repo.pm(&["start", "T-0001", "--base", &repo.tip("gh-pages")])
        .ok();
    let place = repo.worktree("T-0001");
    place.write("more.html", "<p>\n");
    place.commit_all("More");
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", "T-0001"]).ok();
    let refused = repo.pm(&["merge", "T-0001"]).exits(1);
    assert!(refused.err.contains("share no history"), "{}", refused.err);
    assert!(
        refused.err.contains("git pm config pm.target BRANCH"),
        "{}",
        refused.err
    );
    // As it says.
    repo.pm(&["config", "pm.target", "gh-pages"]).ok();
    repo.pm(&["task", "return", "T-0001", "--note", "Onto gh-pages"])
        .ok();
    place.pm(&["start", "T-0001", "--resume"]).ok();
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", "T-0001"]).ok();
    repo.pm(&["merge", "T-0001"]).ok();
    assert_eq!(repo.read("more.html"), "<p>\n");
}

#[test]
fn a_repository_that_a_hook_names_is_named_where_it_is_not_set_up() {
    let scene = Scene::new();
    let (one, other) = (scene.repo("one"), scene.repo("other"));
    other.pm(&["init"]).ok();
    let named = one.path.join(".git");
    let other = other.with("GIT_DIR", named.to_str().unwrap());
    let refused = other.pm(&["status"]).exits(5);
    assert!(refused.err.contains("GIT_DIR"), "{}", refused.err);
    assert!(
        refused
            .err
            .contains("unset $(git rev-parse --local-env-vars)"),
        "{}",
        refused.err
    );
}

#[test]
fn a_remote_that_suddenly_lists_nothing_is_no_lost_state() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let (held, empty) = (scene.at("held.git"), scene.bare("empty.git"));
    std::fs::rename(&hub.path, &held.path).unwrap();
    std::fs::rename(&empty.path, &hub.path).unwrap();
    let words = "answers, but lists no branches and no state";
    let pulled = a.pm(&["pull"]).ok();
    assert!(pulled.err.contains(words), "{}", pulled.err);
    let doctor = a.pm(&["doctor"]).ok();
    assert!(doctor.out.contains(words), "{}", doctor.out);
    assert!(!doctor.out.contains("was deleted"), "{}", doctor.out);
    std::fs::remove_dir_all(&hub.path).unwrap();
    std::fs::rename(&held.path, &hub.path).unwrap();
    a.pm(&["sync"]).ok();
}

#[test]
fn a_rule_of_the_server_for_messages_is_told_from_one_for_branches() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let hook = "#!/bin/sh\necho 'ERROR: no ticket number' >&2\nexit 1\n";
    crate::support::script_file(&hub.path.join("hooks/pre-receive"), hook);
    a.task("One", &[]);
    let refused = a.pm(&["sync"]).exits(6);
    for words in ["ERROR: no ticket number", "git pm config pm.remote URL"] {
        let said = format!("{}{}", refused.out, refused.err);
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn an_argument_that_is_not_utf_8_is_named_with_the_pattern_that_stands_for_it() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let name = OsStr::from_bytes(b"caf\xe9.txt");
    let out = repo
        .command(binary())
        .args([OsStr::new("reserve"), OsStr::new("add"), name])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains("`caf\u{fffd}.txt` is not UTF-8"), "{said}");
    assert!(said.contains("`caf?.txt`"), "{said}");
}

#[test]
fn two_documents_of_one_name_from_outside_are_told_apart() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    for (folder, text) in [
        ("x", "# One\n\n- [ ] Do one\n"),
        ("y", "# Two\n\n- [ ] Do two\n"),
    ] {
        std::fs::create_dir(scene.at(folder).path).unwrap();
        std::fs::write(scene.at(folder).path.join("prd.txt"), text).unwrap();
    }
    repo.pm(&["prd", "add", "../x/prd.txt"]).ok();
    let refused = repo.pm(&["prd", "add", "../y/prd.txt"]).exits(3);
    for words in [
        "if it is a newer version: `git pm plan update ../y/prd.txt --write`",
        "if it is another document: rename it, or copy it into the repository",
    ] {
        assert!(refused.err.contains(words), "{}", refused.err);
    }
}

#[test]
fn a_batch_of_requests_is_refused_with_the_remedy() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let first = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#;
    let batch = r#"[{"jsonrpc":"2.0","id":7,"method":"ping"}]"#;
    let ran = repo
        .feed(binary(), &["mcp"], &format!("{first}\n{batch}\n"))
        .ok();
    let answer = ran.out.lines().find(|line| line.contains("\"id\":7"));
    let answer = answer.unwrap_or_else(|| panic!("{}", ran.out));
    assert!(answer.contains("send one message a line"), "{answer}");
}

#[test]
fn what_a_new_worktree_lacks_is_named_with_the_setting_that_brings_it() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.write(".gitignore", "node_modules/\n");
    repo.write("package.json", "{}\n");
    repo.commit_all("Packages");
    repo.write("node_modules/x/index.js", "\n");
    repo.pm(&["init"]).ok();
    repo.task("One", &[]);
    let started = repo.pm(&["start", "T-0001"]).ok();
    let said = format!("{}{}", started.out, started.err);
    assert!(said.contains("git pm config pm.setup \"npm ci\""), "{said}");
    // Set up, it is not named again.
    repo.git(&["config", "pm.setup", "true"]).ok();
    repo.task("Two", &[]);
    let started = repo.pm(&["start", "T-0002"]).ok();
    assert!(!format!("{}{}", started.out, started.err).contains("npm ci"));
}
