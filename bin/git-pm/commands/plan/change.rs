//! The verbs that change a plan: `add`, `set`, `rm`, `dep`, `order`, `merge`, `split`, `deepen`.

use git_pm::Error;
use git_pm::plans::{Change, DeepenRequest, EdgeClass, NewTask};

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

/// The verbs, in the order of the help.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum ChangeCommand {
    /// Add a task to a plan
    #[command(after_help = "\
Example:
  git pm plan add \"Write the migration guide\" --accept \"Every flag is in it\" --waits-for 3 --set type=docs")]
    Add {
        /// Title of the task.
        title: String,
        /// Acceptance criterion (repeatable).
        #[arg(long, value_name = "TEXT")]
        accept: Vec<String>,
        /// Number of a task to wait for (repeatable).
        #[arg(long, value_name = "N")]
        waits_for: Vec<String>,
        /// Field and value, as for `git pm plan set` (repeatable).
        #[arg(long, value_name = "FIELD=VALUE")]
        set: Vec<String>,
        /// Number of the preceding task; added at the end by default.
        #[arg(long, value_name = "N")]
        after: Option<String>,
        #[command(flatten)]
        of: OfPlan,
    },
    /// Set fields of a plan or of one of its tasks
    ///
    /// Fields of a task: title, description, type, estimate, points, priority, risk, validation
    /// (or strategy), stream, milestone, paths, auto_policy, acceptance (one criterion per line).
    /// The value `-` reads standard input. Fields of a plan: title, branches (single-branch,
    /// feature-branches, stacked-branches).
    #[command(after_help = "\
Examples:
  git pm plan set 3 estimate=S risk=low
  git pm plan set 3 validation=test-first
  git pm plan set branches=stacked-branches")]
    Set {
        /// Number of the task, if any, and fields with values.
        #[arg(value_name = "N|FIELD=VALUE", required = true)]
        words: Vec<String>,
        #[command(flatten)]
        of: OfPlan,
    },
    /// Remove a task from a plan
    ///
    /// Also removes its test task. Fails and lists the dependents if other tasks wait for it.
    Rm {
        /// Number of the task.
        #[arg(value_name = "N")]
        task: String,
        /// Remove the task even if others wait for it; their dependencies are removed.
        #[arg(short, long)]
        force: bool,
        #[command(flatten)]
        of: OfPlan,
    },
    /// Add or remove a dependency between tasks
    #[command(after_help = "\
Examples:
  git pm plan dep 4 2           4 waits for 2
  git pm plan dep 4 2 --soft    soft: 4 can start first
  git pm plan dep 4 2 --rm      remove the dependency")]
    Dep {
        /// Number of the task that waits.
        #[arg(value_name = "N")]
        task: String,
        /// Number of the task to wait for.
        on: String,
        /// Allow an earlier start, with a warning.
        #[arg(long)]
        soft: bool,
        /// Remove the dependency.
        #[arg(long, conflicts_with = "soft")]
        rm: bool,
        #[command(flatten)]
        of: OfPlan,
    },
    /// Reorder tasks of a plan
    ///
    /// Puts the given tasks in the given order, using the positions that they now occupy; all other
    /// tasks keep their positions.
    Order {
        /// Numbers of the tasks.
        #[arg(value_name = "N", required = true, num_args = 2..)]
        tasks: Vec<String>,
        #[command(flatten)]
        of: OfPlan,
    },
    /// Merge several tasks into one
    ///
    /// The first task gets the criteria, paths and edges of the others.
    Merge {
        /// Numbers of the tasks.
        #[arg(value_name = "N", required = true, num_args = 2..)]
        tasks: Vec<String>,
        #[command(flatten)]
        of: OfPlan,
    },
    /// Split a task into several
    ///
    /// The criteria are distributed among the parts; each part keeps the dependencies of the task.
    #[command(after_help = "\
Example:
  git pm plan split 5 \"Read the file\" \"Write the file\"")]
    Split {
        /// Number of the task.
        #[arg(value_name = "N")]
        task: String,
        /// Titles of the parts.
        #[arg(value_name = "TITLE", required = true, num_args = 2..)]
        titles: Vec<String>,
        #[command(flatten)]
        of: OfPlan,
    },
    /// Add research notes to the tasks of a plan
    ///
    /// With a text, adds that note to one task. Without one, adds what the repository knows about
    /// the tasks: learnings on the same paths or in the same words, and finished items whose
    /// commits changed the same paths. Keys and numbers stay; `plan show -v` shows the notes, and an
    /// approval passes them on to the tasks. What was collected before is not added again.
    #[command(after_help = "\
