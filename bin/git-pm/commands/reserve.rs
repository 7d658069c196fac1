//! `git pm reserve`: reservations of paths.

use git_pm::error::Kind;
use git_pm::reservations::{CheckRequest, ReservationSelector, ReservationView, ReserveRequest};
use git_pm::verbs::reserve::{ListReservations, Renew, Steal};
use git_pm::verbs::{List, Verb};

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
    Add(ReserveRequest),
    List(ListReservations),
    Check(CheckRequest),
    Renew(Renew),
    Release(ReservationSelector),
    Steal(Steal),
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: ReserveCommand) -> Outcome {
    match command {
        ReserveCommand::Add(request) => context.shown(request, render::reserve::made),
        ReserveCommand::List(request) => context.listed(request, render::reserve::list),
        ReserveCommand::Check(request) => {
            let report = context.verb(request)?;
            context.answer(&report, render::reserve::check)?;
            Ok(Exit::of_if(!report.conflicts.is_empty(), Kind::Refused))
        }
        ReserveCommand::Renew(request) => changed(context, "Renewed", request),
        ReserveCommand::Release(request) => changed(context, "Released", request),
        ReserveCommand::Steal(request) => changed(context, "Took over", request),
    }
}

fn changed<V>(context: &Context, said: &str, request: V) -> Outcome
where
    V: Verb<Answer = List<ReservationView>>,
{
    let changed = context.verb(request)?;
    context.list(&changed.items, |page, list| {
        render::reserve::done(page, said, list);
    })
}
