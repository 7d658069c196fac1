//! The verbs on definitions of agents.

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::{List, verb};
use super::{Effect, Verb};
use crate::agent::definition::{AgentView, Category, CheckedAgents, FullAgent};
use crate::pm::arguments::{term, term_schema};

/// List the definitions of agents, with their duties and permissions
///
/// A definition is built in, a file `.pm/agents/NAME.md` of this worktree, or imported. A file
/// replaces the built-in definition of its name, or adds one, once a human trusted its content with
/// `git pm trust`; until then it is listed as not trusted, and gives no tool and no permission. An
/// imported definition counts when it is a trusted file: `git pm agent new NAME` makes one of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm agent list --category review
  git pm agent list --json | jq '.data.items | length'")]
pub struct ListAgents {
    /// Only those of a category.
    #[arg(long, value_name = "C", value_parser = term::<Category>())]
    #[schemars(schema_with = "term_schema::<Category>")]
    #[serde(default)]
    pub category: Option<Category>,
}

verb!(ListAgents: List<AgentView>, Reads {
    run |self, pm| Ok(pm.agents().list(self.category)?.into()),
});

/// Show the definition of an agent: its fields, its prompt, where it comes from
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Example:
  git pm agent show security-sentinel")]
pub struct ShowAgent {
    /// Name of the agent.
    pub name: String,
}

verb!(ShowAgent: FullAgent, Reads {
    run |self, pm| pm.agents().show(&self.name),
});

/// Check definitions of agents, by default all files of `.pm/agents`
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm agent validate
  git pm agent validate my-reviewer

Exits with 1 if something is wrong.")]
pub struct ValidateAgents {
    /// Names of agents.
    #[serde(default)]
    pub target: Vec<String>,
}

verb!(ValidateAgents: CheckedAgents, Reads {
    run |self, pm| pm.agents().validate(&self.target),
});
