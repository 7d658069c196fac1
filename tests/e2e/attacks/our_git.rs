//! Attacks: git that we start among the files of others, irregular files, and a guard that fails (s2, s6, s7, s11).
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::mcp::Client;
use crate::run::stage::{Stage, WORK};
use crate::serve::Server;
use crate::support::{Repo, Scene, agent, binary, executable, script_file, set_up};

/// A repository with a started task, the folder of its worktree, and a spy that leaves a file.
struct Lab {
    scene: Scene,
    repo: Repo,
    work: Repo,
    spy: PathBuf,
}

impl Lab {
    fn new() -> Lab {
        let (scene, repo) = set_up();
        let id = repo.task("First", &["--path", "src/auth.rs"]);
        repo.pm(&["start", &id]).ok();
        let work = repo.worktree(&id);
        let spy = scene.dir.path().join("spy");
        script_file(
            &spy,
            &format!(
                "echo ran >>'{}'; exit 1",
                scene.dir.path().join("PWN").display()
            ),
        );
        Lab {
            scene,
            repo,
            work,
            spy,
        }
    }

    fn has_run(&self) -> bool {
        self.scene.dir.path().join("PWN").exists()
    }

    fn git_dir(&self) -> PathBuf {
        let out = self.repo.git(&["worktree", "list", "--porcelain"]).ok().out;
        assert!(out.contains("T-0001"), "{out}");
        let all = fs::read_dir(self.repo.path.join(".git/worktrees")).unwrap();
        all.map(|entry| entry.unwrap().path()).next().unwrap()
    }

    /// A git folder with another configuration that shares the objects of the real one.
    fn false_git_dir(&self, at: &Path) {
        let common = self.repo.path.join(".git");
        crate::support::copy(&common.join("refs"), &at.join("refs"));
        fs::create_dir_all(at.join("objects/info")).unwrap();
        fs::write(
            at.join("objects/info/alternates"),
            format!("{}\n", common.join("objects").display()),
        )
        .unwrap();
        for name in ["HEAD", "index"] {
            fs::copy(self.git_dir().join(name), at.join(name)).unwrap();
        }
        let mut config = fs::read_to_string(common.join("config")).unwrap();
        config += &format!("[core]\n\tfsmonitor = {}\n", self.spy.display());
        fs::write(at.join("config"), config).unwrap();
    }

    /// Everything that shows worktrees, without changing anything.
    fn look_everywhere(&self) -> String {
        let mut told = String::new();
        for args in [
            &[][..],
            &["status"],
            &["worktree", "list"],
            &["worktree", "list", "--json"],
            &["show", "T-0001"],
            &["doctor"],
        ] {
            let ran = self.repo.pm(args);
            told += &format!("{args:?}: {}\n{}{}\n", ran.code, ran.out, ran.err);
        }
        let mut client = Client::start(&self.repo, &["--tools", "all"]);
        for tool in ["status", "worktree_list"] {
            let answer = client.request("tools/call", json!({ "name": tool, "arguments": {} }));
            told += &format!("{tool}: {answer}\n");
        }
        let server = Server::start(&self.repo, &[]);
        for path in ["/metrics", "/api/v1/status"] {
            server.get(path);
        }
        server.end();
        told
    }

    /// What would change something refuses, and takes nothing for clean.
    fn nothing_is_removed(&self) {
        self.repo.pm(&["task", "accept", "T-0001", "--all"]);
        let finish = agent(&self.repo).pm(&["finish", "T-0001"]);
        assert_ne!(finish.code, 0, "{finish:?}");
        self.repo.pm(&["task", "done", "T-0001", "--evidence", "x"]);
        self.repo.pm(&["worktree", "gc", "--force"]);
        assert!(self.work.path.join(".git").exists());
    }
}

#[test]
fn s2_a_replaced_git_file_runs_nothing() {
    let lab = Lab::new();
    let false_dir = lab.work.path.join(".e");
    lab.false_git_dir(&false_dir);
    fs::write(
        lab.work.path.join(".git"),
        format!("gitdir: {}\n", false_dir.display()),
    )
    .unwrap();
    // The attack works on git that is run by hand.
    lab.work.git(&["status"]);
    assert!(lab.has_run());
    fs::remove_file(lab.scene.dir.path().join("PWN")).unwrap();
    let told = lab.look_everywhere();
    assert!(!lab.has_run(), "{told}");
    assert!(
        told.contains("does not point to a linked worktree"),
        "{told}"
    );
    lab.nothing_is_removed();
    assert!(!lab.has_run());
}

