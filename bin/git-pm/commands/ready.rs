//! `git pm ready`.

use git_pm::verbs::list::{Ready, ReadyOrNot};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use crate::render::page::Page;
use crate::render::style::Label;

/// Lists ready items.
pub fn ready(context: &Context, request: Ready) -> Outcome {
    match context.verb(request)? {
        ReadyOrNot::Unready(items) => context.list(&items.items, render::ready::unready),
        ReadyOrNot::Explained(ready) => context.answer(&ready, |page, ready| {
            render::ready::idle(page, ready.idle.as_ref());
            for view in &ready.items {
                render::dependencies::why(page, view);
            }
            more(page, ready.more);
        }),
        ReadyOrNot::Ready(ready) => context.answer(&ready, |page, ready| {
            render::ready::idle(page, ready.idle.as_ref());
            if !ready.items.is_empty() {
                render::item::list(page, &ready.items, "");
            }
            more(page, ready.more);
        }),
    }
}

/// The number of those that the limit left out.
fn more(page: &mut Page, count: usize) {
    if count > 0 {
        let more = format!("and {count} more: `git pm ready --limit 0`");
        page.put(Label::Dim, &more).end();
    }
}
