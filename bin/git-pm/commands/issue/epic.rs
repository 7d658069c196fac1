//! `git pm issue epic`.

use git_pm::issues::{Part, Record};
use git_pm::verbs::issue_parts::{CloseEligible, ClosedOrEligible, EpicProgress};
use serde::Serialize;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render::page::Page;
use crate::render::style::Label;
use crate::render::table::Cell;

/// Show the progress of epics and close finished ones
///
/// An epic is an issue of type epic or an item of kind epic. Progress counts its direct children.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum EpicCommand {
    Status(EpicProgress),
    CloseEligible(CloseEligible),
}

/// An epic and its progress in beads' JSON.
#[derive(Serialize)]
struct Progress<'a> {
    epic: &'a Record,
    total_children: usize,
    closed_children: usize,
    eligible_for_close: bool,
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: EpicCommand) -> Outcome {
    let parts = match command {
        EpicCommand::Status(args) => context.verb(args)?.items,
        EpicCommand::CloseEligible(args) => match context.verb(args)? {
            ClosedOrEligible::Eligible(parts) => parts.items,
            ClosedOrEligible::Closed(closed) => {
                return context.summaries("Closed", closed.items());
            }
        },
    };
    if !context.beads.get() {
        return context.list(&parts, draw);
    }
    let names: Vec<&str> = parts.iter().map(|part| part.epic.uid.as_str()).collect();
    let records = context.pm()?.issues().beads_records(&names)?;
    let all = records.iter().zip(&parts).map(|(epic, part)| Progress {
        epic,
        total_children: part.total_children,
        closed_children: part.closed_children,
        eligible_for_close: part.eligible_for_close,
    });
    context.bare(&all.collect::<Vec<_>>())
}

fn draw(page: &mut Page, parts: &[Part]) {
    page.list("No epics.", 3, parts, |page, part| {
        [
            Label::Id.of(&part.epic.id),
            Cell::status(page.status(&part.epic)),
            Label::Dim.of(part.done()),
            Label::Text.of(&part.epic.title),
            Label::Good.of(part.eligible_for_close.then_some("can be closed")),
        ]
    });
}
