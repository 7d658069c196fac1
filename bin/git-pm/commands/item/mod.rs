//! The verbs that several kinds of items have.

use git_pm::items::ItemView;

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

/// Answers with one sentence per item; in JSON a single item is not wrapped in a list.
pub fn summaries(context: &Context, verb: &str, items: &[ItemView]) -> Outcome {
    if let [item] = items {
        return context.answer(item, |page, item| render::item::summary(page, verb, item));
    }
    context.list(items, |page, items| {
        for item in items {
            render::item::summary(page, verb, item);
        }
    })
}
