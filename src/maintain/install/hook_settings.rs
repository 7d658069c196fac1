//! The hooks of agents' command lines: the entries added to their settings. Claude Code, Gemini CLI
//! and Codex read JSON; opencode loads a plugin. Pure.

use serde_json::{Value, json};

use super::Tool;
use super::json_text::{self, Kind, Node};

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
    let entry = |matcher: Option<&str>, command: &str, timeout: u32| {
        let mut entry =
            json!({"hooks": [{"type": "command", "command": command, "timeout": timeout}]});
        if let Some(matcher) = matcher {
            entry = json!({"matcher": matcher, "hooks": entry["hooks"]});
        }
        entry
    };
    match tool {
        Tool::Claude => vec![
            ("SessionStart", PRIME, entry(None, PRIME, 10)),
            (
                "PreToolUse",
                PRE_TOOL,
                entry(Some("Edit|MultiEdit|Write|NotebookEdit"), PRE_TOOL, 10),
            ),
        ],
        // Its timeouts are in milliseconds.
        Tool::Gemini => vec![
            ("SessionStart", PRIME, entry(None, PRIME, 10_000)),
            (
                "BeforeTool",
                PRE_TOOL,
                entry(Some("write_file|replace"), PRE_TOOL, 10_000),
            ),
        ],
        Tool::Codex => vec![
            (
                "SessionStart",
                PRIME,
                entry(Some("startup|resume"), PRIME, 10),
            ),
            (
                "PreToolUse",
                PRE_TOOL,
                entry(Some("apply_patch|Edit|Write"), PRE_TOOL, 10),
            ),
        ],
        Tool::Opencode => Vec::new(),
    }
}

/// The settings with our hooks; `None` if the text is not JSON of that form.
pub(super) fn put(tool: Tool, before: Option<&str>) -> Option<String> {
    let mut text = match before {
        Some(text) if !text.trim().is_empty() => text.to_string(),
        _ => "{\n}\n".to_string(),
    };
    for (event, command, entry) in entries(tool) {
        if places(&text, &[command])?.is_empty() {
            text = json_text::append(&text, &["hooks", event], &entry)?;
        }
    }
    Some(text)
}

/// The settings without our hooks; `None` if the text is not JSON.
pub(super) fn take(text: &str) -> Option<String> {
    let mut text = text.to_string();
    loop {
        let places = places(&text, &[PRIME, PRE_TOOL])?;
        let Some(place) = places.first() else {
            return Some(text);
        };
        text = json_text::remove(&text, place)?;
    }
}

/// The child numbers of every hook that runs one of these commands.
fn places(text: &str, commands: &[&str]) -> Option<Vec<Vec<usize>>> {
    let root = json_text::parse(text)?;
    if root.kind != Kind::Object {
        return None;
    }
    let mut found = Vec::new();
    for (a, hooks) in
        numbered(&root).filter(|(a, _)| root.children[*a].key.as_deref() == Some("hooks"))
    {
        for (b, event) in numbered(hooks) {
            for (c, entry) in numbered(event) {
                let is_list = |d: &usize| entry.children[*d].key.as_deref() == Some("hooks");
                for (d, list) in numbered(entry).filter(|(d, _)| is_list(d)) {
                    for (e, hook) in numbered(list) {
                        let command = hook.child("command").map(|node| node.text(text));
                        let command: Option<String> =
                            command.and_then(|text| serde_json::from_str(text).ok());
                        let ours = |command: String| commands.contains(&command.trim());
                        if command.is_some_and(ours) {
                            // An entry with no other hook goes as a whole.
                            found.push(match list.children.len() {
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

fn numbered(node: &Node) -> impl Iterator<Item = (usize, &Node)> {
    node.children.iter().map(|child| &child.node).enumerate()
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
