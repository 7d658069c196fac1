//! A second process watches a run and controls all of it. RC-02, RC-06, RC-08, RC-09, RC-20.

use super::stage::{Stage, WORK, find, process_state, signal, until};

/// Says who it is, and works once it is told to.
pub const WAITS: &str = r#"
cat > "$OUT/$GIT_PM_TASK.prompt"
echo "thinking about $GIT_PM_TASK"
echo $$ > "$OUT/$GIT_PM_TASK.pid"
while ! test -e "$OUT/on"; do sleep 0.05; done
echo "$GIT_PM_TASK" > "$GIT_PM_TASK.txt"
git add -A && git commit -q -m "Work on $GIT_PM_TASK"
"#;

pub fn pid(text: &str) -> i32 {
    text.trim().parse().unwrap()
}

/// RC-20, RC-09: every transition can be read while it happens.
#[test]
fn rc_20_another_process_sees_who_does_what() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    let run = stage.start(WAITS, &["--agents", "2", "--merge", "gates"]);
    stage.wait_for("T-0001.pid");
    stage.wait_for("T-0002.pid");
    let status = stage.status();
    assert_eq!(status["status"], "running");
    assert_eq!(status["alive"], true);
    let agents = ["T-0001", "T-0002"].map(|id| {
        let task = find(&status, id);
        assert_eq!(task["status"], "running", "{status}");
        task["agent"].as_str().unwrap().to_string()
    });
    assert_ne!(agents[0], agents[1]);
    assert_ne!(find(&status, "T-0003")["status"], "running");
    let text = stage.repo.pm(&["run", "status"]).ok().out;
    assert!(
        text.contains("agent-1") && text.contains("T-0002"),
        "{text}"
    );
    until("a line of the log", || {
        let logs = stage.repo.pm(&["logs"]).ok().out;
        logs.contains("thinking about T-0001").then_some(())
    });
    // The board and the list show it too.
    let item = stage.repo.data(&["show", "T-0001"]);
    assert_eq!(item["status"], "in_progress");
    assert_eq!(item["claim"]["actor"], agents[0].as_str());
    stage.tell("on");
    run.end().ok();
    stage.all_merged(&["T-0001", "T-0002", "T-0003"]);
}

/// RC-02, TM-03: pause halts the agents where they are and starts nothing; resume lets them go on.
#[test]
fn rc_02_pause_halts_all_and_resume_continues() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    let mut run = stage.start(WAITS, &["--agents", "2", "--merge", "gates"]);
    let pids = ["T-0001.pid", "T-0002.pid"].map(|name| pid(&stage.wait_for(name)));
    stage.repo.pm(&["run", "pause"]).ok();
    stage.wait_status("paused");
    for pid in pids {
        until("stopped", || (process_state(pid)? == 'T').then_some(()));
    }
    stage.tell("on");
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert!(!run.is_over());
    assert_eq!(stage.told("T-0003.prompt"), "", "something was started");
    assert_eq!(
        stage.repo.git(&["log", "--format=%s", "main"]).text(),
        "Begin"
    );
    for pid in pids {
        assert_eq!(process_state(pid), Some('T'));
    }
    stage.repo.pm(&["run", "resume"]).ok();
    run.end().ok();
    stage.all_merged(&["T-0001", "T-0002", "T-0003"]);
}

/// RC-08: stop ends the agents and the run; claims are given back and the work is kept.
#[test]
fn rc_08_stop_ends_everything() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    let script = WAITS.replace(
        "echo $$",
        "echo half > half.txt; git add -A; git commit -qm Half; git rev-parse HEAD > \"$OUT/$GIT_PM_TASK.half\"\necho $$",
    );
    let run = stage.start(&script, &["--agents", "2", "--merge", "gates"]);
    stage.wait_for("T-0001.pid");
    stage.wait_for("T-0002.pid");
    stage.repo.pm(&["run", "stop"]).ok();
    run.end().exits(1);
    stopped(&stage);
    // It can be continued.
    stage.tell("on");
    stage.resume().ok();
    for id in ["T-0001", "T-0002", "T-0003"] {
        assert_eq!(stage.item(id), "done", "{}", stage.why());
    }
}

/// Requires that nothing is at work or claimed, and that the half work of the first task is kept.
#[track_caller]
fn stopped(stage: &Stage) {
    stage.left_no_process();
    assert_eq!(stage.status()["alive"], false);
    for id in ["T-0001", "T-0002", "T-0003"] {
        let item = stage.repo.data(&["show", id]);
        assert!(item["claim"].is_null(), "{id} is still claimed: {item}");
        assert_ne!(item["status"], "done");
        assert_ne!(stage.task(id)["status"], "running");
    }
    let half = stage.told("T-0001.half");
    if !half.is_empty() {
        let kept = stage.repo.git(&["branch", "--contains", half.trim()]);
        assert!(kept.ok().out.contains("T-0001"), "the branch is lost");
    }
    assert_eq!(stage.told("T-0003.prompt"), "");
}

