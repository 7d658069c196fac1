//! The names of agents, as written after `--with`: `claude`, `script:PATH`, `model:PROVIDER/NAME`.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::command_template::Template;
use super::replay;
use crate::agent::provider::ModelName;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::text;

/// An agent program. It comes from the command line of a human or from this clone's git
/// configuration, never from the state, which anyone who can push may write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum With {
    /// `script:PATH`: an executable file, without arguments. It gets the prompt on standard input,
    /// and `GIT_PM_MODEL` and `GIT_PM_SESSION` if set.
    Script(PathBuf),
    /// `claude`: Claude Code.
    Claude,
    /// `codex`: the Codex CLI.
    Codex,
    /// `gemini`: the Gemini CLI.
    Gemini,
    /// `opencode`.
    Opencode,
    /// `aider`.
    Aider,
    /// `model:PROVIDER/NAME`: the built-in agent, which calls a model's API.
    Model(ModelName),
    /// `replay:FILE`: plays what a transcript says, without a model.
    Replay(PathBuf),
    /// `command:COMMAND-LINE`: any command line, such as `command:my-agent --model {model}`.
    Command(Template),
    /// `acp:COMMAND-LINE`: an agent that speaks the Agent Client Protocol over its standard
    /// streams, such as `acp:opencode acp` or `acp:gemini --acp --skip-trust`.
    Acp(Template),
}

/// The programs that are named without a path or command line.
static PROGRAMS: [With; 5] = {
    use With::{Aider, Claude, Codex, Gemini, Opencode};
    [Claude, Codex, Gemini, Opencode, Aider]
};

/// The values accepted by `--with`.
const FORMS: &str = "script:PATH, claude, codex, gemini, opencode, aider, command:COMMAND-LINE, \
     acp:COMMAND-LINE, model:PROVIDER/NAME, replay:FILE";

impl With {
    /// The same agent with the path of a script or transcript made absolute from the directory `cwd`.
    #[must_use]
    pub fn at(self, cwd: &Path) -> With {
        match self {
            With::Script(path) => With::Script(cwd.join(path)),
            With::Replay(path) => With::Replay(cwd.join(path)),
            other => other,
        }
    }

    /// The names of the programs that are installed.
    pub fn installed(env: &BTreeMap<String, OsString>) -> Vec<&'static str> {
        let here = PROGRAMS
            .iter()
            .filter(|with| with.require_program(env).is_ok());
        here.map(With::name).collect()
    }

    /// True if it can run commands, such as `git pm task accept`.
    pub fn has_tools(&self) -> bool {
        !matches!(self, With::Aider | With::Replay(_))
    }

    /// Refuses an agent whose program cannot be started, before anything is done for it.
    ///
    /// # Errors
    /// Kind `NotFound` if there is no such program, `Usage` if it cannot be executed, or a
    /// transcript cannot be read.
    pub fn require_program(&self, env: &BTreeMap<String, OsString>) -> Result<()> {
        let program = match self {
            With::Script(path) => return require_executable(path),
            With::Model(_) => return Ok(()),
            With::Replay(path) => return replay::read(path).map(drop),
            With::Command(template) | With::Acp(template) => {
                template.filled(|_| OsString::new()).into_iter().next()
            }
            other => Some(other.name().into()),
        };
        let program = program.unwrap_or_default();
        if program.to_string_lossy().contains('/') {
            return require_executable(Path::new(&program));
        }
        let path = env.get("PATH").cloned().unwrap_or_default();
        let is_there = |program: &OsStr| {
            std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
        };
        if is_there(&program) {
            return Ok(());
        }
        let others = PROGRAMS.iter().map(With::name);
        let others: Vec<&str> = others.filter(|name| is_there(OsStr::new(name))).collect();
        let hint = match others.is_empty() {
            true => "install it, or choose another agent with `--with`".to_string(),
            false => format!(
                "install it, or choose one that is installed with `--with`: {}",
                others.join(", ")
            ),
        };
        Err(Error::not_found(format!(
            "the agent's program `{}` was not found in PATH",
            text::excerpt(&program.to_string_lossy(), 80)
        ))
        .because(Reason::RunNoProgram)
        .hint(hint)
        .hint(Hint::run(
            ["route", "show"],
            "lists the agents that `--with auto` chooses from; `pm.route` sets them",
        )))
    }

    /// The name of the agent without its path or command line.
    pub fn name(&self) -> &'static str {
        match self {
            With::Script(_) => "script",
            With::Claude => "claude",
            With::Codex => "codex",
            With::Gemini => "gemini",
            With::Opencode => "opencode",
            With::Aider => "aider",
            With::Model(_) => "model",
            With::Replay(_) => "replay",
            With::Command(_) => "command",
            With::Acp(_) => "acp",
        }
    }

    /// The known agent that an `acp:` command starts, judged by the words in it: it needs the same
    /// keys and environment.
    pub(in crate::agent) fn known(&self) -> Option<With> {
        let With::Acp(template) = self else {
            return None;
        };
        let words = template.filled(|_| OsString::new());
        words.iter().find_map(|word| {
            let word = word.to_str()?;
            let name = word.rsplit('/').next().unwrap_or(word);
            let name = name.split('@').next().unwrap_or(name);
            Some(match name {
                "claude-agent-acp" | "claude-code-acp" => With::Claude,
                "codex-acp" => With::Codex,
                "gemini" | "gemini-cli" => With::Gemini,
                "opencode" | "opencode-ai" => With::Opencode,
                _ => return None,
            })
        })
    }
}

