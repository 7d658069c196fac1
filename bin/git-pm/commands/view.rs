//! `git pm view`: queries with a name.

use git_pm::verbs::view::{ListViews, RemoveView, SaveView, ShowView};

use crate::render;

group! {
    /// Save queries under a name, shared by all clones
    ///
    /// A view is a query with a sort order and columns. It is part of the state and is synced with it;
    /// `git pm list --view NAME` lists the matching items.
    #[command(defer = true, disable_help_subcommand = true)]
    ViewCommand, run(context):
    Save(args: SaveView) => context.shown(args, |page, view| {
        page.text("Saved ");
        render::saved_views::line(page, view);
        page.next(&[format!("git pm list --view {}", view.name)]);
    }),
    List(args: ListViews) => context.listed(args, render::saved_views::list),
    Show(args: ShowView) => context.shown(args, render::saved_views::full),
    Rm(args: RemoveView) => context.shown(args, |page, view| {
        page.text("Removed ");
        render::saved_views::line(page, view);
    }),
}
