//! `git pm plan new`, `update` and `seed`.

use git_pm::plan::make::DrawOptions;

use crate::arguments::document::source;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Draw the plan of a document
///
/// A file becomes a PRD first, byte for byte. A plan that is there already is drawn anew: what
/// somebody set by hand stays.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm plan new docs/login.md
  git pm plan new P-0001 --json
  git pm plan new fix-typo.md --fast    straight to one task, where one will do")]
pub struct NewArgs {
    /// A Markdown file, or the id of a PRD.
    #[arg(value_name = "FILE|PRD")]
    pub document: String,
    /// Also from a document over the size limits.
    #[arg(long)]
    pub force: bool,
    /// Makes one task of the document at once, where the work is for a single agent for sure.
    #[arg(long, conflicts_with = "force")]
    pub fast: bool,
}

/// Say what a changed document would bring
///
/// At most five new tasks at a time. Only `--write` writes: the PRD gets the text, and the plan what
/// is new in it; an approval makes tasks of that.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm plan update docs/login.md
  git pm plan update docs/login.md --write")]
pub struct UpdateArgs {
    /// The changed file, or the id of a PRD that was edited.
    #[arg(value_name = "FILE|PRD")]
    pub document: String,
    /// Writes it.
    #[arg(long)]
    pub write: bool,
}

/// Make the first task where nothing is queued
///
/// The first one of the document's plan; without a document one that sets up continuous integration.
#[derive(clap::Args, Debug)]
pub struct SeedArgs {
    /// A Markdown file, or the id of a PRD.
    #[arg(value_name = "FILE|PRD")]
    pub document: Option<String>,
}

/// Draws a plan.
///
/// # Errors
/// When the document cannot be read or is too large.
pub fn new(context: &Context, args: &NewArgs) -> Outcome {
    let pm = context.pm()?;
    let source = source(&context.env.cwd, &args.document)?;
    if args.fast {
        let item = pm.plans().create_single(&source)?;
        return context.answer(&item, |page, item| {
            render::item::said(page, "Made", item);
            page.next(&[&format!("git pm start {}", item.id)]);
        });
    }
    let options = DrawOptions { force: args.force };
    let plan = pm.plans().create(&source, &options)?;
    context.answer(&plan, render::plan::plan)
}

/// Tells what a changed document would bring, or writes it.
///
/// # Errors
/// When the document was never planned.
pub fn update(context: &Context, args: &UpdateArgs) -> Outcome {
    let source = source(&context.env.cwd, &args.document)?;
    let update = context.pm()?.plans().update(&source, args.write)?;
    context.answer(&update, render::plan::update)
}

/// Makes the first task.
///
/// # Errors
/// When the document cannot be read.
pub fn seed(context: &Context, args: &SeedArgs) -> Outcome {
    let document = args.document.as_deref();
    let source = document
        .map(|name| source(&context.env.cwd, name))
        .transpose()?;
    let seeded = context.pm()?.plans().seed(source.as_ref())?;
    context.answer(&seeded, |page, seeded| match &seeded.task {
        Some(item) => render::item::said(page, "Made", item),
        None => {
            page.line("There is work in the queue already; nothing was made.");
        }
    })
}
