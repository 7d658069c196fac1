//! `git pm conflicts`: texts that two clones wrote at the same time.

use git_pm::coordinate::conflicts::Resolution;

use crate::arguments::stdin::text_or_stdin;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// List and resolve texts that two clones wrote at the same time
///
/// Until somebody decides, the newest version shows and the others are kept beside it.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm conflicts                          what waits
  git pm conflicts T-0001 --merged          take both sides' changes
  git pm conflicts T-0001 --keep 2          take the second version
  git pm conflicts T-0001 --text - <text    write it anew")]
pub struct ConflictsArgs {
    /// Only this item.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Keeps the version with this number.
    #[arg(long, value_name = "N", group = "resolution", requires = "id")]
    pub keep: Option<usize>,
    /// Takes the merged text that is offered.
    #[arg(long, group = "resolution", requires = "id")]
    pub merged: bool,
    /// Replaces all versions by this text; `-` reads standard input.
    #[arg(long, value_name = "TEXT", group = "resolution", requires = "id")]
    pub text: Option<String>,
}

/// Lists or resolves conflicts.
///
/// # Errors
/// When there is no such item or version.
pub fn run(context: &Context, args: &ConflictsArgs) -> Outcome {
    let pm = context.pm()?;
    let resolution = match (args.keep, args.merged, &args.text) {
        (Some(number), ..) => Some(Resolution::Keep(number)),
        (_, true, _) => Some(Resolution::Merged),
        (_, _, Some(text)) => Some(Resolution::Text(text_or_stdin(text)?)),
        _ => None,
    };
    if let (Some(id), Some(resolution)) = (&args.id, resolution) {
        let item = pm.state().resolve(id, &resolution)?;
        return context.answer(&item, |page, item| {
            render::item::said(page, "Resolved", item);
        });
    }
    let mut conflicts = pm.state().conflicts()?;
    if let Some(id) = &args.id {
        let id = pm.tasks().show(id)?.id;
        conflicts.retain(|conflict| conflict.id == id);
    }
    context.list(&conflicts, render::conflicts::conflicts)
}
