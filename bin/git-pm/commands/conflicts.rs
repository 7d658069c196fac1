//! `git pm conflicts`: texts that two clones changed concurrently.

use git_pm::state::Resolution;

use crate::arguments::stdin::text_or_stdin;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// List and resolve conflicts in texts that two clones changed concurrently
///
/// Until a conflict is resolved, the newest version is shown and all versions are kept.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm conflicts                          list the conflicts
  git pm conflicts T-0001 --merged          use the merged text
  git pm conflicts T-0001 --keep 2          keep the second version
  git pm conflicts T-0001 --text - <text    write a new text")]
pub struct ConflictsArgs {
    /// Item or learning ID, or `context:NAME` for a section of the project context.
    pub id: Option<String>,
    /// Number of the version to keep.
    #[arg(long, value_name = "N", group = "resolution", requires = "id")]
    pub keep: Option<usize>,
    /// Use the merged text.
    #[arg(long, group = "resolution", requires = "id")]
    pub merged: bool,
    /// Replace all versions with this text; `-` reads standard input.
    #[arg(long, group = "resolution", requires = "id")]
    pub text: Option<String>,
}

/// Lists or resolves conflicts.
pub fn run(context: &Context, args: ConflictsArgs) -> Outcome {
    let pm = context.pm()?;
    let resolution = match (args.keep, args.merged, args.text.as_deref()) {
        (Some(number), ..) => Some(Resolution::Keep(number)),
        (_, true, _) => Some(Resolution::Merged),
        (_, _, Some(text)) => Some(Resolution::Text(text_or_stdin(text)?)),
        _ => None,
    };
    if let (Some(id), Some(resolution)) = (&args.id, resolution) {
        if id.starts_with("context:") {
            let section = pm.memory().resolve_section(id, &resolution)?;
            return context.answer(&section, |page, section| {
                page.text("Resolved ")
                    .line(format!("context:{}", section.name));
            });
        }
        if pm.learnings().is_named(id)? {
            let resolved = pm.learnings().resolve(id, &resolution)?;
            return context.answer(&resolved, |page, resolved| {
                render::learn::done(page, "Resolved", &resolved.learning);
            });
        }
        let item = pm.state().resolve(id, &resolution)?;
        return context.summary("Resolved", &item);
    }
    let mut conflicts = pm.state().conflicts()?;
    if let Some(id) = &args.id {
        let id = match id.starts_with("context:") {
            true => format!("context:{}", pm.memory().section(id)?.name),
            false if pm.learnings().is_named(id)? => pm.learnings().show(id)?.learning.id,
            false => pm.tasks().show(id)?.id,
        };
        conflicts.retain(|conflict| conflict.id == id);
    }
    context.list(&conflicts, render::conflicts::conflicts)
}