/// A signal ends a run as `stop` does.
#[track_caller]
fn ended_by(name: &str) {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    let run = stage.start(WAITS, &["--agents", "2", "--merge", "gates"]);
    stage.wait_for("T-0001.pid");
    stage.wait_for("T-0002.pid");
    signal(run.id(), name);
    let ran = run.end();
    assert!(
        [1, 129, 130, 143].contains(&ran.code),
        "{name}: {} {}",
        ran.code,
        ran.err
    );
    stage.left_no_process();
    assert_eq!(stage.status()["alive"], false, "{name}");
    for id in ["T-0001", "T-0002"] {
        assert_ne!(stage.task(id)["status"], "running", "{name}");
        assert_ne!(stage.item(id), "done");
        let claim = stage.repo.data(&["show", id])["claim"].clone();
        assert!(claim.is_null(), "{name}: {id} is still claimed: {claim}");
    }
    stage.tell("on");
    stage.resume().ok();
    stage.all_merged(&["T-0001", "T-0002", "T-0003"]);
}

#[test]
fn control_c_ends_a_run_in_order() {
    ended_by("INT");
}

#[test]
fn term_ends_a_run_in_order() {
    ended_by("TERM");
}

/// The terminal is closed, or the connection lost.
#[test]
fn a_terminal_that_goes_away_ends_a_run_in_order() {
    ended_by("HUP");
}

/// RC-08: an agent that ignores TERM is killed after a time of grace.
#[test]
fn rc_08_an_agent_that_ignores_term_is_killed() {
    let stage = Stage::with_tasks(&["One"]);
    let script = "trap '' TERM INT HUP; echo $$ > \"$OUT/pid\"\n\
                  sh -c 'trap \"\" TERM INT HUP; while :; do sleep 1; done' &\n\
                  while :; do sleep 1; done";
    let run = stage.start(script, &[]);
    let agent = pid(&stage.wait_for("pid"));
    let begun = std::time::Instant::now();
    stage.repo.pm(&["run", "stop"]).ok();
    run.end().exits(1);
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    assert_eq!(process_state(agent), None);
    stage.left_no_process();
}

/// A paused run can be stopped: halted processes are ended too.
#[test]
fn a_paused_run_can_be_stopped() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let run = stage.start(WAITS, &["--agents", "1"]);
    stage.wait_for("T-0001.pid");
    stage.repo.pm(&["run", "pause"]).ok();
    stage.wait_status("paused");
    stage.repo.pm(&["run", "stop"]).ok();
    run.end().exits(1);
    stage.left_no_process();
}

/// RC-13: a checkpoint after each task waits for a human.
#[test]
fn rc_13_a_run_pauses_at_checkpoints() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let run = stage.start(WORK, &["--merge", "gates", "--checkpoint", "every-task"]);
    stage.wait_status("paused");
    assert_eq!(stage.item("T-0001"), "done");
    assert_eq!(stage.told("T-0002.prompt"), "");
    stage.repo.pm(&["run", "resume"]).ok();
    until("T-0002", || (stage.item("T-0002") == "done").then_some(()));
    // After the last task there may be one more, or none.
    let mut run = run;
    until("the end", || {
        if !run.is_over() && stage.status()["status"] == "paused" {
            stage.repo.pm(&["run", "resume"]);
        }
        run.is_over().then_some(())
    });
    run.end().ok();
}

/// Those who watch see the end, and do not hold it up.
#[track_caller]
fn watched(args: &[&str], first: &str, last: &str) {
    let stage = Stage::with_tasks(&["One"]);
    let run = stage.start(WAITS, &["--merge", "gates"]);
    stage.wait_for("T-0001.pid");
    let watch = stage.start_command(&stage.repo, args);
    until("the first lines", || {
        watch.printed().contains(first).then_some(())
    });
    stage.tell("on");
    run.end().ok();
    let watched = watch.end().ok();
    assert!(watched.out.contains(last), "{}", watched.out);
}

#[test]
fn those_who_watch_the_status_see_the_end() {
    watched(&["run", "status", "--watch"], "T-0001", "completed");
}

#[test]
fn those_who_follow_the_log_see_the_end() {
    watched(&["logs", "--follow"], "thinking", "thinking about T-0001");
}

/// A request is told as one, since the run obeys only later; a run whose process was killed is told so
/// everywhere.
#[test]
fn requests_are_told_and_a_killed_run_is_not_said_to_work() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let run = stage.start(WAITS, &["--agents", "2", "--merge", "gates"]);
    stage.wait_for("T-0001.pid");
    stage.wait_for("T-0002.pid");
    for (args, told) in [
        (&["run", "pause", "T-0001"][..], "to pause T-0001; it obeys"),
        (&["run", "stop", "T-0002"], "to stop T-0002; it obeys"),
        (&["run", "pause"], "to pause; it obeys"),
    ] {
        let out = stage.repo.pm(args).ok().out;
        assert!(out.starts_with("Asked R-") && out.contains(told), "{out}");
        assert!(out.contains("next: git pm run status"), "{out}");
    }
    stage.wait_status("paused");
    run.kill();
    let ended = "its process has ended";
    for args in [&["run", "status"][..], &["run", "list"], &["doctor"]] {
        let out = stage.repo.pm(args).ok().out;
        assert!(out.contains(ended), "{out}");
    }
    let out = stage.repo.pm(&["run", "retry", "T-0002"]).ok().out;
    assert!(out.contains("it obeys when it is continued"), "{out}");
    assert!(out.contains("next: git pm run resume"), "{out}");
    let out = stage.repo.pm(&["run", "stop"]).ok().out;
    assert!(!out.contains("Asked"), "{out}");
    let out = stage.repo.pm(&["doctor"]).ok().out;
    assert!(!out.contains(ended), "{out}");
}
