//! `git pm issue label`.

use git_pm::issues::Record;
use git_pm::items::ItemView;
use git_pm::verbs::Changed;
use git_pm::verbs::issue_parts::{AddLabel, AllLabels, LabelsOf, RemoveLabel};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render::style::Label;

/// Add, remove and list labels
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum LabelCommand {
    Add(AddLabel),
    Remove(RemoveLabel),
    List(LabelsOf),
    ListAll(AllLabels),
}

/// Prints what was done, in our words or those of beads.
fn changed(
    context: &Context,
    (said, status): (&str, &str),
    changed: &Changed,
    label: &str,
) -> Outcome {
    if !context.beads.get() {
        return context.summaries(said, changed.items());
    }
    let record = |item: &ItemView| {
        Record::of([("status", status), ("issue_id", &item.id), ("label", label)])
    };
    context.bare(&changed.items().iter().map(record).collect::<Vec<_>>())
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: LabelCommand) -> Outcome {
    match command {
        LabelCommand::Add(args) => {
            let label = args.change.label.clone();
            changed(context, ("Labeled", "added"), &context.verb(args)?, &label)
        }
        LabelCommand::Remove(args) => {
            let label = args.change.label.clone();
            changed(
                context,
                ("Unlabeled", "removed"),
                &context.verb(args)?,
                &label,
            )
        }
        LabelCommand::List(args) => context.listed(args, |page, labels| {
            for label in labels {
                page.line(label);
            }
        }),
        LabelCommand::ListAll(args) => context.listed(args, |page, counts| {
            page.rows("", 0, counts, |_, count| {
                [Label::Text.of(&count.label), Label::Dim.of(count.count)]
            });
        }),
    }
}
