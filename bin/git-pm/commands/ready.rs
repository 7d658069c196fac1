//! `git pm ready`.

use git_pm::work::insight::Idle;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use crate::render::style::Label;

/// List what could be started now, best first
///
/// A task or issue is ready if its state is queued or open, nobody holds it, it is not put off, none
/// of its parts is open, it waits for nothing open, and nothing above it is held up: blocked, put
/// off, or waiting. Epics, requirements documents, gates and what is pinned, ephemeral or a template
/// are never offered. What a dependency refers to and is not there holds nobody up.
#[derive(clap::Args, Debug)]
pub struct ReadyArgs {
    /// Says of each why it can be started.
    #[arg(long)]
    pub explain: bool,
    /// Lists instead the queued tasks that do not meet the definition of ready, and what is missing: a
    /// clear story, acceptance, an approach, known dependencies, an estimate.
    #[arg(long, conflicts_with_all = ["explain", "limit"])]
    pub dor: bool,
    /// Shows at most N, 0 for all; without it the best 20, or all of them as JSON.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit)]
    pub limit: Option<usize>,
}

/// How many ready items a reader of text is shown.
const SHOWN: usize = 20;

/// Lists ready items.
///
/// # Errors
/// When the state cannot be read.
pub fn ready(context: &Context, args: &ReadyArgs) -> Outcome {
    if args.dor {
        return context.list(&context.pm()?.plans().unready()?, render::ready::unready);
    }
    let pm = context.pm()?;
    let limit = match args.limit {
        None if !context.globals.json => Some(SHOWN),
        given => given,
    };
    if args.explain {
        let items = pm.issues().ready_explained(limit)?;
        let idle = idle(context, items.is_empty())?;
        return context.answer(&Ready { items, idle }, |page, ready| {
            render::ready::idle(page, ready.idle.as_ref());
            for view in &ready.items {
                render::dependencies::why(page, view);
            }
        });
    }
    let (items, all) = match limit {
        Some(limit) if !context.globals.json => pm.tasks().ready_first(limit)?,
        _ => {
            let items = pm.tasks().ready(limit)?;
            let all = items.len();
            (items, all)
        }
    };
    let idle = idle(context, items.is_empty())?;
    context.answer(&Ready { items, idle }, |page, ready| {
        let items = &ready.items;
        render::ready::idle(page, ready.idle.as_ref());
        let table = render::item::table(page, items);
        page.table("", &table);
        if all > items.len() {
            let more = format!(
                "{} more are ready: `git pm ready --limit 0`",
                all - items.len()
            );
            page.put(Label::Dim, &more).end();
        }
    })
}

/// What can be started; where that is nothing, why.
#[derive(Serialize)]
struct Ready<T> {
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idle: Option<Idle>,
}

/// Why there is nothing to show.
fn idle(context: &Context, nothing: bool) -> git_pm::Result<Option<Idle>> {
    match nothing {
        true => context.pm()?.insights().idle().map(Some),
        false => Ok(None),
    }
}
