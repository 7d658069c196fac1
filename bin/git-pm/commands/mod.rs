//! One file for each command or group of commands: its arguments, whose doc comments are the help,
//! then one function that calls the library and says how the answer reads.

use crate::cli::Command;
use crate::context::Context;
use crate::failure::Outcome;

pub mod backup;
pub mod batch;
pub mod completions;
pub mod config;
pub mod conflicts;
pub mod count;
pub mod demo;
pub mod dep;
pub mod diff;
pub mod epic;
pub mod export;
pub mod follow;
pub mod fsck;
pub mod gc;
pub mod graph;
pub mod help;
pub mod hook;
pub mod import;
pub mod insight;
pub mod issue;
pub mod items;
pub mod list;
pub mod log;
pub mod man;
pub mod merge;
pub mod migrate;
pub mod outlook;
pub mod plan;
pub mod prd;
pub mod project;
pub mod ready;
pub mod redact;
pub mod reserve;
pub mod scope;
pub mod search;
pub mod setup;
pub mod show;
pub mod status;
pub mod sync;
pub mod task;
pub mod undo;
pub mod view;
pub mod watch;
pub mod worktree;

/// Runs a command; the status without one.
///
/// # Errors
/// Whatever the command reports.
pub fn run(context: &Context, command: Option<Command>) -> Outcome {
    match command {
        None => status::run(context, &status::StatusArgs::default()),
        Some(Command::Status(args)) => status::run(context, &args),
        Some(Command::Ready(args)) => ready::ready(context, &args),
        Some(Command::Next(args)) => ready::next(context, &args),
        Some(Command::Why(args)) => ready::why(context, &args),
        Some(Command::Blocked(_)) => ready::blocked(context),
        Some(Command::Triage(args)) => insight::triage(context, &args),
        Some(Command::Stats(args)) => insight::stats(context, &args),
        Some(Command::Count(args)) => count::run(context, &args),
        Some(Command::Impact(args)) => outlook::impact(context, &args),
        Some(Command::Related(args)) => outlook::related(context, &args),
        Some(Command::Forecast(args)) => outlook::forecast(context, &args),
        Some(Command::Suggest(args)) => outlook::suggest(context, &args),
        Some(Command::Order(args)) => graph::order(context, &args),
        Some(Command::Graph(args)) => graph::graph(context, &args),
        Some(Command::Tracks(args)) => graph::tracks(context, &args),
        Some(Command::Insight(args)) => insight::insight(context, &args),
        Some(Command::Show(args)) => show::run(context, &args),
        Some(Command::List(args)) => list::all(context, *args),
        Some(Command::View(command)) => view::run(context, command),
        Some(Command::Search(args)) => search::run(context, &args),
        Some(Command::Log(args)) => log::run(context, args),
        Some(Command::Diff(args)) => diff::run(context, &args),
        Some(Command::Start(args)) => task::start::run(context, &args),
        Some(Command::Finish(args)) => task::finish::run(context, &args),
        Some(Command::Task(command)) => task::run(context, command),
        Some(Command::Epic(command)) => epic::run(context, command),
        Some(Command::Prd(command)) => prd::run(context, command),
        Some(Command::Milestone(command)) => follow::milestone(context, &command),
        Some(Command::Sprint(command)) => follow::sprint(context, &command),
        Some(Command::Trace(args)) => follow::trace(context, &args),
        Some(Command::Scope(args)) => scope::run(context, &args),
        Some(Command::Plan(command)) => plan::run(context, command),
        Some(Command::Issue(args)) => issue::run(context, args),
        Some(Command::Undo(args)) => undo::run(context, &args),
        Some(Command::Dep(command)) => dep::run(context, &command),
        Some(Command::Batch(args)) => batch::run(context, &args),
        Some(Command::Merge(args)) => merge::run(context, args),
        Some(Command::Worktree(command)) => worktree::run(context, &command),
        Some(Command::Reserve(command)) => reserve::run(context, command),
        Some(Command::Sync(args)) => sync::sync(context, &args),
        Some(Command::Push(args)) => sync::push(context, &args),
        Some(Command::Pull(args)) => sync::pull(context, &args),
        Some(Command::Conflicts(args)) => conflicts::run(context, &args),
        Some(Command::Gc(args)) => gc::run(context, &args),
        Some(Command::Redact(args)) => redact::run(context, &args),
        Some(Command::Init(args)) => setup::init(context, &args),
        Some(Command::Uninstall(_)) => setup::uninstall(context),
        Some(Command::Demo(args)) => demo::run(context, &args),
        Some(Command::Config(args)) => config::config(context, &args),
        Some(Command::Trust(args)) => config::trust(context, &args),
        Some(Command::Hook(command)) => hook::run(context, &command),
        Some(Command::Doctor(args)) => setup::doctor(context, &args),
        Some(Command::Fsck(args)) => fsck::run(context, &args),
        Some(Command::Backup(command)) => backup::run(context, &command),
        Some(Command::Migrate(args)) => migrate::run(context, &args),
        Some(Command::Import(command)) => import::run(context, &command),
        Some(Command::Export(command)) => export::run(context, &command),
        Some(Command::Completions(args)) => completions::run(context, &args),
        Some(Command::Man(args)) => man::run(context, &args),
        Some(Command::Help(args)) => help::run(context, &args),
    }
}
