//! Attacks: what a process of an agent reaches and what outlives it (s1, s4, s8, s9, m1).
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use crate::run::stage::{Running, Stage, WORK, process_state, signal, until};
use crate::support::{Ran, binary};

/// Hands a task in.
pub(super) const HAND_IN: &str = "echo $GIT_PM_TASK > $GIT_PM_TASK.txt; git add -A\n\
                       git commit -qm Work; git pm task accept $GIT_PM_TASK --all";

/// A folder that no sandbox opens.
pub(super) fn lab() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Starts processes that leave their agent in every way (one ignores TERM if there is a second
/// argument), and writes `PID WAY` of each to the file
/// `pids` in the folder that is its argument. Ends once all are there.
const ESCAPES: &str = r#"
import ctypes, os, shutil, signal, sys, time
out = sys.argv[1]
def note(way):
    with open(out + "/pids", "a") as file:
        file.write("%d %s\n" % (os.getpid(), way))
def fork(child):
    if os.fork() == 0:
        try:
            child()
        finally:
            os._exit(0)
def idle(program="/bin/sleep", env={}):
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.execve(program, ["idle", "600"], env)
def session():
    os.setsid()
    note("session")
    idle(env=dict(os.environ))
def group():
    os.setpgid(0, 0)
    note("group")
    idle()
def double():
    os.setsid()
    os.chdir("/")
    def second():
        os.setsid()
        note("double")
        idle()
    fork(second)
def deaf():
    os.setsid()
    if sys.argv[2:]:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    def second():
        note("deaf")
        idle()
    fork(second)
def reaper():
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    def third():
        os.setsid()
        note("below a reaper")
        idle()
    def second():
        os.setsid()
        fork(third)
    fork(second)
    note("reaper")
    idle()
def renamed():
    copy = os.environ["TMPDIR"] + "/other" if "TMPDIR" in os.environ else out + "/other"
    shutil.copy("/bin/sleep", copy)
    os.chdir("/")
    os.setsid()
    def second():
        os.setsid()
        note("renamed")
        idle(copy)
    fork(second)
for way in (session, group, double, deaf, reaper, renamed):
    fork(way)
for _ in range(400):
    try:
        if len(open(out + "/pids").readlines()) == 7:
            break
    except OSError:
        pass
    time.sleep(0.05)
"#;

/// The lines of a script that starts them.
fn escapes(stage: &Stage) -> String {
    std::fs::write(stage.dir().join("escapes.py"), ESCAPES).unwrap();
    format!(
        "python3 '{}' \"$OUT\" </dev/null\n",
        shown(&stage.dir().join("escapes.py"))
    )
}

/// The ways that got as far as to note themselves, with their processes.
fn escaped(stage: &Stage) -> Vec<(i32, String)> {
    let told = stage.told("pids");
    let parse = |line: &str| {
        let (pid, way) = line.split_once(' ')?;
        Some((pid.parse().ok()?, way.to_string()))
    };
    let all: Vec<_> = told.lines().filter_map(parse).collect();
    assert_eq!(all.len(), 7, "{told}");
    all
}

#[track_caller]
fn all_ended(stage: &Stage) {
    let left: Vec<_> = escaped(stage)
        .into_iter()
        .filter(|(pid, _)| process_state(*pid).is_some())
        .collect();
    for (pid, _) in &left {
        signal(*pid, "KILL");
    }
    assert!(left.is_empty(), "{left:?}");
}

/// s1: a link in the place of a private folder gives a second attempt no more than the first had.
#[test]
fn s1_a_link_does_not_become_a_rule_of_the_sandbox() {
    let stage = Stage::with_tasks(&["First"]);
    let lab = lab();
    let victim = lab.path().join("victim");
    std::fs::create_dir(&victim).unwrap();
    std::fs::write(victim.join("id"), "secret").unwrap();
    let script = format!(
        "cat >/dev/null; V='{}'\n\
         cat $V/id >> \"$OUT/stolen\" 2>/dev/null && echo stolen >> $V/.bashrc\n\
         (echo stolen >> $V/.profile) 2>/dev/null\n\
         echo $TMPDIR >> \"$OUT/folders\"\n\
         chmod 0777 $TMPDIR; P=$(dirname $XDG_CACHE_HOME)\n\
         rm -rf $P/tmp; ln -s $V $P/tmp; ln -s $V $P/new; rm -rf $TMPDIR/*\n\
         printf 'rules: %s\\n' $P >> \"$OUT/private\"\n",
        shown(&victim)
    );
    stage.run(&script, &["--returns", "1"]).exits(1);
    let folders = stage.told("folders");
    let folders: Vec<&str> = folders.lines().collect();
    assert_eq!(folders.len(), 2, "{}", stage.why());
    assert_ne!(
        folders[0], folders[1],
        "a folder open to others is used again"
    );
    assert_eq!(stage.told("stolen"), "");
    let mut left: Vec<_> = std::fs::read_dir(&victim).unwrap().flatten().collect();
    left.retain(|file| file.file_name() != "id");
    assert!(left.is_empty(), "{left:?}");
}

/// s1: a cache folder that is replaced by a link is not followed by the runner either.
#[test]
fn s1_the_runner_creates_nothing_through_a_link() {
    let stage = Stage::with_tasks(&["First"]);
    let lab = lab();
    let script = format!(
        "cat >/dev/null; rm -rf $XDG_CACHE_HOME; ln -s '{}' $XDG_CACHE_HOME\n",
        shown(lab.path())
    );
    stage.run(&script, &["--returns", "1"]).exits(1);
    assert_eq!(std::fs::read_dir(lab.path()).unwrap().count(), 0);
}

/// s1: modes and times of files outside stay as they are, where the user may create namespaces.
#[test]
fn s1_modes_and_times_outside_stay() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let try_it = ["--map-root-user", "--mount", "true"];
    let may = Command::new("unshare").args(try_it).output();
    if !may.is_ok_and(|ran| ran.status.success()) {
        return;
    }
    let stage = Stage::with_tasks(&["First"]);
    let lab = lab();
    let key = lab.path().join("id");
    std::fs::write(&key, "secret").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let before = key.metadata().unwrap();
    let script = format!(
        "cat >/dev/null; for f in '{0}/id' '{0}'; do chmod 0777 \"$f\"; touch -d 2001-01-01 \"$f\"\n\
         python3 -c 'import os,sys; os.setxattr(sys.argv[1], \"user.x\", b\"x\")' \"$f\"; done\n\
         python3 -c 'import ctypes; print(ctypes.CDLL(None).shmget(70737, 4096, 0o1666))' >> \"$OUT/shared\"\n\
         echo x > x; chmod 0755 x; mv x $TMPDIR/x && mv $TMPDIR/x y && test -x y\n\
         echo $? > \"$OUT/own\"; {HAND_IN}",
        shown(lab.path())
    );
    stage.run(&script, &[]).exits(1);
    assert_eq!(stage.told("own"), "0\n", "{}", stage.why());
    let after = key.metadata().unwrap();
    let of = |file: &std::fs::Metadata| (file.mode(), file.mtime(), file.ctime());
    assert_eq!(of(&after), of(&before));
    assert_ne!(lab.path().metadata().unwrap().mode() & 0o777, 0o777);
    // Shared memory is its own, and ends with it.
    assert_eq!(stage.told("shared"), "0\n");
    let shared = std::fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    assert!(!shared.contains(" 70737 "), "{shared}");
}

