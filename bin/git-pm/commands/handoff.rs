//! `git pm handoff`: the state of work, for the actor who continues.

use git_pm::messages::{Handoff, HandoffRequest};

use super::msg::marked;
use crate::arguments::stdin::text_or_stdin;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Write down the state of your work for the actor who continues it, or show it
///
/// Without further arguments, shows the item's newest handoff. `git pm show` and `git pm start`
/// show it, too. The files are those that the item's branch changes, unless you name others.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm handoff T-0012        show it
  git pm handoff T-0012 --done 'parser' --next 'tests' --next 'docs' \\
      --question 'Keep the old flag?'
  git pm handoff T-0012 --next 'see text' - <state.md")]
pub struct HandoffArgs {
    /// Item ID; by default the task of this worktree.
    pub id: Option<String>,
    /// Text; `-` reads it from standard input. The ID may be omitted before a text with spaces.
    pub text: Option<String>,
    /// Finished part (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub done: Vec<String>,
    /// Next step (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub next: Vec<String>,
    /// Decision that was made (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub decision: Vec<String>,
    /// Changed file (repeatable).
    #[arg(long, value_name = "PATH")]
    pub file: Vec<String>,
    /// Open question (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub question: Vec<String>,
    /// Recipient of the handoff, as in `git pm msg send` (repeatable).
    #[arg(long, value_name = "NAME")]
    pub to: Vec<String>,
    /// Write it even if it seems to contain a secret.
    #[arg(long)]
    pub allow_secret: bool,
}

/// Shows or writes a handoff.
pub fn run(context: &Context, args: HandoffArgs) -> Outcome {
    let messages = context.pm()?.messages();
    let (id, text) = match (args.id, args.text) {
        // No ID has a space.
        (Some(text), None) if text.contains(char::is_whitespace) => (None, Some(text)),
        given => given,
    };
    let id = id.as_deref();
    let lists = Handoff {
        done: args.done,
        next: args.next,
        decisions: args.decision,
        files: args.file,
        questions: args.question,
    };
    let shows = lists.is_empty() && text.is_none() && args.to.is_empty();
    if shows && !args.allow_secret {
        let found = messages.handoff(id)?;
        let done = context.answer(&found, |page, found| {
            render::msg::full(page, std::slice::from_ref(found));
        })?;
        marked(messages.mark_read(std::slice::from_ref(&found)));
        return Ok(done);
    }
    context.ask_first_push(false)?;
    let request = HandoffRequest {
        lists,
        text: text_or_stdin(text.as_deref().unwrap_or(""))?,
        to: args.to,
        allow_secret: args.allow_secret,
    };
    let written = messages.hand_off(id, &request)?;
    context.answer(&written, render::msg::sent)
}
