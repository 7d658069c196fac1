//! Runs whose agents, and whose disk, do by chance whatever must not harm anybody: none is stuck, no
//! commit is lost, each failure is explained, and the target still passes its gate. RC-18.

use serde_json::Value;

use super::stage::Stage;
use crate::support::{Dice, campaign};

const TASKS: usize = 6;

/// What an agent can do. The first works as it should.
const DEEDS: [&str; 21] = [
    "works",
    "prints",
    "endless",
    "ignores",
    "daemon",
    "open-output",
    "deletes",
    "main",
    "reserved",
    "hooks",
    "link",
    "lock",
    "kills-itself",
    "kills-agents",
    "drops",
    "closes",
    "elsewhere",
    "dirty",
    "passing",
    "fails",
    "nothing",
];

/// What can happen to the runner itself.
const FAULTS: [&str; 8] = [
    "object-write:60:full",
    "object-write:200:full",
    "ref-rename:12:full",
    "ref-lock:15:denied",
    "index-lock:20:fail",
    "merge-marked:1:full",
    "run-recorded:7:fail",
    "worktree-remove:1:denied",
];

/// Does what is written in a file outside; each commit that it makes is written down there, too.
const AGENT: &str = r#"
unset GIT_PM_FAULT
task=$GIT_PM_TASK
cat > /dev/null
echo $$ >> "$OUT/pids"
made() { git rev-parse HEAD >> "$OUT/commits"; }
work() {
  echo "$task" > "$task.txt"
  git add -A
  git diff --cached --quiet || { git commit -q -m "Work on $task" && made; }
}
forced() { git add -A && git -c core.hooksPath=/dev/null commit -q --no-verify -m "Forced $task" && made; }
deed=$(cat "$OUT/$task.deed")
case $deed in
  works) work ;;
  prints) work; yes 'all work and no play' | head -c 20000000 ;;
  endless) work; sleep 1000 ;;
  ignores) trap '' TERM INT HUP; work; while :; do sleep 1; done ;;
  daemon) setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' >/dev/null 2>&1 & work ;;
  open-output) sleep 1000 & setsid sleep 1000 & work ;;
  deletes) work; here=$PWD; cd /; rm -rf "$here" ;;
  main) work; cd "$MAIN"; echo x > "sneaked-$task.txt"; forced ;;
  reserved) work; echo "$task" >> src/auth.rs; forced ;;
  hooks) hooks=$(git rev-parse --git-common-dir)/hooks
    for hook in "$hooks"/*; do printf '#!/bin/sh\nexit 1\n' > "$hook"; done; work ;;
  link) ln -s /etc "etc-$task"; ln -s ../../../../etc/passwd "users-$task"; forced ;;
  lock) work; touch "$(git rev-parse --git-dir)/index.lock" ;;
  kills-itself) work; kill -9 $$ ;;
  kills-agents) work; while read pid; do kill -9 $pid; done < "$OUT/pids" ;;
  drops) work; git pm drop ;;
  closes) work; git pm task close "$task" --reason done ;;
  elsewhere) git switch -qc "elsewhere-$$"; work ;;
  dirty) work; echo y > left.txt ;;
  passing) test -e "$OUT/$task.tried" || { touch "$OUT/$task.tried"; exit 75; }; work ;;
  fails) work; echo 'I cannot do it' >&2; exit 1 ;;
  nothing) ;;
esac
"#;

/// What a gate of a project would notice.
const CHECK: &str = "test -f README.md && grep -q login src/auth.rs && ! ls etc-* 2>/dev/null";

fn id(number: usize) -> String {
    format!("T-{:04}", number + 1)
}

fn stage(dice: &mut Dice) -> Stage {
    let stage = Stage::with_tasks(&[""; TASKS].map(|_| "Work"));
    for number in 1..TASKS {
        if dice.chance(25) {
            let before = id(dice.below(number));
            stage.repo.pm(&["dep", "add", &id(number), &before]).ok();
        }
    }
    let gate = format!("check={CHECK}");
    stage.repo.git(&["config", "--add", "pm.gate", &gate]).ok();
    let bea = stage.repo.by("Bea");
    bea.pm(&["reserve", "add", "src/auth.rs"]).ok();
    stage
}

/// Requires that each task that is not done has a reason that people can read.
#[track_caller]
fn explained(stage: &Stage, status: &Value) {
    for number in 0..TASKS {
        let id = id(number);
        let item = stage.repo.data(&["show", &id]);
        if item["status"] == "done" {
            continue;
        }
        let task = super::stage::find(status, &id);
        let reason = task["reason"].as_str().unwrap_or_default();
        assert!(!reason.is_empty(), "{id} has no reason: {task}\n{item}");
        assert_ne!(task["status"], "running", "{task}");
    }
}

/// Requires that every commit of an agent can be reached from some ref.
#[track_caller]
fn nothing_lost(stage: &Stage) {
    let commits = stage.told("commits");
    for commit in commits.lines() {
        let refs = stage
            .repo
            .git(&["for-each-ref", "--contains", commit, "--format=%(refname)"]);
        let refs = refs.ok().out;
        assert!(!refs.trim().is_empty(), "{commit} is lost");
    }
    stage.repo.git(&["fsck", "--connectivity-only"]).ok();
    stage.repo.pm(&["fsck"]).ok();
}

/// Requires that the target passes its gate.
#[track_caller]
fn target_is_green(stage: &Stage) {
    let place = stage.dir().join("target");
    let path = place.display().to_string();
    let add = ["worktree", "add", "-q", "--detach", &path, "main"];
    stage.repo.git(&add).ok();
    let ran = stage.repo.other(&place).run("sh", &["-c", CHECK]);
    assert_eq!(ran.code, 0, "the target is broken: {ran:?}");
    let remove = ["worktree", "remove", "--force", &path];
    stage.repo.git(&remove).ok();
}

/// RC-18
#[test]
fn rc_18_no_mixture_of_faults_gets_a_run_stuck_or_loses_work() {
    campaign(48, |seed| {
        let mut dice = Dice::new(seed);
        let stage = stage(&mut dice);
        let mut deeds = Vec::new();
        for number in 0..TASKS {
            let deed = match dice.chance(30) {
                true => DEEDS[0],
                false => dice.pick(&DEEDS).unwrap(),
            };
            std::fs::write(stage.out.join(format!("{}.deed", id(number))), deed).unwrap();
            deeds.push(deed);
        }
        let fault = dice.chance(30).then(|| *dice.pick(&FAULTS).unwrap());
        let what = format!("{deeds:?}, {fault:?}");
        println!("{what}");
        let place = match fault {
            Some(fault) => stage.repo.with("GIT_PM_FAULT", fault),
            None => stage.repo.clone(),
        };
        let script = format!("MAIN='{}'\n{AGENT}", stage.repo.path.display());
        let more = [
            "--agents",
            "3",
            "--merge",
            "gates",
            "--timeout",
            "4s",
            "--returns",
            "1",
            "--retries",
            "1",
        ];
        let mut ran = stage.start_as(&place, &script, &more).end();
        assert_ne!(ran.code, 101, "{what}: {ran:?}");
        let known = stage.repo.pm(&["--json", "run", "status"]);
        if known.code != 0 {
            ran = stage.run(&script, &more);
        } else if known.data()["status"] == "running" {
            // The fault has ended the runner.
            assert!(fault.is_some(), "{what}: {ran:?}");
            ran = stage.resume();
        }
        assert!(ran.code == 0 || ran.code == 1, "{what}: {ran:?}");
        let status = stage.status();
        assert_ne!(status["status"], "running", "{what}: {status}");
        assert_eq!(status["alive"], false, "{what}: {status}");
        stage.left_no_process();
        explained(&stage, &status);
        nothing_lost(&stage);
        target_is_green(&stage);
    });
}
