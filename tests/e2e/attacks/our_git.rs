//! Attacks: git that we start among the files of others, irregular files, and a guard that fails (s2, s5, s6, s7, s11).
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
        Lab::started_by(Repo::clone)
    }

    fn of_agent() -> Lab {
        Lab::started_by(|repo| agent(repo).by("bot"))
    }

    fn started_by(who: impl Fn(&Repo) -> Repo) -> Lab {
        let (scene, repo) = set_up();
        let id = repo.task("First", &["--path", "src/auth.rs"]);
        who(&repo).pm(&["start", &id]).ok();
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

    fn pwn(&self) -> PathBuf {
        self.scene.dir.path().join("PWN")
    }

    fn has_run(&self) -> bool {
        self.pwn().exists()
    }

    fn told(&self) -> String {
        fs::read_to_string(self.pwn()).unwrap_or_default()
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

/// Scripts of an agent that leave a file outside, at the paths of hooks and programs in its tree.
fn spies(lab: &Lab, names: &[&str]) {
    for name in names {
        let text = format!("echo {name} >>'{}'; cat", lab.pwn().display());
        let file = lab.work.path.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        script_file(&file, &text);
    }
}

/// The worktree of the task is removed, and a person makes it again, of the agent's branch.
fn start_again(lab: &Lab) {
    let place = lab.work.path.to_str().unwrap();
    let bot = agent(&lab.repo).by("bot");
    bot.pm(&["task", "drop", "T-0001"]).ok();
    lab.repo.git(&["worktree", "remove", "--force", place]).ok();
    let _ = fs::remove_file(lab.pwn());
    lab.repo.pm(&["start", "T-0001"]).ok();
    assert!(lab.work.path.join(".git").exists());
    assert!(!lab.has_run(), "{}", lab.told());
}

/// A folder of hooks in the tree, as teams have it, is the user's in the main worktree only.
#[test]
fn s2_hooks_of_the_tree_run_nowhere_else() {
    let lab = Lab::of_agent();
    lab.repo
        .git(&["config", "core.hooksPath", ".githooks"])
        .ok();
    spies(
        &lab,
        &[
            ".githooks/reference-transaction",
            ".githooks/post-index-change",
            ".githooks/post-checkout",
        ],
    );
    let quiet = ["-c", "core.hooksPath=/dev/null"];
    lab.work.git(&[&quiet[..], &["add", "-A"]].concat()).ok();
    let commit = ["commit", "-qm", "hooks"];
    lab.work.git(&[&quiet[..], &commit].concat()).ok();
    let told = lab.look_everywhere();
    assert!(!lab.has_run(), "{told}");
    for args in [&["status"][..], &["task", "comment", "T-0001", "x"]] {
        lab.work.pm(args).ok();
    }
    assert!(!lab.has_run(), "{}", lab.told());
    start_again(&lab);
    lab.work.pm(&["finish"]).ok();
    assert!(!lab.has_run(), "{}", lab.told());
}

/// The hooks of a user run when a worktree is made of the target.
#[test]
fn s2_a_hook_of_the_user_runs_for_a_new_worktree() {
    let lab = Lab::new();
    let hook = lab.repo.path.join(".git/hooks/post-checkout");
    script_file(&hook, &format!("echo ran >>'{}'", lab.pwn().display()));
    lab.repo.task("Second", &[]);
    lab.repo.pm(&["start", "T-0002"]).ok();
    assert!(lab.has_run());
}

/// A filter that is a file of the tree is that of the main worktree, wherever it runs.
#[test]
fn s2_filters_of_the_tree_are_those_of_the_main_worktree() {
    let lab = Lab::of_agent();
    for key in ["clean", "smudge"] {
        let (key, command) = (format!("filter.up.{key}"), format!("sh tools/{key}.sh"));
        lab.repo.git(&["config", &key, &command]).ok();
    }
    lab.repo.git(&["config", "filter.up.required", "true"]).ok();
    for place in [&lab.repo, &lab.work] {
        place.write("tools/clean.sh", "tr a-z A-Z\n");
        place.write("tools/smudge.sh", "tr A-Z a-z\n");
    }
    lab.work.write(".gitattributes", "*.up filter=up\n");
    lab.work.write("x.up", "text\n");
    std::thread::sleep(Duration::from_millis(1100));
    lab.work.commit_all("With a filter");
    spies(&lab, &["tools/clean.sh", "tools/smudge.sh"]);
    lab.work.commit_all("Spies");
    std::thread::sleep(Duration::from_millis(1100));
    lab.work.write("x.up", "text\n");
    let told = lab.look_everywhere();
    assert!(!lab.has_run(), "{told}");
    let listed = lab.repo.data(&["worktree", "list"]);
    let mut all = listed["items"].as_array().unwrap().iter();
    let work = all.find(|w| w["item"] == "T-0001").unwrap();
    assert_eq!(work["dirty"], false, "{listed}");
    start_again(&lab);
    assert_eq!(lab.work.read("x.up"), "text\n");
}

/// A relative folder of `PATH` is in the worktree, and its `git` can be an agent's.
#[test]
fn s2_a_relative_folder_of_path_has_no_git() {
    let lab = Lab::new();
    spies(&lab, &["bin/git"]);
    let bin = Path::new(binary()).parent().unwrap().display();
    let path = format!("./bin:{bin}:{}", std::env::var("PATH").unwrap());
    let there = lab.work.with("PATH", &path);
    for args in [&["status"][..], &["doctor"], &["show", "T-0001"]] {
        there.run(binary(), args);
        assert!(!lab.has_run(), "{args:?}");
    }
    there.run(binary(), &["list"]).ok();
}

/// What an agent writes into its git directory leads nobody else who works there meanwhile.
#[test]
fn s2_a_lent_worktree_runs_nothing_for_others() {
    let stage = Stage::with_tasks(&["One"]);
    let lab = tempfile::tempdir().unwrap();
    let pwn = lab.path().join("PWN");
    let script = format!(
        r#"cat >/dev/null
printf '#!/bin/sh\n(echo "$0" >>"{pwn}") 2>/dev/null; cat\n' >spy; chmod +x spy
common='{common}'; name=$(basename "$PWD"); own=$(basename "$(git rev-parse --absolute-git-dir)")
F="$PWD/.e"; mkdir -p "$F/worktrees" "$F/objects/info" "$F/pm" "$F/hooks"
cp -r "$common/refs" "$common/HEAD" "$common/config" "$F"; cp -r "$common/worktrees/$own" "$F/worktrees"
echo "$common/objects" >"$F/objects/info/alternates"
git config -f "$F/config" core.fsmonitor "$PWD/spy"; git config -f "$F/config" core.hooksPath "$F/hooks"
git config core.fsmonitor "$PWD/spy"; git config core.hooksPath "$F/hooks"
for hook in reference-transaction post-index-change; do cp spy "$F/hooks"; mv "$F/hooks/spy" "$F/hooks/$hook"; done
echo "$F/worktrees/$own" >"$(git rev-parse --absolute-git-dir)/pm-worktree"
echo >"$OUT/ready"; while ! test -e "$OUT/go"; do sleep 0.05; done
rm "$F/config"; mkfifo "$F/pm/lock" "$F/config"
echo >"$OUT/again"; while ! test -e "$OUT/end"; do sleep 0.05; done; exit 3"#,
        pwn = pwn.display(),
        common = stage
            .repo
            .path
            .join(".git")
            .canonicalize()
            .unwrap()
            .display(),
    );
    let running = stage.start(&script, &["--returns", "0"]);
    for (ready, next) in [("ready", "go"), ("again", "end")] {
        stage.wait_for(ready);
        let there = stage.repo.other(&stage.worktrees()[0]);
        let began = Instant::now();
        for args in [
            &["status"][..],
            &["show", "T-0001"],
            &["worktree", "list"],
            &["task", "comment", "T-0001", "x"],
        ] {
            there.pm(args).ok();
        }
        assert!(began.elapsed() < Duration::from_secs(20));
        assert!(!pwn.exists(), "{}", fs::read_to_string(&pwn).unwrap());
        stage.tell(next);
    }
    running.end();
    assert!(!pwn.exists());
}

/// A person who takes a task over from a killed run gets the worktree back first, with what its agent
/// committed.
#[test]
fn s2_a_worktree_that_a_killed_run_lent_is_returned() {
    let stage = Stage::with_tasks(&["One"]);
    let script = format!("{WORK}\necho >\"$OUT/ready\"; sleep 60");
    let running = stage.start(&script, &["--returns", "0"]);
    stage.wait_for("ready");
    running.kill();
    let repo = &stage.repo;
    repo.pm(&["task", "reassign", "T-0001", "--to", "Ana"]).ok();
    let ana = repo.by("Ana");
    let ran = ana.pm(&["start", "T-0001"]).exits(1);
    assert!(ran.err.contains("git pm run stop"), "{ran:?}");
    repo.pm(&["run", "stop"]).ok();
    ana.pm(&["start", "T-0001"]).ok();
    let there = ana.worktree("T-0001");
    assert!(!there.read(".git").contains("/runs/"));
    assert_eq!(there.git(&["show", "HEAD:T-0001.txt"]).ok().out, "T-0001\n");
}

/// Git follows what is in the worktree's git directory, so that gates and set-up in the sandbox only
/// read it.
#[test]
fn s5_a_gate_writes_nothing_into_the_git_directory() {
    let stage = Stage::with_tasks(&["One"]);
    stage.repo.git(&["config", "pm.gate", "t=sh check.sh"]).ok();
    let script = format!(
        "cat >/dev/null; cat >check.sh <<'END'\n\
         D=$(git rev-parse --absolute-git-dir)\n\
         for name in index logs/HEAD info ORIG_HEAD config.worktree; do\n\
         rm -rf $D/$name; ln -s /dev/null $D/$name; done\n\
         git status >/dev/null && git diff --quiet && echo seen >'{}/gate'; exit 1\n\
         END\n\
         git add -A; git commit -qm Check",
        stage.out.display()
    );
    stage.run(&script, &["--returns", "0"]);
    assert_eq!(stage.told("gate"), "seen\n", "{}", stage.why());
    let git_dirs = fs::read_dir(stage.repo.path.join(".git/worktrees")).unwrap();
    for git_dir in git_dirs.map(|entry| entry.unwrap().path()) {
        for name in ["", "logs"] {
            let mut files = fs::read_dir(git_dir.join(name)).unwrap();
            let link = files.find(|file| file.as_ref().unwrap().path().is_symlink());
            assert!(link.is_none(), "{link:?}");
        }
    }
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
