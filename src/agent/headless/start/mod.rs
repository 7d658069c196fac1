//! The launch of each agent: program, arguments, environment and input, and the files it leaves behind.

mod acp;
mod aider;
mod claude;
mod codex;
mod gemini;
mod opencode;
mod plain;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::environment;
use super::invocation::Invocation;
use super::with::With;
use crate::error::{Error, Result};
use crate::process::Launch;

/// The program, arguments and environment of an agent for a task. The prompt is on its standard
/// input, or in a file of the private directory, which a list of processes does not show.
///
/// Sessions and databases of the agent are in the private directory, unless they share a folder
/// with its login (WT-07, MR-16): `claude` and `codex` keep a file for each session beside their
/// login, named by a random id; `gemini` one for each worktree.
pub fn launch(with: &With, to: &Invocation) -> Result<Launch> {
    for path in [&to.worktree, &to.git_dir, &to.common_dir, &to.private] {
        if !path.is_absolute() {
            return Err(Error::usage(format!(
                "a path given to the agent is not absolute: `{}`",
                path.display()
            )));
        }
    }
    let mut start = Start {
        env: environment::of(with, to),
        args: Vec::new(),
        input: to.prompt.clone().into_bytes(),
    };
    let program = match with {
        With::Script(path) => plain::script(path, to, &mut start)?,
        With::Command(template) => plain::command(template, to, &mut start)?,
        With::Acp(template) => acp::start(with.known().as_ref(), template, to, &mut start)?,
        With::Claude => claude::start(to, &mut start)?,
        With::Codex => codex::start(to, &mut start)?,
        With::Gemini => gemini::start(to, &mut start)?,
        With::Opencode => opencode::start(to, &mut start)?,
        With::Aider => aider::start(to, &mut start)?,
        With::Model(_) | With::Replay(_) => {
            return Err(Error::usage(format!("the agent {with} has no program")));
        }
    };
    Ok(Launch {
        program,
        args: start.args,
        dir: to.worktree.clone(),
        env: start.env.into_iter().map(|(k, v)| (k.into(), v)).collect(),
        input: start.input,
        sandbox: None,
        keeper: to.keeper.clone(),
    })
}

/// Name prefixes of untracked files that the agent leaves in the worktree, and that may be removed
/// after it has exited.
pub fn leftovers(with: &With) -> &'static [&'static str] {
    match with {
        With::Aider => &[
            ".aider.tags.cache.v",
            ".aider.chat.history.md",
            ".aider.input.history",
        ],
        _ => &[],
    }
}

/// The environment, arguments and input that an adapter builds.
struct Start {
    env: BTreeMap<String, OsString>,
    args: Vec<OsString>,
    input: Vec<u8>,
}

impl Start {
    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.env.insert(name.into(), value.into());
    }

    fn arg(&mut self, arg: impl Into<OsString>) {
        self.args.push(arg.into());
    }

    fn args<const N: usize>(&mut self, args: [&str; N]) {
        self.args.extend(args.map(OsString::from));
    }
}

/// A path as text, for agents that take it in a text format.
fn utf8(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| {
        Error::usage(format!(
            "the path {} is not UTF-8, which the agent's configuration requires",
            path.display()
        ))
    })
}
