//! `git pm backup`: the state as one file.

use std::path::PathBuf;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Save the state to a file, or load one
#[derive(clap::Subcommand, Debug)]
pub enum BackupCommand {
    Create(CreateArgs),
    Load(LoadArgs),
}

/// Save the state and its history to a file
///
/// The file is a git bundle, verified before it gets its final name. An existing file is
/// overwritten only with --force. Your branches are not included.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm backup create                       a new file in this folder, named by the time
  git pm backup create ~/keep/state.bundle")]
pub struct CreateArgs {
    /// File to write; a new file in this folder by default.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Overwrite an existing file.
    #[arg(long)]
    pub force: bool,
}

/// Load a backup and join it with the state
///
/// Works like a pull from a remote: nothing is rewound or lost, and what only the backup has is
/// added. Also works in a new repository. The file is validated like data from a remote.
#[derive(clap::Args, Debug)]
pub struct LoadArgs {
    /// File written by `git pm backup create`.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Runs a verb.
pub fn run(context: &Context, command: &BackupCommand) -> Outcome {
    match command {
        BackupCommand::Create(args) => {
            let report = context
                .pm()?
                .state()
                .backup(args.file.as_deref(), args.force)?;
            context.answer(&report, render::repair::backup)
        }
        BackupCommand::Load(args) => {
            let report = context.pm()?.state().load_backup(&args.file)?;
            context.answer(&report, render::repair::load)
        }
    }
}
