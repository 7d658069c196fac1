//! `git pm issue comment` and `comments`.

use std::path::PathBuf;

use super::answer::Answer;
use crate::arguments::stdin::{file_or_stdin, text_or_stdin};
use crate::failure::Outcome;
use crate::render;

/// Comment on an issue
///
/// The comment is pushed to the remote at once, unless `pm.sync` is `manual` or the state was never
/// pushed; the output says if it stays local.
#[derive(clap::Args, Debug)]
pub struct CommentArgs {
    /// Issue ID.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Comment in Markdown; `-` reads standard input.
    #[arg(value_name = "TEXT", required_unless_present_any = ["message", "file"])]
    pub text: Option<String>,
    /// Comment, as in `git commit -m`.
    #[arg(short, long, value_name = "TEXT", conflicts_with = "text")]
    pub message: Option<String>,
    /// File with the comment; `-` reads standard input.
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["text", "message"])]
    pub file: Option<PathBuf>,
}

/// Adds a comment.
pub fn add(answer: &Answer<'_>, args: &CommentArgs) -> Outcome {
    let given = args.message.as_ref().or(args.text.as_ref());
    let text = match &args.file {
        Some(file) => file_or_stdin(file)?,
        None => text_or_stdin(given.map_or("", String::as_str))?,
    };
    let item = answer.context.pm()?.tasks().comment(&args.id, &text)?;
    answer.one(&item, |page, item| {
        render::item::summary(page, "Commented on", item)
    })
}

/// List the comments on an issue, oldest first
///
/// `comments add ID TEXT` is the same as `comment ID TEXT`.
#[derive(clap::Args, Debug)]
pub struct CommentsArgs {
    /// Issue ID.
    #[arg(value_name = "ID")]
    pub id: String,
    /// After `add`: issue ID and comment; `-` reads standard input.
    #[arg(value_name = "TEXT", num_args = 0..=2)]
    pub added: Vec<String>,
}

/// Lists comments.
pub fn list(answer: &Answer<'_>, args: &CommentsArgs) -> Outcome {
    match (args.id.as_str(), &args.added[..]) {
        ("add", [id, text]) => {
            let text = Some(text.clone());
            let id = id.clone();
            let comment = CommentArgs {
                id,
                text,
                message: None,
                file: None,
            };
            return add(answer, &comment);
        }
        (_, []) => {}
        _ => {
            return Err(git_pm::Error::usage("`comments` takes one id")
                .hint("git pm issue comment ID TEXT")
                .into());
        }
    }
    let comments = answer.context.pm()?.tasks().show(&args.id)?.comments;
    answer.list(&comments.unwrap_or_default(), |page, comments| {
        if comments.is_empty() {
            page.line("No comments.");
        }
        render::item::comments(page, comments);
    })
}
