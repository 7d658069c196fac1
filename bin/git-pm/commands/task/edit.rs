//! `git pm task edit`.

use super::create::{FieldArgs, values};
use crate::context::Context;
use crate::failure::Outcome;
use crate::{editor, parse, render};
use git_pm::Error;
use git_pm::work::new_item::ItemEdit;

/// Change an item's fields
///
/// What is not named stays. Lists given here replace what the item has, and an empty value clears
/// a field or a list. Criteria whose text stays the same keep their tick.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm task edit T-0001 --title \"Fix the flaky login test\" -p 0
  git pm task edit T-0001 --add-label ci --remove-label triage
  git pm task edit T-0001 --path '' --assignee ''    no planned paths, nobody assigned")]
pub struct EditArgs {
    /// The item's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// A new title.
    #[arg(long, value_name = "T")]
    pub title: Option<String>,
    /// The fields.
    #[command(flatten)]
    pub fields: FieldArgs,
    /// A label to add.
    #[arg(long, value_name = "L")]
    pub add_label: Vec<String>,
    /// A label to take off.
    #[arg(long, value_name = "L")]
    pub remove_label: Vec<String>,
    /// Opens the text in the editor that git uses.
    #[arg(long, conflicts_with = "body")]
    pub editor: bool,
}

/// The refusal of a change that names nothing.
pub fn unchanged() -> Error {
    Error::usage("there is nothing to change").hint("name a field; `--help` lists them")
}

/// Changes an item.
///
/// # Errors
/// When nothing is named, a value is refused, or the item is no longer at `--if-version`.
pub fn run(context: &Context, args: EditArgs) -> Outcome {
    let fields = args.fields.single();
    let given = args.fields;
    let body = match given.body.as_deref() {
        Some(body) => Some(parse::text_or_stdin(body)?),
        None if args.editor => {
            let before = context.pm()?.show(&args.id)?.body.unwrap_or_default();
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
        return Err(unchanged().hint("`--editor` opens the text").into());
    }
    let item = context.pm()?.edit(&args.id, &edit)?;
    context.answer(&item, |page, item| {
        render::item::said(page, "Changed", item);
    })
}
