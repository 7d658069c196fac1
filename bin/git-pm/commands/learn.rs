//! `git pm learn`: patterns, gotchas and decisions.

use std::path::PathBuf;

use git_pm::Result;
use git_pm::error::Kind;
use git_pm::learnings::{
    LearningFields, LearningFilter, LearningKind, LearningSearch, LearningStatus,
};
use git_pm::trackers::{ImportOptions, NoteLayout};
use git_pm::verbs::unchanged;

use crate::arguments::stdin::{file_or_stdin, text_or_stdin};
use crate::arguments::values::{Words, limit};
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
    Add(AddArgs),
    List(ListArgs),
    /// Show a learning with its texts, uses and votes
    Show {
        /// Learning ID.
        id: String,
    },
    Edit(EditArgs),
    Search(SearchArgs),
    /// Record that a learning was used
    #[command(after_help = "\
Example:
  git pm learn use L-k3f9a2 --item T-0012")]
    Use {
        /// Learning ID.
        id: String,
        /// Item that it was used for.
        #[arg(long, value_name = "ID")]
        item: Option<String>,
    },
    /// Vote on whether a learning was useful
    ///
    /// The last vote of each actor counts. A learning with more votes against it than for it is
    /// listed as stale, and `start` no longer shows it.
    #[command(after_help = "\
Examples:
  git pm learn vote L-k3f9a2 useful --item T-0012
  git pm learn vote L-k3f9a2 not-useful")]
    Vote {
        /// Learning ID.
        id: String,
        /// The vote.
        #[arg(value_parser = ["useful", "not-useful"])]
        vote: String,
        /// Item for which it was useful, or not.
        #[arg(long, value_name = "ID")]
        item: Option<String>,
    },
    /// Accept a draft
    Accept {
        /// Learning ID.
        id: String,
    },
    /// Delete a learning
    ///
    /// A tombstone remains, so that no clone restores it; `git pm undo` reverts the deletion.
    /// `git pm learn edit ID --status retired` keeps it, but hides it from lists and searches.
    Delete {
        /// Learning ID.
        id: String,
        /// Reason to record.
        #[arg(long, value_name = "R")]
        reason: Option<String>,
    },
    /// Draft learnings from the work on an item
    ///
    /// Collects what happened to the item (it was reopened, blocked, dropped, in conflict or late,
    /// or had bugs), the comments, the evidence for its acceptance criteria and the files it
    /// changed. Drafts a gotcha if the item is a bug, if it had trouble or if a comment says what
    /// was learned; a decision if the handoff or a comment records one; otherwise a pattern.
    /// `search` and `start` leave drafts out.
    #[command(after_help = "\
Examples:
  git pm learn draft T-0012 --dry-run
  git pm learn draft T-0012
  git pm learn edit L-k3f9a2 --editor
  git pm learn accept L-k3f9a2

Exits with 1 if the item was never started and there is nothing to draft from.")]
    Draft {
        /// Item ID; by default the item whose branch is checked out.
        id: Option<String>,
        /// Show what would be drafted.
        #[arg(long)]
        dry_run: bool,
    },
    /// Check whether the work on an item is documented
    ///
    /// Requires a learning of any kind from the item (or `learn none`); also a gotcha if the item
    /// is a bug or had trouble, and a decision and a change to the project context if a label marks
    /// the item as architectural (`architecture`, `adr`).
    #[command(after_help = "\
Example:
  git pm learn check T-0012

Exits with 1 if something is missing.")]
    Check {
        /// Item ID; by default the item whose branch is checked out.
        id: Option<String>,
    },
    /// Record that an item taught nothing worth keeping
    ///
    /// `git pm learn check` then requires no learning of it.
    #[command(after_help = "\
Example:
  git pm learn none T-0012 --reason \"routine upgrade\"")]
    None {
        /// Item ID; by default the item whose branch is checked out.
        id: Option<String>,
        /// Reason to record.
        #[arg(long, value_name = "R")]
        reason: Option<String>,
    },
    /// Measure how learnings are used
    ///
    /// Counts learnings, uses and votes by kind. The hit rate is the share of accepted learnings
    /// that were used or found useful.
    Stats,
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

Exits with 8 if a learning was skipped.")]
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

/// Add a learning
///
/// Its source is the item whose branch is checked out and the commit at HEAD, unless `--item` and
/// `--commit` say otherwise. Texts that seem to contain a secret are rejected.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm learn add \"The linker runs out of memory\" --tag ci --path 'build/**' \\
      --symptom \"signal 9 in the link step\" --body \"Two links run at once. Use -j1.\"
  git pm learn add \"One queue per tenant\" --context \"…\" --decision \"…\" --consequences \"…\"
  git pm learn add \"Retry with jitter\" --kind pattern --body - <notes.md")]
pub struct AddArgs {
    /// Title, in one line.
    pub title: String,
    #[command(flatten)]
    pub fields: FieldArgs,
    /// Add it as a draft, to be accepted.
    #[arg(long)]
    pub draft: bool,
}

