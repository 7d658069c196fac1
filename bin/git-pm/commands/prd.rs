//! `git pm prd`: requirements documents.

use std::io::IsTerminal;

use git_pm::Error;
use git_pm::model::id::ItemKind;
use git_pm::model::text::escape_controls;
use git_pm::plan::Source;
use git_pm::plan::interview::QUESTIONS;

use crate::arguments::document::source;
use crate::arguments::fields::{CreateArgs, EditArgs};
use crate::arguments::item::{CloseArgs, CommentArgs, DeleteArgs, ReopenArgs, ShowArgs};
use crate::arguments::list::ListArgs;
use crate::commands::item::{close, comment, create, edit, list, show};
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::{stderr, stdout};
use crate::render;

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
    /// Add a document as it is, byte for byte
    ///
    /// A PRD, a technical specification or a debug investigation, as its words say; `--kind` knows
    /// better. A file that was added before and says the same is not added again.
    #[command(after_help = "\
Examples:
  git pm prd add docs/login.md
  git pm prd add notes/outage.md --kind debug-investigation")]
    Add(AddArgs),
    /// Write a requirements document by answering questions
    ///
    /// Vision, user stories, requirements, success criteria, constraints, assumptions, risks. Without
    /// a terminal, or with `--template`, it is a template to fill in.
    #[command(after_help = "\
Examples:
  git pm prd new \"Single sign-on\"
  git pm prd new \"Single sign-on\" --template && git pm prd edit P-0001 --editor")]
    New(NewArgs),
    /// List requirements documents
    ///
    /// `git pm help list` explains queries.
    #[command(after_help = "\
Examples:
  git pm prd list
  git pm prd list label:q3 --all --json")]
    List(ListArgs),
    /// Show everything about a requirements document, and what its text says
    ///
    /// Requirements, stories, acceptance, risks, assumptions, decisions, open questions and the rest,
    /// each with its lines; `--raw` prints the text alone, byte for byte.
    #[command(after_help = "\
Examples:
  git pm prd show P-0001
  git pm prd show P-0001 --at yesterday")]
    Show(PrdShowArgs),
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

/// Which file.
#[derive(clap::Args, Debug)]
pub struct AddArgs {
    /// A Markdown file.
    #[arg(value_name = "FILE")]
    pub file: String,
    /// What it is for.
    #[arg(long, value_name = "KIND", value_parser = ["prd", "tech-spec", "debug-investigation"])]
    pub kind: Option<String>,
}

/// How to begin.
#[derive(clap::Args, Debug)]
pub struct NewArgs {
    /// What it is about.
    #[arg(value_name = "TITLE")]
    pub title: String,
    /// Asks nothing.
    #[arg(long, alias = "no-llm")]
    pub template: bool,
}

/// What to show.
#[derive(clap::Args, Debug)]
pub struct PrdShowArgs {
    /// Which one.
    #[command(flatten)]
    pub show: ShowArgs,
    /// Prints the text alone, byte for byte; at a terminal, what that would obey is shown.
    #[arg(long, conflicts_with = "at")]
    pub raw: bool,
}

fn add(context: &Context, args: &AddArgs) -> Outcome {
    let source = source(&context.env.cwd, &args.file)?;
    let Source::File { path, bytes } = source else {
        return Err(Error::not_found(format!("there is no file `{}`", args.file)).into());
    };
    let added = context
        .pm()?
        .plans()
        .add_prd(&path, &bytes, args.kind.as_deref())?;
    context.answer(&added, |page, added| {
        let what = if added.created {
            "Added"
        } else {
            "Already here:"
        };
        render::item::said(page, what, &added.prd);
        page.next(&[
            &format!("git pm scope {}", added.prd.id),
            &format!("git pm plan new {}", added.prd.id),
        ]);
    })
}

fn new(context: &Context, args: &NewArgs) -> Outcome {
    let asks = context.env.interactive && !args.template && !context.globals.json;
    let answers: Vec<String> = match asks {
        true => QUESTIONS.iter().map(|q| stderr::ask_lines(q.ask)).collect(),
        false => Vec::new(),
    };
    let prd = context.pm()?.plans().new_prd(&args.title, &answers)?;
    context.answer(&prd, |page, prd| {
        render::item::said(page, "Made", prd);
        page.next(&[
            &format!("git pm prd edit {} --editor", prd.id),
            &format!("git pm plan new {}", prd.id),
        ]);
    })
}

fn show_prd(context: &Context, args: PrdShowArgs) -> Outcome {
    if args.show.at.is_some() {
        return show::run(context, &args.show);
    }
    let view = context.pm()?.plans().prd(&args.show.id)?;
    if args.raw {
        let body = view.prd.body.as_deref().unwrap_or_default();
        // What a terminal would obey is shown instead; a file or pipe gets every byte.
        match std::io::stdout().is_terminal() {
            true => stdout::write(&escape_controls(body))?,
            false => stdout::write(body)?,
        }
        return Ok(Exit::DONE);
    }
    context.paged(&view, render::prd::prd)
}

/// Runs a verb of the group.
///
/// # Errors
/// Whatever the verb reports.
pub fn run(context: &Context, command: PrdCommand) -> Outcome {
    match command {
        PrdCommand::Create(args) => create::run(context, ItemKind::Prd, *args),
        PrdCommand::List(args) => list::run(context, Some(ItemKind::Prd), args),
        PrdCommand::Add(args) => add(context, &args),
        PrdCommand::New(args) => new(context, &args),
        PrdCommand::Show(args) => show_prd(context, args),
        PrdCommand::Edit(args) => edit::run(context, *args),
        PrdCommand::Close(args) => close::close(context, &args),
        PrdCommand::Reopen(args) => close::reopen(context, &args),
        PrdCommand::Comment(args) => comment::comment(context, &args),
        PrdCommand::Delete(args) => close::delete(context, &args),
    }
}
