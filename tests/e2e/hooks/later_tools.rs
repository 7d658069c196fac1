//! Tools installed after `git pm init`, and repositories in which it could not install hooks: a
//! disabled guard is always reported, and the tools keep working.

use std::path::Path;

use crate::support::{Ran, Repo, Scene, script_file};

fn reserve(who: &Repo, path: &str) {
    who.pm(&["reserve", "add", "--new", path]).ok();
}

#[track_caller]
fn stopped(repo: &Repo, path: &str) {
    repo.write(path, "somebody else's\n");
    repo.git(&["add", "-A"]).ok();
    let ran = repo.git(&["commit", "-m", "x"]);
    assert_ne!(ran.code, 0, "{path} was overwritten: {ran:?}");
    assert!(ran.err.contains("git pm: commit rejected"), "{ran:?}");
    repo.git(&["reset", "-q", "--hard"]).ok();
}

/// Requires that a command reports that commits are not guarded, and how to fix it.
#[track_caller]
fn require_unguarded_notice(ran: &Ran, fix: &str) {
    let said = format!("{}{}", ran.out, ran.err);
    assert!(
        said.contains("hooks are not active here"),
        "no warning: {ran:?}"
    );
    assert!(said.contains(fix), "no hint: {ran:?}");
}

#[test]
fn commands_that_start_work_report_a_hooks_folder_configured_after_init() {
    let scene = Scene::new();
    let (_, ana) = scene.with_hub();
    let id = ana.task("One", &[]);
    ana.git(&["config", "core.hooksPath", ".husky/_"]).ok();
    require_unguarded_notice(&ana.pm(&["status"]).ok(), "git pm hook install");
    for command in [
        &["sync"][..],
        &["next"],
        &["reserve", "add", "--new", "x"],
        &["start", &id],
    ] {
        require_unguarded_notice(&ana.pm(command).ok(), "git pm hook install");
    }
    ana.pm(&["hook", "install"]).ok();
    let ran = ana.pm(&["sync"]).ok();
    assert!(!ran.err.contains("hooks are not active"), "{ran:?}");
    stopped(&ana.by("Bob"), "x");
}

#[test]
fn hooks_disabled_on_purpose_are_not_reported_repeatedly() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init", "--no-hooks"]).ok();
    ana.task("One", &[]);
    let ran = ana.pm(&["next"]).ok();
    assert!(!ran.err.contains("hooks are not active"), "{ran:?}");
}

/// Installs a hook as lefthook does, also by itself when its configuration changed.
fn replace_hook(repo: &Repo, name: &str) {
    let hook = repo.path.join(".git/hooks").join(name);
    std::fs::rename(&hook, hook.with_extension("old")).expect("moved aside");
    script_file(&hook, "echo tool >>tool.log");
}

#[test]
fn a_shim_that_another_tool_moved_aside_is_reinstalled_automatically() {
    for command in [&["sync"][..], &["next"], &["reserve", "add", "--new", "y"]] {
        let scene = Scene::new();
        let (_, ana) = scene.with_hub();
        ana.write(".git/info/exclude", "tool.log\n");
        ana.task("One", &[]);
        reserve(&ana, "src/auth.rs");
        // Twice: the tool repeats it, and its backup name must be free again.
        for _ in 0..2 {
            replace_hook(&ana, "pre-commit");
            let ran = ana.pm(command).ok();
            assert!(!ran.err.contains("hooks are not active"), "{ran:?}");
            stopped(&ana.by("Bob"), "src/auth.rs");
            assert!(
                ana.read("tool.log").contains("tool"),
                "its hook does not run"
            );
            assert!(!ana.path.join(".git/hooks/pre-commit.old").exists());
            if command[0] == "reserve" {
                ana.pm(&["reserve", "release", "y"]).ok();
            }
        }
    }
}

#[test]
fn a_push_reinstalls_hooks_that_a_commit_found_missing() {
    let scene = Scene::new();
    let (_, ana) = scene.with_hub();
    reserve(&ana, "src/auth.rs");
    replace_hook(&ana, "pre-commit");
    ana.write("README.md", "# Mine\n");
    ana.commit_all("Mine");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    stopped(&ana.by("Bob"), "src/auth.rs");
}

// ---- git-lfs ----

fn has_lfs() -> bool {
    let found = std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join("git-lfs").is_file())
    });
    let required = std::env::var_os("GIT_PM_REQUIRE_TOOLS").is_some_and(|v| v == "1");
    assert!(found || !required, "git-lfs is not installed");
    if !found {
        println!("skipped: git-lfs is not installed");
    }
    found
}

fn stored(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let count = |path: &Path| if path.is_dir() { stored(path) } else { 1 };
    entries.map(|entry| count(&entry.path())).sum()
}

