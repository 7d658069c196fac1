//! `git pm issue label`.

use git_pm::values::ItemKind;

use super::answer::Answer;
use crate::arguments::stdin::ids;
use crate::failure::Outcome;
use crate::render::style::Label;

/// Add, remove and list labels
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum LabelCommand {
    /// Add a label to issues
    #[command(after_help = "\
Example:
  git pm issue label add pm-a3f8 pm-b2c1 release")]
    Add(ChangeArgs),
    /// Remove a label from issues
    Remove(ChangeArgs),
    /// List the labels of an issue
    List(OneArgs),
    /// List all labels of issues with counts
    ListAll,
}

/// Issues and a label.
#[derive(clap::Args, Debug)]
pub struct ChangeArgs {
    /// Issue IDs, followed by the label; `-` reads IDs from standard input.
    #[arg(value_name = "ID", required = true, num_args = 1..)]
    pub ids: Vec<String>,
    /// Label.
    #[arg(value_name = "LABEL", required = true)]
    pub label: String,
}

/// One issue.
#[derive(clap::Args, Debug)]
pub struct OneArgs {
    /// Issue ID.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Runs a verb of the group.
pub fn run(answer: &Answer<'_>, command: &LabelCommand) -> Outcome {
    let pm = answer.context.pm()?;
    match command {
        LabelCommand::Add(args) => {
            let ids = ids(&args.ids)?;
            let items = pm
                .issues()
                .label(&ids, std::slice::from_ref(&args.label), &[])?;
            answer.summaries("Labelled", &items)
        }
        LabelCommand::Remove(args) => {
            let ids = ids(&args.ids)?;
            let items = pm
                .issues()
                .label(&ids, &[], std::slice::from_ref(&args.label))?;
            answer.summaries("Unlabelled", &items)
        }
        LabelCommand::List(args) => {
            let labels = pm.tasks().show(&args.id)?.labels;
            answer.list(&labels, |page, labels| {
                for label in labels {
                    page.line(label);
                }
            })
        }
        LabelCommand::ListAll => {
            let counts = pm.issues().labels(Some(ItemKind::Issue))?;
            answer.list(&counts, |page, counts| {
                page.rows("", 0, counts, |_, count| {
                    [Label::Text.of(&count.label), Label::Dim.of(count.count)]
                });
            })
        }
    }
}
