//! `git pm learn`: patterns, gotchas and decisions, and whether work has something to teach.

use std::path::PathBuf;

use git_pm::error::Kind;
use git_pm::learnings::FullLearning;
use git_pm::trackers::NoteLayout;
use git_pm::verbs::learn::{
    AcceptDraft, AddLearning, DeleteLearning, DraftLearnings, EditLearning, LearnStats,
    ListLearnings, NothingLearned, SearchLearnings, ShowLearning, UseLearning, VoteOnLearning,
};

use super::import;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::{editor, render};

group! {
    /// Keep what was learned: patterns, gotchas, decisions
    ///
    /// A pattern is a way of doing things that works, a gotcha is a problem that is not obvious, and a
    /// decision is a choice with its context and consequences. `git pm start` shows the learnings about
    /// the item's paths. An ID is `L-` followed by the last characters of the learning's unique ID,
    /// such as L-k3f9a2; a longer suffix is accepted, too.
    #[command(defer = true, disable_help_subcommand = true)]
    LearnCommand, run(context):
    Add(args: AddLearning) => {
        let (mut args, mut text) = (args, String::new());
        if args.typed.editor {
            text = editor::edited(context, "")?;
            args.typed.fields.body = Some(text.clone());
        }
        let kept = |error| editor::keep(context, ["learn-edit", "new"], &text, error);
        written(context, "Added", &context.verb(args).map_err(kept)?)
    },
    List(args: ListLearnings) => context.listed_paged(args, render::learn::list),
    Show(args: ShowLearning) => context.shown_paged(args, render::learn::full),
    Edit(args: EditLearning) => {
        let (mut args, mut text) = (args, String::new());
        if args.typed.editor {
            let before = context.pm()?.learnings().show(&args.id)?.body;
            text = editor::edited(context, &before)?;
            args.typed.fields.body = Some(text.clone());
        }
        let id = args.id.clone();
        let kept = |error| editor::keep(context, ["learn-edit", &id], &text, error);
        let changed = context.verb(args).map_err(kept)?;
        written(context, context.edited("Changed"), &changed)
    },
    Search(args: SearchLearnings) => context.listed(args, render::learn::hits),
    Use(args: UseLearning) => written(context, "Recorded a use of", &context.verb(args)?),
    Vote(args: VoteOnLearning) => written(context, "Voted on", &context.verb(args)?),
    Accept(args: AcceptDraft) => written(context, "Accepted", &context.verb(args)?),
    Delete(args: DeleteLearning) => written(context, "Deleted", &context.verb(args)?),
    Draft(args: DraftLearnings) => context.shown(args, render::memory::drafted),
    None(args: NothingLearned) => context.summary("Nothing learned from", &context.verb(args)?),
    Stats(args: LearnStats) => context.shown(args, render::learn::stats),
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
    } => {
        let learnings = context.pm()?.learnings();
        let report = learnings.import(&path, &import::dry(dry_run))?;
        context.answer(&report, render::import_export::imported)?;
        Ok(Exit::of_if(report.is_partial(), Kind::Partial))
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
    } => {
        let layout = match layout.as_str() {
            "zettel" => NoteLayout::Zettel,
            _ => NoteLayout::ByType,
        };
        let report = context.pm()?.learnings().export(&folder, layout)?;
        context.answer(&report, render::import_export::folder)
    },
}

/// True if `learn draft` may find something in the work on an item.
pub fn teaches(context: &Context, id: &str) -> bool {
    let drafted = context
        .pm()
        .and_then(|pm| pm.learnings().draft(Some(id), true));
    drafted.map_or(true, |found| !found.drafts.is_empty())
}

fn written(context: &Context, said: &str, learning: &FullLearning) -> Outcome {
    context.answer(learning, |page, learning| {
        render::learn::done(page, said, &learning.learning);
    })
}
