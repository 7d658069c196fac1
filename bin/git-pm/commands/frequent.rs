//! The frequent verbs, parsed without building the whole tree of commands, which takes longer than
//! many of them. Everything else is left to the full parser, which also reports all errors.

use std::ffi::OsString;

use clap::Args;

use super::{
    Cli, Command, epic, hook, issue, list, next, prd, ready, reserve, search, status, sync, task,
    why,
};
use crate::arguments::fast_path::{NoOptions, parts};
use crate::arguments::{fields, item, list::ListArgs};

/// A verb: its words and its parser.
type Verb = (
    &'static [&'static str],
    fn(&[&'static str], &[OsString]) -> Option<Cli>,
);

/// A row of [`VERBS`].
macro_rules! verb {
    ($words:expr, $args:ty, $make:expr) => {
        ($words, |words, argv| leaf::<$args>(words, argv, $make))
    };
}

/// A row of [`VERBS`] for `git pm issue`, whose verbs have common options.
macro_rules! issue {
    ($verb:literal, $args:ty, $make:expr) => {
        (&["issue", $verb], |words, argv| {
            let (args, output, globals) = parts::<$args, issue::OutputArgs>(words, argv)?;
            Some(Cli {
                command: Some(Command::Issue(issue::IssueArgs {
                    command: $make(args),
                    output,
                })),
                globals,
            })
        })
    };
}

/// The verbs that scripts and agents call most.
const VERBS: &[Verb] = &[
    verb!(&["status"], status::StatusArgs, Command::Status),
    verb!(&["ready"], ready::ReadyArgs, Command::Ready),
    verb!(&["next"], next::NextArgs, Command::Next),
    verb!(&["why"], why::WhyArgs, Command::Why),
    verb!(&["list"], list::AllArgs, |args| Command::List(Box::new(
        args
    ))),
    verb!(&["show"], item::ShowArgs, Command::Show),
    verb!(&["search"], search::SearchArgs, Command::Search),
    verb!(&["sync"], sync::SyncArgs, Command::Sync),
    verb!(&["start"], item::StartArgs, Command::Start),
    verb!(&["finish"], task::finish::FinishArgs, Command::Finish),
    verb!(&["task", "create"], fields::CreateArgs, |args| {
        Command::Task(task::TaskCommand::Create(Box::new(args)))
    }),
    verb!(&["task", "list"], ListArgs, |args| {
        Command::Task(task::TaskCommand::List(args))
    }),
    verb!(&["epic", "list"], ListArgs, |args| {
        Command::Epic(epic::EpicCommand::List(args))
    }),
    verb!(&["prd", "list"], ListArgs, |args| {
        Command::Prd(prd::PrdCommand::List(args))
    }),
    verb!(&["task", "show"], item::ShowArgs, |args| {
        Command::Task(task::TaskCommand::Show(args))
    }),
    verb!(&["task", "edit"], fields::EditArgs, |args| {
        Command::Task(task::TaskCommand::Edit(Box::new(args)))
    }),
    verb!(&["task", "cancel"], task::transitions::CancelArgs, |args| {
        Command::Task(task::TaskCommand::Cancel(args))
    }),
    verb!(&["task", "comment"], item::CommentArgs, |args| {
        Command::Task(task::TaskCommand::Comment(args))
    }),
    issue!("create", issue::create::CreateArgs, |args| {
        issue::IssueCommand::Create(Box::new(args))
    }),
    issue!("q", issue::create::QuickArgs, |args| {
        issue::IssueCommand::Q(Box::new(args))
    }),
    issue!("list", issue::list::ListArgs, issue::IssueCommand::List),
    issue!("show", issue::list::ShowArgs, issue::IssueCommand::Show),
    issue!("update", issue::update::UpdateArgs, |args| {
        issue::IssueCommand::Update(Box::new(args))
    }),
    issue!(
        "claim",
        issue::update::ClaimArgs,
        issue::IssueCommand::Claim
    ),
    issue!("ready", issue::list::ReadyArgs, issue::IssueCommand::Ready),
    issue!("close", issue::close::CloseArgs, issue::IssueCommand::Close),
    verb!(&["reserve", "add"], reserve::AddArgs, |args| {
        Command::Reserve(reserve::ReserveCommand::Add(args))
    }),
    verb!(&["reserve", "list"], reserve::ListArgs, |args| {
        Command::Reserve(reserve::ReserveCommand::List(args))
    }),
    verb!(&["hook", "run"], hook::RunArgs, |args| {
        Command::Hook(hook::HookCommand::Run(args))
    }),
];

/// Parses arguments that begin with a frequent verb; `None` if the full parser has to.
pub fn parse(argv: &[OsString]) -> Option<Cli> {
    let given: Vec<&str> = argv
        .iter()
        .skip(1)
        .map_while(|word| word.to_str())
        .collect();
    let begins = |words: &[&str]| given.get(..words.len()) == Some(words);
    let (words, parse) = VERBS.iter().find(|(words, _)| begins(words))?;
    parse(words, argv)
}

fn leaf<A: Args>(words: &[&'static str], argv: &[OsString], make: fn(A) -> Command) -> Option<Cli> {
    let (args, NoOptions {}, globals) = parts::<A, NoOptions>(words, argv)?;
    Some(Cli {
        command: Some(make(args)),
        globals,
    })
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
    fn the_quick_way_and_the_full_one_agree() {
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
        ] {
            assert!(same(line), "`{line}` is not parsed quickly");
        }
    }

    #[test]
    fn what_is_out_of_order_is_left_to_the_full_parser() {
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
