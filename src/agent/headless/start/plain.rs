//! Scripts and other command lines.

use std::ffi::OsString;
use std::path::Path;

use super::super::command_template::{Slot, Template};
use super::super::invocation::Invocation;
use super::super::private_files::Private;
use super::Start;
use crate::error::{Error, Result};

pub(super) fn script(path: &Path, to: &Invocation, start: &mut Start) -> Result<OsString> {
    if !path.is_absolute() {
        return Err(Error::usage(format!(
            "the path of the script `{}` is not absolute",
            path.display()
        )));
    }
    variables(to, start)?;
    Ok(path.into())
}

pub(super) fn command(template: &Template, to: &Invocation, start: &mut Start) -> Result<OsString> {
    let (model, session) = variables(to, start)?;
    let prompt = match template.uses(Slot::PromptFile) {
        true => Private(&to.private)
            .file("", "prompt.md", to.prompt.as_bytes())?
            .into(),
        false => OsString::new(),
    };
    let value = |slot| match slot {
        Slot::PromptFile => prompt.clone(),
        Slot::Model => model.into(),
        Slot::Session => session.into(),
        Slot::Worktree => to.worktree.clone().into(),
    };
    let mut words = template.filled(value).into_iter();
    let program = words.next().unwrap_or_default();
    start.args.extend(words);
    Ok(program)
}

/// Sets the variables of agents that git pm does not know: model, session and MCP servers.
fn variables<'a>(to: &'a Invocation, start: &mut Start) -> Result<(&'a str, &'a str)> {
    let (model, session) = (to.model()?.unwrap_or(""), to.session()?.unwrap_or(""));
    for (name, value) in [("GIT_PM_MODEL", model), ("GIT_PM_SESSION", session)] {
        if !value.is_empty() {
            start.set(name, value);
        }
    }
    if let Some(file) = to.mcp_file()? {
        start.set("GIT_PM_MCP_CONFIG", file);
    }
    Ok((model, session))
}
