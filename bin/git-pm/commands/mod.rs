//! The commands: the tree that clap parses, and the function that each verb runs. A verb's
//! arguments are defined beside its code, or in `arguments` if several verbs share them; their doc
//! comments are the help and the man pages.

use std::ffi::OsString;

use clap::{CommandFactory, Parser, Subcommand};

use crate::arguments::{
    globals::Globals,
    item::{ShowArgs, StartArgs},
};
use crate::context::Context;
use crate::failure::Outcome;
use crate::render::style;

mod backup;
mod batch;
mod completions;
mod config;
mod conflicts;
mod count;
mod demo;
mod dep;
mod diff;
mod doctor;
mod epic;
mod export;
mod forecast;
pub mod frequent;
mod fsck;
mod gc;
mod graph;
mod help;
mod help_groups;
mod hook;
mod impact;
mod import;
mod init;
mod insight;
mod issue;
mod item;
mod list;
mod log;
mod man;
mod merge;
mod migrate;
mod milestone;
mod next;
mod order;
mod plan;
mod prd;
mod ready;
mod redact;
mod related;
mod reserve;
mod scope;
mod search;
mod sprint;
mod stats;
mod status;
mod suggest;
mod sync;
mod task;
mod trace;
mod tracks;
mod triage;
mod trust;
mod undo;
mod view;
mod why;
mod worktree;

/// The project manager that lives in your repository
///
/// Plan work, claim it, reserve the files it touches, review and merge it. The data is stored as
/// commits on refs/pm/main and shared through any git remote with `git pm sync`. Without a command,
/// `git pm` shows the status.
#[derive(Debug, Parser)]
#[command(
    name = "git-pm",
    bin_name = "git pm",
    version,
    args_override_self = true,
    disable_help_subcommand = true,
    subcommand_value_name = "COMMAND",
    styles = style::help(),
    help_template = help_groups::root_help(),
)]
pub struct Cli {
    /// The command to run; `status` by default.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The options of every command.
    #[command(flatten)]
    pub globals: Globals,
}

/// The verbs, in the order of the help.
#[derive(Debug, Subcommand)]
pub enum Command {
    Status(status::StatusArgs),
    Ready(ready::ReadyArgs),
    Next(next::NextArgs),
    Why(why::WhyArgs),
    Blocked(why::BlockedArgs),
    List(Box<list::AllArgs>),
    #[command(subcommand)]
    View(view::ViewCommand),
    Show(ShowArgs),
    Search(search::SearchArgs),
    Log(log::LogArgs),
    Diff(diff::DiffArgs),
    Triage(triage::TriageArgs),
    Insight(insight::InsightArgs),
    Order(order::OrderArgs),
    Tracks(tracks::TracksArgs),
    Graph(graph::GraphArgs),
    Impact(impact::ImpactArgs),
    Related(related::RelatedArgs),
    Forecast(forecast::ForecastArgs),
    Suggest(suggest::SuggestArgs),
    Count(count::CountArgs),
    Stats(stats::StatsArgs),
    Start(StartArgs),
    Finish(task::finish::FinishArgs),
    #[command(subcommand)]
    Task(task::TaskCommand),
    #[command(subcommand)]
    Epic(epic::EpicCommand),
    #[command(subcommand)]
    Prd(prd::PrdCommand),
    Scope(scope::ScopeArgs),
    #[command(subcommand)]
    Plan(plan::PlanCommand),
    #[command(subcommand)]
    Milestone(milestone::MilestoneCommand),
    #[command(subcommand)]
    Sprint(sprint::SprintCommand),
    Trace(trace::TraceArgs),
    Issue(issue::IssueArgs),
    #[command(subcommand)]
    Dep(dep::DepCommand),
    Batch(batch::BatchArgs),
    Merge(merge::MergeArgs),
    Undo(undo::UndoArgs),
    #[command(subcommand)]
    Worktree(worktree::WorktreeCommand),
    #[command(subcommand)]
    Reserve(reserve::ReserveCommand),
    Sync(sync::SyncArgs),
    Push(sync::PushArgs),
    Pull(sync::PullArgs),
    Conflicts(conflicts::ConflictsArgs),
    Gc(gc::GcArgs),
    Redact(redact::RedactArgs),
    Init(init::InitArgs),
    Uninstall(init::UninstallArgs),
    Demo(demo::DemoArgs),
    Config(config::ConfigArgs),
    Trust(trust::TrustArgs),
    #[command(subcommand)]
    Hook(hook::HookCommand),
    Doctor(doctor::DoctorArgs),
    Fsck(fsck::FsckArgs),
    #[command(subcommand)]
    Backup(backup::BackupCommand),
    Migrate(migrate::MigrateArgs),
    #[command(subcommand)]
    Import(import::ImportCommand),
    #[command(subcommand)]
    Export(export::ExportCommand),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Help(help::HelpArgs),
}

