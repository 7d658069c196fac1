//! The hooks of agents' command lines: the entries added to their settings.
//!
//! Claude Code, Gemini CLI and Codex read JSON; opencode loads a plugin. Pure.

use serde_json::{Value, json};

use super::Tool;
use super::json_text::{self, children, member};

/// The command of the hook at the beginning of a session.
const PRIME: &str = "git pm prime --hook-json";

/// The command of the hook before a tool.
const PRE_TOOL: &str = "git pm hook pre-tool";

/// The text of the plugin for opencode.
pub(super) const PLUGIN: &str = include_str!("../../../templates/opencode-plugin.js");

/// The file of a tool's hooks, from the root of the worktree.
pub(super) fn file(tool: Tool) -> &'static str {
    match tool {
        Tool::Claude => ".claude/settings.json",
        Tool::Gemini => ".gemini/settings.json",
        Tool::Codex => ".codex/hooks.json",
        Tool::Opencode => ".opencode/plugins/git-pm.js",
    }
}

/// The events of a tool with our entries.
fn entries(tool: Tool) -> Vec<(&'static str, &'static str, Value)> {
    let (before, starts, edits) = match tool {
        Tool::Claude => ("PreToolUse", None, "Edit|MultiEdit|Write|NotebookEdit"),
        Tool::Gemini => ("BeforeTool", None, "write_file|replace"),
        Tool::Codex => (
            "PreToolUse",
            Some("startup|resume"),
            "apply_patch|Edit|Write",
        ),
        Tool::Opencode => return Vec::new(),
    };
    // Gemini CLI counts milliseconds.
    let timeout = if tool == Tool::Gemini { 10_000 } else { 10 };
    let entry = |event, command, matcher: Option<&str>| {
        let hooks = json!([{"type": "command", "command": command, "timeout": timeout}]);
        let entry = match matcher {
            Some(matcher) => json!({"matcher": matcher, "hooks": hooks}),
            None => json!({"hooks": hooks}),
        };
        (event, command, entry)
    };
    vec![
        entry("SessionStart", PRIME, starts),
        entry(before, PRE_TOOL, Some(edits)),
    ]
}

/// The settings with our hooks; `None` if the text is not JSON of that form.
pub(super) fn put(tool: Tool, before: Option<&str>) -> Option<String> {
    let (mark, text) = bare(before.unwrap_or_default());
    let mut text = match text.trim() {
        "" => "{\n}\n".to_string(),
        _ => text.to_string(),
    };
    for (event, command, entry) in entries(tool) {
        if places(&text, &[command])?.is_empty() {
            text = json_text::append(&text, &["hooks", event], &entry)?;
        }
    }
    Some(format!("{mark}{text}"))
}

/// The settings without our hooks; `None` if the text is not JSON.
pub(super) fn take(text: &str) -> Option<String> {
    let (mark, text) = bare(text);
    let mut text = text.to_string();
    while let Some(place) = places(&text, &[PRIME, PRE_TOOL])?.first() {
        text = json_text::remove(&text, place)?;
    }
    Some(format!("{mark}{text}"))
}

/// A text without its byte order mark, which stays where it is.
fn bare(text: &str) -> (&str, &str) {
    let rest = text.trim_start_matches('\u{feff}');
    (&text[..text.len() - rest.len()], rest)
}

/// The child numbers of every hook that runs one of these commands.
fn places(text: &str, commands: &[&str]) -> Option<Vec<Vec<usize>>> {
    let root = json_text::parse(text)?;
    root.as_object()?;
    let of_hooks = |node| {
        let all = children(node).into_iter().enumerate();
        all.filter(|(_, (key, ..))| *key == Some("hooks"))
    };
    let of = |node| children(node).into_iter().enumerate();
    let mut found = Vec::new();
    for (a, (.., hooks)) in of_hooks(&root) {
        for (b, (.., event)) in of(hooks) {
            for (c, (.., entry)) in of(event) {
                for (d, (.., list)) in of_hooks(entry) {
                    let all = children(list);
                    for (e, (.., hook)) in all.iter().enumerate() {
                        let command = member(hook, "command").and_then(|one| one.as_string_lit());
                        if command.is_some_and(|one| commands.contains(&one.value.trim())) {
                            // An entry with no other hook goes as a whole.
                            found.push(match all.len() {
                                1 => vec![a, b, c],
                                _ => vec![a, b, c, d, e],
                            });
                        }
                    }
                }
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_are_added_once_and_removed_without_a_trace() {
        for tool in [Tool::Claude, Tool::Gemini, Tool::Codex] {
            for before in [
                "{\n  \"model\": \"opus\",\n  \"hooks\": {\n    \"SessionStart\": [\n      {\"hooks\": [{\"type\": \"command\", \"command\": \"echo hi\"}]}\n    ]\n  }\n}\n",
                "{\"permissions\": {\"allow\": [\"Bash(ls)\"]}}",
                "{\n\t// ours\n\t\"a\": 1\n}",
                "\u{feff}{\n  \"a\": 1\n}\n",
            ] {
                let with = put(tool, Some(before)).unwrap();
                assert!(with.contains(PRIME) && with.contains(PRE_TOOL), "{with}");
                assert_eq!(put(tool, Some(&with)).unwrap(), with);
                assert_eq!(take(&with).unwrap(), before);
            }
            let new = put(tool, None).unwrap();
            serde_json::from_str::<Value>(&new).unwrap();
            assert_eq!(take(&new).unwrap(), "{}\n");
        }
        // A hook of ours beside another one in the same entry.
        let shared = format!(
            "{{\"hooks\": {{\"X\": [{{\"hooks\": [{{\"command\": \"a\"}}, {{\"command\": \"{PRIME}\"}}]}}]}}}}"
        );
        assert_eq!(
            take(&shared).unwrap(),
            "{\"hooks\": {\"X\": [{\"hooks\": [{\"command\": \"a\"}]}]}}"
        );
        for bad in [
            "[]",
            "{\"hooks\": 3}",
            "{",
            "{\"hooks\": {\"SessionStart\": {}}}",
        ] {
            assert!(put(Tool::Claude, Some(bad)).is_none(), "{bad}");
        }
    }
}
