//! The commands: the tree that clap parses, and the function that each verb runs.
//!
//! A verb's arguments are defined beside its code, or in `arguments` if several verbs share them;
//! verbs that only call the library are variants of their group. Doc comments are the help and the
//! man pages.

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use git_pm::verbs::{
    VERBS, checklist as checklist_verbs, clone, cost as cost_verbs, history as history_verbs,
    insight, learn as learn_verbs, list as list_verbs, msg as msg_verbs, plan as plan_verbs, show,
    state, work,
};

use crate::arguments::globals::Globals;
use crate::arguments::{request, usage_error};
use crate::context::Context;
use crate::failure::Outcome;
use crate::render::{self, style};

/// Declares a group of commands: what each of them parses, and what it does. The text of a command is that
/// of its request, unless it has one here.
// Types are tokens: clap would not know those that a fragment of a macro wraps.
macro_rules! group {
    (
        $(#[$meta:meta])*
        $name:ident, $run:ident($context:ident):
        $(
            $(#[$of:meta])*
            $verb:ident
            $(($args:ident: $($type:tt)+))?
            $({ $($(#[$how:meta])* $field:ident: $kind:ident $(<$inner:ident>)?),* $(,)? })?
            => $does:expr,
        )*
    ) => {
        #[derive(Debug, clap::Subcommand)]
        $(#[$meta])*
        pub enum $name {
            $($(#[$of])* $verb $(($($type)+))? $({ $($(#[$how])* $field: $kind $(<$inner>)?),* })?,)*
        }

        /// Runs a command of the group.
        pub fn $run(
            $context: &$crate::context::Context,
            command: $name,
        ) -> $crate::failure::Outcome {
            match command {
                $($name::$verb $(($args))? $({ $($field),* })? => $does,)*
            }
        }
    };
}

mod agent;
mod analyze;
mod artifact;
mod batch;
mod board;
mod cd;
mod check;
mod checklist;
mod complete;
mod completions;
mod conflicts;
mod context;
mod cost;
mod demo;
mod dep;
mod epic;
mod events;
mod export;
mod finding;
mod github;
mod handoff;
mod help;
mod help_groups;
mod help_tree;
mod history;
mod hook;
mod import;
mod install;
mod issue;
mod item;
mod learn;
mod lfg;
mod list;
mod maintain;
mod man;
mod mcp;
mod merge;
mod msg;
mod next;
mod notify;
mod plan;
mod prd;
mod pre_tool;
mod prime;
mod ready;
mod repair;
mod report;
mod requests;
mod reserve;
mod review;
mod roles;
mod route;
mod run;
mod schema;
mod serve;
mod setup;
mod status;
mod sync;
mod task;
mod view;
mod with_agents;
mod worktree;

// The answers that are put together here rather than in the library, for their schemas.
pub use demo::Played;
pub use help_tree::CommandTree;

/// The project manager that lives in your repository
///
/// Plan work, claim it, reserve the files it touches, review and merge it. All data, called the
/// state, is stored as commits on refs/pm/main and shared through any git remote with `git pm
/// sync`. An actor is a human or a coding agent. Without a command,
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
    #[command(flatten)]
    pub globals: Globals,
}

group! {
    /// The verbs, in the order of the help.
    #[command(defer = true)]
    Command, dispatch(context):
    Status(args: state::Status) => status::run(context, &args),
    Ready(args: list_verbs::Ready) => ready::ready(context, args),
    Next(args: work::Next) => next::next(context, &args),
    Why(args: work::Why) => context.shown(args, render::dependencies::why),
    Blocked(args: work::Blocked) => context.listed(args, render::dependencies::blocked),
    List(args: list_verbs::ListItems) => list::all(context, &args),
    #[command(subcommand)]
    View(command: view::ViewCommand) => view::run(context, command),
    Show(args: show::Show) => item::show(context, args),
    Search(args: list_verbs::SearchItems) => {
        let all = args.all;
        context.listed(args, |page, hits| render::item::hits(page, hits, all))
    },
    Board(args: list_verbs::Board) => board::run(context, &args),
    #[command(flatten)]
    History(command: history::HistoryCommand) => history::run(context, command),
    Events(args: history_verbs::Events) => events::run(context, &args),
    #[command(flatten)]
    Analyze(command: analyze::AnalyzeCommand) => analyze::run(context, command),
    #[command(flatten)]
    Report(command: report::ReportCommand) => report::run(context, command),
    Start(args: work::Start) => item::start(context, args),
    Finish(args: work::Finish) => task::finish::run(context, args),
    #[command(subcommand)]
    Task(command: task::TaskCommand) => task::run(context, command),
    #[command(subcommand)]
    Epic(command: epic::EpicCommand) => epic::run(context, command),
    #[command(subcommand)]
    Prd(command: prd::PrdCommand) => prd::run(context, command),
    Scope(args: plan_verbs::ScopeRequest) => {
        let document = args.document.clone();
        context.shown(args, |page, scope| {
            render::prd::scope(page, scope, &document)
        })
    },
    #[command(subcommand)]
    Plan(command: plan::PlanCommand) => plan::run(context, command),
    #[command(flatten)]
    Progress(command: plan::progress::ProgressCommand) => plan::progress::run(context, command),
    Issue(args: issue::IssueArgs) => issue::run(context, args),
    #[command(subcommand)]
    Dep(command: dep::DepCommand) => dep::run(context, command),
    Batch(args: batch::BatchArgs) => batch::run(context, &args),
    Merge(args: work::Merge) => merge::run(context, args),
    Lfg(args: lfg::LfgArgs) => lfg::lfg(context, &args),
    Slfg(args: lfg::SlfgArgs) => lfg::slfg(context, &args),
    Run(args: run::RunArgs) => run::run(context, args),
    #[command(subcommand)]
    Route(command: route::RouteCommand) => route::run(context, command),
    #[command(subcommand)]
    Agent(command: agent::AgentCommand) => agent::run(context, command),
    Logs(args: run::LogsArgs) => run::logs(context, args),
    Cost(args: cost_verbs::Cost) => context.shown(args, render::costs::report),
    #[command(subcommand)]
    Budget(command: cost::BudgetCommand) => cost::budget(context, command),
    Undo(args: clone::Undo) => context.shown(args, render::diff::undo),
    #[command(subcommand)]
    Worktree(command: worktree::WorktreeCommand) => worktree::run(context, command),
    Cd(args: cd::CdArgs) => cd::run(context, &args),
    #[command(subcommand)]
    Reserve(command: reserve::ReserveCommand) => reserve::run(context, command),
    #[command(subcommand)]
    Msg(command: msg::MsgCommand) => msg::run(context, command),
    Handoff(args: msg_verbs::HandOff) => handoff::run(context, args),
    #[command(subcommand)]
    Artifact(command: artifact::ArtifactCommand) => artifact::run(context, command),
    Sync(args: clone::Sync) => sync::sync(context, &args),
    /// Push the state to the remote
    Push(args: clone::Sync) => sync::sync(context, &args),
    Pull(args: clone::Pull) => sync::pull(context, &args),
    Conflicts(args: state::Conflicts) => conflicts::run(context, args),
    Prime(args: state::Prime) => prime::run(context, args),
    #[command(subcommand)]
    Context(command: context::ContextCommand) => context::run(context, command),
    Predict(args: insight::Predict) => context.shown(args, render::memory::prediction),
    Review(args: review::ReviewArgs) => review::run(context, args),
    /// Review all work of an epic
    DeepReview(args: review::ReviewArgs) => review::run(context, args.deep()),
    Check(args: check::CheckArgs) => check::run(context, args),
    Preflight(args: checklist_verbs::Flight) => checklist::flight(context, args, false),
    /// Check whether the work on a task may be merged
    Postflight(args: checklist_verbs::Flight) => checklist::flight(context, args, true),
    #[command(subcommand)]
    Checklist(command: checklist::ChecklistCommand) => checklist::run(context, command),
    #[command(subcommand)]
    Finding(command: finding::FindingCommand) => finding::run(context, command),
    #[command(subcommand)]
    Learn(command: learn::LearnCommand) => learn::run(context, command),
    Compound(args: learn_verbs::DraftLearnings) =>
        learn::run(context, learn::LearnCommand::Draft(args)),
    #[command(flatten)]
    Maintain(command: maintain::MaintainCommand) => maintain::run(context.as_it_is(), command),
    #[command(flatten)]
    Setup(command: setup::SetupCommand) => setup::setup(context.as_it_is(), command),
    #[command(subcommand)]
    Install(command: install::InstallCommand) => install::run(context, command),
    Demo(args: demo::DemoArgs) => demo::run(context, &args),
    #[command(flatten)]
    Settings(command: setup::SettingsCommand) => setup::settings(context, command),
    #[command(subcommand)]
    Notify(command: notify::NotifyCommand) => notify::run(context, command),
    #[command(subcommand)]
    Hook(command: hook::HookCommand) => hook::run(context.as_it_is(), command),
    #[command(flatten)]
    Repair(command: repair::RepairCommand) => repair::run(context, command),
    #[command(flatten)]
    Roles(command: roles::RoleCommand) => roles::run(context, command),
    #[command(subcommand)]
    Github(command: github::GithubCommand) => github::run(context, command),
    #[command(subcommand)]
    Import(command: import::ImportCommand) => import::run(context, command),
    #[command(subcommand)]
    Export(command: export::ExportCommand) => export::run(context, &command),
    Shell(args: cd::ShellArgs) => cd::shell(context, &args),
    Completions(args: completions::CompletionsArgs) =>
        completions::run(context, &args, Cli::command()),
    #[command(hide = true, name = crate::arguments::raw::COMPLETE)]
    Complete(args: complete::CompleteArgs) => complete::run(&args, &Cli::command()),
    Man(args: man::ManArgs) => man::run(context, &args, &tree()),
    Schema(args: schema::SchemaArgs) => schema::run(context, &args),
    Mcp(args: mcp::McpArgs) => mcp::run(context, &args),
    Serve(args: serve::ServeArgs) => serve::run(context, args),
    Help(args: help::HelpArgs) => help::run(context, &args, &tree()),
}

/// Runs a command; `status` by default.
pub fn run(context: &Context, command: Option<Command>) -> Outcome {
    let Some(command) = command else {
        return status::run(context, &state::Status::default());
    };
    context.leaves.set(matches!(
        command,
        Command::Export(_)
            | Command::Import(_)
            | Command::Events(_)
            | Command::Notify(_)
            | Command::Github(_)
    ));
    dispatch(context, command)
}

/// The whole tree, as shown in help texts and man pages.
pub fn tree() -> clap::Command {
    let mut tree = Cli::command();
    // The two whose commands are below their own arguments.
    let plain = Cli::command()
        .mut_subcommand("issue", issue::IssueArgs::augment_args)
        .mut_subcommand("run", run::RunArgs::augment_args);
    // Arguments and commands below are made only where they are needed.
    tree.build();
    tree = with_own_texts(tree, &plain);
    // `issue q` is `issue create` for scripts.
    for verb in VERBS.iter().map(|verb| verb.name).chain(["issue q"]) {
        let words: Vec<&str> = verb.split(' ').collect();
        tree = request::with_stdin(tree, &words);
    }
    tree.before_help(help_groups::daily())
}

/// Restores the texts of commands that share their arguments with others: those of the arguments,
/// which are made later, replaced them.
fn with_own_texts(built: clap::Command, plain: &clap::Command) -> clap::Command {
    built.mut_subcommands(|mut below| {
        let Some(own) = plain.find_subcommand(below.get_name()) else {
            return below;
        };
        if let Some(about) = own.get_about() {
            below = below.about(about.clone());
            below = below.long_about(match own.get_long_about() {
                Some(long) => Resettable::Value(long.clone()),
                None => Resettable::Reset,
            });
        }
        if let Some(after) = own.get_after_help() {
            below = below.after_help(after.clone());
        }
        with_own_texts(below, own)
    })
}

/// The group of commands on plans, without their arguments.
pub fn plan_group() -> clap::Command {
    plan::PlanCommand::augment_subcommands(clap::Command::new("plan"))
}

/// The commands, as they are typed after `git pm`.
#[cfg(test)]
pub fn verbs() -> Vec<String> {
    help_groups::verbs(&tree())
}

/// The usage error for a parser error.
pub fn usage(refusal: &clap::Error, argv: &[OsString]) -> git_pm::Error {
    let tree = tree();
    // What follows an unknown verb is not one.
    let verb = match refusal.get(clap::error::ContextKind::InvalidSubcommand) {
        Some(clap::error::ContextValue::String(verb)) => Some(verb.as_str()),
        _ => None,
    };
    let end = argv.iter().position(|word| word.to_str() == verb);
    let words = verb.and(end).map_or(argv, |end| &argv[..end]);
    let (typed, command) = help_groups::typed(&tree, words);
    usage_error::usage(refusal, &typed, (&tree, command), argv)
}

/// Parses the arguments, whose first word is given. The global options are copied into every command of
/// a tree, which takes longer than most commands do: so the one that is named is parsed without the
/// others, and with them only if that fails, for the message.
pub fn parse(argv: &[OsString], word: Option<&str>) -> Result<Cli, clap::Error> {
    let tree = Cli::command();
    let named = word.and_then(|word| tree.find_subcommand(word)).cloned();
    if let Some(named) = named {
        let alone = clap::Command::new("git-pm")
            .args_override_self(true)
            .disable_help_subcommand(true)
            .subcommand(named);
        let matches = Globals::augment_args(alone).try_get_matches_from(argv);
        if let Ok(cli) = matches.and_then(|mut found| Cli::from_arg_matches_mut(&mut found)) {
            return Ok(cli);
        }
    }
    Cli::from_arg_matches_mut(&mut tree.try_get_matches_from(argv)?)
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
    fn the_command_tree_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_groups_every_verb_once() {
        let mut grouped: Vec<&str> = help_groups::GROUPS
            .iter()
            .flat_map(|(_, verbs)| verbs.split(' '))
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

    #[test]
    fn the_daily_verbs_exist_and_fit_a_screen() {
        let tree = tree();
        let words = |line: &str| line.split_whitespace().next().map(str::to_string);
        let daily = anstream::adapter::strip_str(&help_groups::daily()).to_string();
        for word in daily.lines().filter_map(words) {
            let known = tree.find_subcommand(&word).is_some();
            assert!(
                known || crate::arguments::meant::short(&word).is_some(),
                "{word}"
            );
        }
        let help = tree.clone().render_help().to_string();
        assert!(help.lines().count() <= 30, "{help}");
    }
}
