//! `comment`.

use crate::arguments::item::CommentArgs;
use crate::arguments::stdin::text_or_stdin;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Adds a comment.
pub fn comment(context: &Context, args: &CommentArgs) -> Outcome {
    let given = args.message.as_ref().or(args.text.as_ref());
    let text = text_or_stdin(given.map_or("", String::as_str))?;
    let item = context.pm()?.tasks().comment(&args.id, &text)?;
    context.answer(&item, |page, item| {
        render::item::summary(page, "Commented on", item);
    })
}
