//! `git pm log` and `git pm diff`: the history of the state.

use git_pm::verbs::history::{DiffStates, Log};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// The commands, in the order of the help.
// Not deferred: `log --actor` takes the place of the global option of that name.
#[derive(clap::Subcommand, Debug)]
pub enum HistoryCommand {
    Log(Log),
    Diff(DiffStates),
}

/// Runs a command of the group.
pub fn run(context: &Context, command: HistoryCommand) -> Outcome {
    match command {
        HistoryCommand::Diff(args) => context.shown_paged(args, render::diff::diff),
        HistoryCommand::Log(args) => {
            let (history, filter) = (context.pm()?.history(), args.filter());
            if args.conflicts {
                let values = history.log_conflicts(&filter)?;
                return context.paged_list(&values, render::log::overridden);
            }
            context.stream(
                |show| history.log_each(&filter, |entry| Ok(show(entry))),
                render::log::log,
            )
        }
    }
}
