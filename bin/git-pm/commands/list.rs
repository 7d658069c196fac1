//! `git pm list`, and the `list` of each kind.

use serde_json::Value;

use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::parse::Words;
use crate::render::{self, json};
use git_pm::Result;
use git_pm::model::id::ItemKind;
use git_pm::pm::view::ItemView;
use git_pm::query::{Expr, Field, columns, sort_keys};
use git_pm::work::list::ListFilter;

/// List items of every kind
///
/// A query is one or more conditions, all of which have to hold: `FIELD:VALUE`
/// (`status:in_review`, `label:auth,ci` for either, `path:src/*` with anything for the star),
/// comparisons (`priority:<=1`, `estimate:S..L`), times (`updated:<7d` within a week,
/// `created:>2026-11-01` after that day), `is:ready` (or blocked, open, closed, active, claimed,
/// mine, conflicted, forced, deferred, pinned, template, or a kind), `has:FIELD`, and words or "phrases" of the full text,
/// whose end may be left out (`auth*`). `or`, `not` (also `-` or `!`) and parentheses combine them;
/// `me` is your own name. A shell wants parentheses and quotation marks in quotes.
///
/// Fields are id, kind, title, type, status, priority, owner, assignee, claim, estimate, risk,
/// validation, stream, epic, parent, under (as parent, through every level), label, depends-on,
/// blocks, linked, edge, acceptance, path, external, auto-policy, branch, reason, created,
/// created-by, updated, started, finished, approved, approved-by, closed, due, defer, spec and
/// source. `status:open` and `status:closed` mean queued, and done or cancelled, for tasks. Closed items are left out unless the query asks for them or `--all` is
/// given.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm list status:queued label:auth -owner:me \"race\"
  git pm list 'is:blocked or (priority:<=1 updated:>7d)' --sort priority,-updated
  git pm list --view mine --watch")]
pub struct AllArgs {
    /// Only of this kind, or one of several.
    #[arg(long, value_name = "KIND", value_parser = Words(KINDS))]
    pub kind: Vec<String>,
    /// What holds for every list.
    #[command(flatten)]
    pub list: ListArgs,
}

/// What every list takes.
#[derive(clap::Args, Debug)]
pub struct ListArgs {
    /// What they have to be, and how they are shown.
    #[command(flatten)]
    pub look: LookArgs,
    /// Shows at most N; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::parse::limit)]
    pub limit: Option<usize>,
    /// Only in this state, or one of several.
    #[arg(long, value_name = "S", value_parser = Words(STATES))]
    pub status: Vec<String>,
    /// Only with this label, or all of several.
    #[arg(long, value_name = "L")]
    pub label: Vec<String>,
    /// Only held by or assigned to this actor.
    #[arg(long, value_name = "A")]
    pub owner: Option<String>,
    /// Only of this epic.
    #[arg(long, value_name = "ID")]
    pub epic: Option<String>,
    /// Only of this type, or one of several.
    #[arg(long = "type", value_name = "T", value_parser = Words(git_pm::model::vocabulary::TYPE.words))]
    pub item_type: Vec<String>,
    /// Shows closed ones too.
    #[arg(long)]
    pub all: bool,
}

/// How a list is asked for and shown, whatever narrows it besides.
#[derive(clap::Args, Debug)]
pub struct LookArgs {
    /// What they have to be; `git pm help list` says what it understands.
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// Sorts by these fields, `-` in front turns one around; without it by kind and id.
    #[arg(
        long,
        value_name = "FIELD,…",
        allow_hyphen_values = true,
        conflicts_with = "tree"
    )]
    pub sort: Option<String>,
    /// Shows these fields only, in JSON too.
    #[arg(long, value_name = "FIELD,…", conflicts_with = "tree")]
    pub columns: Option<String>,
    /// Shows them as a tree, with the items above that lead to them.
    #[arg(long)]
    pub tree: bool,
    /// Goes on and shows the list anew whenever the state changes, until Ctrl-C.
    #[arg(long)]
    pub watch: bool,
    /// Begins with a view that `git pm view save` saved; a query narrows it further.
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Shows them as they were then, as `git pm show --at` takes it.
    #[arg(long, value_name = "REV|WHEN", conflicts_with_all = ["watch", "tree", "columns"])]
    pub at: Option<String>,
}

/// The kinds of items.
pub const KINDS: &[&str] = &["prd", "epic", "task", "issue"];

/// The states of a task, in the order of its life.
const STATES: &[&str] = &[
    "queued",
    "in_progress",
    "in_review",
    "ready_for_integration",
    "done",
    "blocked",
    "deferred",
    "cancelled",
];

/// What is asked for, with the view it begins with looked up.
struct Asked {
    filter: ListFilter,
    columns: Option<Vec<Field>>,
    none: String,
}

/// Lists items of every kind.
///
/// # Errors
/// When the state cannot be read, or the query cannot be understood.
pub fn all(context: &Context, args: AllArgs) -> Outcome {
    let mut list = args.list;
    if !args.kind.is_empty() {
        list.look
            .query
            .push(format!("kind:{}", args.kind.join(",")));
        let unknown = args.kind.iter().find(|k| ItemKind::parse(k).is_none());
        if let Some(unknown) = unknown {
            return Err(
                git_pm::Error::usage(format!("`{unknown}` is no kind of item"))
                    .hint(format!("kinds are {}", KINDS.join(", ")))
                    .into(),
            );
        }
    }
    run(context, None, list)
}

