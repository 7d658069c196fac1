//! `git pm list`, `task list` and the like: the lists of all kinds of items.

use git_pm::items::{Expr, Field, ItemView, ListFilter, Test, Words};
use git_pm::values::{ItemKind, Status};
use git_pm::verbs::List;
use git_pm::verbs::list::{Listing, Look, Selection};
use serde_json::Value;

use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::json;
use crate::render;

use super::watch;

/// Lists items of one kind.
pub fn run(context: &Context, kind: ItemKind, list: &Listing) -> Outcome {
    let selection = list.selection(context.pm()?, Some(kind))?;
    show_selected(context, &selection, &list.look, &format!("{kind}s"))
}

/// Lists the selected items in the way that is asked for. `what` is the plural that says what there
/// is none of.
pub fn show_selected(context: &Context, selection: &Selection, look: &Look, what: &str) -> Outcome {
    let what = match selection.filter.kind {
        Some(kind) => format!("{kind}s"),
        None => what.to_string(),
    };
    let request = ListRequest {
        selection,
        none: format!("No {what}."),
    };
    if let Some(at) = &look.at {
        let then = context.pm()?.history().list(&selection.filter, at)?;
        return context.answer(&then, |page, then| {
            render::diff::list_at(page, then, &request.none);
        });
    }
    if look.watch {
        return watch::run(context, |context| show(context, &request, look.tree, true));
    }
    show(context, &request, look.tree, false)
}

/// Selected items, and the sentence if there are none.
struct ListRequest<'s> {
    selection: &'s Selection,
    none: String,
}

fn show(context: &Context, request: &ListRequest<'_>, tree: bool, again: bool) -> Outcome {
    let pm = context.pm()?;
    if tree {
        let filter = &request.selection.filter;
        let items = pm.items().list_tree(filter)?;
        // Its nodes are not only what was found.
        let fit = items.iter().filter(|node| node.fits == Some(true)).count();
        let is_full = filter.limit.is_some_and(|limit| fit >= limit);
        let more = is_full && request.selection.found(pm)?.more;
        let nodes = List { items, more };
        let draw = |page: &mut render::page::Page, nodes: &[_]| {
            render::dependencies::tree(page, nodes, &request.none);
        };
        return match again {
            true => context.limited(&nodes, draw),
            false => context.limited_paged(&nodes, draw),
        };
    }
    if context.globals.json {
        let mut document = json::Items::default();
        let mut left = request.selection.filter.limit.unwrap_or(usize::MAX);
        let mut more = false;
        // One more, to know whether there are more.
        let filter = ListFilter {
            limit: Some(left.saturating_add(1)),
            ..request.selection.filter.clone()
        };
        let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        pm.items().list_each(
            &filter,
            |item| match &request.selection.columns {
                Some(fields) => json::text(&only(&item, fields)?),
                None => json::text(&item),
            },
            |item: std::result::Result<String, Failure>| {
                more = left == 0;
                left = left.saturating_sub(1);
                match more {
                    true => Ok(()),
                    false => document.put(&item?, &mut out),
                }
            },
        )?;
        std::io::Write::flush(&mut out)?;
        drop(out);
        document.close(more, &context.take_notices())?;
        return Ok(Exit::DONE);
    }
    let found = request.selection.found(pm)?;
    let items = &found.items;
    let mut none = match items.is_empty() {
        true => none_found(pm, request)?,
        false => request.none.clone(),
    };
    if let Some(meant) = meant(&request.selection.filter) {
        none = format!(
            "{none} A plain word is looked for in titles; for the state: `git pm list {meant}`"
        );
    }
    let notes = match &request.selection.columns {
        Some(_) => Vec::new(),
        None if request.selection.filter.kind == Some(ItemKind::Epic) => progress(pm, items)?,
        None => {
            let waits_for = pm.items().waits_for(items)?.into_iter();
            waits_for
                .map(|ids| match ids.as_slice() {
                    [] => None,
                    [id] => Some(format!("waits for {id}")),
                    [id, more @ ..] => Some(format!("waits for {id} +{}", more.len())),
                })
                .collect()
        }
    };
    let draw = |page: &mut render::page::Page, items: &[ItemView]| match &request.selection.columns
    {
        Some(fields) => render::column_choice::list(page, items, fields, &none),
        None => render::item::list_noted(page, items, &notes, &none),
    };
    match again {
        true => context.limited(&found, draw),
        false => context.limited_paged(&found, draw),
    }
}

/// How much of each open epic is done.
fn progress(pm: &git_pm::Pm, items: &[ItemView]) -> git_pm::Result<Vec<Option<String>>> {
    let parts = pm.issues().epic_status()?;
    let of = |item: &ItemView| {
        let part = parts.iter().find(|part| part.epic.uid == item.uid)?;
        (part.total_children > 0).then(|| part.done())
    };
    Ok(items.iter().map(of).collect())
}

/// The condition that a word alone is taken for: `is:overdue`, `status:done`.
fn meant(filter: &ListFilter) -> Option<String> {
    let query = filter.query.as_ref()?.to_string();
    let word = query.trim_end_matches('*').trim_matches('"');
    let is_status = |one: &Status| one.as_str() == word || one.word() == word;
    let mark = format!("is:{word}");
    let is_word = word.chars().all(|c| c.is_alphabetic() || c == '-');
    match is_word && Expr::parse(&mark).is_ok() {
        true => Some(mark),
        false => Status::TASK
            .iter()
            .any(is_status)
            .then(|| format!("status:{word}")),
    }
}

/// The message if no item matches: the user may be looking for a closed one, or call tasks issues.
fn none_found(pm: &git_pm::Pm, request: &ListRequest<'_>) -> git_pm::Result<String> {
    let filter = &request.selection.filter;
    let count = |kind, all| {
        let filter = ListFilter {
            kind,
            all,
            ..filter.clone()
        };
        Ok::<usize, git_pm::Error>(pm.items().list(&filter)?.len())
    };
    let none = request.none.trim_end_matches('.');
    if !filter.all
        && let n @ 1.. = count(filter.kind, true)?
    {
        return Ok(format!("{none} are open; `--all` shows {n} closed."));
    }
    // A type or status that only issues have is refused for tasks: then there is none.
    if filter.kind == Some(ItemKind::Issue)
        && let Ok(n @ 1..) = count(Some(ItemKind::Task), filter.all)
    {
        let tasks = render::format::counted(n, "task");
        return Ok(format!("{none}, but {tasks}: `git pm list`."));
    }
    let mut words = Vec::new();
    if let Some(query) = &filter.query {
        query.each_test(&mut |test| {
            if let Test::Words(Words { text, .. }) = test {
                words.push(render::format::shell_quoted(text));
            }
        });
    }
    Ok(match words.is_empty() {
        true => request.none.clone(),
        false => {
            let words = words.join(" ");
            format!("{none}; `git pm search {words}` also finds other forms of the words.")
        }
    })
}

/// These fields of an item, under their keys.
fn only(item: &ItemView, fields: &[Field]) -> std::result::Result<Value, Failure> {
    let mut value = serde_json::to_value(item).map_err(std::io::Error::from)?;
    if let Value::Object(map) = &mut value {
        let parent = render::column_choice::parent(item).map_or(Value::Null, Value::from);
        map.insert(Field::Parent.key().to_string(), parent);
        map.retain(|key, _| fields.iter().any(|field| field.key() == key));
    }
    Ok(value)
}
