//! The agents that are asked about something, and their limits.

use git_pm::Result;
use git_pm::runs::{RunAgent, RunOptions, With};

use super::run::on_signals;
use crate::arguments::values::{Millis, micro_usd};
use crate::context::Context;

// The text of the command is that of the request.
#[derive(clap::Args, Debug)]
pub struct WithAgents {
    /// Ask agents: as for `git pm run`, but not auto. Several are asked in turn.
    #[arg(long, value_name = "AGENT", num_args = 1..)]
    pub with: Vec<String>,
    /// Model, as the agent names it; not with model:PROVIDER/NAME.
    #[arg(long, value_name = "NAME", requires = "with")]
    model: Option<String>,
    /// Start no further agent once they have spent this much: `1usd`.
    #[arg(long, value_name = "USD", requires = "with", value_parser = micro_usd)]
    budget: Option<u64>,
    /// Maximum time of one agent.
    #[arg(long, value_name = "TIME", requires = "with", default_value = "30m")]
    timeout: Millis,
}

impl WithAgents {
    /// The agents, of which there is at least one, and the options of their run.
    pub fn asked(&self, context: &Context) -> Result<(Vec<With>, RunOptions)> {
        let withs = parsed(context, &self.with)?;
        let options = RunOptions {
            with: RunAgent::One(withs[0].clone()),
            model: self.model.clone(),
            budget_micro_usd: self.budget,
            deadline_seconds: self.timeout.0 / 1_000,
            interrupt: Some(on_signals()?),
            ..RunOptions::default()
        };
        Ok((withs, options))
    }
}

/// The agents that are named.
pub fn parsed(context: &Context, names: &[String]) -> Result<Vec<With>> {
    let parse = |name: &String| match name.parse::<RunAgent>()?.at(&context.env.cwd) {
        RunAgent::One(with) => Ok(with),
        RunAgent::Auto => {
            let error = git_pm::Error::usage("`auto` chooses an agent for a task only");
            Err(error.hint("name the agent, such as `claude`"))
        }
    };
    names.iter().map(parse).collect()
}
