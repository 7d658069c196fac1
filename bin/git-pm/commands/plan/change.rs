//! The verbs that change a plan: `add`, `set`, `rm`, `dep`, `order`, `merge`, `split`.

use git_pm::Error;
use git_pm::plan::change::{Change, NewTask};
use git_pm::plan::draft::EdgeClass;

use crate::arguments::stdin::text_or_stdin;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Which plan.
#[derive(clap::Args, Debug)]
pub struct OfPlan {
    /// The PRD's or epic's id; the only plan without.
    #[arg(long, value_name = "PRD")]
    pub plan: Option<String>,
}

/// Add a task to a plan
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  git pm plan add \"Write the migration guide\" --accept \"Every flag is in it\" --waits-for 3 --set type=docs")]
pub struct AddArgs {
    /// What to do.
    #[arg(value_name = "TITLE")]
    pub title: String,
    /// What has to hold; may be given several times.
    #[arg(long, value_name = "TEXT")]
    pub accept: Vec<String>,
    /// The number of a task that it waits for; may be given several times.
    #[arg(long, value_name = "N")]
    pub waits_for: Vec<String>,
    /// A field and its value; see `git pm plan set`.
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// The task behind which it stands; at the end without.
    #[arg(long, value_name = "N")]
    pub after: Option<String>,
    /// Which plan.
    #[command(flatten)]
    pub of: OfPlan,
}

/// Set fields of a task of a plan, or of the plan
///
/// Fields of a task: title, description, type, estimate, points, risk, validation (or strategy),
/// stream, milestone, paths, auto_policy, acceptance (a line each). `-` as a value reads standard
/// input. Without a task: title, branches (single-branch, feature-branches, stacked-branches).
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm plan set 3 estimate=S risk=low
  git pm plan set 3 validation=test-first
  git pm plan set branches=stacked-branches")]
pub struct SetArgs {
    /// The task's number, if it is about one, and fields with their values.
    #[arg(value_name = "N|FIELD=VALUE", required = true)]
    pub words: Vec<String>,
    /// Which plan.
    #[command(flatten)]
    pub of: OfPlan,
}

/// Take a task out of a plan
///
/// With the test task that belongs to it. Where others wait for it, they are named.
#[derive(clap::Args, Debug)]
pub struct RmArgs {
    /// The task's number.
    #[arg(value_name = "N")]
    pub task: String,
    /// Even where others wait for it; they wait no more then.
    #[arg(short, long)]
    pub force: bool,
    /// Which plan.
    #[command(flatten)]
    pub of: OfPlan,
}

/// Make a task wait for another, or no more
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm plan dep 4 2           4 waits for 2
  git pm plan dep 4 2 --soft    it should, but may start before
  git pm plan dep 4 2 --rm      it waits no more")]
pub struct DepArgs {
    /// Who waits.
    #[arg(value_name = "N")]
    pub task: String,
    /// For which.
    #[arg(value_name = "ON")]
    pub on: String,
    /// It may start before, with a warning.
    #[arg(long)]
    pub soft: bool,
    /// It waits no more.
    #[arg(long, conflicts_with = "soft")]
    pub rm: bool,
    /// Which plan.
    #[command(flatten)]
    pub of: OfPlan,
}

/// Put tasks of a plan in an order
///
/// The named ones change places among themselves; all others stay where they are.
#[derive(clap::Args, Debug)]
pub struct OrderArgs {
    /// The tasks' numbers.
    #[arg(value_name = "N", required = true, num_args = 2..)]
    pub tasks: Vec<String>,
    /// Which plan.
    #[command(flatten)]
    pub of: OfPlan,
}

/// Make one task of several
///
/// The first one, with the criteria, paths and edges of the others.
#[derive(clap::Args, Debug)]
pub struct MergeArgs {
    /// The tasks' numbers.
    #[arg(value_name = "N", required = true, num_args = 2..)]
    pub tasks: Vec<String>,
    /// Which plan.
    #[command(flatten)]
    pub of: OfPlan,
}

/// Make several tasks of one
///
/// Its criteria are dealt out; each part waits for what it waited for.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  git pm plan split 5 \"Read the file\" \"Write the file\"")]
pub struct SplitArgs {
    /// The task's number.
    #[arg(value_name = "N")]
    pub task: String,
    /// The titles of the parts.
    #[arg(value_name = "TITLE", required = true, num_args = 2..)]
    pub titles: Vec<String>,
    /// Which plan.
    #[command(flatten)]
    pub of: OfPlan,
}

fn apply(context: &Context, of: &OfPlan, changes: &[Change]) -> Outcome {
    let plan = context.pm()?.plans().change(of.plan.as_deref(), changes)?;
    context.answer(&plan, render::plan::plan)
}

/// A field and its value.
fn field(word: &str) -> git_pm::Result<(String, String)> {
    let (name, value) = word.split_once('=').ok_or_else(|| {
        Error::usage(format!("`{word}` is no field with a value"))
            .hint("write FIELD=VALUE: `git pm plan set 3 estimate=S`")
    })?;
    Ok((name.trim().replace('-', "_"), text_or_stdin(value)?))
}

/// Adds a task.
///
/// # Errors
/// When a value is refused.
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
///
/// # Errors
/// When a value is refused.
pub fn set(context: &Context, args: &SetArgs) -> Outcome {
    let (task, words) = match args.words.split_first() {
        Some((first, rest)) if !first.contains('=') => (Some(first), rest),
        _ => (None, args.words.as_slice()),
    };
    if words.is_empty() {
        return Err(Error::usage("say which field gets which value")
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

/// Takes a task out.
///
/// # Errors
/// When others wait for it.
pub fn rm(context: &Context, args: &RmArgs) -> Outcome {
    let change = Change::Remove {
        task: args.task.clone(),
        force: args.force,
    };
    apply(context, &args.of, &[change])
}

/// Draws or takes out an edge.
///
/// # Errors
/// When it would close a cycle, or is not there.
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
///
/// # Errors
/// When there is no such task.
pub fn order(context: &Context, args: OrderArgs) -> Outcome {
    apply(context, &args.of, &[Change::Order { tasks: args.tasks }])
}

/// Merges tasks.
///
/// # Errors
/// When there is no such task, or they would wait for themselves.
pub fn merge(context: &Context, args: MergeArgs) -> Outcome {
    apply(context, &args.of, &[Change::Merge { tasks: args.tasks }])
}

/// Splits a task.
///
/// # Errors
/// When there is no such task.
pub fn split(context: &Context, args: SplitArgs) -> Outcome {
    let change = Change::Split {
        task: args.task,
        titles: args.titles,
    };
    apply(context, &args.of, &[change])
}
