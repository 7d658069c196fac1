//! `git pm issue epic`.

use git_pm::issues::{CloseOptions, Part};

use super::answer::Answer;
use crate::failure::Outcome;
use crate::render::page::Page;
use crate::render::style::Label;
use crate::render::table::Cell;

/// Show the progress of epics and close finished ones
///
/// An epic is an issue of type epic or an item of kind epic. Progress counts its direct children.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum EpicCommand {
    /// List open epics with the number of closed children
    Status(StatusArgs),
    /// Close the epics whose children are all closed
    CloseEligible(CloseEligibleArgs),
}

/// A filter for epics.
#[derive(clap::Args, Debug)]
pub struct StatusArgs {
    /// List only epics that can be closed.
    #[arg(long)]
    pub eligible_only: bool,
}

/// The options of closing.
#[derive(clap::Args, Debug)]
pub struct CloseEligibleArgs {
    /// Show what would be closed.
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs a verb of the group.
pub fn run(answer: &Answer<'_>, command: &EpicCommand) -> Outcome {
    let pm = answer.context.pm()?;
    let mut parts = pm.issues().epic_status()?;
    match command {
        EpicCommand::Status(args) => {
            parts.retain(|part| part.eligible_for_close || !args.eligible_only);
            answer.list(&parts, draw)
        }
        EpicCommand::CloseEligible(args) => {
            parts.retain(|part| part.eligible_for_close);
            if args.dry_run || parts.is_empty() {
                return answer.list(&parts, draw);
            }
            let ids: Vec<String> = parts.into_iter().map(|part| part.epic.uid).collect();
            let options = CloseOptions {
                reason: Some("all children are closed".into()),
                force: false,
            };
            let closed = pm.issues().close(&ids, &options)?;
            answer.summaries("Closed", &closed)
        }
    }
}

fn draw(page: &mut Page, parts: &[Part]) {
    page.list("No epics.", 3, parts, |_, part| {
        let share = format!("{}/{}", part.closed_children, part.total_children);
        [
            Label::Id.of(&part.epic.id),
            Cell::status(&part.epic.status),
            Label::Dim.of(share),
            Label::Text.of(&part.epic.title),
            Label::Good.of(part.eligible_for_close.then_some("can be closed")),
        ]
    });
}
