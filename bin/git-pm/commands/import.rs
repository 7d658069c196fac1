//! `git pm import`.

use std::path::{Path, PathBuf};

use git_pm::bridge::ImportReport;
use git_pm::bridge::beads::ImportOptions;
use git_pm::bridge::project::ProjectOptions;
use git_pm::error::Kind;
use git_pm::{Pm, Result};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Take over what another tracker keeps
#[derive(clap::Subcommand, Debug)]
pub enum ImportCommand {
    Beads(BeadsArgs),
    /// Take over the tasks of Backlog.md
    ///
    /// Reads the folder `backlog` or `.backlog` of the worktree, or the one that PATH names: tasks,
    /// drafts, completed and archived ones become tasks, milestones epics. States, dependencies,
    /// acceptance criteria, comments, people, labels and files come in. The first of several people is
    /// the assignee, and the report names the others; the order on the board (`ordinal`) is left out.
    ///
    /// It can be run again: what changed there since the last import is merged field by field with
    /// what changed here, nothing is ever deleted. A state that is not known here becomes queued with
    /// the label `import-status:…`.
    #[command(after_help = "\
Examples:
  git pm import backlog --dry-run
  git pm import backlog ../other/backlog
  git pm import backlog - <task.md")]
    Backlog(ProjectArgs),
    /// Take over the tasks of task-master
    ///
    /// Reads `.taskmaster/tasks/tasks.json` or `tasks/tasks.json` of the worktree, or the file that
    /// PATH names, with tags or without. Tasks of other tags than `master` get the label `tag:…`;
    /// subtasks become parts of their tasks.
    ///
    /// It can be run again: what changed there since the last import is merged field by field with
    /// what changed here, nothing is ever deleted. A state that is not known here becomes queued with
    /// the label `import-status:…`.
    #[command(after_help = "\
Examples:
  git pm import taskmaster
  git pm import taskmaster - <tasks.json")]
    Taskmaster(ProjectArgs),
    /// Take over PRDs, epics and tasks of ccpm
    ///
    /// Reads the folder `.claude` of the worktree, or the one that PATH names. A task that an
    /// analysis divides into several streams gets a part for each of them, with the files that are
    /// planned for it.
    ///
    /// It can be run again: what changed there since the last import is merged field by field with
    /// what changed here, nothing is ever deleted. A state that is not known here becomes queued with
    /// the label `import-status:…`.
    #[command(after_help = "\
Examples:
  git pm import ccpm --dry-run
  git pm import ccpm ../other/.claude")]
    Ccpm(FolderArgs),
    /// Take over what was learned: solved problems, patterns, decisions
    ///
    /// Reads the Markdown files under `docs/solutions` of the worktree, or under the folder that PATH
    /// names, as compound engineering keeps them: title, date, category, tags and what else their
    /// front matter says. A file that seems to hold a secret is left out.
    ///
    /// It can be run again: what changed there since the last import is merged field by field with
    /// what changed here, nothing is ever deleted.
    #[command(after_help = "\
Examples:
  git pm import learnings
  git pm import learnings backlog/decisions
  git pm import learnings - <gotcha.md")]
    Learnings(ProjectArgs),
    /// Take over the definitions of agents
    ///
    /// Reads the Markdown files under `.claude/agents` of the worktree, or under the folder that PATH
    /// names: name, description, model, tools and the prompt. A file that seems to hold a secret is
    /// left out.
    ///
    /// It can be run again: what changed there since the last import is merged field by field with
    /// what changed here, nothing is ever deleted.
    #[command(after_help = "\
Examples:
  git pm import agents
  git pm import agents ~/.claude/agents --dry-run")]
    Agents(ProjectArgs),
}