Examples:
  git pm plan deepen              collect notes for all tasks
  git pm plan deepen 3 \"RFC 9110, section 13: use a strong ETag\"
  git pm plan deepen 3 - <notes.md
  git pm plan deepen 3 --rm 2     remove the second note")]
    Deepen {
        /// Number of the task; by default all that are not items yet.
        #[arg(value_name = "N")]
        task: Option<String>,
        /// Text of the note, in Markdown; `-` reads standard input.
        text: Option<String>,
        /// Remove a note, by its number.
        #[arg(long, value_name = "K", conflicts_with = "text", requires = "task")]
        rm: Option<usize>,
        #[command(flatten)]
        of: OfPlan,
    },
}

/// Parses a field and its value.
fn field(word: &str) -> git_pm::Result<(String, String)> {
    let (name, value) = word.split_once('=').ok_or_else(|| {
        Error::usage(format!("`{word}` is not a field with a value"))
            .hint("write FIELD=VALUE: `git pm plan set 3 estimate=S`")
    })?;
    Ok((name.trim().replace('-', "_"), text_or_stdin(value)?))
}

/// Changes a plan.
pub fn run(context: &Context, command: ChangeCommand) -> Outcome {
    let (of, change) = match command {
        ChangeCommand::Add {
            title,
            accept,
            waits_for,
            set,
            after,
            of,
        } => {
            let mut fields: Vec<(String, String)> = Vec::new();
            if !accept.is_empty() {
                fields.push(("acceptance".into(), accept.join("\n")));
            }
            for word in &set {
                fields.push(field(word)?);
            }
            let hard = |on: String| (on, EdgeClass::Hard);
            let new = NewTask {
                title,
                fields,
                waits: waits_for.into_iter().map(hard).collect(),
                after,
            };
            (of, Change::Add(new))
        }
        ChangeCommand::Deepen { task, text, rm, of } => {
            let request = DeepenRequest {
                plan: of.plan,
                task,
                text: text.as_deref().map(text_or_stdin).transpose()?,
                remove: rm,
            };
            let deepened = context.pm()?.plans().deepen(&request)?;
            return context.answer(&deepened, render::plan::deepened);
        }
        ChangeCommand::Set { words, of } => return apply(context, &of, &settings(&words)?),
        ChangeCommand::Rm { task, force, of } => (of, Change::Remove { task, force }),
        ChangeCommand::Dep {
            task,
            on,
            soft,
            rm,
            of,
        } => {
            let class = match soft {
                true => EdgeClass::Soft,
                false => EdgeClass::Hard,
            };
            let change = match rm {
                true => Change::Free { task, on },
                false => Change::Wait { task, on, class },
            };
            (of, change)
        }
        ChangeCommand::Order { tasks, of } => (of, Change::Order { tasks }),
        ChangeCommand::Merge { tasks, of } => (of, Change::Merge { tasks }),
        ChangeCommand::Split { task, titles, of } => (of, Change::Split { task, titles }),
    };
    apply(context, &of, &[change])
}

fn apply(context: &Context, of: &OfPlan, changes: &[Change]) -> Outcome {
    let plan = context.pm()?.plans().change(of.plan.as_deref(), changes)?;
    context.answer(&plan, render::plan::plan)
}

/// The changes of `plan set`: of a task, or of the plan without a task's number.
fn settings(words: &[String]) -> git_pm::Result<Vec<Change>> {
    let (task, words) = match words.split_first() {
        Some((first, rest)) if !first.contains('=') => (Some(first), rest),
        _ => (None, words),
    };
    if words.is_empty() {
        return Err(Error::usage("no field was given").hint("`git pm plan set 3 estimate=S`"));
    }
    let change = |word: &String| {
        let (field, value) = field(word)?;
        Ok(match (task.cloned(), field.as_str()) {
            (Some(task), _) => Change::Set { task, field, value },
            (None, "title") => Change::Title(value),
            (None, "branches") => Change::Branches(value),
            (None, other) => {
                return Err(Error::usage(format!("a plan has no field `{other}`"))
                    .hint("fields of a plan: title, branches")
                    .hint("of a task: `git pm plan set N FIELD=VALUE`"));
            }
        })
    };
    words.iter().map(change).collect()
}
