//! `git pm view`: queries with a name.

use git_pm::items::SavedView;

use crate::arguments::values::{KINDS, Words};
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Save queries under a name, shared by all clones
///
/// A view is a query with a sort order and columns. It is part of the state and is synced with it;
/// `git pm list --view NAME` lists the matching items.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum ViewCommand {
    Save(SaveArgs),
    List(ListArgs),
    Show(NameArgs),
    Rm(RmArgs),
}

/// Save a view, replacing one of the same name
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm view save mine owner:me -is:blocked --sort priority
  git pm view save stale 'is:open updated:>30d' --columns id,title,updated")]
pub struct SaveArgs {
    /// Name of the view.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Query, as for `git pm list`.
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// Filter by kind.
    #[arg(long, value_name = "KIND", value_parser = Words(KINDS))]
    pub kind: Option<String>,
    /// Sort by these fields, as in `git pm list`.
    #[arg(long, value_name = "FIELD,…", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Fields to show.
    #[arg(long, value_name = "FIELD,…")]
    pub columns: Option<String>,
    /// Include closed items.
    #[arg(long)]
    pub all: bool,
}

/// List the saved views
#[derive(clap::Args, Debug)]
pub struct ListArgs {}

/// Show a view's query and options
#[derive(clap::Args, Debug)]
pub struct NameArgs {
    /// Name of the view.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Remove a view from all clones
#[derive(clap::Args, Debug)]
pub struct RmArgs {
    /// Name of the view.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Runs a verb of the group.
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
