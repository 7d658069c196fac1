//! A text in the editor that git uses: `GIT_EDITOR`, `core.editor`, `VISUAL`, `EDITOR`.

use std::io::{ErrorKind, IsTerminal, Write};
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

/// The error of a text that was left as it was.
pub const UNCHANGED: &str = "nothing was changed";

/// Opens a text in the editor until it is applied; at a terminal again with the problem, until the user
/// leaves it as it is. A text that was not applied is saved under `kept`.
pub fn apply_edited<T>(
    context: &Context,
    kept: [&str; 2],
    before: &str,
    mut apply: impl FnMut(&str) -> Result<T>,
    with_problem: impl Fn(&str, &Error) -> Result<String>,
) -> std::result::Result<T, Failure> {
    let mut text = before.to_string();
    // The user's last text, with what was wrong with it.
    let mut last: Option<(String, Error)> = None;
    loop {
        let now = match (edited(context, &text), &last) {
            (Ok(now), _) => now,
            (Err(error), Some((written, _))) => return Err(keep(context, kept, written, error)),
            (Err(error), None) => return Err(error.into()),
        };
        let is_over = now.trim().is_empty() || now == text;
        match last {
            Some((written, error)) if is_over || now == written => {
                return Err(keep(context, kept, &written, error));
            }
            None if is_over => return Err(Error::refused(UNCHANGED).into()),
            _ => {}
        }
        let error = match apply(&now) {
            Ok(made) => return Ok(made),
            Err(error) => error,
        };
        if !context.env.interactive {
            return Err(keep(context, kept, &now, error));
        }
        text = with_problem(&now, &error)?;
        last = Some((now, error));
    }
}

/// Saves a text that could not be applied to a new file, named after the command and what was edited; the
/// error names it. It is with the withheld texts, so that a redaction clears it and `gc` removes it.
pub fn keep(context: &Context, [command, what]: [&str; 2], text: &str, error: Error) -> Failure {
    if text.trim().is_empty() {
        return error.into();
    }
    let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
    let name = format!("{command}-{}", what.chars().map(plain).collect::<String>());
    let saved = context.pm().ok().and_then(|pm| {
        let folder = pm.folder().join("drafts");
        std::fs::create_dir_all(&folder).ok()?;
        let mut private = std::fs::OpenOptions::new();
        private.write(true).create_new(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut private, 0o600);
        (1..).find_map(|n| {
            let end = if n > 1 {
                format!("-{n}")
            } else {
                String::new()
            };
            let file = folder.join(format!("{name}{end}.md"));
            match private.open(&file) {
                Ok(mut new) => Some(new.write_all(text.as_bytes()).is_ok().then_some(file)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => None,
                Err(_) => Some(None),
            }
        })?
    });
    match saved {
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
