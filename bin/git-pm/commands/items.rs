//! The verbs that every kind of item has alike: close, reopen and delete, of one or of many.

use std::io::Read;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use git_pm::pm::view::ItemView;
use git_pm::work::issue::close::CloseOptions;
use git_pm::work::issue::delete::DeleteOptions;
use git_pm::{Error, Result};

/// Close items
///
/// All of them in one commit. What has open children, waits for something open or is pinned is
/// closed with `--force` only; children may be closed together with their parent. What is closed
/// already is named and left out.
#[derive(clap::Args, Debug)]
pub struct CloseArgs {
    /// The items' ids; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Why, or what came of it.
    #[arg(short, long, value_name = "R")]
    pub reason: Option<String>,
    /// Even with open children, or while it waits for something.
    #[arg(short, long)]
    pub force: bool,
}

/// Open closed items again
#[derive(clap::Args, Debug)]
pub struct ReopenArgs {
    /// The items' ids; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Why.
    #[arg(short, long, value_name = "R")]
    pub reason: Option<String>,
}

/// Delete items
///
/// All of them in one commit. A tombstone remains, so that no clone brings them back; the history
/// keeps what they said, and `git pm undo` takes it back. Edges to them stay and hold nobody up.
#[derive(clap::Args, Debug)]
pub struct DeleteArgs {
    /// The items' ids; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Why.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
    /// Even where open items are below them or wait for them, or somebody else holds one, who is
    /// told.
    #[arg(short, long)]
    pub force: bool,
    /// With everything below them.
    #[arg(long)]
    pub cascade: bool,
}

impl CloseArgs {
    /// As the library takes them.
    pub fn options(&self) -> CloseOptions {
        CloseOptions {
            reason: self.reason.clone(),
            force: self.force,
        }
    }
}

/// The ids that are given, with those that standard input holds in the place of `-`: words between
/// white space.
///
/// # Errors
/// When standard input cannot be read as UTF-8.
pub fn ids(given: &[String]) -> Result<Vec<String>> {
    let mut out = Vec::new();
    for id in given {
        if id != "-" {
            out.push(id.clone());
            continue;
        }
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| {
                Error::usage(format!("cannot read ids from standard input: {error}"))
            })?;
        out.extend(text.split_whitespace().map(str::to_string));
    }
    Ok(out)
}

/// Closes items.
///
/// # Errors
/// When one of them cannot be closed.
pub fn close(context: &Context, args: &CloseArgs) -> Outcome {
    let items = context.pm()?.close(&ids(&args.ids)?, &args.options())?;
    said(context, "Closed", &items)
}

/// Opens items again.
///
/// # Errors
/// When one of them is not closed.
pub fn reopen(context: &Context, args: &ReopenArgs) -> Outcome {
    let reason = args.reason.as_deref();
    let items = context.pm()?.reopen_all(&ids(&args.ids)?, reason)?;
    said(context, "Reopened", &items)
}

/// Deletes items.
///
/// # Errors
/// When one of them is needed by others.
pub fn delete(context: &Context, args: &DeleteArgs) -> Outcome {
    let items = context.pm()?.delete(&ids(&args.ids)?, &args.options())?;
    said(context, "Deleted", &items)
}

impl DeleteArgs {
    /// As the library takes them.
    pub fn options(&self) -> DeleteOptions {
        DeleteOptions {
            reason: self.reason.clone(),
            force: self.force,
            cascade: self.cascade,
        }
    }
}

/// One sentence about each of the items; one item as JSON is the item itself.
///
/// # Errors
/// When standard output cannot be written.
pub fn said(context: &Context, what: &str, items: &[ItemView]) -> Outcome {
    if let [item] = items {
        return context.answer(item, |page, item| render::item::said(page, what, item));
    }
    context.list(items, |page, items| {
        for item in items {
            render::item::said(page, what, item);
        }
    })
}
