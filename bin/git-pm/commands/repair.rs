//! `git pm doctor`, `fsck`, `backup` and `migrate`: the commands that check, repair and restore the state.

use std::path::PathBuf;

use git_pm::error::{Kind, Reason};
use git_pm::state::set_irregular_aside;
use git_pm::verbs::state::Doctor;

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::stderr;
use crate::render;

/// The commands, in the order of the help.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum RepairCommand {
    Doctor(Doctor),
    /// Check the state for errors and repair it
    ///
    /// Checks every file, commit, edge and claim against the format, the newest commits against
    /// their signatures, the query index against the files, and this clone's own files. Each
    /// finding has a stable code, a message and a fix. Exits with 5 if there are faults.
    ///
    /// With --repair, repairs what it can in one commit: unreadable files are restored from
    /// history, misplaced files are moved, dangling edges are removed, and dangling claims are
    /// ended. A corrupt query index is rebuilt. No data is made up; findings that need a decision
    /// remain. Other clones merge a repair like any other change.
    #[command(after_help = "\
Examples:
  git pm fsck                   list problems
  git pm fsck --repair          repair them
  git pm fsck --json | jq -r '.data.findings[] | select(.severity == \"fault\") | .code'")]
    Fsck {
        /// Repair what can be repaired without making up data.
        #[arg(long)]
        repair: bool,
    },
    /// Save the state to a file, or load one
    #[command(subcommand)]
    Backup(BackupCommand),
    /// Migrate the state to the current format
    ///
    /// A state of format 2 is written as it is until a human runs this command, which moves the
    /// items into two levels of folders, in one commit: a change then stays small in a state of a
    /// million items. What other clones write meanwhile is moved when they sync; all of them then
    /// need a git pm of this version. Does nothing if the state is current.
    Migrate {
        /// Show what would be done.
        #[arg(short = 'n', long)]
        dry_run: bool,
    },
}

group! {
    /// Save the state to a file, or load one
    #[command(defer = true)]
    BackupCommand, backup(context):
    /// Save the state and its history to a file
    ///
    /// The file is a git bundle, verified before it gets its final name. An existing file is
    /// overwritten only with --force. Your branches are not included.
    #[command(after_help = "\
Examples:
  git pm backup create                       a new file here, named after the current time
  git pm backup create ~/keep/state.bundle")]
    Create {
        /// File to write; a new file in the current directory by default.
        file: Option<PathBuf>,
        /// Overwrite an existing file.
        #[arg(long)]
        force: bool,
    } => {
        let report = context.pm()?.state().backup(file.as_deref(), force)?;
        context.answer(&report, render::repair::backup)
    },
    /// Load a backup and merge it into the state
    ///
    /// Works like a pull from a remote: nothing is rewound or lost, and what only the backup has is
    /// added. Also works in a new repository. The file is validated like data from a remote.
    Load {
        /// File written by `git pm backup create`.
        file: PathBuf,
    } => context.answer(&context.pm()?.state().load_backup(&file)?, render::repair::load),
}

/// Runs a command of the group.
pub fn run(context: &Context, command: RepairCommand) -> Outcome {
    let pm = match context.as_it_is().pm() {
        Err(error)
            if matches!(command, RepairCommand::Fsck { repair: true })
                && error.reason() == Reason::GitIrregularFile =>
        {
            for one in set_irregular_aside(&context.env)? {
                stderr::line(&format!("{} is {}", one.object, one.done));
            }
            context.pm()?
        }
        opened => opened?,
    };
    match command {
        RepairCommand::Doctor(args) if args.restore_remote => {
            context.ask_first_push(true)?;
            let report = pm.state().restore_remote(args.replace)?;
            context.answer(&report, render::repair::restored)
        }
        RepairCommand::Doctor(args) => {
            let report = context.verb(args)?;
            context.answer(&report, render::repair::doctor)?;
            Ok(Exit::of_if(report.faulty, Kind::Refused))
        }
        RepairCommand::Fsck { repair } => {
            let report = pm.state().fsck(repair)?;
            context.answer(&report, render::repair::fsck)?;
            Ok(Exit::of_if(report.faults > 0, Kind::State))
        }
        RepairCommand::Backup(command) => backup(context, command),
        RepairCommand::Migrate { dry_run } => {
            let report = pm.state().migrate(dry_run)?;
            context.answer(&report, render::repair::migrate)
        }
    }
}
