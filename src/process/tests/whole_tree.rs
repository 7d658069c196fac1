//! Processes that leave the tree, or try to.

use super::super::ExitCause;
use super::*;

/// AG-49: a daemon in a session of its own ends with the agent, whose exit code is reported.
#[test]
fn a_daemon_ends_with_the_agent() {
    let script = Script::new("setsid sleep 60 <&- >&- 2>&- & echo $! >daemon; sleep 0.2; exit 2");
    let start = Instant::now();
    let (outcome, _) = script.run();
    assert_eq!(outcome.ended, ExitCause::Exited(2));
    assert_eq!(outcome.ending.count, 1);
    let ended = &outcome.ending.ended[0];
    assert_eq!(ended.process.pid.to_string(), script.wait_for("daemon"));
    assert_eq!(ended.process.name, "sleep");
    assert!(!ended.is_killed);
    assert!(!exists(&script.wait_for("daemon")), "a zombie is left");
    assert!(start.elapsed() < seconds(4.0), "{:?}", start.elapsed());
}

/// AG-49: a daemon that keeps the output open does not block us, and what was printed before the
/// end of the agent is there.
#[test]
fn a_daemon_that_holds_the_pipe_ends_with_the_agent() {
    let script = Script::new(
        "setsid sh -c 'trap \"\" TERM; echo from the daemon; echo >ready; sleep 60' &
         while [ ! -e ready ]; do sleep 0.01; done",
    )
    .limits(|l| l.grace = seconds(0.3));
    let start = Instant::now();
    let (outcome, printed) = script.run();
    assert_eq!(outcome.ended, ExitCause::Exited(0));
    assert_eq!(printed.out(), ["from the daemon"]);
    assert!(outcome.ending.ended[0].is_killed);
    assert!(!outcome.are_pipes_abandoned);
    assert!(start.elapsed() < seconds(10.0), "{:?}", start.elapsed());
}

/// AG-49: output shortly after the end of the agent is read.
#[test]
fn the_last_words_of_a_child_are_heard() {
    let (outcome, printed) = Script::new("(sleep 0.1; echo late) & exit 0").run();
    assert_eq!(printed.out(), ["late"]);
    assert_eq!(outcome.ending.count, 0);
}

/// AG-49: a daemon that forked twice and dropped its environment is found by its directory.
#[cfg(target_os = "linux")]
#[test]
fn a_double_fork_without_environment_is_found() {
    let script = Script::new(
        "(env -i setsid /bin/sh -c 'echo $$ >pid; exec sleep 60' >/dev/null 2>&1 &)
         while [ ! -s pid ]; do sleep 0.001; done",
    );
    let (outcome, _) = script.run();
    assert_eq!(outcome.ended, ExitCause::Exited(0));
    assert!(!exists(&script.wait_for("pid")));
}

/// AG-49: a process that was once seen as a descendant stays a member, even without its parent,
/// session, environment and directory.
#[test]
fn a_descendant_stays_one() {
    let script = Script::new(
        "sh -c 'cd /; exec env -i setsid sleep 60' >/dev/null 2>&1 & echo $! >pid
         sleep 0.7; exit 0",
    );
    let (outcome, _) = script.run();
    assert_eq!(outcome.ending.count, 1);
    assert!(!exists(&script.wait_for("pid")));
}

/// AG-49: a process is found by its mark alone, no longer a descendant and in another directory.
#[test]
fn an_orphan_is_found_by_its_mark() {
    let script = Script::new(
        "(cd /; setsid sh -c 'setsid sleep 60 & echo $! >\"$0\"' \"$OLDPWD/pid\" >/dev/null 2>&1 &)
         while [ ! -s pid ]; do sleep 0.001; done",
    );
    let (_, _) = script.run();
    assert!(!exists(&script.wait_for("pid")));
}

/// AG-49: a process that executes one program after the other keeps its mark at every moment.
#[test]
fn a_process_between_two_programs_is_found() {
    let script = Script::new(
        "(setsid env MORE=400 sh -c 'echo $$ >pid; exec sh ./next' >/dev/null 2>&1 &)
         while [ ! -e last ]; do sleep 0.01; done",
    );
    std::fs::write(
        script.file("next"),
        "MORE=$((MORE-1)); [ $MORE -gt 0 ] && exec sh ./next; echo >last; exec sleep 60\n",
    )
    .unwrap();
    script.run_while(|_| {
        script.wait_for("pid");
        while !script.file("last").exists() {
            assert!(!leftovers(&script.run, Some("T-0001")).is_empty());
            let pid: u32 = script.wait_for("pid").parse().unwrap();
            let marks = [format!("GIT_PM_RUN={}", script.run).into()];
            let user = rustix::process::geteuid().as_raw();
            assert!(system::with_variables(&[pid], user, &marks).contains(&pid));
        }
    });
}

/// RC-08: processes that multiply lose.
#[test]
fn a_fork_bomb_loses() {
    // Each of them starts two, at most 2^8 in total.
    let script = Script::new("sh ./bomb 0; sleep 60").limits(|l| l.grace = seconds(0.2));
    std::fs::write(
        script.file("bomb"),
        "trap '' TERM\n[ $1 -gt 7 ] && exec sleep 60\n\
         setsid sh ./bomb $(($1+1)) & sh ./bomb $(($1+1)) &\nsleep 60\n",
    )
    .unwrap();
    let (outcome, _) = script.run_while(|control| {
        until("many processes", || control.pids().len() > 50);
        control.stop();
    });
    assert_eq!(outcome.ended, ExitCause::Stopped);
    assert!(outcome.ending.count > 50, "{}", outcome.ending.count);
}

/// AG-49: of two concurrent agents, the end of one does not affect the other or its daemon.
#[test]
fn the_end_of_an_agent_leaves_others_alone() {
    let long = Script::new(
        "setsid sh -c 'echo $$ >pid; exec sleep 60' & while [ ! -e go ]; do sleep 0.02; done",
    );
    long.run_while(|_| {
        let daemon = long.wait_for("pid");
        Script::new("setsid sleep 60 & sleep 0.1; exit 0").run();
        assert!(exists(&daemon));
        std::fs::write(long.file("go"), "").unwrap();
    });
}
