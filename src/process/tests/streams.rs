//! Start, input and output.

use super::super::ExitCause;
use super::*;
use crate::error::{Error, Kind};

const TEN_MEGABYTES: usize = 10 << 20;

/// AG-49: an agent that prints 1 GB is read to its end, with no more memory than the bound.
#[test]
fn a_gigabyte_is_counted_and_dropped() {
    let script = Script::new("yes 0123456789012345678901234567890123456789 | head -c 1000000000")
        .limits(|limits| limits.output_max = 1 << 20);
    let (outcome, printed) = script.run();
    assert_eq!(outcome.ended, ExitCause::Exited(0));
    assert_eq!(outcome.stdout.bytes, 1_000_000_000);
    assert!(outcome.stdout.is_truncated);
    assert_eq!(outcome.stdout.passed, 1 << 20);
    let passed: usize = printed.out.iter().map(Vec::len).sum();
    assert_eq!(passed, 1 << 20);
    assert_eq!(outcome.stderr, Default::default());
}

/// AG-49: a line of 50 MB is cut, and the output on the other stream is not lost.
#[test]
fn an_endless_line_is_cut() {
    let script = Script::new("head -c 50000000 /dev/zero; echo; echo next; echo noise >&2");
    let (outcome, printed) = script.run();
    let lengths: Vec<usize> = printed.out.iter().map(Vec::len).collect();
    assert_eq!(lengths, [1 << 20, 4]);
    assert_eq!(printed.err, [b"noise"]);
    assert_eq!(outcome.stdout.cut_lines, 1);
    assert!(!outcome.stdout.is_truncated);
}

/// AG-49: invalid UTF-8 and a last line without a newline arrive unchanged.
#[test]
fn output_is_passed_on_byte_for_byte() {
    let (outcome, printed) = Script::new(r"printf 'a\377b\n\nlast'; printf 'no end' >&2").run();
    assert_eq!(printed.out, [b"a\xffb", &b""[..], b"last"]);
    assert_eq!(printed.err, [b"no end"]);
    assert_eq!(outcome.stdout.bytes, 9);
}

/// AG-49: output before a limit is reached arrives at once, not at the end.
#[test]
fn lines_arrive_while_the_agent_runs() {
    let script = Script::new("echo ready; read go < gate; echo went");
    let gate = script.file("gate");
    let made = std::process::Command::new("mkfifo").arg(&gate).status();
    assert!(made.unwrap().success());
    let mut printed = Vec::new();
    let mut sink = |line: Line<'_>| {
        if line.bytes == b"ready" {
            std::fs::write(&gate, "go\n").unwrap();
        }
        printed.push(line.bytes.to_vec());
    };
    let control = Control::new().unwrap();
    let outcome = supervise(&script.launch, &script.limits, &control, &mut sink).unwrap();
    assert_eq!(outcome.ended, ExitCause::Exited(0));
    assert_eq!(printed, [&b"ready"[..], b"went"]);
}

/// AG-49: an agent that prints while it reads gets all of its input.
#[test]
fn input_and_output_do_not_wait_for_each_other() {
    let mut input = vec![b'x'; TEN_MEGABYTES];
    input.extend(b"\nend");
    let script = Script::new("cat").input(input);
    let (outcome, printed) = script.run();
    assert_eq!(outcome.ended, ExitCause::Exited(0));
    assert_eq!(outcome.stdout.bytes, TEN_MEGABYTES as u64 + 4);
    assert_eq!(outcome.input_written, TEN_MEGABYTES as u64 + 4);
    assert_eq!(printed.out.last().unwrap(), b"end");
}

/// AG-49: an agent that does not read its input of 10 MB, or exits before it has, is not blocked.
#[test]
fn input_need_not_be_read() {
    for (text, code) in [
        ("sleep 0.2; exit 0", 0),
        ("exit 3", 3),
        ("exec <&-; exit 4", 4),
    ] {
        let script = Script::new(text).input(vec![b'x'; TEN_MEGABYTES]);
        let (outcome, _) = script.run();
        assert_eq!(outcome.ended, ExitCause::Exited(code), "{text}");
        assert!(outcome.input_written < TEN_MEGABYTES as u64, "{text}");
    }
}

/// AG-49: without input, standard input is at its end.
#[test]
fn no_input_is_an_end() {
    let (_, printed) = Script::new("cat; echo done").run();
    assert_eq!(printed.out(), ["done"]);
}

/// AG-49: environment and directory are those of the launch, and nothing else is inherited.
#[test]
fn nothing_is_inherited() {
    let mut script = Script::new("");
    script.launch.program = "env".into();
    script.launch.args.clear();
    let (_, printed) = script.run();
    let mut names: Vec<String> = printed.out();
    names.iter_mut().for_each(|line| {
        line.truncate(line.find('=').unwrap());
    });
    names.sort();
    assert_eq!(names, ["GIT_PM_RUN", "GIT_PM_TASK", "PATH", "PWD"]);

    let script = Script::new("pwd -P; kill -0 -$$ && echo leads a group");
    let (_, printed) = script.run();
    let dir = script.dir.path().canonicalize().unwrap();
    assert_eq!(printed.out(), [dir.to_str().unwrap(), "leads a group"]);
}

/// AG-49: the exit code or signal of the process is reported.
#[test]
fn the_end_of_the_process_is_told() {
    let (outcome, _) = Script::new("exit 7").run();
    assert_eq!(outcome.ended, ExitCause::Exited(7));
    assert_eq!((outcome.code, outcome.signal), (Some(7), None));
    let (outcome, _) = Script::new("kill -SEGV $$").run();
    assert_eq!(outcome.ended, ExitCause::Killed(11));
    assert_eq!((outcome.code, outcome.signal), (None, Some(11)));
    assert_eq!(outcome.ending.count, 0, "it ended by itself");
}

/// AG-49: errors of the start give the cause and a hint.
#[test]
fn a_program_that_cannot_start_is_named() {
    let fails = |change: &dyn Fn(&mut Script)| -> Error {
        let mut script = Script::new("true");
        change(&mut script);
        let control = Control::new().unwrap();
        let mut sink = |_: Line<'_>| panic!("it printed something");
        supervise(&script.launch, &script.limits, &control, &mut sink).unwrap_err()
    };
    let error = fails(&|s| s.launch.program = "no-such-agent".into());
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(error.reason(), "agent.program_missing");
    assert!(error.message().contains("no-such-agent"), "{error}");
    assert!(!error.hints().is_empty());

    let error = fails(&|s| s.launch.program = "./no-such-agent".into());
    assert_eq!(error.reason(), "agent.program_missing");

    // A program of that name in the worktree is not used.
    let error = fails(&|s| {
        s.launch.env[0].1 = ".:".into();
        s.launch.program = "agent".into();
        let file = s.file("agent");
        std::fs::write(&file, "#!/bin/sh\n").unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
    });
    assert_eq!(error.reason(), "agent.program_missing");

    let error = fails(&|s| s.launch.dir = s.file("gone"));
    assert_eq!(error.reason(), "agent.dir_missing");
    assert!(error.message().contains("gone"), "{error}");

    let error = fails(&|s| {
        std::fs::write(s.file("agent"), "#!/bin/sh\n").unwrap();
        s.launch.program = "./agent".into();
    });
    assert_eq!(error.reason(), "agent.not_started");
    assert!(error.hints()[0].to_string().contains("chmod"), "{error:?}");
}
