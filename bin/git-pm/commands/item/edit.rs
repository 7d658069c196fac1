//! `edit`.

use git_pm::Error;
use git_pm::tasks::ItemEdit;

use crate::arguments::fields::EditArgs;
use crate::arguments::stdin::text_or_stdin;
use crate::context::Context;
use crate::failure::Outcome;
use crate::{editor, render};

/// The error of a change without any field.
pub fn unchanged() -> Error {
    Error::usage("there is nothing to change").hint("give a field; `--help` lists them")
}

/// Changes an item.
pub fn run(context: &Context, args: EditArgs) -> Outcome {
    let body = args.fields.body.clone();
    let edit = args.fields.edit()?;
    let body = match body {
        Some(body) => Some(text_or_stdin(&body)?),
        None if args.editor => {
            let before = context
                .pm()?
                .tasks()
                .show(&args.id)?
                .body
                .unwrap_or_default();
            Some(editor::edited(context, &before)?)
        }
        None => None,
    };
    let edit = ItemEdit {
        title: args.title,
        body,
        add_labels: args.add_label,
        remove_labels: args.remove_label,
        ..edit
    };
    if edit == ItemEdit::default() {
        return Err(unchanged().hint("`--editor` edits the text").into());
    }
    let item = context.pm()?.tasks().edit(&args.id, &edit)?;
    context.answer(&item, |page, item| {
        render::item::summary(page, "Changed", item);
    })
}