impl FromStr for With {
    type Err = Error;

    fn from_str(written: &str) -> Result<With> {
        let shown = text::excerpt(written, 80);
        let usage = |message: String| Error::usage(message).hint(format!("agents: {FORMS}"));
        if written.chars().any(char::is_control) {
            return Err(usage(format!(
                "the agent `{shown}` contains a control character"
            )));
        }
        if let Some(known) = PROGRAMS.iter().find(|with| with.name() == written) {
            return Ok(known.clone());
        }
        match written.split_once(':') {
            Some(("script", "")) => Err(usage("`script:` lacks the path of the script".into())),
            Some(("script", path)) => Ok(With::Script(path.into())),
            Some(("replay", "")) => Err(usage("`replay:` lacks the path of the transcript".into())),
            Some(("replay", path)) => Ok(With::Replay(path.into())),
            Some(("command", line)) => Ok(With::Command(line.parse()?)),
            Some(("acp", line)) => Ok(With::Acp(line.parse()?)),
            Some(("model", name)) => Ok(With::Model(name.parse()?)),
            _ => Err(usage(format!("`{shown}` is not a known agent"))),
        }
    }
}

impl fmt::Display for With {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            With::Script(path) => write!(f, "script:{}", path.display()),
            With::Model(name) => write!(f, "model:{name}"),
            With::Replay(path) => write!(f, "replay:{}", path.display()),
            With::Command(template) => write!(f, "command:{template}"),
            With::Acp(template) => write!(f, "acp:{template}"),
            other => f.write_str(other.name()),
        }
    }
}

/// Refuses a path that is not an executable file.
fn require_executable(path: &Path) -> Result<()> {
    let shown = text::excerpt(&path.display().to_string(), 200);
    let Ok(meta) = std::fs::metadata(path) else {
        return Err(
            Error::not_found(format!("the agent's program {shown} does not exist"))
                .because(Reason::RunNoProgram),
        );
    };
    if !meta.is_file() {
        return Err(
            Error::usage(format!("the agent's program {shown} is not a file"))
                .because(Reason::RunNoProgram),
        );
    }
    if std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o111 == 0 {
        return Err(
            Error::usage(format!("the agent's program {shown} is not executable"))
                .because(Reason::RunNoProgram)
                .hint(format!(
                    "`chmod +x {}` makes it executable",
                    crate::model::id::word(&shown)
                )),
        );
    }
    Ok(())
}
