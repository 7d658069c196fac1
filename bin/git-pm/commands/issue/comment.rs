//! `git pm issue comment` and `comments`.

use git_pm::issues::Record;
use git_pm::items::{CommentView, ItemView};
use git_pm::verbs::issue_parts::Comments;
use git_pm::verbs::item::Comment;

use crate::commands::item;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Adds a comment, and prints it as beads does or names the issue.
pub fn add(context: &Context, request: Comment) -> Outcome {
    if !context.beads.get() {
        return item::comment(context, request);
    }
    let item = context.verb(request)?;
    let tasks = context.pm()?.tasks();
    let comments = tasks.show(item.uid.as_str())?.comments.unwrap_or_default();
    context.bare(&comments.last().map(|comment| record(&item, comment)))
}

/// A comment in beads' JSON.
fn record(item: &ItemView, comment: &CommentView) -> Record {
    Record::of([
        ("id", comment.uid.as_str()),
        ("issue_id", &item.id),
        ("author", &comment.author),
        ("text", &comment.body),
        ("created_at", &comment.created_at),
    ])
}

/// Lists comments, or adds one.
pub fn list(context: &Context, args: &Comments) -> Outcome {
    match (args.id.as_str(), &args.added[..]) {
        ("add", [id, text]) => {
            return add(
                context,
                Comment {
                    id: id.clone(),
                    comment: text.clone().into(),
                    allow_secret: false,
                },
            );
        }
        (_, []) => {}
        _ => {
            return Err(git_pm::Error::usage("`comments` takes one ID")
                .hint("`git pm issue comment ID TEXT`")
                .into());
        }
    }
    let item = context.pm()?.tasks().show(&args.id)?;
    let comments = item.comments.clone().unwrap_or_default();
    if context.beads.get() {
        let records = comments.iter().map(|comment| record(&item, comment));
        return context.bare(&records.collect::<Vec<_>>());
    }
    context.list(&comments, |page, comments| {
        if comments.is_empty() {
            page.line("No comments.");
        }
        render::item::comments(page, comments);
    })
}
