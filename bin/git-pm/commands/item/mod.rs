//! The verbs that several kinds of items have.

use git_pm::issues::{CloseOptions, DeleteOptions, edge_word};
use git_pm::items::ItemView;
use git_pm::tasks::{ItemEdit, NewItem, StartOptions};
use git_pm::values::ItemKind;
use git_pm::{Error, Result};

use crate::arguments::dependency::{self, BLOCKS};
use crate::arguments::fields::{CreateArgs, EditArgs};
use crate::arguments::item::{
    CloseArgs, CommentArgs, DeleteArgs, PlaceArgs, ReopenArgs, ShowArgs, StartArgs,
};
use crate::arguments::stdin::{ids, text_or_stdin};
use crate::context::Context;
use crate::failure::Outcome;
use crate::{editor, render};

pub mod list;
mod watch;

/// Creates an item and suggests what to do with it.
pub fn create(context: &Context, kind: ItemKind, args: CreateArgs) -> Outcome {
    let body = args.fields.body.clone();
    let edit = args.fields.edit()?;
    let new = NewItem {
        title: args.title,
        body: text_or_stdin(body.as_deref().unwrap_or(""))?,
        ..edit.into()
    };
    let item = context.pm()?.tasks().create(kind, &new)?;
    context.item(&item, |page, item| {
        render::item::summary(page, "Created", item);
        let next = match kind {
            ItemKind::Epic => format!("git pm epic start {}", item.id),
            ItemKind::Prd => format!("git pm epic create TITLE --parent {}", item.id),
            // Its dependencies may block it.
            ItemKind::Task | ItemKind::Issue if item.edges.iter().any(render::item::is_wait) => {
                format!("git pm why {}", item.id)
            }
            ItemKind::Task | ItemKind::Issue => format!("git pm start {}", item.id),
        };
        page.next(&[next]);
    })
}

/// The error of a change without any field.
pub fn unchanged() -> Error {
    Error::usage("there is nothing to change").hint("specify a field; `--help` lists the fields")
}

/// Changes an item, its text perhaps in the editor.
pub fn edit(context: &Context, args: EditArgs) -> Outcome {
    let body = args.fields.body.clone();
    let mut edit = args.fields.edit()?;
    edit.body = match body {
        Some(body) => Some(text_or_stdin(&body)?),
        None if args.editor => {
            let before = context.pm()?.tasks().show(&args.id)?.body;
            Some(editor::edited(context, &before.unwrap_or_default())?)
        }
        None => None,
    };
    edit.title = args.title;
    edit.add_labels = args.add_label;
    edit.remove_labels = args.remove_label;
    if edit == ItemEdit::default() {
        return Err(unchanged().hint("`--editor` edits the text").into());
    }
    let item = context.pm()?.tasks().edit(&args.id, &edit)?;
    context.summary("Changed", &item)
}

/// Shows an item, now or at a point of the history.
pub fn show(context: &Context, args: &ShowArgs) -> Outcome {
    let pm = context.pm()?;
    if let Some(at) = &args.at {
        let item = pm.history().show(&args.id, at)?;
        return context.paged(&item, render::diff::item_at);
    }
    let item = pm.tasks().show(&args.id)?;
    context.paged(&item, |page, item| {
        render::item::full(page, item);
        render::next_steps::next_steps(page, item, pm.tasks().is_own(item));
    })
}

/// Shows what an id names: an item, or a learning.
pub fn show_any(context: &Context, args: &ShowArgs) -> Outcome {
    let learnings = context.pm()?.learnings();
    if args.at.is_none() && learnings.is_named(&args.id)? {
        return context.paged(&learnings.show(&args.id)?, render::learn::full);
    }
    show(context, args)
}

/// The options of a start.
pub fn start_options(place: PlaceArgs, resume: bool) -> StartOptions {
    StartOptions {
        worktree: !place.no_worktree,
        branch: true,
        base: place.base,
        resume,
        ..StartOptions::default()
    }
}