/// Lists items, of one kind or of all.
///
/// # Errors
/// When the state cannot be read, or the query cannot be understood.
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

/// Lists what a filter leaves, as it is asked for.
///
/// # Errors
/// When the state cannot be read, or the query cannot be understood.
pub fn look(context: &Context, filter: ListFilter, args: LookArgs) -> Outcome {
    let (at, tree, watch) = (args.at.clone(), args.tree, args.watch);
    let asked = ask(context, filter, args)?;
    if let Some(at) = &at {
        let then = context.pm()?.list_at(&asked.filter, at)?;
        return context.answer(&then, |page, then| {
            render::past::list_at(page, then, &asked.none);
        });
    }
    if watch {
        return super::watch::run(context, |context| show(context, &asked, tree, true));
    }
    show(context, &asked, tree, false)
}

/// A filter with what is asked for besides.
///
/// # Errors
/// When the query cannot be understood, or there is no such view.
pub fn asked(context: &Context, filter: ListFilter, args: LookArgs) -> Result<ListFilter> {
    Ok(ask(context, filter, args)?.filter)
}

fn ask(context: &Context, filter: ListFilter, args: LookArgs) -> Result<Asked> {
    let (mut kind, mut all) = (filter.kind, filter.all);
    let (mut sort, mut shown) = (args.sort, args.columns);
    let mut query = Expr::parse(&args.query.join(" "))?;
    if let Some(name) = &args.view {
        let view = context.pm()?.saved_view(name)?;
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
    Ok(Asked {
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

fn show(context: &Context, asked: &Asked, tree: bool, again: bool) -> Outcome {
    let pm = context.pm()?;
    if tree {
        let nodes = pm.list_tree(&asked.filter)?;
        let draw = |page: &mut render::page::Page, nodes: &[_]| {
            render::graph::tree(page, nodes, &asked.none);
        };
        return match again {
            true => context.list(&nodes, draw),
            false => context.paged_list(&nodes, draw),
        };
    }
    if context.globals.json {
        let mut document = json::Items::new();
        let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        pm.list_each(
            &asked.filter,
            |item| match &asked.columns {
                Some(fields) => json::Items::item(&only(&item, fields)?),
                None => json::Items::item(&item),
            },
            |item: std::result::Result<String, Failure>| document.put(&item?, &mut out),
        )?;
        std::io::Write::flush(&mut out)?;
        drop(out);
        document.close(&context.take_notices())?;
        return Ok(Exit::DONE);
    }
    let items = pm.list(&asked.filter)?;
    let none = match items.is_empty() && !asked.filter.all {
        true => none_open(pm, asked)?,
        false => asked.none.clone(),
    };
    let draw = |page: &mut render::page::Page, items: &[ItemView]| match &asked.columns {
        Some(fields) => render::columns::list(page, items, fields, &none),
        None => render::item::list(page, items, &none),
    };
    match again {
        true => context.list(&items, draw),
        false => context.paged_list(&items, draw),
    }
}

/// What to say where nothing open fits: what is closed may be what was looked for.
fn none_open(pm: &git_pm::Pm, asked: &Asked) -> git_pm::Result<String> {
    let closed = ListFilter {
        all: true,
        ..asked.filter.clone()
    };
    Ok(match pm.list(&closed)?.len() {
        0 => asked.none.clone(),
        n => {
            let none = asked.none.trim_end_matches('.');
            format!("{none} that are open; `--all` shows {n} closed.")
        }
    })
}

/// Only these fields of an item, under their keys.
fn only(item: &ItemView, fields: &[Field]) -> std::result::Result<Value, Failure> {
    let mut value = serde_json::to_value(item).map_err(std::io::Error::from)?;
    if let Value::Object(map) = &mut value {
        let parent = render::columns::parent(item).map_or(Value::Null, Value::from);
        map.insert(Field::Parent.key().to_string(), parent);
        map.retain(|key, _| fields.iter().any(|field| field.key() == key));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_states_and_kinds_are_the_models() {
        let model = git_pm::model::status::Status::TASK;
        let words: Vec<&str> = model.iter().map(|s| s.as_str()).collect();
        assert_eq!(STATES, words);
        for kind in KINDS {
            assert!(ItemKind::parse(kind).is_some(), "{kind}");
        }
    }

    #[test]
    fn the_help_names_every_field_and_mark() {
        use clap::Args;
        let command = AllArgs::augment_args(clap::Command::new("list"));
        let help = command.get_long_about().map(ToString::to_string);
        let help = help.unwrap_or_default().replace('\n', " ");
        for field in Field::all() {
            assert!(
                help.contains(field.name()),
                "{} is not explained",
                field.name()
            );
        }
        for (word, _) in git_pm::query::Mark::WORDS {
            assert!(help.contains(word), "is:{word} is not explained");
        }
    }
}
