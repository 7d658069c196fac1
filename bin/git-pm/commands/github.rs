//! `git pm github`: the repository that the project is mirrored to.

use git_pm::forges::{LinkRequest, PullRequest, SyncRequest};
use git_pm::verbs::github::{GithubComment, GithubPull, GithubResolve, GithubStatus};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use crate::render::style::Label;

/// Exchange items and issues with GitHub, and open pull requests
///
/// The state of the project is what counts, the issues are a mirror that people may edit. Signed in is by
/// `gh`, by GH_TOKEN, or as a GitHub App (`pm.githubApp`, `pm.githubAppKey`); a token is never stored.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum GithubCommand {
    Link(LinkRequest),
    Status(GithubStatus),
    Sync(SyncRequest),
    Pull(GithubPull),
    Resolve(GithubResolve),
    Pr(PullRequest),
    Comment(GithubComment),
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: GithubCommand) -> Outcome {
    match command {
        GithubCommand::Link(args) => {
            let removed = args.remove;
            context.shown(args, |page, link| {
                render::github::link(page, link, removed);
            })
        }
        GithubCommand::Status(args) => context.shown(args, render::github::status),
        GithubCommand::Sync(args) => context.shown(args, render::github::report),
        GithubCommand::Pull(args) => context.shown(args, render::github::report),
        GithubCommand::Resolve(args) => context.shown(args, |page, item| {
            page.text("Resolved ").put(Label::Id, &item.id).end();
            page.next(&["git pm github sync".to_string()]);
        }),
        GithubCommand::Pr(args) => context.shown(args, render::github::pull),
        GithubCommand::Comment(args) => context.shown(args, |page, made| {
            let done = if made.changed { "Wrote" } else { "Unchanged:" };
            let number = made.number;
            page.line(format!("{done} the comment on pull request #{number}"));
            page.field("url", Label::Path, &made.url);
        }),
    }
}
