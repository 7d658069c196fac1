//! `git pm hook pre-tool`: the hook of agents' command lines before a tool edits files.
//!
//! It allows the tool by saying nothing; only a reservation of mode `edit` denies it, never a
//! failure.

use std::io::Read;
use std::path::{Path, PathBuf};

use git_pm::error::ReservationConflict;
use git_pm::hooks::files_by_worktree;
use git_pm::text::one_line;
use git_pm::{Options, Pm};
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::{Exit, Outcome};

/// The largest input that is read, in bytes.
const INPUT_MAX: u64 = 16 << 20;

/// The keys of a tool's arguments that name a file.
const FILE_KEYS: &[&str] = &[
    "file_path",
    "filePath",
    "notebook_path",
    "absolute_path",
    "path",
];

/// The lines of a patch that name a file.
const PATCH_LINES: &[&str] = &[
    "*** Add File: ",
    "*** Update File: ",
    "*** Delete File: ",
    "*** Move to: ",
];

/// Answers the hook.
pub fn run(context: &Context) -> Outcome {
    let mut input = String::new();
    // Whatever cannot be read is allowed.
    let read = std::io::stdin().take(INPUT_MAX).read_to_string(&mut input);
    let event: Value = read
        .ok()
        .and_then(|_| serde_json::from_str(&input).ok())
        .unwrap_or_default();
    let cwd = event["cwd"]
        .as_str()
        .map_or_else(|| context.env.cwd.clone(), PathBuf::from);
    let held = held(context, &cwd, &files(&event["tool_input"]));
    let Some(first) = held.first() else {
        return Ok(Exit::DONE);
    };
    let more = match held.len() {
        1 => String::new(),
        n => format!(" (other reserved files: {})", n - 1),
    };
    let task = first
        .task
        .as_ref()
        .map(|id| format!(" for {id}"))
        .unwrap_or_default();
    let until = context.page().exact(&first.expires_at);
    let reason = one_line(&format!(
        "{} is reserved by {}{task} (edit mode, `{}`) until {}{more}. Do not change it: work on \
         something else, or ask the holder. `git pm reserve list` shows all reservations.",
        first.path,
        first.shown_holder(),
        first.pattern,
        until
    ));
    context.bare(&match event["hook_event_name"].as_str() {
        // Gemini CLI, and our plugin for opencode.
        Some("BeforeTool") => json!({"decision": "deny", "reason": reason}),
        _ => json!({
            "hookSpecificOutput": {
                "hookEventName": "PreToolUse",
                "permissionDecision": "deny",
                "permissionDecisionReason": reason,
            }
        }),
    })
}

/// The files that a tool would edit.
fn files(input: &Value) -> Vec<PathBuf> {
    let named = FILE_KEYS.iter().filter_map(|key| input[*key].as_str());
    let mut found: Vec<PathBuf> = named.map(PathBuf::from).collect();
    for key in ["command", "input", "patch", "patchText"] {
        for line in input[key].as_str().unwrap_or_default().lines() {
            let file = PATCH_LINES
                .iter()
                .find_map(|begin| line.trim_start().strip_prefix(begin));
            found.extend(file.map(|file| PathBuf::from(file.trim())));
        }
    }
    found
}

/// The reservations that hold files. Each worktree is opened once, for a hook that takes too long is
/// ended, and the edit is allowed.
fn held(context: &Context, cwd: &Path, files: &[PathBuf]) -> Vec<ReservationConflict> {
    let mut out = Vec::new();
    for (root, files) in files_by_worktree(cwd, files) {
        let mut env = context.env.clone();
        env.cwd = root;
        let options = Options {
            actor: context.globals.actor.clone(),
            offline: true,
            ..Options::default()
        };
        let Ok(pm) = Pm::open(env, options) else {
            continue;
        };
        pm.state().merge_fetched();
        out.extend(pm.hooks().check_edit(&files).unwrap_or_default());
    }
    out
}
