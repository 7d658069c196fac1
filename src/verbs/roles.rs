//! The roles of an orchestrator as verbs, and the document that they read by default (docs/PRD.md).

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::verb;
use super::{Effect, Verb};
use crate::error::Result;
use crate::plan::sources;
use crate::pm::Pm;
use crate::run::roles::RoleReport;

/// The document of a project that names none.
const DOCUMENT: &str = "docs/PRD.md";

/// Plan the requirements document: milestones and tasks
///
/// A human approves the plan.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
pub struct Planner {
    /// Markdown file or PRD ID; docs/PRD.md by default.
    pub document: Option<String>,
    /// Show what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

verb!(Planner: RoleReport, Writes {
    run |self, pm| {
        let name = self.document.as_deref().unwrap_or(DOCUMENT);
        pm.runs().planner(&sources::document(pm, name)?, self.dry_run)
    },
});

/// Make a first task if none is queued
///
/// The first one of the document's plan; without a document, one that sets up continuous integration.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
pub struct Taskmaster {
    /// Markdown file or PRD ID.
    pub document: Option<String>,
    /// Show what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

verb!(Taskmaster: RoleReport, Writes {
    run |self, pm| {
        let source = self.document.as_deref().map(|name| sources::document(pm, name));
        pm.runs().taskmaster(source.transpose()?.as_ref(), self.dry_run)
    },
});

/// Work on the next task, submit it, and open its pull request
///
/// An agent does the work (`--with`, `pm.developer`). Without one, the task that sets up continuous
/// integration gets the files of `git pm init --scaffold`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm taskmaster && git pm develop
  git pm develop T-0001 --with claude")]
#[serde(default)]
pub struct Develop {
    /// Task ID; the next one by default.
    pub id: Option<String>,
    /// The agent, as for `git pm run --with`.
    #[arg(long, value_name = "AGENT")]
    #[serde(skip)]
    pub with: Option<String>,
    /// Show what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

verb!(Develop: RoleReport, Reaches {
    run |self, pm| {
        let with = self.with.as_deref().map(|name| agent(pm, name)).transpose()?;
        pm.runs().develop(self.id.as_deref(), with.as_ref(), self.dry_run)
    },
    // It starts a program.
    only typed ["with"],
});

fn agent(pm: &Pm, name: &str) -> Result<crate::run::RunAgent> {
    Ok(name
        .parse::<crate::run::RunAgent>()?
        .at(&pm.store.env().cwd))
}

/// Review work by the rules, and write the comment on its pull request
///
/// Once for each commit, with the project's tools as far as they are trusted in this clone.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
pub struct Reviewer {
    /// Item ID; all with an open pull request by default.
    pub id: Option<String>,
    /// The number of a pull request.
    #[arg(long, value_name = "N", conflicts_with = "id")]
    pub pr: Option<u64>,
    /// Show what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

verb!(Reviewer: RoleReport, Reaches {
    run |self, pm| pm.runs().reviewer(self.id.as_deref(), self.pr, self.dry_run),
});

/// The verb of each role at `POST /run/ROLE`.
#[cfg(feature = "serve")]
pub(crate) const ROLES: [(&str, &str); 4] = [
    ("planner", "planner"),
    ("taskmaster", "taskmaster"),
    ("developer", "develop"),
    ("reviewer", "reviewer"),
];
