//! `git pm export`.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use git_pm::Result;
use git_pm::items::columns;
use git_pm::trackers::{FileReport, Layout};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Export items to another format
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum ExportCommand {
    /// Export all items as beads' JSON Lines
    ///
    /// Unchanged records that were imported from beads are written byte for byte, in the order of
    /// their file; in changed records, only the changed keys differ. Items created here follow,
    /// sorted by ID: a task is an issue of its type (`task` if beads does not have that type), an
    /// epic and a PRD have the type `epic`, a task's epic is its parent, and acceptance criteria
    /// become a list in `acceptance_criteria`. Statuses are mapped
    /// to those of beads: queued to open, in review and ready for integration to in_progress, done
    /// and cancelled to closed. Deleted items become tombstones.
    #[command(after_help = "\
Examples:
  git pm export beads .beads/issues.jsonl
  git pm export beads --prefix bd .beads/issues.jsonl    T-0001 becomes bd-t0001
  git pm export beads | bd import")]
    Beads(BeadsArgs),
    /// Export everything as a folder of Markdown files
    ///
    /// The layout `claude` is that of ccpm: `.claude/prds`, `.claude/epics/NAME/epic.md`, and the
    /// epic's tasks beside it. `git pm import ccpm FOLDER` imports it: into another repository as
    /// new items, into this one as changes to the same items, so that you can edit the files by
    /// hand. It does not include issues, nor what ccpm has no place for: design, notes, metadata,
    /// minutes, evidence, the policy for agents and edges of other types, which are counted. The layout `tasks` has a
    /// file with all fields for each item, such as `tasks/T-0001.md`; it cannot be imported.
    ///
    /// Learnings are written to `learnings/gotchas` and similar folders, as notes with date, type,
    /// tags and links to notes with a common tag; agent definitions are written to
    /// `.claude/agents`. Claims and history are not exported; `git pm backup create` saves all.
    #[command(after_help = "\
Examples:
  git pm export md ../plan
  git pm export md ../plan --layout tasks")]
    Md(MdArgs),
    /// Export everything as one JSON document
    ///
    /// The document contains the items with their texts and comments, in the format of `--json`,
    /// and the learnings and agent definitions.
    #[command(after_help = "\
Examples:
  git pm export json plan.json
  git pm export json | jq '.data.items | length'")]
    Json(FileArgs),
    /// Export all items as comma-separated values
    ///
    /// The first line contains the column names, which are the JSON keys. Multiple values in a cell
    /// are separated by `; `. A text that a spreadsheet would run as a formula, or read as a number or a
    /// date, is prefixed with an apostrophe. Texts come with `--columns body`; comments are only in `git pm
    /// export json`. `git pm import csv` takes back what was edited in the file, if it has the columns `id`
    /// and `updated_at`.
    #[command(after_help = "\
Examples:
  git pm export csv plan.csv
  git pm export csv --bom plan.csv    for Excel, which would not read UTF-8 otherwise
  git pm export csv --columns id,title,status,owner,updated")]
    Csv(CsvArgs),
}

/// The folder of an export.
#[derive(clap::Args, Debug)]
pub struct MdArgs {
    /// New or empty folder.
    pub folder: PathBuf,
    /// Layout of the files.
    #[arg(long, value_name = "L", default_value = "claude", value_parser = ["claude", "tasks"])]
    pub layout: String,
}

/// The file of an export.
#[derive(clap::Args, Debug)]
pub struct FileArgs {
    /// File to write or replace; standard output by default, or with `-`.
    pub file: Option<PathBuf>,
}

/// The file of an export for beads.
#[derive(clap::Args, Debug)]
pub struct BeadsArgs {
    #[command(flatten)]
    pub file: FileArgs,
    /// Give every ID this prefix, as beads rejects a file with several: T-0001 becomes PREFIX-t0001.
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// Replace the file also where it has a conflict, or changes that no import has read.
    #[arg(long, requires = "file")]
    pub force: bool,
}