/// s4: nothing that an agent leaves running lives when its work is checked.
#[test]
fn s4_no_process_outlives_its_agent() {
    let stage = Stage::with_tasks(&["First"]);
    let gate = format!(
        "g=while read pid way; do ! test -e /proc/$pid || echo $way >> '{0}/alive'; done < '{0}/pids'",
        shown(&stage.out)
    );
    stage.repo.git(&["config", "pm.gate", &gate]).ok();
    let script = format!("{}{WORK}", escapes(&stage));
    stage.run(&script, &["--merge", "gates"]).ok();
    all_ended(&stage);
    assert_eq!(stage.told("alive"), "");
    stage.all_merged(&["T-0001"]);
}

/// s4: the same for a gate that leaves processes behind.
#[test]
fn s4_no_process_outlives_a_gate() {
    let stage = Stage::with_tasks(&["First"]);
    let gate = format!("g=OUT='{}'; {}", shown(&stage.out), escapes(&stage).trim());
    stage.repo.git(&["config", "pm.gate", &gate]).ok();
    stage.run(WORK, &[]);
    all_ended(&stage);
}

/// s4: a killed runner takes all of an agent's processes with it, whatever these did.
#[test]
fn s4_nothing_outlives_a_killed_runner() {
    for sandboxed in [true, false] {
        let mut stage = Stage::with_tasks(&["First"]);
        if !sandboxed {
            stage = stage.without_sandbox();
        }
        let script = format!(
            "{} deaf\necho >> \"$OUT/ready\"; sleep 600",
            escapes(&stage).trim()
        );
        let running = stage.start(&script, &[]);
        stage.wait_for("ready");
        running.kill();
        let gone = |pid: i32| process_state(pid).is_none().then_some(());
        for (pid, way) in escaped(&stage) {
            until(&way, || gone(pid));
        }
        stage.left_no_process();
    }
}

