//! `git pm learn`: patterns, gotchas and decisions, and whether work has something to teach.

use std::path::PathBuf;

use git_pm::error::Kind;
use git_pm::trackers::NoteLayout;
use git_pm::verbs::learn::{
    AcceptDraft, AddLearning, DeleteLearning, DraftLearnings, EditLearning, LearnStats,
    ListLearnings, NothingLearned, SearchLearnings, ShowLearning, UseLearning, VoteOnLearning,
};

use super::import;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::{editor, render};

/// Keep what was learned: patterns, gotchas, decisions
///
/// A pattern is a way of doing things that works, a gotcha is a problem that is not obvious, and a
/// decision is a choice with its context and consequences. `git pm start` shows the learnings about
/// the item's paths. An ID is `L-` followed by the last characters of the learning's unique ID,
/// such as L-k3f9a2; a longer suffix is accepted, too.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum LearnCommand {
    Add(AddLearning),
    List(ListLearnings),
    Show(ShowLearning),
    Edit(EditLearning),
    Search(SearchLearnings),
    Use(UseLearning),
    Vote(VoteOnLearning),
    Accept(AcceptDraft),
    Delete(DeleteLearning),
    Draft(DraftLearnings),
    None(NothingLearned),
    Stats(LearnStats),
    /// Import learnings from another repository, or from a folder of exported files
    ///
    /// PATH is a repository in which git pm is set up, whose accepted learnings are read from its
    /// state, or a folder that `git pm learn export` wrote. Each learning keeps its unique ID, so
    /// it is imported only once, even if it comes from both. The import can be run again: changes
    /// since the last import are merged field by field with local changes, and nothing is deleted.
    /// Items, commits, uses and votes are not imported. Learnings that seem to contain a secret,
    /// that exceed a limit of `git pm learn add`, or that have the same unique ID as an earlier
    /// file are skipped.
    #[command(after_help = "\
Examples:
  git pm learn import ../other-project
  git pm learn import notes --dry-run

Exits with 8 if a learning was skipped, unless the one here is newer.")]
    Import {
        /// Repository or folder.
        path: PathBuf,
        /// Show what would be imported.
        #[arg(long)]
        dry_run: bool,
    },
    /// Export learnings as Markdown files
    ///
    /// The layout `md` has the folders learnings/patterns, learnings/gotchas and
    /// learnings/decisions. The layout `zettel` has all notes in one folder, each with date, type,
    /// tags and links in its front matter, and [[wikilinks]] to related notes below its text.
    #[command(after_help = "\
Examples:
  git pm learn export notes
  git pm learn export ~/vault/project --layout zettel")]
    Export {
        /// New or empty folder.
        folder: PathBuf,
        /// Layout of the files.
        #[arg(long, value_name = "L", default_value = "md", value_parser = ["md", "zettel"])]
        layout: String,
    },
}

/// True if `learn draft` may find something in the work on an item.
pub fn teaches(context: &Context, id: &str) -> bool {
    let drafted = context
        .pm()
        .and_then(|pm| pm.learnings().draft(Some(id), true));
    drafted.map_or(true, |found| !found.drafts.is_empty())
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: LearnCommand) -> Outcome {
    let mut written = String::new();
    let (verb, changed) = match command {
        LearnCommand::Add(mut args) => {
            if args.typed.editor {
                written = editor::edited(context, "")?;
                args.typed.fields.body = Some(written.clone());
            }
            let added = context.verb(args);
            let kept = |error| editor::keep(context, ["learn-edit", "new"], &written, error);
            ("Added", added.map_err(kept)?)
        }
        LearnCommand::Edit(mut args) => {
            if args.typed.editor {
                let before = context.pm()?.learnings().show(&args.id)?.body;
                written = editor::edited(context, &before)?;
                args.typed.fields.body = Some(written.clone());
            }
            let id = args.id.clone();
            let changed = context.verb(args);
            let kept = |error| editor::keep(context, ["learn-edit", &id], &written, error);
            let changed = changed.map_err(kept)?;
            (context.edited("Changed"), changed)
        }
        LearnCommand::Accept(args) => ("Accepted", context.verb(args)?),
        LearnCommand::Delete(args) => ("Deleted", context.verb(args)?),
        LearnCommand::Use(args) => ("Recorded a use of", context.verb(args)?),
        LearnCommand::Vote(args) => ("Voted on", context.verb(args)?),
        LearnCommand::List(args) => return context.listed_paged(args, render::learn::list),
        LearnCommand::Search(args) => return context.listed(args, render::learn::hits),
        LearnCommand::Show(args) => return context.shown_paged(args, render::learn::full),
        LearnCommand::Draft(args) => return context.shown(args, render::memory::drafted),
        LearnCommand::None(args) => {
            return context.summary("Nothing learned from", &context.verb(args)?);
        }
        LearnCommand::Stats(args) => return context.shown(args, render::learn::stats),
        LearnCommand::Import { path, dry_run } => {
            let learnings = context.pm()?.learnings();
            let report = learnings.import(&path, &import::dry(dry_run))?;
            context.answer(&report, render::import_export::imported)?;
            return Ok(Exit::of_if(report.is_partial(), Kind::Partial));
        }
        LearnCommand::Export { folder, layout } => {
            let layout = match layout.as_str() {
                "zettel" => NoteLayout::Zettel,
                _ => NoteLayout::ByType,
            };
            let report = context.pm()?.learnings().export(&folder, layout)?;
            return context.answer(&report, render::import_export::folder);
        }
    };
    context.answer(&changed, |page, learning| {
        render::learn::done(page, verb, &learning.learning);
    })
}
