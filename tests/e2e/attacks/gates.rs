//! Attacks: where set-up commands and gates run, and what they find (s5).
#![cfg(target_os = "linux")]

use super::processes::{HAND_IN, lab, shown};
use crate::run::stage::Stage;
use crate::support::agent;

/// A repository whose set-up command runs a file of the tree, which tells where it runs.
struct SetUp {
    stage: Stage,
    lab: tempfile::TempDir,
}

/// What set-up does outside of a sandbox.
const OUTSIDE: &str = "0";

impl SetUp {
    fn new(more: &[&str]) -> SetUp {
        let stage = Stage::new();
        let lab = lab();
        let out = shown(&stage.out);
        let probe =
            format!("grep NoNewPrivs: /proc/self/status | cut -f2 >> '{out}/set-up'\n# good\n");
        stage.repo.write("setup.sh", &probe);
        stage.repo.commit_all("Set-up");
        // The file is not named: work that changes one that is waits for a human.
        let set_up = "n=setup; sh $n.sh";
        stage.repo.git(&["config", "pm.setup", set_up]).ok();
        stage.repo.task("First", more);
        SetUp { stage, lab }
    }

    /// A line that shows that it ran outside.
    fn bad(&self) -> String {
        format!(
            "(echo bad > '{}/PWN') 2>/dev/null; echo bad >> '{}/set-up'",
            shown(self.lab.path()),
            shown(&self.stage.out)
        )
    }

    #[track_caller]
    fn stayed_inside(&self) {
        let told = self.stage.told("set-up");
        assert!(!self.lab.path().join("PWN").exists(), "{told}");
        assert!(told.starts_with(OUTSIDE), "{told}\n{}", self.stage.why());
    }
}

/// s5 (a): a file of the target that an agent forged is not executed outside of the sandbox.
#[test]
fn s5a_set_up_with_a_forged_file_stays_inside() {
    let place = SetUp::new(&["--priority", "0"]);
    let stage = &place.stage;
    stage.repo.task("Second", &[]);
    let forge = format!(
        "cat >/dev/null; test $GIT_PM_TASK = T-0001 || exit 3\n\
         python3 - <<'END'\n\
         import os, subprocess, zlib\n\
         def git(*words): return subprocess.check_output(('git',) + words, text=True).strip()\n\
         oid, common = git('rev-parse', 'main:setup.sh'), git('rev-parse', '--git-common-dir')\n\
         path = '%s/objects/%s/%s' % (common, oid[:2], oid[2:])\n\
         bad = open('setup.sh').read() + '''{}\\n'''\n\
         os.unlink(path)\n\
         with open(path, 'wb') as file: file.write(zlib.compress(b'blob %d\\0%s' % (len(bad), bad.encode())))\n\
         END\n\
         echo $? >> \"$OUT/forged\"; exit 3",
        place.bad()
    );
    stage.run(&forge, &["--returns", "0", "--agents", "1"]);
    place.stayed_inside();
}

/// s5 (b): set-up of a task that is stacked on an agent's branch stays inside.
#[test]
fn s5b_set_up_of_a_stacked_task_stays_inside() {
    let place = SetUp::new(&[]);
    let stage = &place.stage;
    stage.repo.task("Second", &[]);
    stage
        .repo
        .pm(&["dep", "add", "T-0002", "T-0001", "--soft"])
        .ok();
    stage.repo.git(&["config", "pm.stacked", "true"]).ok();
    let script = format!(
        "cat >/dev/null; test $GIT_PM_TASK = T-0001 || exit 3\n\
         cat >> setup.sh <<'END'\n{}\nEND\n{HAND_IN}",
        place.bad()
    );
    stage.run(&script, &["--returns", "0", "--agents", "1"]);
    place.stayed_inside();
    assert!(stage.told("set-up").contains("1\nbad"), "{}", stage.why());
}

/// s5 (c): set-up of a branch with an agent's commits, in a worktree that is made again, stays
/// inside.
#[test]
fn s5c_set_up_of_a_branch_that_existed_stays_inside() {
    let place = SetUp::new(&[]);
    let stage = &place.stage;
    let script = format!(
        "cat >/dev/null; cat >> setup.sh <<'END'\n{}\nEND\ngit commit -qam Bad; exit 3",
        place.bad()
    );
    stage.run(&script, &["--returns", "0"]);
    let worktree = stage.worktrees().remove(0);
    stage
        .repo
        .git(&["worktree", "remove", "--force", &worktree])
        .ok();
    stage.run(&script, &["--returns", "0"]);
    place.stayed_inside();
    assert!(stage.told("set-up").contains("1\nbad"), "{}", stage.why());
}

