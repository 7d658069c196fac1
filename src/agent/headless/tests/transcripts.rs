//! What is read from the recorded output of each agent.
//!
//! The transcripts of codex, gemini, opencode and aider are from runs against a scripted server;
//! claude's are based on its documentation.

use std::fs;
use std::time::Duration;

use super::super::{
    AgentReport, AgentVerdict, Class, ProcessEnd, Session, Update, Usage, Wait, With,
};
use super::{reader, session, testdata};

struct Run {
    updates: Vec<Update>,
    report: AgentReport,
}

/// Reads a transcript, with its standard error file if there is one.
fn read(with: &str, name: &str, resumed: Option<&Session>, ended: ProcessEnd) -> Run {
    let agent: With = match with {
        "script" => "script:/a".parse().unwrap(),
        with => with.parse().unwrap(),
    };
    let end = if matches!(with, "aider" | "script") {
        "txt"
    } else {
        "jsonl"
    };
    let mut reader = super::reader(&agent, resumed);
    let mut updates = Vec::new();
    let output = fs::read(testdata(&format!("{with}/{name}.{end}"))).unwrap();
    for line in output.split_inclusive(|c| *c == b'\n') {
        updates.extend(reader.stdout(line));
    }
    if let Ok(errors) = fs::read(testdata(&format!("{with}/{name}.stderr"))) {
        for line in errors.split(|c| *c == b'\n') {
            updates.extend(reader.stderr(line));
        }
    }
    let report = reader.finish(ended);
    Run { updates, report }
}

fn usage(input: u64, cached: u64, output: u64, cost: Option<u64>) -> Usage {
    Usage {
        input,
        cached,
        output,
        cost,
    }
}

fn class(report: &AgentReport) -> Class {
    match &report.verdict {
        AgentVerdict::Failed { class, message } => {
            assert!(!message.is_empty());
            *class
        }
        AgentVerdict::Finished => panic!("it finished: {report:?}"),
    }
}

/// RC-23: a successful run, with its messages, usage and tool calls.
#[test]
fn success() {
    for (with, session, used, tools) in [
        (
            "claude",
            Some("5f0c6a0e-8d3b-4d9e-9a55-0f6a1f1f7e11"),
            usage(3000, 2180, 150, Some(12_345)),
            2,
        ),
        ("codex", None, usage(3000, 600, 150, None), 2),
        ("gemini", None, usage(3000, 600, 150, None), 2),
        (
            "opencode",
            Some("ses_dfdf7f4a8ffeOXRMly0pVLbDyl"),
            usage(3000, 600, 150, Some(3900)),
            2,
        ),
        ("aider", None, usage(1000, 0, 50, None), 2),
        (
            "script",
            Some("s-1"),
            usage(2000, 200, 100, Some(30_000)),
            0,
        ),
    ] {
        let Run { updates, report } = read(with, "ok", None, ProcessEnd::Code(0));
        assert_eq!(report.verdict, AgentVerdict::Finished, "{with}");
        assert_eq!((report.usage, report.tools), (used, tools), "{with}");
        assert_eq!(report.unreadable, 0, "{with}");
        let has_session = !matches!(with, "aider");
        let got = report.session.as_ref().map(|session| session.id.as_str());
        assert_eq!(got.is_some(), has_session, "{with}");
        if session.is_some() {
            assert_eq!(got, session, "{with}");
        }
        let began = updates
            .iter()
            .filter(|u| matches!(u, Update::ToolBegan { .. }))
            .count();
        let ended = updates
            .iter()
            .filter(|u| matches!(u, Update::ToolEnded { ok: true, .. }))
            .count();
        assert_eq!(
            (began as u64, ended as u64),
            (tools, tools),
            "{with}: {updates:#?}"
        );
        assert!(updates.contains(&Update::Usage(used)), "{with}");
        let message = report.message.unwrap();
        let said = if with == "aider" {
            "I make the file."
        } else {
            "ommitted"
        };
        assert!(message.contains(said), "{with}: {message}");
        assert!(!message.contains("Aider v"), "{message}");
        assert_eq!(updates.contains(&Update::Done), with != "script", "{with}");
    }
}