/// Change a learning's fields
///
/// Fields that are not given stay unchanged. Options such as `--tag` replace the whole list; an
/// empty value clears a field or a list.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm learn edit L-k3f9a2 --tag ci --tag linker
  git pm learn edit L-k3f9a2 --editor
  git pm learn edit L-k3f9a2 --status retired")]
pub struct EditArgs {
    /// Learning ID.
    pub id: String,
    /// New title.
    #[arg(long, value_name = "T")]
    pub title: Option<String>,
    #[command(flatten)]
    pub fields: FieldArgs,
    /// New status.
    #[arg(long, value_name = "S", value_parser = Words(LearningStatus::VOCABULARY.words))]
    pub status: Option<String>,
}

/// The fields that can be set when a learning is added or edited.
#[derive(clap::Args, Debug)]
pub struct FieldArgs {
    /// Kind; by default, a new learning is a decision with `--decision`, otherwise a gotcha.
    #[arg(long, value_name = "K", value_parser = Words(LearningKind::VOCABULARY.words))]
    pub kind: Option<String>,
    /// Text in Markdown; `-` reads standard input.
    #[arg(long, value_name = "TEXT")]
    pub body: Option<String>,
    /// File with the text; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "body")]
    pub body_file: Option<PathBuf>,
    /// Write the text in git's editor.
    #[arg(long, conflicts_with_all = ["body", "body_file"])]
    pub editor: bool,
    /// Tag (repeatable).
    #[arg(short, long, value_name = "T")]
    pub tag: Option<Vec<String>>,
    /// Pattern of paths that it is about (repeatable).
    #[arg(long, value_name = "GLOB")]
    pub path: Option<Vec<String>>,
    /// Situation that it applies in (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub applies_when: Option<Vec<String>>,
    /// Symptom by which it is recognized (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub symptom: Option<Vec<String>>,
    /// Context of a decision, in Markdown.
    #[arg(long, value_name = "TEXT")]
    pub context: Option<String>,
    /// The decision, in Markdown.
    #[arg(long, value_name = "TEXT")]
    pub decision: Option<String>,
    /// Consequences of the decision, in Markdown.
    #[arg(long, value_name = "TEXT")]
    pub consequences: Option<String>,
    /// Item that it comes from.
    #[arg(long, value_name = "ID")]
    pub item: Option<String>,
    /// Commit that it comes from.
    #[arg(long, value_name = "REV")]
    pub commit: Option<String>,
    /// Learning that it replaces (repeatable).
    #[arg(long, value_name = "ID")]
    pub supersedes: Option<Vec<String>>,
    /// Learning that it contradicts (repeatable).
    #[arg(long, value_name = "ID")]
    pub contradicts: Option<Vec<String>>,
}

/// The learnings to list or search.
#[derive(clap::Args, Debug)]
pub struct FilterArgs {
    /// Filter by kind.
    #[arg(long, value_name = "K", value_parser = Words(LearningKind::VOCABULARY.words))]
    pub kind: Option<String>,
    /// Filter by tag (repeatable).
    #[arg(short, long, value_name = "T")]
    pub tag: Vec<String>,
    /// Filter by paths that overlap a pattern (repeatable).
    #[arg(long, value_name = "GLOB")]
    pub path: Vec<String>,
    /// Filter by item.
    #[arg(long, value_name = "ID")]
    pub item: Option<String>,
    /// Filter by status.
    #[arg(long, value_name = "S", value_parser = Words(LearningStatus::VOCABULARY.words))]
    pub status: Option<String>,
}

/// List learnings, newest first
///
/// Leaves out retired and superseded learnings. A learning is stale if a newer one replaces it, or
/// if more actors voted against it than for it.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm learn list --kind gotcha --path src/auth.rs
  git pm learn list --stale
  git pm learn list --status draft")]
pub struct ListArgs {
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Only learnings that are stale or contradict another.
    #[arg(long)]
    pub stale: bool,
    /// Include retired and superseded learnings.
    #[arg(long)]
    pub all: bool,
    /// Maximum number of learnings; 0 for all.
    #[arg(long, value_name = "N", value_parser = limit)]
    pub limit: Option<usize>,
}

/// Search learnings, best match first
///
/// Titles and symptoms carry the most weight. Word endings do not matter (`crashes` finds
/// `crashed`). Learnings that contain all words come first, then those that contain the most important
/// of them; superseded learnings come last. At most two learnings that contain none of the words
/// but resemble the best ones are added, marked as related.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm learn search link step killed by signal 9
  git pm learn search '\"signal 9\"' --path 'build/**'
  git pm learn search retr* -- -http")]
pub struct SearchArgs {
    /// Words; `"two words"` matches a phrase, `begin*` a prefix, `-word` excludes a word.
    #[arg(value_name = "WORD", required = true)]
    pub words: Vec<String>,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Include drafts and retired learnings.
    #[arg(long)]
    pub all: bool,
    /// Maximum number of learnings; 0 for all. The default is 10.
    #[arg(long, value_name = "N", value_parser = limit)]
    pub limit: Option<usize>,
}

