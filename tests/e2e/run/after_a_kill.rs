//! `kill -9` of the run's process, then `run resume`: the end is that of an undisturbed run. RC-06,
//! RC-16.

use super::stage::{Running, Stage, WORK, signal, until};
use crate::support::{Dice, Scene, rounds, seed};

/// Work that may be begun again wherever it was stopped. It says when it begins and ends.
pub const AGAIN: &str = r#"
unset GIT_PM_FAULT GIT_PM_FAULT_LOG
cat > "$OUT/$GIT_PM_TASK.prompt"
echo x >> "$OUT/$GIT_PM_TASK.starts"
sleep 0.2
echo "$GIT_PM_TASK" > "$GIT_PM_TASK.txt"
git add -A
git diff --cached --quiet || git commit -q -m "Work on $GIT_PM_TASK"
echo x >> "$OUT/$GIT_PM_TASK.ends"
"#;

pub const ALL: [&str; 3] = ["T-0001", "T-0002", "T-0003"];

/// Three tasks; the third waits for the first.
pub fn three() -> Stage {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    stage.repo.pm(&["dep", "add", "T-0003", "T-0001"]).ok();
    stage
}

/// The same in a clone that claims through a remote.
fn three_with_remote() -> Stage {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    let stage = Stage::of(scene, repo);
    for title in ["One", "Two", "Three"] {
        stage.repo.task(title, &[]);
    }
    stage.repo.pm(&["dep", "add", "T-0003", "T-0001"]).ok();
    stage.repo.pm(&["sync"]).ok();
    stage
}

/// The tree of the target at the end of an undisturbed run.
pub fn undisturbed(stage: &Stage) -> String {
    let index = stage.dir().join("undisturbed").display().to_string();
    let repo = stage.repo.with("GIT_INDEX_FILE", &index);
    repo.git(&["read-tree", "main"]).ok();
    for id in ALL {
        let blob = repo.feed("git", &["hash-object", "-w", "--stdin"], &format!("{id}\n"));
        let entry = format!("100644,{},{id}.txt", blob.ok().text());
        repo.git(&["update-index", "--add", "--cacheinfo", &entry])
            .ok();
    }
    repo.git(&["write-tree"]).ok().text()
}

/// A run that kills itself at a point of `store::fault`.
fn dying(stage: &Stage, fault: &str) -> Running {
    let place = stage.repo.with("GIT_PM_FAULT", fault);
    stage.start_as(&place, AGAIN, &["--agents", "2", "--merge", "gates"])
}

/// Requires that after a kill the run can be continued to the end of an undisturbed one.
#[track_caller]
fn recovers(stage: &Stage, fault: &str) {
    let status = stage.repo.pm(&["--json", "run", "status"]);
    if status.code == 0 {
        assert_eq!(status.data()["alive"], false, "{fault}");
    }
    let ran = stage.resume();
    assert_eq!(ran.code, 0, "{fault}: {ran:?}\n{}", stage.why());
    println!("after {fault}");
    stage.all_merged(&ALL);
}

#[track_caller]
fn killed_at(points: &[&str]) {
    killed_in(three, points);
}

/// Kills the run at each of these points, and by chance its agents as well.
#[track_caller]
fn killed_in(made: impl Fn() -> Stage, points: &[&str]) {
    let mut dice = Dice::new(seed());
    for point in points {
        let stage = made();
        let tree = undisturbed(&stage);
        let fault = format!("{point}:kill");
        let ran = dying(&stage, &fault).end();
        assert_ne!(ran.code, 0, "{point} was not reached: {ran:?}");
        if dice.chance(50) {
            for (pid, _) in stage.processes() {
                signal(pid, "KILL");
            }
        }
        recovers(&stage, &fault);
        assert_eq!(stage.repo.tip("main^{tree}"), tree, "{point}");
    }
}

#[test]
fn a_run_killed_right_at_its_start_is_continued() {
    killed_at(&["run-recorded:1", "start-claimed:1"]);
}

