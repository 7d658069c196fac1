//! The verbs that several kinds of items have.

use git_pm::pm::shared_views::ItemView;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

pub mod close;
pub mod comment;
pub mod create;
pub mod dep;
pub mod edit;
pub mod list;
pub mod show;
pub mod start;
mod watch;

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
