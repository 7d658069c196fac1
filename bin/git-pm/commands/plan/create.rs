//! `git pm plan new`, `update` and `seed`.

use git_pm::plans::DraftOptions;

use crate::arguments::document::source;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Generate a plan from a document
///
/// A file is first added as a PRD, byte for byte. An existing plan is regenerated; fields that were
/// set by hand stay.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm plan new docs/login.md
  git pm plan new P-0001 --json
  git pm plan new fix-typo.md --fast    create one task directly if one is enough")]
pub struct NewArgs {
    /// Markdown file or PRD ID.
    #[arg(value_name = "FILE|PRD")]
    pub document: String,
    /// Accept a document over the size limits.
    #[arg(long)]
    pub force: bool,
    /// Create one task from the document directly, if the work clearly suits a single agent.
    #[arg(long, conflicts_with = "force")]
    pub fast: bool,
}

/// Show the effect of a changed document on its plan
///
/// Adds at most five new tasks at a time. With `--write`, the PRD gets the new text and the plan
/// the new parts; an approval turns them into tasks.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm plan update docs/login.md
  git pm plan update docs/login.md --write")]
pub struct UpdateArgs {
    /// Changed file, or ID of an edited PRD.
    #[arg(value_name = "FILE|PRD")]
    pub document: String,
    /// Write the changes.
    #[arg(long)]
    pub write: bool,
}

/// Create a first task if none is queued
///
/// Creates the first task of the document's plan; without a document, a task that sets up
/// continuous integration.
#[derive(clap::Args, Debug)]
pub struct SeedArgs {
    /// Markdown file or PRD ID.
    #[arg(value_name = "FILE|PRD")]
    pub document: Option<String>,
}

/// Generates a plan.
pub fn new(context: &Context, args: &NewArgs) -> Outcome {
    let pm = context.pm()?;
    let source = source(&context.env.cwd, &args.document)?;
    if args.fast {
        let item = pm.plans().create_single(&source)?;
        return context.answer(&item, |page, item| {
            render::item::summary(page, "Created", item);
            page.next(&[&format!("git pm start {}", item.id)]);
        });
    }
    let options = DraftOptions { force: args.force };
    let plan = pm.plans().create(&source, &options)?;
    context.answer(&plan, render::plan::plan)
}

/// Shows or writes the effect of a changed document.
pub fn update(context: &Context, args: &UpdateArgs) -> Outcome {
    let source = source(&context.env.cwd, &args.document)?;
    let update = context.pm()?.plans().update(&source, args.write)?;
    context.answer(&update, render::plan::update)
}

/// Creates the first task.
pub fn seed(context: &Context, args: &SeedArgs) -> Outcome {
    let document = args.document.as_deref();
    let source = document
        .map(|name| source(&context.env.cwd, name))
        .transpose()?;
    let seeded = context.pm()?.plans().seed(source.as_ref())?;
    context.answer(&seeded, |page, seeded| match &seeded.task {
        Some(item) => render::item::summary(page, "Created", item),
        None => {
            page.line("There are queued tasks already; nothing was created.");
        }
    })
}
