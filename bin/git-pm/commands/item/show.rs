//! `show`.

use crate::arguments::item::ShowArgs;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Shows an item.
pub fn run(context: &Context, args: &ShowArgs) -> Outcome {
    if let Some(at) = &args.at {
        let item = context.pm()?.history().show(&args.id, at)?;
        return context.paged(&item, render::diff::item_at);
    }
    let pm = context.pm()?;
    let item = pm.tasks().show(&args.id)?;
    context.paged(&item, |page, item| {
        render::item::full(page, item);
        render::next_steps::next_steps(page, item, pm.tasks().is_own(item));
    })
}
