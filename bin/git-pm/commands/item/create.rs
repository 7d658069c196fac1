//! `create`.

use git_pm::tasks::NewItem;
use git_pm::values::ItemKind;

use crate::arguments::fields::{CreateArgs, values};
use crate::arguments::stdin::text_or_stdin;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Creates an item.
pub fn run(context: &Context, kind: ItemKind, args: CreateArgs) -> Outcome {
    let fields = args.fields.single();
    let given = args.fields;
    let new = NewItem {
        title: args.title,
        body: text_or_stdin(given.body.as_deref().unwrap_or(""))?,
        fields,
        acceptance: values(given.accept).unwrap_or_default(),
        paths: values(given.path).unwrap_or_default(),
        depends_on: values(given.depends_on).unwrap_or_default(),
        labels: values(given.label).unwrap_or_default(),
        parent: given.parent,
        external_refs: values(given.external_ref).unwrap_or_default(),
        ..NewItem::default()
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
