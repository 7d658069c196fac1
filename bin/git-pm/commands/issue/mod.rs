//! `git pm issue`: issues as beads has them, with beads' verbs and flags.

use clap::{Args, Subcommand};

use self::answer::{Answer, Format};
use crate::arguments::fields::EditArgs;
use crate::arguments::item::{DeleteArgs, ReopenArgs};
use crate::arguments::stdin::ids;
use crate::commands::item::edit;
use crate::context::Context;
use crate::failure::Outcome;

mod answer;
pub mod close;
mod comment;
pub mod create;
mod dep;
mod epic;
mod gate;
mod inspect;
mod label;
pub mod list;
pub mod update;

/// Track issues as beads does: hash ids, typed edges, gates
///
/// Any clone can create issues at any time, even offline, because their ids are hashes. The
/// commands and options are those of beads, so beads users can set `alias bd='git pm issue'`;
/// git-pm-beads(7) lists the differences and has a `bd` program for agents and scripts. These
/// commands list only issues; `git pm ready`, `blocked`, `next` and `search` cover all kinds of
/// items.
#[derive(Args, Debug)]
#[command(
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct IssueArgs {
    /// The command to run.
    #[command(subcommand)]
    pub command: IssueCommand,
    /// The options of all issue commands.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The selection of issues and the output format of all issue commands.
#[derive(Args, Debug)]
pub struct OutputArgs {
    /// Output JSON in this format, without an envelope.
    #[arg(
        long,
        value_name = "SHAPE",
        global = true,
        help_heading = "Issue options"
    )]
    pub format: Option<Format>,
    /// Use this clone's ephemeral issues, which are never synced or offered as work.
    #[arg(long, global = true, help_heading = "Issue options")]
    pub ephemeral: bool,
    /// Accepted for scripts written for beads; has no effect.
    #[arg(long, global = true, hide = true, alias = "allow-stale")]
    pub no_daemon: bool,
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
    /// Change an issue's fields, or its text in the editor
    ///
    /// The fields have the same names as for other kinds of items; `update` has those of beads.
    #[command(after_help = "\
Examples:
  git pm issue edit pm-a3f8 --editor
  git pm issue edit pm-a3f8 --accept \"passes 100 times\" --path 'src/auth/**'")]
    Edit(Box<EditArgs>),
    #[command(visible_alias = "done")]
    Close(close::CloseArgs),
    /// Reopen closed issues
    Reopen(ReopenArgs),
    /// Delete issues
    ///
    /// Deletes all of them in one commit. A tombstone remains, so that no clone restores them;
    /// edges to them remain but block nothing.
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
    Count(inspect::CountArgs),
    Stale(inspect::StaleArgs),
    Orphans(inspect::OrphansArgs),
    Duplicates(inspect::DuplicatesArgs),
    Lint(inspect::LintArgs),
}

/// Runs a verb of the group.
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
            let ids = ids(&args.ids)?;
            let items = context
                .pm()?
                .issues()
                .reopen(&ids, args.reason.as_deref())?;
            answer.summaries("Reopened", &items)
        }
        IssueCommand::Delete(args) => {
            let ids = ids(&args.ids)?;
            let items = context.pm()?.issues().delete(&ids, &args.options())?;
            answer.summaries("Deleted", &items)
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
        IssueCommand::Count(args) => inspect::count(answer, args),
        IssueCommand::Stale(args) => inspect::stale(answer, args),
        IssueCommand::Orphans(_) => inspect::orphans(answer),
        IssueCommand::Duplicates(_) => inspect::duplicates(answer),
        IssueCommand::Lint(args) => inspect::lint(answer, &args),
    }
}
