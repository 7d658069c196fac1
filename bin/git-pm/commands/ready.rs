//! `git pm ready`.

use git_pm::insights::Idle;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use crate::render::style::Label;

/// List what can be started now, best first
///
/// A task or issue is ready if its status is queued or open, it is unclaimed and not deferred, none
/// of its children is open, it does not wait for an open item, and none of its ancestors is
/// blocked, deferred or waiting. Epics, requirements documents, gates, and pinned, ephemeral or
/// template items are never ready. A dependency on a missing item does not block.
#[derive(clap::Args, Debug)]
pub struct ReadyArgs {
    /// Explain why each item is ready.
    #[arg(long)]
    pub explain: bool,
    /// List the queued tasks that do not meet the definition of ready, and what they lack: a clear
    /// story, acceptance criteria, an approach, known dependencies, an estimate.
    #[arg(long, conflicts_with_all = ["explain", "limit"])]
    pub dor: bool,
    /// Maximum number of items, 0 for all; 20 by default, or all with --json.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit)]
    pub limit: Option<usize>,
}

/// The default number of items in text output.
const SHOWN: usize = 20;

/// Lists ready items.
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
        render::item::rows(page, "", items);
        if all > items.len() {
            let more = format!("and {} more: `git pm ready --limit 0`", all - items.len());
            page.put(Label::Dim, &more).end();
        }
    })
}

/// The ready items, or the reason why there are none.
#[derive(Serialize)]
struct Ready<T> {
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idle: Option<Idle>,
}

/// The reason why nothing is ready, if so.
fn idle(context: &Context, nothing: bool) -> git_pm::Result<Option<Idle>> {
    match nothing {
        true => context.pm()?.insights().idle().map(Some),
        false => Ok(None),
    }
}
