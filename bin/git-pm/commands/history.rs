//! `git pm log` and `git pm diff`: the history of the state.

use git_pm::verbs::history::{DiffStates, Log};

use crate::render;

group! {
    // Not deferred: `log --actor` takes the place of the global option of that name.
    /// The commands, in the order of the help.
    HistoryCommand, run(context):
    Log(args: Log) => {
        let (history, filter) = (context.pm()?.history(), args.filter());
        if args.conflicts {
            let values = history.log_conflicts(&filter)?;
            return context.paged_list(&values, render::log::overridden);
        }
        context.stream(
            |show| history.log_each(&filter, |entry| Ok(show(entry))),
            render::log::log,
        )
    },
    Diff(args: DiffStates) => context.shown_paged(args, render::diff::diff),
}
