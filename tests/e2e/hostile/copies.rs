//! One folder at millions of paths: a pushed state of a few kilobytes must not stop any command.

use std::time::{Duration, Instant};

use crate::support::{Repo, Scene, forge};

/// A state with a folder at 12^6 paths.
fn with_folder_at_millions_of_paths() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init", "--no-hooks"]).ok();
    repo.task("Before", &[]);
    let blob = forge::blob(&repo, b"no document\n");
    let mut tree = forge::tree(&repo, &[("100644".into(), b"x-k3f9.md".to_vec(), blob)]);
    for _ in 0..6 {
        let name = |n: usize| {
            (
                "40000".to_string(),
                vec![b'a', b'a' + n as u8],
                tree.clone(),
            )
        };
        let entries: Vec<forge::Entry> = (0..12).map(name).collect();
        tree = forge::tree(&repo, &entries);
    }
    let root = repo.state_tree();
    let root = forge::with(&repo, Some(&root), &[b"tasks", b"aa"], "40000", &tree);
    forge::commit(&repo, &root);
    repo.task("After", &[]);
    (scene, repo)
}

/// Runs a command that must end soon.
#[track_caller]
fn require_end(repo: &Repo, args: &[&str]) {
    let mut child = repo.spawn(args);
    // Its output is read concurrently, so that it does not block.
    let taking = [
        child
            .stdout
            .take()
            .map(|out| std::thread::spawn(move || std::io::read_to_string(out))),
        child
            .stderr
            .take()
            .map(|err| std::thread::spawn(move || std::io::read_to_string(err))),
    ];
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let code = status.code();
            assert!(matches!(code, Some(0 | 1 | 5)), "{args:?}: {code:?}");
            break;
        }
        if Instant::now() > end {
            child.kill().unwrap();
            panic!("{args:?} walks a folder at every one of its places");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(taking);
}

#[test]
fn a_folder_at_millions_of_paths_stops_no_command() {
    let (_scene, repo) = with_folder_at_millions_of_paths();
    for args in [
        &["task", "list"][..],
        &["search", "after"],
        &["log"],
        &["diff", "refs/pm/main~2..refs/pm/main"],
        &["show", "T-1", "--at", "refs/pm/main~1"],
        &["undo", "--dry-run"],
        &["fsck"],
        &["fsck", "--repair"],
        &["doctor"],
        &["redact", "Before", "--dry-run"],
    ] {
        require_end(&repo, args);
    }
    assert_eq!(repo.data(&["show", "T-2"])["title"], "After");
}

#[test]
fn a_folder_at_two_paths_is_reported_and_its_documents_are_read_at_their_own_paths() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init", "--no-hooks"]).ok();
    repo.task("One", &[]);
    let root = repo.state_tree();
    let path = forge::path_of(&repo, "T-0001");
    let folder = path.rsplit_once('/').unwrap().0;
    let copied = repo.git(&["rev-parse", &format!("{root}:{folder}")]).text();
    // Sorted before the folder itself in the tree.
    let root = forge::with(&repo, Some(&root), &[b"comments", b"aa"], "40000", &copied);
    forge::commit(&repo, &root);
    let report = repo.pm(&["fsck", "--json"]).data();
    let codes: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"folder-copied"), "{report:#}");
    repo.pm(&["fsck", "--repair"]).ok();
    assert_eq!(repo.data(&["show", "T-1"])["title"], "One");
    assert_eq!(forge::path_of(&repo, "T-0001"), path);
}
