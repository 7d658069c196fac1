//! A redacted text is removed from the state and its history in every clone and does not return,
//! and nothing of the user's is removed.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Repo, Scene, forge, set_up};

const SECRET: &str = "hunter2-AKIAIOSFODNN7EXAMPLE";

/// All objects of a repository that contain a text, reachable or not.
#[track_caller]
fn objects_with(repo: &Repo, text: &str) -> Vec<String> {
    let listed = repo
        .git(&[
            "cat-file",
            "--batch-all-objects",
            "--batch-check=%(objectname)",
        ])
        .ok();
    with_text(repo, &listed.text(), text)
}

/// The objects that contain a text and that a ref or reflog of a repository reaches.
#[track_caller]
fn reachable_with(repo: &Repo, text: &str) -> Vec<String> {
    let listed = repo
        .git(&[
            "rev-list",
            "--objects",
            "--no-object-names",
            "--all",
            "--reflog",
        ])
        .ok();
    with_text(repo, &listed.text(), text)
}

fn with_text(repo: &Repo, listed: &str, text: &str) -> Vec<String> {
    let ids: Vec<&str> = listed.lines().collect();
    assert!(!ids.is_empty(), "the scan read nothing");
    let all = repo.feed(
        "git",
        &["cat-file", "--batch"],
        &format!("{}\n", ids.join("\n")),
    );
    let all = all.ok().out;
    if !all.contains(text) {
        return Vec::new();
    }
    ids.iter()
        .filter(|id| repo.git(&["cat-file", "-p", id]).out.contains(text))
        .map(ToString::to_string)
        .collect()
}

/// Files of git pm, and reflogs, that contain a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut stack = vec![folder.to_path_buf()];
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if std::fs::read(&path)
            .is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(text))
        {
            found.push(path.display().to_string());
        }
    }
    found
}

#[track_caller]
fn assert_gone(repo: &Repo, text: &str) {
    assert_eq!(
        objects_with(repo, text),
        [""; 0],
        "objects of {}",
        repo.path.display()
    );
    for folder in [".git/logs", ".git/pm", ".git/refs"] {
        assert_eq!(files_with(&repo.path.join(folder), text), [""; 0]);
    }
    assert!(!repo.pm(&["task", "list", "--json"]).ok().out.contains(text));
    repo.git(&["fsck", "--full", "--strict"]).ok();
}

