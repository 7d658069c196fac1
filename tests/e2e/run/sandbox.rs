//! SE-08: agents, and the gates on their work, reach what they need and nothing else.

use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::{Child, Command};

use serde_json::json;

use super::stage::{Stage, WORK, signal};
use crate::support::{Ran, Scene, script_file};

/// The interpreter itself, not one that looks for it, and what it was installed with.
fn python() -> (String, String) {
    let code = "import sys; print(sys.executable); print(sys.base_prefix)";
    let output = Command::new("python3").args(["-c", code]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines().map(str::to_string);
    (lines.next().unwrap(), lines.next().unwrap())
}

/// A process that must survive.
struct Victim(Child);

impl Victim {
    fn new() -> Victim {
        Victim(Command::new("sleep").arg("600").spawn().unwrap())
    }

    fn lives(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the suite reported, the run, and whether the neighbour lives.
fn escape(stage: &Stage) -> (Vec<(String, String)>, Ran, bool) {
    let dir = stage.dir();
    let (home, main, outside) = (
        dir.join("home"),
        stage.repo.path.clone(),
        dir.join("outside"),
    );
    std::fs::create_dir_all(home.join(".ssh")).unwrap();
    std::fs::write(home.join(".ssh/id_ed25519"), "key").unwrap();
    std::fs::create_dir_all(&outside).unwrap();
    for name in ["kept", "removable"] {
        std::fs::write(outside.join(name), "text").unwrap();
    }
    std::fs::write(main.join("secret.env"), "KEY=1").unwrap();
    let common = main.join(".git");
    std::fs::create_dir_all(common.join("info")).unwrap();
    stage.repo.git(&["branch", "kept"]).ok();
    // A neighbour with a worktree, whose agent is a human for once.
    let id = stage.repo.task("Neighbour", &[]);
    stage.repo.pm(&["start", &id]).ok();
    let neighbour = stage.repo.worktree(&id);
    neighbour.write("note.txt", "text");
    let neighbours_git = neighbour.git(&["rev-parse", "--absolute-git-dir"]).out;
    let mut victim = Victim::new();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let unix = stage.out.join("socket");
    let _unix = UnixListener::bind(&unix).unwrap();
    let name = format!("git-pm-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let _abstract = UnixListener::bind_addr(&address).unwrap();
    let disk = std::fs::metadata("/").unwrap().dev();
    let report = stage.out.join("report");
    let plan = json!({
        "home": home, "main": main, "outside": outside, "common": common,
        "neighbour": neighbour.path, "neighbours_git": neighbours_git.trim(),
        "pid": std::process::id(),
        "address": std::ptr::from_ref(&report).addr(),
        "victim": victim.0.id(), "tcp": tcp.local_addr().unwrap().port(),
        "udp": udp.local_addr().unwrap().port(), "unix": unix, "abstract": name,
        "disk": [(disk >> 8) & 0xfff, (disk & 0xff) | ((disk >> 12) & 0xfff00)],
        "report": report,
    });
    let (python, prefix) = python();
    stage.repo.git(&["config", "pm.sandboxRead", &prefix]).ok();
    let script = stage.dir().join("escape.py");
    let text = include_str!("escape.py").replace("@PLAN@", &plan.to_string());
    script_file(&script, "");
    std::fs::write(&script, format!("#!{python}\n{text}")).unwrap();
    let told = stage.out.to_str().unwrap().to_string();
    stage.repo.git(&["config", "pm.sandboxWrite", &told]).ok();
    let with = format!("script:{}", script.display());
    let task = stage.repo.task("Escape", &[]);
    let ran = stage
        .start_command(
            &stage.repo,
            &["run", "--with", &with, "--only", &task, "--returns", "0"],
        )
        .end();
    let told = stage.told("report");
    assert!(told.ends_with("end\n"), "{told}\n{}", ran.err);
    let lines = told.lines().filter(|line| *line != "end");
    let results = lines
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, result)| (name.to_string(), result.to_string()))
        .collect();
    (results, ran, victim.lives())
}

/// The suite finds no way out, and names every try. Without a sandbox most of them succeed, so that
/// they are tries.
#[test]
fn an_agent_does_not_escape() {
    let stage = Stage::new();
    let (results, ran, lives) = escape(&stage);
    let log = stage.repo.pm(&["logs"]).ok().out;
    let abi = log.split_once("Landlock ABI ").unwrap().1;
    let abi: u32 = abi.split(',').next().unwrap().parse().unwrap();
    println!("Landlock ABI {abi}");
    assert!(abi >= 6, "{log}");
    let escaped: Vec<_> = results
        .iter()
        .filter(|(_, result)| result == "escaped")
        .collect();
    assert!(escaped.is_empty(), "{escaped:?}\n{results:#?}");
    assert_eq!(results.len(), 44, "{results:#?}");
    assert!(lives, "the neighbour was killed");
    assert!(!ran.err.contains("WITHOUT A SANDBOX"), "{}", ran.err);
    assert!(!stage.dir().join("outside/ran").exists());

    let stage = Stage::new().without_sandbox();
    let (results, _, lives) = escape(&stage);
    let refused: Vec<_> = results
        .iter()
        .filter(|(_, result)| result != "escaped")
        .collect();
    // Only root may do these, or the machine forbids them to all.
    let may_be_refused = [
        "read-shadow",
        "mount",
        "disk",
        "io-uring",
        "keyring",
        "trace-runner",
        "read-memory-of-runner",
        "move-from-main-checkout",
    ];
    for (name, why) in refused {
        assert!(may_be_refused.contains(&name.as_str()), "{name}: {why}");
    }
    assert!(!lives, "the neighbour was not killed: the try is none");
}

/// What an agent has written does not escape in a gate, either: not in that of its worktree, and not
/// in that of the result.
#[test]
fn a_gate_does_not_escape() {
    let stage = Stage::with_tasks(&["One"]);
    stage.repo.git(&["config", "pm.sandboxRead", "/usr"]).ok();
    let home = stage.dir().join("home");
    std::fs::write(home.join("secret"), "text").unwrap();
    // By a name that the command does not contain: otherwise the work would wait for a human.
    let gate = "test=sh \"./$(printf te)st.sh\"";
    stage.repo.git(&["config", "pm.gate", gate]).ok();
    let script = format!(
        r#"cat >test.sh <<END
cat ~/secret && touch "$OUT/read"
touch ~/written && touch "$OUT/wrote"
echo x >>"$OUT/gates"
END
{WORK}"#
    );
    let ran = stage.run(&script, &["--merge", "gates"]).ok();
    assert_eq!(stage.told("gates"), "x\nx\n", "{}", ran.err);
    assert!(!home.join("written").exists());
    for name in ["read", "wrote"] {
        assert!(!stage.out.join(name).exists(), "{name}");
    }
}

/// Git runs a program for whoever controls the configuration that it reads. An agent leads it to another
/// one, by the files that link the worktree to the repository and by a repository in a repository.
#[test]
fn git_is_not_led_to_a_configuration_of_the_agent() {
    let evil = r#"
git init -q "$PWD/evil"
git -C evil commit -q --allow-empty -m x
git -C evil config core.fsmonitor "touch '$OUT/ran'; false"
"#;
    let links = [
        "printf 'gitdir: %s' \"$PWD/evil/.git\" >.git",
        "cd evil/.git && d=$(cat commondir 2>/dev/null); g=$(git -C ../.. rev-parse --absolute-git-dir); \
         printf '%s' \"$PWD\" >\"$g/commondir\"",
        "git add evil",
    ];
    for link in links {
        let stage = Stage::with_tasks(&["One"]);
        let script = format!("{WORK}{evil}{link}\n");
        let ran = stage.run(&script, &["--returns", "0"]);
        assert!(!stage.out.join("ran").exists(), "{link}: {}", ran.err);
        stage.repo.pm(&["status"]).ok();
        assert!(!stage.out.join("ran").exists(), "{link}: {}", ran.err);
        // The other configuration would have been read.
        let worktree = stage.repo.worktree("T-0001");
        worktree.other("evil").git(&["status"]);
        assert!(stage.out.join("ran").exists(), "{link}: no attack");
    }
}

/// A kernel without Landlock is told loudly, or refused if a sandbox is required.
#[test]
fn a_missing_sandbox_is_named_or_refused() {
    let without_landlock = |stage: &Stage| {
        std::thread::scope(|scope| {
            let run = scope.spawn(|| {
                forbid_landlock();
                stage.run(WORK, &[])
            });
            run.join().unwrap()
        })
    };
    let stage = Stage::with_tasks(&["One"]);
    let ran = without_landlock(&stage).exits(1);
    assert!(ran.err.contains("WITHOUT A SANDBOX"), "{}", ran.err);
    assert_eq!(stage.item("T-0001"), "in_review");

    let stage = Stage::with_tasks(&["One"]);
    stage.repo.pm(&["config", "pm.sandbox", "require"]).ok();
    let ran = without_landlock(&stage).exits(1);
    assert!(
        ran.err.contains("agents cannot be started in a sandbox"),
        "{}",
        ran.err
    );
    assert_eq!(stage.item("T-0001"), "queued");
    // Here it can be made.
    stage.run(WORK, &[]).exits(1);
    assert_eq!(stage.item("T-0001"), "in_review");
}

/// As on a kernel that does not have it, for this thread and what it starts.
fn forbid_landlock() {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let rules = [(libc::SYS_landlock_create_ruleset, Vec::new())].into();
    let missing = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, missing, arch).unwrap();
    let filter: BpfProgram = filter.try_into().unwrap();
    seccompiler::apply_filter(&filter).unwrap();
}

/// An agent does not loosen its sandbox.
#[test]
fn an_agent_cannot_change_the_sandbox() {
    let stage = Stage::new();
    let agent = crate::support::agent(&stage.repo);
    let before = stage.repo.git(&["config", "--list", "--local"]).out;
    for (key, value) in [
        ("pm.sandbox", "off"),
        ("pm.sandboxNetwork", "on"),
        ("pm.sandboxRead", "/"),
        ("pm.sandboxWrite", "/"),
    ] {
        let ran = agent.pm(&["config", key, value]);
        assert_ne!(ran.code, 0, "{key}");
        let after = stage.repo.git(&["config", "--list", "--local"]).out;
        assert_eq!(after, before, "{key}");
    }
}

/// A gate that changes the links of its worktree opens nothing for the next attempt.
#[test]
fn a_gate_does_not_change_the_links_of_its_worktree() {
    let stage = Stage::with_tasks(&["One"]);
    stage
        .repo
        .git(&["config", "pm.gate", "test=sh ./test.sh"])
        .ok();
    let main = stage.repo.path.display().to_string();
    let script = format!(
        r#"touch '{main}/.git/opened' && touch "$OUT/opened"
cat >test.sh <<END
echo 'gitdir: {main}/.git' >.git
exit 1
END
{WORK}"#
    );
    let ran = stage.run(&script, &["--returns", "1"]).exits(1);
    assert!(!stage.out.join("opened").exists(), "{}", ran.err);
    let worktree = stage.repo.worktree("T-0001");
    let git_dir = worktree.git(&["rev-parse", "--absolute-git-dir"]).ok().out;
    assert!(git_dir.contains("/worktrees/"), "{git_dir}");
}

/// RC-16: links that an agent changed are put back before git runs there, also if the run was killed.
#[test]
fn a_continued_run_does_not_follow_the_links_that_an_agent_left() {
    let stage = Stage::with_tasks(&["One"]);
    let opened = stage.dir().join("opened").display().to_string();
    let script = format!(
        r#"if [ ! -e "$OUT/changed" ]; then
mkdir "$OUT/evil"
git init -q "$OUT/evil"
git -C "$OUT/evil" config core.fsmonitor "touch '{opened}'; false"
git -C "$OUT/evil" config core.worktree "$PWD"
echo "gitdir: $OUT/evil/.git" >.git
echo >"$OUT/changed"
exec sleep 60
fi
{WORK}"#
    );
    let running = stage.start(&script, &["--merge", "gates"]);
    stage.wait_for("changed");
    signal(running.id(), "KILL");
    running.end();
    // What the agent prepared works where the link is followed.
    let worktree = stage.repo.worktree("T-0001");
    worktree.git(&["status"]);
    assert!(std::fs::remove_file(&opened).is_ok());
    stage.resume().ok();
    assert!(!std::path::Path::new(&opened).exists());
    stage.all_merged(&["T-0001"]);
}

/// SE-08: what a run prepares for its sandbox has the modes of a shared repository.
#[test]
fn in_a_shared_repository_others_write_after_a_run() {
    let stage = Stage::with_tasks(&["One"]);
    stage
        .repo
        .git(&["config", "core.sharedRepository", "group"])
        .ok();
    stage.run(WORK, &[]).exits(1);
    let git_dir = stage.repo.path.join(".git");
    let all = std::fs::read_dir(git_dir.join("objects"))
        .unwrap()
        .flatten();
    let objects = all.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.len() == 2
    });
    let own = ["pm/seen", "pm/intents"].map(|name| git_dir.join(name));
    for folder in objects.chain(own) {
        let mode = folder.metadata().unwrap().mode() & 0o7777;
        // Those of before the setting are left as they are.
        let is_old = mode == 0o755 && folder.read_dir().unwrap().next().is_some();
        assert!(mode == 0o2775 || is_old, "{}: {mode:o}", folder.display());
    }
}

