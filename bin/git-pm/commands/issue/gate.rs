//! `git pm issue gate`.

use git_pm::work::issue::{GateCheck, GateOutcome};
use git_pm::work::new_item::NewGate;

use super::answer::Answer;
use crate::arguments::stdin::ids;
use crate::arguments::values::duration;
use crate::failure::Outcome;
use crate::render;
use crate::render::page::Page;
use crate::render::style::Label;
use crate::render::table::Table;

/// Let work wait for a time, a person, another item or something outside
///
/// A gate is an issue of type gate. Whatever waits for it, and all that is below that, is not ready
/// until it is closed. Nothing watches gates: `check` looks at those that can be looked at here
/// (timer, bead) and closes what is satisfied; the others (human, mail, gh:run, gh:pr) are opened
/// with `resolve`.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum GateCommand {
    Create(CreateArgs),
    List(ListArgs),
    Show(ShowArgs),
    Check(CheckArgs),
    Resolve(ResolveArgs),
}

/// Create a gate
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue gate create human --blocks pm-a3f8 --title \"Legal has to agree\"
  git pm issue gate create timer --timeout 4h --blocks pm-a3f8
  git pm issue gate create gh:run --await-id release.yml --timeout 30m --blocks pm-a3f8")]
pub struct CreateArgs {
    /// What it waits for: timer, human, bead, mail, gh:run or gh:pr.
    #[arg(value_name = "TYPE")]
    pub await_type: String,
    /// Which of these: an item's id, a workflow, a number.
    #[arg(long, value_name = "ID")]
    pub await_id: Option<String>,
    /// For how long: 30s, 15m, 4h, 2d, 1w.
    #[arg(long, value_name = "D", value_parser = duration)]
    pub timeout: Option<u64>,
    /// An item that waits for it.
    #[arg(long, value_name = "ID")]
    pub blocks: Vec<String>,
    /// The item whose part it is.
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
    /// What it is about, in one line.
    #[arg(long, value_name = "T")]
    pub title: Option<String>,
}

/// List gates
#[derive(clap::Args, Debug)]
pub struct ListArgs {
    /// Shows closed ones, too.
    #[arg(long)]
    pub all: bool,
}

/// Show a gate
#[derive(clap::Args, Debug)]
pub struct ShowArgs {
    /// The gate's id.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Look at open gates and close those that are satisfied
#[derive(clap::Args, Debug)]
pub struct CheckArgs {
    /// Only those that wait for this: timer, bead, gh, …
    #[arg(short = 't', long = "type", value_name = "TYPE")]
    pub await_type: Option<String>,
    /// Only says what is the case.
    #[arg(long)]
    pub dry_run: bool,
}

/// Open gates by hand
#[derive(clap::Args, Debug)]
pub struct ResolveArgs {
    /// The gates' ids; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// What came of it.
    #[arg(short, long, value_name = "R")]
    pub reason: Option<String>,
}

/// Runs a verb of the group.
///
/// # Errors
/// Whatever the verb reports.
pub fn run(answer: &Answer<'_>, command: &GateCommand) -> Outcome {
    let pm = answer.context.pm()?;
    match command {
        GateCommand::Create(args) => {
            let gate = NewGate {
                await_type: args.await_type.clone(),
                await_id: args.await_id.clone(),
                timeout_ms: args.timeout,
            };
            let parent = args.parent.as_deref();
            let item =
                pm.issues()
                    .create_gate(args.title.as_deref(), &gate, &args.blocks, parent)?;
            answer.one(&item, |page, item| {
                render::item::said(page, "Created", item);
                page.next(&[
                    "git pm issue gate check",
                    &format!("git pm issue gate resolve {}", item.id),
                ]);
            })
        }
        GateCommand::List(args) => {
            let gates = pm.issues().gates(args.all)?;
            answer.many(&gates, |page, gates| {
                render::item::list(page, gates, "No gates.")
            })
        }
        GateCommand::Show(args) => {
            let item = pm.tasks().show(&args.id)?;
            answer.one(&item, render::item::full)
        }
        GateCommand::Check(args) => {
            let checks = pm
                .issues()
                .check_gates(args.await_type.as_deref(), args.dry_run)?;
            answer.list(&checks, draw)
        }
        GateCommand::Resolve(args) => {
            let items = pm
                .issues()
                .resolve_gates(&ids(&args.ids)?, args.reason.as_deref())?;
            answer.said("Opened", &items)
        }
    }
}

fn draw(page: &mut Page, checks: &[GateCheck]) {
    if checks.is_empty() {
        page.line("No open gates.");
    }
    let mut table = Table::new(3);
    for check in checks {
        let (label, word) = match check.outcome {
            GateOutcome::Opened => (Label::Good, "opened"),
            GateOutcome::Waiting => (Label::Waiting, "waiting"),
            GateOutcome::Expired => (Label::Bad, "expired"),
            GateOutcome::Unknown => (Label::Dim, "unknown"),
        };
        table.row([
            (Label::Id, check.id.as_str()),
            (label, word),
            (Label::Text, &check.title),
            (Label::Dim, &check.reason),
        ]);
    }
    page.table("", &table);
}
