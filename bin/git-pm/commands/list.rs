//! `git pm list`.

use git_pm::verbs::list::ListItems;

use crate::commands::item::list::show_selected;
use crate::context::Context;
use crate::failure::Outcome;

/// Lists items of every kind.
pub fn all(context: &Context, args: &ListItems) -> Outcome {
    let selection = args.selection(context.pm()?)?;
    show_selected(context, &selection, &args.list.look, "items")
}

#[cfg(test)]
mod tests {
    use git_pm::items::Field;
    use git_pm::values::ItemKind;
    use git_pm::verbs::list::{KINDS, ListItems};

    #[test]
    fn the_kinds_are_the_models() {
        for kind in KINDS {
            assert!(ItemKind::parse(kind).is_some(), "{kind}");
        }
    }

    #[test]
    fn the_help_names_every_field_and_mark() {
        use clap::Args;
        let command = ListItems::augment_args(clap::Command::new("list"));
        let help = command.get_long_about().map(ToString::to_string);
        let help = help.unwrap_or_default().replace('\n', " ");
        for field in Field::all() {
            assert!(
                help.contains(field.name()),
                "{} is not explained",
                field.name()
            );
        }
        for word in git_pm::items::Mark::VOCABULARY.words {
            assert!(help.contains(word), "is:{word} is not explained");
        }
    }
}
