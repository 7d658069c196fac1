//! States that somebody pushed by hand. Whoever fetches one believes nothing of it, keeps what it
//! has, and is told the way out.

use crate::forge;
use crate::support::{Repo, Scene};

/// A hub, a clone with some tasks, and another clone; both have everything.
fn shared(tasks: usize) -> (Scene, Repo, Repo, Repo) {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    for n in 1..=tasks {
        a.pm(&["task", "create", &format!("Task number {n}")]).ok();
    }
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bo");
    b.pm(&["sync"]).ok();
    (scene, hub, a, b)
}

/// Pushes a tree of the state as a commit by Eve, on top of what the hub has.
fn push_tree(repo: &Repo, tree: &str, message: &str) -> String {
    repo.git(&["fetch", "-q", "origin", "refs/pm/main"]).ok();
    let tip = repo.tip("FETCH_HEAD");
    let eve = repo
        .with("GIT_AUTHOR_NAME", "Eve")
        .with("GIT_COMMITTER_NAME", "Eve");
    let made = eve
        .git(&["commit-tree", tree, "-p", &tip, "-m", message])
        .ok()
        .text();
    repo.git(&["push", "-q", "origin", &format!("{made}:refs/pm/main")])
        .ok();
    made
}

/// The tree of the state with only `pm.yaml` in it.
fn emptied(repo: &Repo) -> String {
    let root = forge::entries(repo, &repo.state_tree());
    let kept: Vec<forge::Entry> = root.into_iter().filter(|e| e.1 == b"pm.yaml").collect();
    forge::tree(repo, &kept)
}

fn count(repo: &Repo) -> usize {
    repo.pm(&["list"]).ok().out.matches("T-00").count()
}

#[test]
fn a_commit_without_files_takes_nothing_from_any_clone() {
    let (scene, hub, a, b) = shared(5);
    let bad = push_tree(&a, &emptied(&a), "tidy up");
    let synced = a.pm(&["sync"]).ok();
    assert!(
        synced
            .err
            .contains("5 files of the state vanished at origin")
            && synced
                .err
                .contains(&format!("(commit {} by Eve)", &bad[..12])),
        "{synced:?}"
    );
    assert_eq!(count(&a), 5);
    // Once told it is not told again, and the other clone gets a whole state.
    assert!(!a.pm(&["sync"]).ok().err.contains("vanished"));
    b.pm(&["sync"]).ok();
    assert_eq!(count(&b), 5);
    assert_eq!(a.tip("refs/pm/main"), b.tip("refs/pm/main"));
    assert_eq!(a.tip("refs/pm/main"), hub.tip("refs/pm/main"));
    // One that comes later has it all, too.
    let late = scene.clone_of(&hub, "late", "Lou");
    late.pm(&["sync"]).ok();
    assert_eq!(count(&late), 5);
    a.pm(&["fsck"]).ok();
}

#[test]
fn two_clones_that_heal_at_once_make_the_same_commit() {
    let (_scene, _hub, a, b) = shared(3);
    push_tree(&a, &emptied(&a), "tidy up");
    a.pm(&["pull"]).ok();
    b.pm(&["pull"]).ok();
    assert_eq!(a.tip("refs/pm/main"), b.tip("refs/pm/main"));
    assert_eq!((count(&a), count(&b)), (3, 3));
    b.pm(&["task", "create", "One more"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.tip("refs/pm/main^{tree}"), b.tip("refs/pm/main^{tree}"));
    assert_eq!(count(&a), 4);
}

#[test]
fn one_file_that_vanished_comes_back_and_what_was_written_beside_it_stays() {
    let (_scene, _hub, a, b) = shared(2);
    let path = forge::path_of(&a, "T-0001");
    // Eve renames the other task and puts a link in place of the first one, in one commit.
    b.pm(&["task", "edit", "T-0002", "--title", "Renamed"]).ok();
    let names: Vec<&[u8]> = path.split('/').map(str::as_bytes).collect();
    let link = forge::blob(&b, b"elsewhere");
    let tree = forge::with(&b, Some(&b.state_tree()), &names, "120000", &link);
    push_tree(&b, &tree, "edit");
    let synced = a.pm(&["sync"]).ok();
    assert!(
        synced.err.contains("1 file of the state vanished"),
        "{synced:?}"
    );
    let shown = a.pm(&["list", "--json"]).ok().out;
    assert!(
        shown.contains("Task number 1") && shown.contains("Renamed"),
        "{shown}"
    );
}

#[test]
fn a_repair_that_moves_a_file_is_followed_as_it_is() {
    let (_scene, hub, a, b) = shared(2);
    // The same document once more under a longer name, which nothing but a repair takes away.
    let path = forge::path_of(&a, "T-0001");
    let text = forge::read(&a, &path);
    let uid = text
        .lines()
        .find_map(|l| l.strip_prefix("uid: "))
        .unwrap()
        .trim_matches('"')
        .to_string();
    let longer = path.replace(&uid[22..], &uid[18..]);
    assert_ne!(longer, path);
    forge::put(&a, &longer, text.as_bytes());
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["fsck", "--repair"]).ok();
    a.pm(&["sync"]).ok();
    let synced = b.pm(&["sync"]).ok();
    assert!(!synced.err.contains("vanished"), "{synced:?}");
    assert_eq!(b.tip("refs/pm/main"), hub.tip("refs/pm/main"));
    assert_eq!(a.tip("refs/pm/main"), b.tip("refs/pm/main"));
}
