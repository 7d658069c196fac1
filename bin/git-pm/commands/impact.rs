//! `git pm impact`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Find the items that have to do with files
///
/// By the `Task:` trailers of commits that changed them, on local branches and HEAD, and by the
/// paths that items plan to touch.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm impact src/auth.rs
  git pm impact 'src/**/*.rs' docs")]
pub struct ImpactArgs {
    /// Files, folders or globs, from the repository's root; `./x` is meant from here.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<String>,
}

/// Lists the items of each path.
///
/// # Errors
/// When a path is none.
pub fn impact(context: &Context, args: &ImpactArgs) -> Outcome {
    let views = context.pm()?.insights().impact(&args.paths)?;
    context.list(&views, render::impact::impact)
}