/// Take over the issues of beads
///
/// Reads beads' JSON Lines (`.beads/issues.jsonl`) in every dialect there was, or the tables of
/// `.beads/backup`, as one commit. No `bd` is needed. Every record becomes an issue with its own id,
/// comments and edges; what has no place here is kept with it, so that `git pm export beads` writes
/// the file again byte for byte. Where there are no issues yet and no `pm.issuePrefix`, new ones get
/// the prefix of the file's ids from then on, for beads refuses a file with two.
///
/// It can be run again: what changed in the file since the last import is merged field by field with
/// what changed here, a record that is older than what is here is left out, nothing is ever deleted.
/// Two clones that import the same file have the same issues once they sync. Edges to issues that
/// are not there, and ids that stand twice, are kept and named.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm import beads                        .beads/issues.jsonl of this worktree
  git pm import beads --dry-run old.jsonl
  git pm import beads .beads/backup          the dumped tables
  bd export | git pm import beads -

It exits with 8 when a record was left out; the report names its line and why.")]
pub struct BeadsArgs {
    /// The file, or the folder of a dump; `-` reads standard input. Without it
    /// .beads/issues.jsonl, then .beads/beads.jsonl.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Only tells what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

/// Where a project is.
#[derive(clap::Args, Debug)]
pub struct ProjectArgs {
    /// The project, its folder or file; `-` reads standard input. This worktree without it.
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Only tells what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

/// Where a project is that is never one file alone.
#[derive(clap::Args, Debug)]
pub struct FolderArgs {
    /// The project or its folder; this worktree without it.
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Only tells what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

/// Imports.
///
/// # Errors
/// When the file cannot be read or the state not be written.
pub fn run(context: &Context, command: &ImportCommand) -> Outcome {
    let pm = context.pm()?;
    let report = match command {
        ImportCommand::Beads(args) => beads(pm, args),
        ImportCommand::Backlog(args) => project(
            args,
            |path, options| pm.bridge().import_backlog(path, options),
            |stdin, options| pm.bridge().import_backlog_from(stdin, options),
        ),
        ImportCommand::Taskmaster(args) => project(
            args,
            |path, options| pm.bridge().import_taskmaster(path, options),
            |stdin, options| pm.bridge().import_taskmaster_from(stdin, options),
        ),
        ImportCommand::Ccpm(args) => {
            let options = ProjectOptions {
                dry_run: args.dry_run,
            };
            pm.bridge().import_ccpm(args.path.as_deref(), &options)
        }
        ImportCommand::Learnings(args) => project(
            args,
            |path, options| pm.bridge().import_learnings(path, options),
            |stdin, options| pm.bridge().import_learnings_from(stdin, options),
        ),
        ImportCommand::Agents(args) => project(
            args,
            |path, options| pm.bridge().import_agents(path, options),
            |stdin, options| pm.bridge().import_agents_from(stdin, options),
        ),
    }?;
    let partly = !report.skipped.is_empty();
    context.answer(&report, render::import_export::imported)?;
    Ok(if partly {
        Exit::of(Kind::Partial)
    } else {
        Exit::DONE
    })
}

fn beads(pm: &Pm, args: &BeadsArgs) -> Result<ImportReport> {
    let options = ImportOptions {
        dry_run: args.dry_run,
    };
    match args.file.as_deref() {
        Some(file) if file == Path::new("-") => pm
            .bridge()
            .import_beads(&mut std::io::stdin().lock(), &options),
        file => pm.bridge().import_beads_file(file, &options),
    }
}

/// From a path or from standard input.
fn project(
    args: &ProjectArgs,
    from_path: impl FnOnce(Option<&Path>, &ProjectOptions) -> Result<ImportReport>,
    from_stdin: impl FnOnce(&mut dyn std::io::Read, &ProjectOptions) -> Result<ImportReport>,
) -> Result<ImportReport> {
    let options = ProjectOptions {
        dry_run: args.dry_run,
    };
    match args.path.as_deref() {
        Some(path) if path == Path::new("-") => from_stdin(&mut std::io::stdin().lock(), &options),
        path => from_path(path, &options),
    }
}
