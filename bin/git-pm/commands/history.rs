//! `git pm log` and `git pm diff`: the history of the state.

use git_pm::log::LogFilter;
use git_pm::verbs::List;
use git_pm::verbs::history::{DiffStates, Log};

use crate::render;

group! {
    // Not deferred: `log --actor` takes the place of the global option of that name.
    /// The commands, in the order of the help.
    HistoryCommand, run(context):
    Log(args: Log) => {
        let (history, filter) = (context.pm()?.history(), args.filter());
        let limit = filter.limit.unwrap_or(usize::MAX);
        let up_to = |most| LogFilter {
            limit: Some(most),
            ..filter.clone()
        };
        if args.conflicts {
            let values = List::limited(limit, |most| history.log_conflicts(&up_to(most)))?;
            return context.limited_paged(&values, render::log::overridden);
        }
        // One more, to know whether there are more.
        let filter = up_to(limit.saturating_add(1));
        context.stream(
            limit,
            |show| history.log_each(&filter, |entry| Ok(show(entry))),
            render::log::log,
        )
    },
    Diff(args: DiffStates) => context.shown_paged(args, render::diff::diff),
}
