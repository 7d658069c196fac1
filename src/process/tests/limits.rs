//! Limits, stop and pause.

use super::super::ExitCause;
use super::*;

/// RC-08: a child that ignores TERM is killed after the grace period, not before.
#[test]
fn who_ignores_term_is_killed_after_the_grace() {
    let script = Script::new("trap '' TERM; echo on; while :; do sleep 0.05; done").limits(|l| {
        l.deadline = Some(seconds(0.5));
        l.grace = seconds(0.5);
    });
    let start = Instant::now();
    let (outcome, printed) = script.run();
    assert_eq!(outcome.ended, ExitCause::Deadline);
    assert_eq!((outcome.code, outcome.signal), (None, Some(9)));
    assert!(start.elapsed() >= seconds(1.0), "{:?}", start.elapsed());
    assert!(outcome.ending.ended[0].is_killed);
    assert_eq!(printed.out(), ["on"]);
}

/// RC-08: an agent that handles TERM is not killed, and its last output is read.
#[test]
fn who_listens_to_term_ends_in_peace() {
    let script = Script::new("trap 'echo bye; exit 5' TERM; while :; do sleep 0.02; done")
        .limits(|l| l.deadline = Some(seconds(0.5)));
    let (outcome, printed) = script.run();
    assert_eq!(outcome.ended, ExitCause::Deadline);
    assert_eq!(outcome.code, Some(5));
    assert_eq!(printed.out(), ["bye"]);
    assert!(outcome.ending.ended.iter().all(|ended| !ended.is_killed));
}

/// AG-49: an agent that prints nothing is ended; every output restarts the time.
#[test]
fn output_resets_the_idle_limit() {
    let script = Script::new("for i in 1 2 3 4 5 6; do printf x >&2; sleep 0.25; done; sleep 60")
        .limits(|l| l.idle = Some(seconds(1.0)));
    let (outcome, printed) = script.run();
    assert_eq!(outcome.ended, ExitCause::Idle);
    assert_eq!(printed.err, [b"xxxxxx"]);
    assert!(outcome.elapsed >= seconds(2.2), "{:?}", outcome.elapsed);
    assert!(outcome.elapsed < seconds(30.0), "{:?}", outcome.elapsed);
}

/// RC-08: a stop from another thread ends a whole tree at once, with its shells in other sessions.
#[test]
fn stop_ends_the_tree() {
    let script = Script::new(
        "setsid sh -c 'echo $$ >other; while :; do sleep 1; done' & while :; do sleep 1; done",
    );
    let start = Instant::now();
    let (outcome, _) = script.run_while(|control| {
        script.wait_for("other");
        until("three processes", || control.pids().len() >= 3);
        control.stop();
    });
    assert_eq!(outcome.ended, ExitCause::Stopped);
    assert_eq!(outcome.signal, Some(15));
    assert!(!exists(&script.wait_for("other")));
    assert!(start.elapsed() < seconds(5.0), "{:?}", start.elapsed());
}

/// RC-08: an agent that is stopped before its start does not start.
#[test]
fn a_stopped_agent_does_not_start() {
    let script = Script::new("echo started >file");
    let control = Control::new().unwrap();
    control.stop();
    let (outcome, _) = script.run_with(&control);
    assert_eq!(outcome.ended, ExitCause::Stopped);
    assert!(!script.file("file").exists());
}

