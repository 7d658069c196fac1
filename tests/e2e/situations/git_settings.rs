//! Settings of git and the surroundings of the process: what git pm writes is as git would write it,
//! and a diagnosis names the cause.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::support::{Ran, Repo, Scene, binary, thorough};

/// Every file and folder below a folder.
fn below(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            }
            found.insert(entry.path());
        }
    }
    found
}

/// Runs git pm with another umask.
#[track_caller]
fn pm_with(umask: &str, repo: &Repo, args: &[&str]) {
    let script = format!("umask {umask}; exec \"$@\"");
    let all = [&["-c", &script, "sh", binary()], args].concat();
    repo.run("sh", &all).ok();
}

/// The modes that everything has that ordinary commands write below `.git`, other than commits of the
/// user's: folders, files, and objects.
fn modes_in(setting: Option<&str>, umask: &str) -> [BTreeSet<u32>; 3] {
    let scene = Scene::new();
    let repo = scene.repo("a");
    scene.bare("hub.git");
    repo.git(&["remote", "add", "origin", "../hub.git"]).ok();
    repo.git(&["push", "-q", "-u", "origin", "main"]).ok();
    if let Some(setting) = setting {
        repo.git(&["config", "core.sharedRepository", setting]).ok();
    }
    let git_dir = repo.path.join(".git");
    // Another git makes the folders that are there already, and that of this branch.
    std::fs::create_dir_all(git_dir.join("refs/heads/task")).unwrap();
    std::fs::create_dir_all(git_dir.join("logs/refs/heads/task")).unwrap();
    let before = below(&git_dir);
    let pm = |args: &[&str]| pm_with(umask, &repo, args);
    pm(&["init"]);
    for n in 0..3 {
        pm(&["task", "create", &format!("Task {n}")]);
    }
    pm(&["msg", "send", "--to", "all", "Hello"]);
    pm(&["msg", "inbox"]);
    pm(&["start", "T-0001"]);
    pm(&["list"]);
    pm(&["sync"]);
    // More objects than are written one by one.
    let lines: String = (0..300)
        .map(|n| format!("{{\"op\":\"task.create\",\"title\":\"Item {n}\"}}\n"))
        .collect();
    repo.write("lines", &lines);
    let script = format!("umask {umask}; exec '{}' batch <lines", binary());
    repo.run("sh", &["-c", &script]).ok();
    let packs = std::fs::read_dir(git_dir.join("objects/pack")).unwrap();
    assert!(packs.count() >= 2, "no pack was written");
    let mut modes = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
    // Git leaves those of worktrees to the umask; everybody may run the hooks.
    let others = ["worktrees", "hooks"].map(|name| git_dir.join(name));
    let is_other = |path: &Path| others.iter().any(|folder| path.starts_with(folder));
    for path in below(&git_dir).difference(&before) {
        if is_other(path) {
            continue;
        }
        let found = path.symlink_metadata().unwrap();
        let mode = found.permissions().mode() & 0o7777;
        let which = match (found.is_dir(), path.starts_with(git_dir.join("objects"))) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        };
        if modes[which].insert(mode) {
            println!("{mode:o} {}", path.display());
        }
    }
    modes
}

// libgit2/libgit2#3733, git-lfs/git-lfs#3407, j178/prek#1755: git of another member of the group
// could not add an object to a folder of git pm's, nor move its refs.
#[test]
fn what_is_written_in_a_shared_repository_has_the_modes_that_git_gives() {
    let set = |modes: &[u32]| modes.iter().copied().collect::<BTreeSet<u32>>();
    let group = [set(&[0o2775]), set(&[0o664]), set(&[0o444])];
    assert_eq!(modes_in(Some("group"), "022"), group);
    let group = [set(&[0o2770]), set(&[0o660]), set(&[0o440])];
    assert_eq!(modes_in(Some("true"), "077"), group);
    let exact = [set(&[0o2750]), set(&[0o640]), set(&[0o440])];
    assert_eq!(modes_in(Some("0640"), "022"), exact);
    let none = [set(&[0o700]), set(&[0o600]), set(&[0o400])];
    assert_eq!(modes_in(None, "077"), none);
}

