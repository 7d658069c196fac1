//! `git pm issue label`.

use git_pm::items::ItemView;
use git_pm::values::ItemKind;
use serde::Serialize;

use crate::arguments::stdin::ids;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render::style::Label;

/// Add, remove and list labels
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum LabelCommand {
    /// Add a label to issues
    #[command(after_help = "\
Example:
  git pm issue label add pm-a3f8 pm-b2c1 release")]
    Add(ChangeArgs),
    /// Remove a label from issues
    Remove(ChangeArgs),
    /// List the labels of an issue
    List {
        /// Issue ID.
        id: String,
    },
    /// List all issue labels with counts
    ListAll,
}

/// Issues and a label.
#[derive(clap::Args, Debug)]
pub struct ChangeArgs {
    /// Issue IDs, followed by the label; `-` reads IDs from standard input.
    #[arg(value_name = "ID", required = true, num_args = 1..)]
    pub ids: Vec<String>,
    /// Label.
    #[arg(required = true)]
    pub label: String,
}

/// A change of a label in beads' JSON.
#[derive(Serialize)]
struct LabelChange<'a> {
    status: &'static str,
    issue_id: &'a str,
    label: &'a str,
}

fn labels_changed(
    context: &Context,
    status: &'static str,
    items: &[ItemView],
    label: &str,
) -> Outcome {
    let all = items.iter().map(|item| LabelChange {
        status,
        issue_id: &item.id,
        label,
    });
    context.bare(&all.collect::<Vec<_>>())
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: LabelCommand) -> Outcome {
    let pm = context.pm()?;
    let issues = pm.issues();
    match command {
        LabelCommand::Add(args) => {
            let items = issues.label(&ids(&args.ids)?, std::slice::from_ref(&args.label), &[])?;
            if context.beads.get() {
                return labels_changed(context, "added", &items, &args.label);
            }
            context.summaries("Labeled", &items)
        }
        LabelCommand::Remove(args) => {
            let items = issues.label(&ids(&args.ids)?, &[], std::slice::from_ref(&args.label))?;
            if context.beads.get() {
                return labels_changed(context, "removed", &items, &args.label);
            }
            context.summaries("Unlabeled", &items)
        }
        LabelCommand::List { id } => context.list(&pm.tasks().show(&id)?.labels, |page, labels| {
            for label in labels {
                page.line(label);
            }
        }),
        LabelCommand::ListAll => {
            let counts = issues.labels(Some(ItemKind::Issue))?;
            context.list(&counts, |page, counts| {
                page.rows("", 0, counts, |_, count| {
                    [Label::Text.of(&count.label), Label::Dim.of(count.count)]
                });
            })
        }
    }
}
