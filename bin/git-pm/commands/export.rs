//! `git pm export`.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use git_pm::Result;
use git_pm::bridge::export::{FileReport, Layout};
use git_pm::query::columns;

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Write everything in the form of another tool
#[derive(clap::Subcommand, Debug)]
pub enum ExportCommand {
    /// Write all items as beads' JSON Lines
    ///
    /// What was imported from beads and not touched since goes out byte for byte as it came in, in the
    /// order of its file; of a touched record only the keys that changed are other ones. Issues that were
    /// made here follow with their own ids, and so do the plan's tasks, epics and PRDs: a task is an
    /// issue of its type (`task` where beads has no such type), an epic and a PRD are of type `epic`, the
    /// epic that owns a task is its parent, acceptance criteria are a list in `acceptance_criteria`.
    /// States become beads' own: queued is open, in review and ready for integration are in_progress,
    /// done and cancelled are closed. What was deleted here is a tombstone.
    #[command(after_help = "\
Examples:
  git pm export beads .beads/issues.jsonl
  git pm export beads | bd import")]
    Beads(FileArgs),
    /// Write everything as a folder of Markdown files
    ///
    /// The layout `claude` is that of ccpm: `.claude/prds`, `.claude/epics/NAME/epic.md` and its tasks
    /// beside it. `git pm import ccpm FOLDER` reads it back: into another repository as new items, into
    /// this one as the items that they are, so that files can be changed by hand and brought back.
    /// Issues have no place in it. The layout `tasks` has a file for each item, such as
    /// `tasks/T-0001.md`.
    ///
    /// Learnings go to `learnings/gotchas` and so on, as notes with date, type, tags and links to the
    /// notes that share a tag; agents to `.claude/agents`. Claims and history are in no file.
    #[command(after_help = "\
Examples:
  git pm export md ../plan
  git pm export md ../plan --layout tasks")]
    Md(MdArgs),
    /// Write everything as one JSON document
    ///
    /// Items with their texts and comments, in the form of the answers to `--json`, learnings and
    /// agents.
    #[command(after_help = "\
Examples:
  git pm export json plan.json
  git pm export json | jq '.data.items | length'")]
    Json(FileArgs),
    /// Write all items as comma-separated values
    ///
    /// The first line names the columns as JSON names its keys; several values in a cell have `; `
    /// between them. A cell that a spreadsheet would take for a formula gets a ' in front.
    #[command(after_help = "\
Examples:
  git pm export csv plan.csv
  git pm export csv --columns id,title,status,owner,updated")]
    Csv(CsvArgs),
}

/// The folder of an export.
#[derive(clap::Args, Debug)]
pub struct MdArgs {
    /// The folder, which has to be new or empty.
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Where the files lie: claude or tasks.
    #[arg(long, value_name = "L", default_value = "claude", value_parser = ["claude", "tasks"])]
    pub layout: String,
}

/// The file of an export.
#[derive(clap::Args, Debug)]
pub struct FileArgs {
    /// Where to; standard output without it, or with `-`. A file that is there is replaced.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// The file of an export with columns.
#[derive(clap::Args, Debug)]
pub struct CsvArgs {
    /// Where to.
    #[command(flatten)]
    pub file: FileArgs,
    /// The columns, as `git pm list` takes them, and `body` for the text, which comes last; `body`
    /// alone adds it to the usual ones.
    #[arg(long, value_name = "FIELD,…")]
    pub columns: Option<String>,
}

/// Exports.
///
/// # Errors
/// When the state cannot be read or the file not be written.
pub fn run(context: &Context, command: &ExportCommand) -> Outcome {
    let pm = context.pm()?;
    match command {
        ExportCommand::Beads(args) => to_file_or_stdout(
            args,
            |file| {
                context.answer(
                    &pm.bridge().export_beads_file(file)?,
                    render::import_export::exported,
                )
            },
            |out| pm.bridge().export_beads(out).map(drop),
        ),
        ExportCommand::Md(args) => {
            let layout = match args.layout.as_str() {
                "tasks" => Layout::Tasks,
                _ => Layout::Claude,
            };
            let report = pm.bridge().export_md(&args.folder, layout)?;
            context.answer(&report, render::import_export::folder)
        }
        ExportCommand::Json(args) => file(context, args, |out| pm.bridge().export_json(out)),
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
                pm.bridge().export_csv(fields.as_deref(), body, out)
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
            let report = context.pm()?.bridge().export_file(file, &write)?;
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
    // The failure of standard output is the cause of what the library reports.
    if let Some(error) = out.failed {
        return Err(error.into());
    }
    written?;
    out.inner.flush()?;
    Ok(Exit::DONE)
}

/// Standard output, which remembers why it could not be written.
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

impl Write for Piped {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.inner.write(bytes).map_err(|e| {
            let kind = e.kind();
            self.failed = Some(e);
            kind.into()
        })
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}
