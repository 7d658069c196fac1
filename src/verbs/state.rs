//! The verbs on the state of this clone: status, conflicts, doctor, prime, context.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::{List, verb};
use super::keys::misused;
use super::{Effect, Number, ShellInput, TextArgument, Verb};
use crate::coordinate::conflicts::{ConflictView, Resolution};
use crate::learn::view::FullLearning;
use crate::maintain::doctor::DoctorReport;
use crate::maintain::setup::status::StatusView;
use crate::memory::context::Section;
use crate::memory::prime::{BUDGET, Briefing, PrimeOptions};
use crate::pm::Caller;
use crate::pm::shared_views::ItemView;
use crate::run::reconcile::check_runs;

/// Show where you are and what you can do next
///
/// Prints your name, your items, ready items, items to review, the branches of started tasks, live
/// reservations, your notices, and how the state differs from the remote's, as git fetched it last;
/// `git pm sync` contacts the remote. A notice that you lost a claim or reservation, marked `!`, is
/// shown for a week or until you acknowledge it; other notices are shown once.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Status {
    /// Acknowledge the notices shown, so that they are not shown again.
    #[arg(long)]
    #[serde(skip)]
    pub ack: bool,
}

verb!(Status: StatusView, Reads {
    run |self, pm| {
        let status = pm.state().status()?;
        // A caller elsewhere may only be watching.
        if pm.options.caller != Caller::Away {
            // If this fails, the notices are shown again.
            let _ = pm.state().note_shown(&status.notices);
        }
        Ok(status)
    },
    only typed ["ack"],
});

/// List and resolve conflicts in texts that two clones changed concurrently
///
/// Until a conflict is resolved, the newest version is shown and all versions are kept.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm conflicts                          list the conflicts
  git pm conflicts T-0001 --merged          use the merged text
  git pm conflicts T-0001 --keep 2          keep the second version
  git pm conflicts T-0001 --field notes --keep 1
                                            say which of several texts
  git pm conflicts T-0001 --text - <text    write a new text")]
pub struct Conflicts {
    /// Item or learning ID, or `context:NAME` for a section of the project context.
    pub id: Option<String>,
    /// Text of an item, as the list names it; needed if several have conflicts.
    #[arg(long, value_name = "FIELD", requires = "id")]
    pub field: Option<String>,
    /// Number of the version to keep.
    #[arg(long, value_name = "N", requires = "id", conflicts_with_all = ["merged", "text"])]
    pub keep: Option<u32>,
    /// Use the merged text.
    #[arg(long, requires = "id", conflicts_with = "text")]
    #[serde(default)]
    pub merged: bool,
    /// Replace all versions with this text.
    #[arg(long, requires = "id")]
    pub text: Option<String>,
    /// Merge the two versions in the editor, between conflict markers.
    #[arg(long, requires = "id", conflicts_with_all = ["keep", "merged", "text"])]
    #[serde(skip)]
    pub editor: bool,
}

/// The conflicts, or what was resolved.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ConflictsOrResolved {
    /// The conflicts.
    Conflicts(List<ConflictView>),
    /// A section of the project context.
    Section(Box<Section>),
    /// A learning.
    Learning(Box<FullLearning>),
    /// An item.
    Item(Box<ItemView>),
}

impl Conflicts {
    fn resolution(&self) -> Option<Resolution> {
        match (self.keep, self.merged, &self.text) {
            (Some(number), ..) => Some(Resolution::Keep(number as usize)),
            (_, true, _) => Some(Resolution::Merged),
            (_, _, Some(text)) => Some(Resolution::Text(text.clone())),
            _ => None,
        }
    }
}

verb!(Conflicts: ConflictsOrResolved, Writes {
    run |self, pm| {
        let (id, resolution) = (self.id.as_deref(), self.resolution());
        let is_section = id.is_some_and(|id| id.starts_with("context:"));
        let is_learning = |id| Ok::<_, crate::Error>(!is_section && pm.learnings().is_named(id)?);
        Ok(match (id, resolution) {
            (None, Some(_)) => {
                return Err(misused("`keep`, `merged` and `text` need `id`".into()).about("id"));
            }
            (Some(id), Some(resolution)) if is_section => {
                let section = pm.memory().resolve_section(id, &resolution)?;
                ConflictsOrResolved::Section(Box::new(section))
            }
            (Some(id), Some(resolution)) if is_learning(id)? => {
                let learning = pm.learnings().resolve(id, &resolution)?;
                ConflictsOrResolved::Learning(Box::new(learning))
            }
            (Some(id), Some(resolution)) => {
                ConflictsOrResolved::Item(Box::new(pm.state().resolve(id, self.field.as_deref(), &resolution)?))
            }
            (id, None) => {
                let mut conflicts = pm.state().conflicts()?;
                if let Some(id) = id {
                    let id = match is_section {
                        true => format!("context:{}", pm.memory().section(id)?.name),
                        false if is_learning(id)? => pm.learnings().show(id)?.learning.id,
                        false => pm.tasks().show(id)?.id,
                    };
                    conflicts.retain(|conflict| conflict.id == id);
                }
                ConflictsOrResolved::Conflicts(conflicts.into())
            }
        })
    },
    only typed ["editor"],
    shell |request| ShellInput::text(request.text.as_mut()),
});

