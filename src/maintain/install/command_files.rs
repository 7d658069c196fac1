//! Slash commands for agents' command lines: short prompts that only call git pm. Pure.

use super::Tool;
use crate::model::uid::sha256_hex;

/// The words that mark a file as ours, in every format.
pub(super) const MARK: &str = "written by git pm install slash";

/// What follows the mark in a written file: a checksum of the text without it.
const CHECKSUM: &str = ", checksum ";

/// The commands of these names, with the texts of their files.
macro_rules! commands {
    ($($name:literal)*) => {
        &[$((
            $name,
            include_str!(concat!("../../../templates/commands/", $name, ".md")),
        )),*]
    };
}

/// The commands, in the format of Claude Code: name and text.
pub(super) const COMMANDS: &[(&str, &str)] = commands! {
    "ce-exec"
    "ce-plan"
    "ce-pr"
    "ce-review"
    "lfg"
    "pm/deep-review"
    "pm/epic-decompose"
    "pm/epic-start"
    "pm/finish"
    "pm/handoff"
    "pm/inbox"
    "pm/issue-start"
    "pm/next"
    "pm/postflight"
    "pm/prd-new"
    "pm/prd-parse"
    "pm/preflight"
    "pm/prime"
    "pm/ready"
    "pm/show"
    "pm/start"
    "pm/status"
    "pm/sync"
    "pm/why"
};

/// The folder of a tool's commands: from the root of the worktree, or from the tool's home.
pub(super) fn folder(tool: Tool) -> &'static str {
    match tool {
        Tool::Claude => ".claude/commands",
        Tool::Gemini => ".gemini/commands",
        Tool::Opencode => ".opencode/commands",
        Tool::Codex => "prompts",
    }
}

/// The file of a command in the folder, and its text.
pub(super) fn file(tool: Tool, name: &str, text: &str) -> (String, String) {
    let (file, text) = match tool {
        Tool::Claude => (format!("{name}.md"), text.to_string()),
        // These have no folders of commands.
        Tool::Codex | Tool::Opencode => {
            (format!("{}.md", name.replace('/', "-")), text.to_string())
        }
        Tool::Gemini => (format!("{name}.toml"), toml(text)),
    };
    let sum = checksum(&text);
    (
        file,
        text.replacen(MARK, &format!("{MARK}{CHECKSUM}{sum}"), 1),
    )
}

fn checksum(text: &str) -> String {
    let mut sum = sha256_hex(text.as_bytes());
    sum.truncate(16);
    sum
}

/// True if a file of ours was edited since it was written.
pub(super) fn is_edited(text: &str) -> bool {
    let Some((before, after)) = text.split_once(&format!("{MARK}{CHECKSUM}")) else {
        return false;
    };
    let end = after.find(|c: char| !c.is_ascii_hexdigit());
    let (sum, after) = after.split_at(end.unwrap_or(after.len()));
    // Git may have changed the line breaks.
    let plain = format!("{before}{MARK}{after}").replace("\r\n", "\n");
    sum != checksum(&plain)
}

/// The command in the format of Gemini CLI.
fn toml(text: &str) -> String {
    let mut parts = text.splitn(3, "---\n");
    let head = parts.nth(1).unwrap_or_default();
    let body = parts.next().unwrap_or_default();
    let description = head
        .lines()
        .find_map(|line| line.strip_prefix("description: "));
    let prompt: Vec<&str> = body.lines().filter(|line| !line.contains(MARK)).collect();
    let prompt = prompt.join("\n").replace("$ARGUMENTS", "{{args}}");
    format!(
        "# {MARK}\ndescription = {}\nprompt = \"\"\"\n{}\n\"\"\"\n",
        serde_json::Value::from(description.unwrap_or_default()),
        prompt.trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_marked_and_described_in_every_format() {
        for (name, text) in COMMANDS {
            for tool in Tool::ALL {
                let (file, text) = file(tool, name, text);
                assert!(text.contains(MARK) && !is_edited(&text), "{file}");
                assert!(is_edited(&format!("{text}Be brief.\n")), "{file}");
                assert!(text.contains("git pm "), "{file}");
                if tool == Tool::Gemini {
                    let read: toml_edit::DocumentMut = text.parse().unwrap();
                    assert!(!read["description"].as_str().unwrap().is_empty(), "{file}");
                    assert!(!text.contains("$ARGUMENTS"), "{file}");
                } else {
                    assert!(text.starts_with("---\ndescription: "), "{file}");
                    // Else it would be no valid YAML.
                    let description = text.lines().nth(1).unwrap_or_default();
                    assert_eq!(description.matches(": ").count(), 1, "{file}");
                }
            }
        }
    }
}
