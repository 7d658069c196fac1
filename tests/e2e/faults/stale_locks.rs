//! Locks left by a killed process: those of git pm need no file removed by hand, and others are
//! reported with their file.

use crate::support::Scene;

#[test]
fn a_lock_left_at_the_remote_is_reported_as_a_lock_and_not_as_a_race() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("one", &[]);
    a.pm(&["sync"]).ok();
    a.task("two", &[]);
    let lock = hub.path.join("refs/pm/main.lock");
    std::fs::write(&lock, "").unwrap();
    let began = std::time::Instant::now();
    let locked = a.pm(&["sync"]).exits(6);
    let said = format!("{}{}", locked.out, locked.err);
    assert!(said.contains("main.lock"), "{said}");
    assert!(said.contains("1 not pushed"), "{said}");
    assert!(!said.contains("others pushed"), "{said}");
    assert!(began.elapsed().as_secs() < 11, "it took too long");
    std::fs::remove_file(&lock).unwrap();
    a.pm(&["sync"]).ok();
}

#[test]
fn git_does_not_update_the_tracking_ref_during_a_push_of_the_state() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    a.task("one", &[]);
    a.pm(&["sync"]).ok();
    let before = a.tip("refs/pm-remotes/origin/main");
    a.task("two", &[]);
    // Killed as soon as git ends, when git has finished its own work.
    let killed = a.wrapping_git(
        "kill",
        "case \"$1\" in push) \"$REAL\" \"$@\"; kill -9 $PPID;; esac\nexec \"$REAL\" \"$@\"",
    );
    assert_ne!(killed.pm(&["sync"]).code, 0);
    assert_eq!(a.tip("refs/pm-remotes/origin/main"), before);
    a.pm(&["sync"]).ok();
    assert_ne!(a.tip("refs/pm-remotes/origin/main"), before);
}

/// A git that leaves a lock and kills itself and its caller, once its arguments match a pattern.
fn killing(
    repo: &crate::support::Repo,
    pattern: &str,
    lock: &std::path::Path,
) -> crate::support::Repo {
    let lock = lock.display();
    repo.wrapping_git(
        "kill",
        &format!(
            "case \"$*\" in {pattern}) mkdir -p \"$(dirname '{lock}')\"; : >'{lock}'; kill -9 $PPID; exit 1;; \
             esac\nexec \"$REAL\" \"$@\""
        ),
    )
}

#[test]
fn a_branch_lock_of_a_killed_start_is_removed_by_a_resumed_start() {
    for more in [&["--no-worktree"][..], &[]] {
        let scene = Scene::new();
        let (_hub, a) = scene.with_hub();
        let id = a.task("one", &[]);
        let lock = a.path.join(".git/refs/heads/task/T-0001-one.lock");
        let mut args = vec!["start", id.as_str()];
        args.extend(more);
        let killed = killing(&a, "*update-ref*refs/heads/task/*", &lock);
        assert_ne!(killed.pm(&args).code, 0);
        assert!(lock.exists(), "no lock was left");
        args.push("--resume");
        a.pm(&args).ok();
        assert!(!lock.exists());
        assert_ne!(a.tip("refs/heads/task/T-0001-one"), "");
    }
}

#[test]
fn a_branch_lock_of_another_git_is_reported_with_its_file() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    let id = a.task("one", &[]);
    a.write(".git/refs/heads/task/T-0001-one.lock", "");
    let told = a.pm(&["start", &id, "--no-worktree"]).exits(1).err;
    assert!(told.contains("refs/heads/task/T-0001-one.lock"), "{told}");
    assert!(!told.contains("git branch --list"), "{told}");
}

#[test]
fn a_configuration_lock_of_git_pm_is_removed_and_others_are_reported() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    let lock = a.path.join(".git/config.lock");
    let killed = killing(&a, "config*--replace-all*", &lock);
    assert_ne!(killed.pm(&["config", "pm.sync", "manual"]).code, 0);
    assert!(lock.exists(), "no lock was left");
    a.pm(&["config", "pm.sync", "manual"]).ok();
    assert!(!lock.exists());

    std::fs::write(&lock, "").unwrap();
    for args in [&["config", "pm.sync", "claim"][..], &["uninstall"]] {
        let told = a.pm(args).exits(5).err;
        assert!(told.contains("config.lock"), "{args:?}: {told}");
        assert!(told.contains("remove"), "{args:?}: {told}");
    }
    std::fs::remove_file(&lock).unwrap();
    a.pm(&["uninstall"]).ok();
}

#[test]
fn doctor_names_every_blocking_lock() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("one", &[]);
    a.pm(&["sync"]).ok();
    let locks = [
        a.path.join(".git/config.lock"),
        a.path.join(".git/refs/heads/task/T-0009-x.lock"),
        a.path.join(".git/refs/pm-remotes/origin/main.lock"),
        hub.path.join("refs/pm/main.lock"),
    ];
    for lock in &locks {
        std::fs::create_dir_all(lock.parent().unwrap()).unwrap();
        std::fs::write(lock, "").unwrap();
    }
    let report = a.pm(&["doctor"]).exits(1).out;
    for lock in &locks {
        // The remote is named by its URL, which is relative here.
        let name = lock.strip_prefix(&hub.path).or(lock.strip_prefix(&a.path));
        let name = name.unwrap().display().to_string();
        assert!(report.contains(&name), "{name}: {report}");
        assert!(report.contains("rm '"), "{report}");
        std::fs::remove_file(lock).unwrap();
    }
    a.pm(&["doctor"]).ok();
}

#[test]
fn a_conflicting_ref_at_the_remote_is_not_reported_as_a_lock() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("one", &[]);
    hub.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    hub.git(&["update-ref", "refs/pm", "refs/heads/main"]).ok();
    let refused = a.pm(&["sync"]).exits(6);
    let said = format!("{}{}", refused.out, refused.err);
    assert!(said.contains("'refs/pm' exists"), "{said}");
    assert!(!said.contains("killed"), "{said}");
    assert!(!said.contains("main.lock"), "{said}");
    hub.git(&["update-ref", "-d", "refs/pm"]).ok();
    a.pm(&["sync"]).ok();
}
