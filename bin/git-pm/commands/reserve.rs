//! `git pm reserve`: reservations of paths.

use git_pm::error::Kind;
use git_pm::reservations::{CheckRequest, ReservationSelector, ReservationView, ReserveRequest};
use git_pm::verbs::reserve::{ListReservations, Renew, Steal};
use git_pm::verbs::{List, Verb};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

group! {
    /// Reserve paths, so that other actors cannot commit to them
    ///
    /// Patterns are relative to the repository root. `*` matches within a folder, `**` across folders,
    /// and a folder includes everything below it. A pattern that begins with `./` or `../` is relative
    /// to the current directory.
    #[command(defer = true, disable_help_subcommand = true)]
    ReserveCommand, run(context):
    Add(request: ReserveRequest) => context.shown(request, render::reserve::made),
    List(request: ListReservations) => context.listed(request, render::reserve::list),
    Check(request: CheckRequest) => {
        let report = context.verb(request)?;
        context.answer(&report, render::reserve::check)?;
        Ok(Exit::of_if(!report.conflicts.is_empty(), Kind::Refused))
    },
    Renew(request: Renew) => changed(context, "Renewed", request),
    Release(request: ReservationSelector) => changed(context, "Released", request),
    Steal(request: Steal) => changed(context, "Took over", request),
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
