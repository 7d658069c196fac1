//! `git pm issue gate`.

use git_pm::issues::{GateCheck, GateOutcome};
use git_pm::tasks::NewGate;

use super::answer::Answer;
use crate::arguments::stdin::ids;
use crate::arguments::values::duration;
use crate::failure::Outcome;
use crate::render;
use crate::render::page::Page;
use crate::render::style::Label;

/// Block work until a time, a decision, another item or an external event
///
/// A gate is an issue of type gate. Items that wait for it, and their descendants, are not ready
/// until it is closed. Gates are not watched: `check` evaluates the types that can be evaluated
/// locally (timer, bead) and closes satisfied gates; use `resolve` for the others (human, mail,
/// gh:run, gh:pr).
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
  git pm issue gate create human --blocks pm-a3f8 --title \"Approval by legal\"
  git pm issue gate create timer --timeout 4h --blocks pm-a3f8
  git pm issue gate create gh:run --await-id release.yml --timeout 30m --blocks pm-a3f8")]
pub struct CreateArgs {
    /// Type of the gate: timer, human, bead, mail, gh:run or gh:pr.
    #[arg(value_name = "TYPE")]
    pub await_type: String,
    /// Awaited object: an item ID, a workflow, a number.
    #[arg(long, value_name = "ID")]
    pub await_id: Option<String>,
    /// Timeout: 30s, 15m, 4h, 2d, 1w.
    #[arg(long, value_name = "D", value_parser = duration)]
    pub timeout: Option<u64>,
    /// Item that waits for the gate (repeatable).
    #[arg(long, value_name = "ID")]
    pub blocks: Vec<String>,
    /// Parent item.
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
    /// Title, in one line.
    #[arg(long, value_name = "T")]
    pub title: Option<String>,
}

/// List gates
#[derive(clap::Args, Debug)]
pub struct ListArgs {
    /// Include closed gates.
    #[arg(long)]
    pub all: bool,
}

/// Show a gate
#[derive(clap::Args, Debug)]
pub struct ShowArgs {
    /// Gate ID.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Check open gates and close satisfied ones
#[derive(clap::Args, Debug)]
pub struct CheckArgs {
    /// Filter by type: timer, bead, gh, …
    #[arg(short = 't', long = "type", value_name = "TYPE")]
    pub await_type: Option<String>,
    /// Show the result without closing gates.
    #[arg(long)]
    pub dry_run: bool,
}

/// Resolve gates manually
#[derive(clap::Args, Debug)]
pub struct ResolveArgs {
    /// Gate IDs; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Outcome.
    #[arg(short, long, value_name = "R")]
    pub reason: Option<String>,
}

/// Runs a verb of the group.
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
                render::item::summary(page, "Created", item);
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
            answer.summaries("Opened", &items)
        }
    }
}

fn draw(page: &mut Page, checks: &[GateCheck]) {
    page.list("No open gates.", 3, checks, |_, check| {
        let (label, word) = match check.outcome {
            GateOutcome::Opened => (Label::Good, "opened"),
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