/// Check state, hooks, remote and worktrees for problems
///
/// Checks the state, the hooks, the remote (over the network, unless --offline), the worktrees,
/// the disk, the clock and the messages, and searches the state for secrets. Exits with 1 for
/// faults, but not for warnings or notes.
///
/// With --restore-remote, restores refs/pm/main on a remote where it was deleted or rewound,
/// for example by `git push --mirror` or a forced push. Merges the local state, the reflog and
/// the last synced states with what the remote has now, and never force-pushes.
///
/// The remote's ref may be unusable: too large, in a newer format, or not a state. With
/// --replace, a human can replace it with the state of this clone; a concurrent push is never
/// overwritten.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Doctor {
    /// Restore the remote's state instead of checking.
    #[arg(long)]
    #[serde(skip)]
    pub restore_remote: bool,
    /// Replace an unusable state on the remote.
    #[arg(long, requires = "restore_remote")]
    #[serde(skip)]
    pub replace: bool,
}

verb!(Doctor: DoctorReport, Reads {
    run |self, pm| {
        let mut report = pm.state().doctor()?;
        let runs = check_runs(pm, &mut report);
        // Where the state cannot be read, the report says why.
        match report.faulty {
            true => Ok(report),
            false => runs.map(|()| report),
        }
    },
    only typed ["restore_remote", "replace"],
});

/// Print what an agent needs to know now
///
/// With an ID, or in the worktree of a task: the project context, the task with its acceptance
/// criteria, branch and dependencies, the reservations that overlap its paths, the handoff,
/// related learnings, the newest comments, unread messages, and the next commands. Elsewhere: the
/// project context, your branch, your items, the ready items, and the reservations of others. The
/// text stays within a token budget, with token counts estimated on the high side; parts are
/// shortened in a fixed order. It contains no times but when an item is due or deferred to.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm prime
  git pm prime T-0007 --budget 600
  git pm prime --hook-json      as the session-start hook of an agent CLI")]
pub struct Prime {
    /// Item ID; by default the item of this worktree.
    pub id: Option<String>,
    /// Maximum size in tokens, at least 200.
    #[arg(long, value_name = "TOKENS", default_value_t)]
    #[serde(default)]
    pub budget: Number<BUDGET>,
    /// Print the JSON that session-start hooks of agent CLIs expect.
    #[arg(long)]
    #[serde(skip)]
    pub hook_json: bool,
}

verb!(Prime: Briefing, Reads {
    run |self, pm| pm.memory().prime(&PrimeOptions {
        id: self.id.clone(),
        budget: self.budget.0,
    }),
    only typed ["hook_json"],
    brief ["text"],
});

/// Show the context, or one section
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ShowContext {
    /// Name of the section.
    pub name: Option<String>,
}

/// The project context.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum SectionOrAll {
    /// One section.
    One(Box<Section>),
    /// All sections.
    All(List<Section>),
}

verb!(ShowContext: SectionOrAll, Reads {
    run |self, pm| Ok(match &self.name {
        Some(name) => SectionOrAll::One(Box::new(pm.memory().section(name)?)),
        None => SectionOrAll::All(pm.memory().context()?.into()),
    }),
});

/// List the sections
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ListContext {}

verb!(ListContext: List<Section>, Reads {
    run |self, pm| Ok(pm.memory().context()?.into()),
});

/// Create a section or replace its text
///
/// The text has at most 32 KB.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm context set build \"cargo build; the tests need a running postgres\"
  git pm context set architecture --file docs/architecture-summary.md")]
pub struct SetSection {
    /// Name of the section: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// The text.
    #[command(flatten)]
    #[serde(flatten)]
    pub text: TextArgument,
}

verb!(SetSection: Section, Writes {
    run |self, pm| pm.memory().set_section(&self.name, &self.text.text),
    only typed TextArgument::ONLY_TYPED,
    shell |request| request.text.shell_input(),
});

/// Remove a section
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct RemoveSection {
    /// Name of the section.
    pub name: String,
}

verb!(RemoveSection: Section, Removes {
    run |self, pm| pm.memory().remove_section(&self.name),
});
