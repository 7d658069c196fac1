//! `git pm list`.

use git_pm::values::ItemKind;

use crate::arguments::list::ListArgs;
use crate::arguments::values::{KINDS, Words};
use crate::commands::item::list::run;
use crate::context::Context;
use crate::failure::Outcome;

/// List items of every kind
///
/// A query is one or more conditions, all of which must be true: `FIELD:VALUE` (`status:in_review`,
/// `label:auth,ci` for either label, `path:src/*` with a wildcard), comparisons (`priority:<=1`,
/// `estimate:S..L`), times (`updated:<7d` for the last week, `created:>2026-11-01` for later days),
/// `is:ready` (or blocked, open, closed, active, claimed, mine, conflicted, forced, deferred,
/// pinned, template, proposed, or a kind), `has:FIELD`, and words, prefixes (`auth*`) or "phrases"
/// to find in the full text. Combine conditions with `or`, `not` (or `-` or `!`) and parentheses;
/// `me` is your own name. Quote parentheses and quotation marks for the shell.
///
/// The fields are id, kind, title, type, status, priority, owner, assignee, claim, estimate, risk,
/// validation, stream, epic, parent, under (any ancestor), label, depends-on, blocks, linked, edge,
/// acceptance, path, external, auto-policy, branch, reason, created, created-by, updated, started,
/// finished, approved, approved-by, closed, due, defer, spec and source. For tasks, `status:open`
/// means queued and `status:closed` means done or cancelled. Closed items are omitted unless the
/// query or `--all` includes them; the tasks of a plan that is not approved are omitted unless the
/// query has `is:proposed`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm list status:queued label:auth -owner:me \"race\"
  git pm list 'is:blocked or (priority:<=1 updated:>7d)' --sort priority,-updated
  git pm list --view mine --watch")]
pub struct AllArgs {
    /// Filter by kind (repeatable).
    #[arg(long, value_parser = Words(KINDS))]
    pub kind: Vec<String>,
    #[command(flatten)]
    pub list: ListArgs,
}

/// Lists items of every kind.
pub fn all(context: &Context, args: AllArgs) -> Outcome {
    let mut list = args.list;
    if !args.kind.is_empty() {
        list.look
            .query
            .push(format!("kind:{}", args.kind.join(",")));
        let unknown = args.kind.iter().find(|k| ItemKind::parse(k).is_none());
        if let Some(unknown) = unknown {
            return Err(
                git_pm::Error::usage(format!("`{unknown}` is not a kind of item"))
                    .hint(format!("valid kinds: {}", KINDS.join(", ")))
                    .into(),
            );
        }
    }
    run(context, None, list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use git_pm::items::Field;

    #[test]
    fn the_kinds_are_the_models() {
        for kind in KINDS {
            assert!(ItemKind::parse(kind).is_some(), "{kind}");
        }
    }

    #[test]
    fn the_help_names_every_field_and_mark() {
        use clap::Args;
        let command = AllArgs::augment_args(clap::Command::new("list"));
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