#[test]
fn a_redacted_secret_is_removed_from_all_clones_and_does_not_return() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task(
        &format!("Rotate {SECRET} soon"),
        &["--body", "Nothing here"],
    );
    a.task(
        "Deploy",
        &["--body", &format!("Use {SECRET} to log in.\n\nThen go.")],
    );
    a.task("Other", &["--body", "Harmless"]);
    a.pm(&[
        "task",
        "comment",
        "T-0002",
        &format!("it is {SECRET}"),
        "--allow-secret",
    ])
    .ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let c = scene.clone_of(&hub, "c", "Cleo");
    // The history still contains it where the state does not, in every form of storage.
    a.pm(&["task", "edit", "T-0001", "--title", "Rotate the key soon"])
        .ok();
    b.git(&["gc", "--quiet"]).ok();
    // Offline all the time, and working on the same items.
    c.pm(&[
        "task",
        "edit",
        "T-0002",
        "--body",
        &format!("Use {SECRET} twice."),
    ])
    .ok();
    c.pm(&["task", "edit", "T-0003", "--title", "Cleo's own"])
        .ok();
    // Also in a text that no other clone has seen.
    c.pm(&[
        "task",
        "edit",
        "T-0001",
        "--title",
        &format!("No, {SECRET} is fine"),
    ])
    .ok();
    c.pm(&[
        "task",
        "comment",
        "T-0003",
        &format!("why not {SECRET}?"),
        "--allow-secret",
    ])
    .ok();
    c.pm(&["task", "comment", "T-0003", "a word of Cleo's"])
        .ok();
    c.task("Made offline", &[]);

    let shown = a.pm(&["redact", "-", "--dry-run"]);
    assert_eq!(shown.code, 2, "an empty text: {}", shown.err);
    let shown = a.feed(
        crate::support::binary(),
        &["redact", "-", "--dry-run", "--json"],
        SECRET,
    );
    let data = shown.ok().data();
    assert!(!data.to_string().contains(SECRET), "{data}");
    assert!(data["places"].as_array().unwrap().len() >= 3, "{data}");
    let before = a.tip("refs/pm/main");
    assert_eq!(a.tip("refs/pm/main"), before, "a dry run changed the state");
    let done = a.data(&["redact", SECRET, "--reason", "A key was committed"]);
    assert_eq!(done["left"].as_array().unwrap().len(), 0, "{done}");
    assert_gone(&a, SECRET);
    // The surrounding text is kept.
    let text = a.data(&["show", "T-0002"])["body"].to_string();
    assert!(text.contains("Use [redacted] to log in."), "{text}");
    assert_eq!(a.data(&["show", "T-0001"])["title"], "Rotate the key soon");

    a.pm(&["sync"]).ok();
    assert_gone(&a, SECRET);
    assert_eq!(reachable_with(&hub, SECRET), [""; 0]);
    b.pm(&["sync"]).ok();
    assert_gone(&b, SECRET);
    assert_eq!(b.state_tree(), a.state_tree());

    let synced = c.data(&["sync"]);
    assert_eq!(objects_with(&c, SECRET), [""; 0]);
    assert_eq!(reachable_with(&hub, SECRET), [""; 0]);
    c.git(&["fsck", "--full", "--strict"]).ok();
    let comments = c.data(&["show", "T-0003"])["comments"].to_string();
    assert!(comments.contains("a word of Cleo's"), "{comments}");
    // Cleo's other work is shared, and the withheld text is her local draft.
    let drafts: Vec<String> = synced["drafts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|draft| {
            let path = draft.as_str().unwrap();
            let rights = std::fs::metadata(path).unwrap().permissions();
            assert_eq!(rights.mode() & 0o077, 0, "others read {path}");
            std::fs::read_to_string(path).unwrap()
        })
        .collect();
    for text in ["Use S twice.", "No, S is fine", "why not S?"] {
        let text = text.replace('S', "[redacted]");
        assert!(
            drafts.iter().any(|draft| draft.trim() == text),
            "Cleo lost `{text}`: {drafts:?}"
        );
    }
    for clone in [&a, &b] {
        clone.pm(&["sync"]).ok();
        assert_gone(clone, SECRET);
        assert_eq!(clone.data(&["show", "T-0003"])["title"], "Cleo's own");
        assert_eq!(clone.data(&["show", "T-0004"])["title"], "Made offline");
        assert_eq!(clone.state_tree(), c.state_tree());
    }
    assert_eq!(reachable_with(&hub, SECRET), [""; 0]);
    // A new clone never contains it.
    let d = scene.clone_of(&hub, "d", "Dan");
    assert_gone(&d, SECRET);
    assert_eq!(d.data(&["show", "T-0004"])["title"], "Made offline");
}

#[test]
fn a_redacted_text_is_removed_from_present_and_later_ephemeral_states() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let old = repo.data(&["issue", "--ephemeral", "create", &format!("Try {SECRET}")]);
    repo.pm(&["issue", "--ephemeral", "create", "Harmless"])
        .ok();
    let id = old["id"].as_str().unwrap();
    repo.pm(&[
        "issue",
        "--ephemeral",
        "comment",
        id,
        SECRET,
        "--allow-secret",
    ])
    .ok();
    // It is only there, and found there.
    repo.pm(&["redact", SECRET]).ok();
    assert_gone(&repo, SECRET);
    let left = repo.data(&["issue", "--ephemeral", "list"]).to_string();
    assert!(
        left.contains("Harmless") && left.contains("[redacted]"),
        "{left}"
    );
    // Written again it is redacted again, and new ids continue as before.
    let new = repo.data(&["issue", "--ephemeral", "create", &format!("Again {SECRET}")]);
    assert!(new["id"].as_str().unwrap().starts_with("pm-wisp-"), "{new}");
    assert_gone(&repo, SECRET);
}

