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
#[command(defer = true, disable_help_subcommand = true)]
pub enum ViewCommand {
    /// Save a view, replacing one of the same name
    #[command(after_help = "\
Examples:
  git pm view save mine owner:me -is:blocked --sort priority
  git pm view save stale 'is:open updated:>30d' --columns id,title,updated")]
    Save {
        /// Name of the view.
        name: String,
        /// Query, as for `git pm list`.
        query: Vec<String>,
        /// Filter by kind.
        #[arg(long, value_parser = Words(KINDS))]
        kind: Option<String>,
        /// Sort by these fields, as in `git pm list`.
        #[arg(long, value_name = "FIELD,…", allow_hyphen_values = true)]
        sort: Option<String>,
        /// Fields to show.
        #[arg(long, value_name = "FIELD,…")]
        columns: Option<String>,
        /// Include closed items.
        #[arg(long)]
        all: bool,
    },
    /// List the saved views
    List,
    /// Show a view's query and options
    Show {
        /// Name of the view.
        name: String,
    },
    /// Remove a view from all clones
    Rm {
        /// Name of the view.
        name: String,
    },
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: ViewCommand) -> Outcome {
    let items = context.pm()?.items();
    match command {
        ViewCommand::Save {
            name,
            query,
            kind,
            sort,
            columns,
            all,
        } => {
            let view = items.save_view(&SavedView {
                name,
                query: query.join(" "),
                kind,
                sort,
                columns,
                all,
                ..SavedView::default()
            })?;
            context.answer(&view, |page, view| {
                page.text("Saved ");
                render::saved_views::line(page, view);
                page.next(&[format!("git pm list --view {}", view.name)]);
            })
        }
        ViewCommand::List => context.list(&items.saved_views()?, render::saved_views::list),
        ViewCommand::Show { name } => {
            context.answer(&items.saved_view(&name)?, render::saved_views::full)
        }
        ViewCommand::Rm { name } => context.answer(&items.remove_view(&name)?, |page, view| {
            page.text("Removed ");
            render::saved_views::line(page, view);
        }),
    }
}
