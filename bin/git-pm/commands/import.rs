//! `git pm import`.

use std::path::{Path, PathBuf};

use git_pm::error::Kind;
use git_pm::trackers::{ImportFrom, ImportOptions, Tracker};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Import items from another tracker
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum ImportCommand {
    /// Import issues from beads
    ///
    /// Imports beads' JSON Lines (`.beads/issues.jsonl`) in all its dialects, or the tables of
    /// `.beads/backup`, in one commit, without `bd`. Every record becomes an issue with its own ID,
    /// comments and edges; unknown data is stored with it, so that `git pm export beads` reproduces
    /// the file byte for byte. If there are no issues and no `pm.issuePrefix` yet, new issues use
    /// the prefix of the file's IDs, because beads rejects files with two prefixes.
    ///
    /// Can be run again: changes since the last import are merged field by field with local
    /// changes, older records are skipped, and issues that the file lacks are kept. An issue that the
    /// source deleted is deleted here, and so is a comment that the file had when it was imported
    /// here last; the report says so. Two clones that import the same file have the same issues
    /// after a sync. Edges to missing issues and duplicate IDs are kept
    /// and reported.
    #[command(after_help = "\
Examples:
  git pm import beads                        .beads/issues.jsonl of this worktree
  git pm import beads --dry-run old.jsonl
  git pm import beads .beads/backup          the dumped tables
  bd export | git pm import beads -

Exits with 8 if a record was skipped, unless the version here is newer; the report gives its line
and the reason.")]
    Beads {
        /// JSON Lines file or folder of dumped tables; `-` reads standard input. By default
        /// .beads/issues.jsonl, else .beads/beads.jsonl.
        file: Option<PathBuf>,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// Import tasks from Backlog.md
    ///
    /// Reads the folder `backlog` or `.backlog` of the worktree, or PATH. Tasks, drafts, and
    /// completed and archived tasks become tasks, also those in folders below; milestones become
    /// epics. The report lists all other files and fields. Statuses, dependencies,
    /// acceptance criteria, comments, assignees, labels and files are imported. If there are
    /// several assignees, the first is used and the report names the others; the board order
    /// (`ordinal`) is ignored.
    ///
    /// Can be run again: changes since the last import are merged field by field with local
    /// changes, and nothing is deleted. An unknown status becomes queued with the label
    /// `import-status:…`.
    #[command(after_help = "\
Examples:
  git pm import backlog --dry-run
  git pm import backlog ../other/backlog
  git pm import backlog - <task.md")]
    Backlog(ProjectArgs),
    /// Import tasks from task-master
    ///
    /// Reads `.taskmaster/tasks/tasks.json` or `tasks/tasks.json` of the worktree, or PATH, with or
    /// without tags. Tasks of tags other than `master` get the label `tag:…`; subtasks become
    /// children of their tasks.
    ///
    /// Can be run again: changes since the last import are merged field by field with local
    /// changes, and nothing is deleted. An unknown status becomes queued with the label
    /// `import-status:…`.
    #[command(after_help = "\
Examples:
  git pm import taskmaster
  git pm import taskmaster - <tasks.json")]
    Taskmaster(ProjectArgs),
    /// Import tasks from a CSV file: of Jira, Linear or a spreadsheet
    ///
    /// Reads a file of comma-separated values in UTF-8; semicolons and tabs are recognized. The first line
    /// names the columns: those of the exports of Jira and Linear, or `Title`, `ID`, `Status`, `Type`,
    /// `Priority`, `Assignee`, `Reporter`, `Labels`, `Due date`, `Parent`, `Blocked by`, `Estimate`,
    /// `Description`, `URL` and their like; case, blanks and punctuation do not matter. Epics become epics,
    /// all other lines tasks. Sprints, components, versions, milestones and projects become labels
    /// (`sprint:…`). Cells of other columns are kept with the raw record, and the report counts them.
    ///
    /// Can be run again: a line is known by its ID, without one by its URL or its title. Changes since the
    /// last import are merged field by field with local changes, and nothing is deleted. What is not
    /// understood is told and becomes a label: `import-status:…`, `import-priority:…`, `import-due:…`. Times
    /// without a zone count as UTC, and a day that may be the 3rd of April or the 4th of March is such a
    /// label.
    ///
    /// A file of `git pm export csv` that was edited changes only what was edited in it, unless the item has
    /// other values since the export.
    #[command(after_help = "\
Examples:
  git pm import csv --dry-run Jira.csv
  git pm import csv - <tasks.csv
  git pm import csv Jira.csv --map-user jdoe='John Doe' --map-user bot=

Exits with 8 if a line was skipped; the report gives its number and the reason.")]
    Csv {
        /// The file; `-` reads standard input.
        file: PathBuf,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// Import PRDs, epics and tasks from ccpm
    ///
    /// Reads the folder `.claude` of the worktree, or PATH. The tasks of an epic are the files in its
    /// folder, or in its folder `tasks`, whose names begin with a digit. A task that an analysis
    /// divides into streams gets a child per stream, with its planned files. The report lists all
    /// other files and fields.
    ///
    /// Can be run again: changes since the last import are merged field by field with local
    /// changes, and nothing is deleted. An unknown status becomes queued with the label
    /// `import-status:…`.
    #[command(after_help = "\
Examples:
  git pm import ccpm --dry-run
  git pm import ccpm ../other/.claude")]
    Ccpm {
        /// Project folder; this worktree by default.
        path: Option<PathBuf>,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// Import learnings: solved problems, patterns, decisions
    ///
    /// Reads the Markdown files under `docs/solutions` of the worktree, or under PATH, in the
    /// format of the compound-engineering plugin: title, date, category, tags and other front
    /// matter. Files that seem to contain a secret are skipped.
    ///
    /// Can be run again: changes since the last import are merged field by field with local
    /// changes, and nothing is deleted.
    #[command(after_help = "\
Examples:
  git pm import learnings
  git pm import learnings backlog/decisions
  git pm import learnings - <gotcha.md")]
    Learnings(NoteArgs),
    /// Import agent definitions
    ///
    /// Reads the Markdown files under `.claude/agents` of the worktree, or under PATH: name,
    /// description, model, tools and prompt. Of two with one name, the one nearest the top is
    /// imported, as it is the one in use. Files that seem to contain a secret are skipped.
    ///
    /// Can be run again: changes since the last import are merged field by field with local
    /// changes, and nothing is deleted.
    #[command(after_help = "\
Examples:
  git pm import agents
  git pm import agents ~/.claude/agents --dry-run")]
    Agents(NoteArgs),
    /// Import all issues of a repository at GitHub
    ///
    /// For moving away from GitHub issues: open and closed ones become items, with their comments, labels,
    /// milestones, parents and what they wait for. Nothing is sent, and no link is kept; a project that is to
    /// exchange with the repository is linked to it instead (`git pm github link`). What people from outside asked
    /// for is accepted when a human imports it, and arrives as proposed when an agent does.
    ///
    /// Can be run again: changes since the last import are merged field by field with local changes; what both
    /// sides changed stays as it is here and is reported. Nothing is deleted.
    ///
    /// A file of `gh issue list --json` or `gh api --paginate` is read without the network. Its issues become tasks, as the lines of
    /// `git pm import csv` do. Each has to have number and title; without url it is of the repository of this
    /// clone: the linked one, else that of GH_REPO or of the remote.
    #[command(after_help = "\
Examples:
  git pm import github acme/widget --dry-run
  git pm import github github.example.com/acme/widget
  gh issue list --state all --json number,title,body,state,labels,url | git pm import github -")]
    Github {
        /// OWNER/NAME, with HOST/ in front for an Enterprise server; or FILE.json, `-` for standard input.
        repository: String,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// Import the settings of `.llm-team.yml`
    ///
    /// Reads `.llm-team.yml` of the worktree, or FILE. Protected paths are added to `pm.protectedPaths` of all
    /// clones, the prefix of branches and the merge strategy become those of this clone. What has no place
    /// here is listed with the reason. For humans only, except with `--dry-run`.
    #[command(after_help = "\
Examples:
  git pm import llm-team --dry-run
  git pm import llm-team ../other/.llm-team.yml")]
    LlmTeam {
        /// The file; .llm-team.yml of this worktree by default.
        file: Option<PathBuf>,
        /// Show what would be set.
        #[arg(long)]
        dry_run: bool,
    },
}

/// The options of an import that only may be tried.
pub fn dry(dry_run: bool) -> ImportOptions {
    ImportOptions {
        dry_run,
        ..ImportOptions::default()
    }
}

/// The location of a project.
#[derive(clap::Args, Debug)]
pub struct ProjectArgs {
    /// Project folder or file; `-` reads standard input. This worktree by default.
    pub path: Option<PathBuf>,
    #[command(flatten)]
    pub options: ImportOptions,
}

/// The location of notes.
#[derive(clap::Args, Debug)]
pub struct NoteArgs {
    /// Project folder or file; `-` reads standard input. This worktree by default.
    pub path: Option<PathBuf>,
    /// Show what would be imported.
    #[arg(long)]
    pub dry_run: bool,
}

/// True if a text names a file, which may be missing, and no repository: that is OWNER/NAME, perhaps with a host or
/// an address in front.
fn is_file(context: &Context, text: &str) -> bool {
    let is_deep = text.starts_with('/') || text.matches('/').count() > 2;
    let is_path = (is_deep || text.ends_with(".json")) && !text.contains(':');
    text.starts_with('.') || is_path || context.env.cwd.join(text).is_file()
}

/// Imports.
pub fn run(context: &Context, command: ImportCommand) -> Outcome {
    let (tracker, path, mut options) = match command {
        ImportCommand::Beads { file, options } => (Tracker::Beads, file, options),
        ImportCommand::Backlog(args) => (Tracker::Backlog, args.path, args.options),
        ImportCommand::Taskmaster(args) => (Tracker::Taskmaster, args.path, args.options),
        ImportCommand::Csv { file, options } => (Tracker::Csv, Some(file), options),
        ImportCommand::Ccpm { path, options } => (Tracker::Ccpm, path, options),
        ImportCommand::Learnings(args) => (Tracker::Learnings, args.path, dry(args.dry_run)),
        ImportCommand::Agents(args) => (Tracker::Agents, args.path, dry(args.dry_run)),
        ImportCommand::Github {
            repository,
            options,
        } if repository == "-" || is_file(context, &repository) => {
            (Tracker::Csv, Some(repository.into()), options)
        }
        ImportCommand::Github {
            repository,
            options,
        } => {
            let forges = context.pm()?.forges();
            let report = forges.import(&repository, &options)?;
            return context.answer(&report, render::import_export::imported);
        }
        ImportCommand::LlmTeam { file, dry_run } => {
            let settings = context.pm()?.settings();
            let report = settings.import_llm_team(file.as_deref(), dry_run)?;
            return context.answer(&report, render::setup::imported);
        }
    };
    let mut stdin = std::io::stdin().lock();
    let from = match path.as_deref() {
        Some(path) if path == Path::new("-") && tracker != Tracker::Ccpm => {
            ImportFrom::Reader(&mut stdin)
        }
        path => ImportFrom::Path(path),
    };
    if tracker == Tracker::Csv {
        options.repository = context.pm()?.forges().repository_here();
    }
    let trackers = context.pm()?.trackers();
    let report = trackers.import(tracker, from, &options)?;
    context.answer(&report, render::import_export::imported)?;
    Ok(Exit::of_if(report.is_partial(), Kind::Partial))
}
