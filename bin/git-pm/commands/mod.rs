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

/// The verbs, in the order of the help.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    Status(state::Status),
    Ready(list_verbs::Ready),
    Next(work::Next),
    Why(work::Why),
    Blocked(work::Blocked),
    List(list_verbs::ListItems),
    #[command(subcommand)]
    View(view::ViewCommand),
    Show(show::Show),
    Search(list_verbs::SearchItems),
    Board(list_verbs::Board),
    #[command(flatten)]
    History(history::HistoryCommand),
    Events(history_verbs::Events),
    #[command(flatten)]
    Analyze(analyze::AnalyzeCommand),
    #[command(flatten)]
    Report(report::ReportCommand),
    Start(work::Start),
    Finish(work::Finish),
    #[command(subcommand)]
    Task(task::TaskCommand),
    #[command(subcommand)]
    Epic(epic::EpicCommand),
    #[command(subcommand)]
    Prd(prd::PrdCommand),
    Scope(plan_verbs::ScopeRequest),
    #[command(subcommand)]
    Plan(plan::PlanCommand),
    #[command(flatten)]
    Progress(plan::progress::ProgressCommand),
    Issue(issue::IssueArgs),
    #[command(subcommand)]
    Dep(dep::DepCommand),
    Batch(batch::BatchArgs),
    Merge(work::Merge),
    Lfg(lfg::LfgArgs),
    Slfg(lfg::SlfgArgs),
    Run(run::RunArgs),
    #[command(subcommand)]
    Route(route::RouteCommand),
    #[command(subcommand)]
    Agent(agent::AgentCommand),
    Logs(run::LogsArgs),
    Cost(cost_verbs::Cost),
    #[command(subcommand)]
    Budget(cost::BudgetCommand),
    Undo(clone::Undo),
    #[command(subcommand)]
    Worktree(worktree::WorktreeCommand),
    Cd(cd::CdArgs),
    #[command(subcommand)]
    Reserve(reserve::ReserveCommand),
    #[command(subcommand)]
    Msg(msg::MsgCommand),
    Handoff(msg_verbs::HandOff),
    #[command(subcommand)]
    Artifact(artifact::ArtifactCommand),
    Sync(clone::Sync),
    /// Push the state to the remote
    Push(clone::Sync),
    Pull(clone::Pull),
    Conflicts(state::Conflicts),
    Prime(state::Prime),
    #[command(subcommand)]
    Context(context::ContextCommand),
    Predict(insight::Predict),
    Review(review::ReviewArgs),
    /// Review all work of an epic
    DeepReview(review::ReviewArgs),
    Check(check::CheckArgs),
    Preflight(checklist_verbs::Flight),
    /// Check whether the work on a task may be merged
    Postflight(checklist_verbs::Flight),
    #[command(subcommand)]
    Checklist(checklist::ChecklistCommand),
    #[command(subcommand)]
    Finding(finding::FindingCommand),
    #[command(subcommand)]
    Learn(learn::LearnCommand),
    Compound(learn_verbs::DraftLearnings),
    #[command(flatten)]
    Maintain(maintain::MaintainCommand),
    #[command(flatten)]
    Setup(setup::SetupCommand),
    #[command(subcommand)]
    Install(install::InstallCommand),
    Demo(demo::DemoArgs),
    #[command(flatten)]
    Settings(setup::SettingsCommand),
    #[command(subcommand)]
    Notify(notify::NotifyCommand),
    #[command(subcommand)]
    Hook(hook::HookCommand),
    #[command(flatten)]
    Repair(repair::RepairCommand),
    #[command(flatten)]
    Roles(roles::RoleCommand),
    #[command(subcommand)]
    Github(github::GithubCommand),
    #[command(subcommand)]
    Import(import::ImportCommand),
    #[command(subcommand)]
    Export(export::ExportCommand),
    Shell(cd::ShellArgs),
    Completions(completions::CompletionsArgs),
    #[command(hide = true, name = crate::arguments::raw::COMPLETE)]
    Complete(complete::CompleteArgs),
    Man(man::ManArgs),
    Schema(schema::SchemaArgs),
    Mcp(mcp::McpArgs),
    Serve(serve::ServeArgs),
    Help(help::HelpArgs),
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
    match command {
        Command::Status(args) => status::run(context, &args),
        Command::Ready(args) => ready::ready(context, args),
        Command::Next(args) => next::next(context, &args),
        Command::Why(args) => context.shown(args, render::dependencies::why),
        Command::Blocked(args) => context.listed(args, render::dependencies::blocked),
        Command::List(args) => list::all(context, &args),
        Command::View(command) => view::run(context, command),
        Command::Show(args) => item::show(context, args),
        Command::Search(args) => {
            let all = args.all;
            context.listed(args, |page, hits| render::item::hits(page, hits, all))
        }
        Command::Board(args) => board::run(context, &args),
        Command::History(command) => history::run(context, command),
        Command::Events(args) => events::run(context, &args),
        Command::Analyze(command) => analyze::run(context, command),
        Command::Report(command) => report::run(context, command),
        Command::Start(args) => item::start(context, args),
        Command::Finish(args) => task::finish::run(context, args),
        Command::Task(command) => task::run(context, command),
        Command::Epic(command) => epic::run(context, command),
        Command::Prd(command) => prd::run(context, command),
        Command::Scope(args) => {
            let document = args.document.clone();
            context.shown(args, |page, scope| {
                render::prd::scope(page, scope, &document)
            })
        }
        Command::Plan(command) => plan::run(context, command),
        Command::Progress(command) => plan::progress::run(context, command),
        Command::Issue(args) => issue::run(context, args),
        Command::Dep(command) => dep::run(context, command),
        Command::Batch(args) => batch::run(context, &args),
        Command::Merge(args) => merge::run(context, args),
        Command::Lfg(args) => lfg::lfg(context, &args),
        Command::Slfg(args) => lfg::slfg(context, &args),
        Command::Run(args) => run::run(context, args),
        Command::Route(command) => route::run(context, command),
        Command::Agent(command) => agent::run(context, command),
        Command::Logs(args) => run::logs(context, args),
        Command::Cost(args) => context.shown(args, render::costs::report),
        Command::Budget(command) => cost::budget(context, command),
        Command::Undo(args) => context.shown(args, render::diff::undo),
        Command::Worktree(command) => worktree::run(context, command),
        Command::Cd(args) => cd::run(context, &args),
        Command::Reserve(command) => reserve::run(context, command),
        Command::Msg(command) => msg::run(context, command),
        Command::Handoff(args) => handoff::run(context, args),
        Command::Artifact(command) => artifact::run(context, command),
        Command::Sync(args) | Command::Push(args) => sync::sync(context, &args),
        Command::Pull(args) => sync::pull(context, &args),
        Command::Conflicts(args) => conflicts::run(context, args),
        Command::Prime(args) => prime::run(context, args),
        Command::Context(command) => context::run(context, command),
        Command::Predict(args) => context.shown(args, render::memory::prediction),
        Command::Review(args) => review::run(context, args),
        Command::DeepReview(args) => review::run(context, args.deep()),
        Command::Check(args) => check::run(context, args),
        Command::Preflight(args) => checklist::flight(context, args, false),
        Command::Postflight(args) => checklist::flight(context, args, true),
        Command::Checklist(command) => checklist::run(context, command),
        Command::Finding(command) => finding::run(context, command),
        Command::Learn(command) => learn::run(context, command),
        Command::Compound(args) => learn::run(context, learn::LearnCommand::Draft(args)),
        Command::Maintain(command) => maintain::run(context, command),
        Command::Setup(command) => setup::setup(context, command),
        Command::Install(command) => install::run(context, command),
        Command::Demo(args) => demo::run(context, &args),
        Command::Settings(command) => setup::settings(context, command),
        Command::Notify(command) => notify::run(context, command),
        Command::Hook(command) => hook::run(context, &command),
        Command::Repair(command) => repair::run(context, command),
        Command::Roles(command) => roles::run(context, command),
        Command::Github(command) => github::run(context, command),
        Command::Import(command) => import::run(context, command),
        Command::Export(command) => export::run(context, &command),
        Command::Shell(args) => cd::shell(context, &args),
        Command::Completions(args) => completions::run(context, &args, Cli::command()),
        Command::Complete(args) => complete::run(&args, &Cli::command()),
        Command::Man(args) => man::run(context, &args, &tree()),
        Command::Mcp(args) => mcp::run(context, &args),
        Command::Serve(args) => serve::run(context, args),
        Command::Schema(args) => schema::run(context, &args),
        Command::Help(args) => help::run(context, &args, tree()),
    }
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
