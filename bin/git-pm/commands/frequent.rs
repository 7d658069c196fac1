//! The parsing of a command line by the part of the tree that it needs: building the whole tree
//! takes longer than many commands. What is not here is left to the full parser, which also reports
//! all errors.

use std::ffi::OsString;

use clap::{Args, FromArgMatches, Subcommand};

use super::{
    Cli, artifact, batch, board, conflicts, context, cost, dep, epic, events, export, handoff,
    hook, import, install, issue, learn, list, mcp, merge, msg, next, plan, prd, predict, prime,
    ready, reserve, route, run, search, status, sync, task, undo, view, why, worktree,
};
use crate::arguments::globals::Globals;
use crate::arguments::{fields, item, list::ListArgs};

/// The words of a verb and its arguments, or the word of a group and its verbs.
type Part = (&'static [&'static str], fn(clap::Command) -> clap::Command);

/// The verbs that scripts and agents call most, then the groups.
const PARTS: &[Part] = &[
    (&["status"], status::StatusArgs::augment_args),
    (&["ready"], ready::ReadyArgs::augment_args),
    (&["next"], next::NextArgs::augment_args),
    (&["why"], why::WhyArgs::augment_args),
    (&["list"], list::AllArgs::augment_args),
    (&["show"], item::ShowArgs::augment_args),
    (&["search"], search::SearchArgs::augment_args),
    (&["sync"], sync::SyncArgs::augment_args),
    (&["start"], item::StartArgs::augment_args),
    (&["finish"], task::finish::FinishArgs::augment_args),
    (&["task", "create"], fields::CreateArgs::augment_args),
    (&["task", "list"], ListArgs::augment_args),
    (&["epic", "list"], ListArgs::augment_args),
    (&["prd", "list"], ListArgs::augment_args),
    (&["task", "show"], item::ShowArgs::augment_args),
    (&["task", "edit"], fields::EditArgs::augment_args),
    (&["task", "cancel"], task::CancelArgs::augment_args),
    (&["task", "comment"], item::CommentArgs::augment_args),
    (
        &["issue", "create"],
        issue::create::CreateArgs::augment_args,
    ),
    (&["issue", "q"], issue::create::QuickArgs::augment_args),
    (&["issue", "list"], issue::list::ListArgs::augment_args),
    (&["issue", "show"], issue::list::ShowArgs::augment_args),
    (
        &["issue", "update"],
        issue::update::UpdateArgs::augment_args,
    ),
    (&["issue", "claim"], issue::update::ClaimArgs::augment_args),
    (&["issue", "ready"], issue::list::ReadyArgs::augment_args),
    (&["issue", "close"], issue::close::CloseArgs::augment_args),
    (&["reserve", "add"], reserve::AddArgs::augment_args),
    (&["reserve", "list"], reserve::ListArgs::augment_args),
    (&["hook", "run"], hook::RunArgs::augment_args),
    (&["learn", "search"], learn::SearchArgs::augment_args),
    (&["prime"], prime::PrimeArgs::augment_args),
    (&["predict"], predict::PredictArgs::augment_args),
    (&["handoff"], handoff::HandoffArgs::augment_args),
    (&["events"], events::EventsArgs::augment_args),
    (&["logs"], run::LogsArgs::augment_args),
    (&["cost"], cost::CostArgs::augment_args),
    (&["batch"], batch::BatchArgs::augment_args),
    (&["board"], board::BoardArgs::augment_args),
    (&["conflicts"], conflicts::ConflictsArgs::augment_args),
    (&["mcp"], mcp::McpArgs::augment_args),
    (&["merge"], merge::MergeArgs::augment_args),
    (&["undo"], undo::UndoArgs::augment_args),
    (
        &["artifact"],
        artifact::ArtifactCommand::augment_subcommands,
    ),
    (&["budget"], cost::BudgetCommand::augment_subcommands),
    (&["context"], context::ContextCommand::augment_subcommands),
    (&["dep"], dep::DepCommand::augment_subcommands),
    (&["epic"], epic::EpicCommand::augment_subcommands),
    (&["export"], export::ExportCommand::augment_subcommands),
    (&["hook"], hook::HookCommand::augment_subcommands),
    (&["import"], import::ImportCommand::augment_subcommands),
    (&["install"], install::InstallCommand::augment_subcommands),
    (&["issue"], issue::IssueArgs::augment_args),
    (&["learn"], learn::LearnCommand::augment_subcommands),
    (&["msg"], msg::MsgCommand::augment_subcommands),
    (&["plan"], plan::PlanCommand::augment_subcommands),
    (&["prd"], prd::PrdCommand::augment_subcommands),
    (&["reserve"], reserve::ReserveCommand::augment_subcommands),
    (&["route"], route::RouteCommand::augment_subcommands),
    (&["task"], task::TaskCommand::augment_subcommands),
    (&["view"], view::ViewCommand::augment_subcommands),
    (
        &["worktree"],
        worktree::WorktreeCommand::augment_subcommands,
    ),
];