/// The file of an export with columns.
#[derive(clap::Args, Debug)]
pub struct CsvArgs {
    #[command(flatten)]
    pub file: FileArgs,
    /// Columns, as in `git pm list`, and `body` for the text, which comes last; `body` alone adds
    /// it to the default columns.
    #[arg(long, value_name = "FIELD,…")]
    pub columns: Option<String>,
    /// Begin with a byte order mark, by which Excel knows UTF-8.
    #[arg(long)]
    pub bom: bool,
}

/// Exports.
pub fn run(context: &Context, command: &ExportCommand) -> Outcome {
    let pm = context.pm()?;
    match command {
        ExportCommand::Beads(BeadsArgs {
            file,
            prefix,
            force,
        }) => to_file_or_stdout(
            file,
            |file| {
                context.answer(
                    &pm.trackers()
                        .export_beads_file(prefix.as_deref(), file, *force)?,
                    render::import_export::exported,
                )
            },
            |out| pm.trackers().export_beads(prefix.as_deref(), out).map(drop),
        ),
        ExportCommand::Md(args) => {
            let layout = match args.layout.as_str() {
                "tasks" => Layout::Tasks,
                _ => Layout::Claude,
            };
            let report = pm.trackers().export_md(&args.folder, layout)?;
            context.answer(&report, render::import_export::folder)
        }
        ExportCommand::Json(args) => file(context, args, |out| pm.trackers().export_json(out)),
        ExportCommand::Csv(args) => {
            let named: Option<Vec<&str>> = args.columns.as_ref().map(|c| c.split(',').collect());
            let body = named.iter().flatten().any(|name| name.trim() == "body");
            let others = named.map(|mut all| {
                all.retain(|name| name.trim() != "body");
                all.join(",")
            });
            let others = others.filter(|others| !others.is_empty() || !body);
            let fields = others.as_deref().map(columns).transpose();
            let fields = fields.map_err(git_pm::Error::from)?;
            file(context, &args.file, |out| {
                if args.bom {
                    let failed = |error| git_pm::Error::unwritten("cannot write the export", error);
                    out.write_all("\u{feff}".as_bytes()).map_err(failed)?;
                }
                pm.trackers().export_csv(fields.as_deref(), body, out)
            })
        }
    }
}

fn file(
    context: &Context,
    args: &FileArgs,
    write: impl Fn(&mut dyn Write) -> Result<FileReport>,
) -> Outcome {
    to_file_or_stdout(
        args,
        |file| {
            let report = context.pm()?.trackers().export_file(file, &write)?;
            context.answer(&report, render::import_export::file)
        },
        |out| write(out).map(drop),
    )
}

fn to_file_or_stdout(
    args: &FileArgs,
    to_file: impl FnOnce(&Path) -> Outcome,
    to_stdout: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Outcome {
    if let Some(file) = args.file.as_deref().filter(|file| *file != Path::new("-")) {
        return to_file(file);
    }
    let mut out = Piped::new();
    let written = to_stdout(&mut out);
    // A failure of standard output is the cause of the library's error.
    if let Some(error) = out.failed {
        return Err(error.into());
    }
    written?;
    out.inner.flush()?;
    Ok(Exit::DONE)
}

/// Standard output with the cause of its first failure.
struct Piped {
    inner: BufWriter<std::io::Stdout>,
    failed: Option<std::io::Error>,
}

impl Piped {
    fn new() -> Self {
        Piped {
            inner: BufWriter::with_capacity(64 * 1024, std::io::stdout()),
            failed: None,
        }
    }
}

impl Piped {
    fn noted<T>(&mut self, done: std::io::Result<T>) -> std::io::Result<T> {
        done.map_err(|e| {
            let kind = e.kind();
            self.failed = Some(e);
            kind.into()
        })
    }
}

impl Write for Piped {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let done = self.inner.write(bytes);
        self.noted(done)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let done = self.inner.flush();
        self.noted(done)
    }
}
