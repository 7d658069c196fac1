//! `git pm fsck`.

use git_pm::error::Kind;

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Check the state for errors and repair it
///
/// Checks every file, commit, edge and claim against the format, the newest commits against their
/// signatures, the index against the files, and this clone's own files. Each finding has a stable
/// code, a message and a fix. Exits with 5 if there are faults.
///
/// With --repair, repairs what it can in one commit: unreadable files are restored from history,
/// misplaced files are moved, and dangling edges and claims end. A wrong index is removed. No data
/// is made up; findings that need a decision remain. Other clones join a repair like any other
/// change.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm fsck                   list problems
  git pm fsck --repair          repair them
  git pm fsck --json | jq -r '.data.findings[] | select(.severity == \"fault\") | .code'")]
pub struct FsckArgs {
    /// Repair what can be repaired without making up data.
    #[arg(long)]
    pub repair: bool,
}

/// Checks the state.
pub fn run(context: &Context, args: &FsckArgs) -> Outcome {
    let report = context.pm()?.state().fsck(args.repair)?;
    context.answer(&report, render::repair::fsck)?;
    Ok(Exit::of_if(report.faults > 0, Kind::State))
}
