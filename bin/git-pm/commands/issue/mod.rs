//! `git pm issue`: issues as beads has them, with beads' verbs and flags.

use clap::{Args, Subcommand, ValueEnum};
use git_pm::pm::view::ItemView;
use serde::Serialize;

use crate::commands::items::{self, DeleteArgs, ReopenArgs};
use crate::commands::task::edit::{self, EditArgs};
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render::page::Page;
use crate::render::{self, json, out};

pub mod close;
pub mod comment;
pub mod create;
pub mod dep;
pub mod epic;
pub mod gate;
pub mod label;
pub mod list;
pub mod look;
pub mod update;

/// Track issues as beads does: hash ids, typed edges, gates
///
/// An issue can be made in any clone at any time: its id is a hash that no number has to be agreed
/// upon for. The verbs and flags are those of beads, so that `alias bd='git pm issue'` serves who
/// is used to it; git-pm-beads(7) lists what differs and has a `bd` for agents and scripts. Lists
/// here are of issues alone; `git pm ready`, `blocked`, `next` and `search` are about all kinds.
#[derive(Args, Debug)]
#[command(
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct IssueArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: IssueCommand,
    /// What holds for every verb of the group.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Which issues the verbs of the group are about, and how they answer.
#[derive(Args, Debug)]
pub struct OutputArgs {
    /// Prints JSON without an envelope; items in this shape.
    #[arg(
        long,
        value_name = "SHAPE",
        global = true,
        help_heading = "Issue options"
    )]
    pub format: Option<Format>,
    /// Works on this clone's ephemeral issues, which are never synced nor offered as work.
    #[arg(long, global = true, help_heading = "Issue options")]
    pub ephemeral: bool,
    /// Accepted for scripts written for beads; has no effect.
    #[arg(long, global = true, hide = true, alias = "allow-stale")]
    pub no_daemon: bool,
}

/// Whose JSON is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// That of beads: its keys in its order.
    Beads,
}

/// The verbs of `git pm issue`.
#[derive(Subcommand, Debug)]
pub enum IssueCommand {
    #[command(visible_alias = "new")]
    Create(Box<create::CreateArgs>),
    Q(Box<create::QuickArgs>),
    List(list::ListArgs),
    #[command(visible_alias = "view")]
    Show(list::ShowArgs),
    Update(Box<update::UpdateArgs>),
    /// Change an issue's fields, its text in the editor
    ///
    /// The fields by the names that they have for all kinds of items; `update` has those of beads.
    #[command(after_help = "\
Examples:
  git pm issue edit pm-a3f8 --editor
  git pm issue edit pm-a3f8 --accept \"passes 100 times\" --path 'src/auth/**'")]
    Edit(Box<EditArgs>),
    #[command(visible_alias = "done")]
    Close(close::CloseArgs),
    /// Open closed issues again
    Reopen(ReopenArgs),
    /// Delete issues
    ///
    /// All of them in one commit. A tombstone remains, so that no clone brings them back; edges to
    /// them stay and hold nobody up.
    Delete(DeleteArgs),
    Ready(list::ReadyArgs),
    Blocked(list::BlockedArgs),
    Claim(update::ClaimArgs),
    Defer(update::DeferArgs),
    Undefer(update::UndeferArgs),
    #[command(subcommand)]
    Dep(dep::DepCommand),
    Children(list::ChildrenArgs),
    #[command(subcommand)]
    Label(label::LabelCommand),
    Comment(comment::CommentArgs),
    Comments(comment::CommentsArgs),
    #[command(subcommand)]
    Epic(epic::EpicCommand),
    #[command(subcommand)]
    Gate(gate::GateCommand),
    Search(list::SearchArgs),
    Count(look::CountArgs),
    Stale(look::StaleArgs),
    Orphans(look::OrphansArgs),
    Duplicates(look::DuplicatesArgs),
    Lint(look::LintArgs),
}

/// The surroundings of a verb of the group: how it answers.
pub struct Answer<'c> {
    /// The surroundings of every command.
    pub context: &'c Context,
    format: Option<Format>,
}

impl Answer<'_> {
    /// Whether beads' JSON is asked for.
    pub fn is_beads(&self) -> bool {
        self.format == Some(Format::Beads)
    }

    /// Prints JSON without an envelope.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn bare<T: Serialize>(&self, value: &T) -> Outcome {
        out::write_raw(&(json::Items::item(value)? + "\n"))?;
        Ok(Exit::DONE)
    }

    /// Answers with one item.
    ///
    /// # Errors
    /// When the answer cannot be made or written.
    pub fn one(&self, item: &ItemView, draw: impl FnOnce(&mut Page, &ItemView)) -> Outcome {
        if self.is_beads() {
            let records = self
                .context
                .pm()?
                .beads_records(std::slice::from_ref(item))?;
            return self.bare(&records.first());
        }
        self.context.answer(item, draw)
    }

    /// Answers with a list of items.
    ///
    /// # Errors
    /// When the answer cannot be made or written.
    pub fn many(&self, items: &[ItemView], draw: impl FnOnce(&mut Page, &[ItemView])) -> Outcome {
        if self.is_beads() {
            return self.bare(&self.context.pm()?.beads_records(items)?);
        }
        self.context.list(items, draw)
    }

    /// Answers with one sentence about each of some items.
    ///
    /// # Errors
    /// When the answer cannot be made or written.
    pub fn said(&self, what: &str, items: &[ItemView]) -> Outcome {
        if self.is_beads() {
            return self.many(items, |_, _| {});
        }
        items::said(self.context, what, items)
    }

    /// Answers with a list of something else.
    ///
    /// # Errors
    /// When the answer cannot be written.
    pub fn list<T: Serialize>(&self, items: &[T], draw: impl FnOnce(&mut Page, &[T])) -> Outcome {
        if self.is_beads() {
            return self.bare(&items);
        }
        self.context.list(items, draw)
    }
}

