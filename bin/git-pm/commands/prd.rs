//! `git pm prd`: requirements documents.

use git_pm::model::id::ItemKind;

use crate::commands::items::{self, CloseArgs, DeleteArgs, ReopenArgs};
use crate::commands::list::{self, ListArgs};
use crate::commands::show::{self, ShowArgs};
use crate::commands::task::create::{self, CreateArgs};
use crate::commands::task::edit::{self, EditArgs};
use crate::commands::task::moves::{self, CommentArgs};
use crate::context::Context;
use crate::failure::Outcome;

/// Write requirements documents, which epics implement
///
/// The text holds vision, stories, success criteria, constraints, assumptions and risks. An epic
/// is made part of it with `--parent`.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum PrdCommand {
    /// Create a requirements document
    #[command(after_help = "\
Example:
  git pm prd create \"Single sign-on\" --body - <prd.md")]
    Create(Box<CreateArgs>),
    /// List requirements documents
    ///
    /// `git pm help list` explains queries.
    #[command(after_help = "\
Examples:
  git pm prd list
  git pm prd list label:q3 --all --json")]
    List(ListArgs),
    /// Show everything about a requirements document
    #[command(after_help = "\
Examples:
  git pm prd show P-0001
  git pm prd show P-0001 --at yesterday")]
    Show(ShowArgs),
    /// Change the fields of a requirements document
    ///
    /// What is not named stays. Lists given here replace what it has, and an empty value clears a
    /// field or a list.
    #[command(after_help = "\
Examples:
  git pm prd edit P-0001 --title \"Log in with SSO or a key\" -p 0
  git pm prd edit P-0001 --editor")]
    Edit(Box<EditArgs>),
    /// Close requirements documents
    ///
    /// All of them in one commit. What has open children or waits for something open is closed with
    /// `--force` only.
    #[command(after_help = "\
Example:
  git pm prd close P-0001 --reason \"shipped with 2.0\"")]
    Close(CloseArgs),
    /// Open closed requirements documents again
    Reopen(ReopenArgs),
    /// Comment on a requirements document
    Comment(CommentArgs),
    /// Delete requirements documents
    ///
    /// All of them in one commit. A tombstone remains, so that no clone brings them back; edges to
    /// them stay and hold nobody up.
    Delete(DeleteArgs),
}

/// Runs a verb of the group.
///
/// # Errors
/// Whatever the verb reports.
pub fn run(context: &Context, command: PrdCommand) -> Outcome {
    match command {
        PrdCommand::Create(args) => create::run(context, ItemKind::Prd, *args),
        PrdCommand::List(args) => list::run(context, Some(ItemKind::Prd), args),
        PrdCommand::Show(args) => show::run(context, &args),
        PrdCommand::Edit(args) => edit::run(context, *args),
        PrdCommand::Close(args) => items::close(context, &args),
        PrdCommand::Reopen(args) => items::reopen(context, &args),
        PrdCommand::Comment(args) => moves::comment(context, &args),
        PrdCommand::Delete(args) => items::delete(context, &args),
    }
}