/// s4: an agent without a sandbox can kill the process that keeps its own; the runner then ends what
/// it has adopted.
#[test]
fn s4_a_killed_keeper_lets_nothing_escape() {
    let stage = Stage::with_tasks(&["First"]).without_sandbox();
    let script = format!(
        "cat >/dev/null; {}kill -9 $PPID; sleep 600",
        escapes(&stage)
    );
    stage.run(&script, &["--returns", "0"]).exits(1);
    all_ended(&stage);
    stage.left_no_process();
}

/// In the sandbox, it cannot.
#[test]
fn s4_the_keeper_is_out_of_reach_in_the_sandbox() {
    let stage = Stage::with_tasks(&["First"]);
    let script = format!("kill -9 $PPID 2>/dev/null; echo $? > \"$OUT/code\"{WORK}");
    stage.run(&script, &["--merge", "gates"]).ok();
    assert_eq!(stage.told("code"), "1\n");
    stage.all_merged(&["T-0001"]);
}

/// s4: no process outside gets limits from an agent, which could end it; the agent's own may have some.
#[test]
fn s4_an_agent_limits_no_process_outside() {
    let stage = Stage::with_tasks(&["First"]);
    let mut victim = std::process::Command::new("sleep")
        .arg("600")
        .spawn()
        .unwrap();
    let file = format!("/proc/{}/limits", victim.id());
    let before = std::fs::read_to_string(&file).unwrap();
    let script = format!(
        "cat >/dev/null; python3 - >\"$OUT/said\" 2>&1 <<'END'\n\
         import resource\n\
         FILES = resource.RLIMIT_NOFILE\n\
         print('read', len(resource.prlimit({victim}, FILES)))\n\
         resource.setrlimit(FILES, (50, 50))\n\
         print('own', resource.getrlimit(FILES))\n\
         resource.prlimit({victim}, FILES, (5, 5))\n\
         print('changed')\n\
         END\n\
         exit 3",
        victim = victim.id()
    );
    stage.run(&script, &["--returns", "0"]);
    let after = std::fs::read_to_string(&file).unwrap();
    victim.kill().unwrap();
    victim.wait().unwrap();
    let said = stage.told("said");
    assert_eq!(after, before, "{said}");
    assert!(
        said.starts_with("read 2\nown (50, 50)\n") && said.contains("PermissionError"),
        "{said}"
    );
}

