//! `git pm backup`: the state as one file, and back.

use std::path::PathBuf;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Keep the state in a file, and join one back
#[derive(clap::Subcommand, Debug)]
pub enum BackupCommand {
    Create(CreateArgs),
    Load(LoadArgs),
}

/// Write the state with its history into a file
///
/// The file is a git bundle. It is read back before it gets its name, and an older file is never
/// written over without --force. Your branches are not in it.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm backup create                       into a new file here, named by the time
  git pm backup create ~/keep/state.bundle")]
pub struct CreateArgs {
    /// Where to; without it a new file in this folder.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Writes over a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// Join the state of a backup into the state here
///
/// Like a pull from a remote that is a file: nothing here is rewound or lost, what the backup
/// knows and this clone does not comes in. It works in a new repository, too. What the file holds
/// is trusted no more than what a remote sends.
#[derive(clap::Args, Debug)]
pub struct LoadArgs {
    /// A file that `git pm backup create` wrote.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Runs a verb.
///
/// # Errors
/// When a file cannot be read or written, or is no backup.
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
