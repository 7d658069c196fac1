//! `git pm issue list`, `show`, `ready`, `blocked`, `children` and `search`.

use git_pm::Error;
use git_pm::items::ItemView;
use git_pm::tasks::WhyView;
use git_pm::values::ItemKind;
use git_pm::verbs::List;
use git_pm::verbs::issue_list::{BlockedIssues, Children, ListIssues, ReadyIssues, ShowIssues};
use git_pm::verbs::list::SearchItems;

use crate::commands::item::list as lists;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Lists issues.
pub fn list(context: &Context, args: &ListIssues) -> Outcome {
    let (pm, look) = (context.pm()?, &args.look);
    if !context.beads.get() {
        return lists::show_selected(context, &args.selection(pm)?, look, "issues");
    }
    if look.tree || look.watch || look.columns.is_some() || look.at.is_some() {
        let refused = Error::usage("beads' JSON does not support this kind of list");
        let hint = "omit `--format beads`, or --tree, --watch, --columns and --at";
        return Err(refused.hint(hint).into());
    }
    context.limited_items(&args.selection(pm)?.found(pm)?, |_, _| {})
}

/// Shows issues.
pub fn show(context: &Context, request: ShowIssues) -> Outcome {
    let shown = context.verb(request)?;
    let items = shown.items();
    if context.beads.get() {
        let pm = context.pm()?;
        let names: Vec<&str> = items.iter().map(|item| item.uid.as_str()).collect();
        return context.bare(&pm.issues().beads_details(&names)?);
    }
    if let [item] = items {
        return context.paged(item, render::item::full);
    }
    context.list(items, |page, items| {
        for item in items {
            page.gap();
            render::item::full(page, item);
        }
    })
}

/// Lists ready issues, or claims the first of them.
pub fn ready(context: &Context, args: ReadyIssues) -> Outcome {
    let pm = context.pm()?;
    if args.claim {
        context.ask_first_push(false)?;
        return context.summary("Claimed", &args.claim_first(pm)?);
    }
    let explain = args.explain;
    let ready = context.verb(args)?;
    if explain {
        let views = ready.items.iter();
        let views = views.map(|item| pm.tasks().why(item.uid.as_str()));
        let views: Vec<WhyView> = views.collect::<git_pm::Result<_>>()?;
        let views = List {
            items: views,
            more: ready.more,
        };
        return context.limited(&views, |page, views| {
            for view in views {
                render::dependencies::why(page, view);
            }
        });
    }
    let none = "No issue is ready. `git pm issue blocked` shows why.";
    context.limited_items(&ready, |page, items| render::item::list(page, items, none))
}

/// Lists blocked issues.
pub fn blocked(context: &Context, request: BlockedIssues) -> Outcome {
    let blocked = context.verb(request)?;
    if context.beads.get() {
        let (pm, views) = (context.pm()?, &blocked.items);
        context.note_more(blocked.more);
        let names: Vec<&str> = views.iter().map(|view| view.item.uid.as_str()).collect();
        let mut records = pm.issues().beads_records(&names)?;
        for (record, view) in records.iter_mut().zip(views) {
            record.put("blocked_by_count", view.blocked_by.len());
            record.put("blocked_by", view.blocked_by.clone());
        }
        return context.bare(&records);
    }
    context.limited(&blocked, render::dependencies::blocked)
}

/// Lists the children of an issue.
pub fn children(context: &Context, request: Children) -> Outcome {
    context.items(&context.verb(request)?.items, |page, items| {
        render::item::list(page, items, "No children.");
    })
}

/// Searches issues.
pub fn search(context: &Context, mut request: SearchItems) -> Outcome {
    request.kind = Some(ItemKind::Issue);
    let all = request.all;
    let hits = context.verb(request)?;
    if context.beads.get() {
        let items: Vec<ItemView> = hits.items.into_iter().map(|hit| hit.item).collect();
        let more = hits.more;
        return context.limited_items(&List { items, more }, |_, _| {});
    }
    context.limited(&hits, |page, hits| render::item::hits(page, hits, all))
}
