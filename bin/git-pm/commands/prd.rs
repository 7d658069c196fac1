//! `git pm prd`: requirements documents.

use std::io::IsTerminal;

use git_pm::items::ItemView;
use git_pm::plans::QUESTIONS;
use git_pm::runs::{Research, Runs};
use git_pm::text::escape_controls;
use git_pm::values::ItemKind;
use git_pm::verbs::item::{Comment, Create, Edit};
use git_pm::verbs::list::ListKind;
use git_pm::verbs::plan::AddDocument;
use git_pm::verbs::show::{ShowDocument, ShownDocument};
use git_pm::verbs::status::{Close, Delete, Reopen};

use crate::commands::item;
use crate::commands::with_agents::ResearchArgs;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::{stderr, stdout};
use crate::render;
use crate::render::page::Page;

group! {
    /// Manage requirements documents (PRDs), which epics implement
    ///
    /// The text contains the vision, stories, success criteria, constraints, assumptions and risks. Use
    /// `git pm epic create --parent` or `git pm epic edit --parent` to add an epic to a PRD.
    #[command(defer = true, disable_help_subcommand = true)]
    PrdCommand, run(context):
    /// Create a requirements document
    #[command(after_help = "\
Example:
  git pm prd create \"Single sign-on\" --body - <prd.md")]
    Create(args: Create) => item::create(context, ItemKind::Prd, args),
    Add(request: AddDocument) => add(context, request),
    /// Write a requirements document by answering questions
    ///
    /// Asks for vision, user stories, requirements, success criteria, constraints, assumptions and
    /// risks. Without a terminal, or with `--template`, creates a template to fill in. With `--with`,
    /// agents research what the repository and others know about it: a comment of notes with their
    /// sources, none of which is a requirement.
    #[command(after_help = "\
Examples:
  git pm prd new \"Single sign-on\"
  git pm prd new \"Single sign-on\" --with claude --budget 1usd
  git pm prd new \"Single sign-on\" --template && git pm prd edit P-0001 --editor")]
    New {
        /// Title.
        title: String,
        /// Create a template without asking questions.
        #[arg(long, alias = "no-llm")]
        template: bool,
        #[command(flatten)]
        agents: ResearchArgs,
    } => new(context, &title, template, &agents),
    /// List requirements documents
    ///
    /// `git pm help list` describes queries.
    #[command(after_help = "\
Examples:
  git pm prd list
  git pm prd list label:q3 --all --json")]
    List(args: ListKind) => item::list::run(context, ItemKind::Prd, &args.list),
    Show(request: ShowDocument) => show(context, request),
    /// Change the fields of a requirements document
    ///
    /// Fields that are not given stay unchanged. Options such as `--accept` add to a list;
    /// an empty value clears a field or a list.
    #[command(after_help = "\
Examples:
  git pm prd edit P-0001 --title \"Log in with SSO or a key\" -p 0
  git pm prd edit P-0001 --editor")]
    Edit(args: Edit) => item::edit(context, args),
    /// Close requirements documents
    ///
    /// Closes all of them in one commit. Documents that have open children or wait for open items
    /// require `--force`.
    #[command(after_help = "\
Example:
  git pm prd close P-0001 --reason \"shipped with 2.0\"")]
    Close(args: Close) => item::changes(context, "Closed", args),
    /// Reopen closed requirements documents
    Reopen(args: Reopen) => item::changes(context, "Reopened", args),
    /// Comment on a requirements document
    Comment(args: Comment) => item::change(context, "Commented on", args),
    /// Delete requirements documents
    ///
    /// Deletes all of them in one commit. A tombstone remains, so that no clone restores them;
    /// edges to them remain but block nothing.
    Delete(args: Delete) => item::changes(context, "Deleted", args),
}

fn add(context: &Context, request: AddDocument) -> Outcome {
    context.shown(request, |page, added| {
        let what = match added.created {
            true => "Added",
            false => "Already added:",
        };
        render::item::summary(page, what, &added.prd);
        page.next(&[
            &format!("git pm scope {}", added.prd.id),
            &format!("git pm plan new {}", added.prd.id),
        ]);
    })
}

fn new(context: &Context, title: &str, template: bool, agents: &ResearchArgs) -> Outcome {
    let answers: Vec<String> = match context.asks() && !template {
        true => QUESTIONS.iter().map(|q| stderr::ask_lines(q.ask)).collect(),
        false => Vec::new(),
    };
    // An agent that cannot be asked leaves no document behind.
    let asked = agents
        .is_given()
        .then(|| agents.asked(context))
        .transpose()?;
    if let Some((withs, options)) = &asked {
        context.pm()?.runs().require_agents(withs, options)?;
    }
    let prd = context.pm()?.plans().new_prd(title, &answers)?;
    let created = |page: &mut Page, prd: &ItemView| {
        render::item::summary(page, "Created", prd);
        page.next(&[
            &format!("git pm prd edit {} --editor", prd.id),
            &format!("git pm plan new {}", prd.id),
        ]);
    };
    let Some(asked) = asked else {
        return context.answer(&prd, created);
    };
    let research = |runs: Runs<'_>, research: Research<'_>| {
        let done = runs.research_document(&prd.id, research);
        done.map_err(|error| error.hint(format!("{} was created, without notes", prd.id)))
    };
    agents.research(context, &asked, research, created)
}

fn show(context: &Context, request: ShowDocument) -> Outcome {
    let raw = request.raw;
    let view = match context.verb(request)? {
        ShownDocument::Prd(view) => view,
        ShownDocument::At(item) => return context.paged(&*item, render::diff::item_at),
    };
    if raw {
        let body = view.prd.body.as_deref().unwrap_or_default();
        // Control characters are escaped at a terminal; a file or pipe gets every byte.
        match std::io::stdout().is_terminal() {
            true => stdout::write(&escape_controls(body))?,
            false => stdout::write(body)?,
        }
        return Ok(Exit::DONE);
    }
    context.paged(&*view, render::prd::prd)
}
