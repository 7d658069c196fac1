//! `git pm issue epic`.

use git_pm::work::issue::Part;
use git_pm::work::issue::close::CloseOptions;

use super::answer::Answer;
use crate::failure::Outcome;
use crate::render::page::Page;
use crate::render::style::{self, Label};
use crate::render::table::Table;

/// See how far epics are, and close those that are done
///
/// An epic is an issue of type epic, or an item of kind epic; its parts are its direct children.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum EpicCommand {
    /// List open epics and how many of their parts are closed
    Status(StatusArgs),
    /// Close the epics all of whose parts are closed
    CloseEligible(CloseEligibleArgs),
}

/// Which epics.
#[derive(clap::Args, Debug)]
pub struct StatusArgs {
    /// Only those that could be closed.
    #[arg(long)]
    pub eligible_only: bool,
}

/// How to close them.
#[derive(clap::Args, Debug)]
pub struct CloseEligibleArgs {
    /// Only says which ones.
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs a verb of the group.
///
/// # Errors
/// Whatever the verb reports.
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
                reason: Some("all parts are closed".into()),
                force: false,
            };
            let closed = pm.issues().close(&ids, &options)?;
            answer.said("Closed", &closed)
        }
    }
}

fn draw(page: &mut Page, parts: &[Part]) {
    if parts.is_empty() {
        page.line("No epics.");
    }
    let mut table = Table::new(3);
    for part in parts {
        let share = format!("{}/{}", part.closed_children, part.total_children);
        let ready = if part.eligible_for_close {
            "can be closed"
        } else {
            ""
        };
        table.row([
            (Label::Id, part.epic.id.as_str()),
            (style::status(&part.epic.status), &part.epic.status),
            (Label::Dim, &share),
            (Label::Text, &part.epic.title),
            (Label::Good, ready),
        ]);
    }
    page.table("", &table);
}
