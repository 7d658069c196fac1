//! The values of `--with`.

use std::path::Path;

use super::super::With;
use super::super::command_template::Slot;
use crate::error::Kind;

/// RC-23: every agent is displayed as it is written.
#[test]
fn is_shown_as_it_was_written() {
    for written in [
        "script:/bin/agent.sh",
        "script:agents/one two.sh",
        "claude",
        "codex",
        "gemini",
        "opencode",
        "aider",
        "command:my-agent --model {model} 'a b' {{model}}",
        "acp:gemini --acp -m {model}",
        "replay:/demo/one two.jsonl",
    ] {
        let with: With = written.parse().unwrap();
        assert_eq!(with.to_string(), written);
        assert!(written.starts_with(with.name()));
    }
}

#[test]
fn an_unknown_agent_is_refused_with_a_list() {
    for (written, said) in [
        ("cursor", "`cursor` is not a known agent"),
        ("", "`` is not a known agent"),
        ("Claude", "`Claude` is not a known agent"),
        ("script:", "lacks the path"),
        ("replay:", "lacks the path"),
        ("acp:", "has no command line"),
        ("model:gpt", "lacks a provider"),
        ("claude\u{1b}[31m", "control character"),
    ] {
        let error = written.parse::<With>().unwrap_err();
        assert_eq!(error.kind(), Kind::Usage, "{written}");
        assert!(error.message().contains(said), "{written}: {error}");
        assert!(!error.message().contains('\u{1b}'));
        let hints: String = error.hints().iter().map(ToString::to_string).collect();
        let lists = ["codex", "acp:COMMAND-LINE"].map(|word| hints.contains(word));
        let is_of_kind = ["acp:", "model:gpt"].contains(&written);
        assert!(is_of_kind || lists == [true; 2], "{hints}");
    }
}

#[test]
fn a_script_is_resolved_where_it_was_written() {
    for form in ["script", "replay"] {
        let with: With = format!("{form}:bin/agent").parse().unwrap();
        let with = with.at(Path::new("/home/ada")).to_string();
        assert_eq!(with, format!("{form}:/home/ada/bin/agent"));
    }
}

fn words(line: &str) -> Vec<String> {
    let With::Command(template) = format!("command:{line}").parse().unwrap() else {
        panic!("{line} was not read as a command");
    };
    let value = |slot| match slot {
        Slot::PromptFile => "/p r/prompt.md".into(),
        Slot::Model => "m; rm -rf /".into(),
        Slot::Session => "".into(),
        Slot::Worktree => "/w".into(),
    };
    let filled = template.filled(value).into_iter();
    filled.map(|word| word.into_string().unwrap()).collect()
}

/// A value never extends beyond its word.
#[test]
fn a_command_line_is_split_before_values_are_put_in() {
    assert_eq!(words("a  b c"), ["a", "b", "c"]);
    assert_eq!(
        words("a 'b c' \"d \\\" e\" f\\ g ''"),
        ["a", "b c", "d \" e", "f g", ""]
    );
    assert_eq!(
        words("a --m={model} {session}"),
        ["a", "--m=m; rm -rf /", ""]
    );
    assert_eq!(
        words("a {prompt_file} {worktree}x"),
        ["a", "/p r/prompt.md", "/wx"]
    );
    assert_eq!(
        words("sh -c 'x ${HOME} {{model}} {\"a\":{}} {' $x"),
        ["sh", "-c", "x ${HOME} {model} {\"a\":{}} {", "$x"]
    );
}

#[test]
fn a_command_line_with_a_mistake_is_refused() {
    for (line, said) in [
        ("", "has no command line"),
        ("  ", "has no command line"),
        ("''", "has no command line"),
        ("a 'b", "unterminated quote"),
        ("a b\\", "unterminated quote"),
        ("a {prompt}", "unknown placeholder `{prompt}`"),
    ] {
        let error = format!("command:{line}").parse::<With>().unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.message().contains(said), "{line}: {error}");
    }
}
