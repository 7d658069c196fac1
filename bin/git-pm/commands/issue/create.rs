//! `git pm issue create` and `q`.

use git_pm::verbs::issue::{Create, IssueFields};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::stdout;
use crate::render;

/// Create an issue and print only its ID
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  id=$(git pm issue q \"Write the test\" -p 1)")]
pub struct QuickArgs {
    /// Title, in one line.
    pub title: String,
    #[command(flatten)]
    pub fields: IssueFields,
}

/// Creates an issue.
pub fn run(context: &Context, request: Create) -> Outcome {
    let silent = request.silent;
    let item = context.verb(request)?;
    if silent {
        stdout::write(&format!("{}\n", item.id))?;
        return Ok(Exit::DONE);
    }
    context.item(&item, |page, item| {
        render::item::created(page, item);
        let ephemeral = context.ephemeral.get();
        let flag = if ephemeral { " --ephemeral" } else { "" };
        // What waits for others, or is no work itself, is not claimed.
        let next = match () {
            () if !ephemeral && !item.is_offered() => None,
            () if item.depends_on.is_empty() => Some("issue claim"),
            () => Some("why"),
        };
        let next = next.map(|verb| format!("git pm {verb} {}{flag}", item.id));
        page.next(next.as_slice());
    })
}

/// Creates an issue and prints its id.
pub fn quick(context: &Context, args: QuickArgs) -> Outcome {
    let item = context.verb(Create {
        title: Some(args.title),
        fields: args.fields,
        ..Create::default()
    })?;
    context.item(&item, |page, item| {
        page.line(&item.id);
    })
}
