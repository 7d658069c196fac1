//! A guard that is missing, fails, is uninstalled or has nothing to guard, and what it costs.

use super::{ana_holds, passes, reserve, script, stopped};
use crate::support::{Repo, Scene, binary};

// ---- Malfunction, switching off ----

#[test]
fn a_missing_binary_lets_commits_through_with_a_warning() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    let copy = scene.dir.path().join("bin/git-pm");
    std::fs::create_dir_all(copy.parent().expect("a parent")).expect("folder");
    let path = copy.to_str().expect("UTF-8");
    // In another process: while a file is open for writing here, a program that another test starts
    // inherits it, and then it cannot be run.
    ana.run("cp", &[binary(), path]).ok();
    ana.run(path, &["init"]).ok();
    reserve(&ana, &["src/auth.rs"]);
    std::fs::remove_file(&copy).expect("removed");
    let system = std::env::var("PATH").expect("PATH");
    let without: Vec<&str> = system
        .split(':')
        .filter(|dir| !std::path::Path::new(dir).join("git-pm").exists())
        .collect();
    let bob = ana.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    // The binary in PATH is used instead.
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
    let bare = bob.with("PATH", &without.join(":"));
    let ran = bare.git(&["commit", "-a", "-m", "x"]).ok();
    assert!(
        ran.err.contains("warning") && ran.err.contains("git pm doctor"),
        "{ran:?}"
    );
    let doctor = ana.pm(&["doctor"]).exits(1);
    assert!(doctor.out.contains("hooks are not active"), "{doctor:?}");
}

#[test]
fn an_unreadable_state_refuses_commits_with_a_way_past_it() {
    let scene = Scene::new();
    let (ana, bob) = ana_holds(&scene, &["src/auth.rs"]);
    let file = ana.path.join(".git/refs/pm/main");
    let good = std::fs::read_to_string(&file).expect("the ref");
    bob.write("src/auth.rs", "Bob's\n");
    // The reflog knows an earlier tip: the reservation still holds.
    std::fs::write(&file, format!("{}\n", "1".repeat(40))).expect("written");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
    std::fs::write(&file, good).expect("written");
    // No earlier tip is left.
    std::fs::remove_dir_all(ana.path.join(".git/logs/refs/pm")).expect("removed");
    std::fs::write(&file, format!("{}\n", "1".repeat(40))).expect("written");
    let ran = bob.git(&["commit", "-a", "-m", "x"]);
    assert!(
        ran.code != 0 && ran.err.contains("git commit --no-verify"),
        "the guard let go: {ran:?}"
    );
    assert!(
        ran.err.contains("git pm doctor"),
        "no next command: {ran:?}"
    );
}

#[test]
fn the_guard_works_without_write_access_to_the_state() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    let noon = ana.when("2026-03-01T12:00:00Z");
    let id = noon.task("Fix login", &["--path", "src/auth.rs"]);
    noon.pm(&["start", &id]).ok();
    let work = noon.worktree(&id).when("2026-03-02T11:00:00Z");
    // A renewal is due, and the state's ref is locked for good.
    let lock = ana.path.join(".git/refs/pm/main.lock");
    std::fs::write(&lock, "").expect("locked");
    ana.git(&["config", "core.filesRefLockTimeout", "50"]).ok();
    work.write("src/auth.rs", "mine\n");
    work.git(&["commit", "-q", "-a", "-m", "x"]).ok();
    let bob = work.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
}

#[test]
fn doctor_status_and_start_report_disabled_hooks() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    ana.pm(&["doctor"]).ok();
    assert_eq!(ana.data(&["status"])["hooks_active"], true);
    ana.git(&["config", "core.hooksPath", "/dev/null"]).ok();
    let doctor = ana.pm(&["doctor"]).exits(1);
    assert!(
        doctor.out.contains("hooks are not active") && doctor.out.contains("/dev/null"),
        "{doctor:?}"
    );
    assert_eq!(ana.data(&["status"])["hooks_active"], false);
    let id = ana.task("Fix login", &[]);
    let started = ana.pm(&["start", &id]).ok();
    let said = format!("{}{}", started.out, started.err);
    assert!(
        said.contains("hooks are not active") && said.contains("git pm hook install"),
        "{said}"
    );
    ana.git(&["config", "--unset", "core.hooksPath"]).ok();
    ana.pm(&["doctor"]).ok();
}