#[test]
fn s2_a_replaced_commondir_runs_nothing() {
    let lab = Lab::new();
    let false_dir = lab.work.path.join(".e");
    lab.false_git_dir(&false_dir);
    fs::write(
        lab.git_dir().join("commondir"),
        format!("{}\n", false_dir.display()),
    )
    .unwrap();
    let told = lab.look_everywhere();
    assert!(!lab.has_run(), "{told}");
    assert!(
        told.contains("does not point to a linked worktree"),
        "{told}"
    );
    lab.nothing_is_removed();
    assert!(!lab.has_run());
}

#[test]
fn s2_a_configuration_of_the_worktree_runs_nothing() {
    let lab = Lab::new();
    lab.repo
        .git(&["config", "extensions.worktreeConfig", "true"])
        .ok();
    let config = lab.git_dir().join("config.worktree");
    fs::write(
        &config,
        "[core]\n\tsparseCheckout = true\n\tsparseCheckoutCone = true\n",
    )
    .unwrap();
    let told = lab.repo.pm(&["worktree", "list"]).ok().out;
    assert!(!told.contains("config.worktree"), "{told}");
    for text in [
        format!("[core]\n\tfsmonitor = {}\n", lab.spy.display()),
        format!("[filter \"x\"]\n\tclean = {}\n", lab.spy.display()),
        format!(
            "[include]\n\tpath = {}\n",
            lab.work.path.join("more").display()
        ),
    ] {
        fs::write(&config, text).unwrap();
        fs::write(
            lab.work.path.join("more"),
            format!("[core]\n\tfsmonitor = {}\n", lab.spy.display()),
        )
        .unwrap();
        lab.work.write(".gitattributes", "* filter=x\n");
        let told = lab.look_everywhere();
        assert!(!lab.has_run(), "{told}");
        assert!(told.contains("config.worktree sets"), "{told}");
    }
    lab.nothing_is_removed();
    assert!(!lab.has_run());
}

/// What the user's or the repository's configuration defines goes on working.
#[test]
fn s2_a_filter_of_the_repository_still_works() {
    let lab = Lab::new();
    lab.repo
        .git(&["config", "filter.up.clean", "tr a-z A-Z"])
        .ok();
    lab.repo.git(&["config", "filter.up.required", "true"]).ok();
    lab.work.write(".gitattributes", "*.up filter=up\n");
    lab.work.write("x.up", "text\n");
    lab.work.commit_all("With a filter");
    assert_eq!(lab.work.git(&["show", "HEAD:x.up"]).ok().out, "TEXT\n");
    std::thread::sleep(Duration::from_millis(1100));
    lab.work.write("x.up", "text\n");
    let listed = lab.repo.data(&["worktree", "list"]);
    let work = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|w| w["item"] == "T-0001");
    assert_eq!(work.unwrap()["dirty"], false, "{listed}");
}

#[test]
fn s6_a_forced_removal_runs_nothing_of_a_submodule() {
    let lab = Lab::new();
    fs::create_dir_all(lab.git_dir().join("modules/s")).unwrap();
    let sub = lab.work.other("sub");
    fs::create_dir_all(&sub.path).unwrap();
    sub.git(&["init", "-q"]).ok();
    sub.write("f", "x\n");
    sub.commit_all("inside");
    sub.git(&["config", "core.fsmonitor", lab.spy.to_str().unwrap()])
        .ok();
    let tip = sub.git(&["rev-parse", "HEAD"]).text();
    let entry = format!("160000,{tip},sub");
    lab.work
        .git(&["update-index", "--add", "--cacheinfo", &entry])
        .ok();
    lab.work
        .git(&["-c", "core.hooksPath=/dev/null", "commit", "-qm", "sub"])
        .ok();
    let pwn = lab.scene.dir.path().join("PWN");
    let _ = fs::remove_file(&pwn);
    lab.repo
        .pm(&["task", "done", "T-0001", "--force", "--evidence", "x"]);
    // Uncommitted work beside it is saved without entering it, too.
    lab.work.write("more.txt", "x\n");
    lab.repo
        .git(&["merge", "-q", "--no-edit", "task/T-0001-first"]);
    let ran = lab.repo.pm(&["worktree", "gc", "--force"]);
    assert!(!pwn.exists(), "{ran:?}");
    // Its commit is nowhere else.
    assert!(
        ran.out.contains("kept") && ran.out.contains("submodule"),
        "{ran:?}"
    );
    assert!(sub.path.join("f").exists());
    // With a remote that has it, it is removed.
    sub.git(&["update-ref", "refs/remotes/origin/main", "HEAD"])
        .ok();
    let _ = fs::remove_file(&pwn);
    let ran = lab.repo.pm(&["worktree", "gc", "--force"]);
    assert!(!pwn.exists(), "{ran:?}");
    assert!(!sub.path.exists(), "{ran:?}");
}

