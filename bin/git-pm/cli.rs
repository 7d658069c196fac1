//! The tree of commands: global options and the verbs. Each verb's arguments stand beside its
//! code under `commands/`; their doc comments are the help and the man pages.

use std::ffi::OsString;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::commands;
use crate::render::style::{self, Label, paint};

/// The project manager that lives in your repository
///
/// Plan work, claim it, reserve the files it touches, review and merge it. All of it is kept as
/// commits on the ref refs/pm/main, and travels over any git remote with `git pm sync`. Without a
/// verb, `git pm` shows where you are and what you could do next.
#[derive(Debug, Parser)]
#[command(
    name = "git-pm",
    bin_name = "git pm",
    version,
    args_override_self = true,
    disable_help_subcommand = true,
    subcommand_value_name = "COMMAND",
    styles = style::help(),
    help_template = root_help(),
)]
pub struct Cli {
    /// What to do; the status without one.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What holds for every verb.
    #[command(flatten)]
    pub globals: Globals,
}

/// Options that every verb takes, before or after it.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Acts under this name instead of git's user.
    #[arg(long = "as", alias = "actor", value_name = "ACTOR", global = true)]
    pub actor: Option<String>,
    /// Prints one JSON document instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// Runs as if started in this directory; several follow one another.
    #[arg(short = 'C', value_name = "PATH", global = true, action = clap::ArgAction::Append)]
    pub directory: Vec<OsString>,
    /// Uses no network, except for an agent's merge; claims stay tentative until a sync.
    #[arg(long, global = true)]
    pub offline: bool,
    /// Makes a change happen once, however often it is asked for under this key.
    #[arg(long, value_name = "KEY", global = true, hide_short_help = true)]
    pub idempotency_key: Option<String>,
    /// Changes an item only if this is still its version, as JSON shows it.
    #[arg(long, value_name = "STAMP", global = true, hide_short_help = true)]
    pub if_version: Option<String>,
    /// Signs the change with git's configured key, as `pm.sign` does for all.
    #[arg(long, global = true, hide_short_help = true)]
    pub sign: bool,
    /// Prints no colours.
    #[arg(long, global = true, hide_short_help = true)]
    pub no_color: bool,
    /// Prints only the answer: no notices, hints and suggestions.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Prints more: full names, exact times, what is well.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// The verbs, in the order of the help.
#[derive(Debug, Subcommand)]
pub enum Command {
    Status(commands::status::StatusArgs),
    Ready(commands::ready::ReadyArgs),
    Next(commands::ready::NextArgs),
    Why(commands::ready::WhyArgs),
    Blocked(commands::ready::BlockedArgs),
    List(Box<commands::list::AllArgs>),
    #[command(subcommand)]
    View(commands::view::ViewCommand),
    Show(commands::show::ShowArgs),
    Search(commands::search::SearchArgs),
    Log(commands::log::LogArgs),
    Diff(commands::diff::DiffArgs),
    Triage(commands::insight::TriageArgs),
    Insight(commands::insight::InsightArgs),
    Order(commands::graph::OrderArgs),
    Tracks(commands::graph::TracksArgs),
    Graph(commands::graph::GraphArgs),
    Impact(commands::outlook::ImpactArgs),
    Related(commands::outlook::RelatedArgs),
    Forecast(commands::outlook::ForecastArgs),
    Suggest(commands::outlook::SuggestArgs),
    Count(commands::count::CountArgs),
    Stats(commands::insight::StatsArgs),
    Start(commands::task::start::StartArgs),
    Finish(commands::task::finish::FinishArgs),
    #[command(subcommand)]
    Task(commands::task::TaskCommand),
    #[command(subcommand)]
    Epic(commands::epic::EpicCommand),
    #[command(subcommand)]
    Prd(commands::prd::PrdCommand),
    Scope(commands::scope::ScopeArgs),
    #[command(subcommand)]
    Plan(commands::plan::PlanCommand),
    #[command(subcommand)]
    Milestone(commands::follow::MilestoneCommand),
    #[command(subcommand)]
    Sprint(commands::follow::SprintCommand),
    Trace(commands::follow::TraceArgs),
    Issue(commands::issue::IssueArgs),
    #[command(subcommand)]
    Dep(commands::dep::DepCommand),
    Batch(commands::batch::BatchArgs),
    Merge(commands::merge::MergeArgs),
    Undo(commands::undo::UndoArgs),
    #[command(subcommand)]
    Worktree(commands::worktree::WorktreeCommand),
    #[command(subcommand)]
    Reserve(commands::reserve::ReserveCommand),
    Sync(commands::sync::SyncArgs),
    Push(commands::sync::PushArgs),
    Pull(commands::sync::PullArgs),
    Conflicts(commands::conflicts::ConflictsArgs),
    Gc(commands::gc::GcArgs),
    Redact(commands::redact::RedactArgs),
    Init(commands::setup::InitArgs),
    Uninstall(commands::setup::UninstallArgs),
    Demo(commands::demo::DemoArgs),
    Config(commands::config::ConfigArgs),
    Trust(commands::config::TrustArgs),
    #[command(subcommand)]
    Hook(commands::hook::HookCommand),
    Doctor(commands::setup::DoctorArgs),
    Fsck(commands::fsck::FsckArgs),
    #[command(subcommand)]
    Backup(commands::backup::BackupCommand),
    Migrate(commands::migrate::MigrateArgs),
    #[command(subcommand)]
    Import(commands::import::ImportCommand),
    #[command(subcommand)]
    Export(commands::export::ExportCommand),
    Completions(commands::completions::CompletionsArgs),
    Man(commands::man::ManArgs),
    Help(commands::help::HelpArgs),
}