#[test]
fn a_redaction_keeps_the_users_objects_even_if_unreachable() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    a.task(&format!("Rotate {SECRET}"), &[]);
    a.task("Other", &[]);
    // Unreachable objects of the user, loose and in packs together with those of git pm.
    let dangling = |text: &str| {
        let blob = a
            .feed("git", &["hash-object", "-w", "--stdin"], text)
            .text();
        let tree = a
            .feed("git", &["mktree"], &format!("100644 blob {blob}\tfile\n"))
            .text();
        let commit = a.git(&["commit-tree", &tree, "-m", text]).text();
        [blob, tree, commit]
    };
    let packed = dangling("lost work, packed");
    // A user who checked a file of the state into a branch keeps its content.
    let path = a
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "tasks/"])
        .text();
    let path = path.lines().nth(1).unwrap().to_string();
    let ours = a.tip(&format!("refs/pm/main:{path}"));
    let tree = a
        .feed(
            "git",
            &["mktree"],
            &format!("100644 blob {ours}\tcopy.md\n"),
        )
        .text();
    let copy = a.git(&["commit-tree", &tree, "-m", "a copy"]).text();
    a.git(&["repack", "-adkq"]).ok();
    let loose = dangling("lost work, loose");
    let branches = a.git(&["for-each-ref", "refs/heads", "refs/remotes"]).out;
    a.data(&["redact", SECRET]);
    assert_gone(&a, SECRET);
    for id in packed.iter().chain(&loose).chain([&copy, &tree, &ours]) {
        a.git(&["cat-file", "-e", id]).ok();
    }
    assert_eq!(
        a.git(&["for-each-ref", "refs/heads", "refs/remotes"]).out,
        branches
    );
    a.git(&["reflog", "show", "main"]).ok();
    assert_eq!(a.data(&["show", "T-0002"])["title"], "Other");
}

#[test]
fn redacting_an_item_removes_all_its_texts_and_is_refused_for_agents() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    a.task(
        "A name of a customer",
        &["--body", "All about her", "--label", "vip-her"],
    );
    a.pm(&["task", "comment", "T-0001", "she called"]).ok();
    a.task("Other", &[]);
    let agent = a.with("CLAUDECODE", "1").by("claude");
    let refused = agent.pm(&["redact", "T-0001"]).exits(1);
    assert!(refused.err.contains("requires a human"), "{}", refused.err);
    agent.pm(&["redact", "T-0001", "--dry-run"]).ok();
    a.pm(&["redact", "T-0001", "--field", "labels"]).ok();
    let item = a.data(&["show", "T-0001"]);
    assert_eq!(item["title"], "A name of a customer");
    assert!(!item["labels"].to_string().contains("vip-her"), "{item}");
    let done = a.data(&["redact", "T-0001"]);
    assert!(done["commit"].is_string());
    for text in [
        "A name of a customer",
        "All about her",
        "vip-her",
        "she called",
    ] {
        assert_gone(&a, text);
    }
    let item = a.data(&["show", "T-0001"]);
    assert_eq!(item["title"], "[redacted]");
    assert_eq!(item["status"], "queued");
    assert_eq!(a.data(&["show", "T-0002"])["title"], "Other");
    // Written again, it is redacted again.
    a.pm(&["task", "edit", "T-0002", "--title", "A name of a customer"])
        .ok();
    assert_gone(&a, "A name of a customer");
}

#[test]
fn a_redaction_first_syncs_writes_of_other_clones() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Bob");
    b.pm(&["init"]).ok();
    a.task("The word hunter2", &[]);
    a.pm(&["sync"]).ok();
    let refused = b.pm(&["redact", "hunter2", "--yes"]).exits(4);
    assert!(refused.err.contains("git pm sync"), "{}", refused.err);
    b.pm(&["sync"]).ok();
    b.pm(&["redact", "hunter2", "--yes"]).ok();
}

#[test]
fn a_number_is_redacted_completely() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("One", &["--minutes", "4915112"]);
    repo.task("Two", &["--minutes", "49151123"]);
    repo.pm(&["redact", "4915112"]).ok();
    assert!(repo.data(&["show", "T-0001"])["estimated_minutes"].is_null());
    assert_eq!(
        repo.data(&["show", "T-0002"])["estimated_minutes"],
        49_151_123
    );
}