/// Runs a verb of the group.
///
/// # Errors
/// Whatever the verb reports.
pub fn run(context: &Context, args: IssueArgs) -> Outcome {
    context.ephemeral.set(args.output.ephemeral);
    let answer = &Answer {
        context,
        format: args.output.format,
    };
    match args.command {
        IssueCommand::Create(args) => create::run(answer, *args),
        IssueCommand::Q(args) => create::quick(answer, *args),
        IssueCommand::List(args) => list::list(answer, args),
        IssueCommand::Show(args) => list::show(answer, &args),
        IssueCommand::Update(args) => update::run(answer, *args),
        IssueCommand::Edit(args) => edit::run(context, *args),
        IssueCommand::Close(args) => close::run(answer, &args),
        IssueCommand::Reopen(args) => {
            let ids = items::ids(&args.ids)?;
            let items = context.pm()?.reopen_all(&ids, args.reason.as_deref())?;
            answer.said("Reopened", &items)
        }
        IssueCommand::Delete(args) => {
            let ids = items::ids(&args.ids)?;
            let items = context.pm()?.delete(&ids, &args.options())?;
            answer.said("Deleted", &items)
        }
        IssueCommand::Ready(args) => list::ready(answer, args),
        IssueCommand::Blocked(args) => list::blocked(answer, args),
        IssueCommand::Claim(args) => update::claim(answer, &args),
        IssueCommand::Defer(args) => update::defer(answer, &args),
        IssueCommand::Undefer(args) => update::undefer(answer, &args),
        IssueCommand::Dep(command) => dep::run(answer, &command),
        IssueCommand::Children(args) => list::children(answer, &args),
        IssueCommand::Label(command) => label::run(answer, &command),
        IssueCommand::Comment(args) => comment::add(answer, &args),
        IssueCommand::Comments(args) => comment::list(answer, &args),
        IssueCommand::Epic(command) => epic::run(answer, &command),
        IssueCommand::Gate(command) => gate::run(answer, &command),
        IssueCommand::Search(args) => list::search(answer, &args),
        IssueCommand::Count(args) => look::count(answer, args),
        IssueCommand::Stale(args) => look::stale(answer, args),
        IssueCommand::Orphans(_) => look::orphans(answer),
        IssueCommand::Duplicates(_) => look::duplicates(answer),
        IssueCommand::Lint(args) => look::lint(answer, &args),
    }
}

/// The table of some items, or a sentence when there are none.
pub fn table(page: &mut Page, items: &[ItemView], none: &str) {
    render::item::list(page, items, none);
}

/// Verbs of beads that are commands of their own here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("init", "git pm init"),
    ("sync", "git pm sync"),
    ("stats", "git pm stats"),
    ("status", "git pm status"),
    ("doctor", "git pm doctor"),
    ("import", "git pm import beads"),
    ("export", "git pm export beads"),
    ("graph", "git pm graph"),
    ("config", "git pm config"),
    ("version", "git pm --version"),
    ("help", "git pm issue --help"),
    ("info", "git pm status"),
    ("history", "git pm log"),
    ("worktree", "git pm worktree"),
    ("backup", "git pm backup"),
    ("hooks", "git pm hook"),
    ("duplicate", "git pm dep add ID OTHER --type duplicates"),
    ("supersede", "git pm dep add ID OTHER --type supersedes"),
    ("find-duplicates", "git pm suggest"),
    ("dolt", "git pm sync"),
    ("prime", "git pm"),
    ("onboard", "git pm help"),
    ("quickstart", "git pm help"),
    ("setup", "git pm init"),
];

/// Verbs that items have under their kind, typed as commands of their own.
const UNDER_A_KIND: &[(&str, &[&str])] = &[
    ("claim", &["git pm start ID", "git pm issue claim ID"]),
    (
        "comment",
        &[
            "git pm task comment ID TEXT",
            "git pm issue comment ID TEXT",
        ],
    ),
    (
        "create",
        &["git pm task create TITLE", "git pm issue create TITLE"],
    ),
    ("edit", &["git pm task edit ID", "git pm issue update ID"]),
    ("close", &["git pm task done ID", "git pm issue close ID"]),
    ("done", &["git pm task done ID", "git pm issue close ID"]),
    (
        "delete",
        &["git pm task delete ID", "git pm issue delete ID"],
    ),
];

/// The commands that have a verb, which is none by itself.
pub fn under_a_kind(verb: &str) -> &'static [&'static str] {
    let found = UNDER_A_KIND.iter().find(|(known, _)| *known == verb);
    found.map_or(&[], |(_, commands)| commands)
}

/// The command that does here what a verb of beads does there.
pub fn elsewhere(verb: &str) -> Option<&'static str> {
    let found = ELSEWHERE.iter().find(|(known, _)| *known == verb);
    found.map(|(_, command)| *command)
}