/// RC-12: a refused commit can look like success; the agent's report about it is passed on.
#[test]
fn refused_commit() {
    let codex = read("codex", "refused", None, ProcessEnd::Code(0)).report;
    assert_eq!(codex.verdict, AgentVerdict::Finished);
    assert_eq!((codex.tools, codex.refused.len()), (1, 0));

    let claude = read("claude", "refused", None, ProcessEnd::Code(0));
    assert_eq!(claude.report.verdict, AgentVerdict::Finished);
    assert_eq!(claude.report.refused, ["Bash"]);
    let failed = |update: &Update| matches!(update, Update::ToolEnded { name, ok: false, .. } if name == "Bash");
    assert!(claude.updates.iter().any(failed));

    // It stops there, with exit code 0.
    let opencode = read("opencode", "refused", None, ProcessEnd::Code(0)).report;
    assert_eq!(opencode.refused, ["bash"]);
    assert_eq!(class(&opencode), Class::Permanent);
}

/// RC-10: the class of each failure determines the caller's action, whatever the exit code.
#[test]
fn failures_have_classes() {
    let limited = |retry_after| Class::RateLimited { retry_after };
    let seconds = |s| Some(Wait::For(Duration::from_secs(s)));
    for (with, name, ended, expected) in [
        ("claude", "401", ProcessEnd::Code(0), Class::Authentication),
        (
            "claude",
            "429",
            ProcessEnd::Code(1),
            limited(Some(Wait::Until(1_795_340_000))),
        ),
        ("claude", "500", ProcessEnd::Code(1), Class::Transient),
        ("claude", "529", ProcessEnd::Code(1), Class::Transient),
        ("claude", "cut", ProcessEnd::Code(0), Class::Transient),
        ("claude", "max-turns", ProcessEnd::Code(1), Class::Permanent),
        ("codex", "401", ProcessEnd::Code(1), Class::Authentication),
        ("codex", "429", ProcessEnd::Code(1), limited(None)),
        ("codex", "500", ProcessEnd::Code(1), Class::Transient),
        ("codex", "cut", ProcessEnd::Code(1), Class::Transient),
        (
            "gemini",
            "401",
            ProcessEnd::Code(145),
            Class::Authentication,
        ),
        ("gemini", "429", ProcessEnd::Stopped, limited(None)),
        ("gemini", "500", ProcessEnd::Stopped, Class::Transient),
        ("gemini", "cut", ProcessEnd::Code(0), Class::Transient),
        (
            "opencode",
            "401",
            ProcessEnd::Code(1),
            Class::Authentication,
        ),
        ("opencode", "429", ProcessEnd::Code(1), limited(seconds(1))),
        ("opencode", "cut", ProcessEnd::Stopped, Class::Transient),
        ("aider", "401", ProcessEnd::Code(0), Class::Authentication),
        ("aider", "429", ProcessEnd::Code(0), limited(None)),
        ("aider", "500", ProcessEnd::Code(0), Class::Transient),
        ("script", "429", ProcessEnd::Code(1), limited(seconds(30))),
    ] {
        let report = read(with, name, None, ended).report;
        assert_eq!(class(&report), expected, "{with} {name}: {report:?}");
    }
}

/// MR-13: a rate limit is shown while the agent still retries.
#[test]
fn a_rate_limit_is_shown_at_once() {
    for with in ["claude", "codex", "gemini", "opencode", "aider", "script"] {
        let updates = read(with, "429", None, ProcessEnd::Stopped).updates;
        let limited = |update: &Update| matches!(update, Update::RateLimited { .. });
        assert!(updates.iter().any(limited), "{with}: {updates:#?}");
    }
    let updates = read("aider", "429", None, ProcessEnd::Stopped).updates;
    let half = Some(Wait::For(Duration::from_millis(500)));
    let waits =
        |update: &Update| matches!(update, Update::RateLimited { wait, .. } if *wait == half);
    assert!(updates.iter().any(waits), "{updates:#?}");
}