/// The verbs of the root, as its help groups them.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Look",
        &[
            "status", "ready", "next", "why", "blocked", "list", "view", "show", "search", "log",
            "diff",
        ],
    ),
    (
        "Weigh",
        &[
            "triage", "insight", "order", "tracks", "graph", "impact", "related", "forecast",
            "suggest", "count", "stats",
        ],
    ),
    (
        "Plan",
        &["prd", "scope", "plan", "milestone", "sprint", "trace"],
    ),
    (
        "Work",
        &[
            "start", "finish", "task", "epic", "issue", "dep", "batch", "merge", "undo", "worktree",
        ],
    ),
    (
        "Together",
        &["reserve", "sync", "push", "pull", "conflicts"],
    ),
    ("Mend", &["doctor", "fsck", "backup", "migrate"]),
    ("Keep", &["gc", "redact"]),
    ("Other tools", &["import", "export"]),
    (
        "Set up",
        &[
            "init",
            "uninstall",
            "demo",
            "config",
            "trust",
            "hook",
            "completions",
            "man",
            "help",
        ],
    ),
];

/// The template of the root's help. Its groups are filled in by [`tree`].
fn root_help() -> String {
    let options = paint(Label::Heading, "Options:");
    format!("{{about}}\n\n{{usage-heading}} {{usage}}\n{{before-help}}{options}\n{{options}}")
}

/// The whole tree as people see it in help texts and man pages.
pub fn tree() -> clap::Command {
    let mut tree = Cli::command();
    let groups = grouped(&tree);
    tree = tree.before_help(groups);
    tree.build();
    tree
}

/// The same refusal, with the full tree where it is a help text: the tree that parses does without
/// the parts that only help shows.
pub fn with_help(refusal: clap::Error, argv: &[OsString]) -> clap::Error {
    if refusal.kind() != clap::error::ErrorKind::DisplayHelp {
        return refusal;
    }
    tree().try_get_matches_from(argv).err().unwrap_or(refusal)
}

/// The root's verbs with their summaries, group by group.
fn grouped(tree: &clap::Command) -> String {
    let mut text = String::new();
    for (heading, verbs) in GROUPS {
        text += &format!("\n{}\n", paint(Label::Heading, &format!("{heading}:")));
        for verb in *verbs {
            let about = tree
                .find_subcommand(verb)
                .and_then(clap::Command::get_about)
                .map(ToString::to_string)
                .unwrap_or_default();
            text += &format!(
                "  {}  {about}\n",
                paint(Label::Command, &format!("{verb:<11}"))
            );
        }
    }
    text
}

/// The command that somebody meant, as far as the words are commands: `git pm task create`.
pub fn typed(argv: &[OsString]) -> String {
    let tree = Cli::command();
    let mut command = &tree;
    let mut typed = String::from("git pm");
    for word in argv.iter().skip(1) {
        if let Some(found) = command.find_subcommand(word) {
            command = found;
            typed = format!("{typed} {}", found.get_name());
        }
    }
    typed
}

/// Every visible leaf of a tree, as the words one types after `git pm`.
pub fn verbs(tree: &clap::Command) -> Vec<String> {
    let mut verbs = Vec::new();
    for command in tree.get_subcommands().filter(|c| !c.is_hide_set()) {
        if command.has_subcommands() {
            for verb in self::verbs(command) {
                verbs.push(format!("{} {verb}", command.get_name()));
            }
        } else {
            verbs.push(command.get_name().to_string());
        }
    }
    verbs
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
        let mut grouped: Vec<&str> = GROUPS
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
