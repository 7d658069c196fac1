//! `git pm finding`: what is wrong with work, and what became of it.

use git_pm::findings::{FindingStatus, FindingView};
use git_pm::verbs::Verb;
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

group! {
    /// What reviews found: list, show, settle
    ///
    /// A finding says what is wrong with the work on an item, with a quote of the text that it is about.
    /// Open ones of severity P0 and P1 stop the approval and the merge. An ID is `F-` followed by the last
    /// characters of the finding's unique ID; a longer suffix is accepted, too.
    #[command(defer = true, disable_help_subcommand = true)]
    FindingCommand, run(context):
    List(args: ListFindings) => context.listed_paged(args, render::finding::list),
    Show(args: ShowFinding) => context.shown_paged(args, render::finding::full),
    Dismiss(args: DismissFinding) => settled(context, "Dismissed", args),
    Reopen(args: ReopenFinding) => settled(context, "Reopened", args),
    Fix(args: FixFinding) => settled(context, "Fix recorded for", args),
    Keep(args: KeepFinding) => settled(context, "Answer recorded for", args),
    Share(args: ShareFinding) => settled(context, "Shared", args),
    Import(args: ImportFindings) => {
        let report = match args.file.as_deref() {
            Some("-") => context.pm()?.findings().import(&args.item, Stdin)?,
            _ => context.verb(args)?,
        };
        reviewed(context, &report)
    },
    Export(args: ExportFindings) => {
        let report = context.verb(args)?;
        if context.globals.json {
            return context.json(&report);
        }
        stdout::write_raw(&report.text)?;
        Ok(Exit::DONE)
    },
    ToIssue(args: ToIssue) => context.listed(args, render::finding::issues),
    Comment(args: CommentReview) => context.shown(args, |page, made| {
        page.prose("", &made.text);
    }),
}

fn settled<V: Verb<Answer = FindingView>>(context: &Context, said: &str, request: V) -> Outcome {
    context.shown(request, |page, finding| {
        render::finding::done(page, said, finding);
        if finding.status == FindingStatus::Claimed {
            let id = finding.uid.as_str();
            let answer = context.pm().and_then(|pm| pm.findings().answered_by(id));
            render::next_steps::onward(page, None, &answer.map(Some));
        }
    })
}
