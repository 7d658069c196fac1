//! `git pm finding`: what is wrong with work, and what became of it.

use git_pm::findings::FindingStatus;
use git_pm::verbs::finding::{
    CommentReview, DismissFinding, ExportFindings, FixFinding, ImportFindings, KeepFinding,
    ListFindings, ReopenFinding, ShareFinding, ShowFinding, ToIssue,
};

use crate::arguments::stdin::Stdin;
use crate::commands::review::reviewed;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::stdout;
use crate::render;

/// What reviews found: list, show, settle
///
/// A finding says what is wrong with the work on an item, with a quote of the text that it is about.
/// Open ones of severity P0 and P1 stop the approval and the merge. An ID is `F-` followed by the last
/// characters of the finding's unique ID; a longer suffix is accepted, too.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum FindingCommand {
    List(ListFindings),
    Show(ShowFinding),
    Dismiss(DismissFinding),
    Reopen(ReopenFinding),
    Fix(FixFinding),
    Keep(KeepFinding),
    Share(ShareFinding),
    Import(ImportFindings),
    Export(ExportFindings),
    ToIssue(ToIssue),
    Comment(CommentReview),
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: FindingCommand) -> Outcome {
    let (verb, changed) = match command {
        FindingCommand::List(args) => return context.listed_paged(args, render::finding::list),
        FindingCommand::Show(args) => return context.shown_paged(args, render::finding::full),
        FindingCommand::Dismiss(args) => ("Dismissed", context.verb(args)?),
        FindingCommand::Reopen(args) => ("Reopened", context.verb(args)?),
        FindingCommand::Fix(args) => ("Fix recorded for", context.verb(args)?),
        FindingCommand::Keep(args) => ("Answer recorded for", context.verb(args)?),
        FindingCommand::Import(args) => {
            let report = match args.file.as_deref() {
                Some("-") => context.pm()?.findings().import(&args.item, Stdin)?,
                _ => context.verb(args)?,
            };
            return reviewed(context, &report);
        }
        FindingCommand::Export(args) => {
            let report = context.verb(args)?;
            if context.globals.json {
                return context.json(&report);
            }
            stdout::write_raw(&report.text)?;
            return Ok(Exit::DONE);
        }
        FindingCommand::ToIssue(args) => return context.listed(args, render::finding::issues),
        FindingCommand::Comment(args) => {
            return context.shown(args, |page, made| {
                page.prose("", &made.text);
            });
        }
        FindingCommand::Share(args) => ("Shared", context.verb(args)?),
    };
    context.answer(&changed, |page, finding| {
        render::finding::done(page, verb, finding);
        if finding.status == FindingStatus::Claimed {
            let id = finding.uid.as_str();
            let answer = context.pm().and_then(|pm| pm.findings().answered_by(id));
            render::next_steps::onward(page, None, &answer.map(Some));
        }
    })
}