fn fifo(at: &Path) {
    let _ = fs::remove_file(at);
    let _ = fs::create_dir_all(at.parent().unwrap());
    rustix::fs::mknodat(
        rustix::fs::CWD,
        at,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
}

/// Every command ends in seconds and names the file; `fsck --repair` moves it aside, and all works
/// again.
#[test]
fn s7_a_fifo_hangs_nothing_and_is_moved_aside() {
    let lab = Lab::new();
    let (common, own) = (lab.repo.path.join(".git"), lab.git_dir());
    let tip = lab.repo.git(&["rev-parse", "refs/pm/main"]).text();
    let object = common.join("objects").join(&tip[..2]).join(&tip[2..]);
    assert!(object.exists());
    for file in [
        lab.work.path.join(".gitignore"),
        lab.work.path.join("src/.gitattributes"),
        own.join("index"),
        own.join("HEAD"),
        own.join("rebase-merge"),
        common.join("logs/refs/pm/main"),
        common.join("refs/pm/main"),
        common.join("HEAD"),
        object.clone(),
    ] {
        let shown = file.display().to_string();
        let before = fs::read(&file).ok();
        fifo(&file);
        let began = Instant::now();
        let mut told = String::new();
        for args in [&["list"][..], &["status"], &["worktree", "list"], &["fsck"]] {
            let ran = lab.repo.pm(args);
            told += &format!("{args:?}: {}\n{}{}\n", ran.code, ran.out, ran.err);
        }
        assert!(
            began.elapsed() < Duration::from_secs(40),
            "{shown}: {:?}\n{told}",
            began.elapsed()
        );
        assert!(told.contains(&shown), "{shown} is not named: {told}");
        let ran = lab.repo.pm(&["fsck", "--repair"]);
        assert!(
            !fs::metadata(&file).is_ok_and(|found| !found.is_file()),
            "{shown}: {ran:?}"
        );
        // An object, an index and the log cannot be made again.
        if let Some(before) = before {
            let _ = fs::remove_file(&file);
            fs::write(&file, before).unwrap();
        }
        lab.repo.git(&["branch"]).ok();
        lab.repo.git(&["for-each-ref"]).ok();
        lab.repo.pm(&["list"]).ok();
        let again = lab.repo.pm(&["fsck"]).text();
        assert!(!again.contains("FIFO"), "{shown}: {again}");
    }
}

/// An agent that leaves them in its worktree fails, and nobody waits.
#[test]
fn s7_a_run_ends_in_spite_of_fifos() {
    for file in [
        ".gitignore",
        ".gitattributes",
        "$(git rev-parse --absolute-git-dir)/index",
        "$(git rev-parse --absolute-git-dir)/HEAD",
        "$(git rev-parse --absolute-git-dir)/rebase-merge",
    ] {
        let stage = Stage::with_tasks(&["One"]);
        let script = format!("{WORK}\nf=\"{file}\"; rm -rf \"$f\"; mkfifo \"$f\"");
        let began = Instant::now();
        stage.run(&script, &["--returns", "0"]);
        assert!(began.elapsed() < Duration::from_secs(60), "{file}");
        stage.repo.git(&["branch"]).ok();
        stage.repo.pm(&["list"]).ok();
    }
}

/// The modes of hooks that an agent took away are put back after its attempt.
#[test]
fn s11_modes_of_hooks_are_put_back() {
    let stage = Stage::with_tasks(&["One"]);
    let script = format!("{WORK}\nchmod a-x $(git rev-parse --git-common-dir)/hooks/*");
    stage.run(&script, &["--returns", "0"]);
    let bot = agent(&stage.repo).by("bot");
    bot.write(".github/w.yml", "x\n");
    bot.git(&["add", "-A"]).ok();
    let commit = bot.git(&["commit", "-qm", "x"]);
    assert_ne!(commit.code, 0, "{commit:?}");
    assert!(commit.err.contains(".github/w.yml"), "{commit:?}");
    // Outside of a run, the next command that looks at the hooks does it.
    let hooks = stage.repo.path.join(".git/hooks");
    let made = std::process::Command::new("chmod")
        .arg("a-x")
        .arg(hooks.join("pre-commit"))
        .status();
    assert!(made.unwrap().success());
    stage.repo.pm(&["next"]);
    assert_ne!(bot.git(&["commit", "-qm", "x"]).code, 0);
}

/// The sandbox does not hide the program of the hooks.
#[test]
fn s11_a_hook_finds_its_program_in_the_sandbox() {
    let stage = Stage::new();
    let far = stage.dir().join("far");
    fs::create_dir_all(&far).unwrap();
    fs::copy(binary(), far.join("git-pm")).unwrap();
    executable(&far.join("git-pm"));
    stage.repo.git(&["config", "pm.sandboxRead", "/usr"]).ok();
    let installed = stage
        .repo
        .run(far.join("git-pm").to_str().unwrap(), &["hook", "install"]);
    assert_eq!(installed.code, 0, "{installed:?}");
    stage.repo.task("One", &[]);
    let script = "mkdir -p .github; echo x >.github/w.yml; git add -A\n\
                  git commit -qm x 2>\"$OUT/err\"; echo $? >\"$OUT/code\"";
    stage.run(script, &["--returns", "0"]);
    assert_eq!(stage.told("code"), "1\n", "{}", stage.told("err"));
    assert!(
        stage.told("err").contains("protected paths"),
        "{}",
        stage.told("err")
    );
}

/// A guard that is found and fails refuses, with the command that goes past it.
#[test]
fn s11_a_guard_that_fails_refuses() {
    let (scene, repo) = set_up();
    let stub = scene.dir.path().join("stub/git-pm");
    fs::create_dir_all(stub.parent().unwrap()).unwrap();
    let shim = repo.path.join(".git/hooks/pre-commit");
    let stub_in = |name: &str| {
        let file = repo.path.join(".git/hooks").join(name);
        let text = fs::read_to_string(&file).unwrap();
        let line = |line: &str| match line.trim_start().starts_with("binary='") {
            true => format!("\tbinary='{}'", stub.display()),
            false => line.to_string(),
        };
        let lines: Vec<String> = text.lines().map(line).collect();
        fs::write(&file, lines.join("\n") + "\n").unwrap();
    };
    for name in ["pre-commit", "prepare-commit-msg", "commit-msg"] {
        stub_in(name);
    }
    assert!(fs::read_to_string(&shim).unwrap().contains("stub/git-pm"));
    repo.write("x", "1\n");
    repo.git(&["add", "-A"]).ok();
    for (script, said) in [("kill -9 $$", "137"), ("exit 101", "101")] {
        script_file(&stub, script);
        let ran = repo.git(&["commit", "-qm", "x"]);
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(
            ran.err.contains(said) && ran.err.contains("git commit --no-verify"),
            "{ran:?}"
        );
    }
    repo.git(&["commit", "-qm", "x", "--no-verify"]).ok();
    // In a sandbox nothing is offered.
    repo.write("x", "2\n");
    let inside = repo.with("GIT_PM_RUN", "R-1");
    let ran = inside.git(&["commit", "-qam", "x"]);
    assert!(ran.code != 0 && !ran.err.contains("--no-verify"), "{ran:?}");
    // Not found: outside it passes with a warning, inside it is refused.
    fs::remove_file(&stub).unwrap();
    let path = "/usr/bin:/bin";
    let ran = inside.with("PATH", path).git(&["commit", "-qam", "x"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    let ran = repo.with("PATH", path).git(&["commit", "-qam", "x"]).ok();
    assert!(ran.err.contains("warning"), "{ran:?}");
}

#[test]
fn s11_a_guard_that_cannot_read_the_state_refuses() {
    let (_scene, repo) = set_up();
    let common = repo.path.join(".git");
    fs::remove_dir_all(common.join("logs/refs/pm")).unwrap();
    fs::write(common.join("refs/pm/main"), format!("{}\n", "1".repeat(40))).unwrap();
    repo.write("x", "1\n");
    repo.git(&["add", "-A"]).ok();
    let ran = repo.git(&["commit", "-qm", "x"]);
    assert!(
        ran.code != 0 && ran.err.contains("git commit --no-verify"),
        "{ran:?}"
    );
    repo.git(&["commit", "-qm", "x", "--no-verify"]).ok();
}
