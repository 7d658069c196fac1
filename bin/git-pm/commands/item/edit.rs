//! `edit`.

use git_pm::Error;
use git_pm::tasks::ItemEdit;

use crate::arguments::fields::{EditArgs, values};
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
    let fields = args.fields.single();
    let given = args.fields;
    let body = match given.body.as_deref() {
        Some(body) => Some(text_or_stdin(body)?),
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
        fields,
        acceptance: values(given.accept),
        paths: values(given.path),
        depends_on: values(given.depends_on),
        labels: values(given.label),
        add_labels: args.add_label,
        remove_labels: args.remove_label,
        parent: given.parent,
        external_refs: values(given.external_ref),
    };
    if edit == ItemEdit::default() {
        return Err(unchanged().hint("`--editor` edits the text").into());
    }
    let item = context.pm()?.tasks().edit(&args.id, &edit)?;
    context.answer(&item, |page, item| {
        render::item::summary(page, "Changed", item);
    })
}
