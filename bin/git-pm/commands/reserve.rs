//! `git pm reserve`: reservations of paths.

use git_pm::error::Kind;
use git_pm::reservations::{CheckRequest, ReservationSelector, ReserveRequest};

use crate::arguments::values::{Millis, Words, duration};
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Reserve paths, so that other actors cannot commit to them
///
/// Patterns are relative to the repository root. `*` matches within a folder, `**` across folders,
/// and a folder includes everything below it. A pattern that begins with `./` or `../` is relative
/// to the current directory.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum ReserveCommand {
    Add(AddArgs),
    List(ListArgs),
    /// Check whether paths are free; exits with 1 if not
    #[command(after_help = "\
Examples:
  git pm reserve check src/auth.rs
  git pm reserve check --range origin/main..HEAD    in CI or a pre-receive hook")]
    Check {
        /// Paths or patterns.
        #[arg(value_name = "PATH|GLOB", required_unless_present = "range")]
        paths: Vec<String>,
        /// Check the commits of a range instead of paths.
        #[arg(long, value_name = "A..B", conflicts_with = "paths")]
        range: Option<String>,
    },
    /// Extend reservations
    Renew {
        #[command(flatten)]
        which: SelectArgs,
        /// Duration from now: 30s, 15m, 4h, 2d, 1w; the original duration by default.
        #[arg(long, value_parser = duration)]
        ttl: Option<Millis>,
    },
    /// Release reservations
    Release(SelectArgs),
    /// Take over another actor's reservations; this is recorded and the holder is notified
    Steal {
        /// Names from `reserve list`, or patterns.
        #[arg(value_name = "NAME", required_unless_present = "task")]
        names: Vec<String>,
        /// Select the reservations for this task.
        #[arg(long, value_name = "ID")]
        task: Option<String>,
        /// Reason, sent to the holder.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// Reserve paths, all of them or none
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm reserve add 'src/auth/**' --task T-0012 --ttl 4h
  git pm reserve add docs README.md --shared --reason 'spelling'")]
pub struct AddArgs {
    /// Paths or patterns.
    #[arg(value_name = "GLOB", required = true)]
    pub globs: Vec<String>,
    /// Task that the reservation is for.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
    /// Duration: 30s, 15m, 4h, 2d, 1w; one hour by default.
    #[arg(long, value_parser = duration)]
    pub ttl: Option<Millis>,
    /// Allow other shared reservations of the same paths.
    #[arg(long)]
    pub shared: bool,
    /// `commit`: others may edit but not commit; `edit`: others should not edit either.
    #[arg(long, default_value = "commit", value_parser = Words(&["commit", "edit"]))]
    pub mode: String,
    /// Only warn others; granted even if the paths are reserved.
    #[arg(long)]
    pub advisory: bool,
    /// Accept patterns that match nothing yet and do not look like paths.
    #[arg(long)]
    pub new: bool,
    /// Reason to record.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// List live reservations
#[derive(clap::Args, Debug)]
pub struct ListArgs {
    /// Include ended and expired reservations.
    #[arg(long)]
    pub all: bool,
}

/// A selection of the caller's reservations.
#[derive(clap::Args, Debug)]
pub struct SelectArgs {
    /// Names from `reserve list`, or patterns; by default, all of yours in this worktree.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Select the reservations for this task.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
}

impl From<SelectArgs> for ReservationSelector {
    fn from(args: SelectArgs) -> Self {
        ReservationSelector {
            names: args.names,
            task: args.task,
        }
    }
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: ReserveCommand) -> Outcome {
    let reservations = context.pm()?.reservations();
    let (verb, changed) = match command {
        ReserveCommand::Add(args) => return add(context, args),
        ReserveCommand::List(args) => {
            return context.list(&reservations.list(args.all)?, render::reserve::list);
        }
        ReserveCommand::Check { paths, range } => {
            let request = match range {
                Some(range) => CheckRequest::Range(range),
                None => CheckRequest::Paths(paths),
            };
            let report = reservations.check(&request)?;
            context.answer(&report, render::reserve::check)?;
            return Ok(Exit::of_if(!report.conflicts.is_empty(), Kind::Refused));
        }
        ReserveCommand::Renew { which, ttl } => (
            "Renewed",
            reservations.renew(&which.into(), ttl.map(|ttl| ttl.0))?,
        ),
        ReserveCommand::Release(which) => ("Released", reservations.release(&which.into())?),
        ReserveCommand::Steal {
            names,
            task,
            reason,
        } => {
            let which = ReservationSelector { names, task };
            ("Took over", reservations.steal(&which, &reason)?)
        }
    };
    context.list(&changed, |page, list| {
        render::reserve::done(page, verb, list);
    })
}

fn add(context: &Context, args: AddArgs) -> Outcome {
    let request = ReserveRequest {
        patterns: args.globs,
        task: args.task,
        ttl_ms: args.ttl.map(|ttl| ttl.0),
        shared: args.shared,
        mode: args.mode,
        advisory: args.advisory,
        new: args.new,
        reason: args.reason,
    };
    context.ask_first_push(false)?;
    let reservation = context.pm()?.reservations().add(&request)?;
    context.answer(&reservation, render::reserve::made)
}
