//! Trust in commands by their content, and gates.

use crate::support::{Repo, Scene};

/// A started task with one commit, ready to be finished.
fn worked(repo: &Repo) -> Repo {
    let id = repo.task("T", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("x.txt", "x\n");
    work.commit_all("Work");
    work
}

// Commands come only from this clone's config, or from a checked-in file whose content
// the user trusted.
#[test]
fn trust_applies_to_the_exact_content() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    let canary = scene.dir.path().join("canary");
    let gates = |command: &str| format!("[gates]\ntest = \"{command}\"\n");
    repo.write(
        ".pm.toml",
        &gates(&format!("echo ran >> '{}'", canary.display())),
    );
    repo.commit_all("Gates");
    repo.pm(&["init"]).ok();
    let work = worked(&repo);
    // Not trusted: nothing runs, and the command to trust it is named.
    let error = work.pm(&["--json", "finish"]).exits(1).error();
    assert!(
        error["hints"].to_string().contains("git pm trust"),
        "{error}"
    );
    assert!(!canary.exists(), "an untrusted command ran");
    let report = repo.data(&["trust"]);
    assert_eq!(report["trusted"], false);
    assert!(
        report["commands"].to_string().contains("echo ran"),
        "{report}"
    );
    assert!(!canary.exists());
    // Without a terminal nobody is asked.
    let shown = repo.pm(&["trust"]).exits(1).out;
    assert!(shown.contains("git pm trust --yes"), "{shown}");
    // An agent cannot trust, under any name.
    repo.with("CLAUDECODE", "1")
        .pm(&["--as", "Ana", "trust", "--yes"])
        .exits(1);
    assert_eq!(repo.data(&["trust"])["trusted"], false);
    repo.pm(&["trust", "--yes"]).ok();
    repo.pm(&["trust"]).ok();
    // Changed content is untrusted again, also in the worktree, whose file `finish` uses.
    work.write(
        ".pm.toml",
        &gates(&format!("echo evil >> '{}'", canary.display())),
    );
    work.commit_all("Change the gates");
    work.pm(&["finish"]).exits(1);
    assert!(!canary.exists(), "a changed command ran without trust");
    work.git(&["revert", "--no-edit", "HEAD"]).ok();
    work.pm(&["finish"]).ok();
    assert_eq!(std::fs::read_to_string(&canary).unwrap(), "ran\n");
    // Revoked.
    repo.pm(&["trust", "--revoke"]).ok();
    assert_eq!(repo.data(&["trust"])["trusted"], false);
    // Trust belongs to this clone: nothing of it is in the state.
    assert!(
        !repo
            .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
            .out
            .contains("trust")
    );
}

#[test]
fn a_broken_pm_toml_stops_finish_with_the_reason() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let work = worked(&repo);
    for bad in [
        "[gates\n",
        "gates = 3\n",
        "[gates]\ntest = 3\n",
        "setup = \"x\"\n",
        "gate = \"false\"\n",
        "[[gate]]\ncommand = \"false\"\n",
        "[pm]\ngate = \"false\"\n",
    ] {
        work.write(".pm.toml", bad);
        work.commit_all("Broken");
        let error = work.pm(&["--json", "finish"]).exits(2).error();
        assert!(
            error["message"].as_str().unwrap().contains(".pm.toml"),
            "{error}"
        );
    }
    std::fs::remove_file(work.path.join(".pm.toml")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", work.path.join(".pm.toml")).unwrap();
    work.commit_all("A link");
    work.pm(&["finish"]).exits(2);
}

/// A `.pm.toml` that cannot be used, or is not trusted, keeps work from being started: `status` says so.
#[test]
fn status_says_that_pm_toml_stops_ready_work() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("First", &[]);
    repo.task("Second", &[]);
    let file = repo.path.join(".pm.toml");
    let told = |why: &str| {
        let ran = repo.pm(&["status"]).ok();
        let all = ran.out + &ran.err;
        assert_eq!(
            all.matches("ready work cannot be started here").count(),
            1,
            "{all}"
        );
        assert!(all.contains(why), "{all}");
        std::fs::remove_file(&file).unwrap();
    };
    std::os::unix::fs::symlink("/etc/passwd", &file).unwrap();
    told("it is not a regular file; fix or remove");
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &file, kind, rustix::fs::Mode::RWXU, 0).unwrap();
    told("it is not a regular file; fix or remove");
    repo.write(".pm.toml", "[gates\n");
    told(".pm.toml cannot be used");
    let ran = repo.pm(&["status"]).ok();
    assert!(!(ran.out + &ran.err).contains("cannot be started here"));
}

/// Ctrl-C reaches the gate, too, which is in a process group of its own.
#[test]
fn an_interrupt_ends_the_gate() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let work = worked(&repo);
    let pid = scene.dir.path().join("pid");
    let gate = format!("echo $$ > '{}'; sleep 600", pid.display());
    repo.pm(&["config", "pm.gate", &format!("slow={gate}")])
        .ok();
    let finish = work.spawn(&["finish"]);
    let begun = std::time::Instant::now();
    let text = loop {
        let text = std::fs::read_to_string(&pid).unwrap_or_default();
        if text.ends_with('\n') {
            break text;
        }
        assert!(begun.elapsed().as_secs() < 60, "the gate does not start");
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    let process = rustix::process::Pid::from_child(&finish);
    rustix::process::kill_process(process, rustix::process::Signal::INT).expect("a process");
    let output = finish.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("it was stopped"), "{err}");
    let gate = rustix::process::Pid::from_raw(text.trim().parse().unwrap()).unwrap();
    assert!(rustix::process::test_kill_process(gate).is_err());
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "in_progress");
}

// Gates of git's config run without trust; a failing gate stops finish and shows its output.
#[test]
fn a_failing_gate_stops_finish() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let work = worked(&repo);
    let marker = scene.dir.path().join("order");
    repo.git(&[
        "config",
        "--add",
        "pm.gate",
        &format!("lint=pwd > '{}'", marker.display()),
    ])
    .ok();
    repo.git(&[
        "config",
        "--add",
        "pm.gate",
        "test=echo it broke; printf '\\033[31mred'; exit 3",
    ])
    .ok();
    let ran = work.pm(&["finish"]).exits(1);
    assert!(
        ran.err.contains("it broke") && ran.err.contains("test"),
        "{}",
        ran.err
    );
    assert!(
        !ran.err.contains('\u{1b}'),
        "a gate's output controls the terminal"
    );
    assert_eq!(repo.data(&["show", "T-1"])["status"], "in_progress");
    let place = std::fs::read_to_string(&marker).unwrap();
    assert_eq!(
        std::fs::canonicalize(place.trim()).unwrap(),
        std::fs::canonicalize(&work.path).unwrap(),
        "gates run in the task's worktree"
    );
    repo.git(&["config", "--unset-all", "pm.gate"]).ok();
    repo.git(&["config", "--add", "pm.gate", "test=true"]).ok();
    work.pm(&["finish"]).ok();
    let text = crate::support::forge::read(&repo, &crate::support::forge::path_of(&repo, "T-0001"));
    assert!(
        text.contains("gates_passed: test"),
        "the passed gate is no evidence:\n{text}"
    );
}
