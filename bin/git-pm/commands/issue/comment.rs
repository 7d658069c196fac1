//! `git pm issue comment` and `comments`.

use std::path::PathBuf;

use git_pm::items::{CommentView, ItemView};

use crate::arguments::stdin::{file_or_stdin, text_or_stdin};
use crate::commands::item;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Comment on an issue
///
/// The comment is pushed to the remote at once, unless `pm.sync` is `manual` or the state has never
/// been pushed; if it stays local, the output says so.
#[derive(clap::Args, Debug)]
pub struct CommentArgs {
    /// Issue ID.
    pub id: String,
    /// Comment in Markdown; `-` reads standard input.
    #[arg(required_unless_present_any = ["message", "file"])]
    pub text: Option<String>,
    /// Comment, as in `git commit -m`.
    #[arg(short, long, value_name = "TEXT", conflicts_with = "text")]
    pub message: Option<String>,
    /// File with the comment; `-` reads standard input.
    #[arg(short, long, conflicts_with_all = ["text", "message"])]
    pub file: Option<PathBuf>,
}

/// Adds a comment.
pub fn add(context: &Context, args: &CommentArgs) -> Outcome {
    let given = args.message.as_ref().or(args.text.as_ref());
    let text = match &args.file {
        Some(file) => file_or_stdin(file)?,
        None => text_or_stdin(given.map_or("", String::as_str))?,
    };
    added(context, &args.id, &text)
}

/// Adds a comment, and prints it as beads does or names the issue.
fn added(context: &Context, id: &str, text: &str) -> Outcome {
    if !context.beads.get() {
        return item::comment(context, id, text);
    }
    let tasks = context.pm()?.tasks();
    let item = tasks.comment(id, text)?;
    let comments = tasks.show(item.uid.as_str())?.comments.unwrap_or_default();
    let mine = comments
        .last()
        .map(|comment| BeadsComment::of(&item, comment));
    context.bare(&mine)
}

/// List the comments on an issue, oldest first
///
/// `comments add ID TEXT` is the same as `comment ID TEXT`.
#[derive(clap::Args, Debug)]
pub struct CommentsArgs {
    /// Issue ID.
    pub id: String,
    /// After `add`: issue ID and comment; `-` reads standard input.
    #[arg(value_name = "TEXT", num_args = 0..=2)]
    pub added: Vec<String>,
}

/// A comment in beads' JSON.
#[derive(serde::Serialize)]
struct BeadsComment<'c> {
    id: &'c str,
    issue_id: &'c str,
    author: &'c str,
    text: &'c str,
    created_at: &'c str,
}

impl<'c> BeadsComment<'c> {
    fn of(item: &'c ItemView, comment: &'c CommentView) -> Self {
        BeadsComment {
            id: &comment.uid,
            issue_id: &item.id,
            author: &comment.author,
            text: &comment.body,
            created_at: &comment.created_at,
        }
    }
}

/// Lists comments, or adds one.
pub fn list(context: &Context, args: &CommentsArgs) -> Outcome {
    match (args.id.as_str(), &args.added[..]) {
        ("add", [id, text]) => return added(context, id, &text_or_stdin(text)?),
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
        let records = comments
            .iter()
            .map(|comment| BeadsComment::of(&item, comment));
        return context.bare(&records.collect::<Vec<_>>());
    }
    context.list(&comments, |page, comments| {
        if comments.is_empty() {
            page.line("No comments.");
        }
        render::item::comments(page, comments);
    })
}
