//! The verbs that several kinds of items have: create, show, edit, comment, delete and the like.

use git_pm::issues::{edge_word, reading};
use git_pm::items::ItemView;
use git_pm::tasks::{ItemEdit, Move};
use git_pm::text::is_same_name;
use git_pm::values::ItemKind;
use git_pm::verbs::item::{Comment, Create, Edit};
use git_pm::verbs::show::{Show, Shown, ShownItems};
use git_pm::verbs::work::Start;
use git_pm::verbs::{Changed, Verb, dep};
use git_pm::{Error, Result};

use crate::context::Context;
use crate::failure::Outcome;
use crate::item_form as form;
use crate::output::shell_folder;
use crate::{editor, render};

pub mod list;
mod watch;

/// Does what was typed, and prints a sentence about the item.
pub fn change<V: Verb<Answer = ItemView>>(context: &Context, said: &str, request: V) -> Outcome {
    let item = context.verb(request)?;
    context.summary(said, &item)
}

/// The same for several items.
pub fn changes<V: Verb<Answer = Changed>>(context: &Context, said: &str, request: V) -> Outcome {
    let changed = context.verb(request)?;
    context.summaries(said, changed.items())
}

/// Creates an item and suggests what to do with it.
pub fn create(context: &Context, kind: ItemKind, mut request: Create) -> Outcome {
    request.kind = kind;
    let item = match request.title.is_empty() && editor::is_usable(context) {
        true => form::create(context, &request, |filled| context.verb(filled))?,
        false => context.verb(request)?,
    };
    let pm = context.pm()?;
    let me = pm.actor().name.as_str();
    context.item(&item, |page, item| {
        // Its dependencies may block it, or its paths be reserved.
        let waits = item.edges.iter().any(render::item::is_wait);
        let moves = || pm.tasks().moves(item.uid.as_str()).unwrap_or_default();
        let waits = waits || !item.paths.is_empty() && !moves().contains(&Move::Start);
        render::item::created(page, item);
        let next = match kind {
            ItemKind::Epic => format!("git pm task create TITLE --epic {}", item.id),
            ItemKind::Prd => format!("git pm epic create TITLE --parent {}", item.id),
            ItemKind::Task | ItemKind::Issue if waits => format!("git pm why {}", item.id),
            ItemKind::Task | ItemKind::Issue => format!("git pm start {}", item.id),
        };
        let is_for_now = !render::next_steps::is_deferred(page, item);
        if is_for_now
            && item
                .assignee
                .as_deref()
                .is_none_or(|name| is_same_name(name, me))
        {
            page.next(&[next]);
        }
    })
}

/// Comments on an item, in the editor if no text was given at a terminal.
pub fn comment(context: &Context, mut request: Comment) -> Outcome {
    let text = &mut request.comment;
    let is_given = !text.text.is_empty() || text.message.is_some() || text.file.is_some();
    if is_given || !editor::is_usable(context) {
        return change(context, "Commented on", request);
    }
    text.text = editor::edited(context, "")?;
    let (id, text) = (request.id.clone(), text.text.clone());
    let item = context.verb(request);
    let item = item.map_err(|error| editor::keep(context, ["comment", &id], &text, error))?;
    context.summary("Commented on", &item)
}

/// Changes items, one perhaps in the editor: so if nothing was given at a terminal.
pub fn edit(context: &Context, request: Edit) -> Outcome {
    let is_given = request.edit != ItemEdit::default();
    let in_editor = request.editor || !is_given && editor::is_usable(context);
    let changed = match request.id.as_slice() {
        [id] if in_editor && !is_given => {
            let tasks = context.pm()?.tasks();
            let item = tasks.show(tasks.meant(id)?.uid.as_str())?;
            form::edit(context, id, &item, |edit| context.verb(edit))?
        }
        _ if in_editor => {
            return Err(Error::usage(
                "`--editor` edits one item, and takes no values of fields besides",
            )
            .into());
        }
        _ => context.verb(request)?,
    };
    match changed.items() {
        // As beads prints one.
        [item] => context.summary(context.edited("Changed"), item),
        items => context.summaries(context.edited("Changed"), items),
    }
}

/// Shows what ids name, now or at a point of the history: items, or learnings.
pub fn show(context: &Context, request: Show) -> Outcome {
    let shown = context.verb(request)?;
    let items = match &shown {
        ShownItems::One(item) => std::slice::from_ref(item),
        ShownItems::Many { items } => items,
    };
    let mut own = Vec::new();
    for item in items {
        own.push(match item {
            Shown::Item(item) if !context.globals.json => {
                let tasks = context.pm()?.tasks();
                // Whose turn it is to finish, the item itself says.
                let is_open = matches!(
                    item.status.as_str(),
                    "queued" | "open" | "hooked" | "in_review" | "ready_for_integration"
                );
                let moves = is_open.then(|| tasks.moves(item.uid.as_str()));
                (tasks.is_own(item), moves.transpose()?.unwrap_or_default())
            }
            _ => (false, Vec::new()),
        });
    }
    let me = context.pm()?.actor().name.as_str();
    context.paged(&shown, |page, _| {
        for (n, (item, (is_own, moves))) in items.iter().zip(&own).enumerate() {
            if n > 0 {
                page.line("");
            }
            match item {
                Shown::At(item) => render::diff::item_at(page, item),
                Shown::Learning(learning) => render::learn::full(page, learning),
                Shown::Item(item) => {
                    render::item::full(page, item);
                    render::next_steps::next_steps(page, item, *is_own, moves, me);
                }
            }
        }
    })
}

/// Starts an item.
pub fn start(context: &Context, request: Start) -> Outcome {
    let started = context.verb(request)?;
    shell_folder::enter_of(&started.item);
    context.answer(&started, render::workflow::started)
}

/// Adds a dependency.
pub fn add_dependency(context: &Context, request: dep::Add) -> Outcome {
    let (on, kind, soft) = (request.on.clone(), request.kind.clone(), request.soft);
    let item = context.verb(request)?;
    let on = meant(context, on)?;
    context.item(&item, |page, item| {
        let what = match edge_verb(&kind) {
            WAITS if soft => "should wait for",
            verb => verb,
        };
        page.line(format!("{} {what} {on}", item.id));
    })
}

/// Removes a dependency.
pub fn remove_dependency(context: &Context, request: dep::Rm) -> Outcome {
    let (on, kind) = (request.on.clone(), request.kind.clone());
    let item = context.verb(request)?;
    let on = meant(context, on)?;
    context.item(&item, |page, item| {
        let what = edge_verb(&kind);
        page.line(format!("{} no longer {what} {on}", item.id));
    })
}

/// The id of what a name in a change meant; the name, if it is no item's.
pub fn meant(context: &Context, name: String) -> Result<String> {
    let item = context.pm()?.tasks().meant(&name);
    Ok(item.map_or(name, |item| item.id.clone()))
}

/// The verb for a dependency that blocks.
const WAITS: &str = "waits for";

/// The verb that describes an edge from its first item.
fn edge_verb(kind: &str) -> &str {
    match edge_word(kind) {
        "blocks" => WAITS,
        kind => reading(kind),
    }
}