/// RC-02: a pause stops all processes, even in other sessions, and does not count toward any limit.
#[test]
fn a_pause_holds_processes_and_clocks() {
    let script = Script::new(
        "setsid sh -c 'while :; do echo >>other; sleep 0.01; done' &
         while [ ! -e go ]; do echo >>own; echo; sleep 0.01; done; exit 4",
    )
    .limits(|l| {
        l.deadline = Some(seconds(4.0));
        l.idle = Some(seconds(4.0));
    });
    let (outcome, _) = script.run_while(|control| {
        script.wait_for("other");
        script.wait_for("own");
        control.pause();
        until("the pause", || control.is_paused());
        // A process that the signal meets in a system call stops at the end of that call.
        until("all to be stopped", || {
            let mut tree = Tree::of_run(&script.run, None);
            let members = tree.look(Look::Thorough);
            members.iter().all(|process| process.is_stopped)
        });
        let lengths = || (script.length_of("own"), script.length_of("other"));
        let before = lengths();
        std::thread::sleep(seconds(4.5));
        assert_eq!(lengths(), before, "it went on during the pause");
        control.resume();
        until("all to go on", || {
            lengths().0 > before.0 && lengths().1 > before.1
        });
        until("the end of the pause", || !control.is_paused());
        std::fs::write(script.file("go"), "").unwrap();
    });
    assert_eq!(outcome.ended, ExitCause::Exited(4));
    assert!(outcome.elapsed >= seconds(4.5), "{:?}", outcome.elapsed);
    assert!(outcome.active < seconds(4.0), "{:?}", outcome.active);
}

/// RC-08: a paused agent can be stopped, and gets TERM first.
#[test]
fn a_paused_agent_can_be_stopped() {
    let script =
        Script::new("trap 'echo bye; exit 0' TERM; echo >on; while :; do sleep 0.02; done");
    let (outcome, printed) = script.run_while(|control| {
        script.wait_for("on");
        control.pause();
        until("the pause", || control.is_paused());
        control.stop();
    });
    assert_eq!(outcome.ended, ExitCause::Stopped);
    assert_eq!((outcome.code, printed.out()), (Some(0), vec!["bye".into()]));
}

/// RC-19: processes that together use too much memory are ended, and their usage is measured.
#[test]
fn too_much_memory_ends_the_agent() {
    // `tail` keeps the line in memory.
    let script = Script::new("{ head -c 150000000 /dev/zero; sleep 60; } | tail -n 1")
        .limits(|l| l.memory = Some(64 << 20));
    let (outcome, _) = script.run();
    assert_eq!(outcome.ended, ExitCause::Memory);
    assert!(outcome.memory_peak > 64 << 20, "{}", outcome.memory_peak);
    let (outcome, _) = Script::new("sleep 0.3")
        .limits(|l| l.memory = Some(64 << 20))
        .run();
    assert_eq!(outcome.ended, ExitCause::Exited(0));
}

/// RC-19: an agent with too many processes is ended with all of them.
#[test]
fn too_many_processes_end_the_agent() {
    let script = Script::new("for i in $(seq 30); do sleep 60 & done; wait")
        .limits(|l| l.processes = Some(20));
    let (outcome, _) = script.run();
    assert_eq!(outcome.ended, ExitCause::Processes);
    assert!(outcome.processes_peak > 20);
    let (outcome, _) = Script::new("sleep 0.3 & sleep 0.3 & wait")
        .limits(|l| l.processes = Some(20))
        .run();
    assert_eq!(outcome.ended, ExitCause::Exited(0));
}

/// RC-19: the kernel's limits and the priority apply to what the agent starts.
#[cfg(target_os = "linux")]
#[test]
fn the_kernel_knows_the_limits() {
    let script = Script::new(
        "sleep 0.3; sh -c 'ulimit -c; ulimit -d; nice; cat /proc/self/oom_score_adj'; head -c 99999 /dev/zero >big; wc -c <big",
    )
    .limits(|l| {
        l.memory = Some(256 << 20);
        l.file_size = Some(50_000);
        l.nice = 3;
    });
    let (_, printed) = script.run();
    let own: i32 = rustix::process::getpriority_process(None).unwrap();
    let nice = (own + 3).min(19).to_string();
    assert_eq!(
        printed.out(),
        ["0", "1048576", nice.as_str(), "500", "50000"]
    );
}

/// AG-49: a panic in the receiver of the output leaves no process behind.
#[test]
fn a_panic_leaves_no_process() {
    let script = Script::new("echo $$ >pid; echo line; exec sleep 60");
    let control = Control::new().unwrap();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut sink = |_: Line<'_>| panic!("expected in this test");
        supervise(&script.launch, &script.limits, &control, &mut sink)
    }));
    assert!(result.is_err());
    assert!(!exists(&script.wait_for("pid")));
}
