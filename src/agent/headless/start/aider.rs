//! How `aider` is started.
//!
//! It has no tools: it edits files from the model's answer and commits them itself. It has no
//! sessions; its histories are in the private directory. It leaves a cache in the worktree, whose
//! location cannot be configured ([`leftovers`](super::leftovers)).

use std::ffi::OsString;

use super::super::invocation::Invocation;
use super::super::private_files::Private;
use super::Start;
use crate::error::Result;

pub(super) fn start(to: &Invocation, start: &mut Start) -> Result<OsString> {
    let private = Private(&to.private);
    let folder = private.folder("aider")?;
    let prompt = private.file("aider", "prompt.md", to.prompt.as_bytes())?;
    if let Some(model) = to.model()? {
        start.args(["--model", model]);
    }
    start.arg("--message-file");
    start.arg(prompt);
    for (option, name) in [
        ("--chat-history-file", "chat.md"),
        ("--input-history-file", "input"),
        ("--llm-history-file", "llm.log"),
    ] {
        start.arg(option);
        start.arg(folder.join(name));
    }
    start.args([
        "--yes-always",
        "--no-stream",
        "--no-pretty",
        "--no-fancy-input",
        // Only for this run; `--analytics-disable` would change the user's choice.
        "--no-analytics",
        "--no-check-update",
        "--no-show-release-notes",
        "--no-show-model-warnings",
        "--no-gitignore",
        "--no-detect-urls",
        "--no-suggest-shell-commands",
        // Otherwise its commits bypass the hooks of git pm.
        "--git-commit-verify",
    ]);
    start.input.clear();
    Ok("aider".into())
}
