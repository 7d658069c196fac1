//! The lists of all kinds of items.

use git_pm::Result;
use git_pm::items::{Expr, Field, ItemView, ListFilter, columns, sort_keys};
use git_pm::values::ItemKind;
use serde_json::Value;

use crate::arguments::list::{ListArgs, LookArgs};
use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::json;
use crate::render;

use super::watch;

/// A list request, with its saved view looked up.
struct ListRequest {
    filter: ListFilter,
    columns: Option<Vec<Field>>,
    none: String,
}

/// Lists items, of one kind or of all.
pub fn run(context: &Context, kind: Option<ItemKind>, args: ListArgs) -> Outcome {
    let filter = ListFilter {
        kind,
        status: args.status,
        labels: args.label,
        owner: args.owner,
        epic: args.epic,
        item_type: args.item_type,
        all: args.all,
        limit: args.limit,
        ..ListFilter::default()
    };
    look(context, filter, args.look)
}

/// Lists the items that match a filter and the arguments.
pub fn look(context: &Context, filter: ListFilter, args: LookArgs) -> Outcome {
    let (at, tree, watch) = (args.at.clone(), args.tree, args.watch);
    let request = request(context, filter, args)?;
    if let Some(at) = &at {
        let then = context.pm()?.history().list(&request.filter, at)?;
        return context.answer(&then, |page, then| {
            render::diff::list_at(page, then, &request.none);
        });
    }
    if watch {
        return watch::run(context, |context| show(context, &request, tree, true));
    }
    show(context, &request, tree, false)
}

/// Adds the query and the view in the arguments to a filter.
pub fn filter(context: &Context, filter: ListFilter, args: LookArgs) -> Result<ListFilter> {
    Ok(request(context, filter, args)?.filter)
}

fn request(context: &Context, filter: ListFilter, args: LookArgs) -> Result<ListRequest> {
    let (mut kind, mut all) = (filter.kind, filter.all);
    let (mut sort, mut shown) = (args.sort, args.columns);
    let mut query = Expr::parse(&args.query.join(" "))?;
    if let Some(name) = &args.view {
        let view = context.pm()?.items().saved_view(name)?;
        query = Expr::parse(&view.query)?.and(query);
        kind = kind.or_else(|| view.kind.as_deref().and_then(ItemKind::parse));
        all |= view.all;
        sort = sort.or(view.sort);
        shown = shown.or(view.columns.filter(|_| !args.tree));
    }
    if let Some(before) = filter.query.clone() {
        query = before.and(query);
    }
    let what = kind.map_or_else(|| "items".to_string(), |kind| format!("{kind}s"));
    Ok(ListRequest {
        filter: ListFilter {
            kind,
            query: Some(query),
            all,
            sort: sort
                .as_deref()
                .map(sort_keys)
                .transpose()?
                .unwrap_or_default(),
            ..filter
        },
        columns: shown.as_deref().map(columns).transpose()?,
        none: format!("No {what}."),
    })
}

fn show(context: &Context, request: &ListRequest, tree: bool, again: bool) -> Outcome {
    let pm = context.pm()?;
    if tree {
        let nodes = pm.items().list_tree(&request.filter)?;
        let draw = |page: &mut render::page::Page, nodes: &[_]| {
            render::dependencies::tree(page, nodes, &request.none);
        };
        return match again {
            true => context.list(&nodes, draw),
            false => context.paged_list(&nodes, draw),
        };
    }
    if context.globals.json {
        let mut document = json::Items::default();
        let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        pm.items().list_each(
            &request.filter,
            |item| match &request.columns {
                Some(fields) => json::text(&only(&item, fields)?),
                None => json::text(&item),
            },
            |item: std::result::Result<String, Failure>| document.put(&item?, &mut out),
        )?;
        std::io::Write::flush(&mut out)?;
        drop(out);
        document.close(&context.take_notices())?;
        return Ok(Exit::DONE);
    }
    let items = pm.items().list(&request.filter)?;
    let none = match items.is_empty() && !request.filter.all {
        true => none_open(pm, request)?,
        false => request.none.clone(),
    };
    let draw = |page: &mut render::page::Page, items: &[ItemView]| match &request.columns {
        Some(fields) => render::column_choice::list(page, items, fields, &none),
        None => render::item::list(page, items, &none),
    };
    match again {
        true => context.list(&items, draw),
        false => context.paged_list(&items, draw),
    }
}

/// The message if no open item matches: the user may be looking for a closed one.
fn none_open(pm: &git_pm::Pm, request: &ListRequest) -> git_pm::Result<String> {
    let closed = ListFilter {
        all: true,
        ..request.filter.clone()
    };
    Ok(match pm.items().list(&closed)?.len() {
        0 => request.none.clone(),
        n => {
            let none = request.none.trim_end_matches('.');
            format!("{none} are open; `--all` shows {n} closed.")
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
