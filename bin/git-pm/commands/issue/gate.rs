//! `git pm issue gate`.

use git_pm::issues::{GateCheck, GateOutcome};
use git_pm::tasks::NewGate;

use crate::arguments::stdin::ids;
use crate::arguments::values::Millis;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use crate::render::page::Page;
use crate::render::style::Label;

/// Make work wait for a time, a decision, another item or an external event
///
/// A gate is an issue of type gate. Items that wait for it, and their descendants, are not ready
/// until it is closed. Gates are not watched: `check` evaluates the types that can be evaluated
/// locally (timer, bead) and closes satisfied gates; use `resolve` for the others (human, mail,
/// gh:run, gh:pr).
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum GateCommand {
    /// Create a gate
    #[command(after_help = "\
Examples:
  git pm issue gate create human --blocks pm-a3f8 --title \"Approval by legal\"
  git pm issue gate create timer --timeout 4h --blocks pm-a3f8
  git pm issue gate create gh:run --await-id release.yml --timeout 30m --blocks pm-a3f8")]
    Create {
        /// Type of the gate: timer, human, bead, mail, gh:run or gh:pr.
        #[arg(value_name = "TYPE")]
        await_type: String,
        /// What the gate waits for: an item ID, a workflow file, or a run or pull request number.
        #[arg(long, value_name = "ID")]
        await_id: Option<String>,
        /// Time after which a timer is satisfied and any other gate expires: 30s, 15m, 4h, 2d, 1w.
        #[arg(long, value_name = "D")]
        timeout: Option<Millis>,
        /// Item that waits for the gate (repeatable).
        #[arg(long, value_name = "ID")]
        blocks: Vec<String>,
        /// Parent item.
        #[arg(long, value_name = "ID")]
        parent: Option<String>,
        /// Title, in one line.
        #[arg(long, value_name = "T")]
        title: Option<String>,
    },
    /// List gates
    List {
        /// Include closed gates.
        #[arg(long)]
        all: bool,
    },
    /// Show a gate
    Show {
        /// Gate ID.
        id: String,
    },
    /// Check open gates and close satisfied ones
    Check {
        /// Filter by type: timer, bead, gh, …
        #[arg(short = 't', long = "type", value_name = "TYPE")]
        await_type: Option<String>,
        /// Show the result without closing gates.
        #[arg(long)]
        dry_run: bool,
    },
    /// Resolve gates manually, which closes them
    Resolve {
        /// Gate IDs; `-` reads them from standard input.
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// Outcome.
        #[arg(short, long, value_name = "R")]
        reason: Option<String>,
    },
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: GateCommand) -> Outcome {
    let pm = context.pm()?;
    let issues = pm.issues();
    match command {
        GateCommand::Create {
            await_type,
            await_id,
            timeout,
            blocks,
            parent,
            title,
        } => {
            let gate = NewGate {
                await_type,
                await_id,
                timeout_ms: timeout.map(|timeout| timeout.0),
            };
            let (title, parent) = (title.as_deref(), parent.as_deref());
            let item = issues.create_gate(title, &gate, &blocks, parent)?;
            context.item(&item, |page, item| {
                render::item::summary(page, "Created", item);
                page.next(&[
                    "git pm issue gate check",
                    &format!("git pm issue gate resolve {}", item.id),
                ]);
            })
        }
        GateCommand::List { all } => context.items(&issues.gates(all)?, |page, gates| {
            render::item::list(page, gates, "No gates.");
        }),
        GateCommand::Show { id } => context.item(&pm.tasks().show(&id)?, render::item::full),
        GateCommand::Check {
            await_type,
            dry_run,
        } => {
            let checks = issues.check_gates(await_type.as_deref(), dry_run)?;
            context.list(&checks, |page, checks| draw(page, checks, dry_run))
        }
        GateCommand::Resolve { ids: given, reason } => {
            let items = issues.resolve_gates(&ids(&given)?, reason.as_deref())?;
            context.summaries("Resolved", &items)
        }
    }
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