/// Starts an item.
pub fn start(context: &Context, args: StartArgs) -> Outcome {
    let options = start_options(args.place, args.resume);
    context.ask_first_push(false)?;
    let started = context.pm()?.tasks().start(&args.id, &options)?;
    context.answer(&started, render::workflow::started)
}

/// Comments on an item.
pub fn comment(context: &Context, id: &str, text: &str) -> Outcome {
    let item = context.pm()?.tasks().comment(id, text)?;
    context.summary("Commented on", &item)
}

/// Comments on an item with the text of the arguments.
pub fn comment_on(context: &Context, args: &CommentArgs) -> Outcome {
    let given = args.message.as_ref().or(args.text.as_ref());
    let text = text_or_stdin(given.map_or("", String::as_str))?;
    comment(context, &args.id, &text)
}

/// The options of a close.
pub fn close_options(args: &CloseArgs) -> CloseOptions {
    CloseOptions {
        reason: args.reason.clone(),
        force: args.force,
    }
}

/// Closes items.
pub fn close(context: &Context, args: &CloseArgs) -> Outcome {
    let issues = context.pm()?.issues();
    let items = issues.close(&ids(&args.ids)?, &close_options(args))?;
    context.summaries("Closed", &items)
}

/// Reopens closed items.
pub fn reopen(context: &Context, args: &ReopenArgs) -> Outcome {
    let reason = args.reason.as_deref();
    let items = context.pm()?.issues().reopen(&ids(&args.ids)?, reason)?;
    context.summaries("Reopened", &items)
}

/// Deletes items.
pub fn delete(context: &Context, args: DeleteArgs) -> Outcome {
    let options = DeleteOptions {
        reason: args.reason,
        force: args.force,
        cascade: args.cascade,
    };
    let items = context.pm()?.issues().delete(&ids(&args.ids)?, &options)?;
    context.summaries("Deleted", &items)
}

/// Adds a dependency.
pub fn add_dependency(context: &Context, args: &dependency::AddArgs) -> Outcome {
    let (on, kind) = (&args.on, &args.kind);
    let item = added_dependency(context, args)?;
    context.item(&item, |page, item| {
        let what = match edge_verb(kind) {
            WAITS if args.soft => "should wait for",
            verb => verb,
        };
        page.line(format!("{} {what} {on}", item.id));
    })
}

/// Adds a dependency, and returns the item.
pub fn added_dependency(context: &Context, args: &dependency::AddArgs) -> Result<ItemView> {
    let (id, on, kind) = (&args.id, &args.on, &args.kind);
    let tasks = context.pm()?.tasks();
    match args.gate {
        Some(gate) => tasks.add_gate_dependency(id, on, kind, gate),
        None => tasks.add_dependency(id, on, kind, args.soft, args.force),
    }
}

/// Removes a dependency, and returns the item.
pub fn removed_dependency(context: &Context, args: &dependency::RemoveArgs) -> Result<ItemView> {
    let tasks = context.pm()?.tasks();
    tasks.remove_dependency(&args.id, &args.on, &args.kind)
}

/// Removes a dependency.
pub fn remove_dependency(context: &Context, args: &dependency::RemoveArgs) -> Outcome {
    let (on, kind) = (&args.on, &args.kind);
    let item = removed_dependency(context, args)?;
    context.item(&item, |page, item| {
        let what = edge_verb(kind);
        page.line(format!("{} no longer {what} {on}", item.id));
    })
}

/// Lists the dependencies of an item, and the items that depend on it.
pub fn dependencies(context: &Context, args: &dependency::ListArgs) -> Outcome {
    let view = context.pm()?.tasks().dependencies(&args.id)?;
    context.answer(&view, render::dependencies::dependencies)
}

/// The verb for a dependency that blocks.
const WAITS: &str = "waits for";

/// The verb that describes an edge from its first item.
fn edge_verb(kind: &str) -> &str {
    match edge_word(kind) {
        BLOCKS => WAITS,
        kind => kind,
    }
}
