//! `git pm view`: queries with a name.

use git_pm::work::list::SavedView;

use crate::arguments::values::{KINDS, Words};
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Save queries under a name, for everybody
///
/// A view is a query with an order and columns. It is part of the state and travels with it;
/// `git pm list --view NAME` shows what fits it.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum ViewCommand {
    Save(SaveArgs),
    List(ListArgs),
    Show(NameArgs),
    Rm(RmArgs),
}

/// Save a view, new or over the one of that name
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm view save mine owner:me -is:blocked --sort priority
  git pm view save stale 'is:open updated:>30d' --columns id,title,updated")]
pub struct SaveArgs {
    /// Its name.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What items have to be, as `git pm list` takes it.
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// Only items of this kind.
    #[arg(long, value_name = "KIND", value_parser = Words(KINDS))]
    pub kind: Option<String>,
    /// Sorts by these fields, as `git pm list` takes them.
    #[arg(long, value_name = "FIELD,…", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Shows these fields only.
    #[arg(long, value_name = "FIELD,…")]
    pub columns: Option<String>,
    /// Shows closed items too.
    #[arg(long)]
    pub all: bool,
}

/// List the saved views
#[derive(clap::Args, Debug)]
pub struct ListArgs {}

/// Show what a view asks for
#[derive(clap::Args, Debug)]
pub struct NameArgs {
    /// Its name.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Remove a view, for everybody
#[derive(clap::Args, Debug)]
pub struct RmArgs {
    /// Its name.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Runs a verb of the group.
///
/// # Errors
/// Whatever the verb reports.
pub fn run(context: &Context, command: ViewCommand) -> Outcome {
    let pm = context.pm()?;
    match command {
        ViewCommand::Save(args) => {
            let view = pm.items().save_view(&SavedView {
                name: args.name,
                query: args.query.join(" "),
                kind: args.kind,
                sort: args.sort,
                columns: args.columns,
                all: args.all,
                ..SavedView::default()
            })?;
            context.answer(&view, |page, view| {
                page.text("Saved ");
                render::saved_views::line(page, view);
                page.next(&[&format!("git pm list --view {}", view.name)]);
            })
        }
        ViewCommand::List(_) => context.list(&pm.items().saved_views()?, render::saved_views::list),
        ViewCommand::Show(args) => context.answer(
            &pm.items().saved_view(&args.name)?,
            render::saved_views::full,
        ),
        ViewCommand::Rm(args) => {
            context.answer(&pm.items().remove_view(&args.name)?, |page, view| {
                page.text("Removed ");
                render::saved_views::line(page, view);
            })
        }
    }
}
