//! `git pm demo` on unusual machines: it needs no configuration, changes nothing of the user's, and
//! reports problems.

use std::path::{Path, PathBuf};

use crate::support::{Ran, Repo, Scene};

/// A place to run the demo from, whose folder for temporary files is the scene's `tmp`.
fn demo_place(scene: &Scene) -> Repo {
    let tmp = scene.dir.path().join("tmp");
    std::fs::create_dir_all(&tmp).unwrap();
    scene.at("tmp").with("TMPDIR", tmp.to_str().unwrap())
}

/// The folders that the demo left.
fn left(scene: &Scene) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(scene.dir.path().join("tmp")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Puts a program called `git` before the real one in PATH.
fn with_git(scene: &Scene, repo: &Repo, script: &str) -> Repo {
    let bin = scene.at("bin");
    let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file())
        .unwrap();
    bin.write("git", &script.replace("REAL", real.to_str().unwrap()));
    bin.run("chmod", &["+x", "git"]).ok();
    let path = std::env::var("PATH").unwrap();
    repo.with("PATH", &format!("{}:{path}", bin.path.display()))
}

#[track_caller]
fn assert_off(ran: Ran, what: &str) -> Ran {
    assert_ne!(ran.code, 0, "the demo did not fail: {}", ran.out);
    assert!(
        ran.err.contains(what),
        "`{what}` is not in the error: {}",
        ran.err
    );
    ran
}

// As an agent would run it, without HOME and outside of any repository.
#[test]
fn demo_succeeds_and_leaves_the_reported_state() {
    let scene = Scene::new();
    let place = demo_place(&scene)
        .with("CLAUDECODE", "1")
        .with("AGENT_NAME", "robot");
    let output = place
        .command(crate::support::binary())
        .args(["demo", "--json"])
        .env_remove("HOME")
        .env_remove("GIT_CONFIG_GLOBAL")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}{error}");
    let played: serde_json::Value = serde_json::from_str(&text).unwrap();
    let played = &played["data"];
    assert_eq!(played["kept"], true);
    let folder = Path::new(played["folder"].as_str().unwrap());
    assert_eq!(
        left(&scene),
        [folder],
        "not one folder at the reported path"
    );

    let steps = played["steps"].as_array().unwrap();
    let ran = |command: &str, actor: &str, exit: i64| {
        steps
            .iter()
            .any(|s| s["command"] == command && s["actor"] == actor && s["exit"] == exit)
    };
    for (command, actor, exit) in [
        ("git pm init", "Ana", 0),
        ("git pm init", "Ben", 0),
        ("git pm start T-0001", "claude-1", 0),
        ("git pm start T-0001", "Ben", 3),
        ("git commit -m 'Explain the login'", "codex-2", 1),
        ("git pm start T-0003 --offline", "Ana", 0),
        ("git pm start T-0003 --offline --no-worktree", "Ben", 0),
        ("git pm sync", "Ben", 0),
        ("git pm finish", "claude-1", 0),
        ("git pm task approve T-0001", "claude-1", 1),
        ("git pm task approve T-0001", "Ana", 0),
        ("git pm merge T-0001", "Ana", 0),
    ] {
        assert!(ran(command, actor, exit), "not played: {actor}: {command}");
    }
    let found: usize = steps
        .iter()
        .map(|s| s["checks"].as_array().unwrap().len())
        .sum();
    assert_eq!(played["checks"], found, "every check is shown in its step");

    // The files and states that it reports exist.
    let [ana, ben, hub] = ["ana", "ben", "hub.git"].map(|name| place.other(folder.join(name)));
    for name in ["refs/pm/main^{tree}", "main"] {
        assert!(!ana.tip(name).is_empty());
        assert_eq!(ana.tip(name), ben.tip(name), "{name}");
        assert_eq!(ana.tip(name), hub.tip(name), "{name}");
    }
    assert_eq!(
        ben.read("src/auth/login.rs").matches("six tries").count(),
        1
    );
    assert_eq!(
        ben.git(&["log", "-1", "--format=%s", "task/T-0003-log-in-with-sso"])
            .text(),
        "Sketch SSO",
        "the loser's work"
    );
    assert_eq!(ana.git(&["status", "--porcelain"]).ok().out, "");
    ana.pm(&["doctor"]).ok();
}

/// Agents that replay a transcript work two tasks in a run; no key is there, and none is needed.
#[test]
fn demo_agents_replays_the_work_of_two_tasks() {
    let scene = Scene::new();
    let place = demo_place(&scene);
    let began = std::time::Instant::now();
    let played = place.pm(&["demo", "--agents", "--json"]).ok().data();
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    let ana = place.other(Path::new(played["folder"].as_str().unwrap()).join("ana"));
    let log = ana.git(&["log", "--format=%s", "main"]).ok().out;
    for subject in ["Say hello", "Say goodbye"] {
        assert!(log.lines().any(|line| line == subject), "{subject}: {log}");
    }
    let total = ana.data(&["cost"])["total"].clone();
    assert_eq!(
        (&total["attempts"], &total["cost_usd"]),
        (&3.into(), &0.021.into())
    );
    let ran = place.pm(&["demo", "--agents", "--clean"]).ok();
    assert!(ran.out.contains("All checks passed"), "{}", ran.out);
    assert_eq!(left(&scene).len(), 1, "--clean left its folder");
}

