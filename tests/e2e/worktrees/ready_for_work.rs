//! What a new worktree gets by `[worktree]` of `.pm.toml`, and how the shell changes to it.

use super::{with_task, work};
use crate::support::{Repo, Scene};

/// A repository with `[worktree]`, which is committed and trusted.
fn with_rule(scene: &Scene, rule: &str) -> Repo {
    let repo = with_task(scene);
    repo.write(".gitignore", "/cache/\n/.env\n/port.txt\n/gate.txt\n");
    repo.write(".pm.toml", &format!("[worktree]\n{rule}\n"));
    repo.commit_all("What worktrees get");
    repo.pm(&["trust", "--yes"]).ok();
    repo
}

fn ports(repo: &Repo) -> Vec<serde_json::Value> {
    let list = repo.data(&["worktree", "list"]);
    let all = list["items"].as_array().unwrap();
    all.iter().map(|one| one["port"].clone()).collect()
}

// Ignored folders and files are copied in any file system; what cannot be is a note.
#[test]
fn caches_are_copied_into_a_new_worktree_and_nothing_else_is() {
    let scene = Scene::new();
    let names = "copy = ['cache', '.env', 'src', 'missing', '../home', 'out/x']";
    let repo = with_rule(&scene, names);
    repo.write("cache/deep/a.txt", "built\n");
    repo.write(".env", "KEY=1\n");
    let secret = scene.at("secret");
    std::fs::create_dir(&secret.path).unwrap();
    secret.write("x/s.txt", "secret\n");
    std::os::unix::fs::symlink(&secret.path, repo.path.join("out")).unwrap();
    std::os::unix::fs::symlink(&secret.path, repo.path.join("cache/link")).unwrap();
    let started = repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    assert_eq!(place.read("cache/deep/a.txt"), "built\n");
    assert_eq!(place.read(".env"), "KEY=1\n");
    // A link stays one: what it leads to is not copied.
    let link = place.path.join("cache/link").symlink_metadata().unwrap();
    assert!(link.is_symlink());
    assert!(!place.path.join("out").exists());
    let said = format!("{}{}", started.out, started.err);
    for name in ["src", "missing", "../home", "out/x"] {
        assert!(said.contains(&format!("{name} was not copied")), "{said}");
    }
    // The copy is the worktree's own.
    place.write("cache/deep/a.txt", "other\n");
    assert_eq!(repo.read("cache/deep/a.txt"), "built\n");
}

// A link in the new worktree does not lead a copy out of it.
#[test]
fn a_copy_does_not_leave_the_new_worktree_through_a_link() {
    let scene = Scene::new();
    let repo = with_rule(&scene, "copy = ['lib/cache/x']");
    let outside = scene.at("outside");
    std::fs::create_dir(&outside.path).unwrap();
    std::os::unix::fs::symlink(&outside.path, repo.path.join("lib")).unwrap();
    repo.commit_all("A link");
    // Only here it is a folder.
    std::fs::remove_file(repo.path.join("lib")).unwrap();
    repo.write("lib/cache/x/a.txt", "built\n");
    std::fs::write(repo.path.join(".git/info/exclude"), "lib/cache/x\n").unwrap();
    let started = repo.pm(&["start", "T-0001"]).ok();
    let said = format!("{}{}", started.out, started.err);
    assert!(said.contains("lib/cache/x was not copied"), "{said}");
    assert!(!outside.path.join("cache").exists());
}

// Ports are the worktree's own, the same for its life, and free again afterwards.
#[test]
fn each_worktree_has_ports_that_no_other_has() {
    let scene = Scene::new();
    let repo = with_rule(&scene, "ports = 10\nport_base = 30000");
    repo.git(&["config", "pm.setup", "echo $GIT_PM_PORT >port.txt"])
        .ok();
    repo.git(&["config", "pm.gate", "port=echo $GIT_PM_PORT >gate.txt"])
        .ok();
    repo.task("Another", &[]);
    repo.task("A third", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    repo.pm(&["start", "T-0002"]).ok();
    assert_eq!(repo.worktree("T-0001").read("port.txt"), "30000\n");
    assert_eq!(repo.worktree("T-0002").read("port.txt"), "30010\n");
    let none = serde_json::Value::Null;
    assert_eq!(ports(&repo), [none.clone(), 30000.into(), 30010.into()]);
    // A gate has the port of the worktree in which it runs, not that of its caller.
    let place = work(&repo, "T-0002", "new.txt").with("GIT_PM_PORT", "1");
    place.pm(&["finish", "--force"]);
    assert_eq!(place.read("gate.txt"), "30010\n");
    repo.pm(&["task", "drop", "T-0001", "--remove-worktree", "--force"])
        .ok();
    repo.pm(&["start", "T-0003"]).ok();
    assert_eq!(ports(&repo), [none, 30010.into(), 30000.into()]);
    // The state has none of it.
    let found = repo.git(&["grep", "-l", "-e", "30010", "refs/pm/main"]);
    assert_eq!(found.out, "");
}

// What `[worktree]` says counts once it is trusted, and only if it is valid.
#[test]
fn what_worktrees_get_is_trusted_first() {
    let scene = Scene::new();
    let repo = with_rule(&scene, "copy = ['cache']");
    repo.write(".pm.toml", "[worktree]\ncopy = ['.env']\n");
    let refused = repo.pm(&["start", "T-0001"]).exits(1);
    assert!(refused.err.contains("git pm trust"), "{}", refused.err);
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "queued");
    let shown = repo.pm(&["trust"]).out;
    assert!(shown.contains("worktree: copies .env"), "{shown}");
    for (wrong, why) in [
        ("ports = 0", "must be a number from 1 to 1000"),
        ("copy = 'x'", "must be a list of paths"),
        ("copys = []", "unknown key `worktree.copys`"),
    ] {
        repo.write(".pm.toml", &format!("[worktree]\n{wrong}\n"));
        let refused = repo.pm(&["start", "T-0001"]).exits(2);
        assert!(refused.err.contains(why), "{}", refused.err);
    }
}

