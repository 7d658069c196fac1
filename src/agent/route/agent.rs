//! An agent with its model, as a route names it: `codex@MODEL`, `model:ollama/NAME`.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::agent::headless::With;
use crate::error::{Error, Result};
use crate::model::text::excerpt;

/// The agents that accept a model, as in `codex@o3`.
const WITH_MODEL: [&str; 5] = ["claude", "codex", "gemini", "opencode", "aider"];

/// The prefixes of the other forms.
const FORMS: [&str; 5] = ["script:", "command:", "acp:", "model:", "replay:"];

/// An agent with its model.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Agent {
    /// The agent, as written after `--with`.
    pub with: With,
    /// The model, as the agent names it; if none, its default.
    pub model: Option<String>,
}

impl Agent {
    /// Parses a comma-separated list of agents. A comma that is not followed by an agent is part of
    /// a command line.
    pub(super) fn list(written: &str) -> Result<Vec<Agent>> {
        let mut parts: Vec<String> = Vec::new();
        for piece in written.split(',') {
            match parts.last_mut() {
                Some(last) if !begins_agent(piece.trim()) && is_line(last) => {
                    last.push(',');
                    last.push_str(piece);
                }
                _ => parts.push(piece.trim().to_string()),
            }
        }
        parts.iter().map(|part| part.parse()).collect()
    }

    /// The name recorded in the state: without paths and command lines, which may contain keys.
    pub fn name(&self) -> String {
        match (&self.with, &self.model) {
            (With::Model(name), _) => format!("model:{name}"),
            (other, Some(model)) => format!("{}@{model}", other.name()),
            (other, None) => other.name().to_string(),
        }
    }

    /// The name of the service whose rate limits apply to it.
    pub fn provider(&self) -> String {
        match &self.with {
            With::Model(name) => name.provider().name.to_string(),
            With::Script(_) | With::Command(_) | With::Acp(_) | With::Replay(_) => self.to_string(),
            other => other.name().to_string(),
        }
    }

    /// Expands `~/` at the beginning of the path of a script or transcript.
    ///
    /// # Errors
    /// Kind `Usage` if the path is relative: agents work in many folders.
    pub(super) fn at_home(mut self, home: Option<&Path>) -> Result<Agent> {
        if let With::Script(path) | With::Replay(path) = &mut self.with {
            if let (Ok(rest), Some(home)) = (path.strip_prefix("~"), home) {
                *path = home.join(rest);
            }
            if !path.is_absolute() {
                return Err(Error::usage(format!(
                    "the path {} is not absolute",
                    excerpt(&path.display().to_string(), 80)
                ))
                .hint("write `script:/...` or `script:~/...`"));
            }
        }
        Ok(self)
    }
}

fn begins_agent(piece: &str) -> bool {
    let name = piece.split_once('@').map_or(piece, |(name, _)| name);
    WITH_MODEL.contains(&name) || FORMS.iter().any(|form| piece.starts_with(form))
}

/// True for an agent whose text may contain commas.
fn is_line(part: &str) -> bool {
    ["script:", "command:", "acp:", "replay:"]
        .iter()
        .any(|form| part.starts_with(form))
}

impl TryFrom<String> for Agent {
    type Error = Error;

    fn try_from(written: String) -> Result<Agent> {
        written.parse()
    }
}

impl FromStr for Agent {
    type Err = Error;

    fn from_str(written: &str) -> Result<Agent> {
        if let Some((name, model)) = written.split_once('@')
            && WITH_MODEL.contains(&name)
        {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+[]".contains(c);
            if model.is_empty() || model.starts_with('-') || !model.chars().all(plain) {
                return Err(Error::usage(format!(
                    "`{}` does not name a model",
                    excerpt(written, 80)
                )));
            }
            return Ok(Agent {
                with: name.parse()?,
                model: Some(model.to_string()),
            });
        }
        Ok(Agent {
            with: written.parse()?,
            model: None,
        })
    }
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with.fmt(f)?;
        match &self.model {
            Some(model) => write!(f, "@{model}"),
            None => Ok(()),
        }
    }
}