#[test]
fn content_of_files_moved_to_git_lfs_later_is_pushed() {
    if !has_lfs() {
        return;
    }
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let objects = hub.path.join("lfs/objects");
    ana.git(&["lfs", "install", "--skip-repo"]).ok();
    ana.git(&["lfs", "track", "*.bin"]).ok();
    ana.write("big.bin", "the content\n");
    ana.commit_all("A large file");
    // The status reports it before a push.
    let status = ana.pm(&["hook", "status"]).ok();
    assert!(
        status.err.contains("git-lfs") || status.out.contains("git-lfs"),
        "{status:?}"
    );
    assert!(ana.pm(&["doctor"]).ok().out.contains("git-lfs"));
    ana.git(&["push", "-q", "origin", "main"]).ok();
    assert_eq!(stored(&objects), 1, "only a pointer was pushed");
    let clone = scene.clone_of(&hub, "b", "Bob");
    assert_eq!(clone.read("big.bin"), "the content\n");

    // After another `init`, git-lfs's hooks and those of git pm are both there.
    ana.pm(&["init"]).ok();
    for name in ["post-checkout", "post-commit", "post-merge"] {
        assert!(ana.path.join(".git/hooks").join(name).exists(), "{name}");
    }
    let doctor = ana.pm(&["doctor"]).ok();
    assert!(!doctor.out.contains("git-lfs"), "{doctor:?}");
    ana.write("big.bin", "other content\n");
    ana.commit_all("Another");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    assert_eq!(stored(&objects), 2);
    reserve(&ana, "README.md");
    stopped(&ana.by("Bob"), "README.md");
    ana.pm(&["uninstall"]).ok();
    let hook = ana.read(".git/hooks/pre-push");
    assert!(hook.contains("git lfs pre-push"), "{hook}");
}

#[test]
fn a_push_without_the_git_lfs_that_its_files_need_is_refused() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let bin = scene.dir.path().join("bin");
    std::fs::create_dir_all(&bin).expect("a folder");
    let git = ana.run("/bin/sh", &["-c", "command -v git"]).ok().text();
    std::os::unix::fs::symlink(git, bin.join("git")).expect("a link");
    let without = ana.with("PATH", bin.to_str().expect("UTF-8"));
    ana.write("sub/.gitattributes", "*.bin filter=lfs -text\n");
    ana.commit_all("Attributes");
    let before = hub.tip("main");
    let ran = without.git(&["push", "origin", "main"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("install git-lfs"), "no hint: {ran:?}");
    assert_eq!(hub.tip("main"), before);
    // The state has no such files, even if branches have them.
    without.pm(&["sync"]).ok();
}

// ---- Places ----

#[test]
fn the_worktrees_of_a_bare_repository_are_guarded() {
    let scene = Scene::new();
    let (hub, _) = scene.with_hub();
    scene
        .at(".")
        .git(&["clone", "-q", "--bare", "hub.git", "p.git"])
        .ok();
    let bare = scene.at("p.git");
    assert_eq!(bare.git(&["config", "core.bare"]).text(), "true");
    let ran = bare.pm(&["init"]).ok();
    assert!(
        ran.err.contains("no hooks were installed") && ran.err.contains("git pm init"),
        "no warning: {ran:?}"
    );
    bare.git(&["worktree", "add", "-q", "../w", "main"]).ok();
    let work = scene.at("w");
    require_unguarded_notice(
        &work.pm(&["reserve", "add", "src/auth.rs"]).ok(),
        "git pm hook install",
    );
    let doctor = bare.pm(&["doctor"]);
    assert!(doctor.out.contains("hooks are not active"), "{doctor:?}");
    for place in [&work, &bare] {
        place.pm(&["hook", "uninstall"]).ok();
        let report = place.data(&["init"]);
        assert!(
            report["hooks"].to_string().contains("pre-commit"),
            "{report}"
        );
        stopped(&work.by("Bob"), "src/auth.rs");
    }
    let ran = work.pm(&["reserve", "add", "README.md"]).ok();
    assert!(!ran.err.contains("hooks are not active"), "{ran:?}");
    drop(hub);
}

#[test]
fn an_uninstall_blocked_by_a_configuration_lock_changes_nothing() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    let lock = ana.path.join(".git/config.lock");
    std::fs::write(&lock, "").expect("locked");
    for command in [
        &["uninstall"][..],
        &["hook", "uninstall"],
        &["config", "pm.sync", "manual"],
    ] {
        let ran = ana.pm(command).exits(5);
        assert!(ran.err.contains(".git/config.lock"), "{ran:?}");
        assert!(ran.err.contains("remove "), "no hint: {ran:?}");
    }
    assert_eq!(ana.data(&["hook", "status"])["active"], true);
    std::fs::remove_file(&lock).expect("unlocked");
    ana.pm(&["config", "pm.sync", "manual"]).ok();
    ana.pm(&["uninstall"]).ok();
    assert!(!ana.path.join(".git/hooks/pre-commit").exists());
}

#[test]
fn work_in_a_submodule_leaves_nothing_in_its_superproject() {
    let scene = Scene::new();
    let (hub, _) = scene.with_hub();
    let outer = scene.repo("outer");
    let url = hub.path.to_str().expect("UTF-8").to_string();
    outer
        .git(&["submodule", "--quiet", "add", &url, "libs/inner"])
        .ok();
    outer.commit_all("A submodule");
    let inner = outer.other("libs/inner");
    inner.pm(&["init"]).ok();
    let id = inner.task("One", &[]);
    inner.pm(&["start", &id]).ok();
    let place = inner.worktree(&id).path;
    assert!(
        place.starts_with(scene.at("outer-inner.worktrees").path),
        "{}",
        place.display()
    );
    assert_eq!(outer.git(&["status", "--porcelain"]).ok().text(), "");
}