#[test]
fn a_number_is_redacted_for_any_order_of_alternatives_in_an_expression() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("One", &["--minutes", "4915112"]);
    repo.task("Two", &["--minutes", "49151123"]);
    repo.pm(&["redact", "--regex", "491511|4915112"]).ok();
    let minutes = |id: &str| repo.data(&["show", id])["estimated_minutes"].clone();
    assert!(minutes("T-0001").is_null());
    assert_eq!(minutes("T-0002"), 49_151_123);
    // Written again, it is redacted again.
    repo.pm(&["task", "edit", "T-0001", "--minutes", "4915112"])
        .ok();
    assert!(minutes("T-0001").is_null());
}

#[test]
fn a_redaction_reports_texts_it_cannot_remove() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    a.task("feature", &["--body", "plain"]);
    for (args, code, part) in [
        (&["redact", "nowhere at all"][..], 4, "nothing to redact"),
        (&["redact", "abc"], 2, "fewer than four"),
        (
            &["redact", "--regex", "("],
            2,
            "not a valid regular expression",
        ),
        (&["redact", "--regex", "x*"], 2, "matches every text"),
        (&["redact", "T-0009", "--field", "title"], 4, "T-0009"),
        // A status or type would change in every item.
        (
            &["redact", "T-0001", "--field", "title"],
            2,
            "word of the format",
        ),
    ] {
        let refused = a.pm(args).exits(code);
        assert!(refused.err.contains(part), "{args:?}: {}", refused.err);
    }
    // A user's branch that contains the state belongs to the user.
    a.task(&format!("See {SECRET}"), &[]);
    a.git(&["branch", "keep", "refs/pm/main"]).ok();
    let done = a.pm(&["redact", SECRET, "--json"]).exits(8).data();
    assert!(
        done["left"].to_string().contains("refs/heads/keep"),
        "{done}"
    );
    a.git(&["branch", "-q", "-D", "keep"]).ok();
    a.git(&["reflog", "expire", "--expire=now", "--all"]).ok();
    a.pm(&["gc"]).ok();
    assert_gone(&a, SECRET);
}

#[test]
fn a_remote_that_refuses_to_replace_history_is_reported() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    // Git denies rewinds only for branches: the state is in a branch, as on a host that accepts
    // only those.
    a.git(&["config", "pm.remoteRef", "refs/heads/pm/main"])
        .ok();
    a.task(&format!("See {SECRET}"), &[]);
    a.pm(&["sync"]).ok();
    hub.git(&["config", "receive.denyNonFastForwards", "true"])
        .ok();
    a.pm(&["redact", SECRET]).ok();
    let refused = a.pm(&["sync"]).exits(6);
    assert!(
        refused.err.contains("receive.denyNonFastForwards"),
        "{}",
        refused.err
    );
    // Objects that the attempt fetched again are not kept.
    assert_gone(&a, SECRET);
    hub.git(&["config", "receive.denyNonFastForwards", "false"])
        .ok();
    a.pm(&["sync"]).ok();
    assert_gone(&a, SECRET);
    assert_eq!(reachable_with(&hub, SECRET), [""; 0]);
}

#[test]
fn a_killed_redaction_is_completed_by_the_next_command() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task(&format!("See {SECRET}"), &[]);
    a.pm(&["sync"]).ok();
    // After the swap, before the objects are removed.
    let script = "case \"$1\" in rev-list) kill -9 $PPID; exit 1;; esac\nexec \"$REAL\" \"$@\"";
    let killed = a.wrapping_git("killing", script).pm(&["redact", SECRET]);
    assert_eq!(killed.code, -1, "{}", killed.err);
    assert!(
        !objects_with(&a, SECRET).is_empty(),
        "nothing was interrupted"
    );
    assert_eq!(a.data(&["show", "T-0001"])["title"], "See [redacted]");
    a.pm(&["sync"]).ok();
    assert_gone(&a, SECRET);
    assert_eq!(reachable_with(&hub, SECRET), [""; 0]);
}