/// RC-12: without its terminal event a run is not finished, though gemini exits with 0 on SIGTERM.
#[test]
fn a_run_that_was_ended_is_not_finished() {
    for (with, ended) in [
        ("claude", ProcessEnd::Code(143)),
        ("codex", ProcessEnd::Signal(15)),
        ("gemini", ProcessEnd::Code(0)),
        ("gemini", ProcessEnd::Stopped),
        ("opencode", ProcessEnd::Signal(15)),
    ] {
        let report = read(with, "sigterm", None, ended).report;
        assert!(
            matches!(report.verdict, AgentVerdict::Failed { .. }),
            "{with}"
        );
        assert!(report.session.is_some(), "{with} can be resumed");
    }
}

/// Some agents hang when the work is done, and are terminated.
#[test]
fn a_run_that_hangs_after_success_is_finished() {
    for with in ["claude", "codex", "gemini", "opencode", "aider"] {
        let report = read(with, "ok", None, ProcessEnd::Stopped).report;
        assert_eq!(report.verdict, AgentVerdict::Finished, "{with}");
        let report = read(with, "ok", None, ProcessEnd::Code(3)).report;
        assert_eq!(class(&report), Class::Unknown, "{with}");
    }
}

/// A resumed run has its own usage, and the session has the total; codex reports only the total.
#[test]
fn resumed() {
    let mut before = session("01a2021c-bd88-7442-85c8-131b2c385f2d");
    before.used = usage(3000, 600, 150, None);
    let run = read("codex", "resumed", Some(&before), ProcessEnd::Code(0));
    assert_eq!(run.report.verdict, AgentVerdict::Finished);
    assert_eq!(run.report.usage, usage(1000, 200, 50, None));
    let after = run.report.session.unwrap();
    assert_eq!(after.used, usage(4000, 800, 200, None));

    for (with, used) in [
        ("claude", usage(10, 0, 5, Some(2000))),
        ("gemini", usage(1000, 200, 50, None)),
        ("opencode", usage(1000, 200, 50, Some(1300))),
    ] {
        let mut before = session("earlier");
        before.used = usage(3000, 600, 150, Some(7));
        let report = read(with, "resumed", Some(&before), ProcessEnd::Code(0)).report;
        assert_eq!(report.verdict, AgentVerdict::Finished, "{with}");
        assert_eq!(report.usage, used, "{with}");
        let after = report.session.unwrap();
        assert_ne!(after.id, "earlier", "{with} says which session it is");
        assert_eq!(after.used, before.used.plus(used), "{with}");
    }
    // A run that fails before it reports its session can still be resumed.
    let report = reader(&With::Claude, Some(&before)).finish(ProcessEnd::Signal(9));
    assert_eq!(report.session, Some(before));
}

#[test]
fn exit_codes_without_a_terminal_event() {
    for (with, code, expected) in [
        ("gemini", 41, Class::Authentication),
        ("gemini", 55, Class::Permanent),
        ("gemini", 173, Class::RateLimited { retry_after: None }),
        ("gemini", 244, Class::Transient),
        ("script:/a", 75, Class::Transient),
        ("script:/a", 1, Class::Unknown),
        ("command:a", 127, Class::Permanent),
    ] {
        let report = reader(&with.parse().unwrap(), None).finish(ProcessEnd::Code(code));
        assert_eq!(class(&report), expected, "{with} {code}");
    }
    let mut reader = super::reader(&With::Codex, None);
    reader.stderr(b"error: unexpected argument '--nonsense' found");
    let report = reader.finish(ProcessEnd::Code(2));
    assert_eq!(class(&report), Class::Permanent);
    let AgentVerdict::Failed { message, .. } = report.verdict else {
        unreachable!()
    };
    assert_eq!(
        message,
        "it exited with code 2: error: unexpected argument '--nonsense' found"
    );
}