/// The record of a run exists before the file of its options does: it can be continued all the same,
/// or it is as if it had never begun.
#[test]
fn a_run_killed_while_it_is_recorded_does_not_block_the_next() {
    for point in ["run-options-write:1", "run-options-rename:1"] {
        let stage = three();
        dying(&stage, &format!("{point}:kill")).end();
        let resumed = stage.resume();
        if resumed.code != 0 {
            stage
                .run(AGAIN, &["--agents", "2", "--merge", "gates"])
                .ok();
        }
        stage.all_merged(&ALL);
        // Nothing claims to be running for ever.
        let list = stage.repo.data(&["run", "list"]);
        let runs = list["items"].as_array().or(list.as_array()).cloned();
        for run in runs.unwrap_or_default() {
            assert_ne!(run["status"], "running", "{point}: {list}");
        }
    }
}

#[test]
fn a_run_killed_while_a_worktree_is_made_is_continued() {
    killed_at(&["start-added:1", "start-added:2", "start-set-up:1"]);
}

/// A claim through a remote: before and after its push, and before it counts here.
#[test]
fn a_run_killed_while_a_claim_is_pushed_is_continued() {
    let points = ["publish-flushed:1", "publish-pushed:1", "publish-swapped:2"];
    killed_in(three_with_remote, &points);
}

#[test]
fn a_run_killed_when_an_agent_starts_is_continued() {
    killed_at(&["agent-start:1", "agent-start:3"]);
}

#[test]
fn a_run_killed_between_check_and_review_is_continued() {
    killed_at(&["finish-gated:1", "finish-written:1", "run-approved:1"]);
}

#[test]
fn a_run_killed_during_a_merge_is_continued() {
    killed_at(&["merge-lock:1", "merge-prepared:1", "merge-marked:1"]);
}

#[test]
fn a_run_killed_after_a_merge_is_continued() {
    killed_at(&["merge-moved:1", "merge-moved:2", "merge-synced:1"]);
}

#[test]
fn a_run_killed_while_it_cleans_up_is_continued() {
    killed_at(&["worktree-remove:1", "worktree-remove:2"]);
}

/// Every write of the run's record: some of them by chance, all of them over time.
#[test]
fn a_run_killed_at_any_record_is_continued() {
    let seed = seed();
    for n in 0..rounds(60) {
        let at = 1 + (usize::try_from(seed % 1000).unwrap() + n * 5) % 11;
        let stage = three();
        let fault = format!("run-recorded:{at}:kill");
        let ran = dying(&stage, &fault).end();
        if ran.code == 0 {
            stage.all_merged(&ALL);
        } else {
            recovers(&stage, &fault);
        }
    }
}

/// Its agents outlive a run that is killed, until it is continued: then they end, and each task has
/// one agent again.
#[test]
fn rc_16_agents_of_a_killed_run_do_not_work_beside_the_new_ones() {
    let stage = Stage::with_tasks(&["T-0001", "T-0002"]);
    let script = "echo \"$$ $(date +%s%N)\" >> \"$OUT/$GIT_PM_TASK.pids\"\ncat > /dev/null\n\
                  while ! test -e \"$OUT/on\"; do sleep 0.05; done\n\
                  sleep 0.3\necho $GIT_PM_TASK > $GIT_PM_TASK.txt; git add -A; git commit -qm Work; echo done >> \"$OUT/$GIT_PM_TASK.ends\"";
    let run = stage.start(script, &["--agents", "2", "--merge", "gates"]);
    let first = stage.wait_for("T-0001.pids");
    stage.wait_for("T-0002.pids");
    run.kill();
    assert_eq!(stage.status()["alive"], false);
    let resumed = stage.start_command(&stage.repo, &["run", "resume"]);
    until("a second agent", || {
        (stage.told("T-0001.pids").lines().count() == 2).then_some(())
    });
    let old: i32 = first.split(' ').next().unwrap().parse().unwrap();
    assert_eq!(
        super::stage::process_state(old),
        None,
        "two agents work on one task"
    );
    stage.tell("on");
    resumed.end().ok();
    stage.all_merged(&["T-0001", "T-0002"]);
    assert_eq!(stage.told("T-0001.ends"), "done\n");
}