/// SE-08: the hooks of husky run those in the folder above them.
#[test]
fn hooks_that_run_those_above_them_run_in_the_sandbox() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    let out = scene.dir.path().canonicalize().unwrap().join("out");
    repo.write(".husky/_/.gitignore", "*\n");
    script_file(
        &repo.path.join(".husky/_/pre-commit"),
        "exec sh -e \"$(dirname \"$(dirname \"$0\")\")/$(basename \"$0\")\"",
    );
    repo.write(
        ".husky/pre-commit",
        &format!("echo ran >>'{}/hook'\n", out.display()),
    );
    repo.git(&["config", "core.hooksPath", ".husky/_"]).ok();
    repo.git(&["add", ".husky/pre-commit"]).ok();
    repo.git(&["commit", "-qm", "husky", "--no-verify"]).ok();
    repo.pm(&["init"]).ok();
    repo.task("One", &[]);
    let stage = Stage::of(scene, repo);
    stage.run(&format!("set -e\n{WORK}"), &[]).exits(1);
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    assert_eq!(stage.told("hook"), "ran\n");
}

/// The files of a new worktree count as unchanged for its agent: `git add` makes no object again that
/// the repository has.
#[test]
fn an_agent_that_adds_all_makes_only_what_is_new() {
    let stage = Stage::with_tasks(&["One"]);
    for n in 0..20 {
        stage.repo.write(&format!("old/{n}.txt"), &format!("{n}\n"));
    }
    stage.repo.git(&["add", "old"]).ok();
    stage.repo.git(&["commit", "-qm", "old"]).ok();
    let script = "cat >/dev/null; echo new > new.txt; git add -A\n\
                  find \"$(git rev-parse --absolute-git-dir)/objects\" -path '*/objects/??/*' | wc -l > \"$OUT/made\"\n\
                  git status --short > \"$OUT/status\"; git commit -qm Work";
    stage.run(script, &[]).exits(1);
    assert_eq!(stage.told("made").trim(), "1");
    assert_eq!(stage.told("status"), "A  new.txt\n");
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
}