/// s5 (d): what another clone pushed is not executed outside, in a run or by a person's `start`.
#[test]
fn s5d_set_up_of_a_pushed_branch_stays_inside() {
    for by_run in [true, false] {
        let place = SetUp::new(&[]);
        let stage = &place.stage;
        let hub = stage.dir().join("hub.git");
        let hub = shown(&hub);
        stage.repo.git(&["init", "-q", "--bare", &hub]).ok();
        stage.repo.git(&["remote", "add", "origin", &hub]).ok();
        stage.repo.git(&["push", "-q", "origin", "main"]).ok();
        stage.repo.pm(&["sync"]).ok();
        let clone = shown(&stage.dir().join("pusher"));
        stage.repo.git(&["clone", "-q", &hub, &clone]).ok();
        let pusher = stage.repo.other(&clone);
        pusher.pm(&["init"]).ok();
        pusher.pm(&["--as", "pusher", "start", "T-0001"]).ok();
        let there = pusher.worktree("T-0001");
        let text = format!("{}{}\n", there.read("setup.sh"), place.bad());
        there.write("setup.sh", &text);
        there.commit_all("Bad");
        there.git(&["push", "-q", "origin", "HEAD"]).ok();
        pusher
            .pm(&["--as", "pusher", "task", "drop", "T-0001"])
            .ok();
        pusher.pm(&["sync"]).ok();
        stage.repo.pm(&["sync"]).ok();
        stage.repo.git(&["fetch", "-q"]).ok();
        match by_run {
            true => drop(stage.run("cat >/dev/null; exit 3", &["--returns", "0"])),
            false => drop(stage.repo.pm(&["start", "T-0001"])),
        }
        let told = stage.told("set-up");
        assert!(!place.lab.path().join("PWN").exists(), "{told}");
        assert!(told.contains("bad"), "{told}\n{}", stage.why());
    }
}

/// s5 (e): what gates alone have merged is not executed outside, in the same run, by a person's
/// `start`, or by a gate of a person's own work.
#[test]
fn s5e_what_only_gates_have_approved_stays_inside() {
    let place = SetUp::new(&["--priority", "0"]);
    let stage = &place.stage;
    for title in ["Second", "Third"] {
        stage.repo.task(title, &["--depends-on", "T-0001"]);
    }
    stage.repo.git(&["config", "pm.gate", "test=true"]).ok();
    let script = format!(
        "cat >/dev/null; if test $GIT_PM_TASK = T-0001; then cat >> setup.sh <<'END'\n{}\nEND\n\
         fi; echo x > $GIT_PM_TASK; git add -A; git commit -qm w",
        place.bad()
    );
    let only = ["--only", "T-0001", "--only", "T-0002"];
    stage
        .run(&script, &[&["--merge", "gates"], &only[..]].concat())
        .exits(0);
    // Set-up began outside; whatever ran since, in worktrees and for gates, did not.
    let mut seen = 1;
    let mut went_on_inside = || {
        let told = stage.told("set-up");
        let probes = told.lines().filter(|line| *line != "bad");
        let probes: Vec<&str> = probes.collect();
        assert!(probes.len() > seen, "{told}");
        assert_eq!(probes[0], OUTSIDE, "{told}");
        assert!(!probes[1..].contains(&OUTSIDE), "{told}\n{}", stage.why());
        seen = probes.len();
    };
    went_on_inside();
    stage.repo.pm(&["start", "T-0003"]).ok();
    went_on_inside();
    stage
        .repo
        .git(&["config", "pm.gate", "test=sh setup.sh"])
        .ok();
    let there = stage.repo.worktree("T-0003");
    there.write("own.txt", "own\n");
    there.commit_all("Own");
    there.pm(&["finish"]).ok();
    went_on_inside();
    place.stayed_inside();
}

/// A person's own commits are set up as the target's are.
#[test]
fn s5_set_up_of_a_persons_own_branch_runs_outside() {
    let place = SetUp::new(&[]);
    let stage = &place.stage;
    stage.repo.pm(&["start", "T-0001"]).ok();
    let there = stage.repo.worktree("T-0001");
    there.write("own.txt", "own\n");
    there.commit_all("Own");
    stage.repo.pm(&["task", "drop", "T-0001"]).ok();
    for worktree in stage.worktrees() {
        stage
            .repo
            .git(&["worktree", "remove", "--force", &worktree])
            .ok();
    }
    stage.repo.pm(&["start", "T-0001"]).ok();
    assert_eq!(stage.told("set-up"), "0\n0\n");
}