/// Parses arguments that begin with such a verb or group; `None` if the full parser has to.
pub fn parse(argv: &[OsString]) -> Option<Cli> {
    let given: Vec<&str> = argv
        .iter()
        .skip(1)
        .map_while(|word| word.to_str())
        .collect();
    let begins = |words: &[&str]| given.get(..words.len()) == Some(words);
    let (words, arguments) = PARTS.iter().find(|(words, _)| begins(words))?;
    let (last, above) = words.split_last()?;
    let mut command = arguments(clap::Command::new(*last));
    for word in above.iter().rev() {
        let group = clap::Command::new(*word).subcommand(command);
        command = match *word {
            "issue" => issue::OutputArgs::augment_args(group),
            _ => group,
        };
    }
    let root = clap::Command::new("git-pm")
        .bin_name("git pm")
        .args_override_self(true)
        .disable_help_subcommand(true)
        .subcommand(command);
    let found = Globals::augment_args(root).try_get_matches_from(argv);
    Cli::from_arg_matches(&found.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn same(line: &str) -> bool {
        let argv: Vec<OsString> = std::iter::once("git-pm")
            .chain(line.split_whitespace())
            .map(OsString::from)
            .collect();
        let full = Cli::try_parse_from(&argv);
        match (parse(&argv), full) {
            (Some(quick), Ok(full)) => {
                assert_eq!(format!("{quick:?}"), format!("{full:?}"), "{line}");
                true
            }
            (None, _) => false,
            (Some(quick), Err(error)) => panic!("{line}: {quick:?}, but {error}"),
        }
    }

    #[test]
    fn the_fast_and_the_full_argument_parser_agree() {
        for line in [
            "ready",
            "ready --limit 5 --json",
            "next --json --as bob",
            "next --claim --no-worktree",
            "status -q",
            "why T-1 -v",
            "show T-1 --json --offline",
            "show T-1 --json --json",
            "search a b --limit 3 -- -c",
            "sync",
            "start T-1 --no-worktree --idempotency-key k",
            "finish T-1",
            "task create title --body=text --label a --label b -p 1 --depends-on T-1",
            "task list --all --status queued --limit 1000000 --json",
            "list status:queued !owner:me (a or b) --sort -updated --columns id,title",
            "epic list --tree --json",
            "task show T-1",
            "task edit T-1 --title=x --if-version 1.0.a",
            "task cancel T-1",
            "task comment T-1 -m text",
            "issue ready -n 5 --format beads --json",
            "issue list --status open,closed --format beads",
            "issue q title -p P1 -l a,b",
            "issue update pm-a pm-b --status open --claim",
            "issue create title -d text --deps a:b --as bob",
            "issue show pm-a",
            "issue claim pm-a --ephemeral",
            "issue close pm-a -r done --continue",
            "reserve add a/** b --ttl 2h --shared",
            "reserve list --all",
            "hook run pre-commit",
            "prime --budget 900",
            "predict T-1",
            "handoff T-1",
            "events --json",
            "cost",
            "board --json",
            "undo",
            "artifact list",
            "context show",
            "dep add T-1 T-2",
            "issue dep add a b",
            "issue comments add a text --json",
            "learn search two words --limit 3 --path src/**",
            "msg inbox --json",
            "msg send --to bob text",
            "reserve release a b --as bob",
            "task finish T-1",
            "worktree list -q",
        ] {
            assert!(same(line), "`{line}` is not parsed quickly");
        }
    }

    #[test]
    fn arguments_in_unusual_order_are_left_to_the_full_parser() {
        for line in [
            "ready -h",
            "ready --nonsense",
            "show",
            "task",
            "task fly",
            "task create",
            "--json ready",
            "-V",
            "task list --limit many",
        ] {
            assert!(!same(line), "{line}");
        }
    }
}
