//! The verbs that change a plan: `add`, `set`, `rm`, `dep`, `order`, `merge`, `split`.

use git_pm::Error;
use git_pm::plans::{Change, EdgeClass, NewTask};

use crate::arguments::stdin::text_or_stdin;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// The plan.
#[derive(clap::Args, Debug)]
pub struct OfPlan {
    /// PRD or epic ID; not needed if there is only one plan.
    #[arg(long, value_name = "PRD")]
    pub plan: Option<String>,
}

/// Add a task to a plan
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  git pm plan add \"Write the migration guide\" --accept \"Every flag is in it\" --waits-for 3 --set type=docs")]
pub struct AddArgs {
    /// Title of the task.
    #[arg(value_name = "TITLE")]
    pub title: String,
    /// Acceptance criterion (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub accept: Vec<String>,
    /// Number of a task to wait for (repeatable).
    #[arg(long, value_name = "N")]
    pub waits_for: Vec<String>,
    /// Field and value, as for `git pm plan set` (repeatable).
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// Number of the preceding task; added at the end by default.
    #[arg(long, value_name = "N")]
    pub after: Option<String>,
    /// The plan.
    #[command(flatten)]
    pub of: OfPlan,
}

/// Set fields of a plan or of one of its tasks
///
/// Fields of a task: title, description, type, estimate, points, risk, validation (or strategy),
/// stream, milestone, paths, auto_policy, acceptance (one criterion per line). The value `-` reads
/// standard input. Fields of a plan: title, branches (single-branch, feature-branches,
/// stacked-branches).
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm plan set 3 estimate=S risk=low
  git pm plan set 3 validation=test-first
  git pm plan set branches=stacked-branches")]
pub struct SetArgs {
    /// Number of the task, if any, and fields with values.
    #[arg(value_name = "N|FIELD=VALUE", required = true)]
    pub words: Vec<String>,
    /// The plan.
    #[command(flatten)]
    pub of: OfPlan,
}

/// Remove a task from a plan
///
/// Also removes its test task. Fails and lists the dependents if other tasks wait for it.
#[derive(clap::Args, Debug)]
pub struct RmArgs {
    /// Number of the task.
    #[arg(value_name = "N")]
    pub task: String,
    /// Remove the task even if others wait for it; their dependencies are removed.
    #[arg(short, long)]
    pub force: bool,
    /// The plan.
    #[command(flatten)]
    pub of: OfPlan,
}

/// Add or remove a dependency between tasks
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm plan dep 4 2           4 waits for 2
  git pm plan dep 4 2 --soft    soft: 4 can start first
  git pm plan dep 4 2 --rm      remove the dependency")]
pub struct DepArgs {
    /// Number of the task that waits.
    #[arg(value_name = "N")]
    pub task: String,
    /// Number of the task to wait for.
    #[arg(value_name = "ON")]
    pub on: String,
    /// Allow an earlier start, with a warning.
    #[arg(long)]
    pub soft: bool,
    /// Remove the dependency.
    #[arg(long, conflicts_with = "soft")]
    pub rm: bool,
    /// The plan.
    #[command(flatten)]
    pub of: OfPlan,
}

/// Reorder tasks of a plan
///
/// The given tasks exchange places; all others stay in place.
#[derive(clap::Args, Debug)]
pub struct OrderArgs {
    /// Numbers of the tasks.
    #[arg(value_name = "N", required = true, num_args = 2..)]
    pub tasks: Vec<String>,
    /// The plan.
    #[command(flatten)]
    pub of: OfPlan,
}

/// Merge several tasks into one
///
/// The first task gets the criteria, paths and edges of the others.
#[derive(clap::Args, Debug)]
pub struct MergeArgs {
    /// Numbers of the tasks.
    #[arg(value_name = "N", required = true, num_args = 2..)]
    pub tasks: Vec<String>,
    /// The plan.
    #[command(flatten)]
    pub of: OfPlan,
}