#[test]
fn demo_neither_uses_nor_changes_the_users_files() {
    let scene = Scene::new();
    let repo = scene.repo("mine");
    let refs = repo.git(&["for-each-ref"]).out;
    let templates = scene.at("templates");
    templates.write("hooks/pre-commit", "#!/bin/sh\nexit 1\n");
    templates.run("chmod", &["+x", "hooks/pre-commit"]).ok();
    let config = format!(
        "[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = /nowhere/gpg\n[user]\n\tuseConfigOnly = true\n\
         [init]\n\ttemplateDir = {0}\n\tdefaultBranch = trunk\n[core]\n\thooksPath = {0}/hooks\n\
         [pm]\n\tbranch = never\n\tagent = Ana\n[push]\n\tdefault = nothing\n",
        templates.path.display()
    );
    scene.at("home").write("gitconfig", &config);
    let tmp = scene.dir.path().join("tmp");
    std::fs::create_dir_all(&tmp).unwrap();
    let ran = repo
        .with("TMPDIR", tmp.to_str().unwrap())
        .with("GIT_DIR", repo.path.join(".git").to_str().unwrap())
        .with("GIT_TEMPLATE_DIR", templates.path.to_str().unwrap())
        .with("GIT_AUTHOR_NAME", "Mallory")
        .with("GIT_PM_ACTOR", "Mallory")
        .with("GIT_PM_NOW", "2020-01-01T00:00:00Z")
        .with("GIT_PM_BYPASS", "always")
        .pm(&["demo", "--clean"])
        .ok();
    assert!(ran.out.contains("is reserved by claude-1"), "{}", ran.out);
    assert!(ran.out.contains("All checks passed"), "{}", ran.out);
    assert!(!ran.out.contains("Mallory"), "{}", ran.out);
    assert!(left(&scene).is_empty(), "--clean left {:?}", left(&scene));
    assert_eq!(repo.git(&["for-each-ref"]).out, refs);
    assert!(!repo.path.join(".git/pm").exists());
    assert_eq!(scene.at("home").read("gitconfig"), config);
    let home: Vec<_> = std::fs::read_dir(scene.at("home").path).unwrap().collect();
    assert_eq!(home.len(), 1, "something was written to HOME: {home:?}");
}

#[test]
fn demo_fails_with_a_broken_git() {
    let scene = Scene::new();
    let place = demo_place(&scene);
    let broken = with_git(&scene, &place, "#!/bin/sh\necho no disk >&2\nexit 1\n");
    let ran = assert_off(broken.pm(&["demo", "--clean"]), "no disk");
    // A failed demo keeps its folder for inspection, also with --clean.
    let folder = left(&scene);
    assert_eq!(folder.len(), 1, "the folder of the failed demo was removed");
    assert!(ran.err.contains(folder[0].to_str().unwrap()), "{}", ran.err);

    let none = place.with("PATH", scene.dir.path().to_str().unwrap());
    assert_off(none.pm(&["demo"]), "PATH");
}

#[test]
fn demo_fails_if_git_falsely_reports_success() {
    let scene = Scene::new();
    let place = demo_place(&scene);
    // The push of main falsely reports success.
    let script = "#!/bin/sh\ncase \"$*\" in push*main) exit 0;; esac\nexec REAL \"$@\"\n";
    let pretender = with_git(&scene, &place, script);
    let ran = pretender.pm(&["demo", "--json"]);
    assert_ne!(ran.code, 0, "the demo did not fail: {}", ran.out);
    assert_eq!(ran.json()["error"]["code"], "refused", "{}", ran.out);

    // Hooks do not run, so the reservation does not stop the commit.
    let script = "#!/bin/sh\n[ \"$1\" = commit ] && exec REAL -c core.hooksPath=/dev/null \"$@\"\nexec REAL \"$@\"\n";
    let pretender = with_git(&scene, &place, script);
    let ran = assert_off(pretender.pm(&["demo"]), "A reservation blocks a commit");
    assert_eq!(ran.code, 1);
}

#[test]
fn demo_tui_shows_the_board_of_its_project() {
    let scene = Scene::new();
    let place = demo_place(&scene);
    let ran = crate::support::at_terminal(&place, &["demo", "--tui", "--clean"], "q");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    // The board takes the alternate screen, and ends at the key.
    assert!(ran.out.contains("\x1b[?1049h"), "{}", ran.out);
    assert_eq!(place.pm(&["demo", "--tui", "--web"]).exits(2).code, 2);
}
