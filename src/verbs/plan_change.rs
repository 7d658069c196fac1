//! The verbs that change the tasks of a plan: add, set, rm, dep, order, merge, deepen.

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::verb;
use super::{Effect, ShellInput, Verb};
use crate::error::{Error, Result};
use crate::model::edge_type::EdgeClass;
use crate::plan::change::{Change, NewTask};
use crate::plan::deepen::{DeepenRequest, Deepened};
use crate::plan::view::PlanView;
use crate::pm::Pm;

/// The plan.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct OfPlan {
    /// PRD or epic ID; not needed if there is only one plan.
    #[arg(long, value_name = "PRD")]
    pub plan: Option<String>,
}

impl OfPlan {
    fn change(&self, pm: &Pm, change: Change) -> Result<PlanView> {
        pm.plans().change(self.plan.as_deref(), &[change])
    }
}

/// Reads a field and its value.
fn field(word: &str) -> Result<(String, String)> {
    let (name, value) = word.split_once('=').ok_or_else(|| {
        let word = crate::model::text::excerpt(word, 60);
        Error::usage(format!("`{word}` is not a field with a value"))
            .hint("write FIELD=VALUE: `git pm plan set 3 estimate=S`")
    })?;
    Ok((name.trim().replace('-', "_"), value.to_string()))
}

/// Add a task to a plan
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Example:
  git pm plan add \"Write the migration guide\" --accept \"Every flag is in it\" --waits-for 3 --set type=docs")]
pub struct AddTask {
    /// Title of the task.
    pub title: String,
    /// Acceptance criterion (repeatable).
    #[arg(long, value_name = "TEXT")]
    #[serde(default)]
    pub accept: Vec<String>,
    /// Number of a task to wait for (repeatable).
    #[arg(long, value_name = "N")]
    #[serde(default)]
    pub waits_for: Vec<String>,
    /// Field and value, as for `git pm plan set` (repeatable).
    #[arg(long, value_name = "FIELD=VALUE")]
    #[serde(default)]
    pub set: Vec<String>,
    /// Number of the preceding task; added at the end by default.
    #[arg(long, value_name = "N")]
    pub after: Option<String>,
    /// Where.
    #[command(flatten)]
    #[serde(flatten)]
    pub of: OfPlan,
}

verb!(AddTask: PlanView, Writes {
    run |self, pm| {
        let mut fields: Vec<(String, String)> = Vec::new();
        if !self.accept.is_empty() {
            fields.push(("acceptance".into(), self.accept.join("\n")));
        }
        for word in &self.set {
            fields.push(field(word)?);
        }
        let hard = |on: &String| (on.clone(), EdgeClass::Hard);
        self.of.change(pm, Change::Add(NewTask {
            title: self.title.clone(),
            fields,
            waits: self.waits_for.iter().map(hard).collect(),
            after: self.after.clone(),
        }))
    },
});

/// Set fields of a plan or of one of its tasks
///
/// Fields of a task: title, description, type, estimate, points, priority, risk, validation
/// (or strategy), stream, milestone, paths, auto_policy, acceptance (one criterion per line).
/// The value `-` reads standard input. Fields of a plan: title, branches (single-branch,
/// feature-branches, stacked-branches).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(
    override_usage = "git pm plan set [OPTIONS] [N] <FIELD=VALUE>...",
    after_help = "\
Examples:
  git pm plan set 3 estimate=S risk=low
  git pm plan set 3 validation=test-first
  git pm plan set branches=stacked-branches"
)]
pub struct Set {
    /// Number of the task, if any, and fields with values.
    #[arg(value_name = "TASK|SET", required = true)]
    #[serde(skip)]
    pub words: Vec<String>,
    /// Number of the task; the plan itself by default.
    #[arg(skip)]
    pub task: Option<String>,
    /// FIELD=VALUE
    #[arg(skip)]
    pub set: Vec<String>,
    /// Where.
    #[command(flatten)]
    #[serde(flatten)]
    pub of: OfPlan,
}

verb!(Set: PlanView, Writes {
    run |self, pm| {
        if self.set.is_empty() {
            return Err(Error::usage("no field was given").hint("`git pm plan set 3 estimate=S`"));
        }
        let changes = self.set.iter().map(|word| self.setting(word));
        let changes = changes.collect::<Result<Vec<Change>>>()?;
        pm.plans().change(self.of.plan.as_deref(), &changes)
    },
    typed |request| {
        let mut words = std::mem::take(&mut request.words);
        if words.first().is_some_and(|word| !word.contains('=')) {
            request.task = Some(words.remove(0));
        }
        request.set = words;
    },
});

impl Set {
    /// The change of a task, or of the plan without a task's number.
    fn setting(&self, word: &str) -> Result<Change> {
        let (field, value) = field(word)?;
        Ok(match (self.task.clone(), field.as_str()) {
            (Some(task), _) => Change::Set { task, field, value },
            (None, "title") => Change::Title(value),
            (None, "branches") => Change::Branches(value),
            (None, other) => {
                return Err(Error::usage(format!("a plan has no field `{other}`"))
                    .hint("fields of a plan: title, branches")
                    .hint("of a task: `git pm plan set N FIELD=VALUE`"));
            }
        })
    }
}

