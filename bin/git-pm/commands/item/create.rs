//! `create`.

use git_pm::tasks::NewItem;
use git_pm::values::ItemKind;

use crate::arguments::fields::CreateArgs;
use crate::arguments::stdin::text_or_stdin;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Creates an item.
pub fn run(context: &Context, kind: ItemKind, args: CreateArgs) -> Outcome {
    let body = args.fields.body.clone();
    let edit = args.fields.edit()?;
    let new = NewItem {
        title: args.title,
        body: text_or_stdin(body.as_deref().unwrap_or(""))?,
        ..edit.into()
    };
    let item = context.pm()?.tasks().create(kind, &new)?;
    context.answer(&item, |page, item| {
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
        page.next(&[&next]);
    })
}
