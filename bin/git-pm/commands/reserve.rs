//! `git pm reserve`: reservations of paths.

use git_pm::reservations::{CheckRequest, ReservationSelector, ReserveRequest};

use crate::arguments::values::{Words, duration};
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Reserve paths, so that other actors cannot commit to them
///
/// Patterns are relative to the repository root. `*` matches within a folder, `**` across folders,
/// and a folder includes everything below it. A pattern that begins with `./` or `../` is relative
/// to the current directory.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum ReserveCommand {
    Add(AddArgs),
    List(ListArgs),
    Check(CheckArgs),
    Renew(RenewArgs),
    Release(ReleaseArgs),
    Steal(StealArgs),
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
    #[arg(long, value_name = "TTL", value_parser = duration)]
    pub ttl: Option<u64>,
    /// Allow other shared reservations of the same paths.
    #[arg(long)]
    pub shared: bool,
    /// `commit`: others may edit but not commit; `edit`: others should not edit either.
    #[arg(long, value_name = "MODE", default_value = "commit", value_parser = Words(&["commit", "edit"]))]
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

/// Check whether paths are free; exits with 1 if not
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm reserve check src/auth.rs
  git pm reserve check --range origin/main..HEAD    in CI or a pre-receive hook")]
pub struct CheckArgs {
    /// Paths or patterns.
    #[arg(value_name = "PATH|GLOB", required_unless_present = "range")]
    pub paths: Vec<String>,
    /// Check the commits of a range instead of paths.
    #[arg(long, value_name = "A..B", conflicts_with = "paths")]
    pub range: Option<String>,
}

/// A selection of the caller's reservations.
#[derive(clap::Args, Debug)]
pub struct SelectArgs {
    /// Names from `reserve list`, or patterns; by default all yours in this worktree.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Select the reservations for this task.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
}

/// Extend reservations
#[derive(clap::Args, Debug)]
pub struct RenewArgs {
    /// The reservations.
    #[command(flatten)]
    pub which: SelectArgs,
    /// Duration from now: 30s, 15m, 4h, 2d, 1w; the original duration by default.
    #[arg(long, value_name = "TTL", value_parser = duration)]
    pub ttl: Option<u64>,
}

/// Release reservations
#[derive(clap::Args, Debug)]
pub struct ReleaseArgs {
    /// The reservations.
    #[command(flatten)]
    pub which: SelectArgs,
}

/// Take over another actor's reservations; recorded, and the holder is notified
#[derive(clap::Args, Debug)]
pub struct StealArgs {
    /// Names from `reserve list`, or patterns.
    #[arg(value_name = "NAME", required_unless_present = "task")]
    pub names: Vec<String>,
    /// Select the reservations for this task.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
    /// Reason, sent to the holder.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
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
    let pm = context.pm()?;
    match command {
        ReserveCommand::Add(args) => add(context, args),
        ReserveCommand::List(args) => {
            let reservations = pm.reservations().list(args.all)?;
            context.list(&reservations, render::reserve::list)
        }
        ReserveCommand::Check(args) => check(context, args),
        ReserveCommand::Renew(args) => {
            let renewed = pm.reservations().renew(&args.which.into(), args.ttl)?;
            context.list(&renewed, |page, list| {
                render::reserve::done(page, "Renewed", list);
            })
        }
        ReserveCommand::Release(args) => {
            let released = pm.reservations().release(&args.which.into())?;
            context.list(&released, |page, list| {
                render::reserve::done(page, "Released", list);
            })
        }
        ReserveCommand::Steal(args) => {
            let which = ReservationSelector {
                names: args.names,
                task: args.task,
            };
            let stolen = pm.reservations().steal(&which, &args.reason)?;
            context.list(&stolen, |page, list| {
                render::reserve::done(page, "Took over", list);
            })
        }
    }
}

fn add(context: &Context, args: AddArgs) -> Outcome {
    let request = ReserveRequest {
        patterns: args.globs,
        task: args.task,
        ttl_ms: args.ttl,
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

fn check(context: &Context, args: CheckArgs) -> Outcome {
    let request = match args.range {
        Some(range) => CheckRequest::Range(range),
        None => CheckRequest::Paths(args.paths),
    };
    let report = context.pm()?.reservations().check(&request)?;
    context.answer(&report, render::reserve::check)?;
    let failed = !report.conflicts.is_empty();
    Ok(Exit::of_if(failed, git_pm::error::Kind::Refused))
}