/// s5: gates that a person runs on an agent's work stay inside; on a person's own they run as before.
#[test]
fn s5_gates_on_the_work_of_others_stay_inside() {
    for by_agent in [true, false] {
        let place = SetUp::new(&[]);
        let stage = &place.stage;
        let actor = match by_agent {
            true => agent(&stage.repo).with("GIT_PM_ACTOR", "bot"),
            false => stage.repo.clone(),
        };
        actor.pm(&["start", "T-0001"]).ok();
        let there = actor.worktree("T-0001");
        let probe = there.read("setup.sh").replace("set-up", "gate");
        there.write("check.sh", &format!("{probe}{}; true\n", place.bad()));
        there.git(&["add", "-A"]).ok();
        there.git(&["commit", "-qm", "Check"]).ok();
        actor.pm(&["task", "accept", "T-0001", "--all"]).ok();
        there.pm(&["finish"]).ok();
        stage.repo.git(&["config", "pm.gate", "t=sh check.sh"]).ok();
        stage.repo.pm(&["task", "approve", "T-0001"]).ok();
        stage.repo.pm(&["merge", "T-0001", "--gates"]).ok();
        let told = stage.told("gate");
        assert_eq!(told, if by_agent { "1\n" } else { "0\n" });
        assert_eq!(place.lab.path().join("PWN").exists(), !by_agent);
    }
}

/// s5: what the tests of the work leave in their checkout and caches decides no other gate, of the
/// same merge or of the next task's.
#[test]
fn s5f_gates_find_nothing_that_other_work_left() {
    let stage = Stage::with_tasks(&["First", "Second"]);
    let out = shown(&stage.out);
    let leaves = "for d in . $XDG_CACHE_HOME $TMPDIR; do touch $d/left; done";
    let first = format!("test=ls $XDG_CACHE_HOME $TMPDIR >> '{out}/caches'; {leaves}");
    stage.repo.git(&["config", "pm.gate", &first]).ok();
    let second = format!("lint=ls >> '{out}/files'");
    stage
        .repo
        .git(&["config", "--add", "pm.gate", &second])
        .ok();
    stage.repo.write(".gitignore", "left\n");
    stage.repo.commit_all("Ignored");
    let script = format!("cat >/dev/null; {HAND_IN}");
    stage
        .run(&script, &["--merge", "gates", "--agents", "1"])
        .exits(0);
    let merged = |file: &str| stage.told(file).matches("left").count();
    assert_eq!(merged("caches"), 0, "{}", stage.told("caches"));
    // In the agent's own worktree the gates of its submission find each other's files.
    assert_eq!(merged("files"), 2, "{}", stage.told("files"));
}

/// s5: work that changes a file which a set-up command runs is not merged by gates alone.
#[test]
fn s5g_files_of_set_up_wait_for_a_human() {
    for (key, command) in [
        ("pm.setup", "sh run.sh"),
        ("pm.setup", "sh TOP/run.sh"),
        ("pm.setup", "sh link.sh"),
        ("core.fsmonitor", "./run.sh"),
        ("core.hooksPath", "hooks"),
    ] {
        let stage = Stage::with_tasks(&["First"]);
        let command = command.replace("TOP", &shown(&stage.repo.path));
        stage.repo.write("run.sh", "#!/bin/sh\n");
        stage.repo.write("hooks/pre-commit", "#!/bin/sh\n");
        std::os::unix::fs::symlink("run.sh", stage.repo.path.join("link.sh")).unwrap();
        stage.repo.commit_all("Command");
        stage.repo.git(&["config", key, &command]).ok();
        stage.repo.git(&["config", "pm.gate", "test=true"]).ok();
        let changed = match key {
            "core.hooksPath" => "hooks/reference-transaction",
            _ => "run.sh",
        };
        let script = format!("cat >/dev/null; echo : >> {changed}; {HAND_IN}");
        let ran = stage.run(&script, &["--merge", "gates"]).exits(1);
        let why = format!("changes {changed}, which a command of this clone runs");
        assert!(ran.out.contains(&why), "{key}: {}", ran.out);
    }
}
