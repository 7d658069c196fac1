//! `git pm issue epic`.

use git_pm::issues::{CloseOptions, Part, Record};
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
    /// List open epics with the number of closed children
    Status {
        /// List only epics that can be closed.
        #[arg(long)]
        eligible_only: bool,
    },
    /// Close the epics whose children are all closed
    CloseEligible {
        /// Show what would be closed.
        #[arg(long)]
        dry_run: bool,
    },
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
pub fn run(context: &Context, command: &EpicCommand) -> Outcome {
    let (only_eligible, closes) = match *command {
        EpicCommand::Status { eligible_only } => (eligible_only, false),
        EpicCommand::CloseEligible { dry_run } => (true, !dry_run),
    };
    let issues = context.pm()?.issues();
    let mut parts = issues.epic_status()?;
    parts.retain(|part| part.eligible_for_close || !only_eligible);
    if context.beads.get() && !closes {
        let names: Vec<&str> = parts.iter().map(|part| part.epic.uid.as_str()).collect();
        let records = issues.beads_records(&names)?;
        let all = records.iter().zip(&parts).map(|(epic, part)| Progress {
            epic,
            total_children: part.total_children,
            closed_children: part.closed_children,
            eligible_for_close: part.eligible_for_close,
        });
        return context.bare(&all.collect::<Vec<_>>());
    }
    if parts.is_empty() || !closes {
        return context.list(&parts, draw);
    }
    let ids: Vec<String> = parts.iter().map(|part| part.epic.uid.to_string()).collect();
    let options = CloseOptions {
        reason: Some("all children are closed".into()),
        force: false,
    };
    context.summaries("Closed", &issues.close(&ids, &options)?)
}

fn draw(page: &mut Page, parts: &[Part]) {
    page.list("No epics.", 3, parts, |_, part| {
        let share = format!("{}/{}", part.closed_children, part.total_children);
        [
            Label::Id.of(&part.epic.id),
            Cell::status(part.epic.status.as_str()),
            Label::Dim.of(share),
            Label::Text.of(&part.epic.title),
            Label::Good.of(part.eligible_for_close.then_some("can be closed")),
        ]
    });
}