/// s7: folders of any depth, in the place of `.git` and beside it, stop no run, and are removed.
#[test]
fn s7_a_deep_folder_stops_no_run_and_is_removed() {
    let stage = Stage::with_tasks(&["First"]);
    // Made of parts, because the sandbox makes work in a deep folder slow.
    let script = "cat >/dev/null; python3 - <<'END'
import os
os.remove('.git')
top = os.open('.', os.O_RDONLY)
for name in ('.git', 'deep'):
    for part in range(20):
        os.fchdir(top)
        os.mkdir('part')
        os.chdir('part')
        for i in range(1000):
            os.mkdir('d')
            os.chdir('d')
        if part:
            os.rename(name, 'd', src_dir_fd=top)
        os.rename('part', name, src_dir_fd=top, dst_dir_fd=top)
END
exit 3";
    let ran = stage.run(script, &["--returns", "0"]);
    let worktree = stage.worktrees().remove(0);
    let worktree = Path::new(&worktree);
    let (link, deep) = (
        worktree.join(".git").is_file(),
        worktree.join("deep").is_dir(),
    );
    stage.repo.pm(&["task", "cancel", "T-0001"]);
    let gc = stage.repo.pm(&["worktree", "gc", "--force"]);
    let removed = !worktree.exists();
    // What the test itself removes would overflow its stack.
    let cleared = std::process::Command::new("rm")
        .arg("-rf")
        .arg(worktree)
        .status();
    assert!(cleared.unwrap().success());
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        link && deep && removed,
        "{link} {deep} {removed} {gc:?}\n{}",
        stage.why()
    );
}

/// Without Landlock, a run says that there is no sandbox, and still nothing outlives an agent.
#[test]
fn s4_holds_on_a_kernel_without_landlock() {
    let stage = Stage::with_tasks(&["First"]);
    // Its first call fails as on such a kernel.
    let code = "import ctypes, os, struct, sys\n\
                libc = ctypes.CDLL(None)\n\
                ops = [(0x20, 0, 0, 0), (0x15, 0, 1, 444), (6, 0, 0, 0x50000 | 95), (6, 0, 0, 0x7fff0000)]\n\
                text = b''.join(struct.pack('HBBI', *op) for op in ops)\n\
                kept = ctypes.create_string_buffer(text)\n\
                program = struct.pack('HxxxxxxQ', len(ops), ctypes.addressof(kept))\n\
                assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program) == 0\n\
                os.execv(sys.argv[1], sys.argv[1:])";
    let with = stage.agent(&format!("{}{WORK}", escapes(&stage)));
    let args = [
        "-c",
        code,
        binary(),
        "run",
        "--with",
        &with,
        "--merge",
        "gates",
    ];
    let ran = stage.repo.run("python3", &args).ok();
    assert!(ran.err.contains("WITHOUT A SANDBOX"), "{ran:?}");
    all_ended(&stage);
    stage.all_merged(&["T-0001"]);
}

/// s8: files that the caller has open are not the agent's, a gate's, or a set-up command's.
#[test]
fn s8_inherited_descriptors_are_closed() {
    let stage = Stage::with_tasks(&["First"]);
    let lab = lab();
    let (secret, log) = (lab.path().join("secret"), lab.path().join("log"));
    std::fs::write(&secret, "secret\n").unwrap();
    let probe = "(cat <&7; echo overwritten >&8; cat <&13)";
    stage
        .repo
        .git(&["config", "pm.gate", &format!("g=! {probe}")])
        .ok();
    stage
        .repo
        .git(&["config", "pm.setup", &format!("! {probe}")])
        .ok();
    let script = format!("{probe} > \"$OUT/seen\" 2>/dev/null{WORK}");
    let with = stage.agent(&script);
    let opened = "exec 7<\"$1\" 8>>\"$2\"; shift 2; exec \"$@\"";
    let (secret, logged) = (shown(&secret), shown(&log));
    let run = ["run", "--with", &with, "--merge", "gates"];
    let args = ["-c", opened, "bash", &secret, &logged, binary()];
    stage.repo.run("bash", &[&args[..], &run].concat()).ok();
    assert_eq!(stage.told("seen"), "");
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "");
    stage.all_merged(&["T-0001"]);
}

/// A script that runs commands of git pm as if it were a person, and tells what each answered.
fn as_a_person(commands: &[&str]) -> String {
    let mut script = String::from(
        "cat >/dev/null\n\
         H='env -u GIT_PM_RUN -u GIT_PM_TASK -u GIT_PM_ACTOR -u AGENT_NAME git pm'\n",
    );
    for command in commands {
        for name in ["", "--as Human "] {
            script.push_str(&format!(
                "$H {name}{command} >> \"$OUT/answers\" 2>&1; \
                 echo \"=$? {command}\" >> \"$OUT/answers\"\n"
            ));
        }
    }
    script
}