/// Split a task into several
///
/// The criteria are distributed over the parts; each part has the dependencies of the task.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  git pm plan split 5 \"Read the file\" \"Write the file\"")]
pub struct SplitArgs {
    /// Number of the task.
    #[arg(value_name = "N")]
    pub task: String,
    /// Titles of the parts.
    #[arg(value_name = "TITLE", required = true, num_args = 2..)]
    pub titles: Vec<String>,
    /// The plan.
    #[command(flatten)]
    pub of: OfPlan,
}

fn apply(context: &Context, of: &OfPlan, changes: &[Change]) -> Outcome {
    let plan = context.pm()?.plans().change(of.plan.as_deref(), changes)?;
    context.answer(&plan, render::plan::plan)
}

/// Parses a field and its value.
fn field(word: &str) -> git_pm::Result<(String, String)> {
    let (name, value) = word.split_once('=').ok_or_else(|| {
        Error::usage(format!("`{word}` is not a field with a value"))
            .hint("write FIELD=VALUE: `git pm plan set 3 estimate=S`")
    })?;
    Ok((name.trim().replace('-', "_"), text_or_stdin(value)?))
}

/// Adds a task.
pub fn add(context: &Context, args: AddArgs) -> Outcome {
    let mut fields: Vec<(String, String)> = Vec::new();
    if !args.accept.is_empty() {
        fields.push(("acceptance".into(), args.accept.join("\n")));
    }
    for word in &args.set {
        fields.push(field(word)?);
    }
    let hard = |on: String| (on, EdgeClass::Hard);
    let new = NewTask {
        name: String::new(),
        title: args.title,
        fields,
        waits: args.waits_for.into_iter().map(hard).collect(),
        after: args.after,
    };
    apply(context, &args.of, &[Change::Add(new)])
}

/// Sets fields.
pub fn set(context: &Context, args: &SetArgs) -> Outcome {
    let (task, words) = match args.words.split_first() {
        Some((first, rest)) if !first.contains('=') => (Some(first), rest),
        _ => (None, args.words.as_slice()),
    };
    if words.is_empty() {
        return Err(Error::usage("no field was given")
            .hint("`git pm plan set 3 estimate=S`")
            .into());
    }
    let mut changes = Vec::new();
    for word in words {
        let (field, value) = field(word)?;
        changes.push(match (task, field.as_str()) {
            (Some(task), _) => Change::Set {
                task: task.clone(),
                field,
                value,
            },
            (None, "title") => Change::Title(value),
            (None, "branches") => Change::Branches(value),
            (None, other) => {
                return Err(Error::usage(format!("a plan has no field `{other}`"))
                    .hint("fields of a plan: title, branches")
                    .hint("of a task: `git pm plan set N FIELD=VALUE`")
                    .into());
            }
        });
    }
    apply(context, &args.of, &changes)
}

/// Removes a task.
pub fn rm(context: &Context, args: &RmArgs) -> Outcome {
    let change = Change::Remove {
        task: args.task.clone(),
        force: args.force,
    };
    apply(context, &args.of, &[change])
}

/// Adds or removes an edge.
pub fn dep(context: &Context, args: &DepArgs) -> Outcome {
    let (task, on) = (args.task.clone(), args.on.clone());
    let change = if args.rm {
        Change::Free { task, on }
    } else {
        let class = match args.soft {
            true => EdgeClass::Soft,
            false => EdgeClass::Hard,
        };
        Change::Wait { task, on, class }
    };
    apply(context, &args.of, &[change])
}

/// Orders tasks.
pub fn order(context: &Context, args: OrderArgs) -> Outcome {
    apply(context, &args.of, &[Change::Order { tasks: args.tasks }])
}

/// Merges tasks.
pub fn merge(context: &Context, args: MergeArgs) -> Outcome {
    apply(context, &args.of, &[Change::Merge { tasks: args.tasks }])
}

/// Splits a task.
pub fn split(context: &Context, args: SplitArgs) -> Outcome {
    let change = Change::Split {
        task: args.task,
        titles: args.titles,
    };
    apply(context, &args.of, &[change])
}
