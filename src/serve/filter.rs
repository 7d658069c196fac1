//! The item filter in the query parameters of pages.

use super::request::Call;
use crate::error::{Error, Reason, Result};
use crate::model::id::ItemKind;
use crate::query::{Expr, sort_keys};
use crate::work::list::ListFilter;

/// The item kind in the `kind` parameter.
fn kind(call: &Call) -> Result<Option<ItemKind>> {
    match call.parameter("kind") {
        None => Ok(None),
        Some(word) => match ItemKind::parse(word) {
            Some(kind) => Ok(Some(kind)),
            None => Err(Error::usage(format!("`{word}` is not a kind of item"))
                .because(Reason::ArgumentsInvalid)
                .hint("use prd, epic, task or issue")),
        },
    }
}

/// The filter of a list or a board.
pub(super) fn filter(call: &Call) -> Result<ListFilter> {
    let query = call.parameter("q").map(Expr::parse).transpose()?;
    let sort = call.parameter("sort").map(sort_keys).transpose()?;
    Ok(ListFilter {
        kind: kind(call)?,
        status: call.parameters("status"),
        labels: call.parameters("label"),
        owner: call.parameter("owner").map(str::to_string),
        epic: call.parameter("epic").map(str::to_string),
        query,
        all: call.flag("all"),
        sort: sort.unwrap_or_default(),
        ..ListFilter::default()
    })
}