/// s9: in the sandbox everybody is an agent, whatever the variables say.
#[test]
fn s9_nobody_in_the_sandbox_is_a_person() {
    let stage = Stage::new();
    stage.repo.task("First", &["--accept", "works"]);
    stage.repo.task("Second", &["--accept", "works"]);
    let commands = [
        "task approve T-0001",
        "task accept T-0002 --all",
        "config --shared pm.protectedPaths none",
        "config pm.gate t=true",
    ];
    let script = format!(
        "{}\n{HAND_IN}\ngit pm finish\n{}",
        "cat >/dev/null",
        as_a_person(&commands)
    );
    stage.run(&script, &["--only", "T-0001", "--returns", "0"]);
    let answers = stage.told("answers");
    for command in commands {
        assert!(!answers.contains(&format!("=0 {command}")), "{answers}");
    }
    assert!(answers.contains("in the sandbox of an agent"), "{answers}");
    assert_ne!(stage.item("T-0001"), "ready_for_integration");
    let second = stage.repo.data(&["show", "T-0002"]);
    assert_eq!(second["acceptance"][0]["done"], false, "{second}");
}

/// s9: a person whose processes can gain no privileges, as in a container, stays a person.
#[test]
fn s9_a_person_in_a_container_stays_one() {
    let stage = Stage::with_tasks(&["First"]);
    stage.run(WORK, &[]);
    let code = "import ctypes, os, sys\n\
                assert ctypes.CDLL(None).prctl(38, 1, 0, 0, 0) == 0\n\
                os.execv(sys.argv[1], sys.argv[1:])";
    let approve = ["task", "approve", "T-0001"];
    let args = [&["-c", code, binary()][..], &approve].concat();
    stage.repo.run("python3", &args).ok();
    assert_eq!(stage.item("T-0001"), "ready_for_integration");
}

/// s9: no setting opens the folder by which a process finds that it is inside.
#[test]
fn s9_the_root_folder_is_not_opened_by_a_setting() {
    let stage = Stage::with_tasks(&["First"]);
    for path in ["/", "/usr/.."] {
        stage
            .repo
            .git(&["config", "--replace-all", "pm.sandboxRead", path])
            .ok();
        let ran = stage.run(WORK, &["--returns", "0"]);
        assert_ne!(ran.code, 0, "{ran:?}");
    }
}

/// m1: what a model's command leaves running ends with the command, so that no file tool can be
/// led astray by it.
#[cfg(feature = "models")]
#[test]
fn m1_a_models_files_stay_in_the_worktree() {
    use crate::support::model_server::{Reply, Server};
    use serde_json::json;

    let stage = Stage::with_tasks(&["First"]);
    let lab = lab();
    let victim = lab.path().join("victim");
    std::fs::create_dir(&victim).unwrap();
    std::fs::write(victim.join("f"), "kept").unwrap();
    let command = format!(
        "mkdir -p d; ln -sfn '{}' e; echo x > d/f; {}",
        shown(&victim),
        escapes(&stage).replace("$OUT", &shown(&stage.out)).trim()
    );
    let server = Server::new(move |request| match request.results().len() {
        0 => Reply::run(&command),
        1 => Reply::call("write_file", json!({ "path": "d/f", "content": "model" })),
        2 => Reply::call("write_file", json!({ "path": "e/f", "content": "model" })),
        3 => Reply::call("read_file", json!({ "path": "e/f" })),
        4 => Reply::run("cat d/f; git add d && git commit -qm Work"),
        _ => Reply::say("It is committed."),
    });
    let repo = stage.repo.with("OLLAMA_HOST", &server.url);
    let running: Running = stage.start_command(
        &repo,
        &["run", "--with", "model:ollama/x", "--returns", "0"],
    );
    let ran: Ran = running.end();
    all_ended(&stage);
    assert_eq!(std::fs::read_to_string(victim.join("f")).unwrap(), "kept");
    let results = server.requests().last().unwrap().results();
    assert!(results[2].contains("outside the worktree"), "{results:?}");
    assert!(!results[3].contains("kept"), "{results:?}");
    assert!(results[4].contains("model"), "{results:?} {ran:?}");
}
