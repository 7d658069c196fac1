//! `git pm issue gate`.

use git_pm::issues::{GateCheck, GateOutcome};
use git_pm::verbs::issue_parts::{CheckGates, CreateGate, ListGates, ResolveGates, ShowGate};

use crate::render;
use crate::render::page::Page;
use crate::render::style::Label;

group! {
    /// Make work wait for a time, a decision, another item or an external event
    ///
    /// A gate is an issue of type gate. Items that wait for it, and their descendants, are not ready
    /// until it is closed. Gates are not watched: `check` evaluates the types that can be evaluated
    /// locally (timer, bead) and closes satisfied gates; use `resolve` for the others (human, mail,
    /// gh:run, gh:pr).
    #[command(defer = true, disable_help_subcommand = true)]
    GateCommand, run(context):
    Create(args: CreateGate) => context.item(&context.verb(args)?, |page, item| {
        render::item::summary(page, "Created", item);
        page.next(&[
            "git pm issue gate check",
            &format!("git pm issue gate resolve {}", item.id),
        ]);
    }),
    List(args: ListGates) => context.items(&context.verb(args)?.items, |page, gates| {
        render::item::list(page, gates, "No gates.");
    }),
    Show(args: ShowGate) => context.item(&context.verb(args)?, render::item::full),
    Check(args: CheckGates) => {
        let dry_run = args.dry_run;
        context.listed(args, |page, checks| {
            draw(page, checks, dry_run);
        })
    },
    Resolve(args: ResolveGates) => context.summaries("Resolved", context.verb(args)?.items()),
}

fn draw(page: &mut Page, checks: &[GateCheck], dry_run: bool) {
    page.list("No open gates.", 3, checks, |_, check| {
        let (label, word) = match check.outcome {
            GateOutcome::Satisfied if dry_run => (Label::Good, "satisfied"),
            GateOutcome::Satisfied => (Label::Good, "closed"),
            GateOutcome::Waiting => (Label::Waiting, "waiting"),
            GateOutcome::Expired => (Label::Bad, "expired"),
            GateOutcome::Unknown => (Label::Dim, "unknown"),
        };
        [
            Label::Id.of(&check.id),
            label.of(word),
            Label::Text.of(&check.title),
            Label::Dim.of(&check.reason),
        ]
    });
}
