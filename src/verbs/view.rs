//! The verbs on saved views.

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::{List, verb};
use super::list::KINDS;
use super::{Effect, Verb, Words};
use crate::work::list::SavedView;

/// Save a view, replacing one of the same name
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm view save mine owner:me -is:blocked --sort priority
  git pm view save stale 'is:open updated:>30d' --columns id,title,updated")]
pub struct SaveView {
    /// Name of the view.
    pub name: String,
    /// Query, as for `git pm list`.
    #[serde(default)]
    pub query: Vec<String>,
    /// Filter by kind.
    #[arg(long, value_parser = Words(KINDS))]
    pub kind: Option<String>,
    /// Sort by these fields, as in `git pm list`.
    #[arg(long, value_name = "FIELD,…", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Fields to show.
    #[arg(long, value_name = "FIELD,…")]
    pub columns: Option<String>,
    /// Include closed items.
    #[arg(long)]
    #[serde(default)]
    pub all: bool,
}

verb!(SaveView: SavedView, Writes {
    run |self, pm| pm.items().save_view(&SavedView {
        name: self.name.clone(),
        query: self.query.join(" "),
        kind: self.kind.clone(),
        sort: self.sort.clone(),
        columns: self.columns.clone(),
        all: self.all,
        ..SavedView::default()
    }),
});

/// List the saved views
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ListViews {}

verb!(ListViews: List<SavedView>, Reads {
    run |self, pm| Ok(pm.items().saved_views()?.into()),
});

/// Show a view's query and options
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ShowView {
    /// Name of the view.
    pub name: String,
}

verb!(ShowView: SavedView, Reads {
    run |self, pm| pm.items().saved_view(&self.name),
});

/// Remove a view from all clones
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct RemoveView {
    /// Name of the view.
    pub name: String,
}

verb!(RemoveView: SavedView, Removes {
    run |self, pm| pm.items().remove_view(&self.name),
});
