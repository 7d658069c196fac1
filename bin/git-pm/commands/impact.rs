//! `git pm impact`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Find the items that touch files
///
/// Matches the `Task:` trailers of commits that changed the files, on local branches and HEAD, and
/// the planned paths of items.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm impact src/auth.rs
  git pm impact 'src/**/*.rs' docs")]
pub struct ImpactArgs {
    /// Files, folders or globs, relative to the repository root; `./x` is relative to the current
    /// directory.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<String>,
}

/// Lists the items of each path.
pub fn impact(context: &Context, args: &ImpactArgs) -> Outcome {
    let views = context.pm()?.insights().impact(&args.paths)?;
    context.list(&views, render::analyze::impact)
}
