//! `git pm conflicts`: texts that two clones changed concurrently.

use git_pm::Error;
use git_pm::verbs::state::{Conflicts, ConflictsOrResolved};

use crate::context::Context;
use crate::editor::{edited, keep};
use crate::failure::Outcome;
use crate::render;

/// Lists or resolves conflicts.
pub fn run(context: &Context, mut request: Conflicts) -> Outcome {
    if let (true, Some(id)) = (request.editor, request.id.clone()) {
        let listed = Conflicts {
            id: Some(id.clone()),
            ..Conflicts::default()
        };
        let name = match context.verb(listed)? {
            ConflictsOrResolved::Conflicts(found) => found.items.first().map(|one| one.id.clone()),
            _ => None,
        };
        let name = name.unwrap_or(id);
        let field = request.field.as_deref();
        let before = context.pm()?.state().conflict_text(&name, field)?;
        let text = edited(context, &before)?;
        if text.lines().any(is_marker) {
            let error = Error::refused("the text still has conflict markers; nothing was changed");
            return Err(keep(context, ["conflict-draft", &name], &text, error));
        }
        request.editor = false;
        request.text = Some(text.trim_end_matches('\n').to_string());
    }
    match context.verb(request)? {
        ConflictsOrResolved::Conflicts(found) => {
            context.list(&found.items, render::conflicts::conflicts)
        }
        ConflictsOrResolved::Section(section) => context.answer(&*section, |page, section| {
            page.text("Resolved ")
                .line(format!("context:{}", section.name));
        }),
        ConflictsOrResolved::Learning(resolved) => context.answer(&*resolved, |page, resolved| {
            render::learn::done(page, "Resolved", &resolved.learning);
        }),
        ConflictsOrResolved::Item(item) => context.summary("Resolved", &item),
    }
}

fn is_marker(line: &str) -> bool {
    ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|marker| {
        line.strip_prefix(marker)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}