/// Runs a command; `status` by default.
pub fn run(context: &Context, command: Option<Command>) -> Outcome {
    match command {
        None => status::run(context, &status::StatusArgs::default()),
        Some(Command::Status(args)) => status::run(context, &args),
        Some(Command::Ready(args)) => ready::ready(context, &args),
        Some(Command::Next(args)) => next::next(context, &args),
        Some(Command::Why(args)) => why::why(context, &args),
        Some(Command::Blocked(_)) => why::blocked(context),
        Some(Command::Triage(args)) => triage::triage(context, &args),
        Some(Command::Stats(args)) => stats::stats(context, &args),
        Some(Command::Count(args)) => count::run(context, &args),
        Some(Command::Impact(args)) => impact::impact(context, &args),
        Some(Command::Related(args)) => related::related(context, &args),
        Some(Command::Forecast(args)) => forecast::forecast(context, &args),
        Some(Command::Suggest(args)) => suggest::suggest(context, &args),
        Some(Command::Order(args)) => order::order(context, &args),
        Some(Command::Graph(args)) => graph::graph(context, &args),
        Some(Command::Tracks(args)) => tracks::tracks(context, &args),
        Some(Command::Insight(args)) => insight::insight(context, &args),
        Some(Command::Show(args)) => item::show::run(context, &args),
        Some(Command::List(args)) => list::all(context, *args),
        Some(Command::View(command)) => view::run(context, command),
        Some(Command::Search(args)) => search::run(context, &args),
        Some(Command::Log(args)) => log::run(context, args),
        Some(Command::Diff(args)) => diff::run(context, &args),
        Some(Command::Start(args)) => item::start::run(context, &args),
        Some(Command::Finish(args)) => task::finish::run(context, &args),
        Some(Command::Task(command)) => task::run(context, command),
        Some(Command::Epic(command)) => epic::run(context, command),
        Some(Command::Prd(command)) => prd::run(context, command),
        Some(Command::Milestone(command)) => milestone::milestone(context, &command),
        Some(Command::Sprint(command)) => sprint::sprint(context, &command),
        Some(Command::Trace(args)) => trace::trace(context, &args),
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
        Some(Command::Init(args)) => init::init(context, &args),
        Some(Command::Uninstall(_)) => init::uninstall(context),
        Some(Command::Demo(args)) => demo::run(context, &args),
        Some(Command::Config(args)) => config::config(context, &args),
        Some(Command::Trust(args)) => trust::trust(context, &args),
        Some(Command::Hook(command)) => hook::run(context, &command),
        Some(Command::Doctor(args)) => doctor::doctor(context, &args),
        Some(Command::Fsck(args)) => fsck::run(context, &args),
        Some(Command::Backup(command)) => backup::run(context, &command),
        Some(Command::Migrate(args)) => migrate::run(context, &args),
        Some(Command::Import(command)) => import::run(context, &command),
        Some(Command::Export(command)) => export::run(context, &command),
        Some(Command::Completions(args)) => completions::run(context, &args, Cli::command()),
        Some(Command::Man(args)) => man::run(context, &args, &tree()),
        Some(Command::Help(args)) => help::run(context, &args, tree()),
    }
}

/// The whole tree, as shown in help texts and man pages.
pub fn tree() -> clap::Command {
    let mut tree = Cli::command();
    let groups = help_groups::grouped(&tree);
    tree = tree.before_help(groups);
    tree.build();
    tree
}

/// The command that the arguments name, without arguments of its own: `git pm task create`.
pub fn typed(argv: &[OsString]) -> String {
    help_groups::typed(&Cli::command(), argv)
}

/// The same parser error; a help text is rendered from the full tree, because the tree for parsing
/// lacks what only help shows.
pub fn with_help(refusal: clap::Error, argv: &[OsString]) -> clap::Error {
    if refusal.kind() != clap::error::ErrorKind::DisplayHelp {
        return refusal;
    }
    tree().try_get_matches_from(argv).err().unwrap_or(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_groups_every_verb_once() {
        let mut grouped: Vec<&str> = help_groups::GROUPS
            .iter()
            .flat_map(|(_, verbs)| *verbs)
            .copied()
            .collect();
        grouped.sort_unstable();
        let tree = Cli::command();
        let mut verbs: Vec<&str> = tree
            .get_subcommands()
            .filter(|c| !c.is_hide_set())
            .map(clap::Command::get_name)
            .collect();
        verbs.sort_unstable();
        assert_eq!(grouped, verbs);
    }
}