/// Remove a task from a plan
///
/// Also removes its test task. Fails and lists the dependents if other tasks wait for it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct RemoveTask {
    /// Number of the task.
    pub task: String,
    /// Remove the task even if others wait for it; their dependencies are removed.
    #[arg(short, long)]
    #[serde(default)]
    pub force: bool,
    /// Where.
    #[command(flatten)]
    #[serde(flatten)]
    pub of: OfPlan,
}

verb!(RemoveTask: PlanView, Writes {
    run |self, pm| {
        let (task, force) = (self.task.clone(), self.force);
        self.of.change(pm, Change::Remove { task, force })
    },
});

/// Add or remove a dependency between tasks
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm plan dep 4 2           4 waits for 2
  git pm plan dep 4 2 --soft    soft: 4 can start first
  git pm plan dep 4 2 --rm      remove the dependency")]
pub struct Dependency {
    /// Number of the task that waits.
    pub task: String,
    /// Number of the task to wait for.
    pub on: String,
    /// Allow an earlier start, with a warning.
    #[arg(long)]
    #[serde(default)]
    pub soft: bool,
    /// Remove the dependency.
    #[arg(long, conflicts_with = "soft")]
    #[serde(default)]
    pub rm: bool,
    /// Where.
    #[command(flatten)]
    #[serde(flatten)]
    pub of: OfPlan,
}

verb!(Dependency: PlanView, Writes {
    run |self, pm| {
        let (task, on) = (self.task.clone(), self.on.clone());
        let class = EdgeClass::of(!self.soft);
        self.of.change(pm, match self.rm {
            true => Change::Free { task, on },
            false => Change::Wait { task, on, class },
        })
    },
});

/// Several tasks of a plan.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Tasks {
    /// Numbers of the tasks.
    #[arg(value_name = "TASK", required = true, num_args = 2..)]
    pub task: Vec<String>,
    /// Where.
    #[command(flatten)]
    #[serde(flatten)]
    pub of: OfPlan,
}

/// Reorder tasks of a plan
///
/// Puts the given tasks in the given order, using the positions that they now occupy; all other
/// tasks keep their positions.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Order {
    /// Which.
    #[command(flatten)]
    #[serde(flatten)]
    pub which: Tasks,
}

verb!(Order: PlanView, Writes {
    run |self, pm| {
        let tasks = self.which.task.clone();
        self.which.of.change(pm, Change::Order { tasks })
    },
});

/// Merge several tasks into one
///
/// The first task gets the criteria, paths and edges of the others.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[schemars(rename = "MergePlanTasks")]
pub struct Merge {
    /// Which.
    #[command(flatten)]
    #[serde(flatten)]
    pub which: Tasks,
}

verb!(Merge: PlanView, Writes {
    run |self, pm| {
        let tasks = self.which.task.clone();
        self.which.of.change(pm, Change::Merge { tasks })
    },
});

/// Add research notes to the tasks of a plan
///
/// With a text, adds that note to one task. Without one, adds what the repository knows about
/// the tasks: learnings on the same paths or in the same words, and finished items whose
/// commits changed the same paths. Keys and numbers stay; `plan show -v` shows the notes, and an
/// approval passes them on to the tasks. What was collected before is not added again. With `--with`,
/// agents research: a note of theirs names its source, which is looked up in the repository.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm plan deepen              collect notes for all tasks
  git pm plan deepen 3 \"RFC 9110, section 13: use a strong ETag\"
  git pm plan deepen 3 - <notes.md
  git pm plan deepen 3 --rm 2     remove the second note
  git pm plan deepen --with claude codex --budget 1usd")]
pub struct Deepen {
    /// Number of the task; by default all that are not items yet.
    pub task: Option<String>,
    /// Text of the note, in Markdown.
    pub text: Option<String>,
    /// Remove a note, by its number.
    #[arg(long, value_name = "K", conflicts_with = "text", requires = "task")]
    pub rm: Option<usize>,
    /// Where.
    #[command(flatten)]
    #[serde(flatten)]
    pub of: OfPlan,
}

impl Deepen {
    /// The same for the library.
    pub fn request(&self) -> DeepenRequest {
        DeepenRequest {
            plan: self.of.plan.clone(),
            task: self.task.clone(),
            text: self.text.clone(),
            remove: self.rm,
        }
    }
}

verb!(Deepen: Deepened, Writes {
    run |self, pm| pm.plans().deepen(&self.request()),
    // The agents of `--with` run on the caller's machine, for minutes.
    only typed ["with", "agents", "model", "budget", "timeout"],
    shell |request| ShellInput::text(request.text.as_mut()),
});
