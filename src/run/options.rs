//! The options of a run, and the events it reports.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::record::{Job, MergeRule, RunStatus, Step};
use crate::agent::headless::{self, With};
use crate::error::Error;
use crate::model::settings;
use crate::model::vocabulary::terms;
use crate::process::Limits;
use crate::store::git::repo::Repo;

/// The greatest niceness of a process.
const NICE_MAX: u64 = 19;

terms! {
    /// The points at which a run pauses automatically.
    Checkpoint in "checkpoint" {
        /// After each task.
        EveryTask = "every-task",
        /// After the last task of each stream.
        EveryStream = "every-stream",
        /// Never.
        Never = "none",
    }
}

/// The agents of a run, as written after `--with`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunAgent {
    /// `auto`: for each task, the one that the routes name.
    Auto,
    /// The same one for all tasks.
    One(With),
}

impl RunAgent {
    /// The same agent with the path of a script made absolute from the directory `cwd`.
    #[must_use]
    pub fn at(self, cwd: &Path) -> RunAgent {
        match self {
            RunAgent::One(with) => RunAgent::One(with.at(cwd)),
            RunAgent::Auto => RunAgent::Auto,
        }
    }

    /// The name of the agent without its path or command line.
    pub fn name(&self) -> &'static str {
        match self {
            RunAgent::Auto => AUTO,
            RunAgent::One(with) => with.name(),
        }
    }
}

/// The word for agents that the routes name.
const AUTO: &str = "auto";

impl FromStr for RunAgent {
    type Err = Error;

    fn from_str(written: &str) -> Result<RunAgent, Error> {
        match written {
            AUTO => Ok(RunAgent::Auto),
            other => Ok(RunAgent::One(other.parse()?)),
        }
    }
}

impl fmt::Display for RunAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunAgent::Auto => f.write_str(AUTO),
            RunAgent::One(with) => with.fmt(f),
        }
    }
}

/// The options of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunOptions {
    /// The agent: a known program, a script, a command, or the ones that the routes name.
    #[serde(serialize_with = "written", deserialize_with = "read")]
    pub with: RunAgent,
    /// The model, as the agent names it; the agent's default if `None`.
    pub model: Option<String>,
    /// The maximum number of agents at once.
    pub agents: usize,
    /// Only the tasks of this epic.
    pub epic: Option<String>,
    /// Only these items; all tasks if empty.
    pub only: Vec<String>,
    /// The condition on which work is merged.
    pub merge: MergeRule,
    /// The budget in millionths of a US dollar: once it is spent, nothing more is started.
    pub budget_micro_usd: Option<u64>,
    /// The number of tasks in review at which no other is started.
    pub wip_review: Option<usize>,
    /// The points at which the run pauses automatically.
    pub checkpoint: Checkpoint,
    /// Set to ask every agent for a change plan before its first work on a task; the built-in agent
    /// always is.
    #[serde(default)]
    pub change_plan: bool,
    /// The number of times work that failed a check is returned to the agent.
    pub returns: u32,
    /// The number of retries after transient failures.
    pub retries: u32,
    /// The time limit for one attempt, in seconds.
    pub deadline_seconds: u64,
    /// The time limit for an agent without output, in seconds.
    pub idle_seconds: u64,
    /// The time between asking an agent to end and killing it, in seconds.
    pub grace_seconds: u64,
    /// Set by the caller to stop the run, for example from a signal handler.
    #[serde(skip)]
    pub interrupt: Option<Arc<AtomicBool>>,
}

fn written<S: Serializer>(with: &RunAgent, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(with)
}

fn read<'d, D: Deserializer<'d>>(from: D) -> Result<RunAgent, D::Error> {
    let text = String::deserialize(from)?;
    let read = text.parse::<RunAgent>();
    read.map_err(|error| serde::de::Error::custom(error.message()))
}

impl Default for RunOptions {
    fn default() -> Self {
        RunOptions {
            with: RunAgent::One(With::Claude),
            model: None,
            agents: 1,
            epic: None,
            only: Vec::new(),
            merge: MergeRule::Ask,
            budget_micro_usd: None,
            wip_review: None,
            checkpoint: Checkpoint::Never,
            change_plan: false,
            returns: 2,
            retries: 2,
            deadline_seconds: 7_200,
            idle_seconds: 1_200,
            grace_seconds: 10,
            interrupt: None,
        }
    }
}

impl RunOptions {
    /// The limits of one start of an agent, of which those on resources are settings of the clone.
    pub(super) fn limits(&self, repo: &Repo, with: &With) -> Limits {
        let set = |setting| Some(repo.number_of(setting)).filter(|limit| *limit > 0);
        let nice = repo.number_of(&settings::AGENT_NICE).min(NICE_MAX);
        Limits {
            memory: set(&settings::AGENT_MEMORY)
                .map(|megabytes| megabytes.saturating_mul(1_000_000)),
            processes: set(&settings::AGENT_PROCESSES),
            nice: i32::try_from(nice).unwrap_or(0),
            deadline: Some(self.deadline()),
            idle: Some(self.idle()),
            grace: self.grace(),
            ..headless::limits(with)
        }
    }

    pub(super) fn interrupted(&self) -> bool {
        let asked = self.interrupt.as_ref();
        asked.is_some_and(|asked| asked.load(Ordering::Relaxed))
    }

    pub(super) fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }

    pub(super) fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_seconds)
    }

    pub(super) fn grace(&self) -> Duration {
        Duration::from_secs(self.grace_seconds)
    }
}

/// A transition of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RunEvent {
    /// The item; null if it is about the run as a whole.
    pub id: Option<String>,
    /// The new status; null for a notice.
    pub status: Option<RunStatus>,
    /// The step of a task that is running.
    pub step: Option<Step>,
    /// The agent, e.g. `agent-1`.
    pub agent: Option<String>,
    /// The reason, or the notice.
    pub text: Option<String>,
}

impl RunEvent {
    pub(super) fn of(id: String, job: &Job) -> RunEvent {
        RunEvent {
            id: Some(id),
            status: Some(job.status),
            step: job.step,
            agent: job.agent.clone(),
            text: job.reason.clone(),
        }
    }

    pub(super) fn run(status: RunStatus, text: &str) -> RunEvent {
        RunEvent {
            status: Some(status),
            text: Some(text.to_string()),
            ..RunEvent::default()
        }
    }

    pub(super) fn notice(text: impl Into<String>) -> RunEvent {
        RunEvent {
            text: Some(text.into()),
            ..RunEvent::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A continued run keeps the agent that it was started with.
    #[test]
    fn the_agent_of_a_run_is_kept() {
        for written in ["auto", "claude", "script:/a b", "model:ollama/x"] {
            let options = RunOptions {
                with: written.parse().unwrap(),
                ..RunOptions::default()
            };
            let kept = serde_json::to_string(&options).unwrap();
            let read: RunOptions = serde_json::from_str(&kept).unwrap();
            assert_eq!(read.with, options.with, "{kept}");
            assert_eq!(read.with.to_string(), written);
        }
    }
}