// gitui-org/gitui#2920, git-lfs/git-lfs#4177: git refuses such a repository, and what is written
// there without knowing what it means could be wrong.
#[test]
fn a_repository_that_git_refuses_is_refused_in_its_words_and_stays_as_it_is() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let before = below(&repo.path);
    let tip = repo.read(".git/refs/pm/main");
    let set = |key: &str, value: &str| {
        let file = ["config", "--file", ".git/config", key, value];
        repo.git(&file).ok();
    };
    let refused = |why: &str| {
        for args in [&["task", "create", "One"][..], &["list"], &["init"]] {
            let ran = repo.pm(args).exits(5);
            assert!(ran.err.contains(why), "{}", ran.err);
        }
    };
    set("core.repositoryFormatVersion", "1");
    // One that every git knows, and one whose default is written out.
    set("extensions.worktreeConfig", "true");
    set("extensions.objectFormat", "sha1");
    repo.pm(&["list"]).ok();
    set("extensions.somethingNew", "true");
    refused("unknown repository extension found: somethingnew");
    set("core.repositoryFormatVersion", "0");
    set("extensions.objectFormat", "sha1");
    refused("v1-only extension");
    set("core.repositoryFormatVersion", "9");
    refused("Expected git repo version <= 1, found 9");
    assert_eq!(below(&repo.path), before);
    assert_eq!(repo.read(".git/refs/pm/main"), tip);
}

/// Runs a program in namespaces of its own; `None`, and a message, where that is not possible.
pub(super) fn unshared(repo: &Repo, how: &[&str], args: &[&str]) -> Option<Ran> {
    let ran = repo.run("unshare", &[how, args].concat());
    if ran.code == 0 || !ran.err.contains("unshare: ") {
        return Some(ran);
    }
    eprintln!("SKIPPED: no user namespaces here: {}", ran.err);
    assert!(!thorough(), "a skip fails in CI");
    None
}

// golang/go#13470, hadolint/hadolint#741, moby/moby#29478: in a container, or with a directory
// service, nothing says who the user is. A lookup in a static binary crashed it.
#[test]
fn without_a_home_and_an_entry_for_the_user_commands_and_the_guard_work() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("One", &[]);
    let bob = repo.by("bob");
    bob.pm(&["reserve", "add", "src/**"]).ok();
    let nobody = ["--user", "--map-user=64242", "--map-group=64242", "env"];
    let nobody = [&nobody[..], &["-u", "HOME", "-u", "GIT_CONFIG_GLOBAL"]].concat();
    let Some(listed) = unshared(&repo, &nobody, &[binary(), "list"]) else {
        return;
    };
    assert!(listed.ok().out.contains("T-0001"));
    let create = |more: &[&str]| {
        let args = [more, &[binary(), "task", "create", "Two"]].concat();
        unshared(&repo, &nobody, &args).unwrap()
    };
    let unnamed = create(&[]);
    assert_eq!(unnamed.code, 5, "{}", unnamed.err);
    assert!(unnamed.err.contains("user.name"), "{}", unnamed.err);
    repo.git(&["config", "user.name", "Cleo"]).ok();
    repo.git(&["config", "user.email", "cleo@example.org"]).ok();
    create(&[]).ok();
    // The home of a user whose name is looked up.
    let config = repo.read(".git/config");
    let include = "[include]\n\tpath = ~nobody-at-all/config\n";
    repo.write(".git/config", &format!("{config}{include}"));
    let included = unshared(&repo, &nobody, &[binary(), "list"]).unwrap();
    assert!([0, 5].contains(&included.code), "{}", included.err);
    repo.write(".git/config", &config);
    repo.write("src/auth.rs", "changed\n");
    repo.git(&["add", "."]).ok();
    let commit = ["git", "commit", "-q", "-m", "Change"];
    let ran = unshared(&repo, &nobody, &commit).unwrap();
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("bob"), "{}", ran.err);
}

// gastownhall/beads#170, jedbjorn/subfloor#389: the network was blamed.
#[test]
fn a_sync_on_a_read_only_file_system_says_so() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bob");
    b.task("Two", &[]);
    b.pm(&["sync"]).ok();
    for limit in ["100", "1"] {
        a.git(&["config", "fetch.unpackLimit", limit]).ok();
        let script = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && \
                      cd \"$1\" && exec \"$2\" sync";
        let place = a.path.to_str().unwrap();
        let args = ["sh", "-c", script, "sh", place, binary()];
        let Some(ran) = unshared(&a, &["-Urm"], &args) else {
            return;
        };
        assert_eq!(ran.code, 5, "{}", ran.err);
        assert!(ran.err.contains("Read-only file system"), "{}", ran.err);
        assert!(!ran.err.contains("network"), "{}", ran.err);
    }
}

