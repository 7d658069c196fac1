//! Saved views: named queries, with order and columns.
//!
//! They are shared: a record of `pm.yaml`, so two clones that save one at the same time agree field
//! by field.

use crate::coordinate::idempotency;
use crate::coordinate::sync;
use crate::error::{Error, Hint, Result};
use crate::model::codec::encode;
use crate::model::doc::{Doc, Entry};
use crate::model::id::ItemKind;
use crate::model::limits::NAMES_SHOWN;
use crate::model::settings::SyncMode;
use crate::model::stamp::rfc3339;
use crate::model::text::{excerpt, first_of};
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Items;
use crate::query::{Expr, columns, sort_keys};
use crate::store::layout::REPOSITORY;
use crate::store::transaction::Tx;

/// The record of `pm.yaml`.
const VIEWS: &str = "views";

/// The longest name of a view, in bytes.
const NAME_MAX: usize = 60;

/// The longest query that is saved, in bytes.
const QUERY_MAX: usize = 4_000;

/// A saved view.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// The query; empty for all items.
    pub query: String,
    /// Only items of this kind.
    pub kind: Option<String>,
    /// The order, as `--sort` takes it.
    pub sort: Option<String>,
    /// The columns, as `--columns` takes them.
    pub columns: Option<String>,
    /// Include closed items.
    pub all: bool,
    /// The actor who saved it last.
    pub saved_by: Option<String>,
    /// The time of that, RFC 3339.
    pub saved_at: Option<String>,
}

impl SavedView {
    fn of(name: &str, entry: &Entry) -> SavedView {
        let text = |name: &str| entry.text(name).map(str::to_string);
        SavedView {
            name: name.to_string(),
            query: text("query").unwrap_or_default(),
            kind: text("kind"),
            sort: text("sort"),
            columns: text("columns"),
            all: entry.value("all").is_true(),
            saved_by: text("by"),
            saved_at: text("saved_at"),
        }
    }
}

impl Items<'_> {
    /// The saved views, by name.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn saved_views(&self) -> Result<Vec<SavedView>> {
        let state = self.pm.store.state()?;
        Ok(views(&state.repository.doc))
    }

    /// One saved view.
    ///
    /// # Errors
    /// When there is no view of that name.
    pub fn saved_view(&self, name: &str) -> Result<SavedView> {
        let all = self.pm.items().saved_views()?;
        let found = all.iter().find(|view| view.name == name);
        found.cloned().ok_or_else(|| missing(name, &all))
    }

    /// Saves a shared view, under a new name or over the one of that name. Actor and time are
    /// filled in.
    ///
    /// # Errors
    /// When the name, query, kind or order is not valid.
    pub fn save_view(&self, view: &SavedView) -> Result<SavedView> {
        check_name(&view.name)?;
        if view.query.len() > QUERY_MAX {
            let message = format!("the query is longer than {QUERY_MAX} bytes");
            return Err(Error::usage(message).hint(
                "save a shorter one, and give the other conditions to `git pm list --view NAME \
                 QUERY`",
            ));
        }
        Expr::parse(&view.query)?;
        if let Some(sort) = &view.sort {
            sort_keys(sort)?;
        }
        if let Some(names) = &view.columns {
            columns(names)?;
        }
        if let Some(kind) = &view.kind
            && ItemKind::parse(kind).is_none()
        {
            let shown = excerpt(kind, 40);
            return Err(Error::usage(format!("`{shown}` is not a kind of item"))
                .hint("kinds are prd, epic, task, issue"));
        }
        change_repository(self.pm, "view save", &view.name, |tx, doc| {
            let clock = tx.clock().clone();
            let at = tx.fresh_stamp();
            let text = |value: &Option<String>| match value {
                Some(value) => Value::from(value.as_str()),
                None => Value::Null,
            };
            let all = Value::from(view.all.then_some(true));
            let registers = [
                ("removed", Value::Null),
                ("query", Value::from(view.query.as_str())),
                ("kind", text(&view.kind)),
                ("sort", text(&view.sort)),
                ("columns", text(&view.columns)),
                ("all", all),
            ];
            let changed = doc.write_entry(VIEWS, &view.name, at, registers, &clock);
            if changed {
                let (by, now) = (tx.actor().to_string(), rfc3339(clock.wall_ms()));
                doc.set_entry(VIEWS, &view.name, "by", by, &clock);
                doc.set_entry(VIEWS, &view.name, "saved_at", now, &clock);
            }
            Ok(changed)
        })?;
        self.pm.items().saved_view(&view.name)
    }

    /// Removes a shared view and returns it.
    ///
    /// # Errors
    /// When there is no view of that name.
    pub fn remove_view(&self, name: &str) -> Result<SavedView> {
        let mut gone = None;
        change_repository(self.pm, "view rm", name, |tx, doc| {
            let all = views(doc);
            let found = all.iter().find(|view| view.name == name);
            gone = Some(found.cloned().ok_or_else(|| missing(name, &all))?);
            Ok(doc.set_entry(VIEWS, name, "removed", true, tx.clock()))
        })?;
        Ok(gone.unwrap_or_default())
    }
}

/// Changes `pm.yaml` in a commit of its own, described as `what`. `change` returns whether it
/// changed anything.
pub(crate) fn change_repository(
    pm: &Pm,
    op: &str,
    what: &str,
    mut change: impl FnMut(&mut Tx<'_>, &mut Doc) -> Result<bool>,
) -> Result<()> {
    crate::pm::who_acts::require_name(&pm.actor)?;
    pm.store.write(&pm.writer(op), |tx| {
        if idempotency::repeated_all(pm, &tx.state, op)?.is_some() {
            return Ok(());
        }
        let mut doc = tx.state.repository.doc.clone();
        if change(tx, &mut doc)? {
            tx.put_file(REPOSITORY, Some(encode(&doc).into_bytes()));
            tx.describe(op, &[], what);
            idempotency::record_key(pm, tx, op, &[])?;
        }
        Ok(())
    })?;
    if pm.sync_mode() == SyncMode::Always {
        sync::try_sync(pm);
    }
    Ok(())
}

fn views(doc: &Doc) -> Vec<SavedView> {
    let entries = doc.entries(VIEWS);
    entries
        .map(|(name, entry)| SavedView::of(name, entry))
        .collect()
}

fn missing(name: &str, all: &[SavedView]) -> Error {
    let shown = excerpt(name, 40);
    let error = Error::not_found(format!("there is no view `{shown}`"));
    if all.is_empty() {
        return error.hint(Hint::run(["view", "save", "NAME", "QUERY"], "saves one"));
    }
    let names: Vec<String> = all.iter().map(|view| excerpt(&view.name, 40)).collect();
    error.hint(format!("views are {}", first_of(&names, NAMES_SHOWN)))
}

fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let begins = name.starts_with(char::is_alphanumeric);
    if begins && name.len() <= NAME_MAX && name.chars().all(plain) {
        return Ok(());
    }
    let shown = excerpt(name, 40);
    Err(
        Error::usage(format!("`{shown}` cannot be the name of a view")).hint(format!(
            "use letters, digits, `-`, `_` and `.`, at most {NAME_MAX} bytes"
        )),
    )
}
