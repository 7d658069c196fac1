//! `git pm issue label`.

use git_pm::issues::Record;
use git_pm::items::ItemView;
use git_pm::verbs::issue_parts::{AddLabel, AllLabels, ChangeOfLabel, LabelsOf, RemoveLabel};
use git_pm::verbs::{Changed, Verb};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render::style::Label;

group! {
    /// Add, remove and list labels
    #[command(defer = true, disable_help_subcommand = true)]
    LabelCommand, run(context):
    Add(args: AddLabel) => {
        let of = args.change.clone();
        change(context, ("Labeled", "added"), &of, args)
    },
    Remove(args: RemoveLabel) => {
        let of = args.change.clone();
        change(context, ("Unlabeled", "removed"), &of, args)
    },
    List(args: LabelsOf) => context.listed(args, |page, labels| {
        for label in labels {
            page.line(label);
        }
    }),
    ListAll(args: AllLabels) => context.listed(args, |page, counts| {
        page.rows("", 0, counts, |_, count| {
            [Label::Text.of(&count.label), Label::Dim.of(count.count)]
        });
    }),
}

/// Changes labels and prints what was done, in our words or those of beads.
fn change<V>(
    context: &Context,
    (said, status): (&str, &str),
    of: &ChangeOfLabel,
    request: V,
) -> Outcome
where
    V: Verb<Answer = Changed>,
{
    let (changed, label) = (context.verb(request)?, of.label.as_str());
    if !context.beads.get() {
        return context.summaries(context.edited(said), changed.items());
    }
    let record = |item: &ItemView| {
        Record::of([("status", status), ("issue_id", &item.id), ("label", label)])
    };
    context.bare(&changed.items().iter().map(record).collect::<Vec<_>>())
}