#[test]
fn uninstalling_the_hooks_restores_all_files_and_ends_guarding() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    let earlier = script(&scene, "a/.git/hooks/pre-commit", "echo earlier >&2");
    let hooks = |repo: &Repo| {
        let list =
            "cd .git/hooks && for f in *; do printf '%s ' \"$f\"; git hash-object \"$f\"; done";
        repo.run("/bin/sh", &["-c", list]).ok().text()
    };
    let before = (
        hooks(&ana),
        ana.git(&["config", "--local", "--list"]).text(),
    );
    ana.pm(&["init"]).ok();
    let with_pm = ana.git(&["config", "--local", "--list"]).text();
    assert_ne!(hooks(&ana), before.0);
    reserve(&ana, &["src/auth.rs"]);
    let bob = ana.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    let ran = bob.git(&["commit", "-a", "-m", "x"]).exits(1);
    assert!(
        ran.err.starts_with("earlier\n"),
        "earlier hooks run first: {ran:?}"
    );
    ana.pm(&["hook", "install", "--strict"]).ok();
    ana.pm(&["hook", "uninstall"]).ok();
    assert_eq!(hooks(&ana), before.0);
    assert_eq!(ana.git(&["config", "--local", "--list"]).text(), with_pm);
    assert!(std::path::Path::new(&earlier).exists());
    let ran = bob.git(&["commit", "-a", "-m", "x"]).ok();
    assert_eq!(ran.err.trim(), "earlier");
    ana.pm(&["hook", "install"]).ok();
    ana.pm(&["uninstall"]).ok();
    let after = (
        hooks(&ana),
        ana.git(&["config", "--local", "--list"]).text(),
    );
    assert_eq!(after, before);
}

#[test]
fn hooks_without_a_state_print_nothing() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    ana.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    ana.write("README.md", "x\n");
    passes(&ana, || ana.git(&["commit", "-q", "-a", "-m", "x"]));
}

// Agents tend to bypass slow guards.
#[test]
fn two_hundred_files_are_checked_against_a_hundred_reservations_in_under_a_second() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    let vars = [
        ("GIT_CONFIG_NOSYSTEM", "1".into()),
        (
            "GIT_CONFIG_GLOBAL",
            scene.dir.path().join("home/gitconfig").into(),
        ),
        ("PATH", std::env::var_os("PATH").unwrap_or_default()),
    ];
    let vars = vars
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect();
    let env = git_pm::Env::new(ana.path.clone(), vars);
    let pm = git_pm::Pm::open(env, git_pm::Options::default()).expect("the repository");
    for n in 0..100 {
        let request = git_pm::reservations::ReserveRequest {
            patterns: vec![format!("held/{n}/**/*.rs"), format!("docs/{n}-*.md")],
            new: true,
            ..Default::default()
        };
        pm.reservations().add(&request).expect("granted");
    }
    let bob = ana.by("Bob");
    for n in 0..200 {
        bob.write(&format!("free/{}/file-{n}.rs", n % 20), "x\n");
    }
    bob.git(&["add", "-A"]).ok();
    let quickest = (0..3)
        .map(|_| {
            let begin = std::time::Instant::now();
            bob.pm(&["hook", "run", "pre-commit"]).ok();
            begin.elapsed()
        })
        .min()
        .expect("three runs");
    assert!(quickest.as_millis() < 500, "the guard took {quickest:?}");
    bob.write("held/7/x/y.rs", "x\n");
    bob.git(&["add", "-A"]).ok();
    bob.git(&["commit", "-m", "x"]).exits(1);
}
