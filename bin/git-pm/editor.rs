//! A text in the editor that git uses: `GIT_EDITOR`, `core.editor`, `VISUAL`, `EDITOR`.

use std::io::IsTerminal;
use std::process::Command;

use git_pm::runs::Request;
use git_pm::{Error, Result};

use crate::context::Context;
use crate::failure::Failure;

/// Editors that wait for keys: without a terminal, they hang or write escape codes.
const NEED_TERMINAL: &[&str] = &["editor", "nano", "nvim", "vi", "vim"];

/// True if a human at a terminal can be asked for a text. An agent would wait for the editor.
pub fn is_usable(context: &Context) -> bool {
    context.asks() && context.pm().is_ok_and(|pm| !pm.actor().is_agent)
}

/// Opens a text in the editor and returns the result.
pub fn edited(context: &Context, before: &str) -> Result<String> {
    // A run starts no programs for its agent.
    Request::require(&context.env, false)?;
    let pm = context.pm()?;
    let editor = match context.env.text("GIT_EDITOR") {
        Some(editor) => editor,
        None => pm.settings().editor()?,
    };
    let program = editor.split_whitespace().next().unwrap_or_default();
    if NEED_TERMINAL.contains(&program) && !std::io::stdin().is_terminal() {
        return Err(no_editor(&format!("`{program}` needs a terminal")));
    }
    let folder = pm.folder();
    let file = folder.join(format!("edit-{}.md", std::process::id()));
    let failed = |error| Error::io(format!("cannot write {}", file.display()), error);
    std::fs::create_dir_all(&folder).map_err(failed)?;
    std::fs::write(&file, before).map_err(failed)?;
    // As in git, the command may have arguments.
    let ran = Command::new("sh")
        .arg("-c")
        .arg(format!("{editor} \"$@\""))
        .arg(&editor)
        .arg(&file)
        .current_dir(&context.env.cwd)
        .status();
    // Some editors end lines as Windows does, which git takes back as well.
    let text = std::fs::read_to_string(&file).map(|text| match before.contains("\r\n") {
        true => text,
        false => text
            .replace("\r\n", "\n")
            .trim_end_matches('\r')
            .to_string(),
    });
    let _ = std::fs::remove_file(&file);
    match ran {
        Ok(status) if status.success() => {
            text.map_err(|error| Error::io(format!("cannot read {}", file.display()), error))
        }
        Ok(_) => Err(Error::refused("the editor failed; nothing was changed")),
        Err(error) => Err(no_editor(&error.to_string())),
    }
}

/// Saves a text that could not be applied to a file in the folder of git pm; the error names it.
pub fn keep(context: &Context, name: &str, text: &str, error: Error) -> Failure {
    if text.trim().is_empty() {
        return error.into();
    }
    let kept = context.pm().ok().and_then(|pm| {
        let file = pm.folder().join(name);
        std::fs::write(&file, text).ok().map(|()| file)
    });
    match kept {
        Some(file) => error
            .hint(format!("your text was saved to {}", file.display()))
            .into(),
        None => error.into(),
    }
}

fn no_editor(why: &str) -> Error {
    Error::usage(format!("cannot start an editor: {why}"))
        .hint("`git config --global core.editor NAME` sets the editor")
        .hint("`--body -` reads the text from standard input")
}
