//! Output that is forged, malformed or too large.

use std::fs;

use proptest::prelude::*;

use super::super::json::{Fields, Json};
use super::super::{AgentVerdict, ProcessEnd, Reader, Update};
use super::testdata;

const AGENTS: [&str; 7] = [
    "claude",
    "codex",
    "gemini",
    "opencode",
    "aider",
    "script:/a",
    "acp:a",
];

/// The maximum size that a reader keeps, in characters of its debug output.
const KEPT: usize = 256 << 10;

fn reader(with: &str) -> Reader {
    super::reader(&with.parse().unwrap(), None)
}

/// Checks that every text of an update is short and without escapes.
fn check(updates: &[Update]) {
    assert!(updates.len() <= 64);
    for update in updates {
        let texts: Vec<&String> = match update {
            Update::Session(text)
            | Update::Output(text)
            | Update::Message(text)
            | Update::Error(text)
            | Update::Note(text) => vec![text],
            Update::Permission {
                name,
                detail,
                refused,
            } => [name, detail].into_iter().chain(refused).collect(),
            Update::ToolBegan { name, detail } | Update::ToolEnded { name, detail, .. } => {
                vec![name, detail]
            }
            Update::Retrying { message, .. } | Update::RateLimited { message, .. } => vec![message],
            Update::Usage(_) | Update::Done => vec![],
        };
        for text in texts {
            let is_one_line = !matches!(update, Update::Message(_) | Update::Output(_));
            assert!(text.len() <= if is_one_line { 2000 } else { 16 << 10 });
            let plain = |c: char| !c.is_control() || (!is_one_line && (c == '\n' || c == '\t'));
            assert!(text.chars().all(plain), "{text:?}");
        }
    }
}