/// While a gate runs; what the gate has started ends too.
#[test]
fn a_run_killed_during_a_gate_is_continued() {
    let stage = three();
    let gate = format!(
        "test=test -e '{0}/on' || {{ echo $$ >> '{0}/gate'; sleep 1000; }}",
        stage.out.display()
    );
    stage.repo.git(&["config", "--add", "pm.gate", &gate]).ok();
    let run = stage.start(AGAIN, &["--agents", "2", "--merge", "gates"]);
    let pid = stage.wait_for("gate");
    run.kill();
    stage.tell("on");
    stage.resume().ok();
    stage.all_merged(&ALL);
    let pid: i32 = pid.lines().next().unwrap().parse().unwrap();
    let left = super::stage::process_state(pid);
    signal(-pid, "KILL");
    signal(pid, "KILL");
    assert_eq!(left, None, "the gate goes on");
}

/// Work that was complete when the run was killed is not done, and paid for, again.
#[test]
fn complete_work_is_not_done_again_after_a_kill() {
    let stage = three();
    let gate = format!(
        "test=test -e '{0}/on' || {{ echo x > '{0}/gate'; sleep 20; }}",
        stage.out.display()
    );
    stage.repo.git(&["config", "--add", "pm.gate", &gate]).ok();
    let more = ["--only", "T-0001", "--merge", "gates"];
    let run = stage.start(AGAIN, &more);
    stage.wait_for("gate");
    run.kill();
    stage.tell("on");
    stage.resume().ok();
    assert_eq!(stage.item("T-0001"), "done");
    assert_eq!(stage.told("T-0001.starts"), "x\n", "{}", stage.why());
}

/// A run that is killed while it is paused leaves no halted process behind.
#[test]
fn a_paused_run_that_is_killed_is_continued() {
    let stage = three();
    let script = AGAIN.replace(
        "sleep 0.2",
        "echo x > \"$OUT/here\"; while ! test -e \"$OUT/on\"; do sleep 0.05; done",
    );
    let run = stage.start(&script, &["--merge", "gates"]);
    stage.wait_for("here");
    stage.repo.pm(&["run", "pause"]).ok();
    stage.wait_status("paused");
    run.kill();
    stage.tell("on");
    stage.resume().ok();
    stage.all_merged(&ALL);
}

/// Instead of being continued, a killed run can be stopped; and a new one takes its place.
#[test]
fn a_killed_run_can_be_stopped_or_replaced() {
    let script = "echo $$ > \"$OUT/$GIT_PM_TASK.pid\"; sleep 1000";
    for stop in [true, false] {
        let stage = three();
        let run = stage.start(script, &["--merge", "gates"]);
        stage.wait_for("T-0001.pid");
        run.kill();
        if stop {
            stage.repo.pm(&["run", "stop"]).ok();
            stage.left_no_process();
            let claim = stage.repo.data(&["show", "T-0001"])["claim"].clone();
            assert!(claim.is_null(), "{claim}");
        }
        let more = ["--agents", "2", "--merge", "gates"];
        let next = stage.run(AGAIN, &more);
        assert_eq!(next.code, 0, "stopped: {stop}: {next:?}\n{}", stage.why());
        stage.all_merged(&ALL);
    }
}

/// RC-16: a task that a continued run queued again, and did not get to, is released when the run ends.
#[test]
fn what_a_run_did_not_get_to_again_is_released() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let wait = "echo x >> \"$OUT/$GIT_PM_TASK.began\"; sleep 600";
    let run = stage.start(wait, &["--agents", "2"]);
    stage.wait_for("T-0001.began");
    stage.wait_for("T-0002.began");
    run.kill();
    stage.repo.task("Urgent", &["--priority", "0"]);
    let resumed = stage.start_command(&stage.repo, &["run", "resume"]);
    stage.wait_for("T-0003.began");
    resumed.kill();
    stage.agent(WORK);
    let with = format!("script:{}", stage.dir().join("agent.sh").display());
    let run = ["run", "--with", &with, "--agents", "2"];
    stage.start_command(&stage.repo, &run).end();
    for id in ["T-0001", "T-0002", "T-0003"] {
        assert_eq!(stage.item(id), "in_review", "{id}: {}", stage.why());
    }
}