#[test]
fn a_redaction_during_a_sync_in_the_same_clone_loses_nothing() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task(&format!("See {SECRET}"), &[]);
    a.pm(&["sync"]).ok();
    a.task("On its way", &[]);
    let script = "case \"$1\" in push) touch started; while [ ! -e go ]; do sleep 0.02; done;; \
                  esac\nexec \"$REAL\" \"$@\"";
    let slow = a.wrapping_git("slow", script).spawn(&["sync"]);
    while !a.path.join("started").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let redacted = a.pm(&["redact", SECRET]).exits(8);
    assert!(redacted.out.contains("another process"), "{}", redacted.out);
    std::fs::write(a.path.join("go"), "").unwrap();
    for ran in crate::support::wait_all(vec![slow]) {
        ran.ok();
    }
    a.pm(&["sync"]).ok();
    assert_gone(&a, SECRET);
    assert_eq!(reachable_with(&hub, SECRET), [""; 0]);
    assert_eq!(a.data(&["show", "T-0002"])["title"], "On its way");
}

#[test]
fn redaction_works_in_a_sha256_repository_and_from_a_linked_worktree() {
    let scene = Scene::new();
    let a = scene.at("a");
    std::fs::create_dir_all(&a.path).unwrap();
    a.git(&["init", "-q", "--object-format=sha256"]).ok();
    a.write("README.md", "x");
    a.commit_all("Begin");
    a.pm(&["init"]).ok();
    a.task(
        &format!("See {SECRET}"),
        &["--body", &format!("and {SECRET} there")],
    );
    a.git(&["worktree", "add", "-q", "../linked"]).ok();
    // A file that is only staged in a worktree is reached by its index alone.
    let linked = a.other("../linked");
    linked.write("staged.txt", "staged in the linked worktree");
    linked.git(&["add", "staged.txt"]).ok();
    a.git(&["repack", "-adq"]).ok();
    let plain = linked.data(&["gc", "--new-generation"]);
    assert_eq!(plain["left"].as_array().unwrap().len(), 0, "{plain}");
    linked.pm(&["redact", "--regex", "hunter2-[A-Z0-9]+"]).ok();
    assert_gone(&a, SECRET);
    linked.git(&["cat-file", "-e", ":staged.txt"]).ok();
    assert_eq!(a.data(&["show", "T-0001"])["title"], "See [redacted]");
}

// A backup made before a redaction contains the redacted text; the remains of a killed load must
// not.
#[cfg(debug_assertions)]
#[test]
fn objects_left_by_a_killed_load_of_an_old_backup_are_removed_by_the_next_gc() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("One", &["--body", SECRET]);
    repo.pm(&["backup", "create", "../old.bundle"]).ok();
    repo.pm(&["redact", SECRET]).ok();
    assert_gone(&repo, SECRET);
    let load = ["backup", "load", "../old.bundle"];
    let killed = repo.with("GIT_PM_FAULT", "git-fetch-done:1:kill").pm(&load);
    assert_ne!(killed.code, 0, "it was not killed");
    assert!(
        !reachable_with(&repo, SECRET).is_empty(),
        "nothing was left"
    );
    repo.pm(&["gc"]).ok();
    assert_gone(&repo, SECRET);
    // The same for the remains of a completed load.
    repo.pm(&load).ok();
    assert_gone(&repo, SECRET);
}

#[test]
fn a_copied_folder_does_not_hide_texts_from_a_redaction() {
    let (_scene, repo) = set_up();
    repo.task("Log in with hunter2hunter2", &[]);
    // So deep that nothing below it is read.
    let tasks = repo.tip("refs/pm/main:tasks");
    let deep: [&[u8]; 8] = [b"agents", b"a", b"b", b"c", b"d", b"e", b"f", b"g"];
    let tree = forge::with(&repo, Some(&repo.state_tree()), &deep, "40000", &tasks);
    forge::commit(&repo, &tree);
    repo.pm(&["redact", "hunter2hunter2", "--yes"]).ok();
    let shown = repo.data(&["show", "T-0001"])["title"].clone();
    assert_eq!(shown, "Log in with [redacted]");
}