#[test]
fn submodules_are_filled_where_the_project_says_so() {
    let scene = Scene::new();
    let repo = with_rule(&scene, "submodules = true");
    let lib = scene.repo("lib");
    let url = lib.path.to_str().unwrap();
    repo.git(&["submodule", "--quiet", "add", url, "lib"]).ok();
    repo.commit_all("Library");
    let started = repo.pm(&["start", "T-0001"]).ok();
    assert!(!started.err.contains("submodules are empty"), "{started:?}");
    assert!(
        repo.worktree("T-0001")
            .path
            .join("lib/src/main.rs")
            .exists()
    );
    // One that cannot be filled is named, and the work can begin.
    std::fs::rename(&lib.path, scene.at("moved").path).unwrap();
    repo.task("Another", &[]);
    let started = repo.pm(&["start", "T-0002"]).ok();
    let said = format!("{}{}", started.out, started.err);
    assert!(said.contains("cannot fill the submodules"), "{said}");
}

#[test]
fn files_of_git_lfs_that_nothing_fetches_are_named() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.write(".gitattributes", "*.bin filter=lfs\n");
    repo.commit_all("Large files");
    let started = repo.pm(&["start", "T-0001"]).ok();
    let said = format!("{}{}", started.out, started.err);
    assert!(
        said.contains("files of git-lfs are only pointers"),
        "{said}"
    );
}

/// Runs a script in bash after the line of `~/.bashrc`.
fn in_bash(repo: &Repo, script: &str) -> String {
    let script = format!("set -eu\neval \"$(git pm shell bash)\"\n{script}");
    let ran = repo.command("bash").args(["-c", &script]).output().unwrap();
    let err = String::from_utf8_lossy(&ran.stderr).into_owned();
    format!("{}{err}", String::from_utf8_lossy(&ran.stdout))
}

#[test]
fn the_shell_changes_to_the_worktree_that_is_started_and_back() {
    let scene = Scene::new();
    // The name of a folder is no command.
    let repo = scene.set_up("a $(touch made) b");
    repo.task("Fix the login", &[]);
    let script = "git pm start T-0001 >&2; pwd; git pm cd; pwd; git pm cd T-0001; pwd
        git --version; git pm cd T-0099 || echo code $?; pwd
        echo x >new.txt; git add -A; git commit -qm Work; git pm finish --merge >&2; pwd";
    let out = in_bash(&repo, script);
    let place = scene.at("a $(touch made) b.worktrees/T-0001-fix-the-login");
    let (place, main) = (
        place.path.display().to_string(),
        repo.path.display().to_string(),
    );
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[..3], [&*place, &*main, &*place], "{out}");
    assert!(lines[3].starts_with("git version"), "{out}");
    assert_eq!(lines[4..7], ["code 4", &*place, &*main], "{out}");
    assert!(!repo.path.join("made").exists());
}

#[test]
fn without_the_function_cd_prints_the_path_and_how_to_change_to_it() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let path = repo.data(&["worktree", "path", "T-0001"])["path"].clone();
    let ran = repo.pm(&["cd", "T-0001"]).ok();
    assert_eq!(ran.out.trim_end(), path);
    assert!(ran.err.contains("git pm shell bash"), "{}", ran.err);
    // A file that the function did not make is not made here.
    let named = scene.at("not-made");
    let with = repo.with("GIT_PM_CD_FILE", named.path.to_str().unwrap());
    assert_eq!(with.pm(&["cd", "T-0001"]).ok().out.trim_end(), path);
    assert!(!named.path.exists());
    for shell in ["zsh", "fish"] {
        let script = repo.pm(&["shell", shell]).ok().out;
        assert!(script.contains("GIT_PM_CD_FILE="), "{script}");
    }
}
