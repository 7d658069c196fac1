//! The verbs on checklists: what has to hold before and after the work on a task.

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::verb;
use super::keys::misused;
use super::{Effect, ShellInput, Verb};
use crate::work::task::checklist::ChecklistReport;

/// Check whether a task may begin: architecture, edge cases, security, feasibility
///
/// Shows who or what answers each item. The last review of its plan answers for Avery and Rex; a review of
/// the work by security-sentinel, or by the rules of `git pm review`, for the security. A human answers
/// the rest: `git pm checklist tick`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "Exits with 1 while an item is open.")]
pub struct Flight {
    /// Item ID.
    pub id: String,
    /// The checklist after the work instead of the one before it.
    #[arg(skip)]
    #[serde(skip)]
    pub after: bool,
}

verb!(Flight: ChecklistReport, Reads {
    run |self, pm| {
        let name = if self.after { "postflight" } else { "preflight" };
        pm.tasks().checklists(&self.id, Some(name))
    },
});

/// Show the checklists of a task, with who or what answers each item
///
/// Built in are preflight, postflight, documentation, ready and done. `[checklist.NAME]` in a trusted
/// `.pm.toml` adds items (`items`, texts), leaves some out (`skip`, ids), and names the step of a task
/// that is refused while one is open (`before`: start, finish, approve or merge).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm checklist show T-0001
  git pm checklist show T-0001 done

Exits with 1 while an item of the named checklist is open.")]
pub struct ShowChecklists {
    /// Item ID.
    pub id: String,
    /// Name of one checklist; all by default.
    pub name: Option<String>,
}

verb!(ShowChecklists: ChecklistReport, Reads {
    run |self, pm| pm.tasks().checklists(&self.id, self.name.as_deref()),
});

/// Answer an item of a checklist
///
/// For humans. An answer about the work (postflight, done) counts until the work changes. An open finding
/// of a reviewer keeps their item open.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm checklist tick T-0001 preflight feasibility
  git pm checklist tick T-0001 done staging --not-applicable --reason \"a library\"")]
pub struct TickItem {
    /// Item ID.
    pub id: String,
    /// Name of the checklist.
    pub name: String,
    /// ID of its item.
    pub item: String,
    /// It does not concern this work.
    #[arg(long, requires = "reason")]
    #[serde(default)]
    pub not_applicable: bool,
    /// Why it does not; `-` reads standard input.
    #[arg(long, value_name = "WHY", requires = "not_applicable")]
    pub reason: Option<String>,
}

verb!(TickItem: ChecklistReport, Approves {
    run |self, pm| {
        if self.not_applicable != self.reason.is_some() {
            return Err(misused("`not_applicable` and `reason` require each other".into()));
        }
        pm.tasks().tick(&self.id, &self.name, &self.item, self.reason.as_deref())
    },
    shell |request| ShellInput::text(request.reason.as_mut()),
});