#[test]
fn escapes_are_removed_from_texts() {
    let esc = "\\u001b]0;title\\u0007\\u001b[31mred\\u001b[0m \\u202e\\u0000";
    for (with, line) in [
        (
            "claude",
            r#"{"type":"assistant","message":{"content":[{"type":"text","text":"@"}]}}"#,
        ),
        (
            "codex",
            r#"{"type":"item.completed","item":{"type":"agent_message","text":"@"}}"#,
        ),
        ("codex", r#"{"type":"turn.failed","error":{"message":"@"}}"#),
        ("opencode", r#"{"type":"text","part":{"text":"@"}}"#),
        (
            "opencode",
            r#"{"type":"tool_use","part":{"tool":"@","state":{"input":{"command":"@"}}}}"#,
        ),
    ] {
        let mut reader = reader(with);
        let updates = reader.stdout(line.replace('@', esc).as_bytes());
        assert!(!updates.is_empty(), "{with}");
        check(&updates);
        let shown = format!("{updates:?}");
        assert!(shown.contains("red") && !shown.contains("title"), "{shown}");
    }
    let updates = reader("script:/a").stdout(b"\x1b[2J\x1b[31mred\x1b[0m\r\n");
    assert_eq!(updates, [Update::Message("red".into())]);
}

/// The session name becomes an argument of the next run.
#[test]
fn a_session_that_looks_like_an_option_is_ignored() {
    for id in ["--last", "-c", "", "a b", "../../x", "a\\nb"] {
        let line = format!(r#"{{"type":"thread.started","thread_id":"{id}"}}"#);
        let mut reader = reader("codex");
        assert_eq!(reader.stdout(line.as_bytes()), []);
        assert_eq!(reader.finish(ProcessEnd::Code(0)).session, None);
    }
}

#[test]
fn broken_lines_are_counted_and_unknown_events_ignored() {
    for with in ["claude", "codex", "gemini", "opencode"] {
        let mut reader = reader(with);
        for line in [
            &b"{\"type\":\"item.comp"[..],
            b"{\"type\":\"result\"} trailing",
            b"{\"a\":\xff}",
            b"not json at all",
            b"",
            b"\xff\xfe",
            b"[1,2]",
            b"{\"type\":\"of the future\",\"x\":[{}]}",
            b"{\"type\":7}",
            b"{}",
        ] {
            assert_eq!(reader.stdout(line), [], "{with}");
        }
        let report = reader.finish(ProcessEnd::Code(0));
        assert_eq!(report.unreadable, 3, "{with}");
        assert!(
            matches!(report.verdict, AgentVerdict::Failed { .. }),
            "{with}"
        );
    }
}

/// An invalid byte within a text spoils only that text.
#[test]
fn invalid_bytes_in_a_text_are_replaced() {
    let line =
        b"{\"type\":\"item.completed\",\"item\":{\"type\":\"agent_message\",\"text\":\"a\xffb\"}}";
    assert_eq!(
        reader("codex").stdout(line),
        [Update::Message("a\u{fffd}b".into())]
    );
}

#[test]
fn numbers_of_a_liar_do_not_overflow() {
    let max = u64::MAX;
    for (with, line) in [
        (
            "codex",
            format!(
                r#"{{"type":"turn.completed","usage":{{"input_tokens":{max},"output_tokens":-5}}}}"#
            ),
        ),
        (
            "opencode",
            format!(
                r#"{{"type":"step_finish","part":{{"reason":"stop","cost":1e300,"tokens":{{"input":{max},"cache":{{"read":{max}}}}}}}}}"#
            ),
        ),
        (
            "gemini",
            r#"{"type":"result","status":"success","stats":{"input_tokens":1e999}}"#.into(),
        ),
        (
            "claude",
            format!(
                r#"{{"type":"result","subtype":"success","total_cost_usd":-1,"usage":{{"input_tokens":{max},"cache_read_input_tokens":{max}}}}}"#
            ),
        ),
        (
            "aider",
            "Tokens: 1e300k sent, -5 received. Cost: $1e300 message, $NaN session.".into(),
        ),
        (
            "script:/a",
            format!(r#"{{"type":"usage","input_tokens":{max},"cost_usd":{max}}}"#),
        ),
    ] {
        let mut reader = reader(with);
        for _ in 0..3 {
            check(&reader.stdout(line.as_bytes()));
        }
        reader.finish(ProcessEnd::Code(0));
    }
}

#[test]
fn a_huge_event_is_read_unless_it_has_very_many_values() {
    let text = "x\\n".repeat(500_000);
    let list = "[1,[2],{\"a\":\"b\"}],".repeat(50_000);
    let line = format!(
        r#"{{"type":"result","list":[{list}0],"result":"{text}","subtype":"success","is_error":false}}"#
    );
    assert_eq!(Json::object(line.as_bytes()), None);
    let mut first = reader("claude");
    check(&first.stdout(line.as_bytes()));
    assert_eq!(first.finish(ProcessEnd::Code(0)).unreadable, 1);
    // Long texts take no more memory than the line.
    let line =
        format!(r#"{{"type":"result","result":"{text}","subtype":"success","is_error":false}}"#);
    let mut reader = reader("claude");
    check(&reader.stdout(line.as_bytes()));
    assert_eq!(
        reader.finish(ProcessEnd::Code(0)).verdict,
        AgentVerdict::Finished
    );
}

#[test]
fn endless_output_does_not_accumulate() {
    let x = "x".repeat(3000);
    for with in AGENTS {
        let mut reader = reader(with);
        for n in 0..200 {
            for line in [
                format!(
                    r#"{{"type":"assistant","message":{{"id":"{n}{x}","content":[{{"type":"text","text":"{x}"}},{{"type":"tool_use","id":"{n}{x}","name":"{x}","input":{{"command":"{x}"}}}}]}}}}"#
                ),
                format!(r#"{{"type":"message","role":"assistant","delta":true,"content":"{x}"}}"#),
                format!(
                    r#"{{"type":"tool_use","tool_id":"{n}{x}","tool_name":"{x}","part":{{"tool":"{x}","state":{{"status":"error","error":"rejected permission {x}"}}}}}}"#
                ),
                format!(
                    r#"{{"type":"item.started","item":{{"id":"{n}{x}","type":"command_execution","command":"{x}"}}}}"#
                ),
                format!(r#"{{"type":"error","message":"{x}"}}"#),
                format!(
                    r#"{{"type":"result","permission_denials":[{{"tool_name":"{x}"}}],"is_error":true,"result":"{x}"}}"#
                ),
                format!("plain {x}"),
                format!("litellm.{x}"),
                format!("Unable to commit {x}"),
            ] {
                check(&reader.stdout(line.as_bytes()));
                check(&reader.stderr(line.as_bytes()));
            }
        }
        let kept = format!("{reader:?}").len();
        assert!(kept < KEPT, "{with} keeps {kept}");
        let report = format!("{:?}", reader.finish(ProcessEnd::Stopped)).len();
        assert!(report < KEPT, "{with} reports {report}");
    }
}

/// The lines of all transcripts.
fn lines() -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for agent in ["claude", "codex", "gemini", "opencode", "aider", "script"] {
        for entry in fs::read_dir(testdata(agent)).unwrap() {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            lines.extend(bytes.split(|c| *c == b'\n').map(<[u8]>::to_vec));
        }
    }
    lines
}

fn ended() -> impl Strategy<Value = ProcessEnd> {
    prop_oneof![
        (0..256).prop_map(ProcessEnd::Code),
        (1..32).prop_map(ProcessEnd::Signal),
        Just(ProcessEnd::Stopped)
    ]
}

/// Reads lines, every fourth as standard error, and checks the results.
fn read(with: &str, lines: &[Vec<u8>], ended: ProcessEnd) -> Result<(), TestCaseError> {
    let mut reader = reader(with);
    for (n, line) in lines.iter().enumerate() {
        check(&match n % 4 {
            3 => reader.stderr(line),
            _ => reader.stdout(line),
        });
    }
    let kept = format!("{reader:?}").len();
    prop_assert!(kept < KEPT);
    let report = reader.finish(ended);
    let kept = format!("{report:?}").len();
    prop_assert!(kept < KEPT);
    if let AgentVerdict::Failed { message, .. } = &report.verdict {
        prop_assert!(!message.is_empty() && !message.chars().any(char::is_control));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_bytes_do_no_harm(
        agent in 0..AGENTS.len(),
        lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..40),
        ended in ended(),
    ) {
        read(AGENTS[agent], &lines, ended)?;
    }

    /// Truncated and modified lines of any agent, read as those of any other.
    #[test]
    fn cut_and_changed_events_do_no_harm(
        agent in 0..AGENTS.len(),
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<Option<u8>>()), 0..60),
        ended in ended(),
    ) {
        let all = lines();
        let changed = |(line, at, byte): &(prop::sample::Index, prop::sample::Index, Option<u8>)| {
            let mut line = line.get(&all).clone();
            if !line.is_empty() {
                let at = at.index(line.len());
                match byte {
                    Some(byte) => line[at] = *byte,
                    None => line.truncate(at),
                }
            }
            line
        };
        let lines: Vec<Vec<u8>> = picks.iter().map(changed).collect();
        read(AGENTS[agent], &lines, ended)?;
    }
}