impl FilterArgs {
    fn filter(self) -> Result<LearningFilter> {
        Ok(LearningFilter {
            kind: self.kind.as_deref().map(str::parse).transpose()?,
            tags: self.tag,
            paths: self.path,
            item: self.item,
            status: self.status.as_deref().map(str::parse).transpose()?,
            ..LearningFilter::default()
        })
    }
}

impl FieldArgs {
    /// The fields, with the text from where it was to be read; `before` is the text to edit.
    fn fields(
        self,
        context: &Context,
        before: impl Fn() -> Result<String>,
    ) -> Result<LearningFields> {
        let body = match (&self.body, &self.body_file) {
            (Some(text), _) => Some(text_or_stdin(text)?),
            (_, Some(file)) => Some(file_or_stdin(file)?),
            _ if self.editor => Some(editor::edited(context, &before()?)?),
            _ => None,
        };
        Ok(LearningFields {
            kind: self.kind.as_deref().map(str::parse).transpose()?,
            body,
            tags: self.tag,
            paths: self.path,
            applies_when: self.applies_when,
            symptoms: self.symptom,
            context: self.context,
            decision: self.decision,
            consequences: self.consequences,
            item: self.item,
            commit: self.commit,
            supersedes: self.supersedes,
            contradicts: self.contradicts,
            ..LearningFields::default()
        })
    }
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: LearnCommand) -> Outcome {
    let learnings = context.pm()?.learnings();
    let (verb, changed) = match command {
        LearnCommand::Add(args) => {
            let mut new = args.fields.fields(context, || Ok(String::new()))?;
            new.title = Some(args.title);
            new.status = args.draft.then_some(LearningStatus::Draft);
            ("Added", learnings.add(&new)?)
        }
        LearnCommand::Edit(args) => {
            let before = || Ok(learnings.show(&args.id)?.body);
            let mut fields = args.fields.fields(context, before)?;
            fields.title = args.title;
            fields.status = args.status.as_deref().map(str::parse).transpose()?;
            if fields == LearningFields::default() {
                return Err(unchanged().hint("`--editor` edits the text").into());
            }
            ("Changed", learnings.edit(&args.id, &fields)?)
        }
        LearnCommand::Accept { id } => ("Accepted", learnings.accept(&id)?),
        LearnCommand::Delete { id, reason } => {
            ("Deleted", learnings.delete(&id, reason.as_deref())?)
        }
        LearnCommand::Use { id, item } => (
            "Recorded a use of",
            learnings.record_use(&id, item.as_deref())?,
        ),
        LearnCommand::Vote { id, vote, item } => {
            let useful = vote == "useful";
            ("Voted on", learnings.vote(&id, useful, item.as_deref())?)
        }
        LearnCommand::List(args) => {
            let filter = LearningFilter {
                stale: args.stale,
                all: args.all,
                limit: args.limit,
                ..args.filter.filter()?
            };
            let found = learnings.list(&filter)?;
            return context.paged_list(&found, render::learn::list);
        }
        LearnCommand::Search(args) => {
            let filter = LearningFilter {
                all: args.all,
                limit: args.limit,
                ..args.filter.filter()?
            };
            let hits = learnings.search(&args.words.join(" "), &LearningSearch { filter })?;
            return context.list(&hits, render::learn::hits);
        }
        LearnCommand::Show { id } => {
            return context.paged(&learnings.show(&id)?, render::learn::full);
        }
        LearnCommand::Draft { id, dry_run } => {
            let drafted = learnings.draft(id.as_deref(), dry_run)?;
            return context.answer(&drafted, render::memory::drafted);
        }
        LearnCommand::Check { id } => {
            let found = context.pm()?.memory().documentation(id.as_deref())?;
            context.answer(&found, render::memory::documentation)?;
            return Ok(Exit::of_if(!found.complete, Kind::Refused));
        }
        LearnCommand::None { id, reason } => {
            let item = learnings.none(id.as_deref(), reason.as_deref())?;
            return context.summary("Nothing learned from", &item);
        }
        LearnCommand::Stats => {
            return context.answer(&learnings.stats()?, render::learn::stats);
        }
        LearnCommand::Import { path, dry_run } => {
            let report = learnings.import(&path, &ImportOptions { dry_run })?;
            context.answer(&report, render::import_export::imported)?;
            return Ok(Exit::of_if(!report.skipped.is_empty(), Kind::Partial));
        }
        LearnCommand::Export { folder, layout } => {
            let layout = match layout.as_str() {
                "zettel" => NoteLayout::Zettel,
                _ => NoteLayout::ByType,
            };
            let report = learnings.export(&folder, layout)?;
            return context.answer(&report, render::import_export::folder);
        }
    };
    context.answer(&changed, |page, learning| {
        render::learn::done(page, verb, &learning.learning);
    })
}