// metamath/set.mm#1754, gedwolmen/gitnotes#1199: the work would have been done again.
#[test]
fn a_merge_in_a_shallow_clone_names_it_as_the_cause() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["start", "T-0001"]).ok();
    let work = a.worktree("T-0001");
    work.write("new.txt", "work\n");
    work.commit_all("Work");
    work.pm(&["finish"]).ok();
    for n in 0..3 {
        a.write("README.md", &format!("{n}\n"));
        a.commit_all("More");
    }
    a.git(&["push", "-q"]).ok();
    a.pm(&["sync"]).ok();
    let shallow = scene.at("shallow");
    let url = format!("file://{}", hub.path.display());
    let place = shallow.path.to_str().unwrap();
    let clone = [
        "clone",
        "-q",
        "--depth=1",
        "--no-single-branch",
        &url,
        place,
    ];
    a.git(&clone).ok();
    shallow.pm(&["init"]).ok();
    shallow.pm(&["status"]).ok();
    shallow.pm(&["task", "approve", "T-0001"]).ok();
    for strategy in ["squash", "merge", "rebase"] {
        let ran = shallow.pm(&["merge", "T-0001", "--strategy", strategy]);
        let ran = ran.exits(5);
        assert!(ran.err.contains("a shallow clone"), "{}", ran.err);
        assert!(ran.err.contains("git fetch --unshallow"), "{}", ran.err);
    }
    shallow.git(&["fetch", "-q", "--unshallow"]).ok();
    shallow.pm(&["merge", "T-0001"]).ok();
    assert_eq!(shallow.git(&["show", "main:new.txt"]).text(), "work");
}

// gitextensions/gitextensions#12479: 'git init' there would have begun another repository.
#[test]
fn a_worktree_whose_repository_was_moved_is_told_how_it_finds_it_again() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let work = repo.worktree("T-0001");
    let moved = scene.at("moved");
    std::fs::rename(&repo.path, &moved.path).unwrap();
    work.write("new.txt", "work\n");
    let repair = format!("git worktree repair {}", work.path.display());
    for args in [&["status"][..], &["finish"], &["init"]] {
        let ran = work.pm(args).exits(5);
        assert!(ran.err.contains("no longer there"), "{}", ran.err);
        assert!(ran.err.contains(&repair), "{}", ran.err);
        assert!(!ran.err.contains("git init"), "{}", ran.err);
    }
    // In the moved repository, too, the link is not taken for an agent's work alone.
    let ran = moved.pm(&["finish", "T-0001"]);
    assert!(ran.code != 0 && ran.err.contains(&repair), "{}", ran.err);
    let status = moved.pm(&["status"]).ok().out;
    assert!(status.contains(&format!("next: {repair}")), "{status}");
    for args in [&["worktree", "list"][..], &["doctor"]] {
        let out = moved.pm(args).ok().out;
        assert!(out.contains(&repair), "{out}");
    }
    moved
        .git(&["worktree", "repair", work.path.to_str().unwrap()])
        .ok();
    work.pm(&["status"]).ok();
}

// A commit in a worktree that was moved with `mv` was said to need another git.
#[test]
fn a_worktree_that_was_moved_is_told_how_its_repository_finds_it_again() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let moved = scene.at("moved");
    std::fs::rename(&repo.worktree("T-0001").path, &moved.path).unwrap();
    let repair = format!("git worktree repair {}", moved.path.display());
    moved.write("new.txt", "work\n");
    moved.git(&["add", "-A"]).ok();
    let commit = || moved.git(&["commit", "-qm", "Work"]);
    let ran = commit();
    assert!(ran.code != 0 && ran.err.contains(&repair), "{}", ran.err);
    let is_wrong = ["install git", "safe.directory"].map(|wrong| ran.err.contains(wrong));
    assert_eq!(is_wrong, [false, false], "{}", ran.err);
    let out = moved.pm(&["doctor"]).ok().out;
    assert!(out.contains(&repair), "{out}");
    let out = repo.pm(&["doctor"]).ok().out;
    assert!(out.contains("git worktree repair NEW-PATH"), "{out}");
    let ran = repo.pm(&["worktree", "path", "T-0001"]).exits(4);
    assert!(
        ran.err.contains("git worktree repair NEW-PATH"),
        "{}",
        ran.err
    );
    let place = moved.path.to_str().unwrap();
    repo.git(&["worktree", "repair", place]).ok();
    commit().ok();
}

// The same mistake elsewhere: what is there is no reason for `git init`.
#[test]
fn a_repository_that_cannot_be_opened_is_not_taken_for_none() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    let named = repo.with("GIT_DIR", "/nowhere/at/all").pm(&["status"]);
    let named = named.exits(5);
    assert!(named.err.contains("/nowhere/at/all"), "{}", named.err);
    std::fs::remove_dir_all(repo.path.join(".git")).unwrap();
    repo.write(".git", "gitdir: ../.git/modules/gone\n");
    let broken = repo.pm(&["status"]).exits(5);
    assert!(broken.err.contains("modules/gone"), "{}", broken.err);
    for ran in [named, broken] {
        assert!(!ran.err.contains("git init"), "{}", ran.err);
    }
}
