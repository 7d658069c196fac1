//! `git pm view`: queries with a name.

use git_pm::verbs::view::{ListViews, RemoveView, SaveView, ShowView};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Save queries under a name, shared by all clones
///
/// A view is a query with a sort order and columns. It is part of the state and is synced with it;
/// `git pm list --view NAME` lists the matching items.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum ViewCommand {
    Save(SaveView),
    List(ListViews),
    Show(ShowView),
    Rm(RemoveView),
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: ViewCommand) -> Outcome {
    match command {
        ViewCommand::Save(args) => context.shown(args, |page, view| {
            page.text("Saved ");
            render::saved_views::line(page, view);
            page.next(&[format!("git pm list --view {}", view.name)]);
        }),
        ViewCommand::List(args) => context.listed(args, render::saved_views::list),
        ViewCommand::Show(args) => context.shown(args, render::saved_views::full),
        ViewCommand::Rm(args) => context.shown(args, |page, view| {
            page.text("Removed ");
            render::saved_views::line(page, view);
        }),
    }
}
