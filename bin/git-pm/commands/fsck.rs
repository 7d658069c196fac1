//! `git pm fsck`.

use git_pm::error::Kind;

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Check the state itself, and repair it
///
/// Holds every file, commit, edge and claim against the rules of the format, the newest commits
/// against their signatures and the index against the files, and looks at this clone's own files. A
/// finding has a stable code, says what is the matter and what to do. Exits 0 when there are no
/// faults, 5 when there are.
///
/// With --repair what can be put right is, in one commit that says what it did: what cannot be
/// read comes back from history, what lies in the wrong place is moved, edges that lead nowhere and
/// claims that hold nothing end. An index that is wrong is removed. Nothing is invented; what needs a decision stays a finding. Other
/// clones join a repair like any other change.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm fsck                   what is not as it should be
  git pm fsck --repair          put right what can be
  git pm fsck --json | jq -r '.data.findings[] | select(.severity == \"fault\") | .code'")]
pub struct FsckArgs {
    /// Puts right what can be put right without inventing anything.
    #[arg(long)]
    pub repair: bool,
}

/// Checks the state.
///
/// # Errors
/// When the state cannot be read at all.
pub fn run(context: &Context, args: &FsckArgs) -> Outcome {
    let report = context.pm()?.state().fsck(args.repair)?;
    context.answer(&report, render::repair::fsck)?;
    Ok(if report.faults > 0 {
        Exit::of(Kind::State)
    } else {
        Exit::DONE
    })
}
